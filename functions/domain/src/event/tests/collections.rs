//! Collections of accounts made at random: what is collected, what remains, and
//! what a void gives back.

use super::book::Ledger;
use super::*;
use crate::bank::RoutingNumber;
use crate::formula::random::Random;
use crate::line_item::{open_items, spending};
use crate::mandate::{BankAccount, BankAccountType};
use crate::payment::{Edit, Inputs, PostingKind, Run, Selected, select};
use crate::setup::{
    BankFormat, Originator, PaymentMethod, PaymentProfile, PaymentsDebits, ReportDetail, Span,
};
use crate::{AllocationMarker, Terms};
use rust_decimal::Decimal;

const ACCOUNTS: u64 = 2_000;
const ON: &str = "2026-06-15";

fn routing_number() -> RoutingNumber {
    RoutingNumber::parse("231380104").unwrap()
}

pub(super) fn profile() -> PaymentProfile {
    PaymentProfile {
        code: "DD".to_owned(),
        name: None,
        payments_debits: PaymentsDebits::Collection,
        method: PaymentMethod::Bank,
        bank: Some(BankFormat::Nacha(Originator {
            name: "RIVERTOWN".to_owned(),
            company_id: "1234567890".to_owned(),
            routing_number: routing_number(),
            bank_name: "FIRST BANK".to_owned(),
            destination: None,
            origin: None,
            entry_description: "PAYMENT".to_owned(),
        })),
        currencies: vec![Currency::parse("USD").unwrap()],
        accounts: None,
        classes: Vec::new(),
        bill_types: Vec::new(),
        immediate_settlement: false,
        due_within_days: 0,
        minimum: Decimal::ZERO,
        total_limit: None,
        discount_percent: None,
        discount_tax_percent: None,
        take_discount: true,
        post: true,
        report: ReportDetail::List,
        lead_days: 1,
        pre_notification_days: 0,
        prenote: false,
        calendar: None,
        actions: Vec::new(),
        ledger: LedgerAccounts {
            debtor: "DEBTORS".to_owned(),
            bank: "BANK".to_owned(),
            discount: "DISCOUNT".to_owned(),
            discount_tax: "DISCOUNT-TAX".to_owned(),
        },
        span: Span::default(),
    }
}

fn mandate() -> Mandate {
    Mandate {
        id: id("M-1"),
        account: id("A-1"),
        debtor: None,
        scheme: crate::MandateScheme::NachaPpd,
        bank_account: BankAccount::Nacha {
            routing_number: routing_number(),
            account_number: "1".to_owned(),
            account_type: BankAccountType::Checking,
        },
        signed_on: None,
        state: MandateState::default(),
    }
}

fn selected(ledger: &Ledger, profile: &PaymentProfile) -> Selected {
    let run = Run { profile, on: date(ON), collection_date: date("2026-06-16") };
    select(
        &run,
        &Inputs {
            account: &ledger.account,
            contact: None,
            items: &ledger.items,
            mandates: &ledger.mandates,
            locked: &BTreeMap::new(),
            edits: &BTreeMap::<LineItemId, Edit>::new(),
        },
    )
}

fn collects(payment: Payment, number: usize) -> Event {
    let kind = EventKind::Collected(Box::new(Collected {
        payment: id(&format!("P000001-{number:07}")),
        run: id("payment-000001"),
        collects: payment,
        ledger: profile().ledger,
        actions: Vec::new(),
    }));
    Event { id: id(&format!("P000001-{number:07}")), account: id("A-1"), on: date(ON), kind }
}

fn voids(number: usize, void: Void) -> Event {
    let payment = Some(id(&format!("P000001-{number:07}")));
    let kind = EventKind::PaymentReversed { payment, amount: None, void };
    Event { id: id(&format!("V-{number}")), account: id("A-1"), on: date("2026-06-20"), kind }
}

/// An account of debits and credits with all markers, some of whose debits customers
/// have paid in part.
fn ledger(random: &mut Random) -> Ledger {
    let mut ledger = super::properties::ledger(random);
    ledger.mandates.push(mandate());
    for item in &mut ledger.items {
        item.marker = match random.below(8) {
            0 => AllocationMarker::Force,
            1 => AllocationMarker::Withheld,
            _ => AllocationMarker::Unallocated,
        };
        item.due_on = match random.below(6) {
            0 => None,
            1 => Some(date("2026-07-01")),
            _ => item.due_on,
        };
        item.terms = Terms {
            discount_percent: Some(Decimal::from(random.below(8) as u64)),
            discount_tax_percent: Some(Decimal::from(random.below(25) as u64)),
            ..Terms::default()
        };
    }
    for number in 0..random.below(4) {
        let kind = super::properties::payment(random, number);
        let on = date("2026-06-05");
        let paid = Event { id: id(&format!("E-{number}")), account: id("A-1"), on, kind };
        let _ = ledger.apply(&paid);
    }
    for item in ledger.items.iter_mut().filter(|item| item.is_credit()) {
        if random.below(8) == 0 {
            item.marker = AllocationMarker::Withheld;
        }
    }
    ledger
}

/// What is open, less the credit that is left.
fn net_open(ledger: &Ledger) -> i64 {
    let spending = spending(&ledger.items);
    let open: i64 = spending.open.iter().map(|item| item.open_minor_units).sum();
    open - spending.rests.iter().map(|(_, rest)| rest).sum::<i64>()
}

/// The sets come to zero.
fn check_sets(ledger: &Ledger) {
    let mut sums: BTreeMap<&LineItemId, i64> = BTreeMap::new();
    for item in ledger.items.iter().filter(|item| item.marker != AllocationMarker::Correction) {
        for part in &item.allocations {
            *sums.entry(&part.reference).or_default() += part.amount.minor_units();
        }
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?} in {ledger:#?}");
}

#[test]
fn what_is_collected_and_what_remains_is_what_was_open() {
    let mut random = Random::new(5);
    let (profile, mut collected) = (profile(), 0);
    for _ in 0..ACCOUNTS {
        let mut ledger = ledger(&mut random);
        let before = (ledger.clone(), net_open(&ledger));
        let Some(payment) = selected(&ledger, &profile).payment else { continue };
        collected += 1;
        let taken = payment.net.minor_units() + payment.discount.minor_units();
        assert_eq!(payment.gross.minor_units(), taken);
        let applied = ledger.apply(&collects(payment, 1)).unwrap();
        let posting = applied.posting.unwrap();
        assert_eq!(posting.check(), Ok(()));
        assert_eq!(net_open(&ledger) + taken, before.1);
        check_sets(&ledger);
        assert_eq!(selected(&ledger, &profile).payment, None, "it is not selected again");
        void_gives_back(&mut ledger, &before.0);
    }
    assert!(collected > ACCOUNTS / 3, "{collected} accounts were collected");
}

/// Everything is as it was, but for the payment and its reversal, which are void.
fn void_gives_back(ledger: &mut Ledger, before: &Ledger) {
    let applied = ledger.apply(&voids(1, Void::default())).unwrap();
    let posting = applied.posting.unwrap();
    assert_eq!((posting.kind, posting.check()), (PostingKind::Void, Ok(())));
    let counts = |it: &&LineItem| it.marker != AllocationMarker::Correction;
    let items: Vec<&LineItem> = ledger.items.iter().filter(counts).collect();
    assert_eq!(items, before.items.iter().filter(counts).collect::<Vec<_>>());
    assert_eq!(open_items(&ledger.items), open_items(&before.items));
    assert_eq!(ledger.account, before.account);
    assert_eq!(ledger.mandates, before.mandates);
    for record in &before.records {
        let now = ledger.records.iter().find(|it| it.id == record.id).unwrap();
        let is_told = !record.is_open() || now.balance == record.balance;
        assert!(is_told, "{} owes {} and owed {}", record.id, now.balance, record.balance);
    }
    let mut sums: BTreeMap<(String, crate::payment::LineKind), i64> = BTreeMap::new();
    for line in ledger.postings.iter().flat_map(|posting| &posting.lines) {
        *sums.entry((line.ledger_account.clone(), line.kind)).or_default() +=
            line.amount.minor_units();
    }
    assert!(sums.values().all(|sum| *sum == 0), "the ledger is as it was: {sums:?}");
    let again = ledger.apply(&voids(1, Void::default()));
    assert!(again.is_err(), "a void is made once");
}

#[test]
fn returns_count_presentations_and_stop_mandates() {
    let profile = profile();
    for (code, presented, stopped) in [("R01", 3, None), ("R03", 1, Some("R03")), ("R99", 5, None)]
    {
        let mut ledger = Ledger::new();
        ledger.mandates.push(mandate());
        ledger.has(&super::script::Words::of("item T-1 WATER 10.00 due=2026-05-01"));
        let mut times = 0;
        while times < 5 {
            let Some(payment) = selected(&ledger, &profile).payment else { break };
            times += 1;
            ledger.apply(&collects(payment, times)).unwrap();
            let void = Void { return_code: Some(code.to_owned()), withhold: false };
            ledger.apply(&voids(times, void)).unwrap();
        }
        assert_eq!(times, presented, "{code}");
        assert_eq!(ledger.mandates[0].state.stopped.as_deref(), stopped, "{code}");
    }
}

#[test]
fn what_was_settled_together_is_reversed_together() {
    let mut ledger = Ledger::new();
    ledger.mandates.push(mandate());
    ledger.has(&super::script::Words::of("item T-1 WATER 10.00 due=2026-05-01"));
    let on = date("2026-06-05");
    let amount = Amount { text: "4.00".to_owned(), currency: None };
    let kind = EventKind::PaymentPosted { payment: id("CASH"), amount, bill_type: None };
    ledger.apply(&Event { id: id("E-1"), account: id("A-1"), on, kind }).unwrap();
    let payment = selected(&ledger, &profile()).payment.unwrap();
    assert_eq!((payment.net, payment.credits.len()), (money("6.00"), 1));
    ledger.apply(&collects(payment.clone(), 1)).unwrap();
    let reversal = |payment: &str| EventKind::PaymentReversed {
        payment: Some(id(payment)),
        amount: None,
        void: Void::default(),
    };
    let cash = Event { id: id("E-2"), account: id("A-1"), on, kind: reversal("CASH") };
    assert_eq!(ledger.apply(&cash).map_err(|it| it.code()), Err("ALLOCATED"));
    let void = Void { return_code: None, withhold: true };
    ledger.apply(&voids(1, void)).unwrap();
    assert_eq!(ledger.items[0].marker, AllocationMarker::Withheld);
    ledger.apply(&cash).unwrap();
    let refused = ledger.apply(&collects(payment, 2)).map_err(|it| it.code());
    assert_eq!(refused.map(|_| ()), Err("CHANGED_SINCE"));
}
