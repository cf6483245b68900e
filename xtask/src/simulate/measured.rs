//! The figures that a simulation computes with, and where each comes from.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The figures of this checkout, below its root.
pub const FIGURES: &str = "tests/figures/capacity.json";

/// The words of the file for where a figure comes from.
const ORIGINS: [&str; 3] = ["measured_by", "set_by", "assumed"];

/// A figure with its origin, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The figure's name, its unit last.
    pub name: String,
    /// Its value.
    pub value: u64,
    /// `measured_by`, `set_by` or `assumed`.
    pub origin: &'static str,
    /// The command, the constant, or the reason.
    pub what: String,
}

/// Reads the file's figures, each with one origin.
fn sources(text: &str) -> Result<Vec<Source>> {
    let document: Value = serde_json::from_str(text).context("it is not JSON")?;
    let Some(figures) = document["figures"].as_object() else {
        bail!("it has no object `figures`");
    };
    figures.iter().map(|(name, figure)| source(name, figure)).collect()
}

fn source(name: &str, figure: &Value) -> Result<Source> {
    let Some(value) = figure["value"].as_u64() else {
        bail!("figure `{name}` has no `value` that is a whole number");
    };
    let mut origins = ORIGINS.iter().filter_map(|it| Some((*it, figure[*it].as_str()?)));
    let (Some((origin, what)), None) = (origins.next(), origins.next()) else {
        bail!("figure `{name}` must say one of {ORIGINS:?}");
    };
    Ok(Source { name: name.to_owned(), value, origin, what: what.to_owned() })
}

/// Declares the figures, each of which the file must have, and none besides.
macro_rules! figures {
    ($($(#[$about:meta])* $name:ident,)*) => {
        /// What the simulation computes with.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Figures {
            $($(#[$about])* pub $name: u64,)*
            /// Where each of them comes from.
            pub sources: Vec<Source>,
        }

        impl Figures {
            /// Reads them from the text of a file.
            pub fn parse(text: &str) -> Result<Self> {
                let sources = sources(text)?;
                let known = [$(stringify!($name)),*];
                if let Some(other) = sources.iter().find(|it| !known.contains(&it.name.as_str())) {
                    bail!("there is no figure `{}`; there are {known:?}", other.name);
                }
                let value = |name: &str| {
                    let found = sources.iter().find(|it| it.name == name);
                    found.map(|it| it.value).with_context(|| format!("figure `{name}` is missing"))
                };
                let figures = Self { $($name: value(stringify!($name))?,)* sources: sources.clone() };
                figures.check()?;
                Ok(figures)
            }
        }
    };
}

figures! {
    /// Records of a chunk: accounts, with one record each.
    chunk_records,
    /// Records of a portion.
    portion_records,
    /// Chunks that a function works on at a time.
    workers,
    /// Transactions that a worker has under way.
    commits_under_way,
    /// Memory of a run function.
    function_memory_mb,
    /// How long before its end a function takes no further chunk.
    stop_before_deadline_ms,
    /// Write units of a record's transaction, the index included.
    record_write_units_milli,
    /// Those of them that are the index's.
    record_index_units_milli,
    /// Read units to gather a record.
    record_read_units_milli,
    /// Read units to find a record in the index.
    due_read_units_milli,
    /// Write units of a chunk's own record.
    chunk_write_units_milli,
    /// Read units of a chunk's own record, and of the active setup.
    chunk_read_units_milli,
    /// Time of a core for a full chunk.
    chunk_cpu_us,
    /// What of that is the plugins'.
    chunk_plugin_us,
    /// Planning of a million records, without the network.
    planning_ms_per_million,
    /// From a call to the handler, if there is no function yet.
    cold_start_ms,
    /// One request to the table.
    table_request_us,
    /// One page of 1 MB from the table.
    table_page_us,
    /// One request to S3, without its bytes.
    file_request_us,
    /// Bytes read from S3.
    file_bytes_per_second,
    /// Between two states of the state machine.
    state_us,
    /// Start of a Map Run.
    map_start_ms,
    /// A record in a plan.
    plan_record_bytes,
    /// A record in the index.
    due_key_bytes,
    /// A record in the journal.
    journal_record_bytes,
    /// A chunk's record, with its summary.
    summary_chunk_bytes,
    /// What is logged of a chunk.
    log_chunk_bytes,
    /// What is logged of a call of a function.
    log_call_bytes,
}

impl Figures {
    /// Reads them from a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} has no figures", path.display()))
    }

    /// Refuses what would divide by zero, or make no sense.
    fn check(&self) -> Result<()> {
        let above_zero = [
            ("chunk_records", self.chunk_records),
            ("portion_records", self.portion_records),
            ("workers", self.workers),
            ("commits_under_way", self.commits_under_way),
            ("function_memory_mb", self.function_memory_mb),
            ("record_write_units_milli", self.record_write_units_milli),
            ("record_index_units_milli", self.record_index_units_milli),
            ("table_request_us", self.table_request_us),
            ("file_bytes_per_second", self.file_bytes_per_second),
        ];
        if let Some((name, _)) = above_zero.iter().find(|(_, value)| *value == 0) {
            bail!("figure `{name}` must be above 0");
        }
        if self.record_index_units_milli > self.record_write_units_milli {
            bail!("`record_index_units_milli` is a part of `record_write_units_milli`");
        }
        if self.portion_records < self.chunk_records {
            bail!("a portion has at least one chunk: raise `portion_records`");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = include_str!("../../../tests/figures/capacity.json");

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Figures> {
        let mut document: Value = serde_json::from_str(OWN).unwrap();
        change(&mut document["figures"]);
        Figures::parse(&document.to_string())
    }

    #[test]
    fn the_file_of_this_checkout_says_where_each_figure_is_from() {
        let figures = Figures::parse(OWN).unwrap();
        assert!(figures.sources.iter().all(|source| source.what.len() > 10));
        assert_eq!(figures.chunk_records, 200);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let missing = changed(|it| drop(it.as_object_mut().unwrap().remove("workers")));
        assert_eq!(missing.unwrap_err().to_string(), "figure `workers` is missing");
        let zero = changed(|it| it["workers"]["value"] = 0.into());
        assert_eq!(zero.unwrap_err().to_string(), "figure `workers` must be above 0");
        let other = changed(|it| it["wrokers"] = it["workers"].clone());
        assert!(other.unwrap_err().to_string().starts_with("there is no figure `wrokers`"));
        let mute = changed(|it| it["workers"] = serde_json::json!({ "value": 2 }));
        assert!(mute.unwrap_err().to_string().starts_with("figure `workers` must say one of"));
        let both = changed(|it| it["workers"]["assumed"] = "because".into());
        assert!(both.is_err());
        let float = changed(|it| it["workers"]["value"] = serde_json::json!(2.5));
        assert!(float.unwrap_err().to_string().contains("whole number"));
    }
}
