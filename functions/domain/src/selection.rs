//! Which records an export run takes: the parameters of the source document on
//! creating a collections export run, which leaves them open.

use crate::decide::Inputs;
use crate::formula::{EvaluationError, Formula, Value};
use crate::{Date, Delinquency, DelinquencyKind, MilestoneCode, SchemeCode, Setup};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What is asked of a record. An empty set, and what is none, asks nothing.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The collection agency that the file is for.
    pub collection_agency: String,
    /// Agencies whose schemes' records are taken; none: those of
    /// `collection_agency`, and of schemes that name no agency.
    pub agencies: BTreeSet<String>,
    /// Kinds of record.
    pub kinds: BTreeSet<DelinquencyKind>,
    /// Schemes.
    pub schemes: BTreeSet<SchemeCode>,
    /// Milestones, in whatever scheme.
    pub milestones: BTreeSet<MilestoneCode>,
    /// The lowest level of the milestone.
    pub min_level: Option<u32>,
    /// The highest level of the milestone.
    pub max_level: Option<u32>,
    /// Classes of the account.
    pub classes: BTreeSet<String>,
    /// The lowest delinquent balance, in the account's currency.
    pub min_balance: Option<Decimal>,
    /// The highest delinquent balance, in the account's currency.
    pub max_balance: Option<Decimal>,
    /// The first day of entry to the milestone.
    pub entered_from: Option<Date>,
    /// The last day of entry to the milestone.
    pub entered_until: Option<Date>,
    /// The first day of the last entry of history.
    pub changed_since: Option<Date>,
    /// A formula that gives yes or no.
    pub condition: Option<Formula>,
}

/// Why a record is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassedOver {
    /// Its scheme is another agency's.
    OtherAgency,
    /// It is of another kind.
    Kind,
    /// It is in another scheme.
    Scheme,
    /// It stands at another milestone.
    Milestone,
    /// Its milestone has another level.
    Level,
    /// Its account is of another class.
    Class,
    /// Its balance is out of the range.
    Balance,
    /// It entered its milestone on another day.
    Entered,
    /// Nothing has happened to it since.
    NotChanged,
    /// The condition does not hold.
    Condition,
}

impl PassedOver {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherAgency => "OTHER_AGENCY",
            Self::Kind => "OTHER_KIND",
            Self::Scheme => "OTHER_SCHEME",
            Self::Milestone => "OTHER_MILESTONE",
            Self::Level => "OTHER_LEVEL",
            Self::Class => "OTHER_CLASS",
            Self::Balance => "OTHER_BALANCE",
            Self::Entered => "ENTERED_ANOTHER_DAY",
            Self::NotChanged => "NOT_CHANGED_SINCE",
            Self::Condition => "CONDITION_DOES_NOT_HOLD",
        }
    }
}

impl Selection {
    /// Whether the record may be with the agency at all: its scheme is not
    /// another's.
    #[must_use]
    pub fn is_theirs(&self, setup: &Setup, record: &Delinquency) -> bool {
        let scheme = setup.schemes.get(&record.scheme);
        match scheme.and_then(|scheme| scheme.agency.as_ref()) {
            Some(agency) => *agency == self.collection_agency || self.agencies.contains(agency),
            None => true,
        }
    }

    /// Why the record is passed over, as far as that can be told without its
    /// contact; none if it is taken. `changed_on` is the date of the last entry
    /// of its history.
    #[must_use]
    pub fn passes_over(
        &self,
        setup: &Setup,
        inputs: &Inputs<'_>,
        changed_on: Option<Date>,
    ) -> Option<PassedOver> {
        let (record, account) = (inputs.delinquency, inputs.account);
        let level = inputs.case(setup).level;
        let agency = setup.schemes.get(&record.scheme).and_then(|scheme| scheme.agency.as_ref());
        let is_asked_agency =
            self.agencies.is_empty() || agency.is_some_and(|agency| self.agencies.contains(agency));
        let balance = record.balance.to_decimal();
        let entered_on = record.entered_on;
        let changed_on = changed_on.unwrap_or(entered_on);
        let checks = [
            (PassedOver::OtherAgency, self.is_theirs(setup, record) && is_asked_agency),
            (PassedOver::Kind, is_any_of(&self.kinds, &record.kind)),
            (PassedOver::Scheme, is_any_of(&self.schemes, &record.scheme)),
            (PassedOver::Milestone, is_any_of(&self.milestones, &record.milestone)),
            (PassedOver::Level, is_level_within(level, self.min_level, self.max_level)),
            (PassedOver::Class, is_any_of(&self.classes, &account.class)),
            (PassedOver::Balance, is_within(&balance, &self.min_balance, &self.max_balance)),
            (PassedOver::Entered, is_within(&entered_on, &self.entered_from, &self.entered_until)),
            (PassedOver::NotChanged, is_within(&changed_on, &self.changed_since, &None)),
        ];
        checks.into_iter().find(|(_, holds)| !holds).map(|(reason, _)| reason)
    }

    /// Whether the condition holds; without one it does.
    ///
    /// # Errors
    /// The formula cannot be computed for the record.
    pub fn condition_holds(
        &self,
        setup: &Setup,
        inputs: &Inputs<'_>,
    ) -> Result<bool, EvaluationError> {
        let Some(condition) = &self.condition else { return Ok(true) };
        let evaluated = condition.evaluate(&inputs.case(setup))?;
        Ok(evaluated.value == Value::Bool(true))
    }
}

fn is_any_of<T: Ord>(asked: &BTreeSet<T>, value: &T) -> bool {
    asked.is_empty() || asked.contains(value)
}

fn is_within<T: PartialOrd>(value: &T, least: &Option<T>, most: &Option<T>) -> bool {
    least.as_ref().is_none_or(|least| value >= least)
        && most.as_ref().is_none_or(|most| value <= most)
}

/// A milestone that the setup does not know has no level that could be asked for.
fn is_level_within(level: Option<u32>, least: Option<u32>, most: Option<u32>) -> bool {
    match level {
        Some(level) => is_within(&level, &least, &most),
        None => least.is_none() && most.is_none(),
    }
}
