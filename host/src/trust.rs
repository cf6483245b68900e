//! Who may publish which plugins, and what those may do.
//!
//! A vendor signs a component with a key; the signature is a file of minisign's format
//! beside the component. An agency's trust names the vendors, their keys, and for each
//! vendor the plugins that it may publish with the effects and amounts that these get.
//! What a component says of itself is never believed beyond that: the grant that a run
//! enforces is what the agency allows *and* the plugin declares.
//!
//! Format: <https://jedisct1.github.io/minisign/>, prehashed signatures only.

use std::collections::BTreeSet;

use minisign_verify::{Error, PublicKey, Signature};
use serde::{Deserialize, Serialize};

use crate::check::Grant;
use crate::contract::{Descriptor, EffectKind};

/// What only the names of this product's own plugins may begin with, as it is seen.
const RESERVED: &str = "arrears";

/// Whom an agency trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The vendors.
    #[serde(default, rename = "vendor")]
    pub vendors: Vec<Vendor>,
}

/// A vendor whom an agency trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Its name, for people.
    pub name: String,
    /// Its public keys, as the second line of minisign's `.pub` files has them.
    pub keys: Vec<String>,
    /// What it may publish.
    #[serde(default, rename = "plugin")]
    pub plugins: Vec<Publication>,
}

/// Plugins that a vendor may publish, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The plugin's id, or how ids begin that end in anything: `acme-sms`, `acme-*`.
    pub id: String,
    /// The action types that it may perform, in the same way; none leaves it to the plugin.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The kinds of effects that it may return: `custom`, `notice`.
    #[serde(with = "effect_names")]
    pub effects: BTreeSet<EffectKind>,
    /// The most that one effect may put on an account, in the smallest unit of its
    /// currency. It must be said where an effect of the list does put amounts on accounts.
    #[serde(default)]
    pub amount_minor_units_max: Option<i64>,
    /// Effects for one subject; the host's own limit holds besides.
    #[serde(default)]
    pub effects_per_case_max: Option<usize>,
    /// The most instructions that the plugin may declare for a subject.
    #[serde(default)]
    pub fuel_per_item_max: Option<u64>,
}

/// Kinds of effects by the names that the contract gives them.
pub(crate) mod effect_names {
    use super::{BTreeSet, EffectKind};
    use crate::contract::EFFECT_KINDS;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        kinds: &BTreeSet<EffectKind>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(kinds.iter().map(|kind| kind.name()))
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(
        deserializer: D,
    ) -> Result<BTreeSet<EffectKind>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let kind = |name: &String| {
            let found = EFFECT_KINDS.into_iter().find(|kind| kind.name() == name);
            found.ok_or_else(|| {
                let known = EFFECT_KINDS.map(EffectKind::name).join(", ");
                D::Error::custom(format!("`{name}` is no kind of effect; there are {known}"))
            })
        };
        names.iter().map(kind).collect()
    }
}

/// Why a component is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// There is no signature.
    #[error(
        "it is not signed: ask its vendor for the `.minisig` file that belongs to it (`arrears plugin sign` makes one)"
    )]
    Unsigned,
    /// The signature cannot be read.
    #[error(
        "its signature is no prehashed signature of minisign ({reason}): copy the `.minisig` file again, or have the component signed anew"
    )]
    Unreadable {
        /// What the reader says.
        reason: String,
    },
    /// The signature is of a key that no vendor of the trust has.
    #[error(
        "it is signed by a key that the agency does not trust; if it should, add the vendor's public key to the trust file and load it with `arrears plugin trust load FILE`"
    )]
    UnknownKey,
    /// The signature is of a trusted key, and of another file.
    #[error(
        "the signature by a key of {vendor} is not of this file: the file was altered, or the signature belongs to another one; get both again from the vendor"
    )]
    OtherFile {
        /// The vendor.
        vendor: String,
    },
    /// The vendor may not publish it.
    #[error("{vendor} may not publish it: {reason}")]
    NotGranted {
        /// The vendor.
        vendor: String,
        /// What is beyond the trust, and what to do.
        reason: String,
    },
    /// The plugin takes a name that is reserved.
    #[error(
        "`{name}` looks like the built-in `{built_in}`, and a clerk could take it for that: name it otherwise"
    )]
    Imitation {
        /// The id or action type.
        name: String,
        /// What it looks like.
        built_in: String,
    },
    /// The trust itself is wrong.
    #[error("{place}: {reason}")]
    Trust {
        /// Which vendor or plugin.
        place: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
}

/// Whose signature a component has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The vendor.
    pub vendor: &'a Vendor,
    /// The key, as the trust has it.
    pub key: &'a str,
}

impl Trust {
    /// Nothing if the trust can be used: keys are keys, and amounts are bounded.
    ///
    /// # Errors
    /// [`TrustError::Trust`] with the place.
    pub fn check(&self) -> Result<(), TrustError> {
        let mut keys = BTreeSet::new();
        for vendor in &self.vendors {
            let wrong = |reason: String| {
                let place = format!("vendor `{}`", vendor.name);
                Err(TrustError::Trust { place, reason })
            };
            if vendor.name.trim().is_empty() || vendor.name.chars().any(char::is_control) {
                return wrong("give the vendor a name of one line".to_owned());
            }
            for key in &vendor.keys {
                if let Err(error) = PublicKey::from_base64(key) {
                    return wrong(format!(
                        "`{key}` is no public key of minisign ({error}); take the second line of \
                         the `.pub` file"
                    ));
                }
                if !keys.insert(key) {
                    return wrong(format!("the key `{key}` is named twice"));
                }
            }
            vendor.plugins.iter().try_for_each(|publication| publication.check(vendor))?;
        }
        Ok(())
    }

    /// Whose signature the component has. `signature` is the text of the `.minisig` file.
    ///
    /// # Errors
    /// It has none of a trusted key.
    pub fn verify(&self, wasm: &[u8], signature: Option<&str>) -> Result<Signed<'_>, TrustError> {
        let signature = signature.ok_or(TrustError::Unsigned)?;
        let unreadable = |error: Error| TrustError::Unreadable { reason: error.to_string() };
        let signature = Signature::decode(signature).map_err(unreadable)?;
        for vendor in &self.vendors {
            for key in &vendor.keys {
                let public = PublicKey::from_base64(key).map_err(unreadable)?;
                match public.verify(wasm, &signature, false) {
                    Ok(()) => return Ok(Signed { vendor, key }),
                    Err(Error::UnexpectedKeyId) => {}
                    Err(Error::InvalidSignature) => {
                        return Err(TrustError::OtherFile { vendor: vendor.name.clone() });
                    }
                    Err(error) => return Err(unreadable(error)),
                }
            }
        }
        Err(TrustError::UnknownKey)
    }

    /// The vendor that has the key.
    #[must_use]
    pub fn vendor_of(&self, key: &str) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.keys.iter().any(|own| own == key))
    }
}

impl Publication {
    fn check(&self, vendor: &Vendor) -> Result<(), TrustError> {
        let wrong = |reason: &str| {
            let place = format!("vendor `{}`, plugin `{}`", vendor.name, self.id);
            Err(TrustError::Trust { place, reason: reason.to_owned() })
        };
        let stem = self.id.trim_end_matches('*');
        if stem.is_empty() || stem.contains('*') {
            return wrong("write the id, or how it begins: `acme-sms` or `acme-*`");
        }
        if self.effects.iter().any(|kind| puts_amounts(*kind))
            && self.amount_minor_units_max.is_none_or(|most| most <= 0)
        {
            return wrong(
                "it may put amounts on accounts: say up to which, with a positive \
                 `amount_minor_units_max`",
            );
        }
        Ok(())
    }
}

fn puts_amounts(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::OneOffCharge | EffectKind::OneOffPenalty | EffectKind::DepositCharge)
}

impl Vendor {
    /// What the vendor's plugin may do.
    ///
    /// # Errors
    /// [`TrustError::NotGranted`] if the vendor may not publish it as it declares itself.
    pub fn grant(&self, descriptor: &Descriptor) -> Result<Grant, TrustError> {
        let refused = |reason: String| TrustError::NotGranted { vendor: self.name.clone(), reason };
        let id = &descriptor.id;
        let found = self.plugins.iter().find(|it| is_like(id, &it.id));
        let publication = found.ok_or_else(|| {
            refused(format!("the trust names no plugin `{id}` of this vendor; add it if it should"))
        })?;
        let is_allowed = |action: &String| publication.actions.iter().any(|it| is_like(action, it));
        if !publication.actions.is_empty()
            && let Some(action) = descriptor.actions.iter().find(|action| !is_allowed(action))
        {
            return Err(refused(format!("`{id}` performs `{action}`, which is not in `actions`")));
        }
        let beyond = descriptor.effects_used.iter().find(|it| !publication.effects.contains(it));
        if let Some(kind) = beyond {
            return Err(refused(format!(
                "`{id}` declares effects of kind `{kind}`, which is not in `effects`"
            )));
        }
        if let Some(most) = publication.fuel_per_item_max
            && descriptor.fuel_per_item > most
        {
            let wants = descriptor.fuel_per_item;
            return Err(refused(format!(
                "`{id}` declares {wants} instructions for a subject, more than the {most} of \
                 `fuel_per_item_max`"
            )));
        }
        Ok(Grant {
            effects: descriptor.effects_used.iter().copied().collect(),
            amount_minor_units_max: publication.amount_minor_units_max.unwrap_or(0),
            effects_per_case_max: publication.effects_per_case_max.unwrap_or(usize::MAX),
        })
    }
}

/// Whether the name is the one of the pattern, or begins as the pattern says.
fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => name == pattern,
    }
}

/// Refuses a plugin whose id or action type is a built-in's, or could be taken for it: what
/// is one letter away, or looks the same. `built_in` are ids and action types.
///
/// # Errors
/// [`TrustError::Imitation`].
pub fn not_an_imitation(descriptor: &Descriptor, built_in: &[&str]) -> Result<(), TrustError> {
    for name in descriptor.actions.iter().chain([&descriptor.id]) {
        if as_seen(name).starts_with(RESERVED) {
            let built_in = format!("{RESERVED}-*");
            return Err(TrustError::Imitation { name: name.clone(), built_in });
        }
        if let Some(other) = built_in.iter().find(|other| looks_like(name, other)) {
            let built_in = (*other).to_owned();
            return Err(TrustError::Imitation { name: name.clone(), built_in });
        }
    }
    Ok(())
}

/// Names as short as this are too near to one another for one letter to matter.
const SHORT_BYTES: usize = 4;

fn looks_like(name: &str, other: &str) -> bool {
    let (seen, expected) = (as_seen(name), as_seen(other));
    let is_near = expected.len() > SHORT_BYTES && distance_is_one(&seen, &expected);
    seen == expected || is_near
}

/// A name with what looks alike made the same, and without what is overlooked.
fn as_seen(name: &str) -> String {
    let name = name.replace("rn", "m").replace("vv", "w");
    let seen = name.chars().filter(|c| !matches!(c, '-' | ':' | '_'));
    let alike = |c| match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '5' => 's',
        _ => c,
    };
    seen.map(alike).collect()
}

/// Whether one letter was put in, left out, or exchanged. Both are ASCII.
fn distance_is_one(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.bytes().zip(long.bytes()).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => same < short.len() && short.as_bytes()[same + 1..] == long.as_bytes()[same + 1..],
        1 => short.as_bytes()[same..] == long.as_bytes()[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
