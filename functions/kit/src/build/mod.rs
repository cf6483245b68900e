//! Builds a vendor's project to a component, with the toolchain of its language.
//!
//! A project is recognised by its files. What a build makes lies in the project's folder
//! `build`; the component is named for the project's folder.

mod error;
mod language;
mod project;
mod tool;

mod c;
mod js;
mod python;
mod rust;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use wit_component::ComponentEncoder;

pub use error::BuildError;
pub use language::Language;
use project::Project;

/// What a build has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    /// The component, `build/NAME.wasm` below the project.
    pub component: PathBuf,
    /// What the project is written in.
    pub language: Language,
    /// Size of the component.
    pub bytes: u64,
    /// How long the build took, with what had to be installed for it.
    pub elapsed_ms: u64,
    /// What the toolchain had to say all the same: its warnings.
    pub remarks: String,
}

/// Builds the project in a folder. Whatever goes wrong, the component of an earlier build
/// stays as it is.
///
/// # Errors
/// The folder holds no project, a tool is missing, or the toolchain fails.
pub fn build(project: &Path) -> Result<Built, BuildError> {
    let begin = Instant::now();
    let language = Language::of(project)?;
    let opened = Project::open(project)?;
    let draft = opened.build_folder().join(format!("{}.wasm.new", opened.name()));
    let remarks = match language {
        Language::Rust => rust::build(&opened, &draft),
        Language::Js => js::build(&opened, &draft),
        Language::Python => python::build(&opened, &draft),
        Language::C => c::build(&opened, &draft),
    }?;
    let component = project.join("build").join(format!("{}.wasm", opened.name()));
    fs::rename(&draft, &component).map_err(BuildError::file(&component, "written"))?;
    let bytes = fs::metadata(&component).map_err(BuildError::file(&component, "read"))?.len();
    let elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Built { component, language, bytes, elapsed_ms, remarks })
}

/// Wraps a core module that names our world as a component.
fn encode(module: &Path, component: &Path) -> Result<(), BuildError> {
    let bytes = fs::read(module).map_err(BuildError::file(module, "read"))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| BuildError::NoComponent {
            module: module.to_owned(),
            reason: format!("{error:#}"),
        })?;
    fs::write(component, encoded).map_err(BuildError::file(component, "written"))
}

#[cfg(test)]
mod tests;
