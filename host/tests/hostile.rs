//! Each attack, among honest neighbours in the same batch: it is contained,
//! told, and the neighbours get what they would have got without it.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

mod support;

use std::time::{Duration, Instant};

use arrears_host::contract::EffectKind;
use arrears_host::{Case, CaseError, Effect, FailureKind, Grant, Limits, Performed};
use support::{
    among, assert_neighbours_finished, case, component, context, endless_fuel, failure, host,
    hostile, hostile_with, perform, settings, subject, tight,
};

/// One attacker among twenty: it fails with this kind and these words, it is
/// the only strike, and the others finish.
fn assert_contained(key: &str, kinds: &[FailureKind], words: &str) -> Performed {
    let subjects = among(20, &[key]);
    let performed = perform(&hostile(), &subjects);
    assert_neighbours_finished(&performed, &subjects);
    let failure = failure(&performed, &subjects, key);
    assert!(kinds.contains(&failure.kind), "{failure:?}");
    assert!(failure.message.contains(words), "{failure}");
    assert_eq!(performed.strikes.len(), 1);
    assert_eq!(performed.strikes[0].key, key);
    assert_eq!(&performed.strikes[0].failure, failure);
    // 21 subjects are halved at most five times, two calls each, and one first.
    assert!(performed.usage.calls <= 11, "{:?}", performed.usage);
    performed
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    assert_contained("loop", &[FailureKind::Fuel], "3000000 instructions of fuel");
}

#[test]
fn an_endless_loop_with_endless_fuel_hits_the_deadline() {
    let subjects = among(3, &["loop"]);
    let performed = perform(&hostile_with(endless_fuel()), &subjects);
    assert_neighbours_finished(&performed, &subjects);
    let failure = failure(&performed, &subjects, "loop");
    assert_eq!(failure.kind, FailureKind::Deadline);
    assert!(failure.message.contains("60 ms"), "{failure}");
}

#[test]
fn a_plugin_that_hangs_on_each_subject_is_stopped() {
    let limits = Limits { deadline_strikes_max: 2, ..endless_fuel() };
    let subjects: Vec<_> = (0..64).map(|index| subject(&format!("loop:{index}"))).collect();
    let begin = Instant::now();
    let performed = perform(&hostile_with(limits), &subjects);
    // Six halvings to the first, then two alone: eight calls, not 127.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(performed.strikes.len(), 2);
    assert_eq!(performed.usage.calls, 8);
    for key in ["loop:2", "loop:63"] {
        let failure = failure(&performed, &subjects, key);
        assert_eq!(failure.kind, FailureKind::Stopped);
        assert!(failure.message.contains("2 subjects hit its deadline"), "{failure}");
    }
}

#[test]
fn a_plugin_that_burns_its_fuel_on_each_subject_is_stopped() {
    let limits = Limits { fuel_strikes_max: 3, ..tight() };
    let subjects: Vec<_> = (0..8).map(|index| subject(&format!("loop:{index}"))).collect();
    let performed = perform(&hostile_with(limits), &subjects);
    assert_eq!(performed.strikes.len(), 3);
    let failure = failure(&performed, &subjects, "loop:7");
    assert_eq!(failure.kind, FailureKind::Stopped);
    assert!(failure.message.contains("3 subjects used up its fuel"), "{failure}");
}

#[test]
fn deep_recursion_exhausts_its_own_stack() {
    // A Rust guest keeps a part of its stack in its memory, and may come to the
    // end of that first.
    let kinds = [FailureKind::Stack, FailureKind::Trap];
    assert_contained("deep", &kinds, "");
}

#[test]
fn hoarded_memory_is_not_given() {
    let performed = assert_contained("hoard", &[FailureKind::Memory], "bytes of memory, more than");
    let most = performed.usage.memory_high_water_bytes;
    assert!((1_000_000..=8 * 1024 * 1024).contains(&most), "{most}");
}

#[test]
fn a_giant_answer_is_not_copied() {
    // Under the usual memory limit and with some fuel the guest can build it.
    let plugin = hostile_with(Limits { fuel_per_call_base: 500_000_000, ..Limits::default() });
    let subjects = among(20, &["output"]);
    let performed = perform(&plugin, &subjects);
    assert_neighbours_finished(&performed, &subjects);
    let failure = failure(&performed, &subjects, "output");
    assert_eq!(failure.kind, FailureKind::Output);
    assert!(failure.message.contains("16777216 bytes"), "{failure}");
}

#[test]
fn a_million_effects_are_too_many() {
    let kinds = [FailureKind::Memory, FailureKind::Fuel, FailureKind::Output];
    assert_contained("effects", &kinds, "");
    // With room for them, they are counted.
    let plugin = hostile_with(Limits {
        output_bytes_max: 1 << 30,
        memory_bytes_max: 1 << 30,
        fuel_per_call_base: 1_000_000_000,
        concurrent_calls_max: 1,
        ..Limits::default()
    });
    let subjects = among(5, &["effects"]);
    let performed = perform(&plugin, &subjects);
    assert_neighbours_finished(&performed, &subjects);
    let failure = failure(&performed, &subjects, "effects");
    assert_eq!(failure.kind, FailureKind::Contract);
    assert!(failure.message.contains("1000000 effects"), "{failure}");
}

#[test]
fn a_trap_is_found_and_told() {
    assert_contained("trap", &[FailureKind::Trap], "unreachable");
}

#[test]
fn the_text_of_a_panic_reaches_the_operator() {
    let performed = assert_contained("panic", &[FailureKind::Trap], "unreachable");
    let told = performed.strikes[0].failure.to_string();
    assert!(told.contains("no rate for account A-panic"), "{told}");
    let lines: Vec<&str> = performed.log.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(lines.len(), 1, "once, though the batch was halved: {lines:?}");
    assert!(lines[0].contains("no rate for account A-panic"));
}

#[test]
fn an_effect_that_it_does_not_declare_is_refused() {
    let performed = assert_contained("ungranted", &[FailureKind::Contract], "notice");
    // One case is at fault, and known: nothing has to be searched.
    assert_eq!(performed.usage.calls, 1);
}

#[test]
fn an_effect_that_is_not_granted_is_refused() {
    let plugin = hostile();
    let mut grant = Grant::of(plugin.descriptor());
    grant.effects.remove(&EffectKind::Alert);
    let subjects = among(1, &["terminal"]);
    let performed = plugin.perform(&grant, &context(), &settings("{}"), &subjects);
    let refused = failure(&performed, &subjects, "honest:0");
    assert!(refused.message.contains("has not granted"), "{refused}");
    assert!(matches!(case(&performed, &subjects, "terminal"), Case::Apply(_)));
}

#[test]
fn a_decision_for_an_account_that_it_was_not_given_is_refused() {
    assert_contained("foreign", &[FailureKind::Contract], "`nobody:1`");
}

#[test]
fn a_missing_decision_is_an_error_of_its_subject() {
    let performed = assert_contained("missing", &[FailureKind::Contract], "no decision");
    assert_eq!(performed.usage.calls, 1);
}

#[test]
fn a_doubled_decision_is_an_error_of_its_subject() {
    let performed = assert_contained("doubled", &[FailureKind::Contract], "more than once");
    assert_eq!(performed.usage.calls, 1);
    let kinds = [FailureKind::Contract, FailureKind::Output, FailureKind::Fuel];
    assert_contained("flood", &kinds, "");
}

#[test]
fn not_a_number_has_the_same_bits_everywhere() {
    let subjects = among(3, &["nan"]);
    let first = perform(&hostile(), &subjects);
    assert_neighbours_finished(&first, &subjects);
    match case(&first, &subjects, "nan") {
        Case::Apply(effects) => match effects.as_slice() {
            [Effect::Custom(custom)] => {
                assert_eq!(custom.body, r#"{"bits": "7ff8000000000000"}"#);
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    assert_eq!(perform(&hostile(), &subjects).cases, first.cases);
}

#[test]
fn not_a_number_is_no_amount() {
    let mut attacker = subject("nan");
    attacker.days_past_due = 13;
    let performed = perform(&hostile(), std::slice::from_ref(&attacker));
    let failure = failure(&performed, &[attacker], "nan");
    assert!(failure.message.contains("0 minor units"), "{failure}");
}

#[test]
fn amounts_out_of_range_or_in_another_currency_are_refused() {
    for (key, words) in [
        ("huge", "9223372036854775807 minor units"),
        ("negative", "-1 minor units"),
        ("currency", "`ZZZ`"),
    ] {
        let performed = assert_contained(key, &[FailureKind::Contract], words);
        assert_eq!(performed.usage.calls, 1);
    }
}

#[test]
fn a_chatterbox_is_cut_short_and_a_shouter_pays() {
    let subjects = among(2, &["chatter"]);
    let performed = perform(&hostile(), &subjects);
    assert_neighbours_finished(&performed, &subjects);
    assert_eq!(performed.log.len(), 256);
    assert_eq!(performed.usage.log_lines_dropped, 1_000 - 256);
    assert!(performed.strikes.is_empty());
    assert_contained("shout", &[FailureKind::Fuel], "instructions of fuel");
}

#[test]
fn a_log_line_cannot_take_over_a_terminal() {
    let subjects = [subject("terminal")];
    let performed = perform(&hostile(), &subjects);
    assert_eq!(performed.log[0].message, "\u{fffd}[2J\u{fffd}[31mall is well");
}

#[test]
fn all_attacks_at_once_leave_the_neighbours_alone() {
    let attackers = [
        "loop",
        "deep",
        "hoard",
        "trap",
        "panic",
        "ungranted",
        "foreign",
        "missing",
        "doubled",
        "huge",
        "currency",
        "output",
    ];
    let subjects = among(40, &attackers);
    let performed = perform(&hostile(), &subjects);
    assert_neighbours_finished(&performed, &subjects);
    let mut struck: Vec<&str> = performed.strikes.iter().map(|s| s.key.as_str()).collect();
    struck.sort_unstable();
    let mut expected = attackers.to_vec();
    expected.sort_unstable();
    assert_eq!(struck, expected);
    assert!(performed.usage.calls <= 2 * subjects.len() as u64);
}

#[test]
fn when_each_subject_traps_the_calls_stay_below_twice_their_number() {
    let subjects: Vec<_> = (0..50).map(|index| subject(&format!("trap:{index}"))).collect();
    let performed = perform(&hostile(), &subjects);
    assert_eq!(performed.strikes.len(), 50);
    assert_eq!(performed.usage.calls, 99);
}

#[test]
fn a_fault_is_no_strike() {
    let subjects = among(2, &["fail"]);
    let performed = perform(&hostile(), &subjects);
    assert_neighbours_finished(&performed, &subjects);
    match case(&performed, &subjects, "fail") {
        Case::Failed(CaseError::Fault(fault)) => assert_eq!(fault.code, "no-address"),
        other => panic!("{other:?}"),
    }
    assert!(performed.strikes.is_empty());

    let plugin = hostile();
    let grant = Grant::of(plugin.descriptor());
    let whole = settings(r#"{"attack": "whole-batch"}"#);
    let performed = plugin.perform(&grant, &context(), &whole, &subjects);
    assert_eq!(performed.cases.len(), 3);
    for case in &performed.cases {
        match case {
            Case::Failed(CaseError::Fault(fault)) => assert_eq!(fault.code, "whole-batch"),
            other => panic!("{other:?}"),
        }
    }
    assert!(performed.strikes.is_empty());
    assert_eq!(performed.usage.calls, 1);
}

#[test]
fn hostile_limits_do_not_outlive_a_host() {
    // A plugin keeps its sandbox, deadline thread included, when its host goes.
    let host = host(endless_fuel());
    let plugin = host.admit(&component("hostile")).unwrap();
    drop(host);
    let performed = perform(&plugin, &[subject("loop")]);
    assert_eq!(performed.strikes[0].failure.kind, FailureKind::Deadline);
}
