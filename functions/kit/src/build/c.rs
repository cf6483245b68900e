//! C: bindings are generated, clang makes a module, which is wrapped as a component.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use wit_parser::Resolve;

use super::language::sources;
use super::project::Project;
use super::tool::Tool;
use super::{BuildError, Language, encode};

const INSTALL: &str = "`apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`";

/// The target of Debian's wasi-libc. A plugin that calls what asks the system for something
/// imports it, and is refused for it.
const TARGET: &str = "--target=wasm32-wasi";

/// Where what is generated goes, below the project.
const BINDINGS: &str = "build/bindings";

const MODULE: &str = "build/module.wasm";

pub(super) fn build(project: &Project, component: &Path) -> Result<String, BuildError> {
    let bindings = project.fresh("bindings")?;
    generate(project, &bindings)?;
    write_schema(project, &bindings)?;
    find_toolchain(project)?;
    let said = clang(project)
        .args(["-std=c11", "-O2", "-Wall", "-Wextra", "-I.", "-I", BINDINGS])
        // A library: it has functions to call and no `main`.
        .args(["-mexec-model=reactor", "-Wl,--strip-all", "-o", MODULE])
        .args(sources(project.folder(), "c")?)
        .args(["plugin.c", "plugin_component_type.o"].map(|name| Path::new(BINDINGS).join(name)))
        .run()?;
    encode(&project.folder().join(MODULE), component).map_err(explained)?;
    Ok(said.all())
}

/// Says what it means that a module imports something of the system.
fn explained(error: BuildError) -> BuildError {
    match error {
        BuildError::NoComponent { module, reason } if reason.contains("wasi_snapshot") => {
            let reason = format!(
                "{reason}; a plugin has no system: take out what calls this function, such as \
                 `printf`, files, the clock, or `exit`"
            );
            BuildError::NoComponent { module, reason }
        }
        other => other,
    }
}

fn clang(project: &Project) -> Tool {
    Tool::new("clang", project.folder(), Language::C, INSTALL).arg(TARGET)
}

/// Looks for the linker and the libraries that clang needs for WebAssembly: Debian has each
/// in a package of its own.
fn find_toolchain(project: &Project) -> Result<(), BuildError> {
    for (question, package) in [
        ("-print-file-name=libc.a", "wasi-libc"),
        ("-print-libgcc-file-name", "runtime library of clang for wasm32"),
    ] {
        let answer = clang(project).arg(question).run()?.stdout;
        if !Path::new(answer.trim_end()).is_file() {
            return Err(clang(project).missing(package.to_owned()));
        }
    }
    let linker = Tool::new("wasm-ld", project.folder(), Language::C, INSTALL);
    linker.arg("--version").run().map(|_said| ())
}

/// Generates `plugin.h`, `plugin.c` and the object that names our world.
fn generate(project: &Project, folder: &Path) -> Result<(), BuildError> {
    let wit = project.wit()?;
    let bad = |reason: String| BuildError::BadProject { path: wit.clone(), reason };
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_path(&wit).map_err(|error| bad(format!("this is no WIT: {error:#}")))?;
    let world = resolve
        .select_world(&[package], Some("plugin"))
        .map_err(|error| bad(format!("{error:#}")))?;
    let mut files = Default::default();
    wit_bindgen_c::Opts::default()
        .build()
        .generate(&mut resolve, world, &mut files)
        .map_err(|error| bad(format!("there are no bindings for C to it: {error:#}")))?;
    for (name, bytes) in files.iter() {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(BuildError::file(&path, "written"))?;
    }
    Ok(())
}

/// Writes `config_schema.h`: C of this age cannot include a file as a text.
fn write_schema(project: &Project, folder: &Path) -> Result<(), BuildError> {
    let path = project.folder().join("config-schema.json");
    if !path.is_file() {
        return Ok(());
    }
    let schema = fs::read_to_string(&path).map_err(BuildError::file(&path, "read"))?;
    let header = folder.join("config_schema.h");
    fs::write(&header, schema_header(&schema)).map_err(BuildError::file(&header, "written"))
}

/// A header with the schema as a text, a literal a line.
fn schema_header(schema: &str) -> String {
    let mut header = String::from(
        "// Generated from config-schema.json.\n\
         static const char CONFIG_SCHEMA[] =",
    );
    for line in schema.split_inclusive('\n') {
        header.push_str("\n    \"");
        for character in line.chars() {
            match character {
                '\n' => header.push_str("\\n"),
                '\r' => header.push_str("\\r"),
                // A `?` could begin a trigraph.
                '"' | '\\' | '?' => header.extend(['\\', character]),
                _ if character.is_ascii_control() => {
                    write!(header, "\\{:03o}", u32::from(character)).expect("a text takes any");
                }
                _ => header.push(character),
            }
        }
        header.push('"');
    }
    if schema.is_empty() {
        header.push_str(" \"\"");
    }
    header.push_str(";\n");
    header
}

#[cfg(test)]
mod tests {
    use super::schema_header;

    #[test]
    fn a_schema_is_the_same_text_in_c() {
        let header = schema_header("{\n  \"pattern\": \"^\\\\d??/$\",\t\"é\": 1\r\n}");
        let expected = "// Generated from config-schema.json.\n\
                        static const char CONFIG_SCHEMA[] =\n    \
                        \"{\\n\"\n    \
                        \"  \\\"pattern\\\": \\\"^\\\\\\\\d\\?\\?/$\\\",\\011\\\"é\\\": 1\\r\\n\"\n    \
                        \"}\";\n";
        assert_eq!(header, expected);
    }
}
