# The table: everything but files. `docs/STORAGE.md` says what its keys are.

resource "aws_dynamodb_table" "book" {
  name = local.name
  # A run takes all that the table gives for some minutes of a day, and nothing for the
  # rest: capacity that is paid by the hour would be wasted or missing.
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  attribute {
    name = "due_pk"
    type = "S"
  }

  attribute {
    name = "due_sk"
    type = "S"
  }

  # What is due. It is sparse, and has keys only: each move in it costs two writes.
  global_secondary_index {
    name            = "due"
    hash_key        = "due_pk"
    range_key       = "due_sk"
    projection_type = "KEYS_ONLY"

    dynamic "on_demand_throughput" {
      for_each = local.caps
      content {
        max_write_request_units = on_demand_throughput.value
      }
    }
  }

  dynamic "on_demand_throughput" {
    for_each = local.caps
    content {
      max_write_request_units = on_demand_throughput.value
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.agency.arn
  }

  # Back to any second of the last 35 days: docs/OPERATE.md says how.
  point_in_time_recovery {
    enabled = true
  }

  deletion_protection_enabled = var.deletion_protection
}

locals {
  caps = var.is_table_capped ? [var.write_units_max] : []
}
