//! What is refused, in which words, and without a trace in the file.

use crate::book::{batch, creditor, date, debit, euros, message, write};
use arrears_bank::sepa::{Address, Batch, Creditor, Debit, DirectDebitWriter, Message, check};
use arrears_domain::{Currency, Date, Money};

const LONG_ID: &str = "123456789012345678901234567890123456";

fn changed(change: impl FnOnce(&mut Debit<'static>)) -> Debit<'static> {
    let mut debit = debit("E-1", euros("42.00"));
    change(&mut debit);
    debit
}

fn id(end_to_end_id: &'static str) -> Debit<'static> {
    changed(|it| it.end_to_end_id = end_to_end_id)
}

fn mandate(mandate_id: &'static str) -> Debit<'static> {
    changed(|it| it.mandate_id = mandate_id)
}

fn amount(text: &str, currency: &str) -> Debit<'static> {
    let amount = Money::parse(text, Currency::parse(currency).unwrap()).unwrap();
    changed(|it| it.amount = amount)
}

fn name(debtor_name: &'static str) -> Debit<'static> {
    changed(|it| it.debtor_name = debtor_name)
}

fn address(town: &'static str, country: &'static str) -> Debit<'static> {
    changed(|it| it.address = Some(Address { town, country }))
}

fn signed(on: Date) -> Debit<'static> {
    changed(|it| it.signed_on = on)
}

fn refused() -> Vec<(Debit<'static>, &'static str)> {
    vec![
        (id(""), "the end-to-end id `` is empty"),
        (
            id(LONG_ID),
            "the end-to-end id `123456789012345678901234567890123456` has 36 characters; banks take at most 35",
        ),
        (
            id("E_1"),
            "the end-to-end id `E_1` has the character '_'; banks take letters without accents, digits and /-?:().,'+",
        ),
        (id("E\n1"), "the end-to-end id `E\\n1` has the character '\\n'; banks take letters"),
        (id("É1"), "the end-to-end id `É1` has the character 'É'; banks take letters"),
        (id("<E>"), "the end-to-end id `<E>` has the character '<'; banks take letters"),
        (id("E&1"), "the end-to-end id `E&1` has the character '&'; banks take letters"),
        (id("/E"), "the end-to-end id `/E` begins or ends with a slash or has two in a row"),
        (id("E/"), "the end-to-end id `E/` begins or ends with a slash or has two in a row"),
        (id("E//1"), "the end-to-end id `E//1` begins or ends with a slash or has two in a row"),
        (id(" E"), "the end-to-end id ` E` begins or ends with a space, which is lost"),
        (id(" "), "the end-to-end id ` ` begins or ends with a space, which is lost"),
        (mandate("M@1"), "the mandate id `M@1` has the character '@'; banks take letters"),
        (
            mandate(LONG_ID),
            "the mandate id `123456789012345678901234567890123456` has 36 characters",
        ),
        (
            amount("0", "EUR"),
            "debit `E-1` is 0.00 EUR: a SEPA direct debit is of 0.01 to 999999999.99 EUR",
        ),
        (amount("-0.01", "EUR"), "debit `E-1` is -0.01 EUR: a SEPA direct debit is of"),
        (
            amount("1000000000.00", "EUR"),
            "debit `E-1` is 1000000000.00 EUR: a SEPA direct debit is of",
        ),
        (
            amount("42.00", "USD"),
            "debit `E-1` is 42.00 USD: a SEPA direct debit is in EUR; collect it by another method",
        ),
        (amount("42", "JPY"), "debit `E-1` is 42 JPY: a SEPA direct debit is in EUR"),
        (
            name(""),
            "the debtor's name `` has no letter or digit that a bank can process; write the name in Latin letters",
        ),
        (name("😀😀"), "the debtor's name `😀😀` has no letter or digit"),
        (name("--- / ---"), "the debtor's name `--- / ---` has no letter or digit"),
        (name("\u{0}\u{1b}"), "the debtor's name `\\0\\u{1b}` has no letter or digit"),
        (address("😀", "DE"), "the town `😀` has no letter or digit"),
        (address("Köln", "ZZ"), "the address of debit `E-1` is in `ZZ`, which is no country"),
        (address("Köln", "de"), "the address of debit `E-1` is in `de`, which is no country"),
        (address("Köln", "<>"), "the address of debit `E-1` is in `<>`, which is no country"),
        (
            signed(date("2026-02-07")),
            "mandate `M-1` is signed on 2026-02-07, after the collection on 2026-02-06",
        ),
        (signed(Date::MIN), "the date of signature is -262143-01-01; a year is between 1 and 9999"),
    ]
}

#[test]
fn debits_that_the_format_cannot_say_leave_no_trace() {
    let good = debit("E-2", euros("42.00"));
    let heads = (message(1, "42.00"), batch("B-1", 1, "42.00"));
    let expected = write(&heads.0, &[(heads.1, &[good])]).unwrap();
    for (bad, text) in refused() {
        let checked = check(&bad, heads.1.collection_date).unwrap_err().to_string();
        assert!(checked.starts_with(text), "{checked}\nexpected {text}");
        let mut writer = DirectDebitWriter::begin(Vec::new(), &heads.0, &creditor()).unwrap();
        writer.batch(&heads.1).unwrap();
        assert_eq!(writer.debit(&bad).unwrap_err().to_string(), checked);
        writer.debit(&good).unwrap();
        assert_eq!(String::from_utf8(writer.finish().unwrap().0).unwrap(), expected);
    }
}

#[test]
fn what_is_at_the_limit_is_written() {
    let limits = [
        id("12345678901234567890123456789012345"),
        id("a/B-?:().,'+ 9"),
        amount("0.01", "EUR"),
        amount("999999999.99", "EUR"),
        name("1"),
        signed(date("2026-02-06")),
        signed(date("0001-01-01")),
    ];
    for debit in limits {
        let sum = debit.amount.to_string();
        write(&message(1, &sum), &[(batch("B-1", 1, &sum), &[debit])]).unwrap();
    }
}

#[test]
fn heads_that_the_format_cannot_say_are_refused() {
    let messages = [
        (Message { id: "a_b", ..message(1, "1") }, "the message id `a_b` has the character '_'"),
        (message(0, "0"), "file `payment-000001` has no debits or no amount; leave it out"),
        (message(1, "0"), "file `payment-000001` has no debits or no amount; leave it out"),
        (message(1, "-1"), "file `payment-000001` has no debits or no amount; leave it out"),
        (message(1 << 50, "1"), "file `payment-000001` has more debits, or a larger sum, than"),
        (message(1, "10000000000000000"), "file `payment-000001` has more debits, or a larger"),
        (Message { initiating_party: "…", ..message(1, "1") }, "the initiating party `…` has no"),
    ];
    for (message, text) in messages {
        let error = DirectDebitWriter::begin(Vec::new(), &message, &creditor()).unwrap_err();
        assert!(error.to_string().starts_with(text), "{error}");
    }
    let creditors = [
        (Creditor { name: "&", ..creditor() }, "the creditor's name `&` has no letter or digit"),
        (
            Creditor { address: Some(Address { town: "X", country: "" }), ..creditor() },
            "the address of the creditor is in ``, which is no country",
        ),
    ];
    for (creditor, text) in creditors {
        let error = DirectDebitWriter::begin(Vec::new(), &message(1, "1"), &creditor).unwrap_err();
        assert!(error.to_string().starts_with(text), "{error}");
    }
    let batches = [
        (batch("", 1, "1"), "the batch id `` is empty"),
        (batch("B-1", 0, "0"), "batch `B-1` has no debits or no amount; leave it out"),
        (Batch { collection_date: Date::MAX, ..batch("B-1", 1, "1") }, "the collection date is"),
    ];
    for (batch, text) in batches {
        let mut writer =
            DirectDebitWriter::begin(Vec::new(), &message(1, "1"), &creditor()).unwrap();
        let error = writer.batch(&batch).unwrap_err();
        assert!(error.to_string().starts_with(text), "{error}");
    }
}

#[test]
fn times_of_creation_are_those_of_xml_schema() {
    let cases = [
        ("2026-02-02T08:00:00", true),
        ("2026-02-02T08:00:00Z", true),
        ("2026-02-02T08:00:00.123+01:00", true),
        ("2026-02-02T08:00:00-14:00", true),
        ("2026-02-02T08:00:00-14:01", false),
        ("2026-02-02T08:00:00+1:00", false),
        ("2026-02-02T08:00:00+01", false),
        ("2026-02-02T08:00:00.", false),
        ("2026-02-02T08:00:00.Z", false),
        ("2026-02-02T08:00:60", false),
        ("2026-02-02T24:00:00", false),
        ("2026-02-30T08:00:00", false),
        ("2026-02-02 08:00:00", false),
        ("2026-02-02t08:00:00", false),
        ("2026-2-2T08:00:00   ", false),
        ("2026-02-02", false),
        ("2026-02-02T08:00:00<", false),
        ("2026-02-02T08:00:0é", false),
        ("", false),
    ];
    for (created_at, is_good) in cases {
        let message = Message { created_at, ..message(1, "1") };
        let result = DirectDebitWriter::begin(Vec::new(), &message, &creditor());
        assert_eq!(result.is_ok(), is_good, "{created_at}");
    }
}
