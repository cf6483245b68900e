//! Python and its packages: an environment of our own in the target folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::SCRIPTS;
use crate::workspace::{Workspace, execute};

/// The packages that are installed, with their versions.
const REQUIREMENTS: &str = "requirements.txt";

/// Makes the environment, unless it is there with the packages that are wanted.
/// Returns its Python.
pub fn environment(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root().join(SCRIPTS).join(REQUIREMENTS);
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("{} cannot be read", requirements.display()))?;
    let folder = workspace.target().join("conformance").join("python");
    let python = folder.join("bin").join("python");
    // What was installed last, written when all of it was.
    let stamp = folder.join(REQUIREMENTS);
    if python.is_file() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    create(&folder)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    // Nothing is compiled here, and no code of a package runs to install it.
    pip.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
    execute(&mut pip).context("the validators cannot be installed from PyPI")?;
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(python)
}

fn create(folder: &Path) -> Result<()> {
    const WANTED: &str = "install Python 3.10 or later with its venv module, for example by \
                          `apt-get install python3 python3-venv`";
    let mut venv = Command::new("python3");
    match venv.args(["-m", "venv", "--clear"]).arg(folder).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("python3 cannot make a virtual environment: see above; {WANTED}"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the validators need Python, and there is no python3 on the PATH: {WANTED}")
        }
        Err(error) => Err(error).context("python3 cannot be started"),
    }
}

/// A command that runs one of our scripts.
pub fn script(workspace: &Workspace, python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    // No compiled scripts beside the sources, and each line when it is printed.
    command.args(["-B", "-u"]).arg(workspace.root().join(SCRIPTS).join(name));
    command
}
