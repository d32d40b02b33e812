//! A NATS peer on loopback, written on bare TCP so that it can misbehave. It takes what a publisher sends, records it and answers by its
//! script; it hands nothing on, so subscribers are tested with a real server.

use std::{
    future::pending,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::conformance::Peer;

/// The longest message that the peer takes.
const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;

/// What a peer does with one message, or with a connection that is about to bring one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NatsReply {
    /// Takes it, and confirms it as a stream where the publisher asks for that.
    Takes,
    /// Takes it, and says this line beside.
    Says(String),
    /// Takes it, and answers this JSON as a stream.
    Answers(String),
    /// Takes it, and says that no stream listens.
    NobodyListens,
    /// Turns the login away with this error before any message comes.
    TurnsAway(String),
    /// Takes it, asks whether the publisher lives, and says nothing on this connection any more.
    TakesAndFallsSilent,
    /// Never says anything any more.
    Hangs,
    /// Says something that never ends, byte by byte with this pause between.
    Drips(Duration),
    /// Resets the connection once it has the whole message.
    Breaks,
}

/// What came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The subject.
    pub subject: String,
    /// Where the publisher wants an answer.
    pub reply: Option<String>,
    /// The header block.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A peer that listens on a free port of loopback until it is dropped.
#[derive(Debug)]
pub struct NatsPeer {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    script: Vec<NatsReply>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    published: Vec<Published>,
    attempts: usize,
    connections: usize,
    unknown: Option<String>,
}

impl NatsPeer {
    /// Starts a peer that answers so, one attempt after the other, and the last one for ever.
    ///
    /// # Errors
    /// If no port of loopback can be had.
    pub async fn start(script: impl IntoIterator<Item = NatsReply>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let state = Arc::new(State { script: script.into_iter().collect(), seen: Mutex::default() });
        let address = listener.local_addr()?;
        Ok(Self { address, accepting: tokio::spawn(accept(listener, Arc::clone(&state))), state })
    }

    /// Its address as publishers write it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Every complete message so far.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.state.seen().published.clone()
    }

    /// How many connections it has taken.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.seen().connections
    }
}

impl Drop for NatsPeer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Peer for NatsPeer {
    fn received(&self) -> Vec<String> {
        let text = |one: &Published| format!("{}\n{}\n{}", one.subject, one.head, String::from_utf8_lossy(&one.body));
        self.state.seen().published.iter().map(text).collect()
    }

    fn attempts(&self) -> usize {
        self.state.seen().attempts
    }

    /// A command that no publisher sends, or a header of that name.
    fn injected(&self) -> Option<String> {
        let seen = self.state.seen();
        let headers = seen.published.iter().flat_map(|one| one.head.lines());
        let header =
            headers.filter(|line| line.to_ascii_lowercase().starts_with("x-injected")).map(str::to_owned).next();
        seen.unknown.clone().or(header)
    }
}

impl State {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the next attempt gets.
    fn next_reply(&self) -> NatsReply {
        let attempts = self.seen().attempts;
        self.script.get(attempts).or(self.script.last()).cloned().unwrap_or(NatsReply::Takes)
    }

    /// The words with which the next attempt is turned away, which then counts as made.
    fn turn_away(&self) -> Option<String> {
        let NatsReply::TurnsAway(words) = self.next_reply() else { return None };
        self.seen().attempts += 1;
        Some(words)
    }

    fn record(&self, published: Published) -> NatsReply {
        let reply = self.next_reply();
        let mut seen = self.seen();
        seen.attempts += 1;
        seen.published.push(published);
        reply
    }
}

/// The connections live in the set, so that they end with the peer.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.seen().connections += 1;
        connections.spawn(serve(stream, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection until either side is through with it; a publisher that goes away is nobody's fault.
async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut stream = BufReader::new(stream);
    let info = "INFO {\"server_id\":\"PEER\",\"version\":\"2.9.0\",\"max_payload\":1048576,\"headers\":true}\r\n";
    let mut going = stream.write_all(info.as_bytes()).await.is_ok();
    while going {
        going = obey(&mut stream, &state).await.unwrap_or(false);
    }
}

/// One command; whether the connection goes on.
async fn obey(stream: &mut BufReader<TcpStream>, state: &State) -> io::Result<bool> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(false);
    }
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["CONNECT", ..] => {
            let Some(words) = state.turn_away() else { return Ok(true) };
            // All that was said is read first: else the error would be lost with the connection.
            while line.trim() != "PING" {
                line.clear();
                stream.read_line(&mut line).await?;
            }
            stream.write_all(format!("-ERR '{words}'\r\n").as_bytes()).await?;
            Ok(false)
        }
        ["PING"] => stream.write_all(b"PONG\r\n").await.map(|()| true),
        ["PONG"] | ["SUB", ..] => Ok(true),
        ["HPUB", subject, rest @ ..] => {
            let published = read_message(stream, subject, rest).await?;
            let reply = state.record(published.clone());
            answer(stream, &published, reply).await
        }
        _ => {
            state.seen().unknown.get_or_insert_with(|| line.trim().to_owned());
            Ok(true)
        }
    }
}

async fn read_message(stream: &mut BufReader<TcpStream>, subject: &str, rest: &[&str]) -> io::Result<Published> {
    let (reply, lengths) = match rest {
        [reply, head, total] => (Some((*reply).to_owned()), (head, total)),
        [head, total] => (None, (head, total)),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let length = |text: &str| text.parse::<usize>().ok().filter(|length| *length <= MESSAGE_LIMIT);
    let (Some(head), Some(total)) = (length(lengths.0), length(lengths.1)) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut bytes = vec![0; total + 2];
    stream.read_exact(&mut bytes).await?;
    let body = bytes.split_off(head.min(total));
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let body = body.strip_suffix(b"\r\n").ok_or(io::ErrorKind::InvalidData)?.to_vec();
    Ok(Published { subject: subject.to_owned(), reply, head, body })
}

/// Whether the connection goes on.
async fn answer(stream: &mut BufReader<TcpStream>, published: &Published, reply: NatsReply) -> io::Result<bool> {
    let stored = "{\"stream\":\"PEER\",\"seq\":1}";
    match reply {
        NatsReply::Takes | NatsReply::TurnsAway(_) => store(stream, published, stored).await?,
        NatsReply::Says(line) => {
            stream.write_all(format!("{line}\r\n").as_bytes()).await?;
            store(stream, published, stored).await?;
        }
        NatsReply::Answers(json) => store(stream, published, &json).await?,
        NatsReply::NobodyListens => {
            let reply = published.reply.as_deref().unwrap_or("nobody");
            stream.write_all(format!("HMSG {reply} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n").as_bytes()).await?;
        }
        NatsReply::TakesAndFallsSilent => {
            store(stream, published, stored).await?;
            stream.write_all(b"PONG\r\nPING\r\n").await?;
            pending().await
        }
        NatsReply::Hangs => pending().await,
        NatsReply::Drips(pause) => loop {
            for byte in b"+OK\r\n" {
                sleep(pause).await;
                stream.write_all(&[*byte]).await?;
            }
        },
        NatsReply::Breaks => {
            stream.get_ref().set_zero_linger()?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Answers where the publisher listens, if it does.
async fn store(stream: &mut BufReader<TcpStream>, published: &Published, json: &str) -> io::Result<()> {
    let Some(reply) = &published.reply else { return Ok(()) };
    stream.write_all(format!("MSG {reply} 1 {}\r\n{json}\r\n", json.len()).as_bytes()).await
}
