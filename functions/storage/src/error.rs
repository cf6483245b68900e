//! What can go wrong, said so that a person knows what to do.

use crate::commit::TRANSACTION_ITEMS_MAX;
use crate::document::LineError;
use arrears_domain::{AccountId, ContactId, Currency, DelinquencyId, RunKey};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;

/// What can go wrong with the storage.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The endpoint does not answer.
    #[error(
        "{endpoint} does not answer {operation} on {target} ({reason}); check the network, and the \
         region, profile and AWS_ENDPOINT_URL that the AWS configuration names"
    )]
    Unreachable {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// The table or the bucket.
        target: String,
        /// The endpoint.
        endpoint: String,
        /// What the connection said.
        reason: String,
    },
    /// The disk, or another process, keeps the embedded engine from working.
    #[error("the data in `{directory}` cannot be used: {reason}")]
    Engine {
        /// The folder of the data.
        directory: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The service refused a request.
    #[error("{operation} on {target} was refused: {code}: {message}")]
    Refused {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// The table or the bucket, and the endpoint.
        target: String,
        /// The code of the error, as AWS calls it.
        code: String,
        /// What the service said.
        message: String,
    },
    /// The request never left, for want of a region, credentials and so on.
    #[error("{operation} on {target} could not be sent: {reason}")]
    NotSent {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// The table or the bucket, and the endpoint.
        target: String,
        /// What is missing.
        reason: String,
    },
    /// There is no such table.
    #[error(
        "there is no table `{table}` at {endpoint}; create it with the infrastructure code, or name another"
    )]
    TableMissing {
        /// The table.
        table: String,
        /// Where it was looked for.
        endpoint: String,
    },
    /// The service kept asking for less, through all attempts.
    #[error(
        "{operation} on {target} was still held back after {attempts} attempts ({code}); run again with fewer threads"
    )]
    HeldBack {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// The table or the bucket, and the endpoint.
        target: String,
        /// What was said last, as AWS calls it.
        code: String,
        /// How often it was sent.
        attempts: u32,
    },
    /// A stored item cannot be read back.
    #[error("the stored item `{key}` cannot be read: {reason}")]
    Item {
        /// Its keys.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A stored item has a value that its document does not allow.
    #[error("the stored item `{key}` cannot be read")]
    StoredLine {
        /// Its keys.
        key: String,
        /// Which value.
        #[source]
        line: Box<LineError>,
    },
    /// A value cannot be written as an item.
    #[error("`{key}` cannot be stored: {reason}")]
    Unstorable {
        /// Its keys.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The account whose balance changes is not there, or has another currency.
    #[error(
        "account {account} is charged{}, but no such account with that currency is stored",
        currency.as_ref().map_or(String::new(), |currency| format!(" in {currency}"))
    )]
    NoAccountToCharge {
        /// The account.
        account: AccountId,
        /// The currency of the charge.
        currency: Option<Currency>,
    },
    /// The contact that gets credit points is not there.
    #[error(
        "an action gives credit points to the contact of account {account}, but contact {} is not stored",
        contact.as_ref().map_or("(none)".to_owned(), ToString::to_string)
    )]
    NoContactToRate {
        /// The account.
        account: AccountId,
        /// The contact; none if the account has none.
        contact: Option<ContactId>,
    },
    /// What one change charges is in several currencies, or too large.
    #[error("the charges of account {account} cannot be added up: {reason}")]
    Charges {
        /// The account.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// A change has more items than one transaction takes.
    #[error(
        "a change of account {account} writes {items} items, and at most {TRANSACTION_ITEMS_MAX} can be written at once; settle some of its delinquencies first"
    )]
    TooManyItems {
        /// The account.
        account: AccountId,
        /// How many items.
        items: usize,
    },
    /// What is written once is there already.
    #[error("`{key}` is there already; it is written once and stays as it is")]
    AlreadyExists {
        /// The key of the file or the document.
        key: String,
    },
    /// Another entry of the ledger of placements is there already.
    #[error(
        "{run} has already told {collection_agency} something else of delinquency {delinquency} of account {account}; it stays as it is, and a new run says what there is to say now"
    )]
    PlacementConflict {
        /// The account.
        account: AccountId,
        /// The delinquency.
        delinquency: DelinquencyId,
        /// The code of the collection agency.
        collection_agency: String,
        /// The run that wrote the entry which is there.
        run: RunKey,
    },
    /// A key of a file is not allowed.
    #[error("`{key}` is no key of a file: {reason}")]
    ObjectKey {
        /// The key as given.
        key: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such file.
    #[error("there is no file `{key}`; `arrears files list` shows what there is")]
    NoObject {
        /// The key.
        key: String,
    },
    /// The upload is gone.
    #[error(
        "the upload of `{key}` is gone: it was aborted, or another writer of the file was in its way; write the file again"
    )]
    NoUpload {
        /// The key of the file.
        key: String,
    },
    /// A local file cannot be read or written.
    #[error("`{path}` cannot be read: {reason}")]
    LocalFile {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// There is no such stored setup.
    #[error("there is no stored setup {version}; `arrears setup load` stores one")]
    NoSetup {
        /// The number asked for.
        version: u32,
    },
}

impl StorageError {
    /// Whether something that is written once was there already.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        matches!(self, Self::AlreadyExists { .. })
    }

    /// A stable word, if the failure is one record's and no other's: the same
    /// write would fail again, and others would not.
    #[must_use]
    pub fn code_of_record(&self) -> Option<&'static str> {
        match self {
            Self::NoAccountToCharge { .. } => Some("NO_ACCOUNT_TO_CHARGE"),
            Self::NoContactToRate { .. } => Some("NO_CONTACT_TO_RATE"),
            Self::Charges { .. } => Some("CHARGES_OUT_OF_RANGE"),
            Self::TooManyItems { .. } => Some("TOO_MANY_ITEMS"),
            Self::Unstorable { .. } => Some("UNSTORABLE"),
            // Such as an item that is too large for the table.
            Self::Refused { operation: "TransactWriteItems", code, .. }
                if code == "ValidationException" || code == "TransactionCanceledException" =>
            {
                Some("WRITE_REFUSED")
            }
            _ => None,
        }
    }
}

#[cfg(feature = "embedded")]
impl From<crate::embedded::EngineError> for StorageError {
    fn from(error: crate::embedded::EngineError) -> Self {
        Self::Engine { directory: error.directory.display().to_string(), reason: error.reason }
    }
}

/// What a request was about, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub operation: &'static str,
    pub target: &'a str,
    pub endpoint: &'a str,
}

impl Request<'_> {
    /// The error of the SDK in our words.
    pub(crate) fn failed<E>(&self, error: SdkError<E, HttpResponse>) -> StorageError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        #[cfg(feature = "embedded")]
        if let Some(engine) = engine_error(&error) {
            return engine.into();
        }
        let (operation, target) = (self.operation, self.place());
        match &error {
            SdkError::TimeoutError(_) => self.unreachable("no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                self.unreachable(innermost(&error))
            }
            // It was answered, and may have been carried out.
            SdkError::ResponseError(_) => {
                self.unreachable(format!("its answer cannot be read: {}", innermost(&error)))
            }
            // Such as a proxy's, which does not speak for the service.
            SdkError::ServiceError(refused)
                if refused.err().code().is_none() && refused.raw().status().is_server_error() =>
            {
                let status = refused.raw().status();
                self.unreachable(format!("it answers with status {status}, and says nothing else"))
            }
            SdkError::ServiceError(refused) => {
                let code = refused.err().code().unwrap_or("unknown").to_owned();
                if code == "ResourceNotFoundException" {
                    return StorageError::TableMissing {
                        table: self.target.to_owned(),
                        endpoint: self.endpoint.to_owned(),
                    };
                }
                let message = refused.err().message().unwrap_or("no reason given").to_owned();
                StorageError::Refused { operation, target, code, message }
            }
            _ => StorageError::NotSent { operation, target, reason: innermost(&error) },
        }
    }

    /// What the request was about, and where that is.
    fn place(&self) -> String {
        format!("{} at {}", self.target, self.endpoint)
    }

    pub(crate) fn unreachable(&self, reason: String) -> StorageError {
        StorageError::Unreachable {
            operation: self.operation,
            target: self.target.to_owned(),
            endpoint: self.endpoint.to_owned(),
            reason,
        }
    }

    /// The service kept asking for less.
    pub(crate) fn held_back(&self, code: &str) -> StorageError {
        let (target, code) = (self.place(), code.to_owned());
        let attempts = crate::retry::ATTEMPTS_MAX;
        StorageError::HeldBack { operation: self.operation, target, code, attempts }
    }

    /// A request that this crate built wrongly; no input leads here.
    pub(crate) fn malformed(&self, reason: impl ToString) -> StorageError {
        let (operation, target) = (self.operation, self.place());
        StorageError::NotSent { operation, target, reason: reason.to_string() }
    }
}

/// The words of the innermost source: the SDK's own say only that something
/// failed.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(feature = "embedded")]
fn engine_error(error: &(dyn Error + 'static)) -> Option<crate::embedded::EngineError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(engine) = error.downcast_ref::<crate::embedded::EngineError>() {
            return Some(engine.clone());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_types::body::SdkBody;
    use std::io;

    /// What was answered in part may have been carried out, and may be asked for again.
    #[test]
    fn an_answer_that_is_cut_off_is_one_that_did_not_come() {
        let half = HttpResponse::new(200.try_into().unwrap(), SdkBody::from("{"));
        let cut_off: SdkError<GetItemError, _> =
            SdkError::response_error(io::Error::other("the connection was closed"), half);
        let request = Request { operation: "GetItem", target: "arrears", endpoint: "here" };
        let error = request.failed(cut_off);
        assert!(matches!(error, StorageError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("the connection was closed"), "{error}");
    }

    /// What stands between us and the service says only that it is not to be had.
    #[test]
    fn a_server_error_without_a_code_is_one_that_may_pass() {
        let answered = |status: u16| {
            let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(""));
            let error = GetItemError::unhandled("no code");
            let request = Request { operation: "GetItem", target: "arrears", endpoint: "here" };
            request.failed(SdkError::service_error(error, raw))
        };
        let error = answered(503);
        assert!(matches!(error, StorageError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("status 503"), "{error}");
        // Nobody may look at it, however often it is asked for.
        assert!(matches!(answered(403), StorageError::Refused { .. }));
    }
}
