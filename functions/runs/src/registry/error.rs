//! What can go wrong with the plugins of an agency.

/// Why a plugin does not come in, or is not called.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A component is not one that the agency trusts.
    #[error("plugin {name} is not trusted")]
    Untrusted {
        /// Which component.
        name: String,
        /// Why.
        #[source]
        source: arrears_host::trust::TrustError,
    },
    /// A trust file has a mistake.
    #[error("{place}: {reason}")]
    TrustFile {
        /// The file, with the line where there is one.
        place: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// No vendor has the key.
    #[error(
        "the trust has neither a key nor a vendor `{key}`; `arrears plugin trust show` names them"
    )]
    UnknownKey {
        /// What was asked for.
        key: String,
    },
    /// No plugin is known by the id or digest.
    #[error("there is no plugin `{name}`; `arrears plugin list --all` shows what there is")]
    UnknownPlugin {
        /// What was asked for.
        name: String,
    },
    /// A plugin has had no other component.
    #[error(
        "plugin {name} has had no component before the present one; `arrears plugin add FILE` adds one"
    )]
    NoFormerPlugin {
        /// The plugin's id.
        name: String,
    },
    /// Several components may be meant.
    #[error("`{name}` may be any of {digests}; type more digits of the one that is meant")]
    AmbiguousPlugin {
        /// What was asked for.
        name: String,
        /// The digests.
        digests: String,
    },
    /// The function that admits components has refused one.
    #[error("{key} was refused: {reason}")]
    NotAdmitted {
        /// The key of the component.
        key: String,
        /// Why.
        reason: String,
    },
    /// Nobody said where the agency's components are.
    #[error(
        "plugin {name} is not built in, and nothing says where the components are; name the bucket of plugins with `--plugin-bucket`"
    )]
    NoPluginBucket {
        /// The plugin's id and version.
        name: String,
    },
    /// There is no run whose journal a plugin could be tried on.
    #[error(
        "there is no finished collections or delinquency run yet whose journal could be used; run one first, or add the plugin without `--shadow`"
    )]
    NothingToShadow,
    /// A plugin is in quarantine, and is wanted all the same.
    #[error(
        "plugin {name} is in quarantine: {reason}; `arrears plugin release` lets it out, once that is mended"
    )]
    Quarantined {
        /// The plugin's id and version.
        name: String,
        /// Why.
        reason: String,
    },
    /// A plugin is to come out of quarantine, and the trust does not allow it.
    #[error(
        "plugin {name} stays in quarantine, since the trust does not allow it: {reason}; `arrears plugin trust show` shows what it allows"
    )]
    Barred {
        /// The plugin's id and version.
        name: String,
        /// Why.
        reason: String,
    },
}
