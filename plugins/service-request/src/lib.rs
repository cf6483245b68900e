//! The built-in action `service-request`: asks a crew or a colleague to do
//! something, such as to turn off the water.
//!
//! The request type says what it is called, how urgent it is and whose queue it
//! goes to; the config may say otherwise for this milestone. Summary and fields
//! may hold facts of the record, as `arrears_action_sdk::template` describes.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "service-request"
//! config = { request_type = "SHUT-OFF", summary = "Turn off service of {{account.id}}", priority = 2 }
//! ```

use std::collections::BTreeMap;

use arrears_action_sdk::fields::{Fields, pointer};
use arrears_action_sdk::template::Template;
use arrears_action_sdk::{
    Action, Context, Definitions, Effect, EffectKind, Fault, Manifest, ServiceRequest, Subject,
    Verdict, fault,
};
use serde::Deserialize;

/// How urgent a request is of which nobody says how urgent it is.
const PRIORITY_DEFAULT: u8 = 3;

/// The action.
#[derive(Debug)]
pub struct ServiceRequestAction;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    request_type: String,
    summary: Option<String>,
    priority: Option<u8>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// A request type, as the setup defines it.
#[derive(Debug, Deserialize)]
struct RequestType {
    name: String,
    priority: Option<u8>,
    queue: Option<String>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    request_type: String,
    summary: Template,
    priority: u8,
    fields: Fields,
}

impl Action for ServiceRequestAction {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-service-request",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Asks a crew or a colleague to do something",
        actions: &["service-request"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &["account.*", "agency.*", "contact.*", "delinquency.*"],
        effects_used: &[EffectKind::ServiceRequest],
        max_batch: 1_000,
        fuel_per_item: 1_000_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, definitions: &Definitions) -> Result<Plan, Fault> {
        let defined: RequestType =
            definitions.find("request-type", &config.request_type, "/request_type")?;
        let priority = config.priority.or(defined.priority).unwrap_or(PRIORITY_DEFAULT);
        if !(1..=5).contains(&priority) {
            return Err(fault::config(
                "bad-priority",
                format!("the priority is {priority}; it must be 1, the most urgent, to 5"),
            ));
        }
        let summary = match config.summary {
            Some(text) => Template::parse(&text, "/summary")?,
            None => Template::literal(defined.name),
        };
        let mut texts = config.fields;
        let is_queue_replaced = texts.contains_key("queue");
        if let Some(queue) = defined.queue
            && !is_queue_replaced
        {
            texts.insert("queue".to_owned(), queue);
        }
        Ok(Plan {
            request_type: config.request_type,
            summary,
            priority,
            fields: Fields::parse(texts, |name| pointer("/fields", name))?,
        })
    }

    fn decide(_: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        request(plan, subject).unwrap_or_else(Verdict::Fail)
    }
}

arrears_action_sdk::export_action!(ServiceRequestAction);

fn request(plan: &Plan, subject: &Subject) -> Result<Verdict, Fault> {
    Ok(Verdict::Apply(vec![Effect::ServiceRequest(ServiceRequest {
        request_type: plan.request_type.clone(),
        summary: plan.summary.fill(subject, "the summary")?,
        priority: plan.priority,
        fields: plan.fields.fill(subject)?,
    })]))
}
