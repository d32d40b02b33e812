//! The daemon, asked over HTTP at the one address that was named. What is asked is `door`'s.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

use crate::output;

/// How long a connection and a whole answer may take.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(15);
/// The longest answer in bytes.
const LIMIT: usize = 16 * 1024 * 1024;
/// The variable that holds the key.
const KEY: &str = "TIDINGS_KEY";
/// The longest reason of a refusal that is told, in characters.
const REASON: usize = 1000;

/// A daemon.
pub(crate) struct Remote {
    host: String,
    port: u16,
    key: Option<SecretString>,
}

impl Remote {
    /// The daemon at this address, with the key of the environment.
    ///
    /// # Errors
    /// If it is no plain `http://` address.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        let help = "a daemon's address looks like http://127.0.0.1:7171";
        let uri: Uri = url.trim().parse().ok().context(help)?;
        let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        let authority = uri.authority().context(help)?;
        ensure!(uri.scheme_str() == Some("http") && is_bare && !authority.as_str().contains('@'), "{help}");
        Ok(Self::to(authority.host().to_owned(), authority.port_u16().unwrap_or(80)))
    }

    /// The daemon that listens there.
    pub(crate) fn listening(address: std::net::SocketAddr) -> Self {
        let host = match address.ip() {
            std::net::IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
            std::net::IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self::to(host, address.port())
    }

    fn to(host: String, port: u16) -> Self {
        let key = std::env::var(KEY).ok().filter(|key| !key.trim().is_empty());
        Self { host, port, key: key.map(|key| SecretString::from(key.trim())) }
    }

    /// Whether somebody listens there.
    pub(crate) async fn answers(&self) -> bool {
        self.connect().await.is_ok()
    }

    /// Sends JSON, and reads the answer.
    ///
    /// # Errors
    /// If the daemon cannot be reached, or refuses: with its reason.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = serde_json::to_vec(body).context("the request cannot be written")?;
        let answer = self.ask(Method::POST, path, body).await?;
        ensure!(answer.status.is_success(), "{}", answer.reason());
        serde_json::from_slice(&answer.body).context("the daemon's answer is not JSON")
    }

    /// Reads what is there; `None` for nothing.
    ///
    /// # Errors
    /// As [`Remote::post`].
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Option<Bytes>> {
        let answer = self.ask(Method::GET, path, Vec::new()).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        ensure!(answer.status.is_success(), "{}", answer.reason());
        Ok(Some(answer.body))
    }

    async fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
        let request = self.request(method, path, body)?;
        let asking = async {
            let stream = self.connect().await?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // It ends with the answer, or with this call.
            let connection = tokio::spawn(connection);
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LIMIT).collect().await;
            connection.abort();
            let Ok(body) = body else { bail!("the daemon's answer broke off, or is longer than {LIMIT} bytes") };
            Ok(Answer { status, body: body.to_bytes() })
        };
        let late = || format!("the daemon at {} did not answer within {} s", self.shown(), ANSWER.as_secs());
        timeout(ANSWER, asking).await.with_context(late)?
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, self.shown());
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.key {
            let bearer = format!("Bearer {}", key.expose_secret());
            let mut value = HeaderValue::from_str(&bearer).with_context(|| format!("{KEY} is no key"))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(Full::new(Bytes::from(body))).context("the request cannot be written")
    }

    async fn connect(&self) -> anyhow::Result<TcpStream> {
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        let connected = timeout(CONNECT, TcpStream::connect((name, self.port))).await;
        let absent = || format!("no daemon answers at {}: start it with `tidings up`", self.shown());
        let stream = connected.with_context(absent)?.with_context(absent)?;
        drop(stream.set_nodelay(true));
        Ok(stream)
    }

    fn shown(&self) -> String {
        output::plain(&format!("{}:{}", self.host, self.port))
    }
}

struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    /// Why it was refused, as its problem document says.
    fn reason(&self) -> String {
        let document: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let detail = document.get("detail").or_else(|| document.get("title")).and_then(Value::as_str);
        let detail: String = detail.unwrap_or("it says no more").chars().take(REASON).collect();
        format!("the daemon refused ({}): {}", self.status.as_u16(), output::plain(&detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_is_a_daemons() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(Remote::at(url).ok().map(|remote| remote.shown()).as_deref(), expected, "{url}");
        };
        check("http://127.0.0.1:7171", Some("127.0.0.1:7171"));
        check("http://[::1]:7171/", Some("[::1]:7171"));
        check("http://tidings", Some("tidings:80"));
        for url in
            ["https://a.example", "http://user:pass@a.example", "http://a.example/v1", "127.0.0.1:7171", "", "http://"]
        {
            check(url, None);
        }
        let wrong = Remote::at("http://user:secret@a").err().map(|error| format!("{error:#}"));
        assert_eq!(wrong.as_deref(), Some("a daemon's address looks like http://127.0.0.1:7171"));
    }
}
