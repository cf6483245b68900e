//! How long an event waits for an account that somebody else works on.

use std::time::Duration;

/// How often an event is decided anew because somebody else changed its account
/// between reading and writing. Whoever loses so often has met a book that is at
/// odds with itself.
pub(super) const ATTEMPTS_MAX: u32 = 12;

/// How long the first such pause is; each is twice as long as the one before, up to the
/// longest: a run that works on the account is done with it within seconds.
const PAUSE: Duration = Duration::from_millis(4);
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// How long to wait after so many attempts.
pub(super) fn pause(attempts: u32) -> Duration {
    PAUSE.saturating_mul(1 << (attempts.clamp(1, ATTEMPTS_MAX) - 1)).min(PAUSE_MAX)
}
