//! `arrears plugin run`, `bench`: what a case comes to, and what it costs.

use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::render::table::Table;
use crate::session::Session;
use arrears_kit::admit;
use arrears_kit::bench::{self, BATCHES, Measured};
use arrears_kit::case::{self, Case};
use arrears_kit::run::{self, Ran};
use clap::Args;
use std::path::{Path, PathBuf};

/// Which component, and which case.
#[derive(Debug, Args)]
pub struct Run {
    /// The component
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// The case, as those of a project's folder `cases`
    #[arg(value_name = "CASE")]
    case: PathBuf,
}

/// Which components, and which cases.
#[derive(Debug, Args)]
pub struct Bench {
    /// The components
    #[arg(value_name = "FILE", required = true)]
    components: Vec<PathBuf>,
    /// The folder of the cases
    #[arg(long, value_name = "FOLDER", default_value = "cases")]
    cases: PathBuf,
    /// Measure batches of this size too, besides 1, 10 and 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch: Option<u32>,
}

/// Puts a case through a component.
pub(super) fn run(session: &Session, wanted: &Run) -> Result<Status, CommandError> {
    let plugin = admit(&session.host()?, &wanted.component)?;
    let ran = run::run(&plugin, &Case::read(&wanted.case)?);
    session.output.answer(&ran, || ran_in_words(&ran))?;
    Ok(if ran.defects.is_empty() { Status::Done } else { Status::Incomplete })
}

fn ran_in_words(ran: &Ran) -> String {
    let mut text = format!("{}: {}\n\n{:#}\n\n", ran.file, ran.about, ran.outcome);
    for defect in &ran.defects {
        text.push_str(&format!("Defect: {defect}\n"));
    }
    for line in &ran.log {
        text.push_str(&format!("{}: {}\n", line.level, line.message));
    }
    let mut table = Table::new(["", ""]);
    table.row(["subjects", &number::count(ran.subjects)]);
    let declared = number::count(ran.fuel_per_item_declared);
    let fuel = number::count(ran.fuel);
    table.row(["fuel", &format!("{fuel} instructions; {declared} declared for a subject")]);
    table.row(["memory", &number::bytes(ran.memory_high_water_bytes as u64)]);
    table.row(["time", &time(ran.wall_us.saturating_mul(1_000))]);
    text + &table.render()
}

/// Measures components.
pub(super) fn bench(session: &Session, wanted: &Bench) -> Result<Status, CommandError> {
    let host = session.host()?;
    let cases = case::folder(&wanted.cases)?;
    let batches: Vec<u32> = BATCHES.into_iter().chain(wanted.batch).collect();
    let mut measured = Vec::new();
    for component in &wanted.components {
        let plugin = admit(&host, component)?;
        let name = component.display().to_string();
        measured.extend(bench::bench(&name, &plugin, &cases, &batches));
    }
    // Side by side: what is to be compared stands together, in the order of the command.
    measured.sort_by(|a, b| (&a.case, a.batch).cmp(&(&b.case, b.batch)));
    session.output.answer(&measured, || measured_in_words(&measured))?;
    Ok(Status::Done)
}

fn measured_in_words(measured: &[Measured]) -> String {
    if measured.is_empty() {
        return "No case has both subjects and a config that the plugin takes.\n".to_owned();
    }
    let mut table = Table::new([
        "Case",
        "#Batch",
        "Component",
        "#Fuel a subject",
        "#Time",
        "#Memory",
        "#Defects",
    ]);
    for it in measured {
        table.row([
            name(&it.case),
            number::count(it.batch.into()),
            name(&it.component),
            number::count(it.fuel_per_subject),
            time(it.wall_ns_per_subject),
            number::bytes(it.memory_high_water_bytes as u64),
            number::count(it.defects as u64),
        ]);
    }
    table.render()
}

fn name(path: &str) -> String {
    Path::new(path).file_stem().unwrap_or_default().display().to_string()
}

/// `0.87 us`, `12.50 us`, `3 ms`.
fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000_000 => {
            format!("{}.{:02} us", nanoseconds / 1_000, nanoseconds / 10 % 100)
        }
        _ => number::duration_ms(nanoseconds / 1_000_000),
    }
}
