use super::*;
use arrears_domain::{Currency, Delinquency, PlacementEntry, Transition};

mod properties;

fn line(text: &str) -> Line {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

/// The example lines of the command contract.
const EXAMPLES: [&str; 10] = [
    r#"{"type":"contact","id":"C-1","name":"R. Vance","credit_points":0}"#,
    r#"{"type":"account","id":"A-1001","contact":"C-1","class":"residential","status":"open","currency":"USD","balance":"152.30","attributes":{"paperless":"no"}}"#,
    r#"{"type":"delinquency","id":"D-1","account":"A-1001","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"152.30","extension_days":0,"hold":false}"#,
    r#"{"type":"transaction","id":"T-1","account":"A-1001","date":"2026-01-02","due_date":"2026-01-30","amount":"1200.00","currency":"EUR","marker":"unallocated","discount_percent":"5","discount_tax_percent":"20"}"#,
    r#"{"type":"mandate","id":"M-1","account":"A-1001","scheme":"sepa-core","iban":"DE89370400440532013000","bic":"COBADEFFXXX","signed_on":"2025-11-03","sequence":"FRST"}"#,
    r#"{"type":"mandate","id":"M-2","account":"A-1002","scheme":"nacha-ppd","routing_number":"231380104","account_number":"744567899","account_type":"checking"}"#,
    r#"{"type":"delinquency","id":"A-1-C1","account":"A-1","kind":"collections","origin":"D-1","items":["B-1","B-2"],"scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"152.30","extension_days":0,"hold":{"kind":"promise","reason":"by phone","until":"2026-02-01","outstanding":"100.00"}}"#,
    r#"{"type":"transaction","id":"PAY-1","account":"A-1","bill_type":"WATER","date":"2026-02-02","amount":"-12.00","marker":"unallocated","spent":[{"item":"B-1","amount":"12.00"}],"lowered":[{"delinquency":"D-1","amount":"12.00"}]}"#,
    r#"{"type":"event","id":"PAY-1","account":"A-1","event":"arrears.payment.posted","source":"bank","time":"2026-02-02T08:00:00Z","on":"2026-02-02","data":{"z":1,"amount":"12.00","a":null},"digest":"sha256:00","setup_version":3}"#,
    r#"{"type":"placement","delinquency":"D-1","account":"A-1","collection_agency":"NORTHSTAR","sequence":1,"action":"NEW","scheme":"RES","milestone":"AGENCY","balance":"152.30","currency":"USD","on":"2026-02-02","run":"export-000001","told":"sha256:00"}"#,
];

#[test]
fn the_examples_are_read_and_written_alike() {
    for text in EXAMPLES {
        // The status of a delinquency may be left out, but is always written.
        let written = text.replace(r#""REMIND","#, r#""REMIND","status":"open","#);
        assert_eq!(serde_json::to_string(&line(text)).unwrap(), written);
    }
}

#[test]
fn what_is_wrong_with_the_shape_is_named() {
    for (text, expected) in [
        (r#"{"type":"account","id":"A","currency":"USD","balance":152.30}"#, "write it in quotes"),
        (r#"{"type":"account","id":"A","currency":"USD","balance":152}"#, "write it in quotes"),
        (r#"{"type":"contact","id":"C","name":"N","phone":"1"}"#, "unknown field `phone`"),
        (r#"{"type":"contact","id":"C"}"#, "missing field `name`"),
        (r#"{"type":"customer","id":"C"}"#, "unknown variant `customer`"),
        (r#"{"id":"C"}"#, "missing field `type`"),
        (
            r#"{"type":"delinquency","id":"D","account":"A","kind":"collections","scheme":"S","milestone":"M","entered_on":"2026-01-01","balance":"1","hold":"yes"}"#,
            r#"false, true, or {"kind": .., "reason": .., "until": .., "outstanding": ..}"#,
        ),
        (
            r#"{"type":"delinquency","id":"D","account":"A","kind":"collections","scheme":"S","milestone":"M","entered_on":"2026-01-01","balance":"1","hold":{"why":"x"}}"#,
            "unknown field `why`",
        ),
        (
            r#"{"type":"transaction","id":"T","account":"A","date":"2026-01-02","amount":"1","marker":"payed"}"#,
            "unknown marker `payed`; write one of: unallocated, force, withheld, paid, correction",
        ),
    ] {
        let error = serde_json::from_str::<Line>(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

fn delinquency(field: &str, value: &str) -> Result<Delinquency, LineError> {
    let Line::Delinquency(line) = line(EXAMPLES[2]) else { unreachable!() };
    let mut fields = serde_json::to_value(line).unwrap();
    fields[field] = serde_json::from_str(value).unwrap();
    serde_json::from_value::<DelinquencyLine>(fields).unwrap().to_delinquency(usd())
}

#[test]
fn what_is_wrong_with_a_value_is_named() {
    for (field, value, expected) in [
        ("entered_on", r#""2026-02-30""#, "entered_on is `2026-02-30`; write a date that exists"),
        ("entered_on", r#""2026-2-3""#, "write a date that exists, as YYYY-MM-DD"),
        ("balance", r#""152.305""#, "152.305 has 3 decimals; USD has 2"),
        ("balance", r#""1e3""#, "is no amount"),
        ("currency", r#""EUR""#, "currency is `EUR`; the account's currency is USD"),
        ("kind", r#""lien""#, "write one of: bill-type, collections, address-lien, parcel-lien"),
        ("kind", r#""bill-type""#, "bill_type is missing"),
        ("bill_type", r#""WATER""#, "only the kind `bill-type` has one"),
        ("status", r#""resolved""#, "resolution_code is missing"),
        ("status", r#""paid""#, "write one of: open, resolved"),
        ("resolved_on", r#""2026-02-01""#, "an open record has none"),
        ("account", r#""A#1""#, "has the character '#'"),
        ("hold", r#"{"until":"2026-13-01"}"#, "hold.until is `2026-13-01`"),
        ("hold", r#"{"kind":"stay"}"#, "one of: manual, dispute, arrangement, promise"),
        ("hold", r#"{"outstanding":"1.005"}"#, "hold.outstanding is `1.005`"),
        ("origin", r#""D 1""#, "origin is `D 1`"),
        ("items", r#"["B-1","B/2"]"#, "items is `B/2`"),
    ] {
        let error = delinquency(field, value).unwrap_err().to_string();
        assert!(error.starts_with("delinquency `D-1`: "), "{error}");
        assert!(error.contains(expected), "{field} {value}: {error}");
    }
    assert!(delinquency("currency", r#""USD""#).is_ok());
}

#[test]
fn transactions_and_mandates_are_checked() {
    let Line::Transaction(transaction) = line(EXAMPLES[3]) else { unreachable!() };
    let eur = Currency::parse("EUR").unwrap();
    assert_eq!(transaction.to_line_item(eur).unwrap().amount.minor_units(), 120_000);
    assert!(transaction.to_line_item(usd()).unwrap_err().to_string().contains("currency is USD"));
    for percent in ["-1", "100.01", "5%", "", "1.", ".5", "1e1"] {
        let bad = TransactionLine { discount_percent: Some(percent.into()), ..transaction.clone() };
        assert!(bad.to_line_item(eur).is_err(), "{percent:?}");
    }
    let Line::Mandate(mandate) = line(EXAMPLES[5]) else { unreachable!() };
    assert!(mandate.check().is_ok());
    let bad = MandateLine { account_number: None, ..mandate };
    assert!(bad.check().unwrap_err().to_string().contains("account_number is missing"));
}

#[test]
fn what_only_one_side_has_is_refused_on_the_other() {
    let spent = ("spent", r#"[{"item":"B-1","amount":"1.00"}]"#);
    let lowered = ("lowered", r#"[{"delinquency":"D-1","amount":"1.00"}]"#);
    let reverses = ("reverses", r#""PAY-1""#);
    for (amount, (field, value), expected) in [
        ("-1.00", spent, None),
        ("-1.00", lowered, None),
        ("1.00", reverses, None),
        ("1.00", spent, Some("spent.item is `B-1`; only a credit has it")),
        ("0.00", lowered, Some("lowered.delinquency is `D-1`; only a credit has it")),
        ("-1.00", reverses, Some("reverses is `PAY-1`; only a debit has it")),
        ("1.00", ("bill_type", r#""WATER#1""#), Some("bill_type is `WATER#1`")),
        ("1.00", ("id", r#""T 1""#), Some("id is `T 1`")),
        ("-1.00", ("spent", r#"[{"item":"B-1","amount":"1.005"}]"#), Some("spent.amount is")),
    ] {
        let mut fields = serde_json::json!({
            "id": "T-1", "account": "A-1", "date": "2026-01-02", "amount": amount,
            "marker": "unallocated",
        });
        fields[field] = serde_json::from_str(value).unwrap();
        let line: TransactionLine = serde_json::from_value(fields).unwrap();
        let error = line.to_line_item(usd()).err().map(|error| error.to_string());
        match (&error, expected) {
            (None, None) => {}
            (Some(error), Some(expected)) if error.contains(expected) => {}
            _ => panic!("{amount} {field}: {error:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn a_line_that_changes_sides_takes_nothing_with_it_that_could_not_be_read() {
    let spent = r#","spent":[{"item":"B-1","amount":"1.00"}]"#;
    let lowered = r#","lowered":[{"delinquency":"D-1","amount":"1.00"}]"#;
    let reverses = r#","reverses":"PAY-1""#;
    let of = |amount: &str, marker: &str, rest: &str| {
        let text = format!(
            r#"{{"type":"transaction","id":"T","account":"A","date":"2026-01-02","amount":"{amount}","marker":"{marker}"{rest}}}"#
        );
        let Line::Transaction(line) = line(&text) else { unreachable!() };
        line
    };
    let credit = of("-1.00", "correction", &format!("{spent}{lowered}"));
    let debit = of("1.00", "unallocated", reverses);
    for (stored, news, expected) in [
        (&credit, of("-2.00", "paid", ""), of("-2.00", "correction", &format!("{spent}{lowered}"))),
        (&credit, of("2.00", "paid", ""), of("2.00", "correction", "")),
        (&credit, of("-0.00", "paid", ""), of("-0.00", "correction", "")),
        (&debit, of("2.00", "paid", ""), of("2.00", "paid", reverses)),
        (&debit, of("-2.00", "paid", ""), of("-2.00", "paid", "")),
        (&debit, of("1.00", "correction", ""), of("1.00", "correction", reverses)),
    ] {
        let joined = stored.with_news(&news);
        assert_eq!(joined, expected);
        assert!(joined.to_line_item(usd()).is_ok(), "{joined:?}");
        assert_eq!(stored.with_news(&joined), joined, "a repetition changes nothing");
    }
}

#[test]
fn only_an_unpaid_debit_with_a_due_date_may_begin_a_delinquency() {
    let debit = r#"{"type":"transaction","id":"T","account":"A","bill_type":"WATER","date":"2026-01-02","due_date":"2026-01-30","amount":"1","marker":"unallocated"}"#;
    for (from, to, expected) in [
        ("WATER", "WATER", Some("WATER")),
        ("unallocated", "force", Some("WATER")),
        ("unallocated", "withheld", Some("WATER")),
        ("unallocated", "paid", None),
        ("unallocated", "correction", None),
        (r#""amount":"1""#, r#""amount":"-1""#, None),
        (r#""due_date":"2026-01-30","#, "", None),
        (r#""bill_type":"WATER","#, "", None),
    ] {
        let Line::Transaction(line) = line(&debit.replace(from, to)) else { unreachable!() };
        assert_eq!(line.may_begin(), expected, "{to}");
    }
}

#[test]
fn an_amount_of_history_needs_a_currency() {
    let text = r#"{"type":"transition","delinquency":"D-1","account":"A-1","sequence":1,"event":"held","scheme":"S","on":"2026-01-01","cause":"r","setup_version":1}"#;
    for (field, value) in [
        ("balance", r#""1.00""#),
        ("hold", r#"{"kind":"promise","reason":"","outstanding":"1.00"}"#),
    ] {
        let Line::Transition(line) = line(text) else { unreachable!() };
        let mut fields = serde_json::to_value(line).unwrap();
        fields[field] = serde_json::from_str(value).unwrap();
        let read = |fields: &serde_json::Value| {
            Transition::try_from(&serde_json::from_value::<TransitionLine>(fields.clone()).unwrap())
        };
        let error = read(&fields).unwrap_err().to_string();
        assert!(error.contains("currency is missing; an amount needs one"), "{error}");
        fields["currency"] = "USD".into();
        assert_eq!(
            serde_json::to_value(TransitionLine::from(&read(&fields).unwrap())).unwrap(),
            fields
        );
    }
}

#[test]
fn lines_with_ids_of_one_account_sort_by_id_then_account() {
    let of = |id: &str, account: &str| {
        let text = EXAMPLES[8].replace("\"PAY-1\"", &format!("{id:?}")).replace("A-1", account);
        line(&text).sort_key()
    };
    let keys = [of("PAY-1", "A-1"), of("PAY-1", "A-2"), of("PAY-1+", "A-0"), of("PAY-10", "A-0")];
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    let run = r#"{"type":"run","id":"z"}"#;
    assert!(line(run).sort_key() < keys[0], "events stand after runs");
}

#[test]
fn what_is_wrong_with_a_placement_is_named() {
    for (from, to, expected) in [
        ("\"NEW\"", "\"new\"", "action is `new`; write one of: NEW, UPDATE, RECALL"),
        ("\"sequence\":1", "\"sequence\":0", "sequence is `0`; write a number from 1 to 999999"),
        ("\"sequence\":1", "\"sequence\":1000000", "sequence is `1000000`"),
        ("NORTHSTAR", "NORTH#STAR", "collection_agency is `NORTH#STAR`"),
        ("NORTHSTAR", "", "collection_agency is ``"),
        ("152.30", "152.305", "balance is `152.305`"),
        ("USD", "dollar", "currency is `dollar`"),
        ("2026-02-02", "2026-02-30", "on is `2026-02-30`"),
        ("export-000001", "export 1", "run is `export 1`"),
    ] {
        let Line::Placement(line) = line(&EXAMPLES[9].replace(from, to)) else { unreachable!() };
        let error = PlacementEntry::try_from(&line).unwrap_err().to_string();
        assert!(error.starts_with("placement `D-1`: "), "{error}");
        assert!(error.contains(expected), "{to}: {error}");
    }
    let unknown = EXAMPLES[9].replace("\"told\"", "\"note\":\"\",\"told\"");
    let error = serde_json::from_str::<Line>(&unknown).unwrap_err().to_string();
    assert!(error.contains("unknown field `note`"), "{error}");
}

#[test]
fn placements_sort_last_by_delinquency_agency_and_sequence() {
    let of = |id: &str, agency: &str, sequence: u32| {
        let Line::Placement(line) = line(EXAMPLES[9]) else { unreachable!() };
        let (delinquency, collection_agency) = (id.to_owned(), agency.to_owned());
        Line::Placement(PlacementLine { delinquency, collection_agency, sequence, ..line })
            .sort_key()
    };
    let keys = [
        line(EXAMPLES[8]).sort_key(),
        of("D-1", "A", 2),
        of("D-1", "A", 10),
        of("D-1", "A+", 1),
        of("D-1+", "A", 1),
    ];
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
}

#[test]
fn a_skipped_action_has_no_effects() {
    let text = r#"{"type":"transition","delinquency":"D-1","account":"A-1","sequence":1,"event":"entry","scheme":"S","on":"2026-01-01","cause":"r","setup_version":1,"actions":[{"position":0,"action_type":"log","plugin_digest":"d","effects":[{"kind":"credit-points","points":5,"reason":"late"}],"skipped":"no"}]}"#;
    let Line::Transition(line) = line(text) else { unreachable!() };
    let error = Transition::try_from(&line).unwrap_err().to_string();
    assert!(error.contains("a skipped action has no effects"), "{error}");
}
