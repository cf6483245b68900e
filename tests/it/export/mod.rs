//! Export runs: files that are read back by parsers of others, the ledger that
//! agrees with them, and kills.

mod files;
mod once;
mod refused;

use arrears_e2e::{House, catalog, date, open};
use arrears_runs::RunError;
use arrears_runs::export::{self, Manifest, Options, Parameters};
use arrears_runs::record::RunRecord;
use arrears_runs::run::Unobserved;
use arrears_storage::Store;
use arrears_storage::document::{Line, PlacementLine};
use serde_json::json;
use std::collections::BTreeMap;

const SETUP: &str = include_str!("setup.toml");
const AS_OF: &str = "2026-02-02";

/// Names that have broken files before.
const NAMES: [&str; 6] = [
    "R. Vance",
    "O'Neil, \"Red\" & Sons",
    "Line\nbreak and\ttab",
    "=HYPERLINK(\"http://evil\",\"pay\")",
    "Χάρης Ωμέγα <b>",
    "Ж. Петрова, 株式会社",
];

/// An account for each name, and its record of so many dollars and 30 cents.
pub fn book() -> String {
    let mut lines = Vec::new();
    for (number, name) in (1..).zip(NAMES) {
        lines.push(json!({"type": "contact", "id": format!("C-{number}"), "name": name}));
        lines.extend(account(number, "PLACED", &format!("C-{number}")));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn account(number: u32, scheme: &str, contact: &str) -> [serde_json::Value; 2] {
    let (account, balance) = (format!("A-{number}"), format!("{}.30", number * 100));
    [
        json!({"type": "account", "id": account, "contact": contact, "class": "residential",
            "currency": "USD", "balance": balance}),
        json!({"type": "delinquency", "id": format!("D-{number}"), "account": account,
            "kind": "collections", "scheme": scheme, "milestone": "AGENCY",
            "entered_on": "2026-01-10", "oldest_debt_on": "2025-11-01", "balance": balance}),
    ]
}

async fn house() -> House {
    House::with(catalog(&[]), SETUP, &book()).await
}

fn asked(export_setup: &str, as_of: &str) -> Options {
    Options {
        export_setup: export_setup.to_owned(),
        parameters: Parameters::default(),
        as_of: date(as_of),
        allow_back_dated: false,
        schedule: None,
    }
}

async fn exported(house: &House, export_setup: &str, as_of: &str) -> Result<RunRecord, RunError> {
    export::start(&house.store, &house.catalog, &asked(export_setup, as_of), &Unobserved).await
}

/// The index of a run's files.
async fn manifest(store: &Store, run: &RunRecord) -> Manifest {
    let key = run.export.as_ref().unwrap().manifest.clone().unwrap();
    Manifest::get(store, &key).await.unwrap()
}

/// The ledger of the book.
async fn ledger(store: &Store) -> Vec<PlacementLine> {
    let book = arrears_e2e::export(store).await;
    let lines = book.lines().map(|line| serde_json::from_str(line).unwrap());
    let entries = lines.filter_map(|line| match line {
        Line::Placement(line) => Some(line),
        _ => None,
    });
    entries.collect()
}

/// What is visible under `export/`, by key.
async fn visible(store: &Store) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for object in store.list_objects("export/").await.unwrap() {
        let bytes = store.get_object(&object.key).await.unwrap();
        files.insert(object.key, bytes.to_vec());
    }
    files
}

/// A store of the same folder, as another process has it.
async fn other(house: &House) -> Store {
    open(house.folder.path()).await
}
