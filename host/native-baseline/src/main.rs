//! Times the function of the built-in action `one-off-penalty`, called
//! natively, as the sandbox would call it: the configuration is read once for a
//! batch, each subject decided, each decision named.
//!
//! ```sh
//! arrears-native-baseline BATCH ROUNDS SETTINGS DEFINITION
//! ```
//!
//! Prints the p50 of a batch in nanoseconds. The arguments come from the bench
//! `plugin` of the host, so that both do the same.

use std::hint::black_box;
use std::time::{Duration, Instant};

use arrears_action_sdk::{
    Configuration, Context, Decision, Definition, DelinquencyKind, Event, Money, Subject, Verdict,
    plan,
};
use arrears_plugin_one_off_penalty::{OneOffPenalty, decide};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [batch, rounds, settings, definition] = arguments.as_slice() else {
        panic!("usage: BATCH ROUNDS SETTINGS DEFINITION");
    };
    let batch: usize = batch.parse().expect("BATCH is a number");
    let rounds: usize = rounds.parse().expect("ROUNDS is a number");
    let context = context();
    let configuration = Configuration {
        settings: settings.clone(),
        definitions: vec![Definition {
            kind: "line-item-type".to_owned(),
            code: "LATE".to_owned(),
            body: definition.clone(),
        }],
    };
    let subjects: Vec<Subject> = (0..batch).map(subject).collect();
    let decisions = perform(&context, &configuration, &subjects);
    let applied = |decision: &Decision| matches!(decision.verdict, Verdict::Apply(_));
    assert!(decisions.iter().all(applied), "each subject has a penalty");

    let mut times: Vec<Duration> = (0..rounds + rounds / 10)
        .map(|_| {
            let begin = Instant::now();
            black_box(perform(&context, &configuration, black_box(&subjects)));
            begin.elapsed()
        })
        .skip(rounds / 10)
        .collect();
    times.sort_unstable();
    println!("{}", times[times.len() / 2].as_nanos());
}

fn perform(
    context: &Context,
    configuration: &Configuration,
    subjects: &[Subject],
) -> Vec<Decision> {
    let plan = plan::<OneOffPenalty>(black_box(configuration)).expect("a right configuration");
    subjects
        .iter()
        .map(|subject| Decision {
            key: subject.key.clone(),
            verdict: decide(context, &plan, subject),
        })
        .collect()
}

fn context() -> Context {
    Context {
        run_key: "collections-000007".to_owned(),
        agency: "Springfield".to_owned(),
        scheme: "RESIDENTIAL".to_owned(),
        milestone: "PENALTY".to_owned(),
        level: 3,
        event: Event::EntryOrIncrement,
        as_of: "2026-11-21".to_owned(),
        attempt: 1,
    }
}

fn subject(index: usize) -> Subject {
    Subject {
        key: format!("D-{index:06}"),
        account: format!("A-{index:06}"),
        contact: format!("C-{index:06}"),
        kind: DelinquencyKind::BillType,
        balance: Money { minor_units: 10_000 + index as i64 * 37, currency: "USD".to_owned() },
        days_past_due: 30,
        entered_on: "2026-11-01".to_owned(),
        facts: Vec::new(),
    }
}
