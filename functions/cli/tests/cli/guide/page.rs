//! A guide as data: the files that its reader writes, and the commands with their output.
//!
//! A command is a line of a `console` block that begins with `$ `; what follows it, up to the
//! next one, is what it prints. A file is any block below `<!-- file: NAME -->`.

use std::ops::Range;

/// What the reader does.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Writes a file.
    File { name: String, text: String },
    /// Types a command.
    Command { command: String, printed: Printed },
}

/// What a command prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Printed {
    /// In lines of the page, from 0.
    pub lines: Range<usize>,
    pub text: String,
}

/// The steps of a page, in their order.
pub fn steps(page: &str) -> Vec<Step> {
    let lines: Vec<&str> = page.lines().collect();
    let mut steps = Vec::new();
    let mut file = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(name) = line.strip_prefix("<!-- file: ") {
            file = name.strip_suffix(" -->");
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let end = at + lines[at..].iter().position(|line| *line == "```").unwrap();
        if let Some(name) = file.take() {
            steps.push(Step::File { name: name.to_owned(), text: joined(&lines[at..end]) });
        } else if language == "console" {
            commands(&lines, at..end, &mut steps);
        }
        at = end + 1;
    }
    steps
}

fn commands(lines: &[&str], block: Range<usize>, steps: &mut Vec<Step>) {
    let is_command = |line: &usize| lines[*line].starts_with("$ ");
    let begins: Vec<usize> = block.clone().filter(is_command).collect();
    assert_eq!(begins.first(), Some(&block.start), "line {}: no command", block.start + 1);
    let ends = begins.iter().skip(1).copied().chain([block.end]);
    for (begin, end) in begins.iter().zip(ends) {
        let printed = begin + 1..end;
        let text = joined(&lines[printed.clone()]);
        let command = lines[*begin]["$ ".len()..].to_owned();
        steps.push(Step::Command { command, printed: Printed { lines: printed, text } });
    }
}

/// The page with other output of some of its commands.
pub fn rewritten(page: &str, printed: &[Printed]) -> String {
    let mut lines: Vec<&str> = page.lines().collect();
    // From the end, so that those before stay where they are.
    for it in printed.iter().rev() {
        lines.splice(it.lines.clone(), it.text.lines());
    }
    joined(&lines)
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn a_page_is_read_and_rewritten() {
    let page = "Say:\n\n<!-- file: a.toml -->\n```toml\nx = 1\n```\n```toml\nno = 1\n```\n\
                ```console\n$ one\nsays\n\nmore\n$ two\n```\nEnd.\n";
    let [file, one, two] = &steps(page)[..] else { panic!("three steps") };
    assert_eq!(*file, Step::File { name: "a.toml".to_owned(), text: "x = 1\n".to_owned() });
    let text = "says\n\nmore\n".to_owned();
    let printed = Printed { lines: 11..14, text };
    assert_eq!(*one, Step::Command { command: "one".to_owned(), printed });
    let printed = Printed { lines: 15..15, text: String::new() };
    assert_eq!(*two, Step::Command { command: "two".to_owned(), printed });
    let other = |lines, text: &str| Printed { lines, text: text.to_owned() };
    let expected = page.replace("says\n\nmore\n$ two\n", "new\n$ two\nis\n");
    assert_eq!(rewritten(page, &[other(11..14, "new\n"), other(15..15, "is\n")]), expected);
}
