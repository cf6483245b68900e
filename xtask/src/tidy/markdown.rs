//! Links from one document to another must lead somewhere.

use std::collections::BTreeSet;

use crate::tidy::Finding;

/// The links of a document that lead to no file of the checkout.
pub fn findings(path: &str, text: &str, paths: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        for link in links(&without_code(line)) {
            if !leads_somewhere(path, &link, paths) {
                let message = format!("the link `{link}` leads to no file of the checkout");
                findings.push(Finding::new(path, index + 1, message));
            }
        }
    }
    findings
}

/// A line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The targets of `[text](target "title")` and of `[label]: target`.
fn links(line: &str) -> Vec<String> {
    let first_word = |text: &str| {
        let word = text.split_whitespace().next().unwrap_or_default();
        word.trim_matches(['<', '>']).to_owned()
    };
    let mut targets: Vec<String> = line
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(first_word(rest.split_once(')')?.0)))
        .collect();
    if let Some((label, target)) = line.split_once("]: ")
        && label.starts_with('[')
    {
        targets.push(first_word(target));
    }
    targets
}

/// Whether a link names a file or a folder of the checkout, or leads out of it
/// to the web, or stays in its own document.
fn leads_somewhere(from: &str, link: &str, paths: &BTreeSet<String>) -> bool {
    let (target, _anchor) = link.split_once('#').unwrap_or((link, ""));
    if target.is_empty() {
        return !link.is_empty();
    }
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return false,
            ".." => {}
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    let folder = format!("{path}/");
    let has_folder = || paths.iter().any(|known| known.starts_with(&folder));
    path.is_empty() || paths.contains(&path) || has_folder()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The links found to be dead in `docs/guide.md`.
    fn dead(text: &str) -> usize {
        let paths = ["README.md", "docs/guide.md", "docs/decisions/0001-a.md", "wit/types.wit"];
        let paths = paths.into_iter().map(str::to_owned).collect();
        findings("docs/guide.md", text, &paths).len()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "\
[a](../README.md) and [b](decisions/0001-a.md#why \"title\") [c](decisions/) [d](..)
[e](#here) [f](https://example.org/x) [g](<../wit/types.wit>) `[h](nowhere.md)`
[label]: ../wit
```md
[i](nowhere.md)
```
A list `[[scheme]]`: nothing, and code: `a[i](x)`.
";
        assert_eq!(dead(text), 0);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let links = [
            "[a](nowhere.md)",
            "[a](README.md)",
            "[a](../docs/guide)",
            "[a](../../shared/DESIGN.md)",
            "[a](../target/out.md)",
            "[label]: nowhere.md",
            "![image](image.png)",
            "[a]()",
        ];
        for link in links {
            assert_eq!(dead(link), 1, "{link}");
        }
        assert_eq!(dead("[a](b.md) and [c](d.md)\n\n[e](f.md)"), 3);
    }
}
