//! A run over the state machine, event by event: plan, a Distributed Map over portions,
//! finish. Time is in microseconds, and nothing is left to chance but the waits of what
//! was throttled, which a seed decides.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use anyhow::{Result, bail};

use crate::simulate::call::{Call, Lane, Portion, portions};
use crate::simulate::limits::{
    AGAIN_TRANSITIONS, ATTEMPTS_MAX, CALL_AGAIN_US, CALLS_AGAIN_MAX, CHILD_TRANSITIONS,
    CHILDREN_AT_A_TIME, CHILDREN_PER_SECOND, FUNCTION_MS, FUNCTIONS_AT_A_TIME, INDEX_SHARDS,
    RUN_TRANSITIONS, VCPU_MEMORY_MB, wait_us,
};
use crate::simulate::measured::Figures;
use crate::simulate::outcome::{Outcome, Scenario};
use crate::simulate::table::{Answer, Table};

/// Requests of a chunk before its records are decided: its own record three times, and
/// records, accounts and contacts by hundreds.
const REQUESTS_BEFORE: u64 = 9;
/// Requests after its records are written.
const REQUESTS_AFTER: u64 = 3;
/// Requests of a call before its first chunk: the run, and the plan of its shard.
const REQUESTS_OF_CALL: u64 = 1;

/// Simulates a run.
pub fn run(figures: &Figures, scenario: &Scenario) -> Result<Outcome> {
    let mut map = Map::new(figures, scenario);
    map.work()?;
    let records = scenario.records;
    let plan_us = plan_us(figures, records);
    let finish_us = finish_us(figures, map.chunks);
    if plan_us > working_ms(figures) * 1_000 {
        bail!("planning {records} records takes longer than a function may run: split the run");
    }
    Ok(Outcome {
        records: map.done_records,
        chunks: map.chunks,
        portions: map.portions,
        concurrency: map.concurrency,
        plan_us,
        work_us: map.end_us,
        finish_us,
        calls: map.calls + 2,
        failed_calls: map.failed_calls,
        function_ms: map.function_ms + plan_us.div_ceil(1_000) + finish_us.div_ceil(1_000),
        transitions: map.transitions + RUN_TRANSITIONS,
        table: map.table.usage(),
        table_units_after: map.table.units(),
    })
}

/// For how long a function takes up chunks.
fn working_ms(figures: &Figures) -> u64 {
    FUNCTION_MS.saturating_sub(figures.stop_before_deadline_ms)
}

/// The plan: what was measured without a network, and the network. Each shard of the
/// plan is written, and read again to be cut into portions.
fn plan_us(figures: &Figures, records: u64) -> u64 {
    let pages = (records * figures.due_key_bytes).div_ceil(1 << 20) + INDEX_SHARDS;
    let files = 2 * INDEX_SHARDS + 1;
    let bytes = 2 * records * figures.plan_record_bytes;
    figures.cold_start_ms * 1_000
        + records * figures.planning_ms_per_million / 1_000
        + pages * figures.table_page_us
        + files * figures.file_request_us
        + bytes * 1_000_000 / figures.file_bytes_per_second
        + figures.state_us
}

/// The end: the summaries of all chunks are read in pages of 1 MB.
fn finish_us(figures: &Figures, chunks: u64) -> u64 {
    let pages = (chunks * figures.summary_chunk_bytes).div_ceil(1 << 20);
    pages * figures.table_page_us + 3 * figures.table_request_us + figures.state_us
}

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A slot of the map is free for another child.
    Free { slot: usize },
    /// The function of a slot begins to work.
    Begins { slot: usize },
    /// A worker of a function goes on.
    Lane { slot: usize, lane: usize },
}

/// The Distributed Map at work.
struct Map<'a> {
    figures: &'a Figures,
    table: Table,
    waiting: VecDeque<Portion>,
    slots: Vec<Call>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    /// Orders what happens at the same time.
    sequence: u64,
    draws: u64,
    next_child_us: u64,
    end_us: u64,
    chunks: u64,
    portions: u64,
    concurrency: u64,
    done_records: u64,
    calls: u64,
    failed_calls: u64,
    function_ms: u64,
    transitions: u64,
    plan_shard_bytes: u64,
}

impl<'a> Map<'a> {
    fn new(figures: &'a Figures, scenario: &Scenario) -> Self {
        let portions = portions(figures, scenario);
        let chunks = portions.iter().map(|portion| portion.chunks.len() as u64).sum();
        let count = portions.len() as u64;
        let most = scenario.max_concurrency.min(FUNCTIONS_AT_A_TIME).min(CHILDREN_AT_A_TIME);
        let concurrency = most.min(count);
        let Scenario { table_units, quota_units, index_shards, shard_units, .. } = *scenario;
        let shard_records = scenario.records.div_ceil(index_shards);
        let mut map = Self {
            figures,
            table: Table::new(table_units, quota_units, index_shards, shard_units),
            waiting: portions.into(),
            slots: (0..concurrency).map(|_| Call::default()).collect(),
            events: BinaryHeap::new(),
            sequence: 0,
            draws: scenario.seed,
            next_child_us: 0,
            end_us: 0,
            chunks,
            portions: count,
            concurrency,
            done_records: 0,
            calls: 0,
            failed_calls: 0,
            function_ms: 0,
            transitions: 0,
            plan_shard_bytes: shard_records * figures.plan_record_bytes,
        };
        for slot in 0..map.slots.len() {
            map.at(figures.map_start_ms * 1_000, Event::Free { slot });
        }
        map
    }

    fn at(&mut self, time_us: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((time_us, self.sequence, event)));
    }

    fn work(&mut self) -> Result<()> {
        while let Some(Reverse((now, _, event))) = self.events.pop() {
            self.end_us = now;
            match event {
                Event::Free { slot } => self.start_child(now, slot),
                Event::Begins { slot } => self.begin(now, slot),
                Event::Lane { slot, lane } => self.lane(now, slot, lane)?,
            }
        }
        Ok(())
    }

    /// Starts a child for the next portion, as fast as children may be started.
    fn start_child(&mut self, now: u64, slot: usize) {
        let Some(portion) = self.waiting.pop_front() else { return };
        let start = now.max(self.next_child_us);
        self.next_child_us = start + 1_000_000 / CHILDREN_PER_SECOND;
        self.transitions += CHILD_TRANSITIONS;
        self.slots[slot].take(portion);
        self.call(start + self.figures.state_us, slot);
    }

    /// Calls the function of a slot; what it reads before its first chunk takes time.
    fn call(&mut self, now: u64, slot: usize) {
        let figures = self.figures;
        let cold_us = if self.slots[slot].is_warm { 0 } else { figures.cold_start_ms * 1_000 };
        let plan_us = self.plan_shard_bytes * 1_000_000 / figures.file_bytes_per_second;
        let reads = REQUESTS_OF_CALL * figures.table_request_us + figures.file_request_us;
        self.calls += 1;
        self.slots[slot].begin(now);
        self.at(now + cold_us + reads + plan_us, Event::Begins { slot });
    }

    fn begin(&mut self, now: u64, slot: usize) {
        let workers = self.figures.workers as usize;
        self.slots[slot].lanes = vec![Lane::Idle; workers];
        for lane in 0..workers {
            self.at(now, Event::Lane { slot, lane });
        }
    }

    /// A worker goes on: with its next chunk, with the next transactions of it, or it
    /// stops.
    fn lane(&mut self, now: u64, slot: usize, lane: usize) -> Result<()> {
        let is_late = now - self.slots[slot].began_us >= working_ms(self.figures) * 1_000;
        let call = &mut self.slots[slot];
        match call.lanes[lane] {
            Lane::Idle if call.is_failed || is_late || call.portion.is_handed_out() => {
                call.lanes[lane] = Lane::Stopped;
                if call.has_stopped() {
                    return self.end_call(now, slot);
                }
            }
            Lane::Idle => self.take_chunk(now, slot, lane),
            Lane::Commits { .. } => self.commit(now, slot, lane),
            Lane::Stopped => {}
        }
        Ok(())
    }

    /// Gathers a chunk, decides on it, and writes its journal. The workers of a
    /// function share its core.
    fn take_chunk(&mut self, now: u64, slot: usize, lane: usize) {
        let figures = self.figures;
        let call = &mut self.slots[slot];
        let chunk = call.portion.hand_out();
        let records = call.portion.chunks[chunk].records;
        let memory = figures.function_memory_mb.min(VCPU_MEMORY_MB);
        let share = figures.chunk_cpu_us * records / figures.chunk_records;
        let cpu_us = share * VCPU_MEMORY_MB / memory;
        let gathered = now + REQUESTS_BEFORE * figures.table_request_us;
        call.core_free_us = call.core_free_us.max(gathered) + cpu_us;
        let journaled = call.core_free_us + figures.file_request_us;
        let wave = call.portion.left(chunk).min(figures.commits_under_way);
        call.lanes[lane] = Lane::Commits { chunk, open: wave, attempt: 1 };
        self.at(journaled, Event::Lane { slot, lane });
    }

    /// Sends the transactions that a worker has under way. What is refused is sent
    /// again after a wait; when none is left, the next ones follow.
    fn commit(&mut self, now: u64, slot: usize, lane: usize) {
        let figures = self.figures;
        let Lane::Commits { chunk, open, attempt } = self.slots[slot].lanes[lane] else { return };
        let shard = self.slots[slot].portion.shard;
        // The writes of a chunk's own record are spread over its records.
        let own = figures.chunk_write_units_milli / figures.chunk_records;
        let units = figures.record_write_units_milli + own;
        let mut refused = 0;
        for _ in 0..open {
            match self.table.commit(now, shard, units, figures.record_index_units_milli) {
                Answer::Committed => self.done_records += 1,
                Answer::TableThrottled | Answer::IndexThrottled => refused += 1,
            }
        }
        let answered = now + figures.table_request_us;
        let call = &mut self.slots[slot];
        call.portion.chunks[chunk].done += open - refused;
        let left = call.portion.left(chunk);
        let (then, next) = if left == 0 {
            call.portion.chunks[chunk].is_done = true;
            (answered + REQUESTS_AFTER * figures.table_request_us, Lane::Idle)
        } else if refused == 0 {
            let open = left.min(figures.commits_under_way);
            (answered, Lane::Commits { chunk, open, attempt: 1 })
        } else if attempt == ATTEMPTS_MAX {
            call.is_failed = true;
            (answered, Lane::Idle)
        } else {
            let half = wait_us(attempt) / 2;
            let then = answered + half + half * (self.draw() % 1_024) / 1_024;
            (then, Lane::Commits { chunk, open: refused, attempt: attempt + 1 })
        };
        self.slots[slot].lanes[lane] = next;
        self.at(then, Event::Lane { slot, lane });
    }

    /// A call has ended: with a portion that is done, with a cursor, or throttled.
    fn end_call(&mut self, now: u64, slot: usize) -> Result<()> {
        let call = &mut self.slots[slot];
        self.function_ms += (now - call.began_us).div_ceil(1_000);
        call.is_warm = true;
        let is_failed = call.is_failed;
        if is_failed {
            call.failures += 1;
            self.failed_calls += 1;
            if call.failures > CALLS_AGAIN_MAX {
                bail!(
                    "a portion was throttled in {} calls: lower the concurrency, or raise what \
                     the table takes",
                    call.failures
                );
            }
        }
        if call.portion.is_done() {
            self.at(now + self.figures.state_us, Event::Free { slot });
            return Ok(());
        }
        let wait_us = if is_failed { CALL_AGAIN_US << (call.failures - 1) } else { 0 };
        call.portion.go_back();
        self.transitions += AGAIN_TRANSITIONS;
        self.call(now + wait_us + 2 * self.figures.state_us, slot);
        Ok(())
    }

    /// The next number of the seed (SplitMix64).
    fn draw(&mut self) -> u64 {
        self.draws = self.draws.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.draws ^ (self.draws >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
