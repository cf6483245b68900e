//! The variables that a formula may read.

use super::Type;
use crate::nearest::nearest;
use std::fmt;

/// Whose attributes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The delinquency record.
    Delinquency,
    /// Its account.
    Account,
    /// The account's primary contact.
    Contact,
}

impl Owner {
    /// The first part of the path, `account`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delinquency => "delinquency",
            Self::Account => "account",
            Self::Contact => "contact",
        }
    }
}

/// A variable as documentation lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedVariable {
    /// The full path, `delinquency.balance`.
    pub path: &'static str,
    /// What it is.
    pub of: Type,
    /// What it means, and when a record has none.
    pub meaning: &'static str,
}

macro_rules! variables {
    ($($name:ident $path:literal $of:ident $meaning:literal;)*) => {
        /// A variable with a fixed name; attributes are read by
        /// [`Reference::Attribute`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Variable {$(
            #[doc = concat!("`", $path, "`: ", $meaning)]
            $name,
        )*}

        impl Variable {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The full path, `delinquency.balance`.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// What it is.
            #[must_use]
            pub fn of(self) -> Type {
                match self { $(Self::$name => Type::$of,)* }
            }
        }

        /// Every variable with its type and its meaning: the table from which
        /// the documentation and the hints of errors are made.
        pub const VARIABLES: &[DocumentedVariable] = &[
            $(DocumentedVariable { path: $path, of: Type::$of, meaning: $meaning },)*
            DocumentedVariable {
                path: "delinquency.attributes.NAME",
                of: Type::Text,
                meaning: "an attribute of the record; test it with has(...) where records may lack it",
            },
            DocumentedVariable {
                path: "account.attributes.NAME",
                of: Type::Text,
                meaning: "an attribute of the account; test it with has(...) where accounts may lack it",
            },
            DocumentedVariable {
                path: "contact.attributes.NAME",
                of: Type::Text,
                meaning: "an attribute of the contact; test it with has(...) where contacts may lack it",
            },
        ];
    };
}

variables! {
    DelinquencyId "delinquency.id" Text "the record's identifier";
    DelinquencyKind "delinquency.kind" Text
        "bill-type, collections, address-lien or parcel-lien";
    DelinquencyBillType "delinquency.bill_type" Text
        "the bill type; only records of kind bill-type have one";
    DelinquencyScheme "delinquency.scheme" Text "code of the record's scheme";
    DelinquencyMilestone "delinquency.milestone" Text "code of the record's present milestone";
    DelinquencyLevel "delinquency.level" Int
        "level of the present milestone; none if the setup does not define it";
    DelinquencyBalance "delinquency.balance" Decimal
        "the delinquent balance, in the account's currency";
    DelinquencyDaysPastDue "delinquency.days_past_due" Int
        "whole days since the oldest unpaid debt was due; 0 if nothing is overdue";
    DelinquencyDaysAtMilestone "delinquency.days_at_milestone" Int
        "whole days since entry into the present milestone";
    DelinquencyEnteredOn "delinquency.entered_on" Date
        "the date of entry into the present milestone";
    DelinquencyOldestDebtOn "delinquency.oldest_debt_on" Date
        "due date of the oldest unpaid debt; none if it is not known";
    DelinquencyExtensionDays "delinquency.extension_days" Int
        "days by which the present milestone has been extended";
    DelinquencyOnHold "delinquency.on_hold" Bool "whether the record is on hold on the run's date";
    AccountId "account.id" Text "the account's identifier";
    AccountClass "account.class" Text "the agency's own classification, such as residential";
    AccountStatus "account.status" Text "open, suspended or closed";
    AccountCurrency "account.currency" Text "ISO 4217 code of the account's currency";
    AccountBalance "account.balance" Decimal "all that the account owes";
    ContactId "contact.id" Text "the primary contact's identifier; none without a contact";
    ContactName "contact.name" Text "the primary contact's name; none without a contact";
    ContactCreditPoints "contact.credit_points" Int
        "accumulated credit points, more is worse; none without a contact";
    RunAsOf "run.as_of" Date "the business date of the run or of the event";
}

/// What a formula reads: a variable or an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A variable with a fixed name.
    Variable(Variable),
    /// An attribute, by a name that the agency chose.
    Attribute {
        /// Whose.
        owner: Owner,
        /// Its name.
        name: Box<str>,
    },
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(variable) => f.write_str(variable.path()),
            Self::Attribute { owner, name } if is_word(name) => {
                write!(f, "{}.attributes.{name}", owner.as_str())
            }
            Self::Attribute { owner, name } => write!(f, "{}.attributes['{name}']", owner.as_str()),
        }
    }
}

pub(super) fn is_word(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// What a dotted path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// A value.
    Reference(Reference),
    /// `account.attributes`: all of an owner's attributes.
    Attributes(Owner),
}

/// Looks a path up; an unknown one gives a hint.
pub(super) fn resolve(segments: &[&str]) -> Result<Path, String> {
    if let [owner, "attributes", rest @ ..] = segments {
        let owners = [Owner::Delinquency, Owner::Account, Owner::Contact];
        let owner = owners.into_iter().find(|known| known.as_str() == *owner);
        match (owner, rest) {
            (Some(owner), []) => return Ok(Path::Attributes(owner)),
            (Some(owner), [name]) => {
                return Ok(Path::Reference(Reference::Attribute { owner, name: (*name).into() }));
            }
            _ => {}
        }
    }
    let path = segments.join(".");
    Variable::ALL
        .iter()
        .find(|variable| variable.path() == path)
        .map(|variable| Path::Reference(Reference::Variable(*variable)))
        .ok_or_else(|| hint(&path))
}

fn hint(path: &str) -> String {
    // `balance` alone, or under the wrong owner, is the commonest slip.
    let last = path.rsplit('.').next().unwrap_or(path);
    let same_name: Vec<&str> = Variable::ALL
        .iter()
        .map(|variable| variable.path())
        .filter(|known| known.split_once('.').is_some_and(|(_, name)| name == last))
        .collect();
    if !same_name.is_empty() {
        return format!("did you mean {}?", same_name.join(" or "));
    }
    match nearest(path, Variable::ALL.iter().map(|variable| variable.path())) {
        Some(known) => format!("did you mean {known}?"),
        None => "variables begin with delinquency, account, contact or run; the agency's own are \
             account.attributes.NAME"
            .to_owned(),
    }
}
