//! How a request is refused: a problem document of RFC 9457. What is wrong is each route's own knowledge.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tidings::{AcceptError, store::StoreError};

/// After how long it is worth to ask a daemon again that stops, or whose store takes nothing.
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// A refusal: its status, and what to do about it. It never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong, and what to do.
    pub detail: String,
    /// Each thing that is wrong, where there may be several: objects with a `path` and a `message`.
    pub problems: Vec<Value>,
    /// After how long it may be asked again, told in whole seconds, rounded up.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with this status.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), problems: Vec::new(), retry_after: None }
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
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be asked now: try again later").retry_after(SOON)
    }

    /// Says after how long it may be asked again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What a daemon says that lets nothing more in.
    pub(crate) fn stopping() -> Self {
        let detail = "the daemon is stopping: send it again once it is back";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(SOON)
    }
}

impl From<AcceptError> for Refusal {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::NotRunning => Self::stopping(),
            AcceptError::UnknownChannel(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
            AcceptError::Store(error) => {
                // What the system said of its files is for the log: it may name folders.
                tracing::error!(%error, "the store takes nothing");
                let (status, detail) = match error {
                    StoreError::Unavailable(why) if why.contains("full") => {
                        (StatusCode::INSUFFICIENT_STORAGE, "the daemon's disk is full")
                    }
                    _ => (StatusCode::SERVICE_UNAVAILABLE, "the daemon's store takes nothing now"),
                };
                Self::new(status, format!("{detail}: nothing was taken, send it again later")).retry_after(SOON)
            }
            _ => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).retry_after(SOON),
        }
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
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
