//! The log messages of a run, in the words of the source document on the
//! collections run ("you can expect to see a series of messages similar to
//! these").

use crate::record::{ChunkSummary, RunRecord};

/// `Delinquency/Collections Run process started for Key [run key]`
#[must_use]
pub fn started(run_key: &str) -> String {
    format!("Delinquency/Collections Run process started for Key {run_key}")
}

/// `Delinquency/Collections Run process finished for Key [run key]`
#[must_use]
pub fn finished(run_key: &str) -> String {
    format!("Delinquency/Collections Run process finished for Key {run_key}")
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
    lines.extend(totals.processes.iter().map(|(process, used)| {
        format!(
            "Process {process} executed {} times for a total duration of: {}",
            used.executed,
            duration(used.duration_us)
        )
    }));
    lines.push(format!(
        "Completed batch with {} processed, {} errors, and {} accounts omitted.",
        totals.processed, totals.errors, totals.omitted
    ));
    lines
}

/// All messages of a run, as far as it has come.
#[must_use]
pub fn all(run: &RunRecord, chunks: &[ChunkSummary]) -> Vec<String> {
    let mut lines = vec![started(&run.run_key)];
    lines.extend(chunks.iter().flat_map(chunk));
    if run.completed_at.is_some() {
        lines.push(finished(&run.run_key));
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
        let summary = ChunkSummary { chunk: 1, attempt: 1, accounts: 3, delinquencies: 4, totals };
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
