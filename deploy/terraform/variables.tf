variable "name" {
  description = "The name of the queue, the role and whatever else is made."
  type        = string
  default     = "picquet"
}

variable "bucket_name" {
  description = "The bucket of the logs."
  type        = string
}

variable "create_bucket" {
  description = "Whether the bucket is made, with the policy that lets AWS deliver into it. If not, it must be there and be of this region."
  type        = bool
  default     = true
}

variable "notify" {
  description = "Whether the bucket's notifications are set. That takes the place of those the bucket has."
  type        = bool
  default     = true
}

variable "prefix" {
  description = "What the keys of logs begin with. AWS writes below AWSLogs/; a folder before it is named with its slash."
  type        = string
  default     = "AWSLogs/"

  validation {
    condition     = var.prefix == "AWSLogs/" || endswith(var.prefix, "/AWSLogs/")
    error_message = "It must end with AWSLogs/."
  }
}

variable "kms_key_arn" {
  description = "A customer managed key that the bucket encrypts with. Its policy must let CloudTrail and delivery.logs.amazonaws.com use it. Without it, S3's own keys are used."
  type        = string
  default     = null
}

variable "retention_days" {
  description = "Days after which logs are deleted from a bucket that is made here; 0 keeps them."
  type        = number
  default     = 90
}

variable "source_accounts" {
  description = "Accounts that deliver logs into the bucket, this one too if it does; this one alone when left out. Of an organization trail it is the management account."
  type        = list(string)
  default     = []
}

variable "organization_id" {
  description = "The organization whose trail delivers into the bucket."
  type        = string
  default     = null
}

variable "trail_arns" {
  description = "Trails that may deliver into the bucket; any of the source accounts when left out."
  type        = list(string)
  default     = []
}

variable "create_trail" {
  description = "Whether a trail is made: management events of all regions. The first copy of these is free in each account, a second trail is not."
  type        = bool
  default     = false
}

variable "vpc_ids" {
  description = "VPCs of this region whose flows and DNS queries are logged. For other regions and accounts, use vpc-logs."
  type        = list(string)
  default     = []
}

variable "flow_log_file_format" {
  description = "plain-text or parquet."
  type        = string
  default     = "plain-text"
}

variable "trusted_principals" {
  description = "ARNs of roles or users that take on the role, from here or from another account. They must give the external id."
  type        = list(string)
  default     = []
}

variable "external_id" {
  description = "What must be given to take on the role: a text that is not used for anything else."
  type        = string
  default     = null
}

variable "run_on_ec2" {
  description = "Whether Picquet runs on an instance of this account with the role as its profile."
  type        = bool
  default     = false
}

variable "assume_role_arns" {
  description = "Roles in other accounts that Picquet takes on, as role_arn of its sources and targets."
  type        = list(string)
  default     = []
}

variable "event_bus_arns" {
  description = "Event buses that findings are published to."
  type        = list(string)
  default     = []
}

variable "security_hub" {
  description = "Whether findings are published to Security Hub of this account."
  type        = bool
  default     = false
}

variable "export_arns" {
  description = "Where findings are exported to: arn:aws:s3:::BUCKET, or with /PREFIX."
  type        = list(string)
  default     = []
}

variable "export_kms_key_arns" {
  description = "Keys that exports are encrypted with."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of all that is made."
  type        = map(string)
  default     = {}
}
