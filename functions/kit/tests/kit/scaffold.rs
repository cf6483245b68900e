//! New projects: whole, under their own name, and never half there.

use std::fs;
use std::path::Path;

use arrears_kit::KitError;
use arrears_kit::build::Language;
use arrears_kit::scaffold::scaffold;

use crate::support::root;

/// Each language, and files that a project in it is recognised and built by.
const LANGUAGES: [(Language, &[&str]); 4] = [
    (Language::Rust, &["Cargo.lock", "Cargo.toml", "sdk/Cargo.toml", "src/lib.rs"]),
    (Language::Js, &["build.mjs", "package-lock.json", "package.json"]),
    (Language::Python, &["app.py", "requirements.txt"]),
    (Language::C, &["action.c"]),
];

/// What a project in any language has.
const SHARED: [&str; 6] = [
    ".gitignore",
    "config-schema.json",
    "wit/action.wit",
    "wit/log.wit",
    "wit/types.wit",
    "wit/world.wit",
];

/// What tools leave behind, which no project begins with.
const LEFT_BEHIND: [&str; 5] = ["build/", "node_modules/", "target/", ".venv/", "__pycache__/"];

const BUILT_IN: [&str; 2] = ["arrears-notice", "notice"];

#[test]
fn a_project_has_what_it_needs_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    for (language, own) in LANGUAGES {
        let place = folder.path().join(language.to_string());
        let project = scaffold("globex-late-call", language, &place, &BUILT_IN).unwrap();
        assert_eq!(project.action, "globex:late-call");
        for wanted in own.iter().chain(&SHARED) {
            assert!(project.files.iter().any(|file| file == wanted), "{language}: {wanted}");
        }
        for file in &project.files {
            assert!(!LEFT_BEHIND.iter().any(|it| file.contains(it)), "{language}: {file}");
            let text = fs::read_to_string(place.join(file)).unwrap();
            for other in ["acme-sms-reminder", "acme_sms_reminder", "acme:sms-reminder", "AcmeSms"]
            {
                assert!(!text.contains(other), "{language}: {file} has {other}");
            }
        }
        assert!(project.files.iter().any(|file| file.starts_with("cases/")));
        let contract = fs::read_to_string(place.join("wit/types.wit")).unwrap();
        assert_eq!(contract, fs::read_to_string(root("wit/types.wit")).unwrap());
    }
}

#[test]
fn the_manifests_of_a_rust_project_are_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("project");
    scaffold("globex-late-call", Language::Rust, &place, &BUILT_IN).unwrap();
    let text = |path: &str| fs::read_to_string(place.join(path)).unwrap();
    let manifest = text("Cargo.toml");
    assert!(manifest.contains("name = \"globex-late-call\""));
    assert!(manifest.contains("members = [\"sdk\"]"), "{manifest}");
    assert!(manifest.contains("[profile.release]"));
    assert!(!text("sdk/Cargo.toml").contains("[dev-dependencies]"));
    assert!(text("sdk/src/bindings.rs").contains("path: \"../wit\""));
    assert!(!text("Cargo.lock").contains("arrears-plugin-"));
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("project");
    fs::create_dir(&place).unwrap();
    // An empty one is taken.
    scaffold("globex-late-call", Language::C, &place, &BUILT_IN).unwrap();
    let error = scaffold("globex-late-call", Language::Js, &place, &BUILT_IN).unwrap_err();
    assert!(matches!(error, KitError::Exists { .. }), "{error}");
    assert!(place.join("action.c").is_file() && !place.join("package.json").exists());
}

#[test]
fn what_cannot_be_made_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let names = |folder: &Path| fs::read_dir(folder).unwrap().count();
    let place = folder.path().join("notices");
    assert!(scaffold("notices", Language::C, &place, &BUILT_IN).is_err());
    assert!(scaffold("arrears-calls", Language::C, &place, &BUILT_IN).is_err());
    assert_eq!(names(folder.path()), 0);
    let nowhere = folder.path().join("missing").join("project");
    let error = scaffold("globex-late-call", Language::C, &nowhere, &BUILT_IN).unwrap_err();
    assert!(matches!(error, KitError::File { .. }), "{error}");
    assert_eq!(names(folder.path()), 0);
    fs::write(folder.path().join("file"), "").unwrap();
    let on_file = folder.path().join("file");
    assert!(scaffold("globex-late-call", Language::C, &on_file, &BUILT_IN).is_err());
    assert_eq!(names(folder.path()), 1);
}
