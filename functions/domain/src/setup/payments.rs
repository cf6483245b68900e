//! Payment profiles: what is collected, from whom, and how; and the ledger.

use super::actions::payment_actions;
use super::banks::{self, Bank};
use super::definitions::by_code;
use super::limits;
use super::mistake::{Mistake, code};
use super::model::{
    BankFile, LedgerAccounts, LedgerSettings, PaymentMethod, PaymentProfile, PaymentsDebits,
    ReportDetail,
};
use super::references::kinds;
use super::rules::{account_condition, unknown_calendar};
use super::sections::Root;
use super::tree::{Node, Table};
use crate::formula::Formula;
use crate::{Currency, Period};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeValue;

pub(super) fn payment_profiles(
    root: &Root<'_>,
    action_order: &[String],
) -> BTreeMap<String, PaymentProfile> {
    by_code(root, "payment_profile", "a payment profile", kinds::PAYMENT_PROFILE, |table, code| {
        Some(profile(table, code, action_order))
    })
}

/// `[ledger]`
pub(super) fn ledger(root: &Root<'_>) -> LedgerSettings {
    let read = |table: &Table<'_>| {
        let node = table.optional("closed_through");
        let closed_through = node.text().and_then(|text| {
            let period = Period::parse(text);
            if let Err(error) = &period {
                let hint = "name the last month that is closed, such as \"2026-01\"";
                node.wrong(code::BAD_PERIOD, error.to_string(), hint);
            }
            period.ok()
        });
        LedgerSettings { closed_through }
    };
    root.one("ledger").and_then(|node| node.table("the ledger", read)).unwrap_or_default()
}

/// Reads a payment profile. What could not be read, and has been reported, is
/// replaced by what is usual, so that the rest can be checked.
fn profile(table: &Table<'_>, code: String, action_order: &[String]) -> PaymentProfile {
    let code_node = table.optional("code");
    check_code(code_node, &code);
    let method = table.required("method").word(&PaymentMethod::ALL.map(|it| (it.as_str(), it)));
    let bank = banks::bank(table, method);
    let currencies = currencies(table.required("currencies"), bank.file);
    let minimum = amount(table.optional("minimum"), &currencies);
    let total_limit = limit(table.optional("total_limit"), &currencies);
    let flag = |key, usual| table.optional(key).flag().unwrap_or(usual);
    let notified = table.optional("pre_notification_days").whole(&limits::PRE_NOTIFICATION_DAYS);
    let within = table.optional("due_within_days").whole(&limits::DUE_WITHIN_DAYS);
    let report = table.optional("report").word(&ReportDetail::ALL.map(|it| (it.as_str(), it)));
    PaymentProfile {
        name: table.optional("name").name(),
        payments_debits: payments_debits(table.required("payments_debits")),
        accounts: accounts(table.optional("accounts")),
        classes: texts(table.optional("classes"), Node::name),
        bill_types: texts(table.optional("bill_types"), Node::code),
        immediate_settlement: flag("immediate_settlement", false),
        due_within_days: within.unwrap_or_default(),
        minimum: minimum.unwrap_or_default(),
        total_limit,
        discount_percent: percent(table.optional("discount_percent")),
        discount_tax_percent: percent(table.optional("discount_tax_percent")),
        take_discount: flag("take_discount", true),
        post: flag("post", true),
        report: report.unwrap_or(ReportDetail::List),
        lead_days: table.optional("lead_days").whole(&limits::LEAD_DAYS).unwrap_or(1),
        pre_notification_days: notified
            .unwrap_or_else(|| bank.file.map_or(0, BankFile::pre_notification_days)),
        prenote: prenote(table.optional("prenote"), &bank),
        calendar: calendar(table.optional("calendar")),
        actions: payment_actions(table.optional("action"), action_order),
        ledger: ledger_accounts(table.optional("ledger")),
        method: method.unwrap_or(PaymentMethod::Other),
        bank: bank.format,
        currencies,
        span: code_node.span(),
        code,
    }
}

fn check_code(node: Node<'_>, code: &str) {
    let most = limits::PROFILE_CODE_BYTES_MAX;
    if code.len() > most {
        let message = format!("the code has {} bytes; it may have at most {most}", code.len());
        node.wrong(code::BAD_CODE, message, "shorten it: it is part of the names of files");
    }
}

/// A profile for payments is read, since the source document has such profiles, but
/// no run takes it.
fn payments_debits(node: Node<'_>) -> PaymentsDebits {
    let word = node.word(&PaymentsDebits::ALL.map(|it| (it.as_str(), it)));
    if word == Some(PaymentsDebits::Payments) {
        let message = "no run takes a profile for payments";
        let mistake = Mistake::warning(code::NOT_FOR_COLLECTION, node.span(), message);
        node.reading.report(mistake.hint("write \"collection\" to collect by it"));
    }
    word.unwrap_or(PaymentsDebits::Collection)
}

fn currencies(node: Node<'_>, file: Option<BankFile>) -> Vec<Currency> {
    if let Some(DeValue::Array(items)) = node.value.map(Spanned::get_ref)
        && items.is_empty()
    {
        let hint = "name at least one, such as [\"EUR\"]";
        node.wrong(code::EMPTY_LIST, "`currencies` is empty", hint);
    }
    // A currency that the file cannot carry is one nevertheless.
    let currencies = texts(node, |item| currency(item).filter(|it| is_carried(item, it, file)));
    currencies.into_iter().filter_map(|code| Currency::parse(&code).ok()).collect()
}

fn currency(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    if Currency::parse(text).is_err() {
        let message = format!("`{text}` is no currency");
        node.wrong(code::UNKNOWN_CURRENCY, message, "write a code of ISO 4217, such as \"EUR\"");
        return None;
    }
    Some(text.to_owned())
}

fn is_carried(node: Node<'_>, currency: &str, file: Option<BankFile>) -> bool {
    let Some(file) = file.filter(|file| file.currency() != currency) else { return true };
    let message = format!("a file in the format {} cannot carry {currency}", file.as_str());
    let hint = format!("it carries {}; collect {currency} by another profile", file.currency());
    node.wrong(code::WRONG_CURRENCY, message, &hint);
    false
}

/// A list of texts, of which none may stand twice.
fn texts<'a>(node: Node<'a>, read: impl Fn(Node<'a>) -> Option<String>) -> Vec<String> {
    let items = node.list();
    node.check_number(&items, limits::DEFINITIONS_MAX);
    let mut texts: BTreeMap<String, Node<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for item in items.into_iter().take(limits::DEFINITIONS_MAX) {
        let Some(text) = read(item) else { continue };
        if let Some(first) = texts.get(&text) {
            let message = format!("`{text}` stands twice in `{}`", node.name);
            let mistake = Mistake::error(code::DUPLICATE_CODE, item.span(), message);
            let mistake = mistake.hint("remove one of them, or correct it");
            node.reading.report(mistake.related(first.span(), "the first one"));
        } else {
            texts.insert(text.clone(), item);
            found.push(text);
        }
    }
    found
}

/// An amount that there can be in one of the currencies at least.
fn amount(node: Node<'_>, currencies: &[Currency]) -> Option<Decimal> {
    let amount = node.amount()?;
    let most = currencies.iter().map(|currency| currency.exponent()).max();
    if let Some(most) = most.filter(|most| amount.normalize().scale() > *most) {
        let codes: Vec<&str> = currencies.iter().map(Currency::code).collect();
        let codes = codes.join(", ");
        let message =
            format!("`{}` is {amount}, and there is no such amount in {codes}", node.name);
        let hint = match most {
            0 => "write it without decimals".to_owned(),
            most => format!("write it with at most {most} decimals"),
        };
        node.wrong(code::BAD_AMOUNT, message, &hint);
        return None;
    }
    Some(amount)
}

fn limit(node: Node<'_>, currencies: &[Currency]) -> Option<Decimal> {
    let limit = amount(node, currencies)?;
    if limit.is_zero() {
        let hint = "leave it out to have no limit, or set `post = false` to collect nothing";
        node.wrong(code::OUT_OF_RANGE, "with a `total_limit` of 0 every run is given up", hint);
        return None;
    }
    Some(limit)
}

fn percent(node: Node<'_>) -> Option<Decimal> {
    let percent = node.amount()?;
    let most = limits::PERCENT_MAX;
    if percent > Decimal::from(most) {
        let message = format!("`{}` is {percent}; it must be from 0 to {most}", node.name);
        node.wrong(code::OUT_OF_RANGE, message, "write a percentage, such as \"5\" for 5 %");
        return None;
    }
    Some(percent)
}

/// `accounts = { formula = ".." }`
fn accounts(node: Node<'_>) -> Option<Formula> {
    if let Some(DeValue::String(_)) = node.value.map(Spanned::get_ref) {
        let message = "`accounts` is text, where a table is meant";
        node.wrong(code::WRONG_TYPE, message, "write `accounts = { formula = \"...\" }`");
        return None;
    }
    node.table("the selection of accounts", |table| {
        let formula = table.required("formula");
        formula.is_present().then(|| account_condition(formula.called("accounts"))).flatten()
    })?
}

fn prenote(node: Node<'_>, bank: &Bank) -> bool {
    let is_nacha = bank.file == Some(BankFile::Nacha);
    if node.is_present() && bank.is_certain && !is_nacha {
        banks::refuse(node, BankFile::Nacha);
    }
    node.flag().unwrap_or(true) && is_nacha
}

fn calendar(node: Node<'_>) -> Option<String> {
    let name = node.code()?;
    if !node.reading.is_claimed(kinds::CALENDAR, &name) {
        unknown_calendar(node, &name, &node.reading.claimed(kinds::CALENDAR));
    }
    Some(name)
}

fn ledger_accounts(node: Node<'_>) -> LedgerAccounts {
    let read = |table: &Table<'_>| {
        let usual = LedgerAccounts::default();
        let account = |key, usual| table.optional(key).code().unwrap_or(usual);
        LedgerAccounts {
            debtor: account("debtor", usual.debtor),
            bank: account("bank", usual.bank),
            discount: account("discount", usual.discount),
            discount_tax: account("discount_tax", usual.discount_tax),
        }
    };
    node.table("a profile's ledger", read).unwrap_or_default()
}
