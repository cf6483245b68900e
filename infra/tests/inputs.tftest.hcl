# What is refused before anything is made.

mock_provider "aws" {
  source = "./tests/aws"
}

run "packages" {
  module {
    source = "./tests/packages"
  }
}

run "agency_with_capitals" {
  command = plan

  variables {
    package_folder = run.packages.folder
    agency         = "Rivertown"
  }

  expect_failures = [var.agency]
}

run "agency_that_is_too_long" {
  command = plan

  variables {
    package_folder = run.packages.folder
    agency         = "a-town-with-a-long-name"
  }

  expect_failures = [var.agency]
}

run "agency_that_reaches_into_others" {
  command = plan

  variables {
    package_folder = run.packages.folder
    agency         = "a*"
  }

  expect_failures = [var.agency]
}

run "region_that_is_none" {
  command = plan

  variables {
    package_folder = run.packages.folder
    region         = "Frankfurt"
  }

  expect_failures = [var.region]
}

run "zone_without_summer" {
  command = plan

  variables {
    package_folder = run.packages.folder
    time_zone      = "EST"
  }

  expect_failures = [var.time_zone]
}

run "schedule_that_is_a_rate" {
  command = plan

  variables {
    package_folder = run.packages.folder
    schedules      = { collections = { cron = "rate(1 day)" } }
  }

  expect_failures = [var.schedules]
}

run "schedule_with_five_fields" {
  command = plan

  variables {
    package_folder = run.packages.folder
    schedules      = { exports = { WEEKLY = { cron = "cron(0 7 ? * MON)" } } }
  }

  expect_failures = [var.schedules]
}

run "code_that_is_no_name" {
  command = plan

  variables {
    package_folder = run.packages.folder
    schedules      = { exports = { "a b" = { cron = "cron(0 7 ? * MON *)" } } }
  }

  expect_failures = [var.schedules]
}

run "mode_that_is_none" {
  command = plan

  variables {
    package_folder = run.packages.folder
    schedules      = { payments = { DD = { cron = "cron(0 7 ? * MON *)", mode = "try" } } }
  }

  expect_failures = [var.schedules]
}

run "kind_that_is_not_watched" {
  command = plan

  variables {
    package_folder      = run.packages.folder
    run_missing_after_h = { exports = 26 }
  }

  expect_failures = [var.run_missing_after_h]
}

run "run_missed_after_a_month" {
  command = plan

  variables {
    package_folder      = run.packages.folder
    run_missing_after_h = { export = 744 }
  }

  expect_failures = [var.run_missing_after_h]
}

run "processor_that_is_none" {
  command = plan

  variables {
    package_folder = run.packages.folder
    architecture   = "x86"
  }

  expect_failures = [var.architecture]
}

run "table_smaller_than_a_partition" {
  command = plan

  variables {
    package_folder  = run.packages.folder
    write_units_max = 500
  }

  expect_failures = [var.write_units_max]
}

run "function_without_room" {
  command = plan

  variables {
    package_folder = run.packages.folder
    memory_mb      = { run = 128 }
  }

  expect_failures = [var.memory_mb]
}

run "function_longer_than_lambda_allows" {
  command = plan

  variables {
    package_folder = run.packages.folder
    timeout_s      = { run = 901 }
  }

  expect_failures = [var.timeout_s]
}

run "function_that_has_to_stop_at_once" {
  command = plan

  variables {
    package_folder = run.packages.folder
    timeout_s      = { events = 30 }
  }

  expect_failures = [var.timeout_s]
}

run "run_without_time" {
  command = plan

  variables {
    package_folder = run.packages.folder
    run_timeout_h  = 0
  }

  expect_failures = [var.run_timeout_h]
}

run "logs_for_ever" {
  command = plan

  variables {
    package_folder     = run.packages.folder
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "versions_that_are_gone_at_once" {
  command = plan

  variables {
    package_folder           = run.packages.folder
    noncurrent_versions_days = 1
  }

  expect_failures = [var.noncurrent_versions_days]
}

run "address_that_is_none" {
  command = plan

  variables {
    package_folder = run.packages.folder
    alarm_email    = "operators"
  }

  expect_failures = [var.alarm_email]
}

run "share_above_all" {
  command = plan

  variables {
    package_folder          = run.packages.folder
    error_share_max_percent = 101
  }

  expect_failures = [var.error_share_max_percent]
}

run "run_that_is_old_at_once" {
  command = plan

  variables {
    package_folder = run.packages.folder
    run_age_max_h  = 0
  }

  expect_failures = [var.run_age_max_h]
}

run "budget_below_nothing" {
  command = plan

  variables {
    package_folder     = run.packages.folder
    monthly_budget_usd = -1
  }

  expect_failures = [var.monthly_budget_usd]
}

run "stand_in_elsewhere" {
  command = plan

  variables {
    package_folder = run.packages.folder
    endpoint       = "http://example.org"
  }

  expect_failures = [var.endpoint]
}

run "packages_that_are_not_built" {
  command = plan

  variables {
    package_folder = "tests/nothing"
  }

  expect_failures = [aws_lambda_function.all]
}
