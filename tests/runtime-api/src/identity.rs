//! Identifiers in the forms that Lambda and X-Ray give them.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The account of ARNs that nobody chose. Emulators of AWS use the same.
pub const ACCOUNT: &str = "123456789012";

/// Milliseconds since the epoch.
pub fn epoch_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A request's id: a UUID of version 4.
pub fn request_id() -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// A trace header, as X-Ray would pass it on.
pub fn trace_id() -> String {
    let seconds = epoch_ms(SystemTime::now()) / 1000;
    format!(
        "Root=1-{seconds:08x}-{:08x}{:016x};Parent={:016x};Sampled=1",
        random() >> 32,
        random(),
        random()
    )
}

/// The standard library seeds each of these anew. Nothing here is a secret.
fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_uuid() {
        let id = request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_ne!(id, request_id());
    }

    #[test]
    fn a_trace_header_has_its_three_parts() {
        let header = trace_id();
        let parts: Vec<usize> = header.split(';').map(str::len).collect();
        assert_eq!(parts, [40, 23, 9], "{header}");
    }
}
