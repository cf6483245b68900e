//! What operators say of the transactions of a proposal before it is executed.
//!
//! Edits are kept beside the proposal, one for each transaction, and decided when it
//! is executed; the proposal itself never changes. A deferral is kept at the
//! transaction too, so that other runs know of it.

use super::plan::{self, EditDocument, PlanReader, PlannedSkip};
use crate::error::RunError;
use crate::ledger;
use crate::record::{RunKind, RunRecord, RunStatus};
use arrears_domain::{AccountId, Identifier, LineItemId};
use arrears_storage::{Order, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most edits of a proposal: all are held in memory when it is executed. Who
/// has more to say changes the profile.
pub const EDITS_MAX: usize = 10_000;

/// The longest reason, in characters.
const REASON_CHARACTERS_MAX: usize = 200;

/// An edit of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalEdit {
    /// The account.
    pub account: String,
    /// The transaction.
    pub transaction: String,
    /// What is said of it.
    #[serde(flatten)]
    pub edit: EditDocument,
    /// When it was said, in UTC.
    pub at: String,
}

/// The edits of a proposal, by account and transaction.
pub(super) struct Edits(BTreeMap<String, BTreeMap<String, EditDocument>>);

fn edits_of(run_key: &str) -> String {
    format!("payment-edit#{run_key}")
}

impl Edits {
    /// Reads them.
    pub(super) async fn read(store: &Store, run_key: &str) -> Result<Self, RunError> {
        let mut edits: BTreeMap<String, BTreeMap<String, EditDocument>> = BTreeMap::new();
        for ProposalEdit { account, transaction, edit, .. } in list(store, run_key).await? {
            edits.entry(account).or_default().insert(transaction, edit);
        }
        Ok(Self(edits))
    }

    /// Those of an account.
    pub(super) fn of(&self, account: &str) -> BTreeMap<String, EditDocument> {
        self.0.get(account).cloned().unwrap_or_default()
    }

    /// How many there are.
    pub(super) fn number(&self) -> u64 {
        self.0.values().map(|own| own.len() as u64).sum()
    }
}

/// Whether a transaction is out of the proposal with the edit.
pub(super) fn takes_out(edit: &EditDocument) -> bool {
    matches!(edit, EditDocument::Exclude { .. } | EditDocument::Defer { .. })
}

/// The edits of a proposal, by account and transaction.
///
/// # Errors
/// The store fails.
pub async fn list(store: &Store, run_key: &str) -> Result<Vec<ProposalEdit>, RunError> {
    Ok(store.documents(&edits_of(run_key), "", Order::Ascending, None).await?)
}

/// Says something of a transaction of a proposal; what was said of it before is
/// replaced.
///
/// # Errors
/// There is no such proposal, or the transaction is not in it; the store fails.
pub async fn edit(
    store: &Store,
    run_key: &str,
    (account, transaction): (&AccountId, &LineItemId),
    edit: EditDocument,
) -> Result<ProposalEdit, RunError> {
    let (record, _) = proposal(store, run_key).await?;
    check(&record, &edit)?;
    let skipped = find(store, &record, account, transaction).await?;
    if let (EditDocument::Force { .. }, Some(skipped)) = (&edit, skipped)
        && !FORCED.contains(&skipped.code.as_str())
    {
        return Err(RunError::CannotForce {
            transaction: transaction.to_string(),
            reason: skipped.reason,
        });
    }
    let known = list(store, run_key).await?;
    if known.len() >= EDITS_MAX {
        return Err(RunError::TooManyEdits { run_key: run_key.to_owned(), most: EDITS_MAX });
    }
    if let EditDocument::Defer { until, .. } = &edit
        && !store.defer_transaction(account, transaction, *until).await?
    {
        return Err(RunError::NotInProposal {
            run_key: run_key.to_owned(),
            account: account.to_string(),
            transaction: transaction.to_string(),
        });
    }
    let at = crate::run::now();
    let edit = ProposalEdit {
        account: account.to_string(),
        transaction: transaction.to_string(),
        edit,
        at,
    };
    put(store, run_key, &edit).await?;
    Ok(edit)
}

async fn put(store: &Store, run_key: &str, edit: &ProposalEdit) -> Result<(), RunError> {
    let (partition, sort) = (edits_of(run_key), format!("{}#{}", edit.account, edit.transaction));
    loop {
        let found: Option<(ProposalEdit, _)> = store.document(&partition, &sort).await?;
        let is_written = match found {
            None => match store.create_document(&partition, &sort, edit).await {
                Ok(_) => true,
                Err(error) if error.is_already_exists() => false,
                Err(error) => return Err(error.into()),
            },
            Some((_, revision)) => {
                store.replace_document(&partition, &sort, revision, edit).await?.is_some()
            }
        };
        if is_written {
            return Ok(());
        }
    }
}

/// A proposal that waits to be executed.
pub(super) async fn proposal(
    store: &Store,
    run_key: &str,
) -> Result<(RunRecord, arrears_storage::Revision), RunError> {
    let (record, revision) = ledger::run(store, run_key).await?;
    if record.kind != RunKind::Payment || record.status != RunStatus::Proposed {
        return Err(RunError::NoProposal(run_key.to_owned()));
    }
    Ok((record, revision))
}

fn check(record: &RunRecord, edit: &EditDocument) -> Result<(), RunError> {
    let wrong = |parameter, value: &str, reason: &str| {
        Err(RunError::Parameter { parameter, value: value.to_owned(), reason: reason.to_owned() })
    };
    let (EditDocument::Exclude { reason }
    | EditDocument::Defer { reason, .. }
    | EditDocument::Force { reason }) = edit;
    if reason.trim().is_empty() || reason.chars().count() > REASON_CHARACTERS_MAX {
        return wrong(
            "reason",
            reason,
            "say in 1 to 200 characters why, for whoever reads it later",
        );
    }
    if let EditDocument::Defer { until, .. } = edit
        && *until <= record.as_of
    {
        let reason = "it must be after the base date for payment of the proposal";
        return wrong("until", &until.to_string(), reason);
    }
    Ok(())
}

/// Why a transaction may be skipped and yet be collected by force: the criteria of the
/// profile. What is withheld, locked or paid stays so, and so does the account.
const FORCED: [&str; 5] =
    ["BELOW_MINIMUM", "DEFERRED", "NO_DUE_DATE", "NOT_DUE", "OTHER_BILL_TYPE"];

/// Makes sure that a transaction is in a proposal. Why it is skipped, if it is.
async fn find(
    store: &Store,
    record: &RunRecord,
    account: &AccountId,
    transaction: &LineItemId,
) -> Result<Option<PlannedSkip>, RunError> {
    let attempt = record.plan.as_ref().map_or(1, |plan| plan.attempt);
    let mut plan = PlanReader::open(store, &plan::key(&record.run_key, attempt)).await?;
    while let Some(planned) = plan.next().await? {
        if planned.inputs.account.id != account.as_str() {
            continue;
        }
        let mut paid = planned.payment.iter().flat_map(|it| it.items.iter().map(|item| &item.id));
        if paid.any(|id| id == transaction.as_str()) {
            return Ok(None);
        }
        let mut skipped = planned.skipped.into_iter();
        match skipped.find(|skipped| skipped.id == transaction.as_str()) {
            Some(skipped) => return Ok(Some(skipped)),
            None => break,
        }
    }
    Err(RunError::NotInProposal {
        run_key: record.run_key.clone(),
        account: account.to_string(),
        transaction: transaction.to_string(),
    })
}
