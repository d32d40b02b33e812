//! A small client for our own daemon: it connects to that one address and nowhere else, follows nothing, and reads a bounded answer. What is
//! asked, and what an answer means, is the verbs' knowledge.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::Context;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

use crate::output;

/// The variable that holds the key, where the daemon asks for one.
pub(crate) const KEY: &str = "TIDINGS_KEY";
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole answer may take: a test send waits for its channel.
const ANSWER: Duration = Duration::from_secs(60);
/// The longest answer, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// The longest explanation of a refusal that is shown, in characters.
const SHOWN: usize = 1_000;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    method: Method,
    path: &'a str,
    body: Option<&'a Value>,
    version: Option<u64>,
}

impl<'a> Question<'a> {
    /// A body for this path.
    pub(crate) const fn post(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::POST, path, body: Some(body), version: None }
    }

    /// A body in the place of what stands at this path.
    pub(crate) const fn put(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::PUT, path, body: Some(body), version: None }
    }

    /// What changes at this path.
    pub(crate) const fn patch(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::PATCH, path, body: Some(body), version: None }
    }

    /// The end of what stands at this path.
    pub(crate) const fn delete(path: &'a str) -> Self {
        Self { method: Method::DELETE, path, body: None, version: None }
    }

    /// Only if this version stands.
    pub(crate) const fn expecting(mut self, version: Option<u64>) -> Self {
        self.version = version;
        self
    }
}

/// Why there is no answer to be used.
#[derive(Debug)]
pub(crate) enum AskError {
    /// The daemon does not answer.
    Unreachable(SocketAddr, anyhow::Error),
    /// It refuses, or its answer makes no sense.
    Refused {
        /// The status.
        status: u16,
        /// Why.
        detail: String,
    },
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(address, error) => {
                write!(f, "the daemon at http://{address}/ does not answer: {error:#}")
            }
            Self::Refused { status: 401, .. } => {
                write!(f, "the daemon asks for a key: put one of `server.keys` into the variable {KEY}")
            }
            Self::Refused { detail, .. } => f.write_str(detail),
        }
    }
}

impl std::error::Error for AskError {}

/// A daemon's address, and the key for it.
pub(crate) struct Client {
    address: SocketAddr,
    /// Marked as sensitive: nobody shows it.
    key: Option<HeaderValue>,
}

impl Client {
    /// A client for the daemon at this address, with the key of the environment.
    ///
    /// # Errors
    /// If the key is none.
    pub(crate) fn to(address: SocketAddr) -> anyhow::Result<Self> {
        match std::env::var(KEY).ok().filter(|key| !key.trim().is_empty()) {
            Some(key) => Self::with_key(address, key.trim()),
            None => Ok(Self { address, key: None }),
        }
    }

    /// A client for the daemon at this address, with this key.
    ///
    /// # Errors
    /// If the key is none.
    pub(crate) fn with_key(address: SocketAddr, key: &str) -> anyhow::Result<Self> {
        Ok(Self { address, key: Some(bearer(key)?) })
    }

    /// Asks, and gives the answer's JSON; null where it has no body.
    ///
    /// # Errors
    /// If there is no answer in time, or it is not one of success.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Value, AskError> {
        let unreachable = |error: anyhow::Error| AskError::Unreachable(self.address, error);
        let exchange = timeout(ANSWER, self.exchange(question)).await.context("it takes too long");
        let (status, body) = exchange.flatten().map_err(unreachable)?;
        let document = serde_json::from_slice::<Value>(&body);
        match (status, document) {
            (200..=299, _) if body.is_empty() => Ok(Value::Null),
            (200..=299, Ok(answer)) => Ok(answer),
            (200..=299, Err(_)) => Err(AskError::Refused { status, detail: "the daemon's answer is no JSON".into() }),
            (_, document) => Err(AskError::Refused { status, detail: detail(status, document.ok().as_ref()) }),
        }
    }

    async fn exchange(&self, question: Question<'_>) -> anyhow::Result<(u16, Bytes)> {
        let response = self.send(question).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), LONGEST).collect().await;
        let body = body.map_err(|_| anyhow::anyhow!("its answer breaks off, or is longer than 16 MiB"))?;
        Ok((status, body.to_bytes()))
    }

    async fn send(&self, question: Question<'_>) -> anyhow::Result<Response<Incoming>> {
        let stream = timeout(CONNECT, TcpStream::connect(self.address)).await.context("no connection in time")??;
        self.refuse_other_machines(&stream)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the answer; what breaks it the answer tells.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender.send_request(self.request(question)?).await?)
    }

    /// A store is held by a process of this machine. A key goes nowhere else.
    fn refuse_other_machines(&self, stream: &TcpStream) -> anyhow::Result<()> {
        let is_here = self.address.ip().is_loopback() || stream.local_addr()?.ip() == self.address.ip();
        anyhow::ensure!(is_here, "that address is not this machine's");
        Ok(())
    }

    fn request(&self, question: Question<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
        let Question { method, path, body, version } = question;
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.address.to_string());
        let optional: [(HeaderName, Option<HeaderValue>); 3] = [
            (header::AUTHORIZATION, self.key.clone()),
            (header::CONTENT_TYPE, body.map(|_| HeaderValue::from_static("application/json"))),
            (header::IF_MATCH, version.map(|version| format!("\"{version}\"").parse()).transpose()?),
        ];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request = request.header(name, value);
        }
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        Ok(request.body(Full::new(body.into()))?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

fn bearer(key: &str) -> anyhow::Result<HeaderValue> {
    // The error would tell nothing of the key, and nothing of what is wrong either.
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).ok().with_context(|| format!("{KEY} is no key"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Why it refuses: its own words where it has any, with all problems where there are several. They come from outside.
fn detail(status: u16, document: Option<&Value>) -> String {
    let text = |key: &str| document.and_then(|document| document.get(key)).and_then(Value::as_str);
    let Some(detail) = text("detail") else { return format!("the daemon refuses with status {status}") };
    let problems = document.and_then(|document| document.get("problems")).and_then(Value::as_array);
    let problems = problems.into_iter().flatten().filter_map(problem);
    let whole = std::iter::once(detail.to_owned()).chain(problems).collect::<Vec<_>>().join("; ");
    output::plain(&whole).chars().take(SHOWN).collect()
}

/// One problem: where, and what.
fn problem(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let message = text("message").or_else(|| value.as_str())?;
    let place = |key: &str| value.get(key).and_then(Value::as_u64);
    let place = place("line").zip(place("column")).map(|(line, column)| format!("{line}:{column}: "));
    let path = text("path").filter(|path| !path.is_empty()).map(|path| format!("{path}: "));
    Some(format!("{}{}{message}", place.unwrap_or_default(), path.unwrap_or_default()))
}

/// A name as one segment of a path, whatever stands in it.
pub(crate) fn segment(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => path.push(char::from(byte)),
            // A segment of dots alone would lead elsewhere.
            b'.' if name.bytes().any(|byte| byte != b'.') => path.push('.'),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_one_segment() {
        let check = |name: &str, expected: &str| assert_eq!(segment(name), expected, "{name}");
        check("ann", "ann");
        check("a.b-c_d~", "a.b-c_d~");
        check("a/b c?d#e%", "a%2Fb%20c%3Fd%23e%25");
        check("..", "%2E%2E");
        check("é\r\n", "%C3%A9%0D%0A");
    }

    #[test]
    fn a_refusal_tells_why() {
        let check = |status, document: Value, expected: &str| {
            let error = AskError::Refused { status, detail: detail(status, Some(&document)) };
            assert_eq!(error.to_string(), expected);
        };
        check(422, json!({"detail": "there is no user `x`"}), "there is no user `x`");
        check(500, json!([]), "the daemon refuses with status 500");
        check(400, json!({"detail": "a\u{1b}[31mb"}), "a [31mb");
        let problems = json!([{"path": "default.sms", "message": "expected a boolean"}, "and more", 3]);
        check(
            422,
            json!({"detail": "wrong", "problems": problems}),
            "wrong; default.sms: expected a boolean; and more",
        );
        let asks = "the daemon asks for a key: put one of `server.keys` into the variable TIDINGS_KEY";
        check(401, json!({"detail": "x"}), asks);
        assert_eq!(detail(422, Some(&json!({"detail": "x".repeat(5_000)}))).len(), SHOWN);
    }
}
