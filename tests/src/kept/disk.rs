//! What a process has room on: the machine's disk, with a limit to the size of its files, or a small one of its own, which really
//! becomes full. The own one lives in a mount namespace and goes with the process.

use std::{
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
}

impl Disk {
    /// Those that this machine can give; says which it cannot.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a test that is left out must be seen")]
    pub fn all() -> Vec<Self> {
        let mut mounts = Command::new("unshare");
        mounts.args(["-m", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]).stderr(Stdio::null());
        if mounts.status().is_ok_and(|status| status.success()) {
            return vec![Self::Limited, Self::Own];
        }
        eprintln!("SKIPPED: a disk that is really full, since nothing can be mounted here");
        vec![Self::Limited]
    }

    /// Starts a life with the store on this disk.
    pub(super) fn begin(self, world: &World) -> Life {
        let setup = world.setup(None);
        if self == Self::Limited {
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

    /// Leaves next to no room.
    pub(super) fn fill(self, world: &World, life: &Life) {
        match self {
            // The log of the store is written from its beginning again now and then: no place beyond may be had.
            Self::Limited => life.limit_files(Some(LEFT)),
            // It may grow between the look and the limit, and less than what is there cannot be had.
            Self::Own => {
                assert!((0..100).any(|_| resize(world, life, used(world, life) + LEFT)), "it can be made small")
            }
        }
    }

    /// Makes room again.
    pub(super) fn empty(self, world: &World, life: &Life) {
        match self {
            Self::Limited => life.limit_files(None),
            Self::Own => assert!(resize(world, life, WIDE), "it can be made wide"),
        }
    }
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
