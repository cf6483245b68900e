//! Where the data is, and the SDK clients that reach it.

use crate::error::StorageError;
pub use aws_config::SdkConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
#[cfg(feature = "embedded")]
use std::path::PathBuf;
use std::time::Duration;

/// The name of the table where none is given.
pub const TABLE_DEFAULT: &str = "arrears";

/// How long a connection may take to come about. An endpoint in reach answers
/// in a few milliseconds; a person waits for this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a request may take in all its attempts: long enough for the largest
/// (a batch of 16 MB) on a line of a few megabits.
pub(crate) const OPERATION_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one attempt at a request to the table may take. The table answers in
/// milliseconds; a request of 16 MB takes some seconds to travel. Without this, one
/// connection that hangs would take all of [`OPERATION_TIMEOUT`], and no other
/// attempt be made.
const TABLE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

const DYNAMODB_ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";
const S3_ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_S3";

/// How often the SDK sends a request. What is worth more patience (throttled
/// batches, transactions in conflict) is retried by this crate.
pub(crate) const SDK_ATTEMPTS_MAX: u32 = 3;

/// Where the tables and files of an agency are.
#[derive(Debug, Clone)]
pub enum Location {
    /// In a folder of this machine, in engines inside this process.
    #[cfg(feature = "embedded")]
    Embedded(PathBuf),
    /// The same, until a fuse blows: for tests of what a kill leaves behind.
    #[cfg(feature = "embedded")]
    Fused(PathBuf, crate::embedded::Fuse),
    /// The same with faults on a seed, and with the SDK's retries: for tests of
    /// what a service does that is not at its best.
    #[cfg(feature = "embedded")]
    Misbehaving(PathBuf, crate::embedded::Misbehaving),
    /// At endpoints that take the credentials `test`, such as those of
    /// [`Served`](crate::Served) and of stand-ins for AWS. All else is as for AWS.
    #[cfg(feature = "embedded")]
    Endpoints {
        /// The endpoint of the table.
        dynamodb_url: String,
        /// The endpoint of the files.
        s3_url: String,
        /// The table.
        table: String,
        /// The bucket.
        bucket: String,
    },
    /// At the endpoints that the SDK's own configuration names (region,
    /// profile, `AWS_ENDPOINT_URL` and so on).
    Aws {
        /// The table; [`TABLE_DEFAULT`] where nobody chose another.
        table: String,
        /// The bucket.
        bucket: String,
    },
}

/// The clients, and what they talk to.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub s3: aws_sdk_s3::Client,
    pub table: String,
    pub bucket: String,
    /// For messages: the folder, or the endpoints.
    pub table_endpoint: String,
    pub bucket_endpoint: String,
    pub is_embedded: bool,
}

impl Location {
    pub(crate) async fn connect(&self) -> Result<Clients, StorageError> {
        #[cfg(feature = "embedded")]
        use crate::embedded::{Faults, clients as embedded, endpoints};
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(directory) => embedded(directory, Faults::None).await,
            #[cfg(feature = "embedded")]
            Self::Fused(directory, fuse) => embedded(directory, Faults::Fuse(fuse)).await,
            #[cfg(feature = "embedded")]
            Self::Misbehaving(directory, own) => {
                embedded(directory, Faults::Misbehaving(own)).await
            }
            #[cfg(feature = "embedded")]
            Self::Endpoints { dynamodb_url, s3_url, table, bucket } => {
                let config = endpoints(loader()).await;
                Ok(clients(&config, [Some(dynamodb_url), Some(s3_url)], table, bucket))
            }
            Self::Aws { table, bucket } => Ok(Clients::on_aws(&sdk_config().await, table, bucket)),
        }
    }
}

impl Clients {
    pub fn on_aws(config: &SdkConfig, table: &str, bucket: &str) -> Self {
        clients(config, [None; 2], table, bucket)
    }
}

/// How AWS is reached, in one place: the SDK's own configuration (region, profile,
/// `AWS_ENDPOINT_URL` and so on) with this product's HTTP client and its patience.
pub async fn sdk_config() -> SdkConfig {
    loader().load().await
}

fn loader() -> ConfigLoader {
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(SDK_ATTEMPTS_MAX))
}

/// The clients for the endpoints of table and files, where any are given.
fn clients(config: &SdkConfig, urls: [Option<&String>; 2], table: &str, bucket: &str) -> Clients {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TABLE_ATTEMPT_TIMEOUT);
    let timeouts = match config.timeout_config() {
        Some(own) => timeouts.build().take_defaults_from(own).clone(),
        None => timeouts.build(),
    };
    let [dynamodb_url, s3_url] = urls.map(Option::<&String>::cloned);
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(config).timeout_config(timeouts);
    let s3 = aws_sdk_s3::config::Builder::from(config);
    // A named endpoint is seldom reachable as `bucket.host`.
    let is_named = s3_url.is_some()
        || config.endpoint_url().is_some()
        || std::env::var_os(S3_ENDPOINT_VARIABLE).is_some();
    let dynamodb = match &dynamodb_url {
        Some(url) => dynamodb.endpoint_url(url),
        None => dynamodb,
    };
    let s3 = match &s3_url {
        Some(url) => s3.endpoint_url(url),
        None => s3,
    };
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
        s3: aws_sdk_s3::Client::from_conf(s3.force_path_style(is_named).build()),
        table: table.to_owned(),
        bucket: bucket.to_owned(),
        table_endpoint: dynamodb_url
            .unwrap_or_else(|| endpoint(config, "dynamodb", DYNAMODB_ENDPOINT_VARIABLE)),
        bucket_endpoint: s3_url.unwrap_or_else(|| endpoint(config, "s3", S3_ENDPOINT_VARIABLE)),
        is_embedded: false,
    }
}

/// The endpoint, as a person would look it up.
fn endpoint(config: &SdkConfig, service: &str, variable: &str) -> String {
    if let Ok(named) = std::env::var(variable) {
        return named;
    }
    match (config.endpoint_url(), config.region()) {
        (Some(named), _) => named.to_owned(),
        (None, Some(region)) => format!("https://{service}.{region}.amazonaws.com"),
        (None, None) => format!("the {service} of AWS, with no region set"),
    }
}
