# What is new in the bucket. There is no dead-letter queue: Picquet deletes a message when its object was read, and sets an
# object aside in its own ledger when it could not be read so many times, with the cause. While Picquet does not run,
# messages wait for up to 14 days, and what was lost beyond that is found when the bucket is looked through.

resource "aws_sqs_queue" "news" {
  name                       = var.name
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 60
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  tags                       = var.tags
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "NewsOfTheBucket"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.news.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.bucket_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sqs_queue_policy" "news" {
  queue_url = aws_sqs_queue.news.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_s3_bucket_notification" "logs" {
  count  = var.notify ? 1 : 0
  bucket = var.create_bucket ? aws_s3_bucket.logs[0].id : var.bucket_name
  queue {
    id            = var.name
    queue_arn     = aws_sqs_queue.news.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.prefix
  }
  depends_on = [aws_sqs_queue_policy.news]
}
