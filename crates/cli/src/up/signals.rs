//! What tells a daemon to stop, or to take its configuration up anew. What comes of it is `stop`'s and the server's.

use std::io;

/// What a daemon is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Stop: Ctrl-C, or what a service manager sends.
    Stop,
    /// Take the configuration up anew.
    Reload,
}

#[cfg(unix)]
mod kind {
    use super::{Signal, io};
    use tokio::signal::unix::{SignalKind, signal};

    /// The signals of the process, from when it is made on.
    #[derive(Debug)]
    pub(crate) struct Signals {
        interrupt: tokio::signal::unix::Signal,
        terminate: tokio::signal::unix::Signal,
        hang_up: tokio::signal::unix::Signal,
    }

    impl Signals {
        /// # Errors
        /// If the system does not allow it.
        pub(crate) fn watch() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
            })
        }

        /// The next one.
        pub(crate) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::Stop,
                _ = self.terminate.recv() => Signal::Stop,
                _ = self.hang_up.recv() => Signal::Reload,
            }
        }
    }
}

#[cfg(not(unix))]
mod kind {
    use super::{Signal, io};

    /// Ctrl-C.
    #[derive(Debug)]
    pub(crate) struct Signals;

    impl Signals {
        /// # Errors
        /// Never.
        pub(crate) fn watch() -> io::Result<Self> {
            Ok(Self)
        }

        /// The next one.
        pub(crate) async fn next(&mut self) -> Signal {
            // Where it cannot be watched for, nobody can send it.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Signal::Stop
        }
    }
}

pub(super) use kind::Signals;

impl Signals {
    /// Returns when it is told to stop.
    pub(super) async fn stop(&mut self) {
        while self.next().await != Signal::Stop {}
    }
}
