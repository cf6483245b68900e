//! The built-in action `credit-rating`: adds points to the credit history of
//! the account's primary contact. More points mean a worse rating.
//!
//! The points are those of the milestone's severity, and further ones for each
//! so many days that the oldest debt is past due. An account without a contact
//! has no credit history: it is skipped.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "credit-rating"
//! config = { points_by_severity = { "1" = 5, "3" = 20 }, past_due = { per_days = 30, points = 1, maximum = 10 } }
//! ```

use std::collections::BTreeMap;

use arrears_action_sdk::{
    Action, Context, CreditPoints, Definitions, Effect, EffectKind, Fault, Manifest, Subject,
    Verdict, fault,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct CreditRating;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    points: Option<u16>,
    #[serde(default)]
    points_by_severity: BTreeMap<String, u16>,
    past_due: Option<PastDue>,
    reason: Option<String>,
}

/// Points for the age of the debt.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct PastDue {
    per_days: u32,
    points: u16,
    maximum: Option<u16>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    points: u32,
    /// Milestone levels with their points, rising.
    points_by_severity: Vec<(u32, u32)>,
    past_due: Option<PastDue>,
    reason: Option<String>,
}

impl Action for CreditRating {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-credit-rating",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Adds points to the contact's credit history, by severity and age of the debt",
        actions: &["credit-rating"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &[],
        effects_used: &[EffectKind::CreditPoints],
        max_batch: 1_000,
        fuel_per_item: 100_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, _: &Definitions) -> Result<Plan, Fault> {
        if config.points.is_none()
            && config.points_by_severity.is_empty()
            && config.past_due.is_none()
        {
            return Err(fault::config(
                "no-points",
                "give /points, /points_by_severity or /past_due",
            ));
        }
        if config.past_due.is_some_and(|past_due| past_due.per_days == 0) {
            return Err(fault::config("bad-days", "/past_due/per_days: it must be at least 1"));
        }
        let mut points_by_severity = config
            .points_by_severity
            .iter()
            .map(|(level, points)| Ok((parse_level(level)?, u32::from(*points))))
            .collect::<Result<Vec<_>, Fault>>()?;
        points_by_severity.sort_unstable();
        Ok(Plan {
            points: u32::from(config.points.unwrap_or(0)),
            points_by_severity,
            past_due: config.past_due,
            reason: config.reason,
        })
    }

    fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        if subject.contact.is_empty() {
            return Verdict::Skip("the account has no contact to rate".to_owned());
        }
        let points = plan.severity_points(context.level)
            + plan.past_due.map_or(0, |past_due| past_due.points_for(subject.days_past_due));
        if points == 0 {
            return Verdict::Skip("it comes to no points".to_owned());
        }
        let reason = plan.reason.clone().unwrap_or_else(|| {
            format!(
                "{} ({}), {} days past due",
                context.milestone, context.level, subject.days_past_due
            )
        });
        Verdict::Apply(vec![Effect::CreditPoints(CreditPoints { points, reason })])
    }
}

arrears_action_sdk::export_action!(CreditRating);

impl Plan {
    /// The points of the highest listed severity that the level reaches;
    /// `points` if it reaches none.
    fn severity_points(&self, level: u32) -> u32 {
        self.points_by_severity
            .iter()
            .rev()
            .find(|(from, _)| *from <= level)
            .map_or(self.points, |(_, points)| *points)
    }
}

impl PastDue {
    /// Points for each full `per_days`, up to the maximum.
    fn points_for(self, days_past_due: u32) -> u32 {
        let points = (days_past_due / self.per_days).saturating_mul(u32::from(self.points));
        points.min(u32::from(self.maximum.unwrap_or(POINTS_MAX)))
    }
}

/// The most points that the age of a debt adds if the config gives no maximum,
/// and that the schema lets a severity have.
const POINTS_MAX: u16 = 1_000;

fn parse_level(text: &str) -> Result<u32, Fault> {
    let is_plain = !text.starts_with('0') || text == "0";
    text.parse().ok().filter(|_| is_plain && !text.starts_with('+')).ok_or_else(|| {
        fault::config(
            "bad-level",
            format!(
                "/points_by_severity: {text:?} is not a milestone's level; write a whole \
                     number such as \"2\""
            ),
        )
    })
}
