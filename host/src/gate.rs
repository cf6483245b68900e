//! Reads a component's imports and exports from its bytes, before anything of
//! it is compiled: what is wrong is then told by name.

use semver::Version;
use wasmparser::{Encoding, Parser, Payload};

use crate::contract::{ACTION, CONTRACT_VERSION, IMPORTS, PACKAGE};
use crate::error::HostError;
use crate::limits::Limits;

/// Names that are told of a component that exports something else.
const EXPORTS_TOLD: usize = 5;

/// Nothing if the component may be compiled and linked.
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
    let names = Names::read(wasm)?;
    check_exports(&names.exports)?;
    match names.imports.iter().find(|import| !is_allowed(import)) {
        Some(import) => Err(HostError::ForbiddenImport { import: import.clone() }),
        None => Ok(()),
    }
}

/// The names at the outer level of a component.
#[derive(Debug, Default)]
struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Names {
    fn read(wasm: &[u8]) -> Result<Self, HostError> {
        let malformed = |error: wasmparser::BinaryReaderError| HostError::Malformed {
            offset: error.offset(),
            bytes: wasm.len(),
            reason: error.message().to_owned(),
        };
        let mut names = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(malformed)? {
                Payload::Version { encoding, .. } => {
                    if depth == 0 && encoding == Encoding::Module {
                        return Err(HostError::CoreModule);
                    }
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 1 => {
                    for import in imports {
                        names.imports.push(import.map_err(malformed)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    for export in exports {
                        names.exports.push(export.map_err(malformed)?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(names)
    }
}

fn check_exports(exports: &[String]) -> Result<(), HostError> {
    let mut found = None;
    for export in exports {
        if let Some((ACTION, version)) = export.split_once('@') {
            if speaks(version) {
                return Ok(());
            }
            found = Some(version.to_owned());
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
    let mut told = exports[..exports.len().min(EXPORTS_TOLD)].join(", ");
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
