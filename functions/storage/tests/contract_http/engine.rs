//! Where this suite runs: over HTTP, at one of three places.

pub use crate::differences::{
    index_units, is_gone, is_too_large, is_unfair, published, transaction_units,
};
use arrears_storage::{Location, Served, TABLE_DEFAULT};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// The endpoint that the tests are pointed at, if they are.
pub const ENDPOINT: &str = "ARREARS_CONTRACT_ENDPOINT";

/// An endpoint, and what of it belongs to one test.
pub enum Engine {
    /// The embedded engines, served for this test alone.
    Served(Served),
    /// A table and a bucket of this test's own.
    Endpoint { url: String, name: String },
    /// An agency of this test's own, in a table and a bucket of AWS.
    Aws { table: String, bucket: String },
}

impl Engine {
    pub fn on(folder: &Path) -> Self {
        let named = |variable| std::env::var(variable).ok();
        match (named(ENDPOINT), named("ARREARS_TEST_TABLE"), named("ARREARS_TEST_BUCKET")) {
            (Some(url), ..) => Self::Endpoint { url, name: fresh_name() },
            (None, Some(table), Some(bucket)) => Self::Aws { table, bucket },
            _ => Self::Served(Served::start(folder).unwrap()),
        }
    }

    pub fn location(&self) -> Location {
        match self {
            Self::Served(served) => served.location(TABLE_DEFAULT, TABLE_DEFAULT),
            Self::Endpoint { url, name } => Location::Endpoints {
                dynamodb_url: url.clone(),
                s3_url: url.clone(),
                table: name.clone(),
                bucket: name.clone(),
            },
            Self::Aws { table, bucket } => {
                Location::Aws { table: table.clone(), bucket: bucket.clone() }
            }
        }
    }

    pub fn agency(&self) -> String {
        match self {
            Self::Served(_) | Self::Endpoint { .. } => "default".to_owned(),
            Self::Aws { .. } => fresh_name(),
        }
    }
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    format!("test-{since}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
