//! Why a run, or what surrounds it, cannot go on.

use crate::registry::RegistryError;
use crate::step::StepError;
use arrears_domain::Date;
use arrears_domain::setup::Mistake;
use arrears_storage::StorageError;

/// What went wrong. Nothing is half written: what was committed before stands,
/// and the same command, or `arrears runs resume`, goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A component was refused.
    #[error("plugin {name} is refused")]
    Plugin {
        /// Which component.
        name: String,
        /// Why.
        #[source]
        source: Box<arrears_host::HostError>,
    },
    /// The registry of plugins.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Two plugins want to perform the same actions.
    #[error(
        "plugins {first} and {second} both perform actions of type `{action_type}`; remove one"
    )]
    SameActionType {
        /// The type.
        action_type: String,
        /// The one that came first.
        first: String,
        /// The other.
        second: String,
    },
    /// No setup has been loaded.
    #[error("agency {agency} has no setup yet; load one with `arrears setup load FILE`")]
    NoSetup {
        /// The agency.
        agency: String,
    },
    /// A setup has mistakes.
    #[error("the setup has {} mistakes", .mistakes.len())]
    Setup {
        /// All of them.
        mistakes: Vec<Mistake>,
    },
    /// A stored setup can no longer be used with the plugins at hand.
    #[error(
        "setup {version}, which this run is bound to, cannot be used with the present plugins: \
         {first}"
    )]
    StoredSetup {
        /// Its number.
        version: u32,
        /// The first mistake.
        first: String,
    },
    /// The feature is switched off.
    #[error(
        "the Collections feature is switched off for agency {agency}; set `collections = true` \
         under [features] in the setup"
    )]
    FeatureOff {
        /// The agency.
        agency: String,
    },
    /// The run is dated before the last one.
    #[error(
        "a run as of {as_of} is dated before the last one: {last_key} and those before it reach \
         {last_as_of}; if that is meant, say `--allow-back-dated`"
    )]
    BackDated {
        /// The date asked for.
        as_of: Date,
        /// The last run.
        last_key: String,
        /// Its date.
        last_as_of: Date,
    },
    /// Threads or commit number out of bounds.
    #[error("{name} is {value}; it must be from 1 to {max}")]
    OutOfBounds {
        /// Which number.
        name: &'static str,
        /// What it is.
        value: u32,
        /// The most that is allowed.
        max: u32,
    },
    /// There is no such run.
    #[error("there is no run {run_key}; `arrears runs list` shows all")]
    UnknownRun {
        /// The key asked for.
        run_key: String,
    },
    /// Somebody else works on the run.
    #[error(
        "run {run_key} was changed by another process at the same time; look at it with `arrears runs show {run_key}`"
    )]
    RunChanged {
        /// The run.
        run_key: String,
    },
    /// A run that goes in steps cannot go on, or not now.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A run cannot be resumed since it is done.
    #[error("run {run_key} has ended; there is nothing to resume or to abandon")]
    AlreadyFinished {
        /// The run.
        run_key: String,
    },
    /// Only a finished run can be replayed.
    #[error("run {run_key} is not finished; `arrears runs show {run_key}` tells how it stands")]
    NotFinished {
        /// The run.
        run_key: String,
    },
    /// A line of a journal cannot be read.
    #[error("{key}, line {line}: {reason}; the journal was changed or damaged")]
    Journal {
        /// The object's key.
        key: String,
        /// From 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// A run is bound to plugins that are not at hand.
    #[error(
        "run {run_key} was started with plugin {recorded} for `{action_type}`, but {present} is \
         installed; take the version of arrears that started it"
    )]
    OtherPlugin {
        /// The run.
        run_key: String,
        /// The action type.
        action_type: String,
        /// The digest that the run recorded.
        recorded: String,
        /// The digest at hand.
        present: String,
    },
    /// An object is not the plan that it should be.
    #[error("{key} is no plan of a run; the object was changed or damaged")]
    Plan {
        /// The object's key.
        key: String,
    },
    /// The chunks do not account for what was planned.
    #[error(
        "run {run_key} planned {planned} delinquencies, but its chunks account for {counted}; \
         resume it"
    )]
    CountsDiffer {
        /// The run.
        run_key: String,
        /// What was planned.
        planned: u64,
        /// What the chunks say.
        counted: u64,
    },
    /// There is no such export setup.
    #[error("there is no export setup `{code}`; the setup has {}", if known.is_empty() { "none" } else { known })]
    UnknownExportSetup {
        /// The code asked for.
        code: String,
        /// Those that there are.
        known: String,
    },
    /// A parameter of an export run has a value that it cannot have.
    #[error("`--{parameter}` is `{value}`: {reason}")]
    Parameter {
        /// Which parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another export run is under way.
    #[error(
        "export run {run_key} is under way or was killed, and there is one at a time; `arrears runs \
         show {run_key}` tells how far it has come, `arrears runs resume {run_key}` goes on, \
         `arrears runs abandon {run_key}` gives it up"
    )]
    ExportUnderWay {
        /// The run.
        run_key: String,
    },
    /// A run cannot be given up any more.
    #[error(
        "run {run_key} cannot be abandoned: only an export run or a payment collection run can, and \
         only before its ledger is told; `arrears runs resume {run_key}` goes on"
    )]
    CannotAbandon {
        /// The run.
        run_key: String,
    },
    /// An export run would write more files than it can keep an eye on.
    #[error(
        "the run would write more than {most} files, and is given up; raise `split_records` of export \
         setup `{export_setup}`, or select fewer records, and start another"
    )]
    TooManyFiles {
        /// The export setup.
        export_setup: String,
        /// The most files of a run.
        most: u32,
    },
    /// A file that should be the same is another one.
    #[error(
        "`{key}` is there with other content than the run would write; files are never overwritten: \
         find out who wrote it"
    )]
    FileDiffers {
        /// The file.
        key: String,
    },
    /// There is no such payment profile.
    #[error("there is no payment profile `{code}`; the setup has {}", if known.is_empty() { "none" } else { known })]
    UnknownPaymentProfile {
        /// The code asked for.
        code: String,
        /// Those that there are.
        known: String,
    },
    /// The profile is for payments, not for collections.
    #[error(
        "payment profile `{0}` is for payments: the payment collection run takes only profiles \
         with `payments_debits = \"collection\"`"
    )]
    NotForCollection(String),
    /// The ledger takes nothing for the date any more.
    #[error(
        "period {period} of {on} is closed for the ledger, which is closed through {closed}; use a \
         later base date, or open the period in `[ledger]` of the setup"
    )]
    PeriodClosed {
        /// The date.
        on: Date,
        /// Its period.
        period: String,
        /// The last closed period.
        closed: String,
    },
    /// There is no such payment.
    #[error("no run has collected a payment {0}; `arrears account show ID` lists an account's")]
    UnknownPayment(String),
    /// A run has no report.
    #[error("run {0} has no details report (yet); `arrears runs show {0}` tells more")]
    NoReport(String),
    /// A run has posted nothing that could be void.
    #[error("run {0} has posted no payments; there is nothing to void")]
    NothingPosted(String),
    /// There is no such proposal.
    #[error(
        "{0} is no proposal that waits to be executed; `arrears runs list` shows what there is"
    )]
    NoProposal(String),
    /// A proposal is executed, not resumed.
    #[error(
        "{0} is a proposal: `arrears run payment --execute {0}` collects it, `arrears \
         runs abandon {0}` gives it up"
    )]
    IsProposal(String),
    /// A transaction is not in the proposal.
    #[error(
        "proposal {run_key} has no transaction {transaction} of account {account}; `arrears payment \
         show {run_key}` shows what it has"
    )]
    NotInProposal {
        /// The proposal.
        run_key: String,
        /// The account.
        account: String,
        /// The transaction.
        transaction: String,
    },
    /// A transaction is not collected for a reason that no force overrides.
    #[error("transaction {transaction} cannot be forced: {reason}")]
    CannotForce {
        /// The transaction.
        transaction: String,
        /// Why it is not collected.
        reason: String,
    },
    /// Too much was said of a proposal.
    #[error("proposal {run_key} has {most} edits, and takes no more; change the profile instead")]
    TooManyEdits {
        /// The proposal.
        run_key: String,
        /// The most.
        most: usize,
    },
    /// The book has changed since a proposal was made.
    #[error(
        "proposal {run_key} cannot be executed: {} of its payments cannot be made as proposed, and \
         nothing was collected; exclude what has changed, or abandon it and make a new one: {}",
        .changes.count,
        .changes.first.join("; ")
    )]
    ProposalChanged {
        /// The proposal.
        run_key: String,
        /// What has changed.
        changes: Box<crate::payment::Changes>,
    },
    /// A proposal passes the total payment limit with its edits.
    #[error("proposal {run_key} cannot be executed: {passed}")]
    LimitPassed {
        /// The proposal.
        run_key: String,
        /// What passes what.
        passed: String,
    },
    /// Report, files and ledger do not agree.
    #[error(
        "run {run_key} is stopped: report, files and ledger do not agree, and no file has left; \
         {differs}; void its payments with `arrears payment void --run {run_key}` and report this"
    )]
    NotReconciled {
        /// The run.
        run_key: String,
        /// What differs.
        differs: String,
    },
    /// A run looks at more accounts than it can number.
    #[error("a payment collection run takes at most {most} accounts; select fewer by the profile")]
    TooManyAccounts {
        /// The most.
        most: u32,
    },
    /// Amounts cannot be summed up.
    #[error(transparent)]
    NotSummed(crate::payment::NotSummed),
    /// A line of the book is not what it should be.
    #[error(transparent)]
    BookLine(Box<arrears_storage::document::LineError>),
    /// The bank's file cannot be written.
    #[error("the bank file {key} cannot be written: {reason}")]
    BankFile {
        /// The file.
        key: String,
        /// Why.
        reason: String,
    },
    /// A file of returns cannot be read.
    #[error("the returns cannot be read: {reason}; nothing of the file was taken in")]
    Returns {
        /// Where, and what is wrong.
        reason: String,
    },
    /// A header or a trailer cannot be rendered.
    #[error(
        "the export setup cannot write its files; the run is given up and nothing has left: mend the \
         export setup, load it, and start another run"
    )]
    Template(#[source] Box<crate::export::template::RenderError>),
    /// The balances of a file cannot be summed up.
    #[error("the balances of the records are more than can be summed up; select fewer")]
    TotalOutOfRange(#[source] arrears_domain::MoneyError),
    /// The book cannot be sorted.
    #[error("the book cannot be sorted in the folder for temporary files: {0}")]
    Sort(std::io::Error),
    /// A file cannot be compressed.
    #[error("{key} cannot be compressed: {reason}")]
    Compression {
        /// The file.
        key: String,
        /// Why.
        reason: String,
    },
    /// Several events of the dead-letter list have the id.
    #[error("several events of the dead-letter list are called {id}; name one of {candidates}")]
    SeveralDeadLetters {
        /// What was asked for.
        id: String,
        /// Their ids in the list.
        candidates: String,
    },
    /// There is no such event in the dead-letter list.
    #[error(
        "there is no event {id} in the dead-letter list; `arrears events dead-letters` shows it"
    )]
    UnknownDeadLetter {
        /// What was asked for.
        id: String,
    },
    /// Something could not be written as JSON.
    #[error("a document cannot be written as JSON: {0}")]
    Document(serde_json::Error),
}
