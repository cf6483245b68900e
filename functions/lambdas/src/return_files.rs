//! `return-files`: what collection agencies and banks send back, as soon as it is in the
//! bucket.
//!
//! | Key | Is |
//! |---|---|
//! | `AGENCY/incoming/placements/CODE/*.csv` | the answers of collection agency CODE |
//! | `AGENCY/incoming/returns/*.xml` | a `pain.002` status report of a bank |
//! | `AGENCY/incoming/returns/*.ach` | a NACHA return file |
//!
//! What became of it is written beside, below `incoming-answers/`, under its name and the
//! beginning of its digest: another file may come by the same name. What cannot be taken in
//! is answered there too, and counted. A file that comes twice changes nothing the second
//! time.

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::queue::{Batch, BatchAnswer, Created, Message};
use crate::serve::{Handler, Invocation};
use crate::site::Site;
use arrears_domain::Identifier;
use arrears_runs::payment::{self, ReturnFormat};
use arrears_runs::placement::{self, ImportError};
use arrears_runs::setups::Stored;
use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest file that is taken in. It is held in memory; a larger one is taken in by
/// the command.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

const INCOMING: &str = "incoming/";
const ANSWERS: &str = "incoming-answers/";

/// The handler.
pub struct ReturnFiles {
    site: Site,
}

/// What stands for the digest of a file that was not read.
const NOT_READ: &str = "not-read";

/// Digits of a file's digest in the name of its answer.
const DIGEST_DIGITS: usize = 8;

/// How many files were taken in, and how many refused.
#[derive(Default)]
struct Taken {
    taken_in: u64,
    refused: u64,
}

/// A file that cannot be taken in, however often it comes.
struct Refused {
    digest: String,
    reason: String,
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
    async fn take_in_all(&self, message: &Message, deadline: Deadline) -> Result<Taken, Failure> {
        let mut taken = Taken::default();
        for created in &message.created()? {
            if deadline.has_passed() {
                return Err(Failure::out_of_time());
            }
            let key = created.key_of(self.site.store.agency().as_str())?;
            // What the console of S3 makes of a folder.
            if key.ends_with('/') {
                continue;
            }
            match self.take_in(key, created).await? {
                None => taken.taken_in += 1,
                Some(refused) => {
                    let (trace, reason) = (message.trace(), &refused.reason);
                    tracing::error!(key, trace, "refused: {reason}");
                    let reason = format!("{reason}\n").into_bytes();
                    self.answer(key, &refused.digest, "refused.txt", reason).await?;
                    taken.refused += 1;
                }
            }
        }
        Ok(taken)
    }

    /// Takes a file in, or says why it is refused.
    async fn take_in(&self, key: &str, created: &Created) -> Result<Option<Refused>, Failure> {
        let refused = |digest: &str, failure: Failure| {
            Ok(Some(Refused { digest: digest.to_owned(), reason: failure.message }))
        };
        let kind = match kind(key) {
            Ok(kind) => kind,
            Err(failure) => return refused(NOT_READ, failure),
        };
        if created.bytes > FILE_BYTES_MAX {
            let failure = Failure::bad_request(format!(
                "{key} has {} bytes, and a function takes {FILE_BYTES_MAX} at most; take it in by \
                 `arrears placement import` or `arrears payment import-return`",
                created.bytes
            ));
            return refused(NOT_READ, failure);
        }
        let version = created.version.as_deref();
        let bytes = self.site.store.get_object_version(key, version).await?;
        let digest = digest(&bytes);
        let stored = self.site.setup().await?;
        let (extension, answer) = match self.answer_to(key, kind, &stored, &bytes).await {
            Ok(answer) => answer,
            Err(failure) if failure.is_of_input() => return refused(&digest, failure),
            Err(failure) => return Err(failure),
        };
        self.answer(key, &digest, extension, answer).await?;
        Ok(None)
    }

    async fn answer_to(
        &self,
        key: &str,
        kind: Kind<'_>,
        stored: &Stored,
        bytes: &[u8],
    ) -> Result<(&'static str, Vec<u8>), Failure> {
        match kind {
            Kind::Placements { collection_agency } => {
                Ok(("csv", self.placements(key, stored, collection_agency, bytes).await?))
            }
            Kind::Returns(format) => {
                let (store, today) = (&self.site.store, stored.today());
                let report = payment::import_returns(store, stored, format, bytes, today).await?;
                let (returns, unmatched) = (report.returns, report.unmatched.len());
                tracing::info!(key, returns, unmatched, parked = report.parked(), "taken in");
                Ok(("json", pretty(&report)?))
            }
        }
    }

    async fn placements(
        &self,
        key: &str,
        stored: &Stored,
        collection_agency: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Failure> {
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
        Ok(answers)
    }

    /// Writes down what became of a file, once.
    async fn answer(
        &self,
        key: &str,
        digest: &str,
        extension: &str,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        let name = key.strip_prefix(INCOMING).unwrap_or(key);
        let answer = format!("{ANSWERS}{name}.{digest}.{extension}");
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
        let mut all = Taken::default();
        for message in &batch.records {
            match self.take_in_all(message, invocation.deadline).await {
                Ok(taken) => {
                    all.taken_in += taken.taken_in;
                    all.refused += taken.refused;
                }
                Err(failure) => answer.failed(message, &failure),
            }
        }
        let metrics = Metrics::new(self.site.store.agency().as_str(), "files");
        metrics.counts(&[("FilesTakenIn", all.taken_in), ("FilesRefused", all.refused)]);
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

/// The beginning of the digest of a file.
fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).take(DIGEST_DIGITS / 2).collect()
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
