//! A component comes in: checked, compiled, registered, active.

use super::record::{self, Active};
use crate::error::RunError;
use arrears_host::Host;
use arrears_storage::Store;
use serde::Serialize;

/// Where operators put components in the bucket of plugins.
pub const COMPONENTS: &str = "components/";

/// Where artifacts are in the bucket of plugins.
const ARTIFACTS: &str = "artifacts/";

/// The key of an artifact.
pub(super) fn artifact_key(file: &str) -> String {
    format!("{ARTIFACTS}{file}")
}

/// What became of all components.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readmitted {
    /// Those that are active now.
    pub admitted: Vec<Active>,
    /// Those that were refused: the key, and why.
    pub refused: Vec<(String, String)>,
}

/// Admits a component and makes it the active one of its plugin. `name` is for messages.
/// Whatever this writes may be written again; what is active is changed last.
///
/// # Errors
/// The component is refused, or another active plugin performs one of its actions; or
/// the store fails.
pub async fn admit(
    store: &Store,
    plugins: &Store,
    host: &Host,
    name: &str,
    wasm: &[u8],
) -> Result<Active, RunError> {
    // To compile takes a second or so; other tasks must not wait.
    let compiled = tokio::task::block_in_place(|| host.compile(wasm));
    let (_, registration, artifact) = compiled
        .map_err(|source| RunError::Plugin { name: name.to_owned(), source: Box::new(source) })?;
    let active = Active::of(&registration);
    ensure_alone(store, &active).await?;
    match plugins.put_object_new(&artifact_key(&artifact.file), artifact.bytes).await {
        Err(error) if !error.is_already_exists() => return Err(error.into()),
        // Its name has its digest, and who loads it looks at all of it.
        _ => {}
    }
    record::register(store, &registration).await?;
    record::activate(store, &active).await?;
    Ok(active)
}

/// Refuses a plugin that performs an action of another one.
async fn ensure_alone(store: &Store, wanted: &Active) -> Result<(), RunError> {
    for other in record::list(store).await? {
        let both = other.actions.iter().find(|action| wanted.actions.contains(action));
        if let Some(action_type) = both.filter(|_| other.id != wanted.id) {
            return Err(RunError::SameActionType {
                action_type: action_type.clone(),
                first: other.id,
                second: wanted.id.clone(),
            });
        }
    }
    Ok(())
}

/// Admits a component of the bucket of plugins, by its key.
///
/// # Errors
/// As [`admit`]; or there is no such component.
pub async fn admit_object(
    store: &Store,
    plugins: &Store,
    host: &Host,
    key: &str,
) -> Result<Active, RunError> {
    if !key.starts_with(COMPONENTS) || !key.ends_with(".wasm") {
        let reason = format!("{key} is no component; put it to {COMPONENTS}NAME.wasm");
        return Err(RunError::Request { reason });
    }
    let wasm = plugins.get_object(key).await?;
    admit(store, plugins, host, key, &wasm).await
}

/// Admits every component of the bucket again: after an upgrade of the sandbox their
/// artifacts are of another one.
///
/// # Errors
/// The store fails. That a component is refused is part of the answer.
pub async fn readmit_all(
    store: &Store,
    plugins: &Store,
    host: &Host,
) -> Result<Readmitted, RunError> {
    let mut readmitted = Readmitted::default();
    for object in plugins.list_objects(COMPONENTS).await? {
        match admit_object(store, plugins, host, &object.key).await {
            Ok(active) => readmitted.admitted.push(active),
            Err(error @ RunError::Storage(_)) => return Err(error),
            Err(error) => {
                let reason = crate::error::chain(&error);
                readmitted.refused.push((object.key, reason));
            }
        }
    }
    Ok(readmitted)
}
