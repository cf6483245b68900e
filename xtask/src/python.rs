//! Python and its packages: environments of our own in the target folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, execute};

/// An environment: what is installed, and what for.
pub struct Environment {
    /// Its folder, below `target/python`.
    pub name: &'static str,
    /// The packages with their versions: a file of pip, below the root.
    pub requirements: &'static str,
    /// What it is there for, to say so when it cannot be made: `the validators`.
    pub purpose: &'static str,
}

impl Environment {
    /// Makes the environment, unless it is there with the packages that are wanted.
    /// Returns its Python.
    pub fn make(&self, workspace: &Workspace) -> Result<PathBuf> {
        let requirements = workspace.root().join(self.requirements);
        let wanted = fs::read_to_string(&requirements)
            .with_context(|| format!("{} cannot be read", requirements.display()))?;
        let folder = workspace.target().join("python").join(self.name);
        let python = folder.join("bin").join("python");
        // What was installed last, written when all of it was.
        let stamp = folder.join("requirements.txt");
        let is_installed = || fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
        if python.is_file() && is_installed() {
            return Ok(python);
        }
        self.create(&folder)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        // Nothing is compiled here, and no code of a package runs to install it.
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
        execute(&mut pip)
            .with_context(|| format!("{} cannot be installed from PyPI", self.purpose))?;
        fs::write(&stamp, wanted)
            .with_context(|| format!("{} cannot be written", stamp.display()))?;
        Ok(python)
    }

    fn create(&self, folder: &Path) -> Result<()> {
        const WANTED: &str = "install Python 3.10 or later with its venv module, for example by \
                              `apt-get install python3 python3-venv`";
        let mut venv = Command::new("python3");
        match venv.args(["-m", "venv", "--clear"]).arg(folder).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => bail!("python3 cannot make a virtual environment: see above; {WANTED}"),
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "Python is needed for {}, and there is no python3 on the PATH: {WANTED}",
                self.purpose
            ),
            Err(error) => Err(error).context("python3 cannot be started"),
        }
    }
}

/// A command that runs one of our scripts, named by its path below the root.
pub fn script(workspace: &Workspace, python: &Path, path: &str) -> Command {
    let mut command = Command::new(python);
    // No compiled scripts beside the sources, and each line when it is printed.
    command.args(["-B", "-u"]).arg(workspace.root().join(path));
    command
}
