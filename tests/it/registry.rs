//! Plugins that are compiled by one process and loaded by another.

use crate::kill::{at_each_request, fused, left_behind};
use arrears_e2e::{BUILT_IN, House, catalog, component, host, open};
use arrears_host::HostError;
use arrears_runs::registry::{self, COMPONENTS};
use arrears_runs::run::{self, Unobserved};
use arrears_runs::{RunError, catalog::Catalog};
use arrears_storage::Store;
use std::collections::BTreeMap;
use std::path::Path;

const SETUP: &str = include_str!("house.toml");
const BOOK: &str = concat!(
    r#"{"type":"account","id":"A-1","currency":"USD","balance":"100.00"}"#,
    "\n",
    r#"{"type":"delinquency","id":"D-1","account":"A-1","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-10","balance":"100.00"}"#,
);

/// The bucket of plugins is the store's own here: its keys do not meet those of files.
async fn put_components(store: &Store) {
    for name in BUILT_IN {
        let key = format!("{COMPONENTS}{name}.wasm");
        store.put_object_new(&key, component(name)).await.unwrap();
    }
}

async fn admitted(house: &House) -> Catalog {
    put_components(&house.store).await;
    let readmitted = registry::readmit_all(&house.store, &house.store, &host()).await.unwrap();
    assert_eq!((readmitted.admitted.len(), readmitted.refused.len()), (BUILT_IN.len(), 0));
    loaded(house, house.folder.path()).await.unwrap()
}

async fn loaded(house: &House, folder: &Path) -> Result<Catalog, RunError> {
    registry::catalog(&house.store, &house.store, &host(), folder).await
}

fn digests(catalog: &Catalog) -> BTreeMap<String, String> {
    let all = catalog.iter();
    all.map(|(action, it)| (action.to_owned(), it.plugin.digest().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_loaded_plugins_does_what_one_with_compiled_ones_does() {
    let (alone, house) = (
        House::with(catalog(&[]), SETUP, BOOK).await,
        House::with(catalog(&[]), SETUP, BOOK).await,
    );
    let loaded = admitted(&house).await;
    assert_eq!(digests(&loaded), digests(&alone.catalog));
    assert!(loaded.iter().all(|(_, it)| !it.plugin.admission().compiled));
    alone.run("2026-02-02").await.unwrap();
    let options = arrears_e2e::options("2026-02-02");
    run::start(&house.store, &loaded, &options, &Unobserved).await.unwrap();
    assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_folder_is_fetched_again() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    admitted(&house).await;
    let folder = house.folder.path().join("test");
    let artifacts: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(artifacts.len(), BUILT_IN.len());
    std::fs::write(&artifacts[0], b"nothing of the kind").unwrap();
    std::fs::remove_file(&artifacts[1]).unwrap();
    assert_eq!(loaded(&house, house.folder.path()).await.unwrap().iter().count(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_bucket_is_refused() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    admitted(&house).await;
    let artifact = house.store.list_objects("artifacts/").await.unwrap().remove(0);
    let mut bytes = house.store.get_object(&artifact.key).await.unwrap().to_vec();
    bytes[4_000] ^= 1;
    let file = house.folder.path().join("objects").join("arrears/test").join(&artifact.key);
    std::fs::write(&file, bytes).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let Err(error) = loaded(&house, empty.path()).await else { panic!("it is loaded") };
    let told = arrears_runs::chain(&error);
    assert!(told.contains("somebody has altered it") && told.contains("plugin-admit"), "{told}");
    std::fs::remove_file(&file).unwrap();
    let Err(error) = loaded(&house, empty.path()).await else { panic!("it is loaded") };
    assert!(error.to_string().contains(&artifact.key), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_finds_the_plugins_that_it_has_begun_with() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let loaded = admitted(&house).await;
    let pinned = digests(&loaded);
    let folder = house.folder.path();
    let (store, host) = (&house.store, host());
    let again = registry::catalog_of(store, store, &host, folder, &pinned).await.unwrap();
    assert_eq!(digests(&again), pinned);
    let gone = BTreeMap::from([("notice".to_owned(), "sha256:00".to_owned())]);
    let Err(error) = registry::catalog_of(store, store, &host, folder, &gone).await else {
        panic!("there is no such component")
    };
    let RunError::Plugin { source, .. } = &error else { panic!("{error}") };
    assert!(matches!(**source, HostError::NoArtifact { .. }), "{source}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_plugin_is_refused_and_the_others_stay() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    admitted(&house).await;
    let (store, host) = (&house.store, host());
    let error = registry::admit(store, store, &host, "x", b"\0asm").await.unwrap_err();
    assert!(matches!(error, RunError::Plugin { .. }), "{error}");
    let error = registry::admit_object(store, store, &host, "notes.txt").await.unwrap_err();
    assert!(matches!(error, RunError::Request { .. }), "{error}");
    assert_eq!(registry::list(store).await.unwrap().len(), BUILT_IN.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_killed_at_any_request_is_done_again() {
    let house = House::new(Catalog::default()).await;
    let wasm = component("notice");
    let work = async |folder: &Path, fuse| {
        let admit = async |store: &Store| registry::admit(store, store, &host(), "n", &wasm).await;
        let killed = match fused(folder, fuse).await {
            Ok(store) => admit(&store).await.is_err(),
            Err(_) => true,
        };
        let store = open(folder).await;
        // What is active can be loaded, whenever it was killed.
        registry::catalog(&store, &store, &host(), folder).await.unwrap();
        admit(&store).await.unwrap();
        killed
    };
    at_each_request(&house, 4, work, async |store, _| {
        let folder = tempfile::tempdir().unwrap();
        let loaded = registry::catalog(store, store, &host(), folder.path()).await.unwrap();
        assert_eq!(loaded.iter().count(), 1);
    })
    .await;
}
