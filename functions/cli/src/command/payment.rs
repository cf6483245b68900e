//! `arrears payment`: post, reverse.

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
        Payment::Reverse(Reverse { about, id, payment, amount, currency }) => {
            let data = [
                ("payment", text(payment.as_ref())),
                ("amount", text(amount.as_ref())),
                ("currency", text(currency.as_ref())),
            ];
            about.happen(session, "arrears.payment.reversed", id, data).await
        }
    }
}
