//! Payments that could not be posted: what the reports say of them, and what no file
//! has. It is written down before any file is made, so that a run that goes on makes
//! the same files.

use crate::error::RunError;
use crate::events::Refusal;
use arrears_storage::Store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The payments and prenotes that were refused, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refused {
    refused: BTreeMap<u32, Why>,
}

/// Why a payment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Why {
    code: String,
    message: String,
}

impl Refused {
    /// Notes a refusal.
    pub(super) fn add(&mut self, number: u32, refusal: Refusal) {
        let Refusal { code, message } = refusal;
        self.refused.insert(number, Why { code, message });
    }

    /// Why the payment with the number was refused: a code and a message.
    pub(super) fn why(&self, number: u32) -> Option<(&str, &str)> {
        self.refused.get(&number).map(|why| (why.code.as_str(), why.message.as_str()))
    }

    /// How many.
    pub(super) fn number(&self) -> u64 {
        self.refused.len() as u64
    }

    /// Reads what an earlier attempt has written; none if there was none.
    pub(super) async fn get(store: &Store, run_key: &str) -> Result<Option<Self>, RunError> {
        Self::read(store, key(run_key)).await
    }

    /// Reads what was refused of the first accounts of the plan, when the run stopped
    /// after them.
    pub(super) async fn get_until(
        store: &Store,
        run_key: &str,
        posted_accounts: u64,
    ) -> Result<Self, RunError> {
        let read = Self::read(store, key_until(run_key, posted_accounts)).await?;
        Ok(read.unwrap_or_default())
    }

    async fn read(store: &Store, key: String) -> Result<Option<Self>, RunError> {
        if store.list_objects(&key).await?.is_empty() {
            return Ok(None);
        }
        let bytes = store.get_object(&key).await?;
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| RunError::Journal {
            key,
            line: error.line() as u64,
            reason: error.to_string(),
        })
    }

    /// Writes it down, once: of two attempts the first counts.
    pub(super) async fn put(self, store: &Store, run_key: &str) -> Result<Self, RunError> {
        self.write(store, key(run_key)).await
    }

    /// Writes down what was refused of the first accounts of the plan, as a run does
    /// that stops after them.
    pub(super) async fn put_until(
        self,
        store: &Store,
        run_key: &str,
        posted_accounts: u64,
    ) -> Result<Self, RunError> {
        self.write(store, key_until(run_key, posted_accounts)).await
    }

    async fn write(self, store: &Store, key: String) -> Result<Self, RunError> {
        let bytes = serde_json::to_vec(&self).map_err(RunError::Document)?;
        match store.put_object_new(&key, bytes).await {
            Ok(()) => Ok(self),
            Err(error) if error.is_already_exists() => {
                Ok(Self::read(store, key).await?.unwrap_or(self))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn key(run_key: &str) -> String {
    format!("runs/{run_key}/refused.json")
}

fn key_until(run_key: &str, posted_accounts: u64) -> String {
    format!("runs/{run_key}/refused-until-{posted_accounts}.json")
}
