//! What the demo does between and after its runs: payments come in, the last run
//! is replayed, and a changed setup is tried on the book.

use super::{SETUP, unreadable, unwritable};
use crate::failure::CommandError;
use arrears_domain::setup::Source;
use arrears_domain::{Account, Date, Money};
use arrears_runs::catalog::Catalog;
use arrears_runs::events::{Applier, EventsReport, apply_lines};
use arrears_runs::export::{self, Manifest, Parameters};
use arrears_runs::run::{self, Options, Replay, Unobserved, WhatIf};
use arrears_runs::setups::Stored;
use arrears_storage::Store;
use serde::Serialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

/// One account in so many pays.
const PAYERS: u64 = 8;
/// The file of payments, and the setup that is tried.
const PAYMENTS_NAME: &str = "payments.jsonl";
const CHANGED_NAME: &str = "changed.toml";
/// What is exported, and who is told: those at the milestone.
const EXPORT_SETUP: &str = "NORTHSTAR";
const EXPORTED_MILESTONE: &str = "AGENCY";
/// What the changed setup changes: reminders of homes take half as long.
const CHANGE: (&str, &str) = (
    "duration = { value = 10, days = \"business\", calendar = \"city\" }",
    "duration = { value = 5, days = \"business\", calendar = \"city\" }",
);

/// Who pays what: whole balances and halves, in turns.
#[derive(Debug, Default)]
pub(super) struct Payers(Vec<(String, Money)>);

impl Payers {
    /// Looks at the next account of the book.
    pub(super) fn look_at(&mut self, number: u64, account: &Account) {
        let owed = account.balance.minor_units();
        if number.is_multiple_of(PAYERS) && owed > 1 {
            let paid = if number.is_multiple_of(2 * PAYERS) { owed } else { owed / 2 };
            let paid = Money::from_minor_units(paid, account.currency());
            self.0.push((account.id.to_string(), paid));
        }
    }
}

/// What happened beside the runs.
#[derive(Debug, Serialize)]
pub struct Life {
    /// The payments.
    pub payments: EventsReport,
    /// The indexes of the files that the collection agency got.
    pub exports: Vec<Manifest>,
    /// The last run, decided again.
    pub replay: Replay,
    /// The book under the changed setup, without the list of records.
    pub what_if: WhatIf,
}

/// Payments come in on a day: written into the folder for whoever wants to look
/// at them, and applied.
pub(super) async fn pay(
    store: &Store,
    stored: &Stored,
    payers: &Payers,
    on: Date,
    folder: &Path,
) -> Result<EventsReport, CommandError> {
    let path = folder.join(PAYMENTS_NAME);
    let mut file = File::create(&path).map_err(|source| unwritable(&path, source))?;
    for (account, amount) in &payers.0 {
        let event = json!({
            "specversion": "1.0",
            "id": format!("PAY-{account}"),
            "source": "/rivertown/billing",
            "type": "arrears.payment.posted",
            "subject": account,
            "data": {"amount": amount.to_string(), "on": on.to_string()},
        });
        writeln!(file, "{event}").map_err(|source| unwritable(&path, source))?;
    }
    let file = File::open(&path).map_err(|source| unreadable(&path, source))?;
    let applier = Applier::new(store.clone(), stored);
    Ok(apply_lines(&applier, BufReader::new(file), &|_| {}).await?)
}

/// The collection agency is told what stands at its milestone, what has changed
/// and what is over.
pub(super) async fn export(
    store: &Store,
    catalog: &Catalog,
    as_of: Date,
) -> Result<Manifest, CommandError> {
    let options = export::Options {
        export_setup: EXPORT_SETUP.to_owned(),
        parameters: Parameters {
            milestones: vec![EXPORTED_MILESTONE.to_owned()],
            ..Parameters::default()
        },
        as_of,
        allow_back_dated: false,
        schedule: None,
    };
    let run = export::start(store, catalog, &options, &Unobserved).await?;
    let index = run.export.and_then(|export| export.manifest).unwrap_or_default();
    Ok(Manifest::get(store, &index).await?)
}

/// The last run again, from its journal.
pub(super) async fn replay(
    store: &Store,
    catalog: &Catalog,
    run_key: &str,
) -> Result<Replay, CommandError> {
    Ok(run::replay(store, catalog, run_key, &Unobserved).await?)
}

/// A run as of a day under a setup with shorter reminders, and under the present
/// one.
pub(super) async fn what_if(
    store: &Store,
    catalog: &Catalog,
    as_of: Date,
    folder: &Path,
) -> Result<WhatIf, CommandError> {
    let text = SETUP.replacen(CHANGE.0, CHANGE.1, 1);
    let path = folder.join(CHANGED_NAME);
    std::fs::write(&path, &text).map_err(|source| unwritable(&path, source))?;
    let sources = [Source { name: CHANGED_NAME.to_owned(), text }];
    let mut what_if = run::what_if(store, catalog, &sources, &Options::collections(as_of)).await?;
    what_if.fares = Vec::new();
    Ok(what_if)
}
