//! Components made byte by byte: those that no toolchain would make.

pub mod bombs;

use std::path::PathBuf;

use arrears_host::Descriptor;
use arrears_host::contract::EFFECT_KINDS;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the descriptor lies in the memory of a forged plugin; its texts follow.
const DESCRIPTOR_AT: u32 = 1024;
/// Size of a descriptor by the canonical ABI.
const DESCRIPTOR_BYTES: usize = 72;

/// A plugin that says this of itself, and does nothing else.
pub fn plugin(descriptor: &Descriptor) -> Vec<u8> {
    component(descriptor, "", &[])
}

/// A plugin whose log is one of more functions ("read: func() -> u32;"), and that imports
/// the one with this name.
pub fn plugin_that_imports(wit: &str, function: &str) -> Vec<u8> {
    component(&descriptor(), wit, &[("arrears:action/log@0.1.0", function)])
}

/// A descriptor that is right.
pub fn descriptor() -> Descriptor {
    Descriptor {
        id: "forged".to_owned(),
        version: "1.0.0".to_owned(),
        summary: "Does nothing".to_owned(),
        actions: vec!["test:forged".to_owned()],
        config_schema: "{}".to_owned(),
        facts_needed: Vec::new(),
        effects_used: Vec::new(),
        max_batch: 1,
        fuel_per_item: 1_000,
    }
}

fn component(descriptor: &Descriptor, log: &str, imports: &[(&str, &str)]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("contract.wit", &contract(log)).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    let mut module = module(descriptor, imports);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.encode().unwrap()
}

/// The contract as one text, with these functions in its log.
fn contract(log: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut text = String::from("package arrears:action@0.1.0;\n");
    for file in ["types.wit", "log.wit", "action.wit", "world.wit"] {
        let part = std::fs::read_to_string(folder.join(file)).unwrap();
        let (_package, rest) = part.split_once(';').unwrap();
        text.push_str(&rest.replace("interface log {", &format!("interface log {{\n{log}\n")));
    }
    text
}

fn module(descriptor: &Descriptor, imports: &[(&str, &str)]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut imported = ImportSection::new();
    for (interface, function) in imports {
        imported.import(interface, function, EntityType::Function(0));
    }
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let action = "arrears:action/action@0.1.0";
    for (index, (name, ty)) in [
        (format!("{action}#describe"), 0),
        (format!("{action}#check-config"), 1),
        (format!("{action}#perform"), 2),
        ("cabi_realloc".to_owned(), 1),
    ]
    .into_iter()
    .enumerate()
    {
        functions.function(ty);
        exports.export(&name, ExportKind::Func, (imports.len() + index) as u32);
        let mut body = Function::new([]);
        match index {
            0 => body.instructions().i32_const(DESCRIPTOR_AT as i32).end(),
            _ => body.instructions().unreachable().end(),
        };
        code.function(&body);
    }
    exports.export("memory", ExportKind::Memory, 0);
    let mut memories = MemorySection::new();
    let minimum = 4;
    memories.memory(MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(DESCRIPTOR_AT as i32), Lowered::of(descriptor).bytes);
    let mut module = Module::new();
    module.section(&types).section(&imported).section(&functions).section(&memories);
    module.section(&exports).section(&code).section(&data);
    module.finish()
}

/// A descriptor as it lies in memory.
struct Lowered {
    bytes: Vec<u8>,
}

impl Lowered {
    fn of(descriptor: &Descriptor) -> Self {
        let mut lowered = Self { bytes: vec![0; DESCRIPTOR_BYTES] };
        for (at, text) in [
            (0, &descriptor.id),
            (8, &descriptor.version),
            (16, &descriptor.summary),
            (32, &descriptor.config_schema),
        ] {
            lowered.text(at, text);
        }
        lowered.texts(24, &descriptor.actions);
        lowered.texts(40, &descriptor.facts_needed);
        let kinds: Vec<u8> = descriptor
            .effects_used
            .iter()
            .map(|used| EFFECT_KINDS.iter().position(|kind| kind == used).unwrap() as u8)
            .collect();
        let kinds_at = lowered.append(&kinds);
        lowered.pair(48, kinds_at, kinds.len());
        lowered.put(56, &descriptor.max_batch.to_le_bytes());
        lowered.put(64, &descriptor.fuel_per_item.to_le_bytes());
        lowered
    }

    fn texts(&mut self, at: usize, texts: &[String]) {
        let list = self.append(&vec![0; texts.len() * 8]);
        self.pair(at, list, texts.len());
        for (index, text) in texts.iter().enumerate() {
            self.text((list - DESCRIPTOR_AT) as usize + index * 8, text);
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        let start = self.append(text.as_bytes());
        self.pair(at, start, text.len());
    }

    /// Address and length.
    fn pair(&mut self, at: usize, address: u32, length: usize) {
        self.put(at, &address.to_le_bytes());
        self.put(at + 4, &(length as u32).to_le_bytes());
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn append(&mut self, bytes: &[u8]) -> u32 {
        while !self.bytes.len().is_multiple_of(8) {
            self.bytes.push(0);
        }
        let at = DESCRIPTOR_AT + self.bytes.len() as u32;
        self.bytes.extend(bytes);
        at
    }
}
