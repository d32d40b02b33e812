//! The client against real peers on loopback: what must never be hit, and what receivers do wrong.
#![expect(clippy::unwrap_used, reason = "a test stops where its own set-up fails")]

mod answers;
mod logs;
mod proxies;
mod victim;

use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tidings_core::{BoxFuture, Receipt, SendError};
use tidings_http::{Client, ClientConfig, Policy, Request, Resolve, SafeUrl};
use tidings_testkit::samples::NOW;

/// A resolver that gives its answers one after the other, the last one for ever.
struct Answers(Mutex<VecDeque<Vec<IpAddr>>>);

impl Answers {
    fn of(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parse).collect())))
    }
}

impl Resolve for Answers {
    fn resolve<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(async move { Ok(answer.unwrap_or_default()) })
    }
}

/// A resolver of a machine on which every name is this machine.
fn loopback() -> Arc<Answers> {
    Answers::of(&[&["127.0.0.1"]])
}

fn private() -> Policy {
    Policy { private: true, ..Policy::default() }
}

fn config(policy: Policy) -> ClientConfig {
    ClientConfig { policy, total_timeout: Duration::from_secs(10), ..ClientConfig::default() }
}

fn client(policy: Policy) -> Client {
    Client::with_resolver(config(policy), loopback()).unwrap()
}

/// Posts to a URL that was judged under a policy that allows it, as if the policy had changed since.
async fn post(client: &Client, url: &str) -> Result<Receipt, SendError> {
    let url = SafeUrl::parse(url, &private()).unwrap();
    let mut request = Request::to(&url, NOW);
    request.body = b"{}".to_vec();
    // A client that hangs fails the test instead of stopping it.
    tokio::time::timeout(Duration::from_secs(30), client.post(request)).await.unwrap()
}
