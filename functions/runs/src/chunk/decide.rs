//! Step 2: decide. Pure; see `arrears_domain::decide`.

use super::{Item, LookMove, Read, RunContext, Settled, Snapshot};
use arrears_domain::decide::{self, Changed, Decision, EntryInputs, Explanation, Inputs, Outcome};

/// What was decided about a record that changes.
pub(crate) struct Decided {
    pub changed: Changed,
    pub explanation: Explanation,
}

/// Decides about each record that is still open.
pub(crate) fn decide(context: &RunContext, items: Vec<Item<()>>) -> Vec<Item<Decided>> {
    items.into_iter().map(|item| decide_one(context, item)).collect()
}

fn decide_one(context: &RunContext, item: Item<()>) -> Item<Decided> {
    let Item { key, snapshot, state, .. } = item;
    let (state, look) = match (&snapshot, state) {
        (Some(snapshot), Ok(())) => decision(context, snapshot),
        (None, Ok(())) => (Err(Settled::missing("record")), None),
        (_, Err(settled)) => (Err(settled), None),
    };
    Item { key, snapshot, state, look }
}

fn decision(
    context: &RunContext,
    snapshot: &Snapshot,
) -> (Result<Decided, Settled>, Option<LookMove>) {
    let setup = &context.prepared.setup;
    let Snapshot { read, account, contact } = snapshot;
    let (contact, as_of) = (contact.as_ref(), context.as_of);
    match read {
        Read::Record(delinquency) => {
            let inputs = Inputs { delinquency, account, contact, as_of };
            let decided = if context.steps.decrement_and_resolve {
                decide::settle_or_advance(setup, &inputs, context.steps.advance)
            } else {
                decide::decide(setup, &inputs)
            };
            (settled(decided), None)
        }
        Read::Entry { bill_type, mark, revision, delinquencies, items } => {
            let mut groups = setup.delinquency_groups.iter();
            let group = groups.find(|group| group.bill_type.as_deref() == Some(bill_type));
            let look = |next| LookMove {
                bill_type: bill_type.clone(),
                mark: *mark,
                revision: *revision,
                next,
            };
            let Some(group) = group else {
                // The setup has dropped the bill type: nobody has to look again.
                return (Err(Settled::no_group(bill_type)), Some(look(None)));
            };
            let inputs = EntryInputs { account, contact, delinquencies, items, as_of };
            let entry = decide::entry(setup, group, &inputs);
            (settled(entry.decision), Some(look(entry.look_again)))
        }
    }
}

fn settled(decision: Decision) -> Result<Decided, Settled> {
    let Decision { outcome, explanation } = decision;
    match outcome {
        Outcome::Change(changed) => Ok(Decided { changed: *changed, explanation }),
        Outcome::Omit(reason) => Err(Settled::Omitted { reason, explanation }),
        Outcome::Error(error) => Err(Settled::Failed {
            code: error.code().to_owned(),
            message: error.to_string(),
            explanation,
        }),
    }
}
