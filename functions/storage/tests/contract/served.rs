//! The embedded engines over HTTP, for other processes.

use crate::support::*;
use arrears_domain::{AgencyId, Identifier};
use arrears_storage::{Location, Served, StorageError, Store, TABLE_DEFAULT};
use std::process::Command;
use std::time::{Duration, Instant};

async fn open(place: Location) -> Store {
    Store::open(place, AgencyId::parse("default").unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_folder_is_served_and_open_in_process_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path()).unwrap();
    let within = open(Location::Embedded(folder.path().to_owned())).await;
    let over_http = open(served.location(TABLE_DEFAULT, TABLE_DEFAULT)).await;
    for number in 0..20 {
        let (writer, reader) = match number % 2 {
            0 => (&within, &over_http),
            _ => (&over_http, &within),
        };
        put(writer, [number]).await;
        assert!(reader.account_page(&account_id(number)).await.unwrap().is_some());
        let key = format!("file/{number}");
        writer.put_object_new(&key, "text").await.unwrap();
        assert_eq!(reader.get_object(&key).await.unwrap(), "text");
        let error = reader.put_object_new(&key, "again").await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
    }
}

/// The work of [`another_process_reaches_it_by_its_environment`]: nothing by itself.
#[tokio::test]
async fn child() {
    if std::env::var_os("ARREARS_TEST_SERVED").is_none() {
        return;
    }
    let place = Location::Aws { table: "arrears".to_owned(), bucket: "plugins".to_owned() };
    let store = open(place).await;
    store.ensure_table().await.unwrap();
    put(&store, [7]).await;
    store.put_object_new("artifact", vec![1; 2_000_000]).await.unwrap();
    println!("stored");
}

/// This blocks the thread of the test, and the server answers all the same.
#[tokio::test]
async fn another_process_reaches_it_by_its_environment() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path()).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "served::child", "--nocapture"])
        .env("ARREARS_TEST_SERVED", "1")
        .envs(served.environment())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("stored"), "{text} {errors}");
    let store = open(served.location("arrears", "plugins")).await;
    assert!(store.account_page(&account_id(7)).await.unwrap().is_some());
    assert_eq!(store.get_object("artifact").await.unwrap().len(), 2_000_000);
}

/// Bodies larger than what is held in memory go through whole, many at a time.
#[tokio::test(flavor = "multi_thread")]
async fn large_files_go_through_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path()).unwrap();
    let store = open(served.location(TABLE_DEFAULT, TABLE_DEFAULT)).await;
    let made = folder.path().join("made");
    std::fs::write(&made, vec![7; 16 * 1024 * 1024]).unwrap();
    let puts = (0..6).map(|number| {
        let (store, made) = (store.clone(), made.clone());
        tokio::spawn(async move {
            let key = format!("large/{number}");
            store.put_object_new(&key, made).await.unwrap();
            let read = store.get_object(&key).await.unwrap();
            assert!(read.len() == 16 * 1024 * 1024 && read.iter().all(|byte| *byte == 7));
        })
    });
    for put in futures::future::join_all(puts).await {
        put.unwrap();
    }
}

#[tokio::test]
async fn it_stops_when_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path()).unwrap();
    let store = open(served.location(TABLE_DEFAULT, TABLE_DEFAULT)).await;
    put(&store, [1]).await;
    let url = served.dynamodb_url().to_owned();
    drop(served);
    let since = Instant::now();
    let error = store.account_page(&account_id(1)).await.unwrap_err();
    assert!(matches!(error, StorageError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&url), "{error}");
    assert!(since.elapsed() < Duration::from_secs(15), "it took {:?}", since.elapsed());
    // What was written is in the folder.
    let store = open(Location::Embedded(folder.path().to_owned())).await;
    assert!(store.account_page(&account_id(1)).await.unwrap().is_some());
}

/// A signature that does not fit is refused as on AWS, and not taken for an upload
/// that is gone.
#[test]
fn a_wrong_secret_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path()).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "served::child", "--nocapture"])
        .env("ARREARS_TEST_SERVED", "1")
        .envs(served.environment())
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("HeadBucket") && !errors.contains("upload"), "{errors}");
}

#[test]
fn a_folder_that_is_a_file_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let error = Served::start(&file).unwrap_err();
    assert!(matches!(error, StorageError::Engine { .. }), "{error}");
}
