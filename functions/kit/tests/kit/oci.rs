//! OCI layouts: the same bytes each time, the same bytes back, and nothing that was altered.

use std::fs;
use std::path::{Path, PathBuf};

use arrears_host::digest;
use arrears_kit::KitError;
use arrears_kit::oci::{Packed, pack, unpack};
use arrears_kit::sign::{new_key, sign};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{assert_snapshot, built_in, host};

const BYTES_MAX: usize = 32 * 1024 * 1024;

/// A folder with a component, signed or not, and its layout.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(is_signed: bool) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::copy(built_in("alert"), desk.path("alert.wasm")).unwrap();
        if is_signed {
            new_key(&desk.path("key"), None).unwrap();
            sign(host(), &desk.path("alert.wasm"), &desk.path("key"), || unreachable!()).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn pack(&self, layout: &str) -> Packed {
        pack(host(), &self.path("alert.wasm"), &self.path(layout), None).unwrap()
    }

    fn refused(&self) -> String {
        let out = self.path("out.wasm");
        let error = unpack(&self.path("layout"), &out, BYTES_MAX).unwrap_err();
        assert!(!out.exists());
        assert!(matches!(error, KitError::Layout { .. } | KitError::File { .. }));
        error.to_string()
    }
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push((
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                ));
            }
        }
    }
    found.sort();
    found
}

fn blob(desk: &Desk, digest: &str) -> PathBuf {
    desk.path("layout/blobs/sha256").join(digest.trim_start_matches("sha256:"))
}

#[test]
fn a_component_comes_back_with_its_signature() {
    for is_signed in [true, false] {
        let desk = Desk::new(is_signed);
        assert_eq!(desk.pack("layout").is_signed, is_signed);
        let out = desk.path("out.wasm");
        // Of an older component.
        fs::write(desk.path("out.wasm.minisig"), "stale").unwrap();
        let unpacked = unpack(&desk.path("layout"), &out, BYTES_MAX).unwrap();
        assert_eq!(fs::read(&out).unwrap(), fs::read(desk.path("alert.wasm")).unwrap());
        assert_eq!(unpacked.signature.is_some(), is_signed);
        let signature = |name: &str| fs::read(desk.path(name)).ok();
        assert_eq!(signature("out.wasm.minisig"), signature("alert.wasm.minisig"));
    }
}

#[test]
fn the_same_component_gives_the_same_bytes() {
    let desk = Desk::new(true);
    desk.pack("layout");
    desk.pack("other");
    assert_eq!(files(&desk.path("layout")), files(&desk.path("other")));
}

#[test]
fn the_documents_are_those_of_the_guidance() {
    let desk = Desk::new(false);
    let packed = desk.pack("layout");
    let mut text = String::new();
    let manifest = fs::read_to_string(blob(&desk, &packed.manifest_digest)).unwrap();
    let parsed: Value = serde_json::from_str(&manifest).unwrap();
    let config_digest = parsed["config"]["digest"].as_str().unwrap();
    let config = fs::read_to_string(blob(&desk, config_digest)).unwrap();
    let index = fs::read_to_string(desk.path("layout/index.json")).unwrap();
    let layout = fs::read_to_string(desk.path("layout/oci-layout")).unwrap();
    for document in [&layout, &index, &manifest, &config] {
        let value: Value = serde_json::from_str(document).unwrap();
        text.push_str(&format!("{value:#}\n"));
    }
    // What changes with each build of the component.
    let size = fs::metadata(desk.path("alert.wasm")).unwrap().len();
    let text = text
        .replace(&packed.manifest_digest, "sha256:(manifest)")
        .replace(config_digest, "sha256:(config)")
        .replace(&packed.component_digest, "sha256:(component)")
        .replace(&format!("\"size\": {size}"), "\"size\": \"(component)\"");
    assert_snapshot("oci.txt", &text);
}

#[test]
fn a_time_is_there_if_it_is_given() {
    let desk = Desk::new(false);
    let time = "2026-11-21T09:00:00Z";
    let packed = pack(host(), &desk.path("alert.wasm"), &desk.path("layout"), Some(time)).unwrap();
    let manifest = fs::read_to_string(blob(&desk, &packed.manifest_digest)).unwrap();
    assert!(manifest.contains(&format!("\"org.opencontainers.image.created\":\"{time}\"")));
}

#[test]
fn an_altered_blob_is_refused() {
    let desk = Desk::new(false);
    let packed = desk.pack("layout");
    for digest in [&packed.component_digest, &packed.manifest_digest] {
        let path = blob(&desk, digest);
        let whole = fs::read(&path).unwrap();
        let mut altered = whole.clone();
        let last = altered.len() - 1;
        altered[last] ^= 1;
        for bytes in [&altered[..], &whole[..last], &[&whole[..], &[0]].concat(), &[]] {
            fs::write(&path, bytes).unwrap();
            assert!(desk.refused().contains("it was altered"));
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_manifest_that_leads_elsewhere_is_refused() {
    let desk = Desk::new(false);
    let packed = desk.pack("layout");
    let index = fs::read_to_string(desk.path("layout/index.json")).unwrap();
    let manifest = fs::read_to_string(blob(&desk, &packed.manifest_digest)).unwrap();
    let layer = &packed.component_digest;
    let parsed: Value = serde_json::from_str(&manifest).unwrap();
    let config = parsed["config"]["digest"].as_str().unwrap();
    let changes = [
        (manifest.replace(config, "sha256:../../../key"), "is no digest"),
        (manifest.replace(layer, &packed.manifest_digest), "another component"),
        (
            manifest.replace("application/wasm\",\"digest", "text/plain\",\"digest"),
            "no manifest of",
        ),
        (manifest.replace("\"layers\":[", "\"layers\":[],\"other\":["), "no manifest of"),
        ("{}".to_owned(), "arrears plugin pack"),
    ];
    for (text, words) in changes {
        fs::write(blob(&desk, &digest(text.as_bytes())), &text).unwrap();
        let size = manifest.len();
        let index = index
            .replace(&packed.manifest_digest, &digest(text.as_bytes()))
            .replace(&format!("\"size\":{size}"), &format!("\"size\":{}", text.len()));
        fs::write(desk.path("layout/index.json"), index).unwrap();
        let error = desk.refused();
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_component_beyond_the_limit_is_not_read() {
    let desk = Desk::new(false);
    desk.pack("layout");
    let error = unpack(&desk.path("layout"), &desk.path("out.wasm"), 1_000).unwrap_err();
    assert!(error.to_string().contains("more than the 1000"), "{error}");
}

#[test]
fn a_folder_that_is_no_layout_is_refused() {
    let desk = Desk::new(false);
    fs::create_dir(desk.path("layout")).unwrap();
    assert!(desk.refused().contains("oci-layout"));
    fs::write(desk.path("layout/oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}").unwrap();
    assert!(desk.refused().contains("`2.0.0`"));
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let desk = Desk::new(false);
    fs::create_dir(desk.path("layout")).unwrap();
    fs::write(desk.path("layout/precious"), "").unwrap();
    let packed = pack(host(), &desk.path("alert.wasm"), &desk.path("layout"), None);
    assert!(matches!(packed, Err(KitError::Exists { .. })));
    assert_eq!(files(&desk.path("layout")).len(), 1);
}
