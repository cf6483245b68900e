//! Configuration, batches and determinism of a plugin that behaves.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod support;

use arrears_host::contract::{Cause, Money};
use arrears_host::{Case, CaseError, ConfigError, FailureKind, Limits};
use support::{among, hostile, hostile_with, perform, settings, subject, tight};

#[test]
fn a_configuration_is_checked_by_schema_and_then_by_the_plugin() {
    let plugin = hostile();
    plugin.check_config(&settings(r#"{"level": 2}"#)).unwrap();

    match plugin.check_config(&settings(r#"{"level": 0, "colour": "red"}"#)) {
        Err(ConfigError::Settings(violations)) => {
            let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
            assert!(told.iter().any(|line| line.starts_with("/level: ")), "{told:?}");
            assert!(told.iter().any(|line| line.contains("colour")), "{told:?}");
        }
        other => panic!("{other:?}"),
    }
    match plugin.check_config(&settings(r#"{"attack": "refuse"}"#)) {
        Err(ConfigError::Fault(fault)) => {
            assert_eq!(fault.cause, Cause::Config);
            assert!(fault.message.contains("`attack`"));
        }
        other => panic!("{other:?}"),
    }
    match plugin.check_config(&settings(r#"{"attack": "panic"}"#)) {
        Err(ConfigError::Failure(failure)) => {
            assert!(failure.to_string().contains("not to my liking"), "{failure}");
        }
        other => panic!("{other:?}"),
    }
    for json in ["", "{", "[]", "null"] {
        let error = plugin.check_config(&settings(json)).unwrap_err();
        assert!(matches!(error, ConfigError::NotJson { .. }), "{json}: {error:?}");
        assert!(plugin.references(json).is_err());
    }
    assert_eq!(plugin.references(r#"{"attack": "none"}"#).unwrap(), []);
}

#[test]
fn the_same_request_costs_and_gives_the_same() {
    let subjects = among(30, &["panic", "nan", "chatter"]);
    let first = perform(&hostile(), &subjects);
    for _ in 0..3 {
        let again = perform(&hostile(), &subjects);
        assert_eq!(again.cases, first.cases);
        assert_eq!(again.strikes, first.strikes);
        assert_eq!(again.log, first.log);
        assert_eq!(again.usage.fuel, first.usage.fuel);
        assert_eq!(again.usage.calls, first.usage.calls);
    }
}

#[test]
fn outcomes_do_not_depend_on_the_size_of_batches() {
    let subjects = among(25, &["trap", "foreign", "fail"]);
    let whole = perform(&hostile(), &subjects);
    for batch_max in [1_000, 7, 1] {
        // A smaller limit than the plugin declares would refuse the plugin, so
        // the size is set by the fuel of a call.
        let limits = tight();
        let plugin = hostile_with(Limits {
            fuel_per_call_max: limits.fuel_per_call_base + batch_max * 1_000_000,
            ..limits
        });
        let performed = perform(&plugin, &subjects);
        assert_eq!(performed.cases, whole.cases);
        assert_eq!(performed.usage.cases, 28);
    }
}

#[test]
fn a_subject_that_is_given_twice_is_performed_once() {
    let subjects = [subject("honest:1"), subject("honest:2"), subject("honest:1")];
    let performed = perform(&hostile(), &subjects);
    assert!(matches!(performed.cases[0], Case::Apply(_)));
    assert!(matches!(performed.cases[1], Case::Apply(_)));
    match &performed.cases[2] {
        Case::Failed(CaseError::Failure(failure)) => {
            assert_eq!(failure.kind, FailureKind::DuplicateSubject);
        }
        other => panic!("{other:?}"),
    }
    assert!(performed.strikes.is_empty());
}

#[test]
fn no_subjects_make_no_call() {
    let performed = perform(&hostile(), &[]);
    assert_eq!(performed.cases, []);
    assert_eq!(performed.usage.calls, 0);
}

#[test]
fn a_verdict_may_be_to_do_nothing() {
    let mut paid = subject("honest:1");
    paid.balance = Money { minor_units: 0, currency: "USD".to_owned() };
    let performed = perform(&hostile(), &[paid]);
    assert_eq!(performed.cases, [Case::Skip("nothing is owed".to_owned())]);
}

#[test]
fn what_was_performed_can_be_kept_as_json() {
    let subjects = among(2, &["panic", "fail", "nan"]);
    let performed = perform(&hostile(), &subjects);
    let json = serde_json::to_string(&performed).unwrap();
    let read: arrears_host::Performed = serde_json::from_str(&json).unwrap();
    assert_eq!(read, performed);
}
