//! The rules for text of any kind.

use crate::tidy::{Finding, extension, has_word};

/// Marks for later. What is worth doing later is worth an issue.
pub const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// Folders of somebody's own machine, in two parts so that this file passes.
const OWN_FOLDERS: [&str; 4] =
    [concat!("/", "home/"), concat!("/", "root/"), concat!("/", "Users/"), concat!("/", "work/")];

/// What we write by hand. Other files, such as the expected outputs of a run,
/// may have to end a line with spaces.
const WRITTEN: [&str; 10] = ["", "json", "md", "rs", "sh", "tf", "toml", "wit", "yaml", "yml"];

/// What is read by machines and may have a comment. Rust is read by its
/// tokens, and prose may speak of the marks.
const COMMENTED: [&str; 7] = ["", "sh", "tf", "toml", "wit", "yaml", "yml"];

/// What breaks a rule in one file.
pub fn findings(path: &str, text: &str) -> Vec<Finding> {
    let written = WRITTEN.contains(&extension(path));
    let commented = COMMENTED.contains(&extension(path));
    let mut findings = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let number = index + 1;
        if written && line.ends_with(char::is_whitespace) {
            findings.push(Finding::new(path, number, "whitespace at the end of a line"));
        }
        if let Some(folder) = own_folder(line) {
            let message = format!("`{folder}` is a folder of somebody's own machine");
            findings.push(Finding::new(path, number, message));
        }
        if let (true, Some(mark)) = (commented, mark(line)) {
            findings.push(mark_finding(path, number, mark));
        }
    }
    if written && !text.is_empty() && !text.ends_with('\n') {
        let last = text.lines().count();
        findings.push(Finding::new(path, last, "no newline at the end of the file"));
    }
    findings
}

/// The mark for later that stands in a line.
pub fn mark(line: &str) -> Option<&'static str> {
    MARKS.into_iter().find(|mark| has_word(line, mark))
}

/// Says what to do about a mark.
pub fn mark_finding(path: &str, line: usize, mark: &str) -> Finding {
    let message = format!("{mark} is left over: do it, or file an issue");
    Finding::new(path, line, message)
}

/// The folder of somebody's own machine that a line names, if a path begins
/// with it: `/a/home/b` and `https://example.org/home/` do not.
fn own_folder(line: &str) -> Option<&'static str> {
    let inside = |character: char| character.is_alphanumeric() || "._-~})>]*".contains(character);
    OWN_FOLDERS.into_iter().find(|folder| {
        line.match_indices(folder).any(|(start, _)| !line[..start].ends_with(inside))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let found = findings(path, text);
        found.into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn lines_end_with_what_one_sees() {
        assert_eq!(lines("a.toml", "a = 1\nb = 2\n"), [0usize; 0]);
        assert_eq!(lines("a.toml", "a = 1 \nb = 2\t\nc = 3\r\n"), [1, 2, 3]);
        assert_eq!(lines("a.toml", "a = 1\nb = 2"), [2]);
        assert_eq!(lines("a.toml", ""), [0usize; 0]);
        assert_eq!(lines("expected.ach", "padded   \nno newline"), [0usize; 0]);
    }

    #[test]
    fn folders_of_a_machine_are_found_in_any_file() {
        for folder in OWN_FOLDERS {
            for text in [
                format!("{folder}me\n"),
                format!("see `{folder}me`\n"),
                format!("file://{folder}\n"),
            ] {
                assert_eq!(lines("a.csv", &text), [1], "{text}");
            }
            for text in [
                format!("a{folder}\n"),
                format!("https://example.org{folder}\n"),
                format!("${{root}}{folder}\n"),
            ] {
                assert_eq!(lines("a.csv", &text), [0usize; 0], "{text}");
            }
        }
    }

    #[test]
    fn marks_are_found_where_comments_are() {
        for mark in MARKS {
            let text = format!("a = 1\n# {mark} b\n");
            assert_eq!(lines("a.toml", &text), [2]);
            assert_eq!(lines(".ci/run", &text), [2]);
            assert_eq!(lines("docs/a.md", &text), [0usize; 0]);
            assert_eq!(lines("a.toml", &format!("bic = \"COBADEFF{mark}\"\n")), [0usize; 0]);
        }
    }
}
