//! From a process to a function: logs, connections, and one payload after the other.

use crate::deadline::Deadline;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::site::Site;
use async_trait::async_trait;
use futures::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;
use tracing::Instrument;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is told with a payload.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// When to stop.
    pub deadline: Deadline,
    /// The trace that the invocation belongs to.
    pub trace: Option<String>,
}

/// What a function does with a payload. Its futures are boxed, so that the binaries share
/// one copy of the runs, compiled once.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Loads what most invocations need, while the instance starts. What fails here is
    /// tried again, and told, at the first invocation.
    async fn prepare(&self);

    /// Answers a payload.
    async fn handle(&self, payload: Value, invocation: Invocation) -> Result<Value, Failure>;
}

/// Makes the handler of a function for the site.
pub type Function = fn(Site) -> Arc<dyn Handler>;

/// Runs a function until the service ends it.
pub fn serve(function: Function) -> ExitCode {
    log_to_stdout();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(run(function)),
        Err(error) => Err(error.to_string()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tracing::error!(error = message, "the function cannot start");
            ExitCode::FAILURE
        }
    }
}

async fn run(function: Function) -> Result<(), String> {
    let environment = Environment::read(|name| std::env::var(name).ok());
    let environment = environment.map_err(|error| error.to_string())?;
    let stop_before = environment.stop_before_deadline;
    let site = Site::connect(environment).await.map_err(|failure| failure.message)?;
    let handler = function(site);
    handler.prepare().await;
    let answer = |event: LambdaEvent<Value>| {
        let handler = Arc::clone(&handler);
        let LambdaEvent { payload, context } = event;
        let invocation = Invocation {
            deadline: Deadline::of(&context, stop_before),
            trace: context.xray_trace_id.clone(),
        };
        let span = tracing::info_span!(
            "invocation",
            request_id = context.request_id,
            trace = context.xray_trace_id
        );
        async move {
            let handled = AssertUnwindSafe(handler.handle(payload, invocation)).catch_unwind();
            // What an instance keeps is behind locks or cannot be left half written.
            let answer =
                handled.await.unwrap_or_else(|panic| Err(Failure::panicked(said(&*panic))));
            if let Err(failure) = &answer {
                let Failure { error_type, message } = failure;
                tracing::error!(error_type, "{message}");
            }
            answer
        }
        .instrument(span)
    };
    lambda_runtime::run(service_fn(answer)).await.map_err(|error| error.to_string())
}

/// The words of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it panicked")
}

/// One JSON object a line, with the fields of its spans: run key, chunk, trace. What is
/// told is as `RUST_LOG` says, by targets and levels: filters by fields would compile
/// regular expressions at each start.
fn log_to_stdout() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false);
    let told = std::env::var("RUST_LOG").ok().and_then(|told| told.parse::<Targets>().ok());
    let told = told.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    tracing_subscriber::registry().with(lines).with(told).init();
}
