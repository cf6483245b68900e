//! Setups that are too large to be written down.

use arrears_domain::setup::{self, Mistake, Source, limits, mistake::code};

/// The codes that only these show.
pub const CODES: [&str; 2] = [code::TOO_LARGE, code::MORE_MISTAKES];

const GROUP: &str = "agency = { name = \"A\", time_zone = \"UTC\" }\ngroup = { code = \"COLL\" }\n";

fn mistakes(text: String) -> Vec<Mistake> {
    let source = Source { name: "large.toml".to_owned(), text };
    setup::read(&[source]).expect_err("it is too large")
}

#[test]
fn a_source_beyond_the_limit_is_not_read() {
    let mistakes = mistakes(format!("{GROUP}#{}", " ".repeat(limits::SOURCE_BYTES_MAX)));
    let codes: Vec<&str> = mistakes.iter().map(|it| it.code).collect();
    assert_eq!(codes, [code::TOO_LARGE], "what is not there is not missed");
}

#[test]
fn a_source_up_to_the_limit_is_read() {
    let comment = " ".repeat(limits::SOURCE_BYTES_MAX - GROUP.len() - 1);
    let source = Source { name: "large.toml".to_owned(), text: format!("{GROUP}#{comment}") };
    assert!(setup::read(&[source]).is_ok());
}

#[test]
fn more_schemes_milestones_and_actions_than_the_limits_are_refused() {
    let scheme =
        |code: usize| format!("[[scheme]]\ncode = \"S{code}\"\nentry_milestone = \"M0\"\n");
    let milestone = |code: usize| format!("[[scheme.milestone]]\ncode = \"M{code}\"\nlevel = 1\n");
    let action = "[[scheme.milestone.action]]\ntype = \"log\"\n";
    let cases = [
        (
            "scheme",
            (0..=limits::SCHEMES_MAX).map(|it| scheme(it) + &milestone(0)).collect::<String>(),
        ),
        ("milestone", scheme(0) + &(0..=limits::MILESTONES_MAX).map(milestone).collect::<String>()),
        ("action", scheme(0) + &milestone(0) + &action.repeat(limits::ACTIONS_MAX + 1)),
    ];
    for (what, text) in cases {
        let mistakes = mistakes(format!("{GROUP}{text}"));
        let errors: Vec<&Mistake> =
            mistakes.iter().filter(|it| it.severity == setup::Severity::Error).collect();
        assert_eq!(errors.len(), 1, "{what}: {errors:?}");
        assert_eq!(errors[0].code, code::TOO_LARGE);
        assert!(errors[0].message.contains(&format!("`{what}`")), "{}", errors[0].message);
    }
}

#[test]
fn a_file_of_another_kind_does_not_flood_the_screen() {
    let lines: String = (0..20_000).map(|it| format!("key{it} = {it}\n")).collect();
    let mistakes = mistakes(lines);
    assert_eq!(mistakes.len(), limits::MISTAKES_MAX + 1);
    assert_eq!(mistakes[limits::MISTAKES_MAX].code, code::MORE_MISTAKES);
}

#[test]
fn deep_nesting_is_a_mistake_and_no_overflow() {
    let mistakes = mistakes(format!("{GROUP}x = {}", "[".repeat(100_000)));
    assert!(mistakes.iter().any(|it| it.code == code::SYNTAX), "{mistakes:?}");
}
