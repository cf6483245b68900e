//! Numbers that are the same on every run, so that a failure can be repeated.

/// A xorshift generator.
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 0 to one less than the bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound as u64).unwrap()
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the choices.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// An amount from 0.01 to the bound, which is in cents.
    pub fn amount(&mut self, bound_cents: usize) -> String {
        text(1 + self.below(bound_cents))
    }
}

/// Cents as an amount.
pub fn text(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
