//! What a run tells of each record, and in which words: rules and templates,
//! and nothing that writes.

use super::gather::{Candidate, Gathered};
use super::manifest::SumsDocument;
use super::plan::{PlanInputs, PlanLine, PlannedRecord};
use super::template::{FileFacts, FileTotals, RenderError, Row, Templates};
use crate::delivery::hex;
use crate::error::RunError;
use crate::record::{RecordError, Totals};
use arrears_domain::decide::Inputs;
use arrears_domain::placement::{Standing, placement_action};
use arrears_domain::selection::{PassedOver, Selection};
use arrears_domain::{
    Account, Contact, ContactId, Date, Delinquency, Identifier, PlacementAction, PlacementEntry,
    RunKey, Setup,
};
use arrears_storage::document::{DelinquencyLine, PlacementLine};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Bytes of the digest of what a line tells: two that differ are told apart.
const TOLD_BYTES: usize = 16;

/// The most files of a run: each is an upload that is under way until all are
/// made, and a line of the index.
pub(super) const FILES_MAX: u32 = 9_999;

/// What all records of a run are decided with.
pub(super) struct Decider<'a> {
    pub(super) setup: &'a Setup,
    pub(super) selection: &'a Selection,
    pub(super) templates: &'a Templates,
    pub(super) run_key: &'a RunKey,
    pub(super) as_of: Date,
    /// Records of a file; none: all of them.
    pub(super) split_records: Option<u32>,
    /// What the templates are told of a file; its number is the open file's.
    pub(super) facts: Arc<FileFacts>,
    /// What the open file has.
    pub(super) totals: FileTotals,
    /// What all files have.
    pub(super) all: FileTotals,
    /// Whether a file is open.
    pub(super) is_open: bool,
}

/// A record of which something may have to be told; what is missing is its
/// contact.
pub(super) struct Asked {
    account: Account,
    candidate: Candidate,
}

/// What becomes of a record.
enum Judged {
    /// The agency is told to do something; with the digest of what it is told.
    Tell(PlacementAction, String),
    /// Nothing is told, for a reason.
    Omit(&'static str),
    /// It cannot be decided.
    Error(RecordError),
}

impl Asked {
    /// The contact that is missing.
    pub(super) fn contact(&self) -> Option<&ContactId> {
        self.account.contact.as_ref()
    }
}

impl Decider<'_> {
    /// The records of an account that are asked further; the others are counted.
    pub(super) fn asked(&self, gathered: Gathered, totals: &mut Totals) -> Vec<Asked> {
        let Gathered { account, records } = gathered;
        let mut asked = Vec::new();
        for candidate in records {
            let standing = self.standing(&candidate);
            // What is over is looked at only if an agency still has it.
            if !candidate.record.is_open() && !standing.is_placed() {
                continue;
            }
            if !standing.must_recall() {
                let inputs = self.inputs(&account, None, &candidate.record);
                let over = self.selection.passes_over(self.setup, &inputs, candidate.changed_on);
                if let Some(reason) = over {
                    totals.omit(reason.as_str());
                    continue;
                }
            }
            asked.push(Asked { account: account.clone(), candidate });
        }
        asked
    }

    fn standing<'c>(&'c self, candidate: &'c Candidate) -> Standing<'c> {
        Standing {
            record: &candidate.record,
            agency: &self.selection.collection_agency,
            is_theirs: self.selection.is_theirs(self.setup, &candidate.record),
            last: &candidate.last,
            as_of: self.as_of,
        }
    }

    fn inputs<'i>(
        &self,
        account: &'i Account,
        contact: Option<&'i Contact>,
        delinquency: &'i Delinquency,
    ) -> Inputs<'i> {
        Inputs { delinquency, account, contact, as_of: self.as_of }
    }

    /// The lines of the plan for a record: none if there is nothing to tell.
    pub(super) fn lines(
        &mut self,
        asked: Asked,
        contacts: &HashMap<ContactId, Contact>,
        totals: &mut Totals,
    ) -> Result<Vec<PlanLine>, RunError> {
        let contact = asked.contact().and_then(|id| contacts.get(id)).cloned();
        match self.judged(&asked, contact.as_ref())? {
            Judged::Tell(action, told) => self.told_lines(asked, contact, (action, told), totals),
            Judged::Omit(reason) => {
                totals.omit(reason);
                Ok(Vec::new())
            }
            Judged::Error(error) => Ok(vec![error_line(error, totals)]),
        }
    }

    /// What becomes of a record.
    fn judged(&self, asked: &Asked, contact: Option<&Contact>) -> Result<Judged, RunError> {
        let Asked { account, candidate } = asked;
        let record = &candidate.record;
        let standing = self.standing(candidate);
        if !standing.must_recall() {
            let inputs = self.inputs(account, contact, record);
            match self.selection.condition_holds(self.setup, &inputs) {
                Ok(true) => {}
                Ok(false) => return Ok(Judged::Omit(PassedOver::Condition.as_str())),
                Err(error) => {
                    let message = error.to_string();
                    return Ok(Judged::Error(record_error(record, "CONDITION_FAILED", message)));
                }
            }
        }
        let told = told(account, contact, record)?;
        Ok(match placement_action(&standing, &told) {
            Ok(action) => Judged::Tell(action, told),
            Err(reason) => Judged::Omit(reason.as_str()),
        })
    }

    /// The lines of the plan for a record that is told.
    fn told_lines(
        &mut self,
        asked: Asked,
        contact: Option<Contact>,
        (action, told): (PlacementAction, String),
        totals: &mut Totals,
    ) -> Result<Vec<PlanLine>, RunError> {
        let mut lines = Vec::new();
        if self.split_records.is_some_and(|most| self.totals.records == u64::from(most)) {
            lines.push(self.close()?);
        }
        let entry = self.entry(&asked.candidate, action, told);
        let Asked { account, candidate } = asked;
        let row = Arc::new(Row {
            action,
            sequence: entry.sequence,
            level: self.inputs(&account, None, &candidate.record).case(self.setup).level,
            account,
            contact,
            delinquency: candidate.record,
            as_of: self.as_of,
            number: self.totals.records + 1,
            reported_balance: entry.balance,
        });
        // A file is opened for a record that it will have.
        let facts = self.facts_of_open_or_next();
        let text = match self.text(&row, &facts) {
            Ok(text) => text,
            Err(message) => {
                let error = record_error(&row.delinquency, "RENDER_FAILED", message);
                lines.push(error_line(error, totals));
                return Ok(lines);
            }
        };
        if !self.is_open {
            lines.push(self.open()?);
        }
        self.totals.count(&row).map_err(RunError::TotalOutOfRange)?;
        self.all.count(&row).map_err(RunError::TotalOutOfRange)?;
        totals.processed += 1;
        let (entry, inputs) = (PlacementLine::from(&entry), PlanInputs::of(&row));
        lines.push(PlanLine::Record(Box::new(PlannedRecord { entry, text, inputs })));
        Ok(lines)
    }

    /// The record's text. One that says nothing would be in the ledger and not in
    /// the file.
    fn text(&self, row: &Arc<Row>, facts: &Arc<FileFacts>) -> Result<String, String> {
        let text = rendered(|out| self.templates.record(row, facts, out));
        let text = text
            .map_err(|error| format!("record template, line {}: {}", error.line, error.message))?;
        if text.trim().is_empty() {
            let action = row.action.as_str();
            return Err(format!(
                "the template writes nothing of this record ({action}); let it write a line for \
                 every action"
            ));
        }
        Ok(text)
    }

    fn entry(
        &self,
        candidate: &Candidate,
        action: PlacementAction,
        told: String,
    ) -> PlacementEntry {
        let record = &candidate.record;
        PlacementEntry {
            account: record.account.clone(),
            delinquency: record.id.clone(),
            collection_agency: self.selection.collection_agency.clone(),
            sequence: self.standing(candidate).last_own().map_or(0, |last| last.sequence) + 1,
            action,
            scheme: record.scheme.clone(),
            milestone: record.milestone.clone(),
            balance: record.balance,
            on: self.as_of,
            run: self.run_key.clone(),
            told,
        }
    }

    fn facts_of_open_or_next(&self) -> Arc<FileFacts> {
        if self.is_open {
            return Arc::clone(&self.facts);
        }
        let file_number = self.facts.file_number + 1;
        Arc::new(FileFacts { file_number, ..(*self.facts).clone() })
    }

    fn open(&mut self) -> Result<PlanLine, RunError> {
        if self.facts.file_number == FILES_MAX {
            let export_setup = self.facts.setup.clone();
            return Err(RunError::TooManyFiles { export_setup, most: FILES_MAX });
        }
        self.facts = self.facts_of_open_or_next();
        self.is_open = true;
        let text = rendered(|out| self.templates.header(&self.facts, out));
        Ok(PlanLine::Opens { file: self.facts.file_number, text: text.map_err(template_failed)? })
    }

    fn close(&mut self) -> Result<PlanLine, RunError> {
        self.is_open = false;
        let totals = std::mem::take(&mut self.totals);
        let text = rendered(|out| self.templates.trailer(&self.facts, &totals, out));
        let text = text.map_err(template_failed)?;
        Ok(PlanLine::Closes { text, totals: SumsDocument::from(&totals) })
    }

    /// The last lines of the plan. A run that has nothing to tell says so in a
    /// file of its own, if the templates give it any text.
    pub(super) fn end(&mut self) -> Result<Vec<PlanLine>, RunError> {
        if self.is_open {
            return Ok(vec![self.close()?]);
        }
        if self.facts.file_number > 0 {
            return Ok(Vec::new());
        }
        let lines = vec![self.open()?, self.close()?];
        let is_empty = |line: &PlanLine| match line {
            PlanLine::Opens { text, .. } | PlanLine::Closes { text, .. } => text.is_empty(),
            PlanLine::Record(_) | PlanLine::Error(_) => false,
        };
        Ok(if lines.iter().all(is_empty) { Vec::new() } else { lines })
    }
}

pub(super) fn rendered(
    render: impl FnOnce(&mut Vec<u8>) -> Result<(), RenderError>,
) -> Result<String, RenderError> {
    let mut out = Vec::new();
    render(&mut out)?;
    // Templates write text.
    Ok(String::from_utf8(out)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn template_failed(error: RenderError) -> RunError {
    RunError::Template(Box::new(error))
}

fn record_error(record: &Delinquency, code: &str, message: String) -> RecordError {
    RecordError {
        account: record.account.to_string(),
        delinquency: record.id.to_string(),
        code: code.to_owned(),
        message,
    }
}

/// Counts an error, and keeps it in the plan.
fn error_line(error: RecordError, totals: &mut Totals) -> PlanLine {
    totals.error(error.clone());
    PlanLine::Error(error)
}

/// The facts that are news to an agency when they change: not what follows from
/// the date, not what the account owes beside this record.
#[derive(Serialize)]
struct Told<'a> {
    class: &'a str,
    status: &'a str,
    account: &'a BTreeMap<String, String>,
    contact: Option<(&'a str, &'a str, &'a BTreeMap<String, String>)>,
    delinquency: DelinquencyLine,
}

/// The digest of what a line would tell of the record.
pub(super) fn told(
    account: &Account,
    contact: Option<&Contact>,
    record: &Delinquency,
) -> Result<String, RunError> {
    let told = Told {
        class: &account.class,
        status: account.status.as_str(),
        account: &account.attributes,
        contact: contact.map(|it| (it.id.as_str(), it.name.as_str(), &it.attributes)),
        delinquency: DelinquencyLine {
            version: 0,
            sequence: 0,
            extension_days: 0,
            ..record.into()
        },
    };
    let document = serde_json::to_vec(&told).map_err(RunError::Document)?;
    Ok(hex(&Sha256::digest(&document)[..TOLD_BYTES]))
}
