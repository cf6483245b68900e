//! The steps of a run, as the state machine asks for them: plan, work on a portion,
//! finish.

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use arrears_runs::catalog::Catalog;
use arrears_runs::record::{ChunkSummary, RunKind, RunRecord};
use arrears_runs::run::Observer;
use arrears_runs::step::{self, Finished, Planned, Portion, Request, State, Worked};
use arrears_runs::{RunError, ledger};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What the state machine asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Start the run that is asked for, and cut it into portions.
    Plan {
        /// Who asks: the execution of the state machine.
        execution: String,
        /// What is asked for.
        request: Box<Request>,
    },
    /// Work on a portion.
    Work {
        /// The portion.
        portion: Portion,
        /// Where to go on.
        #[serde(default)]
        cursor: Option<u32>,
    },
    /// Sum up, and tell that the run is finished.
    Finish {
        /// The run.
        run_key: String,
    },
    /// Tell which plugins are loaded: for operators, after an upgrade.
    Describe,
}

/// The answer to the first step.
#[derive(Debug, Serialize)]
struct PlanAnswer {
    #[serde(flatten)]
    planned: Planned,
    /// Where the state machine reads the portions.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Value>,
}

/// The handler of a run's function.
pub struct Steps {
    site: Site,
    kinds: &'static [RunKind],
}

impl Steps {
    /// For runs of these kinds.
    #[must_use]
    pub fn new(site: Site, kinds: &'static [RunKind]) -> Self {
        Self { site, kinds }
    }

    async fn plan(
        &self,
        execution: &str,
        request: &Request,
        deadline: Deadline,
    ) -> Result<Value, Failure> {
        self.is_ours(request.kind)?;
        let watch = Watch::new(&self.site, None, deadline);
        let catalog = self.site.catalog().await?;
        let planned = step::plan(&self.site.store, &catalog, request, execution, &watch).await;
        let planned = match planned {
            // A plugin may have been activated with the setup that needs it a moment ago.
            Err(RunError::StoredSetup { .. }) => {
                self.site.forget_active().await;
                let catalog = self.site.catalog().await?;
                step::plan(&self.site.store, &catalog, request, execution, &watch).await?
            }
            // The run has begun with plugins that are not the active ones any more.
            Err(RunError::OtherPlugin { run_key, .. }) => {
                let (run, _) = ledger::run(&self.site.store, &run_key).await?;
                let catalog = self.site.catalog_of(&run).await?;
                step::plan(&self.site.store, &catalog, request, execution, &watch).await?
            }
            planned => planned?,
        };
        if planned.state != State::Planned {
            let reason = planned.reason.as_deref().unwrap_or("the run has ended");
            tracing::warn!(run_key = planned.run_key, state = ?planned.state, "{reason}");
        }
        let items = planned.portions_key.as_ref().map(|key| {
            let key = format!("{}/{key}", self.site.store.agency());
            json!({ "bucket": self.site.bucket, "key": key })
        });
        answer(&PlanAnswer { planned, items })
    }

    async fn work(
        &self,
        portion: &Portion,
        cursor: Option<u32>,
        deadline: Deadline,
    ) -> Result<Value, Failure> {
        let (run, catalog) = self.run(&portion.run_key).await?;
        let watch = Watch::new(&self.site, Some(&run), deadline);
        let worked = step::work(&self.site.store, &catalog, portion, cursor, &watch).await?;
        let Worked { done, cursor, .. } = worked;
        tracing::info!(run_key = run.run_key, portion = portion.portion, done, cursor);
        watch.metrics.run(&run, false);
        answer(&worked)
    }

    async fn finish(
        &self,
        run_key: &str,
        deadline: Deadline,
        trace: Option<&str>,
    ) -> Result<Value, Failure> {
        let (run, catalog) = self.run(run_key).await?;
        let watch = Watch::new(&self.site, Some(&run), deadline);
        let run = step::finish(&self.site.store, &catalog, run_key, &watch).await?;
        let finished = Finished::of(self.site.store.agency(), &run);
        let event = finished.event(run.completed_at.as_deref());
        self.site.publish(&event, trace).await?;
        // Last, so that a run counts once although this step is done again.
        if matches!(run.kind, RunKind::Export | RunKind::Payment) {
            watch.metrics.whole(&run);
        }
        watch.metrics.run(&run, true);
        answer(&finished)
    }

    /// A run with the plugins that it has begun with.
    async fn run(&self, run_key: &str) -> Result<(RunRecord, Arc<Catalog>), Failure> {
        let (run, _) = ledger::run(&self.site.store, run_key).await?;
        self.is_ours(run.kind)?;
        let catalog = self.site.catalog_of(&run).await?;
        Ok((run, catalog))
    }

    fn is_ours(&self, kind: RunKind) -> Result<(), Failure> {
        if self.kinds.contains(&kind) {
            return Ok(());
        }
        let ours: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        Err(Failure::bad_request(format!(
            "this function carries runs of kind {}, not {}; ask the state machine of that kind",
            ours.join(" and "),
            kind.as_str()
        )))
    }

    async fn describe(&self) -> Result<Value, Failure> {
        let catalog = self.site.catalog().await?;
        let plugins: serde_json::Map<String, Value> = catalog
            .iter()
            .map(|(action_type, installed)| {
                let plugin = &installed.plugin;
                let descriptor = plugin.descriptor();
                let is = json!({
                    "id": descriptor.id,
                    "version": descriptor.version,
                    "digest": plugin.digest(),
                });
                (action_type.to_owned(), is)
            })
            .collect();
        Ok(json!({ "version": env!("CARGO_PKG_VERSION"), "plugins": plugins }))
    }
}

#[async_trait]
impl Handler for Steps {
    async fn prepare(&self) {
        self.site.prepare().await;
    }

    async fn handle(&self, payload: Value, invocation: Invocation) -> Result<Value, Failure> {
        let step = serde_json::from_value(payload).map_err(|error| {
            Failure::bad_request(format!(
                "the payload is no step of a run: {error}; a date is written 2026-02-02; \
                 docs/OPERATE.md shows what a request looks like"
            ))
        })?;
        let deadline = invocation.deadline;
        match step {
            Step::Plan { execution, request } => self.plan(&execution, &request, deadline).await,
            Step::Work { portion, cursor } => self.work(&portion, cursor, deadline).await,
            Step::Finish { run_key } => {
                self.finish(&run_key, deadline, invocation.trace.as_deref()).await
            }
            Step::Describe => self.describe().await,
        }
    }
}

fn answer(document: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(document).map_err(|error| RunError::Document(error).into())
}

/// Watches a run for metrics, and for the time.
struct Watch<'a> {
    metrics: Metrics,
    run: Option<&'a RunRecord>,
    deadline: Deadline,
}

impl<'a> Watch<'a> {
    fn new(site: &Site, run: Option<&'a RunRecord>, deadline: Deadline) -> Self {
        let kind = run.map_or("", |run| run.kind.as_str());
        let metrics = Metrics::new(site.store.agency().as_str(), kind);
        Self { metrics, run, deadline }
    }
}

impl Observer for Watch<'_> {
    fn chunk(&self, summary: &ChunkSummary) {
        let Some(run) = self.run else { return };
        let took: u64 = summary.totals.processes.values().map(|it| it.duration_us).sum();
        self.metrics.chunk(run, summary, Duration::from_micros(took));
    }

    fn is_out_of_time(&self) -> bool {
        self.deadline.has_passed()
    }
}
