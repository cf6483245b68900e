//! What a plugin is told of a record: the subject and its facts.

use arrears_domain::decide::Inputs;
use arrears_domain::{
    Account, Contact, Date, DelinquencyKind, DelinquencyStatus, Money, Setup, TransitionEvent,
};
use arrears_host::contract as host;

/// Which facts a plugin asks for, ready to be looked up for many records.
#[derive(Clone)]
pub struct FactsNeeded {
    patterns: Vec<String>,
}

impl FactsNeeded {
    /// The facts that a plugin's descriptor names.
    #[must_use]
    pub fn of(descriptor: &host::Descriptor) -> Self {
        Self { patterns: descriptor.facts_needed.clone() }
    }

    fn wants(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => pattern == name,
        })
    }

    /// Whether any fact below the prefix may be wanted; saves building them.
    fn wants_any(&self, prefix: &str) -> bool {
        self.patterns.iter().any(|pattern| {
            let stem = pattern.trim_end_matches('*');
            stem.starts_with(prefix) || (pattern.ends_with('*') && prefix.starts_with(stem))
        })
    }
}

/// The subject that a record is to a plugin. Its key names record and account,
/// since the id of a record is unique in its account.
#[must_use]
pub fn subject(setup: &Setup, inputs: &Inputs<'_>, needed: &FactsNeeded) -> host::Subject {
    let record = inputs.delinquency;
    host::Subject {
        key: format!("{}@{}", record.id, record.account),
        account: record.account.to_string(),
        contact: inputs.contact.map_or_else(String::new, |contact| contact.id.to_string()),
        kind: kind(record.kind),
        balance: host::Money {
            minor_units: record.balance.minor_units(),
            currency: record.balance.currency().code().to_owned(),
        },
        days_past_due: record.days_past_due(inputs.as_of),
        entered_on: record.entered_on.to_string(),
        facts: facts(setup, inputs, needed),
    }
}

/// The facts of an account and its contact.
fn owner_facts(
    account: &Account,
    contact: Option<&Contact>,
    needed: &FactsNeeded,
    add: &mut impl FnMut(&str, &dyn Fn() -> String),
) {
    if needed.wants_any("account.") {
        add("account.id", &|| account.id.to_string());
        add("account.class", &|| account.class.clone());
        add("account.status", &|| account.status.as_str().to_owned());
        add("account.balance", &|| account.balance.to_string());
        add("account.currency", &|| account.currency().code().to_owned());
        for (name, value) in &account.attributes {
            add(&format!("account.attributes.{name}"), &|| value.clone());
        }
    }
    if let Some(contact) = contact.filter(|_| needed.wants_any("contact.")) {
        add("contact.id", &|| contact.id.to_string());
        add("contact.name", &|| contact.name.clone());
        add("contact.credit_points", &|| contact.credit_points.to_string());
        for (name, value) in &contact.attributes {
            add(&format!("contact.attributes.{name}"), &|| value.clone());
        }
    }
}

/// The subject that a payment is to a plugin: there is no record, and its own facts
/// are given.
pub(crate) fn payment_subject(
    setup: &Setup,
    (account, contact): (&Account, Option<&Contact>),
    (id, net, collection_date): (&str, Money, Date),
    own: &[(&str, String)],
    needed: &FactsNeeded,
) -> host::Subject {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: &dyn Fn() -> String| {
        if needed.wants(name) {
            facts.push((name.to_owned(), value()));
        }
    };
    owner_facts(account, contact, needed, &mut add);
    add("agency.name", &|| setup.agency_name.clone());
    for (name, value) in own {
        add(name, &|| value.clone());
    }
    facts.sort();
    host::Subject {
        key: format!("{id}@{}", account.id),
        account: account.id.to_string(),
        contact: contact.map_or_else(String::new, |contact| contact.id.to_string()),
        kind: host::DelinquencyKind::BillType,
        balance: host::Money {
            minor_units: net.minor_units(),
            currency: net.currency().code().to_owned(),
        },
        days_past_due: 0,
        entered_on: collection_date.to_string(),
        facts,
    }
}

fn facts(setup: &Setup, inputs: &Inputs<'_>, needed: &FactsNeeded) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: &dyn Fn() -> String| {
        if needed.wants(name) {
            facts.push((name.to_owned(), value()));
        }
    };
    let record = inputs.delinquency;
    owner_facts(inputs.account, inputs.contact, needed, &mut add);
    if needed.wants_any("delinquency.") {
        add("delinquency.id", &|| record.id.to_string());
        add("delinquency.kind", &|| record.kind.as_str().to_owned());
        add("delinquency.scheme", &|| record.scheme.to_string());
        add("delinquency.milestone", &|| record.milestone.to_string());
        add("delinquency.entered_on", &|| record.entered_on.to_string());
        add("delinquency.balance", &|| record.balance.to_string());
        add("delinquency.days_past_due", &|| record.days_past_due(inputs.as_of).to_string());
        if let Some(date) = record.oldest_debt_on {
            add("delinquency.oldest_debt_on", &|| date.to_string());
        }
        if let Some(bill_type) = &record.bill_type {
            add("delinquency.bill_type", &|| bill_type.clone());
        }
        if let Some(origin) = &record.origin {
            add("delinquency.origin", &|| origin.to_string());
        }
        if let DelinquencyStatus::Resolved { code, .. } = &record.status {
            add("delinquency.resolution_code", &|| code.clone());
        }
        for (name, value) in &record.attributes {
            add(&format!("delinquency.attributes.{name}"), &|| value.clone());
        }
    }
    add("agency.name", &|| setup.agency_name.clone());
    facts.sort();
    facts
}

fn kind(kind: DelinquencyKind) -> host::DelinquencyKind {
    match kind {
        DelinquencyKind::BillType => host::DelinquencyKind::BillType,
        DelinquencyKind::Collections => host::DelinquencyKind::Collections,
        DelinquencyKind::AddressLien => host::DelinquencyKind::AddressLien,
        DelinquencyKind::ParcelLien => host::DelinquencyKind::ParcelLien,
    }
}

/// The event as the contract names it.
#[must_use]
pub fn event(event: TransitionEvent) -> host::Event {
    match event {
        TransitionEvent::EntryOrIncrement => host::Event::EntryOrIncrement,
        TransitionEvent::Decrement => host::Event::Decrement,
        TransitionEvent::ResolvedFullPayment => host::Event::ResolvedFullPayment,
        TransitionEvent::ResolvedFormulaOrBelowAmount => host::Event::ResolvedFormulaOrBelowAmount,
    }
}
