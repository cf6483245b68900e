//! Keys of vendors, and signatures of components, in minisign's formats: any tool that
//! knows them can make and verify them too.

use std::fs;
use std::path::{Path, PathBuf};

use arrears_host::Host;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use serde::Serialize;

use crate::error::KitError;
use crate::file;

/// What the second line of a secret key begins with: algorithm and key derivation, in
/// base64.
const ENCRYPTED: &str = "RWRTY";
/// The same without a password.
const PLAIN: &str = "RWQAA";

/// A pair of keys.
#[derive(Debug, Serialize)]
pub struct Key {
    /// The file of the secret key, which its owner keeps.
    pub secret: PathBuf,
    /// The file of the public key, which the agencies get.
    pub public: PathBuf,
    /// The public key, as an agency's trust names it.
    pub public_key: String,
    /// Whether the secret key needs a password.
    pub has_password: bool,
}

/// A signature.
#[derive(Debug, Serialize)]
pub struct Signed {
    /// The component.
    pub component: PathBuf,
    /// The signature's file, beside it.
    pub signature: PathBuf,
    /// What is signed with the component: its id, version and digest.
    pub trusted_comment: String,
    /// The public key that verifies it.
    pub public_key: String,
}

/// Makes a pair of keys: the secret one in `path`, the public one in `path` and `.pub`.
/// Without a password, whoever can read the file can sign.
///
/// # Errors
/// There is one already, or it cannot be written.
pub fn new_key(path: &Path, password: Option<String>) -> Result<Key, KitError> {
    let public = beside(path, "pub");
    for file in [path, &public] {
        if file.exists() {
            let remedy = "a key is not overwritten: name another file";
            return Err(KitError::Exists { path: file.to_owned(), remedy });
        }
    }
    let unusable = |error: minisign::PError| unusable(path, &error);
    let has_password = password.is_some();
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    };
    let KeyPair { pk, sk } = pair.map_err(unusable)?;
    let secret = sk.to_box(Some("a vendor's secret key: keep it")).map_err(unusable)?;
    let text = pk.to_box().map_err(unusable)?.into_string();
    file::write_secret(path, secret.into_string().as_bytes())?;
    if let Err(error) = file::write(&public, text.as_bytes()) {
        // A secret key without its public one is of no use, and in the way.
        let _gone = fs::remove_file(path);
        return Err(error);
    }
    let public_key = pk.to_base64();
    Ok(Key { secret: path.to_owned(), public, public_key, has_password })
}

/// Signs a component that the host admits. `password` is asked for if the key has one.
///
/// # Errors
/// The component is refused, or the key cannot be used.
pub fn sign(
    host: &Host,
    component: &Path,
    key: &Path,
    password: impl FnOnce() -> std::io::Result<String>,
) -> Result<Signed, KitError> {
    let wasm = file::component(host, component)?;
    let refused =
        |source| KitError::Refused { path: component.to_owned(), source: Box::new(source) };
    let plugin = host.admit(&wasm).map_err(refused)?;
    let secret = secret_key(key, password)?;
    let unusable = |error: minisign::PError| unusable(key, &error);
    let public = PublicKey::from_secret_key(&secret).map_err(unusable)?;
    let descriptor = plugin.descriptor();
    let trusted_comment = format!(
        "plugin:{} version:{} digest:{}",
        descriptor.id,
        descriptor.version,
        plugin.digest()
    );
    let untrusted = "signature of a plugin for Arrears";
    let signature = minisign::sign(
        Some(&public),
        &secret,
        wasm.as_slice(),
        Some(&trusted_comment),
        Some(untrusted),
    );
    let text = signature.map_err(unusable)?.into_string();
    let path = beside(component, "minisig");
    file::write(&path, text.as_bytes())?;
    Ok(Signed {
        component: component.to_owned(),
        signature: path,
        trusted_comment,
        public_key: public.to_base64(),
    })
}

/// Asks for a password on the terminal, which does not show it.
///
/// # Errors
/// There is no terminal.
pub fn ask_password(prompt: &str) -> std::io::Result<String> {
    rpassword::prompt_password(prompt)
}

/// A path with a further extension: `plugin.wasm.minisig`.
#[must_use]
pub fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn secret_key(
    path: &Path,
    password: impl FnOnce() -> std::io::Result<String>,
) -> Result<SecretKey, KitError> {
    let text = file::text(path)?;
    let unusable = |error: minisign::PError| unusable(path, &error);
    let key = text.lines().nth(1).unwrap_or_default();
    let boxed = SecretKeyBox::from_string(&text).map_err(unusable)?;
    if key.starts_with(PLAIN) {
        return boxed.into_unencrypted_secret_key().map_err(unusable);
    }
    if !key.starts_with(ENCRYPTED) {
        let reason = "it is no secret key of minisign: name the file that `arrears plugin key \
                      new` has made, not the one that ends in `.pub`"
            .to_owned();
        return Err(KitError::Key { path: path.to_owned(), reason });
    }
    let password = password().map_err(|error| KitError::Key {
        path: path.to_owned(),
        reason: format!("its password cannot be read: {error}"),
    })?;
    boxed.into_secret_key(Some(password)).map_err(unusable)
}

fn unusable(path: &Path, error: &minisign::PError) -> KitError {
    KitError::Key { path: path.to_owned(), reason: error.to_string() }
}
