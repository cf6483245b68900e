//! `account-events`: what happens to accounts, from a queue.
//!
//! A message is what EventBridge puts into a queue, or a CloudEvent that somebody has
//! sent there. An event that cannot be applied is kept in the agency's dead-letter list
//! with its reason, and is done with for the queue. A message is delivered again if the
//! store fails or arrears itself does; then events that were applied count once all the
//! same.

use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::queue::{Batch, BatchAnswer};
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use arrears_runs::events::{self, Answer, Applier, Incoming, Outcome};
use arrears_runs::setups;
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

    async fn apply(&self, batch: &Batch) -> Result<BatchAnswer, Failure> {
        let catalog = self.site.catalog().await?;
        let stored = setups::active(&self.site.store, &catalog).await?;
        let applier = Applier::new(self.site.store.clone(), &stored);
        let read: Vec<Incoming> =
            batch.records.iter().map(|message| read(&message.body, &applier)).collect();
        let mut answer = BatchAnswer::default();
        let mut answers = Vec::new();
        match applied(&applier, read.clone()).await {
            Ok(all) => answers = all,
            // One of them brings a defect to light, or the store fails: the others have
            // their turn by themselves.
            Err(_) => {
                for (message, incoming) in batch.records.iter().zip(read) {
                    match applied(&applier, vec![incoming]).await {
                        Ok(one) => answers.extend(one),
                        Err(failure) => {
                            answer.failed(message, &failure);
                        }
                    }
                }
            }
        }
        self.tell(&answers);
        Ok(answer)
    }

    fn tell(&self, answers: &[Answer]) {
        let (mut applied, mut duplicates, mut parked) = (0, 0, 0);
        for Answer { id, account, outcome } in answers {
            match outcome {
                Outcome::Applied(_) => applied += 1,
                Outcome::Duplicate => duplicates += 1,
                Outcome::Parked { code, message, dead_letter } => {
                    parked += 1;
                    tracing::warn!(id, account, code, dead_letter, "{message}");
                }
            }
        }
        let metrics = Metrics::new(self.site.store.agency().as_str(), "events");
        metrics.counts(&[
            ("EventsApplied", applied),
            ("EventsDuplicate", duplicates),
            ("EventsParked", parked),
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
        let mut answer = BatchAnswer::default();
        if invocation.deadline.has_passed() {
            let failure = Failure::out_of_time();
            batch.records.iter().for_each(|message| answer.failed(message, &failure));
        } else {
            answer = self.apply(&batch).await?;
        }
        answer.into_value()
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
