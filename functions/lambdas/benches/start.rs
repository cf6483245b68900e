//! How long a function takes from the start of its binary to its first response: with
//! eight plugins loaded from artifacts on a warm disk, beside one that has none to load.

use arrears_e2e::deployed::Deployed;
use arrears_e2e::{House, catalog};
use arrears_runs::catalog::Catalog;
use arrears_runtime_api::Function;
use serde_json::json;
use std::time::Duration;

const SETUP: &str = include_str!("../../../tests/it/house.toml");
const ROUNDS: usize = 100;
/// Whom functions trust to be AWS, as infra/functions.tf tells them.
const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/certificates.pem");
const TARGET: Duration = Duration::from_millis(10);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(bench());
}

async fn bench() {
    let binary = std::env::var("ARREARS_COLLECTIONS_RUN")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_collections-run").to_owned());
    println!("spawn of {} to its first response, {ROUNDS} times", short(&binary));
    let bare = Deployed::new(House::new(Catalog::default()).await).await;
    let none = times(&binary, &bare).await;
    let full = Deployed::new(House::with(catalog(&[]), SETUP, "").await).await;
    let admit = Function::new(env!("CARGO_BIN_EXE_plugin-admit"), full.environment());
    let mut admit = admit.timeout(Duration::from_secs(300)).spawn().await.expect("it starts");
    let admitted = admit.invoke(json!({"readmit": "all"})).await.expect("it answers");
    admitted.outcome.expect("the plugins are admitted");
    let eight = times(&binary, &full).await;
    println!("  no plugins     p50 {:>7.2} ms, p95 {:>7.2} ms", none.0, none.1);
    println!("  eight plugins  p50 {:>7.2} ms, p95 {:>7.2} ms", eight.0, eight.1);
    let met = if eight.0 < TARGET.as_secs_f64() * 1e3 { "met" } else { "MISSED" };
    println!("  target for p50 with eight plugins: {TARGET:?}, {met}");
}

fn short(path: &str) -> &str {
    path.rsplit_once("target/").map_or(path, |(_, rest)| rest)
}

/// The middle time, and that of which one in twenty is slower.
async fn times(binary: &str, deployed: &Deployed) -> (f64, f64) {
    let function = Function::new(binary, deployed.environment()).env("SSL_CERT_FILE", CERTIFICATES);
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS + 5 {
        let mut instance = function.spawn().await.expect("it starts");
        let answered = instance.invoke(json!({"step": "describe"})).await.expect("it answers");
        answered.outcome.expect("it tells its plugins");
        // The first ones fetch the artifacts and warm the disk.
        if round >= 5 {
            times.push(answered.since_spawn.as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    (times[ROUNDS / 2], times[ROUNDS * 95 / 100])
}
