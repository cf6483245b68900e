//! `cargo xtask wit-page`: the contract of `wit/` as a page to read, docs/WIT.md.
//!
//! The `.wit` files are the only source. A test fails if the page is not what they say.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wit_parser::{
    Docs, Function, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem,
};

use crate::workspace::Workspace;

/// The page, below the root.
const PAGE: &str = "docs/WIT.md";

/// What stands above what is generated.
const PREFACE: &str = "\
<!-- Written by `cargo xtask wit-page` from the files of wit/: change those. -->

What a milestone action and its host say to each other, type by type, as the files of
`wit/` define it. How the parts work together, the facts, the limits and how an action is
built are told in [its README](../wit/README.md); what may change, and when, in
[VERSIONING.md](../wit/VERSIONING.md).
";

/// Writes the page, unless it is right already.
pub fn run(workspace: &Workspace) -> Result<()> {
    let written = page(&workspace.root().join("wit"))?;
    let path = workspace.root().join(PAGE);
    if fs::read_to_string(&path).is_ok_and(|present| present == written) {
        eprintln!("    {PAGE} is up to date");
        return Ok(());
    }
    fs::write(&path, written).with_context(|| format!("{} cannot be written", path.display()))?;
    eprintln!("    {PAGE} was written anew");
    Ok(())
}

/// The page of the package in a folder.
fn page(folder: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _sources) = resolve
        .push_dir(folder)
        .with_context(|| format!("{} holds no WIT package", folder.display()))?;
    let package = &resolve.packages[package];
    let mut page = Page { resolve: &resolve, text: format!("# {}\n\n{PREFACE}", package.name) };
    page.docs(&package.docs, "");
    page.contents(package.worlds.values(), package.interfaces.values());
    for world in package.worlds.values() {
        page.world(*world)?;
    }
    for interface in package.interfaces.values() {
        page.interface(*interface)?;
    }
    Ok(page.text)
}

struct Page<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl<'a> Page<'a> {
    fn contents<'b>(
        &mut self,
        worlds: impl Iterator<Item = &'b WorldId>,
        interfaces: impl Iterator<Item = &'b InterfaceId>,
    ) {
        self.text.push('\n');
        for world in worlds {
            let name = &self.resolve.worlds[*world].name;
            self.line(&format!("- [World `{name}`](#world-{name})"));
        }
        for interface in interfaces {
            let name = self.interface_name(*interface);
            let types = self.own_types(*interface).into_iter().map(|(name, _)| name.as_str());
            let functions = self.resolve.interfaces[*interface].functions.keys();
            let items: Vec<String> = types
                .chain(functions.map(String::as_str))
                .map(|item| format!("[`{item}`](#{name}-{item})"))
                .collect();
            self.line(&format!("- [Interface `{name}`](#{name}): {}", items.join(", ")));
        }
    }

    fn world(&mut self, id: WorldId) -> Result<()> {
        let world = &self.resolve.worlds[id];
        self.heading(2, &format!("world-{}", world.name), &format!("World `{}`", world.name));
        self.docs(&world.docs, "");
        self.text.push('\n');
        for (verb, items) in [("imports", &world.imports), ("exports", &world.exports)] {
            for item in items.values() {
                let WorldItem::Interface { id, .. } = item else {
                    bail!("the world `{}` has an item that is no interface", world.name);
                };
                let name = self.interface_name(*id);
                self.line(&format!("- {verb} [`{name}`](#{name})"));
            }
        }
        Ok(())
    }

    fn interface(&mut self, id: InterfaceId) -> Result<()> {
        let name = self.interface_name(id);
        self.heading(2, &name, &format!("Interface `{name}`"));
        self.docs(&self.resolve.interfaces[id].docs, "");
        for (item, ty) in self.own_types(id) {
            self.type_definition(&name, item, ty)?;
        }
        for function in self.resolve.interfaces[id].functions.values() {
            self.function(&name, function)?;
        }
        Ok(())
    }

    /// The types that an interface defines, without those that it takes from another.
    fn own_types(&self, id: InterfaceId) -> Vec<(&'a String, &'a TypeDef)> {
        let is_taken = |ty: &TypeDef| match ty.kind {
            TypeDefKind::Type(Type::Id(other)) => {
                self.resolve.types[other].owner != TypeOwner::Interface(id)
            }
            _ => false,
        };
        let resolve: &'a Resolve = self.resolve;
        resolve.interfaces[id]
            .types
            .iter()
            .map(|(name, id)| (name, &resolve.types[*id]))
            .filter(|(_, ty)| !is_taken(ty))
            .collect()
    }

    fn type_definition(&mut self, interface: &str, name: &str, ty: &TypeDef) -> Result<()> {
        let kind = match &ty.kind {
            TypeDefKind::Record(_) => "Record",
            TypeDefKind::Variant(_) => "Variant",
            TypeDefKind::Enum(_) => "Enum",
            TypeDefKind::Flags(_) => "Flags",
            _ => "Type",
        };
        self.heading(3, &format!("{interface}-{name}"), &format!("{kind} `{name}`"));
        if kind == "Type" {
            let shape = self.shape(&ty.kind)?;
            self.line(&format!("\n{}", shape.markdown()));
        }
        self.docs(&ty.docs, "");
        self.text.push('\n');
        let at = format!("{interface}-{name}");
        match &ty.kind {
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    self.item(&at, &field.name, Some(&field.ty), &field.docs)?;
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &variant.cases {
                    self.item(&at, &case.name, case.ty.as_ref(), &case.docs)?;
                }
            }
            TypeDefKind::Enum(list) => {
                for case in &list.cases {
                    self.item(&at, &case.name, None, &case.docs)?;
                }
            }
            TypeDefKind::Flags(flags) => {
                for flag in &flags.flags {
                    self.item(&at, &flag.name, None, &flag.docs)?;
                }
            }
            _ => {
                self.text.pop();
            }
        }
        Ok(())
    }

    /// A field or a case.
    fn item(&mut self, at: &str, name: &str, ty: Option<&Type>, docs: &Docs) -> Result<()> {
        write!(self.text, "- <a id=\"{at}-{name}\"></a>`{name}`")?;
        if let Some(ty) = ty {
            let shape = self.ty(ty)?;
            write!(self.text, ": {}", shape.markdown())?;
        }
        self.text.push('\n');
        if docs.contents.is_some() {
            self.docs(docs, "  ");
        }
        Ok(())
    }

    fn function(&mut self, interface: &str, function: &Function) -> Result<()> {
        let name = &function.name;
        self.heading(3, &format!("{interface}-{name}"), &format!("Function `{name}`"));
        let mut shape = Shape::text("func(");
        for (index, param) in function.params.iter().enumerate() {
            shape.push(&format!("{}{}: ", if index == 0 { "" } else { ", " }, param.name));
            shape.append(self.ty(&param.ty)?);
        }
        shape.push(")");
        if let Some(result) = &function.result {
            shape.push(" -> ");
            shape.append(self.ty(result)?);
        }
        self.line(&format!("\n{}", shape.markdown()));
        self.docs(&function.docs, "");
        Ok(())
    }

    /// How a type is written, with links to those that have names.
    fn ty(&self, ty: &Type) -> Result<Shape> {
        Ok(match ty {
            Type::Bool => Shape::text("bool"),
            Type::U8 => Shape::text("u8"),
            Type::U16 => Shape::text("u16"),
            Type::U32 => Shape::text("u32"),
            Type::U64 => Shape::text("u64"),
            Type::S8 => Shape::text("s8"),
            Type::S16 => Shape::text("s16"),
            Type::S32 => Shape::text("s32"),
            Type::S64 => Shape::text("s64"),
            Type::Char => Shape::text("char"),
            Type::String => Shape::text("string"),
            Type::Id(id) => return self.named(*id),
            other => bail!("the page has no words for the type {other:?}"),
        })
    }

    fn named(&self, id: TypeId) -> Result<Shape> {
        let ty = &self.resolve.types[id];
        if let TypeDefKind::Type(Type::Id(other)) = ty.kind {
            return self.named(other);
        }
        match (&ty.name, ty.owner) {
            (Some(name), TypeOwner::Interface(interface)) => {
                let anchor = format!("{}-{name}", self.interface_name(interface));
                Ok(Shape::link(name, anchor))
            }
            _ => self.shape(&ty.kind),
        }
    }

    fn shape(&self, kind: &TypeDefKind) -> Result<Shape> {
        let none = Shape::text("_");
        let or_none = |ty: &Option<Type>| ty.as_ref().map_or(Ok(none.clone()), |ty| self.ty(ty));
        Ok(match kind {
            TypeDefKind::Type(ty) => self.ty(ty)?,
            TypeDefKind::List(ty) => Shape::of("list", vec![self.ty(ty)?]),
            TypeDefKind::Option(ty) => Shape::of("option", vec![self.ty(ty)?]),
            TypeDefKind::Tuple(tuple) => {
                let types: Result<Vec<Shape>> = tuple.types.iter().map(|ty| self.ty(ty)).collect();
                Shape::of("tuple", types?)
            }
            TypeDefKind::Result(result) => {
                Shape::of("result", vec![or_none(&result.ok)?, or_none(&result.err)?])
            }
            other => bail!("the page has no words for the type {other:?}"),
        })
    }

    fn interface_name(&self, id: InterfaceId) -> String {
        self.resolve.interfaces[id].name.clone().unwrap_or_default()
    }

    fn heading(&mut self, level: usize, anchor: &str, title: &str) {
        let marks = "#".repeat(level);
        self.line(&format!("\n<a id=\"{anchor}\"></a>\n\n{marks} {title}"));
    }

    fn docs(&mut self, docs: &Docs, indent: &str) {
        let Some(contents) = &docs.contents else {
            return;
        };
        if indent.is_empty() {
            self.text.push('\n');
        }
        for line in contents.trim_end().lines() {
            let indent = if line.is_empty() { "" } else { indent };
            self.line(&format!("{indent}{line}"));
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A type as it is written in WIT: text, and names that lead somewhere.
#[derive(Clone)]
struct Shape {
    parts: Vec<(String, Option<String>)>,
}

impl Shape {
    fn text(text: &str) -> Self {
        Self { parts: vec![(text.to_owned(), None)] }
    }

    fn link(name: &str, anchor: String) -> Self {
        Self { parts: vec![(name.to_owned(), Some(anchor))] }
    }

    fn of(name: &str, arguments: Vec<Self>) -> Self {
        let mut shape = Self::text(&format!("{name}<"));
        for (index, argument) in arguments.into_iter().enumerate() {
            if index > 0 {
                shape.push(", ");
            }
            shape.append(argument);
        }
        shape.push(">");
        shape
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some((last, None)) => last.push_str(text),
            _ => self.parts.push((text.to_owned(), None)),
        }
    }

    fn append(&mut self, other: Self) {
        for (text, anchor) in other.parts {
            match anchor {
                Some(anchor) => self.parts.push((text, Some(anchor))),
                None => self.push(&text),
            }
        }
    }

    fn markdown(&self) -> String {
        let part = |(text, anchor): &(String, Option<String>)| match anchor {
            Some(anchor) => format!("[`{text}`](#{anchor})"),
            // A span of code loses a space at its end.
            None => {
                let kept = text.trim_end();
                format!("`{kept}`{}", &text[kept.len()..])
            }
        };
        self.parts.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_the_contract_says() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let written = page(&root.join("wit")).unwrap();
        let path = root.join(PAGE);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(path, &written).unwrap();
            return;
        }
        let present = fs::read_to_string(path).unwrap_or_default();
        assert!(present == written, "{PAGE} is stale: run `cargo xtask wit-page`");
    }

    #[test]
    fn each_link_of_the_page_has_an_anchor() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let page = page(&root.join("wit")).unwrap();
        let links: Vec<&str> =
            page.split("](#").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
        assert!(links.len() > 50, "{}", links.len());
        for link in links {
            assert!(page.contains(&format!("<a id=\"{link}\"></a>")), "{link}");
        }
    }
}
