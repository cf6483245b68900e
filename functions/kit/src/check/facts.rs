//! Facts for made-up subjects: those that the plugin asks for, with values such as an
//! agency has.

use std::collections::BTreeMap;

use arrears_host::contract::Money;

use crate::case::amount_text;

/// Every fact of the contract's list, with an ordinary value. Those of balances are the
/// subject's.
const KNOWN: [(&str, &str); 29] = [
    ("account.balance", ""),
    ("account.class", "residential"),
    ("account.currency", ""),
    ("account.id", "A-1001"),
    ("account.status", "open"),
    ("agency.name", "Rivertown Water"),
    ("contact.credit_points", "15"),
    ("contact.id", "C-1"),
    ("contact.name", "R. Vance"),
    ("delinquency.balance", ""),
    ("delinquency.bill_type", "WATER"),
    ("delinquency.days_past_due", "45"),
    ("delinquency.entered_on", "2026-10-01"),
    ("delinquency.id", "D-1"),
    ("delinquency.kind", "bill-type"),
    ("delinquency.milestone", "FINAL"),
    ("delinquency.oldest_debt_on", "2026-08-31"),
    ("delinquency.origin", "D-0"),
    ("delinquency.resolution_code", "PAID-IN-FULL"),
    ("delinquency.scheme", "RES"),
    ("payment.amount", ""),
    ("payment.collection_date", "2026-11-21"),
    ("payment.creditor", "Rivertown Water"),
    ("payment.creditor_id", "DE98ZZZ09999999999"),
    ("payment.currency", ""),
    ("payment.discount", "0.00"),
    ("payment.id", "P000007-0000001"),
    ("payment.mandate", "M-1001"),
    ("payment.method", "direct-debit"),
];

/// What an agency may keep under a name of its own: by what the name contains, a value. The
/// first that fits counts: `sms_last_on` is a date.
const ATTRIBUTES: [(&[&str], &str); 6] = [
    (&["date", "_on", "since", "until"], "2026-10-30"),
    (&["mobile", "phone", "sms"], "+15551230001"),
    (&["mail"], "vance@example.org"),
    (&["lang"], "en"),
    (&["amount", "balance", "fee"], "12.50"),
    (&["count", "number", "level", "zone"], "7"),
];

/// The value under any other name.
const ATTRIBUTE: &str = "blue";

/// Facts of a subject.
pub(crate) type Facts = BTreeMap<String, String>;

/// What a plugin asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needed<'a>(pub(crate) &'a [String]);

impl Needed<'_> {
    /// The facts that an ordinary subject has of those that are asked for. Where all below
    /// a name are, there is one more that nobody knows: an agency may add any.
    pub(crate) fn ordinary(self, balance: &Money) -> Facts {
        let mut facts = self.known(balance, "delinquency.");
        facts.extend(self.own());
        facts
    }

    /// Those of a payment, which has no record.
    pub(crate) fn of_payment(self, balance: &Money) -> Facts {
        let mut facts = self.known(balance, "payment.");
        facts.extend(self.own().into_iter().filter(|(name, _)| !name.starts_with("delinquency.")));
        facts
    }

    /// Facts of the contract; of a record's and a payment's those below `side`.
    fn known(self, balance: &Money, side: &str) -> Facts {
        let is_of_side = |name: &str| {
            name.starts_with(side)
                || !(name.starts_with("delinquency.") || name.starts_with("payment."))
        };
        let amount = amount_text(balance);
        let amount = amount.split_once(' ').map_or("", |(amount, _)| amount);
        let known = KNOWN.iter().filter(|(name, _)| is_of_side(name) && self.wants(name));
        let value = |name: &str, value: &str| match (name.rsplit('.').next(), value) {
            (Some("currency"), "") => balance.currency.clone(),
            (_, "") => amount.to_owned(),
            (_, value) => value.to_owned(),
        };
        known.map(|(name, text)| ((*name).to_owned(), value(name, text))).collect()
    }

    /// Facts under names that are an agency's own.
    fn own(self) -> Facts {
        let mut facts = Facts::new();
        for pattern in self.0 {
            match pattern.strip_suffix(".*") {
                Some(stem) => {
                    facts.insert(format!("{stem}.of_tomorrow"), "unheard of".to_owned());
                    if !stem.contains('.') {
                        let name = format!("{stem}.attributes.shoe_size");
                        facts.insert(name, "44".to_owned());
                    }
                }
                None if pattern.contains(".attributes.") => {
                    facts.insert(pattern.clone(), attribute(pattern).to_owned());
                }
                None => {}
            }
        }
        facts
    }

    fn wants(self, name: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(stem) => name.starts_with(stem),
            None => pattern == name,
        })
    }
}

fn attribute(name: &str) -> &'static str {
    let name = name.rsplit('.').next().unwrap_or(name);
    let fits = |words: &[&str]| words.iter().any(|word| name.contains(word));
    ATTRIBUTES.iter().find(|(words, _)| fits(words)).map_or(ATTRIBUTE, |(_, value)| *value)
}
