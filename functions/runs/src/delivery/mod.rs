//! Files on their way to the store, and documents of many lines: what export runs
//! and payment collection runs deliver, and the plans that they make it from.

mod document;
mod lines;
mod sink;
pub(crate) mod uploads;

pub(crate) use document::{get_document, put_same};
pub(crate) use lines::{DocumentLines, LineWriter};
pub(crate) use sink::{Sealed, Sink, hex};
