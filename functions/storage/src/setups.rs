//! Stored setups: numbered, written once, one of them active.
//!
//! The text of a setup is a file, `setup/000001.json`; the table has an item
//! that says how large it is and its SHA-256. The file is written first, and
//! whoever writes it has the number.

use crate::documents::Order;
use crate::error::StorageError;
use crate::items::{self, key_item, number, text};
use crate::keys::{self, Key};
use crate::page::SortKeys;
use crate::store::Store;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use sha2::{Digest, Sha256};

const GENERATION: &str = "generation";
const INDEXED: &str = "indexed";

/// The setup that runs use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveSetup {
    /// Its number.
    pub version: u32,
    /// Whether all records have been moved in the index to where this setup
    /// puts them.
    pub indexed: bool,
    /// Counts activations and notes: who marks the index as done names the one
    /// that it began with.
    pub generation: u64,
}

impl Store {
    fn setup_key(&self, sort: &str) -> Key {
        Key::new(keys::partition(self.agency(), "setup"), sort)
    }

    fn setup_version_key(&self, version: u32) -> Key {
        self.setup_key(&format!("version#{version:06}"))
    }

    /// Stores the sources of a setup, each a name and a text, under the next
    /// number; numbers may be missing. The same sources as those of the last
    /// stored one are not stored again: its number is given.
    ///
    /// # Errors
    /// The table or the bucket cannot be written.
    pub async fn put_setup(&self, sources: &[(String, String)]) -> Result<u32, StorageError> {
        let unstorable = |reason: serde_json::Error| StorageError::Unstorable {
            key: "setup".to_owned(),
            reason: reason.to_string(),
        };
        let text_of_all = serde_json::to_vec(sources).map_err(unstorable)?;
        let sha256 = hex(&Sha256::digest(&text_of_all));
        let mut version = match self.setup_versions().await?.last() {
            Some((version, last)) if *last == sha256 => return Ok(*version),
            Some((version, _)) => version + 1,
            None => 1,
        };
        // Somebody else may have taken the number, or have taken it and been
        // stopped before the item was there.
        loop {
            match self.put_object_new(&object_key(version), text_of_all.clone()).await {
                Ok(()) => break,
                Err(error) if error.is_already_exists() => version += 1,
                Err(error) => return Err(error),
            }
        }
        let mut item = key_item(&self.setup_version_key(version));
        item.insert("sha256".to_owned(), text(sha256));
        item.insert("bytes".to_owned(), number(text_of_all.len()));
        let put = self.dynamodb().put_item().table_name(self.table()).set_item(Some(item));
        self.conditional_put(put).await?;
        Ok(version)
    }

    /// The numbers of the stored setups, ascending, with the SHA-256 of each.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn setup_versions(&self) -> Result<Vec<(u32, String)>, StorageError> {
        let partition = self.setup_key("").pk;
        let mut versions = Vec::new();
        let stored = SortKeys::Prefix("version#");
        for mut item in self.query_partition(&partition, stored, Order::Ascending, None).await? {
            let key = items::take_key(&mut item);
            let number = key.sk.trim_start_matches("version#").parse();
            let number = number.map_err(|error| items::unreadable(&key, error))?;
            let sha256 = item.get("sha256").and_then(|value| value.as_s().ok());
            let sha256 = sha256.ok_or_else(|| items::unreadable(&key, "it has no `sha256`"))?;
            versions.push((number, sha256.clone()));
        }
        Ok(versions)
    }

    /// The sources of a stored setup, in the order in which they were given.
    ///
    /// # Errors
    /// There is none with the number, or it is not what was stored.
    pub async fn setup(&self, version: u32) -> Result<Vec<(String, String)>, StorageError> {
        let key = self.setup_version_key(version);
        let item = self.get(&key).await?.ok_or(StorageError::NoSetup { version })?;
        let bytes = self.get_object(&object_key(version)).await?;
        let sha256 = hex(&Sha256::digest(&bytes));
        if item.get("sha256").and_then(|value| value.as_s().ok()) != Some(&sha256) {
            return Err(items::unreadable(&key, "its file has been changed"));
        }
        serde_json::from_slice(&bytes).map_err(|error| items::unreadable(&key, error))
    }

    /// The setup that runs use; none before the first is activated.
    ///
    /// # Errors
    /// The table cannot be read, or the item in it.
    pub async fn active_setup(&self) -> Result<Option<ActiveSetup>, StorageError> {
        let key = self.setup_key("active");
        let Some(item) = self.get(&key).await? else {
            return Ok(None);
        };
        let version = items::number_of(&item, "version").and_then(|n| u32::try_from(n).ok());
        let version = version.ok_or_else(|| items::unreadable(&key, "it has no `version`"))?;
        let indexed = item.get(INDEXED).and_then(|value| value.as_bool().ok()).copied();
        let generation = items::number_of(&item, GENERATION).unwrap_or(0);
        Ok(Some(ActiveSetup { version, indexed: indexed.unwrap_or(false), generation }))
    }

    /// Makes a stored setup the one that runs use. The due index does not follow
    /// it yet.
    ///
    /// # Errors
    /// There is none with the number; the table cannot be written.
    pub async fn activate(&self, version: u32) -> Result<ActiveSetup, StorageError> {
        if self.get(&self.setup_version_key(version)).await?.is_none() {
            return Err(StorageError::NoSetup { version });
        }
        let update = self
            .update(&self.setup_key("active"))
            .update_expression("SET version = :version, #indexed = :no ADD #generation :one")
            .expression_attribute_names("#generation", GENERATION)
            .expression_attribute_names("#indexed", INDEXED)
            .expression_attribute_values(":version", number(version))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew);
        let changed = self.conditional_update(update).await?.unwrap_or_default();
        let generation = items::number_of(&changed, GENERATION)
            .ok_or_else(|| items::unreadable(&self.setup_key("active"), "it has no generation"))?;
        Ok(ActiveSetup { version, indexed: false, generation })
    }

    /// Notes that something was written that the due index may not follow.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn note_unindexed(&self) -> Result<(), StorageError> {
        let update = self
            .update(&self.setup_key("active"))
            .update_expression("SET #indexed = :no ADD #generation :one")
            .expression_attribute_names("#generation", GENERATION)
            .expression_attribute_names("#indexed", INDEXED)
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":one", number(1));
        self.conditional_update(update).await.map(drop)
    }

    /// Notes that the due index follows a setup, unless another one was
    /// activated, or something noted, since that was read. Whether it was noted.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn mark_indexed(&self, active: ActiveSetup) -> Result<bool, StorageError> {
        let update = self
            .update(&self.setup_key("active"))
            .update_expression("SET #indexed = :yes")
            .condition_expression("version = :version AND #generation = :generation")
            .expression_attribute_names("#generation", GENERATION)
            .expression_attribute_names("#indexed", INDEXED)
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":version", number(active.version))
            .expression_attribute_values(":generation", number(active.generation));
        Ok(self.conditional_update(update).await?.is_some())
    }
}

fn object_key(version: u32) -> String {
    format!("setup/{version:06}.json")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
