//! Which variable a path names, and what to say if it names none.

use super::Type;
use crate::export::template::mistake::Part;
use crate::export::template::variable::{DocumentedVariable, Place, Presence, VARIABLES};
use arrears_domain::nearest::nearest;

/// What is wrong, and what to do.
pub(super) type Complaint = (String, Option<String>);

/// The variable that the path names, if the part may use it.
pub(super) fn resolve(path: &[&str], part: Part) -> Result<&'static DocumentedVariable, Complaint> {
    let found = VARIABLES.iter().find(|variable| names(variable, path));
    match found {
        Some(variable) if variable.place.includes(part) => Ok(variable),
        Some(variable) => Err(misplaced(variable, part)),
        None => Err(unknown(path, part)),
    }
}

fn names(variable: &DocumentedVariable, path: &[&str]) -> bool {
    let mut known = variable.path.split('.');
    let is_same = path.iter().all(|given| {
        known.next().is_some_and(|known| known == *given || known == "NAME" && !given.is_empty())
    });
    is_same && known.next().is_none()
}

fn misplaced(variable: &DocumentedVariable, part: Part) -> Complaint {
    let path = variable.path;
    match variable.place {
        Place::Trailer => (
            format!("`{path}` is known at the end only, when all records have been written"),
            Some(format!("use it in the trailer, not in the {part}")),
        ),
        Place::Record | Place::Everywhere => (
            format!("`{path}` belongs to a record, and a {part} has none"),
            Some("use it in the record template".to_owned()),
        ),
    }
}

fn unknown(path: &[&str], part: Part) -> Complaint {
    let given = path.join(".");
    let message = format!("there is no variable `{given}`");
    let here = || VARIABLES.iter().filter(move |variable| variable.place.includes(part));
    let group = format!("{given}.");
    let mut members = here().map(|variable| variable.path).filter(|path| path.starts_with(&group));
    if let Some(first) = members.next() {
        let some: Vec<&str> = std::iter::once(first).chain(members.take(2)).collect();
        let hint = format!("name one of its values, such as {}", some.join(", "));
        return (format!("`{given}` is not one value"), Some(hint));
    }
    // `balance` alone, or under the wrong owner, is the commonest slip.
    let last = path.last().copied().unwrap_or_default();
    let same_name: Vec<&str> = here()
        .map(|variable| variable.path)
        .filter(|known| known.split_once('.').is_some_and(|(_, name)| name == last))
        .collect();
    if !same_name.is_empty() {
        return (message, Some(format!("did you mean {}?", same_name.join(" or "))));
    }
    if let Some(known) = nearest(&given, here().map(|variable| variable.path)) {
        return (message, Some(format!("did you mean {known}?")));
    }
    // Perhaps it exists, but not here.
    if let Some(elsewhere) = VARIABLES.iter().find(|variable| {
        !variable.place.includes(part) && variable.path.split('.').next() == path.first().copied()
    }) {
        return misplaced(elsewhere, part);
    }
    let mut groups: Vec<&str> =
        here().filter_map(|variable| variable.path.split('.').next()).collect();
    groups.sort_unstable();
    groups.dedup();
    (message, Some(format!("variables begin with {}", groups.join(", "))))
}

/// Whether the name begins the paths of variables.
pub(super) fn is_group(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.path.split('.').next() == Some(name))
}

/// What is known of the values of a variable.
pub(super) fn meaning(variable: &DocumentedVariable) -> (Type, bool) {
    (variable.of.into(), variable.presence == Presence::Sometimes)
}
