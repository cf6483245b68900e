//! What a cancelled transaction calls for.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

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

/// What a transaction was refused for, as AWS calls it: the reasons of its items,
/// if those are what there is to say.
pub(super) fn said(error: &TransactWriteItemsError) -> String {
    let mut codes: Vec<&str> = reasons(error).map(|(_, reason)| code_of(reason)).collect();
    codes.sort_unstable();
    codes.dedup();
    match codes.as_slice() {
        [] => error.meta().code().unwrap_or_default().to_owned(),
        codes => codes.join(", "),
    }
}

/// The reasons in full, each with the number of its item: the message of the
/// service has only their codes.
pub(super) fn explained(error: &TransactWriteItemsError) -> Option<String> {
    let told: Vec<String> = reasons(error)
        .map(|(number, reason)| {
            let message = reason.message().unwrap_or("no reason given");
            format!("item {number}: {}: {message}", code_of(reason))
        })
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// The reasons that are any, with the numbers of their items, from 1.
fn reasons(error: &TransactWriteItemsError) -> impl Iterator<Item = (usize, &CancellationReason)> {
    let reasons = match error {
        TransactWriteItemsError::TransactionCanceledException(it) => it.cancellation_reasons(),
        _ => &[],
    };
    (1..).zip(reasons).filter(|(_, reason)| !matches!(code_of(reason), "" | "None"))
}

fn code_of(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or_default()
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
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    #[test]
    fn mixed_reasons_are_told_each_with_its_item() {
        let reason = |code: &str, message: Option<&str>| {
            let reason = CancellationReason::builder().code(code);
            reason.set_message(message.map(str::to_owned)).build()
        };
        let cancelled = TransactionCanceledException::builder()
            .cancellation_reasons(reason("None", None))
            .cancellation_reasons(reason("TransactionConflict", Some("in the way")))
            .cancellation_reasons(reason("ValidationError", Some("too large")))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(cancelled);
        assert_eq!(said(&error), "TransactionConflict, ValidationError");
        let told = "item 2: TransactionConflict: in the way; item 3: ValidationError: too large";
        assert_eq!(explained(&error).unwrap(), told);
        // Not worth another try: one of them would fail again.
        let parts = [Part::Fresh; 3];
        assert_eq!(super::cancelled(&parts, &error), Cancelled::Refused);
    }

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
