# The agency's bus: what happens to accounts, requests for runs, and what became of runs.

resource "aws_cloudwatch_event_bus" "agency" {
  name               = local.name
  kms_key_identifier = aws_kms_key.agency.arn
}

# Requests for runs: one rule for each state machine.

locals {
  kinds_of_machine = {
    for name in local.run_functions :
    name => [for kind, function in local.function_of_kind : kind if function == name]
  }
}

resource "aws_cloudwatch_event_rule" "run_requested" {
  for_each = local.kinds_of_machine

  name           = "${local.name}-${each.key}-requested"
  description    = "Somebody asks for a run: ${join(", ", each.value)}"
  event_bus_name = aws_cloudwatch_event_bus.agency.name

  event_pattern = jsonencode({
    detail-type = ["arrears.run.requested"]
    detail      = { data = { kind = each.value } }
  })
}

resource "aws_cloudwatch_event_target" "run" {
  for_each = local.kinds_of_machine

  rule           = aws_cloudwatch_event_rule.run_requested[each.key].name
  event_bus_name = aws_cloudwatch_event_bus.agency.name
  arn            = aws_sfn_state_machine.run[each.key].arn
  role_arn       = aws_iam_role.rules.arn
  # The request is the data of the CloudEvent, and the input of the execution.
  input_path = "$.detail.data"

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 30
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead["rules"].arn
  }
}

# A request of no kind that there is would match no rule, and be gone without a word.
resource "aws_cloudwatch_event_rule" "unknown_kind" {
  name           = "${local.name}-unknown-kind"
  description    = "Somebody asks for a run of a kind that there is not"
  event_bus_name = aws_cloudwatch_event_bus.agency.name

  event_pattern = jsonencode({
    detail-type = ["arrears.run.requested"]
    detail = {
      data = { kind = [{ anything-but = keys(local.function_of_kind) }, { exists = false }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "unknown_kind" {
  rule           = aws_cloudwatch_event_rule.unknown_kind.name
  event_bus_name = aws_cloudwatch_event_bus.agency.name
  arn            = aws_sqs_queue.dead["rules"].arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 30
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead["rules"].arn
  }
}

# All else is about accounts. What is of a type that is not known is not left out here:
# the function keeps it with the reason, where somebody sees it.
resource "aws_cloudwatch_event_rule" "account_events" {
  name           = "${local.name}-account-events"
  description    = "Something has happened to an account"
  event_bus_name = aws_cloudwatch_event_bus.agency.name

  event_pattern = jsonencode({
    detail-type = [{ anything-but = { prefix = "arrears.run." } }]
  })
}

resource "aws_cloudwatch_event_target" "account_events" {
  rule           = aws_cloudwatch_event_rule.account_events.name
  event_bus_name = aws_cloudwatch_event_bus.agency.name
  arn            = aws_sqs_queue.work["account-events"].arn

  # A payment is worth a day of attempts.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead["rules"].arn
  }
}

# The role by which rules start state machines. Queues need none: their policies name
# the rules.

locals {
  rules_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Whoever starts a machine needs nothing of its key: the machine's role has that.
        Sid      = "Start"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [for machine in aws_sfn_state_machine.run : machine.arn]
      },
    ]
  })
}

resource "aws_iam_role" "rules" {
  name        = "${local.name}-rules"
  description = "Rules of the bus of agency ${var.agency} start runs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.only_our_account
    }]
  })
}

resource "aws_iam_role_policy" "rules" {
  name   = "start"
  role   = aws_iam_role.rules.id
  policy = local.rules_policy
}
