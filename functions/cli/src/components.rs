//! The eight built-in plugins, carried inside the binary.

/// Each with the name of its folder in `plugins/`. They are components like any
/// vendor's, and are admitted like one.
pub const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/components.rs"));
