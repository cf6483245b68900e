//! What the tests of hostile guests share.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use arrears_host::contract::{DelinquencyKind, Event, Money};
use arrears_host::{
    Case, CaseError, Configuration, Context, Failure, Grant, Host, HostOptions, Limits, Performed,
    Plugin, Subject,
};

/// The component of a hostile guest.
pub fn component(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../target/components/hostile")
        .join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    })
}

/// Limits that strike soon. The deadline is long enough for a machine that
/// runs other tests beside this one.
pub fn tight() -> Limits {
    Limits {
        fuel_per_call_base: 2_000_000,
        describe_fuel_max: 20_000_000,
        check_config_fuel_max: 20_000_000,
        memory_bytes_max: 8 * 1024 * 1024,
        output_bytes_max: 1024 * 1024,
        ..Limits::default()
    }
}

/// Limits under which only the deadline ends a loop.
pub fn endless_fuel() -> Limits {
    Limits {
        deadline: SHORT,
        fuel_per_call_base: u64::MAX / 4,
        fuel_per_call_max: u64::MAX,
        ..tight()
    }
}

/// A host with these limits and no cache.
pub fn host(limits: Limits) -> Host {
    Host::new(HostOptions { limits, artifact_cache: None }).unwrap()
}

/// The guest of many attacks, under tight limits: compiled once for a file of
/// tests.
pub fn hostile() -> Plugin {
    static HOSTILE: OnceLock<Plugin> = OnceLock::new();
    HOSTILE.get_or_init(|| host(tight()).admit(&component("hostile")).unwrap()).clone()
}

/// The same guest with limits of one's own.
pub fn hostile_with(limits: Limits) -> Plugin {
    host(limits).admit(&component("hostile")).unwrap()
}

/// A context as a run makes one.
pub fn context() -> Context {
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

/// Settings without definitions.
pub fn settings(json: &str) -> Configuration {
    Configuration { settings: json.to_owned(), definitions: Vec::new() }
}

/// A subject that owes 152.30 USD. The key tells the guest what to do.
pub fn subject(key: &str) -> Subject {
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

/// Honest subjects with the others put among them.
pub fn among(neighbours: usize, attackers: &[&str]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> =
        (0..neighbours).map(|index| subject(&format!("honest:{index}"))).collect();
    for (index, attacker) in attackers.iter().enumerate() {
        let at = (index * 7 + 3) % (subjects.len() + 1);
        subjects.insert(at, subject(attacker));
    }
    subjects
}

/// Performs with what the guest declares granted.
pub fn perform(plugin: &Plugin, subjects: &[Subject]) -> Performed {
    let grant = Grant::of(plugin.descriptor());
    plugin.perform(&grant, &context(), &settings("{}"), subjects)
}

/// What became of the subject with this key.
pub fn case<'a>(performed: &'a Performed, subjects: &[Subject], key: &str) -> &'a Case {
    let index = subjects
        .iter()
        .position(|subject| subject.key == key)
        .unwrap_or_else(|| panic!("no subject {key}"));
    &performed.cases[index]
}

/// The failure of the subject with this key.
pub fn failure<'a>(performed: &'a Performed, subjects: &[Subject], key: &str) -> &'a Failure {
    match case(performed, subjects, key) {
        Case::Failed(CaseError::Failure(failure)) => failure,
        other => panic!("{key} has no failure, but {other:?}"),
    }
}

/// Panics unless each honest subject has the alert that it would have alone.
pub fn assert_neighbours_finished(performed: &Performed, subjects: &[Subject]) {
    assert_eq!(performed.cases.len(), subjects.len());
    for (subject, case) in subjects.iter().zip(&performed.cases) {
        if !subject.key.starts_with("honest") {
            continue;
        }
        let expected = format!("{} is at REMINDER for 40 days", subject.account);
        match case {
            Case::Apply(effects) => match effects.as_slice() {
                [arrears_host::Effect::Alert(alert)] if alert.message == expected => {}
                other => panic!("{} has {other:?}", subject.key),
            },
            other => panic!("{} has {other:?}", subject.key),
        }
    }
}

/// A deadline for tests that wait for it.
pub const SHORT: Duration = Duration::from_millis(60);
