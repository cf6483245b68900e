//! In what stand-ins for AWS are known to differ, asserted as it is: when one of
//! them learns better, a test here fails, and its difference is taken out.

use crate::engine::ENDPOINT;
use crate::support::fixture;
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
/// does not find.
pub fn is_gone(error: &StorageError, of: &str) -> bool {
    match error {
        StorageError::Refused { code, .. } => *IS_MOTO && code == "unknown",
        StorageError::NoUpload { key } => !*IS_MOTO && key == of,
        _ => false,
    }
}

/// Whether of several writers at the same time more than one may win. Moto looks
/// and then writes: there racers go one after the other, but for those of
/// [`moto_lets_more_than_one_win`].
pub fn is_unfair() -> bool {
    *IS_MOTO
}

/// In how many rounds it must have happened.
const ROUNDS_MAX: u32 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn moto_lets_more_than_one_win() {
    let fixture = fixture().await;
    for round in 0..ROUNDS_MAX {
        let sort = format!("r-{round}");
        let racers = (0..8).map(|racer| {
            let (store, sort) = (fixture.store.clone(), sort.clone());
            tokio::spawn(async move { store.create_document("run", &sort, &racer).await })
        });
        let ended = futures::future::join_all(racers).await;
        let won = ended.into_iter().filter(|it| it.as_ref().unwrap().is_ok()).count();
        match (*IS_MOTO, won) {
            (false, _) => assert_eq!(won, 1, "round {round}"),
            (true, 0 | 1) => {}
            (true, _) => return,
        }
    }
    assert!(!*IS_MOTO, "moto has let one win in each of {ROUNDS_MAX} rounds");
}
