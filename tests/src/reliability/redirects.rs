//! Figure 9: receivers that send their callers elsewhere.

use tidings::Sink;
use tidings_engine::Notifier;
use tidings_testkit::{HttpPeer, Reply, Script};

use super::{
    Row, event,
    hooks::{client, hook},
    lab::{Backend, Lab},
    plan,
};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// Runs every status to every kind of target: beside it, itself, public, private, a cloud's metadata, another scheme.
///
/// # Panics
/// If anybody goes where the receiver points, or asks twice.
pub async fn run(backend: Backend) -> Vec<Row> {
    let target = HttpPeer::start(Script::statuses([200])).await.expect("there is a port");
    let targets = [
        target.url("/secret"),
        "/".to_owned(),
        "//".to_owned() + &target.address().to_string(),
        "http://93.184.215.14/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://[::1]/".to_owned(),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ];
    let client = client(std::time::Duration::from_secs(15));
    let (mut builder, mut peers) = (Notifier::builder(), Vec::new());
    for status in STATUSES {
        for location in &targets {
            let reply = Reply::redirect(status, location);
            let peer = HttpPeer::start(Script::always(reply)).await.expect("there is a port");
            let name = format!("{status} to {location:?}");
            builder = builder.sink(Sink::channel(&name, hook(&peer.url("/"), &client), plan([1, 1, 1]), 16));
            peers.push((name, peer));
        }
    }
    let lab = Lab::start(backend, builder).await;
    lab.accept(vec![event(1, 0)]).await;
    assert!(lab.pass_until_done(std::time::Duration::from_secs(5), std::time::Duration::from_secs(60)).await);
    for (name, peer) in &peers {
        assert_eq!(peer.requests().len(), 1, "{name}: asked once, and told for good");
    }
    assert_eq!((target.requests().len(), target.connections()), (0, 0), "nobody went there");
    let account = lab.stop().await;
    assert!(account.sinks.values().all(|sink| (sink.dead, sink.delivered) == (1, 0)), "{account:#?}");
    let found = format!("{} redirects, 0 second hops, each asked once and dead", peers.len());
    vec![Row::new(9, format!("301, 302, 303, 307, 308 to 9 kinds of places, {backend:?}"), found)]
}
