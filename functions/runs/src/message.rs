//! The log messages of a run, in the words of the source document on the
//! collections run ("you can expect to see a series of messages similar to
//! these").

use crate::record::{ChunkSummary, ProcessUse, RunKind, RunRecord, RunStatus, Totals};
use std::collections::BTreeMap;

/// `Delinquency/Collections Run process started for Key [run key]`
#[must_use]
pub fn started(run: &RunRecord) -> String {
    format!("{} process started for Key {}", name(run.kind), run.run_key)
}

/// `Delinquency/Collections Run process finished for Key [run key]`
#[must_use]
pub fn finished(run: &RunRecord) -> String {
    format!("{} process finished for Key {}", name(run.kind), run.run_key)
}

/// What the source documents call the run.
fn name(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Collections | RunKind::Delinquency => "Delinquency/Collections Run",
        RunKind::Export => "Collections Export Run",
        RunKind::Payment => "Payment Collection Run",
    }
}

/// The messages of one chunk: started, what each process cost, completed.
#[must_use]
pub fn chunk(summary: &ChunkSummary) -> Vec<String> {
    let totals = &summary.totals;
    let records = if summary.delinquencies == summary.accounts {
        String::new()
    } else {
        format!(" ({} delinquencies)", summary.delinquencies)
    };
    let mut lines = vec![format!("Started batch for {} Accounts{records}.", summary.accounts)];
    lines.extend(processes(&totals.processes));
    lines.push(completed(totals));
    lines
}

fn processes(used: &BTreeMap<String, ProcessUse>) -> impl Iterator<Item = String> {
    used.iter().map(|(process, used)| {
        format!(
            "Process {process} executed {} times for a total duration of: {}",
            used.executed,
            duration(used.duration_us)
        )
    })
}

fn completed(totals: &Totals) -> String {
    format!(
        "Completed batch with {} processed, {} errors, and {} accounts omitted.",
        totals.processed, totals.errors, totals.omitted
    )
}

/// All messages of a run, as far as it has come.
#[must_use]
pub fn all(run: &RunRecord, chunks: &[ChunkSummary]) -> Vec<String> {
    let mut lines = vec![started(run)];
    lines.extend(chunks.iter().flat_map(chunk));
    // These have no chunks: their records are one batch.
    let is_one_batch = matches!(run.kind, RunKind::Export | RunKind::Payment);
    if let Some(totals) = run.totals.as_ref().filter(|_| is_one_batch) {
        lines.extend(processes(&totals.processes));
        lines.push(completed(totals));
    }
    if run.status == RunStatus::Finished {
        lines.push(finished(run));
    }
    lines
}

/// `0:00:01.204117`, hours first; down to microseconds, since an action takes
/// some of them.
#[must_use]
pub fn duration(duration_us: u64) -> String {
    let seconds = duration_us / 1_000_000;
    format!(
        "{}:{:02}:{:02}.{:06}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        duration_us % 1_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Totals;

    #[test]
    fn a_batch_speaks_in_the_words_of_the_source_document() {
        let mut totals = Totals { processed: 2, errors: 1, ..Totals::default() };
        totals.omit("ON_HOLD");
        totals.process("Notice", 2, std::time::Duration::from_millis(61_204));
        let summary = ChunkSummary {
            chunk: 1,
            attempt: 1,
            accounts: 3,
            delinquencies: 4,
            oldest_due_on: None,
            totals,
        };
        assert_eq!(
            chunk(&summary),
            [
                "Started batch for 3 Accounts (4 delinquencies).",
                "Process Notice executed 2 times for a total duration of: 0:01:01.204000",
                "Completed batch with 2 processed, 1 errors, and 1 accounts omitted.",
            ]
        );
    }
}
