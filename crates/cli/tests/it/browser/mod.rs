//! The page in a real browser, on a real daemon: what a person sees and does, and what a page of another origin gets.

mod chromium;
mod demo;
mod explain;
mod foreign;
mod keyed;
mod lab;
mod live;
mod looks;
mod seen;
mod views;
mod wishes;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
};

use serde_json::Value;

use crate::{client::Client, process::Process};

pub(crate) use chromium::Tab;

/// Rules by which the pages of these tests live.
const RULES: &str = "
triggers:
  - {name: tool error, condition: 'event_type == \"tool.error\"', channels: [inbox], priority: high, cooldown_seconds: 10m, title: '{{ agent_id }}: {{ data.error }}'}
users: {me: {}, ann: {email: ann@example.com, timezone: Europe/Zurich}}
";

/// A daemon of these rules and a browser that shows it, or nothing where there is no browser.
async fn open(rules: &str, view: &str) -> Option<(Process, Tab)> {
    let mut tab = Tab::open(&[]).await?;
    let daemon = Process::daemon(rules);
    tab.go(&format!("http://{}/#/{view}", daemon.address)).await;
    tab.mark().await;
    Some((daemon, tab))
}

/// Sends one event, as any agent would; gives its id.
fn send(daemon: &Process, event: &Value) -> String {
    let answer = post(daemon, "/v1/events", event);
    answer["results"][0]["id"].as_str().unwrap().to_owned()
}

/// Posts this, and gives the good answer.
fn post(daemon: &Process, path: &str, body: &Value) -> Value {
    let answer = Client::new(daemon.address).post(path, &body.to_string());
    serde_json::from_str(&answer).unwrap()
}

/// The good answer of a path.
fn get(daemon: &Process, path: &str) -> Value {
    let (status, answer) = Client::new(daemon.address).ask("GET", path, "").unwrap();
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// A server of somebody else's, which answers every request with this status and an empty page.
fn answering(status: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut request = [0; 16 * 1024];
                // A small request comes in one piece.
                let _length = stream.read(&mut request).ok()?;
                let page = "<!doctype html><title>elsewhere</title><link rel=icon href=data:,>";
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    page.len()
                );
                stream.write_all(format!("{head}{page}").as_bytes()).ok()
            });
        }
    });
    address
}
