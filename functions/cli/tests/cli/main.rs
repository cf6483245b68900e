//! The command as people and scripts use it: the built binary, run in a folder
//! of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

mod answers;
mod aws;
mod events;
mod export;
mod guide;
mod life;
mod mistakes;
mod payment;
mod placement;
mod refusals;
mod schedule;
mod storage;
mod what_if;
