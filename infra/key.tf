# One key of the agency's own encrypts all that is kept: table, files, queues, logs,
# topic, bus, definitions. Who may not use it reads none of them, and its uses are in
# CloudTrail.

locals {
  # To lock oneself out of a key is for ever, so the account's administrators keep it.
  # Each action is named: `kms:*` would also give what nobody needs.
  key_administration = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
  ]

  # What policies of roles may give. Without this no role of the account could be
  # given any of it.
  key_use = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ]

  key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PoliciesOfTheAccount"
        Effect    = "Allow"
        Principal = { AWS = "${local.arn_prefix}:iam::${local.account}:root" }
        Action    = concat(local.key_administration, local.key_use)
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = concat(local.key_use, ["kms:DescribeKey"])
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "${local.arn_prefix}:logs:${var.region}:${local.account}:log-group:*"
          }
        }
      },
      {
        # Rules and the bus, notifications of buckets, alarms and budgets: each puts
        # messages into a queue or topic that this key encrypts.
        Sid    = "Senders"
        Effect = "Allow"
        Principal = {
          Service = [
            "budgets.amazonaws.com",
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
            "s3.amazonaws.com",
          ]
        }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = local.only_our_account
      },
      {
        # The log of a state machine is delivered by a service of its own. It says by
        # the encryption context whose logs it delivers, and names no account otherwise.
        Sid       = "DeliveryOfLogs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = {
          StringLike = {
            "kms:EncryptionContext:SourceArn" = "${local.arn_prefix}:logs:${var.region}:${local.account}:*"
          }
        }
      },
    ]
  }
}

resource "aws_kms_key" "agency" {
  description             = "All that arrears keeps of agency ${var.agency}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_protection ? 30 : 7
  policy                  = jsonencode(local.key_policy)
}

resource "aws_kms_alias" "agency" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.agency.key_id
}
