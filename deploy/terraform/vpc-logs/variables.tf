variable "name" {
  description = "The name of the query logging configuration, and the tag Name of the flow logs."
  type        = string
  default     = "picquet"
}

variable "vpc_ids" {
  description = "VPCs of the provider's region."
  type        = list(string)
}

variable "bucket_arn" {
  description = "The bucket of the logs. Its policy must let this account deliver: source_accounts of the module above."
  type        = string
}

variable "folder" {
  description = "A folder of the bucket that AWSLogs/ is in, without slashes at its ends."
  type        = string
  default     = ""
}

variable "file_format" {
  description = "plain-text or parquet. Picquet reads both; text can be read up to where an object is cut, and Parquet with DELTA_BYTE_ARRAY pages cannot."
  type        = string
  default     = "plain-text"

  validation {
    condition     = contains(["plain-text", "parquet"], var.file_format)
    error_message = "It is plain-text or parquet."
  }
}

variable "tags" {
  description = "Tags of all that is made."
  type        = map(string)
  default     = {}
}
