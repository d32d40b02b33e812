//! A whole daemon on a free port of loopback, with a store in a folder of its own, and a client that sends one request a connection.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tempfile::TempDir;
use tidings::{
    Builder, Notifier,
    config::{self, Environment, Options, Plan, Problem},
};
use tidings_server::{App, ConnectionConfig, name_callbacks, serve_with};
use tokio::{net::TcpListener, task::JoinHandle};

use super::raw;

/// A configuration under which nobody is told anything.
pub(crate) const QUIET: &str = "
triggers: [{name: never, condition: 'event_type == \"never\"', channels: [inbox]}]
users: {me: {}}
";

/// A daemon that runs until it is stopped or dropped.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) notifier: Notifier,
    /// What is loaded anew.
    pub(crate) yaml: Arc<Mutex<String>>,
    serving: JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl House {
    /// A daemon of this configuration. Its store is a file, whatever the configuration says.
    pub(crate) async fn open(yaml: &str) -> Self {
        Self::open_with(yaml, ConnectionConfig::default()).await
    }

    /// The same with bounds of its own for connections.
    pub(crate) async fn open_with(yaml: &str, config: ConnectionConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidings.db");
        let plan = load(yaml, &path).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let yaml = Arc::new(Mutex::new(yaml.to_owned()));
        let source = Arc::clone(&yaml);
        let notifier = Builder::from_plan(plan.clone()).unwrap().build().unwrap().start().await.unwrap();
        let loader = move |_: &Plan| load(&source.lock().unwrap(), &path);
        let app = App::new(notifier.clone(), plan).reload_by(Arc::new(loader));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve_with(listener, app.clone(), config));
        Self { address, app, notifier, yaml, serving, _folder: folder }
    }

    /// One request with these headers, `Name: value` each, and this body.
    pub(crate) async fn ask(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let length = body.len();
        let head: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let host = if headers.iter().any(|header| header.to_lowercase().starts_with("host:")) {
            ""
        } else {
            "Host: localhost\r\n"
        };
        let request =
            format!("{line} HTTP/1.1\r\n{host}{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        let answer = raw(self.address, &request, "\u{0}").await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(&format!("POST {path}"), &["Content-Type: application/json"], &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, headers: &[&str], body: &Value) -> Answer {
        let all: Vec<_> = headers.iter().copied().chain(["Content-Type: application/json"]).collect();
        self.ask(&format!("PUT {path}"), &all, &body.to_string()).await
    }

    /// Waits until all that was taken in is dealt with.
    pub(crate) async fn settle(&self) {
        assert!(self.notifier.drain(std::time::Duration::from_secs(30)).await, "it is not dealt with");
    }

    /// Lets nothing in, serves to the end, drains.
    pub(crate) async fn close(self) {
        self.app.begin_stop();
        self.serving.await.unwrap().unwrap();
        self.notifier.stop().await;
    }
}

/// A configuration whose store is this file.
fn load(yaml: &str, path: &Path) -> Result<Plan, Vec<Problem>> {
    let options = Options { environment: Environment::Untouched, ..Options::default() };
    let (mut plan, _) = config::load(yaml, &options)?;
    let retention = std::time::Duration::from_secs(86_400);
    plan.store = Some(config::StorePlan { path: path.to_owned(), retention });
    name_callbacks(&mut plan);
    Ok(plan)
}
