//! The report as comma-separated values: one heading and one kind of row, which a
//! spreadsheet can filter by its first column.
//!
//! The amounts of a payment's transactions and credits come to its gross, unless a
//! transaction was settled in part before.

use super::{Entry, Head, Report, Sums, taken_off, texts};
use crate::export::template::escape;
use crate::payment::plan::{PlannedAccount, PlannedPayment};
use crate::payment::sums::NotSummed;
use arrears_domain::Date;
use arrears_domain::setup::ReportDetail;
use std::fmt::{self, Write};

/// The report.
#[derive(Default)]
pub(super) struct Csv {
    run_key: String,
    mode: &'static str,
    is_list: bool,
    given_up: Option<String>,
    counted: Sums,
}

/// The names of the columns, in the order of [`Csv::row`].
const HEADING: &str = "row,run,mode,payment,account,name,transaction,mandate,due_date,\
                       collection_date,currency,amount,open,gross,discount,discount_tax,net,\
                       count,code,reason\n";

/// A row; what is empty does not apply to it.
#[derive(Default, Clone, Copy)]
struct Row<'a> {
    /// `payment`, `transaction`, `credit`, `skipped`, `prenote` or `total`.
    row: &'static str,
    payment: &'a str,
    account: &'a str,
    name: &'a str,
    transaction: &'a str,
    mandate: &'a str,
    due_on: Option<Date>,
    collection_date: Option<Date>,
    currency: &'a str,
    amount: &'a str,
    open: &'a str,
    gross: &'a str,
    discount: &'a str,
    discount_tax: &'a str,
    net: &'a str,
    /// Of a payment, its transactions.
    count: Option<u64>,
    code: &'a str,
    reason: &'a str,
}

/// A text as a field that no spreadsheet computes.
struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape::csv(f, self.0, false)
    }
}

impl Report for Csv {
    fn head(&mut self, head: &Head, out: &mut Vec<u8>) {
        self.run_key.clone_from(&head.run_key);
        self.mode = head.mode.as_str();
        self.is_list = head.detail == ReportDetail::List;
        self.given_up.clone_from(&head.given_up);
        out.extend_from_slice(HEADING.as_bytes());
    }

    fn account(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), NotSummed> {
        self.counted.count(planned, refused.map(|(code, _)| code))?;
        let Some(entry) = Entry::of(planned, refused) else { return Ok(()) };
        let account = Row {
            account: entry.account(),
            name: entry.name(),
            currency: entry.currency(),
            ..Row::default()
        };
        if let Some(payment) = entry.payment {
            self.payment(account, payment, out);
        }
        for skipped in &entry.skipped {
            let row = Row {
                row: "skipped",
                payment: skipped.payment.unwrap_or_default(),
                transaction: skipped.id,
                due_on: skipped.due_on,
                open: skipped.open.as_str(),
                code: skipped.code,
                reason: skipped.reason,
                ..account
            };
            self.row(&row, out);
        }
        if let Some(mandate) = entry.prenote {
            self.row(&Row { row: "prenote", mandate, ..account }, out);
        }
        Ok(())
    }

    fn end(&mut self, sums: &Sums, out: &mut Vec<u8>) {
        let total = Row { row: "total", ..Row::default() };
        for (currency, amounts) in &sums.amounts {
            let [gross, discount, discount_tax, net] = &texts(currency, amounts);
            let code = "AMOUNTS";
            self.row(&Row { code, currency, gross, discount, discount_tax, net, ..total }, out);
        }
        for (code, count) in [
            ("PAYMENTS", sums.payments),
            ("TRANSACTIONS", sums.transactions),
            ("PRENOTES", sums.prenotes),
            ("SKIPPED", sums.skipped),
        ] {
            self.row(&Row { code, count: Some(count), ..total }, out);
        }
        for (reason, count) in &sums.skipped_by_reason {
            let code = "SKIPPED_BY_REASON";
            self.row(&Row { code, reason, count: Some(*count), ..total }, out);
        }
        if let Some(reason) = &self.given_up {
            self.row(&Row { code: "GIVEN_UP", reason, ..total }, out);
        }
    }

    fn counted(&self) -> Sums {
        self.counted.clone()
    }
}

impl Csv {
    fn payment(&self, account: Row<'_>, payment: &PlannedPayment, out: &mut Vec<u8>) {
        let of_payment = Row { payment: &payment.id, currency: &payment.currency, ..account };
        let row = Row {
            row: "payment",
            mandate: payment.mandate.as_deref().unwrap_or_default(),
            collection_date: Some(payment.collection_date),
            gross: payment.gross.as_str(),
            discount: payment.discount.as_str(),
            discount_tax: payment.discount_tax.as_str(),
            net: payment.net.as_str(),
            count: Some(payment.items.len() as u64),
            ..of_payment
        };
        self.row(&row, out);
        if !self.is_list {
            return;
        }
        for item in &payment.items {
            let row = Row {
                row: "transaction",
                transaction: &item.id,
                due_on: item.due_on,
                amount: item.amount.as_str(),
                open: item.open.as_str(),
                discount: item.discount.as_str(),
                discount_tax: item.discount_tax.as_str(),
                ..of_payment
            };
            self.row(&row, out);
        }
        for credit in &payment.credits {
            let amount = &taken_off(&credit.amount);
            let row = Row { row: "credit", transaction: &credit.id, amount, ..of_payment };
            self.row(&row, out);
        }
    }

    fn row(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        let (due_on, collection_date) = (date(row.due_on), date(row.collection_date));
        let count = row.count.map(|count| count.to_string()).unwrap_or_default();
        let mut line = String::new();
        for (number, field) in [
            row.row,
            &self.run_key,
            self.mode,
            row.payment,
            row.account,
            row.name,
            row.transaction,
            row.mandate,
            &due_on,
            &collection_date,
            row.currency,
            row.amount,
            row.open,
            row.gross,
            row.discount,
            row.discount_tax,
            row.net,
            &count,
            row.code,
            row.reason,
        ]
        .into_iter()
        .enumerate()
        {
            let comma = if number == 0 { "" } else { "," };
            let _ = write!(line, "{comma}{}", Field(field));
        }
        line.push('\n');
        out.extend_from_slice(line.as_bytes());
    }
}
