//! Money as cases write it: "152.30 USD", all decimals of the currency.

use arrears_host::contract::Money;

/// Decimals of a currency, by ISO 4217.
fn decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Reads an amount. The error says what it must be.
pub(crate) fn parse(text: &str) -> Result<Money, String> {
    let form = || "is no amount; write it like \"152.30 USD\"".to_owned();
    let (amount, currency) = text.split_once(' ').ok_or_else(form)?;
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let ends_well = digits.contains('.') != fraction.is_empty();
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || !is_code || !ends_well {
        return Err(form());
    }
    let wanted = decimals(currency);
    if fraction.len() != wanted {
        return Err(format!("has {} decimals; {currency} has {wanted}", fraction.len()));
    }
    let minor_units = format!("{sign}{whole}{fraction}").parse();
    let minor_units = minor_units.map_err(|_| "is too large an amount".to_owned())?;
    Ok(Money { minor_units, currency: currency.to_owned() })
}

/// Writes an amount with all decimals of its currency.
pub(crate) fn text(money: &Money) -> String {
    let sign = if money.minor_units < 0 { "-" } else { "" };
    let decimals = decimals(&money.currency);
    let digits = format!("{:0width$}", money.minor_units.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction} {}", money.currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_the_same() {
        for same in [
            "152.30 USD",
            "-0.05 EUR",
            "1500 JPY",
            "0.001 KWD",
            "0.00 USD",
            "92233720368547758.07 USD",
            "-92233720368547758.08 USD",
        ] {
            assert_eq!(text(&parse(same).unwrap()), same);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for (wrong, words) in [
            ("152.30", "is no amount"),
            ("152,30 USD", "is no amount"),
            ("152.30 usd", "is no amount"),
            (".30 USD", "is no amount"),
            ("15. USD", "is no amount"),
            ("+1.00 USD", "is no amount"),
            ("--1.00 USD", "is no amount"),
            ("152.3 USD", "has 1 decimals; USD has 2"),
            ("15.00 JPY", "has 2 decimals; JPY has 0"),
            ("92233720368547758.08 USD", "too large"),
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.contains(words), "{wrong}: {error}");
        }
    }
}
