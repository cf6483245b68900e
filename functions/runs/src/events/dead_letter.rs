//! The dead-letter list: events that could not be applied, with the reason, until
//! somebody applies them again or discards them.

use super::batch::{Answer, Applier, Outcome};
use super::cloud_event::{Incoming, Refusal, understand};
use crate::error::RunError;
use arrears_domain::Date;
use arrears_storage::{Order, Revision, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The partition of the agency's list.
const PARTITION: &str = "dead-letter";

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its id in the list: the event's id and a digest of the whole event, so
    /// that the same event is in the list once.
    pub id: String,
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
    /// The event as it came in, as JSON text; or the line, if it was no JSON.
    pub document: String,
}

/// Parks an event, and gives its id in the list.
pub(super) async fn park(
    store: &Store,
    incoming: &Incoming,
    refusal: &Refusal,
) -> Result<String, RunError> {
    let id = id(incoming);
    loop {
        if let Some((mut letter, revision)) = find(store, &id).await? {
            letter.attempts += 1;
            letter.code.clone_from(&refusal.code);
            letter.message.clone_from(&refusal.message);
            if store.replace_document(PARTITION, &id, revision, &letter).await?.is_some() {
                return Ok(id);
            }
            continue;
        }
        let letter = DeadLetter {
            id: id.clone(),
            event_id: incoming.id.clone(),
            account: incoming.account.clone(),
            code: refusal.code.clone(),
            message: refusal.message.clone(),
            attempts: 1,
            parked_at: crate::run::now(),
            document: text(&incoming.document),
        };
        match store.create_document(PARTITION, &id, &letter).await {
            Ok(_) => return Ok(id),
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A line that is no JSON is kept as it is.
fn text(document: &Value) -> String {
    match document {
        Value::String(line) => line.clone(),
        document => document.to_string(),
    }
}

fn id(incoming: &Incoming) -> String {
    let mut document = incoming.document.clone();
    document.sort_all_objects();
    let hash = Sha256::digest(document.to_string().as_bytes());
    let digest: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    // Only what can stand in a key; the digest tells the rest apart.
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:@+".contains(*c);
    let own = incoming.id.as_deref().unwrap_or("line");
    let own: String = own.chars().filter(is_plain).take(64).collect();
    format!("{own}.{digest}")
}

async fn find(store: &Store, id: &str) -> Result<Option<(DeadLetter, Revision)>, RunError> {
    Ok(store.document(PARTITION, id).await?)
}

/// The list, by id.
///
/// # Errors
/// The store cannot be read.
pub async fn list(store: &Store) -> Result<Vec<DeadLetter>, RunError> {
    Ok(store.documents(PARTITION, "", Order::Ascending, None).await?)
}

/// The letters that are meant: one by its id, those of an event by its, or all.
async fn named(store: &Store, wanted: Option<&str>) -> Result<Vec<DeadLetter>, RunError> {
    let mut letters = list(store).await?;
    if let Some(wanted) = wanted {
        letters.retain(|it| it.id == wanted || it.event_id.as_deref() == Some(wanted));
        if letters.is_empty() {
            return Err(RunError::UnknownDeadLetter { id: wanted.to_owned() });
        }
    }
    // In the order in which they were parked, as far as that is known.
    letters.sort_by(|a, b| (&a.parked_at, &a.id).cmp(&(&b.parked_at, &b.id)));
    Ok(letters)
}

/// Applies events of the list again: those of an id, or all. Those that are
/// applied now, or were before, leave the list. With a date they are dated anew.
///
/// # Errors
/// There is no such event in the list, or the store fails.
pub async fn redrive(
    applier: &Applier,
    wanted: Option<&str>,
    on: Option<Date>,
) -> Result<Vec<Answer>, RunError> {
    let mut answers = Vec::new();
    for letter in named(applier.store(), wanted).await? {
        let document = match serde_json::from_str(&letter.document) {
            Ok(document) => dated(document, on),
            Err(_) => Value::String(letter.document.clone()),
        };
        let is_line = document.is_string();
        let incoming = match document {
            Value::String(line) => super::cloud_event::read(&line, applier.zone()),
            document => understand(document, applier.zone()),
        };
        let again = id(&incoming);
        for answer in applier.apply(vec![incoming]).await? {
            let is_settled = !matches!(answer.outcome, Outcome::Parked { .. });
            // Dated anew it is another document, parked under an id of its own.
            if is_settled || (!is_line && again != letter.id) {
                remove(applier.store(), &letter.id).await?;
            }
            answers.push(answer);
        }
    }
    Ok(answers)
}

fn dated(mut document: Value, on: Option<Date>) -> Value {
    if let (Some(on), Some(event)) = (on, document.as_object_mut()) {
        let data = event.entry("data").or_insert_with(|| Value::Object(serde_json::Map::new()));
        if let Some(data) = data.as_object_mut() {
            data.insert("on".to_owned(), Value::String(on.to_string()));
        }
    }
    document
}

/// Takes an event out of the list for good.
///
/// # Errors
/// There is no such event in the list, or the store fails.
pub async fn discard(store: &Store, wanted: &str) -> Result<Vec<DeadLetter>, RunError> {
    let letters = named(store, Some(wanted)).await?;
    for letter in &letters {
        remove(store, &letter.id).await?;
    }
    Ok(letters)
}

async fn remove(store: &Store, id: &str) -> Result<(), RunError> {
    while let Some((_, revision)) = find(store, id).await? {
        if store.delete_document(PARTITION, id, revision).await? {
            break;
        }
    }
    Ok(())
}
