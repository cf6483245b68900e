//! What payment profiles mean, and what differs between two.

use crate::cases::cases;
use arrears_domain::setup::{
    self, BankFile, BankFormat, LedgerAccounts, PaymentMethod, PaymentProfile, PaymentsDebits,
    ReportDetail, Setup, Source,
};
use arrears_domain::{Currency, Period};

/// The payment profiles of the good case after a change of their text.
fn changed(from: &str, to: &str) -> Setup {
    let case = cases("good").into_iter().find(|case| case.name == "payments").unwrap();
    let text = case.sources[0].text.replace(from, to);
    assert!(text != case.sources[0].text || from == to, "`{from}` stands nowhere");
    setup::read(&[Source { name: case.name, text }]).unwrap().setup
}

fn profile(code: &str) -> PaymentProfile {
    changed("", "").payment_profiles[code].clone()
}

const WHOLE: &str = "DD-EUR-RESIDENTIAL-123456789-123";

#[test]
fn a_whole_profile_is_read_back() {
    let read = profile(WHOLE);
    assert_eq!((read.code.as_str(), read.name.as_deref()), (WHOLE, Some("Direct debit of homes")));
    assert_eq!(read.payments_debits, PaymentsDebits::Collection);
    assert_eq!(read.method, PaymentMethod::Bank);
    let Some(BankFormat::Pain008(creditor)) = &read.bank else { panic!("{:?}", read.bank) };
    assert_eq!(creditor.name, "Rivertown Water & Größe");
    assert_eq!(creditor.iban.as_str(), "DE89370400440532013000", "without the spaces of paper");
    assert_eq!(creditor.bic.as_ref().unwrap().as_str(), "COBADEFFXXX");
    assert_eq!(creditor.id.as_str(), "DE98ZZZ09999999999");
    let address = (creditor.town.as_deref(), creditor.country.as_deref());
    assert_eq!(address, (Some("Rivertown"), Some("DE")));
    assert_eq!(read.currencies, [Currency::parse("EUR").unwrap()]);
    let formula = "account.balance > 10.00 && has(contact.attributes.email)";
    assert_eq!(read.accounts.as_ref().unwrap().text(), formula);
    assert_eq!(read.classes, ["residential", "senior citizens"]);
    assert_eq!(read.bill_types, ["WATER", "SEWER"], "as written");
    assert_eq!((read.immediate_settlement, read.due_within_days), (false, 366));
    assert_eq!(read.minimum.to_string(), "1.00");
    assert_eq!(read.total_limit.unwrap().to_string(), "250000.00");
    assert_eq!(read.discount_percent.unwrap().to_string(), "5");
    assert_eq!(read.discount_tax_percent.unwrap().to_string(), "20.5");
    assert!(read.take_discount && read.post && !read.prenote);
    assert_eq!(read.report, ReportDetail::Summary);
    assert_eq!((read.lead_days, read.pre_notification_days), (2, 5));
    assert_eq!(read.calendar.as_deref(), Some("city"));
    let ledger = [&read.ledger.debtor, &read.ledger.bank, &read.ledger.discount];
    assert_eq!(ledger, ["1200", "BANK", "8730"]);
    assert_eq!(read.ledger.discount_tax, "DISCOUNT-TAX");
    let actions: Vec<&str> = read.actions.iter().map(|it| it.action_type.as_str()).collect();
    assert_eq!(actions, ["alert", "notice", "acme:text-message"], "in the order of the group");
    let condition = read.actions[1].condition.as_ref().unwrap();
    assert_eq!(condition.text(), "!has(account.attributes.paperless)");
}

#[test]
fn an_originator_is_read_back() {
    let read = profile("ACH");
    let Some(BankFormat::Nacha(originator)) = &read.bank else { panic!("{:?}", read.bank) };
    assert_eq!(originator.name, "Rivertown Water!");
    assert_eq!(originator.company_id, "1987654321");
    assert_eq!(originator.routing_number.as_str(), "121042882");
    assert_eq!(originator.bank_name, "Bank of the Rivers & Co");
    assert_eq!(originator.destination.as_ref().unwrap().as_str(), "231380104");
    assert_eq!(originator.origin.as_deref(), Some("121042882"));
    assert_eq!(originator.entry_description, "WATER BILL");
    assert!(read.immediate_settlement);
    assert!(!(read.take_discount || read.post || read.prenote));
    assert_eq!((read.lead_days, read.pre_notification_days), (0, 60));
}

#[test]
fn what_a_profile_leaves_out_is_usual() {
    let usual = [
        ("DD-USUAL", Some(BankFile::Pain008), 14, false),
        ("ACH-USUAL", Some(BankFile::Nacha), 0, true),
        ("CHECKS", None, 0, false),
        ("OUT", None, 0, false),
    ];
    for (code, file, pre_notification_days, prenote) in usual {
        let read = profile(code);
        assert_eq!(read.bank.as_ref().map(BankFormat::file), file, "{code}");
        assert_eq!(read.pre_notification_days, pre_notification_days, "{code}");
        assert_eq!(read.prenote, prenote, "{code}");
        assert_eq!((read.lead_days, read.due_within_days), (1, 0), "{code}");
        assert!(read.take_discount && read.post && !read.immediate_settlement, "{code}");
        assert_eq!(read.report, ReportDetail::List, "{code}");
        assert_eq!(read.ledger, LedgerAccounts::default(), "{code}");
        assert!(read.classes.is_empty() && read.bill_types.is_empty(), "{code}");
        assert!(read.accounts.is_none() && read.calendar.is_none(), "{code}");
        assert!(read.actions.is_empty() && read.discount_percent.is_none(), "{code}");
    }
    for code in ["DD-USUAL", "ACH-USUAL"] {
        let read = profile(code);
        assert!(read.minimum.is_zero() && read.total_limit.is_none(), "{code}");
    }
    let Some(BankFormat::Nacha(originator)) = profile("ACH-USUAL").bank else { panic!() };
    assert_eq!(originator.entry_description, "PAYMENT");
    assert_eq!((originator.destination, originator.origin), (None, None));
}

#[test]
fn the_ledger_is_closed_through_a_month() {
    let closed = changed("", "").ledger.closed_through;
    assert_eq!(closed, Some(Period::parse("2025-12").unwrap()));
    let open = changed("[ledger]\nclosed_through = \"2025-12\"\n", "");
    assert_eq!(open.ledger.closed_through, None);
}

#[test]
fn a_profile_points_to_its_code() {
    let case = cases("good").into_iter().find(|case| case.name == "payments").unwrap();
    for (code, profile) in &changed("", "").payment_profiles {
        let span = profile.span;
        let written = &case.sources[0].text[span.offset..span.offset + span.length];
        assert_eq!(written, format!("\"{code}\""));
    }
}

#[test]
fn a_difference_is_told_at_its_part() {
    let cases = [
        ("\"2025-12\"", "\"2026-01\"", "setup: ledger closed through 2025-12 -> 2026-01"),
        (
            "name = \"Direct debit of homes\"\n",
            "",
            "payment profile WHOLE: name \"Direct debit of homes\" -> not set",
        ),
        (
            "has(contact.attributes.email)",
            "account.status == 'open'",
            "payment profile WHOLE: accounts `account.balance > 10.00 && \
             has(contact.attributes.email)` -> `account.balance > 10.00 && account.status == 'open'`",
        ),
        (
            "classes = [\"residential\", \"senior citizens\"]\n",
            "",
            "payment profile WHOLE: classes residential, senior citizens -> not set",
        ),
        (
            "immediate_settlement = true",
            "immediate_settlement = false",
            "payment profile ACH: immediate settlement yes -> no",
        ),
        (
            "discount_percent = \"100\"\npost = false",
            "discount_percent = \"100\"",
            "payment profile ACH: post no -> yes",
        ),
        ("prenote = false\n", "", "payment profile ACH: prenote no -> yes"),
        ("debtor = \"1200\", ", "", "payment profile WHOLE: debtor account 1200 -> DEBTORS"),
        (
            "de89 3704 0044 0532 0130 00",
            "FR1420041010050500013M02606",
            "payment profile WHOLE, creditor: IBAN DE89370400440532013000 -> \
             FR1420041010050500013M02606",
        ),
        (
            "entry_description = \"WATER BILL\"\n",
            "",
            "payment profile ACH, originator: entry description \"WATER BILL\" -> \"PAYMENT\"",
        ),
        (
            "config = { text = \"Hello\" }",
            "config = { text = \"Good day\" }",
            "payment profile WHOLE, action acme:text-message: config {text \"Hello\"} -> \
             {text \"Good day\"}",
        ),
        (
            "[[payment_profile.action]]\ntype = \"alert\"\nconfig = { message = \"Direct debit\" }\n",
            "",
            "payment profile WHOLE, action alert: removed",
        ),
        ("\"ACH-USUAL\"", "\"ACH-OTHER\"", "payment profile ACH-OTHER: added"),
    ];
    let before = changed("", "");
    for (from, to, expected) in cases {
        let told: Vec<String> = setup::diff(&before, &changed(from, to))
            .iter()
            .map(|it| it.to_string().replace(WHOLE, "WHOLE"))
            .filter(|it| it != "payment profile ACH-USUAL: removed")
            .collect();
        assert_eq!(told, [expected], "{from} -> {to}");
    }
    assert_eq!(setup::diff(&before, &changed("", "")), []);
}

#[test]
fn another_bank_is_told_as_one_that_goes_and_one_that_comes() {
    let nacha = "bank_format = \"nacha\"\ncurrencies = [\"USD\"]\noriginator = { name = \
         \"Rivertown\", company_id = \"1987654321\", routing_number = \"121042882\", bank_name = \
         \"Rivers\" }";
    let pain = "bank_format = \"pain.008\"\ncurrencies = [\"EUR\"]\ncreditor = { name = \"W\", \
         iban = \"DE89370400440532013000\", id = \"DE98ZZZ09999999999\" }";
    let told: Vec<String> = setup::diff(&changed("", ""), &changed(nacha, pain))
        .iter()
        .map(|it| it.to_string())
        .collect();
    let expected = [
        ": currencies USD -> EUR",
        ": bank format nacha -> pain.008",
        ": pre-notification days 0 -> 14",
        ": prenote yes -> no",
        ", creditor: added",
        ", originator: removed",
    ];
    assert_eq!(told, expected.map(|it| format!("payment profile ACH-USUAL{it}")));
}
