//! The attacks.

use std::hint::black_box;

use crate::arrears::action::log::{Level, write};
use crate::arrears::action::types::{
    Alert, Cause, Charge, Context, CreditPoints, Custom, Decision, Effect, Fault, Money, Notice,
    Severity, Subject, Verdict,
};

/// Adds the decision for a subject, or does something worse.
pub fn decide(context: &Context, subject: &Subject, decisions: &mut Vec<Decision>) {
    let attack = subject.key.split(':').next().unwrap_or_default();
    let key = subject.key.clone();
    let verdict = match attack {
        "loop" => endless(),
        "deep" => apply(vec![alert(&deep(u64::from(subject.days_past_due)).to_string())]),
        "hoard" => hoard(),
        "output" => apply(vec![alert(&"x".repeat(20_000_000))]),
        "effects" => apply((0..1_000_000).map(points).collect()),
        "trap" => trap(),
        "panic" => panic!("no rate for account {}", subject.account),
        "chatter" => chatter(),
        "shout" => shout(),
        "ungranted" => apply(vec![Effect::Notice(Notice {
            correspondence: "FIRST".to_owned(),
            channel: "letter".to_owned(),
            fields: Vec::new(),
        })]),
        "foreign" => {
            decisions.push(decision("nobody:1", apply(vec![points(5)])));
            return;
        }
        "missing" => return,
        "doubled" => {
            decisions.push(decision(&key, apply(vec![points(5)])));
            apply(vec![points(6)])
        }
        "flood" => {
            for _ in 0..100_000 {
                decisions.push(decision(&key, Verdict::Skip(String::new())));
            }
            return;
        }
        "nan" => nan(f64::from(subject.days_past_due)),
        "huge" => charge(i64::MAX, &subject.balance.currency),
        "negative" => charge(-1, &subject.balance.currency),
        "currency" => charge(100, "ZZZ"),
        "terminal" => {
            write(Level::Warn, "\u{1b}[2J\u{1b}[31mall is well");
            apply(vec![points(1)])
        }
        "fail" => Verdict::Fail(Fault {
            cause: Cause::Data,
            code: "no-address".to_owned(),
            message: "the account has no address".to_owned(),
        }),
        _ => honest(context, subject),
    };
    decisions.push(decision(&key, verdict));
}

/// What a plugin should do.
fn honest(context: &Context, subject: &Subject) -> Verdict {
    if subject.balance.minor_units <= 0 {
        return Verdict::Skip("nothing is owed".to_owned());
    }
    apply(vec![alert(&format!(
        "{} is at {} for {} days",
        subject.account, context.milestone, subject.days_past_due
    ))])
}

fn endless() -> Verdict {
    let mut turns = 0_u64;
    while black_box(turns) != u64::MAX {
        turns += 1;
    }
    Verdict::Skip(String::new())
}

/// Deep enough for any stack; the sum keeps it from becoming a loop.
fn deep(level: u64) -> u64 {
    if black_box(level) == u64::MAX {
        return 0;
    }
    black_box(deep(level + 1)) + level
}

/// Memory that is asked for and never given back; it is not even touched, so
/// that it costs little fuel.
fn hoard() -> Verdict {
    loop {
        std::mem::forget(black_box(Vec::<u8>::with_capacity(1_000_000)));
    }
}

fn trap() -> Verdict {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}

fn chatter() -> Verdict {
    for line in 0..1_000 {
        write(Level::Debug, &format!("line {line}"));
    }
    Verdict::Skip("told everything".to_owned())
}

/// The same long line for ever: cheap for the guest, dear for the host.
fn shout() -> Verdict {
    let line = "x".repeat(1_000_000);
    loop {
        write(Level::Info, &line);
    }
}

/// A calculation that ends in "not a number", whose bits differ between
/// processors unless the host makes them the same.
fn nan(seed: f64) -> Verdict {
    let zero = black_box(seed) - black_box(seed);
    let nan = (zero / black_box(zero)) * black_box(-1.0)
        + f64::from_bits(black_box(0xfff8_dead_beef_0001));
    let body = format!("{{\"bits\": \"{:016x}\"}}", black_box(nan).to_bits());
    let custom = Effect::Custom(Custom { kind: "hostile/nan".to_owned(), schema_version: 1, body });
    // The cast saturates: not a number becomes an amount of zero.
    match charge(black_box(nan) as i64, "USD") {
        Verdict::Apply(effects) if seed == 13.0 => Verdict::Apply(effects),
        _ => apply(vec![custom]),
    }
}

fn charge(minor_units: i64, currency: &str) -> Verdict {
    apply(vec![Effect::OneOffCharge(Charge {
        line_item_type: "FEE".to_owned(),
        amount: Money { minor_units, currency: currency.to_owned() },
        memo: String::new(),
    })])
}

fn points(points: u32) -> Effect {
    Effect::CreditPoints(CreditPoints { points, reason: String::new() })
}

fn alert(message: &str) -> Effect {
    Effect::Alert(Alert { severity: Severity::Info, message: message.to_owned(), expires_on: None })
}

fn apply(effects: Vec<Effect>) -> Verdict {
    Verdict::Apply(effects)
}

fn decision(key: &str, verdict: Verdict) -> Decision {
    Decision { key: key.to_owned(), verdict }
}
