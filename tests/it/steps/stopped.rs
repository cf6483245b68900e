//! The time is up: a run stops between two batches, and goes on from there.

use super::{Machine, asked};
use crate::kill::left_behind;
use arrears_e2e::{House, catalog};
use arrears_runs::record::{RunKind, RunStatus};
use arrears_runs::step::Request;
use serde_json::json;

const SETUP: &str = include_str!("../house.toml");
const EXPORT_SETUP: &str = include_str!("../export/setup.toml");
const PAYMENT_SETUP: &str = include_str!("../payment/setup.toml");

/// So many accounts with a record that is due.
fn records(accounts: u32, scheme: &str, milestone: &str) -> String {
    let mut book = String::new();
    for number in 1..=accounts {
        for line in [
            json!({"type": "account", "id": format!("A-{number:05}"), "class": "residential",
                "currency": "USD", "balance": "100.00"}),
            json!({"type": "delinquency", "id": format!("D-{number}"),
                "account": format!("A-{number:05}"), "kind": "collections", "scheme": scheme,
                "milestone": milestone, "entered_on": "2026-01-10", "balance": "100.00"}),
        ] {
            book += &format!("{line}\n");
        }
    }
    book
}

/// So many accounts with a bill and a mandate; of every seventh the mandate is new.
fn bills(accounts: u32) -> String {
    let mut book = crate::payment::Book::default();
    for number in 1..=accounts {
        let id = format!("A-{number:05}");
        book.account(&id, "EUR", "42.00").bill(&id, "JAN", "42.00");
        book.sepa(&id, if number % 7 == 0 { "FRST" } else { "RCUR" });
    }
    book.text()
}

async fn in_one_piece(house: &House, request: &Request) {
    let (store, catalog) = (&house.store, &house.catalog);
    let machine = Machine { store, catalog, execution: "a", patience: u64::MAX };
    let run = machine.execute(request).await.unwrap().unwrap();
    assert_eq!(run.status, RunStatus::Finished);
}

/// Works with little time an invocation, and gives how many invocations it took.
async fn in_pieces(house: &House, request: &Request, patience: u64) -> u64 {
    let (store, catalog) = (&house.store, &house.catalog);
    let machine = Machine { store, catalog, execution: "a", patience };
    let planned = machine.plan(request).await.unwrap();
    let mut invocations = 0;
    for portion in machine.portions(&planned).await.unwrap() {
        invocations += machine.work(&portion).await.unwrap();
    }
    machine.execute(request).await.unwrap();
    invocations
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collections_run_goes_on_at_its_cursor() {
    let setup = format!("{SETUP}\n[tasks.collections-run]\ncommit_number = 1\nthreads = 1\n");
    let book = records(40, "RES", "REMIND");
    let (whole, house) = (
        House::with(catalog(&[]), &setup, &book).await,
        House::with(catalog(&[]), &setup, &book).await,
    );
    let request = asked(RunKind::Collections);
    in_one_piece(&whole, &request).await;
    let invocations = in_pieces(&house, &request, 1).await;
    assert_eq!(invocations, 40, "one chunk each");
    assert_eq!(left_behind(&house.store).await, left_behind(&whole.store).await);
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().pop().unwrap();
    assert_eq!(run.totals.unwrap().processed, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_run_stops_between_batches_of_its_ledger() {
    let book = records(2_300, "PLACED", "AGENCY");
    let (whole, house) = (
        House::with(catalog(&[]), EXPORT_SETUP, &book).await,
        House::with(catalog(&[]), EXPORT_SETUP, &book).await,
    );
    let export_setup = Some("CSV".to_owned());
    let request = Request { export_setup, ..asked(RunKind::Export) };
    in_one_piece(&whole, &request).await;
    // Time to begin, and to write one batch of the ledger.
    let invocations = in_pieces(&house, &request, 2).await;
    assert!(invocations >= 3, "{invocations}");
    assert_eq!(left_behind(&house.store).await, left_behind(&whole.store).await);
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().pop().unwrap();
    assert_eq!((run.status, run.totals.unwrap().processed), (RunStatus::Finished, 2_300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_run_stops_between_batches_of_its_postings() {
    let book = bills(650);
    let (whole, house) = (
        House::with(catalog(&[]), PAYMENT_SETUP, &book).await,
        House::with(catalog(&[]), PAYMENT_SETUP, &book).await,
    );
    let payment_profile = Some("SEPA".to_owned());
    let request = Request { payment_profile, ..asked(RunKind::Payment) };
    in_one_piece(&whole, &request).await;
    let invocations = in_pieces(&house, &request, 1).await;
    assert_eq!(invocations, 5, "one to plan, and one for each batch");
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().pop().unwrap();
    assert_eq!(run.status, RunStatus::Finished);
    let sums = |run: &arrears_runs::record::RunRecord| run.payment.as_ref().unwrap().sums.clone();
    let other = arrears_runs::ledger::runs(&whole.store).await.unwrap().pop().unwrap();
    assert_eq!(sums(&run), sums(&other));
    assert_eq!(sums(&run).payments, 650);
    assert!(run.totals.unwrap().capacity.write_units_milli > 0);
}
