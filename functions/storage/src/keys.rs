//! The keys of the table, in one place. `docs/STORAGE.md` says what they serve.
//!
//! Every partition key begins with the agency, so that a policy on
//! `dynamodb:LeadingKeys` keeps agencies apart. Identifiers hold no `#`, so
//! that the parts can always be told from each other.

use arrears_domain::decide::Due;
use arrears_domain::{
    AccountId, AgencyId, ContactId, Date, Delinquency, DelinquencyId, DelinquencyKind, Identifier,
};

/// Partition key of the table.
pub(crate) const PK: &str = "pk";
/// Sort key of the table.
pub(crate) const SK: &str = "sk";
/// The sparse index of what is due.
pub(crate) const DUE_INDEX: &str = "due";
/// Partition key of the index.
pub(crate) const DUE_PK: &str = "due_pk";
/// Sort key of the index.
pub(crate) const DUE_SK: &str = "due_sk";

/// Into how many partitions the index of one class is split. An index
/// partition takes 1,000 writes a second, and a transition makes two: 16 take
/// 8,000 transitions a second, more than the 6,600 that a table's default
/// quota of 40,000 write units takes at six units each. Part of the stored
/// keys: it can never change.
pub const DUE_SHARDS: u32 = 16;

/// The date of what a run looks at each time; before all dates.
const EVERY_RUN: &str = "0000-00-00";

/// Keys of one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.pk, self.sk)
    }
}

pub(crate) fn account_partition(agency: &AgencyId, account: &AccountId) -> String {
    format!("{agency}#account#{account}")
}

pub(crate) fn account(agency: &AgencyId, account: &AccountId) -> Key {
    Key::new(account_partition(agency, account), "account")
}

pub(crate) fn contact(agency: &AgencyId, contact: &ContactId) -> Key {
    Key::new(format!("{agency}#contact#{contact}"), "contact")
}

pub(crate) fn delinquency(agency: &AgencyId, account: &AccountId, id: &DelinquencyId) -> Key {
    Key::new(account_partition(agency, account), format!("delinquency#{id}"))
}

pub(crate) fn transition(
    agency: &AgencyId,
    account: &AccountId,
    id: &DelinquencyId,
    sequence: u32,
) -> Key {
    Key::new(account_partition(agency, account), format!("transition#{id}#{sequence:06}"))
}

pub(crate) fn transaction(agency: &AgencyId, account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(agency, account), format!("transaction#{id}"))
}

pub(crate) fn mandate(agency: &AgencyId, account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(agency, account), format!("mandate#{id}"))
}

pub(crate) fn partition(agency: &AgencyId, name: &str) -> String {
    format!("{agency}#{name}")
}

/// Which runs a due record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueClass {
    /// Collections and liens: the collections run.
    Collections,
    /// Bill types: the delinquency run.
    Delinquency,
}

impl DueClass {
    /// The class of a kind.
    #[must_use]
    pub fn of(kind: DelinquencyKind) -> Self {
        if kind.is_in_collections_run() { Self::Collections } else { Self::Delinquency }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Collections => "collections",
            Self::Delinquency => "delinquency",
        }
    }
}

/// One entry of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueKey {
    /// From when the record is eligible; none for what every run looks at.
    pub eligible_on: Option<Date>,
    /// The account.
    pub account: AccountId,
    /// The delinquency.
    pub delinquency: DelinquencyId,
}

impl DueKey {
    pub(crate) fn sort_key(&self) -> String {
        match self.eligible_on {
            Some(date) => format!("{date}#{}#{}", self.account, self.delinquency),
            None => format!("{EVERY_RUN}#{}#{}", self.account, self.delinquency),
        }
    }

    pub(crate) fn parse(sort_key: &str) -> Option<Self> {
        let (date, rest) = sort_key.split_once('#')?;
        let (account, delinquency) = rest.split_once('#')?;
        let eligible_on = match date {
            EVERY_RUN => None,
            date => Some(Date::parse_from_str(date, "%Y-%m-%d").ok()?),
        };
        Some(Self {
            eligible_on,
            account: AccountId::parse(account).ok()?,
            delinquency: DelinquencyId::parse(delinquency).ok()?,
        })
    }
}

/// The shard of an account: FNV-1a over its id. Part of the stored keys: it
/// can never change.
#[must_use]
pub fn due_shard(account: &AccountId) -> u32 {
    let hash = account
        .as_str()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % DUE_SHARDS
}

pub(crate) fn due_partition(agency: &AgencyId, class: DueClass, shard: u32) -> String {
    format!("{agency}#due#{}#{shard:02}", class.as_str())
}

/// The record's keys in the index; none if no run has to look at it.
pub(crate) fn due(agency: &AgencyId, record: &Delinquency, due: Due) -> Option<(String, String)> {
    let eligible_on = match due {
        Due::On(date) => Some(date),
        Due::EveryRun => None,
        Due::Never => return None,
    };
    let class = DueClass::of(record.kind);
    let key =
        DueKey { eligible_on, account: record.account.clone(), delinquency: record.id.clone() };
    Some((due_partition(agency, class, due_shard(&record.account)), key.sort_key()))
}

/// Just above all keys of the date, and below those of the next: `$` is the
/// character after `#`.
pub(crate) fn due_until(as_of: Date) -> String {
    format!("{as_of}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn due_keys_sort_by_date_and_read_back() {
        let key = |eligible_on: Option<&str>, account: &str| DueKey {
            eligible_on: eligible_on.map(date),
            account: AccountId::parse(account).unwrap(),
            delinquency: DelinquencyId::parse("D-1").unwrap(),
        };
        let keys = [
            key(None, "Z"),
            key(Some("2026-01-31"), "A"),
            key(Some("2026-01-31"), "zz"),
            key(Some("2026-02-01"), "A"),
        ];
        let sort_keys: Vec<_> = keys.iter().map(DueKey::sort_key).collect();
        assert!(sort_keys.is_sorted());
        for (key, sort_key) in keys.iter().zip(&sort_keys) {
            assert_eq!(DueKey::parse(sort_key).as_ref(), Some(key));
        }
        let until = due_until(date("2026-01-31"));
        let due = sort_keys.iter().filter(|key| **key < until).count();
        assert_eq!(due, 3, "what is due on the day itself is included");
    }

    #[test]
    fn shards_are_pinned_and_spread() {
        // Stored keys depend on these; a change would lose every due record.
        for (account, shard) in [("A-1001", 5), ("A-1002", 12), ("Größe", 10)] {
            let account = AccountId::parse(account).unwrap();
            assert_eq!(due_shard(&account), shard, "{account}");
        }
        let mut counts = [0_u32; DUE_SHARDS as usize];
        for number in 0..16_000 {
            let account = AccountId::parse(&format!("A-{number}")).unwrap();
            counts[due_shard(&account) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (700..1_300).contains(count)), "{counts:?}");
    }
}
