//! Step 2: decide. Pure; see `arrears_domain::decide`.

use super::{Item, RunContext, Settled, Snapshot};
use arrears_domain::decide::{Advance, Decision, Explanation, Inputs, Outcome};

/// What was decided about a record that moves on.
pub(crate) struct Decided {
    pub advance: Advance,
    pub explanation: Explanation,
}

/// Decides about each record that is still open.
pub(super) fn decide(context: &RunContext, items: Vec<Item<()>>) -> Vec<Item<Decided>> {
    items.into_iter().map(|item| item.step(|snapshot, ()| decide_one(context, snapshot))).collect()
}

fn decide_one(context: &RunContext, snapshot: &Snapshot) -> Result<Decided, Settled> {
    let inputs = Inputs {
        delinquency: &snapshot.delinquency,
        account: &snapshot.account,
        contact: snapshot.contact.as_ref(),
        as_of: context.as_of,
    };
    let Decision { outcome, explanation } =
        arrears_domain::decide::decide(&context.prepared.setup, &inputs);
    match outcome {
        Outcome::Advance(advance) => Ok(Decided { advance: *advance, explanation }),
        Outcome::Omit(reason) => Err(Settled::Omitted { reason, explanation }),
        Outcome::Error(error) => Err(Settled::Failed {
            code: error.code().to_owned(),
            message: error.to_string(),
            explanation,
        }),
    }
}
