//! The routes over real sockets on loopback: clients that acknowledge, drop, resume, stall and vanish, and pages that may not ask.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

mod browser;
mod callbacks;
mod changes;
mod channels;
mod cloudevents;
mod conformance;
mod daemon;
mod events;
mod house;
mod ingest;
mod keys;
mod lab;
mod limits;
mod links;
mod live;
mod metrics;
mod modules;
mod page;
mod people;
mod read;
mod refusals;
mod reload;
mod retries;
mod silences;
mod sockets;
mod stopping;
mod twilio;
mod twilio_calls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, http::HeaderValue};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tidings_core::NotificationId;
use tidings_push::{Content, Hub, HubConfig, MemoryInbox, NewMessage};
use tidings_server::{Guard, PushAccess, SocketConfig, push};
use tidings_testkit::samples;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

const KEY: &str = "key-of-u1-3f1c9a";
const USER: &str = "u1";

type Client = WebSocketStream<TcpStream>;

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn hub() -> Hub {
    Hub::new(Arc::new(MemoryInbox::new()), &HubConfig::default()).unwrap()
}

async fn serve_push(hub: &Hub, sockets: SocketConfig) -> SocketAddr {
    let access = PushAccess::new(vec![(Sha256::digest(KEY).into(), USER.to_owned())]);
    serve(push::router(hub.clone(), access, Guard::default(), sockets)).await
}

async fn connect(address: SocketAddr, query: &str, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = format!("ws://{address}/v1/push{query}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    client_async(request, stream).await.map(|(client, _)| client)
}

async fn client(address: SocketAddr, query: &str) -> Client {
    connect(address, query, &[("authorization", &format!("Bearer {KEY}"))]).await.unwrap()
}

/// The next message that is text.
async fn read(client: &mut Client) -> Value {
    loop {
        match client.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => panic!("{frame:?}"),
            _ => {}
        }
    }
}

async fn ack(client: &mut Client, seq: u64) {
    client.send(Message::text(format!("{{\"type\":\"ack\",\"seq\":{seq}}}"))).await.unwrap();
}

async fn append(hub: &Hub, numbers: std::ops::RangeInclusive<u64>, size: usize) {
    for number in numbers {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let content = Content::parse(&format!("{{\"title\":\"{}\"}}", "x".repeat(size))).unwrap();
        let message =
            NewMessage { user: USER.to_owned(), id: NotificationId::from_bytes(id), content, at: samples::NOW };
        hub.append(message).await.unwrap();
    }
}

/// Sends a request as it is, and reads until the answer holds this text or ends.
async fn raw(address: SocketAddr, request: &str, until: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut stream, until).await
}

async fn read_until(stream: &mut TcpStream, until: &str) -> String {
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        let start = answer.len().saturating_sub(until.len());
        answer.extend_from_slice(&chunk[..count]);
        if count == 0 || answer[start..].windows(until.len()).any(|window| window == until.as_bytes()) {
            return String::from_utf8_lossy(&answer).into_owned();
        }
    }
}

async fn until(holds: impl Fn() -> bool) {
    let all = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
}
