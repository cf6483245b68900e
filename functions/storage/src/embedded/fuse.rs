//! A fuse: lets a test end the world at any request.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lets so many requests through, to the table and to the files together, and
/// then none any more, as if the process had been killed.
///
/// The last request may be carried out with its answer lost: the hardest case,
/// since the caller cannot know that it was.
#[derive(Debug, Clone)]
pub struct Fuse {
    requests: Arc<AtomicU64>,
    requests_max: u64,
    loses_last_answer: bool,
    repeats: bool,
}

impl Fuse {
    /// A fuse that blows after `requests_max` requests. If `loses_last_answer`,
    /// one more is carried out, but nobody learns of it.
    #[must_use]
    pub fn new(requests_max: u64, loses_last_answer: bool) -> Self {
        Self { requests: Arc::default(), requests_max, loses_last_answer, repeats: false }
    }

    /// A fuse that never blows, and carries out each request twice: as if every
    /// first answer had been lost, and the SDK had tried again.
    #[must_use]
    pub fn repeating() -> Self {
        Self { repeats: true, ..Self::new(u64::MAX, false) }
    }

    /// How many requests have been asked for.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn wrap(&self, inner: SharedHttpConnector) -> SharedHttpConnector {
        SharedHttpConnector::new(Fused { inner, fuse: self.clone() })
    }
}

#[derive(Debug)]
struct Fused {
    inner: SharedHttpConnector,
    fuse: Fuse,
}

impl HttpConnector for Fused {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(again) = self.fuse.repeats.then(|| request.try_clone()).flatten() {
            let (first, inner) = (self.inner.call(request), self.inner.clone());
            return HttpConnectorFuture::new(async move {
                first.await?;
                inner.call(again).await
            });
        }
        let number = self.fuse.requests.fetch_add(1, Ordering::SeqCst);
        if number < self.fuse.requests_max {
            return self.inner.call(request);
        }
        if number > self.fuse.requests_max || !self.fuse.loses_last_answer {
            return HttpConnectorFuture::ready(Err(blown()));
        }
        let carried_out = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            carried_out.await?;
            Err(blown())
        })
    }
}

fn blown() -> ConnectorError {
    ConnectorError::other("the fuse has blown".into(), None)
}
