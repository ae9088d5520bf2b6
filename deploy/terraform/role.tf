# What Picquet may do, and no more. README.md in deploy/ says why each action is there.

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = length(var.trusted_principals) > 0 ? [var.trusted_principals] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = statement.value
      }
      condition {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [var.external_id == null ? "" : var.external_id]
      }
    }
  }
  dynamic "statement" {
    for_each = var.run_on_ec2 ? [true] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "Service"
        identifiers = ["ec2.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "picquet" {
  # Without a condition on the prefix: S3 asks for this permission as well to say that an object is gone (404, not 403),
  # and such a request has no prefix.
  statement {
    sid       = "LookThroughTheBucket"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
  }
  statement {
    sid       = "ReadLogs"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${var.prefix}*"]
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "DecryptLogs"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
  statement {
    sid       = "HearWhatIsNew"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.news.arn]
  }
  dynamic "statement" {
    for_each = length(var.event_bus_arns) > 0 ? [var.event_bus_arns] : []
    content {
      sid       = "PublishEvents"
      actions   = ["events:PutEvents"]
      resources = statement.value
    }
  }
  dynamic "statement" {
    for_each = var.security_hub ? [true] : []
    content {
      sid       = "PublishToSecurityHub"
      actions   = ["securityhub:BatchImportFindings"]
      resources = ["arn:${local.partition}:securityhub:*:${local.account}:product/${local.account}/default"]
    }
  }
  dynamic "statement" {
    for_each = length(var.export_arns) > 0 ? [var.export_arns] : []
    content {
      sid       = "ExportFindings"
      actions   = ["s3:PutObject"]
      resources = [for arn in statement.value : "${trimsuffix(arn, "/")}/*"]
    }
  }
  dynamic "statement" {
    for_each = length(var.export_kms_key_arns) > 0 ? [var.export_kms_key_arns] : []
    content {
      sid       = "EncryptExports"
      actions   = ["kms:GenerateDataKey"]
      resources = statement.value
    }
  }
  dynamic "statement" {
    for_each = length(var.assume_role_arns) > 0 ? [var.assume_role_arns] : []
    content {
      sid       = "TakeOnRolesElsewhere"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }
}

resource "aws_iam_role" "picquet" {
  name               = var.name
  description        = "Picquet reads logs and publishes findings."
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags

  lifecycle {
    precondition {
      condition     = length(var.trusted_principals) > 0 || var.run_on_ec2
      error_message = "Somebody must be able to take on the role: give trusted_principals, or run_on_ec2 = true."
    }
    precondition {
      condition     = length(var.trusted_principals) == 0 || length(coalesce(var.external_id, "-")) >= 8
      error_message = "trusted_principals need an external_id of eight characters or more."
    }
  }
}

resource "aws_iam_role_policy" "picquet" {
  name   = var.name
  role   = aws_iam_role.picquet.id
  policy = data.aws_iam_policy_document.picquet.json
}

resource "aws_iam_instance_profile" "picquet" {
  count = var.run_on_ec2 ? 1 : 0
  name  = var.name
  role  = aws_iam_role.picquet.name
  tags  = var.tags
}
