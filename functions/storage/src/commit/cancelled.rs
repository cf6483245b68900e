//! What a cancelled transaction calls for.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// The part that an action of a transaction plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What was read and may have changed, or must not be there yet.
    Fresh,
    /// The account of a change that names no revision of it.
    Account,
    Contact,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    Conflict,
    Retry,
    NoAccount,
    NoContact,
    Refused,
}

/// What has changed meanwhile outweighs all else: whatever else failed was
/// decided from a state that is past. Another transaction in the way, or
/// throttling, is worth another try only where nothing has failed for good.
pub(super) fn cancelled(parts: &[Part], error: &TransactWriteItemsError) -> Cancelled {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return if is_throttling(error.meta().code().unwrap_or_default()) {
            Cancelled::Retry
        } else {
            Cancelled::Refused
        };
    };
    let codes = cancelled.cancellation_reasons().iter();
    let codes: Vec<_> = codes.map(|reason| reason.code().unwrap_or_default()).collect();
    classify(parts, &codes)
}

fn classify(parts: &[Part], codes: &[&str]) -> Cancelled {
    let failed: Vec<Part> = parts
        .iter()
        .zip(codes)
        .filter(|(_, code)| **code == "ConditionalCheckFailed")
        .map(|(part, _)| *part)
        .collect();
    let is_passing = |code: &&str| code.is_empty() || *code == "None" || is_throttling(code);
    match failed.as_slice() {
        [] if !codes.is_empty() && codes.iter().all(is_passing) => Cancelled::Retry,
        [] => Cancelled::Refused,
        failed if failed.contains(&Part::Fresh) => Cancelled::Conflict,
        failed if failed.contains(&Part::Account) => Cancelled::NoAccount,
        _ => Cancelled::NoContact,
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflict"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "TransactionInProgressException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellations_are_told_apart() {
        use Part::{Account, Contact, Fresh};
        let parts = [Fresh, Fresh, Account, Contact];
        for (codes, expected) in [
            (["ConditionalCheckFailed", "None", "None", "None"], Cancelled::Conflict),
            (["None", "ConditionalCheckFailed", "None", "None"], Cancelled::Conflict),
            (
                ["ConditionalCheckFailed", "None", "TransactionConflict", "None"],
                Cancelled::Conflict,
            ),
            (
                ["None", "ConditionalCheckFailed", "ConditionalCheckFailed", "None"],
                Cancelled::Conflict,
            ),
            (["None", "None", "ConditionalCheckFailed", "None"], Cancelled::NoAccount),
            (["None", "None", "None", "ConditionalCheckFailed"], Cancelled::NoContact),
            (["None", "None", "TransactionConflict", "None"], Cancelled::Retry),
            (["None", "ThrottlingError", "None", "TransactionConflict"], Cancelled::Retry),
            (["None", "ValidationError", "None", "TransactionConflict"], Cancelled::Refused),
            (["ItemCollectionSizeLimitExceeded", "None", "None", "None"], Cancelled::Refused),
        ] {
            assert_eq!(classify(&parts, &codes), expected, "{codes:?}");
        }
        assert_eq!(classify(&parts, &[]), Cancelled::Refused);
    }
}
