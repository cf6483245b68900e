//! What the storage promises, proved against the embedded engines, or against
//! the endpoint of the SDK's configuration if `ARREARS_TEST_TABLE` and
//! `ARREARS_TEST_BUCKET` name a table and a bucket there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod book;
mod collections;
mod due;
mod entry;
mod events;
mod failures;
mod objects;
mod placements;
mod processes;
mod races;
mod records;
mod support;
mod transitions;
mod uploads;
