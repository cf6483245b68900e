//! Where the data is, and the SDK clients that reach it.

use crate::error::StorageError;
use aws_config::{BehaviorVersion, SdkConfig};
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
const OPERATION_TIMEOUT: Duration = Duration::from_secs(60);

/// How often the SDK sends a request. What is worth more patience (throttled
/// batches, transactions in conflict) is retried by this crate.
const SDK_ATTEMPTS_MAX: u32 = 3;

/// Where the tables and files of an agency are.
#[derive(Debug, Clone)]
pub enum Location {
    /// In a folder of this machine, in engines inside this process.
    #[cfg(feature = "embedded")]
    Embedded(PathBuf),
    /// The same, until a fuse blows: for tests of what a kill leaves behind.
    #[cfg(feature = "embedded")]
    Fused(PathBuf, crate::embedded::Fuse),
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
#[derive(Debug)]
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
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(directory) => embedded(directory.clone(), None).await,
            #[cfg(feature = "embedded")]
            Self::Fused(directory, fuse) => embedded(directory.clone(), Some(fuse)).await,
            Self::Aws { table, bucket } => Ok(aws(table, bucket).await),
        }
    }
}

async fn aws(table: &str, bucket: &str) -> Clients {
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(SDK_ATTEMPTS_MAX))
        .load()
        .await;
    let s3 = aws_sdk_s3::config::Builder::from(&config)
        // A named endpoint is seldom reachable as `bucket.host`.
        .force_path_style(config.endpoint_url().is_some())
        .build();
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        s3: aws_sdk_s3::Client::from_conf(s3),
        table: table.to_owned(),
        bucket: bucket.to_owned(),
        table_endpoint: endpoint(&config, "dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"),
        bucket_endpoint: endpoint(&config, "s3", "AWS_ENDPOINT_URL_S3"),
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

#[cfg(feature = "embedded")]
async fn embedded(
    directory: PathBuf,
    fuse: Option<&crate::embedded::Fuse>,
) -> Result<Clients, StorageError> {
    use crate::embedded::{Engine, EngineError, Objects};
    use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
    use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
    use aws_smithy_runtime_api::client::http::SharedHttpClient;

    let folder = directory.clone();
    let opened = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&folder).map_err(|e| EngineError::new(&folder, e))?;
        Ok::<_, EngineError>((Engine::open(&folder)?, Objects::open(&folder)?))
    });
    let (engine, objects) =
        opened.await.map_err(|e| EngineError::new(&directory, e)).and_then(|opened| opened)?;
    let protect = |client| {
        fuse.map_or_else(|| SharedHttpClient::clone(&client), |fuse| fuse.protect(&client))
    };
    // The region and the endpoint only have to exist; nothing is signed, and
    // nothing travels, so that nothing is lost on the way, stalls, or is worth
    // a second attempt.
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_dynamodb::config::Region::from_static("local"))
        .endpoint_url("http://embedded.invalid")
        .http_client(protect(engine.http_client()))
        .allow_no_auth()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_s3::config::Region::from_static("local"))
        .endpoint_url("http://embedded.invalid")
        .http_client(protect(objects.http_client()))
        .allow_no_auth()
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .build();
    let endpoint = directory.display().to_string();
    Ok(Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        s3: aws_sdk_s3::Client::from_conf(s3),
        table: TABLE_DEFAULT.to_owned(),
        bucket: TABLE_DEFAULT.to_owned(),
        table_endpoint: endpoint.clone(),
        bucket_endpoint: endpoint,
        is_embedded: true,
    })
}
