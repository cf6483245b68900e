//! Payment collection runs as text: what came of one, proposals, voids, returns.

use super::event::next;
use super::number::{amount, count, counted};
use super::table::Table;
use crate::session::Prompt;
use arrears_runs::events::{Answer, Outcome};
use arrears_runs::payment::{
    EditDocument, Mode, PaymentRecord, ProposalEdit, ReturnsReport, Shown, Unmatched, Voided,
};

/// Answers that the text shows; `--json` has more.
const ANSWERS_SHOWN: usize = 20;

/// What a run came to, between its head and its counts.
pub fn outcome(payment: &PaymentRecord) -> String {
    let mut text = format!("Profile {}.", payment.profile);
    if let Some(date) = payment.collection_date {
        text.push_str(&format!(" Collection date {date}."));
    }
    text.push_str(match payment.mode {
        _ if payment.given_up.is_some() => " Nothing was collected.\n",
        Mode::Collect => "\n",
        Mode::Propose => " A proposal: nothing is collected yet.\n",
        Mode::ReportOnly => " Report only: nothing was posted.\n",
    });
    if let Some(reason) = &payment.given_up {
        text.push_str(&format!("Given up: {reason}.\n"));
    }
    let sums = &payment.sums;
    text.push_str(&format!(
        "{} of {}",
        counted(sums.payments, "payment", "payments"),
        counted(sums.transactions, "transaction", "transactions"),
    ));
    if sums.prenotes > 0 {
        text.push_str(&format!(", {}", counted(sums.prenotes, "prenote", "prenotes")));
    }
    text.push_str(".\n");
    if payment.refused > 0 {
        let refused = counted(payment.refused, "payment was", "payments were");
        text.push_str(&format!("{refused} refused, since accounts had changed: see the report.\n"));
    }
    if !sums.amounts.is_empty() {
        let mut table =
            Table::new(["Currency", "#Gross", "#Discount", "#Tax in discount", "#Collected"]);
        for (currency, own) in &sums.amounts {
            table.row([
                currency.clone(),
                amount(own.gross_minor_units, currency),
                amount(own.discount_minor_units, currency),
                amount(own.discount_tax_minor_units, currency),
                amount(own.net_minor_units, currency),
            ]);
        }
        text.push_str(&format!("\n{}\n", table.render()));
    }
    text
}

/// A run's report, and what was said of a proposal since.
pub fn shown(shown: &Shown, prompt: &Prompt) -> String {
    let mut text = shown.report.clone();
    if !shown.edits.is_empty() {
        let mut table = Table::new(["Account", "Transaction", "Edit", "Reason"]);
        for edit in &shown.edits {
            let (what, reason) = words(&edit.edit);
            table.row([edit.account.clone(), edit.transaction.clone(), what, reason]);
        }
        text.push_str(&format!("\nEdits since\n{}", table.render()));
    }
    if shown.is_waiting {
        let run = format!("run payment --execute {}", shown.run_key);
        text.push_str(&next("Collect", prompt, &run));
    }
    text
}

fn words(edit: &EditDocument) -> (String, String) {
    match edit {
        EditDocument::Exclude { reason } => ("exclude".to_owned(), reason.clone()),
        EditDocument::Defer { until, reason } => (format!("defer until {until}"), reason.clone()),
        EditDocument::Force { reason } => ("force".to_owned(), reason.clone()),
    }
}

/// What was said of a transaction, and what to do next.
pub fn edited(run: &str, edit: &ProposalEdit, prompt: &Prompt) -> String {
    let (what, _) = words(&edit.edit);
    let mut text =
        format!("{run}: {what} transaction {} of account {}.\n", edit.transaction, edit.account);
    text.push_str(&next("Collect", prompt, &format!("run payment --execute {run}")));
    text
}

/// What a void came to.
pub fn voided(voided: &Voided, prompt: &Prompt) -> String {
    let mut text = format!(
        "{} void now, {} before, {} could not be.\n",
        counted(voided.voided, "payment is", "payments are"),
        count(voided.duplicates),
        count(voided.parked),
    );
    text.push_str(&parked(&voided.answers));
    if voided.parked > 0 {
        text.push_str(&next("Look", prompt, "events dead-letters"));
    }
    text
}

/// What a file of returns came to.
pub fn returned(report: &ReturnsReport, prompt: &Prompt) -> String {
    let is = |wanted: fn(&Outcome) -> bool| {
        report.answers.iter().filter(|answer| wanted(&answer.outcome)).count() as u64
    };
    let mut text = format!(
        "{}: {} void now, {} before, {} refused, {} unmatched.\n",
        counted(report.returns, "return", "returns"),
        count(is(|it| matches!(it, Outcome::Applied(_)))),
        count(is(|it| matches!(it, Outcome::Duplicate))),
        count(report.parked()),
        count(report.unmatched.len() as u64),
    );
    text.push_str(&parked(&report.answers));
    text.push_str(&to_look_at("Unmatched", &report.unmatched));
    text.push_str(&to_look_at("Changes that banks ask for", &report.changes));
    if report.parked() > 0 {
        text.push_str(&next("Look", prompt, "events dead-letters"));
    }
    text
}

fn parked(answers: &[Answer]) -> String {
    let lines = answers.iter().filter_map(|answer| match &answer.outcome {
        Outcome::Parked { code, message, .. } => {
            let account = answer.account.as_deref().unwrap_or("an account");
            Some(format!("  {account}: {code}: {message}\n"))
        }
        _ => None,
    });
    lines.take(ANSWERS_SHOWN).collect()
}

fn to_look_at(title: &str, entries: &[Unmatched]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let lines = entries.iter().take(ANSWERS_SHOWN);
    let lines: String =
        lines.map(|it| format!("  {}: {}\n    {}\n", it.place, it.what, it.reason)).collect();
    format!("\n{title}\n{lines}")
}
