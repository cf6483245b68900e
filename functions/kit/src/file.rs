//! Files of this machine: read within a limit, and written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrears_host::{Host, HostError, Plugin};
use tempfile::{NamedTempFile, TempDir};

use crate::error::KitError;

/// The bytes of a component. One that is larger than the host takes is not read.
pub(crate) fn component(host: &Host, path: &Path) -> Result<Vec<u8>, KitError> {
    host.read(path).map_err(|error| match error {
        HostError::Unreadable { reason, .. } => KitError::reading(path)(io::Error::other(reason)),
        source => KitError::Refused { path: path.to_owned(), source: Box::new(source) },
    })
}

/// Reads a component and admits it.
///
/// # Errors
/// [`KitError::File`] if it cannot be read, [`KitError::Refused`] if it is refused.
pub fn admit(host: &Host, path: &Path) -> Result<Plugin, KitError> {
    let wasm = component(host, path)?;
    host.admit(&wasm)
        .map_err(|source| KitError::Refused { path: path.to_owned(), source: Box::new(source) })
}

/// A text, if it is UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, KitError> {
    fs::read_to_string(path).map_err(KitError::reading(path))
}

/// Writes a file beside its place and moves it there; an older one is replaced.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), KitError> {
    let kept = draft(path, bytes, &readable()).and_then(|draft| Ok(draft.persist(path)?));
    kept.map(|_file| ()).map_err(KitError::writing(path))
}

/// The same, unless there is one already, for its owner's eyes only: a secret.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), KitError> {
    // A temporary file is its owner's only, and keeps that when it is moved.
    let kept = draft(path, bytes, &tempfile::Builder::new());
    let kept = kept.and_then(|draft| Ok(draft.persist_noclobber(path)?));
    kept.map(|_file| ()).map_err(KitError::writing(path))
}

fn draft(
    path: &Path,
    bytes: &[u8],
    builder: &tempfile::Builder<'_, '_>,
) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut draft = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    draft.write_all(bytes)?;
    draft.as_file().sync_data()?;
    Ok(draft)
}

/// Files that others may read, as far as the user's mask lets them.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut builder = tempfile::Builder::new();
        builder.permissions(fs::Permissions::from_mode(0o666));
        builder
    }
    #[cfg(not(unix))]
    tempfile::Builder::new()
}

/// A folder that is being filled, beside its place.
pub(crate) struct NewFolder {
    draft: TempDir,
    place: PathBuf,
}

/// Begins a folder. One that is there already must be empty; `remedy` says what to do if
/// it is not.
pub(crate) fn new_folder(place: &Path, remedy: &'static str) -> Result<NewFolder, KitError> {
    let is_used = match fs::read_dir(place) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(KitError::reading(place)(error)),
    };
    if is_used {
        return Err(KitError::Exists { path: place.to_owned(), remedy });
    }
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".new-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let draft = builder.tempdir_in(parent.unwrap_or(Path::new(".")));
    let draft = draft.map_err(KitError::file(place, "made"))?;
    Ok(NewFolder { draft, place: place.to_owned() })
}

impl NewFolder {
    /// Where it is filled.
    pub(crate) fn path(&self) -> &Path {
        self.draft.path()
    }

    /// Moves it to its place. An empty folder there is replaced; one that was filled
    /// meanwhile is not.
    pub(crate) fn keep(self) -> Result<(), KitError> {
        let Self { draft, place } = self;
        fs::rename(draft.path(), &place).map_err(KitError::file(&place, "made"))?;
        let _moved = draft.keep();
        Ok(())
    }
}
