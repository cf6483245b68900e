//! What the codes of returns and of notifications of change mean, in short.

/// How often an entry that [`is_representable`] may be sent again.
pub const REPRESENTATIONS_MAX: u32 = 2;

/// What a bank means by the code: `R01` to `R39` for an entry that comes back,
/// `C01` to `C09` for data that is to be corrected.
#[must_use]
pub fn reason(code: &str) -> Option<&'static str> {
    let index = REASONS.binary_search_by_key(&code, |(code, _)| code).ok()?;
    REASONS.get(index).map(|(_, reason)| *reason)
}

/// Whether the same entry may be sent again, [`REPRESENTATIONS_MAX`] times at
/// most: the money was not there, which may change. All else has to be settled
/// with the debtor first.
#[must_use]
pub fn is_representable(code: &str) -> bool {
    matches!(code, "R01" | "R09")
}

const REASONS: [(&str, &str); 48] = [
    ("C01", "the account number is to be corrected"),
    ("C02", "the routing number is to be corrected"),
    ("C03", "the routing number and the account number are to be corrected"),
    ("C04", "the name is to be corrected"),
    ("C05", "the account is of the other type: checking or savings"),
    ("C06", "the account number and the type of the account are to be corrected"),
    ("C07", "the routing number, the account number and the type are to be corrected"),
    ("C08", "the number of the receiving bank is to be corrected (international entries)"),
    ("C09", "the individual id is to be corrected"),
    ("R01", "the account has not enough money"),
    ("R02", "the account is closed"),
    ("R03", "there is no such account, or it is not that of the person named"),
    ("R04", "the account number is not one that the bank gives out"),
    ("R05", "a consumer's account was debited as a business's, without authorization"),
    ("R06", "our own bank asked for it back"),
    ("R07", "the customer has revoked the authorization"),
    ("R08", "the customer has stopped this payment"),
    ("R09", "the account's money is not available yet"),
    ("R10", "the customer does not know us, or has not authorized the debit"),
    ("R11", "the customer says that the debit is not as it was authorized"),
    ("R12", "the account has gone to another bank"),
    ("R13", "the bank takes no part in ACH"),
    ("R14", "the person who acts for the account holder has died or cannot act any more"),
    ("R15", "the account holder or beneficiary has died"),
    ("R16", "the account is frozen"),
    ("R17", "the bank cannot process a field, or finds the entry questionable"),
    ("R18", "the effective date is not possible"),
    ("R19", "the amount is not in order"),
    ("R20", "the account is not one that can be debited"),
    ("R21", "the company id is not valid"),
    ("R22", "the individual id is not valid"),
    ("R23", "the receiver has refused the credit"),
    ("R24", "the entry seems to have been sent twice"),
    ("R25", "an addenda record is not in order"),
    ("R26", "a mandatory field is not in order"),
    ("R27", "a trace number is not in order"),
    ("R28", "the check digit of the routing number is wrong"),
    ("R29", "the business has not authorized the debit"),
    ("R30", "the bank takes no part in check truncation"),
    ("R31", "returned late, as our own bank has agreed to"),
    ("R32", "the bank cannot settle"),
    ("R33", "the bank returns the converted check"),
    ("R34", "a supervisor has limited the bank's part in ACH"),
    ("R35", "a debit is not permitted here"),
    ("R36", "a credit is not permitted here"),
    ("R37", "the check behind the debit was presented too"),
    ("R38", "the payment of the check behind the debit was stopped"),
    ("R39", "the check behind the debit is not fit for it, or was paid already"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_code_has_its_meaning_once() {
        let codes = REASONS.map(|(code, _)| code.to_owned());
        let changes = (1..=9).map(|number| format!("C{number:02}"));
        let returns = (1..=39).map(|number| format!("R{number:02}"));
        assert!(codes.iter().cloned().eq(changes.chain(returns)));
        assert!(codes.iter().all(|code| reason(code).is_some()));
        assert_eq!(reason("R01"), Some("the account has not enough money"));
        for unknown in ["R00", "R40", "C10", "r01", ""] {
            assert_eq!(reason(unknown), None);
        }
        let again: Vec<_> = codes.iter().filter(|code| is_representable(code)).collect();
        assert_eq!(again, ["R01", "R09"]);
    }
}
