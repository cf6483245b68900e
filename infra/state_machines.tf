# A state machine for each run function, all of one template.

locals {
  # A record of a run costs the table 6 write units at least, and moves its key within
  # one shard of the index, which takes 1,000 of them at 2 a record: so a function, which
  # works in one shard at a time, makes 500 records or 3,000 units a second. More of them
  # would be throttled, and more than the 16 shards would share shards. docs/SCALE.md
  # has the arithmetic and a simulation of it.
  units_per_function = 500 * 6
  due_shards         = 16
  concurrency        = max(1, min(local.due_shards, ceil(var.write_units_max / local.units_per_function)))

  # What is worth another attempt, by the stable types of errors of the functions. All
  # else is for people: the rules refuse it, or it would fail again.
  retry = jsonencode([
    {
      # The store is busy or away, or somebody else was quicker: wait, and not all at
      # the same moment.
      ErrorEquals     = ["Throttled", "StoreUnavailable", "Conflict"]
      IntervalSeconds = 2
      MaxAttempts     = 6
      BackoffRate     = 2
      MaxDelaySeconds = 120
      JitterStrategy  = "FULL"
    },
    {
      # There is no place for one more function. Who has one may keep it for a whole
      # call, so this waits half an hour, and not as long as for a mishap.
      ErrorEquals     = ["Lambda.TooManyRequestsException"]
      IntervalSeconds = 5
      MaxAttempts     = 30
      BackoffRate     = 2
      MaxDelaySeconds = 120
      JitterStrategy  = "FULL"
    },
    {
      # Lambda itself, a function that was killed or ran out of time, and a panic, which
      # may be one instance's.
      ErrorEquals = [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.Unknown",
        "OutOfTime",
        "Panicked",
        "Runtime.ExitError",
        "Sandbox.Timedout",
        "States.Timeout",
      ]
      IntervalSeconds = 5
      MaxAttempts     = 5
      BackoffRate     = 2
      MaxDelaySeconds = 120
      JitterStrategy  = "FULL"
    },
  ])

  # The kinds of runs, each by its function.
  function_of_kind = {
    collections = "collections-run"
    delinquency = "collections-run"
    export      = "export-run"
    payment     = "payment-run"
  }

  definitions = {
    for name in local.run_functions : name => templatefile("${path.module}/state-machine.asl.json.tftpl", {
      partition    = local.partition
      function_arn = local.live[name]
      # Exports and payments have one portion, and one run at a time.
      max_concurrency = local.concurrency
      run_timeout_s   = var.run_timeout_h * 3600
      # The function is stopped by Lambda first, and says so.
      task_timeout_s = var.timeout_s.run + 30
      retry          = local.retry
    })
  }

  # By name, as the role of a state machine names the machine itself.
  state_machine_arns = {
    for name in local.run_functions :
    name => "${local.arn_prefix}:states:${var.region}:${local.account}:stateMachine:${local.name}-${name}"
  }

  state_machine_statements = {
    for name in local.run_functions : name => [
      {
        Sid      = "Call"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [local.live[name]]
      },
      {
        Sid      = "Portions"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${aws_s3_bucket.all["files"].arn}/${var.agency}/runs/*"]
      },
      {
        # A distributed map starts the children as executions of the machine itself.
        Sid      = "StartChildren"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [local.state_machine_arns[name]]
      },
      {
        Sid    = "WatchChildren"
        Effect = "Allow"
        Action = ["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"]
        Resource = [
          for separator in [":", "/"] :
          "${replace(local.state_machine_arns[name], ":stateMachine:", ":execution:")}${separator}*"
        ]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [aws_kms_key.agency.arn]
      },
      {
        # The delivery of logs and X-Ray have no resources to name.
        Sid    = "LogAndTrace"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = ["*"]
      },
    ]
  }

  state_machine_policies = {
    for name, statements in local.state_machine_statements :
    name => jsonencode({ Version = "2012-10-17", Statement = statements })
  }
}

resource "aws_iam_role" "state_machine" {
  for_each = toset(local.run_functions)

  name        = "${local.name}-${each.key}-machine"
  description = "What the state machine ${each.key} of agency ${var.agency} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.only_our_account
    }]
  })
}

resource "aws_iam_role_policy" "state_machine" {
  for_each = toset(local.run_functions)

  name   = "work"
  role   = aws_iam_role.state_machine[each.key].id
  policy = local.state_machine_policies[each.key]
}

resource "aws_sfn_state_machine" "run" {
  for_each = toset(local.run_functions)

  name       = "${local.name}-${each.key}"
  role_arn   = aws_iam_role.state_machine[each.key].arn
  type       = "STANDARD"
  definition = local.definitions[each.key]

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = aws_kms_key.agency.arn
    kms_data_key_reuse_period_seconds = 900
  }

  # What happened in an execution is in its history, for 90 days; the log has what went
  # wrong. Requests and summaries name no persons.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.state_machine[each.key].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  # AWS tries out at once whether the role may write logs.
  depends_on = [aws_iam_role_policy.state_machine]
}
