//! Facts: what a record or a payment says about itself, by name.

use crate::Subject;

/// Every fact with a fixed name; `wit/README.md` says what each holds.
pub const NAMES: &[&str] = &[
    "account.balance",
    "account.class",
    "account.currency",
    "account.id",
    "account.status",
    "agency.name",
    "contact.credit_points",
    "contact.id",
    "contact.name",
    "delinquency.balance",
    "delinquency.entered_on",
    "delinquency.id",
    "delinquency.kind",
    "delinquency.milestone",
    "delinquency.oldest_debt_on",
    "delinquency.scheme",
    "payment.amount",
    "payment.collection_date",
    "payment.creditor",
    "payment.creditor_id",
    "payment.currency",
    "payment.discount",
    "payment.id",
    "payment.mandate",
];

/// What the names of an agency's own attributes begin with.
pub const ATTRIBUTES: &[&str] =
    &["account.attributes.", "contact.attributes.", "delinquency.attributes."];

/// Whether a record or a payment may have a fact of this name. Which of them an
/// action is for, only the host knows: it looks at the texts when it loads a setup.
#[must_use]
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
        || ATTRIBUTES
            .iter()
            .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()))
}

/// The names that a person may have meant: those below the same head
/// ("contact.nmae" → all of `contact`), or all.
#[must_use]
pub fn suggestions(name: &str) -> String {
    let head = name.split_once('.').map_or("", |(head, _)| head);
    let below_head =
        |known: &&str| known.strip_prefix(head).is_some_and(|rest| rest.starts_with('.'));
    let has_head = NAMES.iter().any(below_head);
    let mut listed = Vec::new();
    for known in NAMES.iter().filter(|known| !has_head || below_head(known)) {
        listed.push((*known).to_owned());
    }
    for prefix in ATTRIBUTES.iter().filter(|known| !has_head || below_head(known)) {
        listed.push(format!("{prefix}NAME"));
    }
    listed.join(", ")
}

/// The value of a fact, if the record has it and it is not empty. An empty
/// name in a letter is as bad as a missing one.
#[must_use]
pub fn find<'a>(subject: &'a Subject, name: &str) -> Option<&'a str> {
    let index = subject.facts.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
    Some(subject.facts[index].1.as_str()).filter(|value| !value.is_empty())
}
