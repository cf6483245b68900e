//! The limits on lengths, and the list of what is known to exceed them.
//!
//! The list may only get shorter: what grows is refused, and so is an entry
//! that is larger than what it stands for.

use std::collections::BTreeMap;

use crate::tidy::Finding;

/// The most lines of a file, without the module of its unit tests: what one
/// can read at a sitting and hold in mind.
const FILE_LINES_MAX: usize = 400;

/// The most lines of a function: what fits on a screen.
const FUNCTION_LINES_MAX: usize = 70;

/// What has a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeasureKind {
    File,
    Function,
}

impl MeasureKind {
    fn lines_max(self) -> usize {
        match self {
            Self::File => FILE_LINES_MAX,
            Self::Function => FUNCTION_LINES_MAX,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Function => "function",
        }
    }
}

/// How long something is.
pub struct Measure {
    pub kind: MeasureKind,
    /// The path of a file, or `path::name` of a function.
    pub name: String,
    pub path: String,
    pub line: usize,
    pub lines: usize,
}

/// The known excesses, each with the line of the list that names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Ratchet(BTreeMap<(MeasureKind, String), (usize, usize)>);

impl Ratchet {
    /// Reads the list: `"name" = lines` below `[files]` or `[functions]`. An
    /// error is the number of the bad line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut known = BTreeMap::new();
        let mut kind = None;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            match line {
                "[files]" => kind = Some(MeasureKind::File),
                "[functions]" => kind = Some(MeasureKind::Function),
                _ if line.is_empty() || line.starts_with('#') => {}
                _ => {
                    let entry = kind.zip(entry(line));
                    let Some((kind, (name, lines))) = entry else {
                        let message = "expected `\"name\" = lines` below [files] or [functions]";
                        return Err((index + 1, message.to_owned()));
                    };
                    let number = index + 1;
                    if known.insert((kind, name.to_owned()), (lines, number)).is_some() {
                        return Err((number, format!("{name} is listed twice")));
                    }
                }
            }
        }
        Ok(Self(known))
    }

    /// What exceeds its limit and is not listed, has grown, or is listed and
    /// need not be. `list` is the path of the list.
    pub fn findings(mut self, list: &str, measures: &[Measure]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for ((kind, name), measure) in longest(measures) {
            let (noun, lines, most) = (kind.noun(), measure.lines, kind.lines_max());
            let mut here = |message| {
                findings.push(Finding::new(&measure.path, measure.line, message));
            };
            match self.0.remove(&(kind, name.to_owned())) {
                None if lines > most => {
                    here(format!("a {noun} of {lines} lines; {most} are the most: divide it"))
                }
                Some((known, _)) if lines > most && lines > known => here(format!(
                    "a {noun} of {lines} lines; it had {known}, and {most} are the most: divide it"
                )),
                Some((known, number)) if lines > most && lines < known => {
                    let message = format!("{name} has shrunk to {lines} lines: write that");
                    findings.push(Finding::new(list, number, message));
                }
                Some((_, number)) if lines <= most => {
                    let message = format!("{name} keeps to the limit now: remove this line");
                    findings.push(Finding::new(list, number, message));
                }
                _ => {}
            }
        }
        for ((kind, name), (_, number)) in self.0 {
            let message = format!("there is no {} {name}: remove this line", kind.noun());
            findings.push(Finding::new(list, number, message));
        }
        findings
    }
}

/// A line of the list: a name between quotes, and a number.
fn entry(line: &str) -> Option<(&str, usize)> {
    let (name, lines) = line.strip_prefix('"')?.split_once('"')?;
    let lines = lines.trim_start().strip_prefix('=')?;
    Some((name, lines.trim().parse().ok()?))
}

/// Functions of one name in one file (of two types, say) count as the longest.
fn longest(measures: &[Measure]) -> BTreeMap<(MeasureKind, &str), &Measure> {
    let mut longest: BTreeMap<_, &Measure> = BTreeMap::new();
    for measure in measures {
        let kept = longest.entry((measure.kind, measure.name.as_str())).or_insert(measure);
        if measure.lines > kept.lines {
            *kept = measure;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, lines: usize) -> Measure {
        Measure {
            kind: MeasureKind::Function,
            name: format!("a.rs::{name}"),
            path: "a.rs".to_owned(),
            line: 3,
            lines,
        }
    }

    fn check(list: &str, measures: &[Measure]) -> Vec<String> {
        let ratchet = Ratchet::parse(list).unwrap();
        let findings = ratchet.findings("list", measures);
        findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn limits_hold_to_the_line() {
        let nothing: [String; 0] = [];
        assert_eq!(check("", &[function("b", 70)]), nothing);
        let found = check("", &[function("b", 71)]);
        assert_eq!(found, ["a.rs:3: a function of 71 lines; 70 are the most: divide it"]);
        let file = |lines| Measure {
            kind: MeasureKind::File,
            name: "a.rs".to_owned(),
            ..function("", lines)
        };
        assert_eq!(check("", &[file(400)]), nothing);
        assert_eq!(check("", &[file(401)]).len(), 1);
    }

    #[test]
    fn a_known_excess_may_only_shrink() {
        let list = "# known\n[functions]\n\"a.rs::b\" = 80\n";
        let nothing: [String; 0] = [];
        assert_eq!(check(list, &[function("b", 80)]), nothing);
        let rows = [
            (81, "a.rs:3: a function of 81 lines; it had 80"),
            (75, "list:3: a.rs::b has shrunk to 75 lines"),
            (70, "list:3: a.rs::b keeps to the limit now"),
        ];
        for (lines, expected) in rows {
            let found = check(list, &[function("b", lines)]);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn a_stale_entry_is_refused() {
        let found = check("[functions]\n\"a.rs::gone\" = 80\n", &[]);
        assert_eq!(found, ["list:2: there is no function a.rs::gone: remove this line"]);
    }

    #[test]
    fn the_longest_of_one_name_counts() {
        let both = [function("new", 90), function("new", 5)];
        assert_eq!(check("[functions]\n\"a.rs::new\" = 90", &both).len(), 0);
        assert_eq!(check("", &both).len(), 1);
    }

    #[test]
    fn a_bad_list_is_refused_with_its_line() {
        let rows = [
            (1, "\"a.rs\" = 500"),
            (2, "[files]\na.rs = 500"),
            (2, "[files]\n\"a.rs\" = many"),
            (1, "[folders]"),
            (3, "[files]\n\"a.rs\" = 500\n\"a.rs\" = 501"),
        ];
        for (line, text) in rows {
            assert_eq!(Ratchet::parse(text).unwrap_err().0, line, "{text}");
        }
    }
}
