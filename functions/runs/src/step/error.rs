//! Why a run that goes in steps cannot go on, or not now.

/// What went wrong, or has to wait.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Whoever watches the run has no more time; it has stopped between two writes.
    #[error(
        "run {run_key} has stopped since its time is up; `arrears runs resume {run_key}` goes on"
    )]
    OutOfTime {
        /// The run.
        run_key: String,
    },
    /// A scheduled run has to wait.
    #[error("{schedule} has to wait: {reason}")]
    Postponed {
        /// The schedule.
        schedule: String,
        /// For what.
        reason: String,
    },
    /// A run was asked for in words that cannot be followed.
    #[error("a run was asked for, and cannot be started: {reason}")]
    Request {
        /// What is wrong, and what to write.
        reason: String,
    },
    /// A worker has panicked.
    #[error(
        "arrears itself has failed: {message}; nothing is half written, the run can be resumed; \
         please report this"
    )]
    Panicked {
        /// What it said.
        message: String,
    },
}
