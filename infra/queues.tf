# The queues of the functions that take messages, and a dead-letter queue behind each
# thing that may fail to deliver.

locals {
  queues = { for name, it in local.functions : name => it if it.queue != null }

  # `rules` and `schedules` have what EventBridge could not deliver to a target.
  dead_letters = toset(concat(keys(local.queues), ["rules", "schedules"]))

  # Who may send to which queue, and for what.
  senders = {
    account-events = {
      queue_url = aws_sqs_queue.work["account-events"].url
      queue_arn = aws_sqs_queue.work["account-events"].arn
      service   = "events.amazonaws.com"
      sources   = [aws_cloudwatch_event_rule.account_events.arn]
    }
    return-files = {
      queue_url = aws_sqs_queue.work["return-files"].url
      queue_arn = aws_sqs_queue.work["return-files"].arn
      service   = "s3.amazonaws.com"
      sources   = [aws_s3_bucket.all["files"].arn]
    }
    plugin-admit = {
      queue_url = aws_sqs_queue.work["plugin-admit"].url
      queue_arn = aws_sqs_queue.work["plugin-admit"].arn
      service   = "s3.amazonaws.com"
      sources   = [aws_s3_bucket.all["plugins"].arn]
    }
    rules = {
      queue_url = aws_sqs_queue.dead["rules"].url
      queue_arn = aws_sqs_queue.dead["rules"].arn
      service   = "events.amazonaws.com"
      sources = concat(
        [aws_cloudwatch_event_rule.account_events.arn, aws_cloudwatch_event_rule.unknown_kind.arn],
        [for rule in aws_cloudwatch_event_rule.run_requested : rule.arn],
      )
    }
  }

  queue_policies = {
    for name, it in local.senders : name => jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "Send"
          Effect    = "Allow"
          Principal = { Service = it.service }
          Action    = "sqs:SendMessage"
          Resource  = it.queue_arn
          Condition = {
            ArnEquals    = { "aws:SourceArn" = it.sources }
            StringEquals = { "aws:SourceAccount" = local.account }
          }
        },
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = it.queue_arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ]
    })
  }
}

resource "aws_sqs_queue" "dead" {
  for_each = local.dead_letters

  name              = "${local.name}-${each.key}-dead"
  kms_master_key_id = aws_kms_key.agency.arn
  # The most that SQS keeps: somebody may be on holiday.
  message_retention_seconds = 14 * 24 * 3600
}

resource "aws_sqs_queue" "work" {
  for_each = local.queues

  name              = "${local.name}-${each.key}"
  kms_master_key_id = aws_kms_key.agency.arn
  # As AWS advises: a function that is throttled or retried must not meet its own
  # message a second time.
  visibility_timeout_seconds = 6 * each.value.timeout_s
  message_retention_seconds  = 4 * 24 * 3600

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn
    maxReceiveCount     = 5
  })
}

# Only the own queue may use a dead-letter queue, so that `arrears events redrive` knows
# where messages belong.
resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  # moto forgets the policy, and Terraform would wait for it.
  for_each = { for name, it in local.queues : name => it if !local.is_stand_in }

  queue_url = aws_sqs_queue.dead[each.key].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.work[each.key].arn]
  })
}

resource "aws_sqs_queue_policy" "all" {
  for_each = local.senders

  queue_url = each.value.queue_url
  policy    = local.queue_policies[each.key]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queues

  event_source_arn = aws_sqs_queue.work[each.key].arn
  function_name    = local.live[each.key]
  enabled          = !var.is_paused

  batch_size                         = each.value.queue.batch
  maximum_batching_window_in_seconds = each.value.queue.window_s
  # Of a batch only what has failed comes again.
  function_response_types = ["ReportBatchItemFailures"]

  # Without it Lambda would go on to some hundred instances, and the table would
  # throttle runs.
  scaling_config {
    maximum_concurrency = max(2, each.value.queue.concurrency)
  }
}
