//! The workers of a run on one machine, and who feeds them.

use super::Observer;
use crate::chunk::{self, Chunk, RunContext};
use crate::error::RunError;
use crate::record::ChunkSummary;
use crate::{message, plan};
use arrears_storage::DUE_SHARDS;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// Plan lines read ahead of the workers, so that memory stays flat.
const CHUNKS_AHEAD: usize = 4;

/// Works on every chunk of the plan that is not done, by so many workers.
pub(super) async fn work_all(
    context: &RunContext,
    threads: u32,
    plan_attempt: u32,
    done: HashSet<u32>,
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
    tasks.spawn(feed(context.clone(), plan_attempt, done, to_workers));
    while let Some(summary) = summaries.recv().await {
        for line in message::chunk(&summary) {
            tracing::info!(run_key = %context.run_key, chunk = summary.chunk, "{line}");
        }
        observer.chunk(&summary);
    }
    // Every worker has stopped by now: take the first error, if there is one.
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok(result) => result?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
    Ok(())
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

async fn feed(
    context: RunContext,
    plan_attempt: u32,
    done: HashSet<u32>,
    to_workers: mpsc::Sender<Chunk>,
) -> Result<(), RunError> {
    for shard in 0..DUE_SHARDS {
        for chunk in plan::read(&context.store, &context.run_key, plan_attempt, shard).await? {
            if !done.contains(&chunk.number) && to_workers.send(chunk).await.is_err() {
                // Every worker has stopped: one of them says why.
                return Ok(());
            }
        }
    }
    Ok(())
}
