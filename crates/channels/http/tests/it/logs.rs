//! What the client and everything below it write to the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tidings_http::{AllowRuleConfig, HeaderValue, Policy, Request, SafeUrl};
use tidings_testkit::{HttpPeer, Reply, Script, samples::NOW};
use tracing::Level;

use super::client;

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One thread, so that the log of this test is its own.
#[tokio::test]
async fn an_operators_escape_is_logged_and_no_secret_is() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let rule = AllowRuleConfig { cidr: "127.0.0.0/8".into(), ..AllowRuleConfig::default() }.try_into().unwrap();
    let policy = Policy { allow: vec![rule], ..Policy::default() };
    let peer = HttpPeer::start(Script::always(Reply::status(500).body("no /s3cretpath here"))).await.unwrap();
    for host in ["127.0.0.1", "hooks.example.com"] {
        let url = format!("http://{host}:{}/s3cretpath?key=s3cretkey", peer.address().port());
        let url = SafeUrl::parse(&url, &policy).unwrap();
        let mut request = Request::to(&url, NOW);
        let mut value = HeaderValue::from_static("Bearer s3crettoken");
        value.set_sensitive(true);
        request.headers.insert("authorization", value);
        request.body = b"s3cretbody".to_vec();
        let error = client(policy.clone()).post(request).await.unwrap_err();
        tracing::error!(%error, "the attempt failed");
    }

    let text = log.text();
    assert_eq!(text.matches("allow_destinations").count(), 2, "{text}");
    assert!(text.contains("the attempt failed") && !text.contains("s3cret"), "{text}");
}
