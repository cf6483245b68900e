//! Records that a template is tried with before anything real is written: one of
//! each sort that makes templates fail.

use super::facts::{FileFacts, FileTotals, Row};
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
    level: Option<u32>,
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
    level: Some(4),
    resolved: false,
};

const SAMPLES: [Sample; 6] = [
    PLAIN,
    // Nothing that may be absent is there.
    Sample { name: None, oldest_debt_on: None, level: None, ..PLAIN },
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

/// The file that the samples are in.
pub(super) fn file() -> Arc<FileFacts> {
    Arc::new(FileFacts {
        run_key: "export-000007".to_owned(),
        run_number: 7,
        as_of: as_of(),
        setup: "WEEKLY".to_owned(),
        agency_code: "springfield".to_owned(),
        agency_name: "City of Springfield".to_owned(),
        collection_agency_code: "NORTHSTAR".to_owned(),
        collection_agency_name: "Northstar Recovery, Inc.".to_owned(),
        file_number: 1,
    })
}

fn as_of() -> Date {
    Date::from_ymd_opt(2026, 1, 15).unwrap_or_default()
}

/// The records.
pub(super) fn rows() -> Vec<Arc<Row>> {
    (1..).zip(&SAMPLES).filter_map(|(number, sample)| row(number, sample)).map(Arc::new).collect()
}

/// Totals of no record, of the first, and of all: of none, one and several
/// currencies.
pub(super) fn totals() -> Vec<FileTotals> {
    let rows = rows();
    [0, 1, rows.len()]
        .into_iter()
        .map(|many| {
            let mut totals = FileTotals::default();
            // Samples are too small for their sum to be too large.
            rows.iter().take(many).for_each(|row| drop(totals.count(row)));
            totals
        })
        .collect()
}

/// None if a text here is no identifier, which a test would see.
fn row(number: u64, sample: &Sample) -> Option<Row> {
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
        scheme: Identifier::parse("RES").ok()?,
        milestone: Identifier::parse("COLLECTIONS").ok()?,
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
        level: sample.level,
        as_of: as_of(),
        number,
        reported_balance: balance,
    })
}
