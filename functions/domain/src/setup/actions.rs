//! Actions of a milestone or of a payment, and their config as JSON.

use super::limits;
use super::mistake::{Mistake, code};
use super::model::{Action, ConfigPlaces};
use super::references::kinds;
use super::rules::{account_condition, formula};
use super::tree::{Node, Table};
use crate::TransitionEvent;
use crate::formula::{Formula, Type};
use crate::nearest::did_you_mean;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

/// The eight types of action of the source document on collections actions, in
/// its order; the actions of a milestone are performed in this order unless the
/// group's `action_order` says otherwise.
pub const ACTION_TYPES: [&str; 8] = [
    "service-request",
    "one-off-charge",
    "alert",
    "notice",
    "log",
    "deposit-demand",
    "one-off-penalty",
    "credit-rating",
];

/// The actions that a payment may have beside a vendor's: those that tell people,
/// and touch no money while money is collected.
pub(super) const PAYMENT_ACTION_TYPES: [&str; 3] = ["notice", "alert", "log"];

/// The actions of a milestone, in the order in which they are performed.
pub(super) fn actions(node: Node<'_>, type_order: &[String]) -> Vec<Action> {
    in_order(node.tables("an action", limits::ACTIONS_MAX, action), type_order)
}

/// The actions of a payment, in the order in which they are performed.
pub(super) fn payment_actions(node: Node<'_>, type_order: &[String]) -> Vec<Action> {
    let what = "an action of a payment";
    in_order(node.tables(what, limits::ACTIONS_MAX, payment_action), type_order)
}

/// By the order of types, then by display order, then as written.
fn in_order(mut actions: Vec<Action>, type_order: &[String]) -> Vec<Action> {
    let rank = |action_type: &str| {
        type_order.iter().position(|it| it == action_type).unwrap_or(type_order.len())
    };
    actions.sort_by(|a, b| {
        let of = |action: &Action| (rank(&action.action_type), action.display_order);
        let ((rank_a, order_a), (rank_b, order_b)) = (of(a), of(b));
        // Types without a place in the order come after it, by name.
        rank_a
            .cmp(&rank_b)
            .then_with(|| a.action_type.cmp(&b.action_type))
            .then(order_a.cmp(&order_b))
    });
    actions
}

/// The order of types, as the group gives it.
pub(super) fn type_order(node: Node<'_>) -> Vec<String> {
    if !node.is_present() {
        return ACTION_TYPES.map(str::to_owned).to_vec();
    }
    let items = node.list();
    node.check_number(&items, limits::DEFINITIONS_MAX);
    let mut order: Vec<String> = Vec::new();
    for item in items.into_iter().take(limits::DEFINITIONS_MAX) {
        if let Some(action_type) = action_type(item)
            && item.reading.claim(kinds::ACTION_TYPE, &action_type, item.span())
        {
            order.push(action_type);
        }
    }
    order
}

fn action(table: &Table<'_>) -> Option<Action> {
    let events = TransitionEvent::ALL.map(|event| (event.as_str(), event));
    let perform_on = table.optional("perform_on").word(&events);
    let condition = |node| formula(node, Type::Bool);
    let action = read(table, table.required("type"), condition);
    Some(Action { perform_on: perform_on.unwrap_or(TransitionEvent::EntryOrIncrement), ..action? })
}

/// A payment has no record that could be read, and one event: it is collected.
/// `perform_on` is therefore a key that it does not have.
fn payment_action(table: &Table<'_>) -> Option<Action> {
    let type_node = table.required("type");
    let action = read(table, type_node, account_condition)?;
    let known = PAYMENT_ACTION_TYPES.contains(&action.action_type.as_str());
    if !known && !action.action_type.contains(':') {
        let message = format!("a payment has no action of type `{}`", action.action_type);
        let hint = format!("use `{}`, or a vendor's", PAYMENT_ACTION_TYPES.join("`, `"));
        type_node.wrong(code::BAD_ACTION_TYPE, message, &hint);
        return None;
    }
    Some(action)
}

/// What actions of both have.
fn read<'a>(
    table: &Table<'a>,
    type_node: Node<'a>,
    condition: impl Fn(Node<'a>) -> Option<Formula>,
) -> Option<Action> {
    let action_type = action_type(type_node);
    let condition_node = table.optional("condition");
    let condition = condition_node.is_present().then(|| condition(condition_node)).flatten();
    let display_order = table.optional("display_order").whole(&limits::DISPLAY_ORDER);
    let mut places = ConfigPlaces { action: type_node.span(), ..ConfigPlaces::default() };
    let config = config(table.optional("config"), &mut places);
    Some(Action {
        action_type: action_type?,
        perform_on: TransitionEvent::EntryOrIncrement,
        condition,
        display_order: display_order.unwrap_or_default(),
        config,
        places,
    })
}

/// A type: one of the eight, or `vendor:name`. Whether a plugin performs it is
/// known where the plugins are.
fn action_type(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.len() <= crate::identifier::IDENTIFIER_BYTES_MAX
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_known = match text.split_once(':') {
        Some((vendor, name)) => is_word(vendor) && is_word(name),
        None => ACTION_TYPES.contains(&text),
    };
    if is_known {
        return Some(text.to_owned());
    }
    let (message, hint) = if text.contains(':') {
        let hint = "write `vendor:name` with lower-case letters, digits and hyphens";
        (format!("`{text}` is not an action type"), Some(hint.to_owned()))
    } else {
        (format!("there is no built-in action `{text}`"), did_you_mean(text, ACTION_TYPES))
    };
    let mistake = Mistake::error(code::BAD_ACTION_TYPE, node.span(), message).maybe_hint(hint);
    node.reading.report(mistake);
    None
}

/// The config as a JSON object; `{}` if there is none.
fn config(node: Node<'_>, places: &mut ConfigPlaces) -> Value {
    match node.value.map(Spanned::get_ref) {
        None => Value::Object(serde_json::Map::new()),
        Some(DeValue::Table(_)) => json(node, "", places),
        Some(_) => {
            node.wrong_type("a table");
            Value::Object(serde_json::Map::new())
        }
    }
}

/// A value as JSON. The nesting is bounded by the TOML parser's own limit.
fn json(node: Node<'_>, pointer: &str, places: &mut ConfigPlaces) -> Value {
    places.values.insert(pointer.to_owned(), node.span());
    match node.value.map(Spanned::get_ref) {
        None => Value::Null,
        Some(DeValue::String(text)) => Value::String(text.clone().into_owned()),
        Some(DeValue::Boolean(flag)) => Value::Bool(*flag),
        Some(DeValue::Datetime(it)) => Value::String(it.to_string()),
        Some(DeValue::Integer(digits)) => {
            match i64::from_str_radix(digits.as_str(), digits.radix()) {
                Ok(number) => Value::from(number),
                Err(_) => {
                    let message = format!("`{}` is {digits}, which is too large", node.name);
                    node.wrong(code::OUT_OF_RANGE, message, "write larger numbers in quotes");
                    Value::Null
                }
            }
        }
        Some(DeValue::Float(_)) => {
            node.bare_number();
            Value::Null
        }
        Some(DeValue::Array(_)) => {
            let items = node.list().into_iter().enumerate();
            items.map(|(index, item)| json(item, &format!("{pointer}/{index}"), places)).collect()
        }
        Some(DeValue::Table(_)) => {
            let mut entries = node.entries();
            entries.sort_by_key(|entry| entry.key);
            let members = entries.into_iter().map(|entry| {
                // RFC 6901: `~` and `/` within a key are escaped.
                let key = entry.key.replace('~', "~0").replace('/', "~1");
                (entry.key.to_owned(), json(entry.node, &format!("{pointer}/{key}"), places))
            });
            Value::Object(members.collect())
        }
    }
}
