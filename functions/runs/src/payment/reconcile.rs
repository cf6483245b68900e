//! The proof that a run's report, files and ledger agree to the minor unit. Each is
//! counted by itself: reports and files while they are written, the ledger by
//! reading what was posted.

use super::bank::BankSums;
use super::sums::{Amounts, Sums};
use crate::error::RunError;
use arrears_domain::payment::{LineKind, Posting, PostingKind};
use arrears_storage::Store;
use arrears_storage::document::{Line, LineError};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// That they agree, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What each report and file has, by its key.
    pub counted: Vec<Counted>,
    /// The control totals of the bank's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankSums>,
    /// What the ledger has.
    pub ledger: LedgerSums,
}

/// What a report or a file has, by its own count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The report or file.
    pub key: String,
    /// Its sums.
    pub sums: Sums,
}

/// What the ledger got for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerSums {
    /// Postings, one for each payment.
    pub postings: u64,
    /// The lines, by currency.
    pub lines: BTreeMap<String, LedgerAmounts>,
}

/// The lines of a ledger in one currency, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerAmounts {
    /// Bank lines.
    pub bank_minor_units: i64,
    /// Debtor lines, those of discounts included.
    pub debtor_minor_units: i64,
    /// Discount lines, without tax.
    pub discount_minor_units: i64,
    /// Lines of the tax in discounts.
    pub discount_tax_minor_units: i64,
}

impl LedgerSums {
    /// Reads what was posted for a run.
    async fn read(store: &Store, run_key: &str) -> Result<Self, RunError> {
        let mut sums = Self::default();
        let mut pages = store.scan_types(&["posting"]);
        while let Some(page) = pages.try_next().await? {
            for line in page {
                let Line::Posting(line) = line else { continue };
                if line.cause == run_key && line.kind == PostingKind::Collection {
                    let damaged = |error: LineError| RunError::BookLine(Box::new(error));
                    let posting = Posting::try_from(&line).map_err(damaged)?;
                    sums.count(&line.currency, &posting);
                }
            }
        }
        Ok(sums)
    }

    fn count(&mut self, currency: &str, posting: &Posting) {
        self.postings += 1;
        let own = self.lines.entry(currency.to_owned()).or_default();
        for (sum, kinds) in [
            (&mut own.bank_minor_units, &[LineKind::Bank][..]),
            (&mut own.debtor_minor_units, &[LineKind::Debtor, LineKind::DebtorDiscount][..]),
            (&mut own.discount_minor_units, &[LineKind::Discount][..]),
            (&mut own.discount_tax_minor_units, &[LineKind::DiscountTax][..]),
        ] {
            for kind in kinds {
                *sum = sum.saturating_add(posting.sum_minor_units(*kind));
            }
        }
    }
}

impl Proof {
    /// Compares what was counted.
    pub(super) async fn of(
        store: &Store,
        run_key: &str,
        sums: &Sums,
        counted: &[Counted],
        bank: Option<&BankSums>,
    ) -> Result<Self, RunError> {
        let ledger = LedgerSums::read(store, run_key).await?;
        let mut differs = Vec::new();
        for of_file in counted {
            if of_file.sums != *sums {
                differs.push(format!("{} has {:?}, the run {sums:?}", of_file.key, of_file.sums));
            }
        }
        compare_bank(sums, bank, &mut differs);
        compare_ledger(sums, &ledger, &mut differs);
        if !differs.is_empty() {
            let (run_key, differs) = (run_key.to_owned(), differs.join("; "));
            return Err(RunError::NotReconciled { run_key, differs });
        }
        Ok(Self { counted: counted.to_vec(), bank: bank.cloned(), ledger })
    }
}

fn compare_bank(sums: &Sums, bank: Option<&BankSums>, differs: &mut Vec<String>) {
    let Some(bank) = bank else { return };
    let net = sums.amounts.get(&bank.currency).map_or(0, |own| own.net_minor_units);
    if (bank.debits, bank.debit_minor_units) != (sums.payments, net) {
        differs.push(format!(
            "the bank's file has {} debits of {} minor units, the report {} payments of {net}",
            bank.debits, bank.debit_minor_units, sums.payments
        ));
    }
    if bank.prenotes != sums.prenotes {
        differs.push(format!(
            "the bank's file has {} prenotes, the report {}",
            bank.prenotes, sums.prenotes
        ));
    }
}

fn compare_ledger(sums: &Sums, ledger: &LedgerSums, differs: &mut Vec<String>) {
    if ledger.postings != sums.payments {
        differs.push(format!(
            "the ledger has {} postings, the report {} payments",
            ledger.postings, sums.payments
        ));
    }
    let none = (Amounts::default(), LedgerAmounts::default());
    let currencies = sums.amounts.keys().chain(ledger.lines.keys());
    for currency in currencies.collect::<std::collections::BTreeSet<_>>() {
        let reported = sums.amounts.get(currency).unwrap_or(&none.0);
        let posted = ledger.lines.get(currency).unwrap_or(&none.1);
        let discount = reported.discount_minor_units - reported.discount_tax_minor_units;
        let expected = LedgerAmounts {
            bank_minor_units: reported.net_minor_units,
            debtor_minor_units: -(reported.net_minor_units + reported.discount_minor_units),
            discount_minor_units: discount,
            discount_tax_minor_units: reported.discount_tax_minor_units,
        };
        if *posted != expected {
            differs
                .push(format!("the ledger has {posted:?} in {currency}, the report {expected:?}"));
        }
    }
}
