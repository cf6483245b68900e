//! Unpacks a component, and believes nothing that its digest does not prove.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document::{
    Blob, CONFIG, Config, Index, LAYOUT_VERSION, Layout, Manifest, SIGNATURE, WASM,
};
use crate::error::KitError;
use crate::file;
use crate::sign::beside;

/// Bytes of a document: they are some hundred.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

/// A component that was unpacked.
#[derive(Debug, Serialize)]
pub struct Unpacked {
    /// The component.
    pub component: PathBuf,
    /// Its signature, beside it, if it is signed.
    pub signature: Option<PathBuf>,
    /// Digest of the component.
    pub digest: String,
    /// Its size.
    pub bytes: u64,
}

/// Unpacks the one component of a layout to a file, with its signature beside it. An older
/// file is replaced.
///
/// # Errors
/// [`KitError::Layout`] if the layout holds something else than one component, or anything
/// differs from its digest; then nothing is written.
pub fn unpack(folder: &Path, component: &Path, bytes_max: usize) -> Result<Unpacked, KitError> {
    let path = folder.join("oci-layout");
    let layout: Layout = parse(&path, &read(&path, DOCUMENT_BYTES_MAX)?)?;
    if layout.image_layout_version != LAYOUT_VERSION {
        let version = layout.image_layout_version;
        return refuse(&path, format!("it is of version `{version}`, not {LAYOUT_VERSION}"));
    }
    let path = folder.join("index.json");
    let index: Index = parse(&path, &read(&path, DOCUMENT_BYTES_MAX)?)?;
    let [entry] = index.manifests.as_slice() else {
        let count = index.manifests.len();
        return refuse(&path, format!("it names {count} manifests; unpack a layout of one"));
    };
    let (path, bytes) = blob(folder, entry, DOCUMENT_BYTES_MAX)?;
    let manifest: Manifest = parse(&path, &bytes)?;
    let layer = match manifest.layers.as_slice() {
        [layer] if layer.media_type == WASM && manifest.config.media_type == CONFIG => layer,
        _ => {
            return refuse(
                &path,
                format!("it is no manifest of one layer `{WASM}` with a config `{CONFIG}`"),
            );
        }
    };
    let (path, bytes) = blob(folder, &manifest.config, DOCUMENT_BYTES_MAX)?;
    let config: Config = parse(&path, &bytes)?;
    if config.layer_digests != [layer.digest.as_str()] {
        return refuse(&path, "it is the config of another component".to_owned());
    }
    let (_, wasm) = blob(folder, layer, bytes_max as u64)?;
    let signature = layer.annotations.get(SIGNATURE);
    write(component, &wasm, signature.map(String::as_str))?;
    Ok(Unpacked {
        component: component.to_owned(),
        signature: signature.map(|_| beside(component, "minisig")),
        digest: layer.digest.clone(),
        bytes: layer.size,
    })
}

/// The signature first: a component is never there with the signature of an older one.
fn write(component: &Path, wasm: &[u8], signature: Option<&str>) -> Result<(), KitError> {
    let path = beside(component, "minisig");
    match signature {
        Some(text) => file::write(&path, text.as_bytes())?,
        None if path.exists() => fs::remove_file(&path).map_err(KitError::writing(&path))?,
        None => {}
    }
    file::write(component, wasm)
}

/// A blob, if it is what its name says.
fn blob(folder: &Path, blob: &Blob, bytes_max: u64) -> Result<(PathBuf, Vec<u8>), KitError> {
    let hex = blob.digest.strip_prefix("sha256:").unwrap_or_default();
    let is_hex = hex.len() == 64 && hex.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex {
        let shown: String = blob.digest.chars().filter(|c| !c.is_control()).take(80).collect();
        return refuse(folder, format!("`{shown}` is no digest of the form sha256:..."));
    }
    let path = folder.join("blobs").join("sha256").join(hex);
    if blob.size > bytes_max {
        let size = blob.size;
        return refuse(
            &path,
            format!("it has {size} bytes, more than the {bytes_max} that it may"),
        );
    }
    let bytes = read(&path, bytes_max)?;
    if bytes.len() as u64 != blob.size || arrears_host::digest(&bytes) != blob.digest {
        return refuse(
            &path,
            "it was altered: its bytes are not those of its digest; get the layout again"
                .to_owned(),
        );
    }
    Ok((path, bytes))
}

/// The bytes of a file, but of a longer one no more than shows that it is.
fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, KitError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes))
        .map_err(KitError::reading(path))?;
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, KitError> {
    serde_json::from_slice(bytes).map_err(|error| KitError::Layout {
        path: path.to_owned(),
        reason: format!("{error}; is it a folder that `arrears plugin pack` has made?"),
    })
}

fn refuse<T>(path: &Path, reason: String) -> Result<T, KitError> {
    Err(KitError::Layout { path: path.to_owned(), reason })
}
