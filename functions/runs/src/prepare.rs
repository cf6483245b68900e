//! A setup made ready for its plugins.
//!
//! The domain checks a setup as far as it can without plugins. Here the rest is
//! checked: that a plugin performs each action type, that its config is what
//! the plugin's schema and the plugin itself allow, that what the config names
//! is defined, and that no text asks for facts that its records or payments do
//! not have. All of it happens when a setup is loaded, so that no run meets it.

mod texts;

use crate::catalog::{Catalog, Installed};
use crate::export::template::{self, SetupFacts, Sources, Templates};
use crate::subject::FactsNeeded;
use arrears_domain::setup::{Action, ExportSetup, ExportTemplate, Mistake, Source, Span};
use arrears_domain::{MilestoneCode, SchemeCode, Setup};
use arrears_host::contract::Definition;
use arrears_host::{ConfigError, Configuration, Plugin, Reference};
use std::collections::HashMap;
use std::sync::Arc;

/// A setup whose every action has its plugin and its configuration.
#[derive(Clone)]
pub struct Prepared {
    /// The setup.
    pub setup: Setup,
    actions: HashMap<(SchemeCode, MilestoneCode), Vec<PreparedAction>>,
    payment_actions: HashMap<String, Vec<(Action, PreparedAction)>>,
    templates: HashMap<String, Arc<Templates>>,
}

/// An action ready to be performed.
#[derive(Clone)]
pub struct PreparedAction {
    /// The action's type.
    pub action_type: String,
    /// What performs it, with its grant.
    pub installed: Installed,
    /// The config with the definitions that it names.
    pub configuration: Configuration,
    /// The facts that it asks for.
    pub facts_needed: FactsNeeded,
}

impl Prepared {
    /// Reads and checks a setup whole. The second part of the answer are
    /// warnings.
    ///
    /// # Errors
    /// Every mistake of the setup, the plugins' own included.
    pub fn read(
        sources: &[Source],
        catalog: &Catalog,
    ) -> Result<(Self, Vec<Mistake>), Vec<Mistake>> {
        let (mut actions, mut templates) = (HashMap::new(), HashMap::new());
        let mut payment_actions = HashMap::new();
        let checked = arrears_domain::setup::read_further(sources, |setup, is_named| {
            let mut preparation = Preparation { setup, catalog, is_named, mistakes: Vec::new() };
            actions = preparation.actions();
            payment_actions = preparation.payment_actions();
            templates = preparation.templates();
            preparation.mistakes
        })?;
        let prepared = Self { setup: checked.setup, actions, payment_actions, templates };
        Ok((prepared, checked.warnings))
    }

    /// The templates of an export setup.
    #[must_use]
    pub fn templates(&self, export_setup: &str) -> Option<&Arc<Templates>> {
        self.templates.get(export_setup)
    }

    /// The actions of a payment profile, in order.
    #[must_use]
    pub(crate) fn payment_actions(&self, profile: &str) -> &[(Action, PreparedAction)] {
        self.payment_actions.get(profile).map_or(&[], Vec::as_slice)
    }

    /// The plugin of this digest, if the setup has an action that it performs.
    #[must_use]
    pub fn plugin(&self, digest: &str) -> Option<&Plugin> {
        let of_payments = self.payment_actions.values().flatten().map(|(_, action)| action);
        let mut all = self.actions.values().flatten().chain(of_payments);
        all.find(|it| it.installed.plugin.digest() == digest).map(|it| &it.installed.plugin)
    }

    /// The actions of a milestone, in order.
    #[must_use]
    pub fn actions(&self, scheme: &SchemeCode, milestone: &MilestoneCode) -> &[PreparedAction] {
        self.actions.get(&(scheme.clone(), milestone.clone())).map_or(&[], Vec::as_slice)
    }
}

/// Finds plugin and configuration of every action, and what is wrong with them.
struct Preparation<'a> {
    setup: &'a Setup,
    catalog: &'a Catalog,
    /// Whether the sources define something, though perhaps with a mistake.
    is_named: &'a dyn Fn(&str, &str) -> bool,
    mistakes: Vec<Mistake>,
}

impl Preparation<'_> {
    fn actions(&mut self) -> HashMap<(SchemeCode, MilestoneCode), Vec<PreparedAction>> {
        let mut actions = HashMap::new();
        for scheme in self.setup.schemes.values() {
            for milestone in &scheme.milestones {
                let place = (scheme.code.clone(), milestone.code.clone());
                let prepared = milestone.actions.iter();
                let prepared = prepared.filter_map(|it| self.prepare(it, texts::Of::Record));
                actions.insert(place, prepared.collect());
            }
        }
        actions
    }

    fn payment_actions(&mut self) -> HashMap<String, Vec<(Action, PreparedAction)>> {
        let mut actions = HashMap::new();
        for profile in self.setup.payment_profiles.values() {
            let own = profile.actions.iter();
            let of = texts::Of::Payment;
            let prepared = own.filter_map(|it| Some((it.clone(), self.prepare(it, of)?)));
            actions.insert(profile.code.clone(), prepared.collect());
        }
        actions
    }

    fn templates(&mut self) -> HashMap<String, Arc<Templates>> {
        let mut templates = HashMap::new();
        for export in self.setup.export_setups.values() {
            match compile(self.setup, export) {
                Ok(compiled) => {
                    templates.insert(export.code.clone(), Arc::new(compiled));
                }
                Err(mistakes) => self.mistakes.extend(mistakes),
            }
        }
        templates
    }

    fn prepare(&mut self, action: &Action, of: texts::Of) -> Option<PreparedAction> {
        let Some(installed) = self.catalog.get(&action.action_type) else {
            let known: Vec<&str> =
                self.catalog.iter().map(|(action_type, _)| action_type).collect();
            let message = format!("no plugin performs actions of type `{}`", action.action_type);
            let mistake = Mistake::error("unknown-action-type", action.places.action, message);
            self.mistakes.push(mistake.hint(format!("known types: {}", known.join(", "))));
            return None;
        };
        let settings = action.config.to_string();
        // A config is a table of the setup, so that its JSON is always an object.
        let references = installed.plugin.references(&settings).unwrap_or_default();
        self.mistakes.extend(texts::check(self.setup, action, of, &references));
        let (definitions, all_found) = self.definitions(action, references);
        let configuration = Configuration { settings, definitions };
        // A plugin that is asked about definitions that do not exist would only
        // say the same thing again.
        if all_found && let Err(error) = installed.plugin.check_config(&configuration) {
            report(&error, installed, action, &mut self.mistakes);
        }
        Some(PreparedAction {
            action_type: action.action_type.clone(),
            facts_needed: FactsNeeded::of(installed.plugin.descriptor()),
            installed: installed.clone(),
            configuration,
        })
    }

    /// What the config names, looked up, and whether all of it was found.
    fn definitions(
        &mut self,
        action: &Action,
        references: Vec<Reference>,
    ) -> (Vec<Definition>, bool) {
        let (mut definitions, mut all_found) = (Vec::<Definition>::new(), true);
        for reference in references {
            let same = |it: &Definition| it.kind == reference.kind && it.code == reference.code;
            if definitions.iter().any(same) {
                continue;
            }
            if let Some(body) = self.setup.definition(&reference.kind, &reference.code) {
                let body = body.to_string();
                definitions.push(Definition { kind: reference.kind, code: reference.code, body });
                continue;
            }
            all_found = false;
            if !(self.is_named)(&reference.kind, &reference.code) {
                self.mistakes.push(undefined(self.setup, &reference, action));
            }
        }
        (definitions, all_found)
    }
}

/// The templates of an export setup, or what is wrong with them, each mistake
/// at its place in the text.
fn compile(setup: &Setup, export: &ExportSetup) -> Result<Templates, Vec<Mistake>> {
    let sources = match &export.template {
        ExportTemplate::Ready(ready) => template::ready(*ready),
        ExportTemplate::Written { header, record, trailer } => Sources {
            header: header.as_ref().map(|it| it.text.as_str()),
            record: &record.text,
            trailer: trailer.as_ref().map(|it| it.text.as_str()),
        },
    };
    let is_ready = matches!(export.template, ExportTemplate::Ready(_));
    let facts = SetupFacts::of(setup, export);
    Templates::compile_for(&sources, export.escape_in_force(), facts).map_err(|mistakes| {
        let located = mistakes.into_iter().map(|it| {
            let text = export.template.texts().find(|(key, _)| *key == it.part.as_str());
            let span = text.map_or(export.span, |(_, text)| text.span(it.offset, it.length));
            let message = format!("`{}`, line {}: {}", it.part.as_str(), it.line, it.message);
            // Nobody can edit what comes with the product.
            let of_ready = || "shorten what does not fit, or write a template of your own".into();
            let hint = if is_ready { Some(of_ready()) } else { it.hint };
            Mistake::error("bad-template", span, message).maybe_hint(hint)
        });
        located.collect()
    })
}

fn undefined(setup: &Setup, reference: &Reference, action: &Action) -> Mistake {
    let (kind, code) = (&reference.kind, &reference.code);
    let codes = setup.definition_codes(kind);
    let hint = if codes.is_empty() {
        format!("the setup defines no {kind} yet: define it before an action names it")
    } else {
        format!("defined: {}", codes.join(", "))
    };
    let message = format!("there is no {kind} `{code}`");
    Mistake::error("unknown-reference", place(action, &reference.pointer), message).hint(hint)
}

fn report(
    error: &ConfigError,
    installed: &Installed,
    action: &Action,
    mistakes: &mut Vec<Mistake>,
) {
    let id = &installed.plugin.descriptor().id;
    let mut add = |message: String, pointer: &str| {
        let hint =
            format!("`arrears plugin inspect {id}` shows what the config of this action may hold");
        let mistake = Mistake::error("invalid-config", place(action, pointer), message);
        mistakes.push(mistake.hint(hint));
    };
    match error {
        ConfigError::Settings(violations) => {
            violations.iter().for_each(|it| add(it.message.clone(), &it.pointer));
        }
        // A plugin that blames a value begins with its JSON pointer.
        other => {
            let text = other.to_string();
            let pointer = text.split([' ', ':']).find(|word| word.starts_with('/')).unwrap_or("");
            add(text.clone(), pointer);
        }
    }
}

/// Where a value of the config stands; the nearest value around it that has a
/// place, the action itself at last.
fn place(action: &Action, pointer: &str) -> Span {
    let mut pointer = pointer;
    loop {
        if let Some(span) = action.places.values.get(pointer) {
            return *span;
        }
        match pointer.rfind('/') {
            Some(end) => pointer = &pointer[..end],
            None => return action.places.action,
        }
    }
}
