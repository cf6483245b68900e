//! `docs/PAYMENTS.md` tells every reason and every code that the rules know.

use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../../docs/PAYMENTS.md");

/// The quoted words of a source that look like codes.
fn codes(source: &'static str) -> BTreeSet<&'static str> {
    let is_code = |text: &&str| {
        let has_letter = text.starts_with(|first: char| first.is_ascii_uppercase());
        let mut bytes = text.bytes();
        has_letter
            && text.len() > 3
            && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    source.split('"').filter(is_code).collect()
}

fn missing(codes: &BTreeSet<&'static str>) -> Vec<&'static str> {
    codes.iter().copied().filter(|code| !GUIDE.contains(&format!("`{code}`"))).collect()
}

#[test]
fn every_reason_to_skip_is_in_the_guide() {
    let mut found = codes(include_str!("skip.rs"));
    // The other words in capitals of that file are sequences.
    let of_mandates = codes(include_str!("../mandate.rs"));
    found.extend(of_mandates.into_iter().filter(|code| code.contains('_')));
    assert!(found.len() >= 28, "the codes are not found in the source any more: {found:?}");
    assert_eq!(missing(&found), Vec::<&str>::new());
}

#[test]
fn every_code_of_a_return_that_does_something_is_in_the_guide() {
    let source = include_str!("returns.rs");
    let quoted = source.split('"').skip(1).step_by(2);
    let found: BTreeSet<&str> = quoted.collect();
    assert!(found.len() > 20, "the codes are not found in the source any more: {found:?}");
    assert_eq!(missing(&found), Vec::<&str>::new());
}
