//! What is kept of a payment collection run beside what is kept of every run.

use super::sums::Sums;
use crate::progress::Staged;
use crate::record::RunRecord;
use arrears_domain::Date;
use serde::{Deserialize, Serialize};

/// The part of a run's record that only payment collection runs have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// The payment profile.
    pub profile: String,
    /// How far it is to go.
    pub mode: Mode,
    /// When the money is to come.
    pub collection_date: Option<Date>,
    /// How far it has come.
    pub stage: Stage,
    /// What was looked at in this stage.
    pub done: u64,
    /// What there is to look at in this stage, if that is known.
    pub total: Option<u64>,
    /// Accounts of the plan whose payments are posted for certain: a run that has
    /// stopped goes on after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub posted_accounts: u64,
    /// What is collected, once that is planned.
    pub sums: Sums,
    /// What operators have changed, once it is executed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub edits: u64,
    /// Payments that were refused, since their accounts had changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// Why it was given up; none if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<String>,
    /// The key of the index of the files, once they are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How far a run is to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// To its end: the money is collected.
    #[default]
    Collect,
    /// To a proposal, which an operator may edit and then executes.
    Propose,
    /// To the report, and no further.
    ReportOnly,
}

/// How far a payment collection run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The book is read.
    #[default]
    Reading,
    /// Transactions are selected.
    Selecting,
    /// The reports are written.
    Reporting,
    /// A proposal is compared with the book.
    Verifying,
    /// Payments are posted; from here on the run can only go forward.
    Posting,
    /// Reports and files are uploaded, and cannot be seen yet.
    Writing,
    /// Report, files and ledger are compared.
    Reconciling,
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
            Self::Reporting => "reporting",
            Self::Verifying => "verifying",
            Self::Posting => "posting",
            Self::Writing => "writing",
            Self::Reconciling => "reconciling",
            Self::Publishing => "publishing",
            Self::Done => "done",
        }
    }
}

impl Mode {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Propose => "propose",
            Self::ReportOnly => "report-only",
        }
    }
}

impl Staged for PaymentRecord {
    type Stage = Stage;

    fn of(record: &mut RunRecord) -> &mut Self {
        record.payment.get_or_insert_default()
    }

    fn begin(&mut self, stage: Stage, total: Option<u64>) -> &'static str {
        (self.stage, self.done, self.total) = (stage, 0, total);
        stage.as_str()
    }

    fn done(&mut self) -> &mut u64 {
        &mut self.done
    }
}

/// Progress of a payment collection run.
pub(super) type Progress<'a> = crate::progress::Progress<'a, PaymentRecord>;
