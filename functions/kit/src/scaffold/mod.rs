//! A new project: the example of a language under another name, with all that it needs.

mod name;
mod rust;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::build::Language;
use crate::error::KitError;
use crate::file;
use name::Name;

mod templates {
    include!(concat!(env!("OUT_DIR"), "/templates.rs"));
}

/// A project that was made.
#[derive(Debug, Serialize)]
pub struct Project {
    /// The plugin's id.
    pub name: String,
    /// The type of its action.
    pub action: String,
    /// What it is written in.
    pub language: Language,
    /// Its folder.
    pub folder: PathBuf,
    /// Its files, below the folder.
    pub files: Vec<String>,
}

/// Makes a project. `built_in` are the ids and action types that no other plugin may
/// imitate.
///
/// # Errors
/// The name cannot be a plugin's, the folder is in use, or it cannot be written: then
/// nothing is there.
pub fn scaffold(
    name: &str,
    language: Language,
    folder: &Path,
    built_in: &[&str],
) -> Result<Project, KitError> {
    let checked = Name::check(name, built_in)?;
    let files = files(checked, language);
    let draft = file::new_folder(folder, "name another folder with `--folder`, or remove it")?;
    for (path, text) in &files {
        let place = draft.path().join(path);
        let parent = place.parent().unwrap_or(draft.path());
        fs::create_dir_all(parent).map_err(KitError::file(parent, "made"))?;
        fs::write(&place, text).map_err(KitError::writing(&place))?;
    }
    draft.keep()?;
    Ok(Project {
        name: name.to_owned(),
        action: checked.action(),
        language,
        folder: folder.to_owned(),
        files: files.into_keys().collect(),
    })
}

/// The files of a project, by their paths.
fn files(name: Name<'_>, language: Language) -> BTreeMap<String, String> {
    let own = match language {
        Language::Rust => templates::RUST,
        Language::Js => templates::JS,
        Language::Python => templates::PYTHON,
        Language::C => templates::C,
    };
    let copied = own.iter().chain(templates::SHARED).map(|(path, text)| {
        // The contract is the same for everyone.
        let is_contract = path.starts_with("wit/");
        let text = if is_contract { (*text).to_owned() } else { name.put_into(text) };
        ((*path).to_owned(), text)
    });
    let further = if language == Language::Rust { rust::files(name) } else { Vec::new() };
    copied.chain(further).collect()
}
