//! What the engine costs: a collections run, beside the bare store that is sent
//! the same requests with no engine above it.
//!
//! ```sh
//! cargo xtask bench run
//! ```

use arrears_domain::decide::{Due, due};
use arrears_domain::{AccountId, ContactId, Delinquency, Identifier, RunKey, Setup, Transition};
use arrears_e2e::{House, catalog, copy_folder, open, options};
use arrears_runs::chunk::{JournalDecision, JournalLine, JournalRead};
use arrears_runs::record::RunRecord;
use arrears_runs::run::{self, Unobserved};
use arrears_runs::{ledger, setups};
use arrears_storage::document::DelinquencyLine;
use arrears_storage::{AccountWrite, CommitOutcome, DueKey, DueSubject, RecordWrite, Store};
use futures::stream::{self, StreamExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SETUP: &str = include_str!("../../functions/cli/src/demo/rivertown.toml");
const ACCOUNTS: u64 = 20_000;
const AS_OF: &str = "2026-02-16";
/// The engine must reach this share of the bare store's rate.
const SHARE_TARGET_PERCENT: u128 = 80;
/// Rounds of each, in turns; the best of each counts, since what disturbs a
/// round on a shared machine only ever makes it slower.
const ROUNDS: usize = 5;
/// As in a run: transactions that a worker has under way.
const CONCURRENT_COMMITS: usize = 8;

#[tokio::main]
async fn main() {
    let house = House::generated(catalog(&[]), SETUP, ACCOUNTS, AS_OF).await;
    let untouched = tempfile::tempdir().expect("a folder");
    copy_folder(house.folder.path(), untouched.path());
    let (run, first) = engine(&house, untouched.path()).await;
    let requests = Arc::new(requests(&open(run.1.path()).await, &house, &run.0).await);
    let (mut engine_best, mut bare_best) = (first, Duration::MAX);
    for _ in 0..ROUNDS {
        bare_best = bare_best.min(bare(&requests, &run.0, untouched.path()).await);
        engine_best = engine_best.min(engine(&house, untouched.path()).await.1);
    }
    report(&run.0, &requests, engine_best, bare_best);
}

fn report(run: &RunRecord, requests: &[ChunkRequests], engine: Duration, bare: Duration) {
    let records = run.plan.as_ref().map_or(0, |plan| plan.delinquencies);
    let commits: usize = requests.iter().map(|chunk| chunk.commits.len()).sum();
    let rate = |time: Duration| u128::from(records) * 1_000_000 / time.as_micros().max(1);
    let share = rate(engine) * 100 / rate(bare).max(1);
    println!(
        "a collections run: {records} delinquencies, {commits} transactions, best of {ROUNDS}"
    );
    println!("{:>22} {:>10} {:>16}", "", "time", "delinquencies/s");
    println!("{:>22} {:>8}ms {:>16}", "with the engine", engine.as_millis(), rate(engine));
    println!("{:>22} {:>8}ms {:>16}", "bare store", bare.as_millis(), rate(bare));
    let verdict = if share >= SHARE_TARGET_PERCENT { "reached" } else { "MISSED" };
    println!("share {share} % (target {SHARE_TARGET_PERCENT} %: {verdict})");
}

/// A run of the engine over a copy of the book, and how long it took.
async fn engine(house: &House, untouched: &Path) -> ((RunRecord, TempDir), Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(untouched, folder.path());
    let store = open(folder.path()).await;
    let started = Instant::now();
    let run = run::start(&store, &house.catalog, &options(AS_OF), &Unobserved).await;
    let took = started.elapsed();
    ((run.expect("the run finishes"), folder), took)
}

/// What a chunk asks of the store.
struct ChunkRequests {
    keys: Vec<DueKey>,
    journal: Vec<u8>,
    commits: Vec<Commit>,
}

struct Commit {
    account: AccountId,
    contact: Option<ContactId>,
    before: Delinquency,
    after: Delinquency,
    due: Due,
    transition: Transition,
}

/// The requests of a finished run, from its journal.
async fn requests(store: &Store, house: &House, run: &RunRecord) -> Vec<ChunkRequests> {
    let stored =
        setups::version(store, &house.catalog, run.setup_version).await.expect("its setup");
    let prefix = format!("runs/{}/journal/", run.run_key);
    let mut chunks = Vec::new();
    for object in store.list_objects(&prefix).await.expect("the journal") {
        let journal = store.get_object(&object.key).await.expect("a journal").to_vec();
        let text = String::from_utf8_lossy(&journal).into_owned();
        let lines: Vec<JournalLine> = text
            .lines()
            .skip(1)
            .map(|line| serde_json::from_str(line).expect("a journal line"))
            .collect();
        let key = |line: &JournalLine| DueKey {
            eligible_on: None,
            account: Identifier::parse(&line.account).expect("an account"),
            subject: DueSubject::Record(Identifier::parse(&line.subject).expect("a record")),
        };
        let keys = lines.iter().map(key).collect();
        let commits = lines.iter().filter_map(|line| commit(&stored.prepared.setup, line));
        let commits = commits.collect();
        chunks.push(ChunkRequests { keys, journal, commits });
    }
    chunks
}

fn commit(setup: &Setup, line: &JournalLine) -> Option<Commit> {
    let JournalDecision::Change { record, transition } = &line.decision else { return None };
    let inputs = line.inputs.as_ref()?;
    let JournalRead::Record(read) = &inputs.read else { return None };
    let account = arrears_domain::Account::try_from(&inputs.account).expect("an account");
    let to_record = |line: &DelinquencyLine| line.to_delinquency(account.currency());
    let (before, after) = (to_record(read).expect("a record"), to_record(record).expect("one"));
    let transition = Transition::try_from(&**transition).expect("a transition");
    let due = due(setup, &after);
    Some(Commit { account: account.id, contact: account.contact, before, after, due, transition })
}

/// Sends the requests of a run to a copy of the book, with as many workers.
async fn bare(requests: &Arc<Vec<ChunkRequests>>, run: &RunRecord, untouched: &Path) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(untouched, folder.path());
    let store = open(folder.path()).await;
    let run_key = RunKey::parse(&run.run_key).expect("a key");
    let started = Instant::now();
    ledger::create_run(&store, run.kind, None, |_, _| run.clone()).await.expect("the run's record");
    plan(&store, run).await;
    let next = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..run.threads)
        .map(|_| {
            let (store, requests) = (store.clone(), Arc::clone(requests));
            let (next, run_key) = (Arc::clone(&next), run_key.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(chunk) = requests.get(number) else { return };
                    work(&store, &run_key, number, chunk).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("a worker");
    }
    started.elapsed()
}

/// Reads what is due and writes it down, as planning does.
async fn plan(store: &Store, run: &RunRecord) {
    use arrears_storage::{DUE_SHARDS, DueClass};
    let selection = vec![(DueClass::Collections, run.as_of)];
    for shard in 0..DUE_SHARDS {
        let keys = arrears_runs::plan::selected(store, &selection, shard);
        let lines = format!("{:?}", keys.await.expect("the due keys"));
        let key = format!("runs/{}/plan-1/{shard:02}.jsonl", run.run_key);
        store.put_object_new(&key, lines.into_bytes()).await.expect("the plan");
    }
}

async fn work(store: &Store, run_key: &RunKey, number: usize, chunk: &ChunkRequests) {
    let (partition, sort) = (format!("chunk#{run_key}"), format!("{number:06}"));
    let revision = store.create_document(&partition, &sort, &1).await.expect("the chunk's record");
    let gathered = store.gather(&chunk.keys).await.expect("the records");
    assert_eq!(gathered.len(), chunk.keys.len());
    let journal = format!("runs/{run_key}/journal/{sort}-1.jsonl");
    store.put_object_new(&journal, chunk.journal.clone()).await.expect("the journal");
    let sends: Vec<_> = chunk.commits.iter().map(|commit| send(store, commit)).collect();
    stream::iter(sends)
        .buffered(CONCURRENT_COMMITS)
        .for_each(|outcome| async move { assert_eq!(outcome, CommitOutcome::Committed) })
        .await;
    let replaced = store.replace_document(&partition, &sort, revision, &2).await;
    assert!(replaced.expect("the chunk's record").is_some());
}

async fn send(store: &Store, commit: &Commit) -> CommitOutcome {
    let record = RecordWrite {
        before: Some(&commit.before),
        after: &commit.after,
        due: commit.due,
        transition: &commit.transition,
    };
    let write = AccountWrite {
        contact: commit.contact.as_ref(),
        records: vec![record],
        ..AccountWrite::new(&commit.account)
    };
    store.commit(&write).await.expect("a transaction")
}
