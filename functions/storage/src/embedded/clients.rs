//! The SDK clients of the embedded engines, and of endpoints in their place.

use super::{Engine, EngineError, Faults, Objects, Service};
use crate::error::StorageError;
use crate::location::{Clients, TABLE_DEFAULT};
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::path::Path;
use std::time::Duration;

/// The waits of the SDK's retries where faults are made: nobody is to be spared.
const RETRY_WAIT_FIRST: Duration = Duration::from_millis(1);
const RETRY_WAIT_MAX: Duration = Duration::from_millis(10);

/// What takes the place of a region where none is meant.
const NOWHERE: &str = "local";

/// Opens the engines on the folder.
pub(crate) async fn clients(directory: &Path, faults: Faults<'_>) -> Result<Clients, StorageError> {
    let folder = directory.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&folder).map_err(|e| EngineError::new(&folder, e))?;
        Ok::<_, EngineError>((Engine::open(&folder)?, Objects::open(&folder)?))
    });
    let (engine, objects) =
        opened.await.map_err(|e| EngineError::new(directory, e)).and_then(|opened| opened)?;
    let client = |service, connector| http_client(faults.wrap(service, connector));
    // The region and the endpoint only have to exist; nothing is signed, and
    // nothing travels, so that nothing is lost on the way, stalls, or is worth
    // a second attempt, unless faults are asked for.
    let retries = match faults {
        Faults::Misbehaving(_) => RetryConfig::standard()
            .with_initial_backoff(RETRY_WAIT_FIRST)
            .with_max_backoff(RETRY_WAIT_MAX),
        Faults::None | Faults::Fuse(_) => RetryConfig::disabled(),
    };
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(NOWHERE))
        .endpoint_url("http://embedded.invalid")
        .http_client(client(Service::DynamoDb, engine.connector()))
        .allow_no_auth()
        .retry_config(retries.clone())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(NOWHERE))
        .endpoint_url("http://embedded.invalid")
        .http_client(client(Service::S3, objects.connector()))
        .allow_no_auth()
        .force_path_style(true)
        .retry_config(retries)
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

fn http_client(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

/// The configuration for endpoints that stand in for AWS: with the region and the
/// credentials that they take, whatever the environment says.
pub(crate) async fn endpoints(loader: ConfigLoader) -> SdkConfig {
    let key = Credentials::new(super::KEY, super::KEY, None, None, "endpoints");
    loader.region(Region::from_static(super::REGION)).credentials_provider(key).load().await
}
