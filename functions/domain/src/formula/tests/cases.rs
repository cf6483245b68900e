//! The table of `cases.txt`: what formulas give, and how they fail.

use super::*;

const TABLE: &str = include_str!("cases.txt");

/// A line of the table: `type: formula`, a mark, what is expected.
struct Line<'a> {
    number: usize,
    of: Type,
    formula: &'a str,
    mark: &'a str,
    expected: &'a str,
}

fn lines() -> impl Iterator<Item = Line<'static>> {
    TABLE.lines().enumerate().filter_map(|(index, line)| {
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let number = index + 1;
        let (of, rest) = line.split_once(": ").unwrap_or_else(|| panic!("line {number}: no type"));
        let of = match of {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "decimal" => Type::Decimal,
            "text" => Type::Text,
            "date" => Type::Date,
            "texts" => Type::List(Box::new(Type::Text)),
            "decimals" => Type::List(Box::new(Type::Decimal)),
            other => panic!("line {number}: no type {other}"),
        };
        let mark = [" => ", " ~> ", " !! "].into_iter().find(|mark| rest.contains(mark));
        let mark = mark.unwrap_or_else(|| panic!("line {number}: no mark"));
        let (formula, expected) = rest.split_once(mark).unwrap();
        Some(Line {
            number,
            of,
            formula: formula.trim(),
            mark: mark.trim(),
            expected: expected.trim(),
        })
    })
}

/// What a line gives, written as the table writes it.
fn outcome(line: &Line<'_>, facts: &dyn Facts) -> (&'static str, String) {
    let formula = match Formula::compile(line.formula, line.of.clone()) {
        Ok(formula) => formula,
        Err(error) => {
            let place = &line.formula[error.offset..error.offset + error.length];
            let hint = error.hint.unwrap_or_default();
            return ("!!", format!("[{place}] {} / {hint}", error.message));
        }
    };
    match formula.evaluate(facts) {
        Ok(evaluated) => ("=>", evaluated.value.to_string()),
        Err(error) => ("~>", error.to_string()),
    }
}

#[test]
fn every_formula_of_the_table_gives_what_it_says() {
    let book = Book::new(true);
    let mut wrong = Vec::new();
    for line in lines() {
        let (mark, given) = outcome(&line, &book.case());
        if mark != line.mark || given != line.expected {
            wrong.push(format!("{}: {} {mark} {given}", line.number, line.formula));
        }
    }
    assert!(
        wrong.is_empty(),
        "these lines of cases.txt give another result:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_shows_every_variable_and_every_function() {
    for variable in VARIABLES {
        let path = variable.path.trim_end_matches("NAME");
        assert!(TABLE.contains(path), "{path} is in no case");
    }
    for function in FUNCTIONS {
        assert!(TABLE.contains(&format!("{}(", function.name)), "{} is in no case", function.name);
    }
}

#[test]
fn the_inputs_are_what_was_read_in_the_order_of_reading() {
    let book = Book::new(false);
    let text = "has(contact.name) || account.class == 'x' || delinquency.balance > 1 \
                || delinquency.level == 7 || account.class == 'y'";
    let formula = Formula::compile(text, Type::Bool).unwrap();
    let evaluated = formula.evaluate(&book.case()).unwrap();
    let inputs: Vec<String> =
        evaluated.inputs.iter().map(|(path, value)| format!("{path} = {value}")).collect();
    assert_eq!(
        inputs,
        ["contact.name = (none)", "account.class = residential", "delinquency.balance = 152.30"]
    );
    let variables: Vec<String> = formula.variables().iter().map(Reference::to_string).collect();
    assert_eq!(
        variables,
        ["contact.name", "account.class", "delinquency.balance", "delinquency.level"]
    );
}

#[test]
fn without_a_contact_its_variables_are_missing() {
    let book = Book::new(false);
    for (text, expected) in [
        (
            "contact.name == 'x'",
            Err("the record has no contact.name; test it first: has(contact.name)"),
        ),
        ("has(contact.name) && contact.name == 'x'", Ok(Value::Bool(false))),
        ("has(contact.attributes.vip)", Ok(Value::Bool(false))),
    ] {
        let result = Formula::compile(text, Type::Bool).unwrap().evaluate(&book.case());
        let result = result.map(|evaluated| evaluated.value).map_err(|error| error.to_string());
        assert_eq!(result, expected.map_err(str::to_owned), "{text}");
    }
}

#[test]
fn facts_of_a_wrong_type_are_an_error() {
    struct Wrong;
    impl Facts for Wrong {
        fn fact(&self, _: Variable) -> Option<Value> {
            Some(Value::Text("1".to_owned()))
        }
        fn attribute(&self, _: Owner, _: &str) -> Option<&str> {
            None
        }
    }
    let formula = Formula::compile("delinquency.balance > 1.00", Type::Bool).unwrap();
    assert!(matches!(formula.evaluate(&Wrong), Err(EvaluationError::WrongType { .. })));
}

#[test]
fn literal_results_are_all_that_a_choice_can_give() {
    for (text, expected, complete) in [
        ("'A'", vec!["A"], true),
        ("account.class == 'x' ? 'A' : 'B'", vec!["A", "B"], true),
        (
            "delinquency.level > 1 ? (delinquency.level > 2 ? 'A' : '') : 'C' + 'D'",
            vec!["A", "", "CD"],
            true,
        ),
        ("delinquency.level > 1 ? account.class : 'B'", vec!["B"], false),
        ("delinquency.milestone", vec![], false),
    ] {
        let results = Formula::compile(text, Type::Text).unwrap().literal_results();
        let values: Vec<String> = results.results.iter().map(|it| it.value.to_string()).collect();
        assert_eq!(
            (values, results.complete),
            (expected.iter().map(ToString::to_string).collect(), complete),
            "{text}"
        );
        for result in results.results.iter().filter(|it| it.value != Value::Text("CD".to_owned())) {
            let place = &text[result.offset..result.offset + result.length];
            assert_eq!(place, format!("'{}'", result.value));
        }
    }
}
