//! What a component is made of, counted in one walk over its sections.
//!
//! A few bytes can stand for much work: for a stack of components, for a table of
//! millions of entries. All of it is bounded here, before a compiler sees any of it,
//! which takes hundreds of times as long and as much memory.

use wasmparser::{
    ComponentExportSectionReader, ComponentImportSectionReader, ElementItems, ElementSectionReader,
    Encoding, MemorySectionReader, Parser, Payload, TableSectionReader,
};

use super::count::Count;
use super::{Refusal, nesting};
use crate::error::HostError;
use crate::limits::Limits;

/// Size of a page of memory, unless a module names another.
const PAGE_BYTES_LOG2: u32 = 16;

/// The names at the outer level of a component.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

/// Reads the names of a component that is made of no more than it may be.
pub(super) fn read(wasm: &[u8], limits: &Limits) -> Result<Names, Refusal> {
    let mut outline = Outline::new(limits);
    for payload in Parser::new(0).parse_all(wasm) {
        outline.payload(wasm, payload?)?;
    }
    Ok(outline.names)
}

/// What was counted so far, over all levels.
struct Outline {
    names: Names,
    level: u64,
    levels: Count,
    components: Count,
    component_instances: Count,
    modules: Count,
    types: Count,
    type_levels: Count,
    crossings: Count,
    entries: Count,
    functions: Count,
    memories: Count,
    memory_bytes: Count,
    tables: Count,
    table_elements: Count,
}

impl Outline {
    fn new(limits: &Limits) -> Self {
        Self {
            names: Names::default(),
            level: 0,
            levels: Count::of_nesting("levels of components", limits.component_levels_max),
            components: Count::of_nesting("components within it", limits.components_max),
            component_instances: Count::of_nesting(
                "instances of components within it",
                limits.component_instances_max,
            ),
            modules: Count::of_parts("core modules", limits.modules_max),
            types: Count::of_parts("types", limits.types_max),
            type_levels: Count::of_nesting("levels of types", limits.type_levels_max),
            crossings: Count::of_parts("lifted and lowered functions", limits.crossings_max),
            entries: Count::of_parts("imports, exports and the like", limits.entries_max),
            functions: Count::of_parts("functions", limits.functions_max),
            memories: Count::of_parts("memories", limits.memories_max),
            memory_bytes: Count::of_storage(
                "bytes of memory to start with",
                limits.memory_bytes_max,
            ),
            tables: Count::of_parts("tables", limits.tables_max),
            table_elements: Count::of_storage(
                "entries of a table to start with",
                limits.table_elements_max,
            ),
        }
    }

    fn payload(&mut self, wasm: &[u8], payload: Payload<'_>) -> Result<(), Refusal> {
        use Payload as P;
        match payload {
            P::Version { encoding, .. } => return self.enter(encoding),
            P::End(_) => self.level = self.level.saturating_sub(1),
            P::ModuleSection { .. } => self.modules.add(1)?,
            P::ComponentSection { .. } => self.components.add(1)?,
            P::ComponentInstanceSection(section) => {
                self.component_instances.add(section.count().into())?;
            }
            P::TypeSection(section) => self.types.add(section.count().into())?,
            P::CoreTypeSection(section) => self.types.add(section.count().into())?,
            P::ComponentTypeSection(section) => {
                let range = section.range();
                let bytes = wasm.get(range.clone()).unwrap_or_default();
                nesting::count(bytes, range.start, &mut self.types, &self.type_levels)?;
            }
            P::ComponentCanonicalSection(section) => self.crossings.add(section.count().into())?,
            P::FunctionSection(section) => self.functions.add(section.count().into())?,
            P::MemorySection(section) => return self.memories(section),
            P::TableSection(section) => return self.tables(section),
            P::ElementSection(section) => return self.elements(section),
            P::ComponentImportSection(section) => return self.imports(section),
            P::ComponentExportSection(section) => return self.exports(section),
            P::ImportSection(section) => self.entries.add(section.count().into())?,
            P::ExportSection(section) => self.entries.add(section.count().into())?,
            P::GlobalSection(section) => self.entries.add(section.count().into())?,
            P::DataSection(section) => self.entries.add(section.count().into())?,
            P::InstanceSection(section) => self.entries.add(section.count().into())?,
            P::ComponentAliasSection(section) => self.entries.add(section.count().into())?,
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, encoding: Encoding) -> Result<(), Refusal> {
        if self.level == 0 && encoding == Encoding::Module {
            return Err(HostError::CoreModule.into());
        }
        self.level += 1;
        Ok(self.levels.holds(self.level)?)
    }

    fn imports(&mut self, section: ComponentImportSectionReader<'_>) -> Result<(), Refusal> {
        self.entries.add(section.count().into())?;
        if self.level == 1 {
            for import in section {
                self.names.imports.push(import?.name.name.to_owned());
            }
        }
        Ok(())
    }

    fn exports(&mut self, section: ComponentExportSectionReader<'_>) -> Result<(), Refusal> {
        self.entries.add(section.count().into())?;
        if self.level == 1 {
            for export in section {
                self.names.exports.push(export?.name.name.to_owned());
            }
        }
        Ok(())
    }

    fn memories(&mut self, section: MemorySectionReader<'_>) -> Result<(), Refusal> {
        self.memories.add(section.count().into())?;
        for memory in section {
            let memory = memory?;
            let page_bytes = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(PAGE_BYTES_LOG2));
            self.memory_bytes
                .holds(memory.initial.saturating_mul(page_bytes.unwrap_or(u64::MAX)))?;
        }
        Ok(())
    }

    fn tables(&mut self, section: TableSectionReader<'_>) -> Result<(), Refusal> {
        self.tables.add(section.count().into())?;
        for table in section {
            self.table_elements.holds(table?.ty.initial)?;
        }
        Ok(())
    }

    fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), Refusal> {
        for segment in section {
            let items = match segment?.items {
                ElementItems::Functions(items) => items.count(),
                ElementItems::Expressions(_, items) => items.count(),
            };
            self.entries.add(u64::from(items) + 1)?;
        }
        Ok(())
    }
}
