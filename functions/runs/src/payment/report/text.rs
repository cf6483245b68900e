//! The report as text, for a screen or a plain printer: lines of one width, unless
//! an identifier or an amount is longer than its column. Those are never cut.

mod cells;

use super::{Entry, Head, NotCollected, Report, Sums, counts, taken_off, texts};
use crate::payment::plan::{PlannedAccount, PlannedPayment};
use crate::payment::sums::NotSummed;
use arrears_domain::Date;
use arrears_domain::setup::ReportDetail;
use cells::{COLUMNS, Cell, clean, wrapped};
use std::fmt::Write;

/// The report.
#[derive(Default)]
pub(super) struct Text {
    run_key: String,
    is_list: bool,
    has_accounts: bool,
    /// How far the run went; said at the beginning and with the totals.
    standing: String,
    counted: Sums,
}

impl Report for Text {
    fn head(&mut self, head: &Head, out: &mut Vec<u8>) {
        self.run_key.clone_from(&head.run_key);
        self.is_list = head.detail == ReportDetail::List;
        let (word, sentence) = head.standing();
        self.standing = wrapped(&format!("{word}: {sentence}"), 2);
        let mut text = String::new();
        let _ = writeln!(text, "Payment collection run {}", head.run_key);
        let _ = writeln!(text, "{} ({})\n", clean(&head.agency_name), head.agency);
        text.push_str(&self.standing);
        text.push('\n');
        for (label, fact) in head.facts() {
            let _ = writeln!(text, "  {label:<17}{}", clean(&fact));
        }
        out.extend_from_slice(text.as_bytes());
    }

    fn account(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), NotSummed> {
        self.counted.count(planned, refused.map(|(code, _)| code))?;
        let Some(entry) = Entry::of(planned, refused) else { return Ok(()) };
        let mut text = String::new();
        if !self.has_accounts {
            self.has_accounts = true;
            text.push_str(&self.heading());
        }
        if self.is_list {
            text.push('\n');
        }
        match entry.payment {
            Some(payment) if self.is_list => listed(&entry, payment, &mut text),
            Some(payment) => summarized(&entry, payment, &mut text),
            None => text.push_str(&title(&entry, "no payment")),
        }
        if let Some(id) = entry.refused {
            let _ = writeln!(text, "    payment {id} was refused");
        }
        for skipped in &entry.skipped {
            not_collected(skipped, entry.currency(), &mut text);
        }
        if let Some(mandate) = entry.prenote {
            let _ = writeln!(text, "    prenote for mandate {mandate}");
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end(&mut self, sums: &Sums, out: &mut Vec<u8>) {
        let mut text = String::new();
        if !self.has_accounts {
            text.push_str("\nNo account has anything to collect.\n");
        }
        let (rule, standing) = ("=".repeat(COLUMNS), &self.standing);
        let _ = write!(text, "\n{rule}\nTotals\n\n{standing}\n");
        for (label, count) in counts(sums) {
            let _ = writeln!(text, "  {label:<28}{count:>12}");
        }
        if !sums.amounts.is_empty() {
            let labels = ["Gross", "Discount", "Tax in it", "Net"];
            text.push('\n');
            amounts("Currency", labels.map(str::to_owned), &mut text);
        }
        for (currency, of_currency) in &sums.amounts {
            amounts(currency, texts(currency, of_currency), &mut text);
        }
        if !sums.skipped_by_reason.is_empty() {
            text.push_str("\n  Not collected, by reason\n");
        }
        for (code, count) in &sums.skipped_by_reason {
            let _ = writeln!(text, "  {code:<28}{count:>12}");
        }
        let _ = writeln!(text, "\nEnd of the report of {}", self.run_key);
        out.extend_from_slice(text.as_bytes());
    }

    fn counted(&self) -> Sums {
        self.counted.clone()
    }
}

impl Text {
    fn heading(&self) -> String {
        let who = ["Payment", "Account", "Name", "Collected"];
        let heading = if self.is_list {
            let [payment, account, name, _] = who;
            let amounts = ["Amount", "Open", "Discount", "Tax in it", "Net"];
            let items = row("    Transaction", "Due", amounts, "");
            format!("{payment:<15} {account:<14} {name}\n{items}")
        } else {
            let amounts = ["Gross", "Discount", "Tax in it", "Net"];
            line(who, amounts, "")
        };
        format!("\n{heading}{}\n", "=".repeat(COLUMNS))
    }
}

/// Whose account it is.
fn title(entry: &Entry<'_>, payment: &str) -> String {
    let (account, name) = (entry.account(), clean(entry.name()));
    format!("{}\n", format!("{payment:<15} {account:<14} {name}").trim_end())
}

/// A payment with its transactions and credits.
fn listed(entry: &Entry<'_>, payment: &PlannedPayment, text: &mut String) {
    text.push_str(&title(entry, &payment.id));
    let mandate = payment.mandate.as_ref().map(|mandate| format!("mandate {mandate}, "));
    let (mandate, date) = (mandate.unwrap_or_default(), payment.collection_date);
    let _ = writeln!(text, "    {mandate}collection date {date}");
    for item in &payment.items {
        let due_on = item.due_on.map(|date| date.to_string()).unwrap_or_default();
        let amounts = [&item.amount, &item.open, &item.discount, &item.discount_tax];
        let [amount, open, discount, tax] = amounts.map(|amount| amount.as_str());
        let id = format!("    {}", item.id);
        text.push_str(&row(&id, &due_on, [amount, open, discount, tax, ""], ""));
    }
    for credit in &payment.credits {
        let (id, amount) = (format!("    credit {}", credit.id), taken_off(&credit.amount));
        text.push_str(&row(&id, "", [&amount, "", "", "", ""], ""));
    }
    let [gross, discount, tax, net] = amounts_of(payment);
    text.push_str(&row("    total", "", ["", gross, discount, tax, net], &payment.currency));
}

/// A payment in one line.
fn summarized(entry: &Entry<'_>, payment: &PlannedPayment, text: &mut String) {
    let date = payment.collection_date.to_string();
    let who = [payment.id.as_str(), entry.account(), entry.name(), &date];
    text.push_str(&line(who, amounts_of(payment), &payment.currency));
}

fn amounts_of(payment: &PlannedPayment) -> [&str; 4] {
    let amounts = [&payment.gross, &payment.discount, &payment.discount_tax, &payment.net];
    amounts.map(|amount| amount.as_str())
}

/// A line of a list.
fn row(id: &str, date: &str, amounts: [&str; 5], currency: &str) -> String {
    let [amount, open, discount, tax, net] = amounts;
    let row = format!(
        "{id:<30} {date:<10} {amount:>13} {open:>13} {discount:>11} {tax:>10} {net:>13} {currency}"
    );
    format!("{}\n", row.trim_end())
}

/// A line of a summary.
fn line(who: [&str; 4], amounts: [&str; 4], currency: &str) -> String {
    let [id, account, name, date] = who;
    let [gross, discount, tax, net] = amounts;
    // The name gives way to a long account.
    let name =
        Cell { text: name, columns: 31usize.saturating_sub(account.chars().count().max(14)) };
    let row = format!(
        "{id:<15} {account:<14} {name} {date:<10} {gross:>12} {discount:>10} {tax:>9} {net:>12} \
         {currency}"
    );
    format!("{}\n", row.trim_end())
}

fn not_collected(skipped: &NotCollected<'_>, currency: &str, text: &mut String) {
    let due = |date: Date| format!("due {date}");
    let due = skipped.due_on.map_or_else(|| "no due date".to_owned(), due);
    let NotCollected { id, open, code, reason, .. } = skipped;
    let open = open.as_str();
    let _ = writeln!(
        text,
        "    not collected  {id:<22}  {due:<14}  open {open:>13} {currency}  {code}"
    );
    text.push_str(&wrapped(reason, 19));
}

/// A line of the totals.
fn amounts(currency: &str, amounts: [String; 4], text: &mut String) {
    let [gross, discount, tax, net] = amounts;
    let _ = writeln!(text, "  {currency:<12} {gross:>19} {discount:>17} {tax:>17} {net:>19}");
}
