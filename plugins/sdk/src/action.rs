//! What an author writes, and how it becomes the exports of a component.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::bindings::exports::arrears::action::action::Guest;
use crate::log::report_panics;
use crate::{
    Configuration, Context, Decision, Definitions, Descriptor, EffectKind, Fault, Subject, Verdict,
    fault,
};

/// A milestone action: three pure pieces, of which the SDK makes a component.
///
/// ```
/// use arrears_action_sdk::{
///     Action, Context, Definitions, Effect, EffectKind, Fault, LogEntry, Manifest, Severity,
///     Subject, Verdict,
/// };
///
/// struct Greeting;
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     text: String,
/// }
///
/// impl Action for Greeting {
///     const MANIFEST: Manifest = Manifest {
///         id: "acme-greeting",
///         version: "1.0.0",
///         summary: "Writes a greeting into the account's log",
///         actions: &["acme:greeting"],
///         config_schema: r#"{"type":"object","properties":{"text":{"type":"string"}}}"#,
///         facts_needed: &[],
///         effects_used: &[EffectKind::LogEntry],
///         max_batch: 1_000,
///         fuel_per_item: 50_000,
///     };
///     type Config = Config;
///     type Plan = String;
///
///     fn prepare(config: Config, _: &Definitions) -> Result<String, Fault> {
///         Ok(config.text)
///     }
///
///     fn decide(_: &Context, text: &String, _: &Subject) -> Verdict {
///         let entry = LogEntry { severity: Severity::Info, message: text.clone() };
///         Verdict::Apply(vec![Effect::LogEntry(entry)])
///     }
/// }
///
/// arrears_action_sdk::export_action!(Greeting);
/// ```
pub trait Action {
    /// What the plugin says of itself.
    const MANIFEST: Manifest;

    /// The action's `config` table, in the shape of the manifest's schema.
    type Config: DeserializeOwned;

    /// The config, checked and made ready: amounts parsed, templates cut up.
    type Plan;

    /// Checks a config against the definitions that it names and makes the
    /// plan that [`decide`](Self::decide) follows. It is run when a setup is
    /// loaded, to find mistakes, and once at the head of each batch.
    ///
    /// # Errors
    /// A [`Fault`] for the person who wrote the setup: where the mistake is, as
    /// a JSON pointer into the config, and what to do about it.
    fn prepare(config: Self::Config, definitions: &Definitions) -> Result<Self::Plan, Fault>;

    /// Decides for one subject. It must depend on its arguments alone.
    fn decide(context: &Context, plan: &Self::Plan, subject: &Subject) -> Verdict;
}

/// A [`Descriptor`] whose texts are known when the plugin is compiled. See
/// `wit/types.wit` for the rules that each field keeps.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// Lower-case letters, digits and hyphens: "acme-sms".
    pub id: &'static str,
    /// Semantic version of the plugin.
    pub version: &'static str,
    /// One line for the person who chooses an action in the setup.
    pub summary: &'static str,
    /// The action types that it performs.
    pub actions: &'static [&'static str],
    /// JSON Schema of the config; keep it in a file and `include_str!` it.
    pub config_schema: &'static str,
    /// The facts that [`Action::decide`] reads. Each costs something in every
    /// call: ask for no more than you use.
    pub facts_needed: &'static [&'static str],
    /// The effects that it may return.
    pub effects_used: &'static [EffectKind],
    /// The most subjects that it takes in one call.
    pub max_batch: u32,
    /// The most instructions that a subject may cost. A batch of one pays for
    /// [`Action::prepare`] too.
    pub fuel_per_item: u64,
}

impl Manifest {
    /// The descriptor as it crosses the boundary.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Descriptor {
            id: self.id.to_owned(),
            version: self.version.to_owned(),
            summary: self.summary.to_owned(),
            actions: owned(self.actions),
            config_schema: self.config_schema.to_owned(),
            facts_needed: owned(self.facts_needed),
            effects_used: self.effects_used.to_vec(),
            max_batch: self.max_batch,
            fuel_per_item: self.fuel_per_item,
        }
    }
}

/// Decodes the settings of a configuration and makes the plan of it.
///
/// # Errors
/// Code `bad-config` if the settings do not have the shape of
/// [`Action::Config`]; otherwise what [`Action::prepare`] finds.
pub fn plan<A: Action>(configuration: &Configuration) -> Result<A::Plan, Fault> {
    let config = serde_json::from_str(&configuration.settings).map_err(|error| {
        fault::config(
            "bad-config",
            format!("the config does not fit this action's schema: {error}"),
        )
    })?;
    A::prepare(config, &Definitions::new(&configuration.definitions))
}

/// Turns an [`Action`] into the three functions of the world; used by
/// [`export_action!`](crate::export_action).
#[derive(Debug)]
pub struct Exported<A>(PhantomData<A>);

impl<A: Action> Guest for Exported<A> {
    fn describe() -> Descriptor {
        report_panics();
        A::MANIFEST.descriptor()
    }

    fn check_config(configuration: Configuration) -> Result<(), Fault> {
        report_panics();
        plan::<A>(&configuration).map(|_| ())
    }

    fn perform(
        context: Context,
        configuration: Configuration,
        batch: Vec<Subject>,
    ) -> Result<Vec<Decision>, Fault> {
        report_panics();
        let plan = plan::<A>(&configuration)?;
        Ok(batch
            .into_iter()
            .map(|subject| {
                let verdict = A::decide(&context, &plan, &subject);
                Decision { key: subject.key, verdict }
            })
            .collect())
    }
}

/// Exports an [`Action`](crate::Action) as the component's world. On any other
/// target than `wasm32` it exports nothing, so that tests run natively.
#[macro_export]
macro_rules! export_action {
    ($action:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Component = $crate::Exported<$action>;
    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}
