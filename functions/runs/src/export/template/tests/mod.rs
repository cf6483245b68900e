//! Templates, tried as agencies write them.

use super::*;

mod documents;
mod filters;
mod mistakes;
mod outputs;
mod setups;
mod tables;

fn sample_file() -> Arc<FileFacts> {
    sample::file(&SetupFacts::made_up())
}

fn sample_rows() -> Vec<Arc<Row>> {
    sample::rows(&SetupFacts::made_up())
}

/// What a record template writes for each sample, with a final line break taken
/// off; or the first thing that is wrong.
fn records(template: &str, escape: Escape) -> Result<Vec<String>, String> {
    let text = format!("{template}\n");
    // A document has one root element.
    let (header, trailer) = match escape {
        Escape::Xml => (Some("<all>"), Some("</all>")),
        Escape::Csv | Escape::Line | Escape::None => (None, None),
    };
    let sources = Sources { header, record: &text, trailer };
    let templates = Templates::compile(&sources, escape).map_err(|mistakes| in_words(&mistakes))?;
    sample_rows()
        .iter()
        .map(|row| {
            let mut out = Vec::new();
            templates.record(row, &sample_file(), &mut out).map_err(|error| error.to_string())?;
            let text = String::from_utf8(out).unwrap();
            Ok(text.strip_suffix('\n').unwrap().to_owned())
        })
        .collect()
}

/// Each mistake with the text that it points to.
fn in_words(mistakes: &[TemplateMistake]) -> String {
    let lines: Vec<String> = mistakes
        .iter()
        .map(|mistake| match &mistake.hint {
            Some(hint) => format!("{}: {}; {hint}", mistake.line, mistake.message),
            None => format!("{}: {}", mistake.line, mistake.message),
        })
        .collect();
    lines.join("\n")
}

#[test]
fn samples_are_complete_and_every_documented_variable_has_a_value() {
    assert_eq!(sample_rows().len(), 6);
    for variable in VARIABLES.iter().filter(|variable| variable.of != Kind::Balances) {
        let text = format!("x{{{{ {} }}}}\n", variable.path);
        let part = match variable.place {
            Place::Everywhere => Part::Header,
            Place::Record => Part::Record,
            Place::Trailer => Part::Trailer,
        };
        let sources = match part {
            Part::Header => Sources { header: Some(&text), record: "x\n", trailer: None },
            Part::Record => Sources { header: None, record: &text, trailer: None },
            Part::Trailer => Sources { header: None, record: "x\n", trailer: Some(&text) },
        };
        let compiled = Templates::compile(&sources, Escape::Line);
        assert!(compiled.is_ok(), "{}: {:?}", variable.path, compiled.err());
    }
}
