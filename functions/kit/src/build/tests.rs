//! Projects that cannot be built, none of which needs a toolchain but cargo.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::project::{Installed, Project};
use super::tool::Tool;
use super::{BuildError, Language, build};

/// A folder `project` with these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("project")).unwrap();
    for (name, text) in files {
        let path = folder.path().join("project").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn failure(files: &[(&str, &str)]) -> String {
    let folder = project(files);
    build(&folder.path().join("project")).unwrap_err().to_string()
}

#[test]
fn a_project_is_recognised_by_its_files() {
    for (files, language) in [
        (&["Cargo.toml", "native.c"][..], Language::Rust),
        (&["package.json"], Language::Js),
        (&["requirements.txt", "app.py"], Language::Python),
        (&["any.c"], Language::C),
    ] {
        let files: Vec<_> = files.iter().map(|name| (*name, "")).collect();
        let folder = project(&files);
        assert_eq!(Language::of(&folder.path().join("project")).unwrap(), language);
    }
    for files in [&[][..], &[("app.py", "")], &[("src/any.c", "")]] {
        let said = failure(files);
        assert!(said.contains("holds no project") && said.contains("plugin new"), "{said}");
    }
}

#[test]
fn a_missing_tool_is_named_with_what_installs_it() {
    let tool = Tool::new("no-such-tool", Path::new("."), Language::C, "`apt-get install it`");
    let error = tool.run().map(|_said| ()).unwrap_err();
    assert_eq!(error.code(), "missing-tool");
    assert_eq!(
        error.to_string(),
        "there is no `no-such-tool`, which a project in C is built with: `apt-get install it`"
    );
}

#[test]
fn a_failing_tool_has_its_say() {
    let tool = Tool::new("cargo", Path::new("."), Language::Rust, "");
    let error = tool.arg("no-such-command").run().map(|_said| ()).unwrap_err();
    assert_eq!(error.code(), "build-failed");
    let said = error.to_string();
    assert!(said.starts_with("`cargo no-such-command` failed (exit status: 101)\n"), "{said}");
    assert!(said.contains("no such command"), "{said}");
}

#[test]
fn a_library_for_rust_alone_is_told_what_it_lacks() {
    let manifest = "[package]\nname = \"acme-sms\"\n[workspace]\n";
    let said = failure(&[("Cargo.toml", manifest), ("src/lib.rs", "")]);
    assert!(said.contains("crate-type = [\"cdylib\", \"rlib\"]"), "{said}");
    let said = failure(&[("Cargo.toml", "[workspace]\n")]);
    assert!(said.contains("it has no [package]"), "{said}");
}

#[test]
fn a_project_without_its_contract_or_its_lock_is_told_where_they_come_from() {
    let said = failure(&[("action.c", "")]);
    assert!(said.contains("world.wit is missing") && said.contains("plugin new"), "{said}");
    let said = failure(&[("action.c", ""), ("wit/world.wit", "world {")]);
    assert!(said.contains("this is no WIT") && said.contains("found '{'"), "{said}");
    let said = failure(&[("package.json", "{}"), ("wit/world.wit", "")]);
    assert!(said.contains("package-lock.json") && said.contains("npm install"), "{said}");
}

#[test]
fn a_build_that_fails_leaves_the_component_of_the_last_one() {
    let folder = project(&[("package.json", "{}"), ("build/project.wasm", "built before")]);
    let project = folder.path().join("project");
    let error = build(&project).unwrap_err();
    assert!(matches!(error, BuildError::BadProject { .. }), "{error}");
    assert_eq!(fs::read_to_string(project.join("build/project.wasm")).unwrap(), "built before");
}

#[test]
fn packages_are_installed_again_when_others_are_wanted() {
    let folder = project(&[("list", "one==1\n")]);
    let root = folder.path().join("project");
    let list = root.join("list");
    let open = || Installed::new(&list, root.join("note")).unwrap();
    assert!(!open().is_complete());
    open().complete().unwrap();
    assert!(open().is_complete());
    fs::write(&list, "one==2\n").unwrap();
    assert!(!open().is_complete());
}

#[test]
fn a_fresh_folder_has_nothing_of_the_last_build() {
    let folder = project(&[("build/bindings/old.h", "")]);
    let project = Project::open(&folder.path().join("project")).unwrap();
    let fresh = project.fresh("bindings").unwrap();
    assert_eq!(fs::read_dir(fresh).unwrap().count(), 0);
}
