//! What is kept of an export run beside what is kept of every run.

use super::manifest::SumsDocument;
use super::parameters::Parameters;
use crate::progress::Staged;
use crate::record::{RunRecord, is_zero};
use serde::{Deserialize, Serialize};

/// The part of a run's record that only export runs have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// The export setup.
    pub export_setup: String,
    /// The collection agency that the files are for.
    pub collection_agency: String,
    /// What was asked of the records.
    pub parameters: Parameters,
    /// The schedule that started it; none if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether it was refused when it began, since another run was quicker: it has
    /// done nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_refused: bool,
    /// How far it has come.
    pub stage: Stage,
    /// What was looked at in this stage.
    pub done: u64,
    /// What there is to look at in this stage, if that is known.
    pub total: Option<u64>,
    /// Entries that the ledger has for certain: a run that goes on begins after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entered: u64,
    /// What the files have, once they are planned.
    pub sums: SumsDocument,
    /// How many files there are, once they are published.
    pub files: u64,
    /// The key of the index of the files, once they are published.
    pub manifest: Option<String>,
}

impl Staged for ExportRecord {
    type Stage = Stage;

    fn of(record: &mut RunRecord) -> &mut Self {
        record.export.get_or_insert_default()
    }

    fn begin(&mut self, stage: Stage, total: Option<u64>) -> &'static str {
        (self.stage, self.done, self.total) = (stage, 0, total);
        stage.as_str()
    }

    fn done(&mut self) -> &mut u64 {
        &mut self.done
    }
}

/// Progress of an export run.
pub(super) type Progress<'a> = crate::progress::Progress<'a, ExportRecord>;

/// How far an export run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The book is read.
    #[default]
    Reading,
    /// Records are selected, and what is told of them is rendered.
    Selecting,
    /// The files are uploaded, and cannot be seen yet.
    Uploading,
    /// The ledger is told; from here on the run can only go forward.
    Entering,
    /// The files become visible, the index last.
    Publishing,
    /// All is done.
    Done,
}

impl Stage {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Selecting => "selecting",
            Self::Uploading => "uploading",
            Self::Entering => "entering",
            Self::Publishing => "publishing",
            Self::Done => "done",
        }
    }
}
