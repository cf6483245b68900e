//! Transitions are committed whole, and once.

use crate::support::*;
use arrears_domain::decide::Due;
use arrears_domain::{Currency, Delinquency, Effect, Money};
use arrears_storage::{
    AccountWrite, CommitOutcome, Record, RecordWrite, Replace, StorageError, Store,
};

async fn commit(
    store: &Store,
    number: usize,
    effects: Vec<Effect>,
) -> Result<CommitOutcome, StorageError> {
    let before = delinquency(number);
    let contact = contact_id(number);
    let record = RecordWrite {
        before: Some(&before),
        after: &advanced(&before),
        due: Due::On(date("2026-02-15")),
        transition: &transition(&before, effects),
    };
    store.commit(&AccountWrite { contact: Some(&contact), ..write(record) }).await
}

#[tokio::test]
async fn record_history_account_and_contact_change_together() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let outcome = commit(&fixture.store, 1, vec![charge(1_500), points(7), charge(20)]).await;
    assert_eq!(outcome.unwrap(), CommitOutcome::Committed);
    let page = fixture.store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(page.account.balance, usd(15_230 + 1_500 + 20));
    assert_eq!(page.contact.unwrap().credit_points, 3 + 7);
    assert_eq!(page.delinquencies, [advanced(&delinquency(1))]);
    let expected = transition(&delinquency(1), vec![charge(1_500), points(7), charge(20)]);
    assert_eq!(page.transitions, std::slice::from_ref(&expected));
    let read = fixture.store.transition(&account_id(1), &delinquency(1).id, 1).await.unwrap();
    assert_eq!(read, Some(expected));
}

#[tokio::test]
async fn write_units_are_as_the_design_says() {
    let fixture = fixture().await;
    put(&fixture.store, [1, 2, 3]).await;
    // Two items at two units each; the index takes the old key out and the new
    // one in, and is not doubled.
    for (number, effects, units) in [
        (1, vec![], 2 + 2 + 2),
        (2, vec![charge(1)], 2 + 2 + 2 + 2),
        (3, vec![charge(1), points(1)], 2 + 2 + 2 + 2 + 2),
    ] {
        let store = fixture.store.metered();
        assert_eq!(commit(&store, number, effects).await.unwrap(), CommitOutcome::Committed);
        assert_eq!(store.capacity().write_units(), transaction_units(units), "transition {number}");
        assert_eq!(store.capacity().requests, 1);
    }
}

#[tokio::test]
async fn of_two_commits_of_one_version_one_wins() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let racers = (0..8).map(|_| {
        let store = fixture.store.clone();
        async move { commit(&store, 1, vec![charge(100)]).await.unwrap() }
    });
    let outcomes = together(racers).await;
    let won = outcomes.iter().filter(|it| **it == CommitOutcome::Committed);
    assert_eq!(won.count(), 1);
    let page = fixture.store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(page.account.balance, usd(15_330), "charged once");
    assert_eq!(page.transitions.len(), 1);
}

#[tokio::test]
async fn a_commit_that_fails_leaves_nothing() {
    let fixture = fixture().await;
    let store = &fixture.store;
    // No account, no contact: only the delinquency is stored.
    let record = Record::Delinquency(Box::new(delinquency(1)), Due::EveryRun);
    store.put_records(&[record], Replace::Nothing).await.unwrap();
    let error = commit(store, 1, vec![charge(100)]).await.unwrap_err();
    assert!(matches!(error, StorageError::NoAccountToCharge { .. }), "{error}");
    let error = commit(store, 1, vec![points(1)]).await.unwrap_err();
    assert!(matches!(error, StorageError::NoContactToRate { .. }), "{error}");
    store.put_account(&account(1)).await.unwrap();
    let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(page.delinquencies, [delinquency(1)]);
    assert!(page.transitions.is_empty());
    assert_eq!(page.account.balance, usd(15_230));
}

#[tokio::test]
async fn a_charge_in_another_currency_is_refused_whole() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let eur = Money::from_minor_units(100, Currency::parse("EUR").unwrap());
    let foreign =
        Effect::OneOffCharge { line_item_type: "FEE".to_owned(), amount: eur, memo: String::new() };
    let error = commit(&fixture.store, 1, vec![foreign.clone()]).await.unwrap_err();
    assert!(matches!(error, StorageError::NoAccountToCharge { .. }), "{error}");
    let error = commit(&fixture.store, 1, vec![charge(1), foreign]).await.unwrap_err();
    assert!(matches!(error, StorageError::Charges { .. }), "{error}");
    let page = fixture.store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!((page.delinquencies, page.transitions), (vec![delinquency(1)], vec![]));
}

#[tokio::test]
async fn a_replaced_record_conflicts_and_keeps_its_history() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    assert_eq!(commit(store, 1, vec![]).await.unwrap(), CommitOutcome::Committed);
    // The book is imported again while a run has read version 1.
    store.put_records(&records(1), Replace::Stored).await.unwrap();
    let before = advanced(&delinquency(1));
    let record = RecordWrite {
        before: Some(&before),
        after: &advanced(&before),
        due: Due::Never,
        transition: &transition(&before, vec![]),
    };
    assert_eq!(store.commit(&write(record)).await.unwrap(), CommitOutcome::Conflict);
    let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
    let [stored] = page.delinquencies.as_slice() else { panic!("one record") };
    assert_eq!((stored.version, stored.sequence), (2, 1));
    assert_eq!(stored.milestone, delinquency(1).milestone, "the line replaced the state");
    // And it can go on from there.
    let record = RecordWrite {
        before: Some(stored),
        after: &advanced(stored),
        due: Due::Never,
        transition: &transition(stored, vec![]),
    };
    assert_eq!(store.commit(&write(record)).await.unwrap(), CommitOutcome::Committed);
}

#[tokio::test]
async fn a_record_behind_its_history_conflicts_until_a_book_brings_its_sequence() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let at = |sequence| Delinquency { sequence, ..delinquency(1) };
    let record = |sequence| Record::Delinquency(Box::new(at(sequence)), Due::EveryRun);
    let ahead = Record::Transition(Box::new(transition(&at(3), vec![])));
    store.put_records(&[record(3), ahead], Replace::Stored).await.unwrap();
    let advance = async || {
        let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
        let before = &page.delinquencies[0];
        let (after, entry) = (advanced(before), transition(before, vec![]));
        let record = RecordWrite {
            before: Some(before),
            after: &after,
            due: Due::Never,
            transition: &entry,
        };
        store.commit(&write(record)).await.unwrap()
    };
    assert_eq!(advance().await, CommitOutcome::Conflict);
    assert_eq!(advance().await, CommitOutcome::Conflict);
    store.put_news(&[record(4)], &|_| Due::EveryRun).await.unwrap();
    assert_eq!(advance().await, CommitOutcome::Committed);
}

/// More than 4 MB in one transaction: fifteen new records of 300 kB.
#[tokio::test]
async fn more_bytes_than_a_transaction_takes_are_refused_whole() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let large: Vec<_> = (0..15)
        .map(|number| {
            let (mut record, mut entry) = placed(&format!("D-1-C{number}"));
            record.attributes.insert("note".to_owned(), "x".repeat(300_000));
            entry.delinquency = record.id.clone();
            (record, entry)
        })
        .collect();
    let account = account_id(1);
    let records = large.iter().map(new_record).collect();
    let write = AccountWrite { records, ..AccountWrite::new(&account) };
    if is_too_large(fixture.store.commit(&write).await) {
        let page = fixture.store.account_page(&account).await.unwrap().unwrap();
        assert_eq!((page.delinquencies.len(), page.transitions.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_usual_transition_with_two_actions_fits_a_kilobyte() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let before = delinquency(1);
    let notice = Effect::Notice {
        correspondence: "REMINDER-1".to_owned(),
        channel: "letter".to_owned(),
        fields: vec![
            ("name".to_owned(), "R. Vance".to_owned()),
            ("balance".to_owned(), "152.30 USD".to_owned()),
        ],
    };
    let mut usual = transition(&before, vec![notice]);
    usual.actions[0].plugin_digest = format!("sha256:{}", "0".repeat(64));
    let mut second = usual.actions[0].clone();
    second.position = 1;
    second.action_type = "one-off-charge".to_owned();
    second.outcome = arrears_domain::ActionOutcome::Applied(vec![charge(1_500)]);
    usual.actions.push(second);
    let step = usual.explanation.steps[0].clone();
    usual.explanation.steps.extend([step.clone(), step]);
    let record = RecordWrite {
        before: Some(&before),
        after: &advanced(&before),
        due: Due::On(date("2026-02-15")),
        transition: &usual,
    };
    let store = fixture.store.metered();
    assert_eq!(store.commit(&write(record)).await.unwrap(), CommitOutcome::Committed);
    assert_eq!(store.capacity().write_units(), transaction_units(2 + 2 + 2 + 2));
}
