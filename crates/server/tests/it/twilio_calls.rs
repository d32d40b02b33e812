//! Twilio's calls, taken by the taker that stands ready: forged, repeated and genuine ones, over real HTTP.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tidings_core::{Address, Channel, DeliveryId, Envelope, Payload};
use tidings_http::{Client, ClientConfig};
use tidings_server::{Guard, TwilioCalls, twilio};
use tidings_sms::{MemorySuppressions, Sender, Sms, SmsConfig, Suppressions, Twilio, callback::State};
use tidings_testkit::{HttpPeer, Reply, Script, samples};
use url::form_urlencoded::Serializer;

use super::{raw, serve};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PUBLIC: &str = "https://tidings.example";
const ANN: &str = "+15550101";
const STATUS: &str = "/v1/callbacks/twilio/status";
const INCOMING: &str = "/v1/callbacks/twilio/incoming";

type Reports = Arc<Mutex<Vec<(DeliveryId, State)>>>;
type Pairs<'a> = &'a [(&'a str, &'a str)];

/// The server, what it keeps, and what it was told.
struct Stage {
    address: SocketAddr,
    list: Arc<dyn Suppressions>,
    reports: Reports,
}

impl Stage {
    async fn with(list: Arc<dyn Suppressions>) -> Self {
        let reports = Reports::default();
        let kept = Arc::clone(&reports);
        let calls = TwilioCalls::new(TOKEN, Arc::clone(&list)).on_report(move |reported| {
            kept.lock().unwrap().push((reported.delivery, reported.state));
            std::future::ready(Ok(()))
        });
        let told = format!("{calls:?}");
        assert!(!told.contains(TOKEN), "{told}");
        let router = twilio::router(PUBLIC.parse().unwrap(), Arc::new(calls), Guard::default());
        Self { address: serve(router).await, list, reports }
    }

    async fn new() -> Self {
        Self::with(Arc::new(MemorySuppressions::default())).await
    }

    /// Posts a form with this signature, and gives the status.
    async fn post(&self, target: &str, form: Pairs<'_>, signature: &str) -> String {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let head = format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close");
        let kind = "Content-Type: application/x-www-form-urlencoded; charset=UTF-8";
        let rest = format!("X-Twilio-Signature: {signature}\r\nContent-Length: {}", body.len());
        let answer = raw(self.address, &format!("{head}\r\n{kind}\r\n{rest}\r\n\r\n{body}"), "\r\n\r\n").await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// As Twilio posts it.
    async fn signed(&self, target: &str, form: Pairs<'_>) -> String {
        self.post(target, form, &sign(TOKEN, &format!("{PUBLIC}{target}"), form)).await
    }

    fn reports(&self) -> Vec<(DeliveryId, State)> {
        self.reports.lock().unwrap().clone()
    }
}

/// Twilio's signature, as its pages say it is made.
pub(crate) fn sign(token: &str, url: &str, form: Pairs<'_>) -> String {
    let mut form = form.to_vec();
    form.sort_unstable();
    let text: String = form.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(format!("{url}{text}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A SID with this number in it.
pub(crate) fn sid(number: u8) -> String {
    format!("SM{number:032x}")
}

fn delivery() -> DeliveryId {
    samples::envelope("a", Payload::Notification(Arc::new(samples::notification("a")))).delivery
}

#[tokio::test]
async fn a_report_comes_back_to_the_delivery_that_was_sent() {
    let taken = Reply::status(201).body(format!(r#"{{"sid": "{}", "status": "queued"}}"#, sid(1)));
    let peer = HttpPeer::start(Script::always(taken)).await.unwrap();
    let twilio = Twilio::new("AC0123", TOKEN, Sender::Number("+15550100".to_owned()))
        .api_url(peer.url(""))
        .status_callback(format!("{PUBLIC}{STATUS}?team=a%20b"));
    let config = SmsConfig::new(twilio).allow_private_networks(true);
    let sms = Sms::new(config, &Client::new(ClientConfig::default()).unwrap()).unwrap();
    let envelope = samples::envelope("a", Payload::Notification(Arc::new(samples::notification("a"))));
    sms.send(&Envelope { to: Some(Address::new(ANN)), ..envelope.clone() }).await.unwrap();
    let sent = peer.requests().remove(0).body;
    let (_, url) = url::form_urlencoded::parse(&sent).find(|(name, _)| name == "StatusCallback").unwrap();

    let stage = Stage::new().await;
    let target = url.strip_prefix(PUBLIC).unwrap();
    let sid = sid(1);
    for (status, code) in [("sent", ""), ("undelivered", "30003")] {
        let form = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("To", ANN), ("ErrorCode", code)];
        assert_eq!(stage.signed(target, &form).await, "200");
    }
    assert_eq!(stage.reports(), [(envelope.delivery, State::InFlight), (envelope.delivery, State::Failed)]);
}

#[tokio::test]
async fn forged_calls_change_nothing() {
    let stage = Stage::new().await;
    let (id, sid) = (delivery(), sid(1));
    let target = format!("{STATUS}?delivery={id}");
    let form = [("MessageSid", sid.as_str()), ("MessageStatus", "delivered"), ("To", ANN)];
    let genuine = sign(TOKEN, &format!("{PUBLIC}{target}"), &form);
    let failed = [("MessageSid", sid.as_str()), ("MessageStatus", "failed"), ("ErrorCode", "21610"), ("To", ANN)];
    for (target, form, signature) in [
        // No signature, another token's, and a genuine one with another form, query or route.
        (target.as_str(), &form[..], ""),
        (&target, &form, &sign("fedcba9876543210fedcba9876543210", &format!("{PUBLIC}{target}"), &form)),
        (&target, &failed, &genuine),
        (&format!("{target}0"), &form, &genuine),
        (STATUS, &form, &genuine),
        (INCOMING, &[("From", ANN), ("Body", "STOP")], &genuine),
        // Over the address that was called, not over the public one.
        (&target, &form, &sign(TOKEN, &format!("http://localhost{target}"), &form)),
    ] {
        assert_eq!(stage.post(target, form, signature).await, "403", "{target} {form:?}");
    }
    assert!(stage.reports().is_empty() && !stage.list.is_suppressed(ANN).unwrap());
    assert_eq!(stage.post(&target, &form, &genuine).await, "200");
    assert_eq!(stage.reports(), [(id, State::Delivered)]);
}

#[tokio::test]
async fn a_repeated_start_does_not_undo_a_later_stop() {
    let stage = Stage::new().await;
    let sids = [sid(1), sid(2), sid(3)];
    let [start, stop, again] = [("START", &sids[0]), ("Stop.", &sids[1]), ("unstop", &sids[2])]
        .map(|(body, sid)| [("From", ANN), ("Body", body), ("MessageSid", sid.as_str())]);
    for (form, suppressed) in [(&start, false), (&stop, true), (&start, true), (&again, false), (&stop, false)] {
        assert_eq!(stage.signed(INCOMING, form).await, "200");
        assert_eq!(stage.list.is_suppressed(ANN).unwrap(), suppressed, "{form:?}");
    }
}

#[tokio::test]
async fn what_twilio_refuses_for_a_stop_goes_on_the_list() {
    let stage = Stage::new().await;
    let sid = sid(1);
    let form = [("MessageSid", sid.as_str()), ("MessageStatus", "failed"), ("ErrorCode", "21610"), ("To", ANN)];
    // A message of another program with the same account names no delivery.
    assert_eq!(stage.signed(STATUS, &form).await, "200");
    assert!(stage.list.is_suppressed(ANN).unwrap() && stage.reports().is_empty());
    let odd = [("MessageSid", sid.as_str()), ("MessageStatus", "teleported"), ("To", ANN)];
    assert_eq!(stage.signed(&format!("{STATUS}?delivery={}", delivery()), &odd).await, "200");
    assert!(stage.reports().is_empty());
}

/// A list that is out of order until it is mended.
#[derive(Debug, Default)]
struct Broken {
    mended: Mutex<bool>,
    list: MemorySuppressions,
}

impl Suppressions for Broken {
    fn is_suppressed(&self, number: &str) -> io::Result<bool> {
        self.list.is_suppressed(number)
    }

    fn suppress(&self, number: &str) -> io::Result<()> {
        if *self.mended.lock().unwrap() { self.list.suppress(number) } else { Err(io::Error::other("disk full")) }
    }

    fn lift(&self, number: &str) -> io::Result<()> {
        self.list.lift(number)
    }
}

#[tokio::test]
async fn a_stop_that_cannot_be_kept_is_to_come_again() {
    let list = Arc::new(Broken::default());
    let stage = Stage::with(list.clone()).await;
    let sid = sid(1);
    let stop = [("From", ANN), ("Body", "STOP"), ("MessageSid", sid.as_str())];
    assert_eq!(stage.signed(INCOMING, &stop).await, "503");
    *list.mended.lock().unwrap() = true;
    assert_eq!(stage.signed(INCOMING, &stop).await, "200");
    assert!(stage.list.is_suppressed(ANN).unwrap());
    // It would never be one: no call of it is worth another.
    for from in ["whatsapp:+15550102", "12345", ""] {
        assert_eq!(stage.signed(INCOMING, &[("From", from), ("Body", "STOP")]).await, "200", "{from}");
    }
    assert_eq!(stage.signed(INCOMING, &[("From", ANN), ("Body", "who is this?")]).await, "200");
    assert!(stage.list.is_suppressed(ANN).unwrap());
}

#[tokio::test]
async fn a_report_that_is_not_taken_is_to_come_again_and_two_tokens_are_good() {
    let calls = TwilioCalls::new("the-new-one", Arc::new(MemorySuppressions::default())).token(TOKEN);
    let calls = calls.on_report(async |_| Err("the store is not there: send this again later".to_owned()));
    let router = twilio::router(PUBLIC.parse().unwrap(), Arc::new(calls), Guard::default());
    let list: Arc<dyn Suppressions> = Arc::new(MemorySuppressions::default());
    let stage = Stage { address: serve(router).await, list, reports: Reports::default() };
    let (target, sid) = (format!("{STATUS}?delivery={}", delivery()), sid(1));
    let form = [("MessageSid", sid.as_str()), ("MessageStatus", "sent")];
    assert_eq!(stage.signed(&target, &form).await, "503");
    let new = sign("the-new-one", &format!("{PUBLIC}{target}"), &form);
    assert_eq!(stage.post(&target, &form, &new).await, "503");
    assert_eq!(stage.post(&target, &form, &sign("", &format!("{PUBLIC}{target}"), &form)).await, "403");
}
