//! `arrears plugin check`: the gate as a report.

use crate::components::BUILT_IN;
use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::render::table::Table;
use crate::session::Session;
use arrears_kit::case;
use arrears_kit::check::{self, BuiltIns, Report, Verdict};
use clap::Args;
use std::path::PathBuf;

/// Columns of a report.
const WIDTH: usize = 100;

/// Which component.
#[derive(Debug, Args)]
pub struct Check {
    /// The component
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// Look at the subjects of these cases too, as at those of the gate's own
    #[arg(long, value_name = "FOLDER")]
    cases: Option<PathBuf>,
}

/// Holds a component to the gate.
pub(super) fn check(session: &Session, wanted: &Check) -> Result<Status, CommandError> {
    let names = super::built_in_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let digests: Vec<String> =
        BUILT_IN.iter().map(|(_, component)| arrears_host::digest(component)).collect();
    let cases = wanted.cases.as_deref().map(case::folder).transpose()?.unwrap_or_default();
    let built_ins = BuiltIns { names: &names, digests: &digests };
    let report = check::check(&session.host()?, &wanted.component, built_ins, &cases)?;
    session.output.answer(&report, || render(&report))?;
    Ok(if report.refused == 0 { Status::Done } else { Status::Incomplete })
}

fn render(report: &Report) -> String {
    let plugin = report.plugin.as_deref().unwrap_or("a file");
    let mut text = format!("{}: {plugin}, {}", report.file, number::bytes(report.bytes));
    text.push_str(&report.digest.as_ref().map_or_else(String::new, |it| format!(", {it}")));
    let mut table = Table::new(["", "", ""]).within(WIDTH);
    for finding in &report.findings {
        let verdict = match finding.verdict {
            Verdict::Passed => "passed",
            Verdict::Refused => "REFUSED",
            Verdict::Unknown => "-",
        };
        table.row([verdict, finding.rule.name(), &finding.message]);
    }
    let end = match report.refused {
        0 => "An agency may add it.".to_owned(),
        1 => "One rule is broken: no agency can add it.".to_owned(),
        refused => format!("{refused} rules are broken: no agency can add it."),
    };
    format!("{text}\n\n{}\n{end}\n", table.render())
}
