//! Mandates: a debtor's leave to collect from a bank account.

use crate::bank::{Bic, Iban, RoutingNumber};
use crate::settlement::SettlementCalendar;
use crate::{AccountId, ContactId, Date, MandateId};
use chrono::Months;

/// Months after which a SEPA mandate that was not used is no longer one (SEPA
/// rulebooks, "36 months after the last collection").
pub const MANDATE_MONTHS: u32 = 36;

/// Banking days between a prenote and the first debit (NACHA rules).
pub const PRENOTE_BANKING_DAYS: u32 = 3;

/// The scheme of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MandateScheme {
    /// SEPA core direct debit.
    SepaCore,
    /// SEPA business-to-business direct debit.
    SepaB2b,
    /// NACHA prearranged payment (consumers).
    NachaPpd,
    /// NACHA corporate debit.
    NachaCcd,
}

/// Where a SEPA mandate stands in its sequence of debits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MandateSequence {
    /// The first debit of several.
    First,
    /// A later one.
    Recurrent,
    /// The only one.
    OneOff,
    /// The last one.
    Final,
}

/// The type of a bank account in the United States.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BankAccountType {
    /// A checking account.
    Checking,
    /// A savings account.
    Savings,
}

/// The bank account that a mandate gives leave to collect from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankAccount {
    /// In the Single Euro Payments Area.
    Sepa {
        /// Its number.
        iban: Iban,
        /// Its bank.
        bic: Option<Bic>,
    },
    /// In the United States.
    Nacha {
        /// Its bank.
        routing_number: RoutingNumber,
        /// Its number.
        account_number: String,
        /// Its type.
        account_type: BankAccountType,
    },
}

/// A debtor's leave to collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Unique for the account; the unique mandate reference of SEPA.
    pub id: MandateId,
    /// The account whose debts it is for.
    pub account: AccountId,
    /// Who has signed; none: whoever the account's contact is.
    pub debtor: Option<ContactId>,
    /// The scheme.
    pub scheme: MandateScheme,
    /// Where the money comes from.
    pub bank_account: BankAccount,
    /// When it was signed; SEPA mandates have it.
    pub signed_on: Option<Date>,
    /// What collections do to it.
    pub state: MandateState,
}

/// What collections and returns do to a mandate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MandateState {
    /// Which debit the next one is; the first one if it is not said. See
    /// [`MandateState::next_sequence`].
    pub sequence: Option<MandateSequence>,
    /// The collection date of the last debit.
    pub last_collected_on: Option<Date>,
    /// The settlement date of the prenote.
    pub prenoted_on: Option<Date>,
    /// Why nothing may be collected any more: the reason code of a return.
    pub stopped: Option<String>,
}

impl MandateState {
    /// Which debit the next one is.
    #[must_use]
    pub fn next_sequence(&self) -> MandateSequence {
        self.sequence.unwrap_or(MandateSequence::First)
    }
}

/// Why nothing can be collected under a mandate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MandateProblem {
    /// A bank has returned a debit for a reason that does not go away.
    #[error("mandate {mandate} was stopped by the return {code}; get a new one")]
    Stopped {
        /// The mandate.
        mandate: MandateId,
        /// The reason code.
        code: String,
    },
    /// Its only or last debit was made.
    #[error("mandate {0} was for one debit or has had its last one; get a new one")]
    Used(MandateId),
    /// It has not been used for too long.
    #[error(
        "mandate {mandate} was last used or signed on {since}, more than {MANDATE_MONTHS} months before; get a new one"
    )]
    Expired {
        /// The mandate.
        mandate: MandateId,
        /// When it was last used, or else signed.
        since: Date,
    },
    /// It was signed in the future.
    #[error("mandate {mandate} is signed on {signed_on}, after the date of the run")]
    SignedLater {
        /// The mandate.
        mandate: MandateId,
        /// When it was signed.
        signed_on: Date,
    },
    /// Somebody else has signed it.
    #[error("mandate {mandate} was signed by {debtor}, not by the account's contact")]
    OtherDebtor {
        /// The mandate.
        mandate: MandateId,
        /// Who has signed.
        debtor: ContactId,
    },
    /// Its prenote has not had its time.
    #[error(
        "mandate {mandate} was prenoted for {prenoted_on}; the first debit can be settled on {first_on}"
    )]
    PrenotePending {
        /// The mandate.
        mandate: MandateId,
        /// When the prenote settles.
        prenoted_on: Date,
        /// The first day on which a debit may settle.
        first_on: Date,
    },
    /// It has to be prenoted first.
    #[error("mandate {0} has not been tried yet: a prenote is sent first")]
    NotPrenoted(MandateId),
}

impl MandateScheme {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SepaCore, Self::SepaB2b, Self::NachaPpd, Self::NachaCcd];

    /// The word in books.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SepaCore => "sepa-core",
            Self::SepaB2b => "sepa-b2b",
            Self::NachaPpd => "nacha-ppd",
            Self::NachaCcd => "nacha-ccd",
        }
    }

    /// The scheme that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// Whether it is one of the Single Euro Payments Area.
    #[must_use]
    pub fn is_sepa(self) -> bool {
        matches!(self, Self::SepaCore | Self::SepaB2b)
    }
}

impl MandateSequence {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::First, Self::Recurrent, Self::OneOff, Self::Final];

    /// The code of ISO 20022, which is the word in books too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "FRST",
            Self::Recurrent => "RCUR",
            Self::OneOff => "OOFF",
            Self::Final => "FNAL",
        }
    }

    /// The sequence that the code names.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == code)
    }
}

impl BankAccountType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Checking, Self::Savings];

    /// The word in books.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Savings => "savings",
        }
    }

    /// The type that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl Mandate {
    /// Whether a debit of the account may be made: `on` is the date of the run,
    /// `collection_date` when the money is to come.
    ///
    /// # Errors
    /// Why not.
    pub fn check(
        &self,
        contact: Option<&ContactId>,
        on: Date,
        collection_date: Date,
        needs_prenote: bool,
    ) -> Result<(), MandateProblem> {
        let mandate = || self.id.clone();
        if let Some(code) = &self.state.stopped {
            return Err(MandateProblem::Stopped { mandate: mandate(), code: code.clone() });
        }
        if let Some(debtor) = self.debtor.as_ref().filter(|debtor| Some(*debtor) != contact) {
            let debtor = debtor.clone();
            return Err(MandateProblem::OtherDebtor { mandate: mandate(), debtor });
        }
        if let Some(signed_on) = self.signed_on.filter(|signed_on| *signed_on > on) {
            return Err(MandateProblem::SignedLater { mandate: mandate(), signed_on });
        }
        if self.scheme.is_sepa() {
            return self.check_use(collection_date);
        }
        if needs_prenote { self.check_prenote(collection_date) } else { Ok(()) }
    }

    fn check_use(&self, collection_date: Date) -> Result<(), MandateProblem> {
        let (mandate, state) = (|| self.id.clone(), &self.state);
        let is_single =
            matches!(state.next_sequence(), MandateSequence::OneOff | MandateSequence::Final);
        if is_single && state.last_collected_on.is_some() {
            return Err(MandateProblem::Used(mandate()));
        }
        let since = state.last_collected_on.max(self.signed_on);
        let dies = |since: Date| since.checked_add_months(Months::new(MANDATE_MONTHS));
        match since {
            Some(since) if dies(since).is_some_and(|end| collection_date > end) => {
                Err(MandateProblem::Expired { mandate: mandate(), since })
            }
            _ => Ok(()),
        }
    }

    fn check_prenote(&self, collection_date: Date) -> Result<(), MandateProblem> {
        // Whoever has been debited before has shown that the account is there.
        if self.state.last_collected_on.is_some() {
            return Ok(());
        }
        let mandate = || self.id.clone();
        let Some(prenoted_on) = self.state.prenoted_on else {
            return Err(MandateProblem::NotPrenoted(mandate()));
        };
        let calendar = SettlementCalendar::FederalReserve;
        let first_on = calendar.add_business_days(prenoted_on, PRENOTE_BANKING_DAYS);
        if collection_date < first_on {
            let mandate = mandate();
            return Err(MandateProblem::PrenotePending { mandate, prenoted_on, first_on });
        }
        Ok(())
    }

    /// The stored mandate joined with what a book brings of it. The book's stands,
    /// but what collections and returns have made of the stored one stays as long
    /// as the debtor's bank account is the same: the system that wrote the book may
    /// not know of it yet. Of another bank account nothing has been collected.
    #[must_use]
    pub fn with_news(&self, news: &Self) -> Self {
        let mut joined = news.clone();
        if self.bank_account != news.bank_account {
            return joined;
        }
        let (own, state) = (&self.state, &mut joined.state);
        if own.last_collected_on > state.last_collected_on {
            state.last_collected_on = own.last_collected_on;
            if state.next_sequence() == MandateSequence::First {
                state.sequence = own.sequence;
            }
        }
        state.prenoted_on = state.prenoted_on.max(own.prenoted_on);
        if state.stopped.is_none() {
            state.stopped.clone_from(&own.stopped);
        }
        joined
    }

    /// The state after a debit for the date: the first debit of several is the
    /// first only once.
    #[must_use]
    pub fn after_debit(&self, collection_date: Date) -> MandateState {
        let sequence = match self.state.next_sequence() {
            MandateSequence::First if self.scheme.is_sepa() => Some(MandateSequence::Recurrent),
            _ => self.state.sequence,
        };
        MandateState { sequence, last_collected_on: Some(collection_date), ..self.state.clone() }
    }
}

impl MandateProblem {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stopped { .. } => "MANDATE_STOPPED",
            Self::Used(_) => "MANDATE_USED",
            Self::Expired { .. } => "MANDATE_EXPIRED",
            Self::SignedLater { .. } => "MANDATE_SIGNED_LATER",
            Self::OtherDebtor { .. } => "MANDATE_OF_OTHER_DEBTOR",
            Self::PrenotePending { .. } => "PRENOTE_PENDING",
            Self::NotPrenoted(_) => "NOT_PRENOTED",
        }
    }
}
