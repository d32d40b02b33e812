//! How a request is refused: a problem document of RFC 9457. What is wrong is each route's own knowledge.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A refusal: its status, and what to do about it. It never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong, and what to do.
    pub detail: String,
    /// Each thing that is wrong, where there may be several: objects with a `path` and a `message`.
    pub problems: Vec<Value>,
}

impl Refusal {
    /// A refusal with this status.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), problems: Vec::new() }
    }

    /// With each thing that is wrong.
    #[must_use]
    pub fn problems(mut self, problems: Vec<Value>) -> Self {
        self.problems = problems;
        self
    }

    /// The store could not be asked. What it said stands in the log: it may name files.
    pub(crate) fn store(error: &tidings::store::StoreError) -> Self {
        tracing::error!("the store could not be asked: {error}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be asked now: try again later")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Refused");
        let mut body = json!({
            "type": "about:blank", "title": title, "status": self.status.as_u16(), "detail": self.detail
        });
        if !self.problems.is_empty() {
            body["problems"] = self.problems.into();
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
