//! Errors of the SDKs in our words.

use crate::error::TriggerError;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// The code where the service gave none: what answered is not the service, or
/// does not know the operation.
pub(crate) const NO_CODE: &str = "unknown";

/// What a request was about, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub operation: &'static str,
    pub target: &'a str,
}

impl Request<'_> {
    /// The error of the SDK in our words.
    pub(crate) fn failed<E, R>(self, error: SdkError<E, R>) -> TriggerError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let (operation, target) = (self.operation, self.target.to_owned());
        let unreachable =
            |reason| TriggerError::Unreachable { operation, target: target.clone(), reason };
        match &error {
            SdkError::TimeoutError(_) => unreachable("no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                unreachable(innermost(&error))
            }
            SdkError::ServiceError(refused) => {
                let code = refused.err().code().unwrap_or(NO_CODE).to_owned();
                let message = refused.err().message().unwrap_or("no reason given").to_owned();
                TriggerError::Refused { operation, target, code, message }
            }
            SdkError::ResponseError(_) => {
                let (code, message) = (NO_CODE.to_owned(), innermost(&error));
                TriggerError::Refused { operation, target, code, message }
            }
            _ => TriggerError::NotSent { operation, target, reason: innermost(&error) },
        }
    }
}

/// The words of the innermost source: the SDK's own say only that something
/// failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
