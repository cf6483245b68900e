//! When a function has to stop.

use lambda_runtime::Context;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The moment after which an invocation takes up no more work.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    stop_at: SystemTime,
}

impl Deadline {
    /// That of an invocation: its deadline, less the time that what is under way may
    /// still take.
    #[must_use]
    pub fn of(context: &Context, stop_before: Duration) -> Self {
        let deadline = UNIX_EPOCH + Duration::from_millis(context.deadline);
        Self { stop_at: deadline.checked_sub(stop_before).unwrap_or(UNIX_EPOCH) }
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        SystemTime::now() >= self.stop_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_stops_before_its_deadline() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let mut context = Context::default();
        context.deadline = u64::try_from(now).unwrap() + 600_000;
        assert!(!Deadline::of(&context, Duration::from_secs(60)).has_passed());
        assert!(Deadline::of(&context, Duration::from_secs(601)).has_passed());
        assert!(Deadline::of(&context, Duration::from_secs(u64::MAX / 2)).has_passed());
    }
}
