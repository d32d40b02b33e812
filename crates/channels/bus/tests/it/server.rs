//! A real `nats-server` on a free port, with a configuration and a store of its own, ended by its process id.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use tempfile::TempDir;

/// Where packages put it that no search path holds.
const PLACES: [&str; 3] = ["nats-server", "/usr/sbin/nats-server", "/usr/local/bin/nats-server"];

/// A running server.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    program: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Starts a server with JetStream and these lines in its configuration; `None`, with a visible note, where there is no server.
    pub(crate) fn start(lines: &str) -> Option<Self> {
        Self::start_plain(&format!("jetstream {{ store_dir: store }}\n{lines}"))
    }

    /// Starts a server with these lines in its configuration.
    pub(crate) fn start_plain(lines: &str) -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let config = format!("listen: \"127.0.0.1:{port}\"\n{lines}\n");
        fs::write(folder.path().join("server.conf"), config).unwrap();
        let mut server = Self { folder, port, program, child: None };
        server.resume();
        Some(server)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// A place for files of the test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills it without a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it on its port and its store, and waits until it says that it is ready.
    pub(crate) fn resume(&mut self) {
        let config = self.folder.path().join("server.conf");
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(config).current_dir(self.folder.path());
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        self.child = Some(child);
        assert!(lines.any(|line| line.contains("Server is ready")), "the server did not start");
        // Its log is read on, so that it never waits for a reader.
        thread::spawn(move || lines.for_each(drop));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn program() -> Option<PathBuf> {
    let runs = |place: &&str| Command::new(place).arg("--version").output().is_ok();
    let found = PLACES.iter().find(|place| runs(place)).map(PathBuf::from);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "there is no nats-server, and CI must have it");
        eprintln!("SKIPPED: there is no nats-server; `apt-get install nats-server` gives one");
    }
    found
}
