//! Which addresses the allocator hands out: arithmetic only, so that it is
//! tested natively.

/// Addresses that are handed out upwards.
#[derive(Debug)]
pub struct Region {
    /// Where the next block may begin.
    next: usize,
    /// Where memory ends, as far as it has been asked for.
    end: usize,
}

impl Region {
    /// A region that begins at `start` and has nothing yet.
    pub const fn new(start: usize) -> Self {
        Self { next: start, end: start }
    }

    /// Takes a block. If memory ends before the block does, `grow` is told
    /// where it must reach, and says where it reaches then.
    pub fn take(
        &mut self,
        size: usize,
        align: usize,
        grow: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<usize> {
        let start = self.next.checked_next_multiple_of(align)?;
        self.reach(start.checked_add(size)?, grow)?;
        Some(start)
    }

    /// Gives a block back. Only the last one makes room again.
    pub fn give_back(&mut self, start: usize, size: usize) {
        if start + size == self.next {
            self.next = start;
        }
    }

    /// Makes a block larger or smaller where it stands; `None` if another one
    /// stands behind it, or memory does not suffice.
    pub fn resize(
        &mut self,
        start: usize,
        size: usize,
        new_size: usize,
        grow: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<()> {
        if start + size == self.next {
            return self.reach(start.checked_add(new_size)?, grow);
        }
        (new_size <= size).then_some(())
    }

    fn reach(&mut self, next: usize, grow: impl FnOnce(usize) -> Option<usize>) -> Option<()> {
        if next > self.end {
            self.end = grow(next)?;
        }
        self.next = next;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Region;

    const START: usize = 1_000_001;
    const LIMIT: usize = START + 4_096;

    #[derive(Debug, Clone)]
    enum Step {
        Take { size: usize, align_log2: u32 },
        GiveBack { block: usize },
        Resize { block: usize, size: usize },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1..600_usize, 0..5_u32).prop_map(|(size, align_log2)| Step::Take { size, align_log2 }),
            any::<usize>().prop_map(|block| Step::GiveBack { block }),
            (any::<usize>(), 1..600_usize).prop_map(|(block, size)| Step::Resize { block, size }),
        ]
    }

    /// Memory that reaches exactly as far as asked, up to the limit.
    fn grow(end: usize) -> Option<usize> {
        (end <= LIMIT).then_some(end)
    }

    fn run(steps: Vec<Step>) -> Vec<(usize, usize)> {
        let mut region = Region::new(START);
        let mut live: Vec<(usize, usize)> = Vec::new();
        for step in steps {
            match step {
                Step::Take { size, align_log2 } => {
                    let align = 1 << align_log2;
                    if let Some(start) = region.take(size, align, grow) {
                        assert_eq!(start % align, 0);
                        live.push((start, size));
                    }
                }
                Step::GiveBack { block } if !live.is_empty() => {
                    let (start, size) = live.swap_remove(block % live.len());
                    region.give_back(start, size);
                }
                Step::Resize { block, size } if !live.is_empty() => {
                    let index = block % live.len();
                    let (start, old) = live[index];
                    if region.resize(start, old, size, grow).is_some() {
                        live[index] = (start, size);
                    }
                }
                Step::GiveBack { .. } | Step::Resize { .. } => {}
            }
            assert_apart(&live);
        }
        live
    }

    fn assert_apart(live: &[(usize, usize)]) {
        let mut sorted = live.to_vec();
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0));
        assert!(sorted.first().is_none_or(|block| block.0 >= START));
        assert!(sorted.last().is_none_or(|block| block.0 + block.1 <= LIMIT));
    }

    proptest! {
        #[test]
        fn blocks_are_apart_and_within_memory(steps in prop::collection::vec(step(), 0..60)) {
            run(steps);
        }
    }

    #[test]
    fn the_last_block_grows_where_it_stands_and_makes_room_again() {
        let mut region = Region::new(START);
        let first = region.take(10, 1, grow).unwrap();
        assert_eq!(region.resize(first, 10, 20, grow), Some(()));
        let second = region.take(10, 1, grow).unwrap();
        assert_eq!(second, first + 20);
        assert_eq!(region.resize(first, 20, 21, grow), None);
        region.give_back(second, 10);
        assert_eq!(region.take(10, 1, grow), Some(second));
    }

    #[test]
    fn what_memory_does_not_hold_is_refused() {
        let mut region = Region::new(START);
        assert_eq!(region.take(4_097, 1, grow), None);
        assert_eq!(region.take(usize::MAX, 8, grow), None);
        assert_eq!(region.take(4_096, 1, grow), Some(START));
        assert_eq!(region.resize(START, 4_096, usize::MAX, grow), None);
    }
}
