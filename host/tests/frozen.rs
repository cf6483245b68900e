//! Plugins that were compiled against a published contract, and are never built again:
//! each is still admitted, and decides what it decided then. See tests/frozen/README.md.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use arrears_host::{
    Case, Configuration, Context, Descriptor, Grant, Host, HostOptions, Plugin, Subject,
};
use serde::{Deserialize, Serialize};

/// What is known of a frozen plugin.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    digest: String,
    #[serde(default)]
    descriptor: Option<Descriptor>,
    cases: Vec<FrozenCase>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrozenCase {
    about: String,
    context: Context,
    configuration: Configuration,
    subjects: Vec<Subject>,
    /// What the configuration is refused with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    /// What came of each subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Vec<Case>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/frozen")
}

/// The frozen components, version by version.
fn components() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for version in fs::read_dir(folder()).unwrap() {
        let version = version.unwrap().path();
        if version.is_dir() {
            let files = fs::read_dir(version).unwrap().map(|entry| entry.unwrap().path());
            found.extend(files.filter(|path| path.extension().is_some_and(|kind| kind == "wasm")));
        }
    }
    found.sort();
    found
}

/// A case as it comes out now.
fn now(plugin: &Plugin, case: &FrozenCase) -> (Option<String>, Option<Vec<Case>>) {
    if let Err(refusal) = plugin.check_config(&case.configuration) {
        return (Some(refusal.to_string()), None);
    }
    let grant = Grant::of(plugin.descriptor());
    let performed = plugin.perform(&grant, &case.context, &case.configuration, &case.subjects);
    assert!(performed.strikes.is_empty(), "{}: {:?}", case.about, performed.strikes);
    (None, Some(performed.cases))
}

/// Text to compare to the byte.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn check(host: &Host, path: &Path) {
    let name = path.display();
    let data = path.with_extension("json");
    let known = fs::read_to_string(&data).unwrap();
    let mut frozen: Frozen = serde_json::from_str(&known).unwrap();
    let plugin = host.admit(&fs::read(path).unwrap()).unwrap();
    assert_eq!(plugin.digest(), frozen.digest, "{name} was replaced: bring the frozen one back");

    let adds = std::env::var_os("UPDATE_EXPECT").is_some();
    if frozen.descriptor.is_none() && adds {
        frozen.descriptor = Some(plugin.descriptor().clone());
    }
    let descriptor = frozen.descriptor.as_ref().unwrap();
    assert_eq!(text(plugin.descriptor()), text(descriptor), "{name}");
    assert!(!frozen.cases.is_empty(), "{name} has no cases");
    for case in &mut frozen.cases {
        let (refusal, outcome) = now(&plugin, case);
        if case.refusal.is_none() && case.outcome.is_none() && adds {
            (case.refusal, case.outcome) = (refusal.clone(), outcome.clone());
        }
        let about = format!("{name}, {}", case.about);
        assert_eq!(refusal, case.refusal, "{about}");
        assert_eq!(text(&outcome), text(&case.outcome), "{about}");
    }
    if adds {
        fs::write(&data, text(&frozen) + "\n").unwrap();
    }
}

#[test]
fn every_frozen_plugin_decides_as_it_did() {
    let host = Host::new(HostOptions::default()).unwrap();
    let components = components();
    assert!(components.len() >= 10, "some are missing: {components:?}");
    for path in components {
        check(&host, &path);
    }
}

/// A file of data without its component would hold nothing to anything.
#[test]
fn every_record_has_its_component() {
    for version in fs::read_dir(folder()).unwrap() {
        let version = version.unwrap().path();
        let files = if version.is_dir() { Some(fs::read_dir(version).unwrap()) } else { None };
        for file in files.into_iter().flatten() {
            let file = file.unwrap().path();
            let (wasm, json) = (file.with_extension("wasm"), file.with_extension("json"));
            assert!(wasm.is_file() && json.is_file(), "{} lacks its other half", file.display());
        }
    }
}
