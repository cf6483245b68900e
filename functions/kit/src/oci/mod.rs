//! A component as an OCI image layout, which any tool of container registries can push.
//!
//! The layout is that of the CNCF's guidance for Wasm: a manifest with one layer, the
//! component, of media type `application/wasm`, and a config that tells what it imports and
//! exports. The signature is an annotation of that layer, so that it goes wherever the
//! component goes. The same component gives the same bytes.

mod document;
mod pack;
mod unpack;

pub use pack::{Packed, pack};
pub use unpack::{Unpacked, unpack};
