//! What asks for a run: refused, called off, taken over.

use super::{AS_OF, Machine, asked};
use arrears_e2e::{House, catalog};
use arrears_runs::RunError;
use arrears_runs::export::Parameters;
use arrears_runs::ledger;
use arrears_runs::payment::Mode;
use arrears_runs::record::{RunKind, RunStatus};
use arrears_runs::run;
use arrears_runs::schedule::{self, Asked, ScheduleStatus};
use arrears_runs::setups;
use arrears_runs::step::StepError;
use arrears_runs::step::{Request, State};

const SETUP: &str = include_str!("../house.toml");
const EXPORT_SETUP: &str = include_str!("../export/setup.toml");
const PAYMENT_SETUP: &str = include_str!("../payment/setup.toml");
const BOOK: &str = concat!(
    r#"{"type":"account","id":"A-1","currency":"USD","balance":"100.00"}"#,
    "\n",
    r#"{"type":"delinquency","id":"D-1","account":"A-1","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-10","balance":"100.00"}"#,
);

fn machine<'a>(house: &'a House, execution: &'a str) -> Machine<'a> {
    Machine { store: &house.store, catalog: &house.catalog, execution, patience: u64::MAX }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_may_be_asked_for_again_once_it_is_mended() {
    let off = format!("{SETUP}\n[features]\ncollections = false\n");
    let house = House::with(catalog(&[]), &off, BOOK).await;
    let request = asked(RunKind::Collections);
    let error = machine(&house, "a").plan(&request).await.unwrap_err();
    assert!(matches!(error, RunError::FeatureOff { .. }), "{error}");
    assert!(ledger::runs(&house.store).await.unwrap().is_empty());
    house.load(SETUP).await.unwrap();
    let run = machine(&house, "b").execute(&request).await.unwrap().unwrap();
    assert_eq!(run.totals.unwrap().processed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_goes_on_with_a_run_whoever_started_it() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let request = asked(RunKind::Collections);
    let planned = machine(&house, "dead").plan(&request).await.unwrap();
    assert_eq!(machine(&house, "b").plan(&request).await.unwrap().state, State::Duplicate);
    let resume = Request { resume: planned.run_key.clone(), ..Request::of(RunKind::Collections) };
    let run = machine(&house, "b").execute(&resume).await.unwrap().unwrap();
    assert_eq!((Some(run.run_key), run.status), (planned.run_key, RunStatus::Finished));
    // The dead one comes back.
    assert_eq!(machine(&house, "dead").plan(&request).await.unwrap().state, State::Duplicate);
    let of_other_kind = Request { kind: RunKind::Delinquency, ..resume };
    let error = machine(&house, "b").plan(&of_other_kind).await.unwrap_err();
    assert!(matches!(error, RunError::Step(StepError::Request { .. })), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_book_brought_along_keeps_its_number() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    house.run("2026-01-05").await.unwrap();
    let book = house.export().await;
    let other = House::with(catalog(&[]), SETUP, &book).await;
    let run = machine(&other, "a").execute(&asked(RunKind::Collections)).await.unwrap().unwrap();
    assert_eq!(run.run_key, "collections-000002");
    assert_eq!(ledger::runs(&other.store).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_date_is_that_of_the_schedule_in_the_agencys_zone() {
    let zoned = format!("{SETUP}\n");
    let house = House::with(catalog(&[]), &zoned, BOOK).await;
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let scheduled_at: chrono::DateTime<chrono::Utc> = "2026-02-03T04:30:00Z".parse().unwrap();
    let expected = scheduled_at.with_timezone(&stored.zone()).date_naive();
    let request = Request { scheduled_at: Some(scheduled_at), ..Request::of(RunKind::Collections) };
    let run = machine(&house, "a").execute(&request).await.unwrap().unwrap();
    assert_eq!(run.as_of, expected);
}

async fn scheduled(house: &House) -> String {
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let asked = Asked {
        export_setup: "CSV".to_owned(),
        parameters: Parameters::default(),
        as_of: Some(AS_OF.parse().unwrap()),
        allow_back_dated: false,
    };
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    schedule::add(&house.store, &stored, &asked, "2026-02-02 06:00", now).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_fires_twice_exports_once() {
    let book = crate::export::book();
    let house = House::with(catalog(&[]), EXPORT_SETUP, &book).await;
    let id = scheduled(&house).await;
    let request = Request { schedule: Some(id.clone()), ..Request::of(RunKind::Export) };
    let run = machine(&house, "a").execute(&request).await.unwrap().unwrap();
    assert_eq!(run.status, RunStatus::Finished);
    assert!(machine(&house, "b").execute(&request).await.unwrap().is_none());
    assert_eq!(ledger::runs(&house.store).await.unwrap().len(), 1);
    let schedules = schedule::list(&house.store).await.unwrap();
    assert_eq!(schedules[0].status, ScheduleStatus::Finished);
}

/// It comes again while the first execution is at the run's work.
#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_fires_twice_at_once_has_one_execution_at_work() {
    let book = crate::export::book();
    let house = House::with(catalog(&[]), EXPORT_SETUP, &book).await;
    let id = scheduled(&house).await;
    let request = Request { schedule: Some(id.clone()), ..Request::of(RunKind::Export) };
    let planned = machine(&house, "a").plan(&request).await.unwrap();
    assert_eq!(planned.state, State::Planned);
    let other = machine(&house, "b").plan(&request).await.unwrap();
    assert_eq!(other.state, State::Duplicate);
    assert!(other.reason.unwrap().contains("carried out by a"));
    // It may be taken over by somebody who knows that the first one is dead.
    let resume = Request { resume: planned.run_key, ..Request::of(RunKind::Export) };
    let run = machine(&house, "b").execute(&resume).await.unwrap().unwrap();
    assert_eq!(run.status, RunStatus::Finished);
    assert_eq!(machine(&house, "a").plan(&request).await.unwrap().state, State::Duplicate);
}

/// A run that was abandoned counts for nothing: neither for the execution that tries again
/// nor for another one.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_run_that_was_abandoned_the_same_may_be_asked_for_again() {
    for second in ["a", "b"] {
        let book = crate::export::book();
        let house = House::with(catalog(&[]), EXPORT_SETUP, &book).await;
        let export_setup = Some("CSV".to_owned());
        let request = Request { export_setup, ..asked(RunKind::Export) };
        let planned = machine(&house, "a").plan(&request).await.unwrap();
        run::abandon(&house.store, &planned.run_key.unwrap()).await.unwrap();
        let run = machine(&house, second).execute(&request).await.unwrap().unwrap();
        assert_eq!((run.run_key.as_str(), run.status), ("export-000002", RunStatus::Finished));
        let runs = ledger::runs(&house.store).await.unwrap();
        assert_eq!(runs.len(), 2);
    }
}

/// Two exports start at one time: the one that finds the other at work comes after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_has_to_wait_is_made_when_it_is_asked_for_again() {
    let house = House::with(catalog(&[]), EXPORT_SETUP, &crate::export::book()).await;
    let of =
        |setup: &str| Request { export_setup: Some(setup.to_owned()), ..asked(RunKind::Export) };
    let (first, second) = (of("CSV"), of("XML"));
    let (a, b) = (machine(&house, "a"), machine(&house, "b"));
    let (one, other) = tokio::join!(a.plan(&first), b.plan(&second));
    let waits = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(waits[..], [RunError::ExportUnderWay { .. }]), "{waits:?}");
    // Whichever it was; the one that has begun comes first.
    for _ in 0..2 {
        for (machine, request) in [(&a, &first), (&b, &second)] {
            match machine.execute(request).await {
                Ok(_) | Err(RunError::ExportUnderWay { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    let runs = ledger::runs(&house.store).await.unwrap();
    let finished = runs.iter().filter(|run| run.status == RunStatus::Finished);
    assert_eq!(finished.count(), 2, "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_was_called_off_exports_nothing() {
    let book = crate::export::book();
    let house = House::with(catalog(&[]), EXPORT_SETUP, &book).await;
    let id = scheduled(&house).await;
    schedule::cancel(&house.store, &id).await.unwrap();
    let request = Request { schedule: Some(id), ..Request::of(RunKind::Export) };
    assert_eq!(machine(&house, "a").plan(&request).await.unwrap().state, State::CalledOff);
    assert!(ledger::runs(&house.store).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_made_and_executed_in_steps() {
    let book = crate::payment::first_and_only().text();
    let house = House::with(catalog(&[]), PAYMENT_SETUP, &book).await;
    let payment_profile = Some("SEPA".to_owned());
    let mode = Some(Mode::Propose);
    let request = Request { payment_profile, mode, ..asked(RunKind::Payment) };
    let proposal = machine(&house, "a").execute(&request).await.unwrap().unwrap();
    assert_eq!(proposal.status, RunStatus::Proposed);
    let execute = Some(proposal.run_key.clone());
    let request = Request { execute, ..Request::of(RunKind::Payment) };
    let run = machine(&house, "b").execute(&request).await.unwrap().unwrap();
    assert_eq!((run.run_key, run.status), (proposal.run_key, RunStatus::Finished));
    assert!(machine(&house, "c").execute(&request).await.unwrap().is_none());
}
