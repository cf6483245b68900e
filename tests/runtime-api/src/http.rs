//! What both servers have in common: connections, bodies and answers in JSON.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What Lambda takes as the payload of a synchronous call, and as its answer.
pub const PAYLOAD_LIMIT_BYTES: usize = 6 * 1024 * 1024;

/// An answer with its whole body.
pub type Answer = Response<Full<Bytes>>;

/// Binds a port of the loopback interface; 0 chooses a free one.
pub async fn listen(port: u16) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} of 127.0.0.1 cannot be listened on"))?;
    let address = listener.local_addr().context("the listener has no address")?;
    Ok((listener, address))
}

/// Answers requests until the future is dropped, and its connections with it.
pub async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(hyper::Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        // A connection that could not be made is its caller's concern.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // A function sends small writes and waits for each.
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            // It ends when the function is killed; there is nobody to tell.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Why a body could not be read.
pub enum Unread {
    /// It is larger than a payload may be.
    TooLarge,
    /// Its sender went away.
    Broken,
}

/// Reads a body of at most a payload's size.
pub async fn body(incoming: Incoming) -> Result<Bytes, Unread> {
    match Limited::new(incoming, PAYLOAD_LIMIT_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Broken),
    }
}

/// An answer in JSON.
pub fn json(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    answer
}

/// A header of a request, if it is text.
pub fn header<'a>(headers: &'a hyper::HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
