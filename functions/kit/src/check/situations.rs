//! The conformance cases: requests as an agency's data may make them, ordinary and odd. A
//! plugin may skip or fail any subject of them, but must decide each.

use arrears_host::contract::{Definition, DelinquencyKind, Descriptor, Event, Money};
use arrears_host::{Configuration, Context, Subject};

use super::facts::{Facts, Needed};
use crate::case::Case;

/// A text of each kind that has broken software: an emoji of several scalar values, text
/// from right to left, a combining mark, quotes and backslashes, braces, control and
/// invisible characters, and nothing.
const ODD_TEXTS: [(&str, &str); 8] = [
    ("emoji", "Zoë 👩🏽‍🚒 Vance 🇺🇳"),
    ("right to left", "\u{202b}رونق وانس — שלום\u{202c}"),
    ("combining marks", "Z\u{0335}\u{0321}a\u{0301}l\u{0489}go"),
    ("quotes", "\"R.\" 'Vance' \\ `it` \\u0041 </script>"),
    ("braces", "{contact.name} {{contact.name}} {} }{ %s ${x}"),
    ("control characters", "R.\u{0}\u{7}\u{1b}[31m\r\n\tVance\u{7f}\u{85}"),
    ("invisible characters", "\u{feff}R.\u{200b}\u{2028}\u{2060}Vance\u{10ffff}"),
    ("nothing", ""),
];

/// Bytes of a long text: as much as the host takes in a text of an effect.
const LONG_BYTES: usize = 8 * 1024;

/// Balances at the edges: none, a credit, the smallest, the host's largest for an effect,
/// the ends of the range, and currencies of other decimals or none that is known.
const BALANCES: [(&str, i64, &str); 10] = [
    ("zero", 0, "USD"),
    ("a credit", -1, "USD"),
    ("a cent", 1, "USD"),
    ("a million", 100_000_000, "USD"),
    ("beyond an effect", 100_000_001, "USD"),
    ("the largest", i64::MAX, "USD"),
    ("the smallest", i64::MIN, "USD"),
    ("yen", 152_301, "JPY"),
    ("fils", 152_301, "KWD"),
    ("no known currency", 15_230, "XXX"),
];

/// Some subjects under one context and configuration.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) situation: String,
    pub(crate) context: Context,
    pub(crate) configuration: Configuration,
    pub(crate) subjects: Vec<Subject>,
}

/// All requests: the first is the ordinary one, the vendor's own come last.
pub(crate) fn requests(
    descriptor: &Descriptor,
    configuration: &Configuration,
    cases: &[&Case],
) -> Vec<Request> {
    let made_up = Made { needed: Needed(&descriptor.facts_needed), configuration };
    let mut requests = vec![made_up.ordinary(), made_up.sparse(), made_up.texts()];
    requests.extend([made_up.balances(), made_up.times(), made_up.unknown()]);
    requests.extend(made_up.events());
    requests.extend(made_up.dates());
    requests.push(made_up.payment());
    requests.extend(cases.iter().filter(|case| !case.subjects.is_empty()).map(|case| Request {
        situation: format!("case {}", case.path.file_name().unwrap_or_default().display()),
        context: case.context.clone(),
        configuration: case.configuration.clone(),
        subjects: case.subjects.clone(),
    }));
    requests
}

/// What made-up requests have in common.
struct Made<'a> {
    needed: Needed<'a>,
    configuration: &'a Configuration,
}

impl Made<'_> {
    fn request(&self, situation: &str, subjects: Vec<Subject>) -> Request {
        Request {
            situation: situation.to_owned(),
            context: context(),
            configuration: self.configuration.clone(),
            subjects,
        }
    }

    fn subject(&self, key: &str) -> Subject {
        let balance = Money { minor_units: 15_230, currency: "USD".to_owned() };
        Subject {
            facts: listed(self.needed.ordinary(&balance)),
            key: key.to_owned(),
            account: "A-1001".to_owned(),
            contact: "C-1".to_owned(),
            kind: DelinquencyKind::BillType,
            balance,
            days_past_due: 45,
            entered_on: "2026-10-01".to_owned(),
        }
    }

    fn ordinary(&self) -> Request {
        let kinds = [
            ("D-1", DelinquencyKind::BillType),
            ("D-2", DelinquencyKind::Collections),
            ("D-3", DelinquencyKind::AddressLien),
            ("D-4", DelinquencyKind::ParcelLien),
        ];
        let subjects = kinds.map(|(key, kind)| Subject { kind, ..self.subject(key) });
        self.request("records of each kind", subjects.into())
    }

    fn sparse(&self) -> Request {
        let subjects = vec![
            Subject { facts: Vec::new(), ..self.subject("no facts") },
            Subject { contact: String::new(), ..self.subject("no contact") },
            Subject {
                facts: Vec::new(),
                contact: String::new(),
                account: String::new(),
                ..self.subject("nothing but a key")
            },
        ];
        self.request("records that lack what others have", subjects)
    }

    fn texts(&self) -> Request {
        let long = "long ".repeat(LONG_BYTES / "long ".len());
        let texts = ODD_TEXTS.iter().copied().chain([("a long text", long.as_str())]);
        let subjects = texts.map(|(what, text)| {
            let mut subject = self.subject(what);
            for (_, value) in &mut subject.facts {
                text.clone_into(value);
            }
            subject
        });
        let mut subjects: Vec<Subject> = subjects.collect();
        subjects.push(Subject {
            account: ODD_TEXTS[0].1.to_owned(),
            contact: ODD_TEXTS[1].1.to_owned(),
            ..self.subject(ODD_TEXTS[3].1)
        });
        self.request("texts in every script", subjects)
    }

    fn balances(&self) -> Request {
        let subjects = BALANCES.iter().map(|(key, minor_units, currency)| {
            let balance = Money { minor_units: *minor_units, currency: (*currency).to_owned() };
            let facts = listed(self.needed.ordinary(&balance));
            Subject { balance, facts, ..self.subject(key) }
        });
        self.request("balances of every size", subjects.collect())
    }

    fn times(&self) -> Request {
        let dated = |key: &str, days_past_due, entered_on: &str| Subject {
            days_past_due,
            entered_on: entered_on.to_owned(),
            ..self.subject(key)
        };
        let subjects = vec![
            dated("today", 0, "2026-11-21"),
            dated("a leap day", 997, "2024-02-29"),
            dated("the first day", u32::MAX, "0001-01-01"),
            dated("the last day", 0, "9999-12-31"),
        ];
        self.request("debts of every age", subjects)
    }

    fn unknown(&self) -> Request {
        let mut subjects = Vec::new();
        for value in ["-1", "1e309", "2026-02-30", "true", "null", "[]", "0x1F", "١٢٣"] {
            let mut subject = self.subject(value);
            for (_, text) in &mut subject.facts {
                value.clone_into(text);
            }
            subjects.push(subject);
        }
        let mut strange = self.subject("facts that were not asked for");
        strange.facts.push(("weather.tomorrow".to_owned(), "rain".to_owned()));
        strange.facts.sort();
        subjects.push(strange);
        let mut request = self.request("facts that are not what they should be", subjects);
        request.configuration.definitions.push(Definition {
            kind: "something-new".to_owned(),
            code: "NEW".to_owned(),
            body: "{\"code\":\"NEW\",\"of\":{\"tomorrow\":[1]}}".to_owned(),
        });
        request
    }

    fn events(&self) -> Vec<Request> {
        let events = [
            ("decrement", Event::Decrement),
            ("resolved by a full payment", Event::ResolvedFullPayment),
            ("resolved by a formula or below the amount", Event::ResolvedFormulaOrBelowAmount),
        ];
        let at = |(name, event): (&str, Event)| {
            let mut request = self.request(&format!("event: {name}"), vec![self.subject("D-1")]);
            request.context.event = event;
            request
        };
        events.into_iter().map(at).collect()
    }

    fn dates(&self) -> Vec<Request> {
        let at = |as_of: &str| {
            let mut request =
                self.request(&format!("a run as of {as_of}"), vec![self.subject("D-1")]);
            as_of.clone_into(&mut request.context.as_of);
            request
        };
        ["2028-02-29", "2026-12-31", "2027-01-03", "9999-12-31"].map(at).into()
    }

    fn payment(&self) -> Request {
        let mut subject = self.subject("P000007-0000001@A-1001");
        subject.days_past_due = 0;
        subject.entered_on = "2026-11-21".to_owned();
        subject.facts = listed(self.needed.of_payment(&subject.balance));
        let mut request = self.request("a payment", vec![subject]);
        request.context.scheme = "MONTHLY".to_owned();
        request.context.milestone = String::new();
        request
    }
}

fn listed(facts: Facts) -> Vec<(String, String)> {
    facts.into_iter().collect()
}

fn context() -> Context {
    Context {
        run_key: "collections-000007".to_owned(),
        agency: "default".to_owned(),
        scheme: "RES".to_owned(),
        milestone: "FINAL".to_owned(),
        level: 2,
        event: Event::EntryOrIncrement,
        as_of: "2026-11-21".to_owned(),
        attempt: 1,
    }
}
