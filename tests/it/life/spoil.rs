//! Ways in which books could be wrong, so that the checks are seen to find them.

use arrears_domain::{Delinquency, DelinquencyStatus, HistoryEvent, Identifier, Money};
use arrears_storage::AccountPage;

/// Spoils a page; none if it has nothing that could be spoilt so.
type Spoil = fn(&mut AccountPage) -> Option<()>;

pub const WAYS: [(&str, Spoil); 10] = [
    ("a cent on the account", |page| {
        page.account.balance = with_cent(page.account.balance);
        Some(())
    }),
    ("a cent on a record", |page| {
        let record = page.delinquencies.last_mut()?;
        record.balance = with_cent(record.balance);
        Some(())
    }),
    ("a cent in history", |page| {
        let told = page.transitions.iter_mut().rev().find_map(|it| it.balance.as_mut())?;
        *told = with_cent(*told);
        Some(())
    }),
    ("a record elsewhere", |page| {
        let record = page.delinquencies.iter_mut().find(|record| record.is_open())?;
        record.milestone = Identifier::parse("ELSEWHERE").ok()?;
        Some(())
    }),
    ("a day more of a stay", |page| {
        let record = page.delinquencies.last_mut()?;
        record.entered_on = record.entered_on.succ_opt()?;
        Some(())
    }),
    ("an entry of history too few", |page| page.transitions.pop().map(drop)),
    ("an effect twice", |page| {
        let performed =
            |transition: &&mut arrears_domain::Transition| transition.effects().next().is_some();
        let transition = page.transitions.iter_mut().find(performed)?;
        let action = transition.actions.iter().find(|action| !action.effects().is_empty())?;
        let again = action.clone();
        transition.actions.push(again);
        Some(())
    }),
    ("actions of another event", |page| {
        let mut transitions = page.transitions.iter_mut();
        let transition = transitions.find(|transition| !transition.actions.is_empty())?;
        transition.event = HistoryEvent::BalanceChanged;
        Some(())
    }),
    ("a process twice", |page| {
        let record = page.delinquencies.iter().find(|record| record.is_open())?.clone();
        page.delinquencies.push(Delinquency { status: DelinquencyStatus::Open, ..record });
        Some(())
    }),
    ("a payment too few", |page| {
        let events: Vec<String> = page.events.iter().map(|event| event.id.clone()).collect();
        let at = page.transactions.iter().position(|item| events.contains(&item.id))?;
        page.transactions.remove(at);
        Some(())
    }),
];

fn with_cent(money: Money) -> Money {
    Money::from_minor_units(money.minor_units() + 1, money.currency())
}
