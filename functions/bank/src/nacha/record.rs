//! One record as bytes: fields one after another, each of a fixed width.

/// The characters of a record.
pub(super) const RECORD_CHARACTERS: usize = 94;

/// The records of a block.
pub(super) const BLOCK_RECORDS: u64 = 10;

/// A record that is being filled, from the left; what is not written yet is
/// blank. It ends with its newline.
#[derive(Debug, Clone)]
pub(super) struct Record {
    bytes: [u8; RECORD_CHARACTERS + 1],
    filled: usize,
}

impl Record {
    /// A record of the kind.
    pub(super) fn new(kind: u8) -> Self {
        let mut bytes = [b' '; RECORD_CHARACTERS + 1];
        bytes[0] = kind;
        bytes[RECORD_CHARACTERS] = b'\n';
        Self { bytes, filled: 1 }
    }

    /// A record of padding.
    pub(super) fn of_nines() -> Self {
        let mut bytes = [b'9'; RECORD_CHARACTERS + 1];
        bytes[RECORD_CHARACTERS] = b'\n';
        Self { bytes, filled: RECORD_CHARACTERS }
    }

    /// A text at the left of its field. It is ASCII, and what does not fit is cut.
    pub(super) fn text(mut self, text: &str, width: usize) -> Self {
        let field = &mut self.bytes[self.filled..self.filled + width];
        for (place, byte) in field.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        self.filled += width;
        self
    }

    /// A number at the right of its field, with zeros before it. Whoever calls
    /// has seen that it fits.
    pub(super) fn number(mut self, number: u64, width: usize) -> Self {
        let field = &mut self.bytes[self.filled..self.filled + width];
        let mut rest = number;
        for place in field.iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        debug_assert_eq!(rest, 0, "{number} has more than {width} digits");
        self.filled += width;
        self
    }

    /// A field that says nothing.
    pub(super) fn blank(mut self, width: usize) -> Self {
        self.filled += width;
        self
    }

    /// The record with its newline.
    pub(super) fn as_bytes(&self) -> &[u8] {
        debug_assert_eq!(self.filled, RECORD_CHARACTERS, "the fields of a record fill it");
        &self.bytes
    }
}
