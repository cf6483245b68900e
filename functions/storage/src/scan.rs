//! Reading the whole book, for exports and statistics.

use crate::document::Line;
use crate::documents;
use crate::error::StorageError;
use crate::items::{self, Item};
use crate::store::Store;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures::stream::{self, Stream, StreamExt};

/// Into how many segments a scan of a table on AWS is split; they are read at
/// the same time. At most one page is held for each. The embedded engine reads
/// in one go, in the order of its keys: to find a page of a segment it would sort
/// the whole table.
const SCAN_SEGMENTS: i32 = 4;

/// The most items of a page. Items are small, so that this is about as much as
/// the 1 MB at which DynamoDB ends a page; without it the embedded engine reads
/// all that is left of the table for each page.
const SCAN_PAGE_ITEMS: i32 = 2_000;

/// All types of line.
const TYPES: [&str; 10] = [
    "contact",
    "account",
    "delinquency",
    "transaction",
    "mandate",
    "transition",
    "event",
    "placement",
    "posting",
    "run",
];

impl Store {
    /// All lines of the agency's book, page by page (up to 1 MB each), in no
    /// order. The read goes over the whole table, other agencies' parts too; a
    /// record that is written meanwhile may be read as it was or as it is; one that
    /// was written before is read as it is.
    pub fn scan(&self) -> impl Stream<Item = Result<Vec<Line>, StorageError>> + Send + Unpin {
        self.scan_types(&TYPES)
    }

    /// As [`Store::scan`], but only the lines of these types
    /// ([`Line::type_name`]).
    pub fn scan_types(
        &self,
        types: &'static [&'static str],
    ) -> impl Stream<Item = Result<Vec<Line>, StorageError>> + Send + Unpin {
        self.scan_items().map(move |page| {
            let lines = page?.into_iter().map(|item| line(item, types));
            lines.filter_map(Result::transpose).collect()
        })
    }

    /// All items of the agency, page by page, in no order.
    pub(crate) fn scan_items(
        &self,
    ) -> impl Stream<Item = Result<Vec<Item>, StorageError>> + Send + Unpin + use<> {
        let segments: Vec<Option<i32>> = match self.is_embedded() {
            true => vec![None],
            false => (0..SCAN_SEGMENTS).map(Some).collect(),
        };
        let segments = segments.into_iter().map(|segment| {
            let store = self.clone();
            let pages = stream::try_unfold(Some((store, None)), move |state| async move {
                let Some((store, from)) = state else {
                    return Ok(None);
                };
                let (items, next) = store.scan_page(segment, from).await?;
                Ok(Some((items, next.map(|next| (store, Some(next))))))
            });
            pages.boxed()
        });
        stream::select_all(segments)
    }

    async fn scan_page(
        &self,
        segment: Option<i32>,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StorageError> {
        let scan = self
            .dynamodb()
            .scan()
            .table_name(self.table())
            .consistent_read(true)
            .set_segment(segment)
            .set_total_segments(segment.map(|_| SCAN_SEGMENTS))
            .limit(SCAN_PAGE_ITEMS)
            .filter_expression("begins_with(pk, :agency)")
            .expression_attribute_values(":agency", items::text(format!("{}#", self.agency())))
            .set_exclusive_start_key(from);
        let sent = scan.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = sent.map_err(|error| self.request("Scan").failed(error))?;
        self.meter().read(answer.consumed_capacity());
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

/// The line of an item, if it is of one of the types; none for what is no part
/// of a book (setups, chunks, marks).
fn line(mut item: Item, types: &[&str]) -> Result<Option<Line>, StorageError> {
    let key = items::take_key(&mut item);
    let kind = key.type_name();
    if !types.contains(&kind) {
        return Ok(None);
    }
    Ok(Some(match kind {
        "contact" => Line::Contact(items::document(&key, item)?),
        "account" => Line::Account(items::account_line(&key, item)?),
        "delinquency" => Line::Delinquency(items::delinquency_line(&key, item)?.0),
        "transaction" => Line::Transaction(items::document(&key, item)?),
        "mandate" => Line::Mandate(items::document(&key, item)?),
        "transition" => Line::Transition(items::document(&key, item)?),
        "event" => Line::Event(items::event_line(&key, item)?),
        "placement" => Line::Placement(items::document(&key, item)?),
        "posting" => Line::Posting(items::document(&key, item)?),
        "run" => Line::Run(documents::run_line(&key, item)?),
        _ => return Ok(None),
    }))
}
