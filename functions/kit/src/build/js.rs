//! JavaScript: npm installs what the project locks, and its own script runs
//! componentize-js.

use std::path::Path;

use super::language::sources;
use super::project::{Installed, Project};
use super::tool::Tool;
use super::{BuildError, Language};

const INSTALL: &str = "install Node.js 20 or later with npm: `apt-get install nodejs npm`";

/// What is installed, of which there must be one version.
const LOCK: &str = "package-lock.json";

/// Makes the component; it is given the name of the file to write.
const SCRIPT: &str = "build.mjs";

pub(super) fn build(project: &Project, component: &Path) -> Result<String, BuildError> {
    project.wit()?;
    for (name, reason) in [
        (LOCK, "it is missing: `npm install` writes it"),
        (
            SCRIPT,
            "it is missing: it makes the component, and writes it to the file that it is given",
        ),
    ] {
        let path = project.folder().join(name);
        if !path.is_file() {
            return Err(BuildError::BadProject { path, reason: reason.to_owned() });
        }
    }
    install(project)?;
    // componentize-js says that a module cannot be read, and not where.
    for module in sources(project.folder(), "js")? {
        tool("node", project).arg("--check").arg(module).run()?;
    }
    let said = tool("node", project).arg(SCRIPT).arg(component).run()?;
    Ok(said.all())
}

/// Installs the packages, unless they are there. No code of a package is run for it.
fn install(project: &Project) -> Result<(), BuildError> {
    let note = project.folder().join("node_modules").join(".installed-package-lock.json");
    let installed = Installed::new(&project.folder().join(LOCK), note)?;
    if installed.is_complete() {
        return Ok(());
    }
    tool("npm", project).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).run()?;
    installed.complete()
}

fn tool(program: &str, project: &Project) -> Tool {
    Tool::new(program, project.folder(), Language::Js, INSTALL)
}
