# What starts runs and brings events, and who is told when something is wrong.

mock_provider "aws" {
  source = "./tests/aws"
}

run "packages" {
  module {
    source = "./tests/packages"
  }
}

run "rules" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = toset(flatten([
      for it in aws_cloudwatch_event_rule.run_requested : jsondecode(it.event_pattern).detail.data.kind
    ])) == toset(["collections", "delinquency", "export", "payment"])
    error_message = "Each kind of run that an operator may ask for has a rule."
  }

  assert {
    condition     = toset(jsondecode(aws_cloudwatch_event_rule.unknown_kind.event_pattern).detail.data.kind[0].anything-but) == toset(["collections", "delinquency", "export", "payment"])
    error_message = "A request of no kind that there is matches a rule too: else it would be gone without a word."
  }

  assert {
    condition = alltrue([
      for it in concat(values(aws_cloudwatch_event_target.run), [aws_cloudwatch_event_target.account_events, aws_cloudwatch_event_target.unknown_kind]) :
      it.dead_letter_config[0].arn == aws_sqs_queue.dead["rules"].arn && it.retry_policy[0].maximum_event_age_in_seconds >= 3600
    ])
    error_message = "What a rule cannot deliver within its time lies in a dead-letter queue."
  }

  assert {
    condition     = alltrue([for it in aws_cloudwatch_event_target.run : it.input_path == "$.detail.data"])
    error_message = "The input of an execution is the data of the CloudEvent, the request."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.account_events.event_pattern).detail-type == [{ anything-but = { prefix = "arrears.run." } }]
    error_message = "All that is not about runs is about accounts, also what nobody knows: the function says so, a rule would not."
  }
}

run "schedules" {
  variables {
    package_folder = run.packages.folder
    time_zone      = "Europe/Berlin"
    schedules = {
      delinquency = { enabled = false }
      exports     = { WEEKLY = { cron = "cron(0 7 ? * MON *)" } }
      payments    = { DD-EUR = { cron = "cron(0 4 * * ? *)", mode = "propose" } }
    }
  }

  assert {
    condition = (
      toset(keys(aws_scheduler_schedule.run)) == toset(["collections", "delinquency", "export-WEEKLY", "payment-DD-EUR"]) &&
      aws_scheduler_schedule.run["collections"].state == "ENABLED" &&
      aws_scheduler_schedule.run["delinquency"].state == "DISABLED"
    )
    error_message = "Each kind is switched by itself; a switched-off schedule stays to be seen."
  }

  assert {
    condition     = alltrue([for it in aws_scheduler_schedule.run : it.schedule_expression_timezone == "Europe/Berlin" && it.flexible_time_window[0].mode == "OFF"])
    error_message = "Six o'clock is six o'clock where the agency is, in summer and in winter."
  }

  assert {
    condition = alltrue([
      for it in aws_scheduler_schedule.run :
      it.target[0].dead_letter_config[0].arn == aws_sqs_queue.dead["schedules"].arn && it.target[0].retry_policy[0].maximum_retry_attempts > 0
    ])
    error_message = "A run that could not be started is not forgotten: it lies in a dead-letter queue."
  }

  assert {
    condition = (
      alltrue([for it in aws_scheduler_schedule.run : strcontains(it.target[0].input, "\"scheduled_at\":\"<aws.scheduler.scheduled-time>\"")]) &&
      jsondecode(aws_scheduler_schedule.run["export-WEEKLY"].target[0].input).export_setup == "WEEKLY" &&
      jsondecode(aws_scheduler_schedule.run["payment-DD-EUR"].target[0].input).mode == "propose"
    )
    error_message = "A run is dated by the moment of its schedule, with brackets that AWS sees: escaped ones would stay in the input."
  }
}

run "paused" {
  command = plan

  variables {
    package_folder = run.packages.folder
    is_paused      = true
  }

  assert {
    condition = (
      alltrue([for it in aws_scheduler_schedule.run : it.state == "DISABLED"]) &&
      alltrue([for it in aws_lambda_event_source_mapping.queue : !it.enabled])
    )
    error_message = "While somebody restores the table nothing writes by itself, whatever is applied meanwhile."
  }
}

run "notifications" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = (
      one(aws_s3_bucket_notification.files.queue).filter_prefix == "default/incoming/" &&
      one(aws_s3_bucket_notification.files.queue).filter_suffix == null
    )
    error_message = "All that comes in is told to the function, also what it will refuse: else nobody would hear of it. What it writes itself is not told."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.plugins.queue).filter_prefix == "default/components/" && one(aws_s3_bucket_notification.plugins.queue).filter_suffix == ".wasm"
    error_message = "Components are admitted; artifacts, which are written then, must not start it again."
  }
}

run "alarms" {
  variables {
    package_folder      = run.packages.folder
    run_missing_after_h = { collections = 26, payment = 168 }
    alarm_email         = "operators@example.org"
  }

  assert {
    condition = length(setsubtract(
      concat(
        [for name in keys(aws_sqs_queue.dead) : "dead-letters-${name}"],
        [for kind in ["collections", "delinquency", "export", "payment"] : "run-too-old-${kind}"],
        [for kind in ["collections", "delinquency", "export", "payment"] : "plugin-strikes-${kind}"],
        [for kind in ["collections", "delinquency", "export", "payment", "events"] : "plugin-quarantined-${kind}"],
        [for name in keys(aws_sfn_state_machine.run) : "${name}-executions-failed"],
        [for name in keys(aws_sfn_state_machine.run) : "${name}-executions-timedout"],
        [for name in keys(aws_lambda_function.all) : "${name}-errors"],
        [for name in keys(aws_lambda_function.all) : "${name}-throttles"],
        ["plugins-refused", "events-parked", "files-refused", "table-throttled", "index-throttled"],
      ),
      keys(aws_cloudwatch_metric_alarm.simple),
    )) == 0
    error_message = "Every dead-letter queue, kind of run, state machine and function is watched."
  }

  assert {
    condition = alltrue([
      for it in concat(
        values(aws_cloudwatch_metric_alarm.simple),
        values(aws_cloudwatch_metric_alarm.run_missing),
        values(aws_cloudwatch_metric_alarm.error_share),
      ) : contains(it.alarm_actions, aws_sns_topic.alarms.arn) && strcontains(it.alarm_description, "OPERATE.md")
    ])
    error_message = "Each alarm tells the topic, and says where it is written what to do."
  }

  assert {
    condition = alltrue([
      for kind, it in aws_cloudwatch_metric_alarm.run_missing :
      it.treat_missing_data == "breaching" && it.metric_name == "RunFinished" && it.period * it.evaluation_periods <= 604800
    ]) && aws_cloudwatch_metric_alarm.run_missing["collections"].evaluation_periods == 26
    error_message = "That nothing is heard of a run is the alarm, and CloudWatch takes at most a week for it."
  }

  assert {
    condition = alltrue([
      for it in aws_cloudwatch_metric_alarm.error_share :
      toset([for query in it.metric_query : query.id]) == toset(["share", "processed", "errors", "omitted"])
    ])
    error_message = "The share of errors is of all records that were looked at."
  }

  assert {
    condition     = alltrue([for name in ["table", "index"] : aws_cloudwatch_metric_alarm.simple["${name}-throttled"].threshold == 200000])
    error_message = "A run that uses all of a table is refused now and then: only what is far more than that is worth a call."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.simple["table-throttled"].dimensions == tomap({ TableName = "arrears-default" }) &&
      aws_cloudwatch_metric_alarm.simple["index-throttled"].dimensions == tomap({ TableName = "arrears-default", GlobalSecondaryIndexName = "due" })
    )
    error_message = "The index is watched by itself: the metrics of its table leave it out."
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "operators@example.org" && aws_budgets_budget.month[0].limit_amount == "100"
    error_message = "A person is told, of costs too."
  }
}

run "alarms_of_a_warm_table" {
  command = plan

  variables {
    package_folder  = run.packages.folder
    write_units_max = 40000
  }

  assert {
    condition     = alltrue([for name in ["table", "index"] : aws_cloudwatch_metric_alarm.simple["${name}-throttled"].threshold == 500000])
    error_message = "A table that takes more refuses more: the alarm follows."
  }
}

run "dashboard" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for wanted in [
        ["ConsumedWriteCapacityUnits", "TableName", "arrears-default"],
        ["ConsumedWriteCapacityUnits", "GlobalSecondaryIndexName", "due", "TableName", "arrears-default"],
        ["WriteThrottleEvents", "TableName", "arrears-default"],
        ["WriteThrottleEvents", "GlobalSecondaryIndexName", "due", "TableName", "arrears-default"],
        ] : anytrue([
          for it in flatten([for widget in jsondecode(aws_cloudwatch_dashboard.agency.dashboard_body).widgets : [
            for metric in widget.properties.metrics : { names = [for part in metric : part if can(regex("^", part))] }
          ]]) : it.names == concat(["AWS/DynamoDB"], wanted)
      ])
    ])
    error_message = "Writes are shown of the table and of its index: DynamoDB tells them apart, and a run counts both."
  }

  assert {
    condition = alltrue([
      for it in local.write_rates :
      try(!it[length(it) - 1].visible, false) || endswith(try(it[0].expression, ""), "/PERIOD(${split("/", try(it[0].expression, "/"))[0]})")
    ])
    error_message = "Writes are shown by the second, as `write_units_max` is: sums of five minutes would be 300 times that."
  }
}

run "environment" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for name in [
        "ARREARS_AGENCY", "ARREARS_TABLE", "ARREARS_BUCKET", "ARREARS_PLUGIN_BUCKET", "ARREARS_EVENT_BUS",
        "ARREARS_SCHEDULE_GROUP", "ARREARS_SCHEDULE_ROLE_ARN", "ARREARS_EXPORT_STATE_MACHINE_ARN",
        "ARREARS_SCHEDULE_DLQ_ARN", "ARREARS_DEAD_LETTER_QUEUE_URLS",
      ] : can(regex("(?m)^export ${name}='[^']+'$", output.environment))
    ])
    error_message = "The command is told all that it asks for, in lines that a shell reads."
  }
}
