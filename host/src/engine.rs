//! The engine: one constructor of its configuration, so that an artifact that
//! one host has compiled is one that another can load.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use wasmtime::component::{Linker, WasmStr};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, StoreContextMut,
};

use crate::call::State;
use crate::contract::{CONTRACT_VERSION, Level};
use crate::error::HostError;
use crate::limits::{EPOCH_TICK, LOG_LINE_FUEL, Limits};

/// The release of wasmtime that `Cargo.toml` pins. An artifact is bound to it.
pub(crate) const WASMTIME_VERSION: &str = "48.0.8";

/// Raise it with each change of [`config`] that changes compiled code, and of an
/// artifact's digest: it is part of an artifact's name.
pub(crate) const CONFIG_REVISION: u32 = 3;

/// The target of compiled code, named so that no feature of the processor is
/// assumed that another machine of the kind may lack. Elsewhere the engine
/// takes what it finds, and artifacts stay on the machine.
pub(crate) const TARGET: Option<&str> = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    Some("x86_64-unknown-linux-gnu")
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    Some("aarch64-unknown-linux-gnu")
} else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
    Some("aarch64-apple-darwin")
} else {
    None
};

/// Memory that a slot of the pool keeps between calls, where the kernel can
/// tell which pages were touched (Linux 6.7); elsewhere it would cost more than
/// it saves.
const KEEP_RESIDENT_BYTES: usize = 1024 * 1024;

/// Size of the host's own bookkeeping for one instance in the pool.
const INSTANCE_BYTES_MAX: usize = 1024 * 1024;

/// Core instances and tables of one component: its module and the adapters
/// that `wit-component` and the Python and JavaScript tools put around it.
const CORE_INSTANCES_PER_COMPONENT: u32 = 48;

/// What all plugins of a host share.
pub(crate) struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) slots: Slots,
    /// Held for its end: when the sandbox is dropped, the thread stops.
    _ticker: Ticker,
}

impl Sandbox {
    pub(crate) fn new(limits: &Limits) -> Result<Self, HostError> {
        Self::over(engine(limits).map_err(HostError::Engine)?, limits)
    }

    /// One that loads artifacts and compiles nothing, like that of a build without
    /// feature `compile`.
    #[cfg(all(test, feature = "compile"))]
    pub(crate) fn without_compiler(limits: &Limits) -> Result<Self, HostError> {
        Self::over(engine_without_compiler(limits).map_err(HostError::Engine)?, limits)
    }

    fn over(engine: Engine, limits: &Limits) -> Result<Self, HostError> {
        let mut linker = Linker::new(&engine);
        link_log(&mut linker).map_err(HostError::Engine)?;
        let ticker = Ticker::start(engine.clone()).map_err(HostError::Ticker)?;
        Ok(Self { engine, linker, slots: Slots::new(limits.concurrent_calls_max), _ticker: ticker })
    }
}

/// An engine with a pool of instances, or, where the address space for the
/// pool cannot be had, one that allocates each on demand: slower, and else the
/// same.
fn engine(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut pooled = config(limits)?;
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    match Engine::new(&pooled) {
        Ok(engine) => Ok(engine),
        Err(_) => Engine::new(&config(limits)?),
    }
}

#[cfg(all(test, feature = "compile"))]
fn engine_without_compiler(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut config = config(limits)?;
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    Engine::new(config.enable_compiler(false))
}

/// The only place that makes a `Config`.
fn config(limits: &Limits) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    if let Some(target) = TARGET {
        config.target(target)?;
    }
    // Limits: fuel strikes at the same instruction on every machine, the epoch
    // when wall time has passed.
    config.consume_fuel(true).epoch_interruption(true).max_wasm_stack(limits.stack_bytes_max);
    // Determinism: no instruction whose result depends on the processor.
    // Threads and garbage collection are not compiled into this wasmtime.
    config.wasm_relaxed_simd(false);
    #[cfg(feature = "compile")]
    config.cranelift_nan_canonicalization(true);
    // A 64-bit memory could copy more bytes in one instruction than an epoch
    // can bound.
    config.wasm_memory64(false);
    // Calls are synchronous: this makes them three times as fast.
    config.concurrency_support(false);
    // A trap is told by its reason; a stripped component has no names to show.
    config.wasm_backtrace_max_frames(None);
    // So nobody asks where in the component an instruction comes from, or unwinds through
    // one; both would be loaded, and registered, with each plugin.
    config.generate_address_map(false);
    if cfg!(not(windows)) {
        config.native_unwind_info(false);
    }
    Ok(config)
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls_max;
    let core_instances = calls.saturating_mul(CORE_INSTANCES_PER_COMPONENT);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(core_instances)
        .total_memories(calls)
        .total_tables(core_instances)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(1)
        .max_tables_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_component_instance_size(INSTANCE_BYTES_MAX)
        .max_core_instance_size(INSTANCE_BYTES_MAX)
        .max_memory_size(limits.memory_bytes_max)
        .table_elements(limits.table_elements_max);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Auto)
            .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
            .table_keep_resident(KEEP_RESIDENT_BYTES);
    }
    pool
}

/// Links the one import. The generated bindings would copy the text before
/// anything could be charged for it.
fn link_log(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let name = format!("arrears:action/log@{CONTRACT_VERSION}");
    linker.instance(&name)?.func_wrap(
        "write",
        |mut store: StoreContextMut<'_, State>, (level, message): (Level, WasmStr)| {
            let text = message.to_str(&store)?;
            let cost = LOG_LINE_FUEL.saturating_add(text.len() as u64);
            let line = store.data().shorten(&text);
            drop(text);
            let left = store.get_fuel()?;
            store.set_fuel(left.saturating_sub(cost))?;
            if left < cost {
                return Err(wasmtime::Trap::OutOfFuel.into());
            }
            store.data_mut().log(level, line);
            Ok(())
        },
    )
}

/// The thread that advances the epoch.
struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: Engine) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let thread =
            std::thread::Builder::new().name("plugin-deadline".to_owned()).spawn(move || {
                while stopped.recv_timeout(EPOCH_TICK) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked, and there is no one to tell here.
            let _ended = thread.join();
        }
    }
}

/// Counts the calls under way, so that a full pool makes a caller wait rather
/// than a plugin fail.
pub(crate) struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

impl Slots {
    fn new(count: u32) -> Self {
        Self { free: Mutex::new(count.max(1)), freed: Condvar::new() }
    }

    pub(crate) fn take(&self) -> Slot<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot { slots: self }
    }
}

/// The right to one call, until it is dropped.
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut free = self.slots.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free += 1;
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_release_is_the_named_one() {
        let manifest = include_str!("../Cargo.toml");
        assert!(manifest.contains(&format!("version = \"={WASMTIME_VERSION}\"")));
    }

    #[test]
    fn a_slot_is_free_again_when_its_call_has_ended() {
        let slots = Slots::new(1);
        for _ in 0..3 {
            let _slot = slots.take();
        }
        assert_eq!(*slots.free.lock().unwrap(), 1);
    }

    #[cfg(feature = "compile")]
    #[test]
    fn an_artifact_is_loaded_where_there_is_no_compiler() {
        use wasmtime::component::Component;

        let limits = Limits::default();
        let compiler = engine(&limits).unwrap();
        let artifact = compiler.precompile_component(b"\0asm\x0d\0\x01\0").unwrap();
        let loader = engine_without_compiler(&limits).unwrap();
        // SAFETY: it was compiled above.
        #[expect(unsafe_code, reason = "an artifact is machine code")]
        let loaded = unsafe { Component::deserialize(&loader, artifact) };
        assert!(loaded.is_ok());
    }

    #[test]
    fn without_address_space_the_engine_allocates_on_demand() {
        let limits = Limits { concurrent_calls_max: u32::MAX / 32, ..Limits::default() };
        assert!(engine(&limits).is_ok());
    }
}
