//! What receivers answer, well and badly, and what becomes of it.

use std::{error::Error, io, net::IpAddr, sync::Arc, time::Duration};

use tidings_core::{BoxFuture, ErrorKind, Receipt, SendError, Verdict};
use tidings_http::{Client, ClientConfig, Request, Resolve, SafeUrl};
use tidings_testkit::{HttpPeer, Reply, Script, http::Fault, samples::NOW};

use super::{client, config, post, private};

async fn answered(reply: Reply) -> (HttpPeer, Result<Receipt, SendError>) {
    answered_within(reply, Duration::from_secs(10)).await
}

async fn answered_within(reply: Reply, total_timeout: Duration) -> (HttpPeer, Result<Receipt, SendError>) {
    let peer = HttpPeer::start(Script::always(reply)).await.unwrap();
    let client = Client::new(ClientConfig { total_timeout, ..config(private()) }).unwrap();
    let outcome = post(&client, &peer.url("/hook/s3cretpath?token=s3crettoken")).await;
    (peer, outcome)
}

async fn check(reply: Reply, kind: ErrorKind, verdict: Verdict) {
    let said = format!("{reply:?}");
    let (_peer, outcome) = answered(reply).await;
    check_error(&outcome.unwrap_err(), kind, verdict, &said);
}

fn check_error(error: &SendError, kind: ErrorKind, verdict: Verdict, said: &str) {
    assert_eq!((error.kind(), error.verdict()), (kind, verdict), "{said}");
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let told = causes.fold(format!("{error} {error:?}"), |text, cause| format!("{text} {cause} {cause:?}"));
    assert!(!told.contains("s3cret"), "{told}");
}

#[tokio::test]
async fn statuses_are_told_apart() {
    let wait = |seconds| Verdict::Transient { retry_after: Some(Duration::from_secs(seconds)) };
    let soon = Verdict::Transient { retry_after: None };
    for status in [400, 401, 403, 404, 405, 413, 422, 499] {
        let reply = Reply::status(status).header("Retry-After", "5");
        check(reply, ErrorKind::Status(status), Verdict::Permanent).await;
    }
    for status in [408, 425, 500, 502, 504, 599] {
        check(Reply::status(status), ErrorKind::Status(status), soon).await;
    }
    check(Reply::status(410), ErrorKind::Gone, Verdict::Permanent).await;
    check(Reply::status(429), ErrorKind::RateLimited, soon).await;
    check(Reply::status(429).header("Retry-After", "30"), ErrorKind::RateLimited, wait(30)).await;
    check(Reply::status(503).header("retry-after", "junk"), ErrorKind::Status(503), soon).await;
    let date = Reply::status(503).header("Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT");
    check(date, ErrorKind::Status(503), wait(60)).await;
    let echo = Reply::status(404).body("Cannot POST /hook/s3cretpath?token=s3crettoken");
    check(echo, ErrorKind::Status(404), Verdict::Permanent).await;
    check(Reply::status(304), ErrorKind::Status(304), Verdict::Permanent).await;
}

#[tokio::test]
async fn a_receipt_tells_the_code_and_the_first_words() {
    let (peer, outcome) = answered(Reply::status(202).body("accepted\r\nthanks")).await;
    let receipt = outcome.unwrap();
    assert_eq!((receipt.code, receipt.detail.as_deref()), (Some(202), Some("accepted  thanks")));
    let request = &peer.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook/s3cretpath?token=s3crettoken"));
    assert_eq!(request.body, b"{}");
    assert!(request.header("user-agent").unwrap().starts_with("tidings/"));
}

#[tokio::test]
async fn an_exchange_gives_the_body_of_refusals_too_and_no_more_than_the_limit() {
    for (status, said) in [(200, "taken"), (400, r#"{"code": 7}"#), (503, ""), (404, &"x".repeat(20_000))] {
        let peer = HttpPeer::start(Script::always(Reply::status(status).body(said))).await.unwrap();
        let url = SafeUrl::parse(&peer.url("/hook"), &private()).unwrap();
        let exchange = client(private()).exchange(Request::to(&url, NOW)).await.unwrap();
        assert_eq!((exchange.outcome.is_ok(), exchange.body.len()), (status == 200, said.len().min(16 << 10)));
        assert!(said.as_bytes().starts_with(&exchange.body));
    }
    let peer = HttpPeer::start(Script::always(Reply::status(200).body("s3cret"))).await.unwrap();
    let url = SafeUrl::parse(&peer.url("/"), &private()).unwrap();
    let mut exchange = client(private()).exchange(Request::to(&url, NOW)).await.unwrap();
    exchange.outcome = Ok(Receipt::default());
    assert!(!format!("{exchange:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_broken_connection_after_the_request_is_an_unknown_outcome() {
    check(Reply::fault(Fault::Reset), ErrorKind::Reset, Verdict::Unknown).await;
    check(Reply::fault(Fault::Headers(100_000)), ErrorKind::Reset, Verdict::Unknown).await;
}

#[tokio::test]
async fn nobody_listening_is_no_connection() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let url = peer.url("/");
    let client = client(private());
    drop(peer);
    // The port closes when the peer's task has ended.
    while tokio::net::TcpStream::connect(url[7..url.len() - 1].to_owned()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let error = post(&client, &url).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Connect, Verdict::Transient { retry_after: None }));
}

/// A resolver that is out of order.
struct Broken;

impl Resolve for Broken {
    fn resolve<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async { Err(io::Error::other("the name server is on fire")) })
    }
}

#[tokio::test]
async fn a_resolver_out_of_order_may_heal() {
    let client = Client::with_resolver(config(private()), Arc::new(Broken)).unwrap();
    let error = post(&client, "http://hooks.example.com/").await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Connect, Verdict::Transient { retry_after: None }));
}

#[tokio::test]
async fn a_peer_without_tls_is_no_connection_for_https() {
    let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
    let url = peer.url("/").replace("http:", "https:");
    let short = ClientConfig { total_timeout: Duration::from_millis(400), ..config(private()) };
    let error = post(&Client::new(short).unwrap(), &url).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout), "{error:?}");
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn odd_but_valid_urls_arrive_as_they_are() {
    for path in ["/a|b^c`{d}?q=|\"x<y>'", "/%zz%2e%2e/..%2f?a=b&a=%00", "/x#fragment", "/äöü?ß"] {
        let peer = HttpPeer::start(Script::statuses([200])).await.unwrap();
        let url = peer.url(path);
        post(&client(private()), &url).await.unwrap();
        assert_eq!(peer.requests().len(), 1, "{url}");
    }
}

#[tokio::test]
async fn the_deadline_stops_what_is_slow() {
    let soon = Verdict::Transient { retry_after: None };
    let short = Duration::from_millis(400);
    for fault in [Fault::Hang, Fault::DripHead(Duration::from_secs(1))] {
        let (_peer, outcome) = answered_within(Reply::fault(fault), short).await;
        check_error(&outcome.unwrap_err(), ErrorKind::Timeout, soon, "a fault");
    }
    // The receiver has said that it took the message; its slow body changes nothing about that.
    let (_peer, outcome) = answered_within(Reply::fault(Fault::DripBody(Duration::from_millis(60))), short).await;
    assert_eq!(outcome.unwrap().code, Some(200));
    let (_peer, outcome) = answered(Reply::fault(Fault::Truncated)).await;
    assert_eq!(outcome.unwrap().detail.as_deref(), Some("half"));
}

#[tokio::test]
async fn an_endless_body_is_left_where_it_is() {
    let (peer, outcome) = answered(Reply::fault(Fault::Endless)).await;
    assert_eq!(outcome.unwrap().detail.map(|detail| detail.len()), Some(1024));
    // What the peer could send is what the system's buffers hold, not what it had.
    assert!(peer.bytes_sent() < 16 * 1024 * 1024, "{} bytes", peer.bytes_sent());
}

#[tokio::test]
async fn nothing_is_inflated() {
    let (peer, outcome) = answered(Reply::gzip_bomb()).await;
    assert!(outcome.unwrap().detail.unwrap().len() <= 1024);
    assert_eq!(peer.requests()[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn connections_are_used_again() {
    let peer = HttpPeer::start(Script::always(Reply::status(200).body("ok"))).await.unwrap();
    let client = client(private());
    for _ in 0..5 {
        post(&client, &peer.url("/")).await.unwrap();
    }
    assert_eq!((peer.requests().len(), peer.connections()), (5, 1));
}

#[test]
fn debug_shows_settings_and_no_headers() {
    let shown = format!("{:?}", client(private()));
    assert!(shown.contains("total_timeout") && !shown.contains("headers"), "{shown}");
}
