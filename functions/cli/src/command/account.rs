//! `arrears account`: show, explain.

use super::run::date;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_domain::{AccountId, Date, DelinquencyKind};
use arrears_runs::ledger;
use arrears_runs::record::RunKind;
use arrears_runs::view::{self, AccountView};
use arrears_storage::Store;
use clap::{Args, Subcommand};
use std::collections::HashSet;

/// What to see of an account.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Show everything that is known of an account
    Show(Show),
    /// Explain why its records stand where they stand, and what comes next
    Explain(Explain),
}

/// Which account.
#[derive(Debug, Args)]
pub struct Show {
    /// The account's id
    #[arg(value_name = "ID")]
    account: AccountId,
}

/// Which account, and when.
#[derive(Debug, Args)]
pub struct Explain {
    /// The account's id
    #[arg(value_name = "ID")]
    account: AccountId,
    /// What a run on this date would do; the date of the last run that looks at
    /// such records if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
}

/// Does it.
///
/// # Errors
/// There is no such account, or the store fails.
pub async fn account(session: &Session, account: &Account) -> Result<Status, CommandError> {
    let (store, stored) = session.active().await?;
    match account {
        Account::Show(Show { account }) => {
            let view = view::show(&store, &stored, account).await?;
            let view = view.ok_or_else(|| unknown(account))?;
            session.output.answer(&view, || render::account::show(&view))?;
        }
        Account::Explain(Explain { account, as_of }) => {
            let view = view::show(&store, &stored, account).await?;
            let view = view.ok_or_else(|| unknown(account))?;
            let as_of = match as_of {
                Some(date) => *date,
                None => last_date(&store, &view).await?,
            };
            let story = view::explain(&store, &stored, account, as_of).await?;
            let story = story.ok_or_else(|| unknown(account))?;
            session.output.answer(&story, || render::story::explain(&story, &view))?;
        }
    }
    Ok(Status::Done)
}

fn unknown(account: &AccountId) -> CommandError {
    CommandError::Missing {
        what: format!("there is no account {account}"),
        hint: "`arrears book export` writes all of them".to_owned(),
    }
}

/// The date of the last run of the kinds that look at the account's records. The
/// clock is not asked: what a question is answered with shall not depend on when
/// it is put.
async fn last_date(store: &Store, view: &AccountView) -> Result<Date, CommandError> {
    let kinds = view.delinquencies.iter().filter_map(|it| DelinquencyKind::parse(&it.record.kind));
    let is_looked_at: HashSet<bool> = kinds.map(DelinquencyKind::is_in_collections_run).collect();
    let mut last = None;
    for kind in RunKind::ALL {
        if is_looked_at.is_empty() || is_looked_at.contains(&(kind == RunKind::Collections)) {
            last = last.max(ledger::last_run(store, kind).await?.map(|run| run.as_of));
        }
    }
    last.ok_or_else(|| {
        CommandError::Usage(
            "there has been no run yet that looks at this account: name a date with --as-of"
                .to_owned(),
        )
    })
}
