//! Tests as data: a plugin's folder `cases/` holds one JSON file a story.
//!
//! ```json
//! {
//!   "about": "one sentence: what this shows",
//!   "config": { "line_item_type": "LATE", "percent": "1.5" },
//!   "definitions": [{ "kind": "line-item-type", "code": "LATE", "body": {} }],
//!   "context": { "milestone": "FINAL", "level": 2, "as_of": "2026-11-21" },
//!   "subjects": [{ "key": "D-1", "balance": "152.30 USD", "facts": {} }],
//!   "expect": {
//!     "schema_violations": ["/percent"],
//!     "fault": { "cause": "config", "code": "..", "message": ".." },
//!     "decisions": { "D-1": { "skip": ".." } }
//!   }
//! }
//! ```
//!
//! Everything but `config` and `expect` may be left out, and of `expect` what
//! does not occur. Beside what a case expects, [`check_cases`] holds every
//! plugin to the rules of the contract: one decision for each subject, the same
//! in any batch, no effect that the manifest does not declare.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::bindings::exports::arrears::action::action::Guest;
use crate::money::{amount_text, exponent};
use crate::{
    Action, Cause, Charge, Configuration, Context, Decision, Definition, DelinquencyKind, Deposit,
    Effect, EffectKind, Event, Exported, Fault, Money, Severity, Subject, Verdict,
};

/// Runs every case of a plugin's `cases` folder; `package_folder` is
/// `env!("CARGO_MANIFEST_DIR")`.
///
/// # Panics
/// If a case does not come out as expected, with both outcomes as JSON; if a
/// case cannot be read; if there is none.
pub fn check_cases<A: Action>(package_folder: &str) {
    let schema = check_manifest::<A>();
    let folder = Path::new(package_folder).join("cases");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no cases", folder.display());
    let mut failures = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a readable case");
        let case: Case = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let actual = outcome::<A>(&schema, &case);
        if actual != case.expect {
            failures.push(format!(
                "{}: {}\nexpected: {:#}\nactual:   {actual:#}",
                path.display(),
                case.about,
                case.expect
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    config: Value,
    #[serde(default)]
    definitions: Vec<DefinitionCase>,
    #[serde(default)]
    context: ContextCase,
    #[serde(default)]
    subjects: Vec<SubjectCase>,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefinitionCase {
    kind: String,
    code: String,
    body: Value,
}

#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ContextCase {
    milestone: String,
    level: u32,
    as_of: String,
}

impl Default for ContextCase {
    fn default() -> Self {
        Self { milestone: "FINAL".to_owned(), level: 2, as_of: "2026-11-21".to_owned() }
    }
}

#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SubjectCase {
    key: String,
    account: String,
    contact: String,
    balance: String,
    days_past_due: u32,
    facts: BTreeMap<String, String>,
}

impl Default for SubjectCase {
    fn default() -> Self {
        Self {
            key: "D-1".to_owned(),
            account: "A-1001".to_owned(),
            contact: "C-1".to_owned(),
            balance: "152.30 USD".to_owned(),
            days_past_due: 45,
            facts: BTreeMap::new(),
        }
    }
}

/// What a case comes to, in the shape of `expect`.
fn outcome<A: Action>(schema: &jsonschema::Validator, case: &Case) -> Value {
    let mut found = Map::new();
    let violations: Vec<Value> = schema
        .iter_errors(&case.config)
        .map(|error| json!(error.instance_path().to_string()))
        .collect();
    if !violations.is_empty() {
        found.insert("schema_violations".to_owned(), violations.into());
        return Value::Object(found);
    }
    if let Err(fault) = Exported::<A>::check_config(configuration(case)) {
        found.insert("fault".to_owned(), fault_json(&fault));
        let refused = Exported::<A>::perform(context(case), configuration(case), Vec::new());
        assert_eq!(refused, Err(fault), "perform refuses what check-config does");
        return Value::Object(found);
    }
    let subjects: Vec<Subject> = case.subjects.iter().map(subject).collect();
    let decisions = perform::<A>(case, subjects);
    for one in &case.subjects {
        let alone = perform::<A>(case, vec![subject(one)]);
        assert!(
            decisions.contains(&alone[0]),
            "{}: a decision must not depend on the batch",
            one.key
        );
    }
    if !decisions.is_empty() {
        let by_key: Map<String, Value> = decisions
            .iter()
            .map(|decision| (decision.key.clone(), verdict_json(&decision.verdict)))
            .collect();
        found.insert("decisions".to_owned(), Value::Object(by_key));
    }
    Value::Object(found)
}

fn perform<A: Action>(case: &Case, subjects: Vec<Subject>) -> Vec<Decision> {
    let mut expected: Vec<_> = subjects.iter().map(|one| one.key.clone()).collect();
    let decisions = Exported::<A>::perform(context(case), configuration(case), subjects)
        .expect("a batch whose config is good");
    let mut keys: Vec<_> = decisions.iter().map(|one| one.key.clone()).collect();
    expected.sort();
    keys.sort();
    assert_eq!(keys, expected, "one decision for each subject");
    for decision in &decisions {
        if let Verdict::Apply(effects) = &decision.verdict {
            for effect in effects {
                let kind = kind_of(effect);
                assert!(
                    A::MANIFEST.effects_used.contains(&kind),
                    "{kind:?} is not declared in the manifest"
                );
            }
        }
    }
    decisions
}

/// Checks what a person reads when choosing the action: every property of the
/// schema is described, and none is taken that is not in it.
fn check_manifest<A: Action>() -> jsonschema::Validator {
    let manifest = A::MANIFEST;
    let schema: Value = serde_json::from_str(manifest.config_schema).expect("the schema is JSON");
    check_described(&schema, "");
    assert_eq!(schema["additionalProperties"], json!(false), "unknown properties must be refused");
    jsonschema::validator_for(&schema).expect("a valid JSON schema")
}

fn check_described(schema: &Value, pointer: &str) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        let pointer = format!("{pointer}/{name}");
        assert!(property["description"].is_string(), "{pointer} has no description");
        check_described(property, &pointer);
    }
}

fn configuration(case: &Case) -> Configuration {
    Configuration {
        settings: case.config.to_string(),
        definitions: case
            .definitions
            .iter()
            .map(|definition| Definition {
                kind: definition.kind.clone(),
                code: definition.code.clone(),
                body: definition.body.to_string(),
            })
            .collect(),
    }
}

fn context(case: &Case) -> Context {
    let ContextCase { milestone, level, as_of } = case.context.clone();
    Context {
        run_key: "collections-000007".to_owned(),
        agency: "default".to_owned(),
        scheme: "RES".to_owned(),
        milestone,
        level,
        event: Event::EntryOrIncrement,
        as_of,
        attempt: 1,
    }
}

fn subject(case: &SubjectCase) -> Subject {
    Subject {
        key: case.key.clone(),
        account: case.account.clone(),
        contact: case.contact.clone(),
        kind: DelinquencyKind::Collections,
        balance: money(&case.balance),
        days_past_due: case.days_past_due,
        entered_on: "2026-10-01".to_owned(),
        facts: case.facts.clone().into_iter().collect(),
    }
}

/// "152.30 USD": all decimals of the currency written.
fn money(text: &str) -> Money {
    let (amount, currency) = text.split_once(' ').expect("an amount and a currency");
    let money = Money {
        minor_units: amount.replace('.', "").parse().expect("an amount"),
        currency: currency.to_owned(),
    };
    let decimals = amount.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    assert_eq!(decimals as u32, exponent(currency), "{text}: all decimals");
    money
}

fn money_json(money: &Money) -> Value {
    json!(format!("{} {}", amount_text(money), money.currency))
}

fn attrs_json(attrs: &[(String, String)]) -> Value {
    attrs.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>().into()
}

fn fault_json(fault: &Fault) -> Value {
    let cause = match fault.cause {
        Cause::Config => "config",
        Cause::Data => "data",
        Cause::Unsupported => "unsupported",
    };
    json!({ "cause": cause, "code": fault.code, "message": fault.message })
}

fn verdict_json(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Apply(effects) => {
            json!({ "apply": effects.iter().map(effect_json).collect::<Vec<_>>() })
        }
        Verdict::Skip(reason) => json!({ "skip": reason }),
        Verdict::Fail(fault) => json!({ "fail": fault_json(fault) }),
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

fn charge_json(charge: &Charge) -> Value {
    json!({
        "line_item_type": charge.line_item_type,
        "amount": money_json(&charge.amount),
        "memo": charge.memo,
    })
}

fn deposit_json(deposit: &Deposit) -> Value {
    json!({
        "line_item_type": deposit.line_item_type,
        "amount": money_json(&deposit.amount),
        "due_on": deposit.due_on,
        "memo": deposit.memo,
    })
}

fn effect_json(effect: &Effect) -> Value {
    match effect {
        Effect::Notice(notice) => json!({ "notice": {
            "correspondence": notice.correspondence,
            "channel": notice.channel,
            "fields": attrs_json(&notice.fields),
        } }),
        Effect::OneOffCharge(charge) => json!({ "one-off-charge": charge_json(charge) }),
        Effect::OneOffPenalty(charge) => json!({ "one-off-penalty": charge_json(charge) }),
        Effect::DepositCharge(deposit) => json!({ "deposit-charge": deposit_json(deposit) }),
        Effect::Alert(alert) => json!({ "alert": {
            "severity": severity_name(alert.severity),
            "message": alert.message,
            "expires_on": alert.expires_on,
        } }),
        Effect::LogEntry(entry) => json!({ "log-entry": {
            "severity": severity_name(entry.severity),
            "message": entry.message,
        } }),
        Effect::CreditPoints(points) => json!({ "credit-points": {
            "points": points.points,
            "reason": points.reason,
        } }),
        Effect::ServiceRequest(request) => json!({ "service-request": {
            "request_type": request.request_type,
            "summary": request.summary,
            "priority": request.priority,
            "fields": attrs_json(&request.fields),
        } }),
        Effect::Custom(custom) => json!({ "custom": {
            "kind": custom.kind,
            "schema_version": custom.schema_version,
            "body": custom.body,
        } }),
    }
}

fn kind_of(effect: &Effect) -> EffectKind {
    match effect {
        Effect::Notice(_) => EffectKind::Notice,
        Effect::OneOffCharge(_) => EffectKind::OneOffCharge,
        Effect::OneOffPenalty(_) => EffectKind::OneOffPenalty,
        Effect::DepositCharge(_) => EffectKind::DepositCharge,
        Effect::Alert(_) => EffectKind::Alert,
        Effect::LogEntry(_) => EffectKind::LogEntry,
        Effect::CreditPoints(_) => EffectKind::CreditPoints,
        Effect::ServiceRequest(_) => EffectKind::ServiceRequest,
        Effect::Custom(_) => EffectKind::Custom,
    }
}
