//! What the storage promises, proved on the engines inside this process, and what
//! only they promise: folders, processes, and faults between them and the client.
//! `tests/contract_http` proves the first over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod book;
mod collections;
mod due;
mod entry;
mod events;
mod objects;
mod placements;
mod races;
mod records;
mod transitions;
mod uploads;

mod engine;
mod support;

mod failures;
mod leftovers;
mod processes;

mod faults;
mod served;
