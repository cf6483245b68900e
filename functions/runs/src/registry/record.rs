//! What the table knows of plugins.

use super::error::RegistryError;
use super::known;
use crate::error::RunError;
use arrears_host::{Descriptor, Registration};
use arrears_storage::{Order, Revision, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Registrations, by the digest of the component and the release of the sandbox.
const REGISTRATIONS: &str = "plugin-registration";
/// Which components are active: one document for all plugins, since two that perform the
/// same action must not both become active, however they race.
const ACTIVE: (&str, &str) = ("plugin-active", "all");

/// Which component is active for a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The digest of the component.
    pub digest: String,
    /// The action types that it performs.
    pub actions: Vec<String>,
    /// When the component was put into the bucket, in milliseconds since 1970; none if it
    /// came by another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_at_ms: Option<i64>,
    /// The components that were active before, the last one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
}

/// Former components of a plugin that are remembered: who wants to go further back adds the
/// component again.
const FORMER_MAX: usize = 10;

impl Active {
    pub(super) fn of(registration: &Registration, put_at_ms: Option<i64>) -> Self {
        let descriptor = &registration.descriptor;
        Self { put_at_ms, ..Self::by_hand(&registration.digest, descriptor) }
    }

    fn by_hand(digest: &str, descriptor: &Descriptor) -> Self {
        Self {
            id: descriptor.id.clone(),
            version: descriptor.version.clone(),
            digest: digest.to_owned(),
            actions: descriptor.actions.clone(),
            put_at_ms: None,
            former: Vec::new(),
        }
    }

    /// Takes the place of another component of the plugin, which is remembered.
    fn after(mut self, former: &Self) -> Self {
        let mut all = former.former.clone();
        all.retain(|digest| *digest != self.digest);
        if former.digest != self.digest {
            all.push(former.digest.clone());
        }
        all.drain(..all.len().saturating_sub(FORMER_MAX));
        self.former = all;
        self
    }
}

/// The active plugins, by id.
///
/// # Errors
/// The store fails.
pub async fn list(store: &Store) -> Result<Vec<Active>, RunError> {
    let (partition, sort) = ACTIVE;
    let found: Option<(Vec<Active>, Revision)> = store.document(partition, sort).await?;
    Ok(found.map(|(all, _)| all).unwrap_or_default())
}

/// What is registered of components, by their digests: for this host, or else for another
/// one, whose artifact this one will refuse.
pub(super) async fn registrations(
    store: &Store,
) -> Result<BTreeMap<String, Registration>, RunError> {
    let all: Vec<Registration> = store.documents(REGISTRATIONS, "", Order::Ascending, None).await?;
    let mut found = BTreeMap::new();
    for registration in all {
        if registration.is_for_this_host() || !found.contains_key(&registration.digest) {
            found.insert(registration.digest.clone(), registration);
        }
    }
    Ok(found)
}

/// Registers a component, or says what its artifact is from now on.
pub(super) async fn register(store: &Store, registration: &Registration) -> Result<(), RunError> {
    let name = Registration::name_for_this_host(&registration.digest);
    change(store, (REGISTRATIONS, &name), |_| Ok(registration.clone())).await.map(drop)
}

/// Makes a component the active one of its plugin, unless one that was put into the bucket
/// after it is active: notices of the bucket may come late, and again. Gives the one that is
/// active then, with those before it.
///
/// # Errors
/// Another active plugin performs one of its actions; or the store fails.
pub(super) async fn activate(store: &Store, wanted: &Active) -> Result<Active, RunError> {
    let all = change(store, ACTIVE, |found: Option<&Vec<Active>>| {
        let mut all = found.cloned().unwrap_or_default();
        ensure_alone(&all, wanted)?;
        let present = all.iter().find(|it| it.id == wanted.id);
        // A plugin that was taken back keeps the time of the component that it was taken
        // back from, of which a notice may come again.
        let is_late = |it: &Active| match it.digest == wanted.digest {
            true => it.put_at_ms > wanted.put_at_ms,
            false => wanted.put_at_ms.is_some() && it.put_at_ms >= wanted.put_at_ms,
        };
        if present.is_some_and(is_late) {
            return Ok(all);
        }
        replace(&mut all, wanted.clone());
        Ok(all)
    })
    .await?;
    Ok(active_of(all, wanted))
}

/// What is active of the plugin, which has just been written.
fn active_of(all: Vec<Active>, wanted: &Active) -> Active {
    all.into_iter().find(|it| it.id == wanted.id).unwrap_or_else(|| wanted.clone())
}

/// Puts a component in the place of the one that is active for its plugin.
fn replace(all: &mut Vec<Active>, wanted: Active) {
    let present = all.extract_if(.., |other| other.id == wanted.id).next();
    all.push(match present {
        Some(present) => wanted.after(&present),
        None => wanted,
    });
    all.sort_by(|a, b| a.id.cmp(&b.id));
}

/// Makes a component that the agency knows the active one of its plugin.
///
/// # Errors
/// It is not known, or in quarantine; another active plugin performs one of its actions; or
/// the store fails.
pub async fn activate_known(store: &Store, digest: &str) -> Result<Active, RunError> {
    let unknown = || RunError::Registry(RegistryError::UnknownPlugin { name: digest.to_owned() });
    let known = known::find(store, digest).await?.ok_or_else(unknown)?;
    known.ensure_free()?;
    let wanted = Active::by_hand(digest, &known.descriptor);
    let all = change(store, ACTIVE, |found: Option<&Vec<Active>>| {
        let mut all = found.cloned().unwrap_or_default();
        ensure_alone(&all, &wanted)?;
        let put_at_ms = all.iter().find(|it| it.id == wanted.id).and_then(|it| it.put_at_ms);
        replace(&mut all, Active { put_at_ms, ..wanted.clone() });
        Ok(all)
    })
    .await?;
    Ok(active_of(all, &wanted))
}

/// Makes the component the active one again that was active before.
///
/// # Errors
/// There is no such plugin, or no component before it; or as [`activate_known`].
pub async fn rollback(store: &Store, id: &str) -> Result<Active, RunError> {
    let all = list(store).await?;
    let unknown = || RunError::Registry(RegistryError::UnknownPlugin { name: id.to_owned() });
    let present = all.iter().find(|it| it.id == id).ok_or_else(unknown)?;
    let former = present.former.last();
    let former = former
        .ok_or_else(|| RunError::Registry(RegistryError::NoFormerPlugin { name: id.to_owned() }))?;
    activate_known(store, former).await
}

/// Refuses a plugin that performs an action of another one.
fn ensure_alone(all: &[Active], wanted: &Active) -> Result<(), RunError> {
    for other in all.iter().filter(|other| other.id != wanted.id) {
        let both = other.actions.iter().find(|action| wanted.actions.contains(action));
        if let Some(action_type) = both {
            return Err(RunError::SameActionType {
                action_type: action_type.clone(),
                first: other.id.clone(),
                second: wanted.id.clone(),
            });
        }
    }
    Ok(())
}

/// Writes what comes of a document, again if somebody else has written it meanwhile, and
/// gives what is there then.
pub(super) async fn change<T>(
    store: &Store,
    (partition, sort): (&str, &str),
    next: impl Fn(Option<&T>) -> Result<T, RunError>,
) -> Result<T, RunError>
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    loop {
        let found: Option<(T, Revision)> = store.document(partition, sort).await?;
        let document = next(found.as_ref().map(|(there, _)| there))?;
        let is_written = match found {
            Some((there, _)) if there == document => true,
            Some((_, revision)) => {
                store.replace_document(partition, sort, revision, &document).await?.is_some()
            }
            None => match store.create_document(partition, sort, &document).await {
                Ok(_) => true,
                Err(error) if error.is_already_exists() => false,
                Err(error) => return Err(error.into()),
            },
        };
        if is_written {
            return Ok(document);
        }
    }
}
