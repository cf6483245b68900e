//! A project's folder, and what the recipes expect in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::BuildError;

/// A folder with sources.
pub(super) struct Project {
    /// Without links, so that each tool names it in the same way.
    folder: PathBuf,
    name: String,
}

impl Project {
    /// Opens a project and makes its folder for what is built.
    pub(super) fn open(folder: &Path) -> Result<Self, BuildError> {
        let folder = fs::canonicalize(folder).map_err(BuildError::file(folder, "read"))?;
        let name = match folder.file_name().map(|name| name.to_str()) {
            Some(Some(name)) => name.to_owned(),
            _ => {
                return Err(BuildError::BadProject {
                    path: folder,
                    reason: "the component is named for this folder, so that it needs a name in \
                             Unicode; move the project to another one"
                        .to_owned(),
                });
            }
        };
        let project = Self { folder, name };
        let build = project.build_folder();
        fs::create_dir_all(&build).map_err(BuildError::file(&build, "made"))?;
        Ok(project)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where all that is made goes.
    pub(super) fn build_folder(&self) -> PathBuf {
        self.folder.join("build")
    }

    /// The folder of the contract.
    pub(super) fn wit(&self) -> Result<PathBuf, BuildError> {
        let wit = self.folder.join("wit");
        if wit.join("world.wit").is_file() {
            return Ok(wit);
        }
        Err(BuildError::BadProject {
            path: wit,
            reason: "world.wit is missing here: this folder holds the contract of Arrears with a \
                     plugin; copy it from a project that `arrears plugin new` makes"
                .to_owned(),
        })
    }

    /// An empty folder in the one for what is built.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, BuildError> {
        let folder = self.build_folder().join(name);
        if folder.is_dir() {
            fs::remove_dir_all(&folder).map_err(BuildError::file(&folder, "removed"))?;
        }
        fs::create_dir_all(&folder).map_err(BuildError::file(&folder, "made"))?;
        Ok(folder)
    }
}

/// Packages that a project wants, and a note of what was installed last: it is written
/// when all of it was, so that an installation that was broken off is done again.
pub(super) struct Installed {
    wanted: String,
    note: PathBuf,
}

impl Installed {
    /// `list` says what is wanted; `note` lies in the folder of the packages.
    pub(super) fn new(list: &Path, note: PathBuf) -> Result<Self, BuildError> {
        let wanted = fs::read_to_string(list).map_err(BuildError::file(list, "read"))?;
        Ok(Self { wanted, note })
    }

    /// Whether what is wanted is there.
    pub(super) fn is_complete(&self) -> bool {
        fs::read_to_string(&self.note).is_ok_and(|installed| installed == self.wanted)
    }

    /// Notes that what is wanted is there.
    pub(super) fn complete(&self) -> Result<(), BuildError> {
        fs::write(&self.note, &self.wanted).map_err(BuildError::file(&self.note, "written"))
    }
}
