# One module is one agency: its own table, buckets, functions and alarms. Apply it
# from this folder, or use it as a module of your own configuration; then leave
# `provider.tf` out and hand in a provider.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
