//! The templates of an export setup: what the files for a collection agency look
//! like.
//!
//! A file is a header, a line for each record and a trailer. An agency writes the
//! three as templates of Jinja, with the variables and filters of [`VARIABLES`],
//! [`FILTERS`] and [`TESTS`]; [`ready`] has some to begin with.
//! [`Templates::compile`] finds what is wrong before a run starts: it reads each
//! template whole, and fills it in with samples. What is left for the run to find
//! depends on the record, and is a [`RenderError`] that names it.
//!
//! A template reads nothing but its record and its file, and is kept within
//! limits of text, steps and output.

mod amount;
pub(crate) mod escape;
mod facts;
mod mistake;
mod variable;

mod check;
mod document;
mod filter;
mod sample;
mod setup;
mod table;
mod test;
mod trial;

#[cfg(test)]
mod tests;

pub use facts::{FileFacts, FileTotals, Row};
pub use filter::{DocumentedFilter, FILTERS};
pub use mistake::{Part, RenderError, TemplateMistake};
pub use setup::SetupFacts;
pub use test::TESTS;
pub use variable::{DocumentedVariable, Kind, Place, Presence, VARIABLES};

use amount::Amount;
use arrears_domain::setup::{Escape, ReadyTemplate};
use arrears_domain::{AccountId, DelinquencyId};
use facts::Facts;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Output, UndefinedBehavior};
use std::io;
use std::sync::Arc;
use trial::Written;

/// The longest template of a part: some hundred fields with conditions.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// The most that one record, header or trailer writes.
pub const OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// The most steps of the engine for one record, header or trailer: a field is
/// some five of them.
const STEPS_MAX: u64 = 50_000;

/// The texts of an export setup.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Before all records.
    pub header: Option<&'a str>,
    /// Once for each record.
    pub record: &'a str,
    /// After all records.
    pub trailer: Option<&'a str>,
}

impl<'a> Sources<'a> {
    fn parts(&self) -> impl Iterator<Item = (Part, &'a str)> {
        let texts = [self.header, Some(self.record), self.trailer];
        Part::ALL.into_iter().zip(texts).filter_map(|(part, text)| Some((part, text?)))
    }
}

/// The templates that come with the product.
#[must_use]
pub fn ready(template: ReadyTemplate) -> Sources<'static> {
    match template {
        ReadyTemplate::Csv => Sources {
            header: Some(include_str!("ready/csv.header.txt")),
            record: include_str!("ready/csv.record.txt"),
            // Readers of CSV take each line for a row.
            trailer: None,
        },
        ReadyTemplate::FixedWidth => Sources {
            header: Some(include_str!("ready/fixed-width.header.txt")),
            record: include_str!("ready/fixed-width.record.txt"),
            trailer: Some(include_str!("ready/fixed-width.trailer.txt")),
        },
        ReadyTemplate::Xml => Sources {
            header: Some(include_str!("ready/xml.header.txt")),
            record: include_str!("ready/xml.record.txt"),
            trailer: Some(include_str!("ready/xml.trailer.txt")),
        },
    }
}

/// The templates of an export setup, compiled and checked.
#[derive(Debug)]
pub struct Templates {
    engine: Environment<'static>,
    setup: SetupFacts,
}

impl Templates {
    /// Compiles the templates, and tries them with samples of a made-up setup.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the order of the texts.
    pub fn compile(sources: &Sources<'_>, escape: Escape) -> Result<Self, Vec<TemplateMistake>> {
        Self::compile_for(sources, escape, SetupFacts::made_up())
    }

    /// Compiles the templates, and tries them with samples that have the setup's
    /// own names and codes.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the order of the texts.
    pub fn compile_for(
        sources: &Sources<'_>,
        escape: Escape,
        setup: SetupFacts,
    ) -> Result<Self, Vec<TemplateMistake>> {
        let mut templates = Self { engine: engine(escape), setup };
        let (mut mistakes, mut file) = (Vec::new(), Vec::new());
        for (part, text) in sources.parts() {
            let mut of_part = templates.add(part, text);
            if of_part.is_empty() {
                match templates.try_samples(part, text, escape) {
                    Ok(written) => file.push((part, written)),
                    Err(mistake) => of_part.push(mistake),
                }
            }
            of_part.sort_by_key(|mistake| mistake.offset);
            mistakes.extend(of_part);
        }
        if mistakes.is_empty() {
            mistakes.extend(check_file(sources, escape, &file));
        }
        if mistakes.is_empty() { Ok(templates) } else { Err(mistakes) }
    }

    /// Writes what stands before all records.
    ///
    /// # Errors
    /// [`RenderError`]; then nothing is written.
    pub fn header(&self, file: &Arc<FileFacts>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let facts = Facts::Header { file: Arc::clone(file) };
        self.write(Part::Header, facts, out).map_err(|e| RenderError::of(Part::Header, None, &e))
    }

    /// Writes a record.
    ///
    /// # Errors
    /// [`RenderError`]; then nothing is written.
    pub fn record(
        &self,
        row: &Arc<Row>,
        file: &Arc<FileFacts>,
        out: &mut Vec<u8>,
    ) -> Result<(), RenderError> {
        let facts =
            Facts::Record { row: Arc::clone(row), file: Arc::clone(file), any_attribute: None };
        self.write(Part::Record, facts, out)
            .map_err(|error| RenderError::of(Part::Record, Some(ids(row)), &error))
    }

    /// Writes what stands after all records.
    ///
    /// # Errors
    /// [`RenderError`]; then nothing is written.
    pub fn trailer(
        &self,
        file: &Arc<FileFacts>,
        totals: &FileTotals,
        out: &mut Vec<u8>,
    ) -> Result<(), RenderError> {
        let facts = Facts::Trailer { totals: totals.clone(), file: Arc::clone(file) };
        self.write(Part::Trailer, facts, out).map_err(|e| RenderError::of(Part::Trailer, None, &e))
    }

    /// What the templates write of made-up records: a file of all that can be
    /// written in one.
    #[must_use]
    pub fn sample(&self) -> String {
        let file = sample::file(&self.setup);
        let (mut out, mut totals) = (Vec::new(), FileTotals::default());
        // What a setup refuses of its own samples is left out here as it would be
        // in a run.
        let _ = self.header(&file, &mut out);
        for row in sample::rows(&self.setup) {
            let is_same = totals.balance_minor_units.keys().all(|it| *it == row.account.currency());
            if is_same && self.record(&row, &file, &mut out).is_ok() {
                drop(totals.count(&row));
            }
        }
        let _ = self.trailer(&file, &totals, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Checks and compiles the template of a part.
    fn add(&mut self, part: Part, text: &str) -> Vec<TemplateMistake> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("the template has {} bytes", text.len());
            let hint = format!("write at most {TEXT_BYTES_MAX}");
            return vec![TemplateMistake::new(part, text, 0, 0, (message, Some(hint)))];
        }
        let mistakes = check::check(part, text);
        if !mistakes.is_empty() {
            return mistakes;
        }
        match self.engine.add_template_owned(part.as_str(), text.to_owned()) {
            Ok(()) => Vec::new(),
            Err(error) => vec![TemplateMistake::of(part, text, &error)],
        }
    }

    /// Fills the template in with samples. What is wrong for some of them only
    /// depends on the record, and is left to the run.
    fn try_samples(
        &self,
        part: Part,
        text: &str,
        escape: Escape,
    ) -> Result<Vec<Written>, TemplateMistake> {
        let trials = trial::trials(part, &self.setup);
        trial::run(part, text, escape, trials, |facts, out| self.write(part, facts, out))
    }

    fn write(&self, part: Part, facts: Facts, out: &mut Vec<u8>) -> Result<(), Error> {
        // A setup without a header has nothing to write.
        let Ok(template) = self.engine.get_template(part.as_str()) else { return Ok(()) };
        let start = out.len();
        let limited = Limited { out, bytes_left: OUTPUT_BYTES_MAX };
        let rendered = template.render_captured_to(Value::from_object(facts), limited);
        rendered.map(|_| ()).inspect_err(|_| out.truncate(start))
    }
}

fn ids(row: &Row) -> (AccountId, DelinquencyId) {
    (row.account.id.clone(), row.delinquency.id.clone())
}

/// What is wrong with the parts when they are read as one file.
fn check_file(
    sources: &Sources<'_>,
    escape: Escape,
    file: &[(Part, Vec<Written>)],
) -> Option<TemplateMistake> {
    let written = |part: Part| {
        let found = file.iter().find(|(it, _)| *it == part);
        found.map_or(&[][..], |(_, written)| written.as_slice())
    };
    let (part, message, hint) = match escape {
        Escape::Csv => table::check(written(Part::Header).first(), written(Part::Record))?,
        Escape::Xml => {
            document::check(written(Part::Header), written(Part::Record), written(Part::Trailer))?
        }
        Escape::Line | Escape::None => return None,
    };
    let (_, text) = sources.parts().find(|(it, _)| *it == part)?;
    Some(TemplateMistake::new(part, text, 0, text.len(), (message, Some(hint.to_owned()))))
}

fn engine(escape: Escape) -> Environment<'static> {
    let mut engine = Environment::empty();
    filter::register(&mut engine);
    test::register(&mut engine);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_keep_trailing_newline(true);
    engine.set_fuel(Some(STEPS_MAX));
    engine.set_debug(false);
    // The engine asks the formatter below how to escape.
    engine.set_auto_escape_callback(move |_| match escape {
        Escape::None => AutoEscape::None,
        Escape::Csv | Escape::Xml | Escape::Line => AutoEscape::Custom("export"),
    });
    engine.set_formatter(move |out, _, value| write_value(out, value, escape));
    engine
}

/// Writes a value as the escape wants it; numbers and amounts need none.
fn write_value(out: &mut Output<'_>, value: &Value, escape: Escape) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text)?,
        Some(text) => escape::write(out, text, escape)?,
        None if value.is_undefined() || value.is_none() => {}
        None => match value.downcast_object_ref::<Amount>() {
            Some(amount) => write!(out, "{amount}")?,
            None => write!(out, "{value}")?,
        },
    }
    Ok(())
}

/// Refuses what would make a record too long.
struct Limited<'a> {
    out: &'a mut Vec<u8>,
    bytes_left: usize,
}

impl io::Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes_left =
            self.bytes_left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
