//! `arrears payment`: post, reverse; and what runs collect.

use super::collected::{self, Deferred, Edited, ImportReturn, Said, Show, VoidArguments};
use super::typed_event::{About, text};
use crate::failure::{CommandError, Status};
use crate::session::Session;
use arrears_domain::{EventId, LineItemId};
use clap::{ArgGroup, Args, Subcommand};

/// What became of money.
#[derive(Debug, Subcommand)]
pub enum Payment {
    /// Post a payment: the oldest debts are paid first
    ///
    /// What is paid in full is resolved, what falls below a rule's amount is
    /// decremented or resolved, and a promise that is paid in time is kept.
    Post(Post),
    /// Reverse a payment, such as a cheque that bounced
    ///
    /// What it had paid is owed again, and each record that it had lowered goes
    /// to its payment reversal milestone.
    Reverse(Reverse),
    /// Show the report of a payment collection run or proposal, with its edits
    Show(Show),
    /// Leave a transaction out of a proposal
    Exclude(Edited),
    /// Leave a transaction out of a proposal, and of all runs before a date
    Defer(Deferred),
    /// Collect a transaction with a proposal, though a criterion of its profile says no
    Force(Edited),
    /// Make void what a run has collected: one payment, or all of a run
    ///
    /// The ledger gets full reversals, the transactions may be collected again, and
    /// each record that a payment had lowered owes again. It may be repeated until all
    /// are void.
    Void(VoidArguments),
    /// Take in what a bank has returned
    ///
    /// Each returned debit makes its payment void, with the reason of the bank. What
    /// matches no payment is reported and left alone; the exit code is 1 then.
    ImportReturn(ImportReturn),
}

/// Which payment.
#[derive(Debug, Args)]
pub struct Post {
    #[command(flatten)]
    about: About,
    /// What makes the event happen once: with the same id it is not posted again
    #[arg(long, value_name = "EVENT_ID")]
    id: EventId,
    /// What was paid, such as 152.30
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    amount: String,
    /// The payment's own id, by which it may be reversed; the event's if not given
    #[arg(long, value_name = "ID")]
    payment: Option<LineItemId>,
    /// The currency; it must be the account's
    #[arg(long, value_name = "C")]
    currency: Option<String>,
    /// Pay debts of this bill type only
    #[arg(long, value_name = "T")]
    bill_type: Option<String>,
}

/// Which payment.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["payment", "amount"])))]
pub struct Reverse {
    #[command(flatten)]
    about: About,
    /// What makes the event happen once: with the same id it is not reversed again
    #[arg(long, value_name = "EVENT_ID")]
    id: EventId,
    /// The payment's own id; the last one of the amount if not given
    #[arg(long, value_name = "ID")]
    payment: Option<LineItemId>,
    /// What was paid; a payment is reversed as a whole
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The currency; it must be the account's
    #[arg(long, value_name = "C", requires = "amount")]
    currency: Option<String>,
    /// The reason code of a bank's return, of a payment that a run has collected
    #[arg(long, value_name = "CODE", requires = "payment")]
    return_code: Option<String>,
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn payment(session: &Session, payment: &Payment) -> Result<Status, CommandError> {
    match payment {
        Payment::Post(Post { about, id, amount, payment, currency, bill_type }) => {
            let data = [
                ("amount", text(Some(amount))),
                ("payment", text(payment.as_ref())),
                ("currency", text(currency.as_ref())),
                ("bill_type", text(bill_type.as_ref())),
            ];
            about.happen(session, "arrears.payment.posted", id, data).await
        }
        Payment::Reverse(Reverse { about, id, payment, amount, currency, return_code }) => {
            let data = [
                ("payment", text(payment.as_ref())),
                ("amount", text(amount.as_ref())),
                ("currency", text(currency.as_ref())),
                ("return_code", text(return_code.as_ref())),
            ];
            about.happen(session, "arrears.payment.reversed", id, data).await
        }
        Payment::Show(wanted) => collected::show(session, wanted).await,
        Payment::Exclude(edited) => collected::edit(session, edited, Said::Exclude).await,
        Payment::Defer(wanted) => collected::defer(session, wanted).await,
        Payment::Force(edited) => collected::edit(session, edited, Said::Force).await,
        Payment::Void(wanted) => collected::void(session, wanted).await,
        Payment::ImportReturn(wanted) => collected::import(session, wanted).await,
    }
}
