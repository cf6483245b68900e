# What all parts have in common.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name       = "arrears-${var.agency}"
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  arn_prefix = "arn:${local.partition}"

  tags = {
    Project = "arrears"
    Agency  = var.agency
  }

  # AWS fills these in by service and account where one service acts for another:
  # nobody else's topic, bucket or rule can use ours through it.
  only_our_account = { StringEquals = { "aws:SourceAccount" = local.account } }
}
