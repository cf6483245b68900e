# A role for each function, with what `functions.tf` lists and no more.

locals {
  # Every partition key begins with the agency, and so does every one of the index. A
  # table of several agencies would still keep them apart.
  own_keys_only = {
    "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["${var.agency}#*"] }
    # A request without keys would fulfil the condition above.
    Null = { "dynamodb:LeadingKeys" = "false" }
  }

  # The list of names of the own bucket. Without it S3 says of a file that is missing
  # that it is forbidden. It asks without a prefix then, so the condition holds only
  # where there is one.
  own_names_only = {
    StringLikeIfExists = { "s3:prefix" = ["${var.agency}/*"] }
  }

  function_statements = {
    for name, it in local.functions : name => concat(
      [
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.function[name].arn}:*"]
        },
        {
          # X-Ray has no resources to name.
          Sid      = "Trace"
          Effect   = "Allow"
          Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
          Resource = ["*"]
        },
        {
          Sid      = "Key"
          Effect   = "Allow"
          Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource = [aws_kms_key.agency.arn]
          Condition = {
            StringEquals = {
              "kms:ViaService" = [
                for service in ["dynamodb", "lambda", "s3", "sqs"] :
                "${service}.${var.region}.amazonaws.com"
              ]
            }
          }
        },
        {
          Sid    = "Table"
          Effect = "Allow"
          Action = it.table
          Resource = [
            aws_dynamodb_table.book.arn,
            "${aws_dynamodb_table.book.arn}/index/due",
          ]
          Condition = local.own_keys_only
        },
        {
          Sid    = "Artifacts"
          Effect = "Allow"
          Action = it.plugins == "admit" ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
          Resource = [
            "${aws_s3_bucket.all["plugins"].arn}/${var.agency}/artifacts/*",
          ]
        },
        {
          Sid       = "Names"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = [for bucket in aws_s3_bucket.all : bucket.arn]
          Condition = local.own_names_only
        },
      ],
      [
        for scan in it.scans ? ["scan"] : [] : {
          # An export and a payment collection ask every account. A scan has no leading
          # keys, so that no condition on them could bound it: the module's table is
          # one agency's.
          Sid      = "WholeBook"
          Effect   = "Allow"
          Action   = ["dynamodb:Scan"]
          Resource = [aws_dynamodb_table.book.arn]
        }
      ],
      [
        for components in it.plugins == "admit" ? ["components"] : [] : {
          Sid      = "Components"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${aws_s3_bucket.all["plugins"].arn}/${var.agency}/${components}/*"]
        }
      ],
      [
        for prefixes in length(it.reads_files) > 0 ? [it.reads_files] : [] : {
          Sid      = "ReadFiles"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = [for prefix in prefixes : "${aws_s3_bucket.all["files"].arn}/${var.agency}/${prefix}/*"]
        }
      ],
      [
        for prefixes in length(it.reads_versions) > 0 ? [it.reads_versions] : [] : {
          Sid      = "ReadVersions"
          Effect   = "Allow"
          Action   = ["s3:GetObjectVersion"]
          Resource = [for prefix in prefixes : "${aws_s3_bucket.all["files"].arn}/${var.agency}/${prefix}/*"]
        }
      ],
      [
        for prefixes in length(it.writes_files) > 0 ? [it.writes_files] : [] : {
          Sid      = "WriteFiles"
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = [for prefix in prefixes : "${aws_s3_bucket.all["files"].arn}/${var.agency}/${prefix}/*"]
        }
      ],
      [
        for bus in it.publishes ? [aws_cloudwatch_event_bus.agency.arn] : [] : {
          Sid      = "Publish"
          Effect   = "Allow"
          Action   = ["events:PutEvents"]
          Resource = [bus]
        }
      ],
      [
        for queue in it.queue == null ? [] : [aws_sqs_queue.work[name].arn] : {
          Sid      = "Queue"
          Effect   = "Allow"
          Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          Resource = [queue]
        }
      ],
    )
  }

  function_policies = {
    for name, statements in local.function_statements :
    name => jsonencode({ Version = "2012-10-17", Statement = statements })
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name        = "${local.name}-${each.key}"
  description = "What the function ${each.key} of agency ${var.agency} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name   = "work"
  role   = aws_iam_role.function[each.key].id
  policy = local.function_policies[each.key]
}
