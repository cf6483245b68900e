//! Kills: work that is stopped at each of its requests to the store, before the
//! request or after it with the answer lost, and then done again.

use arrears_domain::{AgencyId, Identifier};
use arrears_e2e::{House, copy_folder, export, open};
use arrears_storage::{DUE_SHARDS, DueClass, Fuse, Location, StorageError, Store};
use std::path::Path;

/// The store of a folder, which fails for good when the fuse blows.
pub async fn fused(folder: &Path, fuse: Fuse) -> Result<Store, StorageError> {
    let agency = AgencyId::parse("test").unwrap();
    Store::open(Location::Fused(folder.to_owned(), fuse), agency).await
}

/// What work leaves behind, without what differs from one time to the other: the
/// numbers and times of runs.
pub async fn left_behind(store: &Store) -> String {
    let book = export(store).await;
    let lines = book.lines().filter(|line| !line.contains(r#""type":"run""#));
    let text: Vec<String> = lines.map(|line| line.replace("-000002", "-000001")).collect();
    text.join("\n")
}

/// What runs have to look at, and when.
pub async fn due(store: &Store) -> Vec<String> {
    let end = "9999-12-31".parse().unwrap();
    let classes = [DueClass::Collections, DueClass::Delinquency, DueClass::Entry];
    let selection = classes.map(|class| (class, end)).to_vec();
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        let keys = arrears_runs::plan::selected(store, &selection, shard).await.unwrap();
        due.extend(keys.iter().map(|key| format!("{key:?}")));
    }
    due.sort();
    due
}

/// Kills work in a copy of the house at each of its requests. `work` is given the
/// copy and a fuse, does the work, does it again if it was killed, and says
/// whether it was; `check` looks at what came of it.
pub async fn at_each_request(
    house: &House,
    requests_min: u64,
    work: impl AsyncFn(&Path, Fuse) -> bool,
    check: impl AsyncFn(&Store, u64),
) {
    let untouched = tempfile::tempdir().unwrap();
    copy_folder(house.folder.path(), untouched.path());
    for loses_last_answer in [false, true] {
        for requests_max in 0.. {
            let folder = tempfile::tempdir().unwrap();
            copy_folder(untouched.path(), folder.path());
            let was_killed = work(folder.path(), Fuse::new(requests_max, loses_last_answer)).await;
            check(&open(folder.path()).await, requests_max).await;
            if !was_killed {
                let least = requests_max > requests_min;
                assert!(least, "there are more requests than {requests_max}");
                break;
            }
        }
    }
}
