//! Plans to report on.

use crate::payment::payment_file::PaymentFile;
use crate::payment::plan::PlannedAccount;
use crate::payment::record::Mode;
use crate::payment::report::{Head, Report, all};
use crate::payment::sums::Sums;
use arrears_domain::setup::{BankFormat, Creditor, Originator, ReportDetail};
use arrears_domain::{CreditorId, Iban, RoutingNumber};
use serde_json::{Value, json};

/// An account of a plan, and why its payment was refused.
pub(super) type Sample = (PlannedAccount, Option<(&'static str, &'static str)>);

pub(super) fn head(detail: ReportDetail) -> Head {
    Head {
        run_key: "payment-000007".to_owned(),
        number: 7,
        agency: "springfield".to_owned(),
        agency_name: "Water & Power of Springfield".to_owned(),
        profile: "DD-EUR".to_owned(),
        profile_name: Some("Direct debit in euro".to_owned()),
        method: "bank",
        bank_format: Some("pain.008"),
        mode: Mode::Collect,
        base_date: "2026-02-01".parse().unwrap(),
        collection_date: "2026-02-16".parse().unwrap(),
        created_at: "2026-02-01T06:30:00Z".to_owned(),
        detail,
        total_limit: Some("250000".to_owned()),
        given_up: None,
    }
}

/// What an account is made of.
pub(super) struct Parts<'a> {
    pub(super) account: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) currency: &'a str,
    /// Transaction, due date, amount, open, discount, tax in it.
    pub(super) items: Vec<[String; 6]>,
    /// Credit, amount.
    pub(super) credits: Vec<[String; 2]>,
    /// Gross, discount, tax in it, net; none: there is no payment.
    pub(super) sums: Option<[String; 4]>,
    /// Transaction, due date, open, code, reason.
    pub(super) skipped: Vec<[String; 5]>,
    pub(super) prenote: bool,
}

pub(super) fn planned(number: u32, parts: &Parts<'_>) -> PlannedAccount {
    let mandate = format!("M-{number:04}");
    let optional = |date: &String| (!date.is_empty()).then(|| date.clone());
    let line = |id: &str, due: &String, amount: &str| {
        json!({
            "id": id, "account": parts.account, "bill_type": "water", "date": "2025-12-20",
            "due_date": optional(due), "amount": amount, "marker": "unallocated",
        })
    };
    let debits = parts.items.iter().map(|[id, due, amount, ..]| line(id, due, amount));
    let credits =
        parts.credits.iter().map(|[id, amount]| line(id, &String::new(), &format!("-{amount}")));
    let payment = parts.sums.as_ref().map(|[gross, discount, tax, net]| {
        let items = parts.items.iter().map(|[id, due, amount, open, discount, tax]| {
            json!({
                "id": id, "due_on": optional(due), "amount": amount, "open": open,
                "discount": discount, "discount_tax": tax,
            })
        });
        let credits = parts.credits.iter().map(|[id, amount]| json!({"id": id, "amount": amount}));
        json!({
            "id": format!("P000007-{number:07}"), "number": number, "currency": parts.currency,
            "items": items.collect::<Vec<_>>(), "credits": credits.collect::<Vec<_>>(),
            "gross": gross, "discount": discount, "discount_tax": tax, "net": net,
            "mandate": mandate, "collection_date": "2026-02-16",
        })
    });
    let skipped = parts.skipped.iter().map(|[id, due, open, code, reason]| {
        json!({"id": id, "due_on": optional(due), "open": open, "code": code, "reason": reason})
    });
    let contact = parts.name.map(
        |name| json!({"id": format!("C-{number}"), "name": name, "attributes": {"city": "Köln"}}),
    );
    let document = json!({
        "inputs": {
            "account": {
                "id": parts.account, "class": "residential", "currency": parts.currency,
                "balance": "0.00", "attributes": {"meter": "17"},
            },
            "contact": contact,
            "transactions": debits.chain(credits).collect::<Vec<Value>>(),
            "mandates": [{
                "id": mandate, "account": parts.account, "scheme": "sepa-core",
                "iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "signed_on": "2025-01-31",
                "sequence": "RCUR",
            }],
        },
        "payment": payment,
        "skipped": skipped.collect::<Vec<_>>(),
        "prenote": parts.prenote.then(|| json!({"mandate": mandate, "number": number})),
    });
    serde_json::from_value(document).unwrap()
}

fn texts<const N: usize>(texts: [&str; N]) -> [String; N] {
    texts.map(str::to_owned)
}

pub(super) fn nothing<'a>(account: &'a str, name: Option<&'a str>, currency: &'a str) -> Parts<'a> {
    Parts {
        account,
        name,
        currency,
        items: Vec::new(),
        credits: Vec::new(),
        sums: None,
        skipped: Vec::new(),
        prenote: false,
    }
}

/// A payment of one transaction.
fn one<'a>(account: &'a str, name: &'a str, currency: &'a str, amount: &str) -> Parts<'a> {
    let zero = if amount.contains('.') { "0.00" } else { "0" };
    Parts {
        items: vec![texts(["T-1", "2026-01-31", amount, amount, zero, zero])],
        sums: Some(texts([amount, zero, zero, amount])),
        ..nothing(account, Some(name), currency)
    }
}

/// All that a report can say.
pub(super) fn ordinary() -> Vec<Sample> {
    let ada = Parts {
        items: vec![
            texts(["T-1001", "2026-01-15", "1000.00", "1000.00", "20.00", "3.19"]),
            texts(["T-1002", "", "190.00", "160.00", "0.00", "0.00"]),
        ],
        credits: vec![texts(["CR-7", "30.00"])],
        sums: Some(texts(["1160.00", "20.00", "3.19", "1140.00"])),
        skipped: vec![texts([
            "T-1003",
            "2026-03-15",
            "80.00",
            "NOT_DUE",
            "it is due on 2026-03-15, after the base date for payment",
        ])],
        ..nothing("A-1001", Some("Ada Lovelace"), "EUR")
    };
    let skipped = Parts {
        skipped: vec![
            texts(["T-1", "2026-01-10", "40.00", "WITHHELD", "the transaction is withheld"]),
            texts([
                "T-2",
                "",
                "12.50",
                "EXCLUDED",
                "excluded by an operator: the meter is read again, since the reading of December \
                 was taken from the wrong house, and the bill is written anew",
            ]),
        ],
        ..nothing("A-1002", None, "EUR")
    };
    let prenote = Parts {
        skipped: vec![texts([
            "T-9",
            "2026-01-20",
            "75.00",
            "PRENOTE",
            "mandate M-3 is tried first",
        ])],
        prenote: true,
        ..nothing("A-1003", Some("Grace Hopper"), "EUR")
    };
    let refused = ("CHANGED_SINCE", "T-1 is paid");
    [
        (ada, None),
        (skipped, None),
        (prenote, None),
        (one("A-1004", "Charles Babbage", "EUR", "99.90"), Some(refused)),
        (nothing("A-1005", Some("Nothing to say"), "EUR"), None),
        (one("A-1006", "山田太郎", "JPY", "12000"), None),
        (one("A-1007", "Maryam Mirzakhani", "USD", "123456789.00"), None),
    ]
    .into_iter()
    .zip(1..)
    .map(|((parts, refused), number)| (planned(number, &parts), refused))
    .collect()
}

/// Names that want to be something else.
pub(super) fn nasty() -> Vec<Sample> {
    let names = [
        "<script>alert('1')</script> & \"Söhne\"",
        "=HYPERLINK(\"https://example.org\";\"pay\")",
        "+49 221 cmd|' /C calc'!A0",
        "Verwaltungsgesellschaft für Grundstücke, Gebäude und Anlagen des Kreises mbH & Co. KG",
        "محمد بن موسى الخوارزمي",
        "שלום עליכם 123",
        "👩‍👩‍👧‍👦 The Family 🏠 of 🎹 Pianos 🎻 and Violins",
        "Eve\u{202e} 00.001 RUE\nTotals",
        "  \u{7}\tspaces\r\n",
        "e\u{301}e\u{301}e\u{301} combined",
    ];
    let long = "A-1234567890123456789012345678901234567890123456789012345678";
    let number = names.len() as u32 + 1;
    let long = (planned(number, &one(long, "Long", "EUR", "1.00")), None);
    let named = |(name, number)| {
        let account = format!("+A{number}");
        (planned(number, &one(&account, name, "EUR", "1.00")), None)
    };
    names.into_iter().zip(1..).map(named).chain([long]).collect()
}

/// Writes a report or a file, and gives what it counted.
pub(super) fn written(report: &mut dyn Report, head: &Head, plan: &[Sample]) -> (String, Sums) {
    let (mut out, mut sums) = (Vec::new(), Sums::default());
    report.head(head, &mut out);
    for (planned, refused) in plan {
        report.account(planned, *refused, &mut out).unwrap();
        sums.count(planned, refused.map(|(code, _)| code)).unwrap();
    }
    report.end(&sums, &mut out);
    let counted = report.counted();
    assert_eq!(counted, sums);
    (String::from_utf8(out).unwrap(), counted)
}

/// The report with the extension.
pub(super) fn report(extension: &str) -> Box<dyn Report + Send> {
    all().into_iter().find(|(own, _)| *own == extension).unwrap().1
}

pub(super) fn payment_file() -> PaymentFile {
    PaymentFile::new(Some(&BankFormat::Pain008(Creditor {
        name: "Water & Power".to_owned(),
        iban: Iban::parse("NL91ABNA0417164300").unwrap(),
        bic: None,
        id: CreditorId::parse("DE98ZZZ09999999999").unwrap(),
        town: Some("Springfield".to_owned()),
        country: Some("NL".to_owned()),
    })))
}

/// The same for a profile of ACH debits.
pub(super) fn ach_payment_file() -> PaymentFile {
    PaymentFile::new(Some(&BankFormat::Nacha(Originator {
        name: "WATER AND POWER".to_owned(),
        company_id: "1123456789".to_owned(),
        routing_number: RoutingNumber::parse("021000021").unwrap(),
        bank_name: "SPRINGFIELD BANK".to_owned(),
        destination: None,
        origin: None,
        entry_description: "WATER BILL".to_owned(),
    })))
}
