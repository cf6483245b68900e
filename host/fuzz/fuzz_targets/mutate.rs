//! Changes to a component that leave it one: to its sections, within one of them, and
//! within a module. Bytes turned around at random would break a length, and nothing behind
//! the parser would ever be reached.

use std::panic;

use libfuzzer_sys::fuzzer_mutate;
use wasm_encoder::Encode;
use wasm_mutate::WasmMutate;
use wasmparser::{BinaryReader, Validator};

/// Magic, version and layer.
const HEADER_BYTES: usize = 8;
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Sections whose content is a module or a component, with a header of its own.
const MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// Bytes that a mutated section may grow by.
const GROWTH_BYTES_MAX: usize = 512;
/// Steps that the mutation of a module may take.
const MODULE_FUEL: u64 = 100_000;

struct Section {
    id: u8,
    content: Vec<u8>,
}

/// Another component made of this one, unless it is none.
pub fn structured(wasm: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut dice = Dice(u64::from(seed) | 1 << 32);
    // As they come, now and then: the parser has to be reached as well.
    if dice.of(5) == 0 {
        return None;
    }
    mutant(wasm, &mut dice, 3)
}

fn mutant(wasm: &[u8], dice: &mut Dice, levels: usize) -> Option<Vec<u8>> {
    let mut sections = read(wasm)?;
    let at = dice.of(sections.len());
    match dice.of(8) {
        0 => drop(sections.remove(at)),
        1 => {
            let other = dice.of(sections.len());
            sections.swap(at, other);
        }
        2 => repeat(&mut sections, at, dice),
        3 => {
            let content = [EMPTY_COMPONENT, &write(&[], &sections[at..])].concat();
            sections.insert(at, Section { id: COMPONENT, content });
        }
        4 => recount(&mut sections[at].content, dice),
        5 | 6 if levels > 0 => {
            let inner = sections.iter().position(|one| [MODULE, COMPONENT].contains(&one.id))?;
            let content = &sections[inner].content;
            sections[inner].content = match sections[inner].id {
                MODULE if dice.of(2) == 0 => module(content, dice)?,
                _ => mutant(content, dice, levels - 1)?,
            };
        }
        _ => sections[at].content = bytes(&sections[at].content),
    }
    Some(write(&wasm[..HEADER_BYTES], &sections))
}

/// The same section again, up to a hundred times.
fn repeat(sections: &mut Vec<Section>, at: usize, dice: &mut Dice) {
    let Section { id, content } = &sections[at];
    let times = if content.len() < 1_000 { 1 + dice.of(100) } else { 1 };
    let more: Vec<Section> =
        (0..times).map(|_| Section { id: *id, content: content.clone() }).collect();
    sections.splice(at..at, more);
}

/// Another number of entries than there are.
fn recount(content: &mut Vec<u8>, dice: &mut Dice) {
    let Some((count, bytes)) = number(content) else {
        return;
    };
    let mut other = Vec::new();
    let others = [0, 1, count.wrapping_add(1), count.wrapping_mul(1_000), u32::MAX];
    others[dice.of(others.len())].encode(&mut other);
    content.splice(..bytes, other);
}

/// Another module made of a valid one.
fn module(content: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    Validator::new().validate_all(content).ok()?;
    let seed = dice.next();
    let mutate = || {
        let mut mutate = WasmMutate::default();
        mutate.seed(seed).fuel(MODULE_FUEL);
        mutate.run(content).ok()?.next()?.ok()
    };
    // A mistake of the library that makes mutants is no finding: libFuzzer's own hook
    // would end the process.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let mutant = panic::catch_unwind(mutate);
    panic::set_hook(hook);
    mutant.ok()?
}

fn bytes(content: &[u8]) -> Vec<u8> {
    let mut mutated = content.to_vec();
    mutated.resize(content.len() + GROWTH_BYTES_MAX, 0);
    let most = mutated.len();
    let length = fuzzer_mutate(&mut mutated, content.len(), most);
    mutated.truncate(length);
    mutated
}

/// The sections of a component or a module, if all have the lengths that they say, and
/// there is one at all.
fn read(wasm: &[u8]) -> Option<Vec<Section>> {
    let mut rest = wasm.get(HEADER_BYTES..)?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let (length, bytes) = number(after)?;
        let content = after.get(bytes..bytes.checked_add(usize::try_from(length).ok()?)?)?;
        sections.push(Section { id: *id, content: content.to_vec() });
        rest = &after[bytes + content.len()..];
    }
    (!sections.is_empty()).then_some(sections)
}

fn write(header: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut wasm = header.to_vec();
    for section in sections {
        wasm.push(section.id);
        section.content.as_slice().encode(&mut wasm);
    }
    wasm
}

/// The number that bytes begin with, and how many of them it takes.
fn number(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut reader = BinaryReader::new(bytes, 0);
    let number = reader.read_var_u32().ok()?;
    Some((number, reader.current_position()))
}

/// Numbers that look random, and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // The generator xorshift64 of Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// One of the numbers below a bound that is above 0.
    fn of(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
