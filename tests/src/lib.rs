//! What the end-to-end tests and the benchmarks have in common: a house with
//! the built-in plugins, in a folder of its own.

#![expect(clippy::missing_panics_doc, reason = "tests panic when the house does not stand")]

pub mod alone;
pub mod book;
pub mod deployed;
pub mod vendor;

use arrears_domain::setup::Source;
use arrears_domain::{AgencyId, Date, Identifier};
use arrears_host::{Host, HostOptions};
use arrears_runs::book::{Format, Generator, ImportReport, import};
use arrears_runs::catalog::Catalog;
use arrears_runs::events::{self, Applier, Outcome};
use arrears_runs::record::RunRecord;
use arrears_runs::run::{self, Options, Unobserved};
use arrears_runs::{RunError, setups};
use arrears_storage::document::{AccountLine, ContactLine, DelinquencyLine, Line};
use arrears_storage::{Location, Store};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The built-in components, by file name.
pub const BUILT_IN: [&str; 8] = [
    "alert",
    "credit-rating",
    "deposit-demand",
    "log",
    "notice",
    "one-off-charge",
    "one-off-penalty",
    "service-request",
];

/// The folder into which `cargo xtask setup` puts components.
#[must_use]
pub fn components() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/components")
}

/// The bytes of a component: `notice`, or `hostile/hostile`.
#[must_use]
pub fn component(name: &str) -> Vec<u8> {
    let path = components().join(name).with_extension("wasm");
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo xtask setup` first", path.display())
    })
}

/// A host that keeps compiled plugins beside the components, so that only the
/// first test compiles them.
#[must_use]
pub fn host() -> Host {
    let artifact_cache = Some(components().join("artifacts"));
    Host::new(HostOptions { artifact_cache, ..HostOptions::default() }).expect("a host")
}

/// The built-in plugins and further ones by name.
#[must_use]
pub fn catalog(further: &[&str]) -> Catalog {
    let names: Vec<&str> = BUILT_IN.iter().chain(further).copied().collect();
    let bytes: Vec<Vec<u8>> = names.iter().map(|name| component(name)).collect();
    let named = names.iter().copied().zip(bytes.iter().map(Vec::as_slice));
    Catalog::admit(&host(), named).expect("the built-in plugins are admitted")
}

/// A date that is known to be right.
#[must_use]
pub fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// An agency's store with its plugins.
pub struct House {
    /// The store.
    pub store: Store,
    /// The plugins.
    pub catalog: Catalog,
    /// Where the store is; gone with the house.
    pub folder: TempDir,
}

impl House {
    /// An empty house.
    pub async fn new(catalog: Catalog) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = open(folder.path()).await;
        Self { store, catalog, folder }
    }

    /// A house with a setup and a book.
    pub async fn with(catalog: Catalog, setup: &str, book: &str) -> Self {
        let house = Self::new(catalog).await;
        house.load(setup).await.expect("the setup is right");
        let report = house.import(book).await;
        assert_eq!(report.rejected, [], "the book is right");
        house
    }

    /// A house with a setup and a generated book of so many accounts.
    pub async fn generated(catalog: Catalog, setup: &str, accounts: u64, as_of: &str) -> Self {
        let house = Self::new(catalog).await;
        house.load(setup).await.expect("the setup is right");
        let stored = setups::active(&house.store, &house.catalog).await.expect("a setup");
        let mut book = String::new();
        for made in Generator::new(&stored.prepared.setup, accounts, 1, date(as_of)) {
            let mut lines = vec![
                Line::Contact(ContactLine::from(&made.contact)),
                Line::Account(AccountLine::from(&made.account)),
            ];
            let records = made.delinquencies.iter().map(DelinquencyLine::from);
            lines.extend(records.map(Line::Delinquency));
            for line in lines {
                book += &serde_json::to_string(&line).expect("a line");
                book.push('\n');
            }
        }
        assert_eq!(house.import(&book).await.rejected, []);
        house
    }

    /// Loads a setup.
    ///
    /// # Errors
    /// It has mistakes.
    pub async fn load(&self, text: &str) -> Result<setups::Loaded, RunError> {
        let source = Source { name: "setup.toml".to_owned(), text: text.to_owned() };
        setups::load(&self.store, &self.catalog, &[source]).await
    }

    /// Imports a book of JSON Lines.
    pub async fn import(&self, book: &str) -> ImportReport {
        let stored = setups::active(&self.store, &self.catalog).await.expect("a setup");
        let imported = import(&self.store, &stored, book.as_bytes(), &Format::JsonLines, &|_| {});
        imported.await.expect("the book can be read")
    }

    /// Runs collections.
    ///
    /// # Errors
    /// The run is refused, or the store fails.
    pub async fn run(&self, as_of: &str) -> Result<RunRecord, RunError> {
        run::start(&self.store, &self.catalog, &options(as_of), &Unobserved).await
    }

    /// Applies an event that happens to an account on a date; it must not be
    /// refused.
    pub async fn happen(&self, event_type: &str, id: &str, about: (&str, &str), data: Value) {
        let stored = setups::active(&self.store, &self.catalog).await.expect("a setup");
        let applier = Applier::new(self.store.clone(), &stored);
        let (account, on) = about;
        let account = Identifier::parse(account).expect("an account's id");
        let data = data.as_object().cloned().unwrap_or_default();
        let event = events::make(event_type, id, &account, Some(date(on)), data, applier.zone());
        let answers = applier.apply(vec![event]).await.expect("the store works");
        assert!(matches!(answers[0].outcome, Outcome::Applied(_)), "{answers:?}");
    }

    /// Posts a payment.
    pub async fn pay(&self, account: &str, payment: &str, amount: &str, on: &str) {
        let data = json!({"payment": payment, "amount": amount});
        let id = format!("POST-{payment}");
        self.happen("arrears.payment.posted", &id, (account, on), data).await;
    }

    /// Reverses a payment.
    pub async fn reverse(&self, account: &str, payment: &str, on: &str) {
        let id = format!("REVERSE-{payment}");
        let data = json!({"payment": payment});
        self.happen("arrears.payment.reversed", &id, (account, on), data).await;
    }

    /// The book as it stands.
    pub async fn export(&self) -> String {
        export(&self.store).await
    }
}

/// A run as of a date, with nothing else asked for.
#[must_use]
pub fn options(as_of: &str) -> Options {
    Options::collections(date(as_of))
}

/// Opens the embedded store of a folder.
pub async fn open(folder: &Path) -> Store {
    let agency = AgencyId::parse("test").expect("an agency");
    Store::open(Location::Embedded(folder.to_owned()), agency).await.expect("the store opens")
}

/// The book of a store.
pub async fn export(store: &Store) -> String {
    let mut bytes = Vec::new();
    arrears_runs::book::export(store, &mut bytes).await.expect("the book can be written");
    String::from_utf8(bytes).expect("a book is text")
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder to copy to");
    for entry in std::fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry of the folder");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
