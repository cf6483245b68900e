//! Who starts a run that may be asked for twice.
//!
//! An identity is a document. Whoever creates it sets a number aside for the run and
//! notes who it is, an execution; another one is told that the run is taken. A request
//! that the rules refuse is let go, so that it may come again once that is mended.

use crate::error::RunError;
use crate::ledger::{self, Reserved};
use crate::record::RunKind;
use arrears_domain::RunKey;
use arrears_storage::{Revision, Store};
use serde::{Deserialize, Serialize};

const PARTITION: &str = "run-identity";

/// Who has an identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Holder {
    /// The execution that carries the run; none if it was let go.
    execution: Option<String>,
    /// The number that is set aside for the run.
    number: u32,
    /// Why it was let go, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// What became of a claim.
pub(super) enum Claimed {
    /// The run is this execution's, under this number.
    Ours(Reserved),
    /// Another execution has it.
    Elsewhere {
        /// The run of the number that is set aside.
        run_key: RunKey,
        /// The execution.
        execution: String,
    },
}

/// Claims an identity for an execution. Who has claimed it before still has it.
pub(super) async fn claim(
    store: &Store,
    kind: RunKind,
    identity: &str,
    execution: &str,
) -> Result<Claimed, RunError> {
    let holder = take(store, Some(kind), identity, execution).await?;
    match holder.execution {
        Some(other) if other != execution => {
            let run_key = ledger::run_key(kind, holder.number)?;
            Ok(Claimed::Elsewhere { run_key, execution: other })
        }
        _ => {
            let (number, identity) = (holder.number, identity.to_owned());
            Ok(Claimed::Ours(Reserved { number, identity }))
        }
    }
}

/// Holds an identity that has no number for an execution. The other execution that holds
/// it, if there is one.
pub(super) async fn hold(
    store: &Store,
    identity: &str,
    execution: &str,
) -> Result<Option<String>, RunError> {
    let holder = take(store, None, identity, execution).await?;
    Ok(holder.execution.filter(|other| other != execution))
}

/// Takes an identity that nobody has for an execution, with a number for a run of the
/// kind if one is named. Who has it then: another one may have been first.
async fn take(
    store: &Store,
    kind: Option<RunKind>,
    identity: &str,
    execution: &str,
) -> Result<Holder, RunError> {
    let own = |number| Holder { execution: Some(execution.to_owned()), number, refused: None };
    loop {
        let found: Option<(Holder, Revision)> = store.document(PARTITION, identity).await?;
        let Some((holder, revision)) = found else {
            let own = own(match kind {
                Some(kind) => ledger::next_number(store, kind).await?,
                None => 0,
            });
            match store.create_document(PARTITION, identity, &own).await {
                Ok(_) => return Ok(own),
                Err(error) if error.is_already_exists() => continue,
                Err(error) => return Err(error.into()),
            }
        };
        if holder.execution.is_some() {
            return Ok(holder);
        }
        let own = own(holder.number);
        if replace(store, identity, revision, &own).await? {
            return Ok(own);
        }
    }
}

/// Takes an identity over for an execution: whoever had it does not go on.
pub(super) async fn take_over(
    store: &Store,
    identity: &str,
    execution: &str,
) -> Result<(), RunError> {
    change(store, identity, |holder| holder.execution = Some(execution.to_owned())).await
}

/// Lets go of an identity whose run was refused before it began.
pub(super) async fn release(store: &Store, identity: &str, reason: &str) -> Result<(), RunError> {
    change(store, identity, |holder| {
        holder.execution = None;
        holder.refused = Some(reason.to_owned());
    })
    .await
}

/// Sets another number aside than the one that is no use: an imported book has brought a
/// run along that has it, or its run was abandoned.
pub(super) async fn renumber(
    store: &Store,
    kind: RunKind,
    reserved: &Reserved,
) -> Result<(), RunError> {
    let number = ledger::next_number(store, kind).await?;
    change(store, &reserved.identity, |holder| {
        // Unless another attempt has done so meanwhile: its run may have begun.
        if holder.number == reserved.number {
            holder.number = number;
        }
    })
    .await
}

async fn change(
    store: &Store,
    identity: &str,
    change: impl Fn(&mut Holder),
) -> Result<(), RunError> {
    loop {
        let found: Option<(Holder, Revision)> = store.document(PARTITION, identity).await?;
        let Some((mut holder, revision)) = found else { return Ok(()) };
        change(&mut holder);
        if replace(store, identity, revision, &holder).await? {
            return Ok(());
        }
    }
}

async fn replace(
    store: &Store,
    identity: &str,
    revision: Revision,
    holder: &Holder,
) -> Result<bool, RunError> {
    Ok(store.replace_document(PARTITION, identity, revision, holder).await?.is_some())
}
