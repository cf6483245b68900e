//! What the reason of a return means for what may be collected next.

/// What follows from the reason of a return, beside the void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnEffect {
    /// Nothing.
    None,
    /// There was no money: the debit may be presented again, as often as the rules
    /// say.
    MayBePresentedAgain,
    /// There will never be any: the account is not there, or the debtor does not
    /// let it be debited.
    StopsMandate,
}

/// What follows from a reason code: a NACHA return code (`R01`) or a status
/// reason of ISO 20022 (`AM04`). A code that is not listed has no effect of its
/// own.
#[must_use]
pub fn return_effect(code: &str) -> ReturnEffect {
    match code {
        "R01" | "R09" | "AM04" => ReturnEffect::MayBePresentedAgain,
        // NACHA: closed, no account, invalid number, unauthorised, revoked, deceased,
        // frozen, not a transaction account, corporate not authorised.
        "R02" | "R03" | "R04" | "R05" | "R07" | "R10" | "R12" | "R13" | "R14" | "R15" | "R16"
        | "R20" | "R29" => ReturnEffect::StopsMandate,
        // ISO 20022: wrong or closed or blocked account, of a kind that is not debited,
        // forbidden, bank unknown, no or wrong mandate, deceased, refused for this
        // creditor.
        "AC01" | "AC04" | "AC06" | "AC13" | "AG01" | "RC01" | "MD01" | "MD02" | "MD07" | "SL01" => {
            ReturnEffect::StopsMandate
        }
        _ => ReturnEffect::None,
    }
}
