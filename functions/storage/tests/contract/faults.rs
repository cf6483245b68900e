//! Faults between the client and the service: what a writer knows of its own
//! writes, what is tried again, and what is said of what fails.

use crate::support::*;
use arrears_domain::decide::Due;
use arrears_domain::{AgencyId, Identifier};
use arrears_storage::{
    CommitOutcome, Fault, Fuse, Location, LookWrite, Misbehaving, Odds, RecordWrite, Replace,
    StorageError, Store, UPLOAD_PART_BYTES,
};
use tempfile::TempDir;

/// A store that misbehaves from now on.
async fn misbehaving(seed: u64, odds: Odds) -> (Store, Misbehaving, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let misbehaving = Misbehaving::with(seed, odds);
    misbehaving.behave().await;
    let place = Location::Misbehaving(folder.path().to_owned(), misbehaving.clone());
    let store = Store::open(place, AgencyId::parse("default").unwrap()).await.unwrap();
    put(&store, 0..40).await;
    misbehaving.misbehave();
    (store, misbehaving, folder)
}

/// The SDK sends a request again whose answer was lost: a writer must not take
/// its own document for somebody else's.
#[tokio::test]
async fn a_document_that_is_sent_twice_is_written_once_and_by_oneself() {
    let fixture = fixture().await;
    let location = Location::Fused(fixture.folder.path().to_owned(), Fuse::repeating());
    let store = Store::open(location, fixture.store.agency().clone()).await.unwrap();
    let first = store.create_document("run", "r-1", &0).await.unwrap();
    let second = store.replace_document("run", "r-1", first, &1).await.unwrap().unwrap();
    assert!(second > first);
    // Others are still found out, also if they would write the same.
    assert_eq!(store.replace_document("run", "r-1", first, &1).await.unwrap(), None);
    let error = store.create_document("run", "r-1", &1).await.unwrap_err();
    assert!(error.is_already_exists(), "{error}");
}

#[tokio::test]
async fn a_writer_whose_answers_are_lost_knows_its_own_documents() {
    // Seldom enough that no request meets as many in a row as the SDK has attempts.
    let odds = Odds { lost_answer: 50, ..Odds::NONE };
    let (store, misbehaving, _folder) = misbehaving(1, odds).await;
    let mut written = Vec::new();
    for number in 0..40 {
        let sort = format!("r-{number}");
        let first = store.create_document("run", &sort, &0).await.unwrap();
        let second = store.replace_document("run", &sort, first, &1).await.unwrap();
        let second = second.unwrap_or_else(|| panic!("{sort} was somebody else's"));
        assert_eq!(store.replace_document("run", &sort, first, &2).await.unwrap(), None);
        written.push((sort, second));
    }
    assert!(misbehaving.count(Fault::LostAnswer) > 2);
    misbehaving.behave().await;
    for (sort, revision) in written {
        assert_eq!(store.document("run", &sort).await.unwrap(), Some((1, revision)), "{sort}");
    }
}

/// A file is written once, and who wrote it knows.
#[tokio::test]
async fn a_writer_whose_answers_are_lost_knows_its_own_files() {
    let odds = Odds { lost_answer: 50, ..Odds::NONE };
    let (store, misbehaving, folder) = misbehaving(2, odds).await;
    let made = folder.path().join("made");
    std::fs::write(&made, vec![3; 200_000]).unwrap();
    for number in 0..40 {
        let key = format!("file/{number}");
        store.put_object_new(&key, key.as_str()).await.unwrap();
        let error = store.put_object_new(&key, "somebody else's").await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
        let key = format!("large/{number}");
        store.put_object_new(&key, made.clone()).await.unwrap();
        let error = store.put_object_new(&key, vec![4; 200_000]).await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
    }
    assert!(misbehaving.count(Fault::LostAnswer) > 2);
    misbehaving.behave().await;
    for number in 0..40 {
        let key = format!("file/{number}");
        assert_eq!(store.get_object(&key).await.unwrap(), key);
        let large = store.get_object(&format!("large/{number}")).await.unwrap();
        assert!(large == vec![3; 200_000]);
    }
}

/// Another one's write of the file is under way: it may fail, so one's own is worth
/// another attempt.
#[tokio::test]
async fn a_file_that_meets_another_write_is_written_in_the_end() {
    let (store, misbehaving, _folder) =
        misbehaving(3, Odds { put_conflict: 400, ..Odds::NONE }).await;
    for number in 0..20 {
        let key = format!("put/{number}");
        store.put_object_new(&key, "text").await.unwrap();
        assert_eq!(store.get_object(&key).await.unwrap(), "text");
        let mut upload = store.begin_upload(&format!("upload/{number}")).await.unwrap();
        upload.part(vec![1; UPLOAD_PART_BYTES].into()).await.unwrap();
        upload.part(vec![2; 10].into()).await.unwrap();
        upload.publish().await.unwrap();
        let read = store.get_object(&format!("upload/{number}")).await.unwrap();
        assert_eq!(read.len(), UPLOAD_PART_BYTES + 10);
    }
    assert!(misbehaving.count(Fault::PutConflict) > 10);
}

/// Whatever writes one item may meet a transaction that has it.
#[tokio::test]
async fn a_write_that_meets_a_transaction_waits_for_it() {
    let (store, misbehaving, _folder) =
        misbehaving(4, Odds { transaction_conflict: 400, ..Odds::NONE }).await;
    for number in 0..10 {
        let (sort, id) = (format!("r-{number}"), account_id(number));
        let first = store.create_document("run", &sort, &0).await.unwrap();
        assert!(store.delete_document("run", &sort, first).await.unwrap());
        assert_eq!(store.next_number("count").await.unwrap() as usize, number + 1);
        let record = delinquency(number);
        let moved = store.rewrite_due(&record, Due::EveryRun).await.unwrap();
        assert_eq!(moved, CommitOutcome::Committed);
        store.put_account(&account(number)).await.unwrap();
        let bills = [imported(&id, &bill("B-1", 100))];
        store.put_records(&bills, Replace::Stored).await.unwrap();
        let look = LookWrite { bill_type: "WATER", mark: 1, next: None };
        let moved = store.move_look(&id, &look).await.unwrap();
        assert_eq!(moved, CommitOutcome::Committed);
    }
    store.put_setup(&[("a".to_owned(), "b".to_owned())]).await.unwrap();
    assert!(misbehaving.count(Fault::TransactionConflict) > 20);
}

async fn commit(store: &Store, number: usize) -> Result<CommitOutcome, StorageError> {
    let before = delinquency(number);
    let record = RecordWrite {
        before: Some(&before),
        after: &advanced(&before),
        due: Due::Never,
        transition: &transition(&before, vec![charge(100)]),
    };
    store.commit(&write(record)).await
}

#[tokio::test]
async fn a_transaction_that_meets_others_is_committed_once() {
    let (store, misbehaving, _folder) =
        misbehaving(5, Odds { transaction_conflict: 300, throttled: 100, ..Odds::NONE }).await;
    for number in 0..40 {
        assert_eq!(commit(&store, number).await.unwrap(), CommitOutcome::Committed);
    }
    assert!(misbehaving.count(Fault::TransactionConflict) > 10);
    assert!(misbehaving.count(Fault::Throttled) > 3);
    misbehaving.behave().await;
    for number in 0..40 {
        let page = store.account_page(&account_id(number)).await.unwrap().unwrap();
        assert_eq!((page.account.balance, page.transitions.len()), (usd(15_330), 1));
    }
}

#[tokio::test]
async fn what_a_batch_leaves_is_done_in_the_end() {
    let (store, misbehaving, _folder) = misbehaving(6, Odds { partial: 700, ..Odds::NONE }).await;
    put(&store, 40..240).await;
    let keys = due(&store, arrears_storage::DueClass::Collections, "2026-01-15").await;
    let gathered = store.gather(&keys).await.unwrap();
    assert_eq!(gathered.len(), 240);
    for it in gathered {
        assert!(it.delinquency.is_some() && it.account.is_some() && it.contact.is_some());
    }
    assert!(misbehaving.count(Fault::Partial) > 10);
}

/// What an operator reads: which operation, on what, where, and what was said.
#[tokio::test]
async fn what_keeps_failing_says_what_failed_where_and_why() {
    const ALWAYS: u32 = 1_000;
    let cases = [
        (Odds { throttled: ALWAYS, ..Odds::NONE }, ["Exception", "SlowDown", "Exception"]),
        (
            Odds { server_error: ALWAYS, ..Odds::NONE },
            ["InternalServerError", "InternalError", "InternalServerError"],
        ),
        (Odds { timed_out: ALWAYS, ..Odds::NONE }, ["no answer in time"; 3]),
        (Odds { lost_answer: ALWAYS, ..Odds::NONE }, ["the answer is lost"; 3]),
    ];
    for (odds, codes) in cases {
        let (store, misbehaving, folder) = misbehaving(7, odds).await;
        let place = folder.path().display().to_string();
        let failed = [
            (store.account_page(&account_id(1)).await.unwrap_err(), "Query"),
            (store.put_object_new("file", "text").await.unwrap_err(), "PutObject"),
            (commit(&store, 1).await.unwrap_err(), "TransactWriteItems"),
        ];
        for ((error, operation), code) in failed.into_iter().zip(codes) {
            let text = error.to_string();
            for word in [operation, "arrears", &place, code] {
                assert!(text.contains(word), "{odds:?}: {word} is not in: {text}");
            }
        }
        misbehaving.behave().await;
    }
}

#[tokio::test]
async fn what_is_in_the_way_for_too_long_is_said() {
    let odds = Odds { transaction_conflict: 1_000, ..Odds::NONE };
    let (store, _, folder) = misbehaving(8, odds).await;
    let place = folder.path().display().to_string();
    let (committed, counted) = tokio::join!(commit(&store, 1), store.next_number("count"));
    let failed =
        [(committed.unwrap_err(), "TransactWriteItems"), (counted.unwrap_err(), "UpdateItem")];
    for (error, operation) in failed {
        let text = error.to_string();
        for word in [operation, "arrears", &place, "TransactionConflict"] {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
    }
}

/// The same seed does the same, and another one something else.
#[tokio::test]
async fn a_seed_says_what_happens() {
    let counts = async |seed| {
        let (store, misbehaving, _folder) = misbehaving(seed, Odds::BAD_HOUR).await;
        for number in 0..40 {
            // Some fail.
            drop(commit(&store, number).await);
        }
        misbehaving.behave().await;
        (misbehaving.requests(), Fault::ALL.map(|fault| misbehaving.count(fault)))
    };
    let first = counts(11).await;
    assert_eq!(counts(11).await, first);
    assert_ne!(counts(12).await, first);
}
