//! `account-events`: what happens to accounts, from a queue.
//!
//! A message is what EventBridge puts into a queue, or a CloudEvent that somebody has
//! sent there. An event that cannot be applied is kept in the agency's dead-letter list
//! with its reason, and is done with for the queue. A message is delivered again if the
//! store fails or arrears itself does; then events that were applied count once all the
//! same.

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::queue::{Batch, BatchAnswer};
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use arrears_runs::events::{self, Answer, Applier, Incoming, Outcome};
use arrears_triggers::bus::cloud_event;
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// The handler.
pub struct AccountEvents {
    site: Arc<Site>,
}

impl AccountEvents {
    /// Over an instance's connections.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self { site: Arc::new(site) }
    }

    async fn apply(&self, batch: &Batch, deadline: Deadline) -> Result<BatchAnswer, Failure> {
        let stored = self.site.setup().await?;
        let applier = Applier::new(self.site.store.clone(), &stored);
        let read: Vec<Incoming> =
            batch.records.iter().map(|message| read(&message.body, &applier)).collect();
        let mut answer = BatchAnswer::default();
        let mut answers = Vec::new();
        match applied(&applier, read.clone()).await {
            Ok(all) => answers = all,
            // Each by itself would ask a table for more that is asked for too much.
            Err(failure) if failure.error_type == "Throttled" => answer.all_failed(batch, &failure),
            // One of them brings a defect to light, or the store fails: the others have
            // their turn by themselves.
            Err(Failure { error_type, message }) => {
                tracing::warn!(error_type, "the batch is applied one by one: {message}");
                for (message, incoming) in batch.records.iter().zip(read) {
                    let one = match deadline.has_passed() {
                        true => Err(Failure::out_of_time()),
                        false => applied(&applier, vec![incoming]).await,
                    };
                    match one {
                        Ok(one) => answers.extend(one),
                        Err(failure) => answer.failed(message, &failure),
                    }
                }
            }
        }
        self.tell(&answers);
        Ok(answer)
    }

    fn tell(&self, answers: &[Answer]) {
        let (mut applied, mut duplicates, mut parked) = (0, 0, 0);
        let mut is_quarantined = false;
        for Answer { id, account, outcome } in answers {
            match outcome {
                Outcome::Applied(_) => applied += 1,
                Outcome::Duplicate => duplicates += 1,
                Outcome::Parked { code, message, dead_letter } => {
                    parked += 1;
                    is_quarantined |= code == "PLUGIN_QUARANTINED";
                    tracing::warn!(id, account, code, dead_letter, "{message}");
                }
            }
        }
        let metrics = Metrics::new(self.site.store.agency().as_str(), "events");
        metrics.counts(&[
            ("EventsApplied", applied),
            ("EventsDuplicate", duplicates),
            ("EventsParked", parked),
            ("PluginsQuarantined", u64::from(is_quarantined)),
        ]);
    }
}

#[async_trait]
impl Handler for AccountEvents {
    async fn prepare(&self) {
        self.site.prepare().await;
    }

    async fn handle(&self, payload: Value, invocation: Invocation) -> Result<Value, Failure> {
        let batch = Batch::read(payload)?;
        if invocation.deadline.has_passed() {
            let mut answer = BatchAnswer::default();
            answer.all_failed(&batch, &Failure::out_of_time());
            return answer.into_value();
        }
        self.apply(&batch, invocation.deadline).await?.into_value()
    }
}

/// Applies events in a task of their own, so that a panic ends there.
async fn applied(applier: &Applier, events: Vec<Incoming>) -> Result<Vec<Answer>, Failure> {
    let applier = applier.clone();
    let task = tokio::spawn(async move { applier.apply(events).await });
    match task.await {
        Ok(answers) => Ok(answers?),
        Err(panicked) => Err(Failure::panicked(&panicked.to_string())),
    }
}

/// The event of a message.
fn read(body: &str, applier: &Applier) -> Incoming {
    match serde_json::from_str::<Value>(body) {
        Ok(document) => events::read(cloud_event(&document).to_string(), applier.zone()),
        Err(_) => events::read(body, applier.zone()),
    }
}
