//! The workers of a run, and who feeds them.

use super::Observer;
use crate::chunk::{self, Chunk, RunContext};
use crate::error::RunError;
use crate::message;
use crate::record::ChunkSummary;
use crate::step::StepError;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinError, JoinSet};

/// Plan lines read ahead of the workers, so that memory stays flat.
const CHUNKS_AHEAD: usize = 4;

/// Where workers get their chunks from.
pub(crate) type ToWorkers = mpsc::Sender<Chunk>;

/// Works on every chunk that `feed` hands over, by so many workers. `feed` ends when
/// there are no more chunks, or nobody takes one any more.
pub(crate) async fn work_all(
    context: &RunContext,
    threads: u32,
    feed: impl AsyncFnOnce(ToWorkers) -> Result<(), RunError>,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let (to_workers, chunks) = mpsc::channel::<Chunk>(CHUNKS_AHEAD);
    let chunks = Arc::new(Mutex::new(chunks));
    let (to_observer, mut summaries) = mpsc::channel::<ChunkSummary>(CHUNKS_AHEAD);
    let mut tasks = JoinSet::new();
    for _ in 0..threads {
        tasks.spawn(worker(context.clone(), Arc::clone(&chunks), to_observer.clone()));
    }
    drop((to_observer, chunks));
    let watch = async {
        while let Some(summary) = summaries.recv().await {
            for line in message::chunk(&summary) {
                tracing::info!(run_key = %context.run_key, chunk = summary.chunk, "{line}");
            }
            observer.chunk(&summary);
        }
    };
    let (fed, ()) = futures::join!(feed(to_workers), watch);
    // Every worker has stopped by now: take the first error, if there is one.
    while let Some(joined) = tasks.join_next().await {
        joined.map_err(panicked)??;
    }
    fed
}

/// What a task said when it panicked.
fn panicked(error: JoinError) -> RunError {
    let payload = error.try_into_panic();
    let message = payload.map_or_else(|error| error.to_string(), |it| chunk::words(&*it));
    RunError::Step(StepError::Panicked { message })
}

async fn worker(
    context: RunContext,
    chunks: Arc<Mutex<mpsc::Receiver<Chunk>>>,
    to_observer: mpsc::Sender<ChunkSummary>,
) -> Result<(), RunError> {
    loop {
        let Some(chunk) = chunks.lock().await.recv().await else { return Ok(()) };
        match chunk::work(&context, &chunk).await {
            // The observer listens until every worker has stopped.
            Ok(Some(summary)) => drop(to_observer.send(summary).await),
            Ok(None) => {}
            Err(error) => {
                // Nobody takes up another chunk.
                chunks.lock().await.close();
                return Err(error);
            }
        }
    }
}
