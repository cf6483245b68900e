locals {
  # A server that stands in for AWS, for tests. It knows no accounts and no bills.
  is_stand_in = var.endpoint != ""
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }

  # The rest is for a stand-in alone: on AWS all of it is the provider's default.
  access_key                  = local.is_stand_in ? "test" : null
  secret_key                  = local.is_stand_in ? "test" : null
  skip_credentials_validation = local.is_stand_in
  skip_metadata_api_check     = local.is_stand_in
  skip_requesting_account_id  = local.is_stand_in
  s3_use_path_style           = local.is_stand_in
  # What a stand-in does not know it answers with 500, which is not worth waiting for.
  max_retries = local.is_stand_in ? 2 : null

  dynamic "endpoints" {
    for_each = local.is_stand_in ? [var.endpoint] : []

    content {
      cloudwatch = endpoints.value
      dynamodb   = endpoints.value
      events     = endpoints.value
      iam        = endpoints.value
      kms        = endpoints.value
      lambda     = endpoints.value
      logs       = endpoints.value
      s3         = endpoints.value
      scheduler  = endpoints.value
      sfn        = endpoints.value
      sns        = endpoints.value
      sqs        = endpoints.value
      sts        = endpoints.value
    }
  }
}
