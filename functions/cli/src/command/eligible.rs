//! `arrears eligible`: the accounts that have reached a milestone which makes
//! them eligible for collections or a lien.

use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::render::table::Table;
use crate::session::Session;
use arrears_runs::view::{self, EligibleFor};
use clap::{Args, ValueEnum};

/// For what.
#[derive(Debug, Args)]
pub struct Eligible {
    /// What the accounts are eligible for
    #[arg(value_name = "FOR")]
    purpose: Purpose,
}

/// What an account may be eligible for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Purpose {
    /// To be sent to collections
    Collections,
    /// To have a lien added
    Lien,
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn eligible(session: &Session, eligible: &Eligible) -> Result<Status, CommandError> {
    let (store, stored) = session.active().await?;
    let (purpose, words) = match eligible.purpose {
        Purpose::Collections => (EligibleFor::Collections, "to be sent to collections"),
        Purpose::Lien => (EligibleFor::Lien, "for a lien"),
    };
    let accounts = view::eligible(&store, &stored, purpose).await?;
    session.output.answer(&accounts, || {
        let names = ["Account", "Record", "Scheme", "Milestone", "Since", "#Balance"];
        let mut table = Table::new(names);
        for it in &accounts {
            table.row([
                it.account.as_str(),
                &it.delinquency,
                &it.scheme,
                &it.milestone,
                &it.entered_on,
                &number::grouped(&it.balance),
            ]);
        }
        let count = number::counted(accounts.len() as u64, "account is", "accounts are");
        let lines = if table.is_empty() { String::new() } else { format!("\n{}", table.render()) };
        format!("{count} eligible {words}.\n{lines}")
    })?;
    Ok(Status::Done)
}
