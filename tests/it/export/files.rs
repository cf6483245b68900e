//! What agencies read: files, by parsers that others wrote, beside the ledger.

use super::{AS_OF, NAMES, account, asked, exported, house, ledger, manifest, visible};
use arrears_e2e::{House, catalog};
use arrears_runs::export::{self, Parameters};
use arrears_runs::record::RunRecord;
use arrears_runs::run::Unobserved;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;

/// What a reader learns of a line: delinquency, action, minor units, name.
type Told = (String, String, i64, String);

fn minor_units(decimal: &str) -> i64 {
    let (whole, cents) = decimal.split_once('.').unwrap();
    assert_eq!(cents.len(), 2);
    format!("{whole}{cents}").parse().unwrap()
}

/// Rows by heading, as the `csv` crate reads them.
fn read_csv(bytes: &[u8]) -> Vec<Told> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.deserialize().map(|row| {
        let row: BTreeMap<String, String> = row.unwrap();
        let text = |name: &str| row[name].clone();
        (text("delinquency"), text("action"), minor_units(&row["balance"]), text("name"))
    });
    rows.collect()
}

/// Elements, as `quick-xml` reads them.
fn read_xml(bytes: &[u8]) -> Vec<Told> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let (mut told, mut open) = (Vec::new(), Told::default());
    let mut element = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return told,
            Event::Start(tag) | Event::Empty(tag) => {
                element = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                for attribute in tag.attributes().map(Result::unwrap) {
                    let value = String::from_utf8_lossy(&attribute.value).into_owned();
                    match (element.as_str(), attribute.key.as_ref()) {
                        ("placement", b"action") => open.1 = value,
                        ("delinquency", b"id") => open.0 = value,
                        _ => {}
                    }
                }
            }
            Event::Text(text) if element == "contact" => open.3 += &text.decode().unwrap(),
            Event::GeneralRef(name) if element == "contact" => {
                let name = format!("&{};", name.decode().unwrap());
                open.3 += &quick_xml::escape::unescape(&name).unwrap();
            }
            Event::Text(text) if element == "balance" => {
                open.2 = minor_units(&text.decode().unwrap());
            }
            Event::End(tag) => {
                element.clear();
                if tag.name().as_ref() == b"placement" {
                    told.push(std::mem::take(&mut open));
                }
            }
            _ => {}
        }
    }
}

/// Lines of one width, cut where the guide says.
fn read_fixed(bytes: &[u8]) -> Vec<Told> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.lines().all(|line| line.chars().count() == 200), "{text}");
    let details = text.lines().filter(|line| line.starts_with('D'));
    details
        .map(|line| {
            let field = |from: usize, width: usize| line[from..from + width].trim_end().to_owned();
            (field(32, 20), field(1, 6), field(156, 13).parse().unwrap(), field(52, 40))
        })
        .collect()
}

/// The ledger in the same words, with the names of the book.
async fn told(house: &House, run: &RunRecord) -> Vec<(String, String, i64)> {
    let mut entries: Vec<(String, String, i64)> = Vec::new();
    for entry in ledger(&house.store).await {
        if entry.run == run.run_key {
            let balance = serde_json::to_value(&entry.balance).unwrap();
            entries.push((entry.delinquency, entry.action, minor_units(balance.as_str().unwrap())));
        }
    }
    entries
}

/// The names as a CSV or an XML file must bring them over.
fn names(kind: &str) -> Vec<String> {
    let names = NAMES.map(str::to_owned).into_iter();
    match kind {
        // A spreadsheet must not compute it.
        "csv" => names.map(|it| if it.starts_with('=') { format!("'{it}") } else { it }).collect(),
        _ => names.collect(),
    }
}

fn without_names(told: Vec<Told>) -> Vec<(String, String, i64)> {
    told.into_iter().map(|(id, action, units, _)| (id, action, units)).collect()
}

/// The bytes of a run's files, as they are before compression.
async fn contents(house: &House, run: &RunRecord) -> Vec<Vec<u8>> {
    let manifest = manifest(&house.store, run).await;
    let mut contents = Vec::new();
    for file in &manifest.files {
        let bytes = house.store.get_object(&file.key).await.unwrap();
        assert_eq!(file.bytes, bytes.len() as u64);
        let digest = Sha256::digest(&bytes);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.sha256, digest, "{}", file.key);
        let mut plain = Vec::new();
        match file.compression.as_str() {
            "gzip" => {
                flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut plain).unwrap();
            }
            "zstd" => plain = zstd::decode_all(&*bytes).unwrap(),
            _ => plain.extend(&*bytes),
        }
        contents.push(plain);
    }
    contents
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_reads_back_as_the_ledger_says() {
    for setup in ["CSV", "GZIP", "ZSTD", "XML", "FIXED"] {
        let house = house().await;
        let run = exported(&house, setup, AS_OF).await.unwrap();
        let contents = contents(&house, &run).await;
        let read: fn(&[u8]) -> Vec<Told> = match setup {
            "XML" => read_xml,
            "FIXED" => read_fixed,
            _ => read_csv,
        };
        let files: Vec<Vec<Told>> = contents.iter().map(|bytes| read(bytes)).collect();
        let manifest = manifest(&house.store, &run).await;
        assert_eq!(files.len(), if setup == "GZIP" { 3 } else { 1 });
        for (file, entry) in files.iter().zip(&manifest.files) {
            let sum: i64 = file.iter().map(|told| told.2).sum();
            assert_eq!(minor_units(&entry.sums.balance["USD"]), sum, "{setup}");
            assert_eq!(entry.sums.records, file.len() as u64);
        }
        let all: Vec<Told> = files.concat();
        let found: Vec<String> = all.iter().map(|told| told.3.clone()).collect();
        match setup {
            "XML" => assert_eq!(found, names("xml")),
            "FIXED" => assert!(found.iter().all(|name| name.is_ascii()), "{found:?}"),
            _ => assert_eq!(found, names("csv")),
        }
        assert_eq!(without_names(all), told(&house, &run).await, "{setup}");
        assert_eq!(manifest.totals.records, NAMES.len() as u64);
    }
}

/// The story of a record: each agency is told what is new, and what is over.
#[tokio::test(flavor = "multi_thread")]
async fn payments_are_news_and_their_end_is_a_recall() {
    let house = house().await;
    let run = exported(&house, "CSV", AS_OF).await.unwrap();
    assert_eq!(run.totals.unwrap().processed, NAMES.len() as u64);
    let again = exported(&house, "CSV", "2026-02-03").await.unwrap();
    let totals = again.totals.clone().unwrap();
    assert_eq!(totals.omitted_by_reason["NOTHING_CHANGED"], NAMES.len() as u64);

    house.pay("A-1", "P-1", "100.30", "2026-02-04").await;
    house.pay("A-2", "P-2", "50.00", "2026-02-04").await;
    let run = exported(&house, "XML", "2026-02-05").await.unwrap();
    let told = read_xml(&contents(&house, &run).await[0]);
    let expected = [("D-1", "RECALL", 0), ("D-2", "UPDATE", 15_030)];
    let expected = expected.map(|(id, action, units)| (id.to_owned(), action.to_owned(), units));
    assert_eq!(without_names(told), expected);

    // The cheque bounces: what was called back is handed over anew.
    house.reverse("A-1", "P-1", "2026-02-06").await;
    let run = exported(&house, "CSV", "2026-02-07").await.unwrap();
    let told = read_csv(&contents(&house, &run).await[0]);
    assert_eq!(without_names(told), [("D-1".to_owned(), "NEW".to_owned(), 10_030)]);
    let story: Vec<String> = ledger(&house.store)
        .await
        .into_iter()
        .filter(|entry| entry.delinquency == "D-1")
        .map(|entry| format!("{} {}", entry.sequence, entry.action))
        .collect();
    assert_eq!(story, ["1 NEW", "2 RECALL", "3 NEW"]);
}

/// A record that goes to another agency's scheme is taken back first.
#[tokio::test(flavor = "multi_thread")]
async fn no_record_is_with_two_agencies() {
    let house = house().await;
    exported(&house, "CSV", AS_OF).await.unwrap();
    let moved = account(1, "SOUTH", "C-1").map(|line| format!("{line}\n")).concat();
    assert_eq!(house.import(&moved).await.rejected, []);
    let south = exported(&house, "SOUTH-CSV", "2026-02-03").await.unwrap();
    let totals = south.totals.unwrap();
    assert_eq!(totals.omitted_by_reason.get("PLACED_ELSEWHERE"), Some(&1), "{totals:?}");
    exported(&house, "CSV", "2026-02-03").await.unwrap();
    exported(&house, "SOUTH-CSV", "2026-02-04").await.unwrap();
    let story: Vec<String> = ledger(&house.store)
        .await
        .into_iter()
        .filter(|entry| entry.delinquency == "D-1")
        .map(|entry| format!("{} {}", entry.collection_agency, entry.action))
        .collect();
    assert_eq!(story, ["NORTHSTAR NEW", "NORTHSTAR RECALL", "SOUTHERN NEW"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_selection_and_state_give_the_same_bytes() {
    for setup in ["CSV", "GZIP", "ZSTD", "XML", "FIXED"] {
        let (one, other) = (house().await, house().await);
        exported(&one, setup, AS_OF).await.unwrap();
        exported(&other, setup, AS_OF).await.unwrap();
        let files = visible(&one.store).await;
        assert!(files.len() >= 2, "{:?}", files.keys());
        assert_eq!(files, visible(&other.store).await, "{setup}");
    }
}

/// Each parameter alone takes what it should.
#[tokio::test(flavor = "multi_thread")]
async fn parameters_select() {
    let house = House::with(catalog(&[]), SETUP_OF_PARAMETERS, BOOK_OF_PARAMETERS).await;
    house.pay("PAYS", "P-1", "1.00", "2026-02-01").await;
    let cases: Vec<toml::Table> = toml::from_str::<toml::Table>(PARAMETERS).unwrap()["case"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case.as_table().unwrap().clone())
        .collect();
    assert!(cases.len() > 10);
    for case in cases {
        let parameters: Parameters = case["asked"].clone().try_into().unwrap();
        let options = export::Options { parameters, ..asked("ALL", AS_OF) };
        let rehearsal = export::rehearse(&house.store, &house.catalog, &options).await.unwrap();
        let expected = case["takes"].as_integer().unwrap();
        let taken = i64::try_from(rehearsal.sums.records).unwrap();
        assert_eq!(taken, expected, "{case:?}: {:?}", rehearsal.totals.omitted_by_reason);
    }
    // A rehearsal writes nothing.
    assert_eq!(ledger(&house.store).await, []);
    assert!(visible(&house.store).await.is_empty());
    let unobserved = &Unobserved;
    export::start(&house.store, &house.catalog, &asked("ALL", AS_OF), unobserved).await.unwrap();
}

const SETUP_OF_PARAMETERS: &str = include_str!("parameters/setup.toml");
const BOOK_OF_PARAMETERS: &str = include_str!("parameters/book.jsonl");
const PARAMETERS: &str = include_str!("parameters/cases.toml");
