//! What a request brings as JSON, read or refused with the place of what is wrong. What it means is each route's own.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;

use crate::problem::Refusal;

/// The largest body, in bytes: no route that takes one of these needs more.
const LARGEST: usize = 256 * 1024;

/// A body of JSON. It must say that it is one, so that no form of another page's passes for it.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if !is_json(&request) {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send `Content-Type: application/json`"));
        }
        read(request).await.map(Self)
    }
}

/// A body of JSON, or none at all.
#[derive(Debug)]
pub(crate) struct MaySend<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaySend<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let is_empty = hyper::body::Body::size_hint(request.body()).exact() == Some(0);
        if is_empty {
            return Ok(Self(T::default()));
        }
        Sent::from_request(request, state).await.map(|Sent(body)| Self(body))
    }
}

async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let body = Limited::new(request.into_body(), LARGEST).collect().await;
    let body = body.map_err(|_| {
        let detail = format!("the body was cut off, or is longer than {LARGEST} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| refused(&error))
}

/// Where it is wrong, and for what stands in it what was expected; never what stands there.
fn refused(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    if !error.is_data() {
        let detail = format!("the body is not JSON: it goes wrong in line {line}, column {column}");
        return Refusal::new(StatusCode::BAD_REQUEST, detail);
    }
    let text = error.to_string();
    // What was found is quoted before what was expected: values are nobody's business.
    let expected = text.split_once(", expected ").map(|(_, expected)| format!("expected {expected}"));
    let known = ["missing field", "unknown field", "duplicate field"].iter().any(|word| text.starts_with(word));
    let told = if known { text } else { expected.unwrap_or_else(|| "it cannot be read".to_owned()) };
    let detail = format!("the body is not what this takes, in line {line}, column {column}: {told}");
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = kind.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        #[serde(rename = "seconds")]
        _seconds: u32,
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_sent() {
        let check = |text: &str, status: u16, expected: &str| {
            let refusal = refused(&serde_json::from_str::<Shape>(text).unwrap_err());
            assert_eq!(refusal.status.as_u16(), status, "{text}");
            assert!(refusal.detail.contains(expected) && !refusal.detail.contains("hunter2"), "{}", refusal.detail);
        };
        check("{", 400, "line 1, column 1");
        check("{\"seconds\": hunter2}", 400, "column 13");
        check("{\"seconds\": \"hunter2\"}", 422, "expected u32");
        check("{\"second\": 1}", 422, "unknown field `second`, expected `seconds`");
        check("{}", 422, "missing field `seconds`");
    }
}
