//! What was counted is what stands in the file: plans of all shapes, read back.

use super::sample::{Parts, Sample, head, nasty, nothing, ordinary, payment_file};
use super::sample::{planned, report, written};
use crate::payment::sums::{Sums, minor_units};
use arrears_domain::setup::ReportDetail;
use arrears_domain::{Currency, Money};
use serde_json::Value;

const CURRENCIES: [&str; 4] = ["EUR", "USD", "JPY", "KWD"];
const CODES: [&str; 3] = ["WITHHELD", "NOT_DUE", "NO_MANDATE"];

/// Numbers without order that are the same in each test run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % end
    }

    fn account(&mut self, number: u32) -> Sample {
        let currency = CURRENCIES[self.below(4) as usize];
        let text = |minor_units: u64| {
            let currency = Currency::parse(currency).unwrap();
            Money::from_minor_units(minor_units as i64, currency).to_string()
        };
        let account = format!("A-{number}");
        let mut parts = Parts {
            prenote: self.below(8) == 0,
            ..nothing(&account, Some("=1+1, \"Ltd\"\n"), currency)
        };
        for skipped in 0..self.below(3) {
            let (open, code) = (text(self.below(9_999)), CODES[self.below(3) as usize]);
            let id = format!("S-{skipped}");
            parts.skipped.push([id, String::new(), open, code.to_owned(), "why".to_owned()]);
        }
        let mut sums = [0; 4];
        for item in 0..self.below(5) {
            let (open, paid) = (1 + self.below(9_999_999), self.below(2) * self.below(500));
            let discount = self.below(open);
            let tax = self.below(discount + 1);
            let amounts = [open + paid, open, discount, tax].map(text);
            let [amount, open_text, discount_text, tax_text] = amounts;
            let (id, due) = (format!("T-{item}"), "2026-01-31".to_owned());
            parts.items.push([id, due, amount, open_text, discount_text, tax_text]);
            if paid > 0 {
                parts.credits.push([format!("C-{item}"), text(paid)]);
            }
            for (sum, part) in sums.iter_mut().zip([open, discount, tax, open - discount]) {
                *sum += part;
            }
        }
        parts.sums = (!parts.items.is_empty()).then(|| sums.map(text));
        let refused = (self.below(6) == 0).then_some(("CHANGED_SINCE", "it has changed"));
        (planned(number, &parts), refused)
    }

    fn plan(&mut self) -> Vec<Sample> {
        let accounts = self.below(12) as u32;
        (1..=accounts).map(|number| self.account(number)).collect()
    }
}

/// Some plans, with both reports of each.
fn each(mut checked: impl FnMut(&[Sample], ReportDetail)) {
    let plans = (0..60).map(|seed| Numbers(seed).plan()).chain([ordinary(), nasty()]);
    for plan in plans {
        for detail in ReportDetail::ALL {
            checked(&plan, detail);
        }
    }
}

/// Adds an amount to a sum, if there is one.
fn add(sum: &mut i64, text: &str, currency: &str) {
    *sum += minor_units(&text.into(), currency).unwrap();
}

#[test]
fn rows_of_values_come_to_what_was_counted() {
    each(|plan, detail| {
        let (text, counted) = written(&mut *report("csv"), &head(detail), plan);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let heading = reader.headers().unwrap().clone();
        let (mut rows, mut totals) = (Sums::default(), Sums::default());
        let (mut transactions, mut gross) = (0, std::collections::BTreeMap::new());
        for row in reader.records() {
            let row = row.unwrap();
            let field = |name: &str| {
                row.get(heading.iter().position(|heading| heading == name).unwrap()).unwrap()
            };
            let (currency, number) = (field("currency"), || field("count").parse::<u64>().unwrap());
            let kind = field("row");
            if kind == "payment" || field("code") == "AMOUNTS" {
                let sums = if kind == "payment" { &mut rows } else { &mut totals };
                let own = sums.amounts.entry(currency.to_owned()).or_default();
                add(&mut own.gross_minor_units, field("gross"), currency);
                add(&mut own.discount_minor_units, field("discount"), currency);
                add(&mut own.discount_tax_minor_units, field("discount_tax"), currency);
                add(&mut own.net_minor_units, field("net"), currency);
            }
            match (kind, field("code")) {
                ("payment", _) => {
                    rows.payments += 1;
                    rows.transactions += number();
                }
                ("transaction" | "credit", _) => {
                    transactions += u64::from(kind == "transaction");
                    let own = gross.entry(currency.to_owned()).or_default();
                    add(own, field("amount"), currency);
                }
                ("skipped", code) => {
                    rows.skipped += 1;
                    *rows.skipped_by_reason.entry(code.to_owned()).or_default() += 1;
                }
                ("prenote", _) => rows.prenotes += 1,
                ("total", "AMOUNTS") => {}
                ("total", "PAYMENTS") => totals.payments = number(),
                ("total", "TRANSACTIONS") => totals.transactions = number(),
                ("total", "PRENOTES") => totals.prenotes = number(),
                ("total", "SKIPPED") => totals.skipped = number(),
                ("total", "SKIPPED_BY_REASON") => {
                    totals.skipped_by_reason.insert(field("reason").to_owned(), number());
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(rows, counted);
        assert_eq!(totals, counted);
        if detail == ReportDetail::List {
            assert_eq!(transactions, counted.transactions);
            let amounts = counted.amounts.into_iter();
            let wanted = amounts.map(|(currency, own)| (currency, own.gross_minor_units));
            assert!(gross.into_iter().eq(wanted));
        }
    });
}

#[test]
fn lines_of_the_payment_file_come_to_what_was_counted() {
    each(|plan, detail| {
        let (text, counted) = written(&mut payment_file(), &head(detail), plan);
        let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        let of_type = |name: &str| lines.iter().filter(|it| it["type"] == name).collect::<Vec<_>>();
        let (payments, trailer) = (of_type("payment"), lines.last().unwrap());
        assert_eq!(lines[0]["type"], "header");
        assert_eq!(trailer["type"], "trailer");
        assert_eq!(payments.len() as u64, counted.payments);
        assert_eq!(of_type("prenote").len() as u64, counted.prenotes);
        let items = |payment: &&Value| payment["transactions"].as_array().unwrap().len() as u64;
        assert_eq!(payments.iter().map(items).sum::<u64>(), counted.transactions);
        for (currency, own) in &counted.amounts {
            for (name, wanted) in [
                ("gross", own.gross_minor_units),
                ("discount", own.discount_minor_units),
                ("discount_tax", own.discount_tax_minor_units),
                ("net", own.net_minor_units),
            ] {
                let (mut sum, mut total) = (0, 0);
                for payment in payments.iter().filter(|it| it["currency"] == currency.as_str()) {
                    add(&mut sum, payment[name].as_str().unwrap(), currency);
                }
                add(&mut total, trailer["amounts"][currency][name].as_str().unwrap(), currency);
                assert_eq!((sum, total), (wanted, wanted), "{name} {currency}");
            }
        }
    });
}
