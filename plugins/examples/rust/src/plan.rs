//! The config, checked and made ready for a batch.

use std::collections::BTreeMap;

use arrears_action_sdk::{Fault, fault, template::Template};
use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

/// The facts that a text may hold: those that the manifest asks for.
const TEXT_FACTS: [&str; 3] = ["contact.name", "account.balance", "agency.name"];

const DAYS_OF_WEEK: usize = 7;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    texts: BTreeMap<String, String>,
    default_language: String,
    from: String,
    until: String,
    #[serde(default)]
    quiet_days: Vec<Weekday>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    texts: BTreeMap<String, Template>,
    default_language: String,
    /// The time of day from which a reminder may be sent: "09:00".
    pub from: String,
    /// The time of day until which a reminder may be sent.
    pub until: String,
    quiet_days: Vec<Weekday>,
}

impl Plan {
    /// Checks a config for what its schema cannot say.
    pub(crate) fn new(config: Config) -> Result<Self, Fault> {
        let Config { texts, default_language, from, until, quiet_days } = config;
        if until <= from {
            return Err(fault::config(
                "quiet-hours",
                format!(
                    "/until: {until} is not later than /from, which is {from}; give a later time"
                ),
            ));
        }
        if quiet_days.len() == DAYS_OF_WEEK {
            return Err(fault::config(
                "no-day",
                "/quiet_days: all days of the week are quiet, and no reminder could ever be \
                 sent; leave one out",
            ));
        }
        if !texts.contains_key(&default_language) {
            let tags: Vec<&str> = texts.keys().map(String::as_str).collect();
            return Err(fault::config(
                "no-text",
                format!(
                    "/default_language: there is no text for \"{default_language}\" in /texts; \
                     add it, or name one of: {}",
                    tags.join(", ")
                ),
            ));
        }
        let texts = texts
            .into_iter()
            .map(|(tag, text)| {
                let template = parse(&text, &pointer(&tag))?;
                Ok((tag, template))
            })
            .collect::<Result<_, Fault>>()?;
        Ok(Self { texts, default_language, from, until, quiet_days })
    }

    /// The text in a language, or in the one that it is a variant of, or in the
    /// default language; and which one that is.
    pub(crate) fn text(&self, wanted: &str) -> (&str, &Template) {
        let general = wanted.split('-').next().unwrap_or_default();
        [wanted, general, &self.default_language]
            .into_iter()
            .find_map(|tag| self.texts.get_key_value(tag))
            .map(|(tag, template)| (tag.as_str(), template))
            .expect("there is a text in the default language")
    }

    /// A day, or the next one that is not quiet.
    pub(crate) fn send_on(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days()
            .find(|day| !self.quiet_days.contains(&day.weekday()))
            .expect("a day of the week is not quiet")
    }
}

/// Where the text in a language stands in the config.
pub(crate) fn pointer(tag: &str) -> String {
    format!("/texts/{tag}")
}

/// Cuts a text at its facts, which must be facts that this action is told.
fn parse(text: &str, pointer: &str) -> Result<Template, Fault> {
    let mut rest = text;
    while let Some((inside, after)) =
        rest.split_once("{{").and_then(|(_, after)| after.split_once("}}"))
    {
        let name = inside.split('|').next().unwrap_or_default().trim();
        if !TEXT_FACTS.contains(&name) {
            return Err(fault::config(
                "unknown-fact",
                format!(
                    "{pointer}: \"{name}\" is no fact that a text may hold; these are: {}",
                    TEXT_FACTS.join(", ")
                ),
            ));
        }
        rest = after;
    }
    Template::parse(text, pointer)
}
