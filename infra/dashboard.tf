# What an operator looks at first.

locals {
  # A curve for each kind of run.
  by_kind = {
    for metric in [
      "Processed", "Errors", "Omitted", "OldestDueDays", "RunAgeSeconds", "RunDurationMs",
      "ChunkDurationMs", "PluginDurationMs",
    ] :
    metric => [
      for kind in local.kinds : ["Arrears", metric, "Agency", var.agency, "Kind", kind, { label = kind }]
    ]
  }

  # What of writes is shown as a rate: sums of five minutes could not be compared with
  # `write_units_max`, which is for a second.
  write_sums = merge(
    {
      for kind in local.kinds :
      "run_${kind}" => { label = kind, metric = ["Arrears", "WriteUnits", "Agency", var.agency, "Kind", kind] }
    },
    {
      for name, dimensions in local.written : "${name}_takes" => {
        label  = name
        metric = concat(["AWS/DynamoDB", "ConsumedWriteCapacityUnits"], flatten([for key, value in dimensions : [key, value]]))
      }
    },
    {
      for name, dimensions in local.written : "${name}_refuses" => {
        label  = "refused by the ${name}"
        metric = concat(["AWS/DynamoDB", "WriteThrottleEvents"], flatten([for key, value in dimensions : [key, value]]))
      }
    },
  )

  write_rates = concat(
    [for id, it in local.write_sums : concat(it.metric, [{ id = id, visible = false }])],
    [for id, it in local.write_sums : [{ expression = "${id}/PERIOD(${id})", label = it.label }]],
  )

  widgets = [
    { title = "Records done", metrics = local.by_kind["Processed"], stat = "Sum" },
    { title = "Errors of records", metrics = local.by_kind["Errors"], stat = "Sum" },
    { title = "Records left out", metrics = local.by_kind["Omitted"], stat = "Sum" },
    { title = "Oldest due, in days", metrics = local.by_kind["OldestDueDays"], stat = "Maximum" },
    { title = "Age of runs at work, in seconds", metrics = local.by_kind["RunAgeSeconds"], stat = "Maximum" },
    { title = "Duration of runs, in ms", metrics = local.by_kind["RunDurationMs"], stat = "Maximum" },
    { title = "Duration of a chunk, in ms", metrics = local.by_kind["ChunkDurationMs"], stat = "p95" },
    { title = "In plugins, in ms", metrics = local.by_kind["PluginDurationMs"], stat = "Sum" },
    # A run counts what it writes to the table and to the index; DynamoDB tells them apart.
    { title = "Write units a second, by runs, table and index", metrics = local.write_rates, stat = "Sum" },
    {
      title = "Events about accounts"
      stat  = "Sum"
      metrics = [
        for metric in ["EventsApplied", "EventsDuplicate", "EventsParked"] :
        ["Arrears", metric, "Agency", var.agency, "Kind", "events"]
      ]
    },
    {
      title   = "Dead letters"
      stat    = "Maximum"
      metrics = [for queue in aws_sqs_queue.dead : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]]
    },
    {
      title   = "Functions at a time"
      stat    = "Maximum"
      metrics = [for it in aws_lambda_function.all : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", it.function_name]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "agency" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        width  = 8
        height = 6
        x      = 8 * (index % 3)
        y      = 6 * floor(index / 3)
        properties = {
          title   = widget.title
          metrics = widget.metrics
          stat    = widget.stat
          region  = var.region
          period  = 300
          view    = "timeSeries"
        }
      }
    ]
  })
}
