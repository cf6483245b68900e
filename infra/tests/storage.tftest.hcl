# What is kept: encrypted, protected, private, and what may not change does not.

mock_provider "aws" {
  source = "./tests/aws"
}

run "packages" {
  module {
    source = "./tests/packages"
  }
}

run "table" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = (
      aws_dynamodb_table.book.server_side_encryption[0].enabled &&
      aws_dynamodb_table.book.server_side_encryption[0].kms_key_arn == aws_kms_key.agency.arn
    )
    error_message = "The table is encrypted under the agency's own key: who leaves loses access with the key."
  }

  assert {
    condition     = aws_dynamodb_table.book.point_in_time_recovery[0].enabled
    error_message = "The table can be put back to any second: a wrong import is noticed days later."
  }

  assert {
    condition     = aws_dynamodb_table.book.deletion_protection_enabled
    error_message = "The table resists deletion: a mistyped `terraform destroy` must not end an agency's book."
  }

  assert {
    condition     = aws_dynamodb_table.book.billing_mode == "PAY_PER_REQUEST"
    error_message = "The table is paid by request: runs need all of it for minutes of a day."
  }

  assert {
    condition = (
      aws_dynamodb_table.book.hash_key == "pk" && aws_dynamodb_table.book.range_key == "sk" &&
      one(aws_dynamodb_table.book.global_secondary_index).name == "due" &&
      one(aws_dynamodb_table.book.global_secondary_index).hash_key == "due_pk" &&
      one(aws_dynamodb_table.book.global_secondary_index).range_key == "due_sk" &&
      one(aws_dynamodb_table.book.global_secondary_index).projection_type == "KEYS_ONLY"
    )
    error_message = "Keys and index are those of functions/storage/src/table.rs; the index has keys only, as each attribute more is written a second time."
  }

  assert {
    condition     = length(aws_dynamodb_table.book.on_demand_throughput) == 0
    error_message = "A table is not capped unless somebody asks for it: a cap slows runs down."
  }
}

run "capped_table" {
  command = plan

  variables {
    package_folder  = run.packages.folder
    is_table_capped = true
    write_units_max = 8000
  }

  assert {
    condition = (
      aws_dynamodb_table.book.on_demand_throughput[0].max_write_request_units == 8000 &&
      one(aws_dynamodb_table.book.global_secondary_index).on_demand_throughput[0].max_write_request_units == 8000
    )
    error_message = "A cap bounds table and index: either alone can run up costs."
  }
}

run "buckets" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition     = toset(keys(aws_s3_bucket.all)) == toset(["files", "plugins"])
    error_message = "Files and plugins are kept apart: who may write files must not decide what code runs."
  }

  assert {
    condition     = alltrue([for name in keys(aws_s3_bucket.all) : aws_s3_bucket_versioning.all[name].versioning_configuration[0].status == "Enabled"])
    error_message = "All buckets keep versions: what was replaced or deleted can be had back."
  }

  assert {
    condition = alltrue([
      for name in keys(aws_s3_bucket.all) : alltrue([
        for rule in aws_s3_bucket_server_side_encryption_configuration.all[name].rule :
        rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
        rule.apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.agency.arn
      ])
    ])
    error_message = "All buckets are encrypted under the agency's own key."
  }

  assert {
    condition = alltrue([
      for name in keys(aws_s3_bucket.all) : (
        aws_s3_bucket_public_access_block.all[name].block_public_acls &&
        aws_s3_bucket_public_access_block.all[name].block_public_policy &&
        aws_s3_bucket_public_access_block.all[name].ignore_public_acls &&
        aws_s3_bucket_public_access_block.all[name].restrict_public_buckets
      )
    ])
    error_message = "No bucket can be made public, by whatever policy: they have names, debts and bank accounts."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.all : !bucket.force_destroy])
    error_message = "A bucket with files in it resists deletion."
  }

  assert {
    condition = alltrue([
      for name in keys(aws_s3_bucket.all) : anytrue([
        for rule in aws_s3_bucket_lifecycle_configuration.all[name].rule :
        rule.status == "Enabled" && length(rule.abort_incomplete_multipart_upload) == 1
      ])
    ])
    error_message = "Incomplete uploads are removed: nobody sees them, and they are paid for."
  }

  assert {
    condition = alltrue([
      for policy in [local.files_policy, local.plugins_policy] : anytrue([
        for it in policy.Statement :
        it.Effect == "Deny" && it.Principal == "*" && it.Action == "s3:*" && length(it.Resource) == 2 &&
        try(it.Condition.Bool["aws:SecureTransport"], "") == "false"
      ])
    ])
    error_message = "Nothing is read or written but over TLS."
  }
}

run "written_once" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for prefix in ["payment", "export", "runs"] : anytrue([
        for it in local.files_policy.Statement : (
          it.Effect == "Deny" && it.Principal == "*" && it.Action == "s3:PutObject" &&
          try(contains(it.Resource, "arn:aws:s3:::${local.buckets.files}/default/${prefix}/*"), false) &&
          try(it.Condition.Null["s3:if-none-match"], "") == "true" &&
          try(it.Condition.Bool["s3:ObjectCreationOperation"], "") == "true" &&
          try(length(it.Condition), 0) == 2
        )
      ])
    ])
    error_message = "A payment file, an export and a plan are written once, by whomever: without If-None-Match a second writer would replace what a bank has."
  }

  assert {
    condition = alltrue([
      for prefix in ["payment", "export"] : anytrue([
        for it in local.files_policy.Statement :
        it.Effect == "Deny" && try(contains(it.Action, "s3:DeleteObject") && contains(it.Action, "s3:DeleteObjectVersion"), false) &&
        it.Resource == "arn:aws:s3:::${local.buckets.files}/default/${prefix}/*" && !can(it.Condition)
      ])
    ])
    error_message = "Nobody deletes a payment file: deleted and written again would be written twice."
  }

  assert {
    condition = anytrue([
      for it in local.plugins_policy.Statement : (
        it.Effect == "Deny" && it.Principal == "*" && try(contains(it.Action, "s3:PutObject"), false) &&
        it.Resource == "arn:aws:s3:::${local.buckets.plugins}/default/artifacts/*" &&
        try(it.Condition.ArnNotEquals["aws:PrincipalArn"], "") == aws_iam_role.function["plugin-admit"].arn
      )
    ])
    error_message = "Nobody but plugin-admit writes artifacts, administrators included: they are machine code that is run unseen."
  }

  assert {
    condition = (
      aws_s3_bucket_policy.files[0].policy == jsonencode(local.files_policy) &&
      aws_s3_bucket_policy.plugins[0].policy == jsonencode(local.plugins_policy)
    )
    error_message = "The policies that are tested here are those that the buckets get."
  }
}

run "key" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition     = aws_kms_key.agency.enable_key_rotation && aws_kms_key.agency.deletion_window_in_days == 30
    error_message = "The key is renewed each year, and its deletion can be called off for 30 days."
  }

  assert {
    condition     = aws_kms_key.agency.policy == jsonencode(local.key_policy)
    error_message = "The policy that is tested is that of the key."
  }

  assert {
    condition     = alltrue([for queue in merge(aws_sqs_queue.work, { for name, it in aws_sqs_queue.dead : "dead-${name}" => it }) : queue.kms_master_key_id == aws_kms_key.agency.arn])
    error_message = "All queues are encrypted under the agency's own key: events name people."
  }

  assert {
    condition = alltrue(concat(
      [for it in aws_lambda_function.all : it.kms_key_arn == aws_kms_key.agency.arn],
      [for it in aws_sfn_state_machine.run : it.encryption_configuration[0].kms_key_id == aws_kms_key.agency.arn && it.encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY"],
      [for it in aws_scheduler_schedule.run : it.kms_key_arn == aws_kms_key.agency.arn],
      [for it in aws_cloudwatch_log_group.function : it.kms_key_id == aws_kms_key.agency.arn],
      [for it in aws_cloudwatch_log_group.state_machine : it.kms_key_id == aws_kms_key.agency.arn],
      [
        aws_sns_topic.alarms.kms_master_key_id == aws_kms_key.agency.arn,
        aws_cloudwatch_event_bus.agency.kms_key_identifier == aws_kms_key.agency.arn,
      ],
    ))
    error_message = "Everything else that can be is encrypted under the same key: functions, state machines, schedules, logs, topic and bus."
  }

  assert {
    condition = alltrue(concat(
      [for it in aws_cloudwatch_log_group.function : it.retention_in_days == 90],
      [for it in aws_cloudwatch_log_group.state_machine : it.retention_in_days == 90],
    ))
    error_message = "Logs end: without a number AWS keeps and bills them for ever."
  }

  assert {
    condition     = toset([for it in aws_lambda_function.all : it.logging_config[0].log_group]) == toset([for it in aws_cloudwatch_log_group.function : it.name])
    error_message = "Each function writes to its own group, which ends and is encrypted; any other would not be."
  }
}

run "removal" {
  variables {
    package_folder      = run.packages.folder
    deletion_protection = false
  }

  assert {
    condition = (
      !aws_dynamodb_table.book.deletion_protection_enabled &&
      alltrue([for bucket in aws_s3_bucket.all : bucket.force_destroy]) &&
      length([for it in local.files_policy.Statement : it if startswith(it.Sid, "Kept")]) == 0
    )
    error_message = "An agency that is to go can be removed whole, when somebody has said so twice."
  }
}
