//! What the embedded store does in a second, through the SDK clients.
//!
//! Run with `cargo bench -p arrears-storage`. The figures depend on the disk;
//! each line says what was done, so that two runs can be compared.

use arrears_domain::decide::{Due, Explanation, Step};
use arrears_domain::{
    Account, AccountId, AccountStatus, ActionOutcome, AgencyId, Contact, ContactId, Currency, Date,
    Delinquency, DelinquencyId, DelinquencyKind, DelinquencyStatus, Effect, HistoryEvent,
    Identifier, MilestoneCode, Money, PerformedAction, PlacementAction, PlacementEntry, RunKey,
    SchemeCode, Transition, TransitionEvent,
};
use arrears_storage::{
    AccountWrite, CommitOutcome, DUE_SHARDS, DueClass, DueKey, Location, Record, RecordWrite,
    Replace, Store,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Instant;

const ACCOUNTS: usize = 10_000;
const COMMITS: usize = 5_000;
const IMPORT_BATCH: usize = 500;
const PLACEMENTS_BATCH: usize = 1_000;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo passes arguments of its own when it only checks that this builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let place = Location::Embedded(folder.path().to_owned());
    let store = Store::open(place, AgencyId::parse("bench")?).await?;
    let records: Vec<_> = (0..ACCOUNTS).map(records).collect::<Result<Vec<_>, _>>()?.concat();
    import(&store, &records).await?;
    let due = due(&store).await?;
    gather(&store, &due).await?;
    commits(&store, &due[..COMMITS], 2).await?;
    commits(&store, &due[COMMITS..], 3).await?;
    let entries = (0..ACCOUNTS).map(placement).collect::<Result<Vec<_>, _>>()?;
    placements(&store, &entries, "placements put").await?;
    placements(&store, &entries, "placements put again").await?;
    scan(&store).await
}

/// Wall-clock time, and processor time where the system tells it: on a busy
/// machine only the latter can be compared.
#[derive(Clone, Copy)]
struct Clock {
    wall: Instant,
    processor_ticks: Option<u64>,
}

impl Clock {
    fn now() -> Self {
        Self { wall: Instant::now(), processor_ticks: processor_ticks() }
    }
}

/// User and system time of this process, in hundredths of a second.
fn processor_ticks() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<_> = fields.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

fn report(what: &str, count: usize, since: Clock, store: &Store) {
    let seconds = since.wall.elapsed().as_secs_f64();
    let processor = match (since.processor_ticks, processor_ticks()) {
        (Some(before), Some(now)) => {
            format!("{:>4} us of processor each", (now - before) * 10_000 / count as u64)
        }
        _ => "processor time not known".to_owned(),
    };
    let capacity = store.capacity();
    println!(
        "{what:<40} {count:>6} in {seconds:>5.2} s: {:>6.0} a second, {processor}; {} requests, {} read and {} write units",
        count as f64 / seconds,
        capacity.requests,
        capacity.read_units(),
        capacity.write_units()
    );
}

async fn import(store: &Store, records: &[Record]) -> Result<(), Failure> {
    let (store, since) = (store.metered(), Clock::now());
    for batch in records.chunks(IMPORT_BATCH) {
        store.put_records(batch, Replace::Nothing).await?;
    }
    report("records imported", records.len(), since, &store);
    Ok(())
}

async fn due(store: &Store) -> Result<Vec<DueKey>, Failure> {
    let (store, since) = (store.metered(), Clock::now());
    let mut keys = Vec::new();
    for shard in 0..DUE_SHARDS {
        let mut after = None;
        loop {
            let page = store.due_keys(DueClass::Collections, shard, date(31)?, after).await?;
            keys.extend(page.keys);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    report("due keys read", keys.len(), since, &store);
    Ok(keys)
}

async fn gather(store: &Store, due: &[DueKey]) -> Result<(), Failure> {
    let (store, since) = (store.metered(), Clock::now());
    for chunk in due.chunks(200) {
        store.gather(chunk).await?;
    }
    report("delinquencies gathered, in chunks of 200", due.len(), since, &store);
    Ok(())
}

/// Commits as a run does: chunks of 200, two workers with eight commits each.
async fn commits(store: &Store, due: &[DueKey], items: usize) -> Result<(), Failure> {
    let mut writes = Vec::new();
    for gathered in store.gather(due).await? {
        let before = gathered.delinquency.ok_or("a record is gone")?;
        writes.push((before.clone(), after(&before)?, transition(&before, items)?));
    }
    let (store, since) = (store.metered(), Clock::now());
    let committing = stream::iter(writes.into_iter().map(|(before, after, transition)| {
        let store = store.clone();
        tokio::spawn(async move {
            let record = RecordWrite {
                before: Some(&before),
                after: &after,
                due: Due::On(date(31)?),
                transition: &transition,
            };
            let write = AccountWrite { records: vec![record], ..AccountWrite::new(&after.account) };
            match store.commit(&write).await? {
                CommitOutcome::Committed => Ok::<_, Failure>(()),
                CommitOutcome::Conflict => Err("a conflict with nobody".into()),
            }
        })
    }));
    committing
        .buffer_unordered(16)
        .map_err(Failure::from)
        .try_for_each(|done| async move { done })
        .await?;
    report(&format!("transactions of {items} items committed"), due.len(), since, &store);
    Ok(())
}

/// Puts entries as a run does that tells collection agencies.
async fn placements(store: &Store, entries: &[PlacementEntry], what: &str) -> Result<(), Failure> {
    let (store, since) = (store.metered(), Clock::now());
    for batch in entries.chunks(PLACEMENTS_BATCH) {
        store.put_placements(batch).await?;
    }
    report(what, entries.len(), since, &store);
    Ok(())
}

async fn scan(store: &Store) -> Result<(), Failure> {
    let (store, since) = (store.metered(), Clock::now());
    let lines = store.scan().try_fold(0, |sum, page| async move { Ok(sum + page.len()) }).await?;
    report("lines scanned", lines, since, &store);
    Ok(())
}

fn date(day: u32) -> Result<Date, Failure> {
    Date::from_ymd_opt(2026, 1, day).ok_or_else(|| "no such day".into())
}

fn records(number: usize) -> Result<Vec<Record>, Failure> {
    let currency = Currency::parse("USD")?;
    let contact = ContactId::parse(&format!("C-{number}"))?;
    let account = AccountId::parse(&format!("A-{number}"))?;
    let balance = Money::from_minor_units(15_230, currency);
    let attributes = BTreeMap::from([("paperless".to_owned(), "no".to_owned())]);
    Ok(vec![
        Record::Contact(Contact {
            id: contact.clone(),
            name: format!("Contact {number}"),
            credit_points: 0,
            attributes: BTreeMap::new(),
        }),
        Record::Account(Account {
            id: account.clone(),
            contact: Some(contact),
            class: "residential".to_owned(),
            status: AccountStatus::Open,
            balance,
            attributes,
        }),
        Record::Delinquency(
            Box::new(Delinquency {
                id: DelinquencyId::parse(&format!("D-{number}"))?,
                account,
                kind: DelinquencyKind::Collections,
                bill_type: None,
                origin: None,
                items: BTreeSet::new(),
                scheme: SchemeCode::parse("RES")?,
                milestone: MilestoneCode::parse("REMIND")?,
                status: DelinquencyStatus::Open,
                entered_on: date(1)?,
                oldest_debt_on: None,
                balance,
                extension_days: 0,
                hold: None,
                attributes: BTreeMap::new(),
                sequence: 0,
                version: 0,
            }),
            Due::On(date(15)?),
        ),
    ])
}

fn placement(number: usize) -> Result<PlacementEntry, Failure> {
    Ok(PlacementEntry {
        account: AccountId::parse(&format!("A-{number}"))?,
        delinquency: DelinquencyId::parse(&format!("D-{number}"))?,
        collection_agency: "NORTHSTAR".to_owned(),
        sequence: 1,
        action: PlacementAction::New,
        scheme: SchemeCode::parse("RES")?,
        milestone: MilestoneCode::parse("FINAL")?,
        balance: Money::from_minor_units(15_230, Currency::parse("USD")?),
        on: date(15)?,
        run: RunKey::parse("export-000001")?,
        told: format!("sha256:{}", "0".repeat(64)),
    })
}

fn after(before: &Delinquency) -> Result<Delinquency, Failure> {
    Ok(Delinquency {
        milestone: MilestoneCode::parse("FINAL")?,
        entered_on: date(15)?,
        sequence: before.sequence + 1,
        version: before.version + 1,
        ..before.clone()
    })
}

/// A notice, and with the account's item as the third a charge too.
fn transition(before: &Delinquency, items: usize) -> Result<Transition, Failure> {
    let mut effects = vec![Effect::Notice {
        correspondence: "REMINDER-1".to_owned(),
        channel: "letter".to_owned(),
        fields: vec![("name".to_owned(), "R. Vance".to_owned())],
    }];
    if items == 3 {
        effects.push(Effect::OneOffCharge {
            line_item_type: "LATE-FEE".to_owned(),
            amount: Money::from_minor_units(1_500, before.balance.currency()),
            memo: "Late fee".to_owned(),
        });
    }
    Ok(Transition {
        delinquency: before.id.clone(),
        account: before.account.clone(),
        sequence: before.sequence + 1,
        event: HistoryEvent::Transition(TransitionEvent::EntryOrIncrement),
        scheme: before.scheme.clone(),
        from: Some(before.milestone.clone()),
        to: Some(MilestoneCode::parse("FINAL")?),
        resolution_code: None,
        balance: None,
        oldest_debt_on: None,
        hold: None,
        extension_days: 0,
        on: date(15)?,
        cause: "collections-000001".to_owned(),
        setup_version: 1,
        actions: vec![PerformedAction {
            position: 0,
            action_type: "notice".to_owned(),
            plugin_digest: format!("sha256:{}", "0".repeat(64)),
            outcome: ActionOutcome::Applied(effects),
        }],
        explanation: Explanation {
            steps: vec![Step {
                rule: "duration".to_owned(),
                text: "14 days from entry 2026-01-01: eligible on 2026-01-15".to_owned(),
                inputs: Vec::new(),
            }],
        },
    })
}
