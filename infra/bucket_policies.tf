# What nobody may do to the buckets, administrators included: a bucket's denial stands
# above whatever a role is given.

locals {
  # Written once by the code, under `If-None-Match: *`. Payment files move money, and
  # an export tells what a collection agency may collect. A plan or a setup that was
  # changed afterwards would prove nothing.
  write_once = ["payment", "export", "runs", "setup", "dead-letters", "incoming-answers"]

  tls_only = {
    for name, bucket in local.buckets : name => {
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource = [
        "${local.arn_prefix}:s3:::${bucket}",
        "${local.arn_prefix}:s3:::${bucket}/*",
      ]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }

  files_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        local.tls_only["files"],
        {
          # PutObject and CompleteMultipartUpload, which make an object appear. The
          # parts of an upload come under the same action, but have no such header.
          Sid       = "WrittenOnce"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:PutObject"
          Resource = [
            for prefix in local.write_once :
            "${local.arn_prefix}:s3:::${local.buckets.files}/${var.agency}/${prefix}/*"
          ]
          Condition = {
            Null = { "s3:if-none-match" = "true" }
            Bool = { "s3:ObjectCreationOperation" = "true" }
          }
        },
      ],
      # An agency that is being removed removes them too.
      [
        for protected in var.deletion_protection ? ["payment", "export"] : [] : {
          Sid       = "Kept${title(protected)}"
          Effect    = "Deny"
          Principal = "*"
          Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
          Resource  = "${local.arn_prefix}:s3:::${local.buckets.files}/${var.agency}/${protected}/*"
        }
      ],
    )
  }

  plugins_policy = {
    Version = "2012-10-17"
    Statement = [
      local.tls_only["plugins"],
      {
        # An artifact is machine code that the functions load as it is. Only what has
        # checked and compiled a component may write one.
        Sid       = "OnlyPluginAdmitWritesArtifacts"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:PutObjectAcl", "s3:RestoreObject"]
        Resource  = "${local.arn_prefix}:s3:::${local.buckets.plugins}/${var.agency}/artifacts/*"
        Condition = {
          ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.function["plugin-admit"].arn }
        }
      },
    ]
  }
}

resource "aws_s3_bucket_policy" "files" {
  # moto does not evaluate the conditions of a bucket's policy, and takes any denial
  # for one of everything: nothing could be written.
  count = local.is_stand_in ? 0 : 1

  bucket     = aws_s3_bucket.all["files"].id
  policy     = jsonencode(local.files_policy)
  depends_on = [aws_s3_bucket_public_access_block.all]
}

resource "aws_s3_bucket_policy" "plugins" {
  # As above.
  count = local.is_stand_in ? 0 : 1

  bucket     = aws_s3_bucket.all["plugins"].id
  policy     = jsonencode(local.plugins_policy)
  depends_on = [aws_s3_bucket_public_access_block.all]
}
