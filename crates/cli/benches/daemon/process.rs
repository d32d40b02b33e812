//! Processes that are measured: started with a free port, asked of the system what they used, and ended by their number.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tidings::clock::instant_now;

/// A clock tick of `/proc`, in seconds; the same on every Linux of today.
const TICK: f64 = 0.01;
/// How long a process may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that listens, in a folder of its own.
pub(crate) struct Process {
    child: Child,
    command: Command,
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
}

impl Process {
    /// The daemon with this configuration; its address and store are added.
    pub(crate) fn daemon(yaml: &str) -> Self {
        let folder = tempfile::tempdir_in(place()).unwrap();
        let address = free();
        let whole = format!("{yaml}\nserver: {{listen: \"{address}\"}}\nstore: {{path: tidings.db}}\n");
        fs::write(folder.path().join("tidings.yaml"), whole).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.arg("up");
        Self::start(command, address, folder)
    }

    pub(crate) fn start(mut command: Command, address: SocketAddr, folder: TempDir) -> Self {
        let log = fs::File::create(folder.path().join("log")).unwrap();
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = Self { child: command.spawn().unwrap(), command, address, folder };
        process.await_listening();
        process
    }

    fn await_listening(&self) {
        let started = instant_now();
        while TcpStream::connect(self.address).is_err() {
            assert!(started.elapsed() < PATIENCE, "it does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop, as a service manager does, and says how long that took.
    pub(crate) fn terminate(&mut self) -> Duration {
        let started = instant_now();
        let number = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(number, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
        started.elapsed()
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        self.child = self.command.spawn().unwrap();
        self.await_listening();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Seconds of the processor so far, the system's share included.
    pub(crate) fn cpu(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, rest) = text.rsplit_once(')').unwrap();
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks: f64 = [11, 12].iter().map(|index| fields[*index].parse::<f64>().unwrap()).sum();
        ticks * TICK
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Waits until it uses nothing of the processor any more.
    pub(crate) fn rest(&self) {
        loop {
            let before = self.cpu();
            std::thread::sleep(Duration::from_millis(500));
            if self.cpu() - before <= TICK {
                return;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A port that nobody has at this moment.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Where stores lie: on the disk that the target folder is on, since a folder in memory has no syncs.
pub(crate) fn place() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}
