//! What holds of an account after each step, whatever has happened to it.

use arrears_domain::line_item::open_items;
use arrears_domain::{
    Delinquency, DelinquencyId, DelinquencyStatus, Identifier, LineItem, Money, Setup, Transition,
    TransitionEvent,
};
use arrears_storage::AccountPage;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with an account; nothing, in the end.
pub type Checked = Result<(), String>;

/// An account as it was in the book, and as it stands now.
pub struct Case<'a> {
    pub setup: &'a Setup,
    pub opening: &'a AccountPage,
    pub page: &'a AccountPage,
    items: Vec<LineItem>,
}

impl<'a> Case<'a> {
    pub fn new(setup: &'a Setup, opening: &'a AccountPage, page: &'a AccountPage) -> Self {
        let currency = page.account.currency();
        let items = page.transactions.iter().map(|line| line.to_line_item(currency).unwrap());
        Self { setup, opening, page, items: items.collect() }
    }

    pub fn check(&self) -> Checked {
        self.one_process_of_each()?;
        for record in &self.page.delinquencies {
            self.history_gives(record)?;
        }
        for transition in &self.page.transitions {
            self.right_actions(transition)?;
        }
        self.effects_once()?;
        self.account_balance()?;
        self.money_is_spent_once()?;
        self.items_tell_what_records_owe()?;
        self.balances_are_accounted_for()
    }

    fn one_process_of_each(&self) -> Checked {
        let open: Vec<&Delinquency> =
            self.page.delinquencies.iter().filter(|record| record.is_open()).collect();
        for (at, one) in open.iter().enumerate() {
            if let Some(other) = open[at + 1..].iter().find(|other| one.is_same_process(other)) {
                return Err(format!("{} and {} are one process, both open", one.id, other.id));
            }
        }
        Ok(())
    }

    fn opening(&self, id: &DelinquencyId) -> Option<&Delinquency> {
        self.opening.delinquencies.iter().find(|record| record.id == *id)
    }

    fn history(&self, id: &DelinquencyId) -> impl Iterator<Item = &Transition> {
        self.page.transitions.iter().filter(move |transition| transition.delinquency == *id)
    }

    /// History, replayed on what the book had, or on nothing, gives the record.
    fn history_gives(&self, record: &Delinquency) -> Checked {
        let mut replayed = self.opening(&record.id).cloned().unwrap_or_else(|| Delinquency {
            status: DelinquencyStatus::Open,
            balance: Money::zero(record.balance.currency()),
            oldest_debt_on: None,
            extension_days: 0,
            hold: None,
            sequence: 0,
            version: 0,
            ..record.clone()
        });
        for transition in self.history(&record.id) {
            if transition.sequence != replayed.sequence + 1 {
                return Err(format!("{}: no entry after {}", record.id, replayed.sequence));
            }
            replayed = transition.replayed_on(&replayed);
            replayed.version += 1;
        }
        // A record takes items in; history does not tell which.
        replayed.items.clone_from(&record.items);
        match replayed == *record {
            true => Ok(()),
            false => Err(format!("history gives {replayed:?}\nnot {record:?}")),
        }
    }

    /// Each action is one of the milestone and the event.
    fn right_actions(&self, transition: &Transition) -> Checked {
        let Some(event) = transition.event.performs() else {
            return match transition.actions.is_empty() {
                true => Ok(()),
                false => Err(format!("{} performed actions", transition.event.as_str())),
            };
        };
        let is_entry = event == TransitionEvent::EntryOrIncrement;
        let code = if is_entry { &transition.to } else { &transition.from };
        let code = code.as_ref().ok_or("no milestone whose actions were performed")?;
        let milestone = self.setup.milestone(&transition.scheme, code);
        let (_, milestone) = milestone.ok_or("no such milestone")?;
        for performed in &transition.actions {
            let action = &milestone.actions[performed.position as usize];
            if action.perform_on != event || action.action_type != performed.action_type {
                return Err(format!("{} was performed on {}", action.action_type, event.as_str()));
            }
        }
        Ok(())
    }

    fn effects_once(&self) -> Checked {
        let mut keys = BTreeSet::new();
        for (key, ..) in self.page.transitions.iter().flat_map(Transition::effects) {
            if !keys.insert(key.clone()) {
                return Err(format!("effect {key} happened twice"));
            }
        }
        Ok(())
    }

    fn new_items(&self) -> impl Iterator<Item = &LineItem> {
        let is_new = |item: &&LineItem| {
            !self.opening.transactions.iter().any(|known| known.id == item.id.as_str())
        };
        self.items.iter().filter(is_new)
    }

    /// What the account owes is what it owed, what events added, and charges.
    fn account_balance(&self) -> Checked {
        let mut owed = self.opening.account.balance.minor_units();
        owed += self.new_items().map(|item| item.amount.minor_units()).sum::<i64>();
        let effects = self.page.transitions.iter().flat_map(Transition::effects);
        let charged = effects.filter_map(|(_, _, effect)| effect.charged());
        owed += charged.map(Money::minor_units).sum::<i64>();
        let found = self.page.account.balance.minor_units();
        match owed == found {
            true => Ok(()),
            false => Err(format!("the account should owe {owed} cents, and owes {found}")),
        }
    }

    /// No credit spends more than it has; no debit is paid twice.
    fn money_is_spent_once(&self) -> Checked {
        let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
        for credit in self.items.iter().filter(|item| item.is_credit()) {
            let spent: i64 = credit.spent.iter().map(|(_, spent)| spent.minor_units()).sum();
            if spent > -credit.amount.minor_units() {
                return Err(format!("{} spends {spent} cents", credit.id));
            }
            if !credit.marker.is_settled() {
                for (id, spent) in &credit.spent {
                    *paid.entry(id.as_str()).or_default() += spent.minor_units();
                }
            }
        }
        for debit in self.items.iter().filter(|item| !item.is_credit()) {
            let paid = paid.get(debit.id.as_str()).copied().unwrap_or_default();
            if paid > debit.amount.minor_units() {
                return Err(format!("{} is paid {paid} cents", debit.id));
            }
        }
        Ok(())
    }

    /// An open record that names items owes what is unpaid of them.
    fn items_tell_what_records_owe(&self) -> Checked {
        let open = open_items(&self.items);
        for record in self.page.delinquencies.iter().filter(|it| it.is_open()) {
            let own = open.iter().filter(|item| record.items.contains(&item.id));
            let unpaid: i64 = own.map(|item| item.open_minor_units).sum();
            if !record.items.is_empty() && record.balance.minor_units() != unpaid {
                let (id, owed) = (&record.id, record.balance);
                return Err(format!("{id} owes {owed}, but of its items {unpaid} cents"));
            }
        }
        Ok(())
    }

    /// Each change of what a record owes is the share of a payment, its return,
    /// or of items that have come due; and each share is such a change.
    fn balances_are_accounted_for(&self) -> Checked {
        let mut changes: BTreeMap<&str, Vec<(&DelinquencyId, i64)>> = BTreeMap::new();
        for record in &self.page.delinquencies {
            let mut owed = self.opening(&record.id).map(|opening| opening.balance.minor_units());
            for transition in self.history(&record.id) {
                let Some(now) = transition.balance.map(Money::minor_units) else { continue };
                if now < 0 {
                    return Err(format!("{} owes less than nothing", record.id));
                }
                let change = owed.map_or(0, |owed| now - owed);
                changes.entry(&transition.cause).or_default().push((&record.id, change));
                owed = Some(now);
            }
        }
        for changes in changes.values_mut() {
            changes.retain(|(_, change)| *change != 0);
        }
        for item in self.new_items() {
            let found = changes.remove(self.cause_of(item)?.as_str()).unwrap_or_default();
            self.is_share(item, &found)?;
        }
        for (cause, changes) in changes {
            let is_event = cause.starts_with("event:");
            if let Some((id, change)) = changes.iter().find(|it| is_event || it.1 < 0) {
                return Err(format!("{cause} changed what {id} owes by {change} cents"));
            }
        }
        Ok(())
    }

    /// The event that made a line item: a payment has an id of its own only in
    /// books of others.
    fn cause_of(&self, item: &LineItem) -> Result<String, String> {
        let made = self.page.events.iter().find(|event| event.id == item.id.as_str());
        made.map(|event| format!("event:{}", event.id)).ok_or(format!("{}: made by whom?", item.id))
    }

    fn is_share(&self, item: &LineItem, changes: &[(&DelinquencyId, i64)]) -> Checked {
        let wrong = || Err(format!("{item:?} changes records by {changes:?}"));
        let Some(reversed) = &item.reverses else {
            let mut wanted: Vec<(&DelinquencyId, i64)> =
                item.lowered.iter().map(|(id, share)| (id, -share.minor_units())).collect();
            wanted.sort();
            return if wanted == changes { Ok(()) } else { wrong() };
        };
        // What is owed again is what its credit does not pay any more: not more
        // than the payment for any record, less where other credit pays instead.
        let reversed = self.items.iter().find(|item| item.id == *reversed);
        let paid = -reversed.ok_or("a reversal of nothing")?.amount.minor_units();
        if changes.iter().all(|(_, change)| (1..=paid).contains(change)) { Ok(()) } else { wrong() }
    }
}
