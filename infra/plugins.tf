# The eight built-in plugins. They take the path of any vendor's plugin: put into the
# bucket, checked, compiled, registered. In the place of a signature their digests are
# told to the function that admits them.

locals {
  built_in_plugins = toset([
    "alert",
    "credit-rating",
    "deposit-demand",
    "log",
    "notice",
    "one-off-charge",
    "one-off-penalty",
    "service-request",
  ])

  components = {
    for name in local.built_in_plugins : name => "${var.package_folder}/components/${name}.wasm"
  }

  built_in_digests = join(",", [for path in values(local.components) : filesha256(path) if fileexists(path)])
}

resource "aws_s3_object" "component" {
  for_each = local.components

  bucket = aws_s3_bucket.all["plugins"].id
  key    = "${var.agency}/components/${each.key}.wasm"
  source = each.value
  # An object that is encrypted under our key has another ETag than its content.
  source_hash  = fileexists(each.value) ? filesha256(each.value) : null
  content_type = "application/wasm"

  lifecycle {
    precondition {
      condition     = fileexists(each.value)
      error_message = "There is no ${each.value}: run `cargo xtask package --arch ${var.architecture}` in the root of the repository first."
    }
  }

  # One that is put before the queue listens, or before versions are kept, is lost on us;
  # one that is put before its digest is known there is refused.
  depends_on = [
    aws_lambda_alias.plugin_admit,
    aws_s3_bucket_notification.plugins,
    aws_s3_bucket_server_side_encryption_configuration.all,
    aws_s3_bucket_versioning.all,
    aws_s3_bucket_policy.plugins,
  ]
}

# An artifact is for one version of the sandbox. When the code changes, everything is
# compiled again, also what others have put there, before the other functions' new code
# becomes live.
resource "aws_lambda_invocation" "readmit" {
  # moto has no Lambda; who drives the functions there calls this one by itself.
  count = local.is_stand_in ? 0 : 1

  function_name = aws_lambda_function.all["plugin-admit"].function_name
  qualifier     = aws_lambda_alias.plugin_admit.name
  input         = jsonencode({ readmit = "all" })

  triggers = {
    code       = aws_lambda_function.all["plugin-admit"].source_code_hash
    components = local.built_in_digests
  }

  depends_on = [aws_s3_object.component]
}
