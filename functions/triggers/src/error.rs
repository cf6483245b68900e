//! What can go wrong, said so that a person knows what to do.

/// What can go wrong with schedules, events and queues.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// Variables that the deployment gives are not set.
    #[error(
        "the environment lacks {}; `terraform output -raw environment` in the folder of the \
         agency's module prints what to set",
        missing.join(", ")
    )]
    Environment {
        /// The names of the variables.
        missing: Vec<&'static str>,
    },
    /// The schedule can have no name on AWS.
    #[error(
        "`{name}` can be no name of a schedule on AWS: those have at most {} letters a-z, digits, \
         `-` and `_`; the agency's code is a part of it, and on AWS has to fit",
        crate::schedule::NAME_BYTES_MAX
    )]
    ScheduleName {
        /// The name.
        name: String,
    },
    /// There is another schedule of that name.
    #[error(
        "schedule `{name}` of group `{group}` is there already and is another one: {difference}; \
         look at it on AWS, and delete it if nothing needs it: `aws scheduler delete-schedule \
         --group-name {group} --name {name}`"
    )]
    OtherSchedule {
        /// The name.
        name: String,
        /// The group.
        group: String,
        /// What is different.
        difference: String,
    },
    /// A schedule came and went through all attempts.
    #[error(
        "schedule `{name}` of group `{group}` was created and deleted by somebody else through \
         {attempts} attempts; try again"
    )]
    ScheduleUnsteady {
        /// The name.
        name: String,
        /// The group.
        group: String,
        /// How many attempts.
        attempts: u32,
    },
    /// What is to be published is no event.
    #[error("the document is no CloudEvents 1.0: {reason}")]
    NotACloudEvent {
        /// What is wrong with it.
        reason: String,
    },
    /// An event is larger than EventBridge takes.
    #[error(
        "event {id} is {bytes} bytes as an entry of EventBridge, which takes at most {}; leave \
         out of its data what consumers can look up",
        crate::bus::EVENT_BYTES_MAX
    )]
    EventTooLarge {
        /// The event's id.
        id: String,
        /// Its size.
        bytes: usize,
    },
    /// The bus took the request and refused the event.
    #[error("event {id} was not published on bus `{bus}`: {code}: {message}")]
    NotPublished {
        /// The event's id.
        id: String,
        /// The bus.
        bus: String,
        /// The code of the error, as AWS calls it.
        code: String,
        /// What the service said.
        message: String,
    },
    /// It cannot be told where a message came from.
    #[error(
        "message {message} of queue `{queue}` came from one of {}, and does not say from which; \
         move it by hand, in the console of SQS: `Start DLQ redrive`",
        sources.join(", ")
    )]
    SourceUnknown {
        /// The dead-letter queue.
        queue: String,
        /// The id of the message.
        message: String,
        /// The queues that it may have come from.
        sources: Vec<String>,
    },
    /// Some messages were moved, and then something failed.
    #[error(
        "{moved} messages of queue `{queue}` were moved, and then it failed; what is left stays \
         where it is, and the same command goes on"
    )]
    StoppedMoving {
        /// The dead-letter queue.
        queue: String,
        /// How many were moved.
        moved: u64,
        /// Why it failed.
        #[source]
        source: Box<TriggerError>,
    },
    /// The endpoint does not answer.
    #[error(
        "{operation} on {target}: the service does not answer ({reason}); check the network, and \
         the region, profile and AWS_ENDPOINT_URL that the AWS configuration names"
    )]
    Unreachable {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// What it was about.
        target: String,
        /// What the connection said.
        reason: String,
    },
    /// The request never left, for want of a region, credentials and so on.
    #[error("{operation} on {target} could not be sent: {reason}")]
    NotSent {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// What it was about.
        target: String,
        /// What is missing.
        reason: String,
    },
    /// The service refused a request.
    #[error("{operation} on {target} was refused: {code}: {message}")]
    Refused {
        /// The operation, as AWS calls it.
        operation: &'static str,
        /// What it was about.
        target: String,
        /// The code of the error, as AWS calls it.
        code: String,
        /// What the service said.
        message: String,
    },
}

/// How the services say that they were asked too often.
const THROTTLED: [&str; 5] = [
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "RequestLimitExceeded",
];

/// How the services say that it is their own fault.
const THEIR_FAULT: [&str; 4] =
    ["InternalFailure", "InternalException", "InternalServerException", "ServiceUnavailable"];

impl TriggerError {
    /// Whether the service was asked too often.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match self {
            Self::Refused { code, .. } | Self::NotPublished { code, .. } => {
                THROTTLED.contains(&code.as_str())
            }
            Self::StoppedMoving { source, .. } => source.is_throttled(),
            _ => false,
        }
    }

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::ScheduleUnsteady { .. } => true,
            Self::Refused { code, .. } | Self::NotPublished { code, .. } => {
                self.is_throttled() || THEIR_FAULT.contains(&code.as_str())
            }
            Self::StoppedMoving { source, .. } => source.is_transient(),
            _ => false,
        }
    }
}
