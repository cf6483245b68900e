//! The criteria of a profile, put to one account. All of them must hold;
//! *Withheld* is never collected and *Force* always is, but from no suspended or
//! closed account, in no other currency and under no missing mandate (source
//! document on the payment collection run, with the resolutions PAY1, PAY5 and
//! PAY8).

use super::present::{free_rests, settled_credits};
use super::{CollectedItem, PAYMENT_ITEMS_MAX, Payment, SkipReason, Skipped, discount};
use crate::formula::{AccountCase, Value};
use crate::line_item::{OpenItem, Spending, spending};
use crate::mandate::MandateProblem;
use crate::setup::{BankFormat, PaymentMethod, PaymentProfile};
use crate::{
    Account, AccountStatus, AllocationMarker, Contact, Date, LineItem, LineItemId, Mandate,
    MandateId, Money, MoneyError,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Times that a debit may be presented: once, and twice again (NACHA rules).
const PRESENTATIONS_MAX: u32 = 3;

/// What is the same for all accounts of a run.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The profile.
    pub profile: &'a PaymentProfile,
    /// The base date for payment, which is the date of the run.
    pub on: Date,
    /// When the money is to come: see [`collection_date`](super::collection_date).
    pub collection_date: Date,
}

/// An account, with all that the criteria may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// Its line items.
    pub items: &'a [LineItem],
    /// Its mandates.
    pub mandates: &'a [Mandate],
    /// The line items that other proposals have, and which one has each.
    pub locked: &'a BTreeMap<LineItemId, String>,
    /// What an operator has said of line items.
    pub edits: &'a BTreeMap<LineItemId, Edit>,
}

/// What an operator has said of a line item of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Leave it out of this proposal.
    Exclude {
        /// Why.
        reason: String,
    },
    /// Leave it out of this proposal and of all runs before a date.
    Defer {
        /// The first base date for payment of which it is collected again.
        until: Date,
        /// Why.
        reason: String,
    },
    /// Collect it though a criterion of the profile says no.
    Force {
        /// Why.
        reason: String,
    },
}

/// What becomes of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// What is collected; none if nothing is.
    pub payment: Option<Payment>,
    /// What is not collected, in the order of line items.
    pub skipped: Vec<Skipped>,
    /// The mandate for which a prenote is to be sent.
    pub prenote: Option<MandateId>,
}

/// Puts the criteria to an account.
#[must_use]
pub fn select(run: &Run<'_>, inputs: &Inputs<'_>) -> Selected {
    let spending = spending(inputs.items);
    let waits = |item: &&LineItem| !item.is_credit() && !item.marker.is_settled();
    let candidates: Vec<&LineItem> = inputs.items.iter().filter(waits).collect();
    let case = Case { run, inputs, spending: &spending };
    let mut selected = Selected::default();
    let mut taken = Vec::new();
    let of_account = case.account_reason();
    for item in candidates {
        match of_account.clone().or_else(|| case.reason(item)) {
            Some(reason) => selected.skipped.push(case.skipped(item, reason)),
            None => taken.push(item),
        }
    }
    taken.sort_by_key(|item| (item.due_on.is_none(), item.due_on, item.id.clone()));
    for item in case.beyond_most(&mut taken) {
        let reason = SkipReason::TooManyItems(PAYMENT_ITEMS_MAX);
        selected.skipped.push(case.skipped(item, reason));
    }
    if !taken.is_empty() {
        match case.payment(&taken) {
            Ok(payment) => selected.payment = Some(payment),
            Err(reason) => {
                if let SkipReason::Mandate(MandateProblem::NotPrenoted(mandate)) = &reason {
                    selected.prenote = Some(mandate.clone());
                }
                let skipped = taken.iter().map(|item| case.skipped(item, reason.clone()));
                selected.skipped.extend(skipped);
            }
        }
    }
    selected.skipped.sort_by(|a, b| a.item.cmp(&b.item));
    selected
}

struct Case<'a> {
    run: &'a Run<'a>,
    inputs: &'a Inputs<'a>,
    spending: &'a Spending,
}

impl<'a> Case<'a> {
    /// Why nothing of the account is collected.
    fn account_reason(&self) -> Option<SkipReason> {
        let (account, profile) = (self.inputs.account, self.run.profile);
        match account.status {
            AccountStatus::Closed => return Some(SkipReason::AccountClosed),
            AccountStatus::Suspended => return Some(SkipReason::AccountSuspended),
            AccountStatus::Open => {}
        }
        let currency = account.currency();
        if !profile.currencies.contains(&currency) {
            return Some(SkipReason::OtherCurrency(currency.code().to_owned()));
        }
        if !profile.classes.is_empty() && !profile.classes.contains(&account.class) {
            return Some(SkipReason::AccountNotSelected);
        }
        let formula = profile.accounts.as_ref()?;
        let contact = self.inputs.contact;
        match formula.evaluate(&AccountCase { account, contact, as_of: self.run.on }) {
            Ok(evaluated) if evaluated.value == Value::Bool(true) => None,
            Ok(_) => Some(SkipReason::AccountNotSelected),
            Err(error) => Some(SkipReason::SelectionFailed(error.to_string())),
        }
    }

    /// Why a transaction is not collected.
    fn reason(&self, item: &LineItem) -> Option<SkipReason> {
        let edit = self.inputs.edits.get(&item.id);
        if item.marker == AllocationMarker::Withheld {
            return Some(SkipReason::Withheld);
        }
        match edit {
            Some(Edit::Exclude { reason }) => return Some(SkipReason::Excluded(reason.clone())),
            Some(Edit::Defer { until, .. }) => {
                return Some(SkipReason::Deferred(until.to_string()));
            }
            Some(Edit::Force { .. }) | None => {}
        }
        if let Some(proposal) = self.inputs.locked.get(&item.id) {
            return Some(SkipReason::Locked(proposal.clone()));
        }
        if self.open(item).minor_units() == 0 {
            return Some(SkipReason::NothingOpen);
        }
        if let Some(credit) = self.withheld_credit(item) {
            return Some(SkipReason::PartlyWithheld(credit));
        }
        let is_ach = matches!(self.run.profile.bank, Some(BankFormat::Nacha(_)));
        if is_ach && item.terms.returned >= PRESENTATIONS_MAX {
            return Some(SkipReason::PresentedTooOften(item.terms.returned));
        }
        let is_forced = item.marker == AllocationMarker::Force || edit.is_some();
        if is_forced { None } else { self.criterion(item) }
    }

    /// What *Force* overrides.
    fn criterion(&self, item: &LineItem) -> Option<SkipReason> {
        let (profile, on) = (self.run.profile, self.run.on);
        if let Some(until) = item.terms.deferred_until.filter(|until| *until > on) {
            return Some(SkipReason::Deferred(until.to_string()));
        }
        let bills = |bill_type: &String| profile.bill_types.contains(bill_type);
        if !profile.bill_types.is_empty() && !item.bill_type.as_ref().is_some_and(bills) {
            return Some(SkipReason::OtherBillType);
        }
        if profile.immediate_settlement {
            return None;
        }
        let Some(due_on) = item.due_on else { return Some(SkipReason::NoDueDate) };
        let within = chrono::Days::new(profile.due_within_days.into());
        let is_due = on.checked_add_days(within).is_none_or(|last| due_on <= last);
        (!is_due).then(|| SkipReason::NotDue(due_on.to_string()))
    }

    /// A credit that is withheld, and has paid a part of the item.
    fn withheld_credit(&self, item: &LineItem) -> Option<LineItemId> {
        let is_withheld = |id: &LineItemId| {
            let mut items = self.inputs.items.iter();
            items.any(|it| it.id == *id && it.marker == AllocationMarker::Withheld)
        };
        let mut parts = self.spending.spent.iter();
        let of_item = parts.find(|(credit, debit, _)| *debit == item.id && is_withheld(credit));
        of_item.map(|(credit, ..)| credit.clone())
    }

    fn money(&self, minor_units: i64) -> Money {
        Money::from_minor_units(minor_units, self.inputs.account.currency())
    }

    /// What is open of an item.
    fn open(&self, item: &LineItem) -> Money {
        let found = self.spending.open.iter().find(|open| open.id == item.id);
        self.money(found.map_or(0, |open: &OpenItem| open.open_minor_units))
    }

    fn skipped(&self, item: &LineItem, reason: SkipReason) -> Skipped {
        Skipped { item: item.id.clone(), open: self.open(item), reason }
    }

    /// Takes out the youngest items for which a payment has no room.
    fn beyond_most(&self, taken: &mut Vec<&'a LineItem>) -> Vec<&'a LineItem> {
        let rests = self.spending.rests.iter().map(|(credit, _)| credit);
        let mut credits: BTreeSet<&LineItemId> = rests.collect();
        let has_room = |(at, item): (usize, &&LineItem)| {
            let parts = self.spending.spent.iter();
            credits.extend(parts.filter(|(_, debit, _)| *debit == item.id).map(|(it, ..)| it));
            at + 1 + credits.len() <= PAYMENT_ITEMS_MAX
        };
        let room = taken.iter().enumerate().map(has_room).take_while(|has_room| *has_room).count();
        taken.split_off(room)
    }

    /// What is collected of the items that are taken.
    fn payment(&self, taken: &[&LineItem]) -> Result<Payment, SkipReason> {
        let amount = |error: MoneyError| SkipReason::Amount(error.to_string());
        let items = taken.iter().map(|item| self.collected(item)).collect::<Result<Vec<_>, _>>();
        let items = items.map_err(amount)?;
        let sum = |of: fn(&CollectedItem) -> Money| {
            let mut amounts = items.iter().map(of);
            amounts.try_fold(self.money(0), Money::checked_add).map_err(amount)
        };
        let (open, discount, discount_tax) =
            (sum(|it| it.open)?, sum(|it| it.discount)?, sum(|it| it.discount_tax)?);
        let mut rests = free_rests(self.inputs.items, self.spending);
        let rests = rests.try_fold(self.money(0), |sum, (_, rest)| {
            sum.checked_add(self.money(rest)).map_err(amount)
        })?;
        let gross = open.checked_sub(rests).map_err(amount)?;
        let net = gross.checked_sub(discount).map_err(amount)?;
        if net.minor_units() <= 0 {
            let beyond = self.money(0).checked_sub(net).map_err(amount)?;
            return Err(SkipReason::NetsToCredit(beyond.to_string()));
        }
        self.check_minimum(taken, net)?;
        Ok(Payment {
            credits: self.credits(&items),
            items,
            gross,
            discount,
            discount_tax,
            net,
            mandate: self.mandate()?,
            collection_date: self.run.collection_date,
        })
    }

    fn check_minimum(&self, taken: &[&LineItem], net: Money) -> Result<(), SkipReason> {
        let is_forced = |item: &&LineItem| {
            let edit = self.inputs.edits.get(&item.id);
            item.marker == AllocationMarker::Force || matches!(edit, Some(Edit::Force { .. }))
        };
        if net.to_decimal() < self.run.profile.minimum && !taken.iter().any(is_forced) {
            return Err(SkipReason::BelowMinimum(net.to_string()));
        }
        Ok(())
    }

    fn collected(&self, item: &LineItem) -> Result<CollectedItem, MoneyError> {
        let profile = self.run.profile;
        let (mut percent, mut tax) = (Decimal::ZERO, Decimal::ZERO);
        if profile.take_discount {
            let own = item.terms.discount_percent.or(profile.discount_percent);
            percent = own.unwrap_or_default();
            let own = item.terms.discount_tax_percent.or(profile.discount_tax_percent);
            tax = own.unwrap_or_default();
        }
        let open = self.open(item);
        let discount = discount(open, percent, tax)?;
        Ok(CollectedItem {
            id: item.id.clone(),
            due_on: item.due_on,
            amount: item.amount,
            open,
            discount: discount.amount,
            discount_tax: discount.tax,
        })
    }

    /// The credits that are settled with the items.
    fn credits(&self, items: &[CollectedItem]) -> Vec<(LineItemId, Money)> {
        let debits = items.iter().map(|item| &item.id).collect();
        let credits = settled_credits(self.inputs.items, self.spending, &debits);
        credits.into_iter().map(|(id, part)| (id, self.money(part))).collect()
    }

    /// The mandate under which the bank collects: one that may be used, and of
    /// several the one that was signed last.
    fn mandate(&self) -> Result<Option<Mandate>, SkipReason> {
        let profile = self.run.profile;
        let (PaymentMethod::Bank, Some(bank)) = (profile.method, &profile.bank) else {
            return Ok(None);
        };
        let (is_sepa, what) = match bank {
            BankFormat::Pain008(_) => (true, "SEPA direct debit"),
            BankFormat::Nacha(_) => (false, "ACH debits"),
        };
        let contact = self.inputs.contact.map(|contact| &contact.id);
        let own = self.inputs.mandates.iter().filter(|it| it.scheme.is_sepa() == is_sepa);
        let mut own: Vec<&Mandate> = own.collect();
        own.sort_by(|a, b| (b.signed_on, &b.id).cmp(&(a.signed_on, &a.id)));
        let check = |mandate: &Mandate| {
            let Run { on, collection_date, profile } = *self.run;
            mandate.check(contact, on, collection_date, profile.prenote)
        };
        if let Some(usable) = own.iter().find(|mandate| check(mandate).is_ok()) {
            return Ok(Some((*usable).clone()));
        }
        let first = own.first().map(|mandate| check(mandate));
        Err(match first {
            Some(Err(problem)) => SkipReason::Mandate(problem),
            _ => SkipReason::NoMandate(what),
        })
    }
}
