//! What the demo shows.

mod life;

use super::number::{self, amount, count, counted, dollars, duration_ms};
use super::run::{charged, effect_table};
use super::table::Table;
use crate::command::demo::{Book, Life, Standing, Standings, Story};
use crate::session::Prompt;
use arrears_domain::setup::Setup;
use arrears_runs::report::RunReport;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Price of a GB-second of a Lambda function on arm64, in ten-thousandths of a
/// micro-dollar: $0.0000133334 in us-east-1
/// (<https://aws.amazon.com/lambda/pricing/>).
const LAMBDA_GB_SECOND: u64 = 133_334;
/// Memory of a run's function, in MB: 1,769 MB come with one whole processor.
const LAMBDA_MB: u64 = 1_769;
/// Price of a PUT to S3 Standard: $0.005 per 1,000 in us-east-1
/// (<https://aws.amazon.com/s3/pricing/>).
const S3_PUT_MICRO_DOLLARS: u64 = 5;
/// The currency of the demo's book.
const CURRENCY: &str = "USD";

/// A part of the demo and how long it took.
#[derive(Debug, Serialize)]
pub struct Part {
    /// What was done.
    pub name: &'static str,
    /// How long it took.
    pub duration_ms: u64,
}

/// Everything that the demo shows.
pub struct Shown<'a> {
    /// Where the data is.
    pub folder: &'a Path,
    /// How to type further commands.
    pub prompt: Prompt,
    /// The seed of the book.
    pub seed: u64,
    /// What was made up.
    pub book: Book,
    /// The setup.
    pub setup: &'a Setup,
    /// Where the records stood before the runs.
    pub before: &'a Standings,
    /// Where they stand after them.
    pub after: &'a Standings,
    /// The runs, by date.
    pub runs: &'a [RunReport],
    /// What happened beside them.
    pub life: Life,
    /// The account with the richest history.
    pub story: Option<&'a Story>,
    /// How long each part took.
    pub parts: Vec<Part>,
}

/// What the runs would have cost on AWS, in millionths of a dollar.
struct Cost {
    read_units_milli: u64,
    write_units_milli: u64,
    table_micro_dollars: u64,
    work_ms: u64,
    lambda_micro_dollars: u64,
    files: u64,
    files_micro_dollars: u64,
}

impl Shown<'_> {
    /// As plain data.
    pub fn document(&self) -> Value {
        let cost = self.cost();
        let places = |standings: &Standings| -> BTreeMap<String, Standing> {
            standings
                .iter()
                .map(|((scheme, code), it)| (format!("{scheme}: {code}"), *it))
                .collect()
        };
        json!({
            "data": self.folder,
            "seed": self.seed,
            "book": self.book,
            "before": places(self.before),
            "after": places(self.after),
            "runs": self.runs,
            "life": self.life,
            "effects": self.sums().0,
            "charged_minor_units": self.sums().1,
            "story": self.story.map(|(story, _)| story),
            "cost_micro_dollars": {
                "table": cost.table_micro_dollars,
                "functions": cost.lambda_micro_dollars,
                "files": cost.files_micro_dollars,
            },
            "parts": self.parts,
        })
    }

    /// For people.
    pub fn render(&self) -> String {
        let sections = [
            self.head(),
            life::what_if(&self.life),
            self.run_table(),
            life::payments(&self.life),
            self.standings(),
            self.effects(),
            self.told(),
            life::exports(&self.life),
            life::replay(&self.life),
            self.costs(),
            self.commands(),
            self.times(),
        ];
        sections.join("\n")
    }

    fn head(&self) -> String {
        let Book { accounts, delinquencies, holds, extensions, liens } = self.book;
        format!(
            "{}: a book made up from seed {}.\n{} and {} in collections or under a lien\n\
             ({} on hold, {} extended, {} liens); {}.\n",
            self.setup.agency_name,
            self.seed,
            counted(accounts, "account", "accounts"),
            counted(delinquencies, "record", "records"),
            count(holds),
            count(extensions),
            count(liens),
            super::setup::sizes(self.setup),
        )
    }

    fn run_table(&self) -> String {
        let names =
            ["Run", "As of", "#Due", "#Moved on", "#Errors", "#Omitted", "#Charged", "#Took"];
        let mut table = Table::new(names);
        for run in self.runs {
            table.row([
                run.run_key.clone(),
                run.as_of.to_string(),
                count(run.processed + run.errors + run.omitted),
                count(run.processed),
                count(run.errors),
                count(run.omitted),
                charged(&run.charged_minor_units),
                duration_ms(run.duration_ms),
            ]);
        }
        format!("Collections runs\n{}", table.render())
    }

    fn standings(&self) -> String {
        let names = ["Milestone (level)", "#Before", "#After", "#Owed before", "#Owed after"];
        let mut table = Table::new(names);
        let at = |standings: &Standings, place: &(String, String)| {
            standings.get(place).copied().unwrap_or_default()
        };
        let mut schemes: Vec<_> = self.setup.schemes.values().collect();
        schemes.sort_by_key(|scheme| scheme.display_order);
        let (mut all_before, mut all_after) = (Standing::default(), Standing::default());
        for scheme in schemes {
            for milestone in &scheme.milestones {
                let place = (scheme.code.to_string(), milestone.code.to_string());
                let (before, after) = (at(self.before, &place), at(self.after, &place));
                for (all, one) in [(&mut all_before, before), (&mut all_after, after)] {
                    all.records += one.records;
                    all.balance_minor_units += one.balance_minor_units;
                }
                let name = format!("{}: {}", scheme.code, milestone.title());
                table.row(standing_row(name, before, after));
            }
        }
        table.row(standing_row("all".to_owned(), all_before, all_after));
        format!(
            "Where the records stand, before the first run and after the last\n{}",
            table.render()
        )
    }

    fn sums(&self) -> (BTreeMap<String, u64>, BTreeMap<String, i64>) {
        let (mut effects, mut charged) = (BTreeMap::new(), BTreeMap::new());
        for run in self.runs {
            for (kind, number) in &run.effects {
                *effects.entry(kind.clone()).or_default() += number;
            }
            for (currency, minor_units) in &run.charged_minor_units {
                *charged.entry(currency.clone()).or_default() += minor_units;
            }
        }
        (effects, charged)
    }

    fn effects(&self) -> String {
        let (effects, sums) = self.sums();
        let table = effect_table(&effects).render();
        format!("What the actions did\n{table}  charged in all: {}\n", charged(&sums))
    }

    fn told(&self) -> String {
        match self.story {
            Some((story, view)) => {
                format!("The story of one account\n{}", super::story::explain(story, view))
            }
            None => "No record has moved, so there is no story to tell.\n".to_owned(),
        }
    }

    fn cost(&self) -> Cost {
        let sum = |of: fn(&RunReport) -> u64| self.runs.iter().map(of).sum::<u64>();
        // A function is billed while it works on a chunk; here, that is the
        // time of the workers.
        let work_ms = sum(|run| run.duration_ms * u64::from(run.threads));
        let files = sum(|run| run.files.len() as u64);
        // GB-seconds times the price; milliseconds, MB and the price's unit
        // divide by 10^3, 2^10 and 10^4.
        let lambda = u128::from(work_ms) * u128::from(LAMBDA_MB) * u128::from(LAMBDA_GB_SECOND)
            / (1_000 * 1_024 * 10_000);
        Cost {
            read_units_milli: sum(|run| run.capacity.read_units_milli),
            write_units_milli: sum(|run| run.capacity.write_units_milli),
            table_micro_dollars: sum(|run| run.capacity.price_micro_dollars),
            work_ms,
            lambda_micro_dollars: u64::try_from(lambda).unwrap_or(u64::MAX),
            files,
            files_micro_dollars: files * S3_PUT_MICRO_DOLLARS,
        }
    }

    fn costs(&self) -> String {
        let cost = self.cost();
        let mut table = Table::new(["", "#", ""]);
        table.row([
            "DynamoDB",
            &dollars(cost.table_micro_dollars),
            &format!(
                "{} write units x $0.625 and {} read units x $0.125 a million",
                number::units(cost.write_units_milli),
                number::units(cost.read_units_milli)
            ),
        ]);
        table.row([
            "Lambda",
            &dollars(cost.lambda_micro_dollars),
            &format!(
                "{} of work x {LAMBDA_MB} MB x $0.0000133334 a GB-second (arm64)",
                duration_ms(cost.work_ms)
            ),
        ]);
        table.row([
            "S3",
            &dollars(cost.files_micro_dollars),
            &format!("{} written x $0.005 a thousand", counted(cost.files, "file", "files")),
        ]);
        let all = cost.table_micro_dollars + cost.lambda_micro_dollars + cost.files_micro_dollars;
        table.row(["all runs", &dollars(all), "on demand in us-east-1"]);
        format!("What the runs would have cost on AWS\n{}", table.render())
    }

    fn commands(&self) -> String {
        let line = |words: &str| self.prompt.line(words);
        let account = self.story.map_or("A-0000001", |(story, _)| story.account.as_str());
        let last = self.runs.last();
        let key = last.map_or("collections-000001", |run| run.run_key.as_str());
        let journal = last.and_then(|run| run.files.iter().find(|file| file.contains("/journal/")));
        let mut table = Table::new(["", ""]);
        table.row(["the account's page", &line(&format!("account show {account}"))]);
        table.row(["a run's report", &line(&format!("runs show {key}"))]);
        table.row(["ready for a lien", &line("eligible lien")]);
        let promise = format!("promise make --account {account} --amount 20.00 --until 2026-12-31");
        table.row(["a promise to pay", &line(&promise)]);
        table.row(["a run again", &line(&format!("runs replay {key}"))]);
        let changed = self.folder.join("changed.toml").display().to_string();
        let tried = "run collections --as-of 2026-03-30 --dry-run --diff --setup";
        table.row(["a changed setup", &line(&format!("{tried} {changed}"))]);
        table.row(["the files", &line("files list")]);
        if let Some(journal) = journal {
            table.row(["a journal", &line(&format!("files cat {journal}"))]);
        }
        table.row(["the setup's actions", &line("setup show --actions")]);
        table.row(["the setup itself", &self.folder.join("rivertown.toml").display().to_string()]);
        format!("Look further (everything is in {})\n{}", self.folder.display(), table.render())
    }

    fn times(&self) -> String {
        let mut table = Table::new(["", "#"]);
        for part in &self.parts {
            table.row([part.name.to_owned(), duration_ms(part.duration_ms)]);
        }
        let all = self.parts.iter().map(|part| part.duration_ms).sum();
        table.row(["all".to_owned(), duration_ms(all)]);
        format!("How long it took\n{}", table.render())
    }
}

fn standing_row(name: String, before: Standing, after: Standing) -> [String; 5] {
    [
        name,
        count(before.records),
        count(after.records),
        amount(before.balance_minor_units, CURRENCY),
        amount(after.balance_minor_units, CURRENCY),
    ]
}
