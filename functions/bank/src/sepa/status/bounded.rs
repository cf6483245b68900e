//! A reader that knows its line and does not give more than a report can have.

use std::io::{self, BufRead, Read};

/// A report of half a million debits, each with all that the format has, is
/// smaller.
const BYTES_MAX: u64 = 1 << 30;

/// The longest piece of XML, a tag, a text or a comment, that is held in memory.
const PIECE_BYTES_MAX: u64 = 64 * 1024;

/// Counts what is read from another reader.
pub(super) struct Bounded<R> {
    inner: R,
    /// Newlines so far.
    newlines: u64,
    left_bytes: u64,
    left_piece_bytes: u64,
    exceeded: Option<&'static str>,
}

impl<R: BufRead> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        let (left_bytes, left_piece_bytes) = (BYTES_MAX, PIECE_BYTES_MAX);
        Self { inner, newlines: 0, left_bytes, left_piece_bytes, exceeded: None }
    }

    /// The line that is read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.newlines + 1
    }

    /// What was too large, if reading has failed for that.
    pub(super) fn exceeded(&self) -> Option<&'static str> {
        self.exceeded
    }

    /// The next piece begins.
    pub(super) fn begin_piece(&mut self) {
        self.left_piece_bytes = PIECE_BYTES_MAX;
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.inner.fill_buf()?;
        let left = self.left_bytes.min(self.left_piece_bytes);
        if left == 0 && !bytes.is_empty() {
            let is_piece = self.left_bytes > 0;
            let what = if is_piece { "a piece is of 64 KiB" } else { "the file is of 1 GiB" };
            self.exceeded = Some(what);
            return Err(io::Error::other(what));
        }
        let length = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        Ok(&bytes[..length])
    }

    fn consume(&mut self, count: usize) {
        // What is consumed was given by `fill_buf`, which has it still.
        if let Ok(bytes) = self.inner.fill_buf() {
            let newlines = bytes.iter().take(count).filter(|byte| **byte == b'\n').count();
            self.newlines += newlines as u64;
        }
        self.left_bytes = self.left_bytes.saturating_sub(count as u64);
        self.left_piece_bytes = self.left_piece_bytes.saturating_sub(count as u64);
        self.inner.consume(count);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
