//! What the ready-made templates write for the samples: snapshots, and the same
//! read back.

use super::{sample_file, sample_rows};
use crate::export::template::{FileTotals, RenderError, Sources, Templates, ready};
use arrears_domain::setup::{Escape, ReadyTemplate};
use std::sync::Arc;

fn compiled(template: ReadyTemplate) -> Templates {
    Templates::compile(&ready(template), template.escape()).unwrap()
}

/// The whole file of the samples that the condition selects.
fn file(template: ReadyTemplate, one_currency: bool) -> Result<String, RenderError> {
    let (templates, facts) = (compiled(template), sample_file());
    let (mut out, mut totals) = (Vec::new(), FileTotals::default());
    templates.header(&facts, &mut out)?;
    for row in sample_rows() {
        if !one_currency || row.account.currency().code() == "USD" {
            templates.record(&row, &facts, &mut out)?;
            totals.count(&row).unwrap();
        }
    }
    templates.trailer(&facts, &totals, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn assert_snapshot(name: &str, actual: &str, expected: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/export/template/tests/");
        std::fs::write(format!("{folder}{name}"), actual).unwrap();
        return;
    }
    assert_eq!(actual, expected, "{name}: run with UPDATE_EXPECT=1 to accept");
}

#[test]
fn ready_files_are_as_they_were() {
    let csv = file(ReadyTemplate::Csv, false).unwrap();
    assert_snapshot("ready.csv", &csv, include_str!("ready.csv"));
    let fixed = file(ReadyTemplate::FixedWidth, true).unwrap();
    assert_snapshot("ready.txt", &fixed, include_str!("ready.txt"));
    let xml = file(ReadyTemplate::Xml, false).unwrap();
    assert_snapshot("ready.xml", &xml, include_str!("ready.xml"));
}

#[test]
fn the_csv_is_read_back_as_it_was_meant() {
    let text = file(ReadyTemplate::Csv, false).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), sample_rows().len());
    for (read, row) in rows.iter().zip(sample_rows()) {
        let field = |name: &str| {
            read.get(headings.iter().position(|heading| heading == name).unwrap()).unwrap()
        };
        let name = row.contact.as_ref().map_or("", |contact| contact.name.as_str());
        let disarmed = if name.starts_with('=') { format!("'{name}") } else { name.to_owned() };
        assert_eq!(field("name"), disarmed);
        assert_eq!(field("account"), row.account.id.to_string());
        assert_eq!(field("action"), row.action.as_str());
        assert_eq!(field("balance"), row.reported_balance.to_string());
    }
}

#[test]
fn fixed_width_lines_have_one_width() {
    let text = file(ReadyTemplate::FixedWidth, true).unwrap();
    assert!(text.is_ascii() && text.ends_with('\n'));
    let kinds: String = text.lines().map(|line| &line[..1]).collect();
    assert_eq!(kinds, "HDDDT");
    assert!(text.lines().all(|line| line.len() == 200), "{text}");
}

#[test]
fn what_cannot_be_written_names_its_record_and_leaves_nothing() {
    let error = file(ReadyTemplate::FixedWidth, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the trailer template, line 9: the file has amounts in EUR, JPY, KWD, USD, which have no \
         one sum; select records of one currency, or list totals.balances"
    );
    let record = "{{ account.id }}\n{{ contact.name | left(12) }}\n";
    let sources = Sources { header: None, record, trailer: None };
    let templates = Templates::compile(&sources, Escape::Line).unwrap();
    let rows = sample_rows();
    let mut out = b"before".to_vec();
    let long = Arc::clone(rows.last().unwrap());
    let error = templates.record(&long, &sample_file(), &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the record template, line 2, account A-1006, delinquency D-6: \
         `Müller-Lüdenscheidt Grundstücksverwaltun...` has 58 characters and does not fit into 12; \
         write left(12, truncate=true) to cut it off, or widen the field"
    );
    assert_eq!(out, b"before");
}

#[test]
fn templates_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&compiled(ReadyTemplate::Csv));
}
