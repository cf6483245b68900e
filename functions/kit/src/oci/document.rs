//! The documents of a layout, as the image specification defines them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Media type of a component.
pub(super) const WASM: &str = "application/wasm";
/// Media type of its config.
pub(super) const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// Media type of a manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of the index of a layout.
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Version of the layout.
pub(super) const LAYOUT_VERSION: &str = "1.0.0";
/// The annotation that holds the text of the `.minisig` file.
pub(super) const SIGNATURE: &str = "io.github.jedisct1.minisign.signature";

/// The file `oci-layout`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Layout {
    pub(super) image_layout_version: String,
}

/// The file `index.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    pub(super) schema_version: u32,
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) manifests: Vec<Blob>,
}

/// A manifest.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) schema_version: u32,
    #[serde(default)]
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    pub(super) config: Blob,
    pub(super) layers: Vec<Blob>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

/// What names a blob: the specification calls it a descriptor.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Blob {
    /// What names these bytes.
    pub(super) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: arrears_host::digest(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// The config of a component.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    pub(super) created: String,
    pub(super) architecture: String,
    pub(super) os: String,
    pub(super) layer_digests: Vec<String>,
    pub(super) component: Interfaces,
}

/// What a component imports and exports.
#[derive(Serialize, Deserialize)]
pub(super) struct Interfaces {
    pub(super) exports: Vec<String>,
    pub(super) imports: Vec<String>,
    pub(super) target: Option<String>,
}
