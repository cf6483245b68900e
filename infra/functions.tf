# The functions. What each may do is beside what it is: `function_roles.tf` makes a role
# of it, and gives nothing that is not listed here.

locals {
  # Reads and writes by key. Transactions need the permissions of their parts.
  reads  = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
  writes = ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
  # Uploads that were begun and dead letters are the only items that are ever deleted.
  deletes = ["dynamodb:DeleteItem"]

  run_function = {
    memory_mb = var.memory_mb.run
    timeout_s = var.timeout_s.run
    # What is under way needs some seconds, and a table that throttles some more.
    stop_before_s = 60
    # Artifacts of plugins, and lines that are sorted on disk.
    disk_mb      = 2048
    queue        = null
    publishes    = true
    table        = concat(local.reads, local.writes)
    scans        = false
    reads_files  = ["setup", "runs"]
    writes_files = ["runs"]
    # Whose former versions are read too.
    reads_versions = []
    plugins        = "load"
  }

  # Merged over what a run function has, so that all have the same attributes.
  functions = {
    # It puts the index of what is due right if a setup was loaded while a run was at
    # work, which asks every account.
    collections-run = merge(local.run_function, { scans = true })

    export-run = merge(local.run_function, {
      # Whole books are sorted by account.
      disk_mb      = 10240
      table        = concat(local.reads, local.writes, local.deletes)
      scans        = true
      reads_files  = ["setup", "runs", "export"]
      writes_files = ["runs", "export"]
    })

    payment-run = merge(local.run_function, {
      disk_mb      = 10240
      table        = concat(local.reads, local.writes, local.deletes)
      scans        = true
      reads_files  = ["setup", "runs", "payment"]
      writes_files = ["runs", "payment"]
    })

    account-events = merge(local.run_function, {
      memory_mb     = var.memory_mb.events
      timeout_s     = var.timeout_s.events
      stop_before_s = 30
      disk_mb       = 512
      queue         = { batch = 100, window_s = 1, concurrency = local.concurrency }
      publishes     = false
      # An event that is applied after all takes its dead letter away.
      table        = concat(local.reads, local.writes, local.deletes)
      reads_files  = ["setup", "dead-letters"]
      writes_files = ["dead-letters"]
    })

    return-files = merge(local.run_function, {
      memory_mb = var.memory_mb.return_files
      timeout_s = var.timeout_s.return_files
      disk_mb   = 1024
      # A file is held in memory, so one at a time.
      queue     = { batch = 1, window_s = 0, concurrency = 2 }
      publishes = false
      # What a file tells is applied as events are.
      table = concat(local.reads, local.writes, local.deletes)
      # An answer is read back if nobody knows whether it was written.
      reads_files  = ["setup", "incoming", "incoming-answers", "dead-letters", "runs", "payment"]
      writes_files = ["incoming-answers", "dead-letters"]
      # The file that was told of; a later one may have its name by now.
      reads_versions = ["incoming"]
    })

    plugin-admit = merge(local.run_function, {
      memory_mb    = var.memory_mb.plugin_admit
      timeout_s    = var.timeout_s.plugin_admit
      disk_mb      = 512
      queue        = { batch = 1, window_s = 0, concurrency = 2 }
      publishes    = false
      reads_files  = []
      writes_files = []
      plugins      = "admit"
    })
  }

  run_functions = ["collections-run", "export-run", "payment-run"]

  packages = {
    for name in keys(local.functions) :
    name => "${var.package_folder}/${var.architecture}/${name}.zip"
  }
}

resource "aws_lambda_function" "all" {
  for_each = local.functions

  function_name = "${local.name}-${each.key}"
  description   = "arrears, agency ${var.agency}: ${each.key}"
  role          = aws_iam_role.function[each.key].arn

  filename         = local.packages[each.key]
  source_code_hash = fileexists(local.packages[each.key]) ? filebase64sha256(local.packages[each.key]) : null
  publish          = true

  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = [var.architecture]
  memory_size   = each.value.memory_mb
  timeout       = each.value.timeout_s
  kms_key_arn   = aws_kms_key.agency.arn

  # So many functions at once as the table can take, over all runs that are under way.
  reserved_concurrent_executions = (
    var.is_concurrency_reserved && contains(local.run_functions, each.key) ? local.concurrency + 1 : -1
  )

  ephemeral_storage {
    size = each.value.disk_mb
  }

  environment {
    variables = merge({
      ARREARS_AGENCY                  = var.agency
      ARREARS_TABLE                   = aws_dynamodb_table.book.name
      ARREARS_BUCKET                  = aws_s3_bucket.all["files"].id
      ARREARS_PLUGIN_BUCKET           = aws_s3_bucket.all["plugins"].id
      ARREARS_EVENT_BUS               = aws_cloudwatch_event_bus.agency.name
      ARREARS_ARTIFACTS               = "/tmp/arrears"
      ARREARS_STOP_BEFORE_DEADLINE_MS = tostring(each.value.stop_before_s * 1000)
      RUST_LOG                        = "info"
      # Amazon's roots alone, which are in the package: those of the whole world, which come
      # with the system, take 3 ms to read at each start, and nobody else is to be trusted.
      SSL_CERT_FILE = "/var/task/certificates.pem"
      },
      # What needs no vendor's signature: the components of this release, and no others.
      each.key == "plugin-admit" ? { ARREARS_BUILT_IN = local.built_in_digests } : {},
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  tracing_config {
    mode = "Active"
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.packages[each.key])
      error_message = "There is no ${local.packages[each.key]}: run `cargo xtask package --arch ${var.architecture}` in the root of the repository first."
    }
  }

  # A function that starts before it may write logs fails without a word.
  depends_on = [aws_iam_role_policy.function]
}

# Callers call `live`, so that an upgrade is one step, and so is its way back.
resource "aws_lambda_alias" "live" {
  for_each = { for name, it in local.functions : name => it if it.plugins == "load" }

  name             = "live"
  function_name    = aws_lambda_function.all[each.key].function_name
  function_version = aws_lambda_function.all[each.key].version

  # Code with another sandbox finds no artifact before all are made anew: it becomes
  # live after that.
  depends_on = [aws_lambda_invocation.readmit]
}

resource "aws_lambda_alias" "plugin_admit" {
  name             = "live"
  function_name    = aws_lambda_function.all["plugin-admit"].function_name
  function_version = aws_lambda_function.all["plugin-admit"].version
}

locals {
  live = merge(
    { for name, alias in aws_lambda_alias.live : name => alias.arn },
    { plugin-admit = aws_lambda_alias.plugin_admit.arn },
  )
}
