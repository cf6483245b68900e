//! Step 3: ask the plugins what each action comes to.
//!
//! Records that come to the same milestone share their actions, so each action
//! is one batch. Actions are performed in the order of the setup; a record for
//! which one fails takes no part in the next, and nothing of it is written.

use super::decide::Decided;
use super::{Item, RunContext, Settled, Snapshot};
use crate::effects;
use crate::prepare::PreparedAction;
use crate::record::Totals;
use crate::subject::{self, FactsNeeded};
use arrears_domain::decide::{Due, Inputs, PlannedAction};
use arrears_domain::{
    ActionOutcome, Delinquency, MilestoneCode, PerformedAction, SchemeCode, Setup, Transition,
    TransitionEvent,
};
use arrears_host as host;
use std::collections::BTreeMap;
use std::time::Instant;

/// A record that moves on, with all that is to be written.
pub(crate) struct Acted {
    pub after: Delinquency,
    pub due: Due,
    pub transition: Transition,
}

/// The records that come to one milestone, by their index.
type Arrivals = BTreeMap<(SchemeCode, MilestoneCode), Vec<usize>>;

/// Performs the actions of each record that moves on.
pub(super) fn act(
    context: &RunContext,
    items: Vec<Item<Decided>>,
    attempt: u32,
    totals: &mut Totals,
) -> Vec<Item<Acted>> {
    let mut arrivals = Arrivals::new();
    let mut items: Vec<Item<(Acted, Vec<PlannedAction>)>> = items
        .into_iter()
        .map(|item| item.step(|snapshot, decided| Ok(begin(context, snapshot, decided))))
        .collect();
    for (index, item) in items.iter().enumerate() {
        if let Ok((acted, _)) = &item.state {
            let place = (acted.after.scheme.clone(), acted.after.milestone.clone());
            arrivals.entry(place).or_default().push(index);
        }
    }
    for ((scheme, milestone), indexes) in &arrivals {
        let actions = context.prepared.actions(scheme, milestone);
        for (position, action) in actions.iter().enumerate() {
            let call = Call { context, scheme, milestone, position, action, attempt };
            call.perform(&mut items, indexes, totals);
        }
    }
    items.into_iter().map(|item| item.step(|_, (acted, _)| Ok(acted))).collect()
}

/// The transition as far as it is known before any action is performed.
fn begin(
    context: &RunContext,
    snapshot: &Snapshot,
    decided: Decided,
) -> (Acted, Vec<PlannedAction>) {
    let Decided { advance, explanation } = decided;
    let mut after = advance.after;
    after.last_cause = Some(context.run_key.to_string());
    let transition = Transition {
        delinquency: after.id.clone(),
        account: after.account.clone(),
        sequence: after.sequence,
        event: TransitionEvent::EntryOrIncrement,
        scheme: after.scheme.clone(),
        from: Some(snapshot.delinquency.milestone.clone()),
        to: Some(after.milestone.clone()),
        on: context.as_of,
        cause: context.run_key.to_string(),
        setup_version: context.setup_version,
        actions: Vec::with_capacity(advance.actions.len()),
        explanation,
    };
    (Acted { after, due: advance.due, transition }, advance.actions)
}

/// One action for all records that come to its milestone.
struct Call<'a> {
    context: &'a RunContext,
    scheme: &'a SchemeCode,
    milestone: &'a MilestoneCode,
    position: usize,
    action: &'a PreparedAction,
    attempt: u32,
}

impl Call<'_> {
    fn perform(
        &self,
        items: &mut [Item<(Acted, Vec<PlannedAction>)>],
        indexes: &[usize],
        totals: &mut Totals,
    ) {
        let takes_part = |index: &&usize| {
            items[**index].state.as_ref().is_ok_and(|(_, planned)| {
                planned.iter().any(|action| action.position == self.position)
            })
        };
        let indexes: Vec<usize> = indexes.iter().filter(takes_part).copied().collect();
        if indexes.is_empty() {
            return;
        }
        let plugin = &self.action.installed.plugin;
        let needed = FactsNeeded::of(plugin.descriptor());
        let subjects: Vec<host::Subject> =
            indexes.iter().map(|index| self.subject(&items[*index], &needed)).collect();
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
            self.settle(&mut items[index], case);
        }
    }

    /// What the plugin is told: the record as it will be.
    fn subject(
        &self,
        item: &Item<(Acted, Vec<PlannedAction>)>,
        needed: &FactsNeeded,
    ) -> host::Subject {
        let (Ok((acted, _)), Some(snapshot)) = (&item.state, &item.snapshot) else {
            unreachable!("only open records take part in an action")
        };
        let inputs = Inputs {
            delinquency: &acted.after,
            account: &snapshot.account,
            contact: snapshot.contact.as_ref(),
            as_of: self.context.as_of,
        };
        subject::subject(&self.context.prepared.setup, &inputs, needed)
    }

    fn host_context(&self) -> host::Context {
        let setup: &Setup = &self.context.prepared.setup;
        host::Context {
            run_key: self.context.run_key.to_string(),
            agency: self.context.store.agency().to_string(),
            scheme: self.scheme.to_string(),
            milestone: self.milestone.to_string(),
            level: setup.milestone(self.scheme, self.milestone).map_or(0, |(_, it)| it.level),
            event: subject::event(TransitionEvent::EntryOrIncrement),
            as_of: self.context.as_of.to_string(),
            attempt: self.attempt,
        }
    }

    fn settle(&self, item: &mut Item<(Acted, Vec<PlannedAction>)>, case: host::Case) {
        let Ok((acted, _)) = &mut item.state else {
            unreachable!("only open records take part in an action")
        };
        match self.outcome(case) {
            Ok(outcome) => acted.transition.actions.push(PerformedAction {
                position: u32::try_from(self.position).unwrap_or(u32::MAX),
                action_type: self.action.action_type.clone(),
                plugin_digest: self.action.installed.plugin.digest().to_owned(),
                outcome,
            }),
            Err((code, message)) => {
                let explanation = std::mem::take(&mut acted.transition.explanation);
                let message = format!("action {}: {message}", self.action.action_type);
                item.state = Err(Settled::Failed { code, message, explanation });
            }
        }
    }

    fn outcome(&self, case: host::Case) -> Result<ActionOutcome, (String, String)> {
        let setup = &self.context.prepared.setup;
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
    fn plugin(&mut self, plugin: &host::Plugin, performed: &host::Performed) {
        let descriptor = plugin.descriptor();
        let usage = &performed.usage;
        let own = self.plugins.entry(plugin.digest().to_owned()).or_default();
        own.name = format!("{} {}", descriptor.id, descriptor.version);
        own.calls += usage.calls;
        own.cases += usage.cases;
        own.fuel += usage.fuel;
        own.duration_us += u64::try_from(usage.wall.as_micros()).unwrap_or(u64::MAX);
        own.memory_high_water_bytes =
            own.memory_high_water_bytes.max(usage.memory_high_water_bytes as u64);
        own.strikes += performed.strikes.len() as u64;
    }
}
