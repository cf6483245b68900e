//! The details report of a payment collection run: what is collected, what is not
//! and why, and what it comes to. There is one of every run, as text, as
//! comma-separated values and as a page for print.
//!
//! Reports are written account by account, so that memory holds one. Each counts
//! for itself what it has written; the run compares the counts before it says that
//! it is finished.

mod csv;
mod html;
mod text;

#[cfg(test)]
mod tests;

use super::plan::{PlannedAccount, PlannedPayment};
use super::record::Mode;
use super::sums::{Amounts, NotSummed, Sums};
use crate::export::template::escape::leaves_line;
use arrears_domain::setup::ReportDetail;
use arrears_domain::{Currency, Date, Money};
use arrears_storage::document::Amount;
use std::borrow::Cow;

/// What a report says of its run.
pub(super) struct Head {
    pub(super) run_key: String,
    pub(super) number: u32,
    pub(super) agency: String,
    pub(super) agency_name: String,
    pub(super) profile: String,
    pub(super) profile_name: Option<String>,
    /// The word of the payment method.
    pub(super) method: &'static str,
    /// The bank's file, if there is one.
    pub(super) bank_format: Option<&'static str>,
    pub(super) mode: Mode,
    pub(super) base_date: Date,
    pub(super) collection_date: Date,
    /// When the run was initiated: a report that is made again is the same.
    pub(super) created_at: String,
    pub(super) detail: ReportDetail,
    pub(super) total_limit: Option<String>,
    /// Why the run was given up; none if it was not.
    pub(super) given_up: Option<String>,
}

/// Writes a report or a file: the head, each account of the plan, and the end.
pub(super) trait Report {
    /// Begins.
    fn head(&mut self, head: &Head, out: &mut Vec<u8>);

    /// Writes an account. If its payment was refused, there are code and reason.
    ///
    /// # Errors
    /// The amounts cannot be counted; nothing is written then.
    fn account(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), NotSummed>;

    /// Ends with what the run comes to.
    fn end(&mut self, sums: &Sums, out: &mut Vec<u8>);

    /// What was written, by its own count.
    fn counted(&self) -> Sums;
}

/// All reports of a run, with the extensions of their names.
pub(super) fn all() -> [(&'static str, Box<dyn Report + Send>); 3] {
    [
        ("txt", Box::new(text::Text::default())),
        ("csv", Box::new(csv::Csv::default())),
        ("html", Box::new(html::Html::default())),
    ]
}

impl Head {
    /// How far the run went, in a word and a sentence.
    fn standing(&self) -> (&'static str, &str) {
        if let Some(reason) = &self.given_up {
            return ("Given up", reason);
        }
        match self.mode {
            Mode::Collect => ("Collection", "the payments are posted."),
            Mode::Propose => ("Proposal", "nothing is posted until it is executed."),
            Mode::ReportOnly => ("Report only", "nothing was posted."),
        }
    }

    /// What else is said of the run, with labels.
    fn facts(&self) -> [(&'static str, String); 7] {
        let pair = |one: &str, other: Option<&str>| match other {
            Some(other) => format!("{one}, {other}"),
            None => one.to_owned(),
        };
        let limit = self.total_limit.clone().unwrap_or_else(|| "none".to_owned());
        [
            ("Profile", pair(&self.profile, self.profile_name.as_deref())),
            ("Method", pair(self.method, self.bank_format)),
            ("Base date", self.base_date.to_string()),
            ("Collection date", self.collection_date.to_string()),
            ("Total limit", limit),
            ("Detail", self.detail.as_str().to_owned()),
            ("Initiated", self.created_at.clone()),
        ]
    }
}

/// A transaction that is not collected.
struct NotCollected<'a> {
    id: &'a str,
    due_on: Option<Date>,
    open: &'a Amount,
    code: &'a str,
    reason: &'a str,
    /// The refused payment that was to collect it.
    payment: Option<&'a str>,
}

/// What a report has of an account.
struct Entry<'a> {
    planned: &'a PlannedAccount,
    /// What is collected.
    payment: Option<&'a PlannedPayment>,
    /// The payment that was planned and is refused.
    refused: Option<&'a str>,
    /// What is not collected.
    skipped: Vec<NotCollected<'a>>,
    /// The mandate that a prenote is for.
    prenote: Option<&'a str>,
}

impl<'a> Entry<'a> {
    /// None if there is nothing to say.
    fn of(planned: &'a PlannedAccount, refused: Option<(&'a str, &'a str)>) -> Option<Self> {
        let skipped = planned.skipped.iter().map(|it| NotCollected {
            id: &it.id,
            due_on: it.due_on,
            open: &it.open,
            code: &it.code,
            reason: &it.reason,
            payment: None,
        });
        let mut skipped: Vec<_> = skipped.collect();
        let mut payment = planned.payment.as_ref();
        let mut refused_id = None;
        if let Some((code, reason)) = refused
            && let Some(planned) = payment.take()
        {
            refused_id = Some(planned.id.as_str());
            skipped.extend(planned.items.iter().map(|it| NotCollected {
                id: &it.id,
                due_on: it.due_on,
                open: &it.open,
                code,
                reason,
                payment: refused_id,
            }));
        }
        let prenote = planned.prenote.as_ref().map(|it| it.mandate.as_str());
        let is_empty = payment.is_none() && skipped.is_empty() && prenote.is_none();
        let entry = Self { planned, payment, refused: refused_id, skipped, prenote };
        (!is_empty).then_some(entry)
    }

    fn account(&self) -> &'a str {
        &self.planned.inputs.account.id
    }

    fn name(&self) -> &'a str {
        self.planned.inputs.contact.as_ref().map_or("", |contact| &contact.name)
    }

    /// The currency of the account, and so of all its amounts.
    fn currency(&self) -> &'a str {
        &self.planned.inputs.account.currency
    }
}

/// Amounts as text: gross, discount, the tax in it, net.
pub(super) fn texts(currency: &str, amounts: &Amounts) -> [String; 4] {
    let minor_units = [
        amounts.gross_minor_units,
        amounts.discount_minor_units,
        amounts.discount_tax_minor_units,
        amounts.net_minor_units,
    ];
    minor_units.map(|minor_units| match Currency::parse(currency) {
        Ok(currency) => Money::from_minor_units(minor_units, currency).to_string(),
        // Nothing is counted in such a currency; if it were, it must be seen.
        Err(_) => format!("{minor_units} minor units"),
    })
}

/// How many of each there are.
fn counts(sums: &Sums) -> [(&'static str, u64); 4] {
    [
        ("Payments", sums.payments),
        ("Transactions in them", sums.transactions),
        ("Not collected", sums.skipped),
        ("Prenotes", sums.prenotes),
    ]
}

/// The text without what ends a line or turns what follows around: a name does not
/// pass for something else.
fn seen(text: &str) -> Cow<'_, str> {
    let turns = |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(|character| turns(character) || leaves_line(character)) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter(|character| !turns(*character));
    Cow::Owned(kept.map(|it| if leaves_line(it) { ' ' } else { it }).collect())
}

/// What a credit takes off: its amount is above zero in the plan.
fn taken_off(amount: &Amount) -> String {
    format!("-{}", amount.as_str())
}
