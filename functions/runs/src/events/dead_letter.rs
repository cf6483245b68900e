//! The dead-letter list: events that could not be applied, with the reason, until
//! somebody applies them again or discards them.
//!
//! The table has an item for each, of bounded size; what came in is an object of
//! the bucket, byte by byte, under the digest of its content.

use super::batch::{Answer, Applier, Outcome};
use super::cloud_event::{Incoming, Refusal, hex, read};
use crate::error::RunError;
use arrears_domain::Date;
use arrears_storage::{Order, Revision, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The partition of the agency's list, and the name of its counter.
const PARTITION: &str = "dead-letter";
/// The most characters of an event's id or account that the list repeats.
const NAME_CHARACTERS_MAX: usize = 64;
/// The most characters of a reason that the list repeats.
const MESSAGE_CHARACTERS_MAX: usize = 1_000;

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its id in the list: the event's id and a digest of what came in, so that
    /// the same event is in the list once.
    pub id: String,
    /// Counts what was parked: they are applied again in this order.
    pub number: u32,
    /// The event's own id, if it has one.
    pub event_id: Option<String>,
    /// The account, if it names one.
    pub account: Option<String>,
    /// Why it was not applied, last time: a stable word.
    pub code: String,
    /// The same in words, with what to do.
    pub message: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was first parked, in UTC.
    pub parked_at: String,
    /// The object that has what came in.
    pub object: String,
}

/// Parks an event, and gives its id in the list.
pub(super) async fn park(
    store: &Store,
    incoming: &Incoming,
    refusal: &Refusal,
) -> Result<String, RunError> {
    let id = id(incoming);
    let message = shortened(&refusal.message, MESSAGE_CHARACTERS_MAX);
    loop {
        if let Some((mut letter, revision)) = find(store, &id).await? {
            letter.attempts += 1;
            letter.code.clone_from(&refusal.code);
            letter.message.clone_from(&message);
            if store.replace_document(PARTITION, &id, revision, &letter).await?.is_some() {
                return Ok(id);
            }
            continue;
        }
        let letter = DeadLetter {
            id: id.clone(),
            number: store.next_number(PARTITION).await?,
            event_id: incoming.id.as_deref().map(|it| shortened(it, NAME_CHARACTERS_MAX)),
            account: incoming.account.as_deref().map(|it| shortened(it, NAME_CHARACTERS_MAX)),
            code: refusal.code.clone(),
            message: message.clone(),
            attempts: 1,
            parked_at: crate::run::now(),
            object: keep(store, &incoming.bytes).await?,
        };
        match store.create_document(PARTITION, &id, &letter).await {
            Ok(_) => return Ok(id),
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Keeps what came in. The same content has the same key, and is kept once.
async fn keep(store: &Store, bytes: &[u8]) -> Result<String, RunError> {
    let object = format!("dead-letters/{}.json", hex::<32>(bytes));
    match store.put_object_new(&object, bytes.to_vec()).await {
        Ok(()) => Ok(object),
        Err(error) if error.is_already_exists() => Ok(object),
        Err(error) => Err(error.into()),
    }
}

fn shortened(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn id(incoming: &Incoming) -> String {
    // Only what can stand in a key; the digest tells the rest apart.
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:@+".contains(*c);
    let own = incoming.id.as_deref().unwrap_or("line");
    let own: String = own.chars().filter(is_plain).take(NAME_CHARACTERS_MAX).collect();
    format!("{own}.{}", hex::<8>(&incoming.bytes))
}

async fn find(store: &Store, id: &str) -> Result<Option<(DeadLetter, Revision)>, RunError> {
    Ok(store.document(PARTITION, id).await?)
}

/// The list, in the order in which events were parked.
///
/// # Errors
/// The store cannot be read.
pub async fn list(store: &Store) -> Result<Vec<DeadLetter>, RunError> {
    let mut letters: Vec<DeadLetter> =
        store.documents(PARTITION, "", Order::Ascending, None).await?;
    letters.sort_by_key(|letter| letter.number);
    Ok(letters)
}

/// The letter that is meant: by its id in the list, or by the event's if only one
/// letter has that.
async fn named(store: &Store, wanted: &str) -> Result<DeadLetter, RunError> {
    if let Some((letter, _)) = find(store, wanted).await? {
        return Ok(letter);
    }
    let mut letters = list(store).await?;
    letters.retain(|letter| letter.event_id.as_deref() == Some(wanted));
    if letters.len() > 1 {
        let ids: Vec<String> = letters.into_iter().map(|letter| letter.id).collect();
        let (id, candidates) = (wanted.to_owned(), ids.join(", "));
        return Err(RunError::SeveralDeadLetters { id, candidates });
    }
    letters.pop().ok_or_else(|| RunError::UnknownDeadLetter { id: wanted.to_owned() })
}

/// Takes events out of the list that are applied by now, whichever way they came
/// again. An empty list, which is the rule, costs one read.
pub(super) async fn settle(store: &Store, applied: &[&Incoming]) -> Result<(), RunError> {
    let first: Vec<DeadLetter> = store.documents(PARTITION, "", Order::Ascending, Some(1)).await?;
    if !first.is_empty() {
        for incoming in applied {
            remove(store, &id(incoming)).await?;
        }
    }
    Ok(())
}

/// Applies events of the list again: the one that is named, or all. Those that
/// are applied now, or were before, leave the list. With a date they are dated
/// anew.
///
/// # Errors
/// There is no such event in the list, or the store fails.
pub async fn redrive(
    applier: &Applier,
    wanted: Option<&str>,
    on: Option<Date>,
) -> Result<Vec<Answer>, RunError> {
    let store = applier.store();
    let letters = match wanted {
        Some(wanted) => vec![named(store, wanted).await?],
        None => list(store).await?,
    };
    let mut answers = Vec::with_capacity(letters.len());
    for letter in letters {
        let bytes = store.get_object(&letter.object).await?.to_vec();
        let incoming = read(dated(bytes, on), applier.zone());
        let again = id(&incoming);
        for answer in applier.apply(vec![incoming]).await? {
            // Dated anew it is another event, parked under an id of its own.
            if again != letter.id || !matches!(answer.outcome, Outcome::Parked { .. }) {
                remove(store, &letter.id).await?;
            }
            answers.push(answer);
        }
    }
    Ok(answers)
}

/// The event with another date; what cannot be read stays as it is.
fn dated(bytes: Vec<u8>, on: Option<Date>) -> Vec<u8> {
    let Some(on) = on else { return bytes };
    let Ok(Value::Object(mut event)) = serde_json::from_slice(&bytes) else { return bytes };
    let data = event.entry("data").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if let Some(data) = data.as_object_mut() {
        data.insert("on".to_owned(), Value::String(on.to_string()));
    }
    Value::Object(event).to_string().into_bytes()
}

/// Takes an event out of the list for good. What came in stays in the bucket.
///
/// # Errors
/// There is no such event in the list, or the store fails.
pub async fn discard(store: &Store, wanted: &str) -> Result<DeadLetter, RunError> {
    let letter = named(store, wanted).await?;
    remove(store, &letter.id).await?;
    Ok(letter)
}

async fn remove(store: &Store, id: &str) -> Result<(), RunError> {
    while let Some((_, revision)) = find(store, id).await? {
        if store.delete_document(PARTITION, id, revision).await? {
            break;
        }
    }
    Ok(())
}
