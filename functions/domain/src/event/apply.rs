//! What all events have in common: which record is meant, on which date, and
//! how a change is made.

use super::{
    Amount, Applied, Book, Event, EventKind, Rejection, collection, money, placement, reversal,
    staff,
};
use crate::decide::{Change, Changed, EntryInputs, Explanation, Inputs, change};
use crate::{
    Account, Date, Delinquency, DelinquencyId, DelinquencyStatus, Identifier, Money, Setup,
};

/// What an event comes to.
///
/// # Errors
/// The event cannot be applied to the account as it stands; nothing of it may be
/// written.
pub fn apply(setup: &Setup, book: &Book<'_>, event: &Event) -> Result<Applied, Rejection> {
    let case = Case { setup, book: *book, event };
    match &event.kind {
        EventKind::PaymentPosted { .. } => money::posted(&case),
        EventKind::PaymentReversed { .. } => reversal::reversed(&case),
        EventKind::Collected(collected) => collection::collected(&case, collected),
        EventKind::WrittenOff { delinquency, code } => {
            money::written_off(&case, delinquency.as_ref(), code)
        }
        EventKind::Held { .. } => staff::held(&case),
        EventKind::Released { .. } => staff::released(&case),
        EventKind::Extended { delinquency, days } => {
            staff::extended(&case, delinquency.as_ref(), *days)
        }
        EventKind::Resolved { .. } => staff::resolved(&case),
        EventKind::Placed(placement) => placement::placed(&case, placement),
        EventKind::Acknowledged { delinquency, .. } => {
            placement::acknowledged(&case, delinquency.as_ref())
        }
    }
}

/// An event with what it is applied to.
pub(super) struct Case<'a> {
    pub(super) setup: &'a Setup,
    pub(super) book: Book<'a>,
    pub(super) event: &'a Event,
}

impl<'a> Case<'a> {
    /// The open records of the account.
    pub(super) fn open(&self) -> impl Iterator<Item = &'a Delinquency> {
        self.book.delinquencies.iter().filter(|record| record.is_open())
    }

    /// The record that the event names; if it names none, the only one that
    /// fits.
    pub(super) fn record(
        &self,
        named: Option<&DelinquencyId>,
        what: &'static str,
        fits: impl Fn(&Delinquency) -> bool,
    ) -> Result<&'a Delinquency, Rejection> {
        let account = || self.book.account.id.to_string();
        if let Some(id) = named {
            let found = self.book.delinquencies.iter().find(|record| record.id == *id);
            return found.ok_or_else(|| Rejection::UnknownDelinquency {
                account: account(),
                delinquency: id.to_string(),
            });
        }
        let fitting: Vec<&Delinquency> =
            self.book.delinquencies.iter().filter(|record| fits(record)).collect();
        match fitting.as_slice() {
            [one] => Ok(one),
            [] => Err(Rejection::NoRecord { account: account(), what }),
            several => {
                let ids: Vec<&str> = several.iter().map(|it| it.id.as_str()).collect();
                let candidates = ids.join(", ");
                Err(Rejection::Ambiguous { account: account(), what, candidates })
            }
        }
    }

    /// Refuses what was said of a record before it came to where it stands: who
    /// said it did not know. That a record is resolved is said by the change.
    pub(super) fn timely(&self, record: &Delinquency) -> Result<(), Rejection> {
        let (on, since) = (self.event.on, since(record));
        if record.is_open() && on < since {
            let delinquency = record.id.to_string();
            return Err(Rejection::Late { delinquency, on, since });
        }
        Ok(())
    }

    /// The date on which money that came late changes a record: never before the
    /// record came to where it stands.
    pub(super) fn date_for(&self, record: &Delinquency, explanation: &mut Explanation) -> Date {
        let (on, since) = (self.event.on, since(record));
        if on < since {
            let text = format!("the event of {on} came late: it counts from {since}");
            explanation.add("date", text);
        }
        on.max(since)
    }

    /// An amount in the account's currency, greater than nothing.
    pub(super) fn amount(&self, amount: &Amount) -> Result<Money, Rejection> {
        let currency = self.book.account.currency();
        if let Some(other) = amount.currency.filter(|other| *other != currency) {
            return Err(Rejection::OtherCurrency {
                event: other.code().to_owned(),
                account: currency.code().to_owned(),
            });
        }
        let amount = Money::parse(&amount.text, currency)?;
        if amount.minor_units() <= 0 {
            return Err(Rejection::AmountNotPositive(amount.to_string()));
        }
        Ok(amount)
    }

    /// What rules are asked with.
    pub(super) fn inputs<'r>(
        &self,
        record: &'r Delinquency,
        account: &'r Account,
        on: Date,
    ) -> Inputs<'r>
    where
        'a: 'r,
    {
        Inputs { delinquency: record, account, contact: self.book.contact, as_of: on }
    }

    /// What entry rules are asked with.
    pub(super) fn entry_inputs(&self) -> EntryInputs<'a> {
        let Book { account, contact, delinquencies, items, .. } = self.book;
        EntryInputs { account, contact, delinquencies, items, as_of: self.event.on }
    }

    /// A change of one record that touches no money.
    pub(super) fn change(
        &self,
        record: &Delinquency,
        wanted: &Change,
        mut explanation: Explanation,
    ) -> Result<Applied, Rejection> {
        let inputs = self.inputs(record, self.book.account, self.event.on);
        let changed = change(self.setup, &inputs, record, wanted, &mut explanation)?;
        Ok(self.without_money(vec![(changed, explanation)]))
    }

    /// An answer that leaves the account's balance as it is.
    pub(super) fn without_money(&self, changes: Vec<(Changed, Explanation)>) -> Applied {
        Applied {
            account: self.book.account.clone(),
            balance_change: Money::zero(self.book.account.currency()),
            items: Vec::new(),
            changed_items: Vec::new(),
            mandate: None,
            posting: None,
            looks_again: Vec::new(),
            changes,
        }
    }
}

/// Since when a record has stood where it stands.
fn since(record: &Delinquency) -> Date {
    match record.status {
        DelinquencyStatus::Open => record.entered_on,
        DelinquencyStatus::Resolved { on, .. } => record.entered_on.max(on),
    }
}

/// An explanation that begins with what happened.
pub(super) fn happened(text: String) -> Explanation {
    let mut explanation = Explanation::default();
    explanation.add("event", text);
    explanation
}
