//! A client that misbehaves on a seed: what a service at a bad hour does to the
//! requests of a program, again and again, and the same for the same seed.

use super::partial::Partial;
use super::{JSON, Service, answer};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

/// How late a request arrives whose sender has given it up: after the next attempt.
const LATE: Duration = Duration::from_millis(15);

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused for going too fast.
    Throttled,
    /// A write is refused since a transaction has the item; a transaction is
    /// cancelled for that reason.
    TransactionConflict,
    /// The server fails, before it has carried out the request or after it.
    ServerError,
    /// No answer in time; the request is never carried out, or after the next one.
    TimedOut,
    /// It is carried out, and the connection breaks before the answer.
    LostAnswer,
    /// It is carried out twice.
    Duplicated,
    /// A file's write under a condition meets another one of the same file.
    PutConflict,
    /// Of a batch only a part is done.
    Partial,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Throttled,
        Self::TransactionConflict,
        Self::ServerError,
        Self::TimedOut,
        Self::LostAnswer,
        Self::Duplicated,
        Self::PutConflict,
        Self::Partial,
    ];

    /// Whether it can happen to the request.
    fn concerns(self, request: &Asked) -> bool {
        let is_write = matches!(request.operation(), "DeleteItem" | "PutItem" | "UpdateItem");
        match self {
            Self::TransactionConflict => is_write || request.operation() == "TransactWriteItems",
            Self::PutConflict => {
                request.service == Service::S3
                    && request.http.headers().contains_key("if-none-match")
            }
            Self::Partial => matches!(request.operation(), "BatchGetItem" | "BatchWriteItem"),
            _ => true,
        }
    }
}

/// How often each fault is done, of a thousand requests that it can happen to.
#[derive(Debug, Clone, Copy)]
pub struct Odds {
    /// [`Fault::Throttled`].
    pub throttled: u32,
    /// [`Fault::TransactionConflict`].
    pub transaction_conflict: u32,
    /// [`Fault::ServerError`].
    pub server_error: u32,
    /// [`Fault::TimedOut`].
    pub timed_out: u32,
    /// [`Fault::LostAnswer`].
    pub lost_answer: u32,
    /// [`Fault::Duplicated`].
    pub duplicated: u32,
    /// [`Fault::PutConflict`].
    pub put_conflict: u32,
    /// [`Fault::Partial`].
    pub partial: u32,
}

impl Odds {
    /// Nothing is done.
    pub const NONE: Self = Self {
        throttled: 0,
        transaction_conflict: 0,
        server_error: 0,
        timed_out: 0,
        lost_answer: 0,
        duplicated: 0,
        put_conflict: 0,
        partial: 0,
    };

    /// A bad hour: one request in ten meets something, and most work gets through
    /// with its retries.
    pub const BAD_HOUR: Self = Self {
        throttled: 20,
        transaction_conflict: 40,
        server_error: 15,
        timed_out: 15,
        lost_answer: 25,
        duplicated: 25,
        put_conflict: 50,
        partial: 100,
    };

    fn of(&self, fault: Fault) -> u32 {
        match fault {
            Fault::Throttled => self.throttled,
            Fault::TransactionConflict => self.transaction_conflict,
            Fault::ServerError => self.server_error,
            Fault::TimedOut => self.timed_out,
            Fault::LostAnswer => self.lost_answer,
            Fault::Duplicated => self.duplicated,
            Fault::PutConflict => self.put_conflict,
            Fault::Partial => self.partial,
        }
    }
}

/// Does faults to requests, to the table and to the files together. What happens
/// to a request depends on the seed and on how many came before it. Clones count
/// together.
#[derive(Debug, Clone)]
pub struct Misbehaving {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    seed: u64,
    odds: Odds,
    requests: AtomicU64,
    done: [AtomicU64; Fault::ALL.len()],
    behaves: AtomicBool,
    /// Requests that will be carried out late.
    late: AtomicU64,
}

impl Misbehaving {
    /// Misbehaves on the seed as in [`Odds::BAD_HOUR`].
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Odds::BAD_HOUR)
    }

    /// Misbehaves on the seed with these odds.
    #[must_use]
    pub fn with(seed: u64, odds: Odds) -> Self {
        let inner = Inner {
            seed,
            odds,
            requests: AtomicU64::default(),
            done: Default::default(),
            behaves: AtomicBool::default(),
            late: AtomicU64::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How many requests there were.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.inner.requests.load(SeqCst)
    }

    /// How often the fault was done.
    #[must_use]
    pub fn count(&self, fault: Fault) -> u64 {
        self.inner.done[fault as usize].load(SeqCst)
    }

    /// Behaves from now on, and waits for what is still to arrive late.
    pub async fn behave(&self) {
        self.inner.behaves.store(true, SeqCst);
        while self.inner.late.load(SeqCst) > 0 {
            tokio::time::sleep(LATE / 4).await;
        }
    }

    /// Misbehaves again.
    pub fn misbehave(&self) {
        self.inner.behaves.store(false, SeqCst);
    }

    pub(crate) fn wrap(&self, service: Service, inner: SharedHttpConnector) -> SharedHttpConnector {
        SharedHttpConnector::new(Misbehaved { inner, service, misbehaving: self.clone() })
    }

    /// What is done to the next request, if anything, and what it is drawn from.
    fn draw(&self, request: &Asked) -> (Option<Fault>, Draw) {
        let number = self.inner.requests.fetch_add(1, SeqCst);
        let mut draw = Draw(self.inner.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let drawn = Fault::ALL.into_iter().find(|fault| {
            // Each has a draw of its own, so that the others' odds do not matter.
            draw.below(1_000) < u64::from(self.inner.odds.of(*fault)) && fault.concerns(request)
        });
        (drawn.filter(|_| !self.inner.behaves.load(SeqCst)), draw)
    }

    fn has_done(&self, fault: Fault) {
        self.inner.done[fault as usize].fetch_add(1, SeqCst);
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }
}

/// A request, and whose it is.
struct Asked {
    service: Service,
    http: HttpRequest,
}

impl Asked {
    /// The operation on the table; empty for a file's.
    fn operation(&self) -> &str {
        let target = self.http.headers().get("x-amz-target").unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default()
    }

    fn refused(&self, fault: Fault, draw: &mut Draw) -> HttpResponse {
        match (fault, self.service) {
            (Fault::Throttled, Service::S3) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.service.error(status, "SlowDown", "Please reduce your request rate.")
            }
            (Fault::Throttled, Service::DynamoDb) => {
                let code = ["ProvisionedThroughputExceededException", "ThrottlingException"];
                let code = code[usize::from(draw.coin())];
                self.service.error(StatusCode::BAD_REQUEST, code, "Rate exceeded")
            }
            (Fault::TransactionConflict, _) if self.operation() == "TransactWriteItems" => {
                cancelled(&self.http, draw)
            }
            (Fault::TransactionConflict, _) => {
                let message = "Transaction is ongoing for the item";
                self.service.error(StatusCode::BAD_REQUEST, "TransactionConflictException", message)
            }
            (Fault::PutConflict, _) => {
                let message = "A conflicting conditional operation is in progress.";
                self.service.error(StatusCode::CONFLICT, "ConditionalRequestConflict", message)
            }
            _ => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let code = match self.service {
                    Service::DynamoDb => "InternalServerError",
                    Service::S3 => "InternalError",
                };
                self.service.error(status, code, "We encountered an internal error.")
            }
        }
    }
}

/// A transaction that is cancelled since another one has some of its items.
fn cancelled(request: &HttpRequest, draw: &mut Draw) -> HttpResponse {
    let body = request.body().bytes().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = body["TransactItems"].as_array().map_or(0, Vec::len).max(1);
    let first = draw.below(items as u64) as usize;
    let reasons: Vec<Value> = (0..items)
        .map(|item| match item == first || draw.below(4) == 0 {
            true => json!({"Code": "TransactionConflict",
                "Message": "Transaction is ongoing for the item"}),
            false => json!({"Code": "None"}),
        })
        .collect();
    let codes: Vec<&str> = reasons.iter().filter_map(|it| it["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message,
        "CancellationReasons": reasons,
    });
    answer(StatusCode::BAD_REQUEST, JSON, body.to_string().into())
}

#[derive(Debug)]
struct Misbehaved {
    inner: SharedHttpConnector,
    service: Service,
    misbehaving: Misbehaving,
}

impl HttpConnector for Misbehaved {
    fn call(&self, http: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked { service: self.service, http };
        let (fault, draw) = self.misbehaving.draw(&asked);
        let Some(fault) = fault else {
            return self.inner.call(asked.http);
        };
        let (inner, misbehaving) = (self.inner.clone(), self.misbehaving.clone());
        HttpConnectorFuture::new(async move { misbehaving.does(fault, draw, asked, inner).await })
    }
}

impl Misbehaving {
    async fn does(
        self,
        fault: Fault,
        mut draw: Draw,
        asked: Asked,
        inner: SharedHttpConnector,
    ) -> Result<HttpResponse, ConnectorError> {
        let again = asked.http.try_clone();
        match fault {
            Fault::Partial => {
                let Some(partial) = Partial::of(&asked.http) else {
                    return inner.call(asked.http).await;
                };
                self.has_done(fault);
                partial.done(inner).await
            }
            Fault::Duplicated => {
                // What streams by cannot be sent twice.
                let Some(again) = again else {
                    return inner.call(asked.http).await;
                };
                self.has_done(fault);
                let first = inner.call(asked.http).await;
                inner.call(again).await?;
                first
            }
            Fault::LostAnswer => {
                self.has_done(fault);
                inner.call(asked.http).await?;
                Err(ConnectorError::io("connection reset by peer: the answer is lost".into()))
            }
            Fault::TimedOut => {
                self.has_done(fault);
                if draw.coin() {
                    self.arrives_late(asked.http, inner);
                }
                Err(ConnectorError::timeout("no answer in time".into()))
            }
            _ => {
                self.has_done(fault);
                let refused = asked.refused(fault, &mut draw);
                if fault == Fault::ServerError && draw.coin() {
                    inner.call(asked.http).await?;
                }
                Ok(refused)
            }
        }
    }

    fn arrives_late(&self, request: HttpRequest, inner: SharedHttpConnector) {
        let misbehaving = self.clone();
        misbehaving.inner.late.fetch_add(1, SeqCst);
        tokio::spawn(async move {
            tokio::time::sleep(LATE).await;
            // Nobody is there for the answer.
            drop(inner.call(request).await);
            misbehaving.inner.late.fetch_sub(1, SeqCst);
        });
    }
}
