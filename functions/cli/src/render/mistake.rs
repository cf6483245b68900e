//! The mistakes of a setup: each with its file, line, column, the line itself
//! and what to do; or as plain data for `--json`.

use super::number;
use arrears_domain::setup::{Mistake, Severity, Source, Span, line_and_column};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use serde::Serialize;
use std::fmt;
use std::io::IsTerminal;

/// Columns of the text; longer hints are wrapped.
const WIDTH: usize = 100;

/// A mistake as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MistakeDocument {
    code: &'static str,
    severity: &'static str,
    message: String,
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    hint: Option<String>,
}

/// How many there are: `the setup has 2 mistakes and 1 warning`.
pub fn count(mistakes: &[Mistake]) -> String {
    let warnings = mistakes.iter().filter(|it| it.severity == Severity::Warning).count();
    let errors = mistakes.len() - warnings;
    let mut parts = Vec::new();
    if errors > 0 || warnings == 0 {
        parts.push(number::counted(errors as u64, "mistake", "mistakes"));
    }
    if warnings > 0 {
        parts.push(number::counted(warnings as u64, "warning", "warnings"));
    }
    format!("the setup has {}", parts.join(" and "))
}

/// All mistakes as plain data.
pub fn documents(sources: &[Source], mistakes: &[Mistake]) -> Vec<MistakeDocument> {
    let document = |mistake: &Mistake| {
        let source = sources.get(mistake.span.source);
        let text = source.map_or("", |source| source.text.as_str());
        let (line, column) = line_and_column(text, mistake.span.offset);
        MistakeDocument {
            code: mistake.code,
            severity: mistake.severity.as_str(),
            message: mistake.message.clone(),
            file: source.map_or_else(String::new, |source| source.name.clone()),
            line,
            column,
            hint: mistake.hint.clone(),
        }
    };
    mistakes.iter().map(document).collect()
}

/// All mistakes for people, each with the lines around it; in colour if stderr
/// is a terminal.
pub fn render(sources: &[Source], mistakes: &[Mistake]) -> String {
    let in_colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme =
        if in_colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_links(false)
        .with_urls(false);
    let mut text = String::new();
    for mistake in mistakes {
        // Formatting into a text does not fail, and a mistake whose lines
        // cannot be shown still has its message.
        if handler.render_report(&mut text, &Shown::new(sources, mistake)).is_err() {
            text.push_str(&mistake.message);
        }
        text.push('\n');
    }
    // The handler leaves blanks after empty lines of the source.
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A mistake as miette wants to see it.
#[derive(Debug)]
struct Shown<'a> {
    mistake: &'a Mistake,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Elsewhere>,
}

/// A place in another file that matters.
#[derive(Debug)]
struct Elsewhere {
    label: String,
    source: NamedSource<String>,
    span: Span,
}

impl<'a> Shown<'a> {
    fn new(sources: &[Source], mistake: &'a Mistake) -> Self {
        let own = mistake.span.source;
        let named =
            |index: usize| sources.get(index).map(|it| NamedSource::new(&it.name, it.text.clone()));
        let (here, there): (Vec<_>, Vec<_>) =
            mistake.related.iter().partition(|(span, _)| span.source == own);
        let mut labels =
            vec![LabeledSpan::new_primary_with_span(Some("here".to_owned()), range(mistake.span))];
        labels
            .extend(here.into_iter().map(|(span, label)| {
                LabeledSpan::new_with_span(Some(label.clone()), range(*span))
            }));
        let elsewhere = there.into_iter().filter_map(|(span, label)| {
            Some(Elsewhere { label: label.clone(), source: named(span.source)?, span: *span })
        });
        Self { mistake, source: named(own), labels, elsewhere: elsewhere.collect() }
    }
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.offset..span.offset + span.length
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.mistake.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.mistake.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.mistake.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let hint = self.mistake.hint.as_deref()?;
        Some(Box::new(hint))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn Diagnostic> + 'b>> {
        Some(Box::new(self.elsewhere.iter().map(|it| it as &dyn Diagnostic)))
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.label)
    }
}

impl std::error::Error for Elsewhere {}

impl Diagnostic for Elsewhere {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(None, range(self.span));
        Some(Box::new(std::iter::once(label)))
    }
}
