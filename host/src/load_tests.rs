//! A host without a compiler loads what another has compiled, and performs with it.

use std::path::Path;
use std::sync::Arc;

use crate::contract::{DelinquencyKind, Event, Money};
use crate::engine::Sandbox;
use crate::{Configuration, Context, Grant, Host, HostOptions, Limits, Performed, Plugin, Subject};

fn component() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/components/hostile/hostile.wasm");
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    })
}

/// What a build without feature `compile` has.
fn without_compiler() -> Host {
    let limits = Limits::default();
    let sandbox = Sandbox::without_compiler(&limits).unwrap();
    Host { sandbox: Arc::new(sandbox), limits: Arc::new(limits), cache: None }
}

fn performed(plugin: &Plugin) -> Performed {
    let context = Context {
        run_key: "collections-000007".to_owned(),
        agency: "Springfield".to_owned(),
        scheme: "RESIDENTIAL".to_owned(),
        milestone: "REMINDER".to_owned(),
        level: 2,
        event: Event::EntryOrIncrement,
        as_of: "2026-11-21".to_owned(),
        attempt: 1,
    };
    let configuration = Configuration { settings: "{}".to_owned(), definitions: Vec::new() };
    // One is served, one makes the guest trap, one is refused for a fractional result.
    let subjects = ["honest:1", "trap", "nan"].map(|key| Subject {
        key: key.to_owned(),
        account: format!("A-{key}"),
        contact: "C-1".to_owned(),
        kind: DelinquencyKind::BillType,
        balance: Money { minor_units: 15_230, currency: "USD".to_owned() },
        days_past_due: 40,
        entered_on: "2026-11-01".to_owned(),
        facts: Vec::new(),
    });
    plugin.perform(&Grant::of(plugin.descriptor()), &context, &configuration, &subjects)
}

#[test]
fn a_host_without_a_compiler_loads_and_performs() {
    let compiler = Host::new(HostOptions::default()).unwrap();
    let (compiled, registration, artifact) = compiler.compile(&component()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(&artifact.file);
    std::fs::write(&path, &artifact.bytes).unwrap();

    let host = without_compiler();
    assert!(host.admit(&component()).is_err(), "it has a compiler");
    let loaded = host.load(&registration, &path).unwrap();
    let (here, there) = (performed(&loaded), performed(&compiled));
    assert!(matches!(here.cases[0], crate::Case::Apply(_)), "{:?}", here.cases[0]);
    assert_eq!(here.cases, there.cases);
    assert_eq!(here.usage.fuel, there.usage.fuel);
}
