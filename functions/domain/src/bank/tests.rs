//! Good and bad numbers, and slips of the pen.

use super::*;
use crate::formula::random::Random;

type Read = fn(&str) -> Result<String, BankNumberError>;

fn iban(text: &str) -> Result<String, BankNumberError> {
    Iban::parse(text).map(|it| it.to_string())
}

fn bic(text: &str) -> Result<String, BankNumberError> {
    Bic::parse(text).map(|it| it.to_string())
}

fn creditor_id(text: &str) -> Result<String, BankNumberError> {
    CreditorId::parse(text).map(|it| it.to_string())
}

fn routing_number(text: &str) -> Result<String, BankNumberError> {
    RoutingNumber::parse(text).map(|it| it.to_string())
}

/// The examples of the IBAN registry, of the rulebooks and of the ABA.
const GOOD: [(Read, &str, &str); 23] = [
    (iban, "DE89370400440532013000", "DE89370400440532013000"),
    (iban, "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    (iban, " de89\u{a0}3704 0044 0532 013000 ", "DE89370400440532013000"),
    (iban, "NL91ABNA0417164300", "NL91ABNA0417164300"),
    (iban, "nl91abna0417164300", "NL91ABNA0417164300"),
    (iban, "FR1420041010050500013M02606", "FR1420041010050500013M02606"),
    (iban, "AT611904300234573201", "AT611904300234573201"),
    (iban, "BE68539007547034", "BE68539007547034"),
    (iban, "NO9386011117947", "NO9386011117947"),
    (iban, "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
    (bic, "COBADEFFXXX", "COBADEFFXXX"),
    (bic, "cobadeff", "COBADEFF"),
    (bic, "DEUT DE FF 500", "DEUTDEFF500"),
    (bic, "E097AEXX", "E097AEXX"),
    (creditor_id, "DE98ZZZ09999999999", "DE98ZZZ09999999999"),
    (creditor_id, "de98 abc 0999 9999 999", "DE98ABC09999999999"),
    (creditor_id, "AT61ZZZ01234567890", "AT61ZZZ01234567890"),
    (creditor_id, "NL79ZZZ999999990000", "NL79ZZZ999999990000"),
    (creditor_id, "FR72ZZZ123456", "FR72ZZZ123456"),
    (routing_number, "231380104", "231380104"),
    (routing_number, "0210 0002 1", "021000021"),
    (routing_number, "091400606", "091400606"),
    (routing_number, "122105155", "122105155"),
];

const BAD: [(Read, &str, &str); 29] = [
    (iban, "", "the IBAN is empty; write the number or leave the field out"),
    (iban, "  ", "the IBAN is empty; write the number or leave the field out"),
    (iban, "DE8", "IBAN DE8 has 3 characters; an IBAN is a country, 2 check digits and at most"),
    (iban, "DE89370400440532013001", "IBAN DE89...3001: the check digits do not fit; look for a"),
    (iban, "DE00370400440532013000", "IBAN DE00...3000: the check digits do not fit"),
    (iban, "DE8937040044053201300", "IBAN DE89...1300: the check digits do not fit"),
    (iban, "GB82WEST12345698765432Ü", "IBAN GB82...432Ü: character 23 is 'Ü'; an IBAN is"),
    (iban, "DE89-3704-0044-0532-0130-00", "IBAN DE89...0-00: character 5 is '-'; an IBAN is a"),
    (iban, "89DE370400440532013000", "IBAN 89DE...3000: character 1 is '8'"),
    (iban, "DEXX370400440532013000", "IBAN DEXX...3000: character 3 is 'X'"),
    (iban, "XX81123412341234", "IBAN XX81...1234: `XX` is no country with such numbers"),
    (iban, "DE5212345678", "IBAN DE52...5678 is not made as numbers of DE are; check its length"),
    (iban, "NL75123404171643AB", "IBAN NL75...43AB is not made as numbers of NL are"),
    (iban, "DE89370400440532013000370400440532013", "IBAN DE89...2013 has 37 characters"),
    (iban, "DE8937040044\n0532013000", "IBAN DE89...3000: character 13 is '\\n'"),
    (bic, "COBADEF", "BIC COBA... has 7 characters; a BIC has 8 or 11 characters"),
    (bic, "COBADEFFX", "BIC COBA...X has 9 characters"),
    (bic, "COBAZZFF", "BIC COBA...: `ZZ` is no country with such numbers"),
    (bic, "NOTPROVIDED", "the BIC NOTPROVIDED stands for none; leave the field out"),
    (bic, "COBAD1FF", "BIC COBA...: character 6 is '1'"),
    (bic, "COBADEFF-XXX", "BIC COBA...-XXX: character 9 is '-'"),
    (creditor_id, "DE97ZZZ09999999999", "creditor identifier DE97...9999: the check digits do not"),
    (creditor_id, "DE98ZZZ", "creditor identifier DE98... has 7 characters; a creditor identifier"),
    (creditor_id, "ZZ98ZZZ09999999999", "creditor identifier ZZ98...9999: `ZZ` is no country"),
    (creditor_id, "DE98ZZZ0999/999999", "creditor identifier DE98...9999: character 12 is '/'"),
    (routing_number, "231380105", "routing number 2313...5: the check digits do not fit"),
    (routing_number, "000000000", "routing number 0000...0: the check digits do not fit"),
    (routing_number, "23138010", "routing number 2313... has 8 characters; a routing number has 9"),
    (routing_number, "23138010A", "routing number 2313...A: character 9 is 'A'"),
];

#[test]
fn good_numbers_are_kept_in_electronic_form() {
    for (read, text, expected) in GOOD {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn bad_numbers_are_refused_with_what_to_check() {
    for (read, text, expected) in BAD {
        let error = read(text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
}

/// The number with digits at random places that follow each other changed to
/// others, or swapped, when that makes another number.
fn slip(random: &mut Random, number: &str) -> Option<String> {
    let mut slipped: Vec<u8> = number.bytes().collect();
    let place = random.below(slipped.len() - 1);
    if !slipped[place].is_ascii_digit() {
        return None;
    }
    if random.below(2) == 0 {
        slipped[place] = b'0' + random.below(10) as u8;
    } else if slipped[place + 1].is_ascii_digit() {
        slipped.swap(place, place + 1);
    }
    let slipped = String::from_utf8(slipped).unwrap();
    (slipped != number).then_some(slipped)
}

#[test]
fn one_changed_digit_or_two_swapped_ones_are_refused() {
    let mut random = Random::new(7);
    let checked = GOOD.iter().filter(|(_, _, number)| bic(number).is_err());
    for (read, _, number) in checked {
        for _ in 0..500 {
            let Some(slipped) = slip(&mut random, number) else { continue };
            // The weights of a routing number do not see 5 swapped with 0, 6
            // with 1 and so on; the business code is not checked, and is no
            // digits here.
            let differences: Vec<_> = number
                .bytes()
                .zip(slipped.bytes())
                .filter(|(before, after)| before != after)
                .collect();
            let is_unseen = number.len() == 9
                && differences.len() == 2
                && differences[0].0.abs_diff(differences[0].1) == 5;
            assert_eq!(read(&slipped).is_err(), !is_unseen, "{number} and {slipped}");
        }
    }
}

#[test]
fn no_error_tells_the_whole_number() {
    let bad = BAD.into_iter().filter(|(_, text, _)| text.len() > 7 && *text != "NOTPROVIDED");
    for (read, text, _) in bad {
        let error = read(text).unwrap_err().to_string();
        assert!(!error.contains(text), "{error}");
    }
}
