//! The routes that Twilio calls: how a message fared, and what people answered. Whether a call is genuine, and what it means, is the
//! taker's knowledge; [`TwilioCalls`] is the one that stands ready.

mod calls;
mod handled;

use std::{fmt, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};
use tidings_core::BoxFuture;
use url::{Url, form_urlencoded};

pub use self::calls::{Reported, TwilioCalls};
use crate::{guard::Guard, patience, problem::Refusal};

/// The largest form, in bytes.
const LARGEST: usize = 64 * 1024;
/// What is said to Twilio: nothing is to be done.
const NOTHING_TO_DO: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// Which of the routes was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// How a message fared.
    Status,
    /// A message of a person.
    Incoming,
}

/// The names and values of a form, in its order.
pub type Form = Vec<(String, String)>;

/// One call, its signature verified. `Debug` shows the route alone: all else is a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Which of the routes was called.
    pub route: Route,
    /// The address as Twilio called it, with its query.
    pub url: String,
    /// What was sent.
    pub form: Form,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("route", &self.route).finish_non_exhaustive()
    }
}

/// Takes Twilio's calls.
pub trait Callbacks: Send + Sync + 'static {
    /// Whether this signature is that of Twilio for this address and this form.
    fn is_genuine(&self, url: &str, form: &[(String, String)], signature: &str) -> bool;

    /// Takes a genuine call. An error is told as `503`, so that it comes again; it names no content.
    fn take(&self, call: Call) -> BoxFuture<'_, Result<(), String>>;
}

#[derive(Clone)]
struct Served {
    public: Url,
    taker: Arc<dyn Callbacks>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// `POST /v1/callbacks/twilio/status` and `/incoming`. `public` is the server's address as Twilio knows it: signatures are over that.
pub fn router(public: Url, taker: Arc<dyn Callbacks>, guard: Guard) -> Router {
    let router = Router::new()
        .route("/v1/callbacks/twilio/status", post(status))
        .route("/v1/callbacks/twilio/incoming", post(incoming))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Served { public, taker });
    patience::within(patience::REQUEST, guard.protect_names(router))
}

type Body = Result<Bytes, BytesRejection>;

async fn status(State(served): State<Served>, uri: Uri, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    served.take(Route::Status, &uri, &headers, body).await
}

async fn incoming(State(served): State<Served>, uri: Uri, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    served.take(Route::Incoming, &uri, &headers, body).await
}

impl Served {
    async fn take(&self, route: Route, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
        if !is_form(headers) {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/x-www-form-urlencoded"));
        }
        let body = body.map_err(|error| Refusal::new(error.status(), "the form must have at most 64 KiB"))?;
        let form: Form = form_urlencoded::parse(&body).into_owned().collect();
        let url = self.url(uri);
        let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
        if !signature.is_some_and(|signature| self.taker.is_genuine(&url, &form, signature)) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "`X-Twilio-Signature` is missing or not Twilio's"));
        }
        match self.taker.take(Call { route, url, form }).await {
            Ok(()) => Ok(([(header::CONTENT_TYPE, "text/xml")], NOTHING_TO_DO).into_response()),
            Err(why) => Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why)),
        }
    }

    /// The address that Twilio called: its own view of the server, and what was asked for.
    fn url(&self, uri: &Uri) -> String {
        let asked = uri.path_and_query().map_or("", |asked| asked.as_str());
        format!("{}{asked}", self.public.as_str().trim_end_matches('/'))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = kind.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
