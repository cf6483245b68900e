//! Packs a component.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrears_host::{Host, Plugin};
use serde::Serialize;

use super::document::{
    Blob, CONFIG, Config, INDEX, Index, Interfaces, LAYOUT_VERSION, Layout, MANIFEST, Manifest,
    SIGNATURE, WASM,
};
use crate::error::KitError;
use crate::file;
use crate::names::Names;
use crate::sign::beside;

/// When a config was made, for tools that want to know: always the same, so that one
/// component has one digest.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// A component that was packed.
#[derive(Debug, Serialize)]
pub struct Packed {
    /// The layout's folder.
    pub folder: PathBuf,
    /// Digest of the manifest: what a registry knows it by.
    pub manifest_digest: String,
    /// Digest of the component.
    pub component_digest: String,
    /// The name that it has in the layout, the plugin's version.
    pub reference: String,
    /// Whether its signature is in it.
    pub is_signed: bool,
}

/// Packs a component that the host admits, with the signature beside it if there is one.
/// `created` is a time as RFC 3339 writes it.
///
/// # Errors
/// The component is refused, the folder is in use, or it cannot be written.
pub fn pack(
    host: &Host,
    component: &Path,
    folder: &Path,
    created: Option<&str>,
) -> Result<Packed, KitError> {
    let wasm = file::component(host, component)?;
    let refused =
        |source| KitError::Refused { path: component.to_owned(), source: Box::new(source) };
    let plugin = host.admit(&wasm).map_err(refused)?;
    let signature_file = beside(component, "minisig");
    let signature = if signature_file.exists() { Some(file::text(&signature_file)?) } else { None };

    let mut layer = Blob::of(WASM, &wasm);
    let title = format!("{}.wasm", plugin.descriptor().id);
    layer.annotations.insert("org.opencontainers.image.title".to_owned(), title);
    let is_signed = signature.is_some();
    layer.annotations.extend(signature.map(|text| (SIGNATURE.to_owned(), text)));
    let config = json(&config(&wasm, &layer.digest, created));
    let component_digest = layer.digest.clone();
    let manifest = json(&Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: Some(WASM.to_owned()),
        config: Blob::of(CONFIG, &config),
        layers: vec![layer],
        annotations: annotations(&plugin, created),
    });
    let packed = Packed {
        folder: folder.to_owned(),
        manifest_digest: arrears_host::digest(&manifest),
        component_digest,
        reference: plugin.descriptor().version.clone(),
        is_signed,
    };
    write(folder, &packed.reference, &[wasm, config, manifest])?;
    Ok(packed)
}

fn config(wasm: &[u8], layer_digest: &str, created: Option<&str>) -> Config {
    let Names { imports, exports } = Names::read(wasm);
    Config {
        created: created.unwrap_or(EPOCH).to_owned(),
        architecture: "wasm".to_owned(),
        // What the guidance wants of a component; no system interface is imported.
        os: "wasip2".to_owned(),
        layer_digests: vec![layer_digest.to_owned()],
        component: Interfaces { exports, imports, target: None },
    }
}

fn annotations(plugin: &Plugin, created: Option<&str>) -> BTreeMap<String, String> {
    let descriptor = plugin.descriptor();
    let mut annotations = vec![
        ("title", descriptor.id.as_str()),
        ("version", &descriptor.version),
        ("description", &descriptor.summary),
    ];
    annotations.extend(created.map(|time| ("created", time)));
    let named = |(name, value): (&str, &str)| {
        (format!("org.opencontainers.image.{name}"), value.to_owned())
    };
    annotations.into_iter().map(named).collect()
}

/// Writes the layout beside its place and moves it there: it is whole, or not there. The
/// last blob is the manifest.
fn write(folder: &Path, reference: &str, blobs: &[Vec<u8>]) -> Result<(), KitError> {
    let draft = file::new_folder(folder, "name another folder, or remove it")?;
    let place = draft.path().join("blobs").join("sha256");
    fs::create_dir_all(&place).map_err(KitError::file(&place, "made"))?;
    let put =
        |path: PathBuf, bytes: &[u8]| fs::write(&path, bytes).map_err(KitError::writing(&path));
    for bytes in blobs {
        let digest = arrears_host::digest(bytes);
        put(place.join(digest.trim_start_matches("sha256:")), bytes)?;
    }
    let layout = Layout { image_layout_version: LAYOUT_VERSION.to_owned() };
    put(draft.path().join("oci-layout"), &json(&layout))?;
    let mut manifest = Blob::of(MANIFEST, blobs.last().map_or(&[][..], Vec::as_slice));
    manifest.artifact_type = Some(WASM.to_owned());
    let name = "org.opencontainers.image.ref.name".to_owned();
    manifest.annotations.insert(name, reference.to_owned());
    let index =
        Index { schema_version: 2, media_type: INDEX.to_owned(), manifests: vec![manifest] };
    put(draft.path().join("index.json"), &json(&index))?;
    draft.keep()
}

/// The bytes of a document, always the same: members are in the order of their fields.
fn json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("texts, numbers and lists of them can be written as JSON")
}
