//! What staff does to a record: hold and release, extend, resolve.

use super::apply::{Case, happened};
use super::{Applied, EventKind, Rejection};
use crate::decide::{Change, IllegalChange, PAID_IN_FULL};
use crate::{Delinquency, DelinquencyId, Hold};

/// A hold, for whatever reason.
pub(super) fn held(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::Held { delinquency, kind, reason, until, amount } = &case.event.kind else {
        unreachable!("asked for a hold only")
    };
    let record = case.record(delinquency.as_ref(), "is open", Delinquency::is_open)?;
    let on = case.event.on;
    if let Some(until) = until.filter(|until| *until < on) {
        return Err(Rejection::HoldEnded { until, on });
    }
    case.timely(record)?;
    let outstanding = amount.as_ref().map(|amount| case.amount(amount)).transpose()?;
    let hold = Hold { kind: *kind, reason: reason.clone(), until: *until, outstanding };
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    let text = format!("held ({}){until}: {reason}", kind.as_str());
    case.change(record, &Change::Hold(hold), happened(text))
}

/// The end of a hold.
pub(super) fn released(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::Released { delinquency, kind, outcome } = &case.event.kind else {
        unreachable!("asked for a release only")
    };
    let is_meant = |record: &Delinquency| {
        let hold = record.hold.as_ref();
        record.is_open() && hold.is_some_and(|hold| kind.is_none_or(|kind| kind == hold.kind))
    };
    let record = case.record(delinquency.as_ref(), "is on hold", is_meant)?;
    if let (Some(hold), Some(kind)) = (&record.hold, kind)
        && hold.kind != *kind
    {
        return Err(Rejection::OtherHold {
            delinquency: record.id.to_string(),
            held: hold.kind.as_str(),
            expected: kind.as_str(),
        });
    }
    case.timely(record)?;
    case.change(record, &Change::Release, happened(format!("hold ended: {outcome}")))
}

/// A longer stay.
pub(super) fn extended(
    case: &Case<'_>,
    delinquency: Option<&DelinquencyId>,
    days: i64,
) -> Result<Applied, Rejection> {
    if days <= 0 {
        return Err(Rejection::ExtensionNotPositive(days));
    }
    let record = case.record(delinquency, "is open", Delinquency::is_open)?;
    let too_many = || IllegalChange::Extension {
        delinquency: record.id.to_string(),
        days: u64::try_from(days).unwrap_or(u64::MAX),
    };
    let days = u32::try_from(days).map_err(|_| too_many())?;
    case.timely(record)?;
    case.change(record, &Change::Extend { days }, happened(format!("extended by {days} days")))
}

/// The end of a process, by hand.
pub(super) fn resolved(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::Resolved { delinquency, of, code } = &case.event.kind else {
        unreachable!("asked for a resolution only")
    };
    let fits = |record: &Delinquency| record.is_open() && of.contains(&record.kind);
    let record =
        case.record(delinquency.as_ref(), "is open and of the kind that is meant", fits)?;
    if !of.contains(&record.kind) {
        let expected: Vec<&str> = of.iter().map(|kind| kind.as_str()).collect();
        return Err(Rejection::WrongKind {
            delinquency: record.id.to_string(),
            kind: record.kind.as_str(),
            expected: expected.join(", "),
        });
    }
    case.timely(record)?;
    let wanted = if record.balance.minor_units() <= 0 {
        Change::ResolveFullPayment { code: PAID_IN_FULL.to_owned() }
    } else {
        Change::ResolveOther { code: code.clone() }
    };
    case.change(record, &wanted, happened(format!("resolved by hand: {code}")))
}
