//! Where this suite runs: on the engines inside this process.

use arrears_storage::Location;
use std::path::{Path, PathBuf};

/// The engines on a folder.
pub struct Engine(PathBuf);

impl Engine {
    pub fn on(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    pub fn location(&self) -> Location {
        Location::Embedded(self.0.clone())
    }

    pub fn agency(&self) -> String {
        "default".to_owned()
    }
}

/// What the engine says that a transaction of so many units consumed.
pub fn transaction_units(units: u64) -> u64 {
    units
}
