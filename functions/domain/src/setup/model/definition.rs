//! What must be defined before actions and schemes may name it.

use std::collections::BTreeMap;

/// What a charge may be booked as; must exist before an action names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItemType {
    /// Unique.
    pub code: String,
    /// For bills.
    pub name: String,
    /// What kind of charge it is for.
    pub kind: LineItemKind,
}

/// The kinds of line item type that actions use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineItemKind {
    /// A one-off charge.
    Charge,
    /// A one-off penalty.
    Penalty,
    /// A deposit.
    Deposit,
}

/// A correspondence process: what a notice is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondence {
    /// Unique.
    pub code: String,
    /// For staff.
    pub name: String,
    /// `letter`, `email`, `sms` or the agency's own.
    pub channel: String,
    /// The fields with their texts, which may name facts.
    pub fields: BTreeMap<String, String>,
}

/// A type of service request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestType {
    /// Unique.
    pub code: String,
    /// For staff.
    pub name: String,
    /// 1 is the most urgent, 5 the least.
    pub priority: Option<u8>,
    /// Whose work it is.
    pub queue: Option<String>,
}

/// A credit rating, from a number of points on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRatingLevel {
    /// Unique.
    pub code: String,
    /// For staff.
    pub name: String,
    /// The level holds from this many points; more points are worse.
    pub points_min: i64,
}

/// A collection agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionAgency {
    /// Unique.
    pub code: String,
    /// Its name.
    pub name: String,
}

impl LineItemKind {
    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Penalty => "penalty",
            Self::Deposit => "deposit",
        }
    }
}
