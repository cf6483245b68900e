//! What an agency knows of a component beside what it is: who published it, what it may
//! do, and how it has behaved.
//!
//! A component is known by its digest. The same plugin in another version is another
//! component, with its own strikes.

use super::error::RegistryError;
use super::record::change;
use crate::error::RunError;
use crate::prepare::Prepared;
use crate::record::Totals;
use crate::run::now;
use arrears_host::{Descriptor, Grant};
use arrears_storage::{Order, Store};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const PARTITION: &str = "plugin";

/// Strikes after which a component is in quarantine, where the agency's trust says nothing
/// else. A subject that makes a plugin trap is one strike: a single strange account is no
/// reason to stop, ten of them are.
pub const STRIKES_MAX: u64 = 10;

/// Digits of a digest that name a component.
const DIGITS_MIN: usize = 6;

/// A component that an agency has admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The digest of the component.
    pub digest: String,
    /// What it said of itself when it was admitted, but for its config schema, which is most
    /// of it: each chunk of a run reads all that is known.
    pub descriptor: Descriptor,
    /// Who published it.
    pub origin: Origin,
    /// What it may do.
    pub grant: Grant,
    /// When it was admitted first, in UTC.
    pub added_at: String,
    /// Its strikes, by where it got them: a chunk of a run. A chunk that is worked on again
    /// counts once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strikes: BTreeMap<String, u64>,
    /// Why it is not called any more, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
}

/// Who published a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It came with this product.
    BuiltIn,
    /// A vendor whom the agency trusts has signed it.
    Vendor {
        /// The vendor's name.
        vendor: String,
        /// The public key, as the trust has it.
        key: String,
    },
}

/// Why a component is not called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Why, for people.
    pub reason: String,
    /// Since when, in UTC.
    pub since: String,
}

impl Quarantine {
    pub(super) fn now(reason: String) -> Self {
        Self { reason, since: now() }
    }
}

impl Known {
    /// A component that is admitted now.
    pub(super) fn new(digest: &str, descriptor: &Descriptor, origin: Origin, grant: Grant) -> Self {
        Self {
            digest: digest.to_owned(),
            descriptor: Descriptor { config_schema: String::new(), ..descriptor.clone() },
            origin,
            grant,
            added_at: now(),
            strikes: BTreeMap::new(),
            quarantine: None,
        }
    }

    /// All its strikes.
    #[must_use]
    pub fn strikes(&self) -> u64 {
        self.strikes.values().sum()
    }

    /// The plugin's id and version.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.descriptor.id, self.descriptor.version)
    }

    /// Refuses it if it is in quarantine.
    pub(super) fn ensure_free(&self) -> Result<(), RunError> {
        match &self.quarantine {
            None => Ok(()),
            Some(quarantine) => {
                let (name, reason) = (self.name(), quarantine.reason.clone());
                Err(RunError::Registry(RegistryError::Quarantined { name, reason }))
            }
        }
    }
}

/// All components that the agency knows, by digest.
///
/// # Errors
/// The store fails.
pub async fn known(store: &Store) -> Result<BTreeMap<String, Known>, RunError> {
    let all: Vec<Known> = store.documents(PARTITION, "", Order::Ascending, None).await?;
    Ok(all.into_iter().map(|known| (known.digest.clone(), known)).collect())
}

/// The digests of the components that are in quarantine.
///
/// # Errors
/// The store fails.
pub async fn quarantined(store: &Store) -> Result<BTreeSet<String>, RunError> {
    let all = known(store).await?.into_values();
    Ok(all.filter(|it| it.quarantine.is_some()).map(|it| it.digest).collect())
}

/// One of them.
///
/// # Errors
/// The store fails.
pub async fn find(store: &Store, digest: &str) -> Result<Option<Known>, RunError> {
    Ok(store.document(PARTITION, digest).await?.map(|(known, _)| known))
}

/// Refuses a component that is in quarantine.
pub(super) async fn ensure_free(store: &Store, digest: &str) -> Result<(), RunError> {
    find(store, digest).await?.map_or(Ok(()), |known| known.ensure_free())
}

/// Makes a component known. One that is known keeps its strikes and its quarantine.
pub(super) async fn remember(store: &Store, wanted: &Known) -> Result<(), RunError> {
    change(store, (PARTITION, &wanted.digest), |found: Option<&Known>| {
        Ok(match found {
            Some(there) => Known {
                strikes: there.strikes.clone(),
                quarantine: there.quarantine.clone(),
                added_at: there.added_at.clone(),
                ..wanted.clone()
            },
            None => wanted.clone(),
        })
    })
    .await
    .map(drop)
}

/// Changes what is known of a component, and says what is known then.
///
/// # Errors
/// It is not known; or the store fails.
pub(super) async fn revise(
    store: &Store,
    digest: &str,
    next: impl Fn(&mut Known),
) -> Result<Known, RunError> {
    let unknown = || RunError::Registry(RegistryError::UnknownPlugin { name: digest.to_owned() });
    change(store, (PARTITION, digest), |found: Option<&Known>| {
        let mut known = found.cloned().ok_or_else(unknown)?;
        next(&mut known);
        Ok(known)
    })
    .await
}

/// Makes a built-in component known, if it is not: nobody adds one.
///
/// # Errors
/// The store fails.
pub async fn remember_built_in(
    store: &Store,
    digest: &str,
    descriptor: &Descriptor,
) -> Result<(), RunError> {
    if find(store, digest).await?.is_some() {
        return Ok(());
    }
    let grant = Grant::of(descriptor);
    remember(store, &Known::new(digest, descriptor, Origin::BuiltIn, grant)).await
}

/// The digest that somebody means: by the id of a plugin, its active component, and else the
/// one that is known by these first digits of its digest.
///
/// # Errors
/// There is none, or there are several; or the store fails.
pub async fn resolve(store: &Store, wanted: &str) -> Result<String, RunError> {
    let active = super::record::list(store).await?;
    if let Some(active) = active.into_iter().find(|active| active.id == wanted) {
        return Ok(active.digest);
    }
    let digits = wanted.trim_start_matches("sha256:");
    let is_meant = |it: &Known| {
        let hex = it.digest.trim_start_matches("sha256:");
        it.descriptor.id == wanted || digits.len() >= DIGITS_MIN && hex.starts_with(digits)
    };
    let meant: Vec<Known> = known(store).await?.into_values().filter(is_meant).collect();
    match meant.as_slice() {
        [one] => Ok(one.digest.clone()),
        [] => Err(RunError::Registry(RegistryError::UnknownPlugin { name: wanted.to_owned() })),
        several => Err(RunError::Registry(RegistryError::AmbiguousPlugin {
            name: wanted.to_owned(),
            digests: several.iter().map(|it| it.digest.as_str()).collect::<Vec<_>>().join(", "),
        })),
    }
}

/// Notes strikes of a component at a place: a chunk of a run, or an event. It is put in
/// quarantine if they are too many; that it is, is the answer.
///
/// # Errors
/// The store fails.
pub async fn strike(
    store: &Store,
    (digest, descriptor): (&str, &Descriptor),
    (place, strikes): (&str, u64),
) -> Result<bool, RunError> {
    let most = super::trust::stored(store).await?.map_or(STRIKES_MAX, |it| it.strikes_max());
    remember_built_in(store, digest, descriptor).await?;
    let known = revise(store, digest, |known| {
        let there = known.strikes.entry(place.to_owned()).or_default();
        *there = strikes.max(*there);
        let all = known.strikes();
        if all >= most && known.quarantine.is_none() {
            let reason = format!("it has {all} strikes, the last of them at {place}");
            known.quarantine = Some(Quarantine::now(reason));
        }
    })
    .await?;
    Ok(known.quarantine.is_some())
}

/// Notes all strikes of a part of a run, and in the totals who was put in quarantine for them.
///
/// # Errors
/// The store fails.
pub(crate) async fn strike_all(
    store: &Store,
    prepared: &Prepared,
    place: &str,
    totals: &mut Totals,
) -> Result<(), RunError> {
    for (digest, used) in &mut totals.plugins {
        if used.strikes == 0 {
            continue;
        }
        let Some(plugin) = prepared.plugin(digest) else { continue };
        let about = (digest.as_str(), plugin.descriptor());
        used.is_quarantined = strike(store, about, (place, used.strikes)).await?;
        if used.is_quarantined {
            let name = &used.name;
            tracing::error!(plugin = name, digest, "plugin {name} is in quarantine");
        }
    }
    Ok(())
}

/// Puts a component in quarantine by hand.
///
/// # Errors
/// It is not known; or the store fails.
pub async fn quarantine(store: &Store, digest: &str, reason: &str) -> Result<Known, RunError> {
    revise(store, digest, |known| known.quarantine = Some(Quarantine::now(reason.to_owned()))).await
}

/// Lets a component out of quarantine; its strikes are forgotten.
///
/// # Errors
/// It is not known, or the agency's trust does not allow it; or the store fails.
pub async fn release(store: &Store, digest: &str) -> Result<Known, RunError> {
    if let (Some(trust), Some(known)) =
        (super::trust::stored(store).await?, find(store, digest).await?)
    {
        let barred =
            |reason| RunError::Registry(RegistryError::Barred { name: known.name(), reason });
        trust.judge(&known).map_err(barred)?;
    }
    revise(store, digest, |known| {
        known.quarantine = None;
        known.strikes.clear();
    })
    .await
}
