//! What is printed of simulated runs, and what the guides show.

use anyhow::Result;

use crate::simulate::bill::{Bill, Quantities, gb_seconds};
use crate::simulate::limits::{INDEX_SHARDS, TABLE_NEW_UNITS, TABLE_QUOTA_UNITS, max_concurrency};
use crate::simulate::measured::Figures;
use crate::simulate::month;
use crate::simulate::outcome::{Outcome, PortionOrder, Scenario, Shares};
use crate::simulate::run;
use crate::simulate::text::{dollars, duration, grouped, table};

/// What a run of so many records is to take at most.
const TARGET_RECORDS: u64 = 10_000_000;
const TARGET_US: u64 = 60 * 60 * 1_000_000;

/// A column of the report: a table, written to by as many functions as fill it.
pub struct Column {
    /// In words.
    pub name: &'static str,
    table_units: u64,
}

/// The tables that are shown.
pub const COLUMNS: [Column; 2] = [
    Column { name: "warm table", table_units: TABLE_QUOTA_UNITS },
    Column { name: "new table", table_units: TABLE_NEW_UNITS },
];

impl Column {
    /// A run of so many records over this table.
    pub fn scenario(&self, figures: &Figures, records: u64) -> Scenario {
        let concurrency = max_concurrency(self.table_units, INDEX_SHARDS, figures);
        Scenario::new(records, self.table_units, concurrency)
    }
}

/// All of it.
pub fn report(figures: &Figures, sizes: &[u64]) -> Result<String> {
    let mut text = String::from(
        "Simulated, not measured: chunks and planning as in the figures below, limits and\n\
         prices (us-east-1) as AWS documents them.\n\n",
    );
    text += &sources(figures);
    for records in sizes {
        text += &format!("\n{} records\n\n", grouped(*records));
        text += &times(figures, *records)?;
        text += "\n";
        text += &bill(figures, *records)?;
        text += "\n";
        text += &what_if(figures, *records)?;
    }
    text += "\nThe same by the write units of a record, over a warm table\n\n";
    text += &dearer(figures, sizes)?;
    text += "\nWhat a run leaves behind\n\n";
    text += &month::kept(figures, sizes);
    text += "\nWhat stands there, whether anything runs or not\n\n";
    text += &month::standing();
    text += "\n";
    text += &verdict(figures)?;
    Ok(text)
}

/// The figures, and where each is from.
pub fn sources(figures: &Figures) -> String {
    let mut rows = vec![["figure", "value", "from"].map(str::to_owned).to_vec()];
    rows.extend(figures.sources.iter().map(|source| {
        let origin = source.origin.replace('_', " ");
        let name = format!("`{}`", source.name);
        vec![name, grouped(source.value), format!("{origin}: {}", source.what)]
    }));
    // The last column is words, and as long as they are.
    let rows = rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
    let mut rows: Vec<String> = rows.collect();
    rows.insert(1, "| --- | ---: | --- |\n".to_owned());
    rows.concat()
}

/// How long a run of one size takes, over each table, and what it uses.
pub fn times(figures: &Figures, records: u64) -> Result<String> {
    let runs = COLUMNS.iter().map(|column| {
        let scenario = column.scenario(figures, records);
        Ok((run::run(figures, &scenario)?, scenario))
    });
    let runs = runs.collect::<Result<Vec<(Outcome, Scenario)>>>()?;
    let mut rows = vec![
        row("", COLUMNS.iter().map(|column| column.name.to_owned())),
        row("units a second when it begins", runs.iter().map(|(_, it)| grouped(it.table_units))),
    ];
    let mut add = |name: &str, value: &dyn Fn(&Outcome) -> String| {
        rows.push(row(name, runs.iter().map(|(outcome, _)| value(outcome))));
    };
    add("units a second in the end", &|it| grouped(it.table_units_after));
    add("portions", &|it| grouped(it.portions));
    add("functions at a time", &|it| grouped(it.concurrency));
    add("plan", &|it| duration(it.plan_us));
    add("work", &|it| duration(it.work_us));
    add("finish", &|it| duration(it.finish_us));
    add("**in all**", &|it| format!("**{}**", duration(it.wall_us())));
    add("records a second of work", &|it| grouped(it.records * 1_000_000 / it.work_us.max(1)));
    add("write units, busiest second", &|it| grouped(it.table.peak_second_milli.div_ceil(1_000)));
    add("seconds with throttling", &|it| grouped(it.table.throttled_s));
    add("refused by the table", &|it| grouped(it.table.table_refused));
    add("refused by the index", &|it| grouped(it.table.index_refused));
    add("calls that gave up, repeated", &|it| grouped(it.failed_calls));
    add("GB-seconds of functions", &|it| grouped(gb_seconds(figures, it)));
    add("time in plugins", &|it| duration(it.chunks * figures.chunk_plugin_us));
    add("state transitions", &|it| grouped(it.transitions));
    add("requests to S3", &|it| grouped(Quantities::of(figures, it).files()));
    add("bytes of logs", &|it| grouped(Quantities::of(figures, it).log_bytes));
    add("the bill", &|it| dollars(Bill::of(figures, it).micro_dollars()));
    let shares: Vec<Shares> = runs.iter().map(|(it, of)| Shares::of(figures, of, it)).collect();
    let percent = |of: fn(&Shares) -> u64| shares.iter().map(move |it| format!("{} %", of(it)));
    rows.push(row("used of the table", percent(|it| it.table)));
    rows.push(row("used of the index", percent(|it| it.index)));
    rows.push(row("used of the functions", percent(|it| it.functions)));
    rows.push(row("**what binds**", shares.iter().map(|it| format!("**{}**", it.binds()))));
    Ok(table(&rows))
}

/// The bill of a run over a warm table, with the arithmetic.
pub fn bill(figures: &Figures, records: u64) -> Result<String> {
    let bill = Bill::of(figures, &run::run(figures, &COLUMNS[0].scenario(figures, records))?);
    let title = format!("{} records", grouped(records));
    let mut rows = vec![["", &title, "price", "amount"].map(str::to_owned).to_vec()];
    rows.extend(bill.items.iter().map(|item| {
        let amount = dollars(item.micro_dollars());
        vec![item.name.to_owned(), item.shown.clone(), item.price.words.to_owned(), amount]
    }));
    let total = format!("**{}**", dollars(bill.micro_dollars()));
    rows.push(vec!["**in all**".to_owned(), String::new(), String::new(), total]);
    Ok(table(&rows))
}

/// The bill of runs of each size over a warm table, and their time, by the write units
/// of a record. As many functions work as the least units allow.
pub fn dearer(figures: &Figures, sizes: &[u64]) -> Result<String> {
    let mut head = vec!["write units a record".to_owned()];
    for records in sizes {
        head.push(format!("{} records", grouped(*records)));
        head.push("time".to_owned());
    }
    let mut rows = vec![head];
    for units_milli in DEARER_MILLI {
        let dear = Figures { record_write_units_milli: units_milli, ..figures.clone() };
        let mut cells = vec![(units_milli / 1_000).to_string()];
        for records in sizes {
            let outcome = run::run(&dear, &COLUMNS[0].scenario(figures, *records))?;
            cells.push(dollars(Bill::of(&dear, &outcome).micro_dollars()));
            cells.push(duration(outcome.wall_us()));
        }
        rows.push(cells);
    }
    Ok(table(&rows))
}

/// Write units of a record that moves, that is charged, that gives points too:
/// docs/STORAGE.md.
const DEARER_MILLI: [u64; 3] = [6_000, 8_000, 10_000];

/// What a run takes if a limit is twice as high, and with its portions in another order.
pub fn what_if(figures: &Figures, records: u64) -> Result<String> {
    let mut rows = vec![row("wall time", COLUMNS.iter().map(|column| column.name.to_owned()))];
    let scenarios = COLUMNS.iter().map(|column| column.scenario(figures, records));
    let scenarios: Vec<Scenario> = scenarios.collect();
    for (name, change) in CHANGES {
        let wall = |scenario: &Scenario| {
            let mut changed = scenario.clone();
            change(&mut changed);
            match run::run(figures, &changed) {
                Ok(outcome) => duration(outcome.wall_us()),
                // It is throttled until the state machine gives up.
                Err(_) => "gives up".to_owned(),
            }
        };
        rows.push(row(name, scenarios.iter().map(wall)));
    }
    Ok(table(&rows))
}

/// A change of a limit, and its name.
type Change = (&'static str, fn(&mut Scenario));

/// The limits that are tried.
const CHANGES: [Change; 6] = [
    ("as it is", |_| {}),
    ("twice the units of the table", |it| {
        it.table_units *= 2;
        it.quota_units *= 2;
    }),
    ("twice the shards of the index", |it| it.index_shards *= 2),
    ("twice the functions", |it| it.max_concurrency *= 2),
    ("all of that", |it| {
        it.table_units *= 2;
        it.quota_units *= 2;
        it.index_shards *= 2;
        it.max_concurrency *= 2;
    }),
    ("portions shard after shard", |it| it.order = PortionOrder::ShardAfterShard),
];

/// Whether the target is reached.
fn verdict(figures: &Figures) -> Result<String> {
    let mut text = String::from("10,000,000 records in under 60 minutes:");
    for column in &COLUMNS {
        let wall_us = run::run(figures, &column.scenario(figures, TARGET_RECORDS))?.wall_us();
        let reached = if wall_us < TARGET_US { "reached" } else { "MISSED" };
        text += &format!(" {} {} ({reached});", column.name, duration(wall_us));
    }
    Ok(text.trim_end_matches(';').to_owned() + "\n")
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(cells).collect()
}
