//! The report as a page for screens and for print, which needs nothing but itself.
//!
//! A payment is a body of a table, so that a printer keeps it together. Tables end
//! after some accounts, so that a browser lays out only what is looked at.

use super::{Entry, Head, NotCollected, Report, Sums, counts, seen, taken_off, texts};
use crate::export::template::escape;
use crate::payment::plan::{PlannedAccount, PlannedPayment};
use crate::payment::sums::NotSummed;
use arrears_domain::Date;
use arrears_domain::setup::ReportDetail;
use std::fmt::{self, Display, Write};

/// How the page looks.
const STYLE: &str = include_str!("page.css");

/// Accounts of one table: some ten pages.
const TABLE_ACCOUNTS: u32 = 200;

/// The report.
#[derive(Default)]
pub(super) struct Html {
    run_key: String,
    is_list: bool,
    /// Accounts of the table that is open; none if none is.
    in_table: u32,
    has_accounts: bool,
    /// How far the run went; said at the beginning and with the totals.
    standing: String,
    counted: Sums,
}

/// A text of others.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape::xml(f, &seen(self.0))
    }
}

impl Report for Html {
    fn head(&mut self, head: &Head, out: &mut Vec<u8>) {
        self.run_key.clone_from(&head.run_key);
        self.is_list = head.detail == ReportDetail::List;
        let (run, agency) = (Escaped(&head.run_key), Escaped(&head.agency));
        let name = Escaped(&head.agency_name);
        let (word, sentence) = head.standing();
        let (class, sentence) = (head.mode.as_str(), Escaped(sentence));
        self.standing =
            format!("<p class=\"standing {class}\"><b>{word}:</b> <bdi>{sentence}</bdi></p>\n");
        let mut page = String::new();
        // No script runs and nothing is loaded, whatever a name may say.
        let _ = write!(
            page,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>Payment collection run {run}</title>\n<style>\n{STYLE}</style>\n</head>\n\
             <body>\n<header>\n<p class=\"agency\"><bdi>{name}</bdi> ({agency})</p>\n\
             <h1>Payment collection run <span>{run}</span></h1>\n"
        );
        page.push_str(&self.standing);
        page.push_str("<dl class=\"facts\">\n");
        for (label, fact) in head.facts() {
            let fact = Escaped(&fact);
            let _ = writeln!(page, "<div><dt>{label}</dt><dd><bdi>{fact}</bdi></dd></div>");
        }
        page.push_str("</dl>\n<nav><a href=\"#totals\">Go to the totals</a></nav>\n</header>\n");
        page.push_str("<main>\n");
        out.extend_from_slice(page.as_bytes());
    }

    fn account(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), NotSummed> {
        self.counted.count(planned, refused.map(|(code, _)| code))?;
        let Some(entry) = Entry::of(planned, refused) else { return Ok(()) };
        let mut page = String::new();
        if self.in_table == TABLE_ACCOUNTS {
            self.end_table(&mut page);
        }
        if self.in_table == 0 {
            page.push_str(self.table());
        }
        self.in_table += 1;
        self.has_accounts = true;
        page.push_str("<tbody>\n");
        match entry.payment {
            Some(payment) => self.payment(&entry, payment, &mut page),
            None => {
                let refused = entry.refused.map(|id| format!("payment {id} was refused"));
                let what = refused.unwrap_or_else(|| "no payment".to_owned());
                let (name, columns) = (title(&entry, &what), self.columns());
                let _ =
                    writeln!(page, "<tr class=\"a\"><th colspan=\"{columns}\">{name}</th></tr>");
            }
        }
        for skipped in &entry.skipped {
            self.not_collected(skipped, entry.currency(), &mut page);
        }
        if let Some(mandate) = entry.prenote {
            let (mandate, columns) = (Escaped(mandate), self.columns());
            let _ = writeln!(
                page,
                "<tr class=\"n\"><td colspan=\"{columns}\">Prenote for mandate {mandate}</td></tr>"
            );
        }
        page.push_str("</tbody>\n");
        out.extend_from_slice(page.as_bytes());
        Ok(())
    }

    fn end(&mut self, sums: &Sums, out: &mut Vec<u8>) {
        let mut page = String::new();
        if !self.has_accounts {
            page.push_str("<p class=\"none\">No account has anything to collect.</p>\n");
        }
        self.end_table(&mut page);
        self.totals(sums, &mut page);
        let run = Escaped(&self.run_key);
        let _ = write!(
            page,
            "</main>\n<footer>End of the report of {run}</footer>\n</body>\n</html>\n"
        );
        out.extend_from_slice(page.as_bytes());
    }

    fn counted(&self) -> Sums {
        self.counted.clone()
    }
}

impl Html {
    /// The beginning of a table of accounts.
    fn table(&self) -> &'static str {
        if self.is_list {
            "<section>\n<table class=\"accounts list\">\n<thead><tr><th>Account, transaction</th>\
             <th>Date</th><th>Amount</th><th>Open, gross</th><th>Discount</th><th>Tax in it</th>\
             <th>Net</th></tr></thead>\n"
        } else {
            "<section>\n<table class=\"accounts summary\">\n<thead><tr><th>Account, payment</th>\
             <th>Date</th><th>Gross</th><th>Discount</th><th>Tax in it</th><th>Net</th></tr>\
             </thead>\n"
        }
    }

    fn columns(&self) -> u32 {
        if self.is_list { 7 } else { 6 }
    }

    fn end_table(&mut self, page: &mut String) {
        if self.in_table > 0 {
            page.push_str("</table>\n</section>\n");
            self.in_table = 0;
        }
    }

    fn payment(&self, entry: &Entry<'_>, payment: &PlannedPayment, page: &mut String) {
        let mandate = payment.mandate.as_ref().map(|mandate| format!(", mandate {mandate}"));
        let (mandate, date) = (mandate.unwrap_or_default(), payment.collection_date);
        // The amount of a list is that of a transaction.
        let amount = if self.is_list { "<td></td>" } else { "" };
        let name = title(entry, &format!("{}{mandate}", payment.id));
        let _ = writeln!(
            page,
            "<tr class=\"p\"><th>{name}</th><td>{date}</td>{amount}<td>{}</td><td>{}</td><td>{}</td>\
             <td>{} {}</td></tr>",
            Escaped(payment.gross.as_str()),
            Escaped(payment.discount.as_str()),
            Escaped(payment.discount_tax.as_str()),
            Escaped(payment.net.as_str()),
            Escaped(&payment.currency),
        );
        if !self.is_list {
            return;
        }
        for item in &payment.items {
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td></td>\
                 </tr>",
                Escaped(&item.id),
                Day(item.due_on),
                Escaped(item.amount.as_str()),
                Escaped(item.open.as_str()),
                Escaped(item.discount.as_str()),
                Escaped(item.discount_tax.as_str()),
            );
        }
        for credit in &payment.credits {
            let (id, amount) = (Escaped(&credit.id), taken_off(&credit.amount));
            let _ = writeln!(
                page,
                "<tr><td>Credit {id}</td><td></td><td>{}</td><td></td><td></td><td></td><td></td>\
                 </tr>",
                Escaped(&amount)
            );
        }
    }

    fn not_collected(&self, skipped: &NotCollected<'_>, currency: &str, page: &mut String) {
        let amount = if self.is_list { "<td></td>" } else { "" };
        let _ = writeln!(
            page,
            "<tr class=\"s\"><td>{}</td><td>{}</td>{amount}<td>{} {}</td><td colspan=\"3\">\
             <b>Not collected: {}</b> <bdi>{}</bdi></td></tr>",
            Escaped(skipped.id),
            Day(skipped.due_on),
            Escaped(skipped.open.as_str()),
            Escaped(currency),
            Escaped(skipped.code),
            Escaped(skipped.reason),
        );
    }

    fn totals(&self, sums: &Sums, page: &mut String) {
        let standing = &self.standing;
        let _ = write!(
            page,
            "<section id=\"totals\">\n<h2>Totals</h2>\n{standing}<dl class=\"counts\">\n"
        );
        for (label, count) in counts(sums) {
            let _ = writeln!(page, "<div><dt>{label}</dt><dd>{count}</dd></div>");
        }
        page.push_str("</dl>\n");
        if !sums.amounts.is_empty() {
            page.push_str(
            "<table class=\"sums\">\n<thead><tr><th>Currency</th><th>Gross</th><th>Discount</th>\
             <th>Tax in it</th><th>Net</th></tr></thead>\n<tbody>\n",
        );
            for (currency, amounts) in &sums.amounts {
                let [gross, discount, tax, net] = texts(currency, amounts);
                let currency = Escaped(currency);
                let _ = writeln!(
                    page,
                    "<tr><th>{currency}</th><td>{gross}</td><td>{discount}</td><td>{tax}</td>\
                 <td>{net}</td></tr>"
                );
            }
            page.push_str("</tbody>\n</table>\n");
        }
        if !sums.skipped_by_reason.is_empty() {
            page.push_str(
                "<table class=\"reasons\">\n<thead><tr><th>Not collected, by reason</th>\
             <th>Transactions</th></tr></thead>\n<tbody>\n",
            );
            for (code, count) in &sums.skipped_by_reason {
                let _ = writeln!(page, "<tr><th>{}</th><td>{count}</td></tr>", Escaped(code));
            }
            page.push_str("</tbody>\n</table>\n");
        }
        page.push_str("</section>\n");
    }
}

/// A date, or nothing.
struct Day(Option<Date>);

impl Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |date| write!(f, "{date}"))
    }
}

/// Whose account it is, and what is said of it.
fn title(entry: &Entry<'_>, what: &str) -> String {
    let (name, account, what) = (Escaped(entry.name()), Escaped(entry.account()), Escaped(what));
    format!("<bdi>{name}</bdi> {account}<small>{what}</small>")
}
