//! Batches of which the table does a part, and gives back the rest.

use super::{JSON, answer};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper::StatusCode;
use serde_json::Value;

/// A batch, and what of it is not done.
pub(super) struct Partial {
    request: HttpRequest,
    /// The field of the answer for the rest.
    field: &'static str,
    rest: Value,
}

impl Partial {
    /// Takes the latter half of the items of each table out of a batch; none if
    /// it is no batch, or has only one item.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let target = request.headers().get("x-amz-target")?;
        let field = match target.rsplit('.').next()? {
            "BatchGetItem" => "UnprocessedKeys",
            "BatchWriteItem" => "UnprocessedItems",
            _ => return None,
        };
        let mut body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
        let tables = body.get_mut("RequestItems")?.as_object_mut()?;
        let mut rest = Value::Object(tables.clone());
        let mut left = 0;
        for (table, items) in tables {
            let all = list(items)?;
            let half = all.split_off(all.len().div_ceil(2));
            left += half.len();
            *list(&mut rest[table])? = half;
        }
        let mut request = request.try_clone().filter(|_| left > 0)?;
        let body = body.to_string();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
        Some(Self { request, field, rest })
    }

    /// Does the part, and gives back the rest.
    pub(super) async fn done(
        self,
        inner: SharedHttpConnector,
    ) -> Result<HttpResponse, ConnectorError> {
        let answered = inner.call(self.request).await?;
        let body = answered.body().bytes().unwrap_or_default();
        match serde_json::from_slice::<Value>(body) {
            Ok(mut body) if answered.status().is_success() => {
                body[self.field] = self.rest;
                Ok(answer(StatusCode::OK, JSON, body.to_string().into()))
            }
            _ => Ok(answered),
        }
    }
}

/// The items of one table: a list of writes, or of keys among other settings.
fn list(items: &mut Value) -> Option<&mut Vec<Value>> {
    match items {
        Value::Object(settings) => settings.get_mut("Keys")?.as_array_mut(),
        items => items.as_array_mut(),
    }
}
