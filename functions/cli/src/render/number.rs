//! Counts, amounts, durations and prices in words.

use arrears_domain::{Currency, Money};

/// `10,000`.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// `3 accounts`, `1 account`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `1,234.50 USD`; the plain number of minor units if the currency is unknown.
pub fn amount(minor_units: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Ok(known) => {
            let money = Money::from_minor_units(minor_units, known);
            format!("{} {currency}", grouped(&money.to_string()))
        }
        Err(_) => format!("{minor_units} minor units of {currency}"),
    }
}

/// Separates the thousands of a decimal text: `-1234.50` becomes `-1,234.50`.
pub fn grouped(decimal: &str) -> String {
    let (sign, rest) = decimal.strip_prefix('-').map_or(("", decimal), |rest| ("-", rest));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// `850 ms`, `4.2 s`, `3 min 07 s`.
pub fn duration_ms(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds / 100 % 10),
        _ => {
            let seconds = milliseconds / 1_000;
            format!("{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

/// `$0.0123`, half up in the fourth decimal.
pub fn dollars(micro_dollars: u64) -> String {
    let rounded = (micro_dollars + 50) / 100;
    format!("${}.{:04}", grouped(&(rounded / 10_000).to_string()), rounded % 10_000)
}

/// Thousandths of a request unit as units, `1,204.5`.
pub fn units(units_milli: u64) -> String {
    match units_milli / 100 % 10 {
        0 => count(units_milli / 1_000),
        tenth => format!("{}.{tenth}", count(units_milli / 1_000)),
    }
}

/// `38 MB`, `812 KB`, `17 B`.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{} B", count(bytes)),
        10_000..10_000_000 => format!("{} KB", count(bytes / 1_000)),
        _ => format!("{} MB", count(bytes / 1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(grouped("-1234.50"), "-1,234.50");
        assert_eq!(grouped("999"), "999");
        assert_eq!(amount(-123_450, "USD"), "-1,234.50 USD");
        assert_eq!(amount(1_500, "JPY"), "1,500 JPY");
        assert_eq!(amount(5, "???"), "5 minor units of ???");
        assert_eq!(duration_ms(999), "999 ms");
        assert_eq!(duration_ms(4_250), "4.2 s");
        assert_eq!(duration_ms(187_000), "3 min 07 s");
        assert_eq!(dollars(1_234_567), "$1.2346");
        assert_eq!(dollars(49), "$0.0000");
        assert_eq!(units(1_204_500), "1,204.5");
        assert_eq!(bytes(812_345), "812 KB");
        assert_eq!(counted(1, "account", "accounts"), "1 account");
    }
}
