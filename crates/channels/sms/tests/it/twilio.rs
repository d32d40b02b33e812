//! Twilio's form, codes and answers.

use std::{error::Error, io, sync::Arc, time::Duration};

use tidings_core::{Address, Channel, ErrorKind, SendError, Verdict};
use tidings_render::Text;
use tidings_sms::{MemorySuppressions, Sender, Suppressions, callback};
use tidings_testkit::{Capability, HttpPeer, Reply, Script, Suite};

use crate::{
    ACCOUNT, ANN, MESSAGE, TOKEN, config, envelope,
    peer::{ProviderStage, form, refused, taken},
    sms, twilio,
};

const CALLBACK: &str = "https://alerts.example.com/v1/callbacks/twilio/status";

#[tokio::test]
async fn it_conforms() {
    let suite = Suite {
        capabilities: Capability::ALL.to_vec(),
        stage: Box::new(ProviderStage(|peer| twilio(peer).status_callback(CALLBACK).into())),
        secret: TOKEN.to_owned(),
        patience: Duration::from_secs(30),
    };
    assert_eq!(suite.run().await.len(), Capability::ALL.len());
}

#[tokio::test]
async fn the_request_is_the_documented_one() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let envelope = envelope("it’s late", "rate 0.2 & rising");
    let receipt = sms(config(twilio(&peer))).send(&envelope).await.unwrap();
    assert_eq!(receipt.code, Some(201));
    let detail = receipt.detail.unwrap();
    assert_eq!(detail, format!("{MESSAGE} queued, 1 part (GSM-7, 36 of 160)"));

    let request = &peer.requests()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let basic = "Basic QUNmZWRjYmE5ODc2NTQzMjEwZmVkY2JhOTg3NjU0MzIxMDowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";
    assert_eq!(request.header("authorization"), Some(basic));
    let expected = [("To", ANN), ("From", "+15550100"), ("Body", "[HIGH] it's late\nrate 0.2 & rising")];
    assert_eq!(form(request), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_service_sends_and_the_callback_names_the_delivery() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let envelope = envelope("a", "b");
    let id = envelope.delivery.to_string();
    for (given, expected) in [
        (CALLBACK.to_owned(), format!("{CALLBACK}?delivery={id}")),
        (format!("{CALLBACK}?team=a"), format!("{CALLBACK}?team=a&delivery={id}")),
    ] {
        let mut twilio = twilio(&peer).status_callback(given);
        twilio.sender = Sender::Service("MG0123456789abcdef0123456789abcdef".to_owned());
        sms(config(twilio)).send(&envelope).await.unwrap();
        let form = form(peer.requests().last().unwrap());
        let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(value("MessagingServiceSid"), Some("MG0123456789abcdef0123456789abcdef"));
        assert_eq!((value("From"), value("StatusCallback")), (None, Some(expected.as_str())));
        assert_eq!(callback::delivery(&expected), Some(envelope.delivery));
    }
    let path = format!("/v1/callbacks/twilio/status?delivery={id}");
    assert_eq!(callback::delivery(&path), Some(envelope.delivery));
    assert_eq!(callback::delivery("/v1/callbacks/twilio/status?delivery=1"), None);
}

async fn answered(reply: Reply) -> Result<String, SendError> {
    let peer = HttpPeer::start(Script::always(reply)).await.unwrap();
    let receipt = sms(config(twilio(&peer))).send(&envelope("a", "b")).await;
    assert_eq!(peer.requests().len(), 1);
    receipt.map(|receipt| receipt.detail.unwrap())
}

async fn check(reply: Reply, kind: ErrorKind, verdict: Verdict, told: &str) {
    let said = format!("{reply:?}");
    let error = answered(reply).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (kind, verdict), "{said}");
    assert!(error.message().contains(told), "{error}: {said}");
    for secret in [TOKEN, ACCOUNT, ANN] {
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test]
async fn codes_go_before_statuses() {
    let soon = Verdict::Transient { retry_after: None };
    for (status, code, told) in [
        (400, 21211, "code 21211, the receiver's number is not valid"),
        (400, 21614, "cannot take text messages"),
        (401, 20003, "check account_sid and auth_token"),
        (408, 20003, "20003"),
        (404, 20404, "check account_sid"),
        (400, 99999, "see twilio.com/docs/api/errors/99999"),
        (403, 20403, "403"),
    ] {
        check(refused(status, code), ErrorKind::Status(status), Verdict::Permanent, told).await;
    }
    check(refused(410, 20404), ErrorKind::Status(410), Verdict::Permanent, "status 410").await;
    check(refused(429, 20429), ErrorKind::RateLimited, soon, "too many requests").await;
    check(refused(400, 20429), ErrorKind::RateLimited, soon, "too many requests").await;
    for (status, code) in [(429, 21611), (400, 21611), (429, 14107)] {
        check(refused(status, code), ErrorKind::RateLimited, soon, "too many").await;
    }
    let html = Reply::status(429).header("Content-Type", "text/html").body("<html>slow down</html>");
    check(html, ErrorKind::RateLimited, soon, "status 429").await;
    for status in [500, 502, 503, 504] {
        let html = Reply::status(status).header("Content-Type", "text/html").body(format!("<html>{ANN}</html>"));
        check(html, ErrorKind::Status(status), soon, &status.to_string()).await;
    }
    let torn = Reply::status(401).body(r#"{"code": 20003, "message": "Authenti"#);
    check(torn, ErrorKind::Status(401), Verdict::Permanent, "status 401").await;
    let wait = Verdict::Transient { retry_after: Some(Duration::from_secs(9)) };
    check(refused(429, 20429).header("Retry-After", "9"), ErrorKind::RateLimited, wait, "429").await;
    for (status, code) in [(500, 20500), (503, 20003), (500, 21610)] {
        check(refused(status, code), ErrorKind::Status(status), soon, &status.to_string()).await;
    }
    check(refused(400, 21610), ErrorKind::NoAddress, Verdict::Permanent, "STOP").await;
    for body in ["", "<html>", "[]", "{\"code\": -1}", "{\"code\": 99999999999999999999}", "{\"code\": {}}"] {
        check(Reply::status(400).body(body), ErrorKind::Status(400), Verdict::Permanent, "status 400").await;
    }
    let redirect = Reply::redirect(307, "https://elsewhere.example.com/");
    check(redirect, ErrorKind::Status(307), Verdict::Permanent, "status 307").await;
}

#[tokio::test]
async fn a_message_that_was_taken_tells_its_sid_and_its_parts() {
    let parts = "1 part (GSM-7, 12 of 160)";
    assert_eq!(answered(taken()).await.unwrap(), format!("{MESSAGE} queued, {parts}"));
    for body in ["", "{", "{\"sid\": \"hunter2 \\n\", \"status\": \"<b>\"}", "{\"sid\": 7, \"status\": 7}"] {
        let told = answered(Reply::status(201).body(body)).await.unwrap();
        assert_eq!(told, format!("no message SID accepted, {parts}"));
    }
}

#[tokio::test]
async fn a_message_that_failed_at_once_was_not_sent() {
    let (last, soon) = (Verdict::Permanent, Verdict::Transient { retry_after: None });
    let failed = |http: u16, status: &str, code: &str| {
        Reply::status(http).body(format!(r#"{{"sid": "{MESSAGE}", "status": "{status}", "error_code": {code}}}"#))
    };
    check(failed(201, "failed", "21610"), ErrorKind::NoAddress, last, "the receiver has answered STOP").await;
    check(failed(201, "undelivered", "\"30005\""), ErrorKind::Other, last, "30005").await;
    check(failed(200, "canceled", "null"), ErrorKind::Other, last, "failed it at once").await;
    check(failed(200, "failed", "20429"), ErrorKind::RateLimited, soon, "too many requests").await;
    check(failed(201, "failed", "30001"), ErrorKind::Other, soon, "the queue was full").await;
    // An error code is a failure, whatever status stands beside it; none and 0 are not.
    check(failed(200, "queued", "30007"), ErrorKind::Other, last, "30007").await;
    check(failed(201, "new", "21610"), ErrorKind::NoAddress, last, "STOP").await;
    for (status, code) in [("queued", "null"), ("queued", "0"), ("delivered", "30003")] {
        let told = answered(failed(201, status, code)).await.unwrap();
        assert!(told.starts_with(&format!("{MESSAGE} {status}, ")), "{told}");
    }
}

#[tokio::test]
async fn who_said_stop_gets_nothing_more() {
    let peer = HttpPeer::start(Script::sequence([refused(400, 21610), taken()])).await.unwrap();
    let list = Arc::new(MemorySuppressions::default());
    let sms = sms(config(twilio(&peer)).suppressions(list.clone()));
    let envelope = envelope("a", "b");
    for _ in 0..2 {
        let error = sms.send(&envelope).await.unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::NoAddress, Verdict::Permanent));
        assert_eq!(peer.requests().len(), 1, "a suppressed number was sent to");
    }
    assert!(list.is_suppressed(ANN).unwrap());
    list.lift(ANN).unwrap();
    sms.send(&envelope).await.unwrap();
    assert_eq!(peer.requests().len(), 2);
}

/// A list that is out of order.
#[derive(Debug)]
struct Broken;

impl Suppressions for Broken {
    fn is_suppressed(&self, _number: &str) -> io::Result<bool> {
        Err(io::Error::other("the disk is on fire"))
    }

    fn suppress(&self, _number: &str) -> io::Result<()> {
        Err(io::Error::other("the disk is on fire"))
    }

    fn lift(&self, _number: &str) -> io::Result<()> {
        Err(io::Error::other("the disk is on fire"))
    }
}

#[tokio::test]
async fn without_its_list_nothing_is_sent() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let sms = sms(config(twilio(&peer)).suppressions(Arc::new(Broken)));
    let error = sms.send(&envelope("a", "b")).await.unwrap_err();
    assert_eq!((error.verdict(), peer.requests().len()), (Verdict::Transient { retry_after: None }, 0));
    assert!(error.source().is_some());
}

#[tokio::test]
async fn a_wrong_number_is_refused_before_anything_is_sent() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let sms = sms(config(twilio(&peer)));
    for to in
        [None, Some(""), Some("555 0101"), Some("+0155501"), Some("+15550101,+15550102"), Some("whatsapp:+15550101")]
    {
        let envelope = tidings_core::Envelope { to: to.map(Address::new), ..envelope("a", "b") };
        let error = sms.send(&envelope).await.unwrap_err();
        assert_eq!((error.kind(), error.verdict()), (ErrorKind::NoAddress, Verdict::Permanent), "{to:?}");
        assert!(!to.is_some_and(|to| !to.is_empty() && format!("{error:?}").contains(to)), "{error:?}");
    }
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn what_is_shown_before_is_what_is_sent() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    for (max_parts, body) in [(1, "b".repeat(500)), (2, "ж😀".repeat(500)), (3, "€".repeat(500))] {
        let sms = sms(config(twilio(&peer)).max_parts(max_parts));
        let envelope = envelope("a", &body);
        let preview = sms.preview(&envelope.payload).unwrap();
        assert_eq!(preview.segments.parts, max_parts);
        let detail = sms.send(&envelope).await.unwrap().detail.unwrap();
        assert!(detail.ends_with(&preview.segments.to_string()), "{detail}");
        let form = form(peer.requests().last().unwrap());
        assert_eq!(form[2], ("Body".to_owned(), preview.text));
    }
}

#[tokio::test]
async fn a_worded_text_beyond_the_cap_never_leaves() {
    let peer = HttpPeer::start(Script::always(taken())).await.unwrap();
    let sms = sms(config(twilio(&peer)).text(Text::new(|_| Ok("x".repeat(400)))));
    let error = sms.send(&envelope("a", "b")).await.unwrap_err();
    assert_eq!((error.kind(), error.verdict()), (ErrorKind::Render, Verdict::Permanent));
    assert!(error.message().contains("3 parts") && error.message().contains("max_parts is 2"), "{error}");
    assert_eq!(sms.preview(&envelope("a", "b").payload).unwrap_err().kind(), ErrorKind::Render);
    assert_eq!(peer.requests().len(), 0);
}
