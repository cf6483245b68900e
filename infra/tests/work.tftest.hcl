# Functions, queues and state machines: that work is done once, and none is lost.

mock_provider "aws" {
  source = "./tests/aws"
}

run "packages" {
  module {
    source = "./tests/packages"
  }
}

run "functions" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition = toset(keys(aws_lambda_function.all)) == toset([
      "collections-run", "export-run", "payment-run", "account-events", "return-files", "plugin-admit",
    ])
    error_message = "The functions are the binaries of functions/lambdas."
  }

  assert {
    condition = alltrue([
      for name, it in aws_lambda_function.all : (
        it.architectures == tolist(["arm64"]) && it.runtime == "provided.al2023" && it.handler == "bootstrap" &&
        it.filename == "${run.packages.folder}/arm64/${name}.zip"
      )
    ])
    error_message = "Functions run on arm64, which costs a fifth less, and their packages are built for it."
  }

  assert {
    condition = alltrue([
      for name, it in aws_lambda_function.all :
      it.environment[0].variables.ARREARS_AGENCY == "default" &&
      it.environment[0].variables.ARREARS_TABLE == "arrears-default" &&
      it.environment[0].variables.ARREARS_EVENT_BUS == "arrears-default" &&
      tonumber(it.environment[0].variables.ARREARS_STOP_BEFORE_DEADLINE_MS) <= it.timeout * 1000 / 2
    ])
    error_message = "A function knows where it is; and it stops in the second half of its time, or it would do nothing."
  }

  assert {
    condition = alltrue([
      for name in ["collections-run", "export-run", "payment-run"] :
      aws_lambda_function.all[name].timeout == 900 && aws_lambda_function.all[name].memory_size == 1769 &&
      aws_lambda_function.all[name].environment[0].variables.ARREARS_STOP_BEFORE_DEADLINE_MS == "60000"
    ])
    error_message = "Run functions have the longest time and a whole core, and stop 60 s before the end."
  }

  assert {
    condition     = alltrue([for it in aws_lambda_function.all : it.logging_config[0].log_format == "JSON" && it.tracing_config[0].mode == "Active"])
    error_message = "Logs can be searched by run key, and traces go through queues."
  }

  assert {
    condition     = alltrue([for it in aws_lambda_function.all : it.reserved_concurrent_executions == -1])
    error_message = "Nothing is reserved unless somebody asks for it: a new account has ten executions, and could not be deployed to."
  }

  assert {
    condition     = aws_lambda_invocation.readmit[0].input == "{\"readmit\":\"all\"}" && can(aws_lambda_invocation.readmit[0].triggers.code)
    error_message = "When the code changes, all plugins are compiled anew: no run starts with artifacts of another sandbox."
  }

  assert {
    condition     = length(aws_s3_object.component) == 8 && aws_s3_object.component["alert"].key == "default/components/alert.wasm"
    error_message = "The eight built-in plugins are put where plugins are admitted."
  }

  assert {
    condition = alltrue([
      for name, it in aws_lambda_function.all :
      length(split(",", lookup(it.environment[0].variables, "ARREARS_BUILT_IN", ""))) == (name == "plugin-admit" ? 8 : 1)
    ])
    error_message = "The function that admits plugins, and no other, is told which components need no signature: the eight of this release."
  }
}

run "other_processor" {
  command = plan

  variables {
    package_folder          = run.packages.folder
    architecture            = "x86_64"
    is_concurrency_reserved = true
  }

  assert {
    condition     = alltrue([for name, it in aws_lambda_function.all : it.architectures == tolist(["x86_64"]) && it.filename == "${run.packages.folder}/x86_64/${name}.zip"])
    error_message = "Processor and package change together."
  }

  assert {
    condition = (
      alltrue([for name in local.run_functions : aws_lambda_function.all[name].reserved_concurrent_executions == local.concurrency + 1]) &&
      aws_lambda_function.all["account-events"].reserved_concurrent_executions == -1
    )
    error_message = "Reserved is what bounds the table's load, with one to plan or finish beside; queues are bounded by their mappings."
  }
}

run "queues" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition     = alltrue([for name, it in aws_sqs_queue.work : it.visibility_timeout_seconds >= 6 * aws_lambda_function.all[name].timeout])
    error_message = "A message stays hidden for six times the function's time: AWS's own advice, or a slow batch is worked on twice at once."
  }

  assert {
    condition = toset(keys(aws_sqs_queue.dead)) == toset([
      "account-events", "return-files", "plugin-admit", "rules", "schedules",
    ])
    error_message = "There is a dead-letter queue behind each queue, the rules and the schedules."
  }

  assert {
    condition = alltrue([
      for name, it in aws_sqs_queue.work :
      jsondecode(it.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead[name].arn && jsondecode(it.redrive_policy).maxReceiveCount == 5
    ])
    error_message = "What fails five times is kept apart, and holds nothing else up."
  }

  assert {
    condition     = alltrue([for it in aws_sqs_queue.dead : it.message_retention_seconds == 1209600])
    error_message = "A dead letter is kept for two weeks, the most there is."
  }

  assert {
    condition = alltrue([
      for name, it in aws_lambda_event_source_mapping.queue :
      it.function_response_types == toset(["ReportBatchItemFailures"]) && it.scaling_config[0].maximum_concurrency >= 2 && it.scaling_config[0].maximum_concurrency <= 16
    ]) && toset(keys(aws_lambda_event_source_mapping.queue)) == toset(keys(aws_sqs_queue.work)) && alltrue([for it in aws_lambda_event_source_mapping.queue : it.enabled])
    error_message = "Of a batch only what has failed comes again, and no queue takes the table's capacity from runs."
  }

  assert {
    condition = alltrue([
      for name, text in local.queue_policies : alltrue([
        for it in jsondecode(text).Statement :
        it.Effect == "Deny" || (can(it.Condition.ArnEquals["aws:SourceArn"]) && try(it.Condition.StringEquals["aws:SourceAccount"], "") == "123456789012")
      ])
    ])
    error_message = "Only our own rules and buckets send to the queues."
  }
}

run "state_machines" {
  variables {
    package_folder = run.packages.folder
  }

  assert {
    condition     = toset(keys(aws_sfn_state_machine.run)) == toset(["collections-run", "export-run", "payment-run"]) && alltrue([for it in aws_sfn_state_machine.run : it.type == "STANDARD"])
    error_message = "Each run function has a state machine; only a standard one can be redriven."
  }

  assert {
    condition = alltrue([
      for it in aws_sfn_state_machine.run : (
        jsondecode(it.definition).States.Work.ItemReader.Resource == "arn:aws:states:::s3:getObject" &&
        jsondecode(it.definition).States.Work.ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED" &&
        !can(jsondecode(it.definition).States.Work.ItemsPath)
      )
    ])
    error_message = "The map reads portions of thousands of records from the bucket: a transition for each record would cost more than its writes."
  }

  assert {
    condition     = alltrue([for it in aws_sfn_state_machine.run : jsondecode(it.definition).States.Work.MaxConcurrency == 2 && jsondecode(it.definition).States.Work.ToleratedFailurePercentage == 0])
    error_message = "A new table of 4,000 units feeds two functions (docs/SCALE.md), and no portion may be missing."
  }

  assert {
    condition = alltrue([
      for it in aws_sfn_state_machine.run : alltrue([
        for task in [
          jsondecode(it.definition).States.Plan,
          jsondecode(it.definition).States.Finish,
          jsondecode(it.definition).States.Work.ItemProcessor.States.WorkOn,
          ] : (
          task.TimeoutSeconds > 900 &&
          length(setsubtract(
            ["Throttled", "StoreUnavailable", "Conflict", "Panicked", "Lambda.TooManyRequestsException", "Lambda.Unknown", "Sandbox.Timedout", "States.Timeout"],
            flatten([for retry in task.Retry : retry.ErrorEquals]),
          )) == 0 &&
          length(setintersection(
            ["States.ALL", "States.TaskFailed", "Refused", "BadRequest", "CountsDiffer", "StoreFailed", "SetupUnusable"],
            flatten([for retry in task.Retry : retry.ErrorEquals]),
          )) == 0 &&
          alltrue([for retry in task.Retry : retry.JitterStrategy == "FULL" && retry.BackoffRate > 1])
        )
      ])
    ])
    error_message = "What may pass is tried again, with pauses that differ; what the rules refuse is not."
  }

  assert {
    condition = alltrue([
      for retry in jsondecode(local.retry) : (
        !contains(retry.ErrorEquals, "Lambda.TooManyRequestsException") ||
        (length(retry.ErrorEquals) == 1 && retry.MaxAttempts * retry.MaxDelaySeconds / 2 >= 900)
      )
    ])
    error_message = "Whoever finds all places taken waits by itself for as long as a call may take, or the run would fail because another one is at work."
  }

  assert {
    condition = alltrue([
      for it in aws_sfn_state_machine.run : (
        jsondecode(it.definition).States.IsPlanned.Default == "Nothing" &&
        jsondecode(it.definition).States.Nothing.Type == "Succeed" &&
        jsondecode(it.definition).States.Work.ItemProcessor.States.IsDone.Default == "WorkOn" &&
        jsondecode(it.definition).TimeoutSeconds == 43200
      )
    ])
    error_message = "A duplicate ends in peace, an unfinished portion is gone on with, and a run that hangs is given up."
  }

  assert {
    condition     = alltrue([for it in aws_sfn_state_machine.run : it.logging_configuration[0].level == "ERROR" && it.tracing_configuration[0].enabled])
    error_message = "What went wrong in an execution is in a log, and its trace goes on in the functions."
  }
}

run "warm_table" {
  command = plan

  variables {
    package_folder  = run.packages.folder
    write_units_max = 40000
  }

  assert {
    condition     = output.max_concurrency == 14
    error_message = "A table of 40,000 units feeds 14 functions: what `cargo xtask simulate-scale` computes with."
  }
}

run "hot_table" {
  command = plan

  variables {
    package_folder  = run.packages.folder
    write_units_max = 400000
  }

  assert {
    condition     = output.max_concurrency == 16
    error_message = "More functions than shards of the index would share shards, and be throttled."
  }
}
