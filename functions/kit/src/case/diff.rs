//! The difference between what was expected and what was found, as lines of JSON.

use serde_json::{Map, Value};
use similar::TextDiff;

/// Lines around a difference.
const CONTEXT_LINES: usize = 3;

/// Lines with `-` before what was expected and `+` before what was found.
pub(crate) fn lines(expected: &Value, found: &Value) -> Vec<String> {
    let (expected, found) = (pretty(&ordered_like(expected, found)), pretty(found));
    let diff = TextDiff::from_lines(&expected, &found);
    let text = diff.unified_diff().context_radius(CONTEXT_LINES).to_string();
    let is_hunk_header = |line: &&str| line.starts_with("@@") && line.ends_with("@@");
    text.lines().filter(|line| !is_hunk_header(line)).map(str::to_owned).collect()
}

/// JSON with a line for each value.
pub(crate) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The value with the members of its objects in the order of another's: the order is no
/// difference.
fn ordered_like(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(members), Value::Object(order)) => {
            let known = order.iter().filter_map(|(name, model)| {
                Some((name.clone(), ordered_like(members.get(name)?, model)))
            });
            let others = members.iter().filter(|(name, _)| !order.contains_key(*name));
            let others = others.map(|(name, value)| (name.clone(), value.clone()));
            Value::Object(known.chain(others).collect::<Map<_, _>>())
        }
        (Value::Array(values), Value::Array(models)) => {
            let models = models.iter().chain(std::iter::repeat(&Value::Null));
            values.iter().zip(models).map(|(value, model)| ordered_like(value, model)).collect()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_is_no_difference() {
        let expected = json!({"a": {"y": 1, "x": 2}, "b": [{"q": 1, "p": 2}, 3]});
        let found = json!({"b": [{"p": 2, "q": 1}, 3], "a": {"x": 2, "y": 1}});
        assert_eq!(lines(&expected, &found), Vec::<String>::new());
    }

    #[test]
    fn a_difference_is_shown_with_its_surroundings() {
        let wanted = json!({"decisions": {"D-1": {"skip": "a"}}, "gone": true});
        let found = json!({"decisions": {"D-1": {"skip": "b"}}});
        let expected = [
            " {",
            "   \"decisions\": {",
            "     \"D-1\": {",
            "-      \"skip\": \"a\"",
            "+      \"skip\": \"b\"",
            "     }",
            "-  },",
            "-  \"gone\": true",
            "+  }",
            " }",
        ];
        assert_eq!(lines(&wanted, &found), expected);
    }
}
