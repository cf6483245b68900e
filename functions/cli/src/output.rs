//! What goes to stdout: text for people, or exactly one JSON document.

use crate::failure::CommandError;
use serde::Serialize;
use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

/// Where answers go. Logs and progress go to stderr and are none of its business.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    is_json: bool,
}

impl Output {
    /// Output as JSON, or as text.
    pub fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether the answer is a JSON document.
    pub fn is_json(self) -> bool {
        self.is_json
    }

    /// Gives the whole answer of a command, in the form that was asked for.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn answer(
        self,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        if self.is_json { self.document(document) } else { write(text().as_bytes()) }
    }

    /// Writes the one JSON document.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn document(self, document: &impl Serialize) -> Result<(), CommandError> {
        let mut bytes = serde_json::to_vec_pretty(document).map_err(CommandError::Document)?;
        bytes.push(b'\n');
        write(&bytes)
    }
}

/// Writes bytes to stdout. Who closes the pipe early has seen enough: that is
/// no error.
///
/// # Errors
/// Stdout cannot be written.
pub fn write(bytes: &[u8]) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CommandError::Stdout(error)),
        _ => Ok(()),
    }
}

/// Stdout for answers that are written piece by piece: lines of a book. Who
/// closes the pipe early has seen enough: the rest goes nowhere.
pub struct Stream {
    stdout: BufWriter<Stdout>,
    is_closed: bool,
}

impl Stream {
    /// The stream.
    pub fn new() -> Self {
        Self { stdout: BufWriter::new(io::stdout()), is_closed: false }
    }

    fn unless_closed<T>(&mut self, result: io::Result<T>, closed: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(closed)
            }
            result => result,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let written = self.stdout.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.stdout.flush();
        self.unless_closed(flushed, ())
    }
}
