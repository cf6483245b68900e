//! `arrears files`: list, cat, get.

use super::{unwritable, write_whole};
use crate::failure::{CommandError, Status};
use crate::output;
use crate::render::number;
use crate::render::table::Table;
use crate::session::Session;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// What to do with files.
#[derive(Debug, Subcommand)]
pub enum Files {
    /// List the files whose key begins so
    List(List),
    /// Write a file to stdout
    Cat(Key),
    /// Copy a file to this machine
    Get(Get),
}

/// Which files.
#[derive(Debug, Args)]
pub struct List {
    /// The beginning of the keys; all if not given
    #[arg(value_name = "PREFIX", default_value = "")]
    prefix: String,
}

/// Which file.
#[derive(Debug, Args)]
pub struct Key {
    /// The file's key
    #[arg(value_name = "KEY")]
    key: String,
}

/// Which file, and where to.
#[derive(Debug, Args)]
pub struct Get {
    /// The file's key
    #[arg(value_name = "KEY")]
    key: String,
    /// Where to write it, readable for its owner only
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

/// Does it.
///
/// # Errors
/// There is no such file, or the store fails.
pub async fn files(session: &Session, files: &Files) -> Result<Status, CommandError> {
    let store = session.store().await?;
    match files {
        Files::List(List { prefix }) => {
            let objects = store.list_objects(prefix).await?;
            let documents: Vec<Value> =
                objects.iter().map(|it| json!({"key": it.key, "bytes": it.bytes})).collect();
            session.output.answer(&documents, || {
                let mut table = Table::new(["#Size", "Key"]);
                for object in &objects {
                    table.row([number::bytes(object.bytes), object.key.clone()]);
                }
                if table.is_empty() {
                    "There are no such files.\n".to_owned()
                } else {
                    table.render()
                }
            })?;
        }
        Files::Cat(Key { key }) => {
            let bytes = store.get_object(key).await?;
            if session.output.is_json() {
                let text = String::from_utf8_lossy(&bytes);
                session
                    .output
                    .document(&json!({"key": key, "bytes": bytes.len(), "text": text}))?;
            } else {
                output::write(&bytes)?;
            }
        }
        Files::Get(Get { key, out }) => {
            let bytes = store.get_object(key).await?;
            let mut file = write_whole(out)?;
            file.write_all(&bytes).map_err(|source| unwritable(out, source))?;
            file.keep()?;
            let document = json!({"key": key, "bytes": bytes.len(), "out": out});
            session.output.answer(&document, || {
                format!("{} written to {}.\n", number::bytes(bytes.len() as u64), out.display())
            })?;
        }
    }
    Ok(Status::Done)
}
