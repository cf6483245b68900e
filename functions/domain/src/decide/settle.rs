//! What becomes of a record whose balance has gone down: resolved, decremented,
//! or neither.

use super::rule::{self, Target};
use super::{
    Change, Decision, DecisionError, Explanation, Inputs, OmitReason, Outcome, change, decide,
    explain_outcome,
};
use crate::Setup;

/// The resolution code of a record that was paid in full.
pub const PAID_IN_FULL: &str = "PAID-IN-FULL";
/// The resolution code where the resolve rule holds and the milestone has none.
const RESOLVED: &str = "RESOLVED";
/// The resolution code below the group's amount where the milestone has none.
const BELOW_AMOUNT: &str = "BELOW-AMOUNT";

/// Whether a record is to be resolved or decremented as it stands: nothing owed,
/// else the resolve rule, else the group's amount below which records are
/// resolved, else auto decrement. None if nothing of it holds.
///
/// A standing hold keeps a record from all but the first, unless its group says
/// otherwise.
///
/// # Errors
/// A rule cannot be computed.
pub fn settle(
    setup: &Setup,
    inputs: &Inputs<'_>,
    explanation: &mut Explanation,
) -> Result<Option<Change>, DecisionError> {
    let record = inputs.delinquency;
    if record.balance.minor_units() <= 0 {
        explanation.add("balance", format!("{} is owed: paid in full", record.balance));
        return Ok(Some(Change::ResolveFullPayment { code: PAID_IN_FULL.to_owned() }));
    }
    let group = setup.group_of(record.kind, record.bill_type.as_deref());
    let holds_too = group.is_some_and(|group| group.auto_decrement_and_resolve_holds);
    let held = record.hold.as_ref().filter(|hold| hold.stands_on(inputs.as_of));
    if let Some(hold) = held.filter(|_| !holds_too) {
        let text = format!("neither resolved nor decremented while on hold: {}", hold.reason);
        explanation.add("hold", text);
        return Ok(None);
    }
    let (_, milestone) = rule::stands_at(setup, inputs)?;
    if rule::holds(setup, inputs, "resolve", milestone.resolve.as_ref(), explanation)? {
        return resolved(setup, inputs, RESOLVED).map(Some);
    }
    let below = group.and_then(|group| group.resolve_below_amount);
    if let Some(below) = below.filter(|below| record.balance.to_decimal() < *below) {
        explanation.add("resolve_below_amount", format!("{} is below {below}", record.balance));
        return resolved(setup, inputs, BELOW_AMOUNT).map(Some);
    }
    let auto = milestone.auto_decrement.as_ref();
    if rule::holds(setup, inputs, "auto_decrement", auto, explanation)? {
        let to = rule::milestone(setup, inputs, Target::Decrement, explanation)?;
        let to = to.filter(|to| *to != record.milestone);
        return Ok(to.map(|to| Change::Decrement { to }));
    }
    Ok(None)
}

/// Decides about one record as a delinquency run does that was asked to auto
/// decrement and resolve: that first, and only if nothing of it holds, and if
/// the run advances at all, as any run that advances.
#[must_use]
pub fn settle_or_advance(setup: &Setup, inputs: &Inputs<'_>, advances: bool) -> Decision {
    let mut explanation = Explanation::default();
    if !inputs.delinquency.is_open() {
        return decide(setup, inputs);
    }
    let outcome = match settle(setup, inputs, &mut explanation) {
        Ok(Some(wanted)) => {
            let changed = change(setup, inputs, inputs.delinquency, &wanted, &mut explanation);
            changed.map_or_else(Outcome::Error, |changed| Outcome::Change(Box::new(changed)))
        }
        Ok(None) if advances => {
            let Decision { outcome, explanation: further } = decide(setup, inputs);
            explanation.steps.extend(further.steps);
            return Decision { outcome, explanation };
        }
        Ok(None) => Outcome::Omit(OmitReason::NothingToSettle),
        Err(error) => Outcome::Error(error),
    };
    explain_outcome(&outcome, &mut explanation);
    Decision { outcome, explanation }
}

fn resolved(setup: &Setup, inputs: &Inputs<'_>, otherwise: &str) -> Result<Change, DecisionError> {
    let (_, milestone) = rule::stands_at(setup, inputs)?;
    let code = rule::text(setup, inputs, "resolution_code", milestone.resolution_code.as_ref())?;
    let code = code.map_or_else(|| otherwise.to_owned(), |(code, _)| code);
    Ok(Change::ResolveOther { code })
}
