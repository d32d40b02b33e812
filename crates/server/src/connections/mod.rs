//! Connections: how many may be open, how long half a request's head is waited for, and how they end. What is answered on them is the
//! router's.

mod crowd;
mod stream;

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, response::IntoResponse};
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

use self::{
    crowd::{Crowd, Member},
    stream::Stream,
};
use crate::{app::App, patience, problem::Refusal};

/// The largest head of a request, and what is read at a time, in bytes.
const BUFFER: usize = 32 * 1024;
/// How long the listener rests when the system has no file left for one more connection.
const REST: Duration = Duration::from_millis(100);
/// How long requests that are being answered may take before the notifier closes.
const HEAD_START: Duration = Duration::from_secs(1);

/// How many connections a daemon takes, and how patient it is with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionConfig {
    /// How many may be open at once, sockets among them; more wait to be taken. Default: 20,000.
    pub most: usize,
    /// How long a request's head, and then all of it, may take to arrive; how long a connection may be idle, and a
    /// client leave an answer unread. Default: 10 s.
    pub patience: Duration,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self { most: 20_000, patience: patience::REQUEST }
    }
}

/// Where connections come in.
pub(crate) struct Entrance {
    listener: TcpListener,
    router: Router,
    places: Arc<Semaphore>,
    patience: Duration,
}

impl Entrance {
    pub(crate) fn new(listener: TcpListener, router: Router, config: ConnectionConfig) -> Self {
        let places = Arc::new(Semaphore::new(config.most.min(Semaphore::MAX_PERMITS)));
        Self { listener, router, places, patience: config.patience }
    }

    /// Serves until the daemon stops; then lets those finish who are there, while the notifier drains, and answers who comes meanwhile
    /// that it stops.
    pub(crate) async fn serve(self, app: &App) {
        let guests = Crowd::new();
        tokio::select! {
            () = self.admit(&guests, true) => {}
            () = app.stopping() => {}
        }
        guests.finish();
        if let Some(hub) = app.notifier().hub() {
            hub.close();
        }
        // One request each, so that nobody stays.
        let late = Crowd::new();
        tokio::select! {
            () = self.admit(&late, false) => {}
            () = leave(&guests, app) => {}
        }
    }

    /// Takes connections for as long as it is polled.
    async fn admit(&self, crowd: &Crowd, keep_alive: bool) {
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(self.patience).max_buf_size(BUFFER).keep_alive(keep_alive);
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            let stream = self.next().await;
            let member = crowd.join();
            let stream = Stream::new(stream, self.patience, place, member.clone());
            tokio::spawn(run(server.clone(), stream, self.router.clone(), member));
        }
    }

    /// The next connection, whatever becomes of others.
    async fn next(&self) -> TcpStream {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // A message is small and shall be there at once.
                    stream.set_nodelay(true).ok();
                    return stream;
                }
                Err(error) if is_of_one(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be taken: is the limit of open files too low?");
                    sleep(REST).await;
                }
            }
        }
    }
}

/// Waits until all have gone and the notifier has stopped, no longer than its own limit.
async fn leave(guests: &Crowd, app: &App) {
    let limit = app.plan().shutdown_timeout;
    let head_start = HEAD_START.min(limit);
    let all_gone = timeout(head_start, guests.gone()).await.is_ok();
    let left = if all_gone { limit } else { limit.saturating_sub(head_start) };
    let (_, account) = tokio::join!(timeout(left, guests.gone()), app.notifier().stop_within(left));
    tracing::debug!(?account, "stopped");
}

/// Whether only the one connection that was about to come is at fault.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// One connection, to its end or to that of its socket's handshake.
async fn run(server: http1::Builder, stream: Stream, router: Router, mut member: Member) {
    let service = TowerToHyperService::new(router);
    let mut connection = server.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let ended = tokio::select! {
        ended = Pin::new(&mut connection) => Some(ended),
        () = member.finish() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            tokio::select! {
                ended = Pin::new(&mut connection) => ended,
                () = member.go() => return,
            }
        }
    };
    // Who began to ask is told; a connection that was only idle is closed without a word.
    if ended.is_err_and(|error| error.is_timeout())
        && let Some(parts) = connection.into_parts()
        && !parts.read_buf.is_empty()
    {
        part(parts.io.into_inner()).await;
    }
}

/// Answers half a request's head.
async fn part(mut stream: Stream) {
    let detail = "the request's head was not complete in time: send all of it at once";
    let response = Refusal::new(StatusCode::REQUEST_TIMEOUT, detail).into_response();
    let Ok(body) = response.into_body().collect().await else { return };
    let body = body.to_bytes();
    let head = format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let told = async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
        stream.shutdown().await
    };
    // A client that does not read is not waited for.
    drop(timeout(HEAD_START, told).await);
}

/// Whether others than this machine reach the address.
pub(crate) fn is_public(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}
