//! The function `account-events`: what happens to accounts, from a queue.

use arrears_lambdas::account_events::AccountEvents;
use arrears_lambdas::serve;
use std::process::ExitCode;

fn main() -> ExitCode {
    serve(AccountEvents::new)
}
