//! A mail server on loopback that speaks just enough SMTP to be met by a client, and can misbehave at every point. It records
//! whatever reaches it; it judges nothing.

mod mail;
mod script;
mod talk;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::TcpListener,
    sync::Notify,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

pub use self::{
    mail::Mail,
    script::{Act, Point, Security, SmtpScript, Turn},
};
use crate::{Authority, Peer};

/// A mail server that listens on a free port of loopback until it is dropped.
#[derive(Debug)]
pub struct SmtpPeer {
    address: SocketAddr,
    authority: Authority,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

/// What the connections of a peer share.
struct State {
    script: SmtpScript,
    acceptor: TlsAcceptor,
    mails: Mutex<Vec<Mail>>,
    commands: Mutex<Vec<String>>,
    unknown: Mutex<Vec<String>>,
    connections: AtomicUsize,
    turns: AtomicUsize,
    arrived: Notify,
}

impl SmtpPeer {
    /// Starts a server that answers by this script and shows a certificate of its own authority.
    ///
    /// # Errors
    /// If no port of loopback can be had.
    pub async fn start(script: SmtpScript) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let authority = Authority::generate();
        let state = State::new(script, authority.certify_loopback().server());
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, authority, state, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority that a client must trust to trust this server.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Every complete message so far, taken or not.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.state.mails).clone()
    }

    /// Every command so far, of all connections; those before a connection was secured too.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        lock(&self.state.commands).clone()
    }

    /// How many connections it has taken.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until this many messages are complete. Give it a deadline of the test's own.
    pub async fn wait_for(&self, count: usize) -> Vec<Mail> {
        loop {
            let arrived = self.state.arrived.notified();
            let mails = self.mails();
            if mails.len() >= count {
                return mails;
            }
            arrived.await;
        }
    }
}

impl Peer for SmtpPeer {
    fn received(&self) -> Vec<String> {
        self.mails().iter().map(Mail::text).collect()
    }

    /// Connections without a message count as one each.
    fn attempts(&self) -> usize {
        self.state.turns.load(Ordering::SeqCst)
    }

    fn injected(&self) -> Option<String> {
        let header = self.mails().iter().find_map(|mail| mail.header("X-Injected"));
        header.or_else(|| lock(&self.state.unknown).first().cloned())
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    fn new(script: SmtpScript, tls: Arc<rustls::ServerConfig>) -> Arc<Self> {
        Arc::new(Self {
            script,
            acceptor: TlsAcceptor::from(tls),
            mails: Mutex::default(),
            commands: Mutex::default(),
            unknown: Mutex::default(),
            connections: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
            arrived: Notify::new(),
        })
    }

    /// The turn of the next message.
    fn next_turn(&self) -> Turn {
        self.script.turn(self.turns.fetch_add(1, Ordering::SeqCst)).clone()
    }

    /// Keeps a complete message and tells how many there are.
    fn record(&self, mail: Mail) -> usize {
        let mut mails = lock(&self.mails);
        mails.push(mail);
        self.arrived.notify_waiters();
        mails.len()
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("script", &self.script).field("turns", &self.turns).finish_non_exhaustive()
    }
}

/// The connections live in the set, so that they end with the peer.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let ordinal = state.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(talk::serve(stream, ordinal, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
