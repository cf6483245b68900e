//! Faults: why something was refused, for a person who has to mend it.

use crate::{Cause, Fault};

/// A mistake in the agency's setup.
#[must_use]
pub fn config(code: &str, message: impl Into<String>) -> Fault {
    new(Cause::Config, code, message.into())
}

/// A mistake in the subject's data.
#[must_use]
pub fn data(code: &str, message: impl Into<String>) -> Fault {
    new(Cause::Data, code, message.into())
}

/// Something that the plugin cannot do.
#[must_use]
pub fn unsupported(code: &str, message: impl Into<String>) -> Fault {
    new(Cause::Unsupported, code, message.into())
}

#[cold]
fn new(cause: Cause, code: &str, message: String) -> Fault {
    Fault { cause, code: code.to_owned(), message }
}
