//! Reads the types that a component declares.
//!
//! A type may hold a list of types, each of which may hold another, at three bytes a
//! level. The parser's own reader descends into them without end, and the stack of
//! whoever calls it is gone: this one goes down a fixed number of levels.

use wasmparser::{BinaryReader, ComponentImport, ComponentType, InstanceTypeDeclaration};

use super::Refusal;
use super::count::Count;

/// Leading bytes of a type that holds declarations: of a component, of an instance.
const HOLDERS: [u8; 2] = [0x41, 0x42];
/// Leading byte of a declaration that is a type.
const TYPE: u8 = 0x01;
/// Leading byte of a declaration that is an import; in a component's type only.
const IMPORT: u8 = 0x03;

/// Counts the declarations of a section of types, those within others among them.
pub(super) fn count(
    section: &[u8],
    offset: usize,
    types: &mut Count,
    levels: &Count,
) -> Result<(), Refusal> {
    let mut walk = Walk { reader: BinaryReader::new(section, offset), types, levels };
    for _ in 0..walk.reader.read_var_u32()? {
        walk.of_type(0)?;
    }
    Ok(())
}

struct Walk<'a, 'b> {
    reader: BinaryReader<'a>,
    types: &'b mut Count,
    levels: &'b Count,
}

impl Walk<'_, '_> {
    fn of_type(&mut self, level: u64) -> Result<(), Refusal> {
        self.types.add(1)?;
        if !HOLDERS.contains(&self.peek()?) {
            self.reader.read::<ComponentType<'_>>()?;
            return Ok(());
        }
        self.levels.holds(level + 1)?;
        self.reader.read_u8()?;
        for _ in 0..self.reader.read_var_u32()? {
            self.declaration(level + 1)?;
        }
        Ok(())
    }

    fn declaration(&mut self, level: u64) -> Result<(), Refusal> {
        match self.peek()? {
            TYPE => {
                self.reader.read_u8()?;
                return self.of_type(level);
            }
            IMPORT => {
                self.reader.read_u8()?;
                self.reader.read::<ComponentImport<'_>>()?;
            }
            _ => {
                self.reader.read::<InstanceTypeDeclaration<'_>>()?;
            }
        }
        self.types.add(1)?;
        Ok(())
    }

    fn peek(&self) -> Result<u8, Refusal> {
        Ok(self.reader.clone().read_u8()?)
    }
}
