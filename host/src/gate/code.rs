//! How much work the code of a component is for a compiler, guessed from its bytes.
//!
//! A compiler follows each variable along each branch and through each block: a function
//! of a few kilobytes with a thousand of both takes it minutes, one of a few hundred
//! kilobytes hours and all memory that there is. The products bound that, and what people
//! write stays below.

use wasmparser::{
    BlockType, CompositeInnerType, FunctionBody, FunctionSectionReader, Operator, Parser, Payload,
    TypeSectionReader,
};

use super::Refusal;
use super::count::Count;
use crate::limits::Limits;

/// Nothing if the functions may be compiled.
pub(super) fn check(wasm: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut code = Code::new(limits);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::Version { .. } => code.signatures = Signatures::default(),
            Payload::TypeSection(section) => code.signatures.types(section)?,
            Payload::FunctionSection(section) => code.signatures.functions(section)?,
            Payload::CodeSectionEntry(body) => code.function(&body)?,
            _ => {}
        }
    }
    Ok(())
}

struct Code {
    bytes: Count,
    work: Count,
    work_in_all: Count,
    depth: Count,
    loops: Count,
    signatures: Signatures,
}

impl Code {
    fn new(limits: &Limits) -> Self {
        Self {
            bytes: Count::of_work("bytes in one function", limits.function_bytes_max as u64),
            work: Count::of_work(
                "branches times variables in one function",
                limits.function_work_max,
            ),
            work_in_all: Count::of_work("branches times variables in all", limits.code_work_max),
            depth: Count::of_work(
                "blocks within each other times variables in one function",
                limits.function_depth_max,
            ),
            loops: Count::of_work("loops within each other", limits.loop_levels_max as u64),
            signatures: Signatures::default(),
        }
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), Refusal> {
        self.bytes.holds(body.as_bytes().len() as u64)?;
        let mut variables = self.signatures.next_params() + 1;
        for group in body.get_locals_reader()? {
            variables = variables.saturating_add(group?.0.into());
        }
        let mut branches = 1_u64;
        // For each open block, how many loops it is.
        let mut open = Vec::new();
        let mut loops = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            branches += ways_out(&operator);
            if let Some(values) = self.signatures.values(&operator) {
                variables = variables.saturating_add(values);
            }
            match operator {
                Operator::Block { .. } | Operator::If { .. } => open.push(0),
                Operator::Loop { .. } => open.push(1),
                Operator::End => loops -= open.pop().unwrap_or(0),
                _ => continue,
            }
            if matches!(operator, Operator::Loop { .. }) {
                loops += 1;
                self.loops.holds(loops)?;
            }
            self.depth.holds(variables.saturating_mul(open.len() as u64))?;
        }
        let work = branches.saturating_mul(variables);
        self.work.holds(work)?;
        Ok(self.work_in_all.add(work)?)
    }
}

/// What the functions and blocks of a module take and give.
#[derive(Default)]
struct Signatures {
    /// Of each type: how many values it takes, and how many it takes and gives.
    types: Vec<(u64, u64)>,
    /// Of each function that is still to come, the last one first: its type.
    functions: Vec<u32>,
}

impl Signatures {
    fn types(&mut self, section: TypeSectionReader<'_>) -> Result<(), Refusal> {
        for group in section {
            for ty in group?.types() {
                self.types.push(match &ty.composite_type.inner {
                    CompositeInnerType::Func(ty) => {
                        let params = ty.params().len() as u64;
                        (params, params + ty.results().len() as u64)
                    }
                    _ => (0, 0),
                });
            }
        }
        Ok(())
    }

    fn functions(&mut self, section: FunctionSectionReader<'_>) -> Result<(), Refusal> {
        self.functions = section.into_iter().collect::<Result<_, _>>()?;
        self.functions.reverse();
        Ok(())
    }

    fn next_params(&mut self) -> u64 {
        let ty = self.functions.pop().unwrap_or(u32::MAX);
        self.types.get(ty as usize).map_or(0, |(params, _)| *params)
    }

    /// The values that a block hands on, if it has a type of its own: few have.
    fn values(&self, operator: &Operator<'_>) -> Option<u64> {
        match operator {
            Operator::Block { blockty: BlockType::FuncType(ty) }
            | Operator::Loop { blockty: BlockType::FuncType(ty) }
            | Operator::If { blockty: BlockType::FuncType(ty) } => {
                self.types.get(*ty as usize).map(|(_, values)| *values)
            }
            _ => None,
        }
    }
}

/// Ways that lead from an instruction elsewhere than to the next.
fn ways_out(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::BrTable { targets } => u64::from(targets.len()) + 1,
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::Return => 1,
        _ => 0,
    }
}
