//! A component comes in: checked, compiled, registered, active.

use super::record::{self, Active};
use crate::error::RunError;
use crate::step::StepError;
use arrears_host::{Host, HostError, Registration};
use arrears_storage::{ObjectBody, ObjectEntry, Store};
use serde::Serialize;

/// Where operators put components in the bucket of plugins.
pub const COMPONENTS: &str = "components/";

/// Where artifacts are in the bucket of plugins.
const ARTIFACTS: &str = "artifacts/";

/// The key of an artifact.
pub(super) fn artifact_key(file: &str) -> String {
    format!("{ARTIFACTS}{file}")
}

/// The names that are tried for an artifact whose name is taken by something else.
const COPIES_MAX: u32 = 100;

/// What became of all components.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readmitted {
    /// Those that were admitted: of each plugin one is active.
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
    let admitted = register(store, plugins, host, (name, None), wasm).await?;
    record::activate(store, &admitted).await?;
    Ok(admitted)
}

/// Compiles a component and registers it, so that it can be loaded by its digest.
async fn register(
    store: &Store,
    plugins: &Store,
    host: &Host,
    (name, put_at_ms): (&str, Option<i64>),
    wasm: &[u8],
) -> Result<Active, RunError> {
    // To compile takes a second or so; other tasks must not wait.
    let compiled = tokio::task::block_in_place(|| host.compile(wasm));
    let (_, mut registration, artifact) = compiled.map_err(|error| refused(name, error))?;
    let admitted = Active::of(&registration, put_at_ms);
    keep(plugins, &registration.digest, wasm).await?;
    put_artifact(plugins, &mut registration, artifact.bytes.into()).await?;
    record::register(store, &registration).await?;
    Ok(admitted)
}

/// Keeps a component under its digest: the bucket's own may be replaced by the next version
/// while runs go on that have begun with this one, and after an upgrade of the sandbox they
/// need it compiled again.
async fn keep(plugins: &Store, digest: &str, wasm: &[u8]) -> Result<(), RunError> {
    match plugins.put_object_new(&kept_key(digest), wasm.to_vec()).await {
        Err(error) if !error.is_already_exists() => Err(error.into()),
        _ => Ok(()),
    }
}

/// The key of a component that was admitted.
fn kept_key(digest: &str) -> String {
    format!("{ARTIFACTS}{}.wasm", digest.trim_start_matches("sha256:"))
}

/// Puts an artifact where nothing else is. Files are written once; one that was altered
/// keeps its name, and the artifact gets another.
async fn put_artifact(
    plugins: &Store,
    registration: &mut Registration,
    body: ObjectBody,
) -> Result<(), RunError> {
    let name = registration.artifact.clone();
    let stem = name.trim_end_matches(".cwasm");
    for copy in 1..=COPIES_MAX {
        if copy > 1 {
            registration.artifact = format!("{stem}-{copy}.cwasm");
        }
        let key = artifact_key(&registration.artifact);
        match plugins.put_object_new(&key, body.clone()).await {
            Ok(()) => return Ok(()),
            Err(error) if !error.is_already_exists() => return Err(error.into()),
            Err(_) if registration.is_of(&plugins.get_object(&key).await?) => return Ok(()),
            Err(_) => {}
        }
    }
    // Nobody but whoever admits may write there, and it has written none of these.
    Err(refused(&registration.name(), registration.altered()))
}

fn refused(name: &str, source: HostError) -> RunError {
    RunError::Plugin { name: name.to_owned(), source: Box::new(source) }
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
        return Err(RunError::Step(StepError::Request { reason }));
    }
    let found = plugins.list_objects(key).await?.into_iter().find(|object| object.key == key);
    let Some(object) = found else {
        let reason = format!("{key} is not in the bucket of plugins any more");
        return Err(RunError::Step(StepError::Request { reason }));
    };
    let admitted = register_object(store, plugins, host, &object).await?;
    record::activate(store, &admitted).await?;
    Ok(admitted)
}

/// Fetches a component, unless its size alone would have it refused.
async fn component(
    plugins: &Store,
    host: &Host,
    object: &ObjectEntry,
) -> Result<Vec<u8>, RunError> {
    let bytes = usize::try_from(object.bytes).unwrap_or(usize::MAX);
    let bytes_max = host.limits().component_bytes_max;
    if bytes > bytes_max {
        return Err(refused(&object.key, HostError::TooLarge { bytes, bytes_max }));
    }
    Ok(plugins.get_object(&object.key).await?.into())
}

/// Admits every component of the bucket again, and every one that was admitted before: after
/// an upgrade of the sandbox their artifacts are of another one. What is active stays so, even if the bucket has another
/// version of it; where nothing is, or its component is gone, the last by key becomes active.
///
/// # Errors
/// The store fails. That a component is refused is part of the answer.
pub async fn readmit_all(
    store: &Store,
    plugins: &Store,
    host: &Host,
) -> Result<Readmitted, RunError> {
    let mut readmitted = Readmitted::default();
    let mut keys = Vec::new();
    for object in plugins.list_objects(COMPONENTS).await? {
        if !object.key.ends_with(".wasm") {
            continue;
        }
        let registered = register_object(store, plugins, host, &object).await;
        if let Some(admitted) = readmitted.take(&object.key, registered)? {
            keys.push((object.key, admitted));
        }
    }
    let now: Vec<String> = keys.iter().map(|(_, admitted)| kept_key(&admitted.digest)).collect();
    for object in plugins.list_objects(ARTIFACTS).await? {
        if object.key.ends_with(".wasm") && !now.contains(&object.key) {
            let registered = register_object(store, plugins, host, &object).await;
            readmitted.take(&object.key, registered)?;
        }
    }
    let active = record::list(store).await?;
    for (key, admitted) in &keys {
        let is_of_it = |it: &&Active| it.id == admitted.id;
        let stays = active
            .iter()
            .find(is_of_it)
            .is_some_and(|it| keys.iter().any(|(_, other)| other.digest == it.digest));
        let activated = if stays { Ok(()) } else { record::activate(store, admitted).await };
        if readmitted.take(key, activated)?.is_some() {
            readmitted.admitted.push(admitted.clone());
        }
    }
    Ok(readmitted)
}

async fn register_object(
    store: &Store,
    plugins: &Store,
    host: &Host,
    object: &ObjectEntry,
) -> Result<Active, RunError> {
    let wasm = component(plugins, host, object).await?;
    register(store, plugins, host, (&object.key, object.modified_at_ms), &wasm).await
}

impl Readmitted {
    /// What came of one of them. If it was refused, nothing, and the reason is kept.
    fn take<T>(&mut self, key: &str, result: Result<T, RunError>) -> Result<Option<T>, RunError> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error @ RunError::Storage(_)) => Err(error),
            Err(error) => {
                self.refused.push((key.to_owned(), crate::chain(&error)));
                Ok(None)
            }
        }
    }
}
