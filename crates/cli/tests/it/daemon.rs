//! A daemon as its users start it: the binary, in a folder of its own, on a free port of loopback, ended by a signal.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{Call, Folder, command};

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon that runs until it is stopped or dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) greeting: String,
    pub(crate) folder: Folder,
    child: Option<Child>,
    errors: Option<BufReader<ChildStderr>>,
}

impl Running {
    /// A daemon in a folder with these files.
    pub(crate) fn start(files: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::start_in(Folder::new(files), arguments)
    }

    /// A daemon in this folder.
    pub(crate) fn start_in(folder: Folder, arguments: &[&str]) -> Self {
        let mut command = command(&[&["up", "--listen", "127.0.0.1:0"], arguments].concat());
        let command = command.current_dir(folder.path("")).env("RUST_LOG", "error").env("TMPDIR", folder.path(""));
        let mut child = piped(command);
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let greeting = read_until(&mut errors, "Ctrl-C stops it");
        let page = greeting.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = page.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("no page: {greeting}"));
        Self { address, greeting, folder, child: Some(child), errors: Some(errors) }
    }

    /// Calls the binary in the daemon's folder.
    pub(crate) fn call(&self, arguments: &[&str]) -> Call {
        let mut command = command(arguments);
        command.current_dir(self.folder.path("")).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Sends a request by hand; gives the status and the body.
    pub(crate) fn ask(&self, line: &str, headers: &[&str], body: &str) -> (u16, String) {
        ask(self.address, line, headers, body)
    }

    /// Tells it to stop by this signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits for its end; gives what it said last.
    pub(crate) fn wait(&mut self) -> Call {
        let mut err = String::new();
        self.errors.take().unwrap().read_to_string(&mut err).unwrap();
        let output = self.child.take().unwrap().wait_with_output().unwrap();
        Call { err, ..Call::from(output) }
    }

    /// Stops it, and gives what it said last.
    pub(crate) fn stop(&mut self) -> Call {
        self.signal("TERM");
        self.wait()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) -> Folder {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        std::mem::replace(&mut self.folder, Folder::new(&[]))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn piped(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn read_until(errors: &mut impl BufRead, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        assert!(errors.read_line(&mut text).unwrap() > 0, "it ended: {text}");
    }
    text
}

/// Sends a request to this address; gives the status and the body.
pub(crate) fn ask(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// An address that somebody listens on as long as the listener lives.
pub(crate) fn taken() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Asks until the answer is good.
pub(crate) fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let started = tidings::clock::instant_now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The log's entries in this store, newest first.
pub(crate) fn entries(running: &Running, store: &str, filter: &[&str]) -> Vec<Value> {
    let told = running.call(&[&["log", "--json", "--limit", "1000", "--store", store], filter].concat());
    if told.code == 0 { told.json()["entries"].as_array().unwrap().clone() } else { Vec::new() }
}
