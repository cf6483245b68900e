//! The built-in action `notice`: sends correspondence, a letter or an e-mail or
//! what else the agency has defined, with its fields filled in.
//!
//! The fields and their texts come from the correspondence process; the config
//! may replace some for this milestone. A text may hold facts of the record, as
//! `arrears_action_sdk::template` describes. A letter with a hole in it is not
//! sent: if the record lacks a fact and the text gives no default, the record
//! becomes an error that names both.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "notice"
//! config = { correspondence = "REMINDER-1", fields = { salutation = "Dear {{contact.name | else \"customer\"}}" } }
//! ```

use std::collections::BTreeMap;

use arrears_action_sdk::fields::{Fields, pointer};
use arrears_action_sdk::{
    Action, Context, Definitions, Effect, EffectKind, Fault, Manifest, Notice, Subject, Verdict,
    fault,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct NoticeAction;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    correspondence: String,
    channel: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    skip_when_no_contact: bool,
}

/// A correspondence process, as the setup defines it.
#[derive(Debug, Deserialize)]
struct Correspondence {
    channel: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    correspondence: String,
    channel: String,
    fields: Fields,
    skip_when_no_contact: bool,
}

impl Action for NoticeAction {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-notice",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Sends correspondence with its fields filled in",
        actions: &["notice"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &["account.*", "agency.*", "contact.*", "delinquency.*", "payment.*"],
        effects_used: &[EffectKind::Notice],
        max_batch: 1_000,
        fuel_per_item: 1_000_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, definitions: &Definitions) -> Result<Plan, Fault> {
        let defined: Correspondence =
            definitions.find("correspondence", &config.correspondence, "/correspondence")?;
        check_names(&config, &defined)?;
        let channel = config.channel.or(defined.channel).ok_or_else(|| {
            fault::config(
                "no-channel",
                format!(
                    "/channel: neither the config nor the correspondence {:?} says by which \
                     channel it goes; give one, such as \"letter\"",
                    config.correspondence
                ),
            )
        })?;
        let replaced: Vec<String> = config.fields.keys().cloned().collect();
        let mut texts = defined.fields;
        texts.extend(config.fields);
        let fields = Fields::parse(texts, |name| {
            if replaced.iter().any(|known| known == name) {
                pointer("/fields", name)
            } else {
                let code = &config.correspondence;
                format!("/correspondence: field {name:?} of {code:?}")
            }
        })?;
        Ok(Plan {
            correspondence: config.correspondence,
            channel,
            fields,
            skip_when_no_contact: config.skip_when_no_contact,
        })
    }

    fn decide(_: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        if plan.skip_when_no_contact && subject.contact.is_empty() {
            return Verdict::Skip("the account has no contact to write to".to_owned());
        }
        match plan.fields.fill(subject) {
            Err(fault) => Verdict::Fail(fault),
            Ok(fields) => Verdict::Apply(vec![Effect::Notice(Notice {
                correspondence: plan.correspondence.clone(),
                channel: plan.channel.clone(),
                fields,
            })]),
        }
    }
}

arrears_action_sdk::export_action!(NoticeAction);

/// A field that the correspondence does not have is a slip of the pen: nothing
/// would print it. A correspondence that lists none takes any.
fn check_names(config: &Config, defined: &Correspondence) -> Result<(), Fault> {
    if defined.fields.is_empty() {
        return Ok(());
    }
    let known = || {
        let names: Vec<&str> = defined.fields.keys().map(String::as_str).collect();
        names.join(", ")
    };
    match config.fields.keys().find(|name| !defined.fields.contains_key(*name)) {
        None => Ok(()),
        Some(name) => Err(fault::config(
            "unknown-field",
            format!(
                "{}: the correspondence {:?} has no such field; it has {}",
                pointer("/fields", name),
                config.correspondence,
                known()
            ),
        )),
    }
}
