//! Random lives: accounts at random, events and runs at random, and after each
//! step what has to hold whatever happens.
//!
//! A failure prints its seed and all that happened; `LIFE_SEED=17` lives that life
//! alone, and prints it in any case.

mod book;
mod happenings;
mod random;

mod check;
mod spoil;

use self::check::{Case, Checked};
use self::happenings::World;
use self::random::Random;
use arrears_domain::decide::{Due, due};
use arrears_domain::{AccountId, Date, Identifier};
use arrears_e2e::{House, catalog, copy_folder, date, export, open};
use arrears_runs::events::{self, Applier, Outcome};
use arrears_runs::record::{RunRecord, Steps};
use arrears_runs::run::{self, Options, Unobserved};
use arrears_runs::setups::{self, Stored};
use arrears_runs::{ledger, plan};
use arrears_storage::{AccountPage, DUE_SHARDS, DueClass};
use chrono::Days;
use futures::FutureExt;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

/// Lives; each takes some second on a busy machine.
const LIVES: u64 = 25;
const STEPS: usize = 16;

const SETUP: &str = include_str!("setup.toml");
const SCHEME: &str = include_str!("scheme.toml");

/// What happened, for whoever has to repeat it.
type Log = Arc<Mutex<Vec<String>>>;

async fn house() -> House {
    let schemes = [("WATER", "WATER"), ("GAS", "GAS"), ("COLL", ""), ("LIENS", "")].map(|it| {
        let (code, bill_type) = it;
        let line = format!("bill_type = \"{bill_type}\"");
        let line = if bill_type.is_empty() { "" } else { &line };
        SCHEME.replace("@CODE", code).replace("@FOR", line)
    });
    let house = House::new(catalog(&[])).await;
    house.load(&format!("{SETUP}{}", schemes.concat())).await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_books_are_right() {
    let house = house().await;
    let alone: Option<u64> = std::env::var("LIFE_SEED").ok().map(|seed| seed.parse().unwrap());
    for seed in alone.map_or(0..LIVES, |seed| seed..seed + 1) {
        let log = Log::default();
        // A panic in the house is a failure like others.
        let lived = AssertUnwindSafe(live(&house, seed, Arc::clone(&log))).catch_unwind().await;
        let lived = lived.unwrap_or_else(|_| Err("a panic, see above".to_owned()));
        if let Err(wrong) = lived {
            panic!("life {seed}: {wrong}\n{}", log.lock().unwrap().join("\n"));
        }
        if alone.is_some() {
            println!("{}", log.lock().unwrap().join("\n"));
        }
    }
}

/// The checks find what is wrong: pages of lives, each spoilt in one way.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_books_are_found() {
    let house = house().await;
    let mut found = [0; spoil::WAYS.len()];
    for seed in 0..6 {
        let life = live(&house, seed, Log::default()).await.unwrap();
        let setup = &life.stored.prepared.setup;
        for (opening, page) in life.opening.iter().zip(&pages(&life.house).await) {
            for (at, (name, spoil)) in spoil::WAYS.iter().enumerate() {
                let mut spoilt = page.clone();
                if spoil(&mut spoilt).is_none() {
                    continue;
                }
                let checked = Case::new(setup, opening, &spoilt).check();
                assert!(checked.is_err(), "life {seed}, {}: {name} is not found", page.account.id);
                found[at] += 1;
            }
        }
    }
    assert!(found.iter().all(|count| *count > 0), "each way has been tried: {found:?}");
}

struct Life {
    house: House,
    stored: Stored,
    applier: Applier,
    random: Random,
    today: Date,
    opening: Vec<AccountPage>,
    sent: Vec<String>,
    applied: Vec<String>,
    log: Log,
}

async fn live(prepared: &House, seed: u64, log: Log) -> Result<Life, String> {
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().unwrap();
    copy_folder(prepared.folder.path(), folder.path());
    let store = open(folder.path()).await;
    let house = House { store, catalog: prepared.catalog.clone(), folder };
    let book = book::book(&mut random);
    log.lock().unwrap().push(book.clone());
    let rejected = house.import(&book).await.rejected;
    if !rejected.is_empty() {
        return Err(format!("{rejected:?}"));
    }
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let applier = Applier::new(house.store.clone(), &stored);
    let opening = pages(&house).await;
    let (today, sent, applied) = (date("2026-02-03"), Vec::new(), Vec::new());
    let mut life = Life { house, stored, applier, random, today, opening, sent, applied, log };
    for _ in 0..STEPS {
        life.step().await?;
    }
    life.again().await?;
    life.is_indexed().await?;
    life.replays().await?;
    Ok(life)
}

async fn pages(house: &House) -> Vec<AccountPage> {
    let mut pages = Vec::new();
    for number in 1..=3 {
        let id = AccountId::parse(&format!("A-{number}")).unwrap();
        pages.extend(house.store.account_page(&id).await.unwrap());
    }
    pages
}

impl Life {
    fn log(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }

    async fn step(&mut self) -> Checked {
        self.today = self.today + Days::new(self.random.below(6) as u64);
        let before = pages(&self.house).await;
        if self.random.chance(65) {
            self.events(&before).await?;
        } else {
            self.run(&before).await?;
        }
        let setup = &self.stored.prepared.setup;
        for (opening, page) in self.opening.iter().zip(&pages(&self.house).await) {
            let checked = Case::new(setup, opening, page).check();
            checked.map_err(|wrong| format!("{}: {wrong}", page.account.id))?;
        }
        Ok(())
    }

    async fn events(&mut self, before: &[AccountPage]) -> Checked {
        let mut lines = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let world = World { pages: before, sent: &self.sent, today: self.today };
            let line = world.event(&mut self.random, self.sent.len());
            self.sent.push(line.clone());
            lines.push(line);
        }
        for line in &lines {
            self.log(line.clone());
        }
        let read =
            lines.iter().map(|line| events::read(line.as_str(), self.applier.zone())).collect();
        let answers = self.applier.apply(read).await.map_err(|error| error.to_string())?;
        let mut changes = false;
        for (line, answer) in lines.into_iter().zip(answers) {
            self.log(format!("-> {:?}", answer.outcome));
            if let Outcome::Applied(_) = answer.outcome {
                changes = true;
                self.applied.push(line);
            }
        }
        match changes || pages(&self.house).await == before {
            true => Ok(()),
            false => Err("what was not applied left something behind".to_owned()),
        }
    }

    async fn run(&mut self, before: &[AccountPage]) -> Checked {
        let mut options = match self.random.chance(35) {
            true => Options::collections(self.today),
            false => Options::delinquency(self.today),
        };
        if self.random.chance(40) {
            let mut flip = || self.random.chance(60);
            options.steps = Steps { entry: flip(), advance: flip(), decrement_and_resolve: flip() };
        }
        self.log(format!("{options:?}"));
        let Self { house, .. } = &*self;
        let run = run::start(&house.store, &house.catalog, &options, &Unobserved).await;
        let run = run.map_err(|error| error.to_string())?;
        let after = pages(house).await;
        self.log(format!(
            "-> {:?}",
            run.totals.as_ref().map(|it| (it.processed, &it.first_errors))
        ));
        adds_up(&run, before, &after)
    }

    /// All that was applied, again: nothing changes.
    async fn again(&self) -> Checked {
        let before = export(&self.house.store).await;
        let lines = self.applied.join("\n");
        let report = events::apply_lines(&self.applier, lines.as_bytes(), &|_| {}).await;
        let report = report.map_err(|error| error.to_string())?;
        if report.duplicates != self.applied.len() as u64 {
            return Err(format!("not all were duplicates: {report:?}"));
        }
        match export(&self.house.store).await == before {
            true => Ok(()),
            false => Err("events that came again changed something".to_owned()),
        }
    }

    /// Each open record stands in the index where the setup says, and no other.
    async fn is_indexed(&self) -> Checked {
        let end = date("9999-12-31");
        let selection = vec![(DueClass::Collections, end), (DueClass::Delinquency, end)];
        let mut found = BTreeMap::new();
        for shard in 0..DUE_SHARDS {
            for key in plan::selected(&self.house.store, &selection, shard).await.unwrap() {
                found.insert(key.delinquency().unwrap().clone(), key.eligible_on);
            }
        }
        for record in pages(&self.house).await.iter().flat_map(|page| &page.delinquencies) {
            let wanted = match due(&self.stored.prepared.setup, record) {
                Due::On(on) => Some(Some(on)),
                Due::EveryRun => Some(None),
                Due::Never => None,
            };
            let indexed = found.remove(&record.id);
            if indexed != wanted {
                return Err(format!("{} is due {wanted:?}, indexed {indexed:?}", record.id));
            }
        }
        if found.is_empty() { Ok(()) } else { Err(format!("indexed for nothing: {found:?}")) }
    }

    /// Each run is decided again from its journal, and comes out the same.
    async fn replays(&self) -> Checked {
        let House { store, catalog, .. } = &self.house;
        for run in ledger::runs(store).await.unwrap() {
            let replay = run::replay(store, catalog, &run.run_key, &Unobserved).await;
            let replay = replay.map_err(|error| error.to_string())?;
            if replay.differing > 0 {
                return Err(format!("{:?}", replay.differences));
            }
        }
        Ok(())
    }
}

/// A run's counts are those of its records and of history.
fn adds_up(run: &RunRecord, before: &[AccountPage], after: &[AccountPage]) -> Checked {
    let totals = run.totals.as_ref().ok_or("a finished run without totals")?;
    let planned = run.plan.as_ref().map_or(0, |plan| plan.delinquencies);
    let omitted: u64 = totals.omitted_by_reason.values().sum();
    let count =
        |pages: &[AccountPage]| -> usize { pages.iter().map(|page| page.transitions.len()).sum() };
    let made = (count(after) - count(before)) as u64;
    let effects: u64 = totals.effects.values().sum();
    let own = after.iter().flat_map(|page| &page.transitions);
    let own = own.filter(|transition| transition.cause == run.run_key);
    let happened = own.map(|transition| transition.effects().count() as u64).sum::<u64>();
    let found = (totals.selected(), omitted, totals.processed, effects);
    let wanted = (planned, totals.omitted, made, happened);
    if found == wanted { Ok(()) } else { Err(format!("a run counts {found:?}, not {wanted:?}")) }
}
