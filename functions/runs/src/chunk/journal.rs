//! The journal: what an attempt at a chunk read and decided.
//!
//! It is written once, after acting and before committing, so that it is there
//! for whatever comes to be committed. With the setup and the plugins that it
//! names, a run can be decided again from it, bit for bit.

use super::act::Acted;
use super::{Item, RunContext, Settled, Snapshot};
use crate::error::RunError;
use arrears_domain::Date;
use arrears_storage::document::{
    AccountLine, ContactLine, DelinquencyLine, StepDocument, TransitionLine,
};
use serde::{Deserialize, Serialize};

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
}

/// Every further line: one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// The account.
    pub account: String,
    /// The delinquency.
    pub delinquency: String,
    /// What was read; none if it was gone.
    pub inputs: Option<JournalInputs>,
    /// What was decided.
    pub decision: JournalDecision,
}

/// What a decision was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalInputs {
    /// The record as it was.
    pub delinquency: DelinquencyLine,
    /// The account as it was.
    pub account: AccountLine,
    /// The contact as it was.
    pub contact: Option<ContactLine>,
}

/// What was decided about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalDecision {
    /// It moves on, with these effects.
    Advance(TransitionLine),
    /// An earlier attempt of this run had advanced it.
    Advanced {
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
    attempt: u32,
    items: &[Item<Acted>],
) -> Result<(), RunError> {
    let header = JournalHeader {
        run_key: context.run_key.to_string(),
        chunk,
        attempt,
        as_of: context.as_of,
        setup_version: context.setup_version,
    };
    let mut bytes = Vec::new();
    append(&mut bytes, &header)?;
    for item in items {
        append(&mut bytes, &line(item))?;
    }
    let key = format!("runs/{}/journal/{chunk:06}-{attempt}.jsonl", context.run_key);
    Ok(context.store.put_object_new(&key, bytes).await?)
}

fn append(bytes: &mut Vec<u8>, document: &impl Serialize) -> Result<(), RunError> {
    serde_json::to_writer(&mut *bytes, document).map_err(RunError::Document)?;
    bytes.push(b'\n');
    Ok(())
}

fn line(item: &Item<Acted>) -> JournalLine {
    JournalLine {
        account: item.key.account.to_string(),
        delinquency: item.key.delinquency.to_string(),
        inputs: item.snapshot.as_ref().map(inputs),
        decision: match &item.state {
            Ok(acted) => JournalDecision::Advance((&acted.transition).into()),
            Err(settled) => decision(settled),
        },
    }
}

fn inputs(snapshot: &Snapshot) -> JournalInputs {
    JournalInputs {
        delinquency: (&snapshot.delinquency).into(),
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
            JournalDecision::Advanced { sequence: transition.sequence }
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
