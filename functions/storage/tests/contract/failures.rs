//! What goes wrong outside is said at once, with the place.

use crate::support::*;
use arrears_domain::{AgencyId, Identifier};
use arrears_storage::{Location, Replace, StorageError, Store};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

async fn open_at(folder: &Path) -> Result<Store, StorageError> {
    let place = Location::Embedded(folder.to_owned());
    Store::open(place, AgencyId::parse("default").unwrap()).await
}

fn assert_names(error: &StorageError, folder: &Path) {
    assert!(matches!(error, StorageError::Engine { .. }), "{error}");
    assert!(error.to_string().contains(&folder.display().to_string()), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "text").unwrap();
    assert_names(&open_at(&file).await.unwrap_err(), &file);
    assert_names(&open_at(&file.join("below")).await.unwrap_err(), &file);
}

#[tokio::test]
async fn a_table_that_is_no_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.sqlite");
    std::fs::write(&table, "these are the household accounts".repeat(100)).unwrap();
    assert_names(&open_at(folder.path()).await.unwrap_err(), folder.path());
    let kept = std::fs::read_to_string(&table).unwrap();
    assert!(kept.starts_with("these are the household accounts"));
}

#[tokio::test]
async fn a_table_that_breaks_under_way_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(folder.path()).await.unwrap();
    put(&store, 0..200).await;
    drop(store);
    // Half of the pages are overwritten: what a failing disk leaves.
    let table = folder.path().join("table.sqlite");
    let mut bytes = std::fs::read(&table).unwrap();
    let from = bytes.len() / 2;
    bytes[from..].fill(0xa5);
    std::fs::write(&table, bytes).unwrap();
    let since = Instant::now();
    let store = open_at(folder.path()).await;
    let mut failed = store.as_ref().err().map(ToString::to_string);
    if let Ok(store) = &store {
        for number in 0..200 {
            if let Err(error) = store.account_page(&account_id(number)).await {
                assert_names(&error, folder.path());
                failed = Some(error.to_string());
            }
        }
    }
    assert!(failed.is_some(), "a broken table was read without an error");
    assert!(since.elapsed() < Duration::from_secs(10));
}

const FULL: &str = "ARREARS_TEST_FULL_DISK";

/// The work of [`a_full_disk_is_said_at_once_and_loses_nothing`], in a process
/// whose files cannot grow further: nothing by itself.
#[tokio::test]
async fn full_disk_child() {
    let Some(folder) = std::env::var_os(FULL) else { return };
    let folder = Path::new(&folder);
    let store = open_at(folder).await.unwrap();
    for number in 0..100_000 {
        let since = Instant::now();
        if let Err(error) = store.put_records(&records(number), Replace::Stored).await {
            assert_names(&error, folder);
            assert!(since.elapsed() < Duration::from_secs(5), "it took {:?}", since.elapsed());
            let error = store.put_object_new("large", vec![0; 10_000_000]).await.unwrap_err();
            assert_names(&error, folder);
            println!("stored={number}");
            return;
        }
    }
    panic!("the disk never was full");
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_said_at_once_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_at(folder.path()).await.unwrap());
    // A limit on the size of files, of 1 to 2 MB depending on the shell, whose
    // signal is ignored: writes beyond it fail as on a full disk.
    let script =
        "trap '' XFSZ; ulimit -f 2000; exec \"$0\" --exact failures::full_disk_child --nocapture";
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg(std::env::current_exe().unwrap())
        .env(FULL, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    let stored = text.split_once("stored=").unwrap().1.lines().next().unwrap();
    let store = open_at(folder.path()).await.unwrap();
    for number in 0..stored.parse().unwrap() {
        let page = store.account_page(&account_id(number)).await.unwrap().unwrap();
        assert_eq!(page.delinquencies, [delinquency(number)]);
        assert_eq!(page.contact, Some(contact(number)));
    }
    let error = store.get_object("large").await.unwrap_err();
    assert!(matches!(error, StorageError::NoObject { .. }), "half a file was kept: {error}");
    store.put_object_new("large", "now").await.unwrap();
}

/// The work of [`an_unreachable_endpoint_is_named_within_seconds`], in a
/// process with an environment of its own: nothing by itself.
#[tokio::test]
async fn child() {
    if std::env::var_os("ARREARS_TEST_UNREACHABLE").is_none() {
        return;
    }
    let place = Location::Aws { table: "arrears".to_owned(), bucket: "arrears".to_owned() };
    let store = Store::open(place, AgencyId::parse("default").unwrap()).await.unwrap();
    for error in [
        store.account_page(&account_id(1)).await.unwrap_err(),
        store.put_object_new("a", "b").await.unwrap_err(),
    ] {
        assert!(matches!(error, StorageError::Unreachable { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("http://127.0.0.1:9") && text.contains("AWS_ENDPOINT_URL"), "{text}");
    }
    println!("named");
}

#[test]
fn an_unreachable_endpoint_is_named_within_seconds() {
    let since = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "failures::child", "--nocapture"])
        .env("ARREARS_TEST_UNREACHABLE", "1")
        // Nobody listens on the discard port.
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("named"), "{text}");
    assert!(since.elapsed() < Duration::from_secs(20), "it took {:?}", since.elapsed());
}
