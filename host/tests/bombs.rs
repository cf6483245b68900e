//! Components of a few bytes that stand for much: each is refused before a compiler sees
//! it, in words that its vendor can act on, and costs no more memory than its own size
//! suggests.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod forge;
mod meter;

use arrears_host::{Host, HostError, HostOptions, Limits};
use forge::bombs;

#[global_allocator]
static METER: meter::Meter = meter::Meter;

/// Memory that reading a component may take on top of four times its size.
const READING_BYTES_MAX: usize = 512 * 1024;

fn host() -> Host {
    Host::new(HostOptions { limits: Limits::default(), artifact_cache: None }).unwrap()
}

/// Admits each, which is refused for too much of the same thing.
fn assert_refused(bombs: Vec<Vec<u8>>, what: &str, most: u64, advice: &str) {
    let host = host();
    for wasm in bombs {
        let (refusal, peak_bytes) = meter::peak_of(|| host.admit(&wasm).unwrap_err());
        let text = refusal.to_string();
        let HostError::TooComplex { what: found_what, most: found_most, found, .. } = refusal
        else {
            panic!("{} bytes: {text}", wasm.len());
        };
        assert_eq!((found_what, found_most), (what, most), "{text}");
        assert!(found > most && text.contains(advice), "{text}");
        assert!(text.contains(&format!("more than the {most} that are allowed")), "{text}");
        assert!(peak_bytes < READING_BYTES_MAX + 4 * wasm.len(), "{what}: {peak_bytes} bytes");
    }
}

#[test]
fn components_within_each_other() {
    for levels in [5, 100, 1_000_000] {
        let bomb = bombs::nested_components(levels);
        assert_refused(vec![bomb], "levels of components", 4, "as one component");
    }
}

#[test]
fn components_that_double() {
    let bombs = vec![bombs::doubling_components(5), bombs::doubling_components(500)];
    assert_refused(bombs, "instances of components within it", 8, "as one component");
    let bombs = vec![bombs::many_components(9), bombs::many_components(1_000_000)];
    assert_refused(bombs, "components within it", 8, "as one component");
}

#[test]
fn types_within_each_other_do_not_take_the_stack() {
    let bombs = [9, 1_000, 5_000_000].into_iter().map(bombs::nested_types).collect();
    assert_refused(bombs, "levels of types", 8, "as one component");
}

#[test]
fn millions_of_types() {
    let bombs = vec![bombs::many_types(20_001), bombs::many_types(30_000_000)];
    assert_refused(bombs, "types", 20_000, "optimised for size");
    let bombs = vec![bombs::many_types_in_a_type(20_001), bombs::many_types_in_a_type(15_000_000)];
    assert_refused(bombs, "types", 20_000, "optimised for size");
}

#[test]
fn modules_by_the_thousand() {
    assert_refused(vec![bombs::many_modules(100_000)], "core modules", 128, "optimised for size");
}

#[test]
fn functions_by_the_million() {
    let bombs = vec![bombs::many_functions(30_001), bombs::many_functions(5_000_000)];
    assert_refused(bombs, "functions", 30_000, "leave out what the action does not use");
}

#[test]
fn a_gigantic_function() {
    let bombs = vec![bombs::giant_function(1_100_000), bombs::giant_function(30_000_000)];
    assert_refused(bombs, "bytes in one function", 1024 * 1024, "split the largest functions");
}

#[test]
fn a_function_that_a_compiler_cannot_get_through() {
    let what = "branches times variables in one function";
    let bombs = vec![
        bombs::loops_and_variables(1_000, 1_000),
        bombs::loops_and_variables(100, 15_000),
        bombs::loops_and_variables(60_000, 20),
    ];
    assert_refused(bombs, what, Limits::default().function_work_max, "split the largest functions");
    let what = "blocks within each other times variables in one function";
    let bombs = vec![
        bombs::nested_exits(450, 450),
        bombs::nested_exits(60_000, 1),
        bombs::wide_jumps(10_000, 1_000),
    ];
    assert_refused(bombs, what, 100_000, "split the largest functions");
    let bombs = vec![bombs::nested_loops(33), bombs::nested_loops(100_000)];
    assert_refused(bombs, "loops within each other", 32, "split the largest functions");
}

#[test]
fn memory_and_tables_that_no_call_is_given() {
    let bombs = vec![bombs::large_memory(1_025), bombs::large_memory(65_536)];
    assert_refused(bombs, "bytes of memory to start with", 64 << 20, "link it with less memory");
    let bombs = vec![bombs::large_table(65_537), bombs::large_table(10_000_000)];
    assert_refused(bombs, "entries of a table to start with", 65_536, "smaller tables");
}

#[test]
fn headers_that_promise_what_does_not_come() {
    let host = host();
    let mut bombs = bombs::headers_without_content();
    bombs.push(bombs::functions_without_bodies(20_000));
    for wasm in bombs {
        let (refusal, peak_bytes) = meter::peak_of(|| host.admit(&wasm).unwrap_err());
        let right = match &refusal {
            HostError::Malformed { .. } => refusal.to_string().contains("copy or build it again"),
            HostError::TooComplex { .. } => true,
            _ => false,
        };
        assert!(right, "{refusal}");
        assert!(peak_bytes < READING_BYTES_MAX, "{refusal}: {peak_bytes} bytes");
    }
}

/// Each value of the type is made of half a million: what wasmtime bounds by itself.
#[test]
fn types_that_double_are_no_contract() {
    for levels in [18, 25] {
        let refusal = host().admit(&bombs::doubling_types(levels)).unwrap_err();
        let right = matches!(refusal, HostError::WrongTypes { .. } | HostError::Compile(_));
        assert!(right, "{refusal}");
    }
}

/// What is just allowed comes to its end, and is refused for what it is.
#[test]
fn what_is_allowed_is_compiled() {
    for wasm in [
        bombs::nested_components(3),
        bombs::nested_types(8),
        bombs::many_types(20_000 - 1),
        bombs::giant_function(100_000),
        bombs::loops_and_variables(40, 40),
        bombs::nested_loops(32),
        bombs::large_memory(1_024),
        bombs::large_table(65_536),
    ] {
        let refusal = host().admit(&wasm).unwrap_err();
        assert!(matches!(refusal, HostError::WrongTypes { .. }), "{refusal}");
    }
}
