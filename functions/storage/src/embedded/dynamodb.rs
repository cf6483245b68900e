//! The DynamoDB engine (dynoxide, on SQLite) behind the SDK's HTTP connector.
//!
//! The engine has one connection under one mutex, and a call blocks on the
//! disk. There are two engines on the file, one for writes and one for reads:
//! SQLite's WAL lets them go on side by side, and a read that starts after a
//! write was answered sees it. Calls run on the runtime's blocking threads;
//! requests are decoded and answers encoded on its workers meanwhile.
//!
//! Why there: measured with `benches/store.rs` on two cores that other work
//! kept busy (load 6 to 7), transactions of two items a second in two sets of
//! five interleaved rounds, lowest to highest: 1,751 to 2,059 and 1,672 to
//! 2,149 on blocking threads; 1,259 to 1,701 and 1,304 to 1,888 on one thread
//! of the engine's own for each connection; 849 to 987 inline on the workers
//! (first set only). A thread of its own takes 8 % less processor time (about
//! 520 against 567 us), so on an idle machine the first two may be closer.

use super::EngineError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::actions::batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse};
use dynoxide::actions::transact_write_items::{
    TransactPut, TransactWriteItem, TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often a call is tried while another process holds the database. The
/// engine itself waits up to 5 s for each try, so this is for about 15 s: far
/// longer than any transaction of ours, short enough for a person to wait.
const BUSY_ATTEMPTS_MAX: u32 = 3;

/// The pause between two tries.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// The most bytes of a transaction (DynamoDB's limit).
const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The engine on one folder.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    directory: PathBuf,
    reads: Database,
    writes: Database,
    /// Whether a transaction that is sent twice under one token happens once.
    keeps_tokens: bool,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens, and creates if need be, the database in the folder.
    pub(crate) fn open(directory: &Path) -> Result<Self, EngineError> {
        Self::with(directory, false)
    }

    /// The same for clients at a distance, who may send a transaction again: it
    /// keeps their tokens, as DynamoDB does.
    pub(crate) fn open_for_others(directory: &Path) -> Result<Self, EngineError> {
        Self::with(directory, true)
    }

    fn with(directory: &Path, keeps_tokens: bool) -> Result<Self, EngineError> {
        let failed = |reason: &dyn std::fmt::Display| EngineError::new(directory, reason);
        let path = directory.join("table.sqlite");
        let Some(path) = path.to_str() else {
            return Err(failed(&"its path is not UTF-8"));
        };
        // Two connections that create the schema at once would wait for each
        // other; one after the other they need not.
        let [writer, reader] = [Database::new(path), Database::new(path)];
        let (writer, reader) = (writer.map_err(|e| failed(&e))?, reader.map_err(|e| failed(&e))?);
        for database in [&writer, &reader] {
            // The engine's name for "synchronous = NORMAL": in WAL mode a
            // commit then survives the end of the process at any point, and
            // the database stays sound when power fails, though the last
            // commits before that may be lost. Syncing each one would cost
            // a disk flush for every transaction.
            database.disable_bulk_loading().map_err(|e| failed(&e))?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                directory: directory.to_owned(),
                reads: reader,
                writes: writer,
                keeps_tokens,
            }),
        })
    }

    /// What takes its requests.
    pub(crate) fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let inner = Arc::clone(&self.inner);
        HttpConnectorFuture::new(async move {
            inner.answer(&request).await.map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

impl Inner {
    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, EngineError> {
        let failed = |reason: &dyn std::fmt::Display| EngineError::new(&self.directory, reason);
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let Some(body) = request.body().bytes() else {
            return Err(failed(&"a request body was streamed"));
        };
        let mut attempt = 1;
        let (status, body) = loop {
            match self.dispatch(operation, body).await {
                Ok(body) => break (200, body),
                Err(error) if is_busy(&error) && attempt < BUSY_ATTEMPTS_MAX => {
                    attempt += 1;
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                Err(error) if is_busy(&error) => {
                    return Err(failed(
                        &"another process keeps it locked; try again when it is done",
                    ));
                }
                // Not an answer of DynamoDB but the disk's.
                Err(error) if error.status_code() >= 500 => return Err(failed(&error)),
                Err(error) => break (error.status_code(), error.to_json()),
            }
        };
        let status = status.try_into().map_err(|e| failed(&e))?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        Ok(response)
    }

    /// The operations that this crate uses, and no others.
    async fn dispatch(&self, operation: &str, body: &[u8]) -> dynoxide::Result<String> {
        match operation {
            "BatchGetItem" => run(&self.reads, body, Database::batch_get_item).await,
            "BatchWriteItem" => run(&self.writes, body, batch_write_item).await,
            "CreateTable" => run(&self.writes, body, Database::create_table).await,
            "DeleteItem" => run(&self.writes, body, Database::delete_item).await,
            "DescribeTable" => run(&self.reads, body, Database::describe_table).await,
            "GetItem" => run(&self.reads, body, Database::get_item).await,
            "PutItem" => run(&self.writes, body, Database::put_item).await,
            "Query" => run(&self.reads, body, Database::query).await,
            "Scan" => run(&self.reads, body, Database::scan).await,
            "TransactWriteItems" if self.keeps_tokens => {
                run(&self.writes, body, Database::transact_write_items).await
            }
            "TransactWriteItems" => run(&self.writes, body, transact_write_items).await,
            "UpdateItem" => run(&self.writes, body, Database::update_item).await,
            other => Err(DynoxideError::UnsupportedCapability(other.to_owned())),
        }
    }
}

/// The SDK sends a token with each request, and the engine searches all tokens
/// of the last ten minutes for each. In process a request is sent once, so that
/// the token would protect nothing: it is dropped. (Where faults are made, a request
/// is sent again without its protection: nothing of ours may depend on a token.)
fn transact_write_items(
    database: &Database,
    mut request: TransactWriteItemsRequest,
) -> dynoxide::Result<TransactWriteItemsResponse> {
    request.client_request_token = None;
    database.transact_write_items(request)
}

/// The engine writes each item of a batch in a transaction of its own, which
/// takes more processor time than writing all in one (71 us an item in one
/// import of 30,000, against 56 and 58 in two). So a batch of puts becomes one transaction; what it consumed is halved, since a batch is not doubled.
fn batch_write_item(
    database: &Database,
    request: BatchWriteItemRequest,
) -> dynoxide::Result<BatchWriteItemResponse> {
    let mut items = Vec::new();
    let mut bytes = 0;
    for (table, writes) in &request.request_items {
        for write in writes {
            // A copy, so that what is no plain batch of puts can go the other way.
            let Some(put) = &write.put_request else {
                return database.batch_write_item(request);
            };
            bytes += dynoxide::types::item_size(&put.item);
            if bytes > TRANSACTION_BYTES_MAX {
                return database.batch_write_item(request);
            }
            let put = TransactPut {
                table_name: table.clone(),
                item: put.item.clone(),
                ..TransactPut::default()
            };
            items.push(TransactWriteItem { put: Some(put), ..TransactWriteItem::default() });
        }
    }
    let answer = database.transact_write_items(TransactWriteItemsRequest {
        transact_items: items,
        return_consumed_capacity: Some("INDEXES".to_owned()),
        ..TransactWriteItemsRequest::default()
    })?;
    let mut consumed = answer.consumed_capacity;
    for capacity in consumed.iter_mut().flatten() {
        // The index is not doubled.
        let table = capacity.table.as_ref().map_or(0.0, |table| table.capacity_units);
        capacity.capacity_units -= table / 2.0;
    }
    Ok(BatchWriteItemResponse { consumed_capacity: consumed, ..BatchWriteItemResponse::default() })
}

/// Decodes and encodes on the caller's worker, and calls where blocking is
/// allowed.
async fn run<Request, Response>(
    database: &Database,
    body: &[u8],
    call: fn(&Database, Request) -> dynoxide::Result<Response>,
) -> dynoxide::Result<String>
where
    Request: DeserializeOwned + Send + 'static,
    Response: Serialize + Send + 'static,
{
    let internal = |error: &dyn fmt::Display| DynoxideError::InternalServerError(error.to_string());
    let request: Request = serde_json::from_slice(body)
        .map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    let database = database.clone();
    let answer = tokio::task::spawn_blocking(move || call(&database, request)).await;
    let response = answer.map_err(|error| internal(&error))??;
    serde_json::to_string(&response).map_err(|error| internal(&error))
}

/// Whether another process holds the database. The engine says so by text only.
fn is_busy(error: &DynoxideError) -> bool {
    error.status_code() >= 500 && error.to_string().contains("locked")
}
