//! Asking the plugins what each action comes to: for the records of a chunk,
//! and for those of a batch of events.
//!
//! Changes that perform the actions of one milestone on one event share them, so
//! each action is one batch. Actions are performed in the order of the setup; a
//! change for which one fails takes no part in the next, and nothing of it may
//! be written.

use crate::effects;
use crate::prepare::{Prepared, PreparedAction};
use crate::record::{PluginUse, Totals};
use crate::subject;
use arrears_domain::decide::{Changed, Explanation, Inputs};
use arrears_domain::{
    Account, ActionOutcome, Contact, Date, Made, MilestoneCode, PerformedAction, SchemeCode, Setup,
    Transition, TransitionEvent,
};
use arrears_host as host;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// What is the same for all changes that are acted on together.
#[derive(Clone, Copy)]
pub(crate) struct ActContext<'a> {
    pub prepared: &'a Prepared,
    pub setup_version: u32,
    pub agency: &'a str,
    /// What plugins are told of where they are called: a run key, or
    /// [`EVENTS_KEY`].
    pub run_key: &'a str,
    pub attempt: u32,
    /// The digests of plugins that are not to be called.
    pub quarantined: &'a BTreeSet<String>,
}

/// What plugins are told in place of a run key outside of runs.
pub(crate) const EVENTS_KEY: &str = "events";

/// A change on its way through its actions.
pub(crate) struct Work {
    /// The account as it will be, before any charge.
    pub account: Account,
    pub contact: Option<Contact>,
    pub changed: Changed,
    /// The entry of history, to which each action adds what it did.
    pub transition: Transition,
    /// The first action that failed: a code and a message.
    pub failure: Option<(String, String)>,
    /// Why none of its actions was performed, if one of them needs a plugin that is in
    /// quarantine.
    pub withheld: Option<String>,
}

impl Work {
    pub(crate) fn new(
        context: &ActContext<'_>,
        (account, contact): (&Account, Option<&Contact>),
        (changed, explanation): (Changed, Explanation),
        cause: &str,
    ) -> Self {
        let made = Made { cause, setup_version: context.setup_version };
        let transition = changed.transition(made, explanation);
        let contact = contact.cloned();
        let account = account.clone();
        Self { account, contact, changed, transition, failure: None, withheld: None }
    }
}

/// Whose actions are performed, on what, and when.
type Occasion = (SchemeCode, MilestoneCode, TransitionEvent, Date);

/// Performs the actions of each change.
pub(crate) fn act(context: &ActContext<'_>, works: &mut [Work], totals: &mut Totals) {
    let mut occasions: BTreeMap<Occasion, Vec<usize>> = BTreeMap::new();
    for (index, work) in works.iter_mut().enumerate() {
        work.withheld = withheld(context, &work.changed, totals);
        if work.withheld.is_some() {
            continue;
        }
        let Changed { after, milestone, event, on, .. } = &work.changed;
        if let Some(event) = event.performs() {
            let occasion = (after.scheme.clone(), milestone.clone(), event, *on);
            occasions.entry(occasion).or_default().push(index);
        }
    }
    for (occasion, indexes) in &occasions {
        let actions = context.prepared.actions(&occasion.0, &occasion.1);
        for (position, action) in actions.iter().enumerate() {
            Call { context, occasion, position, action }.perform(works, indexes, totals);
        }
    }
}

/// Why nothing is done about a change: all of its actions happen, or none.
fn withheld(context: &ActContext<'_>, changed: &Changed, totals: &mut Totals) -> Option<String> {
    changed.event.performs()?;
    let actions = context.prepared.actions(&changed.after.scheme, &changed.milestone);
    let mut planned = changed.actions.iter().filter_map(|planned| actions.get(planned.position));
    let is_barred =
        |action: &&PreparedAction| context.quarantined.contains(action.installed.plugin.digest());
    let action = planned.find(is_barred)?;
    totals.withhold(&action.installed.plugin);
    Some(in_quarantine(action))
}

/// Why an action is not performed.
pub(crate) fn in_quarantine(action: &PreparedAction) -> String {
    let host::Descriptor { id, version, .. } = action.installed.plugin.descriptor();
    format!("action {} needs plugin {id} {version}, which is in quarantine", action.action_type)
}

/// One action for all changes of an occasion.
struct Call<'a> {
    context: &'a ActContext<'a>,
    occasion: &'a Occasion,
    position: usize,
    action: &'a PreparedAction,
}

impl Call<'_> {
    fn perform(&self, works: &mut [Work], indexes: &[usize], totals: &mut Totals) {
        let takes_part = |index: &&usize| {
            let work = &works[**index];
            let mut planned = work.changed.actions.iter();
            work.failure.is_none() && planned.any(|action| action.position == self.position)
        };
        let indexes: Vec<usize> = indexes.iter().filter(takes_part).copied().collect();
        if indexes.is_empty() {
            return;
        }
        let plugin = &self.action.installed.plugin;
        let subjects: Vec<host::Subject> =
            indexes.iter().map(|index| self.subject(&works[*index])).collect();
        let started = Instant::now();
        let performed = plugin.perform(
            &self.action.installed.grant,
            &self.host_context(),
            &self.action.configuration,
            &subjects,
        );
        totals.process(&self.action.action_type, indexes.len() as u64, started.elapsed());
        totals.plugin(plugin, &performed);
        for (index, case) in indexes.into_iter().zip(performed.cases) {
            self.settle(&mut works[index], case);
        }
    }

    /// What the plugin is told: the record as it will be.
    fn subject(&self, work: &Work) -> host::Subject {
        let inputs = Inputs {
            delinquency: &work.changed.after,
            account: &work.account,
            contact: work.contact.as_ref(),
            as_of: work.changed.on,
        };
        subject::subject(&self.context.prepared.setup, &inputs, &self.action.facts_needed)
    }

    fn host_context(&self) -> host::Context {
        let (scheme, milestone, event, on) = self.occasion;
        let found = self.context.prepared.setup.milestone(scheme, milestone);
        host::Context {
            run_key: self.context.run_key.to_owned(),
            agency: self.context.agency.to_owned(),
            scheme: scheme.to_string(),
            milestone: milestone.to_string(),
            level: found.map_or(0, |(_, it)| it.level),
            event: subject::event(*event),
            as_of: on.to_string(),
            attempt: self.context.attempt,
        }
    }

    fn settle(&self, work: &mut Work, case: host::Case) {
        match self.outcome(case) {
            Ok(outcome) => work.transition.actions.push(PerformedAction {
                position: u32::try_from(self.position).unwrap_or(u32::MAX),
                action_type: self.action.action_type.clone(),
                plugin_digest: self.action.installed.plugin.digest().to_owned(),
                outcome,
            }),
            Err((code, message)) => {
                let message = format!("action {}: {message}", self.action.action_type);
                work.failure = Some((code, message));
            }
        }
    }

    fn outcome(&self, case: host::Case) -> Result<ActionOutcome, (String, String)> {
        outcome(&self.context.prepared.setup, case)
    }
}

/// What an action came to, or a code and a message.
pub(crate) fn outcome(setup: &Setup, case: host::Case) -> Result<ActionOutcome, (String, String)> {
    match case {
        host::Case::Apply(effects) => effects
            .into_iter()
            .map(|effect| effects::accept(setup, effect))
            .collect::<Result<Vec<_>, _>>()
            .map(ActionOutcome::Applied)
            .map_err(|error| ("EFFECT_REFUSED".to_owned(), error.to_string())),
        host::Case::Skip(reason) => Ok(ActionOutcome::Skipped(reason)),
        host::Case::Failed(error) => Err((code(&error).to_owned(), error.to_string())),
    }
}

/// A stable word for reports.
fn code(error: &host::CaseError) -> &'static str {
    use host::FailureKind;
    match error {
        host::CaseError::Fault(_) => "ACTION_REFUSED",
        host::CaseError::Failure(failure) => match failure.kind {
            FailureKind::Trap => "PLUGIN_TRAP",
            FailureKind::Stack => "PLUGIN_STACK",
            FailureKind::Fuel => "PLUGIN_FUEL",
            FailureKind::Deadline => "PLUGIN_DEADLINE",
            FailureKind::Memory => "PLUGIN_MEMORY",
            FailureKind::Output => "PLUGIN_OUTPUT",
            FailureKind::Contract => "PLUGIN_CONTRACT",
            FailureKind::Stopped => "PLUGIN_STOPPED",
            FailureKind::DuplicateSubject => "DUPLICATE_SUBJECT",
            FailureKind::Start => "PLUGIN_START",
        },
    }
}

impl Totals {
    fn plugin_use(&mut self, plugin: &host::Plugin) -> &mut PluginUse {
        let host::Descriptor { id, version, .. } = plugin.descriptor();
        let own = self.plugins.entry(plugin.digest().to_owned()).or_default();
        own.name = format!("{id} {version}");
        own
    }

    /// Counts a record about which nothing is done, since the plugin is in quarantine.
    pub(crate) fn withhold(&mut self, plugin: &host::Plugin) {
        let own = self.plugin_use(plugin);
        own.withheld += 1;
        own.is_quarantined = true;
    }

    pub(crate) fn plugin(&mut self, plugin: &host::Plugin, performed: &host::Performed) {
        let usage = &performed.usage;
        let own = self.plugin_use(plugin);
        own.calls += usage.calls;
        own.cases += usage.cases;
        own.fuel += usage.fuel;
        own.duration_us += u64::try_from(usage.wall.as_micros()).unwrap_or(u64::MAX);
        own.memory_high_water_bytes =
            own.memory_high_water_bytes.max(usage.memory_high_water_bytes as u64);
        own.strikes += performed.strikes.len() as u64;
    }
}
