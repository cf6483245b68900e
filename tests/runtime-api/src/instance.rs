//! One running process of a function.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::Child;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time;

use crate::api::{Event, RuntimeApi};
use crate::function::Function;
use crate::http::PAYLOAD_LIMIT_BYTES;
use crate::identity;
use crate::invocation::{FunctionError, Invocation, Request};
use crate::logs::Log;

/// How long Lambda lets a function initialise, outside an invocation's time.
const INITIALISATION: Duration = Duration::from_secs(10);

/// Numbers the instances of this process, to name their logs.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// A process of a function that takes one invocation after the other.
/// Dropping it kills the process.
pub struct Instance {
    function: Function,
    api: RuntimeApi,
    spawned: Instant,
    stdout: Log,
    stderr: Log,
    handle: Handle,
    watcher: JoinHandle<()>,
    was_asked: bool,
}

/// Looks at an instance, or kills it, while somebody else waits for its answer.
#[derive(Debug, Clone)]
pub struct Handle {
    pid: u32,
    kill: Arc<Notify>,
    busy: Arc<AtomicBool>,
    /// How the process ended, in Lambda's words.
    ended: watch::Receiver<Option<String>>,
}

impl Handle {
    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it is at work on an invocation.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Whether the process has not ended.
    pub fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Ends the process at once (SIGKILL), whatever it is doing.
    pub fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits for the end of the process, and says how it ended.
    async fn ended(&self) -> String {
        let mut ended = self.ended.clone();
        let how = ended.wait_for(Option::is_some).await;
        how.ok().and_then(|how| how.clone()).unwrap_or_else(|| "the watcher is gone".to_owned())
    }
}

impl Instance {
    pub(crate) async fn start(function: &Function) -> Result<Self> {
        let api = RuntimeApi::start().await?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = |stream: &str| {
            let name = format!("{}-{}-{number}.{stream}", function.called(), std::process::id());
            Log::create(function.logs_folder(), &name)
        };
        let (stdout, stderr) = (log("stdout")?, log("stderr")?);
        let mut command = function.command(api.address(), &stdout, &stderr)?;
        let spawned = Instant::now();
        let child = command.spawn().with_context(|| {
            format!("{} cannot be started", command.as_std().get_program().display())
        })?;
        let pid = child.id().context("the process has no id")?;
        let kill = Arc::new(Notify::new());
        let (end, ended) = watch::channel(None);
        let watcher = tokio::spawn(watch_over(child, Arc::clone(&kill), end));
        let handle = Handle { pid, kill, busy: Arc::default(), ended };
        let function = function.clone();
        Ok(Self { function, api, spawned, stdout, stderr, handle, watcher, was_asked: false })
    }

    /// Hands an event to the function and waits for what comes of it: an answer, an
    /// error, its death, or the end of its time.
    ///
    /// If this future is dropped before that, the process is killed: nobody would
    /// take its answer.
    ///
    /// # Errors
    /// If nothing can be asked of this instance: a fault of the test. What the
    /// function does wrong is in [`Invocation::outcome`].
    pub async fn invoke(&mut self, request: impl Into<Request>) -> Result<Invocation> {
        let request = request.into();
        let size = request.payload.to_string().len();
        if size > PAYLOAD_LIMIT_BYTES {
            bail!("a payload of {size} bytes: Lambda takes at most {PAYLOAD_LIMIT_BYTES}");
        }
        // One that dies of its own before its first event is a function that cannot
        // start, which is an outcome; a dead one that is asked again is a mistake.
        if self.was_asked && !self.is_alive() {
            bail!("this instance of {} has ended: spawn another", self.function.called());
        }
        self.was_asked = true;
        let work = Working::start(&self.handle);
        let request_id = identity::request_id();
        let initialised = self.initialised(&request_id).await;
        let limit = self.function.limit();
        let start = Instant::now();
        let deadline_ms = identity::epoch_ms(SystemTime::now() + limit);
        let outcome = match initialised {
            Ok(()) => self.ask(request, &request_id, deadline_ms).await,
            Err(error) => {
                self.kill().await;
                Err(error)
            }
        };
        work.done();
        let (duration, since_spawn) = (start.elapsed(), self.spawned.elapsed());
        Ok(Invocation { request_id, deadline_ms, outcome, duration, since_spawn })
    }

    async fn initialised(&mut self, request_id: &str) -> Result<(), FunctionError> {
        let limit = INITIALISATION.max(self.function.limit());
        let handle = self.handle.clone();
        tokio::select! {
            // What the function says comes before how it ended.
            biased;
            initialised = self.api.initialised() => initialised,
            how = handle.ended() => Err(FunctionError::exited(request_id, &how)),
            () = time::sleep(limit) => Err(FunctionError::timed_out(request_id, limit)),
        }
    }

    async fn ask(
        &self,
        request: Request,
        request_id: &str,
        deadline_ms: u64,
    ) -> Result<Value, FunctionError> {
        let (answer, answered) = oneshot::channel();
        let limit = self.function.limit();
        let late = time::sleep(limit);
        let event = Event {
            request_id: request_id.to_owned(),
            deadline_ms,
            function_arn: request.function_arn.unwrap_or_else(|| self.function.arn()),
            trace_id: request.trace_id.unwrap_or_else(identity::trace_id),
            payload: request.payload,
            answer,
        };
        self.api.push(event).await;
        tokio::select! {
            biased;
            Ok(outcome) = answered => outcome,
            how = self.handle.ended() => Err(FunctionError::exited(request_id, &how)),
            () = late => {
                self.kill().await;
                Err(FunctionError::timed_out(request_id, limit))
            }
        }
    }

    /// Looks at the instance from elsewhere.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.handle.pid()
    }

    /// Whether the process has not ended.
    pub fn is_alive(&self) -> bool {
        self.handle.is_alive()
    }

    /// Ends the process at once and waits until it is gone.
    pub async fn kill(&self) {
        self.handle.kill();
        self.handle.ended().await;
    }

    /// What was written to the standard output so far. All that was written before
    /// an answer is there when the answer is.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What was written to the standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// The lines of the standard output that are JSON objects: logs and metrics.
    pub fn stdout_json(&self) -> Vec<Value> {
        let text = self.stdout();
        let values = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        values.filter(Value::is_object).collect()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // The process belongs to the watcher's task, and dies with it.
        self.watcher.abort();
    }
}

/// Marks an instance as busy. If it is dropped while it is, the instance is killed.
struct Working {
    handle: Handle,
    is_done: bool,
}

impl Working {
    fn start(handle: &Handle) -> Self {
        handle.busy.store(true, Ordering::Relaxed);
        Self { handle: handle.clone(), is_done: false }
    }

    fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.handle.busy.store(false, Ordering::Relaxed);
        if !self.is_done {
            self.handle.kill();
        }
    }
}

/// Waits for the end of a process, and brings it about when it is told to.
async fn watch_over(mut child: Child, kill: Arc<Notify>, end: watch::Sender<Option<String>>) {
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            // It may be gone by itself: the wait says so.
            () = kill.notified() => drop(child.start_kill()),
        }
    };
    let how = match status {
        Ok(status) => ending(status),
        Err(error) => format!("the process cannot be waited for: {error}"),
    };
    end.send_replace(Some(how));
}

/// How a process ended, worded as Lambda does.
fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, signal) => {
            let signal = match signal {
                Some(6) => "aborted".to_owned(),
                Some(9) => "killed".to_owned(),
                Some(11) => "segmentation fault".to_owned(),
                Some(15) => "terminated".to_owned(),
                other => other.map_or_else(|| "unknown".to_owned(), |number| number.to_string()),
            };
            format!("Runtime exited with error: signal: {signal}")
        }
    }
}
