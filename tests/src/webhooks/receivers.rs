//! Receivers in a process of their own, so that what they cost is nobody's else: they take every request, after their latency, and
//! count. The two processes speak over the child's standard input and output, a line each way.

use std::{
    convert::Infallible,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tidings::clock::instant_now;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// The argument that makes a program the receivers of another one; their latencies in milliseconds follow.
pub const ARGUMENT: &str = "--receivers";
/// What has not arrived by then will not.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a receiver has counted since it was last asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Counts {
    /// Requests that it has read.
    pub requests: u64,
    /// Connections that it has taken.
    pub connections: u64,
    /// Microseconds between the first request and the last one.
    pub micros: u64,
}

impl Counts {
    /// Requests a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.requests.saturating_sub(1) as f64 * 1e6 / self.micros.max(1) as f64
    }
}

/// The receivers, from outside. They end with this.
#[derive(Debug)]
pub struct Receivers {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    addresses: Vec<SocketAddr>,
}

impl Receivers {
    /// Starts this very program once more, as receivers with these latencies.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(latencies: &[Duration]) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ARGUMENT).args(latencies.iter().map(|latency| latency.as_millis().to_string()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(ask), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the child has no pipes"));
        };
        let mut answers = BufReader::new(output);
        let addresses = serde_json::from_str(&line(&mut answers)?)?;
        Ok(Self { child, ask, answers, addresses })
    }

    /// Where the receiver of this place listens.
    #[must_use]
    pub fn url(&self, place: usize) -> String {
        self.addresses.get(place).map(|address| format!("http://{address}/hook")).unwrap_or_default()
    }

    /// Waits until the receiver of this place has got so many requests since it was last asked, and begins to count anew.
    ///
    /// # Errors
    /// If they do not come within a minute.
    pub fn wait_for(&mut self, place: usize, requests: u64) -> io::Result<Counts> {
        writeln!(self.ask, "{place} {requests}")?;
        self.ask.flush()?;
        let counts: Counts = serde_json::from_str(&line(&mut self.answers)?)?;
        if counts.requests < requests {
            return Err(io::Error::other(format!("{} of {requests} requests came", counts.requests)));
        }
        Ok(counts)
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    from.read_line(&mut text)?;
    Ok(text)
}

/// Is the receivers, if the program was started as such; says whether it was.
///
/// # Errors
/// If a port or a pipe fails.
pub fn serve_if_asked() -> io::Result<bool> {
    let mut arguments = std::env::args().skip_while(|argument| argument != ARGUMENT);
    if arguments.next().is_none() {
        return Ok(false);
    }
    let latencies: Vec<_> = arguments.filter_map(|text| text.parse().ok()).map(Duration::from_millis).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(latencies)).map(|()| true)
}

async fn serve(latencies: Vec<Duration>) -> io::Result<()> {
    let (mut receivers, mut addresses) = (Vec::new(), Vec::new());
    for latency in latencies {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        addresses.push(listener.local_addr()?);
        let receiver = Arc::new(Receiver { latency, ..Receiver::default() });
        tokio::spawn(accept(listener, Arc::clone(&receiver)));
        receivers.push(receiver);
    }
    tell(&addresses)?;
    let (sender, mut lines) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        let mut lines = io::stdin().lock().lines();
        while lines.next().and_then(Result::ok).is_some_and(|line| sender.blocking_send(line).is_ok()) {}
    });
    while let Some(line) = lines.recv().await {
        let (place, requests) = line.split_once(' ').unwrap_or_default();
        let receiver = place.parse().ok().and_then(|place: usize| receivers.get(place));
        let (Some(receiver), Ok(requests)) = (receiver, requests.parse()) else { continue };
        // Whoever asks sees by the count that not all have come.
        drop(tokio::time::timeout(PATIENCE, receiver.wait_for(requests)).await);
        tell(&receiver.take())?;
    }
    Ok(())
}

fn tell(what: &impl Serialize) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", serde_json::to_string(what)?)?;
    output.flush()
}

/// One receiver, from inside.
#[derive(Debug, Default)]
struct Receiver {
    latency: Duration,
    connections: AtomicU64,
    requests: AtomicU64,
    span: Mutex<Option<(Instant, Instant)>>,
    arrived: Notify,
}

impl Receiver {
    fn note(&self) {
        let now = instant_now();
        let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
        *span = Some((span.map_or(now, |(first, _)| first), now));
        drop(span);
        self.requests.fetch_add(1, SeqCst);
        self.arrived.notify_waiters();
    }

    async fn wait_for(&self, requests: u64) {
        loop {
            let arrived = self.arrived.notified();
            if self.requests.load(SeqCst) >= requests {
                return;
            }
            arrived.await;
        }
    }

    fn take(&self) -> Counts {
        let span = self.span.lock().unwrap_or_else(PoisonError::into_inner).take();
        let micros = span.map(|(first, last)| last.duration_since(first).as_micros()).unwrap_or_default();
        Counts {
            requests: self.requests.swap(0, SeqCst),
            connections: self.connections.swap(0, SeqCst),
            micros: u64::try_from(micros).unwrap_or(u64::MAX),
        }
    }
}

async fn accept(listener: TcpListener, receiver: Arc<Receiver>) {
    while let Ok((stream, _)) = listener.accept().await {
        receiver.connections.fetch_add(1, SeqCst);
        tokio::spawn(answer(stream, Arc::clone(&receiver)));
    }
}

async fn answer(stream: TcpStream, receiver: Arc<Receiver>) {
    // Small answers are not held back for more of them.
    drop(stream.set_nodelay(true));
    let service = service_fn(|request: Request<Incoming>| {
        let receiver = Arc::clone(&receiver);
        async move {
            let mut body = request.into_body();
            while let Some(Ok(_)) = body.frame().await {}
            receiver.note();
            if !receiver.latency.is_zero() {
                tokio::time::sleep(receiver.latency).await;
            }
            Ok::<_, Infallible>(Response::new(Empty::<hyper::body::Bytes>::new()))
        }
    });
    // A client that goes away is nobody's fault.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}
