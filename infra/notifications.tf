# What is put into the buckets for us is told to the queue of the function that takes
# it in.

resource "aws_s3_bucket_notification" "files" {
  bucket = aws_s3_bucket.all["files"].id

  # Whatever its ending or folder: what is no file that is taken in the function refuses
  # with the reason. A notification that left it out would say nothing.
  queue {
    id            = "incoming"
    queue_arn     = aws_sqs_queue.work["return-files"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "${var.agency}/incoming/"
  }

  # S3 sends a message to try it out.
  depends_on = [aws_sqs_queue_policy.all]
}

resource "aws_s3_bucket_notification" "plugins" {
  bucket = aws_s3_bucket.all["plugins"].id

  queue {
    id            = "components"
    queue_arn     = aws_sqs_queue.work["plugin-admit"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "${var.agency}/components/"
    filter_suffix = ".wasm"
  }

  depends_on = [aws_sqs_queue_policy.all]
}
