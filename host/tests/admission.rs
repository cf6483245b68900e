//! What the gate lets in, and what it says to the others.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod support;

use std::sync::Arc;

use arrears_host::{Host, HostError, HostOptions, Limits};
use support::{component, host, perform, subject, tight};

/// Magic, version and layer of a component, and nothing after it.
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

fn refusal(wasm: &[u8]) -> HostError {
    host(tight()).admit(wasm).unwrap_err()
}

#[test]
fn another_world_is_named() {
    let error = refusal(&component("wrong-world"));
    assert!(matches!(error, HostError::WrongWorld { .. }), "{error:?}");
    assert!(error.to_string().contains("acme:greeting/greeter@1.0.0"), "{error}");
}

#[test]
fn another_version_is_named() {
    let error = refusal(&component("wrong-version"));
    match &error {
        HostError::WrongVersion { found } => assert_eq!(found, "0.2.0"),
        other => panic!("{other:?}"),
    }
    assert!(error.to_string().contains("this host 0.1.0"), "{error}");
}

#[test]
fn other_shapes_under_the_right_names_are_found_by_the_trial() {
    let error = refusal(&component("wrong-types"));
    assert!(matches!(error, HostError::WrongTypes { .. }), "{error:?}");
}

#[test]
fn an_import_that_is_not_given_is_named() {
    let error = refusal(&component("wants-clock"));
    match error {
        HostError::ForbiddenImport { import } => assert_eq!(import, "acme:clocked/clock@1.0.0"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_that_changes_its_description_is_refused() {
    let error = refusal(&component("unsteady"));
    assert!(matches!(error, HostError::Unsteady), "{error:?}");
}

#[test]
fn a_plugin_that_never_says_what_it_is_is_refused() {
    let error = refusal(&component("hangs-at-start"));
    assert!(matches!(error, HostError::Describe(_)), "{error:?}");
    assert!(error.to_string().contains("20000000 instructions"), "{error}");
}

#[test]
fn a_core_module_is_told_what_it_lacks() {
    // The whole of an empty module: magic and version.
    let module = b"\0asm\x01\0\0\0".to_vec();
    let error = refusal(&module);
    assert!(matches!(error, HostError::CoreModule), "{error:?}");
    assert!(error.to_string().contains("wasm-tools component new"), "{error}");
}

#[test]
fn a_component_without_exports_is_of_another_world() {
    let error = refusal(EMPTY_COMPONENT);
    assert!(error.to_string().contains("it exports nothing"), "{error}");
}

#[test]
fn the_interface_must_not_be_a_function_of_its_name() {
    // The name is right, but there is nothing behind it: an instance without
    // exports (section 5), exported under that name (section 11).
    let name = b"arrears:action/action@0.1.0";
    let mut export = vec![1, 0, name.len() as u8];
    export.extend(name);
    export.extend([5, 0, 0]);
    let mut hollow = EMPTY_COMPONENT.to_vec();
    hollow.extend([5, 3, 1, 1, 0]);
    hollow.extend([11, export.len() as u8]);
    hollow.extend(export);
    let error = refusal(&hollow);
    assert!(matches!(error, HostError::WrongTypes { .. }), "{error:?}");
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let whole = component("hostile");
    let host = host(tight());
    for parts in 0..64 {
        let end = whole.len() * parts / 64;
        let error = host.admit(&whole[..end]).unwrap_err();
        if end < 8 {
            continue;
        }
        assert!(
            matches!(error, HostError::Malformed { .. } | HostError::WrongWorld { .. }),
            "{end} bytes: {error:?}"
        );
    }
    let error = host.admit(&whole[..whole.len() / 2]).unwrap_err();
    assert!(error.to_string().contains("damaged or truncated"), "{error}");
}

#[test]
fn a_file_of_another_kind_is_not_wasm() {
    for bytes in [&b""[..], b"MZ", b"#!/bin/sh\n", b"\0as"] {
        assert!(matches!(refusal(bytes), HostError::NotWasm));
    }
}

#[test]
fn a_giant_file_is_refused_unread() {
    let limits = Limits { component_bytes_max: 1_000, ..tight() };
    let error = host(limits).admit(&component("hostile")).unwrap_err();
    assert!(matches!(error, HostError::TooLarge { bytes_max: 1_000, .. }), "{error:?}");
}

#[test]
fn damage_anywhere_is_refused_or_harmless() {
    // One byte in each of many places is turned around: whatever comes of it,
    // the host answers.
    let whole = component("hangs-at-start");
    let host = host(tight());
    let mut refused = 0;
    for place in (8..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        refused += usize::from(host.admit(&damaged).is_err());
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn an_artifact_is_used_until_it_is_damaged() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let open = || {
        Host::new(HostOptions { limits: tight(), artifact_cache: Some(folder.clone()) }).unwrap()
    };
    let wasm = component("hostile");
    let first = open().admit(&wasm).unwrap();
    assert!(first.admission().compiled && first.admission().cached);
    let second = open().admit(&wasm).unwrap();
    assert!(!second.admission().compiled);
    assert_eq!(second.descriptor(), first.descriptor());
    assert_eq!(second.digest(), first.digest());
    let subjects = [subject("honest:1"), subject("panic")];
    let (left, right) = (perform(&first, &subjects), perform(&second, &subjects));
    assert_eq!((left.cases, left.usage.fuel), (right.cases, right.usage.fuel));

    let artifact = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let name = artifact.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.contains("48.0.8"), "{name}");
    let mut bytes = std::fs::read(&artifact).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&artifact, bytes).unwrap();
    assert!(open().admit(&wasm).unwrap().admission().compiled);
    assert!(!open().admit(&wasm).unwrap().admission().compiled);
}

#[test]
fn a_host_is_shared_by_threads() {
    let host = Arc::new(host(Limits {
        // Fewer than there are threads: some have to wait.
        concurrent_calls_max: 2,
        ..tight()
    }));
    let plugin = host.admit(&component("hostile")).unwrap();
    let subjects = [subject("honest:1"), subject("trap"), subject("honest:2")];
    let alone = perform(&plugin, &subjects);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let performed = perform(&plugin, &subjects);
                    assert_eq!(performed.cases, alone.cases);
                    assert_eq!(performed.usage.fuel, alone.usage.fuel);
                }
            });
        }
    });
}
