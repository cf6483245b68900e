//! Books for payment collection runs, line by line.

use serde_json::{Value, json};

/// Debtors' bank accounts with right check digits.
const IBANS: [&str; 5] = [
    "DE02120300000000202051",
    "DE02500105170137075030",
    "DE02100500000054540402",
    "DE02300209000106531065",
    "DE02200505501015871393",
];

/// Lines of a book under way.
#[derive(Default)]
pub struct Book(Vec<Value>);

impl Book {
    /// An account of its own contact, `C-` and its id, with what it owes.
    pub fn account(&mut self, id: &str, currency: &str, balance: &str) -> &mut Self {
        self.account_with(id, currency, balance, json!({}))
    }

    /// The same with other fields.
    pub fn account_with(
        &mut self,
        id: &str,
        currency: &str,
        balance: &str,
        with: Value,
    ) -> &mut Self {
        self.0.push(
            json!({"type": "contact", "id": format!("C-{id}"), "name": format!("R. Vance {id}")}),
        );
        let account = json!({"type": "account", "id": id, "contact": format!("C-{id}"),
            "class": "residential", "currency": currency, "balance": balance});
        self.push(account, with)
    }

    /// A water bill that is due on 2026-01-15.
    pub fn bill(&mut self, account: &str, id: &str, amount: &str) -> &mut Self {
        self.bill_with(account, id, amount, json!({}))
    }

    /// The same with other fields.
    pub fn bill_with(&mut self, account: &str, id: &str, amount: &str, with: Value) -> &mut Self {
        let bill = json!({"type": "transaction", "id": id, "account": account,
            "bill_type": "WATER", "date": "2026-01-01", "due_date": "2026-01-15",
            "amount": amount, "marker": "unallocated"});
        self.push(bill, with)
    }

    /// A credit that is not spent.
    pub fn credit(&mut self, account: &str, id: &str, amount: &str) -> &mut Self {
        self.push(
            json!({"type": "transaction", "id": id, "account": account,
            "date": "2026-01-05", "amount": format!("-{amount}"), "marker": "unallocated"}),
            json!({}),
        )
    }

    /// A mandate of SEPA, `M-` and the account's id.
    pub fn sepa(&mut self, account: &str, sequence: &str) -> &mut Self {
        self.sepa_with(account, json!({"sequence": sequence}))
    }

    /// The same with other fields.
    pub fn sepa_with(&mut self, account: &str, with: Value) -> &mut Self {
        let iban = IBANS[self.0.len() % IBANS.len()];
        let mandate = json!({"type": "mandate", "id": format!("M-{account}"), "account": account,
            "scheme": "sepa-core", "iban": iban, "signed_on": "2025-06-01"});
        self.push(mandate, with)
    }

    /// A mandate for ACH debits, `M-` and the account's id.
    pub fn ach(&mut self, account: &str) -> &mut Self {
        self.ach_with(account, json!({}))
    }

    /// The same with other fields.
    pub fn ach_with(&mut self, account: &str, with: Value) -> &mut Self {
        let mandate = json!({"type": "mandate", "id": format!("M-{account}"), "account": account,
            "scheme": "nacha-ppd", "routing_number": "091400606", "account_number": "123456789",
            "account_type": "checking"});
        self.push(mandate, with)
    }

    /// A record in collections.
    pub fn record(&mut self, account: &str, id: &str, balance: &str) -> &mut Self {
        self.push(
            json!({"type": "delinquency", "id": id, "account": account,
            "kind": "collections", "scheme": "RES", "milestone": "REMIND",
            "entered_on": "2026-01-20", "balance": balance}),
            json!({}),
        )
    }

    fn push(&mut self, mut line: Value, with: Value) -> &mut Self {
        for (name, value) in with.as_object().unwrap() {
            line[name] = value.clone();
        }
        self.0.push(line);
        self
    }

    /// The text.
    pub fn text(&self) -> String {
        self.0.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// A first debit of 42.00 and an only one of 11.00: case 10 of the reference.
pub fn first_and_only() -> Book {
    let mut book = Book::default();
    book.account("A-1", "EUR", "42.00").bill("A-1", "JAN", "42.00").sepa("A-1", "FRST");
    book.account("A-2", "EUR", "11.00").bill("A-2", "JAN", "11.00").sepa("A-2", "OOFF");
    book
}

/// Whatever there is: a settlement discount, credits, a record that owes less, two
/// bills, another scheme, and what is not collected.
pub fn of_all_kinds() -> Book {
    let mut book = first_and_only();
    let discount = json!({"discount_percent": "5", "discount_tax_percent": "20"});
    book.account("A-3", "EUR", "1100.00")
        .bill_with("A-3", "JAN", "1200.00", discount)
        .credit("A-3", "CREDIT", "100.00")
        .record("A-3", "D-3", "1100.00")
        .sepa("A-3", "RCUR");
    book.account("A-4", "EUR", "30.00")
        .bill("A-4", "JAN", "10.00")
        .bill("A-4", "FEB", "20.00")
        .sepa_with("A-4", json!({"scheme": "sepa-b2b", "sequence": "FRST"}));
    book.account("A-5", "EUR", "70.00")
        .bill_with("A-5", "JAN", "50.00", json!({"marker": "withheld"}))
        .bill("A-5", "FEB", "20.00")
        .sepa("A-5", "FNAL");
    book
}
