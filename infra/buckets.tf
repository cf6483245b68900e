# Two buckets: the agency's files, and the plugins. Who may write plugins decides what
# code runs, and is not who may write files.

locals {
  buckets = {
    # plans, journals, exports, payment files, what comes in
    files = "${local.name}-files-${local.account}-${var.region}"
    # components as they were given, artifacts as they were compiled
    plugins = "${local.name}-plugins-${local.account}-${var.region}"
  }
}

resource "aws_s3_bucket" "all" {
  for_each = local.buckets

  bucket        = each.value
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = aws_s3_bucket.all

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = aws_s3_bucket.all

  bucket = each.value.id

  rule {
    # One key of a bucket for many objects, instead of a request to KMS for each.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.agency.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each = aws_s3_bucket.all

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = aws_s3_bucket.all

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "all" {
  for_each = aws_s3_bucket.all

  bucket     = each.value.id
  depends_on = [aws_s3_bucket_versioning.all]

  # A run that was killed leaves uploads that nobody sees and somebody pays for. A run
  # that is resumed within the week finds its own.
  rule {
    id     = "incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_versions_days
    }
  }

  # Plans and journals are read in the first weeks, and kept for audits.
  dynamic "rule" {
    for_each = each.key == "files" ? ["runs"] : []

    content {
      id     = "old-runs"
      status = "Enabled"

      filter {
        prefix = "${var.agency}/${rule.value}/"
      }

      transition {
        days          = 90
        storage_class = "GLACIER_IR"
      }
    }
  }
}
