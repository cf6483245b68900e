//! Keys and signatures: what the kit signs, a verifier of another make takes, and nothing
//! else.

use std::fs;
use std::path::PathBuf;

use arrears_kit::KitError;
use arrears_kit::sign::{Signed, new_key, sign};
use minisign_verify::{PublicKey, Signature};
use tempfile::TempDir;

use crate::support::{built_in, component, host};

/// A folder with a component and a key.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(built_in("alert"), folder.path().join("alert.wasm")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sign(&self, key: &str, password: &str) -> Result<Signed, KitError> {
        sign(host(), &self.path("alert.wasm"), &self.path(key), || Ok(password.to_owned()))
    }
}

fn verify(signed: &Signed, bytes: &[u8]) -> Result<(), minisign_verify::Error> {
    let text = fs::read_to_string(&signed.signature).unwrap();
    let signature = Signature::decode(&text).unwrap();
    assert_eq!(signature.trusted_comment(), signed.trusted_comment);
    PublicKey::from_base64(&signed.public_key).unwrap().verify(bytes, &signature, false)
}

#[test]
fn a_signature_is_of_its_component_alone() {
    let desk = Desk::new();
    let key = new_key(&desk.path("vendor.key"), None).unwrap();
    let signed = desk.sign("vendor.key", "").unwrap();
    assert_eq!(signed.public_key, key.public_key);
    assert_eq!(signed.signature, desk.path("alert.wasm.minisig"));
    let mut bytes = fs::read(&signed.component).unwrap();
    let digest = arrears_host::digest(&bytes);
    let comment = format!("plugin:arrears-alert version:0.1.0 digest:{digest}");
    assert_eq!(signed.trusted_comment, comment);
    verify(&signed, &bytes).unwrap();
    bytes.push(0);
    assert!(verify(&signed, &bytes).is_err());
}

#[test]
fn the_public_key_is_in_its_file() {
    let desk = Desk::new();
    let key = new_key(&desk.path("vendor.key"), None).unwrap();
    let text = fs::read_to_string(&key.public).unwrap();
    assert_eq!(text.lines().nth(1), Some(key.public_key.as_str()));
}

#[test]
#[cfg(unix)]
fn the_secret_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let key = new_key(&desk.path("vendor.key"), None).unwrap();
    assert_eq!(fs::metadata(key.secret).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_key_with_a_password_needs_it() {
    let desk = Desk::new();
    let key = new_key(&desk.path("vendor.key"), Some("open sesame".to_owned())).unwrap();
    assert!(key.has_password);
    let error = desk.sign("vendor.key", "open barley").unwrap_err();
    assert!(error.to_string().contains("Wrong password"), "{error}");
    assert!(!desk.path("alert.wasm.minisig").exists());
    let signed = desk.sign("vendor.key", "open sesame").unwrap();
    verify(&signed, &fs::read(&signed.component).unwrap()).unwrap();
}

#[test]
fn a_key_is_not_overwritten() {
    let desk = Desk::new();
    for taken in ["vendor.key", "other.key.pub"] {
        fs::write(desk.path(taken), "precious").unwrap();
        let file = desk.path(taken.trim_end_matches(".pub"));
        assert!(matches!(new_key(&file, None), Err(KitError::Exists { .. })));
        assert_eq!(fs::read_to_string(desk.path(taken)).unwrap(), "precious");
    }
    assert!(!desk.path("other.key").exists());
}

#[test]
fn what_is_no_secret_key_is_told() {
    let desk = Desk::new();
    new_key(&desk.path("vendor.key"), None).unwrap();
    fs::write(desk.path("damaged.key"), "untrusted comment: a\nRWQAAAAA\n").unwrap();
    fs::write(desk.path("empty.key"), "").unwrap();
    for (key, words) in [
        ("vendor.key.pub", "no secret key of minisign"),
        ("empty.key", "no secret key of minisign"),
        ("damaged.key", "cannot be used"),
        ("missing.key", "cannot be read"),
    ] {
        let error = desk.sign(key, "").unwrap_err().to_string();
        assert!(error.contains(words), "{key}: {error}");
    }
}

#[test]
fn a_component_that_is_refused_is_not_signed() {
    let desk = Desk::new();
    new_key(&desk.path("vendor.key"), None).unwrap();
    fs::copy(component("hostile/wants-clock.wasm"), desk.path("alert.wasm")).unwrap();
    let error = desk.sign("vendor.key", "").unwrap_err();
    assert!(matches!(error, KitError::Refused { .. }), "{error}");
    assert!(!desk.path("alert.wasm.minisig").exists());
}
