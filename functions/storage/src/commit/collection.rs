//! The actions of a collection and its void: line items that are settled or open
//! again, and the mandate.

use super::OPERATION;
use crate::document::{AllocationDocument, MandateLine};
use crate::error::StorageError;
use crate::items::{self, number, text};
use crate::keys;
use crate::store::Store;
use arrears_domain::event::{ItemChange, MandateChange};
use arrears_domain::{AccountId, AllocationMarker, Identifier, Mandate};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

impl Store {
    /// Changes marker, allocations and returns of a line item, under the condition
    /// that its marker and amount are what was read.
    ///
    /// A line item that becomes void is made so whatever else was read of it: an
    /// import may have changed the rest.
    pub(super) fn change_item_action(
        &self,
        account: &AccountId,
        change: &ItemChange,
    ) -> Result<TransactWriteItem, StorageError> {
        let ItemChange { before, after } = change;
        let key = keys::transaction(self.agency(), account, after.id.as_str());
        let update =
            Update::builder().expression_attribute_values(":marker", text(after.marker.as_str()));
        if after.marker == AllocationMarker::Correction {
            let update = update
                .update_expression("SET marker = :marker")
                .condition_expression("attribute_exists(pk) AND marker <> :marker");
            return self.update_action(&key, update);
        }
        let (mut sets, mut removes) = (vec!["marker = :marker"], Vec::new());
        let mut update: UpdateBuilder = update
            .condition_expression("marker = :was AND amount = :amount")
            .expression_attribute_values(":was", text(before.marker.as_str()))
            .expression_attribute_values(":amount", text(before.amount.to_string()));
        if after.allocations.is_empty() {
            removes.push("allocations");
        } else {
            sets.push("allocations = :allocations");
            let documents: Vec<AllocationDocument> =
                after.allocations.iter().map(AllocationDocument::from).collect();
            let value: Result<AttributeValue, _> =
                serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(documents);
            let value = value.map_err(|error| StorageError::Unstorable {
                key: key.shown(),
                reason: error.to_string(),
            })?;
            update = update.expression_attribute_values(":allocations", value);
        }
        if after.terms.returned != before.terms.returned {
            sets.push("returned = :returned");
            update = update.expression_attribute_values(":returned", number(after.terms.returned));
        }
        let mut expression = format!("SET {}", sets.join(", "));
        if !removes.is_empty() {
            expression = format!("{expression} REMOVE {}", removes.join(", "));
        }
        self.update_action(&key, update.update_expression(expression))
    }

    /// Puts the mandate with its new state, if it still is what was read.
    pub(super) fn mandate_action(
        &self,
        change: &MandateChange,
    ) -> Result<TransactWriteItem, StorageError> {
        let before = &change.before;
        let after = Mandate { state: change.after.clone(), ..before.clone() };
        let put = Put::builder()
            .table_name(self.table())
            .set_item(Some(items::mandate_item(self.agency(), &after)?));
        let (mut conditions, mut put) = (vec!["attribute_exists(pk)".to_owned()], put);
        for (name, value) in told(&MandateLine::from(before)) {
            match value {
                Some(value) => {
                    conditions.push(format!("{name} = :{name}"));
                    put = put.expression_attribute_values(format!(":{name}"), text(value));
                }
                None => conditions.push(format!("attribute_not_exists({name})")),
            }
        }
        let put = put.condition_expression(conditions.join(" AND ")).build();
        let put = put.map_err(|error| self.malformed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// What of a mandate must be as it was read: what collections and returns change.
/// A sequence that a book has left out is the first one, so it tells nothing.
fn told(line: &MandateLine) -> [(&'static str, Option<&str>); 3] {
    [
        ("last_collected_on", line.last_collected_on.as_deref()),
        ("prenoted_on", line.prenoted_on.as_deref()),
        ("stopped", line.stopped.as_deref()),
    ]
}
