//! Any gateway that takes a POST request: the caller's closure or template writes the body, 2xx is success. Quoting within the body is
//! the closure's business, since it alone knows the format.

use std::{fmt, sync::Arc};

use tidings_core::{Problem, Receipt, SendError};
use tidings_http::{Client, HeaderMap, HeaderName, HeaderValue, Policy, Request, SafeUrl};

use super::{Answered, Job, Outgoing};

/// How many bytes of what the gateway said a receipt keeps.
const KEPT: usize = 900;
/// The most headers of one's own.
const MOST_HEADERS: usize = 64;
/// What frames and routes a request: not the user's to set.
const RESERVED: [&str; 9] =
    ["host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"];

/// What writes the body.
type Write = dyn Fn(&Outgoing<'_>) -> Result<Vec<u8>, SendError> + Send + Sync;

/// Writes the body of a request to a gateway: a closure, or a template around which one is put.
#[derive(Clone)]
pub struct Body(Arc<Write>);

impl Body {
    /// A body that this closure writes. It must quote number and text as its format wants them.
    pub fn new(write: impl Fn(&Outgoing<'_>) -> Result<Vec<u8>, SendError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// JSON with the keys `to`, `text` and `id`.
    #[must_use]
    pub fn json() -> Self {
        Self::new(|outgoing| {
            let id = outgoing.delivery.to_string();
            Ok(serde_json::json!({"to": outgoing.to, "text": outgoing.text, "id": id}).to_string().into_bytes())
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// Settings of a gateway. `Debug` shows neither the URL nor a header's value.
#[derive(Clone)]
pub struct Gateway {
    /// Where to; may hold a secret.
    pub url: String,
    /// Headers, names and values. Without a `Content-Type` it is `application/json` for JSON, and that of a form for anything else.
    pub headers: Vec<(String, String)>,
    /// Writes the body.
    pub body: Body,
}

impl Gateway {
    /// A gateway that takes this body at this address.
    #[must_use]
    pub fn new(url: impl Into<String>, body: Body) -> Self {
        Self { url: url.into(), headers: Vec::new(), body }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Everything that is wrong.
    pub(crate) fn validate(&self, policy: &Policy) -> Vec<Problem> {
        let url = SafeUrl::parse(&self.url, policy).err();
        url.map(|blocked| Problem::new("url", blocked.to_string())).into_iter().chain(self.read_headers().1).collect()
    }

    /// The headers as they are sent, and what is wrong with the others. Values may be secret: they are never told.
    fn read_headers(&self) -> (HeaderMap, Vec<Problem>) {
        let (mut read, mut problems) = (HeaderMap::new(), Vec::new());
        // A map of headers panics where it is asked to hold too many.
        if self.headers.len() > MOST_HEADERS {
            problems.push(Problem::new("headers", format!("there are more than {MOST_HEADERS}: remove some")));
            return (read, problems);
        }
        for (name, value) in &self.headers {
            match header(name, value) {
                Ok((key, _)) if read.contains_key(&key) => {
                    problems.push(problem(name, "the header stands there twice"))
                }
                Ok((key, value)) => drop(read.insert(key, value)),
                Err(text) => problems.push(problem(name, text)),
            }
        }
        (read, problems)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Gateway").field("headers", &names).finish_non_exhaustive()
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let key: HeaderName = name.parse().map_err(|_| "a header name takes letters, digits and `-`")?;
    if RESERVED.contains(&key.as_str()) {
        return Err("the header frames the request and cannot be set: remove it");
    }
    let value = HeaderValue::from_str(value).ok().filter(|value| value.to_str().is_ok());
    let mut value = value.ok_or("the header's value takes printable ASCII in one line")?;
    value.set_sensitive(key != "content-type");
    Ok((key, value))
}

fn problem(name: &str, text: &str) -> Problem {
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Problem::new(format!("headers.{name}"), text)
}

/// A gateway with its settings checked.
pub(crate) struct GatewayLink {
    url: SafeUrl,
    headers: HeaderMap,
    body: Body,
}

impl GatewayLink {
    /// What a gateway with right settings is.
    pub(crate) fn new(settings: &Gateway, url: SafeUrl) -> Self {
        Self { url, headers: settings.read_headers().0, body: settings.body.clone() }
    }

    pub(crate) const fn url(&self) -> &SafeUrl {
        &self.url
    }

    /// Posts the text once.
    pub(crate) async fn send(&self, client: &Client, job: &Job<'_>) -> Result<Answered, SendError> {
        let body = (self.body.0)(&job.outgoing)?;
        let mut headers = self.headers.clone();
        let kind = HeaderName::from_static("content-type");
        headers.entry(kind).or_insert_with(|| HeaderValue::from_static(content_type(&body)));
        let values = self.headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
        let scrub = job.scrub(values);
        let request = Request { url: &self.url, headers, body, now: job.envelope.now, scrub: &scrub };
        let result = client.post(request).await.map(|receipt| told(receipt, job));
        Ok(Answered { result, opted_out: false })
    }
}

/// The parts, and behind them what the gateway said.
fn told(receipt: Receipt, job: &Job<'_>) -> Receipt {
    let said = receipt.detail.unwrap_or_default();
    let said = said.get(..said.floor_char_boundary(KEPT)).unwrap_or_default();
    let detail = if said.is_empty() { job.segments.to_string() } else { format!("{}: {said}", job.segments) };
    Receipt { detail: Some(detail), ..receipt }
}

fn content_type(body: &[u8]) -> &'static str {
    if serde_json::from_slice::<serde_json::Value>(body).is_ok() {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_told_without_their_values() {
        let wrong = Gateway::new("http://localhost/hunter2", Body::json())
            .header("Host", "hunter2")
            .header("X-A", "hunter2\n")
            .header("X-B", "hunter2")
            .header("x-b", "hunter2")
            .header("X Y", "hunter2");
        let problems = wrong.validate(&Policy::default());
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["url", "headers.Host", "headers.X-A", "headers.x-b", "headers.X Y"]);
        assert!(!format!("{} {wrong:?}", Problem::told(&problems)).contains("hunter2"));
    }

    #[test]
    fn too_many_headers_are_a_problem_and_no_panic() {
        let many = |count: usize| {
            let url = Gateway::new("https://sms.example.com/", Body::json());
            (0..count).fold(url, |gateway, number| gateway.header(format!("x-{number}"), "a"))
        };
        let keys = |gateway: &Gateway| {
            gateway.validate(&Policy::default()).into_iter().map(|problem| problem.key).collect::<Vec<_>>()
        };
        assert_eq!(keys(&many(MOST_HEADERS)), Vec::<String>::new());
        assert_eq!(keys(&many(MOST_HEADERS + 1)), ["headers"]);
        assert_eq!(keys(&many(40_000)), ["headers"]);
    }

    #[test]
    fn the_content_tells_its_type() {
        assert_eq!(content_type(br#"{"a": 1}"#), "application/json");
        assert_eq!(content_type(b"to=%2B15550100&text=a"), "application/x-www-form-urlencoded");
    }
}
