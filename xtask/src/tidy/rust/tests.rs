//! Each rule for Rust on a few lines.

use super::*;

fn messages(path: &str, text: &str) -> Vec<(usize, String)> {
    let found = read(path, text).findings;
    found.into_iter().map(|finding| (finding.line, finding.message)).collect()
}

/// The lines of a domain file on which something is found.
fn lines(text: &str) -> Vec<usize> {
    let found = messages("functions/domain/src/money.rs", text);
    found.into_iter().map(|(line, _)| line).collect()
}

fn lengths(text: &str) -> Vec<(String, usize)> {
    let measures = read("a.rs", text).measures;
    measures.into_iter().map(|measure| (measure.name, measure.lines)).collect()
}

#[test]
fn leftovers_are_found_in_code_only() {
    assert_eq!(lines("fn a() { todo!() }\nfn b() { dbg!(1); }"), [1, 2]);
    assert_eq!(lines("fn a() { if todo != 1 {} }"), [0usize; 0]);
    assert_eq!(lines("const A: &str = \"dbg!(1) f64 1.5 #[ignore]\";"), [0usize; 0]);
    assert_eq!(lines("fn a() { vec![unimplemented!()]; }"), [1]);
}

#[test]
fn attributes_that_hide_something_are_found() {
    assert_eq!(lines("#[test]\n#[ignore]\nfn a() {}"), [2]);
    assert_eq!(lines("#[ignore = \"slow\"]\nfn a() {}"), [1]);
    assert_eq!(lines("#![allow(dead_code)]"), [1]);
    assert_eq!(lines("mod a {\n    #[allow(dead_code)]\n    fn b() {}\n}"), [2]);
    assert_eq!(lines("#[expect(dead_code)]\nfn a() {}"), [1]);
    assert_eq!(lines("#[expect(dead_code, reason = \"why\")]\nfn a() {}"), [0usize; 0]);
    assert_eq!(lines("#![cfg_attr(test, allow(clippy::unwrap_used))]"), [0usize; 0]);
}

#[test]
fn marks_are_found_in_comments_and_not_in_strings() {
    for mark in text::MARKS {
        assert_eq!(lines(&format!("fn a() {{}} // {mark}: later")), [1]);
        assert_eq!(lines(&format!("/// See {mark}\nfn a() {{}}")), [1]);
        assert_eq!(lines(&format!("/*\n {mark}\n*/\nfn a() {{}}")), [2]);
        assert_eq!(lines(&format!("const A: &str = \"\n{mark} {mark}\n\"; // b")), [0usize; 0]);
        assert_eq!(lines(&format!("const A: &str = r#\"{mark}\"#;")), [0usize; 0]);
        assert_eq!(lines(&format!("// A{mark}B")), [0usize; 0]);
    }
}

#[test]
fn floats_are_found_near_money() {
    for float in ["1.5", "1.", "2e3", "1E-2", "1f64", "3_0.0_f32", "1f32"] {
        assert_eq!(lines(&format!("const A: X = {float};")), [1], "{float}");
    }
    for exact in ["1", "0xe1", "1usize", "0b1", "1_000i64", "\"1.5\"", "b'e'", "0x1f32"] {
        assert_eq!(lines(&format!("const A: X = {exact};")), [0usize; 0], "{exact}");
    }
    assert_eq!(lines("fn a(x: f64) {}\n// no f64\nfn b(x: f32) {}"), [1, 3]);
}

#[test]
fn fields_of_fields_are_no_floats() {
    assert_eq!(lines("fn a() { b(x.0.1); }"), [0usize; 0]);
    assert_eq!(lines("fn a() { b(0..1.5); }"), [1]);
}

#[test]
fn floats_may_measure_time() {
    let text = "fn a(x: f64) -> f64 { 1.5 * x }";
    for path in ["functions/cli/src/a.rs", "functions/domain/benches/a.rs"] {
        assert_eq!(messages(path, text), [], "{path}");
    }
    assert_eq!(messages("plugins/notice/src/lib.rs", text).len(), 3);
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let text = "fn a(\n    x: fn(u8) -> u8,\n) {\n    fn b() {\n    }\n}\ntrait C { fn d(); }\n";
    let expected = [("a.rs", 7), ("a.rs::a", 6), ("a.rs::b", 2)];
    assert_eq!(lengths(text), expected.map(|(name, lines)| (name.to_owned(), lines)));
}

#[test]
fn the_tests_of_a_file_do_not_count() {
    let file = |text: &str| lengths(text)[0].1;
    assert_eq!(file("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n"), 2);
    assert_eq!(file("#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests {\n}\nfn a() {}\n"), 1);
    assert_eq!(file("#[cfg(test)]\nmod tests;\nmod a {\n}\n"), 4);
    assert_eq!(file("#[cfg(test)]\nfn a() {\n}\n"), 3);
    assert_eq!(file("#[cfg(not(test))]\nmod a {\n}\n"), 3);
}

#[test]
fn what_is_not_rust_is_a_finding() {
    let found = messages("a.rs", "fn a() {\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.starts_with("this is not Rust"), "{found:?}");
}
