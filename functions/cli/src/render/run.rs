//! Runs as text: what came of one, and the list of all.

use super::number::{self, count, counted};
use super::table::Table;
use crate::session::Prompt;
use arrears_domain::EffectKind;
use arrears_runs::record::{PluginUse, RecordError, RunKind, RunRecord, RunStatus, Steps, Totals};
use arrears_runs::report::{CapacityReport, RunReport};
use arrears_runs::run::Options;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Errors that a report shows; the journal has all.
const ERRORS_SHOWN: usize = 5;

/// The report of a run for people, with what to type next.
pub fn report(report: &RunReport, prompt: &Prompt) -> String {
    let mut text = head(report);
    let verb = match (&report.export, &report.payment) {
        (Some(export), _) => {
            text.push_str(&super::export::outcome(export));
            LOOKED_AT
        }
        (None, Some(payment)) => {
            text.push_str(&super::payment::outcome(payment));
            TRANSACTIONS
        }
        (None, None) => DUE,
    };
    text.push_str(&counts(verb, report.processed, report.errors, report.omitted));
    text.push_str(&outcome(
        &report.omitted_by_reason,
        &report.moves,
        &report.effects,
        &report.charged_minor_units,
    ));
    text.push_str(&errors(&report.first_errors, report.errors));
    text.push_str(&plugins(&report.plugins));
    text.push_str(&format!("\nOn AWS: {}\n", capacity(&report.capacity)));
    let key = &report.run_key;
    let short = match report.kind {
        RunKind::Collections => report.number.to_string(),
        RunKind::Delinquency | RunKind::Export | RunKind::Payment => key.clone(),
    };
    match report.status {
        RunStatus::Abandoned => return text,
        RunStatus::Finished => {}
        RunStatus::Planning | RunStatus::Running => {
            let resume = prompt.line(&format!("runs resume {short}"));
            return text + &format!("Go on:  {resume}\n");
        }
        RunStatus::Proposed => {
            let (show, collect) =
                (format!("payment show {key}"), format!("run payment --execute {key}"));
            text.push_str(&format!("Show:   {}\n", prompt.line(&show)));
            return text + &format!("Go on:  {}\n", prompt.line(&collect));
        }
    }
    text.push_str(&format!("Log:    {}\n", prompt.line(&format!("runs log {short}"))));
    if report.kind == RunKind::Payment {
        text.push_str(&format!("Report: {}\n", prompt.line(&format!("payment show {key}"))));
    }
    if report.kind == RunKind::Export {
        text.push_str(&format!("Index:  {}\n", prompt.line(&format!("export show {key}"))));
    }
    let of_export = report.export.as_ref().and_then(|export| export.manifest.as_deref());
    let of_payment = report.payment.as_ref().and_then(|payment| payment.manifest.as_deref());
    let index = of_export.or(of_payment);
    let folder = match index.and_then(|index| index.rsplit_once('/')) {
        Some((folder, _)) => format!("{folder}/"),
        None => format!("runs/{key}/"),
    };
    text.push_str(&format!("Files:  {}\n", prompt.line(&format!("files list {folder}"))));
    text
}

fn head(report: &RunReport) -> String {
    let state = match report.status {
        RunStatus::Finished => format!("finished in {}", number::duration_ms(report.duration_ms)),
        RunStatus::Running => "not finished".to_owned(),
        RunStatus::Planning => "not yet planned".to_owned(),
        RunStatus::Proposed => "a proposal that waits".to_owned(),
        RunStatus::Abandoned => "abandoned".to_owned(),
    };
    let mut text =
        format!("Run {} ({}) as of {}: {state}.\n", report.number, report.run_key, report.as_of);
    if matches!(report.kind, RunKind::Export | RunKind::Payment) {
        text.push_str(&format!("Setup {}. ", report.setup_version));
        return text;
    }
    let chunks = report.plan.as_ref().map_or(0, |plan| u64::from(plan.chunks));
    text.push_str(&format!(
        "Setup {}, {}, commit number {}, {} of {}.\n",
        report.setup_version,
        counted(report.threads.into(), "thread", "threads"),
        report.commit_number,
        count(report.chunks_done),
        counted(chunks, "chunk", "chunks"),
    ));
    text
}

/// What a run selects: one and many.
type Verb = (&'static str, &'static str);
const TRANSACTIONS: Verb = ("transaction was looked at", "transactions were looked at");
const DUE: Verb = ("record was due", "records were due");
/// What an export run selects.
pub const LOOKED_AT: Verb = ("record was looked at", "records were looked at");

/// How many records there were, and what came of them.
pub fn counts((one, many): Verb, processed: u64, errors: u64, omitted: u64) -> String {
    format!(
        "{}: {} processed, {} errors, {} omitted.\n",
        counted(processed + errors + omitted, one, many),
        count(processed),
        count(errors),
        count(omitted),
    )
}

/// What came of the records: reasons, moves, effects.
fn outcome(
    omitted_by_reason: &BTreeMap<String, u64>,
    moves: &BTreeMap<String, u64>,
    effects: &BTreeMap<String, u64>,
    charged_minor_units: &BTreeMap<String, i64>,
) -> String {
    let mut text = String::new();
    let mut add = |table: Table| {
        if !table.is_empty() {
            text.push_str(&format!("\n{}", table.render()));
        }
    };
    add(counted_table("Omitted because", omitted_by_reason));
    add(counted_table("Moved", moves));
    add(effect_table(effects));
    if !charged_minor_units.is_empty() {
        text.push_str(&format!("  charged in all: {}\n", charged(charged_minor_units)));
    }
    text
}

/// Counts by name.
pub fn counted_table(name: &str, counts: &BTreeMap<String, u64>) -> Table {
    let mut table = Table::new([name, "#Records"]);
    for (name, records) in counts {
        table.row([name.clone(), count(*records)]);
    }
    table
}

/// Effects by kind, in the order in which reports list them.
pub fn effect_table(effects: &BTreeMap<String, u64>) -> Table {
    let mut table = Table::new(["Effect", "#Count"]);
    for kind in EffectKind::ALL {
        if let Some(number) = effects.get(kind.as_str()) {
            table.row([kind.as_str().to_owned(), count(*number)]);
        }
    }
    table
}

/// `1,204.50 USD, 17 JPY`.
pub fn charged(charged_minor_units: &BTreeMap<String, i64>) -> String {
    let amounts: Vec<String> = charged_minor_units
        .iter()
        .map(|(currency, minor_units)| number::amount(*minor_units, currency))
        .collect();
    amounts.join(", ")
}

/// The first errors.
pub fn errors(first: &[RecordError], all: u64) -> String {
    if first.is_empty() {
        return String::new();
    }
    let shown = first.len().min(ERRORS_SHOWN);
    let mut text = format!("\n  Errors ({shown} of {}; the journal has all)\n", count(all));
    for error in &first[..shown] {
        text.push_str(&format!(
            "  {} {}: {}: {}\n",
            error.account, error.delinquency, error.code, error.message
        ));
    }
    text
}

fn plugins(plugins: &BTreeMap<String, PluginUse>) -> String {
    if plugins.is_empty() {
        return String::new();
    }
    let mut used: Vec<&PluginUse> = plugins.values().collect();
    used.sort_by(|a, b| a.name.cmp(&b.name));
    let names = [
        "Plugin",
        "#Calls",
        "#Records",
        "#Fuel",
        "#Fuel/record",
        "#us/record",
        "#Memory",
        "#Strikes",
        "#Withheld",
    ];
    let mut table = Table::new(names);
    let mut quarantined = String::new();
    for plugin in used {
        if plugin.is_quarantined || plugin.withheld > 0 {
            quarantined += &format!(
                "Plugin {} is in quarantine; `arrears plugin list` says why, and records that need \
                 it wait.\n",
                plugin.name
            );
        }
        let each_us_tenths = (plugin.duration_us * 10).checked_div(plugin.cases).unwrap_or(0);
        table.row([
            plugin.name.clone(),
            count(plugin.calls),
            count(plugin.cases),
            count(plugin.fuel),
            count(plugin.fuel.checked_div(plugin.cases).unwrap_or(0)),
            format!("{}.{}", each_us_tenths / 10, each_us_tenths % 10),
            number::bytes(plugin.memory_high_water_bytes),
            count(plugin.strikes),
            count(plugin.withheld),
        ]);
    }
    format!("\n{}{quarantined}", table.render())
}

/// `9,012 read units, 20,104 write units: $0.0137`.
pub fn capacity(capacity: &CapacityReport) -> String {
    format!(
        "{} read units and {} write units of DynamoDB, {} on demand in us-east-1",
        number::units(capacity.read_units_milli),
        number::units(capacity.write_units_milli),
        number::dollars(capacity.price_micro_dollars),
    )
}

/// All runs.
pub fn list(runs: &[RunRecord]) -> String {
    if runs.is_empty() {
        return "There have been no runs yet.\n".to_owned();
    }
    let names = [
        "Key",
        "Kind",
        "As of",
        "Status",
        "#Processed",
        "#Errors",
        "#Omitted",
        "#Duration",
        "Initiated",
    ];
    let mut table = Table::new(names);
    for run in runs {
        let cell = |of: fn(&Totals) -> u64| {
            run.totals.as_ref().map_or_else(|| "-".to_owned(), |totals| count(of(totals)))
        };
        table.row([
            run.run_key.clone(),
            match (&run.export, &run.payment) {
                (Some(export), _) => format!("export {}", export.export_setup),
                (None, Some(payment)) => {
                    format!("payment {}, {}", payment.profile, payment.mode.as_str())
                }
                (None, None) => kind(run.kind, run.steps),
            },
            run.as_of.to_string(),
            status(run.status).to_owned(),
            cell(|totals| totals.processed),
            cell(|totals| totals.errors),
            cell(|totals| totals.omitted),
            number::duration_ms(run.duration_ms),
            run.initiated_at.clone(),
        ]);
    }
    table.render()
}

/// The kind, with what is not always done: `delinquency, entry only`.
fn kind(kind: RunKind, steps: Steps) -> String {
    let mut text = kind.as_str().to_owned();
    if !steps.advance {
        text.push_str(", entry only");
    }
    if steps.decrement_and_resolve {
        text.push_str(", settles");
    }
    text
}

fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Planning => "planning",
        RunStatus::Running => "running",
        RunStatus::Finished => "finished",
        RunStatus::Proposed => "proposed",
        RunStatus::Abandoned => "abandoned",
    }
}

/// What a run would do, as plain data.
pub fn rehearsal_document(options: &Options, totals: &Totals) -> Value {
    json!({
        "dry_run": true,
        "kind": options.kind,
        "as_of": options.as_of,
        "processed": totals.processed,
        "errors": totals.errors,
        "omitted": totals.omitted,
        "omitted_by_reason": totals.omitted_by_reason,
        "moves": totals.moves,
        "effects": totals.effects,
        "charged_minor_units": totals.charged_minor_units,
        "first_errors": totals.first_errors,
    })
}

/// What a run would do, for people.
pub fn rehearsal(options: &Options, totals: &Totals) -> String {
    let kind = kind(options.kind, options.steps);
    let mut text = format!("Dry run ({kind}) as of {}: nothing was written.\n", options.as_of);
    text.push_str(&counts(DUE, totals.processed, totals.errors, totals.omitted));
    text.push_str(&outcome(
        &totals.omitted_by_reason,
        &totals.moves,
        &totals.effects,
        &totals.charged_minor_units,
    ));
    text + &errors(&totals.first_errors, totals.errors)
}
