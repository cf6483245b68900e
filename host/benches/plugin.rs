//! What the sandbox costs, beside the same Rust function called natively, and
//! what a start costs, compiled afresh, from the cache, and from artifacts.
//!
//! ```sh
//! cargo xtask bench plugin
//! ```

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use arrears_host::contract::{Definition, DelinquencyKind, Event, Money};
use arrears_host::{Case, Configuration, Context, Grant, Host, HostOptions, Plugin, Subject};

/// A case in a batch of 100 takes less than this, sandbox included.
const CASE_TARGET: Duration = Duration::from_micros(3);
/// Eight plugins are ready within this time when their artifacts are cached.
const START_TARGET: Duration = Duration::from_millis(20);
/// Eight plugins are loaded within this time from the artifacts of another host.
const LOAD_TARGET: Duration = Duration::from_millis(5);

const SETTINGS: &str =
    r#"{"line_item_type": "LATE", "percent": "1.5", "minimum": "5.00", "maximum": "50.00"}"#;
const DEFINITION: &str = r#"{"code": "LATE", "name": "Late payment penalty", "kind": "penalty"}"#;

fn main() {
    let components = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/components");
    let penalty = read(&components.join("one-off-penalty.wasm"));
    let host = Host::new(HostOptions::default()).expect("a host");
    let plugin = host.admit(&penalty).expect("the built-in penalty");
    cases(&plugin);
    starts(&eight(&components));
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    })
}

fn eight(components: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(components)
        .expect("components; run `cargo xtask setup` first")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// (a) One case, by the size of its batch.
fn cases(plugin: &Plugin) {
    println!("one-off penalty, time for a case (p50)");
    println!("{:>6} {:>12} {:>12} {:>8} {:>12}", "batch", "sandboxed", "native", "ratio", "fuel");
    for (batch, rounds) in [(1, 20_000), (10, 5_000), (100, 2_000), (1_000, 300)] {
        let grant = Grant::of(plugin.descriptor());
        let (context, configuration) = (context(), configuration());
        let subjects = subjects(batch);
        let performed = plugin.perform(&grant, &context, &configuration, &subjects);
        let applied = performed.cases.iter().filter(|case| matches!(case, Case::Apply(_)));
        assert_eq!(applied.count(), batch, "{:?}", performed.cases.first());

        let sandboxed =
            p50(rounds, || plugin.perform(&grant, &context, &configuration, black_box(&subjects)));
        let natively = natively(batch, rounds);
        let each = |total: Duration| total.as_secs_f64() * 1e6 / batch as f64;
        println!(
            "{batch:>6} {:>9.2} us {:>9.3} us {:>7.1}x {:>12}",
            each(sandboxed),
            each(natively),
            sandboxed.as_secs_f64() / natively.as_secs_f64(),
            performed.usage.fuel / batch as u64,
        );
        if batch == 100 {
            verdict(sandboxed / 100, CASE_TARGET, "a case at batch 100");
        }
    }
}

/// (d) A host and its eight plugins.
fn starts(components: &[Vec<u8>]) {
    let root = std::env::temp_dir().join(format!("arrears-bench-{}", std::process::id()));
    let start = |folder: &Path| {
        let host = Host::new(HostOptions {
            artifact_cache: Some(folder.to_owned()),
            ..HostOptions::default()
        })
        .expect("a host");
        let admit = |wasm: &Vec<u8>| host.admit(wasm).expect("a built-in action");
        components.iter().map(admit).collect::<Vec<Plugin>>()
    };
    let mut fresh = 0;
    let compiled = p50(3, || {
        fresh += 1;
        start(&root.join(fresh.to_string()))
    });
    let cached = p50(30, || start(&root.join("1")));
    let loaded = start(&root.join("1"));
    assert!(loaded.iter().all(|plugin| !plugin.admission().compiled));
    println!("\nstart of a host with {} plugins (p50)", components.len());
    println!("  compiled afresh {:>9.2} ms", millis(compiled));
    println!("  from the cache  {:>9.2} ms", millis(cached));
    for plugin in &loaded {
        println!("    {:<28} {:>6.2} ms", plugin.descriptor().id, millis(plugin.admission().wall));
    }
    verdict(cached, START_TARGET, "a start from the cache");
    loads(components, &root.join("artifacts"));
    // What is left behind lies in the system's folder for such things.
    let _removed = std::fs::remove_dir_all(&root);
}

/// (e) Eight plugins that another host has compiled.
fn loads(components: &[Vec<u8>], folder: &Path) {
    arrears_host::private_folder(folder).expect("a folder");
    let host = Host::new(HostOptions::default()).expect("a host");
    let registered = components.iter().map(|wasm| {
        let (_, registration, artifact) = host.compile(wasm).expect("a built-in action");
        let path = folder.join(&artifact.file);
        std::fs::write(&path, &artifact.bytes).expect("an artifact");
        (registration, path)
    });
    let registered: Vec<_> = registered.collect();
    let load = |host: &Host| {
        let one = |(registration, path): &(_, PathBuf)| host.load(registration, path);
        registered.iter().map(one).collect::<Result<Vec<Plugin>, _>>().expect("artifacts")
    };
    let engine = p50(30, || Host::new(HostOptions::default()).expect("a host"));
    let loaded = p50(100, || load(&host));
    println!(
        "  from artifacts  {:>9.2} ms, beside {:.2} ms for the host",
        millis(loaded),
        millis(engine)
    );
    verdict(loaded, LOAD_TARGET, "loading from artifacts");
}

fn verdict(figure: Duration, target: Duration, what: &str) {
    let met = if figure < target { "met" } else { "MISSED" };
    println!("  target for {what}: {target:?}, {met} with {figure:?}");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The middle one of many times, after a tenth as many to warm up.
fn p50<T>(rounds: usize, mut run: impl FnMut() -> T) -> Duration {
    for _ in 0..rounds / 10 {
        black_box(run());
    }
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let begin = Instant::now();
            black_box(run());
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn context() -> Context {
    Context {
        run_key: "collections-000007".to_owned(),
        agency: "Springfield".to_owned(),
        scheme: "RESIDENTIAL".to_owned(),
        milestone: "PENALTY".to_owned(),
        level: 3,
        event: Event::EntryOrIncrement,
        as_of: "2026-11-21".to_owned(),
        attempt: 1,
    }
}

fn configuration() -> Configuration {
    Configuration {
        settings: SETTINGS.to_owned(),
        definitions: vec![Definition {
            kind: "line-item-type".to_owned(),
            code: "LATE".to_owned(),
            body: DEFINITION.to_owned(),
        }],
    }
}

fn subjects(count: usize) -> Vec<Subject> {
    (0..count)
        .map(|index| Subject {
            key: format!("D-{index:06}"),
            account: format!("A-{index:06}"),
            contact: format!("C-{index:06}"),
            kind: DelinquencyKind::BillType,
            balance: Money { minor_units: 10_000 + index as i64 * 37, currency: "USD".to_owned() },
            days_past_due: 30,
            entered_on: "2026-11-01".to_owned(),
            facts: Vec::new(),
        })
        .collect()
}

/// The same batch for the plugin's own function, timed by a program of its own
/// (see its `Cargo.toml` for why).
fn natively(batch: usize, rounds: usize) -> Duration {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("native-baseline");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/native-baseline"))
        .arg("--")
        .args([&batch.to_string(), &rounds.to_string(), SETTINGS, DEFINITION])
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo, to run the native baseline");
    assert!(output.status.success(), "the native baseline failed");
    let nanoseconds = String::from_utf8_lossy(&output.stdout);
    Duration::from_nanos(nanoseconds.trim().parse().expect("nanoseconds"))
}
