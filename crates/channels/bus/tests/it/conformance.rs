//! The conformance suite, with and without JetStream: a scripted peer for the faults, a real server for what is taken.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt};
use tidings_bus::{Nats, NatsConfig};
use tidings_core::BoxFuture;
use tidings_testkit::{Behaviour, Capability, NatsPeer, NatsReply, Peer, Scene, Stage, Suite};

use crate::server::Server;

const SECRET: &str = "hunter2-of-the-bus";

struct NatsStage {
    jetstream: bool,
}

impl NatsStage {
    fn reply(&self, behaviour: Behaviour) -> Vec<NatsReply> {
        let refuses = NatsReply::Says("-ERR 'Permissions Violation for Publish to \"x\"'".to_owned());
        // Core NATS can only turn a connection away; a stream can be full.
        let busy = if self.jetstream {
            NatsReply::Answers("{\"error\":{\"code\":503,\"description\":\"full\"}}".to_owned())
        } else {
            NatsReply::TurnsAway("maximum connections exceeded".to_owned())
        };
        match behaviour {
            Behaviour::Refuses => vec![refuses],
            Behaviour::Busy(_) | Behaviour::AsksForLess(_) => vec![busy],
            Behaviour::BusyOnce => vec![busy, NatsReply::Takes],
            Behaviour::Hangs => vec![NatsReply::Hangs],
            Behaviour::HangsOnce => vec![NatsReply::Hangs, NatsReply::Takes],
            Behaviour::Drips => vec![NatsReply::Drips(Duration::from_millis(100))],
            Behaviour::Breaks => vec![NatsReply::Breaks],
            Behaviour::TakesAndRepeats if self.jetstream => {
                vec![NatsReply::Answers(format!("{{\"stream\":\"{SECRET}\",\"seq\":1}}"))]
            }
            Behaviour::TakesAndRepeats => vec![NatsReply::Says(format!("INFO {{\"name\":\"{SECRET}\"}}"))],
            Behaviour::RefusesAndRepeats => vec![NatsReply::Says(format!("-ERR '{SECRET}'"))],
            _ => vec![NatsReply::Takes],
        }
    }

    fn scene(&self, url: String, peer: Arc<dyn Peer>) -> Result<Scene, String> {
        let config = NatsConfig::new(url).login("tidings", SECRET).jetstream(self.jetstream);
        let nats = Nats::new(config.deadline(Duration::from_secs(1))).map_err(|error| error.to_string())?;
        Ok(Scene { debug: format!("{nats:?}"), channel: Arc::new(nats), peer, to: None })
    }

    async fn scripted(&self, behaviour: Behaviour) -> Result<Scene, String> {
        let peer = NatsPeer::start(self.reply(behaviour)).await.map_err(|error| error.to_string())?;
        self.scene(peer.url(), Arc::new(peer))
    }

    async fn real(&self, server: Server) -> Result<Scene, String> {
        let peer = RealPeer::start(server, self.jetstream).await;
        self.scene(peer.server.url(), Arc::new(peer))
    }
}

impl Stage for NatsStage {
    fn set(&self, behaviour: Behaviour) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(async move {
            let server = (behaviour == Behaviour::Takes).then(|| Server::start("")).flatten();
            match server {
                Some(server) => self.real(server).await,
                None => self.scripted(behaviour).await,
            }
        })
    }

    fn misaddressed(&self) -> BoxFuture<'_, Result<Scene, String>> {
        Box::pin(async {
            let peer = NatsPeer::start([]).await.map_err(|error| error.to_string())?;
            self.scene("http://127.0.0.1:4222".to_owned(), Arc::new(peer))
        })
    }
}

/// What an independent subscriber receives from a real server.
struct RealPeer {
    server: Server,
    client: async_nats::Client,
    seen: Mutex<(async_nats::Subscriber, Vec<String>)>,
}

impl RealPeer {
    async fn start(server: Server, jetstream: bool) -> Self {
        let client = async_nats::connect(server.url()).await.unwrap();
        if jetstream {
            let settings = async_nats::jetstream::stream::Config {
                name: "AGENTS".to_owned(),
                subjects: vec!["tidings.>".to_owned()],
                ..Default::default()
            };
            async_nats::jetstream::new(client.clone()).create_stream(settings).await.unwrap();
        }
        let subscriber = client.subscribe("tidings.>").await.unwrap();
        let peer = Self { server, client, seen: Mutex::new((subscriber, Vec::new())) };
        peer.catch_up();
        peer
    }

    /// What was sent to us before the server's answer has arrived with it.
    fn catch_up(&self) {
        let question = self.client.request("nobody.listens", "".into());
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(question)).unwrap_err();
    }
}

impl Peer for RealPeer {
    fn received(&self) -> Vec<String> {
        self.catch_up();
        let mut seen = self.seen.lock().unwrap();
        let (subscriber, texts) = &mut *seen;
        while let Some(Some(message)) = subscriber.next().now_or_never() {
            let headers = message.headers.unwrap_or_default();
            let line = |(name, values): (&async_nats::HeaderName, &Vec<async_nats::HeaderValue>)| {
                format!("{name}: {}\n", values[0].as_str())
            };
            let head: String = headers.iter().map(line).collect();
            texts.push(format!("{}\n{head}\n{}", message.subject, String::from_utf8_lossy(&message.payload)));
        }
        texts.clone()
    }

    fn attempts(&self) -> usize {
        self.received().len()
    }

    fn injected(&self) -> Option<String> {
        let received = self.received();
        received.iter().flat_map(|text| text.lines()).find(|line| line.starts_with("X-Injected")).map(str::to_owned)
    }
}

async fn conforms(jetstream: bool) {
    let suite = Suite {
        // The protocol has no way to say how long to wait.
        capabilities: Capability::all_but(&[Capability::RetryAfter]),
        stage: Box::new(NatsStage { jetstream }),
        secret: SECRET.to_owned(),
        patience: Duration::from_secs(60),
    };
    assert_eq!(suite.run().await.len(), Capability::ALL.len() - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_conforms() {
    conforms(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_conforms_with_jetstream() {
    conforms(true).await;
}
