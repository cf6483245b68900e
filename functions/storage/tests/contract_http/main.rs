//! What the storage promises, proved over HTTP by the tests of `tests/contract`: on
//! the embedded engines behind loopback, or on the endpoint that
//! `ARREARS_CONTRACT_ENDPOINT` names (a stand-in for AWS, such as moto), or on a
//! table and a bucket of AWS (`ARREARS_TEST_TABLE`, `ARREARS_TEST_BUCKET`, and the
//! SDK's own configuration).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

#[path = "../contract/book.rs"]
mod book;
#[path = "../contract/collections.rs"]
mod collections;
#[path = "../contract/due.rs"]
mod due;
#[path = "../contract/entry.rs"]
mod entry;
#[path = "../contract/events.rs"]
mod events;
#[path = "../contract/objects.rs"]
mod objects;
#[path = "../contract/placements.rs"]
mod placements;
#[path = "../contract/races.rs"]
mod races;
#[path = "../contract/records.rs"]
mod records;
#[path = "../contract/transitions.rs"]
mod transitions;
#[path = "../contract/uploads.rs"]
mod uploads;

#[path = "../contract/support.rs"]
mod support;

mod differences;
mod engine;
