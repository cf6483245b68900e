//! The journal: what an attempt at a chunk read and decided.
//!
//! It is written once, after acting and before committing, so that it is there
//! for whatever comes to be committed. With the setup and the plugins that it
//! names, a run can be decided again from it, bit for bit.

use super::{Item, Read, RunContext, Settled, Snapshot, named};
use crate::act::Work;
use crate::error::RunError;
use crate::record::{PluginUse, Steps, Totals};
use arrears_domain::{Account, Contact, Date};
use arrears_storage::document::{
    AccountLine, ContactLine, DelinquencyLine, LineError, StepDocument, TransactionLine,
    TransitionLine,
};
use arrears_storage::{DueKey, DueSubject};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The first line of a journal object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// The run.
    pub run_key: String,
    /// The chunk.
    pub chunk: u32,
    /// The attempt at the chunk.
    pub attempt: u32,
    /// The business date.
    pub as_of: Date,
    /// The setup that decided.
    pub setup_version: u32,
    /// What the run does.
    pub steps: Steps,
    /// The digests of plugins that were in quarantine.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub quarantined: BTreeSet<String>,
    /// What each plugin used up to here in this attempt, by digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, PluginUse>,
}

/// Every further line: one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// The account.
    pub account: String,
    /// The delinquency; of the question whether one begins, the bill type.
    pub subject: String,
    /// What was read; none if it was gone.
    pub inputs: Option<JournalInputs>,
    /// What was decided.
    pub decision: JournalDecision,
}

/// What a decision was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalInputs {
    /// The record as it was, or what the question of entry was put to.
    pub read: JournalRead,
    /// The account as it was.
    pub account: AccountLine,
    /// The contact as it was.
    pub contact: Option<ContactLine>,
}

/// What a decision was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalRead {
    /// A record that may change.
    Record(Box<DelinquencyLine>),
    /// Whether a delinquency of the bill type begins.
    Entry {
        /// The bill type.
        bill_type: String,
        /// All records of the account.
        delinquencies: Vec<DelinquencyLine>,
        /// Its line items.
        items: Vec<TransactionLine>,
    },
}

/// What was decided about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalDecision {
    /// It changes: the record as it will be, and history with its effects.
    Change {
        /// The record.
        record: Box<DelinquencyLine>,
        /// The entry of history.
        transition: Box<TransitionLine>,
    },
    /// An earlier attempt of this run had changed it.
    Changed {
        /// The number of that transition.
        sequence: u32,
    },
    /// It stays.
    Omit {
        /// Why, in a word.
        reason: String,
        /// Why, in steps.
        explanation: Vec<StepDocument>,
    },
    /// It could not be decided or acted on.
    Error {
        /// A stable word.
        code: String,
        /// What happened and what to do.
        message: String,
        /// How far the decision came.
        explanation: Vec<StepDocument>,
    },
}

/// Writes the journal of an attempt.
pub(super) async fn write(
    context: &RunContext,
    chunk: u32,
    (attempt, pass): (u32, u32),
    items: &[Item<Work>],
    totals: &Totals,
) -> Result<(), RunError> {
    let header = JournalHeader {
        run_key: context.run_key.to_string(),
        chunk,
        attempt,
        as_of: context.as_of,
        setup_version: context.setup_version,
        steps: context.steps,
        quarantined: (*context.quarantined).clone(),
        plugins: totals.plugins.clone(),
    };
    let mut bytes = Vec::new();
    append(&mut bytes, &header)?;
    for item in items {
        append(&mut bytes, &line(item))?;
    }
    let pass = if pass == 1 { String::new() } else { format!("-{pass}") };
    let key = format!("runs/{}/journal/{chunk:06}-{attempt}{pass}.jsonl", context.run_key);
    Ok(context.store.put_object_new(&key, bytes).await?)
}

fn append(bytes: &mut Vec<u8>, document: &impl Serialize) -> Result<(), RunError> {
    serde_json::to_writer(&mut *bytes, document).map_err(RunError::Document)?;
    bytes.push(b'\n');
    Ok(())
}

/// What the journal says of a record.
pub(crate) fn line(item: &Item<Work>) -> JournalLine {
    JournalLine {
        account: item.key.account.to_string(),
        subject: named(&item.key),
        inputs: item.snapshot.as_ref().map(inputs),
        decision: match &item.state {
            Ok(work) => JournalDecision::Change {
                record: Box::new((&work.changed.after).into()),
                transition: Box::new((&work.transition).into()),
            },
            Err(settled) => decision(settled),
        },
    }
}

fn inputs(snapshot: &Snapshot) -> JournalInputs {
    JournalInputs {
        read: match &snapshot.read {
            Read::Record(record) => JournalRead::Record(Box::new(record.into())),
            Read::Entry { bill_type, delinquencies, items, .. } => JournalRead::Entry {
                bill_type: bill_type.clone(),
                delinquencies: delinquencies.iter().map(DelinquencyLine::from).collect(),
                items: items
                    .iter()
                    .map(|item| TransactionLine::from((&snapshot.account.id, item)))
                    .collect(),
            },
        },
        account: (&snapshot.account).into(),
        contact: snapshot.contact.as_ref().map(ContactLine::from),
    }
}

fn decision(settled: &Settled) -> JournalDecision {
    let steps = |explanation: &arrears_domain::decide::Explanation| {
        explanation.steps.iter().map(StepDocument::from).collect()
    };
    match settled {
        Settled::Processed(transition) => {
            JournalDecision::Changed { sequence: transition.sequence }
        }
        Settled::Omitted { reason, explanation } => JournalDecision::Omit {
            reason: reason.as_str().to_owned(),
            explanation: steps(explanation),
        },
        Settled::Failed { code, message, explanation } => JournalDecision::Error {
            code: code.clone(),
            message: message.clone(),
            explanation: steps(explanation),
        },
    }
}

/// The record that a line was written for, as it was before it was decided.
pub(crate) fn item_of(line: &JournalLine) -> Result<Item<()>, String> {
    let inputs = line.inputs.as_ref().ok_or("nothing was read of the record")?;
    let reason = |error: LineError| error.to_string();
    let account = Account::try_from(&inputs.account).map_err(reason)?;
    let contact = inputs.contact.as_ref().map(Contact::try_from).transpose().map_err(reason)?;
    let currency = account.currency();
    let (subject, read) = match &inputs.read {
        JournalRead::Record(record) => {
            let record = record.to_delinquency(currency).map_err(reason)?;
            (DueSubject::Record(record.id.clone()), Read::Record(record))
        }
        JournalRead::Entry { bill_type, delinquencies, items } => {
            let records = delinquencies.iter().map(|record| record.to_delinquency(currency));
            let items = items.iter().map(|item| item.to_line_item(currency));
            let read = Read::Entry {
                bill_type: bill_type.clone(),
                // Nothing is written by whoever reads a journal.
                mark: 0,
                revision: 0,
                delinquencies: records.collect::<Result<_, _>>().map_err(reason)?,
                items: items.collect::<Result<_, _>>().map_err(reason)?,
            };
            (DueSubject::Entry(bill_type.clone()), read)
        }
    };
    let key = DueKey { eligible_on: None, account: account.id.clone(), subject };
    let snapshot = Some(Snapshot { read, account, contact });
    Ok(Item { key, snapshot, state: Ok(()), look: None })
}
