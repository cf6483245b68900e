//! A run whose ledger says something else stops, and nothing leaves.

use super::book::first_and_only;
use super::{ON, collected, house, other, visible};
use arrears_runs::RunError;
use arrears_runs::record::RunStatus;
use arrears_runs::run::{self, Unobserved};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_with_a_posting_more_than_the_report_stops_the_run() {
    let house = house(&first_and_only().text()).await;
    let forged = json!({"type": "posting", "payment": "P000001-0000007", "account": "A-1",
    "kind": "collection", "on": ON, "period": "2026-02", "cause": "payment-000001",
    "currency": "EUR", "collection_date": "2026-02-03", "lines": [
        {"journal": "DEBIT", "kind": "bank", "ledger_account": "1000", "amount": "1.00"},
        {"journal": "DEBIT", "kind": "debtor", "ledger_account": "1200", "amount": "-1.00"},
    ]});
    assert_eq!(house.import(&format!("{forged}\n")).await.rejected, []);
    let stopped = collected(&house, "SEPA", ON).await.unwrap_err();
    let RunError::NotReconciled { run_key, differs } = &stopped else { panic!("{stopped:?}") };
    assert_eq!(run_key, "payment-000001");
    assert!(differs.contains("the ledger has 3 postings, the report 2 payments"), "{differs}");
    assert!(differs.contains("bank_minor_units: 5400"), "{differs}");
    assert!(differs.contains("bank_minor_units: 5300"), "{differs}");
    assert!(visible(&house.store).await.is_empty(), "no file has left");

    // It says so as often as it is asked, and stays what it is.
    let again = run::resume(&other(&house).await, &house.catalog, run_key, &Unobserved).await;
    assert!(matches!(again, Err(RunError::NotReconciled { .. })), "{again:?}");
    assert!(visible(&house.store).await.is_empty());
    let (run, _) = arrears_runs::ledger::run(&house.store, run_key).await.unwrap();
    assert_eq!(run.status, RunStatus::Running);
    let refused = run::abandon(&house.store, run_key).await;
    assert!(matches!(refused, Err(RunError::CannotAbandon { .. })), "{refused:?}");
}
