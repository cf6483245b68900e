//! The book: what goes in comes out.

use crate::support::*;
use arrears_domain::decide::Due;
use arrears_domain::{Account, Delinquency};
use arrears_storage::document::{Line, RunLine};
use arrears_storage::{Record, Replace, Store};
use futures::TryStreamExt;
use std::collections::{BTreeMap, HashSet};

const BOOK: &str = r#"{"type":"contact","id":"C-1","name":"R. Vance","credit_points":4}
{"type":"account","id":"A-1","contact":"C-1","class":"residential","status":"suspended","currency":"JPY","balance":"-152","attributes":{"paperless":"no"}}
{"type":"delinquency","id":"D-1","account":"A-1","kind":"bill-type","bill_type":"WATER","origin":"D-0","items":["T-1","T-2"],"scheme":"RES","milestone":"REMIND","status":"resolved","resolution_code":"PAID","resolved_on":"2026-02-01","entered_on":"2026-01-15","oldest_debt_on":"2025-12-01","balance":"152","extension_days":3,"hold":{"kind":"promise","reason":"by phone","until":"2026-03-01","outstanding":"100"},"attributes":{"district":"7"},"sequence":1,"version":4}
{"type":"transaction","id":"T-1","account":"A-1","date":"2026-01-02","amount":"1200","marker":"withheld"}
{"type":"transaction","id":"T-2","account":"A-1","bill_type":"WATER","date":"2026-01-02","due_date":"2026-01-30","amount":"152","currency":"JPY","marker":"unallocated","discount_percent":"5"}
{"type":"transaction","id":"T-3","account":"A-1","bill_type":"WATER","date":"2026-02-01","amount":"-152","marker":"correction","spent":[{"item":"T-2","amount":"152"}],"lowered":[{"delinquency":"D-1","amount":"152"}]}
{"type":"transaction","id":"T-4","account":"A-1","date":"2026-02-03","amount":"152","marker":"correction","reverses":"T-3"}
{"type":"mandate","id":"M-1","account":"A-1","scheme":"sepa-core","iban":"DE89370400440532013000","signed_on":"2025-11-03"}
{"type":"transition","delinquency":"D-1","account":"A-1","sequence":1,"event":"resolved-full-payment","scheme":"RES","from":"REMIND","resolution_code":"PAID","balance":"0","currency":"JPY","oldest_debt_on":"2025-12-01","hold":{"kind":"promise","reason":"by phone","until":"2026-03-01","outstanding":"100"},"extension_days":3,"on":"2026-02-01","cause":"event:pay-1","setup_version":2,"actions":[{"position":0,"action_type":"log","plugin_digest":"sha256:00","effects":[{"kind":"log-entry","severity":"info","message":"paid"}]}],"explanation":[{"rule":"payment","text":"nothing is owed"}]}
{"type":"run","id":"collections-000001","effects":{"alert":1,"notice":3},"processed":12,"status":"finished"}
{"type":"event","id":"pay-1","account":"A-1","event":"arrears.payment.posted","source":"bank","time":"2026-02-01T08:00:00+01:00","on":"2026-02-01","data":{"zone":7,"amount":"152","parts":[1.0,1e+200,null,{"b":"","a":-1}]},"digest":"sha256:00","setup_version":2}
{"type":"event","id":"pay-2","account":"A-1","event":"arrears.hold.released","source":"clerk","on":"2026-02-04","digest":"sha256:01","setup_version":2}
{"type":"placement","delinquency":"D-1","account":"A-1","collection_agency":"NORTHSTAR","sequence":1,"action":"NEW","scheme":"RES","milestone":"REMIND","balance":"152","currency":"JPY","on":"2026-01-20","run":"export-000001","told":"sha256:02"}
{"type":"placement","delinquency":"D-1","account":"A-1","collection_agency":"NORTHSTAR","sequence":2,"action":"RECALL","scheme":"RES","milestone":"REMIND","balance":"0","currency":"JPY","on":"2026-02-02","run":"export-000002","told":"sha256:03"}"#;

async fn import(store: &Store, lines: &[Line], replace: Replace) {
    let accounts: Vec<Account> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Account(line) => Some(line.try_into().unwrap()),
            _ => None,
        })
        .collect();
    let currency = |id: &_| accounts.iter().find(|it| it.id == *id).map(Account::currency);
    let due = |record: &Delinquency| if record.is_open() { Due::EveryRun } else { Due::Never };
    let records: Vec<_> =
        lines.iter().map(|line| Record::check(line, currency, due).unwrap()).collect();
    store.put_records(&records, replace).await.unwrap();
}

async fn export(store: &Store) -> Vec<Line> {
    let pages: Vec<Vec<Line>> = store.scan().try_collect().await.unwrap();
    let mut lines = pages.concat();
    lines.sort_by_key(Line::sort_key);
    lines
}

#[tokio::test]
async fn an_export_is_what_was_imported() {
    let lines: Vec<Line> = BOOK.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    for replace in [Replace::Nothing, Replace::Stored] {
        let fixture = fixture().await;
        let other = fixture.store.for_agency("other".parse().unwrap());
        put(&other, [1]).await;
        import(&fixture.store, &lines, replace).await;
        let exported = export(&fixture.store).await;
        let text: Vec<_> = exported.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
        assert_eq!(text.join("\n"), BOOK, "{replace:?}");
    }
}

#[tokio::test]
async fn importing_again_replaces_records_but_not_history() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let lines: Vec<Line> = BOOK.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    import(store, &lines, Replace::Nothing).await;
    let changed = BOOK
        .replace("R. Vance", "R. Vance jr.")
        .replace("\"text\":\"nothing is owed\"", "\"text\":\"forged\"")
        .replace("\"processed\":12", "\"processed\":13")
        .replace("\"digest\":\"sha256:00\"", "\"digest\":\"sha256:ff\"")
        .replace("\"action\":\"RECALL\"", "\"action\":\"UPDATE\"");
    let lines: Vec<Line> = changed.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    import(store, &lines, Replace::Stored).await;
    let exported = export(store).await;
    let text: Vec<_> = exported.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
    let expected =
        BOOK.replace("R. Vance", "R. Vance jr.").replace("\"version\":4", "\"version\":5");
    assert_eq!(text.join("\n"), expected);
}

#[tokio::test]
async fn of_two_lines_with_one_key_the_last_stays() {
    for replace in [Replace::Nothing, Replace::Stored] {
        let fixture = fixture().await;
        let [contact, account, record] = records(1);
        let later = Account { balance: usd(7), ..crate::support::account(1) };
        let held = Delinquency { extension_days: 9, ..delinquency(1) };
        let held = Record::Delinquency(Box::new(held), Due::Never);
        let all = [contact, account, record, Record::Account(later), held];
        fixture.store.put_records(&all, replace).await.unwrap();
        let page = fixture.store.account_page(&account_id(1)).await.unwrap().unwrap();
        assert_eq!(page.account.balance, usd(7));
        assert_eq!(page.delinquencies[0].extension_days, 9);
    }
}

#[tokio::test]
async fn imports_at_the_same_time_lose_nothing() {
    let fixture = fixture().await;
    put(&fixture.store, 0..40).await;
    let imports = (0..4).map(|extension_days| {
        let store = fixture.store.clone();
        async move {
            let records: Vec<_> = (0..40)
                .map(|number| Delinquency { extension_days, ..delinquency(number) })
                .map(|record| Record::Delinquency(Box::new(record), Due::EveryRun))
                .collect();
            store.put_records(&records, Replace::Stored).await.unwrap();
        }
    });
    together(imports).await;
    for number in 0..40 {
        let page = fixture.store.account_page(&account_id(number)).await.unwrap().unwrap();
        assert_eq!(page.delinquencies[0].version, 4, "each import counts as a write");
    }
}

#[tokio::test]
async fn a_line_of_an_unknown_account_is_refused() {
    let line = BOOK.lines().nth(2).unwrap();
    let line: Line = serde_json::from_str(line).unwrap();
    let error = Record::check(&line, |_| None, |_| Due::Never).unwrap_err().to_string();
    assert!(error.contains("account is `A-1`; no such account is stored"), "{error}");
}

#[tokio::test]
async fn currencies_of_stored_accounts_are_known() {
    let fixture = fixture().await;
    put(&fixture.store, 0..120).await;
    let wanted: HashSet<_> = (0..130).map(account_id).collect();
    let found = fixture.store.currencies(&wanted).await.unwrap();
    assert_eq!(found.len(), 120);
    assert!(found.values().all(|currency| currency.code() == "USD"));
}

#[tokio::test]
async fn a_page_above_a_megabyte_is_read_whole() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let large = BTreeMap::from([("note".to_owned(), "x".repeat(200_000))]);
    let mut records: Vec<_> = (0..12)
        .map(|number| Delinquency {
            id: format!("D-{number:02}").parse().unwrap(),
            attributes: large.clone(),
            ..delinquency(1)
        })
        .map(|record| Record::Delinquency(Box::new(record), Due::Never))
        .collect();
    records.push(Record::Account(account(1)));
    store.put_records(&records, Replace::Nothing).await.unwrap();
    let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(page.delinquencies.len(), 12);
    assert_eq!(page.contact, None, "it names one that is not stored");
    assert_eq!(export(store).await.len(), 13);
}

#[tokio::test]
async fn agencies_do_not_see_each_other() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let other = fixture.store.for_agency("default2".parse().unwrap());
    assert_eq!(other.account_page(&account_id(1)).await.unwrap(), None);
    assert_eq!(export(&other).await, []);
    let run = RunLine { id: "r".to_owned(), fields: serde_json::Map::new() };
    fixture.store.put_records(&[Record::Run(run)], Replace::Stored).await.unwrap();
    assert_eq!(export(&fixture.store).await.len(), 4);
}
