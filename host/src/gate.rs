//! Reads a component from its bytes, before anything of it is compiled: what it
//! imports and exports, so that what is wrong is told by name, and how much there is
//! of it, so that no component costs its host more than it may.

mod code;
mod count;
mod nesting;
mod outline;

use semver::Version;
use wasmparser::BinaryReaderError;

use crate::contract::{ACTION, CONTRACT_VERSION, IMPORTS, PACKAGE};
use crate::error::{HostError, quoted};
use crate::limits::Limits;

/// Names that are told of a component that exports something else.
const EXPORTS_TOLD: usize = 5;

/// Nothing if the component speaks the contract and is made of no more than it may be.
/// It reads no instruction, so that it takes milliseconds.
pub(crate) fn check(wasm: &[u8], limits: &Limits) -> Result<(), HostError> {
    if wasm.len() > limits.component_bytes_max {
        return Err(HostError::TooLarge {
            bytes: wasm.len(),
            bytes_max: limits.component_bytes_max,
        });
    }
    if !wasm.starts_with(b"\0asm") {
        return Err(HostError::NotWasm);
    }
    let names = outline::read(wasm, limits).map_err(|refusal| refusal.of(wasm))?;
    check_exports(&names.exports)?;
    match names.imports.iter().find(|import| !is_allowed(import)) {
        Some(import) => Err(HostError::ForbiddenImport { import: quoted(import) }),
        None => Ok(()),
    }
}

/// Nothing if the code of a component that has passed [`check`] is no more work than it
/// may be. It reads each instruction, and is asked only before they are compiled.
pub(crate) fn check_code(wasm: &[u8], limits: &Limits) -> Result<(), HostError> {
    code::check(wasm, limits).map_err(|refusal| refusal.of(wasm))
}

/// Why reading a component came to an end.
enum Refusal {
    Malformed(BinaryReaderError),
    Refused(HostError),
}

impl From<BinaryReaderError> for Refusal {
    fn from(error: BinaryReaderError) -> Self {
        Self::Malformed(error)
    }
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        Self::Refused(error)
    }
}

impl Refusal {
    fn of(self, wasm: &[u8]) -> HostError {
        match self {
            Self::Refused(error) => error,
            Self::Malformed(error) => HostError::Malformed {
                offset: error.offset(),
                bytes: wasm.len(),
                reason: quoted(error.message()),
            },
        }
    }
}

fn check_exports(exports: &[String]) -> Result<(), HostError> {
    let mut found = None;
    for export in exports {
        if let Some((ACTION, version)) = export.split_once('@') {
            if speaks(version) {
                return Ok(());
            }
            found = Some(quoted(version));
        }
    }
    Err(match found {
        Some(found) => HostError::WrongVersion { found },
        None => HostError::WrongWorld { exports: told(exports) },
    })
}

fn told(exports: &[String]) -> String {
    if exports.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = exports.iter().take(EXPORTS_TOLD).map(|name| quoted(name)).collect();
    let mut told = shown.join(", ");
    if exports.len() > EXPORTS_TOLD {
        told.push_str(", ...");
    }
    told
}

/// Whether the version is this host's or a patch of it.
fn speaks(version: &str) -> bool {
    Version::parse(version).is_ok_and(|version| {
        version.major == CONTRACT_VERSION.major
            && version.minor == CONTRACT_VERSION.minor
            && version.pre.is_empty()
    })
}

fn is_allowed(import: &str) -> bool {
    debug_assert!(IMPORTS.iter().all(|name| name.starts_with(PACKAGE)));
    import.split_once('@').is_some_and(|(name, version)| IMPORTS.contains(&name) && speaks(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_spoken_and_a_minor_is_not() {
        for version in ["0.1.0", "0.1.7"] {
            assert!(speaks(version), "{version}");
        }
        for version in ["0.2.0", "1.1.0", "0.1.0-rc.1", "0.1", "", "latest"] {
            assert!(!speaks(version), "{version}");
        }
    }

    #[test]
    fn only_the_log_and_the_types_may_be_imported() {
        for import in ["arrears:action/log@0.1.0", "arrears:action/types@0.1.3"] {
            assert!(is_allowed(import), "{import}");
        }
        for import in [
            "wasi:clocks/monotonic-clock@0.2.6",
            "arrears:action/log@0.2.0",
            "arrears:action/log",
            "arrears:action/action@0.1.0",
            "log",
        ] {
            assert!(!is_allowed(import), "{import}");
        }
    }
}
