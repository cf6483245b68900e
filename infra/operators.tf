# What a person needs who works with the command `arrears`, for a role or a group of the
# agency's own. It writes no artifacts. AWS takes 6,144 characters, and long names of
# agency and region come near that: nothing is listed that is not there.

locals {
  operator_statements = [
    {
      Sid       = "Table"
      Effect    = "Allow"
      Action    = concat(local.reads, local.writes, local.deletes, ["dynamodb:BatchWriteItem"])
      Resource  = [aws_dynamodb_table.book.arn, "${aws_dynamodb_table.book.arn}/index/due"]
      Condition = local.own_keys_only
    },
    {
      # Exports of the book and lists of what is eligible ask every account.
      Sid      = "WholeBook"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeTable", "dynamodb:Scan"]
      Resource = [aws_dynamodb_table.book.arn]
    },
    {
      Sid      = "Files"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.all["files"].arn}/${var.agency}/*"]
    },
    {
      Sid      = "Components"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.all["plugins"].arn}/${var.agency}/components/*"]
    },
    {
      # The components that were admitted: setups are checked with them, runs replayed.
      Sid      = "Admitted"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${aws_s3_bucket.all["plugins"].arn}/${var.agency}/artifacts/*.wasm"]
    },
    {
      Sid       = "Names"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [for bucket in aws_s3_bucket.all : bucket.arn]
      Condition = local.own_names_only
    },
    {
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [aws_kms_key.agency.arn]
    },
    {
      Sid      = "AskForRuns"
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = [aws_cloudwatch_event_bus.agency.arn]
    },
    {
      Sid      = "SeeRuns"
      Effect   = "Allow"
      Action   = ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"]
      Resource = [for machine in aws_sfn_state_machine.run : machine.arn]
    },
    {
      # The children of a map run are listed by its name, not by the machine's.
      Sid    = "RedriveRuns"
      Effect = "Allow"
      Action = [
        "states:DescribeExecution",
        "states:DescribeMapRun",
        "states:GetExecutionHistory",
        "states:ListExecutions",
        "states:ListMapRuns",
        "states:RedriveExecution",
        "states:StopExecution",
      ]
      Resource = flatten([
        for arn in values(local.state_machine_arns) : [
          "${replace(arn, ":stateMachine:", ":execution:")}:*",
          "${replace(arn, ":stateMachine:", ":execution:")}/*",
          "${replace(arn, ":stateMachine:", ":mapRun:")}/*",
        ]
      ])
    },
    {
      # To have all plugins compiled again. Run functions are called by state machines.
      Sid      = "Readmit"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [aws_lambda_function.all["plugin-admit"].arn]
    },
    {
      Sid    = "Schedules"
      Effect = "Allow"
      Action = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule"]
      Resource = [
        "${local.arn_prefix}:scheduler:${var.region}:${local.account}:schedule/${aws_scheduler_schedule_group.agency.name}/*",
      ]
    },
    {
      Sid       = "ScheduleRole"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [aws_iam_role.schedules.arn]
      Condition = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
    },
    {
      Sid    = "DeadLetters"
      Effect = "Allow"
      Action = [
        "sqs:CancelMessageMoveTask",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
        "sqs:StartMessageMoveTask",
      ]
      Resource = concat(
        [for queue in aws_sqs_queue.dead : queue.arn],
        [for queue in aws_sqs_queue.work : queue.arn],
      )
    },
    {
      Sid    = "Logs"
      Effect = "Allow"
      Action = ["logs:FilterLogEvents", "logs:GetQueryResults", "logs:StartQuery"]
      Resource = concat(
        [for group in aws_cloudwatch_log_group.function : "${group.arn}:*"],
        [for group in aws_cloudwatch_log_group.state_machine : "${group.arn}:*"],
      )
    },
  ]

  operator_policy = jsonencode({ Version = "2012-10-17", Statement = local.operator_statements })
}

resource "aws_iam_policy" "operator" {
  name        = "${local.name}-operator"
  description = "What the command arrears needs for agency ${var.agency}"
  policy      = local.operator_policy
}
