//! The ledger of placements: entries are put once and never changed.

use crate::error::StorageError;
use crate::items;
use crate::keys;
use crate::store::{BATCHES_AT_ONCE, Store};
use arrears_domain::PlacementEntry;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use futures::stream::{self, StreamExt, TryStreamExt};

impl Store {
    /// Puts entries of the ledger, each if there is none with its key. One that
    /// is there already must be equal: a run that is resumed writes the same
    /// again.
    ///
    /// # Errors
    /// [`StorageError::PlacementConflict`] if another entry is there, which
    /// stays as it is; the table cannot be written. Other entries of the call
    /// may be written then.
    pub async fn put_placements(&self, entries: &[PlacementEntry]) -> Result<(), StorageError> {
        let puts: Vec<_> = entries.iter().map(|entry| self.put_placement(entry)).collect();
        let written = stream::iter(puts).buffer_unordered(BATCHES_AT_ONCE);
        written.try_for_each(|()| std::future::ready(Ok(()))).await
    }

    async fn put_placement(&self, entry: &PlacementEntry) -> Result<(), StorageError> {
        let item = items::placement_item(self.agency(), entry)?;
        let put = self.put_if_absent(item);
        // The refusal brings the stored entry along: no read of its own.
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Some(mut stored) = self.conditional_put(put).await? else {
            return Ok(());
        };
        items::take_key(&mut stored);
        let stored = items::placement(&keys::placement(self.agency(), entry), stored)?;
        if stored == *entry {
            return Ok(());
        }
        Err(StorageError::PlacementConflict {
            account: stored.account,
            delinquency: stored.delinquency,
            collection_agency: stored.collection_agency,
            run: stored.run,
        })
    }
}
