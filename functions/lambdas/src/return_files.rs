//! `return-files`: what collection agencies and banks send back, as soon as it is in the
//! bucket.
//!
//! | Key | Is |
//! |---|---|
//! | `AGENCY/incoming/placements/CODE/*.csv` | the answers of collection agency CODE |
//! | `AGENCY/incoming/returns/*.xml` | a `pain.002` status report of a bank |
//! | `AGENCY/incoming/returns/*.ach` | a NACHA return file |
//!
//! What became of it is written beside, below `incoming-answers/`. A file that comes
//! twice changes nothing the second time.

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::queue::{Batch, BatchAnswer, Created, Message};
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use arrears_runs::payment::{self, ReturnFormat};
use arrears_runs::placement::{self, ImportError};
use arrears_runs::setups::{self, Stored};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;

/// The largest file that is taken in. It is held in memory; a larger one is taken in by
/// the command.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

const INCOMING: &str = "incoming/";
const ANSWERS: &str = "incoming-answers/";

/// The handler.
pub struct ReturnFiles {
    site: Site,
}

/// What a file is, by its key.
#[derive(Debug, PartialEq, Eq)]
enum Kind<'a> {
    Placements { collection_agency: &'a str },
    Returns(ReturnFormat),
}

impl ReturnFiles {
    /// Over an instance's connections.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self { site }
    }

    /// Takes in what a message names; what was taken in before changes nothing.
    async fn take_in_all(&self, message: &Message, deadline: Deadline) -> Result<(), Failure> {
        for created in &message.created()? {
            if deadline.has_passed() {
                return Err(Failure::out_of_time());
            }
            self.take_in(created).await?;
        }
        Ok(())
    }

    async fn take_in(&self, created: &Created) -> Result<(), Failure> {
        let key = created.key_of(self.site.store.agency().as_str())?;
        let kind = kind(key)?;
        if created.bytes > FILE_BYTES_MAX {
            return Err(Failure::bad_request(format!(
                "{key} has {} bytes, and a function takes {FILE_BYTES_MAX} at most; take it in by \
                 `arrears placement import` or `arrears payment import-return`",
                created.bytes
            )));
        }
        let bytes = self.site.store.get_object(key).await?;
        let catalog = self.site.catalog().await?;
        let stored = setups::active(&self.site.store, &catalog).await?;
        match kind {
            Kind::Placements { collection_agency } => {
                self.placements(key, &stored, collection_agency, &bytes).await
            }
            Kind::Returns(format) => {
                let (store, today) = (&self.site.store, stored.today());
                let report =
                    payment::import_returns(store, &stored, format, &*bytes, today).await?;
                let (returns, unmatched) = (report.returns, report.unmatched.len());
                tracing::info!(key, returns, unmatched, parked = report.parked(), "taken in");
                self.answer(key, "json", pretty(&report)?).await
            }
        }
    }

    async fn placements(
        &self,
        key: &str,
        stored: &Stored,
        collection_agency: &str,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        let options =
            placement::Options { collection_agency: collection_agency.to_owned(), on: None };
        let mut answers = Vec::new();
        let report = placement::import(
            &self.site.store,
            stored,
            bytes,
            &options,
            Some(&mut answers),
            &|_| {},
        );
        let report = report.await.map_err(|error| match error {
            ImportError::Run(error) => error.into(),
            error => Failure::bad_request(format!("{key}: {}", arrears_runs::chain(&error))),
        })?;
        let refused = report.outcomes.refused;
        tracing::info!(key, lines = report.lines, refused, "taken in");
        self.answer(key, "csv", answers).await
    }

    /// Writes down what became of a file, once.
    async fn answer(&self, key: &str, extension: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let name = key.strip_prefix(INCOMING).unwrap_or(key);
        let answer = format!("{ANSWERS}{name}.{extension}");
        match self.site.store.put_object_new(&answer, bytes).await {
            Err(error) if !error.is_already_exists() => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Handler for ReturnFiles {
    async fn prepare(&self) {
        self.site.prepare().await;
    }

    async fn handle(&self, payload: Value, invocation: Invocation) -> Result<Value, Failure> {
        let batch = Batch::read(payload)?;
        let mut answer = BatchAnswer::default();
        for message in &batch.records {
            if let Err(failure) = self.take_in_all(message, invocation.deadline).await {
                answer.failed(message, &failure);
            }
        }
        answer.into_value()
    }
}

fn kind(key: &str) -> Result<Kind<'_>, Failure> {
    let incoming = key.strip_prefix(INCOMING).unwrap_or_default();
    let extension = key.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (incoming.split('/').collect::<Vec<_>>().as_slice(), extension) {
        (["placements", collection_agency, _], "csv") => Ok(Kind::Placements { collection_agency }),
        (["returns", _], "xml") => Ok(Kind::Returns(ReturnFormat::Pain002)),
        (["returns", _], "ach") => Ok(Kind::Returns(ReturnFormat::Nacha)),
        _ => Err(Failure::bad_request(format!(
            "{key} is no file that is taken in: put answers of a collection agency to \
             incoming/placements/CODE/NAME.csv, returns of banks to incoming/returns/NAME.xml \
             (pain.002) or NAME.ach (NACHA)"
        ))),
    }
}

fn pretty(report: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(report)
        .map_err(|error| arrears_runs::RunError::Document(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_what_a_file_is() {
        let northstar = Kind::Placements { collection_agency: "NORTHSTAR" };
        assert_eq!(kind("incoming/placements/NORTHSTAR/a.csv").unwrap(), northstar);
        let pain = Kind::Returns(ReturnFormat::Pain002);
        assert_eq!(kind("incoming/returns/2026-02-02.xml").unwrap(), pain);
        assert_eq!(kind("incoming/returns/r.ach").unwrap(), Kind::Returns(ReturnFormat::Nacha));
        for wrong in ["incoming/a.csv", "incoming/returns/a.txt", "runs/a.csv", ""] {
            let failure = kind(wrong).unwrap_err();
            assert!(failure.message.contains("incoming/placements/CODE"), "{}", failure.message);
        }
    }
}
