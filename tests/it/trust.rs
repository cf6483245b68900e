//! Whom an agency trusts, and what becomes of plugins that misbehave.

use crate::kill::{at_each_request, fused};
use crate::plugins::setup;
use arrears_e2e::vendor::Vendor;
use arrears_e2e::{BUILT_IN, House, catalog, component, host, open};
use arrears_host::Host;
use arrears_host::trust::TrustError;
use arrears_runs::RunError;
use arrears_runs::catalog::Catalog;
use arrears_runs::events::{self, Applier};
use arrears_runs::record::Totals;
use arrears_runs::registry::{
    self, Active, AtHand, Known, Origin, Registry, RegistryError, Submission,
};
use arrears_runs::run::{self, Unobserved};
use arrears_runs::setups;
use arrears_storage::Store;
use std::collections::BTreeSet;
use std::path::Path;

/// Attacks for records whose id begins with the name of an attack; see `tests/guests`.
fn hostile() -> Vec<u8> {
    component("hostile/hostile")
}

/// The same with another text, and so with other effects.
fn changed(wasm: &[u8]) -> Vec<u8> {
    let (old, new) = (b" is at ", b" is by ");
    let at = wasm.windows(old.len()).position(|it| it == old).expect("the text of an effect");
    let mut wasm = wasm.to_vec();
    wasm[at..at + new.len()].copy_from_slice(new);
    wasm
}

async fn add_signed(vendor: &Vendor, store: &Store, wasm: &[u8]) -> Result<Active, RunError> {
    add(store, wasm, Some(&vendor.sign(wasm))).await
}

async fn add(store: &Store, wasm: &[u8], signature: Option<&str>) -> Result<Active, RunError> {
    let (host, built_in) = (host(), BTreeSet::new());
    let submission = Submission { name: "acme.wasm", wasm, signature, put_at_ms: None };
    registry_of(store, &host, &built_in).add(&submission).await
}

/// The bucket of plugins is the store's own here: its keys do not meet those of files.
fn registry_of<'a>(
    store: &'a Store,
    host: &'a Host,
    built_in: &'a BTreeSet<String>,
) -> Registry<'a> {
    Registry { store, plugins: store, host, built_in }
}

async fn at_hand(store: &Store) -> Catalog {
    let (host, built_in) = (host(), catalog(&[]));
    let at_hand = AtHand { store, plugins: Some(store), host: &host, built_in: &built_in };
    at_hand.active().await.unwrap()
}

/// Records one step before the milestone of the plugin, and one that does not need it.
fn book(ids: &[&str]) -> String {
    let mut book = String::new();
    for (number, id) in ids.iter().enumerate() {
        let milestone = if *id == "D-other" { "REMIND" } else { "FINAL" };
        book += &format!(
            "{{\"type\":\"account\",\"id\":\"A-{number}\",\"currency\":\"USD\",\"balance\":\"80.00\"}}\n\
             {{\"type\":\"delinquency\",\"id\":\"{id}\",\"account\":\"A-{number}\",\"kind\":\"collections\",\
             \"scheme\":\"RES\",\"milestone\":\"{milestone}\",\"entered_on\":\"2026-01-10\",\"balance\":\"80.00\"}}\n"
        );
    }
    book
}

/// A house whose vendor's plugin is trusted, added and used.
async fn house(vendor: &Vendor, ids: &[&str]) -> House {
    let mut house = House::new(catalog(&[])).await;
    registry::load_trust(&house.store, "trust.toml", &vendor.trust("hostile")).await.unwrap();
    add_signed(vendor, &house.store, &hostile()).await.unwrap();
    house.catalog = at_hand(&house.store).await;
    house.load(&setup()).await.unwrap();
    assert_eq!(house.import(&book(ids)).await.rejected, []);
    house
}

async fn run_on(house: &House, day: &str) -> Totals {
    house.run(day).await.unwrap().totals.unwrap()
}

fn counts(totals: &Totals) -> (u64, u64, u64) {
    (totals.processed, totals.errors, totals.omitted)
}

async fn known(store: &Store) -> Known {
    let mut all = registry::known(store).await.unwrap();
    all.pop_first().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_vendor_has_signed_runs_with_what_it_may_do() {
    let vendor = Vendor::new();
    let house = house(&vendor, &["D-1", "D-2"]).await;
    assert_eq!(counts(&run_on(&house, "2026-02-02").await), (2, 0, 0));
    let known = known(&house.store).await;
    let origin = Origin::Vendor { vendor: "Acme".to_owned(), key: vendor.key() };
    assert_eq!((known.origin, known.grant.amount_minor_units_max), (origin, 500));
    let run = run::last_over_records(&house.store).await.unwrap();
    let replay = run::replay(&house.store, &house.catalog, &run, &Unobserved).await.unwrap();
    assert_eq!((replay.records, replay.differing), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_trusted_has_signed_is_refused_and_leaves_nothing() {
    let (vendor, stranger) = (Vendor::new(), Vendor::new());
    let house = House::new(catalog(&[])).await;
    let (store, wasm) = (&house.store, hostile());
    let refused =
        async |wasm: &[u8], signature: Option<&str>| match add(store, wasm, signature).await {
            Err(RunError::Registry(RegistryError::Untrusted { source, .. })) => source,
            other => panic!("{other:?}"),
        };
    // Before there is any trust nobody is trusted.
    let signature = vendor.sign(&wasm);
    assert_eq!(refused(&wasm, Some(&signature)).await, TrustError::UnknownKey);
    registry::load_trust(store, "trust.toml", &vendor.trust("hostile")).await.unwrap();
    assert_eq!(refused(&wasm, None).await, TrustError::Unsigned);
    let other = TrustError::OtherFile { vendor: "Acme".to_owned() };
    assert_eq!(refused(&changed(&wasm), Some(&signature)).await, other);
    let by_stranger = stranger.sign(&wasm);
    assert_eq!(refused(&wasm, Some(&by_stranger)).await, TrustError::UnknownKey);
    // A built-in's bytes under a vendor's key are still no vendor's.
    let notice = component("notice");
    let by_vendor = vendor.sign(&notice);
    let imitation = refused(&notice, Some(&by_vendor)).await;
    assert!(matches!(imitation, TrustError::Imitation { .. }), "{imitation}");
    assert_eq!(registry::list(store).await.unwrap(), []);
    assert!(registry::known(store).await.unwrap().is_empty());
    assert_eq!(store.list_objects("artifacts/").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_beyond_its_strikes_is_called_no_more_and_nothing_is_half_done() {
    let ids = ["trap:1", "trap:2", "panic:1", "D-1", "D-other"];
    let house = house(&Vendor::new(), &ids).await;
    let first = run_on(&house, "2026-02-02").await;
    assert_eq!(counts(&first), (2, 3, 0));
    let used = first.plugins.values().find(|used| used.strikes > 0).unwrap();
    assert_eq!((used.strikes, used.is_quarantined), (3, true));
    assert!(known(&house.store).await.quarantine.unwrap().reason.contains("3 strikes"));

    let more = book(&["D-1", "D-2", "D-3"]).replace("A-", "B-").replace("D-", "E-");
    assert_eq!(house.import(&more).await.rejected, []);
    let second = run_on(&house, "2026-02-03").await;
    assert_eq!(second.omitted_by_reason["PLUGIN_QUARANTINED"], 6);
    assert_eq!(second.errors, 0);
    assert_eq!(second.plugins.values().map(|used| used.withheld).sum::<u64>(), 6);
    // Not even the action before it was done for them.
    assert!(!house.export().await.contains(r#""delinquency":"E-"#));
    let run = run::last_over_records(&house.store).await.unwrap();
    let replay = run::replay(&house.store, &house.catalog, &run, &Unobserved).await.unwrap();
    assert_eq!(replay.differing, 0, "{:?}", replay.differences);

    let digest = known(&house.store).await.digest;
    registry::release(&house.store, &digest).await.unwrap();
    let third = run_on(&house, "2026-02-04").await;
    assert_eq!((third.processed, third.errors), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_stops_what_it_has_signed_for_ever() {
    let vendor = Vendor::new();
    let house = house(&vendor, &["D-1"]).await;
    let store = &house.store;
    let judged = registry::revoke(store, "Acme", "the key was stolen").await.unwrap();
    assert_eq!(judged.quarantined.len(), 1);
    assert_eq!(counts(&run_on(&house, "2026-02-02").await), (0, 0, 1));
    let digest = known(store).await.digest;
    let released = registry::release(store, &digest).await.unwrap_err().to_string();
    assert!(released.contains("the key was stolen"), "{released}");
    let again = add_signed(&vendor, store, &hostile()).await.unwrap_err();
    assert!(
        matches!(
            again,
            RunError::Registry(RegistryError::Untrusted { source: TrustError::UnknownKey, .. })
        ),
        "{again}"
    );
    let loaded =
        registry::load_trust(store, "trust.toml", &vendor.trust("hostile")).await.unwrap_err();
    assert!(loaded.to_string().contains("was revoked (the key was stolen)"), "{loaded}");
    let unknown = registry::revoke(store, "Nobody", "because").await.unwrap_err();
    assert!(matches!(unknown, RunError::Registry(RegistryError::UnknownKey { .. })), "{unknown}");
    // Another key of the same vendor, and it goes on.
    let fresh = Vendor::new();
    registry::load_trust(store, "trust.toml", &fresh.trust("hostile")).await.unwrap();
    let wasm = [hostile(), vec![0, 2, 1, b'v']].concat();
    add_signed(&fresh, store, &wasm).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trust_that_allows_less_is_in_force_at_once() {
    let vendor = Vendor::new();
    let house = house(&vendor, &["D-1"]).await;
    let store = &house.store;
    let less = vendor.trust("hostile").replace("= 500", "= 100");
    let judged = registry::load_trust(store, "trust.toml", &less).await.unwrap();
    assert_eq!((judged.changed.len(), judged.quarantined.len()), (1, 0));
    assert_eq!(known(store).await.grant.amount_minor_units_max, 100);
    let none = vendor.trust("hostile").replace("\"alert\", ", "");
    let judged = registry::load_trust(store, "trust.toml", &none).await.unwrap();
    let reason = judged.quarantined[0].quarantine.as_ref().unwrap().reason.clone();
    assert!(reason.contains("of kind `alert`"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_needs_a_plugin_in_quarantine_waits() {
    let house = house(&Vendor::new(), &["D-1"]).await;
    let at_payment = "\n[[scheme.milestone.action]]\ntype = \"test:hostile\"\n\
        perform_on = \"resolved-full-payment\"\nconfig = {}\n\n[[scheme.milestone.action]]\n\
        type = \"credit-rating\"";
    let plain = "\n[[scheme.milestone.action]]\ntype = \"credit-rating\"";
    house.load(&setup().replace(plain, at_payment)).await.unwrap();
    let digest = known(&house.store).await.digest;
    registry::quarantine(&house.store, &digest, "the vendor asked for it").await.unwrap();
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let applier = Applier::new(house.store.clone(), &stored);
    let event = r#"{"specversion":"1.0","id":"E-1","source":"/test","type":"arrears.payment.posted","subject":"A-0","data":{"on":"2026-02-02","amount":"80.00"}}"#;
    let apply = async || events::apply_lines(&applier, event.as_bytes(), &|_| {}).await.unwrap();
    assert_eq!(apply().await.parked, 1);
    let parked = events::list(&house.store).await.unwrap();
    assert_eq!(parked[0].code, "PLUGIN_QUARANTINED");
    assert!(parked[0].message.contains("hostile 1.0.0"), "{}", parked[0].message);
    registry::release(&house.store, &digest).await.unwrap();
    assert_eq!(apply().await.applied, 1);
    assert_eq!(events::list(&house.store).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_shows_what_differs_and_writes_nothing() {
    let house = house(&Vendor::new(), &["D-1", "D-2", "trap:1", "D-other"]).await;
    run_on(&house, "2026-02-02").await;
    let run = run::last_over_records(&house.store).await.unwrap();
    let before = house.export().await;
    let shadow = async |wasm: Vec<u8>| {
        let plugin = host().admit(&wasm).unwrap();
        let grant = house.catalog.get("test:hostile").unwrap().grant.clone();
        let next = house.catalog.replaced(plugin, grant).unwrap();
        let both = (&house.catalog, &next);
        run::shadow(&house.store, both, "hostile", &run, &Unobserved).await.unwrap()
    };
    let same = shadow([hostile(), vec![0, 2, 1, b'v']].concat()).await;
    assert_eq!((same.records, same.differing), (3, 0));
    assert_eq!((same.present.effects, same.next.effects), (2, 2));
    assert_eq!((same.present.errors, same.next.errors), (1, 1));
    assert_eq!(same.present.used.fuel, same.next.used.fuel);
    let other = shadow(changed(&hostile())).await;
    assert_eq!((other.records, other.differing), (3, 2));
    let shown = other.differences[0].next.to_string();
    assert!(shown.contains(" is by "), "{shown}");
    assert_eq!(house.export().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_can_be_taken_back() {
    let vendor = Vendor::new();
    let house = house(&vendor, &["D-1"]).await;
    let store = &house.store;
    let first = registry::list(store).await.unwrap()[0].digest.clone();
    let none = registry::rollback(store, "hostile").await.unwrap_err();
    assert!(matches!(none, RunError::Registry(RegistryError::NoFormerPlugin { .. })), "{none}");
    let second = add_signed(&vendor, store, &changed(&hostile())).await.unwrap().digest;
    assert_ne!(first, second);
    assert_eq!(registry::rollback(store, "hostile").await.unwrap().digest, first);
    assert_eq!(at_hand(store).await.get("test:hostile").unwrap().plugin.digest(), first);
    // And forth again; a component that is in quarantine is not gone back to.
    assert_eq!(registry::rollback(store, "hostile").await.unwrap().digest, second);
    registry::quarantine(store, &first, "it was wrong").await.unwrap();
    let barred = registry::rollback(store, "hostile").await.unwrap_err();
    assert!(matches!(barred, RunError::Registry(RegistryError::Quarantined { .. })), "{barred}");
    let meant = registry::resolve(store, &first["sha256:".len()..][..10]).await.unwrap();
    assert_eq!(meant, first);
}

/// A run that has begun keeps its component, also if another one is active meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_replayed_with_the_component_that_it_has_recorded() {
    let vendor = Vendor::new();
    let house = house(&vendor, &["D-1", "D-2"]).await;
    let store = &house.store;
    run_on(&house, "2026-02-02").await;
    add_signed(&vendor, store, &changed(&hostile())).await.unwrap();
    let run = run::last_over_records(store).await.unwrap();
    let (record, _) = arrears_runs::ledger::run(store, &run).await.unwrap();
    let (host, built_in) = (host(), catalog(&[]));
    let at_hand = AtHand { store, plugins: Some(store), host: &host, built_in: &built_in };
    let pinned = at_hand.pinned(&record.plugins).await.unwrap();
    let replay = run::replay(store, &pinned, &run, &Unobserved).await.unwrap();
    assert_eq!((replay.records, replay.differing), (2, 0));
    let now = run::replay(store, &at_hand.active().await.unwrap(), &run, &Unobserved).await;
    assert!(matches!(now, Err(RunError::OtherPlugin { .. })), "{now:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_addition_killed_at_any_request_is_done_again() {
    let vendor = Vendor::new();
    let house = House::new(catalog(&[])).await;
    registry::load_trust(&house.store, "trust.toml", &vendor.trust("hostile")).await.unwrap();
    let wasm = hostile();
    let work = async |folder: &Path, fuse| {
        let killed = match fused(folder, fuse).await {
            Ok(store) => add_signed(&vendor, &store, &wasm).await.is_err(),
            Err(_) => true,
        };
        let store = open(folder).await;
        // What is active can be had, whenever it was killed.
        at_hand(&store).await;
        add_signed(&vendor, &store, &wasm).await.unwrap();
        killed
    };
    at_each_request(&house, 5, work, async |store, _| {
        assert_eq!(at_hand(store).await.iter().count(), BUILT_IN.len() + 1);
    })
    .await;
}

#[test]
fn a_trust_file_with_a_mistake_says_where() {
    let vendor = Vendor::new().trust("hostile");
    for (text, expected) in [
        (vendor.replace("name = ", "nmae = "), "trust.toml:4: unknown field `nmae`"),
        (vendor.replace("\"custom\"", "\"cash\""), "`cash` is no kind of effect"),
        (vendor.replace("= 500", "= \"5\""), "trust.toml:10: invalid type"),
        (vendor.replace("= 3", "= 0"), "no plugin could ever be called"),
        (vendor.replace("amount_minor_units_max = 500\n", ""), "amount_minor_units_max"),
        ("[[vendor]".to_owned(), "trust.toml:1"),
    ] {
        let error = registry::read_trust("trust.toml", &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
