//! Reads back what the templates of an XML file have written: header, records and
//! trailer must be one well-formed document, whatever stands in its values.

use super::mistake::Part;
use super::table::Complaint;
use super::trial::Written;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

const HINT: &str = "give a file one root element, opened in the header and closed in the trailer; \
                    close what a record opens, put attributes in quotes, and write & and < of your \
                    own text as &amp; and &lt;";

/// What is wrong with the documents, if something is.
pub(super) fn check(
    headers: &[Written],
    records: &[Written],
    trailers: &[Written],
) -> Option<Complaint> {
    let (header, trailer) = (headers.first(), trailers.first());
    let of_records = records.iter().map(|record| (header, record, trailer));
    // What header and trailer write of other facts, around one record.
    let of_headers =
        headers.iter().skip(1).filter_map(|it| Some((Some(it), records.first()?, trailer)));
    let of_trailers =
        trailers.iter().skip(1).filter_map(|it| Some((header, records.first()?, Some(it))));
    of_records
        .chain(of_headers)
        .chain(of_trailers)
        .find_map(|(header, record, trailer)| of_file(header, record, trailer))
}

/// What is wrong with a file that has the record twice: one may be a root element
/// by mistake, two are none.
fn of_file(
    header: Option<&Written>,
    record: &Written,
    trailer: Option<&Written>,
) -> Option<Complaint> {
    let all = [
        header.map(|it| (Part::Header, it)),
        Some((Part::Record, record)),
        Some((Part::Record, record)),
        trailer.map(|it| (Part::Trailer, it)),
    ];
    // Of a record that closes something else than it opens, the trailer would be
    // blamed.
    let alone = format!("<end-of-record>{}</end-of-record>", record.text);
    if let Some((_, problem)) = problem(&alone) {
        return Some(complaint(Part::Record, record, &problem));
    }
    let parts: Vec<(Part, &Written)> = all.into_iter().flatten().collect();
    let text: String = parts.iter().map(|(_, written)| written.text.as_str()).collect();
    let (at, problem) = problem(&text)?;
    let mut end = 0;
    let place = parts.iter().find(|(_, written)| {
        end += written.text.len();
        at < end
    });
    let (part, written) = place.or(parts.last())?;
    Some(complaint(*part, written, &problem))
}

fn complaint(part: Part, written: &Written, problem: &str) -> Complaint {
    (part, format!("{}: this is not well-formed XML: {problem}", written.what), HINT)
}

/// The first thing that is not well-formed, and where it stands.
fn problem(text: &str) -> Option<(usize, String)> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(text.len());
                return Some((at, error.to_string()));
            }
        };
        let is_root = depth == 0 && matches!(event, Event::Start(_) | Event::Empty(_));
        roots += usize::from(is_root);
        let found = match &event {
            Event::Eof if depth > 0 => Some("an element is not closed at the end".to_owned()),
            Event::Eof if roots == 0 => Some("there is no element".to_owned()),
            Event::Eof => return None,
            _ if is_root && roots > 1 => Some("there are several root elements".to_owned()),
            Event::Start(tag) | Event::Empty(tag) => of_attributes(tag),
            Event::Text(inner) => {
                let is_outside = depth == 0 && !inner.iter().all(u8::is_ascii_whitespace);
                is_outside.then(|| "text stands outside of the root element".to_owned())
            }
            Event::GeneralRef(name) => {
                let name = String::from_utf8_lossy(name);
                unescape(&format!("&{name};")).err().map(|error| error.to_string())
            }
            Event::Decl(_) if start > 0 => {
                Some("the declaration is not the beginning of the file".to_owned())
            }
            _ => None,
        };
        if let Some(found) = found {
            return Some((start, found));
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

fn of_attributes(tag: &BytesStart<'_>) -> Option<String> {
    tag.attributes().find_map(|attribute| match attribute {
        Ok(attribute) => {
            let value = String::from_utf8_lossy(&attribute.value);
            if value.contains('<') {
                return Some("an attribute has a < in its value".to_owned());
            }
            unescape(&value).err().map(|error| error.to_string())
        }
        Err(error) => Some(error.to_string()),
    })
}
