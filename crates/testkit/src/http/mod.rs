//! An HTTP/1.1 peer on loopback, written on bare TCP so that it can misbehave. It records whatever reaches it and answers by its
//! script; it judges nothing.

mod script;
mod wire;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tidings_core::clock::instant_now;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
};

pub use self::script::{Fault, Reply, Script};

/// Ephemeral ports that are a well-known service's: a guard would refuse a peer there.
const SERVICE_PORTS: [u16; 12] =
    [33_060, 33_061, 33_062, 50_000, 50_001, 50_070, 54_321, 61_613, 61_614, 61_615, 61_616, 65_535];

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers in their order, names as they were sent.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The ordinal of its connection, from 0.
    pub connection: usize,
    /// When it was complete, counted from the peer's start.
    pub after: Duration,
}

impl Recorded {
    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Head and body as one text, to search in.
    #[must_use]
    pub fn text(&self) -> String {
        let head: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{} {}\n{head}\n{}", self.method, self.path, String::from_utf8_lossy(&self.body))
    }
}

/// A peer that listens on a free port of loopback until it is dropped.
#[derive(Debug)]
pub struct HttpPeer {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    script: Script,
    started: Instant,
    requests: Mutex<Vec<Recorded>>,
    connections: AtomicUsize,
    bytes_sent: AtomicU64,
    arrived: Notify,
}

impl HttpPeer {
    /// Starts a peer that answers by this script.
    ///
    /// # Errors
    /// If no port of loopback can be had.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::listen(free_port().await?, script)
    }

    /// Starts a peer at this address: for two peers that differ in their IP address alone.
    ///
    /// # Errors
    /// If the address is taken or not of this machine.
    pub async fn start_at(address: SocketAddr, script: Script) -> io::Result<Self> {
        Self::listen(TcpListener::bind(address).await?, script)
    }

    /// Starts a peer that takes connections and never reads from them.
    ///
    /// # Errors
    /// If no port of loopback can be had.
    pub async fn start_deaf() -> io::Result<Self> {
        let (listener, state) = (free_port().await?, State::new(Script::statuses([])));
        Ok(Self { address: listener.local_addr()?, accepting: tokio::spawn(hold(listener, Arc::clone(&state))), state })
    }

    fn listen(listener: TcpListener, script: Script) -> io::Result<Self> {
        let (address, state) = (listener.local_addr()?, State::new(script));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL with this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every complete request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.requests().clone()
    }

    /// How many connections it has taken.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of answers the system has taken from it.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.state.bytes_sent.load(Ordering::SeqCst)
    }

    /// Waits until this many requests are complete. Give it a deadline of the test's own.
    pub async fn wait_for(&self, count: usize) -> Vec<Recorded> {
        loop {
            let arrived = self.state.arrived.notified();
            let requests = self.requests();
            if requests.len() >= count {
                return requests;
            }
            arrived.await;
        }
    }
}

impl Drop for HttpPeer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A free port of loopback that no guard takes for a service's.
async fn free_port() -> io::Result<TcpListener> {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        if !SERVICE_PORTS.contains(&listener.local_addr()?.port()) {
            return Ok(listener);
        }
    }
}

impl State {
    fn new(script: Script) -> Arc<Self> {
        Arc::new(Self {
            script,
            started: instant_now(),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            bytes_sent: AtomicU64::new(0),
            arrived: Notify::new(),
        })
    }

    fn requests(&self) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the request and tells its ordinal.
    fn record(&self, mut request: Recorded) -> usize {
        request.after = instant_now().duration_since(self.started);
        let mut requests = self.requests();
        requests.push(request);
        self.arrived.notify_waiters();
        requests.len() - 1
    }

    fn count_sent(&self, bytes: usize) {
        self.bytes_sent.fetch_add(bytes as u64, Ordering::SeqCst);
    }
}

/// The connections live in the set, so that they end with the peer.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let ordinal = state.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, ordinal, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

/// Keeps the connections open, and does nothing else for them.
async fn hold(listener: TcpListener, state: Arc<State>) {
    let mut held = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        held.push(stream);
    }
}

/// Serves one connection until either side is through with it; a client that goes away is nobody's fault.
async fn serve(stream: TcpStream, ordinal: usize, state: Arc<State>) {
    let mut wire = wire::Wire::new(stream);
    while let Ok(Some(mut request)) = wire.read_request().await {
        request.connection = ordinal;
        let number = state.record(request);
        match wire.answer(state.script.reply(number), |bytes| state.count_sent(bytes)).await {
            Ok(true) => {}
            Ok(false) | Err(_) => break,
        }
    }
}

#[cfg(test)]
mod tests;
