//! What a payment profile collects, in a few lines.

use super::one_line;
use crate::setup::model::{Action, BankFormat, PaymentProfile, PaymentsDebits};

/// The summary of a payment profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSummary {
    /// Its code.
    pub payment_profile: String,
    /// Its name.
    pub name: Option<String>,
    /// The method and the bank's file, with the ends of the collecting account's
    /// number: `bank, pain.008 for Rivertown Water, DE89...3000`.
    pub method: String,
    /// What is collected: `EUR, classes residential, due within 5 days, minimum
    /// 1.00, total_limit 250000.00`.
    pub selection: String,
    /// When it is collected and what comes of it: `lead_days 1,
    /// pre_notification_days 14, posted, report list`.
    pub collection: String,
    /// What is done for each payment, in the order performed.
    pub actions: Vec<PaymentActionSummary>,
}

/// One action of a payment in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentActionSummary {
    /// `notice`, `vendor:name`.
    pub action_type: String,
    /// The text of its condition.
    pub condition: Option<String>,
    /// Its config on one line.
    pub config: String,
}

pub(super) fn summary(profile: &PaymentProfile) -> PaymentSummary {
    PaymentSummary {
        payment_profile: profile.code.clone(),
        name: profile.name.clone(),
        method: method(profile),
        selection: selection(profile),
        collection: collection(profile),
        actions: profile.actions.iter().map(action).collect(),
    }
}

fn method(profile: &PaymentProfile) -> String {
    let mut words = vec![profile.method.as_str().to_owned()];
    words.extend(profile.bank.as_ref().map(|bank| {
        let (name, number) = match bank {
            BankFormat::Pain008(it) => (&it.name, it.iban.shortened()),
            BankFormat::Nacha(it) => (&it.name, it.company_id.clone()),
        };
        format!("{} for {name}, {number}", bank.file().as_str())
    }));
    if profile.payments_debits != PaymentsDebits::Collection {
        words.push(format!("for {}: no run takes it", profile.payments_debits.as_str()));
    }
    words.join(", ")
}

fn selection(profile: &PaymentProfile) -> String {
    let currencies: Vec<&str> = profile.currencies.iter().map(|it| it.code()).collect();
    let mut words = vec![currencies.join(" and ")];
    let lists = [("classes", &profile.classes), ("bill types", &profile.bill_types)];
    let lists = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
    words.extend(lists.map(|(name, texts)| format!("{name} {}", texts.join(" and "))));
    words.extend(profile.accounts.as_ref().map(|it| format!("accounts if {}", it.text())));
    words.push(match (profile.immediate_settlement, profile.due_within_days) {
        (true, _) => "whenever due".to_owned(),
        (false, 0) => "due".to_owned(),
        (false, days) => format!("due within {days} days"),
    });
    if !profile.minimum.is_zero() {
        words.push(format!("minimum {}", profile.minimum));
    }
    words.extend(profile.total_limit.map(|limit| format!("total_limit {limit}")));
    words.join(", ")
}

fn collection(profile: &PaymentProfile) -> String {
    let mut words = Vec::new();
    if profile.bank.is_some() {
        words.push(format!("lead_days {}", profile.lead_days));
        words.push(format!("pre_notification_days {}", profile.pre_notification_days));
    }
    if profile.prenote {
        words.push("prenote".to_owned());
    }
    words.extend(profile.calendar.as_ref().map(|calendar| format!("calendar {calendar}")));
    let percents = [
        ("discount_percent", profile.discount_percent),
        ("discount_tax_percent", profile.discount_tax_percent),
    ];
    if profile.take_discount {
        let percents = percents.into_iter().filter_map(|(name, percent)| Some((name, percent?)));
        words.extend(percents.map(|(name, percent)| format!("{name} {percent}")));
    } else {
        words.push("without discounts".to_owned());
    }
    words.push(if profile.post { "posted" } else { "report only" }.to_owned());
    words.push(format!("report {}", profile.report.as_str()));
    words.join(", ")
}

fn action(action: &Action) -> PaymentActionSummary {
    PaymentActionSummary {
        action_type: action.action_type.clone(),
        condition: action.condition.as_ref().map(|formula| formula.text().to_owned()),
        config: one_line(&action.config),
    }
}
