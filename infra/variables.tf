# What the agency is.

variable "agency" {
  description = "The agency's id. Every key of the table and of the buckets begins with it; it can never change."
  type        = string
  default     = "default"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$", var.agency))
    error_message = "The agency's id is part of the names of buckets: at most 16 of a-z, 0-9 and -, and no - at its ends."
  }
}

variable "region" {
  description = "The region of AWS that has everything."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "The region is written as AWS writes it: us-east-1, eu-central-1."
  }
}

variable "time_zone" {
  description = "The IANA time zone of the schedules. It must be the `time_zone` of the agency's setup."
  type        = string
  default     = "America/New_York"

  validation {
    condition     = can(regex("^([A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+|UTC)$", var.time_zone))
    error_message = "The time zone is an IANA name such as Europe/Berlin, or UTC: an abbreviation such as EST knows no summer."
  }
}

# When what runs.

variable "schedules" {
  description = <<-TEXT
    When runs start, in the agency's time zone, by cron expressions of EventBridge
    Scheduler (minutes, hours, day of month, month, day of week, year). `exports` has the
    code of an export setup for a key, `payments` that of a payment profile.
  TEXT
  type = object({
    collections = optional(object({
      cron    = optional(string, "cron(0 6 * * ? *)")
      enabled = optional(bool, true)
    }), {})
    delinquency = optional(object({
      cron    = optional(string, "cron(0 5 * * ? *)")
      enabled = optional(bool, true)
    }), {})
    exports = optional(map(object({
      cron    = string
      enabled = optional(bool, true)
    })), {})
    payments = optional(map(object({
      cron    = string
      enabled = optional(bool, true)
      mode    = optional(string, "collect")
    })), {})
  })
  default = {}

  validation {
    condition = alltrue([
      for cron in concat(
        [var.schedules.collections.cron, var.schedules.delinquency.cron],
        [for schedule in var.schedules.exports : schedule.cron],
        [for schedule in var.schedules.payments : schedule.cron],
      ) : can(regex("^cron\\([^ ()]+( [^ ()]+){5}\\)$", cron))
    ])
    error_message = "A schedule is cron(...) with six fields, such as cron(0 6 * * ? *) for each day at six. A rate knows no time of day."
  }

  validation {
    condition = alltrue([
      for code in concat(keys(var.schedules.exports), keys(var.schedules.payments)) :
      can(regex("^[A-Za-z0-9_.-]{1,31}$", code))
    ])
    error_message = "A code of an export setup or payment profile is part of the name of its schedule: at most 31 letters, digits, _, . and -."
  }

  validation {
    condition = alltrue([
      for schedule in var.schedules.payments :
      contains(["collect", "propose", "report-only"], schedule.mode)
    ])
    error_message = "The mode of a payment collection run is collect, propose or report-only."
  }
}

variable "is_paused" {
  description = "Whether schedules and queues rest, so that nothing writes by itself: to restore the table (docs/OPERATE.md). Queues keep for four days what comes meanwhile."
  type        = bool
  default     = false
}

variable "run_missing_after_h" {
  description = "An alarm says that a run is missing if none of its kind has finished for so many hours. Only kinds that are named here are watched; 168 is the most that CloudWatch watches."
  type        = map(number)
  default     = { collections = 26, delinquency = 26 }

  validation {
    condition = alltrue([
      for kind in keys(var.run_missing_after_h) :
      contains(["collections", "delinquency", "export", "payment"], kind)
    ])
    error_message = "The kinds of runs are collections, delinquency, export and payment."
  }

  validation {
    condition = alltrue([
      for hours in values(var.run_missing_after_h) : hours >= 1 && hours <= 168 && floor(hours) == hours
    ])
    error_message = "A run is missed after 1 to 168 whole hours, the most that CloudWatch watches; leave out a kind that runs less often."
  }
}

# What it runs on.

variable "architecture" {
  description = "The processor of the functions. arm64 costs a fifth less; `cargo xtask package --arch` must have built the same."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "package_folder" {
  description = "Where `cargo xtask package` has put the functions and the built-in plugins."
  type        = string
  default     = "../target/lambda"
}

variable "write_units_max" {
  description = "The write units a second that the table can take: 4,000 for a new one, 40,000 by the quota of an account, or what AWS has granted. How many functions work at once follows from it."
  type        = number
  default     = 4000

  validation {
    condition     = var.write_units_max >= 1000 && floor(var.write_units_max) == var.write_units_max
    error_message = "Every table takes at least 1,000 write units a second: that is one partition."
  }
}

variable "is_table_capped" {
  description = "Whether the table refuses more than `write_units_max`: a bound on what a mistake can cost. Throttled runs take longer, and lose nothing."
  type        = bool
  default     = false
}

variable "memory_mb" {
  description = "The memory of the functions. A function gets a whole core at 1,769 MB."
  type = object({
    run          = optional(number, 1769)
    events       = optional(number, 1024)
    return_files = optional(number, 1769)
    plugin_admit = optional(number, 3008)
  })
  default = {}

  validation {
    condition     = alltrue([for memory in values(var.memory_mb) : memory >= 256 && memory <= 10240])
    error_message = "A function has 256 to 10,240 MB: below that eight plugins and a batch of accounts have no room."
  }
}

variable "timeout_s" {
  description = "How long an invocation may take. A run's function stops 60 s before, and goes on in the next one."
  type = object({
    run          = optional(number, 900)
    events       = optional(number, 90)
    return_files = optional(number, 600)
    plugin_admit = optional(number, 300)
  })
  default = {}

  validation {
    condition     = alltrue([for timeout in values(var.timeout_s) : timeout >= 90 && timeout <= 900])
    error_message = "A function may take 90 to 900 s: 900 is Lambda's limit, and less than 90 leaves no time before it has to stop."
  }
}

variable "run_timeout_h" {
  description = "After how many hours an execution is given up. What it has done stays, and it can be redriven."
  type        = number
  default     = 12

  validation {
    condition     = var.run_timeout_h >= 1 && var.run_timeout_h <= 72
    error_message = "A run may take 1 to 72 hours."
  }
}

variable "is_concurrency_reserved" {
  description = "Whether the run functions have their concurrency set aside, so that several runs at once together keep within the table's capacity. AWS wants 100 of the account's quota left unreserved, and a new account has 10: raise the quota first."
  type        = bool
  default     = false
}

# What is kept, and who is told.

variable "deletion_protection" {
  description = "Whether the table, the files and the key resist deletion. To remove an agency, set it to false and apply first."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for certain numbers of days only, such as 30, 90, 365 or 3653; never for ever here."
  }
}

variable "noncurrent_versions_days" {
  description = "How long a version of a file is kept that was replaced or deleted."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_versions_days >= 7
    error_message = "Keep replaced versions for at least 7 days: somebody has to notice the mistake first."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms; AWS sends a link to confirm first. Empty: subscribe something else to the topic."
  type        = string
  default     = ""

  validation {
    condition     = var.alarm_email == "" || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "That is no e-mail address."
  }
}

variable "error_share_max_percent" {
  description = "The share of a run's records that may be errors before somebody is told."
  type        = number
  default     = 5

  validation {
    condition     = var.error_share_max_percent > 0 && var.error_share_max_percent <= 100
    error_message = "A share is above 0 and at most 100 percent."
  }
}

variable "run_age_max_h" {
  description = "How old a run may get before somebody is told."
  type        = number
  default     = 4

  validation {
    condition     = var.run_age_max_h >= 1
    error_message = "A run may get at least an hour old."
  }
}

variable "monthly_budget_usd" {
  description = "A budget of the account's costs that carry the agency's tag; 0 for none. The tag `Agency` has to be activated as a cost allocation tag."
  type        = number
  default     = 100

  validation {
    condition     = var.monthly_budget_usd >= 0
    error_message = "A budget is not negative."
  }
}

variable "endpoint" {
  description = "A server that stands in for AWS, for tests. Empty for AWS."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint == "" || can(regex("^https?://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?$", var.endpoint))
    error_message = "Only a server of this machine may stand in for AWS: http://127.0.0.1:5000."
  }
}
