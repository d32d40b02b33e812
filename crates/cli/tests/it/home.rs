//! A daemon of the real binary on a free port, ended by its own process number.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{Folder, command};

/// How long anything may take before a test has failed.
const LONG: Duration = Duration::from_secs(60);

/// A folder with a configuration, in which a daemon can be started and ended.
pub(crate) struct Home {
    pub(crate) folder: Folder,
    port: u16,
    daemon: Option<Child>,
}

impl Home {
    /// The configuration with a free port, and a store beside it; nothing runs yet.
    pub(crate) fn new(config: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (listen, server) = match config.split_once("server: {") {
            Some((before, rest)) => (before.to_owned(), format!("server: {{listen: \"127.0.0.1:{port}\", {rest}")),
            None => (config.to_owned(), format!("server: {{listen: \"127.0.0.1:{port}\"}}\n")),
        };
        let folder = Folder::new(&[("tidings.yaml", &format!("store: {{path: tidings.db}}\n{listen}{server}"))]);
        Self { folder, port, daemon: None }
    }

    /// A daemon of this configuration, which answers.
    pub(crate) fn up(config: &str) -> Self {
        let mut home = Self::new(config);
        home.start();
        home
    }

    pub(crate) fn start(&mut self) {
        let mut child = self.command(&["up"]).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        self.daemon = Some(child);
        let mut lines = BufReader::new(stderr).lines();
        let told = lines.by_ref().map_while(Result::ok).find(|line| line.contains("http://"));
        assert!(told.is_some(), "the daemon did not start");
        // Nobody reads on, and nobody may be held up by that.
        std::thread::spawn(move || lines.for_each(drop));
    }

    /// Ends the daemon as a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The binary in the folder, without what the environment says of daemons.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.current_dir(self.folder.path("")).env_remove("TIDINGS_URL").env_remove("TIDINGS_KEY");
        command
    }

    /// What the log tells of a step, from the store's file.
    pub(crate) fn log(&self, step: &str) -> Vec<Value> {
        let told = self.command(&["log", "--step", step, "--limit", "1000", "--json"]).output().unwrap();
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        told["entries"].as_array().unwrap().clone()
    }

    /// The explanation of an event, as soon as there is one.
    pub(crate) fn explain(&self, id: &str) -> Value {
        let told = self.command(&["explain", id, "--json"]).output().unwrap();
        serde_json::from_slice(&told.stdout).unwrap()
    }

    /// One request, and its whole answer.
    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.kill();
    }
}
