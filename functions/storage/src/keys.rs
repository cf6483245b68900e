//! The keys of the table, in one place. `docs/STORAGE.md` says what they serve.
//!
//! Every partition key begins with the agency, so that a policy on
//! `dynamodb:LeadingKeys` keeps agencies apart. Identifiers hold no `#`, so
//! that the parts can always be told from each other.

use arrears_domain::decide::Due;
use arrears_domain::{
    AccountId, AgencyId, ContactId, Date, Delinquency, DelinquencyId, DelinquencyKind, EventId,
    Identifier, PlacementEntry, payment::Posting,
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

/// Sort key of an account's own item, the lowest in its partition.
pub(crate) const ACCOUNT: &str = "account";

/// Sort keys of an account's partition from this on are the history of its
/// records; whatever else is known of the account stands before them, what
/// collection agencies were told included.
pub(crate) const HISTORY: &str = "transition#";

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

    /// What the item is: what its set is called, and in an account's partition, which has
    /// items of several types, what its own key says.
    pub(crate) fn type_name(&self) -> &str {
        let set = self.pk.split('#').nth(1).unwrap_or_default();
        if set == "account" { self.sk.split('#').next().unwrap_or_default() } else { set }
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.pk, self.sk)
    }
}

fn account_partition_prefix(agency: &AgencyId) -> String {
    format!("{agency}#account#")
}

pub(crate) fn account_partition(agency: &AgencyId, account: &AccountId) -> String {
    format!("{}{account}", account_partition_prefix(agency))
}

pub(crate) fn account(agency: &AgencyId, account: &AccountId) -> Key {
    Key::new(account_partition(agency, account), ACCOUNT)
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
    Key::new(account_partition(agency, account), format!("{HISTORY}{id}#{sequence:06}"))
}

pub(crate) fn transaction(agency: &AgencyId, account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(agency, account), format!("transaction#{id}"))
}

pub(crate) fn mandate(agency: &AgencyId, account: &AccountId, id: &str) -> Key {
    Key::new(account_partition(agency, account), format!("mandate#{id}"))
}

pub(crate) fn event(agency: &AgencyId, account: &AccountId, id: &EventId) -> Key {
    Key::new(account_partition(agency, account), format!("event#{id}"))
}

/// The key of an entry: by the delinquency, the agency that was told, and the
/// sequence.
pub(crate) fn placement(agency: &AgencyId, entry: &PlacementEntry) -> Key {
    let PlacementEntry { account, delinquency, collection_agency, sequence, .. } = entry;
    let sort = format!("placement#{delinquency}#{collection_agency}#{sequence:06}");
    Key::new(account_partition(agency, account), sort)
}

/// The key of a posting: by the payment, and whether it collects or voids.
pub(crate) fn posting(agency: &AgencyId, posting: &Posting) -> Key {
    let Posting { account, payment, kind, .. } = posting;
    Key::new(account_partition(agency, account), format!("posting#{payment}#{}", kind.as_str()))
}

const LOOK: &str = "look#";

/// The mark of a bill type: whether a delinquency run has to look for entry.
pub(crate) fn look(agency: &AgencyId, account: &AccountId, bill_type: &str) -> Key {
    Key::new(account_partition(agency, account), format!("{LOOK}{bill_type}"))
}

/// The account and the bill type, if the key is a mark's.
pub(crate) fn parse_look<'a>(agency: &AgencyId, key: &'a Key) -> Option<(AccountId, &'a str)> {
    let bill_type = key.sk.strip_prefix(LOOK)?;
    let account = key.pk.strip_prefix(&account_partition_prefix(agency))?;
    Some((AccountId::parse(account).ok()?, bill_type))
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
    /// Accounts whose unpaid items may begin a delinquency: the delinquency run.
    Entry,
}

impl DueClass {
    /// The class of the records of a kind.
    #[must_use]
    pub fn of(kind: DelinquencyKind) -> Self {
        if kind.is_in_collections_run() { Self::Collections } else { Self::Delinquency }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Collections => "collections",
            Self::Delinquency => "delinquency",
            Self::Entry => "entry",
        }
    }

    /// What the last part of a key names.
    fn subject(self, text: &str) -> Option<DueSubject> {
        match self {
            Self::Collections | Self::Delinquency => {
                DelinquencyId::parse(text).ok().map(DueSubject::Record)
            }
            Self::Entry => Some(DueSubject::Entry(text.to_owned())),
        }
    }
}

/// What a run has to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueSubject {
    /// A delinquency.
    Record(DelinquencyId),
    /// Whether a delinquency of this bill type begins.
    Entry(String),
}

impl DueSubject {
    fn as_str(&self) -> &str {
        match self {
            Self::Record(id) => id.as_str(),
            Self::Entry(bill_type) => bill_type,
        }
    }
}

/// One entry of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueKey {
    /// From when a run looks at it; none for what every run looks at.
    pub eligible_on: Option<Date>,
    /// The account.
    pub account: AccountId,
    /// What to look at.
    pub subject: DueSubject,
}

impl DueKey {
    /// The delinquency, if the entry is about one.
    #[must_use]
    pub fn delinquency(&self) -> Option<&DelinquencyId> {
        match &self.subject {
            DueSubject::Record(id) => Some(id),
            DueSubject::Entry(_) => None,
        }
    }

    /// The key of the item that the entry names.
    pub(crate) fn table_key(&self, agency: &AgencyId) -> Key {
        match &self.subject {
            DueSubject::Record(id) => delinquency(agency, &self.account, id),
            DueSubject::Entry(bill_type) => look(agency, &self.account, bill_type),
        }
    }

    pub(crate) fn sort_key(&self) -> String {
        let (account, subject) = (&self.account, self.subject.as_str());
        match self.eligible_on {
            Some(date) => format!("{date}#{account}#{subject}"),
            None => format!("{EVERY_RUN}#{account}#{subject}"),
        }
    }

    pub(crate) fn parse(class: DueClass, sort_key: &str) -> Option<Self> {
        let (date, rest) = sort_key.split_once('#')?;
        let (account, subject) = rest.split_once('#')?;
        let eligible_on = match date {
            EVERY_RUN => None,
            date => Some(Date::parse_from_str(date, "%Y-%m-%d").ok()?),
        };
        Some(Self {
            eligible_on,
            account: AccountId::parse(account).ok()?,
            subject: class.subject(subject)?,
        })
    }

    /// The keys of the index.
    fn place(&self, agency: &AgencyId, class: DueClass) -> (String, String) {
        (due_partition(agency, class, due_shard(&self.account)), self.sort_key())
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
    let subject = DueSubject::Record(record.id.clone());
    let key = DueKey { eligible_on, account: record.account.clone(), subject };
    Some(key.place(agency, DueClass::of(record.kind)))
}

/// The keys in the index of a mark: from the date, or at every run.
pub(crate) fn due_look(
    agency: &AgencyId,
    account: &AccountId,
    bill_type: &str,
    eligible_on: Option<Date>,
) -> (String, String) {
    let subject = DueSubject::Entry(bill_type.to_owned());
    DueKey { eligible_on, account: account.clone(), subject }.place(agency, DueClass::Entry)
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
        let record = DueSubject::Record(DelinquencyId::parse("D-1").unwrap());
        let entry = DueSubject::Entry("WATER".to_owned());
        for (class, subject) in [
            (DueClass::Collections, &record),
            (DueClass::Delinquency, &record),
            (DueClass::Entry, &entry),
        ] {
            sort_and_read_back(class, subject);
        }
        assert_eq!(DueKey::parse(DueClass::Delinquency, "2026-01-31#A#D 1"), None);
    }

    fn sort_and_read_back(class: DueClass, subject: &DueSubject) {
        let key = |eligible_on: Option<&str>, account: &str| DueKey {
            eligible_on: eligible_on.map(date),
            account: AccountId::parse(account).unwrap(),
            subject: subject.clone(),
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
            assert_eq!(DueKey::parse(class, sort_key).as_ref(), Some(key));
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
