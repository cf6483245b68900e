//! `cargo xtask simulate-scale`: how long a large run takes on AWS, and what it costs.
//!
//! Nobody wants to pay for a run of ten million records to find out. So a run is
//! simulated: chunks take what they took in a measurement, the services what AWS
//! documents, and a table refuses what it would refuse. What is simulated is not
//! measured; the output says so, and names the source of each figure.

mod measured;

mod limits;
mod table;
mod text;

mod bill;
mod month;

mod call;
mod outcome;
mod run;

mod report;

#[cfg(test)]
mod guide;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::simulate::measured::{FIGURES, Figures};
use crate::workspace::Workspace;

/// The sizes that are shown, if none is asked for.
const SIZES: [u64; 3] = [10_000, 1_000_000, 10_000_000];

/// Simulates runs and prints what they come to.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut sizes = SIZES.to_vec();
    let mut path = workspace.root().join(FIGURES);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = rest.next().with_context(|| format!("`{argument}` needs a value"))?;
        match argument.as_str() {
            "--records" => {
                let digits = value.replace(['_', ','], "");
                let records = digits.parse();
                sizes =
                    vec![records.with_context(|| format!("`{value}` is no number of records"))?];
            }
            "--measured" => path = PathBuf::from(value),
            other => bail!("there is no option `{other}`: there are --records and --measured"),
        }
    }
    let figures = Figures::read(&path)?;
    print!("{}", report::report(&figures, &sizes)?);
    Ok(())
}
