output "source" {
  description = "A [[source]] of picquet.toml."
  value = join("\n", concat(
    [
      "[[source]]",
      "name = \"${var.name}\"",
      "bucket = \"${var.bucket_name}\"",
      "prefix = \"${var.prefix}\"",
      "region = \"${data.aws_region.current.name}\"",
      "queue = \"${aws_sqs_queue.news.url}\"",
    ],
    # An instance has the role already.
    var.run_on_ec2 ? [] : [
      "role_arn = \"${aws_iam_role.picquet.arn}\"",
      "external_id = \"${coalesce(var.external_id, "-")}\"",
    ],
  ))
}

output "bucket_arn" {
  description = "The bucket of the logs, for vpc-logs in other regions and accounts."
  value       = local.bucket_arn
}

output "queue_url" {
  description = "The queue that says what is new."
  value       = aws_sqs_queue.news.url
}

output "role_arn" {
  description = "The role that Picquet works as."
  value       = aws_iam_role.picquet.arn
}

output "instance_profile" {
  description = "The profile of the instance that Picquet runs on."
  value       = one(aws_iam_instance_profile.picquet[*].name)
}
