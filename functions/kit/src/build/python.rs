//! Python: componentize-py runs the project's modules once and keeps what they set up.

use std::fs;
use std::path::{Path, PathBuf};

use super::project::{Installed, Project};
use super::tool::Tool;
use super::{BuildError, Language};

const INSTALL: &str = "install Python 3.10 or later with its venv module: \
                       `apt-get install python3 python3-venv`";

/// What is installed into the environment.
const REQUIREMENTS: &str = "requirements.txt";

/// The module that exports the action.
const MODULE: &str = "app";

pub(super) fn build(project: &Project, component: &Path) -> Result<String, BuildError> {
    let wit = project.wit()?;
    let environment = environment(project)?;
    let sources = sources(project)?;
    let program = environment.join("bin").join("componentize-py");
    if !program.is_file() {
        return Err(BuildError::BadProject {
            path: project.folder().join(REQUIREMENTS),
            reason: "it does not name componentize-py, which makes the component: add \
                     `componentize-py==VERSION`"
                .to_owned(),
        });
    }
    let said = tool(&program, project)
        // Where it looks for the project's other requirements.
        .env("VIRTUAL_ENV", &environment)
        // What is wrong in the project's modules is told by Python's trace alone.
        .env("RUST_BACKTRACE", "0")
        .arg("--quiet")
        .arg("--wit-path")
        .arg(wit)
        .args(["--world", "plugin", "componentize", "--stub-wasi", "--python-path"])
        .arg(sources)
        .arg("--output")
        .arg(component)
        .arg(MODULE)
        .run()?;
    Ok(said.all())
}

/// Makes the environment in `.venv`, unless it is there with what is required.
fn environment(project: &Project) -> Result<PathBuf, BuildError> {
    let folder = project.folder().join(".venv");
    let requirements = project.folder().join(REQUIREMENTS);
    let installed = Installed::new(&requirements, folder.join(REQUIREMENTS))?;
    if installed.is_complete() {
        return Ok(folder);
    }
    find_venv(project)?;
    tool("python3", project).args(["-m", "venv", "--clear", ".venv"]).run()?;
    tool(folder.join("bin").join("python"), project)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        // Nothing is compiled here, and no code of a package runs to install it.
        .args(["--only-binary", ":all:", "--requirement", REQUIREMENTS])
        .run()?;
    installed.complete()?;
    Ok(folder)
}

/// On Debian, a Python without its package `python3-venv` has the module, but not what the
/// module needs.
fn find_venv(project: &Project) -> Result<(), BuildError> {
    match tool("python3", project).args(["-c", "import ensurepip, venv"]).run() {
        Err(BuildError::Failed { .. }) => {
            Err(tool("python3", project).missing("`python3` that makes environments".to_owned()))
        }
        other => other.map(|_said| ()),
    }
}

/// A copy of the project's modules, and of the schema that they read: it holds no links,
/// which componentize-py does not follow, and nothing else that Python could find.
fn sources(project: &Project) -> Result<PathBuf, BuildError> {
    let folder = project.fresh("sources")?;
    copy_modules(project.folder(), &folder)?;
    let schema = project.folder().join("config-schema.json");
    if schema.is_file() {
        copy(&schema, &folder.join("config-schema.json"))?;
    }
    Ok(folder)
}

fn copy_modules(from: &Path, to: &Path) -> Result<(), BuildError> {
    let unreadable = || BuildError::file(from, "read");
    for entry in fs::read_dir(from).map_err(unreadable())? {
        let entry = entry.map_err(unreadable())?;
        let path = entry.path();
        let target = to.join(entry.file_name());
        if path.extension().is_some_and(|extension| extension == "py") {
            copy(&path, &target)?;
        } else if path.join("__init__.py").is_file() {
            fs::create_dir_all(&target).map_err(BuildError::file(&target, "made"))?;
            copy_modules(&path, &target)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    fs::copy(from, to).map(|_bytes| ()).map_err(BuildError::file(from, "copied"))
}

fn tool(program: impl AsRef<std::ffi::OsStr>, project: &Project) -> Tool {
    Tool::new(program, project.folder(), Language::Python, INSTALL)
}
