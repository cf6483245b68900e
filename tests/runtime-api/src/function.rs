//! A function: a binary and the environment that it runs in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::identity::ACCOUNT;
use crate::instance::Instance;
use crate::logs::Log;

const REGION: &str = "AWS_REGION";

/// A binary that speaks the Runtime API, and what it is given.
#[derive(Debug, Clone)]
pub struct Function {
    name: String,
    binary: PathBuf,
    environment: BTreeMap<String, String>,
    timeout: Duration,
    memory_mb: u32,
    logs: Option<PathBuf>,
}

impl Function {
    /// A function that is called by the name of its file. It sees the variables
    /// that are given and those that Lambda sets, and none of this process.
    pub fn new<K, V>(
        binary: impl Into<PathBuf>,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        let binary = binary.into();
        let name = binary.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let environment =
            environment.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self {
            name,
            binary,
            environment,
            timeout: Duration::from_secs(60),
            memory_mb: 1024,
            logs: None,
        }
    }

    /// The function's name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How long an invocation may take before the function is killed.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The memory that the function is told it has. It is not held to it.
    #[must_use]
    pub fn memory_mb(mut self, memory_mb: u32) -> Self {
        self.memory_mb = memory_mb;
        self
    }

    /// A folder where what instances print is kept, in two files for each.
    #[must_use]
    pub fn logs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.logs = Some(folder.into());
        self
    }

    /// One more variable.
    #[must_use]
    pub fn env(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(key.into(), value.into());
        self
    }

    /// Starts an instance. It initialises while the caller goes on; the first
    /// invocation waits for that.
    ///
    /// # Errors
    /// If the binary cannot be started: a fault of the set-up, not of the function.
    pub async fn spawn(&self) -> Result<Instance> {
        Instance::start(self).await
    }

    /// What the function is called.
    pub(crate) fn called(&self) -> &str {
        &self.name
    }

    pub(crate) fn limit(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn logs_folder(&self) -> Option<&Path> {
        self.logs.as_deref()
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT}:function:{}", self.region(), self.name)
    }

    fn region(&self) -> &str {
        self.environment.get(REGION).map_or("us-east-1", String::as_str)
    }

    /// The process, before it is started.
    pub(crate) fn command(&self, api: SocketAddr, stdout: &Log, stderr: &Log) -> Result<Command> {
        let binary = std::path::absolute(&self.binary)
            .with_context(|| format!("{} is no path", self.binary.display()))?;
        let folder = binary.parent().unwrap_or(Path::new("/"));
        let mut command = Command::new(&binary);
        command.env_clear().current_dir(folder).kill_on_drop(true);
        command.stdin(std::process::Stdio::null()).stdout(stdout.stdio()?).stderr(stderr.stdio()?);
        command.envs([
            ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", format!("[$LATEST]{}", api.port())),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
            ("AWS_DEFAULT_REGION", self.region().to_owned()),
            (REGION, self.region().to_owned()),
            ("LAMBDA_TASK_ROOT", folder.to_string_lossy().into_owned()),
            ("_HANDLER", "bootstrap".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("TZ", ":UTC".to_owned()),
        ]);
        command.envs(&self.environment);
        Ok(command)
    }
}
