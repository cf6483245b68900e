//! Whatever bytes come to the gate, the host answers: it refuses them in one line that can
//! be shown, or admits a plugin that decides the same each time.
//!
//! A panic, an abort, an input that takes longer than ten seconds and a process that takes
//! more than a gigabyte are findings. `cargo xtask fuzz` runs this.

#![no_main]

mod mutate;

use std::sync::LazyLock;
use std::time::Duration;

use arrears_host::contract::{DelinquencyKind, Event, Money};
use arrears_host::{
    Case, Configuration, Context, Grant, Host, HostOptions, Limits, Plugin, Subject,
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Characters of a refusal: a screen, and not a novel that a plugin has written.
const WORDS_CHARS_MAX: usize = 1_500;

/// Calls end soon, so that what takes long is the host's own doing.
static HOST: LazyLock<Host> = LazyLock::new(|| {
    let limits = Limits {
        fuel_per_call_base: 2_000_000,
        fuel_per_item_max: 1_000_000,
        describe_fuel_max: 5_000_000,
        check_config_fuel_max: 5_000_000,
        memory_bytes_max: 16 * 1024 * 1024,
        deadline: Duration::from_secs(1),
        concurrent_calls_max: 1,
        ..Limits::default()
    };
    let options = HostOptions { limits, artifact_cache: None };
    Host::new(options).unwrap_or_else(|error| panic!("no host: {error}"))
});

fuzz_target!(|wasm: &[u8]| {
    match HOST.admit(wasm) {
        Err(refusal) => check_words(&refusal.to_string()),
        Ok(plugin) => check_plugin(&plugin),
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match mutate::structured(&data[..size], seed) {
        Some(mutant) if mutant.len() <= max_size => {
            data[..mutant.len()].copy_from_slice(&mutant);
            mutant.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});

fn check_words(words: &str) {
    assert!(!words.is_empty());
    assert!(words.chars().count() <= WORDS_CHARS_MAX, "{words}");
    assert!(!words.chars().any(char::is_control), "{words:?}");
}

fn check_plugin(plugin: &Plugin) {
    let configuration = Configuration { settings: "{}".to_owned(), definitions: Vec::new() };
    if let Err(refusal) = plugin.check_config(&configuration) {
        assert!(!refusal.to_string().is_empty());
    }
    let grant = Grant::of(plugin.descriptor());
    let subjects = [subject("D-1"), subject("D-2")];
    let perform = || plugin.perform(&grant, &context(), &configuration, &subjects);
    let (first, second) = (perform(), perform());
    assert_eq!(first.cases, second.cases);
    assert_eq!(first.usage.fuel, second.usage.fuel);
    for case in first.cases {
        if let Case::Apply(effects) = case {
            assert!(effects.iter().all(|effect| grant.effects.contains(&effect.kind())));
        }
    }
}

fn context() -> Context {
    Context {
        run_key: "collections-000007".to_owned(),
        agency: "Springfield".to_owned(),
        scheme: "RESIDENTIAL".to_owned(),
        milestone: "REMINDER".to_owned(),
        level: 2,
        event: Event::EntryOrIncrement,
        as_of: "2026-11-21".to_owned(),
        attempt: 1,
    }
}

fn subject(key: &str) -> Subject {
    Subject {
        key: key.to_owned(),
        account: format!("A-{key}"),
        contact: "C-1".to_owned(),
        kind: DelinquencyKind::BillType,
        balance: Money { minor_units: 15_230, currency: "USD".to_owned() },
        days_past_due: 40,
        entered_on: "2026-11-01".to_owned(),
        facts: Vec::new(),
    }
}
