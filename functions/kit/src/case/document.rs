//! Decisions as JSON, in the words of a case's `expect`.

use arrears_host::contract::{Cause, Charge, Deposit, Severity};
use arrears_host::{Case, CaseError, Effect, Fault};
use serde_json::{Map, Value, json};

use super::money;

/// What a plugin decided for a subject.
pub(crate) fn verdict(case: &Case) -> Value {
    match case {
        Case::Apply(effects) => json!({ "apply": effects.iter().map(effect).collect::<Vec<_>>() }),
        Case::Skip(reason) => json!({ "skip": reason }),
        Case::Failed(CaseError::Fault(told)) => json!({ "fail": fault(told) }),
        Case::Failed(CaseError::Failure(failure)) => json!({ "defect": failure.to_string() }),
    }
}

pub(crate) fn fault(fault: &Fault) -> Value {
    let cause = match fault.cause {
        Cause::Config => "config",
        Cause::Data => "data",
        Cause::Unsupported => "unsupported",
    };
    json!({ "cause": cause, "code": fault.code, "message": fault.message })
}

/// An effect as an object of one member, its kind: amounts are text with all decimals of
/// the currency, and the body of a custom effect is the text that the plugin wrote.
#[must_use]
pub fn effect(effect: &Effect) -> Value {
    let fields = match effect {
        Effect::Notice(notice) => json!({
            "correspondence": notice.correspondence,
            "channel": notice.channel,
            "fields": attrs(&notice.fields),
        }),
        Effect::OneOffCharge(it) | Effect::OneOffPenalty(it) => charge(it),
        Effect::DepositCharge(it) => deposit(it),
        Effect::Alert(alert) => json!({
            "severity": severity(alert.severity),
            "message": alert.message,
            "expires_on": alert.expires_on,
        }),
        Effect::LogEntry(entry) => json!({
            "severity": severity(entry.severity),
            "message": entry.message,
        }),
        Effect::CreditPoints(credit) => json!({
            "points": credit.points,
            "reason": credit.reason,
        }),
        Effect::ServiceRequest(request) => json!({
            "request_type": request.request_type,
            "summary": request.summary,
            "priority": request.priority,
            "fields": attrs(&request.fields),
        }),
        Effect::Custom(custom) => json!({
            "kind": custom.kind,
            "schema_version": custom.schema_version,
            "body": custom.body,
        }),
    };
    json!({ effect.kind().name(): fields })
}

fn charge(charge: &Charge) -> Value {
    json!({
        "line_item_type": charge.line_item_type,
        "amount": money::text(&charge.amount),
        "memo": charge.memo,
    })
}

fn deposit(deposit: &Deposit) -> Value {
    json!({
        "line_item_type": deposit.line_item_type,
        "amount": money::text(&deposit.amount),
        "due_on": deposit.due_on,
        "memo": deposit.memo,
    })
}

fn attrs(attrs: &[(String, String)]) -> Value {
    let members = attrs.iter().map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
