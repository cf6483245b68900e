//! `arrears plugin key`, `sign`, `pack`, `unpack`: a component on its way to agencies.

use crate::failure::{CommandError, Status};
use crate::render::number;
use crate::session::Session;
use arrears_kit::{oci, sign};
use clap::{Args, Subcommand};
use std::io;
use std::path::PathBuf;

/// Keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a pair of keys: the secret one in FILE, the public one in FILE.pub
    New(NewKey),
}

/// A new pair of keys.
#[derive(Debug, Args)]
pub struct NewKey {
    /// The file of the secret key
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Do without a password: whoever can read the file can sign
    #[arg(long)]
    no_password: bool,
}

/// What is signed.
#[derive(Debug, Args)]
pub struct Sign {
    /// The component; its signature goes into FILE.minisig
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// The file of the secret key
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
}

/// What is packed.
#[derive(Debug, Args)]
pub struct Pack {
    /// The component; if there is a FILE.minisig, it is packed too
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// The folder to make
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// When it was made, as 2026-11-21T09:00:00Z; without it, the same bytes each time
    #[arg(long, value_name = "TIME", value_parser = time)]
    created: Option<String>,
}

/// What is unpacked.
#[derive(Debug, Args)]
pub struct Unpack {
    /// The folder of the layout
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The file of the component; its signature goes into FILE.minisig
    #[arg(value_name = "FILE")]
    component: PathBuf,
}

fn time(text: &str) -> Result<String, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|_time| text.to_owned())
        .map_err(|error| error.to_string())
}

/// Makes a pair of keys.
pub(super) fn key(session: &Session, key: &Key) -> Result<Status, CommandError> {
    let Key::New(new) = key;
    let password = if new.no_password { None } else { Some(new_password()?) };
    let key = sign::new_key(&new.file, password)?;
    session.output.answer(&key, || {
        format!(
            "{} holds the secret key: keep it.\n{} holds the public key: give it to the \
             agencies, which name it in their trust:\n\n  {}\n",
            key.secret.display(),
            key.public.display(),
            key.public_key
        )
    })?;
    Ok(Status::Done)
}

fn new_password() -> Result<String, CommandError> {
    let ask = || -> io::Result<(String, String)> {
        let first = sign::ask_password("Password of the new key: ")?;
        Ok((first, sign::ask_password("Once more: ")?))
    };
    match ask() {
        Ok((first, _)) if first.is_empty() => Err(CommandError::Usage(
            "a password must not be empty; `--no-password` does without".to_owned(),
        )),
        Ok((first, second)) if first == second => Ok(first),
        Ok(_) => {
            Err(CommandError::Usage("the two passwords differ: type the same twice".to_owned()))
        }
        Err(error) => Err(CommandError::Usage(format!(
            "there is no terminal to ask for a password ({error}); `--no-password` does without"
        ))),
    }
}

/// Signs a component.
pub(super) fn sign(session: &Session, wanted: &Sign) -> Result<Status, CommandError> {
    let ask = || sign::ask_password(&format!("Password of {}: ", wanted.key.display()));
    let signed = sign::sign(&session.host()?, &wanted.component, &wanted.key, ask)?;
    session.output.answer(&signed, || {
        format!("{}: {}\n", signed.signature.display(), signed.trusted_comment)
    })?;
    Ok(Status::Done)
}

/// Packs a component.
pub(super) fn pack(session: &Session, wanted: &Pack) -> Result<Status, CommandError> {
    let Pack { component, out, created } = wanted;
    let packed = oci::pack(&session.host()?, component, out, created.as_deref())?;
    session.output.answer(&packed, || {
        let signed = if packed.is_signed { "with its signature" } else { "without a signature" };
        format!(
            "{} holds {} {signed}: {}\n",
            packed.folder.display(),
            packed.reference,
            packed.manifest_digest
        )
    })?;
    Ok(Status::Done)
}

/// Unpacks a component.
pub(super) fn unpack(session: &Session, wanted: &Unpack) -> Result<Status, CommandError> {
    let bytes_max = session.host()?.limits().component_bytes_max;
    let unpacked = oci::unpack(&wanted.folder, &wanted.component, bytes_max)?;
    session.output.answer(&unpacked, || {
        let signed = match &unpacked.signature {
            Some(path) => format!("signed by {}", path.display()),
            None => "not signed".to_owned(),
        };
        let size = number::bytes(unpacked.bytes);
        format!("{}: {size}, {}, {signed}\n", unpacked.component.display(), unpacked.digest)
    })?;
    Ok(Status::Done)
}
