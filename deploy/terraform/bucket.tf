# The bucket of the logs, and who may write to it: CloudTrail, and the service that delivers VPC Flow Logs and Resolver
# query logs (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail"; VPC user guide, "Amazon S3 bucket permissions
# for flow logs"; CloudWatch Logs user guide, "Logs sent to Amazon S3").

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  bucket_arn = "arn:${local.partition}:s3:::${var.bucket_name}"
  accounts   = length(var.source_accounts) > 0 ? var.source_accounts : [local.account]
  trail_arn  = "arn:${local.partition}:cloudtrail:${data.aws_region.current.name}:${local.account}:trail/${var.name}"
  # With a trail of its own and others of any name, nothing can be said of the names.
  trails = length(var.trail_arns) == 0 ? [] : concat(var.trail_arns, var.create_trail ? [local.trail_arn] : [])

  delivered = [for account in local.accounts : "${local.bucket_arn}/${var.prefix}${account}/*"]
  trailed   = concat(local.delivered, var.organization_id == null ? [] : ["${local.bucket_arn}/${var.prefix}${var.organization_id}/*"])
}

resource "aws_s3_bucket" "logs" {
  count  = var.create_bucket ? 1 : 0
  bucket = var.bucket_name
  tags   = var.tags
}

resource "aws_s3_bucket_public_access_block" "logs" {
  count                   = var.create_bucket ? 1 : 0
  bucket                  = aws_s3_bucket.logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  count  = var.create_bucket ? 1 : 0
  bucket = aws_s3_bucket.logs[0].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  count  = var.create_bucket ? 1 : 0
  bucket = aws_s3_bucket.logs[0].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  count  = var.create_bucket && var.retention_days > 0 ? 1 : 0
  bucket = aws_s3_bucket.logs[0].id
  rule {
    id     = "old-logs"
    status = "Enabled"
    filter {}
    expiration {
      days = var.retention_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

data "aws_iam_policy_document" "delivery" {
  dynamic "statement" {
    for_each = {
      AWSCloudTrailAclCheck = { action = "s3:GetBucketAcl", resources = [local.bucket_arn], put = false }
      AWSCloudTrailWrite    = { action = "s3:PutObject", resources = local.trailed, put = true }
    }
    content {
      sid       = statement.key
      actions   = [statement.value.action]
      resources = statement.value.resources
      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = local.accounts
      }
      dynamic "condition" {
        for_each = length(local.trails) > 0 ? [local.trails] : []
        content {
          test     = "StringEquals"
          variable = "aws:SourceArn"
          values   = condition.value
        }
      }
      dynamic "condition" {
        for_each = statement.value.put ? [true] : []
        content {
          test     = "StringEquals"
          variable = "s3:x-amz-acl"
          values   = ["bucket-owner-full-control"]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = {
      AWSLogDeliveryAclCheck = { actions = ["s3:GetBucketAcl", "s3:ListBucket"], resources = [local.bucket_arn], put = false }
      AWSLogDeliveryWrite    = { actions = ["s3:PutObject"], resources = local.delivered, put = true }
    }
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources
      principals {
        type        = "Service"
        identifiers = ["delivery.logs.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = local.accounts
      }
      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = [for account in local.accounts : "arn:${local.partition}:logs:*:${account}:*"]
      }
      dynamic "condition" {
        for_each = statement.value.put ? [true] : []
        content {
          test     = "StringEquals"
          variable = "s3:x-amz-acl"
          values   = ["bucket-owner-full-control"]
        }
      }
    }
  }

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  count      = var.create_bucket ? 1 : 0
  bucket     = aws_s3_bucket.logs[0].id
  policy     = data.aws_iam_policy_document.delivery.json
  depends_on = [aws_s3_bucket_public_access_block.logs]
}

resource "aws_cloudtrail" "all" {
  count                         = var.create_trail ? 1 : 0
  name                          = var.name
  s3_bucket_name                = var.bucket_name
  s3_key_prefix                 = var.prefix == "AWSLogs/" ? null : trimsuffix(var.prefix, "/AWSLogs/")
  kms_key_id                    = var.kms_key_arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  tags                          = var.tags
  depends_on                    = [aws_s3_bucket_policy.logs]
}

module "vpc_logs" {
  source      = "./vpc-logs"
  name        = var.name
  vpc_ids     = var.vpc_ids
  bucket_arn  = local.bucket_arn
  folder      = var.prefix == "AWSLogs/" ? "" : trimsuffix(var.prefix, "/AWSLogs/")
  file_format = var.flow_log_file_format
  tags        = var.tags
  depends_on  = [aws_s3_bucket_policy.logs]
}
