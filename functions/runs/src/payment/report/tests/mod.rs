//! Reports and the payment file, byte for byte and read back.

mod read_back;
mod sample;
mod snapshots;
