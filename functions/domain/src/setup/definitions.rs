//! What must be defined before actions and schemes may name it.

use super::limits;
use super::mistake::{Mistake, Span, code};
use super::model::{
    CollectionAgency, Correspondence, CreditRatingLevel, LineItemKind, LineItemType, RequestType,
};
use super::references::kinds;
use super::sections::Root;
use super::tree::Table;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The channel of a correspondence process that names none.
const DEFAULT_CHANNEL: &str = "letter";

pub(super) fn line_item_types(root: &Root<'_>) -> BTreeMap<String, LineItemType> {
    by_code(root, "line_item_type", "a line item type", kinds::LINE_ITEM_TYPE, |table, code| {
        let kinds = [LineItemKind::Charge, LineItemKind::Penalty, LineItemKind::Deposit];
        let words = kinds.map(|kind| (kind.as_str(), kind));
        let name = table.required("name").name();
        let kind = table.required("kind").word(&words);
        Some(LineItemType { code, name: name?, kind: kind? })
    })
}

pub(super) fn correspondence(root: &Root<'_>) -> BTreeMap<String, Correspondence> {
    by_code(
        root,
        "correspondence",
        "a correspondence process",
        kinds::CORRESPONDENCE,
        |table, code| {
            let name = table.required("name").name();
            let channel = table.optional("channel");
            let channel = if channel.is_present() {
                channel.code()
            } else {
                Some(DEFAULT_CHANNEL.to_owned())
            };
            let fields = table.optional("fields").entries().into_iter();
            let fields = fields
                .filter_map(|field| Some((field.key.to_owned(), field.node.text()?.to_owned())))
                .collect();
            Some(Correspondence { code, name: name?, channel: channel?, fields })
        },
    )
}

pub(super) fn request_types(root: &Root<'_>) -> BTreeMap<String, RequestType> {
    by_code(root, "request_type", "a request type", kinds::REQUEST_TYPE, |table, code| {
        let name = table.required("name").name();
        let priority = table.optional("priority").whole(&limits::PRIORITY);
        let queue = table.optional("queue").name();
        let priority = priority.and_then(|priority| u8::try_from(priority).ok());
        Some(RequestType { code, name: name?, priority, queue })
    })
}

pub(super) fn collection_agencies(root: &Root<'_>) -> BTreeMap<String, CollectionAgency> {
    by_code(
        root,
        "collection_agency",
        "a collection agency",
        kinds::COLLECTION_AGENCY,
        |table, code| Some(CollectionAgency { code, name: table.required("name").name()? }),
    )
}

/// The credit rating levels, which must be written with ascending points.
pub(super) fn credit_rating_levels(root: &Root<'_>) -> Vec<CreditRatingLevel> {
    let before: Cell<Option<(u32, Span)>> = Cell::new(None);
    let what = "a credit rating level";
    root.each("credit_rating_level", what, limits::DEFINITIONS_MAX, |table| {
        let code = own_code(table, kinds::CREDIT_RATING_LEVEL);
        let name = table.required("name").name();
        let node = table.required("points_min");
        let points = node.whole(&limits::POINTS)?;
        if let Some((points_before, span)) = before.replace(Some((points, node.span())))
            && points <= points_before
        {
            let message = format!("{points} points do not come after {points_before}");
            table.reading.report(
                Mistake::error(code::CREDIT_LEVEL_ORDER, node.span(), message)
                    .hint("write the levels with ascending `points_min`, each with its own")
                    .related(span, "the level before"),
            );
        }
        Some(CreditRatingLevel { code: code?, name: name?, points_min: points.into() })
    })
}

/// Reads a list of definitions, each with a code of its own.
pub(super) fn by_code<'a, T>(
    root: &Root<'a>,
    key: &'static str,
    what: &'a str,
    kind: &str,
    read: impl Fn(&Table<'a>, String) -> Option<T>,
) -> BTreeMap<String, T> {
    let definitions = root.each(key, what, limits::DEFINITIONS_MAX, |table| {
        let code = own_code(table, kind);
        // Read even without a code, for the mistakes in the rest.
        let definition = read(table, code.clone().unwrap_or_default())?;
        Some((code?, definition))
    });
    definitions.into_iter().collect()
}

/// The code of a definition, if it is the first with that code.
fn own_code(table: &Table<'_>, kind: &str) -> Option<String> {
    let node = table.required("code");
    node.code().filter(|code| table.reading.claim(kind, code, node.span()))
}
