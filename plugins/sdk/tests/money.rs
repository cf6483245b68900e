//! Exact money, against `rust_decimal` as an oracle.

use arrears_action_sdk::Money;
use arrears_action_sdk::money::{Decimal, DecimalError, TooManyDecimals, amount_text, exponent};
use proptest::prelude::*;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal as Oracle, RoundingStrategy};

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a decimal")
}

#[test]
fn a_decimal_is_digits_with_at_most_one_point_between_them() {
    for good in ["0", "12", "12.5", "007.50", "999999999999.999999"] {
        assert!(Decimal::parse(good).is_ok(), "{good}");
    }
    for bad in ["", ".", ".5", "5.", "-1", "+1", "1e3", "1,000", " 1", "1 ", "1.2.3", "٣", "NaN"] {
        assert_eq!(Decimal::parse(bad), Err(DecimalError::Form), "{bad}");
    }
    for long in ["1000000000000", "1.1234567"] {
        assert_eq!(Decimal::parse(long), Err(DecimalError::TooLong), "{long}");
    }
}

#[test]
fn an_amount_has_no_more_decimals_than_its_currency() {
    assert_eq!(decimal("25.00").to_minor_units("USD"), Ok(2_500));
    assert_eq!(decimal("25").to_minor_units("JPY"), Ok(25));
    assert_eq!(decimal("0.1").to_minor_units("CLF"), Ok(1_000));
    assert_eq!(
        decimal("25.00").to_minor_units("JPY"),
        Err(TooManyDecimals { decimals: 2, exponent: 0 })
    );
    assert_eq!(
        decimal("1.005").to_minor_units("EUR"),
        Err(TooManyDecimals { decimals: 3, exponent: 2 })
    );
}

#[test]
fn a_percentage_beyond_an_amount_is_none() {
    assert_eq!(decimal("100").percent_of(i64::MAX), Some(i64::MAX));
    assert_eq!(decimal("100").percent_of(i64::MIN), Some(i64::MIN));
    assert_eq!(decimal("100.000001").percent_of(i64::MAX), None);
    assert_eq!(decimal("999999999999.999999").percent_of(i64::MIN), None);
}

#[test]
fn half_a_unit_rounds_away_from_zero() {
    let half = decimal("50");
    let rounded: Vec<_> = [-3, -1, 0, 1, 3].map(|units| half.percent_of(units)).into();
    assert_eq!(rounded, [Some(-2), Some(-1), Some(0), Some(1), Some(2)]);
}

/// A percentage as text, such as a setup may hold.
fn percent() -> impl Strategy<Value = String> {
    "(0|[1-9][0-9]{0,2})(\\.[0-9]{1,6})?"
}

proptest! {
    #[test]
    fn percentages_are_those_of_the_oracle(minor_units in any::<i32>(), percent in percent()) {
        let exact = Oracle::from(minor_units) * percent.parse::<Oracle>().expect("a decimal")
            / Oracle::from(100);
        let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        prop_assert_eq!(decimal(&percent).percent_of(i64::from(minor_units)), rounded.to_i64());
    }

    #[test]
    fn decimals_compare_as_those_of_the_oracle(left in percent(), right in percent()) {
        let expected = left.parse::<Oracle>().expect("left") <= right.parse::<Oracle>().expect("right");
        prop_assert_eq!(decimal(&left).at_most(decimal(&right)), expected);
    }

    #[test]
    fn amounts_read_back_as_they_were_written(
        minor_units in 0..=999_999_999_999_i64,
        currency in prop::sample::select(vec!["JPY", "USD", "KWD", "CLF", "XXX"]),
    ) {
        let money = Money { minor_units, currency: currency.to_owned() };
        let text = amount_text(&money);
        prop_assert_eq!(&text, &Oracle::new(minor_units, exponent(currency)).to_string());
        prop_assert_eq!(decimal(&text).to_minor_units(currency), Ok(minor_units));
        let credit = Money { minor_units: -minor_units, ..money };
        let sign = if minor_units == 0 { "" } else { "-" };
        prop_assert_eq!(amount_text(&credit), format!("{sign}{text}"));
    }

    #[test]
    fn no_text_is_a_panic(text in ".{0,24}") {
        if let Ok(number) = Decimal::parse(&text) {
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            prop_assert!(number.at_most(number));
        }
    }
}
