//! A kind of part that a component is made of, and how many there may be.

use crate::error::HostError;

const SMALLER: &str = "build it optimised for size, and leave out what the action does not use";
const FLATTER: &str = "build it as one component, with nothing composed into it";
const SIMPLER: &str = "split the largest functions, and build it optimised for size";
const LEANER: &str = "link it with less memory and smaller tables to start with";

/// Parts of one kind.
#[derive(Debug)]
pub(super) struct Count {
    what: &'static str,
    advice: &'static str,
    found: u64,
    most: u64,
}

impl Count {
    /// What grows with the size of a program.
    pub(super) fn of_parts(what: &'static str, most: usize) -> Self {
        Self::new(what, most as u64, SMALLER)
    }

    /// What grows with each component that is put into another.
    pub(super) fn of_nesting(what: &'static str, most: usize) -> Self {
        Self::new(what, most as u64, FLATTER)
    }

    /// What a compiler has to do.
    pub(super) fn of_work(what: &'static str, most: u64) -> Self {
        Self::new(what, most, SIMPLER)
    }

    /// What a call needs before it does anything.
    pub(super) fn of_storage(what: &'static str, most: usize) -> Self {
        Self::new(what, most as u64, LEANER)
    }

    fn new(what: &'static str, most: u64, advice: &'static str) -> Self {
        Self { what, advice, found: 0, most }
    }

    /// Counts more of them, unless they are too many.
    pub(super) fn add(&mut self, more: u64) -> Result<(), HostError> {
        self.found = self.found.saturating_add(more);
        self.holds(self.found)
    }

    /// Nothing unless there are more than there may be.
    pub(super) fn holds(&self, found: u64) -> Result<(), HostError> {
        if found <= self.most {
            return Ok(());
        }
        let Self { what, advice, most, .. } = *self;
        Err(HostError::TooComplex { what, found, most, advice })
    }
}
