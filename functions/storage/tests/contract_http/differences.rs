//! In what stand-ins for AWS are known to differ, asserted as it is: when one of
//! them learns better, a test here fails, and its difference is taken out.

use crate::engine::ENDPOINT;
use arrears_storage::{CommitOutcome, StorageError};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;

/// Whether the endpoint is moto: only moto has this page.
pub static IS_MOTO: LazyLock<bool> = LazyLock::new(|| {
    let Ok(url) = std::env::var(ENDPOINT) else { return false };
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!("GET /moto-api/data.json HTTP/1.0\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().contains(" 200 ")
});

/// What the engine says that a transaction of so many units consumed. Moto says
/// nothing of transactions.
pub fn transaction_units(units: u64) -> u64 {
    if *IS_MOTO { 0 } else { units }
}

/// What it says that a write consumed in the index. Moto says nothing of indices.
pub fn index_units(units: u64) -> u64 {
    if *IS_MOTO { 0 } else { units }
}

/// Whether a transaction of more than 4 MB was refused for that. Moto commits it.
pub fn is_too_large(committed: Result<CommitOutcome, StorageError>) -> bool {
    if *IS_MOTO {
        assert_eq!(committed.unwrap(), CommitOutcome::Committed);
        return false;
    }
    let text = committed.unwrap_err().to_string();
    assert!(text.contains("TransactWriteItems") && text.contains('4'), "{text}");
    true
}

/// What became of an upload that was published. Moto publishes it and says so in a
/// document whose root has another name than S3's, which the SDK does not take.
pub fn published(ended: Result<(), StorageError>) -> Result<(), StorageError> {
    match ended {
        Err(StorageError::Refused { operation: "CompleteMultipartUpload", code, .. })
            if *IS_MOTO && code == "unknown" =>
        {
            Ok(())
        }
        Ok(()) if *IS_MOTO => panic!("moto names its answer as S3 does now"),
        ended => ended,
    }
}

/// Whether the upload of the file is said to be gone. Moto fails over one that it
/// does not find, with a 500 and without a code.
pub fn is_gone(error: &StorageError, of: &str) -> bool {
    match error {
        StorageError::Unreachable { .. } => *IS_MOTO && error.to_string().contains("500"),
        StorageError::NoUpload { key } => !*IS_MOTO && key == of,
        _ => false,
    }
}

/// Whether of several writers at the same time more than one may win. Moto looks
/// and then writes, so that there racers go one after the other.
pub fn is_unfair() -> bool {
    *IS_MOTO
}
