//! What is wrong with a setup, and where.
//!
//! Plain data: whoever shows it decides how. The command renders it with the
//! source line; `--json` gives [`line_and_column`].

use std::fmt;

/// A stretch of a source. The default is the very start of the first source,
/// for what stands nowhere (a table that is missing).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index in the sources given to [`read`](super::read).
    pub source: usize,
    /// Where it starts, in bytes.
    pub offset: usize,
    /// How many bytes it has.
    pub length: usize,
}

/// Whether a setup can be used in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The setup is refused.
    Error,
    /// The setup can be used; somebody should look at it.
    Warning,
}

impl Severity {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which kind of mistake: one of [`code::ALL`]. Stable, for scripts.
    pub code: &'static str,
    /// Whether the setup can be used in spite of it.
    pub severity: Severity,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it.
    pub hint: Option<String>,
    /// Other places that matter, each with what it is.
    pub related: Vec<(Span, String)>,
}

impl Mistake {
    /// A mistake for which the setup is refused.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity: Severity::Error, message, span, hint: None, related: Vec::new() }
    }

    /// A mistake with which the setup can still be used.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With what to do about it, if that is known.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// With another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The codes of mistakes. A code once published keeps its meaning.
        pub mod code {
            $($(#[$doc])* pub const $name: &str = $text;)*
            /// All of them.
            pub const ALL: &[&str] = &[$($name),*];
        }
    };
}

codes! {
    /// The text is not TOML.
    SYNTAX = "syntax";
    /// A limit of [`limits`](crate::setup::limits) on size or number is passed.
    TOO_LARGE = "too-large";
    /// There are more mistakes than are listed.
    MORE_MISTAKES = "more-mistakes";
    /// A key that means nothing here.
    UNKNOWN_KEY = "unknown-key";
    /// A key that must be there is not.
    MISSING_KEY = "missing-key";
    /// A value of another type than is meant.
    WRONG_TYPE = "wrong-type";
    /// A text that is not one of the words that are meant.
    UNKNOWN_WORD = "unknown-word";
    /// A code that cannot be one: empty, too long, or with a character that keys do not allow.
    BAD_CODE = "bad-code";
    /// A name that is empty.
    EMPTY_TEXT = "empty-text";
    /// A number outside its bounds.
    OUT_OF_RANGE = "out-of-range";
    /// A float where an amount or a rate is meant.
    FLOAT_AMOUNT = "float-amount";
    /// A text that is not an amount.
    BAD_AMOUNT = "bad-amount";
    /// A text that is not a date.
    BAD_DATE = "bad-date";
    /// A date that the calendar does not have.
    NO_SUCH_DATE = "no-such-date";
    /// A text that cannot be the name of a time zone.
    BAD_TIME_ZONE = "bad-time-zone";
    /// Nothing says in which time zone the agency's dates are meant.
    NO_TIME_ZONE = "no-time-zone";
    /// A weekend that leaves no business day.
    NO_BUSINESS_DAY = "no-business-day";
    /// The same holiday twice.
    DUPLICATE_HOLIDAY = "duplicate-holiday";
    /// Two definitions with one code.
    DUPLICATE_CODE = "duplicate-code";
    /// A table that may stand once stands in two sources.
    DUPLICATE_TABLE = "duplicate-table";
    /// There is no collections group.
    MISSING_GROUP = "missing-group";
    /// A rule has both a value and a formula.
    VALUE_AND_FORMULA = "value-and-formula";
    /// A rule has neither a value nor a formula.
    EMPTY_RULE = "empty-rule";
    /// A formula that does not compile, or gives another type than its rule needs.
    BAD_FORMULA = "bad-formula";
    /// A scheme that is not defined.
    UNKNOWN_SCHEME = "unknown-scheme";
    /// A milestone that its scheme does not have.
    UNKNOWN_MILESTONE = "unknown-milestone";
    /// A business calendar that is not defined.
    UNKNOWN_CALENDAR = "unknown-calendar";
    /// A collection agency that is not defined.
    UNKNOWN_AGENCY = "unknown-agency";
    /// A bill type without a delinquency group.
    UNKNOWN_BILL_TYPE = "unknown-bill-type";
    /// A group enters a scheme that belongs to another bill type.
    WRONG_BILL_TYPE = "wrong-bill-type";
    /// Business days without a calendar to count them by.
    NO_CALENDAR = "no-calendar";
    /// A calendar where calendar days are counted.
    UNUSED_CALENDAR = "unused-calendar";
    /// A scheme has both an agency and a manager.
    AGENCY_AND_MANAGER = "agency-and-manager";
    /// A scheme without milestones.
    EMPTY_SCHEME = "empty-scheme";
    /// A scheme does not say where records enter.
    NO_ENTRY_MILESTONE = "no-entry-milestone";
    /// A milestone goes on, but does not say after how long.
    NO_DURATION = "no-duration";
    /// A milestone resolves, but has no resolution code.
    NO_RESOLUTION_CODE = "no-resolution-code";
    /// A milestone decrements, but does not say where to.
    NO_DECREMENT_MILESTONE = "no-decrement-milestone";
    /// Milestones that go on to each other for ever.
    MILESTONE_LOOP = "milestone-loop";
    /// Milestones that go on to each other until a formula ends it.
    POSSIBLE_LOOP = "possible-loop";
    /// A milestone that no rule leads to.
    UNREACHABLE_MILESTONE = "unreachable-milestone";
    /// An action type that cannot be one.
    BAD_ACTION_TYPE = "bad-action-type";
    /// Credit rating levels that do not ascend.
    CREDIT_LEVEL_ORDER = "credit-level-order";
    /// A prefix that names no place below the agency's folder for exports.
    BAD_PREFIX = "bad-prefix";
    /// An extension that names of files cannot have.
    BAD_EXTENSION = "bad-extension";
    /// An export setup has neither a ready template nor a text for records.
    NO_TEMPLATE = "no-template";
    /// An export setup has both a ready template and a text of its own.
    TEMPLATE_AND_TEXT = "template-and-text";
    /// A list that is empty where there must be something.
    EMPTY_LIST = "empty-list";
    /// A currency that ISO 4217 does not have.
    UNKNOWN_CURRENCY = "unknown-currency";
    /// A currency that the bank's file cannot carry.
    WRONG_CURRENCY = "wrong-currency";
    /// A payment profile that is not for collection: no run takes it.
    NOT_FOR_COLLECTION = "not-for-collection";
    /// A payment profile collects by the bank, but does not say by which file.
    NO_BANK_FORMAT = "no-bank-format";
    /// What belongs to a bank's file, where there is none or another one.
    WRONG_BANK_FORMAT = "wrong-bank-format";
    /// The number of an account, a bank, a creditor or a company that cannot be one.
    BAD_BANK_NUMBER = "bad-bank-number";
    /// A text that the bank's file has no room or no characters for.
    BAD_BANK_TEXT = "bad-bank-text";
    /// A text that is not a month.
    BAD_PERIOD = "bad-period";
}

/// Line and column of a byte offset, both counted from 1; columns count
/// characters. An offset past the end is the end.
#[must_use]
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_by_characters() {
        let text = "a\nßx\n";
        for (offset, expected) in [
            (0, (1, 1)),
            (1, (1, 2)),
            (2, (2, 1)),
            (3, (2, 1)),
            (4, (2, 2)),
            (6, (3, 1)),
            (99, (3, 1)),
        ] {
            assert_eq!(line_and_column(text, offset), expected, "offset {offset}");
        }
    }
}
