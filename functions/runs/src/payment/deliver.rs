//! Reports and files: uploaded unseen, compared with the ledger, and then made
//! visible, the index last.

use super::bank::{BankSums, Source};
use super::coordinator::Work;
use super::manifest::{FileEntry, Manifest};
use super::outcome::Refused;
use super::payment_file::PaymentFile;
use super::plan::{self, PlanReader};
use super::reconcile::{Counted, Proof};
use super::record::{Mode, Progress};
use super::report::{self, Head, Report};
use super::sums::Sums;
use crate::delivery::{Sealed, Sink, uploads};
use crate::error::RunError;
use arrears_domain::setup::{Compression, PaymentMethod};
use arrears_storage::Store;

/// Written bytes of a report that are sent on together.
const CHUNK_BYTES: usize = 64 * 1024;

/// What is uploaded and not published.
pub(super) struct Delivered {
    /// What was collected, counted by the plan and the refusals.
    pub(super) sums: Sums,
    /// The same, counted by each report and file for itself.
    counted: Vec<Counted>,
    bank: Option<BankSums>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    sealed: Sealed,
    entry: FileEntry,
}

/// A report or a file under way.
struct Open {
    kind: &'static str,
    writes: Box<dyn Report + Send>,
    sink: Sink,
    written: Vec<u8>,
}

/// Uploads the reports.
pub(super) async fn reports(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    refused: &Refused,
) -> Result<Delivered, RunError> {
    let open = begin_reports(work, progress).await?;
    written(work, progress, refused, open).await
}

/// Uploads the reports, the payment file and the bank's file.
pub(super) async fn all(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    refused: &Refused,
) -> Result<Delivered, RunError> {
    let mut open = begin_reports(work, progress).await?;
    let file = Box::new(PaymentFile::new(work.profile.bank.as_ref()));
    open.push(begin(work, progress, "payment-file", "payments.jsonl", file).await?);
    let mut delivered = written(work, progress, refused, open).await?;
    if let Some((sums, waiting)) = bank_file(work, progress, refused, &delivered.sums).await? {
        delivered.bank = Some(sums);
        delivered.waiting.push(waiting);
    }
    Ok(delivered)
}

/// Begins the details report in each of its forms.
async fn begin_reports(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Open>, RunError> {
    let mut open = Vec::new();
    for (extension, writes) in report::all() {
        let name = format!("{}.{extension}", report_name(progress));
        open.push(begin(work, progress, "report", &name, writes).await?);
    }
    Ok(open)
}

/// A proposal's reports stand beside those of its execution.
fn report_name(progress: &mut Progress<'_>) -> &'static str {
    match progress.part().mode {
        Mode::Propose => "proposal",
        Mode::Collect | Mode::ReportOnly => "report",
    }
}

async fn begin(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    kind: &'static str,
    name: &str,
    mut writes: Box<dyn Report + Send>,
) -> Result<Open, RunError> {
    let key = key(work, progress, name);
    let sink =
        uploads::begin(work.store, &progress.record.run_key, &key, Compression::None).await?;
    let mut written = Vec::new();
    writes.head(&head(work, progress), &mut written);
    Ok(Open { kind, writes, sink, written })
}

/// `payment/DD-EUR/payment-000007/report.txt`
fn key(work: &Work<'_>, progress: &Progress<'_>, name: &str) -> String {
    format!("payment/{}/{}/{name}", work.profile.code, progress.record.run_key)
}

fn head(work: &Work<'_>, progress: &mut Progress<'_>) -> Head {
    let (mode, given_up) = (progress.part().mode, progress.part().given_up.clone());
    let (profile, setup) = (work.profile, &work.stored.prepared.setup);
    Head {
        run_key: progress.record.run_key.clone(),
        number: progress.record.number,
        agency: work.store.agency().to_string(),
        agency_name: setup.agency_name.clone(),
        profile: profile.code.clone(),
        profile_name: profile.name.clone(),
        method: match profile.method {
            PaymentMethod::Bank => "bank",
            PaymentMethod::Check => "check",
            PaymentMethod::Other => "other",
        },
        bank_format: work.bank.format(),
        mode,
        base_date: work.on,
        collection_date: work.collection_date,
        created_at: progress.record.initiated_at.clone(),
        detail: profile.report,
        total_limit: profile.total_limit.map(|limit| limit.to_string()),
        given_up,
    }
}

/// Writes all accounts of the plan to what is open.
async fn written(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    refused: &Refused,
    mut open: Vec<Open>,
) -> Result<Delivered, RunError> {
    let plan_key = plan_key(progress);
    let mut plan = PlanReader::open(work.store, &plan_key).await?;
    let (mut sums, mut accounts) = (Sums::default(), 0);
    while let Some(mut account) = plan.next().await? {
        // A prenote that another run has sent meanwhile is not this run's.
        account.prenote = account.prenote.filter(|it| refused.why(it.number).is_none());
        let number = account.payment.as_ref().map(|payment| payment.number);
        let why = number.and_then(|number| refused.why(number));
        sums.count(&account, why.map(|(code, _)| code)).map_err(RunError::NotSummed)?;
        for file in &mut open {
            let written = file.writes.account(&account, why, &mut file.written);
            written.map_err(RunError::NotSummed)?;
            if file.written.len() >= CHUNK_BYTES {
                file.sink.write(&file.written).await?;
                file.written.clear();
            }
        }
        accounts += 1;
        progress.at(accounts).await?;
    }
    let (mut counted, mut waiting) = (Vec::new(), Vec::new());
    for mut file in open {
        file.writes.end(&sums, &mut file.written);
        file.sink.write(&file.written).await?;
        let key = file.sink.key().to_owned();
        counted.push(Counted { key, sums: file.writes.counted() });
        waiting.push(Waiting::seal(file.kind, file.sink).await?);
    }
    Ok(Delivered { sums, counted, bank: None, waiting })
}

fn plan_key(progress: &Progress<'_>) -> String {
    let attempt = progress.record.plan.as_ref().map_or(1, |plan| plan.attempt);
    plan::key(&progress.record.run_key, attempt)
}

/// The bank's file; none if the method needs none, or if there is nothing to say.
async fn bank_file(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    refused: &Refused,
    sums: &Sums,
) -> Result<Option<(BankSums, Waiting)>, RunError> {
    let Some(extension) = work.bank.extension() else { return Ok(None) };
    let prenotes = if work.bank.sends_prenotes() { sums.prenotes } else { 0 };
    if sums.payments + prenotes == 0 {
        return Ok(None);
    }
    let name = format!("{}-{}.{extension}", work.profile.code, work.collection_date);
    let (key, plan_key) = (key(work, progress, &name), plan_key(progress));
    let record = &progress.record;
    let source = Source {
        store: work.store,
        plan_key: &plan_key,
        refused,
        run_key: &record.run_key,
        run_number: record.number,
        created_at: &record.initiated_at,
        zone: work.stored.zone(),
    };
    let mut sink = uploads::begin(work.store, &record.run_key, &key, Compression::None).await?;
    let sums = work.bank.write(&source, &mut sink).await?;
    if sums.debits + sums.prenotes == 0 {
        return Ok(None);
    }
    Ok(Some((sums, Waiting::seal("bank-file", sink).await?)))
}

impl Waiting {
    async fn seal(kind: &'static str, sink: Sink) -> Result<Self, RunError> {
        let key = sink.key().to_owned();
        let sealed = sink.seal().await?;
        let (bytes, sha256) = (sealed.bytes, sealed.sha256.clone());
        Ok(Self { sealed, entry: FileEntry { kind: kind.to_owned(), key, bytes, sha256 } })
    }
}

impl Delivered {
    /// Proves that reports, files and ledger agree.
    ///
    /// # Errors
    /// They do not, and what differs; or the store fails.
    pub(super) async fn proof(&self, store: &Store, run_key: &str) -> Result<Proof, RunError> {
        Proof::of(store, run_key, &self.sums, &self.counted, self.bank.as_ref()).await
    }
}

/// Makes everything visible.
pub(super) async fn publish(
    work: &Work<'_>,
    progress: &mut Progress<'_>,
    delivered: Delivered,
    proof: Option<Proof>,
) -> Result<(), RunError> {
    let name = manifest_name(progress.part().mode);
    let manifest_key = key(work, progress, name);
    let manifest = Manifest {
        run_key: progress.record.run_key.clone(),
        profile: work.profile.code.clone(),
        setup_version: work.stored.version,
        base_date: work.on,
        collection_date: work.collection_date,
        files: delivered.waiting.iter().map(|waiting| waiting.entry.clone()).collect(),
        sums: delivered.sums.clone(),
        bank: delivered.bank.clone(),
        proof,
    };
    for (number, waiting) in (1..).zip(delivered.waiting) {
        waiting.sealed.publish(work.store).await?;
        progress.at(number).await?;
    }
    manifest.put(work.store, &manifest_key).await?;
    progress.part().manifest = Some(manifest_key);
    Ok(())
}

fn manifest_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Propose => "proposal.json",
        Mode::Collect | Mode::ReportOnly => "manifest.json",
    }
}
