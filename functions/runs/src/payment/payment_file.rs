//! The payment file: all that was collected of whom, for whoever makes letters,
//! checks or receipts of it.
//!
//! It is JSON Lines. The first line is a `header`; a `payment` follows for each
//! payment that was made, and a `prenote` for each account that is tried first; the
//! last line is a `trailer` with counts and sums, without which the file is not
//! whole. Amounts are decimal text.

use super::plan::{PlannedAccount, PlannedPayment};
use super::report::{self, Head, Report};
use super::sums::{NotSummed, Sums};
use arrears_domain::setup::BankFormat;
use arrears_domain::{Date, Period};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The number of this form of the file; another form gets another number.
const VERSION: u32 = 1;

/// Writes a payment file.
#[derive(Default)]
pub(super) struct PaymentFile {
    collector: Value,
    /// The allocation date of all payments.
    base_date: Option<Date>,
    counted: Sums,
}

impl PaymentFile {
    /// The file of a profile with the bank's file; none if the method needs none.
    pub(super) fn new(bank: Option<&BankFormat>) -> Self {
        Self { collector: bank.map_or(Value::Null, collector), ..Self::default() }
    }
}

impl Report for PaymentFile {
    fn head(&mut self, head: &Head, out: &mut Vec<u8>) {
        self.base_date = Some(head.base_date);
        let header = json!({
            "type": "header",
            "version": VERSION,
            "run_key": head.run_key,
            "number": head.number,
            "agency": head.agency,
            "agency_name": head.agency_name,
            "profile": head.profile,
            "profile_name": head.profile_name,
            "method": head.method,
            "bank_format": head.bank_format,
            "base_date": head.base_date.to_string(),
            "collection_date": head.collection_date.to_string(),
            "created_at": head.created_at,
            "collector": self.collector,
        });
        line(&header, out);
    }

    fn account(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), NotSummed> {
        // What is not collected is counted like everywhere, and no part of the file.
        self.counted.count(planned, refused.map(|(code, _)| code))?;
        if let Some(payment) = &planned.payment
            && refused.is_none()
        {
            line(&self.payment(planned, payment), out);
        }
        if let Some(prenote) = &planned.prenote {
            let prenote = json!({
                "type": "prenote",
                "number": prenote.number,
                "account": account(planned),
                "contact": contact(planned),
                "mandate": mandate(planned, Some(&prenote.mandate)),
            });
            line(&prenote, out);
        }
        Ok(())
    }

    fn end(&mut self, sums: &Sums, out: &mut Vec<u8>) {
        let amounts = sums.amounts.iter().map(|(currency, amounts)| {
            let [gross, discount, discount_tax, net] = report::texts(currency, amounts);
            let amounts = json!({
                "gross": gross,
                "discount": discount,
                "discount_tax": discount_tax,
                "net": net,
            });
            (currency.clone(), amounts)
        });
        let trailer = json!({
            "type": "trailer",
            "payments": sums.payments,
            "transactions": sums.transactions,
            "prenotes": sums.prenotes,
            "amounts": Value::Object(amounts.collect::<Map<_, _>>()),
        });
        line(&trailer, out);
    }

    fn counted(&self) -> Sums {
        self.counted.clone()
    }
}

impl PaymentFile {
    fn payment(&self, planned: &PlannedAccount, payment: &PlannedPayment) -> Value {
        let lines = planned.inputs.transactions.iter();
        let lines: BTreeMap<&str, _> = lines.map(|line| (line.id.as_str(), line)).collect();
        let items = payment.items.iter().map(|item| {
            let line = lines.get(item.id.as_str());
            json!({
                "id": item.id,
                "bill_type": line.and_then(|line| line.bill_type.as_ref()),
                "date": line.map(|line| &line.date),
                "due_date": item.due_on.map(|date| date.to_string()),
                "amount": item.amount,
                "open": item.open,
                "discount": item.discount,
                "discount_tax": item.discount_tax,
            })
        });
        let credits = payment.credits.iter().map(|credit| {
            let date = lines.get(credit.id.as_str()).map(|line| &line.date);
            json!({ "id": credit.id, "date": date, "amount": credit.amount })
        });
        json!({
            "type": "payment",
            "payment": payment.id,
            "number": payment.number,
            "allocation": {
                "reference": payment.id,
                "date": self.base_date.map(|date| date.to_string()),
                "period": self.base_date.map(|date| Period::of(date).to_string()),
            },
            "account": account(planned),
            "contact": contact(planned),
            "mandate": mandate(planned, payment.mandate.as_deref()),
            "collection_date": payment.collection_date.to_string(),
            "currency": payment.currency,
            "gross": payment.gross,
            "discount": payment.discount,
            "discount_tax": payment.discount_tax,
            "net": payment.net,
            "transactions": items.collect::<Vec<_>>(),
            "credits": credits.collect::<Vec<_>>(),
        })
    }
}

/// Who collects, as bank and debtors know it.
fn collector(bank: &BankFormat) -> Value {
    match bank {
        BankFormat::Pain008(creditor) => json!({
            "name": creditor.name,
            "creditor_id": creditor.id.to_string(),
            "iban": creditor.iban.to_string(),
            "bic": creditor.bic.as_ref().map(ToString::to_string),
            "town": creditor.town,
            "country": creditor.country,
        }),
        BankFormat::Nacha(originator) => json!({
            "name": originator.name,
            "company_id": originator.company_id,
            "routing_number": originator.routing_number.to_string(),
            "bank_name": originator.bank_name,
            "entry_description": originator.entry_description,
        }),
    }
}

fn account(planned: &PlannedAccount) -> Value {
    let account = &planned.inputs.account;
    json!({
        "id": account.id,
        "class": account.class,
        "currency": account.currency,
        "attributes": account.attributes,
    })
}

fn contact(planned: &PlannedAccount) -> Value {
    planned.inputs.contact.as_ref().map_or(Value::Null, |contact| {
        json!({ "id": contact.id, "name": contact.name, "attributes": contact.attributes })
    })
}

/// The mandate as the book has it, with its bank account; null if there is none.
fn mandate(planned: &PlannedAccount, id: Option<&str>) -> Value {
    let named = |id: &str| planned.inputs.mandates.iter().find(|mandate| mandate.id == id);
    json!(id.and_then(named))
}

fn line(value: &Value, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_string().as_bytes());
    out.push(b'\n');
}
