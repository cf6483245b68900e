//! A day of an agency over a store at a bad hour: throttled, in conflict, failing, slow,
//! losing answers, and doing things twice. It ends as the day of an agency whose store
//! works.

use super::{AS_OF, Machine, asked};
use crate::kill::{due, left_behind};
use arrears_domain::{AgencyId, Identifier};
use arrears_e2e::{House, catalog, open};
use arrears_runs::catalog::Catalog;
use arrears_runs::events::{self, Applier};
use arrears_runs::payment::Mode;
use arrears_runs::record::RunKind;
use arrears_runs::step::Request;
use arrears_runs::{RunError, chain, ledger, setups};
use arrears_storage::{Fault, Location, Misbehaving, Odds, Store};
use serde_json::{Value, json};
use std::path::Path;
use std::pin::Pin;

/// A scheme, bills, an agency that gets a file, and customers whose bank is asked.
const SETUP: &str = include_str!("../../infra/setup.toml");

const SEEDS: [u64; 4] = [3, 5, 8, 13];

/// Three times as bad as a bad hour: requests fail in all their attempts too.
const ODDS: Odds = Odds {
    throttled: 60,
    transaction_conflict: 120,
    server_error: 45,
    timed_out: 45,
    lost_answer: 75,
    duplicated: 75,
    put_conflict: 150,
    partial: 300,
};

/// How often somebody tries again: the state machine, the queue, and then a person.
const TRIES_MAX: usize = 60;

/// Records that are due; half as many accounts with a bill, and with a mandate.
const RECORDS: u32 = 12;

fn book() -> String {
    let mut lines = Vec::new();
    for number in 1..=RECORDS {
        lines.push(account(&format!("A-{number}"), "USD", "100.00"));
        lines.push(json!({"type": "delinquency", "id": format!("D-{number}"),
            "account": format!("A-{number}"), "kind": "collections", "scheme": "RES",
            "milestone": "REMIND", "entered_on": "2026-01-10", "balance": "100.00"}));
    }
    for number in 1..=RECORDS / 2 {
        let (bill, mandate) = (format!("W-{number}"), format!("E-{number}"));
        lines.push(account(&bill, "USD", "60.00"));
        lines.push(transaction(&bill, "60.00", "2026-01-10", Some("WATER")));
        lines.push(json!({"type": "contact", "id": format!("C-{number}"), "name": "R. Vance"}));
        let mut payer = account(&mandate, "EUR", "40.00");
        payer["contact"] = json!(format!("C-{number}"));
        lines.push(payer);
        lines.push(transaction(&mandate, "40.00", "2026-02-20", None));
        lines.push(json!({"type": "mandate", "id": format!("M-{number}"), "account": mandate,
            "scheme": "sepa-core", "iban": "NL91ABNA0417164300", "signed_on": "2025-11-03",
            "sequence": "FRST"}));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn account(id: &str, currency: &str, balance: &str) -> Value {
    json!({"type": "account", "id": id, "class": "residential", "currency": currency,
        "balance": balance})
}

fn transaction(account: &str, amount: &str, due_on: &str, bill_type: Option<&str>) -> Value {
    json!({"type": "transaction", "id": format!("T-{account}"), "account": account,
        "bill_type": bill_type, "date": "2026-01-02", "due_date": due_on, "amount": amount,
        "marker": "unallocated"})
}

/// Payments of some records, one of them twice, and one of an account that is not there.
fn payments() -> String {
    let mut lines = Vec::new();
    for (id, account, amount) in [
        ("P-1", "A-1", "100.00"),
        ("P-2", "A-2", "30.00"),
        ("P-2", "A-2", "30.00"),
        ("P-3", "W-1", "60.00"),
        ("P-4", "NOBODY", "10.00"),
    ] {
        lines.push(json!({"specversion": "1.0", "id": id, "source": "/bank",
            "type": "arrears.payment.posted", "subject": account,
            "data": {"on": AS_OF, "payment": id, "amount": amount}}));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The runs of the day, in their order.
fn requests() -> [Request; 4] {
    [
        asked(RunKind::Collections),
        asked(RunKind::Delinquency),
        Request { export_setup: Some("NORTHSTAR".to_owned()), ..asked(RunKind::Export) },
        Request {
            payment_profile: Some("DD-EUR".to_owned()),
            mode: Some(Mode::Collect),
            ..asked(RunKind::Payment)
        },
    ]
}

/// A piece of the day, which may be done again. Boxed: a chain of futures of all runs takes
/// long to compile.
type Piece<'a> = Pin<Box<dyn Future<Output = Result<(), RunError>> + 'a>>;

/// Does a piece again until it succeeds, and gives what went wrong before.
async fn until_done<'a>(piece: impl Fn() -> Piece<'a>) -> Vec<String> {
    let mut told = Vec::new();
    while told.len() < TRIES_MAX {
        match piece().await {
            Ok(()) => return told,
            Err(error) => told.push(chain(&error)),
        }
    }
    panic!("it does not come to an end: {told:#?}");
}

async fn take_in(store: &Store, catalog: &Catalog) -> Result<(), RunError> {
    let stored = setups::active(store, catalog).await?;
    let applier = Applier::new(store.clone(), &stored);
    match events::apply_lines(&applier, payments().as_bytes(), &|_| {}).await {
        Ok(_) => Ok(()),
        Err(events::StreamError::Run(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

/// The whole day: events, and each run in steps by an execution of its own, in which no
/// invocation has time for all.
async fn day(store: &Store, catalog: &Catalog) -> Vec<String> {
    let mut told = until_done(|| Box::pin(take_in(store, catalog))).await;
    for (number, request) in requests().iter().enumerate() {
        let execution = format!("execution-{number}");
        let machine = Machine { store, catalog, execution: &execution, patience: 3 };
        let (machine, request) = (&machine, request);
        let piece =
            || -> Piece<'_> { Box::pin(async move { machine.execute(request).await.map(|_| ()) }) };
        told.extend(until_done(piece).await);
    }
    told
}

/// All that the day has left: the book, what is due, what is parked, the files, and what
/// the runs have counted.
async fn outcome(store: &Store) -> Vec<String> {
    let mut outcome: Vec<String> = left_behind(store).await.lines().map(str::to_owned).collect();
    outcome.extend(due(store).await);
    let letters = events::list(store).await.unwrap();
    outcome.extend(letters.iter().map(|letter| format!("{} {}", letter.id, letter.code)));
    for prefix in ["export/", "payment/"] {
        for object in store.list_objects(prefix).await.unwrap() {
            let bytes = store.get_object(&object.key).await.unwrap();
            // A report for people says when it was written.
            let is_report = [".html", ".txt"].iter().any(|end| object.key.ends_with(end));
            let content = if is_report { "".into() } else { String::from_utf8_lossy(&bytes) };
            outcome.push(format!("{}: {content}", object.key));
        }
    }
    for run in ledger::runs(store).await.unwrap() {
        let totals = run.totals.unwrap();
        let counted = (totals.processed, totals.errors, totals.omitted, totals.effects);
        outcome.push(format!("{} {:?} {counted:?}", run.run_key, run.status));
    }
    outcome.iter().map(|text| timeless(text)).collect()
}

/// What the second has and the first lacks.
fn lacking(first: &[String], second: &[String]) -> Vec<String> {
    second.iter().filter(|it| !first.contains(it)).cloned().collect()
}

/// A text without the moment at which it was made, and without the numbers of runs: one
/// that was given to a request whose answer was lost is not given again. What a digest is
/// of is compared itself.
fn timeless(text: &str) -> String {
    let mut text = text.to_owned();
    for (before, after) in [
        ("\"created_at\":\"", "\""),
        ("<CreDtTm>", "</CreDtTm>"),
        ("\"sha256\": \"", "\""),
        ("\"digest\":\"", "\""),
        ("\"number\":", ","),
    ] {
        text = without(&text, before, after);
    }
    for number in 2..=9 {
        for before in ["-00000", "P00000"] {
            text = text.replace(&format!("{before}{number}"), &format!("{before}1"));
        }
    }
    text
}

/// A text without what stands between two marks, wherever they are.
fn without(text: &str, before: &str, after: &str) -> String {
    let mut parts = text.split(before);
    let mut left = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(after).unwrap();
        left.push_str(rest);
    }
    left
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_a_bad_hour_ends_as_any_other_day() {
    let alone = House::with(catalog(&[]), SETUP, &book()).await;
    assert_eq!(day(&alone.store, &alone.catalog).await, [""; 0]);
    let expected = outcome(&alone.store).await;
    assert_eq!(ledger::runs(&alone.store).await.unwrap().len(), requests().len());
    let mut done = Fault::ALL.map(|_| 0);
    let mut tries = 0;
    for seed in SEEDS {
        let house = House::with(catalog(&[]), SETUP, &book()).await;
        let misbehaving = Misbehaving::with(seed, ODDS);
        let store = misbehaved(house.folder.path(), &misbehaving).await;
        let told = day(&store, &house.catalog).await;
        misbehaving.behave().await;
        let store = open(house.folder.path()).await;
        let outcome = outcome(&store).await;
        let other = (lacking(&expected, &outcome), lacking(&outcome, &expected));
        assert_eq!(other, (vec![], vec![]), "seed {seed}: {told:#?}");
        tries += told.len();
        for (sum, fault) in done.iter_mut().zip(Fault::ALL) {
            *sum += misbehaving.count(fault);
        }
    }
    assert!(tries > 0, "all went well at once");
    let never: Vec<_> = Fault::ALL.iter().zip(done).filter(|(_, count)| *count == 0).collect();
    assert!(never.is_empty(), "this was never tried: {never:?}");
}

async fn misbehaved(folder: &Path, misbehaving: &Misbehaving) -> Store {
    let agency = AgencyId::parse("test").unwrap();
    let location = Location::Misbehaving(folder.to_owned(), misbehaving.clone());
    misbehaving.behave().await;
    let store = Store::open(location, agency).await.unwrap();
    misbehaving.misbehave();
    store
}
