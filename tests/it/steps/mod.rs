//! A run in steps, as a state machine asks for them, ends as one that is carried through.

mod faults;
mod once;
mod request;
mod stopped;

use arrears_runs::RunError;
use arrears_runs::catalog::Catalog;
use arrears_runs::record::{RunKind, RunRecord};
use arrears_runs::run::{Observer, Unobserved};
use arrears_runs::step::{self, Planned, Portion, Request, State};
use arrears_storage::Store;
use std::sync::atomic::{AtomicU64, Ordering};

const AS_OF: &str = "2026-02-02";

/// A run of a kind on the day of the tests.
fn asked(kind: RunKind) -> Request {
    Request { as_of: Some(AS_OF.parse().unwrap()), ..Request::of(kind) }
}

/// Has time for so many questions whether it has time.
struct Patience {
    checks: AtomicU64,
    checks_max: u64,
}

impl Patience {
    fn of(checks_max: u64) -> Self {
        Self { checks: AtomicU64::new(0), checks_max }
    }
}

impl Observer for Patience {
    fn is_out_of_time(&self) -> bool {
        self.checks.fetch_add(1, Ordering::SeqCst) >= self.checks_max
    }
}

/// What a state machine does, in the house: it asks for one step after the other.
struct Machine<'a> {
    store: &'a Store,
    catalog: &'a Catalog,
    execution: &'a str,
    /// For how many questions each invocation has time.
    patience: u64,
}

impl Machine<'_> {
    async fn plan(&self, request: &Request) -> Result<Planned, RunError> {
        step::plan(self.store, self.catalog, request, self.execution, &Unobserved).await
    }

    async fn portions(&self, planned: &Planned) -> Result<Vec<Portion>, RunError> {
        let bytes = self.store.get_object(planned.portions_key.as_ref().unwrap()).await?;
        let portions: Vec<Portion> = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(portions.len(), planned.portions as usize);
        Ok(portions)
    }

    /// Works on a portion, and says how many invocations that took.
    async fn work(&self, portion: &Portion) -> Result<u64, RunError> {
        let mut cursor = None;
        for invocations in 1.. {
            let patience = Patience::of(self.patience);
            let (store, catalog) = (self.store, self.catalog);
            let worked = step::work(store, catalog, portion, cursor, &patience).await?;
            assert_eq!(&worked.portion, portion);
            if worked.done {
                return Ok(invocations);
            }
            assert!(invocations < 1_000, "it comes nowhere: {worked:?}");
            cursor = worked.cursor;
        }
        unreachable!("a portion is done at some time")
    }

    /// From the request to the end; none if there is nothing to do.
    async fn execute(&self, request: &Request) -> Result<Option<RunRecord>, RunError> {
        let planned = self.plan(request).await?;
        if planned.state != State::Planned {
            return Ok(None);
        }
        for portion in self.portions(&planned).await? {
            self.work(&portion).await?;
        }
        let run_key = planned.run_key.unwrap();
        let run = step::finish(self.store, self.catalog, &run_key, &Unobserved).await?;
        Ok(Some(run))
    }
}
