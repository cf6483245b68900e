//! Whether a proposal can still be executed: every payment of it is compared with
//! the book as it stands, before anything is written.

use super::gather::Accounts;
use super::plan::{AccountInputs, PlanReader, PlannedAccount};
use super::record::Progress;
use crate::error::RunError;
use arrears_domain::payment::changed_since;
use arrears_storage::Store;
use serde::Serialize;

/// The most changes that are told; all are counted. Twenty fill a screen.
pub const CHANGES_SHOWN_MAX: usize = 20;

/// What has changed since a proposal was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Payments that could not be made as proposed.
    pub count: u64,
    /// The first of them: what has changed.
    pub first: Vec<String>,
}

impl Changes {
    fn add(&mut self, account: &str, what: &str) {
        self.count += 1;
        if self.first.len() < CHANGES_SHOWN_MAX {
            self.first.push(format!("{account}: {what}"));
        }
    }
}

/// Compares all payments of a plan with the book. Both are in the order of
/// accounts.
pub(super) async fn verify(
    store: &Store,
    plan_key: &str,
    progress: &mut Progress<'_>,
) -> Result<Changes, RunError> {
    let mut accounts = Accounts::read(store, progress).await?;
    let mut plan = PlanReader::open(store, plan_key).await?;
    let (mut changes, mut present) = (Changes::default(), None);
    while let Some(planned) = plan.next().await? {
        if planned.payment.is_none() {
            continue;
        }
        let id = &planned.inputs.account.id;
        while present.as_ref().is_none_or(|it: &AccountInputs| it.account.id < *id) {
            match accounts.next()? {
                Some(next) => present = Some(next),
                None => break,
            }
        }
        let now = present.as_ref().filter(|it| it.account.id == *id);
        let Some(now) = now else {
            changes.add(id, "nothing is open any more");
            continue;
        };
        if let Err(what) = compare(&planned, now)? {
            changes.add(id, &what);
        }
    }
    Ok(changes)
}

fn compare(planned: &PlannedAccount, now: &AccountInputs) -> Result<Result<(), String>, RunError> {
    let Some(payment) = &planned.payment else { return Ok(Ok(())) };
    let damaged = |error| RunError::BookLine(Box::new(error));
    let then = planned.inputs.read().map_err(damaged)?;
    let payment = match payment.payment(&then.mandates) {
        Ok(payment) => payment,
        Err(reason) => return Ok(Err(reason)),
    };
    let now = now.read().map_err(damaged)?;
    Ok(changed_since(&payment, &now.account, &now.items, &now.mandates))
}
