//! The names at the outer level of a component that the gate has found well-formed.

use arrears_host::contract::CONTRACT_VERSION;
use wasmparser::{Parser, Payload};

/// The interfaces that every plugin is given.
const GIVEN: [&str; 2] = ["arrears:action/log", "arrears:action/types"];

/// What a component imports and exports.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

impl Names {
    pub(crate) fn read(wasm: &[u8]) -> Self {
        let mut names = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload {
                Ok(Payload::Version { .. }) => depth += 1,
                Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
                Ok(Payload::ComponentImportSection(section)) if depth == 1 => {
                    let found = section.into_iter().flatten();
                    names.imports.extend(found.map(|it| it.name.name.to_owned()));
                }
                Ok(Payload::ComponentExportSection(section)) if depth == 1 => {
                    let found = section.into_iter().flatten();
                    names.exports.extend(found.map(|it| it.name.name.to_owned()));
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        names
    }

    /// The imports that no plugin is given.
    pub(crate) fn foreign_imports(&self) -> Vec<&str> {
        self.imports.iter().map(String::as_str).filter(|import| !is_given(import)).collect()
    }
}

fn is_given(import: &str) -> bool {
    let own = format!("{}.{}.", CONTRACT_VERSION.major, CONTRACT_VERSION.minor);
    import
        .split_once('@')
        .is_some_and(|(name, version)| GIVEN.contains(&name) && version.starts_with(&own))
}
