//! `arrears plugin`, for those who write actions: from a new project to a signed component.
//!
//! Each command calls the crate `arrears-kit` and shows what came of it.

mod check;
mod measure;
mod project;
mod publish;
mod test;

use crate::components::BUILT_IN;
use crate::failure::{CommandError, Status};
use crate::session::Session;
use clap::Subcommand;

/// What a vendor does.
#[derive(Debug, Subcommand)]
pub enum Kit {
    /// Make a project that builds and passes its tests at once
    New(project::New),
    /// Build a project to a component
    Build(project::Build),
    /// Build a project and run its cases
    Test(test::Test),
    /// Put one case through a component: effects, fuel, memory, time
    Run(measure::Run),
    /// Measure what a subject costs, of several components side by side
    Bench(measure::Bench),
    /// Hold a component to the gate, and show each rule and what to change
    Check(check::Check),
    /// Make a pair of keys to sign with
    #[command(subcommand)]
    Key(publish::Key),
    /// Sign a component
    Sign(publish::Sign),
    /// Pack a component, with its signature, as an OCI image layout
    Pack(publish::Pack),
    /// Take the component out of an OCI image layout
    Unpack(publish::Unpack),
}

/// Does it.
///
/// # Errors
/// It could not be done. A component that is refused or a case that fails is no error, but
/// the answer.
pub fn kit(session: &Session, wanted: &Kit) -> Result<Status, CommandError> {
    match wanted {
        Kit::New(new) => project::new(session, new),
        Kit::Build(wanted) => project::build(session, wanted),
        Kit::Test(wanted) => test::test(session, wanted),
        Kit::Run(wanted) => measure::run(session, wanted),
        Kit::Bench(wanted) => measure::bench(session, wanted),
        Kit::Check(wanted) => check::check(session, wanted),
        Kit::Key(wanted) => publish::key(session, wanted),
        Kit::Sign(wanted) => publish::sign(session, wanted),
        Kit::Pack(wanted) => publish::pack(session, wanted),
        Kit::Unpack(wanted) => publish::unpack(session, wanted),
    }
}

/// The ids and action types of the built-in plugins.
fn built_in_names() -> Vec<String> {
    let names = BUILT_IN.iter().map(|(name, _)| *name);
    names.flat_map(|name| [name.to_owned(), format!("arrears-{name}")]).collect()
}
