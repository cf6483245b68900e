# Alarms. docs/OPERATE.md says of each what it means and what to do.

resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = aws_kms_key.agency.arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tell"
      Effect    = "Allow"
      Principal = { Service = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Condition = local.only_our_account
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  kinds = keys(local.function_of_kind)

  # The metrics of a table leave its indexes out.
  written = {
    table = { TableName = aws_dynamodb_table.book.name }
    index = { TableName = aws_dynamodb_table.book.name, GlobalSecondaryIndexName = "due" }
  }

  # Functions ask for a little more than there is, so that nothing is left over. In the
  # simulated runs of docs/SCALE.md a new table of 4,000 units refuses some 100,000 writes
  # in five minutes; one of 40,000, and its index beside it, 250,000 each. This is twice
  # that.
  refusals_max = floor(max(200000, 12.5 * var.write_units_max))

  # Alarms on one metric: all have the same attributes, so that one resource makes them.
  simple_alarms = merge(
    {
      for name, queue in aws_sqs_queue.dead : "dead-letters-${name}" => {
        about      = "Messages lie in the dead-letter queue ${name}."
        namespace  = "AWS/SQS"
        metric     = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = queue.name }
        statistic  = "Maximum"
        above      = 0
        period_s   = 300
      }
    },
    {
      for kind in local.kinds : "run-too-old-${kind}" => {
        about      = "A ${kind} run is at work for more than ${var.run_age_max_h} hours."
        namespace  = "Arrears"
        metric     = "RunAgeSeconds"
        dimensions = { Agency = var.agency, Kind = kind }
        statistic  = "Maximum"
        above      = var.run_age_max_h * 3600
        period_s   = 300
      }
    },
    {
      for kind in local.kinds : "plugin-strikes-${kind}" => {
        about      = "A plugin has broken its contract in a ${kind} run, and is stopped if it goes on."
        namespace  = "Arrears"
        metric     = "PluginStrikes"
        dimensions = { Agency = var.agency, Kind = kind }
        statistic  = "Sum"
        above      = 0
        period_s   = 300
      }
    },
    {
      for kind in concat(local.kinds, ["events"]) : "plugin-quarantined-${kind}" => {
        about      = "A plugin has so many strikes that it is not called any more (${kind}); what needs it waits."
        namespace  = "Arrears"
        metric     = "PluginsQuarantined"
        dimensions = { Agency = var.agency, Kind = kind }
        statistic  = "Maximum"
        above      = 0
        period_s   = 300
      }
    },
    {
      plugins-refused = {
        about      = "A component in the bucket of plugins was refused."
        namespace  = "Arrears"
        metric     = "PluginsRefused"
        dimensions = { Agency = var.agency, Kind = "plugins" }
        statistic  = "Sum"
        above      = 0
        period_s   = 300
      }
      events-parked = {
        about      = "Events about accounts could not be applied, and wait in the dead-letter list."
        namespace  = "Arrears"
        metric     = "EventsParked"
        dimensions = { Agency = var.agency, Kind = "events" }
        statistic  = "Sum"
        above      = 0
        period_s   = 300
      }
      files-refused = {
        about      = "A file that came in cannot be taken in."
        namespace  = "Arrears"
        metric     = "FilesRefused"
        dimensions = { Agency = var.agency, Kind = "files" }
        statistic  = "Sum"
        above      = 0
        period_s   = 300
      }
    },
    {
      for name, dimensions in local.written : "${name}-throttled" => {
        about      = "The ${name} refuses many writes: it has less capacity than runs want."
        namespace  = "AWS/DynamoDB"
        metric     = "WriteThrottleEvents"
        dimensions = dimensions
        statistic  = "Sum"
        above      = local.refusals_max
        period_s   = 300
      }
    },
    {
      for pair in setproduct(local.run_functions, ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"]) :
      "${pair[0]}-${lower(replace(pair[1], "Executions", "executions-"))}" => {
        about      = "An execution of the state machine ${pair[0]} has ended badly (${pair[1]}); it can be redriven."
        namespace  = "AWS/States"
        metric     = pair[1]
        dimensions = { StateMachineArn = aws_sfn_state_machine.run[pair[0]].arn }
        statistic  = "Sum"
        above      = 0
        period_s   = 300
      }
    },
    {
      for pair in setproduct(keys(local.functions), ["Errors", "Throttles"]) :
      "${pair[0]}-${lower(pair[1])}" => {
        about      = pair[1] == "Errors" ? "The function ${pair[0]} fails." : "Lambda refuses to start the function ${pair[0]}."
        namespace  = "AWS/Lambda"
        metric     = pair[1]
        dimensions = { FunctionName = aws_lambda_function.all[pair[0]].function_name }
        statistic  = "Sum"
        # Single ones are tried again, and mended by that.
        above    = 5
        period_s = 300
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "simple" {
  for_each = local.simple_alarms

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "${each.value.about} docs/OPERATE.md says what to do."

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_s
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  # Nothing happens for most of the day.
  treat_missing_data = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

# No run of its kind has finished for so many hours in a row. That nothing is heard is
# what this alarm is about.
resource "aws_cloudwatch_metric_alarm" "run_missing" {
  for_each = var.run_missing_after_h

  alarm_name        = "${local.name}-run-missing-${each.key}"
  alarm_description = "No ${each.key} run has finished for ${each.value} hours. docs/OPERATE.md says what to do."

  namespace           = "Arrears"
  metric_name         = "RunFinished"
  dimensions          = { Agency = var.agency, Kind = each.key }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = each.value
  datapoints_to_alarm = each.value
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

# Of all records that were looked at, how many were errors.
resource "aws_cloudwatch_metric_alarm" "error_share" {
  for_each = toset(local.kinds)

  alarm_name        = "${local.name}-error-share-${each.key}"
  alarm_description = "More than ${var.error_share_max_percent} percent of the records of ${each.key} runs are errors. docs/OPERATE.md says what to do."

  comparison_operator = "GreaterThanThreshold"
  threshold           = var.error_share_max_percent
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "share"
    label       = "errors of all records, in percent"
    expression  = "100 * errors / (processed + errors + omitted)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = toset(["Processed", "Errors", "Omitted"])

    content {
      id          = lower(metric_query.value)
      return_data = false

      metric {
        namespace   = "Arrears"
        metric_name = metric_query.value
        dimensions  = { Agency = var.agency, Kind = each.key }
        stat        = "Sum"
        period      = 3600
      }
    }
  }

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}
