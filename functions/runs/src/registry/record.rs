//! What the table knows of plugins.

use crate::error::RunError;
use arrears_host::Registration;
use arrears_storage::{Order, Revision, Store};
use serde::{Deserialize, Serialize};

/// Registrations, by the digest of the component.
const REGISTRATIONS: &str = "plugin-registration";
/// Which component is active, by the plugin's id.
const ACTIVE: &str = "plugin-active";

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
}

impl Active {
    pub(super) fn of(registration: &Registration) -> Self {
        let descriptor = &registration.descriptor;
        Self {
            id: descriptor.id.clone(),
            version: descriptor.version.clone(),
            digest: registration.digest.clone(),
            actions: descriptor.actions.clone(),
        }
    }
}

/// The active plugins, by id.
///
/// # Errors
/// The store fails.
pub async fn list(store: &Store) -> Result<Vec<Active>, RunError> {
    Ok(store.documents(ACTIVE, "", Order::Ascending, None).await?)
}

/// What is registered of a component.
pub(super) async fn registration(
    store: &Store,
    digest: &str,
) -> Result<Option<Registration>, RunError> {
    let found: Option<(Registration, Revision)> = store.document(REGISTRATIONS, digest).await?;
    Ok(found.map(|(registration, _)| registration))
}

/// Registers a component, or says what its artifact is from now on.
pub(super) async fn register(store: &Store, registration: &Registration) -> Result<(), RunError> {
    put(store, REGISTRATIONS, &registration.digest, registration).await
}

/// Makes a component the active one of its plugin.
pub(super) async fn activate(store: &Store, active: &Active) -> Result<(), RunError> {
    put(store, ACTIVE, &active.id, active).await
}

/// Writes a document whatever is there: the last one counts.
async fn put<T>(store: &Store, partition: &str, sort: &str, document: &T) -> Result<(), RunError>
where
    T: Serialize + serde::de::DeserializeOwned + PartialEq,
{
    loop {
        let found: Option<(T, Revision)> = store.document(partition, sort).await?;
        let is_written = match found {
            Some((there, _)) if there == *document => true,
            Some((_, revision)) => {
                store.replace_document(partition, sort, revision, document).await?.is_some()
            }
            None => match store.create_document(partition, sort, document).await {
                Ok(_) => true,
                Err(error) if error.is_already_exists() => false,
                Err(error) => return Err(error.into()),
            },
        };
        if is_written {
            return Ok(());
        }
    }
}
