//! `arrears plugin test`: a project's cases.

use super::project::built_in_words;
use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::session::Session;
use arrears_kit::admit;
use arrears_kit::build::{self, Built};
use arrears_kit::case::{self, Mode, Tested, Told};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Which cases, of what.
#[derive(Debug, Args)]
pub struct Test {
    /// The project's folder
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: PathBuf,
    /// Take this component instead of building the project
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// The folder of the cases; without it, `cases` in the project
    #[arg(long, value_name = "FOLDER")]
    cases: Option<PathBuf>,
    /// Write what was found into the cases that expect something else
    #[arg(long)]
    accept: bool,
}

/// What a test answers.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    built: Option<Built>,
    #[serde(flatten)]
    tested: Tested,
}

/// Builds a project, and runs its cases.
pub(super) fn test(session: &Session, wanted: &Test) -> Result<Status, CommandError> {
    let (component, built) = match &wanted.component {
        Some(component) => (component.clone(), None),
        None => {
            let built = build::build(&wanted.project)?;
            (built.component.clone(), Some(built))
        }
    };
    let plugin = admit(&session.host()?, &component)?;
    let project = wanted.project.strip_prefix(".").unwrap_or(&wanted.project);
    let cases = wanted.cases.clone().unwrap_or_else(|| project.join("cases"));
    let mode = if wanted.accept { Mode::Accept } else { Mode::Compare };
    let tested = case::test(&plugin, &cases, mode)?;
    let answer = Answer { built, tested };
    session.output.answer(&answer, || render(&answer))?;
    Ok(if answer.tested.failed == 0 { Status::Done } else { Status::Incomplete })
}

fn render(answer: &Answer) -> String {
    let Answer { built, tested } = answer;
    let mut text = built.as_ref().map(built_in_words).unwrap_or_default();
    let count = number::counted(tested.cases.len() as u64, "case", "cases");
    text.push_str(&format!("{} {}: {count}, ", tested.id, tested.version));
    text.push_str(&match tested.failed {
        0 => "as expected.\n".to_owned(),
        failed => format!("{failed} not as expected.\n"),
    });
    for case in tested.cases.iter().filter(|case| case.accepted) {
        text.push_str(&format!("\nWritten anew: {}: {}\n", case.file, case.about));
    }
    for case in tested.cases.iter().filter(|case| !case.passed) {
        text.push_str(&failed(case));
    }
    if tested.cases.iter().any(|case| !case.difference.is_empty()) {
        text.push_str(
            "\n`-` is expected, `+` was found; `arrears plugin test --accept` writes what was \
             found.\n",
        );
    }
    text
}

fn failed(case: &Told) -> String {
    let mut text = format!("\n{}: {}\n", case.file, case.about);
    for defect in &case.defects {
        text.push_str(&format!("  {defect}\n"));
    }
    for line in &case.difference {
        text.push_str(&format!("  {line}\n"));
    }
    text
}
