//! What a Rust project has that the example finds around itself: the SDK, and the workspace
//! that both are members of.

use super::name::Name;
use super::templates;

/// The SDK's package.
const SDK: &str = "arrears-action-sdk";

/// Where the file with the SDK's bindings looks for the contract: among the plugins two
/// folders up, in a project one.
const CONTRACT: [&str; 2] = ["path: \"../../wit\"", "path: \"../wit\""];

/// The files that the SDK is, and those that change for it.
pub(super) fn files(name: Name<'_>) -> Vec<(String, String)> {
    let own = templates::SDK.iter().filter(|(path, _)| path.starts_with("sdk/"));
    let mut files: Vec<(String, String)> = own
        .map(|(path, text)| match *path {
            "sdk/Cargo.toml" => ((*path).to_owned(), without_tests(text)),
            _ => ((*path).to_owned(), text.replace(CONTRACT[0], CONTRACT[1])),
        })
        .collect();
    let lock = locked(template(templates::SDK, "Cargo.lock"));
    files.push(("Cargo.lock".to_owned(), name.put_into(&lock)));
    let own = name.put_into(template(templates::RUST, "Cargo.toml"));
    let workspace = workspace(template(templates::SDK, "workspace.toml"));
    files.push(("Cargo.toml".to_owned(), format!("{}\n\n{workspace}", own.trim_end())));
    files
}

fn template(files: &[(&str, &'static str)], path: &str) -> &'static str {
    files.iter().find(|(own, _)| *own == path).map_or("", |(_, text)| text)
}

/// The manifest of a package whose tests were left behind.
fn without_tests(manifest: &str) -> String {
    let (head, rest) = manifest.split_once("[dev-dependencies]\n").unwrap_or((manifest, ""));
    let tables = rest.find("\n[").map_or("", |start| &rest[start + 1..]);
    format!("{head}{tables}")
}

/// The plugins' workspace with the SDK as its one further member.
fn workspace(manifest: &str) -> String {
    let start = manifest.find("[workspace]").unwrap_or(0);
    let manifest = &manifest[start..];
    let Some((head, rest)) = manifest.split_once("members = [") else {
        return manifest.to_owned();
    };
    let rest = rest.split_once(']').map_or("", |(_, rest)| rest);
    format!("{head}members = [\"sdk\"]{rest}")
}

/// The versions that the plugins are tested with, without the packages that are no part of
/// a project: the other plugins.
fn locked(lock: &str) -> String {
    let mut packages = lock.split("[[package]]\n");
    let mut text = packages.next().unwrap_or_default().to_owned();
    for package in packages {
        let is = |name: &str| package.starts_with(&format!("name = \"{name}\"\n"));
        if package.contains("\nsource = ") || is(SDK) || is(super::name::EXAMPLE) {
            text.push_str(&format!("[[package]]\n{package}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_project_has_stays_locked() {
        let lock = "version = 4\n\n[[package]]\nname = \"acme-sms-reminder\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"arrears-plugin-log\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry\"\n";
        let expected = "version = 4\n\n[[package]]\nname = \"acme-sms-reminder\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry\"\n";
        assert_eq!(locked(lock), expected);
    }

    #[test]
    fn tests_that_were_left_behind_need_nothing() {
        let manifest =
            "[dependencies]\na = 1\n\n[dev-dependencies]\nb = 1\n\n[lints]\nworkspace = true\n";
        let expected = "[dependencies]\na = 1\n\n[lints]\nworkspace = true\n";
        assert_eq!(without_tests(manifest), expected);
        assert_eq!(without_tests("[lints]\n"), "[lints]\n");
    }

    #[test]
    fn the_workspace_has_the_sdk_alone() {
        let manifest =
            "# About.\n[workspace]\nmembers = [\n    \"sdk\",\n    \"log\",\n]\n\n[profile.dev]\n";
        let expected = "[workspace]\nmembers = [\"sdk\"]\n\n[profile.dev]\n";
        assert_eq!(workspace(manifest), expected);
    }
}
