//! What `wit/` generates, alone in its file so that nothing else is generated.
#![expect(
    missing_docs,
    reason = "the WIT package documents what the macro generates; functions of the world have no text there"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "plugin",
    additional_derives: [
        Clone,
        PartialEq,
        Eq,
        PartialOrd,
        Ord,
        Hash,
        serde::Serialize,
        serde::Deserialize,
    ],
});
