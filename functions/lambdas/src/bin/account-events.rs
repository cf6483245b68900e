//! The function `account-events`: what happens to accounts, from a queue.

use arrears_lambdas::account_events::AccountEvents;
use arrears_lambdas::serve;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    serve(|site| Arc::new(AccountEvents::new(site)))
}
