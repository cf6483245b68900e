//! Components of a few bytes that stand for much: each speaks the contract by name, and
//! would cost its host hours, gigabytes or its stack.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, Encode, Function, FunctionSection, Ieee32,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

/// Magic, version and layer.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
const CORE_MODULE: u8 = 1;
const CORE_TYPE: u8 = 3;
const COMPONENT: u8 = 4;
const COMPONENT_INSTANCE: u8 = 5;
const COMPONENT_ALIAS: u8 = 6;
const COMPONENT_TYPE: u8 = 7;
const CANON: u8 = 8;
const COMPONENT_IMPORT: u8 = 10;
const COMPONENT_EXPORT: u8 = 11;

/// A component with these sections, which exports the action's interface by name, and
/// nothing behind it.
pub fn hollow(sections: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"arrears:action/action@0.1.0";
    let mut export = vec![1, 0, NAME.len() as u8];
    export.extend(NAME);
    export.extend([5, 0, 0]);
    let mut component = EMPTY.to_vec();
    component.extend(section(COMPONENT_INSTANCE, &[1, 1, 0]));
    component.extend(section(COMPONENT_EXPORT, &export));
    component.extend(sections);
    component
}

/// A component that imports an instance of this name.
pub fn named(import: &str) -> Vec<u8> {
    let mut imports = vec![1, 0];
    imports.extend(leb(import.len() as u32));
    imports.extend(import.as_bytes());
    imports.extend([5, 0]);
    let mut sections = section(COMPONENT_TYPE, &[1, 0x42, 0]);
    sections.extend(section(COMPONENT_IMPORT, &imports));
    hollow(&sections)
}

/// Components one within another.
pub fn nested_components(levels: usize) -> Vec<u8> {
    // From the inside out would copy each level: the lengths are found first.
    let mut lengths = vec![EMPTY.len()];
    for level in 1..levels {
        let inner = lengths[level - 1];
        lengths.push(EMPTY.len() + 1 + leb(inner as u32).len() + inner);
    }
    let mut sections = Vec::new();
    for length in lengths.iter().rev() {
        sections.push(COMPONENT);
        sections.extend(leb(*length as u32));
        sections.extend(EMPTY);
    }
    hollow(&sections)
}

/// Components side by side.
pub fn many_components(count: usize) -> Vec<u8> {
    hollow(&section(COMPONENT, EMPTY).repeat(count))
}

/// Types of components one within another.
pub fn nested_types(levels: usize) -> Vec<u8> {
    let mut types = vec![1];
    for _ in 1..levels {
        types.extend([0x41, 1, 1]);
    }
    types.extend([0x41, 0]);
    hollow(&section(COMPONENT_TYPE, &types))
}

/// Types of one byte.
pub fn many_types(count: u32) -> Vec<u8> {
    let mut types = leb(count);
    types.resize(types.len() + count as usize, 0x7f);
    hollow(&section(COMPONENT_TYPE, &types))
}

/// The type of an instance with as many types within it.
pub fn many_types_in_a_type(count: u32) -> Vec<u8> {
    let mut types = vec![1, 0x42];
    types.extend(leb(count));
    types.extend([0x01, 0x7f].repeat(count as usize));
    hollow(&section(COMPONENT_TYPE, &types))
}

/// Pairs of pairs of pairs: each level doubles what a value of it is made of.
pub fn doubling_types(levels: u8) -> Vec<u8> {
    let mut types = vec![levels, 0x6f, 2, 0x7f, 0x7f];
    for inner in 0..levels - 1 {
        types.extend([0x6f, 2, inner, inner]);
    }
    hollow(&section(COMPONENT_TYPE, &types))
}

/// Components each of which has the one before it twice.
pub fn doubling_components(levels: u32) -> Vec<u8> {
    let mut sections = section(COMPONENT, EMPTY);
    for inner in 0..levels {
        let mut component = EMPTY.to_vec();
        let mut outer = vec![1, 0x04, 0x02, 1];
        outer.extend(leb(inner));
        component.extend(section(COMPONENT_ALIAS, &outer));
        component.extend(section(COMPONENT_INSTANCE, &[2, 0, 0, 0, 0, 0, 0]));
        sections.extend(section(COMPONENT, &component));
    }
    let mut instance = vec![1, 0];
    instance.extend(leb(levels));
    instance.push(0);
    sections.extend(section(COMPONENT_INSTANCE, &instance));
    hollow(&sections)
}

/// Sections that say how many entries they have, and have none.
pub fn headers_without_content() -> Vec<Vec<u8>> {
    [CORE_TYPE, COMPONENT_INSTANCE, COMPONENT_ALIAS, COMPONENT_TYPE, CANON, COMPONENT_IMPORT]
        .into_iter()
        .map(|id| hollow(&section(id, &leb(u32::MAX))))
        .collect()
}

/// A module that says it has this many functions, and has none.
pub fn functions_without_bodies(count: u32) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(section(3, &leb(count)));
    hollow(&section(CORE_MODULE, &module))
}

/// Modules of no use.
pub fn many_modules(count: usize) -> Vec<u8> {
    hollow(&section(CORE_MODULE, &Module::new().finish()).repeat(count))
}

/// Functions that do nothing.
pub fn many_functions(count: u32) -> Vec<u8> {
    let mut body = Function::new([]);
    body.instructions().end();
    module_of(count, &body)
}

/// A function of this size without a single branch.
pub fn giant_function(bytes: usize) -> Vec<u8> {
    let mut body = Function::new([(1, ValType::F32)]);
    for _ in 0..bytes / 10 {
        let one = Ieee32::new(0x3f80_0000);
        body.instructions().local_get(0).f32_const(one).f32_add().local_set(0);
    }
    body.instructions().end();
    module_of(1, &body)
}

/// Loops one after another, and variables that live across all of them.
pub fn loops_and_variables(loops: u32, variables: u32) -> Vec<u8> {
    let mut body = Function::new([(variables, ValType::I32)]);
    body.instructions().loop_(BlockType::Empty);
    for turn in 0..loops {
        let variable = turn % variables;
        let mut code = body.instructions();
        code.loop_(BlockType::Empty).local_get(variable).i32_const(1).i32_add();
        code.local_tee(variable).br_if(0).end();
    }
    body.instructions().local_get(0).br_if(0).end().end();
    module_of(1, &body)
}

/// Blocks within each other, a jump out of each, and variables that change on the way.
pub fn nested_exits(levels: u32, variables: u32) -> Vec<u8> {
    let mut body = Function::new([(variables, ValType::I32)]);
    for _ in 0..levels {
        body.instructions().block(BlockType::Empty);
    }
    for level in 0..levels {
        let (from, to) = (level % variables, (level + 1) % variables);
        let mut code = body.instructions();
        code.local_get(from).i32_const(1).i32_add().local_tee(to).br_if(level);
    }
    for _ in 0..levels {
        body.instructions().end();
    }
    body.instructions().end();
    module_of(1, &body)
}

/// Loops within each other.
pub fn nested_loops(levels: u32) -> Vec<u8> {
    let mut body = Function::new([(1, ValType::I32)]);
    for _ in 0..levels {
        body.instructions().loop_(BlockType::Empty);
    }
    for _ in 0..levels {
        body.instructions().local_get(0).br_if(0).end();
    }
    body.instructions().end();
    module_of(1, &body)
}

/// A jump to each of many blocks that take as many values along.
pub fn wide_jumps(blocks: u32, values: usize) -> Vec<u8> {
    let mut body = Function::new([]);
    for _ in 0..blocks {
        body.instructions().block(BlockType::FunctionType(1));
    }
    body.instructions().unreachable().i32_const(0).br_table(0..blocks, 0);
    for _ in 0..blocks {
        body.instructions().end();
    }
    body.instructions().unreachable().end();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([], vec![ValType::I32; values]);
    module_with(types, 1, &body)
}

/// Memory of this many pages, filled at both ends.
pub fn large_memory(pages: u64) -> Vec<u8> {
    let mut module = Module::new();
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut data = DataSection::new();
    let last = (pages * 65_536 - 1) as u32;
    data.active(0, &ConstExpr::i32_const(0), [1]);
    data.active(0, &ConstExpr::i32_const(last.cast_signed()), [1]);
    module.section(&memories).section(&data);
    hollow(&section(CORE_MODULE, &module.finish()))
}

/// A table with this many entries.
pub fn large_table(entries: u64) -> Vec<u8> {
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: entries,
        maximum: None,
        shared: false,
    });
    let mut module = Module::new();
    module.section(&tables);
    hollow(&section(CORE_MODULE, &module.finish()))
}

fn module_of(functions: u32, body: &Function) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    module_with(types, functions, body)
}

fn module_with(types: TypeSection, functions: u32, body: &Function) -> Vec<u8> {
    let (mut signatures, mut code) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..functions {
        signatures.function(0);
        code.function(body);
    }
    let mut module = Module::new();
    module.section(&types).section(&signatures).section(&code);
    hollow(&section(CORE_MODULE, &module.finish()))
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![id];
    bytes.extend(leb(content.len() as u32));
    bytes.extend(content);
    bytes
}

fn leb(number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    number.encode(&mut bytes);
    bytes
}
