//! How long a run takes to be planned: a million due records read from the index, cut
//! into chunks and portions, and written down; beside a bare read of the same index.
//!
//! ```sh
//! cargo xtask bench plan
//! cargo xtask bench plan -- 10000
//! ```

use arrears_domain::Date;
use arrears_e2e::{House, book, catalog};
use arrears_runs::plan;
use arrears_runs::record::RunKind;
use arrears_runs::run::Unobserved;
use arrears_runs::step::{self, Portion, Request};
use arrears_storage::{DUE_SHARDS, DueClass};
use std::time::{Duration, Instant};

const RECORDS: u64 = 1_000_000;
const AS_OF: &str = "2026-02-16";
const TARGET: Duration = Duration::from_secs(30);

const SETUP: &str = include_str!("../../functions/cli/src/demo/rivertown.toml");

#[tokio::main]
async fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let records = asked.unwrap_or(RECORDS);
    let house = House::new(catalog(&[])).await;
    house.load(SETUP).await.expect("the setup is right");
    book::fill(&house, records, ("RES", "REMIND"), |_| "2026-01-05").await;

    let as_of: Date = AS_OF.parse().expect("a date");
    let started = Instant::now();
    let mut read = 0;
    for shard in 0..DUE_SHARDS {
        let selection = vec![(DueClass::Collections, as_of)];
        read += plan::selected(&house.store, &selection, shard).await.expect("it is read").len();
    }
    let bare = started.elapsed();
    assert_eq!(read as u64, records);

    let request = Request { as_of: Some(as_of), ..Request::of(RunKind::Collections) };
    let started = Instant::now();
    let planned = step::plan(&house.store, &house.catalog, &request, "bench", &Unobserved).await;
    let took = started.elapsed();
    let planned = planned.expect("it is planned");
    let key = planned.portions_key.expect("it has portions");
    let bytes = house.store.get_object(&key).await.expect("they are read");
    let portions: Vec<Portion> = serde_json::from_slice(&bytes).expect("they are portions");
    let in_all: u64 = portions.iter().map(|portion| portion.records).sum();
    assert_eq!(in_all, records);

    println!("{records} due records planned into {} portions", portions.len());
    println!("  planned           {:>8} ms", took.as_millis());
    println!("  the index, read   {:>8} ms", bare.as_millis());
    println!("  list of portions  {:>8} bytes", bytes.len());
    let met = if took < TARGET { "met" } else { "MISSED" };
    println!("  target for a million: {TARGET:?}, {met} by this one");
}
