//! Plugins that are compiled by one process and loaded by another.

use crate::kill::{at_each_request, fused, left_behind};
use arrears_e2e::{BUILT_IN, House, catalog, component, host, open};
use arrears_host::{Host, HostError, HostOptions, Limits, Registration};
use arrears_runs::registry::{
    self, Active, COMPONENTS, Loading, Registry, RegistryError, Submission,
};
use arrears_runs::run::{self, Unobserved};
use arrears_runs::step::StepError;
use arrears_runs::{RunError, catalog::Catalog};
use arrears_storage::{Order, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

const SETUP: &str = include_str!("house.toml");
const BOOK: &str = concat!(
    r#"{"type":"account","id":"A-1","currency":"USD","balance":"100.00"}"#,
    "\n",
    r#"{"type":"delinquency","id":"D-1","account":"A-1","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-10","balance":"100.00"}"#,
);

const REGISTRATIONS: &str = "plugin-registration";

/// The bucket of plugins is the store's own here: its keys do not meet those of files.
async fn put_components(store: &Store) {
    for name in BUILT_IN {
        let key = format!("{COMPONENTS}{name}.wasm");
        store.put_object_new(&key, component(name)).await.unwrap();
    }
}

/// What is trusted here as if it had come with this product: the built-in components, and
/// what becomes of them in these tests.
fn trusted() -> &'static BTreeSet<String> {
    static TRUSTED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let built_in = BUILT_IN.map(component);
        let newer = built_in.iter().map(|wasm| newer(wasm));
        let all = newer.chain([of_another_vendor(&component("notice"))]).chain(built_in.clone());
        all.map(|wasm| arrears_host::digest(&wasm)).collect()
    });
    &TRUSTED
}

fn at<'a>(store: &'a Store, host: &'a Host) -> Registry<'a> {
    Registry { store, plugins: store, host, built_in: trusted() }
}

async fn admit(store: &Store, host: &Host, wasm: &[u8]) -> Result<Active, RunError> {
    let submission = Submission { name: "n", wasm, signature: None, put_at_ms: None };
    at(store, host).add(&submission).await
}

async fn admitted(house: &House) -> Catalog {
    put_components(&house.store).await;
    let readmitted = at(&house.store, &host()).readmit_all().await.unwrap();
    assert_eq!((readmitted.admitted.len(), readmitted.refused.len()), (BUILT_IN.len(), 0));
    loaded(house, house.folder.path()).await.unwrap()
}

async fn loaded(house: &House, folder: &Path) -> Result<Catalog, RunError> {
    active(&house.store, &host(), folder).await
}

async fn active(store: &Store, host: &Host, folder: &Path) -> Result<Catalog, RunError> {
    Loading::begin(host, folder, store.agency())?.active(store, store).await
}

async fn pinned_of(
    store: &Store,
    host: &Host,
    folder: &Path,
    pinned: &BTreeMap<String, String>,
) -> Result<Catalog, RunError> {
    Loading::begin(host, folder, store.agency())?.pinned(store, store, pinned).await
}

fn digests(catalog: &Catalog) -> BTreeMap<String, String> {
    let all = catalog.iter();
    all.map(|(action, it)| (action.to_owned(), it.plugin.digest().to_owned())).collect()
}

fn is_artifact(error: &RunError) -> bool {
    matches!(error, RunError::Plugin { source, .. } if source.is_artifact())
}

/// The same plugin in other bytes: with an empty section called "v", which says nothing.
fn newer(wasm: &[u8]) -> Vec<u8> {
    [wasm, &[0, 2, 1, b'v']].concat()
}

/// The same plugin under another id.
fn of_another_vendor(wasm: &[u8]) -> Vec<u8> {
    let (own, other) = (b"arrears-notice", b"another-notice");
    let mut wasm = wasm.to_vec();
    let at = wasm.windows(own.len()).position(|window| window == own).unwrap();
    wasm[at..at + own.len()].copy_from_slice(other);
    wasm
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
    std::fs::write(&file, &bytes).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let Err(error) = loaded(&house, empty.path()).await else { panic!("it is loaded") };
    let told = arrears_runs::chain(&error);
    assert!(told.contains("was altered") && told.contains("plugin-admit"), "{told}");
    std::fs::remove_file(&file).unwrap();
    let Err(error) = loaded(&house, empty.path()).await else { panic!("it is loaded") };
    assert!(is_artifact(&error), "{error}");
    assert!(arrears_runs::chain(&error).contains(&artifact.key), "{error}");
}

/// What the error tells to do helps, although files of the bucket are written once.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_bucket_is_mended_by_admitting_it_again() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let before = digests(&admitted(&house).await);
    let store = &house.store;
    let artifacts = store.list_objects("artifacts/").await.unwrap();
    for (index, artifact) in artifacts.iter().enumerate() {
        let file = house.folder.path().join("objects/arrears/test").join(&artifact.key);
        if index == 0 {
            std::fs::remove_file(file).unwrap();
        } else {
            std::fs::write(file, b"nothing of the kind").unwrap();
        }
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(loaded(&house, empty.path()).await.is_err());
    let readmitted = at(store, &host()).readmit_all().await.unwrap();
    assert_eq!(readmitted.refused, []);
    assert_eq!(digests(&loaded(&house, empty.path()).await.unwrap()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_of_another_release_is_told_and_admitted_again() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let before = digests(&admitted(&house).await);
    let store = &house.store;
    // The table as another release has left it.
    for digest in before.values() {
        let name = Registration::name_for_this_host(digest);
        let (mut registration, revision): (Registration, _) =
            store.document(REGISTRATIONS, &name).await.unwrap().unwrap();
        registration.artifact = registration.artifact.replace("-48.", "-47.");
        store.delete_document(REGISTRATIONS, &name, revision).await.unwrap();
        let other = name.replace("-48.", "-47.");
        store.create_document(REGISTRATIONS, &other, &registration).await.unwrap();
    }
    let Err(error) = loaded(&house, house.folder.path()).await else { panic!("it is loaded") };
    assert!(is_artifact(&error), "{error}");
    let told = arrears_runs::chain(&error);
    assert!(told.contains("for another host") && told.contains("plugin-admit"), "{told}");
    at(store, &host()).readmit_all().await.unwrap();
    assert_eq!(digests(&loaded(&house, house.folder.path()).await.unwrap()), before);
    // The other release, which may still be at work, finds its own as before.
    let all: Vec<Registration> =
        store.documents(REGISTRATIONS, "", Order::Ascending, None).await.unwrap();
    let others = all.iter().filter(|it| it.artifact.contains("-47."));
    assert_eq!((all.len(), others.count()), (2 * BUILT_IN.len(), BUILT_IN.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_its_plugins_after_an_upgrade_and_the_upgrade_stays_active() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let pinned = digests(&admitted(&house).await);
    let (store, host, folder) = (&house.store, host(), house.folder.path());
    // By its key the old one comes last, and still does not replace the new one.
    let newer = newer(&component("notice"));
    store.put_object_new("components/a-newer-notice.wasm", newer.clone()).await.unwrap();
    let key = "components/a-newer-notice.wasm";
    let active = at(store, &host).add_object(key).await.unwrap();
    assert_ne!(active.digest, pinned["notice"]);
    let readmitted = at(store, &host).readmit_all().await.unwrap();
    assert_eq!((readmitted.admitted.len(), readmitted.refused.len()), (BUILT_IN.len() + 1, 0));

    let empty = tempfile::tempdir().unwrap();
    let now = loaded(&house, empty.path()).await.unwrap();
    assert_eq!(digests(&now)["notice"], active.digest);
    let old = pinned_of(store, &host, folder, &pinned).await.unwrap();
    assert_eq!(digests(&old), pinned);
    assert_eq!(registry::list(store).await.unwrap().len(), BUILT_IN.len());
}

/// The next version is put under the same key; then all are admitted for another release.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_a_plugin_that_the_bucket_has_no_more() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let pinned = digests(&admitted(&house).await);
    let store = &house.store;
    let key = "components/notice.wasm";
    let file = house.folder.path().join("objects/arrears/test").join(key);
    std::fs::write(&file, newer(&component("notice"))).unwrap();
    at(store, &host()).add_object(key).await.unwrap();
    forget_registrations(store).await;
    let readmitted = at(store, &host()).readmit_all().await.unwrap();
    assert_eq!((readmitted.admitted.len(), readmitted.refused.len()), (BUILT_IN.len(), 0));
    let empty = tempfile::tempdir().unwrap();
    let old = pinned_of(store, &host(), empty.path(), &pinned).await.unwrap();
    assert_eq!(digests(&old), pinned);
    let now = loaded(&house, empty.path()).await.unwrap();
    assert_ne!(digests(&now)["notice"], pinned["notice"]);
}

async fn forget_registrations(store: &Store) {
    let all: Vec<Registration> =
        store.documents(REGISTRATIONS, "", Order::Ascending, None).await.unwrap();
    for registration in all {
        let name = Registration::name_for_this_host(&registration.digest);
        let found: Option<(Registration, _)> = store.document(REGISTRATIONS, &name).await.unwrap();
        store.delete_document(REGISTRATIONS, &name, found.unwrap().1).await.unwrap();
    }
}

/// A notice of the bucket comes late: the component that was put there after it is active.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_comes_late_takes_no_version_back() {
    let house = House::new(Catalog::default()).await;
    let store = &house.store;
    let (old, new) = ("components/notice-1.wasm", "components/notice-2.wasm");
    store.put_object_new(old, component("notice")).await.unwrap();
    let file = house.folder.path().join("objects/arrears/test").join(old);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(UNIX_EPOCH).unwrap();
    store.put_object_new(new, newer(&component("notice"))).await.unwrap();
    let newest = at(store, &host()).add_object(new).await.unwrap();
    at(store, &host()).add_object(old).await.unwrap();
    let active = registry::list(store).await.unwrap();
    assert_eq!(active.iter().map(|it| &it.digest).collect::<Vec<_>>(), [&newest.digest]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_plugins_with_the_same_action_one_becomes_active() {
    let house = House::new(Catalog::default()).await;
    let (store, host) = (&house.store, host());
    let first = component("notice");
    let second = of_another_vendor(&first);
    let add = async |wasm: &[u8]| admit(store, &host, wasm).await;
    let (one, other) = tokio::join!(add(&first), add(&second));
    let refused = [one.as_ref().err(), other.as_ref().err()];
    let refused: Vec<_> = refused.into_iter().flatten().collect();
    assert!(matches!(refused[..], [RunError::SameActionType { .. }]), "{refused:?}");
    assert_eq!(registry::list(store).await.unwrap().len(), 1);
    assert_eq!(loaded(&house, house.folder.path()).await.unwrap().iter().count(), 1);
    // Neither does it later.
    let later = if one.is_ok() { add(&second).await } else { add(&first).await };
    assert!(matches!(later, Err(RunError::SameActionType { .. })), "{later:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_too_large_is_refused_by_its_size() {
    let house = House::new(Catalog::default()).await;
    let store = &house.store;
    put_components(store).await;
    let limits = Limits { component_bytes_max: 1_000, ..Limits::default() };
    let small = Host::new(HostOptions { limits, artifact_cache: None }).unwrap();
    let key = "components/notice.wasm";
    let error = at(store, &small).add_object(key).await.unwrap_err();
    let RunError::Plugin { source, .. } = &error else { panic!("{error}") };
    assert!(matches!(**source, HostError::TooLarge { bytes_max: 1_000, .. }), "{source}");
    let readmitted = at(store, &small).readmit_all().await.unwrap();
    assert_eq!((readmitted.admitted.len(), readmitted.refused.len()), (0, BUILT_IN.len()));
    assert_eq!(store.list_objects("artifacts/").await.unwrap(), []);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_others_may_write_into_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    admitted(&house).await;
    let folder = house.folder.path().join("test");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let Err(error) = loaded(&house, house.folder.path()).await else { panic!("it is loaded") };
    assert!(arrears_runs::chain(&error).contains("chmod 700"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_finds_the_plugins_that_it_has_begun_with() {
    let house = House::with(catalog(&[]), SETUP, BOOK).await;
    let loaded = admitted(&house).await;
    let pinned = digests(&loaded);
    let folder = house.folder.path();
    let (store, host) = (&house.store, host());
    let again = pinned_of(store, &host, folder, &pinned).await.unwrap();
    assert_eq!(digests(&again), pinned);
    let gone = BTreeMap::from([("notice".to_owned(), "sha256:00".to_owned())]);
    let Err(error) = pinned_of(store, &host, folder, &gone).await else {
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
    let error = admit(store, &host, b"\0asm").await.unwrap_err();
    assert!(matches!(error, RunError::Registry(RegistryError::Untrusted { .. })), "{error}");
    let error = at(store, &host).add_object("notes.txt").await.unwrap_err();
    assert!(matches!(error, RunError::Step(StepError::Request { .. })), "{error}");
    assert_eq!(registry::list(store).await.unwrap().len(), BUILT_IN.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_killed_at_any_request_is_done_again() {
    let house = House::new(Catalog::default()).await;
    let wasm = component("notice");
    let work = async |folder: &Path, fuse| {
        let add = async |store: &Store| admit(store, &host(), &wasm).await;
        let killed = match fused(folder, fuse).await {
            Ok(store) => add(&store).await.is_err(),
            Err(_) => true,
        };
        let store = open(folder).await;
        // What is active can be loaded, whenever it was killed.
        active(&store, &host(), folder).await.unwrap();
        add(&store).await.unwrap();
        killed
    };
    at_each_request(&house, 4, work, async |store, _| {
        let folder = tempfile::tempdir().unwrap();
        let loaded = active(store, &host(), folder.path()).await.unwrap();
        assert_eq!(loaded.iter().count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_killed_at_any_request_leaves_the_old_or_the_new_one() {
    let house = House::new(Catalog::default()).await;
    let old = component("notice");
    let new = newer(&old);
    let before = admit(&house.store, &host(), &old).await.unwrap();
    let work = async |folder: &Path, fuse| {
        let killed = match fused(folder, fuse).await {
            Ok(store) => admit(&store, &host(), &new).await.is_err(),
            Err(_) => true,
        };
        let store = open(folder).await;
        active(&store, &host(), folder).await.unwrap();
        let pinned = BTreeMap::from([("notice".to_owned(), before.digest.clone())]);
        pinned_of(&store, &host(), folder, &pinned).await.unwrap();
        admit(&store, &host(), &new).await.unwrap();
        killed
    };
    at_each_request(&house, 4, work, async |store, _| {
        let active = registry::list(store).await.unwrap();
        assert_eq!(active.len(), 1);
        assert_ne!(active[0].digest, before.digest);
    })
    .await;
}
