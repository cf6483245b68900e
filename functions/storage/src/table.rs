//! Creating the table and the bucket.

use crate::error::StorageError;
use crate::keys::{DUE_INDEX, DUE_PK, DUE_SK, PK, SK};
use crate::store::Store;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use std::time::Duration;

/// How long AWS may take to create a table, which it does in the background.
const TABLE_WAIT: Duration = Duration::from_secs(120);

impl Store {
    /// Creates the table and the bucket if they are not there. For the
    /// embedded store this is done when it is opened; for AWS the
    /// infrastructure code does it better, with keys, backups and policies.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub async fn ensure_table(&self) -> Result<(), StorageError> {
        if !self.has_table().await? {
            self.create_table().await?;
        }
        self.ensure_bucket().await
    }

    async fn has_table(&self) -> Result<bool, StorageError> {
        let described = self.dynamodb().describe_table().table_name(self.table()).send().await;
        match described.map_err(|error| self.request("DescribeTable").failed(error)) {
            Ok(_) => Ok(true),
            Err(StorageError::TableMissing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn create_table(&self) -> Result<(), StorageError> {
        const OPERATION: &str = "CreateTable";
        let malformed = |error| self.malformed(OPERATION, error);
        let attribute = |name| attribute(name).map_err(malformed);
        let key = |name, kind| key(name, kind).map_err(malformed);
        let due = GlobalSecondaryIndex::builder()
            .index_name(DUE_INDEX)
            .key_schema(key(DUE_PK, KeyType::Hash)?)
            .key_schema(key(DUE_SK, KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(malformed)?;
        let created = self
            .dynamodb()
            .create_table()
            .table_name(self.table())
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute(PK)?)
            .attribute_definitions(attribute(SK)?)
            .attribute_definitions(attribute(DUE_PK)?)
            .attribute_definitions(attribute(DUE_SK)?)
            .key_schema(key(PK, KeyType::Hash)?)
            .key_schema(key(SK, KeyType::Range)?)
            .global_secondary_indexes(due)
            .send()
            .await;
        match created {
            Ok(_) => {}
            // Another process was quicker.
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => {}
            Err(error) => return Err(self.request(OPERATION).failed(error)),
        }
        let ready = self.dynamodb().wait_until_table_exists().table_name(self.table());
        ready.wait(TABLE_WAIT).await.map_err(|error| self.malformed(OPERATION, error))?;
        Ok(())
    }

    async fn ensure_bucket(&self) -> Result<(), StorageError> {
        let head = self.s3().head_bucket().bucket(self.bucket()).send().await;
        match head {
            Ok(_) => return Ok(()),
            // A HEAD has no body, and so no code that all services agree on.
            Err(error) if error.raw_response().is_some_and(|it| it.status().as_u16() == 404) => {}
            Err(error) => return Err(self.object_request("HeadBucket").failed(error)),
        }
        let region = self.s3().config().region().map(ToString::to_string).unwrap_or_default();
        // S3 wants the constraint for every region but this one, and for this
        // one it wants none.
        let place = (region != "us-east-1").then(|| {
            let constraint = BucketLocationConstraint::from(region.as_str());
            CreateBucketConfiguration::builder().location_constraint(constraint).build()
        });
        let create = self.s3().create_bucket().bucket(self.bucket());
        match create.set_create_bucket_configuration(place).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|e| {
                    e.is_bucket_already_owned_by_you() || e.is_bucket_already_exists()
                }) =>
            {
                Ok(())
            }
            Err(error) => Err(self.object_request("CreateBucket").failed(error)),
        }
    }
}

fn attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}
