//! How large a setup may be, in one place, with the reasons.

/// The bounds of a number in a setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least that is allowed.
    pub least: u32,
    /// The most that is allowed.
    pub most: u32,
    /// Why, as a hint for whoever passed it.
    pub reason: &'static str,
}

/// The most bytes that all sources of a setup may have together: some fifty
/// times the largest that we know of. What is written by hand is smaller; what
/// is larger is the wrong file.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;

/// The most schemes of a setup: they are shown in one list.
pub const SCHEMES_MAX: usize = 200;

/// The most milestones of a scheme. The checks for loops look at every pair.
pub const MILESTONES_MAX: usize = 100;

/// The most actions of a milestone: an action's position has two digits in the
/// keys of its effects.
pub const ACTIONS_MAX: usize = 100;

/// The most definitions of a kind (line item types, calendars and so on).
pub const DEFINITIONS_MAX: usize = 1_000;

/// The most mistakes that are listed. Nobody reads more at once, and a file of
/// another kind has one in each line.
pub const MISTAKES_MAX: usize = 500;

/// The most accounts in a chunk of a run. The source document on the collections
/// run: "Oracle databases have a limit of 1,000 records ... Entering a larger
/// number will cause errors." Here it is refused before it can.
pub const COMMIT_NUMBER_MAX: u32 = 1_000;

/// Accounts in a chunk.
pub const COMMIT_NUMBER: Bounds = Bounds {
    least: 1,
    most: COMMIT_NUMBER_MAX,
    reason: "accounts in a chunk: databases refuse more than 1000 records at once; 200 suits most",
};

/// The most parallel workers of a task: beyond this they wait for the table.
pub const THREADS_MAX: u32 = 64;

/// Parallel workers of a task.
pub const THREADS: Bounds = Bounds {
    least: 1,
    most: THREADS_MAX,
    reason: "threads are parallel workers; more than there are processors rarely help",
};

/// The level of a milestone: it is shown as `CODE (level)`.
pub const LEVEL: Bounds =
    Bounds { least: 0, most: 999, reason: "levels say how severe a milestone is, such as 1 to 9" };

/// Where something is shown among its like.
pub const DISPLAY_ORDER: Bounds =
    Bounds { least: 0, most: 999_999, reason: "number in steps of ten to leave room" };

/// Days after the due date before an unpaid item counts.
pub const GRACE_DAYS: Bounds =
    Bounds { least: 0, most: 366, reason: "grace days are days after the due date" };

/// Days of a duration: as many as a calendar can count.
pub const DURATION_DAYS: Bounds = Bounds {
    least: 0,
    most: crate::calendar::DAYS_MAX,
    reason: "a duration is a number of days, at most ten years",
};

/// Priority of a service request.
pub const PRIORITY: Bounds =
    Bounds { least: 1, most: 5, reason: "1 is the most urgent, 5 the least" };

/// Points from which a credit rating level holds.
pub const POINTS: Bounds =
    Bounds { least: 0, most: 1_000_000_000, reason: "contacts start with 0 points" };

/// The most decimals of an amount that is not yet in a currency: no currency
/// of ISO 4217 has more.
pub const AMOUNT_DECIMALS_MAX: u32 = 4;

/// The most bytes of the code of an export setup: it is part of the names of
/// files, beside the prefix, the run and the number of the file.
pub const EXPORT_CODE_BYTES_MAX: usize = 32;

/// The most bytes of a prefix: the store takes keys of 150 bytes, and the agency,
/// the code, the run, the number of the file and its endings need the rest.
pub const PREFIX_BYTES_MAX: usize = 48;

/// The most bytes of an extension: nobody knows longer ones.
pub const EXTENSION_BYTES_MAX: usize = 8;

/// The most records of a file, if files are split.
pub const SPLIT_RECORDS: Bounds = Bounds {
    least: 1,
    most: 10_000_000,
    reason: "records of one file; leave it out to have all records in one file",
};

/// The most bytes of the code of a payment profile: it is part of the names of
/// files, as that of an export setup is.
pub const PROFILE_CODE_BYTES_MAX: usize = 32;

/// Days after the base date for payment by which a transaction must be due.
pub const DUE_WITHIN_DAYS: Bounds =
    Bounds { least: 0, most: 366, reason: "0 collects what is due on the base date for payment" };

/// Business days between a run and its collection date.
pub const LEAD_DAYS: Bounds =
    Bounds { least: 0, most: 30, reason: "business days that the bank needs, mostly 1" };

/// Calendar days between a run and its collection date.
pub const PRE_NOTIFICATION_DAYS: Bounds = Bounds {
    least: 0,
    most: 60,
    reason: "days that debtors know beforehand; SEPA has 14 unless they agreed to less",
};

/// The most percent of a settlement discount, and of the tax in it.
pub const PERCENT_MAX: u32 = 100;

/// The most characters of the name of a creditor (SEPA).
pub const CREDITOR_NAME_CHARACTERS_MAX: usize = 70;

/// The most characters of the town of a creditor (SEPA).
pub const TOWN_CHARACTERS_MAX: usize = 35;

/// The most characters of the name of an originator (NACHA).
pub const ORIGINATOR_NAME_CHARACTERS_MAX: usize = 16;

/// The most characters of the name of an originator's bank (NACHA).
pub const BANK_NAME_CHARACTERS_MAX: usize = 23;

/// The most characters of what an originator collects for (NACHA).
pub const ENTRY_DESCRIPTION_CHARACTERS_MAX: usize = 10;

/// The characters of the number by which a bank knows a company (NACHA).
pub const COMPANY_ID_CHARACTERS: usize = 10;
