//! Step 2: decide. Pure; see `arrears_domain::decide`.

use super::{Item, LookMove, Read, RunContext, Settled, Snapshot};
use arrears_domain::decide::{self, Changed, Decision, EntryInputs, Explanation, Inputs, Outcome};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

/// What was decided about a record that changes.
pub(crate) struct Decided {
    pub changed: Changed,
    pub explanation: Explanation,
}

/// Decides about each record that is still open.
pub(crate) fn decide(context: &RunContext, items: Vec<Item<()>>) -> Vec<Item<Decided>> {
    items.into_iter().map(|item| decide_one(context, item)).collect()
}

/// What a panic said.
pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// A defect that one record brings to light is that record's error, and takes no
/// other record with it.
fn contained<T>(
    decide: impl FnOnce() -> (Result<T, Settled>, Option<LookMove>),
) -> (Result<T, Settled>, Option<LookMove>) {
    // Whatever is decided is made anew for each record, and nothing of it survives.
    panic::catch_unwind(AssertUnwindSafe(decide)).unwrap_or_else(|payload| {
        let message = format!(
            "arrears itself has failed at this record: {}; nothing of it is written; please report \
             this with the record's line of the book",
            words(&*payload)
        );
        let explanation = Explanation::default();
        (Err(Settled::Failed { code: "PANICKED".to_owned(), message, explanation }), None)
    })
}

fn decide_one(context: &RunContext, item: Item<()>) -> Item<Decided> {
    let Item { key, snapshot, state, .. } = item;
    let (state, look) = match (&snapshot, state) {
        (Some(snapshot), Ok(())) => contained(|| decision(context, snapshot)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_error_of_the_record_that_brings_it_to_light() {
        let none: Option<LookMove> = None;
        let (state, look) = contained::<()>(|| panic!("index {} of nothing", 3));
        let Err(Settled::Failed { code, message, .. }) = state else { panic!("it is an error") };
        assert_eq!(code, "PANICKED");
        assert!(message.contains("index 3 of nothing"), "{message}");
        assert!(look.is_none());
        assert!(contained(|| (Ok(1), none)).0.is_ok());
    }
}
