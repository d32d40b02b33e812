//! Looks names up, and lets no address out that the guard refuses. Literal addresses never come here: they are judged with
//! their URL.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolving};
use tidings_core::BoxFuture;
use tokio::time::timeout;

use crate::{Pass, Policy};

/// How long one look-up may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// Asks for the addresses of a host name.
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of the name; none is an answer too.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// Asks the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolve;

impl Resolve for SystemResolve {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|answer| answer.ip()).collect()) })
    }
}

/// A look-up under the deadline.
pub(super) async fn look_up(resolve: &dyn Resolve, name: &str) -> io::Result<Vec<IpAddr>> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the host name was not resolved in time");
    timeout(DEADLINE, resolve.resolve(name)).await.map_err(late)?
}

/// The resolver of one transport: judges every answer for the port that this transport serves.
pub(super) struct GuardedResolve {
    resolve: Arc<dyn Resolve>,
    policy: Arc<Policy>,
    port: u16,
}

impl GuardedResolve {
    pub(super) fn new(resolve: &Arc<dyn Resolve>, policy: &Policy, port: u16) -> Self {
        Self { resolve: Arc::clone(resolve), policy: Arc::new(policy.clone()), port }
    }
}

impl reqwest::dns::Resolve for GuardedResolve {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolve, policy, port) = (Arc::clone(&self.resolve), Arc::clone(&self.policy), self.port);
        Box::pin(async move {
            let answers = look_up(resolve.as_ref(), name.as_str()).await?;
            let pass = policy.judge_answers(name.as_str(), &answers, port)?;
            answers.first().into_iter().for_each(|address| log_use(pass, name.as_str(), *address));
            // Port 0 leaves the port to the URL.
            let addresses: Addrs = Box::new(answers.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Every new connection that an operator's escape lets pass leaves a line in the log.
pub(super) fn log_use(pass: Pass, host: &str, address: IpAddr) {
    if pass != Pass::Public {
        tracing::info!(host, %address, by = pass.as_str(), "a destination beyond the public internet was allowed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl Resolve for Silent {
        fn resolve<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            Box::pin(std::future::pending())
        }
    }

    // Nothing here reads a socket, so the clock may run ahead.
    #[tokio::test(start_paused = true)]
    async fn a_silent_resolver_is_given_up() {
        #[expect(clippy::disallowed_methods, reason = "the paused clock of the test is what is measured")]
        let before = tokio::time::Instant::now();
        let error = look_up(&Silent, "hooks.example.com").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(before.elapsed().as_secs(), DEADLINE.as_secs());
    }
}
