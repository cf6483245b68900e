//! The plugins of an agency as text: who made them, what they may do, how they behave.

use super::number;
use super::table::Table;
use crate::session::Prompt;
use arrears_host::trust::Trust;
use arrears_host::{Descriptor, Grant};
use arrears_runs::catalog::{Catalog, Installed};
use arrears_runs::record::{PluginUse, RunRecord};
use arrears_runs::registry::{Active, Judged, Known, Origin, StoredTrust};
use arrears_runs::run::{Shadow, Side};
use serde::Serialize;
use std::collections::BTreeMap;

/// Hexadecimal digits of a digest that a list shows.
const SHORT_DIGEST: usize = 12;

/// Letters of a public key that a list shows: those that tell its id.
const SHORT_KEY: usize = 16;

/// The differences of a shadow that people are shown; `--json` has more.
const DIFFERENCES_SHOWN: usize = 10;

/// A component in a list, as plain data.
#[derive(Debug, Serialize)]
pub struct Row {
    id: String,
    version: String,
    summary: String,
    actions: Vec<String>,
    digest: String,
    is_active: bool,
    /// The vendor; none if it is built in.
    vendor: Option<String>,
    /// The public key that signed it; none if it is built in.
    key: Option<String>,
    grant: Grant,
    fuel_per_item_declared: u64,
    /// Of the last run that used it.
    fuel_per_item_measured: Option<u64>,
    strikes: u64,
    quarantine: Option<String>,
}

impl Row {
    fn of(digest: &str, descriptor: &Descriptor, grant: &Grant) -> Self {
        Self {
            id: descriptor.id.clone(),
            version: descriptor.version.clone(),
            summary: descriptor.summary.clone(),
            actions: descriptor.actions.clone(),
            digest: digest.to_owned(),
            is_active: true,
            vendor: None,
            key: None,
            grant: grant.clone(),
            fuel_per_item_declared: descriptor.fuel_per_item,
            fuel_per_item_measured: None,
            strikes: 0,
            quarantine: None,
        }
    }

    fn known(mut self, known: &Known) -> Self {
        if let Origin::Vendor { vendor, key } = &known.origin {
            (self.vendor, self.key) = (Some(vendor.clone()), Some(key.clone()));
        }
        self.strikes = known.strikes();
        self.quarantine = known.quarantine.as_ref().map(|it| it.reason.clone());
        self
    }
}

/// The built-in plugins alone.
pub fn built_in(catalog: &Catalog) -> Vec<Row> {
    let row = |Installed { plugin, grant }: &Installed| {
        Row::of(plugin.digest(), plugin.descriptor(), grant)
    };
    catalog.plugins().map(row).collect()
}

/// The plugins of an agency: the built-in ones and those that are active, or all that it
/// knows.
pub fn rows(
    catalog: &Catalog,
    known: &BTreeMap<String, Known>,
    active: &[Active],
    runs: &[RunRecord],
    is_all: bool,
) -> Vec<Row> {
    let mut rows = built_in(catalog);
    for row in &mut rows {
        if let Some(known) = known.get(&row.digest) {
            row.strikes = known.strikes();
            row.quarantine = known.quarantine.as_ref().map(|it| it.reason.clone());
        }
    }
    for known in known.values() {
        let is_active = active.iter().any(|it| it.digest == known.digest);
        let is_there = rows.iter().any(|row| row.digest == known.digest);
        if !is_there && (is_active || is_all) {
            let row = Row::of(&known.digest, &known.descriptor, &known.grant).known(known);
            rows.push(Row { is_active, ..row });
        }
    }
    for row in &mut rows {
        row.fuel_per_item_measured = measured(runs, &row.digest);
    }
    rows
}

/// What a record cost in the last run that used the component.
fn measured(runs: &[RunRecord], digest: &str) -> Option<u64> {
    let used = |run: &RunRecord| Some((run.initiated_at.clone(), per_record(run, digest)?));
    let last = runs.iter().filter_map(used).max_by(|a, b| a.0.cmp(&b.0));
    last.map(|(_, fuel)| fuel)
}

fn per_record(run: &RunRecord, digest: &str) -> Option<u64> {
    let used: &PluginUse = run.totals.as_ref()?.plugins.get(digest)?;
    used.fuel.checked_div(used.cases)
}

/// The list for people.
pub fn list(rows: &[Row]) -> String {
    let mut table = Table::new([
        "Plugin",
        "Version",
        "Action",
        "From",
        "Digest",
        "May",
        "#Fuel/record",
        "#Strikes",
        "",
    ]);
    for row in rows {
        let fuel = match row.fuel_per_item_measured {
            Some(fuel) => number::count(fuel),
            None => format!("<= {}", number::count(row.fuel_per_item_declared)),
        };
        let state = match (&row.quarantine, row.is_active) {
            (Some(_), _) => "QUARANTINE",
            (None, true) => "",
            (None, false) => "not active",
        };
        table.row([
            row.id.clone(),
            row.version.clone(),
            row.actions.join(", "),
            row.vendor.clone().unwrap_or_else(|| "built in".to_owned()),
            short(&row.digest).to_owned(),
            may(&row.grant),
            fuel,
            number::count(row.strikes),
            state.to_owned(),
        ]);
    }
    let count = number::counted(rows.len() as u64, "plugin", "plugins");
    let mut text = format!("{count}; `arrears plugin inspect ID` shows one.\n\n{}", table.render());
    for row in rows {
        if let Some(reason) = &row.quarantine {
            text += &format!("{} {} is in quarantine: {reason}\n", row.id, row.version);
        }
    }
    text
}

/// What a grant allows, in words.
fn may(grant: &Grant) -> String {
    let effects: Vec<&str> = grant.effects.iter().map(|kind| kind.name()).collect();
    let mut text = if effects.is_empty() { "nothing".to_owned() } else { effects.join(", ") };
    if (1..i64::MAX).contains(&grant.amount_minor_units_max) {
        let most = u64::try_from(grant.amount_minor_units_max).unwrap_or_default();
        text += &format!(" up to {} minor units", number::count(most));
    }
    text
}

fn short(digest: &str) -> &str {
    let hex = digest.trim_start_matches("sha256:");
    hex.get(..SHORT_DIGEST).unwrap_or(hex)
}

/// A component that is active now.
#[derive(Debug, Serialize)]
pub struct Added<'a> {
    /// What is active.
    pub active: &'a Active,
    /// What is known of it.
    pub known: Option<&'a Known>,
}

impl Added<'_> {
    /// For people, with what to type next.
    pub fn render(&self, prompt: &Prompt) -> String {
        let Active { id, version, digest, actions, .. } = self.active;
        let mut text = format!("Plugin {id} {version} is active for {}.\n\n", actions.join(", "));
        let mut table = Table::new(["", ""]);
        table.row(["digest", digest]);
        if let Some(known) = self.known {
            if let Origin::Vendor { vendor, key } = &known.origin {
                table.row(["from", vendor]);
                table.row(["key", key]);
            }
            table.row(["may", &may(&known.grant)]);
        }
        text += &table.render();
        text += &format!("\nList:  {}\n", prompt.line("plugin list"));
        if !self.active.former.is_empty() {
            text += &format!("Back:  {}\n", prompt.line(&format!("plugin rollback {id}")));
        }
        text
    }
}

/// What a change of the trust has come to.
pub fn judged(judged: &Judged) -> String {
    let mut text = String::new();
    for known in &judged.changed {
        text += &format!("{} may from now on: {}.\n", known.name(), may(&known.grant));
    }
    for known in &judged.quarantined {
        let reason = known.quarantine.as_ref().map_or("", |it| it.reason.as_str());
        text += &format!("{} is in quarantine: {reason}.\n", known.name());
    }
    if text.is_empty() {
        text += "No plugin is touched by it.\n";
    }
    text
}

/// Whom a trust names.
pub fn trust(trust: &Trust) -> String {
    let mut table = Table::new(["Vendor", "Plugin", "May", "Keys"]);
    for vendor in &trust.vendors {
        let keys: Vec<&str> =
            vendor.keys.iter().map(|key| key.get(..SHORT_KEY).unwrap_or(key)).collect();
        for publication in &vendor.plugins {
            let grant = Grant {
                effects: publication.effects.clone(),
                amount_minor_units_max: publication.amount_minor_units_max.unwrap_or(0),
                effects_per_case_max: usize::MAX,
            };
            table.row([&vendor.name, &publication.id, &may(&grant), &keys.join(", ")]);
        }
        if vendor.plugins.is_empty() {
            table.row([vendor.name.as_str(), "none", "nothing", &keys.join(", ")]);
        }
    }
    match table.is_empty() {
        true => "It trusts nobody: only built-in plugins run.\n".to_owned(),
        false => table.render(),
    }
}

/// The trust of an agency.
pub fn stored_trust(stored: Option<&StoredTrust>) -> String {
    let Some(stored) = stored else {
        return "No trust was loaded: only built-in plugins run. `arrears plugin trust load FILE` \
                loads one.\n"
            .to_owned();
    };
    let mut text = format!("Loaded {}.\n\n{}", stored.loaded_at, trust(&stored.trust));
    text += &format!("\nA plugin with {} strikes is in quarantine.\n", stored.strikes_max());
    for (key, reason) in &stored.revoked {
        text += &format!("Revoked: {key}: {reason}\n");
    }
    text
}

/// What a shadow came to.
pub fn shadow(shadow: &Shadow, add: &str) -> String {
    let Shadow { run_key, plugin, present, next, records, differing, differences } = shadow;
    let mut table = Table::new(["", "#present", "#next"]);
    table.row(["version", &present.version, &next.version]);
    table.row(["digest", short(&present.digest), short(&next.digest)]);
    let mut counts = |name: &str, of: fn(&Side) -> u64| {
        table.row([name, &number::count(of(present)), &number::count(of(next))]);
    };
    counts("effects", |side| side.effects);
    counts("skipped", |side| side.skipped);
    counts("errors", |side| side.errors);
    counts("strikes", |side| side.used.strikes);
    counts("fuel/record", |side| side.used.fuel.checked_div(side.used.cases).unwrap_or(0));
    counts("us/record", |side| side.used.duration_us.checked_div(side.used.cases).unwrap_or(0));
    counts("memory, KiB", |side| side.used.memory_high_water_bytes / 1024);
    let mut text = format!(
        "Plugin {plugin} over the journal of {run_key}: {} of {} come out otherwise.\n\n{}",
        number::count(*differing),
        number::counted(*records, "record", "records"),
        table.render(),
    );
    for difference in differences.iter().take(DIFFERENCES_SHOWN) {
        text += &format!(
            "\n{} {}\n  - {}\n  + {}\n",
            difference.account, difference.subject, difference.present, difference.next
        );
    }
    let more = differing.saturating_sub(DIFFERENCES_SHOWN.min(differences.len()) as u64);
    if more > 0 {
        text += &format!("\n{} more; `--json` lists them.\n", number::count(more));
    }
    text + &format!("\nNothing was written. To activate it:  {add}\n")
}
