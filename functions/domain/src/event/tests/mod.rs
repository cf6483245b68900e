//! Events on small accounts: cases that a clerk can read, and properties of
//! accounts made at random.

mod book;
mod cases;
mod collections;
mod properties;
mod script;

use super::*;
use crate::setup::Source;
use crate::{Identifier, Setup};
use std::sync::LazyLock;

const SETUP: &str = include_str!("setup.toml");

/// The setup of all cases; it is read once.
static READ: LazyLock<Setup> = LazyLock::new(|| {
    let source = Source { name: "setup.toml".to_owned(), text: SETUP.to_owned() };
    let read = crate::setup::read(&[source]);
    read.unwrap_or_else(|mistakes| panic!("the setup of the cases is wrong: {mistakes:#?}")).setup
});

fn date(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no date"))
}

fn money(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn id<T: Identifier>(text: &str) -> T {
    T::parse(text).unwrap()
}
