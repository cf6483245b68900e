//! Plugins that one host compiles and another loads.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod support;

use std::path::PathBuf;

use arrears_host::{Artifact, Host, HostError, HostOptions, Registration};
use support::{component, host, tight};

/// A registered plugin with its artifact in a folder.
struct Registered {
    _folder: tempfile::TempDir,
    path: PathBuf,
    registration: Registration,
    artifact: Artifact,
}

fn registered() -> Registered {
    let (_, registration, artifact) = host(tight()).compile(&component("hostile")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(&artifact.file);
    std::fs::write(&path, &artifact.bytes).unwrap();
    Registered { _folder: folder, path, registration, artifact }
}

fn other_host() -> Host {
    Host::new(HostOptions { limits: tight(), artifact_cache: None }).unwrap()
}

#[test]
fn a_loaded_plugin_is_the_admitted_one() {
    let it = registered();
    let (admitted, ..) = host(tight()).compile(&component("hostile")).unwrap();
    let loaded = other_host().load(&it.registration, &it.path).unwrap();
    assert_eq!(loaded.descriptor(), admitted.descriptor());
    assert_eq!(loaded.digest(), admitted.digest());
    assert!(!loaded.admission().compiled);
    let configuration = arrears_host::Configuration {
        settings: r#"{"unknown": true}"#.to_owned(),
        definitions: Vec::new(),
    };
    // The schema is made from the registration, and says the same.
    let said = |plugin: &arrears_host::Plugin| plugin.check_config(&configuration).unwrap_err();
    assert_eq!(said(&loaded), said(&admitted));
}

#[test]
fn an_artifact_that_was_altered_is_not_loaded() {
    for damage in [
        |bytes: &mut Vec<u8>| bytes.truncate(100),
        |bytes: &mut Vec<u8>| bytes[5_000] ^= 1,
        |bytes: &mut Vec<u8>| bytes.push(0),
        |bytes: &mut Vec<u8>| bytes.clear(),
    ] {
        let it = registered();
        let mut bytes = it.artifact.bytes.clone();
        damage(&mut bytes);
        std::fs::write(&it.path, bytes).unwrap();
        let error = other_host().load(&it.registration, &it.path).unwrap_err();
        assert!(matches!(error, HostError::ArtifactAltered { .. }) && error.is_artifact());
        assert!(error.to_string().contains(&it.registration.artifact_digest), "{error}");
        assert!(error.to_string().contains("plugin-admit"), "{error}");
    }
}

/// What lies in a folder is loaded before anybody says that it is registered, and is a plugin
/// only then.
#[test]
fn what_is_found_is_adopted_if_it_is_registered() {
    let it = registered();
    let host = other_host();
    let loaded = host.load(&it.registration, &it.path).unwrap();
    let adopted = host.adopt(&it.registration, host.find(&it.path).unwrap()).unwrap();
    assert_eq!(adopted.digest(), loaded.digest());
    assert_eq!(adopted.descriptor(), loaded.descriptor());
    let other = Registration { artifact_digest: "blake3:00".to_owned(), ..it.registration };
    let error = host.adopt(&other, host.find(&it.path).unwrap()).map(drop).unwrap_err();
    assert!(matches!(error, HostError::ArtifactAltered { .. }), "{error}");
}

#[test]
fn nothing_is_found_that_is_not_what_its_name_says() {
    let it = registered();
    let folder = it.path.parent().unwrap();
    for (ours, other) in [("-48.0.8-", "-47.0.1-"), ("-3-", "-2-"), (".cwasm", ".draft")] {
        let path = folder.join(it.artifact.file.replace(ours, other));
        std::fs::write(&path, &it.artifact.bytes).unwrap();
        assert!(other_host().find(&path).is_none(), "{}", path.display());
    }
    assert!(other_host().find(&folder.join("missing")).is_none());
    let mut bytes = it.artifact.bytes.clone();
    bytes[5_000] ^= 1;
    std::fs::write(&it.path, bytes).unwrap();
    assert!(other_host().find(&it.path).is_none());
}

#[test]
fn a_missing_artifact_is_told_by_its_name() {
    let it = registered();
    std::fs::remove_file(&it.path).unwrap();
    let error = other_host().load(&it.registration, &it.path).unwrap_err();
    assert!(matches!(error, HostError::ArtifactMissing { .. }) && error.is_artifact());
    assert!(error.to_string().contains(&it.artifact.file), "{error}");
}

#[test]
fn an_artifact_of_another_release_target_or_revision_is_told_by_its_name() {
    for (ours, other) in
        [("-48.0.8-", "-47.0.1-"), ("-unknown-linux-gnu-", "-unknown-linux-musl-"), ("-3-", "-2-")]
    {
        let it = registered();
        let artifact = it.registration.artifact.replace(ours, other);
        assert_ne!(artifact, it.registration.artifact);
        let registration = Registration { artifact, ..it.registration };
        assert!(!registration.is_for_this_host());
        // What is in the file does not count.
        let error = other_host().load(&registration, &it.path).unwrap_err();
        assert!(matches!(error, HostError::ArtifactOfAnotherHost { .. }) && error.is_artifact());
        let told = error.to_string();
        assert!(told.contains(ours.trim_end_matches('-')) && told.contains(other), "{told}");
    }
}

/// Whoever registers another release's code under our name is found out by wasmtime, which
/// writes its major version into each artifact, after a byte that is zero and its length.
#[test]
fn code_of_another_release_is_refused_by_wasmtime_itself() {
    let it = registered();
    let mut bytes = it.artifact.bytes.clone();
    // The target follows, with its length; elsewhere such bytes may be by chance.
    let is_header = |window: &[u8]| {
        window.starts_with(b"\0\x0248")
            && (window[5..].starts_with(b"x86_64-") || window[5..].starts_with(b"aarch64"))
    };
    let at = bytes.windows(12).position(is_header).expect("the version in the artifact");
    bytes[at + 2] = b'3';
    std::fs::write(&it.path, &bytes).unwrap();
    let artifact_digest = format!("blake3:{}", blake3::hash(&bytes));
    let registration = Registration { artifact_digest, ..it.registration };
    let error = other_host().load(&registration, &it.path).unwrap_err();
    assert!(matches!(error, HostError::Artifact { .. }), "{error:?}");
    assert!(error.to_string().contains("'38'"), "{error}");
}
