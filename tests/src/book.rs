//! Large books of records that are alike.

use crate::House;
use arrears_storage::document::{AccountLine, Amount, ContactLine, DelinquencyLine, Line};
use arrears_storage::{Record, Replace};

/// Records that are made and stored at a time.
const BATCH: u64 = 2_000;

/// Fills a house with so many records at a milestone of a scheme, each on an
/// account of its own; all accounts have one contact. `entered_on` says since
/// when the record of a number stands there.
pub async fn fill(
    house: &House,
    records: u64,
    (scheme, milestone): (&str, &str),
    entered_on: impl Fn(u64) -> &'static str,
) {
    let stored = arrears_runs::setups::active(&house.store, &house.catalog).await.expect("a setup");
    let setup = &stored.prepared.setup;
    let contact = Line::Contact(ContactLine {
        id: "C-1".to_owned(),
        name: "R. Vance".to_owned(),
        credit_points: 0,
        attributes: Default::default(),
    });
    let usd = arrears_domain::Currency::parse("USD").expect("a currency");
    let check = |line: &Line| {
        let due = |record: &_| arrears_domain::decide::due(setup, record);
        Record::check(line, |_| Some(usd), due).expect("a line that is right")
    };
    house.store.put_records(&[check(&contact)], Replace::Nothing).await.expect("stored");
    for first in (0..records).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let batch: Vec<Record> = (first..(first + BATCH).min(records))
            .flat_map(|number| lines(number, (scheme, milestone), entered_on(number)))
            .map(|line| check(&line))
            .collect();
        house.store.put_records(&batch, Replace::Nothing).await.expect("stored");
    }
}

fn lines(number: u64, (scheme, milestone): (&str, &str), entered_on: &str) -> [Line; 2] {
    let amount: Amount = serde_json::from_str("\"152.30\"").expect("an amount");
    let text = format!(
        r#"{{"id":"D-{number}","account":"A-{number}","kind":"collections","scheme":"{scheme}","milestone":"{milestone}","entered_on":"{entered_on}","balance":"152.30"}}"#
    );
    let record: DelinquencyLine = serde_json::from_str(&text).expect("a record");
    let account = AccountLine {
        id: format!("A-{number}"),
        contact: Some("C-1".to_owned()),
        class: "residential".to_owned(),
        status: "open".to_owned(),
        currency: "USD".to_owned(),
        balance: amount,
        attributes: [("paperless".to_owned(), "no".to_owned())].into(),
    };
    [Line::Account(account), Line::Delinquency(record)]
}
