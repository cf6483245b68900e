//! SEPA direct debits, from the book to the file: case 10 of the reference.

use super::book::{Book, first_and_only};
use super::{
    ON, bank_file, collected, house, ledger, mandate, manifest, postings, skipped, started, sums,
    transaction, visible,
};
use arrears_domain::{AllocationMarker, MandateSequence};
use arrears_runs::payment::Mode;
use arrears_runs::record::RunStatus;
use arrears_runs::run::{self, Unobserved};
use serde_json::json;

/// The texts of a file by path, as `quick-xml` reads them.
fn texts(file: &str) -> Vec<(String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(file);
    let (mut path, mut texts) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return texts,
            Event::Start(tag) => {
                path.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned());
            }
            Event::End(_) => drop(path.pop()),
            Event::Text(text) => {
                let text = text.decode().unwrap();
                if !text.trim().is_empty() {
                    texts.push((path.join("/"), text.into_owned()));
                }
            }
            _ => {}
        }
    }
}

/// The texts of all elements with the end of a path.
fn all<'a>(texts: &'a [(String, String)], path: &str) -> Vec<&'a str> {
    let found = texts.iter().filter(|(at, _)| at.ends_with(path));
    found.map(|(_, text)| text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_and_an_only_debit_are_two_groups_of_one_file() {
    let house = house(&first_and_only().text()).await;
    let run = collected(&house, "SEPA", ON).await.unwrap();
    assert_eq!((run.status, sums(&run, "EUR")), (RunStatus::Finished, (2, 2, 5_300)));

    let file = bank_file(&house.store, &run).await;
    let texts = texts(&file);
    assert_eq!(all(&texts, "GrpHdr/NbOfTxs"), ["2"]);
    assert_eq!(all(&texts, "GrpHdr/CtrlSum"), ["53.00"]);
    assert_eq!(all(&texts, "GrpHdr/MsgId"), ["payment-000001"]);
    assert_eq!(all(&texts, "PmtInf/PmtTpInf/SeqTp"), ["FRST", "OOFF"]);
    assert_eq!(all(&texts, "PmtInf/NbOfTxs"), ["1", "1"]);
    assert_eq!(all(&texts, "PmtInf/CtrlSum"), ["42.00", "11.00"]);
    assert_eq!(all(&texts, "PmtInf/ReqdColltnDt"), ["2026-02-03"; 2]);
    assert_eq!(all(&texts, "DrctDbtTxInf/InstdAmt"), ["42.00", "11.00"]);
    let ids = ["P000001-0000001", "P000001-0000002"];
    assert_eq!(all(&texts, "PmtId/EndToEndId"), ids);
    assert_eq!(all(&texts, "MndtRltdInf/MndtId"), ["M-A-1", "M-A-2"]);

    let first = mandate(&house.store, "M-A-1").await;
    assert_eq!(first.sequence, Some(MandateSequence::Recurrent));
    assert_eq!(first.last_collected_on.as_deref(), Some("2026-02-03"));
    let only = mandate(&house.store, "M-A-2").await;
    assert_eq!(only.sequence, Some(MandateSequence::OneOff));
    assert_eq!(only.last_collected_on.as_deref(), Some("2026-02-03"));

    let paid = transaction(&house.store, "A-1", "JAN").await;
    assert_eq!(paid.marker, AllocationMarker::Paid);
    let part = &paid.allocations[0];
    assert_eq!((part.reference.as_str(), part.date.as_str()), (ids[0], ON));
    assert_eq!((part.period.as_str(), part.amount.as_str()), ("2026-02", "42.00"));
    let payment = transaction(&house.store, "A-1", ids[0]).await;
    assert_eq!(payment.marker, AllocationMarker::Paid);
    assert_eq!(payment.allocations[0].amount.as_str(), "-42.00");

    let proof = manifest(&house.store, &run).await.proof.unwrap();
    let bank = proof.bank.unwrap();
    assert_eq!((bank.debits, bank.batches, bank.debit_minor_units), (2, 2, 5_300));
    assert_eq!(proof.ledger.lines["EUR"].bank_minor_units, 5_300);
    assert_eq!(proof.counted.len(), 4, "three reports and the payment file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_selects_nothing_and_a_used_mandate_is_used_up() {
    let house = house(&first_and_only().text()).await;
    collected(&house, "SEPA", ON).await.unwrap();
    let again = collected(&house, "SEPA", ON).await.unwrap();
    assert_eq!(again.status, RunStatus::Finished);
    assert_eq!((sums(&again, "EUR"), again.totals.unwrap().selected()), ((0, 0, 0), 0));
    assert!(manifest(&house.store, &run_of(&house, 2).await).await.bank.is_none(), "no file");

    let mut more = Book::default();
    more.bill("A-1", "FEB", "10.00").bill("A-2", "FEB", "10.00");
    assert_eq!(house.import(&more.text()).await.rejected, []);
    let next = collected(&house, "SEPA", "2026-03-02").await.unwrap();
    assert_eq!(sums(&next, "EUR"), (1, 1, 1_000));
    assert_eq!(skipped(&next), [("MANDATE_USED", 1)]);
    let texts = texts(&bank_file(&house.store, &next).await);
    assert_eq!(all(&texts, "PmtTpInf/SeqTp"), ["RCUR"]);
}

async fn run_of(house: &arrears_e2e::House, number: u32) -> arrears_runs::record::RunRecord {
    let key = format!("payment-{number:06}");
    arrears_runs::ledger::run(&house.store, &key).await.unwrap().0
}

fn discounted() -> Book {
    let mut book = Book::default();
    let terms = json!({"discount_percent": "5", "discount_tax_percent": "20"});
    book.account("A-1", "EUR", "1200.00").bill_with("A-1", "JAN", "1200.00", terms);
    book.sepa("A-1", "RCUR");
    book
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_discount_and_its_tax_are_posted_to_the_minor_unit() {
    let house = house(&discounted().text()).await;
    let run = collected(&house, "SEPA", ON).await.unwrap();
    let amounts = run.payment.as_ref().unwrap().sums.amounts["EUR"];
    assert_eq!((amounts.gross_minor_units, amounts.net_minor_units), (120_000, 114_000));
    assert_eq!((amounts.discount_minor_units, amounts.discount_tax_minor_units), (6_000, 1_000));
    let postings = postings(&house.store).await;
    let [posting] = postings.as_slice() else { panic!("{postings:?}") };
    assert_eq!(
        ledger(posting),
        [
            ("DEBIT", "bank", "1000", "1140.00"),
            ("DEBIT", "debtor", "1200", "-1140.00"),
            ("DEBDS", "discount", "8730", "50.00"),
            ("DEBDS", "discount-tax", "3806", "10.00"),
            ("DEBDS", "debtor-discount", "1200", "-60.00"),
        ]
    );
    assert_eq!((posting.cause.as_str(), posting.period.as_str()), ("payment-000001", "2026-02"));
    let discount = transaction(&house.store, "A-1", "P000001-0000001-D").await;
    assert_eq!((discount.amount.as_str(), discount.marker), ("-60.00", AllocationMarker::Paid));
    let book = house.export().await;
    let account = book.lines().find(|line| line.contains(r#""type":"account""#)).unwrap();
    assert!(account.contains(r#""balance":"0.00""#), "{account}");
}

/// A run for the report, and one of a profile that does not post.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_changes_nothing_but_the_run_and_its_report() {
    let house = house(&discounted().text()).await;
    let unrun = |book: String| -> Vec<String> {
        let lines = book.lines().filter(|line| !line.contains(r#""type":"run""#));
        lines.map(str::to_owned).collect()
    };
    let before = unrun(house.export().await);
    for (number, profile, mode) in [(1, "SEPA", Mode::ReportOnly), (2, "REPORT", Mode::Collect)] {
        let run = started(&house, profile, ON, mode).await.unwrap();
        assert_eq!((run.status, run.number), (RunStatus::Finished, number));
        assert_eq!(sums(&run, "EUR"), (1, 1, 114_000));
        assert_eq!(unrun(house.export().await), before, "{profile}");
        let manifest = manifest(&house.store, &run).await;
        assert!(manifest.proof.is_none() && manifest.bank.is_none());
        let folder = format!("payment/{profile}/payment-{number:06}/");
        let files = visible(&house.store).await.into_keys();
        let files: Vec<String> =
            files.filter_map(|key| Some(key.strip_prefix(&folder)?.to_owned())).collect();
        assert_eq!(files, ["manifest.json", "report.csv", "report.html", "report.txt"]);
    }
    // The report is no run that others would have to be after.
    let earlier = collected(&house, "SEPA", "2026-01-31").await.unwrap();
    assert_eq!(sums(&earlier, "EUR"), (1, 1, 114_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_decided_again_from_its_plan_comes_out_the_same() {
    let house = house(&super::book::of_all_kinds().text()).await;
    let run = collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    let replay = run::replay(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
    let replay = replay.unwrap();
    assert_eq!((replay.records, replay.journals), (5, 1));
    assert_eq!((replay.differing, replay.not_decided), (0, 0), "{replay:?}");
}
