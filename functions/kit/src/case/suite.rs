//! All cases of a folder over one component.

use std::path::Path;

use arrears_host::Plugin;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::outcome::perform;
use super::{Case, diff};
use crate::error::KitError;
use crate::file;

/// What to do with a case that comes out otherwise than expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Tell it.
    Compare,
    /// Write what was found into the case. A defect of the plugin is told all the same.
    Accept,
}

/// What came of all cases.
#[derive(Debug, Serialize)]
pub struct Tested {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Digest of the component.
    pub digest: String,
    /// Cases that came out as expected.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// Cases that were written anew.
    pub accepted: usize,
    /// Each of them, by name.
    pub cases: Vec<Told>,
}

/// What came of one case.
#[derive(Debug, Serialize)]
pub struct Told {
    /// The file.
    pub file: String,
    /// What it shows.
    pub about: String,
    /// Whether it came out as expected, or was accepted.
    pub passed: bool,
    /// Whether it was written anew.
    pub accepted: bool,
    /// Subjects.
    pub subjects: usize,
    /// Instructions of all subjects in one request.
    pub fuel: u64,
    /// Lines of JSON: `-` before what was expected, `+` before what was found.
    pub difference: Vec<String>,
    /// Rules of the contract that the plugin broke.
    pub defects: Vec<String>,
}

/// Runs the cases of a folder.
///
/// # Errors
/// A case cannot be read or written. One that does not come out as expected is no error,
/// but told.
pub fn test(plugin: &Plugin, folder: &Path, mode: Mode) -> Result<Tested, KitError> {
    let cases = super::folder(folder)?;
    let told = cases.iter().map(|case| tell(plugin, case, mode));
    let told = told.collect::<Result<Vec<_>, _>>()?;
    let descriptor = plugin.descriptor();
    let passed = told.iter().filter(|case| case.passed).count();
    Ok(Tested {
        id: descriptor.id.clone(),
        version: descriptor.version.clone(),
        digest: plugin.digest().to_owned(),
        passed,
        failed: told.len() - passed,
        accepted: told.iter().filter(|case| case.accepted).count(),
        cases: told,
    })
}

fn tell(plugin: &Plugin, case: &Case, mode: Mode) -> Result<Told, KitError> {
    let outcome = perform(plugin, case);
    let as_expected = outcome.found == case.expect;
    let is_sound = outcome.defects.is_empty();
    let accepted = mode == Mode::Accept && is_sound && !as_expected;
    if accepted {
        let text = with_expect(&case.text, &outcome.found);
        file::write(&case.path, text.as_bytes())?;
    }
    let difference = if as_expected || accepted {
        Vec::new()
    } else {
        diff::lines(&case.expect, &outcome.found)
    };
    Ok(Told {
        file: case.path.display().to_string(),
        about: case.about.clone(),
        passed: is_sound && (as_expected || accepted),
        accepted,
        subjects: case.subjects.len(),
        fuel: outcome.usage.fuel,
        difference,
        defects: outcome.defects,
    })
}

/// The case's text with another expectation; all else stays as its author wrote it.
fn with_expect(text: &str, found: &Value) -> String {
    let indented = format!("{found:#}").replace('\n', "\n  ");
    // The text has been read before: it is a case.
    let parts: Parts<'_> = serde_json::from_str(text).unwrap_or_default();
    match parts.expect.map(RawValue::get) {
        Some(old) => {
            let start = old.as_ptr() as usize - text.as_ptr() as usize;
            format!("{}{indented}{}", &text[..start], &text[start + old.len()..])
        }
        None => {
            let head = text.trim_end().trim_end_matches('}').trim_end();
            format!("{head},\n  \"expect\": {indented}\n}}\n")
        }
    }
}

/// The part of a case that is written anew, where it stands in the text.
#[derive(Default, Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    expect: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_expectation_is_written_anew() {
        let text = "{ \"about\": \"a\",\n  \"expect\": {},\n  \"config\": {\"texts\":  []} }\n";
        let expected = "{ \"about\": \"a\",\n  \"expect\": {\n    \"fault\": 1\n  },\n  \
                        \"config\": {\"texts\":  []} }\n";
        assert_eq!(with_expect(text, &json!({ "fault": 1 })), expected);
    }

    #[test]
    fn a_missing_expectation_is_put_at_the_end() {
        let text = "{\n  \"about\": \"a\",\n  \"config\": {}\n}\n";
        let expected = "{\n  \"about\": \"a\",\n  \"config\": {},\n  \"expect\": {}\n}\n";
        assert_eq!(with_expect(text, &json!({})), expected);
    }
}
