//! Two processes on one folder, and one after the other.

use crate::support::*;
use arrears_domain::decide::Due;
use arrears_domain::{AgencyId, Identifier};
use arrears_storage::{CommitOutcome, Location, RecordWrite, Store};
use std::path::Path;
use std::process::{Child, Command};

const FOLDER: &str = "ARREARS_TEST_FOLDER";
const COMMITS: usize = 60;

async fn embedded(folder: &Path) -> Store {
    let place = Location::Embedded(folder.to_owned());
    Store::open(place, AgencyId::parse("default").unwrap()).await.unwrap()
}

#[tokio::test]
async fn what_is_written_is_there_when_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = embedded(folder.path()).await;
    put(&store, 0..30).await;
    store.put_object_new("a/b", "kept").await.unwrap();
    drop(store);
    let store = embedded(folder.path()).await;
    for number in 0..30 {
        let page = store.account_page(&account_id(number)).await.unwrap().unwrap();
        assert_eq!(page.delinquencies, [delinquency(number)]);
    }
    assert_eq!(store.get_object("a/b").await.unwrap(), "kept");
}

#[tokio::test]
async fn a_second_store_on_the_folder_sees_each_write() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (embedded(folder.path()).await, embedded(folder.path()).await);
    for number in 0..20 {
        let (writer, reader) = if number % 2 == 0 { (&one, &two) } else { (&two, &one) };
        put(writer, [number]).await;
        assert!(reader.account_page(&account_id(number)).await.unwrap().is_some());
    }
}

/// The work of [`processes_share_a_folder`]: nothing by itself.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = embedded(Path::new(&folder)).await;
    let mut won = 0;
    for number in 0..COMMITS {
        let before = delinquency(number);
        let record = RecordWrite {
            before: Some(&before),
            after: &advanced(&before),
            due: Due::Never,
            transition: &transition(&before, vec![charge(100)]),
        };
        if store.commit(&write(record)).await.unwrap() == CommitOutcome::Committed {
            won += 1;
        }
        let file = store.put_object_new(&format!("race/{number}"), vec![7; 2_000]).await;
        if file.is_ok_and(|()| true) {
            won += 1_000;
        }
        let mut upload = store.begin_upload(&format!("parts/{number}")).await.unwrap();
        upload.part(vec![7; 2_000].into()).await.unwrap();
        if upload.publish().await.is_ok_and(|()| true) {
            won += 1_000_000;
        }
    }
    println!("won={won}");
}

fn spawn_child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn processes_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = embedded(folder.path()).await;
    put(&store, 0..COMMITS).await;
    let children: Vec<_> = (0..3).map(|_| spawn_child(folder.path())).collect();
    let mut won = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        let count = text.split_once("won=").unwrap().1.lines().next().unwrap();
        won += count.parse::<usize>().unwrap();
    }
    assert_eq!(won, 1_001_001 * COMMITS, "each commit, file and upload has one winner");
    for number in 0..COMMITS {
        let page = store.account_page(&account_id(number)).await.unwrap().unwrap();
        assert_eq!(page.account.balance, usd(15_330), "charged once");
        assert_eq!(page.transitions.len(), 1);
        for kind in ["race", "parts"] {
            let file = store.get_object(&format!("{kind}/{number}")).await.unwrap();
            assert_eq!(file, vec![7; 2_000]);
        }
    }
}
