//! `arrears demo`: a book made up from a seed, several collections runs over
//! it with payments between them, and what happened.

mod life;

pub use life::Life;

use self::life::Payers;
use super::book::write_accounts;
use super::run::work;
use super::{unreadable, unwritable, write_whole};
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render::demo::{Part, Shown};
use crate::session::Session;
use arrears_domain::setup::Source;
use arrears_domain::{AccountId, Date, DelinquencyKind, Identifier};
use arrears_runs::book::{self, Format, Generator};
use arrears_runs::catalog::Catalog;
use arrears_runs::report::{self, RunReport};
use arrears_runs::run::Options;
use arrears_runs::setups::{self, Stored};
use arrears_runs::{RunError, view};
use arrears_storage::Store;
use arrears_storage::document::Line;
use clap::Args;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The setup of the demo.
const SETUP: &str = include_str!("../../demo/rivertown.toml");
const SETUP_NAME: &str = "rivertown.toml";

/// The dates of the runs: every second Monday, so that records pass several
/// milestones, some of them by business days with a holiday between.
const DATES: [&str; 4] = ["2026-02-02", "2026-02-16", "2026-03-02", "2026-03-16"];

/// How much to make up.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many accounts
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    accounts: u64,
    /// The same seed gives the same book
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// How many records stand where, and what they owe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Open records.
    pub records: u64,
    /// What they owe, in cents.
    pub balance_minor_units: i64,
}

/// The book at one moment: by scheme and milestone.
pub type Standings = BTreeMap<(String, String), Standing>;

/// Shows it.
///
/// # Errors
/// The folder has data already or cannot be written, or a run fails.
pub async fn demo(session: Session, demo: &Demo) -> Result<Status, CommandError> {
    let folder = own_folder(&session)?;
    let session = session.over(folder.clone());
    let mut clock = Clock::start();

    let catalog = session.built_in()?;
    clock.lap("plugins admitted");

    let store = session.store_or_new().await?;
    let stored = load_setup(&store, &catalog, &folder).await?;
    clock.lap("setup checked and loaded");

    let progress = Progress::new("importing lines", None, session.may_draw());
    let (book, payers) = make_book(&store, &stored, demo, &folder, &progress).await?;
    drop(progress);
    clock.lap("book made up and imported");

    let before = census(&store).await?;
    clock.lap("book counted");
    let dates = dates()?;
    let first = dates.first().copied().unwrap_or_default();
    let what_if = life::what_if(&store, &catalog, first, &folder).await?;
    clock.lap("a changed setup tried");
    let (first, second) = dates.split_at(dates.len() / 2);
    let mut runs = run_on(&session, &store, &catalog, first).await?;
    clock.lap("the first two runs");
    let paid_on = first.last().copied().unwrap_or_default();
    let mut exports = vec![life::export(&store, &catalog, paid_on).await?];
    clock.lap("files for the collection agency");
    let payments = life::pay(&store, &stored, &payers, paid_on, &folder).await?;
    clock.lap("payments applied");
    runs.extend(run_on(&session, &store, &catalog, second).await?);
    clock.lap("the last two runs");
    let last_date = second.last().copied().unwrap_or_default();
    exports.push(life::export(&store, &catalog, last_date).await?);
    clock.lap("files for the collection agency again");
    let last = runs.last().map_or("", |run| run.run_key.as_str());
    let replay = life::replay(&store, &catalog, last).await?;
    clock.lap("the last run replayed");

    let after = census(&store).await?;
    let story = story(&store, &stored, &after.richest).await?;
    clock.lap("book counted, account explained");

    let shown = Shown {
        folder: &folder,
        prompt: session.prompt(),
        seed: demo.seed,
        book,
        setup: &stored.prepared.setup,
        before: &before.standings,
        after: &after.standings,
        runs: &runs,
        life: Life { payments, exports, replay, what_if },
        story: story.as_ref(),
        parts: clock.parts,
    };
    session.output.answer(&shown.document(), || shown.render())?;
    Ok(Status::Done)
}

/// A folder of the demo's own: the one that was named, if it holds nothing yet,
/// or a new one among the temporary files, which is kept.
fn own_folder(session: &Session) -> Result<PathBuf, CommandError> {
    let Some(folder) = session.data() else {
        let made = tempfile::Builder::new().prefix("arrears-demo-").tempdir();
        let temporary = std::env::temp_dir();
        return Ok(made.map_err(|source| unwritable(&temporary, source))?.keep());
    };
    std::fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    let mut entries = std::fs::read_dir(folder).map_err(|source| unwritable(folder, source))?;
    match entries.next() {
        None => Ok(folder.to_owned()),
        Some(_) => Err(CommandError::Missing {
            what: format!("`{}` is not empty", folder.display()),
            hint: "the demo makes data of its own: name a new folder, or none".to_owned(),
        }),
    }
}

async fn run_on(
    session: &Session,
    store: &Store,
    catalog: &Catalog,
    dates: &[Date],
) -> Result<Vec<RunReport>, CommandError> {
    let mut runs = Vec::new();
    for date in dates {
        let run_key = work(session, store, catalog, &Options::collections(*date)).await?;
        runs.push(report::report(store, &run_key).await?);
    }
    Ok(runs)
}

fn dates() -> Result<Vec<Date>, CommandError> {
    let date = |text: &&str| super::run::date(text).map_err(CommandError::Usage);
    DATES.iter().map(date).collect()
}

async fn load_setup(
    store: &Store,
    catalog: &Catalog,
    folder: &Path,
) -> Result<Stored, CommandError> {
    let path = folder.join(SETUP_NAME);
    std::fs::write(&path, SETUP).map_err(|source| unwritable(&path, source))?;
    let sources = [Source { name: SETUP_NAME.to_owned(), text: SETUP.to_owned() }];
    setups::load(store, catalog, &sources).await.map_err(|error| match error {
        RunError::Setup { mistakes } => {
            CommandError::Mistakes { sources: sources.to_vec(), mistakes }
        }
        error => error.into(),
    })?;
    Ok(setups::active(store, catalog).await?)
}

/// What was made up.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Book {
    /// Accounts, each with a contact.
    pub accounts: u64,
    /// Their records.
    pub delinquencies: u64,
    /// Records on hold.
    pub holds: u64,
    /// Records whose milestone was extended.
    pub extensions: u64,
    /// Records of liens.
    pub liens: u64,
}

/// Makes the book up, writes it into the folder for whoever wants to look at
/// it, and takes it in.
async fn make_book(
    store: &Store,
    stored: &Stored,
    demo: &Demo,
    folder: &Path,
    progress: &Progress,
) -> Result<(Book, Payers), CommandError> {
    let mut payers = Payers::default();
    let mut counts = Book { accounts: 0, delinquencies: 0, holds: 0, extensions: 0, liens: 0 };
    let setup = &stored.prepared.setup;
    let first = super::run::date(DATES[0]).map_err(CommandError::Usage)?;
    let accounts = Generator::new(setup, demo.accounts, demo.seed, first).inspect(|made| {
        counts.accounts += 1;
        payers.look_at(counts.accounts, &made.account);
        for record in &made.delinquencies {
            counts.delinquencies += 1;
            counts.holds += u64::from(record.hold.is_some());
            counts.extensions += u64::from(record.extension_days > 0);
            let is_lien =
                matches!(record.kind, DelinquencyKind::AddressLien | DelinquencyKind::ParcelLien);
            counts.liens += u64::from(is_lien);
        }
    });
    let path = folder.join("book.jsonl");
    let mut file = write_whole(&path)?;
    write_accounts(accounts, &mut file).map_err(|source| unwritable(&path, source))?;
    file.keep()?;
    let file = File::open(&path).map_err(|source| unreadable(&path, source))?;
    let report = book::import(store, stored, BufReader::new(file), &Format::JsonLines, &|lines| {
        progress.at(lines);
    })
    .await?;
    match report.rejected.first() {
        None => Ok((counts, payers)),
        Some(rejected) => Err(CommandError::Missing {
            what: format!("line {} of {} is refused", rejected.line, path.display()),
            hint: rejected.reason.clone(),
        }),
    }
}

/// The book, counted.
#[derive(Debug, Default)]
struct Census {
    standings: Standings,
    /// The account with the richest history: the most effects, the first of
    /// those by id.
    richest: Option<String>,
}

async fn census(store: &Store) -> Result<Census, CommandError> {
    let mut census = Census::default();
    let mut effects: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = store.scan();
    while let Some(page) = pages.next().await {
        for line in page? {
            match line {
                Line::Delinquency(record) if record.status == "open" => {
                    let place = (record.scheme, record.milestone);
                    let standing = census.standings.entry(place).or_default();
                    standing.records += 1;
                    standing.balance_minor_units += cents(record.balance.as_str());
                }
                Line::Transition(it) => {
                    let number: usize = it.actions.iter().map(|action| action.effects.len()).sum();
                    *effects.entry(it.account).or_default() += number;
                }
                _ => {}
            }
        }
    }
    let richest = effects.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    census.richest = richest.map(|(account, _)| account);
    Ok(census)
}

/// Cents of a decimal text with two decimals, as all amounts of the demo have.
fn cents(decimal: &str) -> i64 {
    decimal.replace('.', "").parse().unwrap_or(0)
}

/// An account with its story.
pub type Story = (view::AccountExplanation, view::AccountView);

async fn story(
    store: &Store,
    stored: &Stored,
    richest: &Option<String>,
) -> Result<Option<Story>, CommandError> {
    let last = dates()?.pop();
    let account = richest.as_deref().and_then(|id| AccountId::parse(id).ok());
    let (Some(account), Some(as_of)) = (account, last) else {
        return Ok(None);
    };
    let story = view::explain(store, stored, &account, as_of).await?;
    let view = view::show(store, stored, &account).await?;
    Ok(story.zip(view))
}

/// How long each part took.
struct Clock {
    lap: Instant,
    parts: Vec<Part>,
}

impl Clock {
    fn start() -> Self {
        Self { lap: Instant::now(), parts: Vec::new() }
    }

    fn lap(&mut self, name: &'static str) {
        let duration_ms = u64::try_from(self.lap.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.parts.push(Part { name, duration_ms });
        self.lap = Instant::now();
    }
}
