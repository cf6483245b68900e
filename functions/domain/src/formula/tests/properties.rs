//! Properties of formulas, on formulas made at random.

use super::*;
use std::fmt::Write as _;

/// Runs a formula that must compile.
fn run(text: &str, of: Type) -> Result<Value, EvaluationError> {
    let formula = Formula::compile(text, of).unwrap_or_else(|error| panic!("{text}: {error}"));
    formula.evaluate(&Book::new(true).case()).map(|evaluated| evaluated.value)
}

/// Small enough for a product to be exact.
fn amount(random: &mut Random) -> Decimal {
    Decimal::new(random.integer() >> 24, random.below(5) as u32)
}

/// The number as a formula writes it, always with a point.
fn literal(number: Decimal) -> String {
    let text = number.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[test]
fn decimals_are_computed_and_compared_exactly() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let (a, b) = (amount(&mut random), amount(&mut random));
        let (left, right) = (literal(a), literal(b));
        for (sign, expected) in [("+", a + b), ("-", a - b), ("*", a * b)] {
            let text = format!("{left} {sign} {right}");
            // A variable keeps the parts from being computed at once.
            let late = format!("delinquency.balance * 0 + {left} {sign} {right}");
            assert_eq!(run(&text, Type::Decimal), Ok(Value::Decimal(expected)), "{text}");
            assert_eq!(run(&late, Type::Decimal), Ok(Value::Decimal(expected)), "{late}");
        }
        if !b.is_zero() {
            let text = format!("{left} / {right}");
            assert_eq!(run(&text, Type::Decimal), Ok(Value::Decimal(a / b)), "{text}");
        }
        for (sign, expected) in [
            ("==", a == b),
            ("!=", a != b),
            ("<", a < b),
            ("<=", a <= b),
            (">", a > b),
            (">=", a >= b),
        ] {
            let text = format!("{left} {sign} {right}");
            assert_eq!(run(&text, Type::Bool), Ok(Value::Bool(expected)), "{text}");
        }
    }
}

#[test]
fn whole_numbers_are_computed_with_checks() {
    let mut random = Random::new(4);
    for _ in 0..300 {
        let (a, b) = (random.integer().max(-i64::MAX), random.integer().max(-i64::MAX));
        for (sign, expected) in [
            ("+", a.checked_add(b)),
            ("-", a.checked_sub(b)),
            ("*", a.checked_mul(b)),
            ("/", a.checked_div(b)),
            ("%", a.checked_rem(b)),
        ] {
            let text = format!("{a} {sign} {b}");
            match (Formula::compile(&text, Type::Int), expected) {
                (Ok(formula), Some(expected)) => {
                    let value = formula.evaluate(&Book::new(true).case()).unwrap().value;
                    assert_eq!(value, Value::Int(expected), "{text}");
                }
                (Err(_), None) => {}
                (result, expected) => panic!("{text}: {result:?}, expected {expected:?}"),
            }
        }
    }
}

/// A formula of the type, right by construction.
fn formula(random: &mut Random, of: &Type, depth: usize) -> String {
    if depth == 0 {
        return leaf(random, of);
    }
    let mut part = |of: &Type| formula(random, of, depth - 1);
    let (a, b, condition) = (part(of), part(of), part(&Type::Bool));
    match of {
        Type::Bool => {
            let (left, right) = (part(&Type::Decimal), part(&Type::Decimal));
            let sign = random.pick(&["==", "!=", "<", "<=", ">", ">="]);
            let join = random.pick(&["&&", "||"]);
            format!("({left} {sign} {right} {join} !{a} {join} {b})")
        }
        Type::Int | Type::Decimal => match random.below(5) {
            0 => format!("({condition} ? {a} : {b})"),
            1 => format!("max({a}, -({b}))"),
            _ => format!("({a} {} {b})", random.pick(&["+", "-", "*", "/", "%"])),
        },
        _ => format!("({condition} ? {a} : {b})"),
    }
}

fn leaf(random: &mut Random, of: &Type) -> String {
    match of {
        Type::Bool => random.pick(&["true", "delinquency.on_hold", "has(contact.name)"]).to_owned(),
        Type::Int => {
            random.pick(&["0", "7", "delinquency.level", "9223372036854775807"]).to_owned()
        }
        Type::Decimal => random
            .pick(&["0.0", "delinquency.balance", "7922816251426433759354395033.5", "0.01"])
            .to_owned(),
        _ => random.pick(&["'a'", "account.class", "account.attributes.none"]).to_owned(),
    }
}

#[test]
fn right_formulas_compile_and_give_their_type_or_a_named_failure() {
    let mut random = Random::new(5);
    let book = Book::new(false);
    let (mut gave, mut failed) = (0, 0);
    for round in 0..400 {
        let of = [Type::Bool, Type::Int, Type::Decimal, Type::Text][round % 4].clone();
        let text = formula(&mut random, &of, round % 3 + 1);
        match Formula::compile(&text, of.clone()) {
            Ok(formula) => match formula.evaluate(&book.case()) {
                Ok(evaluated) => {
                    assert!(evaluated.value.is(&of), "{text} gave {:?}", evaluated.value);
                    gave += 1;
                }
                Err(EvaluationError::WrongType { expression, .. }) => {
                    panic!("{text}: {expression}")
                }
                Err(_) => failed += 1,
            },
            // What is constant may overflow or divide by zero at once.
            Err(error) => assert!(
                error.message.contains("zero") || error.message.contains("too large"),
                "{text}: {error}"
            ),
        }
    }
    assert!(gave > 100 && failed > 10, "{gave} gave a value, {failed} failed: a poor sample");
}

#[test]
fn no_text_makes_the_compiler_panic_and_every_mistake_has_a_place() {
    const PARTS: [&str; 44] = [
        "account",
        "delinquency.balance",
        ".",
        "class",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "1",
        "1.50",
        "'x'",
        "\"y\"",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "?",
        ":",
        ",",
        "==",
        "<",
        "in",
        "has(",
        "x.map(",
        "exists(",
        "é",
        "0x1",
        "1e9",
        "r'",
        "'''",
        "\\",
        "true",
        "//",
        "\n",
        "`",
        "'\\u12'",
        "T{",
        "has(account.attributes.a)",
    ];
    let mut random = Random::new(6);
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..=random.below(12) {
            let space = random.pick(&["", " "]);
            write!(text, "{}{space}", random.pick(&PARTS)).unwrap();
        }
        match Formula::compile(&text, Type::Bool) {
            Ok(formula) => {
                // Any outcome will do; it must be one.
                let _outcome = formula.evaluate(&Book::new(true).case());
            }
            Err(error) => {
                assert!(
                    text.get(error.offset..error.offset + error.length).is_some(),
                    "{text:?}: {error:?}"
                );
                assert!(!error.message.is_empty() && error.hint.is_some(), "{text:?}: {error:?}");
            }
        }
    }
}

/// Runs on half of the stack that threads have by default: a formula must not
/// need more.
fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    const STACK_BYTES: usize = 1024 * 1024;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

/// Formulas at the bounds, and whether they are within.
fn shapes() -> [(String, bool); 14] {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let chain = |part: &str, sign: &str, parts: usize| vec![part; parts].join(sign);
    let choices = |choice: &str, count: usize| format!("{} 1", choice.repeat(count));
    [
        (deep("(", ")", BRACKET_DEPTH_MAX), true),
        (deep("(", ")", BRACKET_DEPTH_MAX + 1), false),
        (deep("max(1, ", ")", BRACKET_DEPTH_MAX), true),
        (deep("(", ")", 2_000), false),
        (deep("[", "]", 2_000), false),
        (deep("(1 + -(", "))", BRACKET_DEPTH_MAX / 2), true),
        (chain("1", "+", FORMULA_TOKENS_MAX / 2), true),
        (chain("1", "+", FORMULA_TOKENS_MAX), false),
        (chain("delinquency.level", "-", 200), true),
        (choices("delinquency.level == 1 ? 2 : ", 60), true),
        (choices("true ? 2 : ", 240), false),
        (format!("{}true ? 1 : 2", "!".repeat(900)), true),
        (format!("a{}", ".b".repeat(490)), false),
        (format!("1{}", " ".repeat(FORMULA_BYTES_MAX)), false),
    ]
}

#[test]
fn nesting_and_size_are_bounded() {
    for (text, fits) in shapes() {
        let start: String = text.chars().take(30).collect();
        let result = on_a_small_stack(|| {
            let formula = Formula::compile(&text, Type::Int)?;
            formula.evaluate(&Book::new(true).case()).unwrap();
            Ok::<(), FormulaError>(())
        });
        assert_eq!(result.is_ok(), fits, "{start}...: {result:?}");
    }
}

#[test]
fn lists_are_bounded() {
    let list = |length: usize| format!("delinquency.level in [{}]", vec!["1"; length].join(","));
    assert!(Formula::compile(&list(LIST_LENGTH_MAX), Type::Bool).is_ok());
    assert!(Formula::compile(&list(LIST_LENGTH_MAX + 1), Type::Bool).is_err());
}
