//! Payment profiles as parts: the profile, who collects, and the actions.

use super::{Layout, Properties, quoted, yes_or_no};
use crate::setup::model::{BankFormat, Creditor, Originator, PaymentProfile};

impl Layout {
    pub(super) fn payment_profile(&mut self, profile: &PaymentProfile) {
        let place = [format!("payment profile {}", profile.code)];
        self.put(&place, [selection(profile), collection(profile)].concat());
        let who = match &profile.bank {
            Some(BankFormat::Pain008(it)) => Some(("creditor", creditor(it))),
            Some(BankFormat::Nacha(it)) => Some(("originator", originator(it))),
            None => None,
        };
        if let Some((name, properties)) = who {
            self.put(&[place[0].clone(), name.to_owned()], properties);
        }
        self.actions(&place, &profile.actions, |it| format!("action {}", it.action_type));
    }
}

/// What is collected, and from whom.
fn selection(profile: &PaymentProfile) -> Properties {
    let currencies: Vec<&str> = profile.currencies.iter().map(|it| it.code()).collect();
    // None of them means all of them.
    let some = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(", "));
    vec![
        ("name", profile.name.as_deref().map(quoted)),
        ("payments/debits", Some(profile.payments_debits.as_str().to_owned())),
        ("currencies", Some(currencies.join(", "))),
        ("accounts", profile.accounts.as_ref().map(|it| format!("`{}`", it.text()))),
        ("classes", some(&profile.classes)),
        ("bill types", some(&profile.bill_types)),
        ("immediate settlement", yes_or_no(profile.immediate_settlement)),
        ("due within days", Some(profile.due_within_days.to_string())),
        ("minimum", Some(profile.minimum.to_string())),
        ("total limit", profile.total_limit.map(|it| it.to_string())),
    ]
}

/// How it is collected, and what is posted.
fn collection(profile: &PaymentProfile) -> Properties {
    let ledger = &profile.ledger;
    vec![
        ("method", Some(profile.method.as_str().to_owned())),
        ("bank format", profile.bank.as_ref().map(|it| it.file().as_str().to_owned())),
        ("discount percent", profile.discount_percent.map(|it| it.to_string())),
        ("discount tax percent", profile.discount_tax_percent.map(|it| it.to_string())),
        ("take discount", yes_or_no(profile.take_discount)),
        ("post", yes_or_no(profile.post)),
        ("report", Some(profile.report.as_str().to_owned())),
        ("lead days", Some(profile.lead_days.to_string())),
        ("pre-notification days", Some(profile.pre_notification_days.to_string())),
        ("prenote", yes_or_no(profile.prenote)),
        ("calendar", profile.calendar.clone()),
        ("debtor account", Some(ledger.debtor.clone())),
        ("bank account", Some(ledger.bank.clone())),
        ("discount account", Some(ledger.discount.clone())),
        ("discount tax account", Some(ledger.discount_tax.clone())),
    ]
}

fn creditor(creditor: &Creditor) -> Properties {
    vec![
        ("name", Some(quoted(&creditor.name))),
        ("IBAN", Some(creditor.iban.to_string())),
        ("BIC", creditor.bic.as_ref().map(ToString::to_string)),
        ("creditor identifier", Some(creditor.id.to_string())),
        ("town", creditor.town.as_deref().map(quoted)),
        ("country", creditor.country.clone()),
    ]
}

fn originator(originator: &Originator) -> Properties {
    vec![
        ("name", Some(quoted(&originator.name))),
        ("company id", Some(originator.company_id.clone())),
        ("routing number", Some(originator.routing_number.to_string())),
        ("bank name", Some(quoted(&originator.bank_name))),
        ("destination", originator.destination.as_ref().map(ToString::to_string)),
        ("origin", originator.origin.clone()),
        ("entry description", Some(quoted(&originator.entry_description))),
    ]
}
