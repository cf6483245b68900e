//! What may be typed. The arguments of each command stand with the command.

use crate::command;
use arrears_domain::AgencyId;
use clap::{ArgAction, Args, Parser, Subcommand};
use std::path::PathBuf;

/// Runs a public agency's collections.
///
/// With `--data DIR` everything is kept in a folder of this machine; without it
/// the tables and files are those that the AWS configuration names (region,
/// profile, AWS_ENDPOINT_URL). `arrears demo` shows all of it in a minute.
#[derive(Debug, Parser)]
#[command(name = "arrears", version)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The agency whose data it is about
    #[arg(
        long,
        global = true,
        env = "ARREARS_AGENCY",
        default_value = "default",
        value_name = "CODE"
    )]
    pub agency: AgencyId,
    /// Keep tables and files in this folder instead of on AWS
    #[arg(long, global = true, env = "ARREARS_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The DynamoDB table on AWS
    #[arg(
        long,
        global = true,
        env = "ARREARS_TABLE",
        default_value = "arrears",
        value_name = "NAME",
        hide_short_help = true
    )]
    pub table: String,
    /// The S3 bucket on AWS
    #[arg(
        long,
        global = true,
        env = "ARREARS_BUCKET",
        default_value = "arrears",
        value_name = "NAME",
        hide_short_help = true
    )]
    pub bucket: String,
    /// The S3 bucket of components on AWS; needed where a vendor's plugins are active
    #[arg(
        long,
        global = true,
        env = "ARREARS_PLUGIN_BUCKET",
        value_name = "NAME",
        hide_short_help = true
    )]
    pub plugin_bucket: Option<String>,
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more on stderr: -v the messages of a run, -vv all of ours, -vvv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make up a book, run over it, and show what happened
    Demo(command::demo::Demo),
    /// Check, load, show and compare setups
    #[command(subcommand)]
    Setup(command::setup::Setup),
    /// Import, export and make up books
    #[command(subcommand)]
    Book(command::book::Book),
    /// Run something for a business date
    #[command(subcommand)]
    Run(command::run::Run),
    /// Look at runs, go on with one that was killed, decide one again
    #[command(subcommand)]
    Runs(command::runs::Runs),
    /// Look at export setups, and at the files of export runs
    #[command(subcommand)]
    Export(command::export::Export),
    /// Look at runs that are scheduled, and start those that are due
    #[command(subcommand)]
    Schedule(command::schedule::Schedule),
    /// Apply events, and look after those that could not be applied
    #[command(subcommand)]
    Events(command::events::Events),
    /// Post and reverse payments
    #[command(subcommand)]
    Payment(command::payment::Payment),
    /// Do to a record what staff does: hold, extend, send to collections, resolve
    #[command(subcommand)]
    Delinquency(command::delinquency::Delinquency),
    /// Arrangements to pay by instalments
    #[command(subcommand)]
    Arrangement(command::agreement::Arrangement),
    /// Promises to pay by a day
    #[command(subcommand)]
    Promise(command::agreement::Promise),
    /// Disputes over a debt
    #[command(subcommand)]
    Dispute(command::agreement::Dispute),
    /// What collection agencies have, and what comes back from them
    #[command(subcommand)]
    Placement(command::placement::Placement),
    /// Look at an account
    #[command(subcommand)]
    Account(command::account::Account),
    /// List the accounts that have become eligible
    Eligible(command::eligible::Eligible),
    /// The files that runs wrote
    #[command(subcommand)]
    Files(command::files::Files),
    /// The plugins that perform actions
    #[command(subcommand)]
    Plugin(command::plugin::Plugin),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
