//! What stays while processes come and go: the folder with the store, the receivers, the source's and the rules' kind.

use std::{net::SocketAddr, path::PathBuf};

use fastrand::Rng;
use serde_json::Value;
use tempfile::TempDir;
use tidings_testkit::{
    HttpPeer, Reply, Script,
    http::{Fault, Recorded},
};

use super::{
    config::{Channels, config, timed_rules, untimed_rules},
    protocol::{Setup, Stop},
};

/// Among how many requests faults are scattered; later ones are answered well.
const FAULTY: usize = 20_000;

/// What stays.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
    program: PathBuf,
    /// Who gets every event; `None` while it is down.
    pub sink: Option<Receiver>,
    /// Who is told what rules say.
    pub pager: Receiver,
    /// Who is told what is critical, beside the pager.
    pub phone: Receiver,
    /// Who answers 404 to everything.
    pub desk: Receiver,
    /// Whether rules go by the events' own times.
    pub timed: bool,
    /// The rules.
    pub rules: Value,
    /// For how long a message is not repeated.
    pub window: &'static str,
}

/// A receiver, and which of its requests it takes.
#[derive(Debug)]
pub struct Receiver {
    peer: HttpPeer,
    refused: Vec<bool>,
}

impl Receiver {
    /// One that refuses one request in fifty, in different manners.
    async fn moody(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let refused: Vec<_> = (0..FAULTY).map(|_| random.u8(..50) == 0).collect();
        let reply = |refuses: &bool| match (refuses, random.bool()) {
            (false, _) => Reply::status(200),
            (true, true) => Reply::status(503),
            (true, false) => Reply::fault(Fault::Reset),
        };
        let replies: Vec<_> = refused.iter().map(reply).chain([Reply::status(200)]).collect();
        let peer = HttpPeer::start(Script::sequence(replies)).await.expect("loopback has a free port");
        Self { peer, refused }
    }

    /// One that knows nobody.
    async fn unknown() -> Self {
        let peer = HttpPeer::start(Script::statuses([404])).await.expect("loopback has a free port");
        Self { peer, refused: Vec::new() }
    }

    async fn plain(address: Option<SocketAddr>) -> Self {
        let script = Script::statuses([200]);
        let peer = match address {
            Some(address) => HttpPeer::start_at(address, script).await,
            None => HttpPeer::start(script).await,
        };
        Self { peer: peer.expect("loopback has a free port"), refused: Vec::new() }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.peer.address()
    }

    /// How many requests have come.
    #[must_use]
    pub fn count(&self) -> usize {
        self.peer.requests().len()
    }

    /// Every request.
    pub(super) fn asked(&self) -> Vec<Recorded> {
        self.peer.requests()
    }

    /// The requests that it took.
    pub(super) fn taken(&self) -> Vec<Recorded> {
        let refused = self.refused.iter().copied().chain(std::iter::repeat(false));
        self.peer.requests().into_iter().zip(refused).filter(|(_, refused)| !refused).map(|(taken, _)| taken).collect()
    }
}

impl World {
    /// Receivers, now and then unwilling, and an empty folder for a store.
    ///
    /// # Panics
    /// If there is no room for them.
    pub async fn new(program: &str, timed: bool, seed: u64) -> Self {
        let receivers = (Receiver::moody(seed).await, Receiver::moody(seed + 1).await);
        Self::with(program, timed, receivers).await
    }

    /// The same with receivers that take everything.
    ///
    /// # Panics
    /// If there is no room for them.
    pub async fn calm(program: &str, timed: bool) -> Self {
        let receivers = (Receiver::plain(None).await, Receiver::plain(None).await);
        Self::with(program, timed, receivers).await
    }

    async fn with(program: &str, timed: bool, (sink, pager): (Receiver, Receiver)) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let rules = if timed { timed_rules() } else { untimed_rules() };
        let (phone, desk, sink) = (Receiver::plain(None).await, Receiver::unknown().await, Some(sink));
        let world = Self { folder, program: program.into(), sink, pager, phone, desk, timed, rules, window: "1h" };
        world.write_config();
        world
    }

    /// One whose sink always answers so.
    ///
    /// # Panics
    /// If there is no room for it.
    pub async fn answering(program: &str, reply: Reply) -> Self {
        let peer = HttpPeer::start(Script::always(reply)).await.expect("loopback has a free port");
        let sink = Receiver { peer, refused: Vec::new() };
        Self::with(program, false, (sink, Receiver::plain(None).await)).await
    }

    /// Other rules from the next start on, and for how long they do not repeat a message.
    #[must_use]
    pub fn rules(mut self, rules: Value, window: &'static str) -> Self {
        (self.rules, self.window) = (rules, window);
        self.write_config();
        self
    }

    fn write_config(&self) {
        let sink = self.sink.as_ref().map(|sink| sink.peer.url("/"));
        let [pager, phone, desk] = [&self.pager, &self.phone, &self.desk].map(|receiver| receiver.peer.url("/"));
        let channels = Channels { pager: &pager, phone: &phone, desk: &desk };
        let text = config(sink.as_deref(), channels, (&self.rules, self.window));
        std::fs::write(self.path("tidings.yaml"), text).expect("there is room for a file");
    }

    /// Takes the sink's receiver down, or up again at the address where it was.
    ///
    /// # Panics
    /// If somebody else has taken its address.
    pub async fn set_sink(&mut self, at: Option<SocketAddr>) {
        self.sink = match at {
            Some(address) => Some(Receiver::plain(Some(address)).await),
            None => None,
        };
    }

    /// A file of the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &std::path::Path {
        &self.program
    }

    /// How a life begins here, on the machine's clock, with two doors where the order of times does not matter.
    #[must_use]
    pub fn setup(&self, step: Option<Stop>) -> Setup {
        Setup {
            config: self.path("tidings.yaml"),
            store: self.path("tidings.db"),
            seen: self.path("seen"),
            event_time: self.timed,
            clock: None,
            step,
            doors: self.doors(),
            patience: 60_000,
            lists_events: true,
        }
    }

    /// How many doors a source may use.
    #[must_use]
    pub const fn doors(&self) -> usize {
        if self.timed { 1 } else { 2 }
    }

    /// The configuration of a run beside: without the sink, for users at this receiver alone, whatever the channel.
    pub(super) fn config_beside(&self, peer: &HttpPeer) -> String {
        let url = peer.url("/");
        config(None, Channels { pager: &url, phone: &url, desk: &url }, (&self.rules, self.window))
    }
}
