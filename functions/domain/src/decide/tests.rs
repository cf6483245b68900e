//! The table of `docs/RULES.md`, row by row.

use super::*;
use crate::setup::Source;
use crate::{
    AccountStatus, Currency, DelinquencyKind, DelinquencyStatus, Hold, HoldKind, Identifier,
    MilestoneCode, Money,
};
use std::collections::{BTreeMap, BTreeSet};

const SETUP: &str = r#"
[agency]
name = "Test Water"
time_zone = "America/New_York"

[group]
code = "COLL"
minimum_entry_amount = "25.00"

[calendar.city]
time_zone = "America/New_York"
weekend = ["sat", "sun"]
holidays = ["2026-01-19"]

[[scheme]]
code = "RES"
entry_milestone = "DAYS"

[[scheme.milestone]]
code = "DAYS"
level = 1
duration = 10
next_milestone = "BUSINESS"

[[scheme.milestone]]
code = "BUSINESS"
level = 2
duration = { value = 3, days = "business", calendar = "city" }
next_milestone = { formula = "delinquency.balance >= 100.00 ? 'DEBT' : ''" }

[[scheme.milestone.action]]
type = "notice"
config = {}

[[scheme.milestone.action]]
type = "alert"
condition = "delinquency.milestone == 'BUSINESS' && delinquency.days_at_milestone == 0"
config = {}

[[scheme.milestone.action]]
type = "log"
condition = "delinquency.balance > 1000000.00"
config = {}

[[scheme.milestone.action]]
type = "log"
perform_on = "decrement"
config = {}

[[scheme.milestone]]
code = "DEBT"
level = 3
duration = { value = 30, from = "oldest-debt", month_end = true }
next_milestone = { formula = "account.attributes.next" }

[[scheme.milestone]]
code = "FORMULA"
level = 4
duration = { formula = "int(account.attributes.days)" }
next_milestone = "LAST"

[[scheme.milestone]]
code = "LAST"
level = 5
"#;

fn setup() -> Setup {
    let source = Source { name: "test.toml".to_owned(), text: SETUP.to_owned() };
    crate::setup::read(&[source]).expect("the setup of this test is right").setup
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn money(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn record(milestone: &str, entered_on: &str) -> Delinquency {
    Delinquency {
        id: Identifier::parse("D-1").unwrap(),
        account: Identifier::parse("A-1").unwrap(),
        kind: DelinquencyKind::Collections,
        bill_type: None,
        origin: None,
        items: BTreeSet::new(),
        scheme: Identifier::parse("RES").unwrap(),
        milestone: Identifier::parse(milestone).unwrap(),
        status: DelinquencyStatus::Open,
        entered_on: date(entered_on),
        oldest_debt_on: None,
        balance: money("150.00"),
        extension_days: 0,
        hold: None,
        attributes: BTreeMap::new(),
        sequence: 4,
        version: 9,
    }
}

fn account(attributes: &[(&str, &str)]) -> Account {
    Account {
        id: Identifier::parse("A-1").unwrap(),
        contact: None,
        class: "residential".to_owned(),
        status: AccountStatus::Open,
        balance: money("150.00"),
        attributes: attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    }
}

fn outcome(record: &Delinquency, account: &Account, as_of: &str) -> Outcome {
    let inputs = Inputs { delinquency: record, account, contact: None, as_of: date(as_of) };
    let setup = setup();
    let decision = decide(&setup, &inputs);
    assert_eq!(decision, decide(&setup, &inputs), "deciding twice gives the same decision");
    decision.outcome
}

/// The first day on which the record advances, and where to.
fn first_advance(record: &Delinquency, account: &Account) -> (String, String) {
    let mut day = record.entered_on;
    for _ in 0..400 {
        if let Outcome::Change(advance) = outcome(record, account, &day.to_string()) {
            return (day.to_string(), advance.after.milestone.to_string());
        }
        day = day.succ_opt().unwrap();
    }
    panic!("the record never advances")
}

fn omitted(record: &Delinquency, as_of: &str) -> OmitReason {
    match outcome(record, &account(&[]), as_of) {
        Outcome::Omit(reason) => reason,
        other => panic!("not omitted: {other:?}"),
    }
}

#[test]
fn a_duration_counts_from_entry_and_its_last_day_is_included() {
    let record = record("DAYS", "2026-01-05");
    assert_eq!(omitted(&record, "2026-01-14"), OmitReason::NotYetEligible);
    let expected = ("2026-01-15".to_owned(), "BUSINESS".to_owned());
    assert_eq!(first_advance(&record, &account(&[])), expected);
}

#[test]
fn an_extension_is_added_in_the_same_basis_and_ends_with_the_transition() {
    let mut calendar_days = record("DAYS", "2026-01-05");
    calendar_days.extension_days = 5;
    assert_eq!(first_advance(&calendar_days, &account(&[])).0, "2026-01-20");
    let mut business_days = record("BUSINESS", "2026-01-14");
    business_days.extension_days = 2;
    let advance = match outcome(&business_days, &account(&[]), "2026-01-22") {
        Outcome::Change(advance) => advance,
        other => panic!("not advanced: {other:?}"),
    };
    assert_eq!(advance.after.extension_days, 0);
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    // Wednesday; Thursday and Friday count, Monday is a holiday, Tuesday counts.
    let record = record("BUSINESS", "2026-01-14");
    let expected = ("2026-01-20".to_owned(), "DEBT".to_owned());
    assert_eq!(first_advance(&record, &account(&[])), expected);
}

#[test]
fn an_anchor_that_moves_takes_eligibility_with_it() {
    let account = account(&[("next", "LAST")]);
    let mut record = record("DEBT", "2026-01-01");
    record.oldest_debt_on = Some(date("2026-01-15"));
    // 14 February, moved to the end of the month.
    assert_eq!(first_advance(&record, &account).0, "2026-02-28");
    record.oldest_debt_on = Some(date("2026-02-10"));
    assert_eq!(first_advance(&record, &account).0, "2026-03-31");
    record.oldest_debt_on = None;
    assert_eq!(first_advance(&record, &account).0, "2026-01-31");
}

#[test]
fn what_stays_says_why() {
    let held = |until: Option<&str>| {
        let mut record = record("DAYS", "2026-01-05");
        record.hold = Some(Hold {
            kind: HoldKind::Manual,
            reason: "dispute".to_owned(),
            until: until.map(date),
            outstanding: None,
        });
        record
    };
    assert_eq!(omitted(&held(None), "2026-03-01"), OmitReason::OnHold);
    assert_eq!(omitted(&held(Some("2026-03-01")), "2026-03-01"), OmitReason::OnHold);
    let released = outcome(&held(Some("2026-02-28")), &account(&[]), "2026-03-01");
    assert!(matches!(released, Outcome::Change(_)), "{released:?}");

    let mut paid = record("DAYS", "2026-01-05");
    paid.balance = money("0.00");
    assert_eq!(omitted(&paid, "2026-03-01"), OmitReason::NothingOwed);

    let mut small = record("BUSINESS", "2026-01-05");
    small.balance = money("99.99");
    assert_eq!(omitted(&small, "2026-03-01"), OmitReason::NoNextMilestone);
    assert_eq!(omitted(&record("LAST", "2026-01-05"), "2026-01-05"), OmitReason::NoNextMilestone);

    let mut resolved = record("DAYS", "2026-01-05");
    resolved.status =
        DelinquencyStatus::Resolved { code: "PAID".to_owned(), on: date("2026-01-06") };
    assert_eq!(omitted(&resolved, "2026-03-01"), OmitReason::Resolved);
}

#[test]
fn the_present_milestone_as_next_one_fires_nothing_again() {
    let record = record("DEBT", "2026-01-01");
    let again = outcome(&record, &account(&[("next", "DEBT")]), "2026-03-01");
    assert_eq!(again, Outcome::Omit(OmitReason::NextIsCurrent));
}

#[test]
fn what_cannot_be_decided_is_an_error_with_a_code() {
    let code = |record: &Delinquency, attributes: &[(&str, &str)]| match outcome(
        record,
        &account(attributes),
        "2026-06-01",
    ) {
        Outcome::Error(error) => error.code(),
        other => panic!("no error: {other:?}"),
    };
    assert_eq!(code(&record("GONE", "2026-01-01"), &[]), "UNKNOWN_MILESTONE");
    let at_debt = record("DEBT", "2026-01-01");
    assert_eq!(code(&at_debt, &[("next", "NOWHERE")]), "UNKNOWN_NEXT_MILESTONE");
    assert_eq!(code(&at_debt, &[]), "FORMULA_FAILED");
}

#[test]
fn a_record_moves_one_step_however_late_the_run_is() {
    let Outcome::Change(advance) =
        outcome(&record("DAYS", "2020-01-05"), &account(&[]), "2026-06-01")
    else {
        panic!("it is due for years")
    };
    let after = &advance.after;
    assert_eq!(after.milestone.as_str(), "BUSINESS");
    assert_eq!((after.entered_on, after.sequence, after.version), (date("2026-06-01"), 5, 10));
    assert_eq!(advance.due, Due::On(date("2026-06-04")));
    // Conditions see the record at its new milestone; other events' actions and
    // those whose condition fails are left out.
    let planned: Vec<&str> = advance.actions.iter().map(|it| it.action_type.as_str()).collect();
    assert_eq!(planned, ["alert", "notice"]);
}

#[test]
fn a_run_looks_every_time_at_what_only_a_formula_can_tell() {
    let setup = setup();
    assert_eq!(due(&setup, &record("FORMULA", "2026-01-01")), Due::EveryRun);
    assert_eq!(due(&setup, &record("GONE", "2026-01-01")), Due::EveryRun);
    assert_eq!(due(&setup, &record("LAST", "2026-01-01")), Due::On(date("2026-01-01")));
    let mut resolved = record("DAYS", "2026-01-01");
    resolved.status =
        DelinquencyStatus::Resolved { code: "PAID".to_owned(), on: date("2026-01-06") };
    assert_eq!(due(&setup, &resolved), Due::Never);
}

#[test]
fn every_change_is_listed_or_illegal() {
    let open = record("DAYS", "2026-01-05");
    let to = |code: &str| MilestoneCode::parse(code).unwrap();
    let on = date("2026-02-01");
    let resolved =
        next_status(&open, &Change::ResolveFullPayment { code: "PAID".to_owned() }, on).unwrap();
    assert!(!resolved.is_open());
    assert_eq!(resolved.milestone, open.milestone, "a resolved record shows where it ended");
    for change in [
        Change::Advance { to: to("LAST") },
        Change::Decrement { to: to("LAST") },
        Change::ResolveOther { code: "X".to_owned() },
    ] {
        let refused = next_status(&resolved, &change, on).unwrap_err();
        assert!(matches!(refused, IllegalChange::Resolved { .. }), "{change:?}");
        assert!(next_status(&open, &change, on).is_ok(), "{change:?}");
    }
    let same = next_status(&open, &Change::Decrement { to: to("DAYS") }, on).unwrap_err();
    assert!(matches!(same, IllegalChange::SameMilestone { .. }));
}
