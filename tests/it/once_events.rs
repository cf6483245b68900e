//! Events happen once: kills, files that come again, appliers at the same time.

use crate::kill::{at_each_request, due, fused, left_behind};
use arrears_domain::setup::Source;
use arrears_e2e::{House, catalog, copy_folder, open};
use arrears_runs::events::{self, Applier, EventsReport};
use arrears_runs::setups;
use arrears_storage::Store;
use std::path::Path;

const SETUP: &str = include_str!("bills.toml");

/// One account whose records change in every way, one that has a rest, and one
/// that is not there.
const BOOK: &str = r#"{"type":"contact","id":"C-1","name":"R. Vance"}
{"type":"account","id":"A-1","contact":"C-1","currency":"USD","balance":"100.00"}
{"type":"account","id":"A-2","contact":"C-1","currency":"USD","balance":"60.00"}
{"type":"transaction","id":"JAN","account":"A-1","bill_type":"WATER","date":"2026-01-01","due_date":"2026-01-15","amount":"100.00","marker":"unallocated"}
{"type":"delinquency","id":"D-1","account":"A-1","kind":"bill-type","bill_type":"WATER","scheme":"WATER","milestone":"LATE","entered_on":"2026-01-20","oldest_debt_on":"2026-01-15","balance":"100.00","items":["JAN"]}
{"type":"delinquency","id":"D-2","account":"A-2","kind":"bill-type","bill_type":"WATER","scheme":"WATER","milestone":"FINAL","entered_on":"2026-01-20","balance":"60.00"}"#;

/// The events: id, account, type, data. The reversal of CHEQUE comes before it.
const EVENTS: [(&str, &str, &str, &str); 9] = [
    ("E-1", "A-1", "payment.posted", r#""payment":"DEBIT","amount":"100.00""#),
    ("E-2", "A-1", "payment.reversed", r#""payment":"DEBIT""#),
    ("E-3", "A-1", "payment.reversed", r#""payment":"CHEQUE""#),
    ("E-4", "A-1", "payment.posted", r#""payment":"CHEQUE","amount":"30.00""#),
    ("E-1", "A-2", "delinquency.sent-to-collections", ""),
    ("E-2", "A-2", "payment.posted", r#""amount":"10.00""#),
    ("E-2", "A-2", "payment.posted", r#""amount":"10.00""#),
    ("E-3", "A-2", "promise.made", r#""delinquency":"D-2","amount":"5.00","until":"2026-02-20""#),
    ("E-1", "A-3", "payment.posted", r#""amount":"10.00""#),
];

fn lines() -> String {
    let lines = EVENTS.map(|(id, account, event_type, data)| {
        let comma = if data.is_empty() { "" } else { "," };
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"arrears.{event_type}","subject":"{account}","data":{{"on":"2026-02-02"{comma}{data}}}}}"#
        )
    });
    lines.join("\n")
}

async fn house() -> House {
    House::with(catalog(&[]), SETUP, BOOK).await
}

async fn apply(store: &Store, house: &House) -> Result<EventsReport, String> {
    let stored = setups::active(store, &house.catalog).await.map_err(|error| error.to_string())?;
    let applier = Applier::new(store.clone(), &stored);
    let applied = events::apply_lines(&applier, lines().as_bytes(), &|_| {}).await;
    applied.map_err(|error| error.to_string())
}

/// What is parked, however often it was tried.
async fn parked(store: &Store) -> Vec<(String, String)> {
    let letters = events::list(store).await.unwrap();
    letters.into_iter().map(|letter| (letter.id, letter.code)).collect()
}

async fn everything(store: &Store) -> (String, Vec<String>, Vec<(String, String)>) {
    (left_behind(store).await, due(store).await, parked(store).await)
}

/// The file was half applied; applied again, all of it has happened once. The
/// reversal that came too early is applied the second time: so it is in both.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_killed_at_any_request_and_applied_again_happens_once() {
    let house = house().await;
    let alone = tempfile::tempdir().unwrap();
    copy_folder(house.folder.path(), alone.path());
    let store = open(alone.path()).await;
    let report = apply(&store, &house).await.unwrap();
    assert_eq!((report.applied, report.duplicates, report.parked), (6, 1, 2), "{report:?}");
    let again = apply(&store, &house).await.unwrap();
    assert_eq!((again.applied, again.duplicates, again.parked), (1, 7, 1), "{again:?}");
    let expected = everything(&store).await;
    let work = async |folder: &Path, fuse| {
        let first = match fused(folder, fuse).await {
            Ok(store) => apply(&store, &house).await,
            Err(error) => Err(error.to_string()),
        };
        let store = open(folder).await;
        for _ in 0..2 {
            apply(&store, &house).await.unwrap();
        }
        first.is_err()
    };
    at_each_request(&house, 30, work, async |store, requests_max| {
        assert_eq!(everything(store).await, expected, "killed after {requests_max} requests");
    })
    .await;
}

/// Two appliers get the same file at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_two_apply_at_once_happens_once() {
    let (house, alone) = (house().await, self::house().await);
    let other = open(house.folder.path()).await;
    let (first, second) = tokio::join!(apply(&house.store, &house), apply(&other, &house));
    let (first, second) = (first.unwrap(), second.unwrap());
    apply(&alone.store, &alone).await.unwrap();
    for house in [&house, &alone] {
        // The reversal that came too early, if it did.
        apply(&house.store, house).await.unwrap();
    }
    assert_eq!(everything(&house.store).await, everything(&alone.store).await);
    let applied = first.applied + second.applied;
    assert!((6..=7).contains(&applied), "{first:?} {second:?}");
}

/// An applier keeps its setup; when another one is loaded meanwhile, what it
/// writes is due as that one says, as soon as somebody asks.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_applier_writes_under_a_former_setup_follows_the_present_one() {
    let house = house().await;
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let applier = Applier::new(house.store.clone(), &stored);
    let text = SETUP.replace("duration = 10", "duration = 20");
    let source = Source { name: "setup.toml".to_owned(), text };
    setups::load(&house.store, &house.catalog, &[source]).await.unwrap();
    let before = due(&house.store).await;
    let payment = lines().lines().nth(3).unwrap().to_owned();
    let report = events::apply_lines(&applier, payment.as_bytes(), &|_| {}).await.unwrap();
    assert_eq!(report.applied, 1);
    assert_ne!(due(&house.store).await, before, "it is due as the former setup says");
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    assert!(setups::ensure_indexed(&house.store, &stored).await.unwrap() > 0);
    assert_eq!(due(&house.store).await, before);
}

/// An event for another agency touches nothing here, however it comes and however often
/// it is tried.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_for_another_agency_is_parked_also_when_it_is_applied_again() {
    let house = house().await;
    let before = house.export().await;
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let applier = Applier::new(house.store.clone(), &stored);
    let event = r#"{"specversion":"1.0","id":"E-9","source":"/test","type":"arrears.payment.posted","subject":"A-2","agency":"hill","data":{"on":"2026-02-02","amount":"10.00"}}"#;
    let report = events::apply_lines(&applier, event.as_bytes(), &|_| {}).await.unwrap();
    assert_eq!((report.applied, report.parked), (0, 1));
    for on in [None, Some("2026-02-03".parse().unwrap())] {
        let answers = events::redrive(&applier, None, on).await.unwrap();
        assert!(matches!(answers[0].outcome, events::Outcome::Parked { .. }), "{answers:?}");
        let codes: Vec<String> =
            parked(&house.store).await.into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["OTHER_AGENCY"]);
    }
    assert_eq!(house.export().await, before);
}
