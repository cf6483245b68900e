//! The action `acme:sms-reminder`: reminds a contact by SMS of what is owed.
//!
//! At most one reminder a week goes to a contact, in the contact's language, and
//! none in quiet hours or on quiet days. A plugin sends nothing itself: it
//! returns a `custom` effect, and the gateway that delivers those sends the
//! message.

mod plan;

use arrears_action_sdk::{
    Action, Context, Custom, Definitions, Effect, EffectKind, Fault, Manifest, Subject, Verdict,
    date::Date, facts, fault,
};
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use std::borrow::Cow;

pub use plan::{Config, Plan};

/// What three SMS in one hold.
const TEXT_CHARACTERS_MAX: usize = 459;
/// What a message shows of a value.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// Days that must lie between two reminders.
const DAYS_BETWEEN: i64 = 7;

/// The action.
#[derive(Debug)]
pub struct AcmeSmsReminder;

impl Action for AcmeSmsReminder {
    const MANIFEST: Manifest = Manifest {
        id: "acme-sms-reminder",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Reminds the contact by SMS, at most once a week and never in quiet hours",
        actions: &["acme:sms-reminder"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &[
            "contact.attributes.mobile",
            "contact.attributes.language",
            "contact.attributes.sms_last_on",
            "contact.name",
            "account.balance",
            "agency.name",
        ],
        effects_used: &[EffectKind::Custom],
        max_batch: 1_000,
        fuel_per_item: 250_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, _: &Definitions) -> Result<Plan, Fault> {
        Plan::new(config)
    }

    fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        decide(context, plan, subject).unwrap_or_else(Verdict::Fail)
    }
}

arrears_action_sdk::export_action!(AcmeSmsReminder);

/// What the gateway is told, in this order.
#[derive(Serialize)]
struct Sms<'a> {
    to: &'a str,
    language: &'a str,
    text: String,
    send_on: String,
    not_before: &'a str,
    not_after: &'a str,
    /// The gateway sends one message for it, whatever comes twice.
    once: String,
}

fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Result<Verdict, Fault> {
    let today = parse_date(&context.as_of).ok_or_else(|| {
        fault::unsupported("bad-date", format!("there is no date \"{}\"", context.as_of))
    })?;
    let Some(mobile) = facts::find(subject, "contact.attributes.mobile") else {
        return Ok(Verdict::Skip("the contact has no mobile number".to_owned()));
    };
    if !is_mobile(mobile) {
        return Err(fault::data(
            "mobile",
            format!(
                "account {}: contact.attributes.mobile is \"{}\", which is no \
                 international number; write it as \"+15551230001\"",
                subject.account,
                shown(mobile)
            ),
        ));
    }
    if let Some(last_on) = facts::find(subject, "contact.attributes.sms_last_on") {
        let last = parse_date(last_on).ok_or_else(|| no_date(subject, last_on))?;
        if (today - last).num_days() < DAYS_BETWEEN {
            return Ok(Verdict::Skip(format!(
                "the last reminder was sent on {last_on}: at most one a week"
            )));
        }
    }
    remind(today, plan, subject, mobile)
}

/// The reminder, if its text can be made.
fn remind(
    today: NaiveDate,
    plan: &Plan,
    subject: &Subject,
    mobile: &str,
) -> Result<Verdict, Fault> {
    let wanted = facts::find(subject, "contact.attributes.language").unwrap_or_default();
    let (language, template) = plan.text(wanted);
    let pointer = plan::pointer(language);
    let text = template.fill(subject, &pointer)?;
    if text.chars().any(is_control) {
        return Err(fault::data(
            "control-character",
            format!(
                "account {}: {pointer} would hold a control character; correct the facts that it \
                 names",
                subject.account
            ),
        ));
    }
    let characters = text.chars().count();
    if characters > TEXT_CHARACTERS_MAX {
        return Err(fault::data(
            "text-too-long",
            format!(
                "account {}: {pointer} would be {characters} characters long with this record's \
                 facts; at most {TEXT_CHARACTERS_MAX} are possible",
                subject.account
            ),
        ));
    }
    let send_on = plan.send_on(today);
    let sms = Sms {
        to: mobile,
        language,
        text,
        send_on: send_on.to_string(),
        not_before: &plan.from,
        not_after: &plan.until,
        once: format!("{}/{}", subject.account, iso_week(send_on)),
    };
    Ok(Verdict::Apply(vec![Effect::Custom(Custom {
        kind: "acme-sms-reminder/sms".to_owned(),
        schema_version: 1,
        body: serde_json::to_string(&sms).expect("texts are always JSON"),
    })]))
}

/// What no gateway sends: control characters, but for tabs and ends of lines.
fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// "+" and 8 to 15 digits.
fn is_mobile(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// Reads "2026-11-21". The parser of chrono takes other forms too.
fn parse_date(text: &str) -> Option<NaiveDate> {
    Date::parse(text)?;
    let year = text[..4].parse().ok()?;
    NaiveDate::from_ymd_opt(year, text[5..7].parse().ok()?, text[8..].parse().ok()?)
}

/// A value as a message shows it: a long one by how it begins.
fn shown(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}...", &value[..end]).into(),
        None => value.into(),
    }
}

/// "2026-W48": the week of ISO 8601, whose year may be another than the day's.
fn iso_week(day: NaiveDate) -> String {
    let week = day.iso_week();
    format!("{:04}-W{:02}", week.year(), week.week())
}

#[cold]
fn no_date(subject: &Subject, last_on: &str) -> Fault {
    fault::data(
        "sms-last-on",
        format!(
            "account {}: contact.attributes.sms_last_on is \"{}\", which is no date; \
             write it as \"2026-11-18\"",
            subject.account,
            shown(last_on)
        ),
    )
}
