//! Compiled components: the cache of one machine, and the artifacts that one machine
//! compiles for others.
//!
//! The `.wasm` file is the truth; an artifact saves the time to compile it.
//! Loading one runs its machine code, so an artifact is trusted only when no
//! other user can have written it: the folder is private, and the file carries
//! the digest of what was written. Wasmtime itself refuses an artifact of
//! another major release, target or configuration; the file's name has the whole release.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::engine::{CONFIG_REVISION, TARGET, WASMTIME_VERSION};
use crate::error::HostError;

/// Starts each file; the digest of the rest follows.
const MAGIC: &[u8; 8] = b"arrears2";
const DIGEST_BYTES: usize = blake3::OUT_LEN;
const HEADER_BYTES: usize = MAGIC.len() + DIGEST_BYTES;

/// A folder of artifacts.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the folder, or makes it, readable for its owner only.
    ///
    /// # Errors
    /// [`HostError::Cache`] if it cannot be made, or if another user could
    /// write into it.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, HostError> {
        crate::private_folder(&folder)?;
        Ok(Self { folder })
    }

    /// The artifact of the component with this digest, if there is a whole one.
    pub(crate) fn load(&self, digest: &str) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(digest)).ok()?;
        if bytes.len() < HEADER_BYTES || !bytes.starts_with(MAGIC) {
            return None;
        }
        let artifact = bytes.split_off(HEADER_BYTES);
        let whole = bytes[MAGIC.len()..] == blake3::hash(&artifact).as_bytes()[..];
        whole.then_some(artifact)
    }

    /// Writes an artifact: whole under its name, or not at all.
    pub(crate) fn store(&self, digest: &str, artifact: &[u8]) -> io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let path = self.path(digest);
        let draft = path.with_extension(format!("{}-{serial}.draft", std::process::id()));
        let written = write_whole(&draft, artifact).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            // What remains of it would be read by no one.
            let _removed = fs::remove_file(&draft);
        }
        written
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.folder.join(format!("{}.cwasm", stem(digest)))
    }
}

/// What the name of an artifact begins with: the component, and all that its code is
/// bound to.
pub(crate) fn stem(digest: &str) -> String {
    let hex = digest.trim_start_matches("sha256:");
    let target = TARGET.unwrap_or("this-machine");
    format!("{hex}-{WASMTIME_VERSION}-{target}-{CONFIG_REVISION}")
}

/// The digest of a component, by which everybody knows it: "sha256:" and 64 hexadecimal
/// digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The digest of an artifact: "blake3:" and 64 hexadecimal digits. A function that starts
/// waits for those of all its plugins, and SHA-256 takes three times as long.
pub(crate) fn blake3(artifact: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(artifact))
}

/// The same of a file, piece by piece: memory that was never touched is slow.
pub(crate) fn blake3_of_file(path: &Path) -> io::Result<String> {
    let mut digest = blake3::Hasher::new();
    digest.update_reader(fs::File::open(path)?)?;
    Ok(format!("blake3:{}", digest.finalize()))
}

fn write_whole(draft: &Path, artifact: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(draft)?;
    file.write_all(MAGIC)?;
    file.write_all(blake3::hash(artifact).as_bytes())?;
    file.write_all(artifact)?;
    file.sync_data()
}

#[cfg(unix)]
pub(crate) fn open_private(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(|error| format!("it cannot be made: {error}"))?;
    let found = fs::metadata(folder).map_err(|error| format!("it cannot be read: {error}"))?;
    if found.mode() & 0o022 != 0 {
        return Err("other users may write into it: run `chmod 700` on it".to_owned());
    }
    // Where the system tells who we are, the folder is ours or root's.
    if let Ok(own) = fs::metadata("/proc/self")
        && found.uid() != own.uid()
        && found.uid() != 0
    {
        return Err("it belongs to another user: name another folder".to_owned());
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn open_private(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("it cannot be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::open(root.path().join("cache")).unwrap();
        (root, cache)
    }

    #[test]
    fn what_is_stored_is_loaded() {
        let (_root, cache) = cache();
        cache.store("sha256:aa", b"machine code").unwrap();
        assert_eq!(cache.load("sha256:aa").unwrap(), b"machine code");
        assert_eq!(cache.load("sha256:bb"), None);
    }

    #[test]
    fn a_damaged_artifact_is_not_loaded() {
        let (_root, cache) = cache();
        for damage in [
            |bytes: &mut Vec<u8>| bytes.truncate(20),
            |bytes: &mut Vec<u8>| bytes[45] ^= 1,
            |bytes: &mut Vec<u8>| bytes[10] ^= 1,
            |bytes: &mut Vec<u8>| bytes.push(0),
            |bytes: &mut Vec<u8>| bytes[0] = b'x',
        ] {
            cache.store("sha256:aa", b"machine code").unwrap();
            let path = cache.path("sha256:aa");
            let mut bytes = fs::read(&path).unwrap();
            damage(&mut bytes);
            fs::write(&path, bytes).unwrap();
            assert_eq!(cache.load("sha256:aa"), None);
        }
    }

    #[test]
    fn nothing_but_the_artifact_remains_in_the_folder() {
        let (_root, cache) = cache();
        cache.store("sha256:aa", b"old").unwrap();
        cache.store("sha256:aa", b"new").unwrap();
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 1);
        assert_eq!(cache.load("sha256:aa").unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = Cache::open(root.path().to_owned()).unwrap_err();
        assert!(error.to_string().contains("chmod 700"), "{error}");
    }
}
