//! How a failure is told to Lambda: a stable type, by which the state machine decides
//! whether to try again, and the whole chain of causes for people.

use crate::environment::EnvironmentError;
use arrears_runs::registry::RegistryError;
use arrears_runs::step::StepError;
use arrears_runs::{RunError, chain};
use arrears_storage::StorageError;
use arrears_triggers::TriggerError;
use lambda_runtime::Diagnostic;

/// A failure of a function.
#[derive(Debug)]
pub struct Failure {
    /// A stable word: `Throttled`, `Refused` and so on. docs/OPERATE.md lists them.
    pub error_type: &'static str,
    /// What happened, with all its causes, and what to do.
    pub message: String,
}

impl Failure {
    /// A payload that cannot be understood.
    #[must_use]
    pub fn bad_request(reason: impl std::fmt::Display) -> Self {
        Self { error_type: "BadRequest", message: reason.to_string() }
    }

    /// An invocation that has no time left for what it was given.
    #[must_use]
    pub fn out_of_time() -> Self {
        Self { error_type: "OutOfTime", message: "the time is up".to_owned() }
    }

    /// What only a defect of this program or of its machine leads to.
    #[must_use]
    pub fn internal(message: String) -> Self {
        Self { error_type: "Internal", message }
    }

    /// A task that panicked.
    #[must_use]
    pub fn panicked(what: &str) -> Self {
        let message = format!("arrears itself has failed: {what}; please report this");
        Self { error_type: "Panicked", message }
    }

    /// Whether what came in is to blame, so that it fails however often it comes.
    #[must_use]
    pub fn is_of_input(&self) -> bool {
        matches!(self.error_type, "BadRequest" | "PluginRefused" | "Refused")
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self { error_type: type_of(&error), message: chain(&error) }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        RunError::from(error).into()
    }
}

impl From<TriggerError> for Failure {
    fn from(error: TriggerError) -> Self {
        let error_type = match () {
            () if error.is_throttled() => "Throttled",
            () if error.is_transient() => "StoreUnavailable",
            () => "StoreFailed",
        };
        Self { error_type, message: chain(&error) }
    }
}

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        Self { error_type: "Internal", message: chain(&error) }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type.to_owned(), error_message: failure.message }
    }
}

fn type_of(error: &RunError) -> &'static str {
    match error {
        RunError::Storage(error) => of_store(error),
        RunError::RunChanged { .. }
        | RunError::ExportUnderWay { .. }
        | RunError::Step(StepError::Postponed { .. }) => "Conflict",
        RunError::Plugin { source, .. } if source.is_artifact() => "ArtifactMissing",
        RunError::Plugin { .. }
        | RunError::Registry(
            RegistryError::Untrusted { .. }
            | RegistryError::Quarantined { .. }
            | RegistryError::Barred { .. },
        )
        | RunError::SameActionType { .. }
        | RunError::OtherPlugin { .. } => "PluginRefused",
        RunError::NoSetup { .. } | RunError::Setup { .. } | RunError::StoredSetup { .. } => {
            "SetupUnusable"
        }
        RunError::CountsDiffer { .. } | RunError::NotReconciled { .. } => "CountsDiffer",
        RunError::Step(StepError::Panicked { .. }) => "Panicked",
        RunError::Step(StepError::OutOfTime { .. }) => "OutOfTime",
        RunError::Step(StepError::Request { .. })
        | RunError::Parameter { .. }
        | RunError::UnknownRun { .. } => "BadRequest",
        RunError::FeatureOff { .. }
        | RunError::BackDated { .. }
        | RunError::OutOfBounds { .. }
        | RunError::UnknownExportSetup { .. }
        | RunError::UnknownPaymentProfile { .. }
        | RunError::NotForCollection(_)
        | RunError::PeriodClosed { .. }
        | RunError::NoProposal(_)
        | RunError::ProposalChanged { .. }
        | RunError::LimitPassed { .. }
        | RunError::Returns { .. } => "Refused",
        _ => "Internal",
    }
}

fn of_store(error: &StorageError) -> &'static str {
    /// What DynamoDB and S3 say when they are asked too often.
    const THROTTLED: [&str; 6] = [
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ];
    /// What they say when it is their fault, or a matter of waiting.
    const TRANSIENT: [&str; 6] = [
        "ConditionalRequestConflict",
        "InternalError",
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionConflictException",
        "TransactionInProgressException",
    ];
    match error {
        StorageError::HeldBack { .. } => "Throttled",
        StorageError::Refused { code, .. } if THROTTLED.contains(&code.as_str()) => "Throttled",
        StorageError::Refused { code, .. } if TRANSIENT.contains(&code.as_str()) => {
            "StoreUnavailable"
        }
        StorageError::Unreachable { .. } => "StoreUnavailable",
        _ => "StoreFailed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_knows_what_to_try_again() {
        let refused = |code: &str| StorageError::Refused {
            operation: "TransactWriteItems",
            target: "arrears".to_owned(),
            code: code.to_owned(),
            message: "no reason".to_owned(),
        };
        for (error, expected) in [
            (refused("ThrottlingException"), "Throttled"),
            (refused("InternalServerError"), "StoreUnavailable"),
            (refused("AccessDeniedException"), "StoreFailed"),
        ] {
            let failure = Failure::from(error);
            assert_eq!(failure.error_type, expected);
            assert!(failure.message.contains("TransactWriteItems on arrears"));
        }
        let run_key = "export-000001".to_owned();
        let busy = Failure::from(RunError::ExportUnderWay { run_key });
        assert_eq!(busy.error_type, "Conflict");
        assert!(!busy.is_of_input());
        assert!(Failure::bad_request("no").is_of_input());
        assert!(busy.message.contains("export-000001"));
    }
}
