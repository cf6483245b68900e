locals {
  environment = {
    AWS_REGION                       = var.region
    ARREARS_AGENCY                   = var.agency
    ARREARS_TABLE                    = aws_dynamodb_table.book.name
    ARREARS_BUCKET                   = aws_s3_bucket.all["files"].id
    ARREARS_PLUGIN_BUCKET            = aws_s3_bucket.all["plugins"].id
    ARREARS_EVENT_BUS                = aws_cloudwatch_event_bus.agency.name
    ARREARS_SCHEDULE_GROUP           = aws_scheduler_schedule_group.agency.name
    ARREARS_SCHEDULE_ROLE_ARN        = aws_iam_role.schedules.arn
    ARREARS_SCHEDULE_DLQ_ARN         = aws_sqs_queue.dead["schedules"].arn
    ARREARS_EXPORT_STATE_MACHINE_ARN = aws_sfn_state_machine.run["export-run"].arn
    ARREARS_DEAD_LETTER_QUEUE_URLS   = join(",", [for queue in aws_sqs_queue.dead : queue.url])
  }
}

output "environment" {
  description = "What the command `arrears` has to know: eval \"$(terraform output -raw environment)\"."
  value       = join("", [for name, value in local.environment : "export ${name}='${value}'\n"])
}

output "table" {
  description = "The table."
  value       = aws_dynamodb_table.book.name
}

output "files_bucket" {
  description = "The bucket of files."
  value       = aws_s3_bucket.all["files"].id
}

output "plugins_bucket" {
  description = "The bucket of components and artifacts."
  value       = aws_s3_bucket.all["plugins"].id
}

output "event_bus" {
  description = "The bus for events about accounts and requests for runs."
  value       = aws_cloudwatch_event_bus.agency.name
}

output "state_machine_arns" {
  description = "The state machines, by run function."
  value       = { for name, machine in aws_sfn_state_machine.run : name => machine.arn }
}

output "function_names" {
  description = "The functions."
  value       = { for name, it in aws_lambda_function.all : name => it.function_name }
}

output "queue_urls" {
  description = "The queues of the functions that take messages."
  value       = { for name, queue in aws_sqs_queue.work : name => queue.url }
}

output "dead_letter_queue_urls" {
  description = "The dead-letter queues."
  value       = { for name, queue in aws_sqs_queue.dead : name => queue.url }
}

output "alarm_topic_arn" {
  description = "The topic that alarms are told to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "Where to look first."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards:name=${aws_cloudwatch_dashboard.agency.dashboard_name}"
}

output "operator_policy_arn" {
  description = "The policy for people who work with the command."
  value       = aws_iam_policy.operator.arn
}

output "max_concurrency" {
  description = "How many functions work on a run at a time."
  value       = local.concurrency
}
