//! Portions and chunks, and the call of a function that works on one.

use crate::simulate::measured::Figures;
use crate::simulate::outcome::{PortionOrder, Scenario};

/// Some accounts that are worked on together.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// Its records.
    pub records: u64,
    /// Those that are written.
    pub done: u64,
    /// Whether its summary is written too.
    pub is_done: bool,
}

/// Some chunks of one shard.
#[derive(Debug, Clone, Default)]
pub struct Portion {
    /// The shard of the index.
    pub shard: usize,
    /// The chunks.
    pub chunks: Vec<Chunk>,
    /// The first that was not handed to a worker.
    next: usize,
}

impl Portion {
    /// Whether workers have all chunks.
    pub fn is_handed_out(&self) -> bool {
        self.next >= self.chunks.len()
    }

    /// The next chunk that is not done.
    pub fn hand_out(&mut self) -> usize {
        let chunk = self.next;
        self.next = self.undone_from(chunk + 1);
        chunk
    }

    /// Goes back to the first chunk that is not done.
    pub fn go_back(&mut self) {
        self.next = self.undone_from(0);
    }

    fn undone_from(&self, first: usize) -> usize {
        let undone = (first..self.chunks.len()).find(|chunk| !self.chunks[*chunk].is_done);
        undone.unwrap_or(self.chunks.len())
    }

    /// Records of a chunk that are not written.
    pub fn left(&self, chunk: usize) -> u64 {
        self.chunks[chunk].records - self.chunks[chunk].done
    }

    /// Whether every chunk is done.
    pub fn is_done(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.is_done)
    }
}

/// What a worker is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// It takes the next chunk, if there is one.
    Idle,
    /// It has transactions of a chunk under way.
    Commits {
        /// Which chunk.
        chunk: usize,
        /// Transactions that are not answered.
        open: u64,
        /// How often they were sent, with this time.
        attempt: u32,
    },
    /// There is nothing left to take.
    Stopped,
}

/// A slot of the map: a child with its function, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// What it works on.
    pub portion: Portion,
    /// The function's workers.
    pub lanes: Vec<Lane>,
    /// When this call began.
    pub began_us: u64,
    /// Until when the function's core is taken.
    pub core_free_us: u64,
    /// Whether a function is there from an earlier call.
    pub is_warm: bool,
    /// Whether a transaction of this call was given up.
    pub is_failed: bool,
    /// Calls of this portion that failed.
    pub failures: u32,
}

impl Call {
    /// Takes another portion.
    pub fn take(&mut self, portion: Portion) {
        self.portion = portion;
        self.failures = 0;
    }

    /// A call begins.
    pub fn begin(&mut self, now_us: u64) {
        self.began_us = now_us;
        self.is_failed = false;
    }

    /// Whether no worker works.
    pub fn has_stopped(&self) -> bool {
        self.lanes.iter().all(|lane| *lane == Lane::Stopped)
    }
}

/// The portions of a run, in the order in which the map takes them. Accounts are spread
/// evenly over the shards.
pub fn portions(figures: &Figures, scenario: &Scenario) -> Vec<Portion> {
    let shards = scenario.index_shards;
    let mut numbered = Vec::new();
    for shard in 0..shards {
        let more = u64::from(shard < scenario.records % shards);
        let records = scenario.records / shards + more;
        let shard = usize::try_from(shard).unwrap_or(usize::MAX);
        let cut = pieces(records, figures.portion_records);
        numbered.extend(cut.enumerate().map(|(number, records)| {
            let chunks = pieces(records, figures.chunk_records);
            let chunks = chunks.map(|records| Chunk { records, done: 0, is_done: false });
            (number, Portion { shard, chunks: chunks.collect(), next: 0 })
        }));
    }
    if scenario.order == PortionOrder::InTurn {
        numbered.sort_by_key(|(number, portion)| (*number, portion.shard));
    }
    numbered.into_iter().map(|(_, portion)| portion).collect()
}

/// Cuts a number into pieces of a size, and what remains.
fn pieces(number: u64, size: u64) -> impl Iterator<Item = u64> {
    (0..number.div_ceil(size)).map(move |piece| size.min(number - piece * size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_stand_in_turn_or_shard_after_shard() {
        let text = include_str!("../../../tests/figures/capacity.json");
        let figures = Figures::parse(text).unwrap();
        let mut scenario = Scenario { index_shards: 2, ..Scenario::new(12_001, 4_000, 2) };
        let cut = |scenario: &Scenario| -> Vec<(usize, u64)> {
            let records = |it: &Portion| it.chunks.iter().map(|chunk| chunk.records).sum();
            portions(&figures, scenario).iter().map(|it| (it.shard, records(it))).collect()
        };
        assert_eq!(cut(&scenario), [(0, 5_000), (1, 5_000), (0, 1_001), (1, 1_000)]);
        scenario.order = PortionOrder::ShardAfterShard;
        assert_eq!(cut(&scenario), [(0, 5_000), (0, 1_001), (1, 5_000), (1, 1_000)]);
        scenario.records = 0;
        assert_eq!(cut(&scenario), []);
    }

    #[test]
    fn what_is_done_is_passed_over() {
        let chunk = |is_done| Chunk { records: 1, done: 0, is_done };
        let chunks = [true, false, true, false].map(chunk).to_vec();
        let mut portion = Portion { shard: 0, chunks, next: 0 };
        portion.go_back();
        assert_eq!((portion.hand_out(), portion.hand_out()), (1, 3));
        assert!(portion.is_handed_out());
    }
}
