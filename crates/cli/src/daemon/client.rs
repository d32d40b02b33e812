//! A small client for our own daemon: it connects to that one address and nowhere else, follows nothing, and reads a bounded answer. What
//! can be asked is `question`'s, what an answer means is the verbs' knowledge.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::Context;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::timeout;

use super::{place::Place, question::Question};
use crate::output;

/// The variable that holds the key, where the daemon asks for one.
pub(crate) const KEY: &str = "TIDINGS_KEY";
/// How long a whole answer may take: a test send waits for its channel.
const ANSWER: Duration = Duration::from_secs(60);
/// The longest answer, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// The longest explanation of a refusal that is shown, in characters.
const SHOWN: usize = 1_000;

/// Why there is no answer to be used.
#[derive(Debug)]
pub(crate) enum AskError {
    /// The daemon does not answer.
    Unreachable(String, anyhow::Error),
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
            Self::Unreachable(place, error) => write!(f, "no daemon answers at {place}: {error:#}"),
            Self::Refused { detail, .. } => f.write_str(detail),
        }
    }
}

impl std::error::Error for AskError {}

/// A daemon's place, and the key for it.
pub(crate) struct Client {
    place: Place,
    /// Marked as sensitive: nobody shows it.
    key: Option<HeaderValue>,
    /// How long a whole answer may take.
    patience: Duration,
}

impl Client {
    /// A client for the daemon of this machine that listens there, with the key of the environment.
    ///
    /// # Errors
    /// If the key is none.
    pub(crate) fn to(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self::new(Place::here(address), own_key()?))
    }

    /// A client for the daemon at this URL, with the key of the environment.
    ///
    /// # Errors
    /// If it is no daemon's URL, or the key is none.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        Ok(Self::new(Place::named(url)?, own_key()?))
    }

    /// A client for the daemon of this machine that listens there, with this key.
    ///
    /// # Errors
    /// If the key is none.
    pub(crate) fn with_key(address: SocketAddr, key: &str) -> anyhow::Result<Self> {
        Ok(Self::new(Place::here(address), Some(bearer(key)?)))
    }

    const fn new(place: Place, key: Option<HeaderValue>) -> Self {
        Self { place, key, patience: ANSWER }
    }

    /// The same, for those who wait so long at most.
    pub(crate) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether somebody listens there.
    pub(crate) async fn answers(&self) -> bool {
        self.place.connect().await.is_ok()
    }

    /// Asks, and gives the answer's JSON; null where it has no body.
    ///
    /// # Errors
    /// If there is no answer in time, or it is not one of success.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Value, AskError> {
        let body = self.answer(question).await?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        let wrong = |_| AskError::Refused { status: 200, detail: "the daemon's answer is no JSON".into() };
        serde_json::from_slice(&body).map_err(wrong)
    }

    /// Reads what stands at this path; `None` for nothing.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn read(&self, path: &str) -> Result<Option<Bytes>, AskError> {
        match self.answer(Question::get(path)).await {
            Err(AskError::Refused { status: 404, .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// The body of an answer of success.
    async fn answer(&self, question: Question<'_>) -> Result<Bytes, AskError> {
        let exchange = timeout(self.patience, self.exchange(question)).await.context("it takes too long");
        let unreachable = |error: anyhow::Error| AskError::Unreachable(self.place.to_string(), error);
        let (status, body) = exchange.flatten().map_err(unreachable)?;
        match status {
            200..=299 => Ok(body),
            401 => Err(AskError::Refused { status, detail: self.unknown_key() }),
            _ => Err(AskError::Refused { status, detail: detail(status, serde_json::from_slice(&body).ok().as_ref()) }),
        }
    }

    /// What to do about a key that is missing or wrong.
    fn unknown_key(&self) -> String {
        let hint = "`server.keys` holds only hashes; `tidings key new` makes a key";
        if self.key.is_some() {
            format!("the daemon does not know the key in the variable {KEY}: {hint}")
        } else {
            format!("the daemon asks for a key: put one into the variable {KEY}; {hint}")
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
        let request = self.request(question)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.place.connect().await?)).await?;
        // It ends with the answer; what breaks it the answer tells.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender.send_request(request).await?)
    }

    fn request(&self, question: Question<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
        let Question { method, path, body, version } = question;
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.place.to_string());
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
        f.debug_struct("Client").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The key of the environment, if it has one.
fn own_key() -> anyhow::Result<Option<HeaderValue>> {
    let key = std::env::var(KEY).ok().filter(|key| !key.trim().is_empty());
    key.map(|key| bearer(key.trim())).transpose()
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
    let help = text("help").map(|help| format!(": {help}"));
    Some([place.unwrap_or_default(), path.unwrap_or_default(), message.to_owned(), help.unwrap_or_default()].concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        assert_eq!(detail(422, Some(&json!({"detail": "x".repeat(5_000)}))).len(), SHOWN);
    }
    #[test]
    fn a_key_that_is_missing_is_not_one_that_is_wrong() {
        let address = "127.0.0.1:7171".parse().unwrap();
        let told = |key| Client::new(Place::here(address), key).unknown_key();
        assert!(told(None).starts_with("the daemon asks for a key: put one into the variable TIDINGS_KEY"));
        let wrong = told(Some(bearer("hunter2").unwrap()));
        assert!(wrong.starts_with("the daemon does not know the key") && !wrong.contains("hunter2"), "{wrong}");
    }
}
