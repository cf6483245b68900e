//! Properties of events, on accounts made at random.

use super::book::Ledger;
use super::script::Words;
use super::*;
use crate::formula::random::Random;
use chrono::Days;

const ACCOUNTS: u64 = 400;
const EVENTS: usize = 25;
const TYPES: [&str; 4] = ["WATER", "GAS", "SUBSCRIPTION", "SEWER"];

/// An account with line items, and perhaps a record of each bill type that
/// names them all, some of them or none, and what followed from it.
pub(super) fn ledger(random: &mut Random) -> Ledger {
    let mut ledger = Ledger::new();
    let mut has = |line: String| ledger.has(&Words::of(&line));
    for bill_type in TYPES {
        let ids: Vec<String> =
            (0..random.below(4)).map(|at| format!("I-{bill_type}-{at}")).collect();
        for id in &ids {
            let day = 1 + random.below(28);
            has(format!("item {id} {bill_type} {} due=2026-05-{day:02}", amount(random)));
        }
        if random.below(4) == 0 {
            continue;
        }
        let named = &ids[..random.below(ids.len() + 1)];
        let items =
            if named.is_empty() { String::new() } else { format!("items={}", named.join(",")) };
        let place = random.pick(&["WATER/LATE", "WATER/FINAL", "WATER/RETURNED", "GAS/LATE"]);
        let owed = amount(random);
        has(format!("record D-{bill_type} {bill_type} {place} {owed} {items}"));
        if random.below(2) == 0 {
            let kind = random.pick(&["collections", "address-lien"]);
            let items = if random.below(2) == 0 { items.as_str() } else { "" };
            // The record that led to it may have been forgotten since.
            let origin = if random.below(8) == 0 { "OLD-" } else { "" };
            let owed = amount(random);
            has(format!(
                "record C-{bill_type} {kind} PLACED/AGENCY {owed} origin=D-{origin}{bill_type} {items}"
            ));
        }
    }
    ledger
}

fn amount(random: &mut Random) -> String {
    format!("{}.{:02}", random.below(120), random.below(100))
}

/// An event of any kind, right or wrong, dated about `day`.
fn event(random: &mut Random, ledger: &Ledger, number: usize, day: Date) -> Event {
    let on = day + Days::new(random.below(5) as u64) - Days::new(2);
    let record = match ledger.records.as_slice() {
        [] => None,
        some => Some(&some[random.below(some.len())]).filter(|_| random.below(4) > 0),
    };
    let delinquency = record.map(|record| record.id.clone());
    let code = "CODE".to_owned();
    let kind = match random.below(13) {
        0..4 => payment(random, number),
        4 | 5 => {
            let credits: Vec<&LineItem> = ledger.items.iter().filter(|it| it.is_credit()).collect();
            let payment = match credits.len() {
                0 => None,
                count => Some(credits[random.below(count)].id.clone()),
            };
            EventKind::PaymentReversed { payment, amount: None, void: Void::default() }
        }
        6 => EventKind::Held {
            delinquency,
            kind: HoldKind::ALL[random.below(4)],
            reason: "random".to_owned(),
            until: Some(on + Days::new(random.below(6) as u64)).filter(|_| random.below(2) == 0),
            amount: Some(Amount { text: amount(random), currency: None })
                .filter(|_| random.below(2) == 0),
        },
        7 => EventKind::Released { delinquency, kind: None, outcome: "random".to_owned() },
        8 => EventKind::Extended { delinquency, days: random.below(5) as i64 - 1 },
        9 => EventKind::Resolved { delinquency, of: DelinquencyKind::ALL.to_vec(), code },
        10 => EventKind::WrittenOff { delinquency, code },
        11 => EventKind::Acknowledged { delinquency, collection_agency: "NORTHSTAR".to_owned() },
        _ => EventKind::Placed(Placement {
            kind: DelinquencyKind::ALL[1 + random.below(3)],
            delinquency,
            items: Vec::new(),
            scheme: None,
            even_if_not_eligible: random.below(2) == 0,
            attributes: BTreeMap::new(),
        }),
    };
    Event { id: id(&format!("E-{number}")), account: id("A-1"), on, kind }
}

pub(super) fn payment(random: &mut Random, number: usize) -> EventKind {
    EventKind::PaymentPosted {
        payment: id(&format!("P-{number}")),
        amount: Amount { text: amount(random), currency: None },
        bill_type: Some(TYPES[random.below(4)].to_owned()).filter(|_| random.below(2) == 0),
    }
}

/// What is owed, by the account and by each record.
fn owed(ledger: &Ledger) -> (Money, Vec<(DelinquencyId, Money)>) {
    let records = ledger.records.iter().map(|record| (record.id.clone(), record.balance));
    (ledger.account.balance, records.collect())
}

fn at(day: u64) -> Date {
    date("2026-06-02") + Days::new(day)
}

#[test]
fn a_payment_that_is_reversed_leaves_what_was_owed() {
    let mut random = Random::new(11);
    let mut reversed = 0;
    for _ in 0..ACCOUNTS {
        let mut ledger = ledger(&mut random);
        let (before, open) = (owed(&ledger), open_items(&ledger));
        let post =
            Event { id: id("E-1"), account: id("A-1"), on: at(0), kind: payment(&mut random, 1) };
        if ledger.apply(&post).is_err() {
            continue;
        }
        let kind = EventKind::PaymentReversed {
            payment: Some(id("P-1")),
            amount: None,
            void: Void::default(),
        };
        let back = Event { id: id("E-2"), account: id("A-1"), on: at(1), kind };
        ledger.apply(&back).unwrap_or_else(|rejection| panic!("{rejection}: {ledger:?}"));
        assert_eq!((owed(&ledger), open_items(&ledger)), (before, open));
        ledger.check_processes();
        reversed += 1;
    }
    assert!(reversed > ACCOUNTS * 3 / 4, "most payments can be posted, not {reversed}");
}

fn open_items(ledger: &Ledger) -> Vec<crate::line_item::OpenItem> {
    crate::line_item::open_items(&ledger.items)
}

#[test]
fn a_payment_is_spent_once_and_never_on_more_than_is_owed() {
    let mut random = Random::new(12);
    for _ in 0..ACCOUNTS {
        let mut ledger = ledger(&mut random);
        for number in 0..4 {
            let (before, open) = (ledger.clone(), open_items(&ledger));
            let kind = payment(&mut random, number);
            let post = Event { id: id("E-1"), account: id("A-1"), on: at(0), kind };
            let Ok(applied) = ledger.apply(&post) else { continue };
            let [credit] = applied.items.as_slice() else { panic!("one credit: {applied:?}") };
            let spent: i64 = credit.spent.iter().map(|(_, amount)| amount.minor_units()).sum();
            assert!(spent <= -credit.amount.minor_units(), "{credit:?}");
            for (debit, amount) in &credit.spent {
                let left = open.iter().find(|item| item.id == *debit);
                let left = left.map(|item| item.open_minor_units).or_else(|| {
                    let record = before.records.iter().find(|it| it.id.as_str() == debit.as_str());
                    record.map(|record| record.balance.minor_units())
                });
                assert!(Some(amount.minor_units()) <= left && amount.minor_units() > 0);
            }
            for (lowered, share) in &credit.lowered {
                let record = before.records.iter().find(|it| it.id == *lowered).unwrap();
                assert!(share.minor_units() <= record.balance.minor_units(), "{credit:?}");
            }
            // What the items have lost is what was spent on them, and the rest
            // of the credit.
            let sum = |items: &[crate::line_item::OpenItem]| -> i64 {
                items.iter().map(|item| item.open_minor_units).sum()
            };
            let lost = sum(&open) - sum(&open_items(&ledger));
            assert!((0..=-credit.amount.minor_units()).contains(&lost), "{credit:?}");
        }
    }
}

#[test]
fn whatever_happens_history_is_whole_and_a_process_has_one_open_record() {
    let mut random = Random::new(13);
    let (mut applied, mut rejected) = (0, std::collections::BTreeMap::new());
    for _ in 0..ACCOUNTS {
        let mut ledger = ledger(&mut random);
        for number in 0..EVENTS {
            let day = at(number as u64);
            let event = event(&mut random, &ledger, number, day);
            let before = ledger.clone();
            match ledger.apply(&event) {
                Ok(_) => applied += 1,
                Err(rejection) => {
                    assert_eq!(ledger, before, "a rejection changes nothing");
                    *rejected.entry(rejection.code()).or_insert(0) += 1;
                }
            }
            if random.below(3) == 0 {
                ledger.enter(TYPES[random.below(3)], day);
            }
            ledger.check_processes();
            let broken = ledger.records.iter().find(|it| it.balance.minor_units() < 0);
            assert_eq!(broken, None, "no record owes less than nothing");
        }
    }
    assert!(applied > 4_000 && rejected.len() > 10, "{applied} applied, rejected: {rejected:?}");
}

/// Items that come due one after the other, payments and reversals of any of
/// them, and a run each day: no record but those that runs have begun.
#[test]
fn what_items_tell_is_what_records_owe_however_payments_come_and_go() {
    let mut random = Random::new(14);
    let mut reopened = 0;
    for _ in 0..ACCOUNTS {
        let mut ledger = Ledger::new();
        for number in 0..EVENTS {
            let day = at(number as u64);
            let bill_type = TYPES[random.below(2)];
            // The older the item, the earlier it was posted: free credit pays it.
            if random.below(3) == 0 {
                let line = format!("item I-{number} {bill_type} {} due={day}", amount(&mut random));
                ledger.has(&Words::of(&line));
            }
            let credits: Vec<&LineItem> = ledger.items.iter().filter(|it| it.is_credit()).collect();
            let kind = match credits.len() {
                count if count > 0 && random.below(3) == 0 => {
                    let payment = Some(credits[random.below(count)].id.clone());
                    EventKind::PaymentReversed { payment, amount: None, void: Void::default() }
                }
                _ => payment(&mut random, number),
            };
            let event = Event { id: id(&format!("E-{number}")), account: id("A-1"), on: day, kind };
            if let Ok(applied) = ledger.apply(&event) {
                let opens = |it: &&(Changed, _)| !it.0.before.as_ref().unwrap().is_open();
                reopened += applied.changes.iter().filter(opens).count();
            }
            ledger.enter(bill_type, day);
            check_told(&ledger);
            ledger.check_processes();
        }
    }
    assert!(reopened > 100, "records are opened again, not {reopened}");
}

/// An open record owes what is unpaid of its items; an unpaid item whose records
/// are all resolved was left unpaid by one of them.
fn check_told(ledger: &Ledger) {
    let open = open_items(ledger);
    for record in ledger.records.iter().filter(|record| record.is_open()) {
        let own = open.iter().filter(|item| record.items.contains(&item.id));
        let told: i64 = own.map(|item| item.open_minor_units).sum();
        assert_eq!(record.balance.minor_units(), told, "{record:?} in {ledger:?}");
    }
    for item in &open {
        let mut about = ledger.records.iter().filter(|it| it.items.contains(&item.id)).peekable();
        let is_left = |it: &Delinquency| it.is_open() || it.balance.minor_units() > 0;
        assert!(about.peek().is_none() || about.any(is_left), "{item:?} in {ledger:?}");
    }
}
