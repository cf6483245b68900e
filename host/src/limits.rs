//! Every limit that the host sets to a plugin, each with its reason.
//!
//! Two kinds: what a plugin may *use* (memory, instructions, time) and what it
//! may *say* (sizes and counts of what it returns). Fuel is the limit that
//! should strike first, since it is the same on every machine; the deadline is
//! there for what fuel does not see.

use std::time::Duration;

/// Limits of a [`Host`](crate::Host). [`Limits::default`] is what a run uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of a component file. An action is small; a script engine with its
    /// runtime inside is about 18 MB.
    pub component_bytes_max: usize,
    /// Components and modules one within another. What `wit-component` makes has two
    /// levels; each step of a composition adds one.
    pub component_levels_max: usize,
    /// Components within a component. A few bytes can make a thousand of them.
    pub components_max: usize,
    /// Instances of components within a component. Each may have instances of others, so
    /// that they multiply: eight stand for some thirty.
    pub component_instances_max: usize,
    /// Core modules. A Python runtime has 38, one for each of its libraries.
    pub modules_max: usize,
    /// Types that are declared, those within others among them. A Python runtime has 2,000.
    pub types_max: usize,
    /// Types one within another. What is generated from WIT has three levels; the readers
    /// of types, ours and wasmtime's, take a part of the stack for each.
    pub type_levels_max: usize,
    /// Functions that a component lifts out of its modules or lowers into them: each is
    /// compiled. An action has five.
    pub crossings_max: usize,
    /// Imports, exports, aliases, globals, segments and what they list. A Python runtime
    /// has 20,000.
    pub entries_max: usize,
    /// Functions. A script engine has 13,000; each costs some memory and time, however
    /// short it is.
    pub functions_max: usize,
    /// The code of one function. The heart of an interpreter takes 420 KB.
    pub function_bytes_max: usize,
    /// Branches of a function times its variables: what a compiler may have to keep of
    /// it. Half a million in a script engine. At its worst, a million takes half a gigabyte.
    pub function_work_max: u64,
    /// The same over all functions. Nine million in a script engine.
    pub code_work_max: u64,
    /// Blocks of a function within each other times its variables: what a compiler keeps
    /// apart at the innermost. 20,000 in a script engine. The time grows faster than with
    /// the square: 40,000 may take a second, 200,000 a minute.
    pub function_depth_max: u64,
    /// Loops within each other. A script engine has six; the time of a compiler grows
    /// with the square.
    pub loop_levels_max: usize,
    /// Memories; the pool has one for a component.
    pub memories_max: usize,
    /// Tables; a script engine has two.
    pub tables_max: usize,
    /// Linear memory of one call. A batch of 1,000 subjects with their facts
    /// takes about 2 MB; a script engine starts at 20 MB.
    pub memory_bytes_max: usize,
    /// Entries in a function table: large guests have some 10,000 functions.
    pub table_elements_max: usize,
    /// Wasm stack of one call. It must fit, with what the host itself needs,
    /// into the 2 MiB that a Rust thread has.
    pub stack_bytes_max: usize,
    /// Calls that may be under way at once, over all plugins of the host; more
    /// callers wait. Each reserves address space.
    pub concurrent_calls_max: u32,

    /// The most fuel that a plugin may declare for a subject. 10 million
    /// instructions are about 10 ms.
    pub fuel_per_item_max: u64,
    /// Fuel that a call has on top of its subjects: start-up of the guest, its
    /// reading of the configuration.
    pub fuel_per_call_base: u64,
    /// The most fuel of one call; batches are made so small that they stay
    /// below. About a second.
    pub fuel_per_call_max: u64,
    /// Fuel of `describe`, with the start of the guest. A script engine needs
    /// about 50 million to start.
    pub describe_fuel_max: u64,
    /// Fuel of `check-config`, with the start of the guest.
    pub check_config_fuel_max: u64,
    /// Wall time of one call. Ten times what the largest fuel takes, so that a
    /// busy machine does not change what a run decides.
    pub deadline: Duration,
    /// Subjects that may hit the deadline in one `perform`; the remaining ones
    /// then fail without a call, so that a plugin that hangs on each subject
    /// does not hold up the run for hours.
    pub deadline_strikes_max: usize,
    /// The same for subjects that use up their fuel.
    pub fuel_strikes_max: usize,

    /// Subjects in one call, whatever the plugin declares.
    pub batch_max: u32,
    /// Bytes that one call may return, as they lie in the host's memory.
    /// 1,000 subjects may have 16 KiB each.
    pub output_bytes_max: usize,
    /// Effects for one subject. They are committed in one transaction of at
    /// most 100 items, with the record and its history.
    pub effects_per_case_max: usize,
    /// A code or a name: of a line item type, of a field.
    pub code_bytes_max: usize,
    /// A text that people read: a memo, a message, a field of a letter.
    pub text_bytes_max: usize,
    /// Name-value pairs in one effect.
    pub attrs_max: usize,
    /// The JSON body of a custom effect. All effects of a subject must fit into
    /// an item of 400 KB.
    pub custom_body_bytes_max: usize,
    /// The most that a single effect may put on an account, in the smallest
    /// unit of its currency; a grant may lower it. One hundred million cents.
    pub amount_minor_units_max: i64,
    /// The most credit points of one effect.
    pub credit_points_max: u32,

    /// Log lines kept of one call; the last errors are kept beyond it.
    pub log_lines_max: usize,
    /// Bytes kept of one log line.
    pub log_line_bytes_max: usize,

    /// Size of a configuration's JSON schema.
    pub config_schema_bytes_max: usize,
    /// Nodes of that schema with each `$ref` replaced by its target. A short
    /// schema can otherwise stand for an endless one.
    pub config_schema_nodes_max: usize,
    /// Action types, and patterns of facts, in a descriptor.
    pub descriptor_entries_max: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes_max: 32 * MIB,
            component_levels_max: 4,
            components_max: 8,
            component_instances_max: 8,
            modules_max: 128,
            types_max: 20_000,
            type_levels_max: 8,
            crossings_max: 1_000,
            entries_max: 100_000,
            functions_max: 30_000,
            function_bytes_max: MIB,
            function_work_max: 1_200_000,
            code_work_max: 20_000_000,
            function_depth_max: 100_000,
            loop_levels_max: 32,
            memories_max: 1,
            tables_max: 16,
            memory_bytes_max: 64 * MIB,
            table_elements_max: 65_536,
            stack_bytes_max: 512 * KIB,
            concurrent_calls_max: 32,
            fuel_per_item_max: 10_000_000,
            fuel_per_call_base: 10_000_000,
            fuel_per_call_max: 1_010_000_000,
            describe_fuel_max: 200_000_000,
            check_config_fuel_max: 200_000_000,
            deadline: Duration::from_secs(10),
            deadline_strikes_max: 3,
            fuel_strikes_max: 100,
            batch_max: 1_000,
            output_bytes_max: 16 * MIB,
            effects_per_case_max: 20,
            code_bytes_max: 128,
            text_bytes_max: 8 * KIB,
            attrs_max: 64,
            custom_body_bytes_max: 64 * KIB,
            amount_minor_units_max: 100_000_000,
            credit_points_max: 10_000,
            log_lines_max: 256,
            log_line_bytes_max: 2 * KIB,
            config_schema_bytes_max: 64 * KIB,
            config_schema_nodes_max: 10_000,
            descriptor_entries_max: 64,
        }
    }
}

/// Fuel that a log line costs the guest, and each of its bytes one more: the
/// host's work is then paid from the same purse as the guest's own.
pub(crate) const LOG_LINE_FUEL: u64 = 1_000;

/// Violations of a configuration that are told at once.
pub(crate) const CONFIG_VIOLATIONS_MAX: usize = 20;

/// How often the epoch advances: the grain of a deadline.
pub(crate) const EPOCH_TICK: Duration = Duration::from_millis(10);
