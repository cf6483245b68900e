//! The instances of one function, as Lambda keeps them: warm ones are used again,
//! and there are never more than a bound.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tokio::sync::Semaphore;

use crate::function::Function;
use crate::instance::{Handle, Instance};
use crate::invocation::{Invocation, Request};

/// Instances of a function, started when they are needed.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    function: Function,
    permits: Semaphore,
    idle: Mutex<Vec<Instance>>,
    started: Mutex<Vec<Handle>>,
}

impl Pool {
    /// A pool of at most `bound` instances. An invocation beyond it waits: a throttle
    /// would be the orchestrator's to retry, and a test would wait just as long.
    pub fn new(function: Function, bound: usize) -> Self {
        let shared = Shared {
            function,
            permits: Semaphore::new(bound.max(1)),
            idle: Mutex::default(),
            started: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Hands the request to an idle instance, or to a new one.
    ///
    /// # Errors
    /// As [`Instance::invoke`], and if no instance can be started.
    pub async fn invoke(&self, request: impl Into<Request>) -> Result<Invocation> {
        let shared = &self.shared;
        let _permit = shared.permits.acquire().await.context("the pool is closed")?;
        let mut instance = match shared.warm() {
            Some(instance) => instance,
            None => {
                let instance = shared.function.spawn().await?;
                let mut started = shared.started.lock().unwrap_or_else(PoisonError::into_inner);
                started.retain(Handle::is_alive);
                started.push(instance.handle());
                instance
            }
        };
        let invocation = instance.invoke(request).await?;
        if instance.is_alive() {
            shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
        }
        Ok(invocation)
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        self.shared.function.called()
    }

    /// The instances that are alive.
    pub fn instances(&self) -> Vec<Handle> {
        let started = self.shared.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.iter().filter(|handle| handle.is_alive()).cloned().collect()
    }
}

impl Shared {
    /// The instance that was idle for the shortest time; the dead are forgotten.
    fn warm(&self) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(Instance::is_alive);
        idle.pop()
    }
}
