//! XML, as far as a status report is made of it: tags and texts, no document
//! types, no entities but those of XML itself.

use super::bounded::Bounded;
use super::walk::{NAMESPACE_START, ROOT, Walk};
use super::{ReadError, StatusReport, VERSIONS};
use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::io::BufRead;

/// Reads a status report, `pain.002.001.10` or one of the older versions.
///
/// Memory grows with the debits that the report names, and with nothing else.
///
/// ```
/// let report = r#"<?xml version="1.0" encoding="UTF-8"?>
/// <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
/// <GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-02-04T09:00:00</CreDtTm></GrpHdr>
/// <OrgnlGrpInfAndSts><OrgnlMsgId>PAY-1</OrgnlMsgId>
/// <OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId></OrgnlGrpInfAndSts>
/// <OrgnlPmtInfAndSts><OrgnlPmtInfId>PAY-1-1</OrgnlPmtInfId>
/// <TxInfAndSts><OrgnlEndToEndId>E-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
/// <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>
/// </CstmrPmtStsRpt></Document>"#;
/// let report = arrears_bank::sepa::read_status(report.as_bytes())?;
/// let debit = &report.batches[0].transactions[0];
/// assert_eq!(debit.reason.as_deref(), Some("AC04"));
/// assert_eq!(report.rejections().count(), 1);
/// # Ok::<(), arrears_bank::sepa::ReadError>(())
/// ```
///
/// # Errors
/// Where it is no such report, see [`ReadError`].
pub fn read_status(reader: impl BufRead) -> Result<StatusReport, ReadError> {
    let mut reader = NsReader::from_reader(Bounded::new(reader));
    // So that `<a/>` is read as `<a></a>`.
    reader.config_mut().expand_empty_elements = true;
    let (mut walk, mut piece) = (Walk::default(), Vec::new());
    loop {
        piece.clear();
        reader.get_mut().begin_piece();
        let event = reader.read_event_into(&mut piece).map_err(Box::new);
        let line = reader.get_ref().line();
        let event = match event {
            Ok(event) => event,
            Err(error) => return Err(failed(*error, &reader)),
        };
        match event {
            Event::Start(tag) => {
                let (namespace, name) = reader.resolver().resolve_element(tag.name());
                let name = std::str::from_utf8(name.into_inner()).unwrap_or_default();
                if walk.is_before_root() {
                    check_root(&namespace, name, line)?;
                    walk.begin_root(namespace_of(&namespace));
                } else {
                    let is_ours = namespace_of(&namespace) == walk.namespace();
                    let currency = currency(&tag, line)?;
                    walk.begin(if is_ours { name } else { "" }, currency, line)?;
                }
            }
            Event::End(_) => walk.end(line)?,
            Event::Text(text) => {
                walk.text(&text.xml10_content().map_err(|it| not_xml(line, &it))?, line)?;
            }
            Event::CData(text) => {
                walk.text(&text.xml10_content().map_err(|it| not_xml(line, &it))?, line)?;
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|it| not_xml(line, &it))?;
                let character = reference.resolve_char_ref().map_err(|it| not_xml(line, &it))?;
                match (character, resolve_xml_entity(&name)) {
                    (Some(character), _) => walk.text(character.encode_utf8(&mut [0; 4]), line)?,
                    (None, Some(text)) => walk.text(text, line)?,
                    (None, None) => return Err(not_xml(line, &format!("`&{name};` is unknown"))),
                }
            }
            Event::Decl(declaration) => check_encoding(&declaration)?,
            Event::DocType(_) => return Err(ReadError::DocumentType { line }),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Empty(_) => return Err(not_xml(line, &"an empty tag was not expanded")),
            Event::Eof => return walk.finish(line),
        }
    }
}

/// The namespace, or nothing, which is none of ours.
fn namespace_of<'n>(namespace: &'n ResolveResult<'_>) -> &'n str {
    match namespace {
        ResolveResult::Bound(namespace) => std::str::from_utf8(namespace.0).unwrap_or_default(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
    }
}

fn check_root(namespace: &ResolveResult<'_>, name: &str, line: u64) -> Result<(), ReadError> {
    let namespace = namespace_of(namespace);
    let version = namespace.strip_prefix(NAMESPACE_START).unwrap_or_default();
    if name == ROOT && VERSIONS.contains(&version) {
        return Ok(());
    }
    let (name, namespace) = (shown(name), shown(namespace));
    Err(ReadError::OtherDocument { line, found: format!("{name} of the namespace `{namespace}`") })
}

/// The currency that a tag names.
fn currency(tag: &BytesStart<'_>, line: u64) -> Result<Option<String>, ReadError> {
    let attribute = tag.try_get_attribute("Ccy").map_err(|it| not_xml(line, &it))?;
    Ok(attribute.map(|it| shown(&String::from_utf8_lossy(&it.value))))
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), ReadError> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case(b"utf-8") => Ok(()),
        Some(Ok(name)) => Err(ReadError::Encoding(shown(&String::from_utf8_lossy(&name)))),
        Some(Err(error)) => Err(not_xml(1, &error)),
    }
}

fn failed<R: BufRead>(error: quick_xml::Error, reader: &NsReader<Bounded<R>>) -> ReadError {
    let line = reader.get_ref().line();
    if let Some(what) = reader.get_ref().exceeded() {
        return ReadError::TooLarge { line, what };
    }
    match error {
        quick_xml::Error::Io(source) => {
            let source = std::io::Error::new(source.kind(), source);
            ReadError::Io { line, source }
        }
        other => not_xml(line, &other),
    }
}

pub(super) fn not_xml(line: u64, error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Xml { line, message: error.to_string().chars().take(200).collect() }
}

/// The start of a text, for an error.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
