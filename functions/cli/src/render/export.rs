//! Export runs, their setups and their files as text.

use super::number::{bytes, count, counted, grouped};
use super::run::{LOOKED_AT, counted_table, counts, errors};
use super::table::Table;
use crate::session::Prompt;
use arrears_domain::Setup;
use arrears_domain::setup::{ExportSetup, ExportTemplate};
use arrears_runs::export::{
    ExportRecord, Manifest, Options, Parameters, Rehearsal, Stage, SumsDocument,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Characters of a digest that a table shows: enough to compare at a glance.
const DIGEST_SHOWN: usize = 16;

/// All export setups.
pub fn setups(setup: &Setup, exports: &[&ExportSetup], prompt: &Prompt) -> String {
    if exports.is_empty() {
        return "The setup has no export setups; docs/EXPORTS.md shows how to write one.\n"
            .to_owned();
    }
    let mut table = Table::new(["Code", "Collection agency", "Template", "Destination", "Name"]);
    for export in exports {
        table.row([
            export.code.clone(),
            agency(setup, export),
            template(export).to_owned(),
            destination(export),
            export.name.clone().unwrap_or_default(),
        ]);
    }
    let next = prompt.line("export setups CODE");
    format!("{}\nOne of them:  {next}\n", table.render())
}

/// One export setup.
pub fn setup(setup: &Setup, export: &ExportSetup, prompt: &Prompt) -> String {
    let mut table = Table::new(["", ""]);
    let split =
        export.split_records.map_or("no".to_owned(), |it| format!("at {}", count(it.into())));
    for (name, value) in [
        ("Code", export.code.clone()),
        ("Name", export.name.clone().unwrap_or_default()),
        ("Collection agency", agency(setup, export)),
        ("Destination", destination(export)),
        ("Template", template(export).to_owned()),
        ("Values escaped for", export.escape_in_force().as_str().to_owned()),
        ("Compression", export.compression.as_str().to_owned()),
        ("Split", split),
    ] {
        table.row([name.to_owned(), value]);
    }
    let mut text = table.render();
    for (part, template) in export.template.texts() {
        text.push_str(&format!("\n{part}:\n"));
        text.extend(template.text.lines().map(|line| format!("  {line}\n")));
    }
    let code = &export.code;
    text.push_str(&format!("\nSample:  {}\n", prompt.line(&format!("export sample {code}"))));
    text.push_str(&format!("Run:     {}\n", prompt.line(&format!("run export --setup {code}"))));
    text
}

/// Export setups as plain data.
pub fn setup_documents(setup: &Setup, exports: &[&ExportSetup]) -> Vec<Value> {
    let document = |export: &&ExportSetup| {
        let texts: BTreeMap<&str, &str> = export
            .template
            .texts()
            .map(|(part, template)| (part, template.text.as_str()))
            .collect();
        let name = setup.collection_agencies.get(&export.collection_agency).map(|it| &it.name);
        json!({
            "code": export.code,
            "name": export.name,
            "collection_agency": export.collection_agency,
            "collection_agency_name": name,
            "prefix": export.prefix,
            "extension": export.extension,
            "template": template(export),
            "texts": texts,
            "escape": export.escape_in_force().as_str(),
            "compression": export.compression.as_str(),
            "split_records": export.split_records,
        })
    };
    exports.iter().map(document).collect()
}

fn agency(setup: &Setup, export: &ExportSetup) -> String {
    let code = &export.collection_agency;
    match setup.collection_agencies.get(code) {
        Some(agency) => format!("{code} ({})", agency.name),
        None => code.clone(),
    }
}

fn template(export: &ExportSetup) -> &'static str {
    match &export.template {
        ExportTemplate::Ready(ready) => ready.as_str(),
        ExportTemplate::Written { .. } => "own",
    }
}

fn destination(export: &ExportSetup) -> String {
    format!("export/{}/", export.prefix)
}

/// What a run has come to, or how far it has come, between the head of its
/// report and its counts.
pub fn outcome(export: &ExportRecord) -> String {
    let mut text =
        format!("Export setup {}, for {}.\n", export.export_setup, export.collection_agency);
    if let Some(schedule) = &export.schedule {
        text.push_str(&format!("Started by {schedule}.\n"));
    }
    text.push_str(&asked(&export.parameters));
    if export.stage != Stage::Done {
        let of = export.total.map_or_else(String::new, |total| format!(" of {}", count(total)));
        let (done, stage) = (count(export.done), export.stage.as_str());
        // Perhaps somebody is at work on it, perhaps it was killed or given up.
        text.push_str(&format!("Stage {stage}: {done}{of}.\n"));
    }
    if export.stage > Stage::Selecting {
        let verb = if export.stage == Stage::Done { TOLD } else { TO_TELL };
        text.push_str(&sums(verb, &export.sums));
    }
    text
}

/// `Parameters: classes commercial; min_level 3.`, in the words of `--json`.
fn asked(parameters: &Parameters) -> String {
    let document = serde_json::to_value(parameters).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words = document.as_object().into_iter().flatten().map(|(name, value)| match value {
        Value::Array(all) => {
            format!("{name} {}", all.iter().map(text).collect::<Vec<_>>().join(", "))
        }
        one => format!("{name} {}", text(one)),
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { String::new() } else { format!("Parameters: {}.\n", words.join("; ")) }
}

/// What stands in files that are there, and in those that are not yet: one
/// record and many.
type Verb = (&'static str, &'static str);
const TOLD: Verb = ("record told", "records told");
const TO_TELL: Verb = ("record to tell", "records to tell");

/// `3 records told: 2 NEW, 1 UPDATE, 0 RECALL; 1,204.50 USD.`
fn sums((one, many): Verb, sums: &SumsDocument) -> String {
    format!(
        "{}: {} NEW, {} UPDATE, {} RECALL; {}.\n",
        counted(sums.records, one, many),
        count(sums.new),
        count(sums.update),
        count(sums.recall),
        balances(&sums.balance),
    )
}

fn balances(balance: &BTreeMap<String, String>) -> String {
    if balance.is_empty() {
        return "no balance".to_owned();
    }
    let amounts =
        balance.iter().map(|(currency, amount)| format!("{} {currency}", grouped(amount)));
    amounts.collect::<Vec<_>>().join(", ")
}

/// The index of a run's files.
pub fn manifest(manifest: &Manifest, prompt: &Prompt) -> String {
    let Manifest { run_key, export_setup, collection_agency, as_of, .. } = manifest;
    let mut text =
        format!("Run {run_key} as of {as_of}: {export_setup}, for {collection_agency}.\n");
    text.push_str(&asked(&manifest.parameters));
    text.push_str(&sums(TOLD, &manifest.totals));
    if manifest.files.is_empty() {
        return text + "There was nothing to tell, and no file.\n";
    }
    let names = ["#Records", "#New", "#Update", "#Recall", "#Balance", "#Size", "SHA-256", "Key"];
    let mut table = Table::new(names);
    for file in &manifest.files {
        table.row([
            count(file.sums.records),
            count(file.sums.new),
            count(file.sums.update),
            count(file.sums.recall),
            balances(&file.sums.balance),
            bytes(file.bytes),
            file.sha256.chars().take(DIGEST_SHOWN).collect(),
            file.key.clone(),
        ]);
    }
    text.push_str(&format!("\n{}", table.render()));
    let first = &manifest.files[0].key;
    text + &format!("\nGet one:  {}\n", prompt.line(&format!("files get {first} --out FILE")))
}

/// What a run would tell, as plain data.
pub fn rehearsal_document(options: &Options, rehearsal: &Rehearsal) -> Value {
    let Rehearsal { totals, sums } = rehearsal;
    json!({
        "dry_run": true,
        "kind": "export",
        "export_setup": options.export_setup,
        "as_of": options.as_of,
        "processed": totals.processed,
        "errors": totals.errors,
        "omitted": totals.omitted,
        "omitted_by_reason": totals.omitted_by_reason,
        "sums": sums,
        "first_errors": totals.first_errors,
    })
}

/// What a run would tell, for people.
pub fn rehearsal(options: &Options, rehearsal: &Rehearsal) -> String {
    let Rehearsal { totals, sums: to_tell } = rehearsal;
    let (setup, as_of) = (&options.export_setup, options.as_of);
    let mut text = format!("Dry run (export {setup}) as of {as_of}: nothing was written.\n");
    text.push_str(&asked(&options.parameters));
    text.push_str(&sums(TO_TELL, to_tell));
    text.push_str(&counts(LOOKED_AT, totals.processed, totals.errors, totals.omitted));
    let omitted = counted_table("Omitted because", &totals.omitted_by_reason);
    if !omitted.is_empty() {
        text.push_str(&format!("\n{}", omitted.render()));
    }
    text + &errors(&totals.first_errors, totals.errors)
}
