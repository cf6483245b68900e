//! `arrears plugin new`, `build`: projects.

use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::session::Session;
use arrears_kit::build::{self, Built, Language};
use arrears_kit::scaffold::{Project, scaffold};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A new project.
#[derive(Debug, Args)]
pub struct New {
    /// Who makes it and what it does: acme-sms-reminder
    #[arg(value_name = "NAME")]
    name: String,
    /// What it is written in
    #[arg(long, value_name = "LANGUAGE")]
    lang: Lang,
    /// Where to make it; without it, a folder of the plugin's name
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// What there is a template for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    Rust,
    Js,
    Python,
    C,
}

/// A project.
#[derive(Debug, Args)]
pub struct Build {
    /// Its folder
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: PathBuf,
}

/// Makes a project.
pub(super) fn new(session: &Session, new: &New) -> Result<Status, CommandError> {
    let language = match new.lang {
        Lang::Rust => Language::Rust,
        Lang::Js => Language::Js,
        Lang::Python => Language::Python,
        Lang::C => Language::C,
    };
    let folder = new.folder.clone().unwrap_or_else(|| PathBuf::from(&new.name));
    let names = super::built_in_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = scaffold(&new.name, language, &folder, &names)?;
    session.output.answer(&project, || made(&project))?;
    Ok(Status::Done)
}

fn made(project: &Project) -> String {
    let folder = project.folder.display();
    let files = number::counted(project.files.len() as u64, "file", "files");
    let component = project.folder.file_name().unwrap_or_default().display();
    format!(
        "{}, which performs {}: {files} in {folder}.\n\n  cd {folder}\n  arrears plugin test\n  \
         arrears plugin check build/{component}.wasm\n",
        project.name, project.action
    )
}

/// Builds a project.
pub(super) fn build(session: &Session, wanted: &Build) -> Result<Status, CommandError> {
    let built = build::build(&wanted.project)?;
    session.output.answer(&built, || built_in_words(&built))?;
    Ok(Status::Done)
}

/// A line about a build, after what the toolchain had to say.
pub(super) fn built_in_words(built: &Built) -> String {
    let Built { component, bytes, elapsed_ms, remarks, .. } = built;
    let (size, time) = (number::bytes(*bytes), number::duration_ms(*elapsed_ms));
    let remarks = remarks.trim_end();
    let remarks = if remarks.is_empty() { String::new() } else { format!("{remarks}\n") };
    let component = component.strip_prefix(".").unwrap_or(component);
    format!("{remarks}Built {}, {size}, in {time}.\n", component.display())
}
