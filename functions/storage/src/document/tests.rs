use super::*;
use arrears_domain::{Account, Contact, Currency, Date, Delinquency, Transition};
use proptest::prelude::*;
use proptest::{collection, option, sample};

fn line(text: &str) -> Line {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

/// The example lines of the command contract.
const EXAMPLES: [&str; 6] = [
    r#"{"type":"contact","id":"C-1","name":"R. Vance","credit_points":0}"#,
    r#"{"type":"account","id":"A-1001","contact":"C-1","class":"residential","status":"open","currency":"USD","balance":"152.30","attributes":{"paperless":"no"}}"#,
    r#"{"type":"delinquency","id":"D-1","account":"A-1001","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"152.30","extension_days":0,"hold":false}"#,
    r#"{"type":"transaction","id":"T-1","account":"A-1001","date":"2026-01-02","due_date":"2026-01-30","amount":"1200.00","currency":"EUR","marker":"unallocated","discount_percent":"5","discount_tax_percent":"20"}"#,
    r#"{"type":"mandate","id":"M-1","account":"A-1001","scheme":"sepa-core","iban":"DE89370400440532013000","bic":"COBADEFFXXX","signed_on":"2025-11-03","sequence":"FRST"}"#,
    r#"{"type":"mandate","id":"M-2","account":"A-1002","scheme":"nacha-ppd","routing_number":"231380104","account_number":"744567899","account_type":"checking"}"#,
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
            r#"false, true, or {"reason": .., "until": ..}"#,
        ),
        (
            r#"{"type":"delinquency","id":"D","account":"A","kind":"collections","scheme":"S","milestone":"M","entered_on":"2026-01-01","balance":"1","hold":{"why":"x"}}"#,
            "unknown field `why`",
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
    assert_eq!(transaction.check(eur).unwrap().amount.minor_units(), 120_000);
    assert!(transaction.check(usd()).unwrap_err().to_string().contains("currency is USD"));
    for percent in ["-1", "100.01", "5%", "", "1.", ".5", "1e1"] {
        let bad = TransactionLine { discount_percent: Some(percent.into()), ..transaction.clone() };
        assert!(bad.check(eur).is_err(), "{percent:?}");
    }
    let Line::Mandate(mandate) = line(EXAMPLES[5]) else { unreachable!() };
    assert!(mandate.check().is_ok());
    let bad = MandateLine { account_number: None, ..mandate };
    assert!(bad.check().unwrap_err().to_string().contains("account_number is missing"));
}

#[test]
fn a_skipped_action_has_no_effects() {
    let text = r#"{"type":"transition","delinquency":"D-1","account":"A-1","sequence":1,"event":"entry","scheme":"S","on":"2026-01-01","cause":"r","setup_version":1,"actions":[{"position":0,"action_type":"log","plugin_digest":"d","effects":[{"kind":"credit-points","points":5,"reason":"late"}],"skipped":"no"}]}"#;
    let Line::Transition(line) = line(text) else { unreachable!() };
    let error = Transition::try_from(&line).unwrap_err().to_string();
    assert!(error.contains("a skipped action has no effects"), "{error}");
}

// Strategies for lines that are valid, in the form in which they are written.

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9ß][A-Za-z0-9_.:@+-]{0,20}"
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,30}"
}

fn date() -> impl Strategy<Value = String> {
    (0..60_000_i64).prop_map(|days| {
        (Date::default() + chrono::Days::new(days.unsigned_abs())).format("%Y-%m-%d").to_string()
    })
}

fn amount() -> impl Strategy<Value = Amount> {
    any::<i64>().prop_map(|units| arrears_domain::Money::from_minor_units(units, usd()).into())
}

fn attributes() -> impl Strategy<Value = std::collections::BTreeMap<String, String>> {
    collection::btree_map(id(), text(), 0..4)
}

fn effect() -> impl Strategy<Value = EffectDocument> {
    let code = || Just("USD".to_owned());
    let severity =
        || sample::select(vec![SeverityWord::Info, SeverityWord::Warning, SeverityWord::Critical]);
    let pairs = || collection::vec((text(), text()), 0..3);
    prop_oneof![
        (id(), id(), pairs()).prop_map(|(correspondence, channel, fields)| {
            EffectDocument::Notice { correspondence, channel, fields }
        }),
        (id(), amount(), code(), text()).prop_map(|(line_item_type, amount, currency, memo)| {
            EffectDocument::OneOffCharge { line_item_type, amount, currency, memo }
        }),
        (id(), amount(), code(), option::of(date()), text()).prop_map(
            |(line_item_type, amount, currency, due_on, memo)| {
                EffectDocument::DepositCharge { line_item_type, amount, currency, due_on, memo }
            }
        ),
        (severity(), text(), option::of(date())).prop_map(|(severity, message, expires_on)| {
            EffectDocument::Alert { severity, message, expires_on }
        }),
        (any::<u32>(), text())
            .prop_map(|(points, reason)| EffectDocument::CreditPoints { points, reason }),
        (id(), text(), any::<u8>(), pairs()).prop_map(
            |(request_type, summary, priority, fields)| {
                EffectDocument::ServiceRequest { request_type, summary, priority, fields }
            }
        ),
        (id(), any::<u32>(), text()).prop_map(|(effect_kind, schema_version, body)| {
            EffectDocument::Custom { effect_kind, schema_version, body }
        }),
    ]
}

fn action() -> impl Strategy<Value = ActionDocument> {
    let outcome = prop_oneof![
        collection::vec(effect(), 0..4).prop_map(|effects| (effects, None)),
        text().prop_map(|reason| (Vec::new(), Some(reason))),
    ];
    (any::<u32>(), id(), text(), outcome).prop_map(
        |(position, action_type, plugin_digest, (effects, skipped))| ActionDocument {
            position,
            action_type,
            plugin_digest,
            effects,
            skipped,
        },
    )
}

fn hold() -> impl Strategy<Value = HoldLine> {
    prop_oneof![
        Just("false".to_owned()),
        Just("true".to_owned()),
        date().prop_map(|until| format!(r#"{{"reason":"dispute","until":"{until}"}}"#)),
    ]
    .prop_map(|text| serde_json::from_str(&text).unwrap())
}

prop_compose! {
    fn delinquency_line()(
        (id, account, scheme, milestone) in (id(), id(), id(), id()),
        bill_type in option::of(id()),
        resolved in option::of((text(), date())),
        (entered_on, oldest_debt_on) in (date(), option::of(date())),
        balance in amount(),
        (extension_days, sequence, version) in (any::<u32>(), 0..1_000_000_u32, 0..1_000_000_u64),
        hold in hold(),
        attributes in attributes(),
        last_cause in option::of(id()),
    ) -> DelinquencyLine {
        let (resolution_code, resolved_on) = resolved.unzip();
        DelinquencyLine {
            id, account, scheme, milestone,
            kind: if bill_type.is_some() { "bill-type" } else { "parcel-lien" }.to_owned(),
            bill_type,
            status: if resolved_on.is_some() { "resolved" } else { "open" }.to_owned(),
            resolution_code, resolved_on, entered_on, oldest_debt_on, balance,
            currency: None,
            extension_days, hold, attributes, sequence, version, last_cause,
        }
    }
}

prop_compose! {
    fn transition_line()(
        (delinquency, account, scheme) in (id(), id(), id()),
        (from, to) in (option::of(id()), option::of(id())),
        (sequence, setup_version) in any::<(u32, u32)>(),
        event in sample::select(vec!["entry", "decrement", "resolved-full-payment", "resolved-other"]),
        (on, cause) in (date(), id()),
        actions in collection::vec(action(), 0..4),
        explanation in collection::vec(
            (id(), text(), collection::vec((id(), text()), 0..3))
                .prop_map(|(rule, text, inputs)| StepDocument { rule, text, inputs }),
            0..3
        ),
    ) -> TransitionLine {
        TransitionLine {
            delinquency, account, scheme, from, to, sequence, setup_version,
            event: event.to_owned(), on, cause, actions, explanation,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        // A failure shows its smallest case; nothing is written beside the code.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_line_survives_the_domain_and_the_item(
        delinquency in delinquency_line(),
        transition in transition_line(),
        (id, name, credit_points, attributes) in (id(), text(), any::<i64>(), attributes()),
        balance in amount(),
    ) {
        let contact = ContactLine { id: id.clone(), name, credit_points, attributes: attributes.clone() };
        let account = AccountLine {
            id, contact: None, class: "x".to_owned(), status: "closed".to_owned(),
            currency: "USD".to_owned(), balance, attributes,
        };
        let through = delinquency.to_delinquency(usd()).unwrap();
        prop_assert_eq!(&DelinquencyLine::from(&through), &delinquency);
        let through = Transition::try_from(&transition).unwrap();
        prop_assert_eq!(&TransitionLine::from(&through), &transition);
        let through = Contact::try_from(&contact).unwrap();
        prop_assert_eq!(&ContactLine::from(&through), &contact);
        let through = Account::try_from(&account).unwrap();
        prop_assert_eq!(&AccountLine::from(&through), &account);
        for line in [
            Line::Delinquency(delinquency), Line::Transition(transition),
            Line::Contact(contact), Line::Account(account),
        ] {
            let text = serde_json::to_string(&line).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Line>(&text).unwrap(), &line);
            let item: crate::items::Item =
                serde_dynamo::aws_sdk_dynamodb_1::to_item(&line).unwrap();
            let back: Line = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
            prop_assert_eq!(back, line);
        }
    }
}
