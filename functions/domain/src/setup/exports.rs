//! Export setups: what is written for collection agencies, and where to.

use super::definitions::by_code;
use super::limits;
use super::mistake::{Mistake, code};
use super::model::{Compression, Escape, ExportSetup, ExportTemplate, ReadyTemplate, TemplateText};
use super::places::Owner;
use super::references::kinds;
use super::sections::Root;
use super::tree::{Node, Table};
use std::collections::BTreeMap;

/// What every mistake in a prefix is told.
const PREFIX_HINT: &str = "write parts such as `northstar/weekly`, of letters (a to z), digits, \
     `-`, `_` and `.`; files always stand under the agency's own `export/` folder";

pub(super) fn export_setups(root: &Root<'_>) -> BTreeMap<String, ExportSetup> {
    by_code(root, "export_setup", "an export setup", kinds::EXPORT_SETUP, |table, code| {
        Some(export_setup(table, code))
    })
}

/// Reads an export setup. What could not be read, and has been reported, is
/// empty, so that the rest can be checked.
fn export_setup(table: &Table<'_>, code: String) -> ExportSetup {
    let code_node = table.optional("code");
    check_code(code_node, &code);
    let agency = table.required("collection_agency");
    let owner = Owner::ExportSetup(code.clone());
    table.reading.places.borrow_mut().put(&owner, "collection_agency", agency.place());
    let template = template(table).unwrap_or(ExportTemplate::Ready(ReadyTemplate::Csv));
    let escape = table.optional("escape").word(&Escape::ALL.map(|it| (it.as_str(), it)));
    let compression =
        table.optional("compression").word(&Compression::ALL.map(|it| (it.as_str(), it)));
    ExportSetup {
        name: table.optional("name").name(),
        collection_agency: agency.code().unwrap_or_default(),
        prefix: prefix(table.required("prefix")).unwrap_or_default(),
        extension: extension(table.optional("extension"))
            .unwrap_or_else(|| usual_extension(&template, escape).to_owned()),
        template,
        escape,
        compression: compression.unwrap_or_default(),
        split_records: table.optional("split_records").whole(&limits::SPLIT_RECORDS),
        span: code_node.span(),
        code,
    }
}

fn check_code(node: Node<'_>, code: &str) {
    let most = limits::EXPORT_CODE_BYTES_MAX;
    if code.len() > most {
        let message = format!("the code has {} bytes; it may have at most {most}", code.len());
        node.wrong(code::BAD_CODE, message, "shorten it: it is part of the names of files");
    }
}

/// The ready template or the agency's own texts, of which one must be there.
fn template(table: &Table<'_>) -> Option<ExportTemplate> {
    let ready = table.optional("template");
    let [header, record, trailer] = ["header", "record", "trailer"].map(|key| table.optional(key));
    let own = [header, record, trailer].into_iter().filter(|node| node.is_present());
    if ready.is_present() {
        for node in own {
            let message = format!("a ready template and a `{}` exclude each other", node.name);
            table.reading.report(
                Mistake::error(code::TEMPLATE_AND_TEXT, node.span(), message)
                    .hint("remove `template` to write your own, or keep nothing else")
                    .related(ready.span(), "the ready template"),
            );
        }
        let words = ReadyTemplate::ALL.map(|it| (it.as_str(), it));
        return ready.word(&words).map(ExportTemplate::Ready);
    }
    if !record.is_present() {
        let words = ReadyTemplate::ALL.map(|it| format!("`{}`", it.as_str()));
        let hint = format!("add `template`, one of {}, or your own `record`", words.join(", "));
        let message = "an export setup needs `template` or `record`";
        let mistake = Mistake::error(code::NO_TEMPLATE, table.span, message);
        table.reading.report(mistake.hint(hint));
    }
    // All three are read before one may be missing, for the mistakes in each.
    let (header, record, trailer) = (text(header), text(record), text(trailer));
    Some(ExportTemplate::Written { header, record: record?, trailer })
}

fn text(node: Node<'_>) -> Option<TemplateText> {
    Some(TemplateText::new(node.text()?.to_owned(), node.place()))
}

/// Where files stand. What is wrong is reported at its own place.
fn prefix(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let Some((offset, length, what)) = wrong_in_prefix(text) else {
        return Some(text.to_owned());
    };
    // Of an empty text there is nothing to point to but its quotes.
    let span = if length == 0 { node.span() } else { node.place().part(offset, length) };
    let message = format!("`{}` {what}", node.name);
    node.reading.report(Mistake::error(code::BAD_PREFIX, span, message).hint(PREFIX_HINT));
    None
}

/// The first thing that is wrong: where, how long, and what.
fn wrong_in_prefix(text: &str) -> Option<(usize, usize, String)> {
    let most = limits::PREFIX_BYTES_MAX;
    let whole = |what: String| Some((0, text.len(), what));
    if text.is_empty() {
        return whole("is empty".to_owned());
    }
    if text.len() > most {
        return whole(format!("has {} bytes; it may have at most {most}", text.len()));
    }
    if let Some((at, character)) = text.char_indices().find(|(_, c)| !is_in_prefix(*c)) {
        let what = match character {
            '\\' => "has a backslash; its parts are separated by `/`".to_owned(),
            _ => format!("has the character {character:?}"),
        };
        return Some((at, character.len_utf8(), what));
    }
    if text.starts_with('/') {
        return Some((0, 1, "begins with `/`".to_owned()));
    }
    if text.ends_with('/') {
        return Some((text.len() - 1, 1, "ends with `/`".to_owned()));
    }
    let mut at = 0;
    for part in text.split('/') {
        match part {
            // The slash after it stands for a part that has no letters.
            "" => return Some((at, 1, "has an empty part".to_owned())),
            "." | ".." => return Some((at, part.len(), format!("has the part `{part}`"))),
            _ => at += part.len() + 1,
        }
    }
    None
}

fn is_in_prefix(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_./".contains(character)
}

/// What file names end with.
fn extension(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let most = limits::EXTENSION_BYTES_MAX;
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if (1..=most).contains(&text.len()) && text.bytes().all(is_letter) {
        return Some(text.to_owned());
    }
    let message = format!("`{}` cannot be `{text}`", node.name);
    let hint = format!("write 1 to {most} letters (a to z) and digits, without the dot: `csv`");
    node.wrong(code::BAD_EXTENSION, message, &hint);
    None
}

/// The extension where the setup names none.
fn usual_extension(template: &ExportTemplate, escape: Option<Escape>) -> &'static str {
    match template {
        ExportTemplate::Ready(ready) => ready.escape().extension(),
        ExportTemplate::Written { .. } => escape.unwrap_or(Escape::Line).extension(),
    }
}
