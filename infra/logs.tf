# Logs are kept for so long, under our key. Groups are created here and not by the
# services, which would keep them for ever.

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${local.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.agency.arn
}

resource "aws_cloudwatch_log_group" "state_machine" {
  for_each = toset(local.run_functions)

  # Under this prefix AWS needs no growing policy for each group.
  name              = "/aws/vendedlogs/states/${local.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.agency.arn
}
