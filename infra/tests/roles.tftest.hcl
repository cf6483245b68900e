# Who may do what: the least that the code needs, and nothing of another agency's.

mock_provider "aws" {
  source = "./tests/aws"
}

run "packages" {
  module {
    source = "./tests/packages"
  }
}

run "all_policies" {
  variables {
    package_folder = run.packages.folder
    alarm_email    = "operators@example.org"
  }

  assert {
    condition     = length(local.function_policies) == 6 && length(aws_iam_role.function) == 6
    error_message = "Each function has a role of its own: what one may do, another may not."
  }

  # Every document of a policy in the module.
  assert {
    condition = alltrue([
      for text in concat(
        [for it in aws_iam_role_policy.function : it.policy],
        [for it in aws_iam_role_policy.state_machine : it.policy],
        [for it in aws_sqs_queue_policy.all : it.policy],
        [
          aws_iam_role_policy.rules.policy,
          aws_iam_role_policy.schedules.policy,
          aws_iam_policy.operator.policy,
          aws_kms_key.agency.policy,
          aws_sns_topic_policy.alarms.policy,
          aws_s3_bucket_policy.files[0].policy,
          aws_s3_bucket_policy.plugins[0].policy,
        ],
        ) : alltrue([
          for it in jsondecode(text).Statement :
          it.Effect == "Deny" || (!can(it.NotAction) && !strcontains(jsonencode(it.Action), "*"))
      ])
    ])
    error_message = "No policy allows an action with *: each action that is given has a reason. (A denial may say all.)"
  }

  assert {
    condition = alltrue([
      for text in concat(
        [for it in aws_iam_role_policy.function : it.policy],
        [for it in aws_iam_role_policy.state_machine : it.policy],
        [aws_iam_role_policy.rules.policy, aws_iam_role_policy.schedules.policy, aws_iam_policy.operator.policy],
        ) : alltrue([
          for it in jsondecode(text).Statement : alltrue([
            for resource in it.Resource : resource != "*" || alltrue([
              for action in it.Action : startswith(action, "xray:") || startswith(action, "logs:")
            ])
          ])
      ])
    ])
    error_message = "Only X-Ray and the delivery of logs, which have no resources to name, are allowed for all."
  }

  assert {
    condition = alltrue([
      for role in concat(
        values(aws_iam_role.function), values(aws_iam_role.state_machine),
        [aws_iam_role.rules, aws_iam_role.schedules],
        ) : alltrue([
          for it in jsondecode(role.assume_role_policy).Statement :
          keys(it.Principal) == ["Service"] && (it.Principal.Service == "lambda.amazonaws.com" || can(it.Condition.StringEquals["aws:SourceAccount"]))
      ])
    ])
    error_message = "A role is taken by its service alone, and for this account alone: another customer's rule must not start our runs."
  }

  assert {
    condition     = toset(flatten([for it in jsondecode(aws_iam_role_policy.rules.policy).Statement : it.Action])) == toset(["states:StartExecution"])
    error_message = "Rules start runs by their role, and do nothing else by it."
  }
}

run "table" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for statements in concat(values(local.function_statements), [local.operator_statements]) : alltrue([
        for it in statements : alltrue([
          for action in it.Action : (
            !startswith(action, "dynamodb:") ||
            contains(["dynamodb:Scan", "dynamodb:DescribeTable"], action) ||
            (
              try(jsonencode(it.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]), "") == "[\"default#*\"]" &&
              try(it.Condition.Null["dynamodb:LeadingKeys"], "") == "false"
            )
          )
        ])
      ])
    ])
    error_message = "Every key that a role reads or writes begins with its agency, in the index too; and a request without keys is none of them."
  }

  assert {
    condition = alltrue([
      for statements in values(local.function_statements) : anytrue([
        for it in statements :
        contains(it.Action, "dynamodb:Query") && contains(it.Resource, "${aws_dynamodb_table.book.arn}/index/due") && contains(it.Resource, aws_dynamodb_table.book.arn)
      ])
    ])
    error_message = "Functions read the index `due` by the same condition as the table."
  }

  assert {
    condition = toset([
      for name, statements in local.function_statements : name
      if anytrue([for it in statements : contains(it.Action, "dynamodb:Scan")])
    ]) == toset(["collections-run", "export-run", "payment-run"])
    error_message = "A scan has no keys that a condition could bound: only the runs that ask every account may."
  }

  assert {
    condition = alltrue([
      for statements in values(local.function_statements) : alltrue([
        for it in statements : alltrue([
          for action in it.Action : !contains(["dynamodb:BatchWriteItem", "dynamodb:DeleteTable", "dynamodb:UpdateTable"], action)
        ])
      ])
    ])
    error_message = "No function imports books, changes the table or deletes it."
  }

  assert {
    condition = toset([
      for name, statements in local.function_statements : name
      if anytrue([for it in statements : contains(it.Action, "dynamodb:DeleteItem")])
    ]) == toset(["export-run", "payment-run", "account-events", "return-files"])
    error_message = "Exports and payments forget their uploads; whoever applies events takes their dead letters away, or one that was mended would be told for ever."
  }
}

run "files" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for statements in concat(values(local.function_statements), values(local.state_machine_statements), [local.operator_statements]) : alltrue([
        for it in statements : alltrue([
          for resource in it.Resource :
          !anytrue([for action in it.Action : startswith(action, "s3:")]) || it.Action == ["s3:ListBucket"] || try(split("/", resource)[1], "") == "default"
        ])
      ])
    ])
    error_message = "A role reads and writes files below its own agency and no other."
  }

  assert {
    condition = toset([
      for name, statements in local.function_statements : name if anytrue([
        for it in statements : contains(it.Action, "s3:PutObject") && anytrue([for resource in it.Resource : strcontains(resource, "/artifacts")])
      ])
    ]) == toset(["plugin-admit"])
    error_message = "Only plugin-admit writes artifacts: run functions load them as machine code, unseen."
  }

  assert {
    condition = alltrue([
      for name, statements in local.function_statements : alltrue([
        for it in statements : !contains(it.Action, "s3:PutObject") || alltrue([
          for resource in it.Resource : contains(
            lookup({
              collections-run = ["runs"]
              export-run      = ["runs", "export"]
              payment-run     = ["runs", "payment"]
              account-events  = ["dead-letters"]
              return-files    = ["incoming-answers", "dead-letters"]
              plugin-admit    = ["artifacts"]
            }, name),
            try(split("/", resource)[2], ""),
          )
        ])
      ])
    ])
    error_message = "A function writes to its own prefixes: only payment-run makes payment files, only export-run exports."
  }

  assert {
    condition = alltrue([
      for name, it in local.functions : length(setsubtract(it.writes_files, it.reads_files)) == 0
    ])
    error_message = "What a function writes it may read: a file of which nobody knows whether it was written is looked at."
  }

  assert {
    condition = {
      for name, statements in local.function_statements : name => flatten([
        for it in statements : [for resource in it.Resource : split("/", resource)[2]]
        if contains(it.Action, "s3:GetObjectVersion")
      ]) if anytrue([for it in statements : contains(it.Action, "s3:GetObjectVersion")])
    } == { return-files = ["incoming"] }
    error_message = "A file that came in is read as it was told of, even if another one has its name by now."
  }

  assert {
    condition = alltrue([
      for statements in concat(values(local.function_statements), [local.operator_statements]) : alltrue([
        for it in statements : alltrue([for action in it.Action : !startswith(action, "s3:Delete")])
      ])
    ])
    error_message = "Nobody who works with the system deletes files."
  }
}

run "key" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = alltrue([
      for statements in concat(values(local.function_statements), values(local.state_machine_statements), [local.operator_statements]) : alltrue([
        for it in statements : alltrue([
          for action in it.Action : !startswith(action, "kms:") || (
            contains(["kms:Decrypt", "kms:GenerateDataKey"], action) && it.Resource == [aws_kms_key.agency.arn]
          )
        ])
      ])
    ])
    error_message = "Roles use the agency's key, and manage none."
  }

  assert {
    condition = alltrue([
      for statements in values(local.function_statements) : alltrue([
        for it in statements : !contains(it.Action, "kms:Decrypt") || can(it.Condition.StringEquals["kms:ViaService"])
      ])
    ])
    error_message = "A function uses the key by way of the services that it works with, and decrypts nothing by itself."
  }

  assert {
    condition = alltrue([
      for it in local.key_policy.Statement :
      can(it.Principal.AWS) || can(it.Condition.ArnLike) || it.Sid == "DeliveryOfLogs" ||
      try(it.Condition.StringEquals["aws:SourceAccount"], "") == "123456789012"
    ])
    error_message = "A service uses the key for this account alone."
  }

  assert {
    condition = [
      for it in local.key_policy.Statement : it.Condition if it.Sid == "DeliveryOfLogs"
    ] == [{ StringLike = { "kms:EncryptionContext:SourceArn" = "arn:aws:logs:us-east-1:123456789012:*" } }]
    error_message = "Logs of state machines are delivered under an encryption context of this account, and no other condition is known to hold: they would stay empty."
  }
}

run "operators" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = length(setsubtract(
      ["arn:aws:states:us-east-1:123456789012:mapRun:arrears-default-collections-run/*"],
      flatten([for it in local.operator_statements : it.Resource if contains(it.Action, "states:ListExecutions")]),
    )) == 0
    error_message = "An operator lists the children of a map run: that is where the reason of a failed run is."
  }

  assert {
    condition = [
      for it in local.operator_statements : it.Resource if contains(it.Action, "lambda:InvokeFunction")
    ] == [[aws_lambda_function.all["plugin-admit"].arn]]
    error_message = "An operator has plugins compiled again, and calls no other function."
  }
}
