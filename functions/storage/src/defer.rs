//! What payment collection runs change of a line item or a mandate outside of
//! commits: deferrals and prenotes.

use crate::error::StorageError;
use crate::items::text;
use crate::keys;
use crate::store::Store;
use arrears_domain::{AccountId, Date, Identifier, LineItemId, MandateId};

impl Store {
    /// Defers a transaction until a date, whatever it was deferred to before.
    /// Whether there is such a transaction.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn defer_transaction(
        &self,
        account: &AccountId,
        transaction: &LineItemId,
        until: Date,
    ) -> Result<bool, StorageError> {
        let key = keys::transaction(self.agency(), account, transaction.as_str());
        let update = self
            .update(&key)
            .update_expression("SET deferred_until = :until")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":until", text(until.to_string()));
        Ok(self.conditional_update(update).await?.is_some())
    }

    /// Notes when the prenote of a mandate settles, if it had none. Whether it has
    /// that one now.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn prenote_mandate(
        &self,
        account: &AccountId,
        mandate: &MandateId,
        prenoted_on: Date,
    ) -> Result<bool, StorageError> {
        let key = keys::mandate(self.agency(), account, mandate.as_str());
        let update = self
            .update(&key)
            .update_expression("SET prenoted_on = :on")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(prenoted_on) OR prenoted_on = :on)",
            )
            .expression_attribute_values(":on", text(prenoted_on.to_string()));
        Ok(self.conditional_update(update).await?.is_some())
    }
}
