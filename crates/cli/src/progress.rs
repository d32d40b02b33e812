//! A progress bar on a terminal, and log lines that do not run through it.

use std::{
    io::{self, Write},
    path::Path,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

fn current() -> &'static RwLock<Option<ProgressBar>> {
    static BAR: OnceLock<RwLock<Option<ProgressBar>>> = OnceLock::new();
    BAR.get_or_init(RwLock::default)
}

/// A bar for this many bytes or steps, a spinner where nobody knows how many. On anything but a terminal it shows nothing.
pub(crate) fn show(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:30} {percent:>3} %  {msg}  {elapsed} of about {duration}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    *current().write().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
    bar
}

/// Takes the bar away.
pub(crate) fn hide() {
    if let Some(bar) = current().write().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

/// The size of a file, for its bar.
pub(crate) fn size_of(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
}

/// Does something while the bar is out of the way.
pub(crate) fn suspend<T>(act: impl FnOnce() -> T) -> T {
    match &*current().read().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(act),
        None => act(),
    }
}

/// Standard error for log lines.
pub(crate) fn stderr() -> impl Write {
    Lines
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        suspend(|| io::stderr().lock().write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
