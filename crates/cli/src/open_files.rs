//! How many files the process may have open: every connection is one, and what systems give at first is often 1,024.

/// As many as the daemon's connections, its store and its deliveries need.
#[cfg(unix)]
const WANTED: u64 = 65_536;

/// Asks for more, as far as the system lets one. With fewer it takes fewer connections.
#[cfg(unix)]
pub(crate) fn allow_more() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let reachable = limit.maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    // Without a limit there is nothing to ask for.
    if limit.current.is_some_and(|current| current < reachable)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(reachable), maximum: limit.maximum })
    {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

/// Nothing limits them here.
#[cfg(not(unix))]
pub(crate) fn allow_more() {}
