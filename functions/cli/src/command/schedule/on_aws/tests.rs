#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;
use arrears_domain::setup::Source;
use arrears_domain::{AgencyId, Identifier};
use arrears_host::{Host, HostOptions};
use arrears_runs::catalog::Catalog;
use arrears_runs::export::{Options, Parameters};
use arrears_runs::setups;
use arrears_storage::{Fuse, Location};
use chrono::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use tempfile::TempDir;

const SETUP: &str = r#"
[agency]
name = "Rivertown Water"
time_zone = "America/New_York"

[group]
code = "COLL"
minimum_entry_amount = "25.00"
entry_scheme = "RES"

[[scheme]]
code = "RES"
entry_milestone = "REMIND"

[[scheme.milestone]]
code = "REMIND"
level = 1

[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[export_setup]]
code = "WEEKLY"
collection_agency = "NORTHSTAR"
prefix = "northstar/weekly"
template = "csv"
"#;

const AT: &str = "2026-12-01T06:00";
const ID: &str = "schedule-000001";

/// AWS, as far as schedules go.
#[derive(Default)]
struct Aws {
    kept: Mutex<BTreeMap<String, DateTime<Utc>>>,
    deletes: Mutex<Vec<String>>,
    /// It fails, with this code.
    fails: Mutex<Option<&'static str>>,
    /// What is asked for is done, though it fails.
    loses_answers: bool,
}

impl Aws {
    fn fail(&self, code: Option<&'static str>) {
        *self.fails.lock().unwrap() = code;
    }

    fn kept(&self) -> Vec<String> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }

    fn answer<T>(
        &self,
        operation: &'static str,
        done: impl FnOnce() -> T,
    ) -> Result<T, TriggerError> {
        let Some(code) = *self.fails.lock().unwrap() else { return Ok(done()) };
        if self.loses_answers {
            done();
        }
        let (target, code, message) = (ID.to_owned(), code.to_owned(), "no".to_owned());
        Err(TriggerError::Refused { operation, target, code, message })
    }
}

impl Starter for Aws {
    async fn create(&self, schedule: &Schedule) -> Result<Creation, TriggerError> {
        self.answer("CreateSchedule", || {
            let before = self.kept.lock().unwrap().insert(schedule.id.clone(), schedule.at_utc);
            if before.is_some() { Creation::WasThere } else { Creation::Created }
        })
    }

    async fn delete(&self, id: &str) -> Result<bool, TriggerError> {
        self.deletes.lock().unwrap().push(id.to_owned());
        self.answer("DeleteSchedule", || self.kept.lock().unwrap().remove(id).is_some())
    }
}

/// A folder with an agency that has an export setup.
struct House {
    folder: TempDir,
    catalog: Catalog,
    aws: Aws,
}

impl House {
    async fn new(aws: Aws) -> Self {
        let host = Host::new(HostOptions::default()).unwrap();
        let catalog = Catalog::admit(&host, []).unwrap();
        let house = Self { folder: tempfile::tempdir().unwrap(), catalog, aws };
        let source = Source { name: "setup.toml".to_owned(), text: SETUP.to_owned() };
        setups::load(&house.store(None).await, &house.catalog, &[source]).await.unwrap();
        house
    }

    async fn store(&self, fuse: Option<&Fuse>) -> Store {
        let folder = Path::to_owned(self.folder.path());
        let location = match fuse {
            Some(fuse) => Location::Fused(folder, fuse.clone()),
            None => Location::Embedded(folder),
        };
        Store::open(location, AgencyId::parse("default").unwrap()).await.unwrap()
    }

    async fn add_with(
        &self,
        store: &Store,
        at: &str,
        now: DateTime<Utc>,
        parameters: Parameters,
    ) -> Result<Added, CommandError> {
        let stored = setups::active(&self.store(None).await, &self.catalog).await.unwrap();
        let options = Options {
            export_setup: "WEEKLY".to_owned(),
            parameters,
            as_of: stored.today(),
            allow_back_dated: false,
            schedule: None,
        };
        let asked = Asked { as_of: None, ..Asked::from(&options) };
        add(store, &stored, &asked, (at, now), &self.aws).await
    }

    async fn add(&self) -> Result<Added, CommandError> {
        let store = self.store(None).await;
        self.add_with(&store, AT, now(), Parameters::default()).await
    }

    async fn cancel(&self) -> Result<Cancellation, CommandError> {
        cancel(&self.store(None).await, ID, &self.aws).await
    }

    /// All schedules, by id.
    async fn schedules(&self) -> BTreeMap<String, ScheduleStatus> {
        let all = schedule::list(&self.store(None).await).await.unwrap();
        all.into_iter().map(|it| (it.id, it.status)).collect()
    }

    /// What waits, by id: AWS must know that, and nothing else.
    async fn waiting(&self) -> Vec<String> {
        let all = self.schedules().await.into_iter();
        all.filter(|(_, it)| *it == ScheduleStatus::Waiting).map(|(id, _)| id).collect()
    }
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 25, 12, 0, 0).unwrap()
}

#[tokio::test]
async fn what_is_scheduled_aws_starts_and_what_is_cancelled_it_does_not() {
    let house = House::new(Aws::default()).await;
    let added = house.add().await.unwrap();
    assert!(!added.was_written);
    let due = Utc.with_ymd_and_hms(2026, 12, 1, 11, 0, 0).unwrap();
    assert_eq!(*house.aws.kept.lock().unwrap(), BTreeMap::from([(ID.to_owned(), due)]));
    let again = house.add().await.unwrap_err().to_string();
    assert!(again.contains("schedule-000001 runs export setup WEEKLY at that time"), "{again}");

    assert!(matches!(house.cancel().await.unwrap(), Cancellation::Cancelled(_)));
    assert_eq!((house.aws.kept(), house.waiting().await), (vec![], vec![]));
    assert!(matches!(house.cancel().await.unwrap(), Cancellation::NotWaiting(_)));
    let unknown = cancel(&house.store(None).await, "schedule-000009", &house.aws).await;
    assert_eq!(unknown.unwrap(), Cancellation::Unknown);
}

#[tokio::test]
async fn a_command_killed_at_any_request_is_mended_by_a_repeat() {
    let mut mended = 0;
    let opening = Fuse::new(u64::MAX, false);
    House::new(Aws::default()).await.store(Some(&opening)).await;
    for loses_last_answer in [false, true] {
        for requests_max in opening.requests().. {
            let house = House::new(Aws::default()).await;
            let fuse = Fuse::new(requests_max, loses_last_answer);
            let store = house.store(Some(&fuse)).await;
            let first = house.add_with(&store, AT, now(), Parameters::default()).await;
            let again = house.add().await;
            let waiting = house.waiting().await;
            assert_eq!(waiting.len(), 1, "{requests_max} requests: {waiting:?}");
            assert_eq!(house.aws.kept(), waiting, "{requests_max} requests");
            mended += u32::from(again.as_ref().is_ok_and(|added| added.was_written));
            if first.is_ok() {
                again.unwrap_err();
                break;
            }
            again.unwrap();
        }
    }
    // The document was written, and its answer was lost.
    assert_eq!(mended, 1);
}

#[tokio::test]
async fn what_aws_was_not_told_is_cancelled() {
    for (code, deletes) in [("AccessDeniedException", 0), ("InternalServerException", 1)] {
        let house = House::new(Aws { loses_answers: deletes > 0, ..Aws::default() }).await;
        house.aws.fail(Some(code));
        let error = house.add().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "AWS could not be told to start the run, so that schedule-000001 is cancelled; \
             schedule it again"
        );
        assert!(crate::failure::in_words(&error).contains(code));
        assert_eq!(house.waiting().await, [""; 0]);
        assert_eq!(house.aws.deletes.lock().unwrap().len(), deletes, "{code}");
        assert_eq!(house.aws.kept(), [""; 0], "what was done all the same is undone");
        house.aws.fail(None);
        assert_eq!(house.add().await.unwrap().schedule.id, "schedule-000002");
    }
}

#[tokio::test]
async fn what_waits_though_aws_was_not_told_is_said() {
    let trial = House::new(Aws::default()).await;
    let fuse = Fuse::new(u64::MAX, false);
    let store = trial.store(Some(&fuse)).await;
    trial.add_with(&store, AT, now(), Parameters::default()).await.unwrap();

    // The store fails as soon as AWS does.
    let house = House::new(Aws::default()).await;
    house.aws.fail(Some("AccessDeniedException"));
    let store = house.store(Some(&Fuse::new(fuse.requests(), false))).await;
    let error = house.add_with(&store, AT, now(), Parameters::default()).await.unwrap_err();
    let error = error.to_string();
    for words in ["schedule-000001 should have been cancelled, but waits", "schedule cancel"] {
        assert!(error.contains(words), "{error}");
    }
    // As long as AWS fails, a repeat leaves it: AWS may know it, for all it knows.
    let error = house.add().await.unwrap_err().to_string();
    assert!(error.contains("schedule-000001 waits, and nobody knows"), "{error}");
    assert_eq!(house.waiting().await, [ID]);
    house.aws.fail(None);
    assert!(house.add().await.unwrap().was_written);
    assert_eq!(house.aws.kept(), [ID]);
}

#[tokio::test]
async fn another_run_at_that_time_is_not_taken_for_the_same() {
    let house = House::new(Aws::default()).await;
    house.add().await.unwrap();
    house.aws.kept.lock().unwrap().clear();
    let store = house.store(None).await;
    let others = [
        (AT, Parameters { min_level: Some(2), ..Parameters::default() }),
        ("2026-11-01T06:00", Parameters::default()),
        ("2027-03-14T02:30", Parameters::default()),
        ("tomorrow", Parameters::default()),
    ];
    for (at, parameters) in others {
        let error = house.add_with(&store, at, now(), parameters).await.unwrap_err();
        assert!(matches!(error, CommandError::Run(RunError::Parameter { .. })), "{error}");
        assert_eq!(house.aws.kept(), [""; 0], "{at}");
    }
    for spelt in ["2026-12-01 06:00", "2026-12-01T06:00:00"] {
        house.aws.kept.lock().unwrap().clear();
        let added = house.add_with(&store, spelt, now(), Parameters::default()).await.unwrap();
        assert!(added.was_written, "{spelt}");
    }
}

#[tokio::test]
async fn of_a_time_that_comes_twice_the_one_to_come_is_meant() {
    let house = House::new(Aws::default()).await;
    let store = house.store(None).await;
    let at = "2027-11-07T01:30";
    let first = Utc.with_ymd_and_hms(2027, 11, 7, 5, 30, 0).unwrap();
    let second = Utc.with_ymd_and_hms(2027, 11, 7, 6, 30, 0).unwrap();
    let between = Utc.with_ymd_and_hms(2027, 11, 7, 6, 0, 0).unwrap();
    house.add_with(&store, at, now(), Parameters::default()).await.unwrap();
    house.add_with(&store, at, between, Parameters::default()).await.unwrap();
    for (now, due) in [(between, second), (now(), first)] {
        house.aws.kept.lock().unwrap().clear();
        let added = house.add_with(&store, at, now, Parameters::default()).await.unwrap();
        assert!(added.was_written);
        assert_eq!(added.schedule.at_utc, due);
    }
}

#[tokio::test]
async fn what_aws_keeps_of_a_cancelled_run_a_repeat_deletes() {
    let house = House::new(Aws::default()).await;
    house.add().await.unwrap();
    house.aws.fail(Some("ThrottlingException"));
    for _ in 0..2 {
        let error = house.cancel().await.unwrap_err();
        assert!(matches!(error, CommandError::StillOnAws { .. }), "{error}");
        assert_eq!(house.waiting().await, [""; 0], "it will not run");
    }
    house.aws.fail(None);
    assert!(matches!(house.cancel().await.unwrap(), Cancellation::Cancelled(_)));
    assert_eq!(house.aws.kept(), [""; 0]);
    assert!(matches!(house.cancel().await.unwrap(), Cancellation::NotWaiting(_)));
}
