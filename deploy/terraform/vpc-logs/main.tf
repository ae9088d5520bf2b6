# Flow logs and Resolver query logs of VPCs, in the provider's region.

locals {
  # All fields of versions 2 to 5, by name (VPC user guide, "Flow log records"). Versions 3 to 5 tell instances, TCP flags,
  # the addresses behind a NAT gateway, the region, AWS's services and the direction: without them some types cannot be
  # found, and who opened a connection is guessed more often.
  fields = [
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status", "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr",
    "pkt-dstaddr", "region", "az-id", "sublocation-type", "sublocation-id", "pkt-src-aws-service", "pkt-dst-aws-service",
    "flow-direction", "traffic-path",
  ]
  destination = var.folder == "" ? var.bucket_arn : "${var.bucket_arn}/${var.folder}/"
}

resource "aws_flow_log" "vpc" {
  for_each             = toset(var.vpc_ids)
  vpc_id               = each.value
  traffic_type         = "ALL" # port scans are mostly rejected
  log_destination_type = "s3"
  log_destination      = local.destination
  log_format           = join(" ", [for field in local.fields : "$${${field}}"])
  # Nitro instances have intervals of a minute or less whatever is asked for.
  max_aggregation_interval = 60
  destination_options {
    file_format = var.file_format
    # Picquet looks through whole days, so that folders of hours are more keys to no use.
    hive_compatible_partitions = false
    per_hour_partition         = false
  }
  tags = merge(var.tags, { Name = var.name })
}

resource "aws_route53_resolver_query_log_config" "vpc" {
  count           = length(var.vpc_ids) > 0 ? 1 : 0
  name            = var.name
  destination_arn = local.destination
  tags            = var.tags
}

resource "aws_route53_resolver_query_log_config_association" "vpc" {
  for_each                     = toset(var.vpc_ids)
  resolver_query_log_config_id = aws_route53_resolver_query_log_config.vpc[0].id
  resource_id                  = each.value
}
