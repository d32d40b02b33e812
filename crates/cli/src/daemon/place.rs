//! Where a daemon is reached: at an address of this machine that it has told, or at one that somebody names. What is asked there is `client`'s.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, ensure};
use hyper::Uri;
use tokio::{net::TcpStream, time::timeout};

use crate::output;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A daemon's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: u16,
    /// Whether it must be this machine.
    is_here: bool,
}

impl Place {
    /// That of a daemon of this machine.
    pub(super) fn here(address: SocketAddr) -> Self {
        let address = from_here(address);
        Self { host: address.ip().to_string(), port: address.port(), is_here: true }
    }

    /// The one that is named.
    ///
    /// # Errors
    /// If it is no plain `http://` address.
    pub(super) fn named(url: &str) -> anyhow::Result<Self> {
        let help = "a daemon's address looks like http://127.0.0.1:7171";
        let uri: Uri = url.trim().parse().ok().context(help)?;
        let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        let authority = uri.authority().context(help)?;
        ensure!(uri.scheme_str() == Some("http") && is_bare && !authority.as_str().contains('@'), "{help}");
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: authority.port_u16().unwrap_or(80), is_here: false })
    }

    /// A connection to it.
    ///
    /// # Errors
    /// If nobody listens there.
    pub(super) async fn connect(&self) -> anyhow::Result<TcpStream> {
        let absent = "start it with `tidings up`";
        let connected = timeout(CONNECT, TcpStream::connect((self.host.as_str(), self.port))).await;
        let stream = connected.context(absent)?.context(absent)?;
        // A store is held by a process of this machine. A key goes nowhere else.
        let is_here = || stream.peer_addr().is_ok_and(|peer| is_own(peer.ip(), &stream));
        ensure!(!self.is_here || is_here(), "that address is not this machine's");
        drop(stream.set_nodelay(true));
        Ok(stream)
    }
}

fn is_own(peer: IpAddr, stream: &TcpStream) -> bool {
    peer.is_loopback() || stream.local_addr().is_ok_and(|own| own.ip() == peer)
}

/// As it stands in a URL.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = output::plain(&self.host);
        if host.contains(':') { write!(f, "[{host}]:{}", self.port) } else { write!(f, "{host}:{}", self.port) }
    }
}

/// The address at which this machine itself reaches whoever listens there.
pub(crate) fn from_here(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_is_a_daemons() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(Place::named(url).ok().map(|place| place.to_string()).as_deref(), expected, "{url}");
        };
        check("http://127.0.0.1:7171", Some("127.0.0.1:7171"));
        check("http://[::1]:7171/", Some("[::1]:7171"));
        check("http://tidings", Some("tidings:80"));
        for url in
            ["https://a.example", "http://user:pass@a.example", "http://a.example/v1", "127.0.0.1:7171", "", "http://"]
        {
            check(url, None);
        }
        let wrong = Place::named("http://user:secret@a").err().map(|error| format!("{error:#}"));
        assert_eq!(wrong.as_deref(), Some("a daemon's address looks like http://127.0.0.1:7171"));
    }

    #[test]
    fn whoever_listens_everywhere_is_reached_here() {
        let check = |listens: &str, expected: &str| {
            assert_eq!(Place::here(listens.parse().unwrap()).to_string(), expected);
        };
        check("0.0.0.0:7171", "127.0.0.1:7171");
        check("[::]:80", "[::1]:80");
        check("10.1.2.3:80", "10.1.2.3:80");
    }
}
