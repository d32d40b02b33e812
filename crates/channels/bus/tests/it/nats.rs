//! The bus over a real `nats-server`, received by an independent client.

use std::{collections::HashMap, fs, sync::Arc, time::Duration};

use async_nats::{ConnectOptions, jetstream};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, StreamExt, future::join_all};
use nkeys::KeyPair;
use serde_json::{Value, json};
use tidings_bus::{Nats, NatsConfig};
use tidings_core::{Channel, Envelope, ErrorKind, Event, Payload, Verdict};
use tidings_testkit::{Authority, guide, samples};

use crate::server::Server;

pub(crate) fn channel(config: NatsConfig) -> Nats {
    Nats::new(config).unwrap()
}

pub(crate) fn event(label: &str) -> Envelope {
    samples::envelope(label, Payload::Event(Arc::new(samples::event())))
}

/// The next message, told as subject, headers and body.
pub(crate) async fn next(subscriber: &mut async_nats::Subscriber) -> String {
    let message = subscriber.next().await.unwrap();
    let headers = message.headers.unwrap_or_default();
    let mut lines: Vec<String> =
        headers.iter().map(|(name, values)| format!("{name}: {}", values[0].as_str())).collect();
    lines.sort();
    format!("{}\n{}\n\n{}", message.subject, lines.join("\n"), String::from_utf8_lossy(&message.payload))
}

pub(crate) async fn subscriber(url: &str, subject: &str) -> async_nats::Subscriber {
    let client = async_nats::connect(url).await.unwrap();
    let subscriber = client.subscribe(subject.to_owned()).await.unwrap();
    // The server has the subscription once it has answered something that came after it.
    client.request("nobody.listens", "".into()).await.unwrap_err();
    subscriber
}

#[tokio::test]
async fn subscribers_get_what_the_guide_shows() {
    let Some(server) = Server::start("") else { return };
    let mut subscriber = subscriber(&server.url(), "agents.>").await;
    let channel = channel(NatsConfig::new(server.url()).topic("agents"));
    let (raw, titled) = (event("guide"), samples::titled("disk full"));
    channel.send(&raw).await.unwrap();
    channel.send(&titled).await.unwrap();

    let (first, second) = (next(&mut subscriber).await, next(&mut subscriber).await);
    assert!(second.starts_with("agents.notification.u1\n"), "{second}");
    assert!(second.contains(&format!("Nats-Msg-Id: {}", titled.delivery)), "{second}");
    let body: Value = serde_json::from_str(second.split_once("\n\n").unwrap().1).unwrap();
    assert_eq!((&body["title"], &body["user_id"]), (&"disk full".into(), &"u1".into()));
    guide::check("bus.md", "event", &first);
}

#[tokio::test]
async fn a_stream_stores_each_delivery_once() {
    let Some(mut server) = Server::start("") else { return };
    let channel = channel(NatsConfig::new(server.url()).jetstream(true));
    let error = channel.send(&event("no stream")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Destination), "{error}");
    assert!(error.to_string().contains("no JetStream stream"), "{error}");

    let settings = jetstream::stream::Config {
        name: "AGENTS".to_owned(),
        subjects: vec!["tidings.>".to_owned()],
        ..jetstream::stream::Config::default()
    };
    let context = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    context.create_stream(settings).await.unwrap();
    let receipt = channel.send(&event("one")).await.unwrap();
    assert_eq!(receipt.detail.as_deref(), Some("stored in AGENTS as 1"));
    let again = channel.send(&event("one")).await.unwrap();
    assert_eq!(again.detail.as_deref(), Some("stored in AGENTS as 1, where it was already"));

    server.kill();
    channel.send(&event("one")).await.unwrap_err();
    server.resume();
    let after = channel.send(&event("one")).await.unwrap();
    assert_eq!(after.detail.as_deref(), Some("stored in AGENTS as 1, where it was already"));
    let context = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    assert_eq!(context.get_stream("AGENTS").await.unwrap().info().await.unwrap().state.messages, 1);
}

#[tokio::test]
async fn every_kind_of_login_is_taken_and_a_wrong_one_is_permanent() {
    let key = KeyPair::new_user();
    let users =
        format!("authorization {{ users: [{{user: ann, password: hunter2}}, {{nkey: {}}}] }}", key.public_key());
    let Some(server) = Server::start(&users) else { return };
    let config = || NatsConfig::new(server.url());
    for config in [config().login("ann", "hunter2"), config().nkey(key.seed().unwrap())] {
        channel(config).send(&event("in")).await.unwrap();
    }
    let stranger = KeyPair::new_user().seed().unwrap();
    for config in [config(), config().login("ann", "hunter3"), config().token("hunter3"), config().nkey(stranger)] {
        let error = channel(config).send(&event("out")).await.unwrap_err();
        assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Connect), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter"), "{error:?}");
    }
}

#[tokio::test]
async fn a_token_is_taken() {
    let Some(server) = Server::start("authorization { token: hunter2 }") else { return };
    channel(NatsConfig::new(server.url()).token("hunter2")).send(&event("in")).await.unwrap();
}

#[tokio::test]
async fn what_a_login_may_not_do_is_permanent_and_the_rest_goes_on() {
    let rights = "authorization { users: [{user: ann, password: p, permissions: {publish: \"tidings.tool.>\"}}] }";
    let Some(server) = Server::start(rights) else { return };
    let config = NatsConfig::new(server.url()).login("ann", "p");
    let core = channel(config.clone());
    let error = core.send(&samples::titled("for u1")).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Destination), "{error}");
    assert!(!format!("{error:?}").contains("u1"), "{error:?}");
    core.send(&event("allowed")).await.unwrap();

    let narrow = "authorization { users: [{user: ann, password: p, permissions: {subscribe: \"nothing\"}}] }";
    let server = Server::start(narrow).unwrap();
    let stored = channel(NatsConfig::new(server.url()).login("ann", "p").jetstream(true));
    let error = stored.send(&event("no inbox")).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::Permanent, "{error}");
    assert!(error.to_string().contains("_INBOX"), "{error}");
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_not_sent() {
    let Some(server) = Server::start("max_payload: 2000") else { return };
    let channel = channel(NatsConfig::new(server.url()));
    let long = Event::new("tool.error").data(json!({ "text": "x".repeat(2000) }));
    let error = channel.send(&samples::envelope("long", Payload::Event(Arc::new(long)))).await.unwrap_err();
    assert_eq!((error.verdict(), error.kind()), (Verdict::Permanent, ErrorKind::Render), "{error}");
    assert!(error.to_string().contains("2000 at most"), "{error}");
    channel.send(&event("short")).await.unwrap();
}

#[tokio::test]
async fn subjects_of_hostile_words_reach_their_own_place_alone() {
    let Some(server) = Server::start("") else { return };
    let mut subscriber = subscriber(&server.url(), "tidings.>").await;
    let channel = channel(NatsConfig::new(server.url()));
    for (event_type, subject) in [
        ("a b\r\nPUB tidings.evil 1\r\nx", "tidings.a%20b%0D%0APUB%20tidings.evil%201%0D%0Ax"),
        ("tool.>", "tidings.tool.%3E"),
        ("", "tidings.%"),
    ] {
        let payload = Payload::Event(Arc::new(Event::new(event_type)));
        channel.send(&samples::envelope(event_type, payload)).await.unwrap();
        assert!(next(&mut subscriber).await.starts_with(&format!("{subject}\n")), "{subject}");
    }
}

#[tokio::test]
async fn tls_goes_to_who_bears_the_right_certificate() {
    let Some(plain) = Server::start("") else { return };
    let (authority, folder) = (Authority::generate(), plain.folder());
    let certified = authority.certify_loopback();
    let [root, certificate, key] = ["root.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    fs::write(&root, authority.pem()).unwrap();
    fs::write(&certificate, certified.certificate_pem()).unwrap();
    fs::write(&key, certified.key_pem()).unwrap();
    let server = Server::start(&format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}")).unwrap();
    let url = server.url().replace("nats://", "tls://");
    channel(NatsConfig::new(&url).root_certificates(&root)).send(&event("trusted")).await.unwrap();
    // A server that demands TLS gets it, whatever the address says.
    channel(NatsConfig::new(server.url()).root_certificates(&root)).send(&event("upgraded")).await.unwrap();

    let error = channel(NatsConfig::new(&url)).send(&event("unknown issuer")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    let downgraded = plain.url().replace("nats://", "tls://");
    let config = NatsConfig::new(downgraded).root_certificates(&root).deadline(Duration::from_secs(2));
    channel(config).send(&event("never in the clear")).await.unwrap_err();
}

#[tokio::test]
async fn files_that_cannot_be_read_are_told_by_their_setting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "hunter2").unwrap();
    let config = || NatsConfig::new("nats://127.0.0.1");
    for (config, key) in [
        (config().credentials_file(&path), "`credentials_file`"),
        (config().credentials_file(folder.path().join("none")), "`credentials_file`"),
        (config().root_certificates(&path), "`root_certificates`"),
        (config().root_certificates(folder.path().join("none")), "`root_certificates`"),
    ] {
        let error = Nats::new(config).unwrap_err().to_string();
        assert!(error.contains(key) && !error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn many_in_flight_arrive_once_each_and_dropped_attempts_harm_no_other() {
    let Some(server) = Server::start("") else { return };
    let mut subscriber = subscriber(&server.url(), "tidings.>").await;
    let channel = Arc::new(channel(NatsConfig::new(server.url())));
    let senders = (0..16).map(|sender| {
        let channel = Arc::clone(&channel);
        tokio::spawn(async move {
            for number in 0..25 {
                // Polled once and dropped: wherever it was, the connection goes with it.
                let dropped = event(&format!("dropped {sender} {number}"));
                assert!(channel.send(&dropped).now_or_never().is_none());
                channel.send(&event(&format!("{sender} {number}"))).await.unwrap();
            }
        })
    });
    for sender in join_all(senders.collect::<Vec<_>>()).await {
        sender.unwrap();
    }
    let last = event("the end");
    channel.send(&last).await.unwrap();

    let mut seen = HashMap::<String, usize>::new();
    while !seen.contains_key(&last.delivery.to_string()) {
        let headers = subscriber.next().await.unwrap().headers.unwrap();
        *seen.entry(headers.get("Tidings-Delivery").unwrap().to_string()).or_default() += 1;
    }
    assert!(seen.values().all(|times| *times == 1));
    for sender in 0..16 {
        for number in 0..25 {
            assert!(seen.contains_key(&event(&format!("{sender} {number}")).delivery.to_string()));
        }
    }
}

#[tokio::test]
async fn a_credentials_file_is_taken() {
    let (operator, account, user) = (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_user());
    let rights = json!({"imports": [], "exports": [], "limits": {"subs": -1, "data": -1, "payload": -1, "imports": -1,
        "exports": -1, "wildcards": true, "conn": -1, "leaf": -1}});
    let root = statement(&operator, &operator, "operator", &json!({}));
    let trusted = statement(&operator, &account, "account", &rights);
    let own = statement(&account, &user, "user", &json!({"subs": -1, "data": -1, "payload": -1}));
    let resolver = format!("resolver: MEMORY\nresolver_preload {{ {}: {trusted} }}", account.public_key());
    let Some(server) = Server::start_plain(&format!("operator: {root}\n{resolver}")) else { return };

    let path = server.folder().join("user.creds");
    let seed = user.seed().unwrap();
    let file = format!(
        "-----BEGIN NATS USER JWT-----\n{own}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    fs::write(&path, file).unwrap();
    channel(NatsConfig::new(server.url()).credentials_file(&path)).send(&event("in")).await.unwrap();
}

/// A JWT as NATS has them: `issuer` says of `subject` what it may do.
fn statement(issuer: &KeyPair, subject: &KeyPair, kind: &str, rights: &Value) -> String {
    let mut rights = rights.clone();
    rights["type"] = kind.into();
    rights["version"] = 2.into();
    let claims = json!({"jti": "TEST", "iat": 1_700_000_000, "iss": issuer.public_key(), "name": kind,
        "sub": subject.public_key(), "nats": rights});
    let parts = [json!({"typ": "JWT", "alg": "ed25519-nkey"}), claims];
    let signed = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(issuer.sign(signed.as_bytes()).unwrap()))
}

#[tokio::test]
async fn connections_are_used_again() {
    let Some(server) = Server::start("") else { return };
    let client = ConnectOptions::new().connect(server.url()).await.unwrap();
    let first = client.server_info().client_id;
    let channel = channel(NatsConfig::new(server.url()));
    for number in 0..100 {
        channel.send(&event(&number.to_string())).await.unwrap();
    }
    let last = async_nats::connect(server.url()).await.unwrap().server_info().client_id;
    assert_eq!(last - first, 2, "one connection for a hundred messages");
}
