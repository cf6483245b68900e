//! What export setups mean: where texts of templates stand, and what differs.

use crate::cases::cases;
use arrears_domain::setup::{self, ExportTemplate, Setup, Source};

/// The export setups of the good case after a change of their text.
fn changed(from: &str, to: &str) -> Setup {
    let case = cases("good").into_iter().find(|case| case.name == "exports").unwrap();
    let text = case.sources[0].text.replace(from, to);
    assert!(text != case.sources[0].text || from == to, "`{from}` stands nowhere");
    setup::read(&[Source { name: case.name, text }]).unwrap().setup
}

/// A setup whose one export setup writes `record`, as it stands in the source.
fn with_record(record: &str) -> (String, Setup) {
    let text = format!(
        "[agency]\nname = 'Größe'\ntime_zone = 'UTC'\n[group]\ncode = 'COLL'\n\
         [[collection_agency]]\ncode = 'N'\nname = 'N'\n\
         [[export_setup]]\ncode = 'X'\ncollection_agency = 'N'\nprefix = 'n'\n\
         record = {record}\n"
    );
    let source = Source { name: "setup.toml".to_owned(), text: text.clone() };
    (text, setup::read(&[source]).unwrap().setup)
}

#[test]
fn a_part_of_a_template_is_pointed_to_where_it_stands() {
    // Each text has `{{ nmae }}`; what is pointed to is the part or, where TOML
    // writes the text with escapes, all of it.
    let whole_if_escaped = [
        ("'a {{ nmae }} b'", None),
        ("\"a {{ nmae }} b\"", None),
        ("'''a {{ nmae }} b'''", None),
        ("\"\"\"a {{ nmae }} b\"\"\"", None),
        ("'''\nfirst\nä {{ nmae }}\nlast\n'''", None),
        ("\"\"\"\nfirst\nä {{ nmae }}\nlast\n\"\"\"", None),
        ("'''\r\nfirst\r\nä {{ nmae }}\r\nlast\r\n'''", None),
        ("\"\"\"\n\n\n{{ nmae }}\"\"\"", None),
        ("\"\"\"\"{{ nmae }}\"\"\"\"", None),
        ("''''{{ nmae }}'''", None),
        ("\"{{ nmae }}\\n\"", Some("\"{{ nmae }}\\n\"")),
        ("\"\"\"\\\n   {{ nmae }}\"\"\"", Some("\"\"\"\\\n   {{ nmae }}\"\"\"")),
        ("\"\"\"\n\\t{{ nmae }}\n\"\"\"", Some("\"\"\"\n\\t{{ nmae }}\n\"\"\"")),
    ];
    for (written, expected) in whole_if_escaped {
        let (source, setup) = with_record(written);
        let ExportTemplate::Written { record, .. } = &setup.export_setups["X"].template else {
            panic!("{written}: its own text");
        };
        let at = record.text.find("nmae").unwrap();
        let span = record.span(at, 4);
        let pointed_to = &source[span.offset..span.offset + span.length];
        assert_eq!(pointed_to, expected.unwrap_or("nmae"), "{written:?}");
        // Past the end is the end, not some other value of the source.
        let span = record.span(record.text.len() + 5, 100);
        let value = source.find(written).unwrap();
        assert!(span.offset + span.length <= value + written.len(), "{written:?}: {span:?}");
    }
}

#[test]
fn an_export_setup_points_to_its_code() {
    let case = cases("good").into_iter().find(|case| case.name == "exports").unwrap();
    let setup = changed("", "");
    for (code, export) in &setup.export_setups {
        let span = export.span;
        let written = &case.sources[0].text[span.offset..span.offset + span.length];
        assert_eq!(written, format!("\"{code}\""));
    }
}

#[test]
fn a_difference_is_one_line_for_each_text() {
    let cases = [
        (
            "name = \"Northstar's mainframe\"\n",
            "",
            "READY-FIXED: name \"Northstar's mainframe\" -> not set",
        ),
        (
            "{{ account.id }},{{ delinquency.balance }}\n",
            "{{ account.id }},\"{{ account.class }}\"\n",
            "OWN-CSV: record \"{{ account.id }},{{ delinquency.balance }}\\n\" -> \
             \"{{ account.id }},\\\"{{ account.class }}\\\"\\n\"",
        ),
        (
            "header = \"account,balance\\n\"\n",
            "",
            "OWN-CSV: header \"account,balance\\n\" -> not set",
        ),
        ("split_records = 1\n", "split_records = 2\n", "READY-XML: records of a file 1 -> 2"),
        (
            "compression = \"zstd\"",
            "compression = \"gzip\"",
            "READY-FIXED: compression zstd -> gzip",
        ),
        ("extension = \"dat\"", "extension = \"txt\"", "READY-FIXED: extension dat -> txt"),
        (
            "escape = \"none\"",
            "escape = \"csv\"",
            "OWN-AS-THEY-ARE-12345678-1234567: escape none -> csv",
        ),
        ("prefix = \"n\"", "prefix = \"m\"", "OWN-LINES: prefix n -> m"),
        (
            "template = \"xml\"",
            "template = \"csv\"\nextension = \"xml\"\nescape = \"xml\"",
            "READY-XML: template xml -> csv",
        ),
    ];
    let before = changed("", "");
    for (from, to, expected) in cases {
        let told: Vec<String> =
            setup::diff(&before, &changed(from, to)).iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("export setup {expected}")], "{from} -> {to}");
    }
    assert_eq!(setup::diff(&before, &changed("", "")), []);
}

#[test]
fn a_template_that_becomes_the_agencys_own_is_told_text_by_text() {
    let own = "header = \"a\\n\"\nrecord = \"b\\n\"\nextension = \"xml\"";
    let after = changed("template = \"xml\"", own);
    let told: Vec<String> =
        setup::diff(&changed("", ""), &after).iter().map(ToString::to_string).collect();
    let expected =
        ["template xml -> not set", "header not set -> \"a\\n\"", "record not set -> \"b\\n\""];
    assert_eq!(told, expected.map(|it| format!("export setup READY-XML: {it}")));
}
