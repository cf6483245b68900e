//! `plugin-admit`: a component that somebody has put into the bucket of plugins is
//! checked, compiled for the machines of the functions, and registered.
//!
//! It alone carries a compiler, and it alone may write artifacts: what the other
//! functions load as machine code has been through this gate. A component that is
//! refused stays where it is, and whoever watches the function is told why.

use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::queue::{Batch, BatchAnswer, Created};
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use async_trait::async_trait;
use serde_json::{Value, json};

/// The handler.
pub struct PluginAdmit {
    site: Site,
}

impl PluginAdmit {
    /// Over an instance's connections.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self { site }
    }

    async fn admit(&self, created: &Created) -> Result<(), Failure> {
        let key = created.key_of(self.site.store.agency().as_str())?;
        let admitted = self.site.registry().add_object(key).await?;
        self.site.forget_active().await;
        tracing::info!(key, digest = admitted.digest, plugin = admitted.id, "admitted");
        Ok(())
    }

    /// Admits every component again: after an upgrade artifacts are another engine's.
    async fn readmit(&self) -> Result<Value, Failure> {
        let readmitted = self.site.registry().readmit_all().await?;
        self.site.forget_active().await;
        let refused = readmitted.refused.len() as u64;
        for (key, reason) in &readmitted.refused {
            tracing::error!(key, "refused: {reason}");
        }
        self.count(readmitted.admitted.len() as u64, refused);
        Ok(json!({
            "admitted": readmitted.admitted.iter().map(|it| &it.id).collect::<Vec<_>>(),
            "refused": readmitted.refused,
        }))
    }

    fn count(&self, admitted: u64, refused: u64) {
        let metrics = Metrics::new(self.site.store.agency().as_str(), "plugins");
        metrics.counts(&[("PluginsAdmitted", admitted), ("PluginsRefused", refused)]);
    }
}

#[async_trait]
impl Handler for PluginAdmit {
    async fn prepare(&self) {}

    async fn handle(&self, payload: Value, _: Invocation) -> Result<Value, Failure> {
        if payload.get("readmit").and_then(Value::as_str) == Some("all") {
            return self.readmit().await;
        }
        let batch = Batch::read(payload)?;
        let mut answer = BatchAnswer::default();
        let (mut admitted, mut refused) = (0, 0);
        for message in &batch.records {
            let all = match message.created() {
                Ok(all) => all,
                Err(failure) => {
                    answer.failed(message, &failure);
                    continue;
                }
            };
            for created in &all {
                match self.admit(created).await {
                    Ok(()) => admitted += 1,
                    // To look at the same component again helps only if it was not the
                    // component's fault.
                    Err(failure) if !failure.is_of_input() => answer.failed(message, &failure),
                    Err(Failure { error_type, message: reason }) => {
                        let (key, trace) = (&created.key, message.trace());
                        tracing::error!(key, trace, error_type, "{reason}");
                        refused += 1;
                    }
                }
            }
        }
        self.count(admitted, refused);
        answer.into_value()
    }
}
