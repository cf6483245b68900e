//! The currencies of ISO 4217 and their minor units.

use super::{MoneyError, shown};
use std::fmt;

/// ISO 4217: currencies without minor units.
const EXPONENT_0: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];

/// ISO 4217: currencies with 100 minor units.
const EXPONENT_2: [&str; 132] = [
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD",
    "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP",
    "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
    "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS",
    "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN",
    "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR",
    "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE",
    "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD",
    "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR",
    "ZMW", "ZWG",
];

/// ISO 4217: currencies with 1,000 minor units.
const EXPONENT_3: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// An active currency of ISO 4217. Codes of funds, metals and tests are none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

impl Currency {
    /// The currency with the code, `USD`.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`]; lower case is not accepted, so that a
    /// currency has one spelling everywhere.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let exponent = if EXPONENT_2.binary_search(&code).is_ok() {
            2
        } else if EXPONENT_0.binary_search(&code).is_ok() {
            0
        } else if EXPONENT_3.binary_search(&code).is_ok() {
            3
        } else {
            return Err(MoneyError::UnknownCurrency(shown(code)));
        };
        match code.as_bytes() {
            [a, b, c] => Ok(Self { code: [*a, *b, *c], exponent }),
            _ => Err(MoneyError::UnknownCurrency(shown(code))),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // The constructor takes ASCII letters only, so this cannot fail.
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals an amount has: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.exponent)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::parse(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_code_twice() {
        let tables = [&EXPONENT_0[..], &EXPONENT_2[..], &EXPONENT_3[..]];
        assert!(tables.iter().all(|table| table.is_sorted()));
        let mut codes: Vec<_> = tables.concat();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), tables.iter().map(|table| table.len()).sum::<usize>());
        for code in codes {
            assert_eq!(Currency::parse(code).unwrap().code(), code);
        }
        for bad in ["usd", "US", "USDX", "", "XAU", "DEM", "€"] {
            assert_eq!(Currency::parse(bad), Err(MoneyError::UnknownCurrency(bad.to_owned())));
        }
    }
}
