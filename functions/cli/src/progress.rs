//! A progress bar on stderr, while a terminal watches.

use arrears_runs::record::ChunkSummary;
use arrears_runs::run::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

/// How often the bar is drawn even if nothing has happened: often enough that
/// the clock in it runs.
const TICK: Duration = Duration::from_millis(200);

const STYLE: &str = "{prefix:<24} [{bar:28}] {human_pos}/{human_len} {elapsed} {msg}";
const STYLE_WITHOUT_LENGTH: &str = "{prefix:<24} {human_pos} {elapsed}";

/// The progress of long work.
pub struct Progress {
    bar: ProgressBar,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    processed: u64,
    errors: u64,
    omitted: u64,
}

impl Progress {
    /// A bar with a name before it, or a counter if the length is not known;
    /// nothing is drawn unless `may_draw`, stderr
    /// is a terminal, and this is no CI job.
    pub fn new(name: impl Into<String>, length: Option<u64>, may_draw: bool) -> Self {
        let draw = may_draw && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let target = if draw { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(length, target).with_prefix(name.into());
        style(&bar, length);
        if draw {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, counts: Mutex::default() }
    }

    /// So much has been done by now.
    pub fn at(&self, position: u64) {
        self.bar.set_position(position);
    }
}

/// A bar if the length is known, else a counter.
fn style(bar: &ProgressBar, length: Option<u64>) {
    let style = if length.is_some() { STYLE } else { STYLE_WITHOUT_LENGTH };
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("=> "));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn planned(&self, delinquencies: u64) {
        self.bar.set_length(delinquencies);
    }

    fn chunk(&self, summary: &ChunkSummary) {
        if let Ok(mut counts) = self.counts.lock() {
            counts.processed += summary.totals.processed;
            counts.errors += summary.totals.errors;
            counts.omitted += summary.totals.omitted;
            self.bar.set_message(format!(
                "{} processed, {} errors, {} omitted",
                counts.processed, counts.errors, counts.omitted
            ));
        }
        self.bar.inc(summary.delinquencies);
    }

    fn stage(&self, name: &str, records: Option<u64>) {
        style(&self.bar, records);
        self.bar.set_prefix(name.to_owned());
        self.bar.set_position(0);
        if let Some(records) = records {
            self.bar.set_length(records);
        }
    }

    fn looked_at(&self, records: u64) {
        self.bar.inc(records);
    }
}
