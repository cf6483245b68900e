//! From the book to a plan: accounts are read in the order of their ids, decided
//! in batches, and written down.

use super::bank::Bank;
use super::edit::Edits;
use super::gather::Accounts;
use super::locked::Locks;
use super::plan::{
    AccountInputs, PlanWriter, PlannedAccount, PlannedPayment, PlannedPrenote, PlannedSkip,
    payment_id,
};
use super::record::Progress;
use super::sums::Sums;
use crate::error::RunError;
use crate::record::{RecordError, Totals};
use arrears_domain::payment::{Run, SkipReason, Skipped};
use arrears_domain::{ContactId, Identifier};
use arrears_storage::Store;
use arrears_storage::document::{ContactLine, LineError};
use std::collections::HashSet;

/// Accounts whose contacts are read together.
const BATCH_ACCOUNTS: usize = 1_000;

/// The most accounts of a plan: payments and entries of ACH files are numbered with
/// seven digits.
const ACCOUNTS_MAX: u32 = 9_999_999;

/// What all accounts of a run are decided with.
#[derive(Clone, Copy)]
pub(super) struct Decider<'a> {
    pub(super) run: Run<'a>,
    pub(super) bank: &'a Bank<'a>,
    pub(super) run_number: u32,
}

/// What a plan comes to.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) sums: Sums,
    pub(super) totals: Totals,
    pub(super) accounts: u32,
}

impl Decider<'_> {
    /// What becomes of an account.
    ///
    /// # Errors
    /// The inputs are damaged.
    pub(super) fn decide(
        &self,
        inputs: AccountInputs,
        number: u32,
    ) -> Result<PlannedAccount, LineError> {
        let read = inputs.read()?;
        let mut selected = read.select(&self.run);
        let id = payment_id(self.run_number, number);
        if let Some(payment) = &selected.payment
            && let Err(refused) = self.bank.check(&read, payment, &id)
        {
            let skipped = payment.items.iter().map(|item| Skipped {
                item: item.id.clone(),
                open: item.open,
                reason: SkipReason::Format(refused.clone()),
            });
            selected.skipped.extend(skipped);
            selected.skipped.sort_by(|a, b| a.item.cmp(&b.item));
            selected.payment = None;
        }
        let skipped = selected.skipped.iter().map(|skipped| PlannedSkip {
            id: skipped.item.to_string(),
            due_on: read.due_on(&skipped.item),
            open: skipped.open.into(),
            code: skipped.reason.code().to_owned(),
            reason: skipped.reason.to_string(),
        });
        let prenote = selected.prenote.as_ref();
        let prenote = prenote.filter(|_| self.bank.sends_prenotes());
        Ok(PlannedAccount {
            skipped: skipped.collect(),
            payment: selected.payment.as_ref().map(|it| PlannedPayment::new(id, number, it)),
            prenote: prenote.map(|id| PlannedPrenote { mandate: id.to_string(), number }),
            inputs,
        })
    }
}

/// Decides all accounts that have something to pay, and writes down what becomes of
/// them.
pub(super) async fn select(
    store: &Store,
    decider: &Decider<'_>,
    accounts: &mut Accounts,
    locks: &mut Locks,
    plan: &mut PlanWriter,
    progress: &mut Progress<'_>,
) -> Result<Planned, RunError> {
    let mut planned = Planned::default();
    loop {
        let mut batch = tokio::task::block_in_place(|| batch(accounts))?;
        if batch.is_empty() {
            return Ok(planned);
        }
        with_contacts(store, &mut batch).await?;
        for inputs in &mut batch {
            inputs.locked = locks.of(&inputs.account.id).await?;
        }
        let first = planned.accounts + 1;
        let decided = tokio::task::block_in_place(|| {
            let numbered = (first..).zip(batch);
            numbered.map(|(number, inputs)| decider.decide(inputs, number)).collect::<Vec<_>>()
        });
        for account in decided {
            let account = account.map_err(|error| RunError::BookLine(Box::new(error)))?;
            planned.count(&account)?;
            plan.write(&account).await?;
        }
        progress.at(u64::from(planned.accounts)).await?;
    }
}

fn batch(accounts: &mut Accounts) -> Result<Vec<AccountInputs>, RunError> {
    let mut batch = Vec::new();
    while batch.len() < BATCH_ACCOUNTS {
        let Some(inputs) = accounts.next()? else { break };
        batch.push(inputs);
    }
    Ok(batch)
}

/// Reads the contacts of accounts.
pub(super) async fn with_contacts(
    store: &Store,
    batch: &mut [AccountInputs],
) -> Result<(), RunError> {
    let id = |inputs: &AccountInputs| ContactId::parse(inputs.account.contact.as_deref()?).ok();
    let ids: HashSet<ContactId> = batch.iter().filter_map(id).collect();
    let contacts = store.contacts(&ids).await?;
    for inputs in batch {
        inputs.contact = id(inputs).and_then(|id| contacts.get(&id)).map(ContactLine::from);
    }
    Ok(())
}

impl Planned {
    /// Counts an account of a plan.
    pub(super) fn count(&mut self, account: &PlannedAccount) -> Result<(), RunError> {
        self.accounts += 1;
        if self.accounts > ACCOUNTS_MAX {
            return Err(RunError::TooManyAccounts { most: ACCOUNTS_MAX });
        }
        self.sums.count(account, None).map_err(RunError::NotSummed)?;
        if let Some(payment) = &account.payment {
            self.totals.processed += payment.items.len() as u64;
        }
        for skipped in &account.skipped {
            if is_error(&skipped.code) {
                self.totals.error(RecordError {
                    account: account.inputs.account.id.clone(),
                    delinquency: skipped.id.clone(),
                    code: skipped.code.clone(),
                    message: skipped.reason.clone(),
                });
            } else {
                self.totals.omit(&skipped.code);
            }
        }
        Ok(())
    }
}

/// What somebody has to mend: it could not be decided, or not be written.
fn is_error(code: &str) -> bool {
    ["SELECTION_FAILED", "AMOUNT_OUT_OF_RANGE", "FORMAT_REFUSES"].contains(&code)
}

/// Decides the accounts of a proposal anew that operators have edited; the others
/// are what they were.
pub(super) fn with_edits(
    decider: &Decider<'_>,
    account: PlannedAccount,
    number: u32,
    edits: &Edits,
) -> Result<PlannedAccount, RunError> {
    let own = edits.of(&account.inputs.account.id);
    if own.is_empty() {
        return Ok(account);
    }
    let inputs = AccountInputs { edits: own, ..account.inputs };
    let decided = decider.decide(inputs, number);
    decided.map_err(|error| RunError::BookLine(Box::new(error)))
}
