//! What a process has room on: the machine's disk, with a limit to the size of its files or with files that may not be written any
//! more, or a small one of its own, which really becomes full. The own one lives in a mount namespace and goes with the process.

use std::{
    io::Write,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{life::Life, protocol::Setup, world::World};

/// The size of an own disk that is not full.
const WIDE: u64 = 64 * 1_024 * 1_024;
/// Room that is left when a disk becomes full.
const LEFT: u64 = 64 * 1_024;

/// Which disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// The machine's: a write beyond the limit fails as on a full one, only under another error.
    Limited,
    /// One of its own. Needs the right to mount.
    Own,
    /// The machine's: the store's files become immutable, so that every write to them fails as after a disk's fault, when a system goes
    /// on with it to be read only. Needs the right to do so, and a file system that heeds it for files that are open.
    Sealed,
}

impl Disk {
    /// Those that this machine can give; says which it cannot.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a test that is left out must be seen")]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Limited];
        if mounts() {
            all.push(Self::Own);
        } else {
            eprintln!("SKIPPED: a disk that is really full, since nothing can be mounted here");
        }
        if seals() {
            all.push(Self::Sealed);
        } else {
            eprintln!("SKIPPED: files that become immutable while they are open, since nothing can be sealed here");
        }
        all
    }

    /// Starts a life with the store on this disk.
    pub(super) fn begin(self, world: &World) -> Life {
        let setup = world.setup(None);
        if self != Self::Own {
            return Life::begin(world.program(), &setup, 0);
        }
        let folder = world.path("disk");
        std::fs::create_dir(&folder).expect("there is room for a folder");
        let setup = Setup { store: folder.join("tidings.db"), ..setup };
        let mount = format!("mount -t tmpfs -o size={WIDE} tmpfs {} && exec \"$0\" \"$1\"", folder.display());
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &mount]).arg(world.program());
        Life::spawn(command, &setup, 0)
    }

    /// Leaves next to no room, or none to write.
    pub(super) fn fill(self, world: &World, life: &Life) {
        match self {
            // The log of the store is written from its beginning again now and then: no place beyond may be had.
            Self::Limited => life.limit_files(Some(LEFT)),
            // It may grow between the look and the limit, and less than what is there cannot be had.
            Self::Own => {
                assert!((0..100).any(|_| resize(world, life, used(world, life) + LEFT)), "it can be made small")
            }
            Self::Sealed => assert!(seal(&files(world), true), "its files can be sealed"),
        }
    }

    /// Makes room again.
    pub(super) fn empty(self, world: &World, life: &Life) {
        match self {
            Self::Limited => life.limit_files(None),
            Self::Own => assert!(resize(world, life, WIDE), "it can be made wide"),
            Self::Sealed => assert!(seal(&files(world), false), "its files can be unsealed"),
        }
    }
}

/// Whether a file system of one's own can be mounted here.
pub(super) fn mounts() -> bool {
    let mut mounts = Command::new("unshare");
    mounts.args(["-m", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]).stderr(Stdio::null());
    mounts.status().is_ok_and(|status| status.success())
}

/// Whether a file here that is sealed while it is open takes nothing any more.
fn seals() -> bool {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return false };
    let path = [file.path().to_owned()];
    let sealed = seal(&path, true);
    let refuses = file.write_all(b"a word").is_err();
    // What could not be sealed need not be unsealed.
    sealed && seal(&path, false) && refuses
}

/// The store's file and its log. The log's index is memory that readers share, and is made anew at each start.
fn files(world: &World) -> [PathBuf; 2] {
    [world.path("tidings.db"), world.path("tidings.db-wal")]
}

fn seal(files: &[PathBuf], sealed: bool) -> bool {
    let mut command = Command::new("chattr");
    command.arg(if sealed { "+i" } else { "-i" }).args(files).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The room that the store takes on a disk that only its process sees.
fn used(world: &World, life: &Life) -> u64 {
    let seen = format!("/proc/{}/root{}", life.number(), world.path("disk").display());
    let files = std::fs::read_dir(PathBuf::from(seen)).expect("it can be looked into");
    let size = |file: std::fs::DirEntry| file.metadata().map_or(0, |found| found.blocks() * 512);
    files.filter_map(Result::ok).map(size).sum()
}

fn resize(world: &World, life: &Life, bytes: u64) -> bool {
    let mut command = Command::new("nsenter");
    command.args(["-t", &life.number().to_string(), "-m", "mount", "-o", &format!("remount,size={bytes}")]);
    let status = command.arg(world.path("disk")).stderr(Stdio::null()).status().expect("it can be started");
    status.success()
}
