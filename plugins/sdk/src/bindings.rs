//! The types and functions of `wit/`, as wit-bindgen generates them.

wit_bindgen::generate!({
    path: "../../wit",
    world: "plugin",
    pub_export_macro: true,
    default_bindings_module: "arrears_action_sdk::bindings",
    additional_derives: [PartialEq, Eq],
});
