//! Records that a template is tried with before anything real is written: one of
//! each sort that makes templates fail.

use super::facts::{FileFacts, FileTotals, Row};
use super::setup::SetupFacts;
use arrears_domain::{
    Account, AccountStatus, Contact, Currency, Date, Delinquency, DelinquencyKind,
    DelinquencyStatus, Identifier, Money, PlacementAction,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

struct Sample {
    action: PlacementAction,
    kind: DelinquencyKind,
    status: AccountStatus,
    name: Option<&'static str>,
    currency: &'static str,
    balance_minor_units: i64,
    oldest_debt_on: Option<Date>,
    has_level: bool,
    resolved: bool,
}

const PLAIN: Sample = Sample {
    action: PlacementAction::New,
    kind: DelinquencyKind::Collections,
    status: AccountStatus::Open,
    name: Some("Ada Example"),
    currency: "USD",
    balance_minor_units: 15_230,
    oldest_debt_on: Date::from_ymd_opt(2025, 10, 1),
    has_level: true,
    resolved: false,
};

const SAMPLES: [Sample; 6] = [
    PLAIN,
    // Nothing that may be absent is there.
    Sample { name: None, oldest_debt_on: None, has_level: false, ..PLAIN },
    Sample {
        action: PlacementAction::Recall,
        balance_minor_units: 0,
        oldest_debt_on: None,
        resolved: true,
        ..PLAIN
    },
    // A credit, and a name that files and spreadsheets stumble over.
    Sample {
        action: PlacementAction::Update,
        name: Some("=\"O'Neill\", Sons & <Co>\r\nBasement"),
        currency: "EUR",
        balance_minor_units: -5,
        ..PLAIN
    },
    Sample {
        kind: DelinquencyKind::ParcelLien,
        status: AccountStatus::Closed,
        name: Some("株式会社見本"),
        currency: "JPY",
        balance_minor_units: 1_234_567_890,
        ..PLAIN
    },
    Sample {
        action: PlacementAction::Update,
        kind: DelinquencyKind::BillType,
        status: AccountStatus::Suspended,
        name: Some("Müller-Lüdenscheidt Grundstücksverwaltungsgesellschaft mbH"),
        currency: "KWD",
        balance_minor_units: 1,
        ..PLAIN
    },
];

/// A text that breaks a field in which it is not escaped.
pub(super) const HOSTILE: &str = "one, \"two\"\r\nthree; four\t<five> & 'six'";

/// The file that the samples are in.
pub(super) fn file(setup: &SetupFacts) -> Arc<FileFacts> {
    Arc::new(FileFacts {
        run_key: "export-000007".to_owned(),
        run_number: 7,
        as_of: as_of(),
        setup: setup.setup.clone(),
        agency_code: "springfield".to_owned(),
        agency_name: setup.agency_name.clone(),
        collection_agency_code: setup.collection_agency_code.clone(),
        collection_agency_name: setup.collection_agency_name.clone(),
        file_number: 1,
    })
}

fn as_of() -> Date {
    Date::from_ymd_opt(2026, 1, 15).unwrap_or_default()
}

/// The records, at one milestone after the other.
pub(super) fn rows(setup: &SetupFacts) -> Vec<Arc<Row>> {
    let numbered = SAMPLES.iter().enumerate();
    numbered.filter_map(|(at, sample)| row(setup, at, sample)).map(Arc::new).collect()
}

/// A record whose texts break every field in which they are not escaped.
pub(super) fn hostile(setup: &SetupFacts) -> Option<Row> {
    let mut row = row(setup, 0, &Sample { name: Some(HOSTILE), ..PLAIN })?;
    HOSTILE.clone_into(&mut row.account.class);
    row.delinquency.bill_type = Some(HOSTILE.to_owned());
    Some(row)
}

/// A record that has one character where the setup does not know how many there
/// will be. It is a digit, which numbers take too.
pub(super) fn narrow(
    setup: &SetupFacts,
    action: PlacementAction,
    kind: DelinquencyKind,
    currency: &'static str,
    stage: usize,
) -> Option<Row> {
    let is_over = action == PlacementAction::Recall;
    let one = 10_i64.pow(Currency::parse(currency).ok()?.exponent());
    let sample = Sample {
        action,
        kind,
        name: Some("1"),
        currency,
        balance_minor_units: if is_over { 0 } else { one },
        oldest_debt_on: Some(as_of()),
        resolved: is_over,
        ..PLAIN
    };
    let mut row = row(setup, stage, &sample)?;
    row.number = 1;
    row.account.id = Identifier::parse("1").ok()?;
    "1".clone_into(&mut row.account.class);
    if let Some(contact) = &mut row.contact {
        contact.id = Identifier::parse("1").ok()?;
        contact.credit_points = 1;
    }
    row.delinquency.id = Identifier::parse("1").ok()?;
    row.delinquency.bill_type = row.delinquency.bill_type.map(|_| "1".to_owned());
    row.delinquency.entered_on = as_of();
    if is_over {
        row.delinquency.status = DelinquencyStatus::Resolved { code: "1".to_owned(), on: as_of() };
    }
    Some(row)
}

/// Totals of no record, of the first, and of all: of none, one and several
/// currencies.
pub(super) fn totals(setup: &SetupFacts) -> Vec<FileTotals> {
    let rows = rows(setup);
    [0, 1, rows.len()].map(|many| totals_of(&rows[..many.min(rows.len())])).into()
}

/// Totals of the records.
pub(super) fn totals_of(rows: &[Arc<Row>]) -> FileTotals {
    let mut totals = FileTotals::default();
    // Samples are too small for their sum to be too large.
    rows.iter().for_each(|row| drop(totals.count(row)));
    totals
}

/// None if a text here is no identifier, which a test would see.
fn row(setup: &SetupFacts, at: usize, sample: &Sample) -> Option<Row> {
    let number = at as u64 + 1;
    let stage = setup.stages.iter().cycle().nth(at)?;
    let currency = Currency::parse(sample.currency).ok()?;
    let balance = Money::from_minor_units(sample.balance_minor_units, currency);
    let account = Account {
        id: Identifier::parse(&format!("A-{}", 1_000 + number)).ok()?,
        contact: sample.name.and_then(|_| Identifier::parse("C-1").ok()),
        class: "residential".to_owned(),
        status: sample.status,
        balance,
        attributes: BTreeMap::new(),
    };
    let delinquency = Delinquency {
        id: Identifier::parse(&format!("D-{number}")).ok()?,
        account: account.id.clone(),
        kind: sample.kind,
        bill_type: (sample.kind == DelinquencyKind::BillType).then(|| "WATER".to_owned()),
        origin: None,
        items: BTreeSet::new(),
        scheme: stage.scheme.clone(),
        milestone: stage.milestone.clone(),
        status: if sample.resolved {
            DelinquencyStatus::Resolved { code: "PAID".to_owned(), on: as_of() }
        } else {
            DelinquencyStatus::Open
        },
        entered_on: Date::from_ymd_opt(2025, 12, 1)?,
        oldest_debt_on: sample.oldest_debt_on,
        balance,
        extension_days: 0,
        hold: None,
        attributes: BTreeMap::new(),
        sequence: 3,
        version: 4,
    };
    let contact = account.contact.clone().zip(sample.name).map(|(id, name)| Contact {
        id,
        name: name.to_owned(),
        credit_points: 30,
        attributes: BTreeMap::new(),
    });
    Some(Row {
        action: sample.action,
        sequence: if sample.action == PlacementAction::New { 1 } else { 2 },
        account,
        contact,
        delinquency,
        level: sample.has_level.then_some(stage.level),
        as_of: as_of(),
        number,
        reported_balance: balance,
    })
}
