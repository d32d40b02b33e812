//! A folder for one demo, gone when it ends. What lies in it is the store's.

use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

/// The folder, until it is dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new folder that nobody else may read.
    pub(super) fn new() -> io::Result<Self> {
        let number: u32 = fastrand::u32(..);
        let path = std::env::temp_dir().join(format!("tidings-demo-{}-{number:08x}", std::process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // It fails where one is there already: somebody else's is never taken.
        builder.create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays lies where the system tidies up.
        drop(fs::remove_dir_all(&self.0));
    }
}
