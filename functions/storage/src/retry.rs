//! When to try again, and how long to wait before it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often a batch or a transaction is sent. With the waits below that is
/// 3 to 7 s of throttling, after which a person should know.
pub(crate) const ATTEMPTS_MAX: u32 = 10;

/// The first wait; it doubles with each attempt up to [`WAIT_MAX`].
const WAIT_FIRST: Duration = Duration::from_millis(10);

/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Sends a write of one item, and again while a transaction has the item: that
/// lasts milliseconds, and the SDK takes it for final.
pub(crate) async fn past_transactions<T, E, R, F>(send: impl Fn() -> F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, R>>>,
{
    for attempt in 1..ATTEMPTS_MAX {
        match send().await {
            Err(error) if error.code() == Some(TRANSACTION_CONFLICT) => pause(attempt).await,
            sent => return sent,
        }
    }
    send().await
}

/// What a write of one item is told while a transaction has it.
const TRANSACTION_CONFLICT: &str = "TransactionConflictException";

/// Waits before the attempt after the given one (1 is the first): between half
/// and all of an exponential wait, so that tasks which met do not meet again.
pub(crate) async fn pause(attempt: u32) {
    static DRAWS: AtomicU64 = AtomicU64::new(0);
    let draw = DRAWS.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(wait(attempt, spread(draw))).await;
}

fn wait(attempt: u32, spread: u64) -> Duration {
    let longest = WAIT_FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(WAIT_MAX);
    let half = longest / 2;
    half + half.mul_f64((spread % 1_024) as f64 / 1_024.0)
}

/// Spreads neighbouring counts over all numbers (the finaliser of SplitMix64):
/// jitter needs difference, not unpredictability.
fn spread(count: u64) -> u64 {
    let mixed = count.wrapping_add(u64::from(std::process::id()) << 32);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_differ() {
        for attempt in 1..40 {
            let waits: Vec<_> = (0..64).map(|count| wait(attempt, spread(count))).collect();
            let longest = WAIT_FIRST.saturating_mul(1 << (attempt - 1).min(16)).min(WAIT_MAX);
            assert!(waits.iter().all(|wait| *wait >= longest / 2 && *wait <= longest));
            assert!(waits.iter().collect::<std::collections::HashSet<_>>().len() > 32);
        }
    }
}
