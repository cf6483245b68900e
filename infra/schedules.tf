# Runs that start by the clock of the agency. Schedules for one moment are not here:
# `arrears run export --at` puts them into the same group, under the same role.

locals {
  schedules = merge(
    {
      for kind in ["collections", "delinquency"] : kind => {
        cron    = var.schedules[kind].cron
        enabled = var.schedules[kind].enabled
        machine = "collections-run"
        request = { kind = kind }
      }
    },
    {
      for code, it in var.schedules.exports : "export-${code}" => {
        cron    = it.cron
        enabled = it.enabled
        machine = "export-run"
        request = { kind = "export", export_setup = code }
      }
    },
    {
      for code, it in var.schedules.payments : "payment-${code}" => {
        cron    = it.cron
        enabled = it.enabled
        machine = "payment-run"
        request = { kind = "payment", payment_profile = code, mode = it.mode }
      }
    },
  )

  # AWS puts the moment in, and the run is dated by it, however late it starts. The
  # brackets must stay what they are: `jsonencode` would write \u003c.
  schedule_inputs = {
    for name, it in local.schedules : name => replace(replace(
      jsonencode(merge(it.request, { scheduled_at = "<aws.scheduler.scheduled-time>" })),
      "\\u003c", "<"), "\\u003e", ">"
    )
  }

  schedule_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Start"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [for machine in aws_sfn_state_machine.run : machine.arn]
      },
      {
        Sid      = "GiveUp"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [aws_sqs_queue.dead["schedules"].arn]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [aws_kms_key.agency.arn]
      },
    ]
  })
}

resource "aws_scheduler_schedule_group" "agency" {
  name = local.name
}

resource "aws_scheduler_schedule" "run" {
  for_each = local.schedules

  name        = "${local.name}-${each.key}"
  group_name  = aws_scheduler_schedule_group.agency.name
  description = "Starts the run ${each.key} of agency ${var.agency}"
  state       = each.value.enabled && !var.is_paused ? "ENABLED" : "DISABLED"
  kms_key_arn = aws_kms_key.agency.arn

  # In local time: where the clocks leave an hour out its run starts after it, and
  # where an hour comes twice there is one run.
  schedule_expression          = each.value.cron
  schedule_expression_timezone = var.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.run[each.value.machine].arn
    role_arn = aws_iam_role.schedules.arn
    input    = local.schedule_inputs[each.key]

    # An attempt more than needed starts nothing twice: a run is known by its kind and
    # date.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 30
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead["schedules"].arn
    }
  }
}

resource "aws_iam_role" "schedules" {
  name        = "${local.name}-schedules"
  description = "Schedules of agency ${var.agency} start runs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account
          "aws:SourceArn"     = aws_scheduler_schedule_group.agency.arn
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "schedules" {
  name   = "start"
  role   = aws_iam_role.schedules.id
  policy = local.schedule_policy
}
