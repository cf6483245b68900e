//! The agency's trust, as it is stored: whom it trusts, and whose keys it has revoked.
//!
//! The trust is the law at any time. When another one is loaded, or a key is revoked, what
//! was admitted before is looked at again: what may go on gets the new grant, and what may
//! not is put in quarantine.

use super::error::RegistryError;
use super::known::{self, Known, Origin, Quarantine, STRIKES_MAX};
use super::record::change;
use crate::error::RunError;
use crate::run::now;
use arrears_host::trust::{Trust, TrustError};
use arrears_storage::{Revision, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const TRUST: (&str, &str) = ("plugin-trust", "trust");

/// What a trust file holds beside the vendors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Strikes after which a component is in quarantine.
    #[serde(default)]
    strikes_max: Option<u64>,
    #[serde(default)]
    vendor: Vec<arrears_host::trust::Vendor>,
}

/// The trust of an agency, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTrust {
    /// Whom it trusts.
    pub trust: Trust,
    /// Strikes after which a component is in quarantine; none leaves it to the product.
    pub strikes_max: Option<u64>,
    /// When it was loaded, in UTC.
    pub loaded_at: String,
    /// Keys that are trusted no more, with the reason.
    pub revoked: BTreeMap<String, String>,
}

impl StoredTrust {
    /// Strikes after which a component is in quarantine.
    #[must_use]
    pub fn strikes_max(&self) -> u64 {
        self.strikes_max.unwrap_or(STRIKES_MAX)
    }

    /// Whether the component may still be called, and what it may do.
    pub(super) fn judge(&self, known: &Known) -> Result<Option<arrears_host::Grant>, String> {
        let Origin::Vendor { vendor, key } = &known.origin else { return Ok(None) };
        if let Some(reason) = self.revoked.get(key) {
            return Err(format!("the key of {vendor} that signed it was revoked: {reason}"));
        }
        let found = self.trust.vendor_of(key);
        let found = found.ok_or_else(|| format!("the trust has no key of {vendor} any more"))?;
        found.grant(&known.descriptor).map(Some).map_err(|error| error.to_string())
    }
}

/// What a change of the trust has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Components that go on, with another grant than before.
    pub changed: Vec<Known>,
    /// Components that were put in quarantine.
    pub quarantined: Vec<Known>,
}

/// The stored trust; none if there never was one.
///
/// # Errors
/// The store fails.
pub async fn stored(store: &Store) -> Result<Option<StoredTrust>, RunError> {
    let found: Option<(StoredTrust, Revision)> = store.document(TRUST.0, TRUST.1).await?;
    Ok(found.map(|(trust, _)| trust))
}

/// Reads a trust file, in TOML; `name` is for messages.
///
/// # Errors
/// [`RegistryError::TrustFile`] with the line.
pub fn read(name: &str, text: &str) -> Result<(Trust, Option<u64>), RunError> {
    let wrong = |line: Option<usize>, reason: String| {
        RunError::Registry(RegistryError::TrustFile {
            place: line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}")),
            reason,
        })
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count());
        wrong(line, error.message().to_owned())
    })?;
    if file.strikes_max == Some(0) {
        return Err(wrong(None, "`strikes_max` is 0: no plugin could ever be called".to_owned()));
    }
    let trust = Trust { vendors: file.vendor };
    trust.check().map_err(|error| wrong(None, error.to_string()))?;
    Ok((trust, file.strikes_max))
}

/// Makes a trust file the agency's trust.
///
/// # Errors
/// The file has a mistake, or names a key that was revoked; or the store fails.
pub async fn load(store: &Store, name: &str, text: &str) -> Result<Judged, RunError> {
    let (trust, strikes_max) = read(name, text)?;
    let loaded_at = now();
    change(store, TRUST, |found: Option<&StoredTrust>| {
        let revoked = found.map(|it| it.revoked.clone()).unwrap_or_default();
        let mut keys = trust.vendors.iter().flat_map(|vendor| &vendor.keys);
        if let Some(key) = keys.find(|key| revoked.contains_key(*key)) {
            let reason = format!(
                "the key {key} was revoked ({}); have the vendor sign with a new one",
                revoked[key]
            );
            return Err(RunError::Registry(RegistryError::TrustFile {
                place: name.to_owned(),
                reason,
            }));
        }
        let trust = trust.clone();
        Ok(StoredTrust { trust, strikes_max, loaded_at: loaded_at.clone(), revoked })
    })
    .await?;
    judge_all(store).await
}

/// Revokes a key, or all keys of a vendor, for ever: what they have signed is put in
/// quarantine.
///
/// # Errors
/// The trust has no such key or vendor; or the store fails.
pub async fn revoke(store: &Store, who: &str, reason: &str) -> Result<Judged, RunError> {
    change(store, TRUST, |found: Option<&StoredTrust>| {
        let unknown = || RunError::Registry(RegistryError::UnknownKey { key: who.to_owned() });
        let mut next = found.cloned().ok_or_else(unknown)?;
        let mut keys = Vec::new();
        for vendor in &mut next.trust.vendors {
            let is_all = vendor.name == who;
            keys.extend(vendor.keys.extract_if(.., |key| is_all || key == who));
        }
        let was_before = next.revoked.contains_key(who);
        if keys.is_empty() && !was_before {
            return Err(unknown());
        }
        for key in keys {
            next.revoked.entry(key).or_insert_with(|| reason.to_owned());
        }
        Ok(next)
    })
    .await?;
    judge_all(store).await
}

/// Looks at all that was admitted, with the trust as it is now.
async fn judge_all(store: &Store) -> Result<Judged, RunError> {
    let mut judged = Judged::default();
    let Some(trust) = stored(store).await? else { return Ok(judged) };
    for (digest, component) in known::known(store).await? {
        match trust.judge(&component) {
            Ok(None) => {}
            Ok(Some(grant)) if grant == component.grant => {}
            Ok(Some(grant)) => {
                known::revise(store, &digest, |it| it.grant = grant.clone()).await?;
                judged.changed.push(Known { grant, ..component });
            }
            Err(_) if component.quarantine.is_some() => {}
            Err(reason) => {
                let quarantine = Some(Quarantine::now(reason));
                known::revise(store, &digest, |it| it.quarantine = quarantine.clone()).await?;
                judged.quarantined.push(Known { quarantine, ..component });
            }
        }
    }
    Ok(judged)
}

/// Whose signature a component has, as far as the trust goes.
pub(super) async fn verify(
    store: &Store,
    name: &str,
    (wasm, signature): (&[u8], Option<&str>),
) -> Result<(arrears_host::trust::Vendor, String), RunError> {
    let untrusted = |source: TrustError| {
        RunError::Registry(RegistryError::Untrusted { name: name.to_owned(), source })
    };
    let trust = stored(store).await?.map(|it| it.trust).unwrap_or_default();
    let signed = trust.verify(wasm, signature).map_err(untrusted)?;
    Ok((signed.vendor.clone(), signed.key.to_owned()))
}
