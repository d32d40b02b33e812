//! Where the server is: a URL read strictly, since its host is the one that secrets go to. What is done there is `link`'s business.

use rustls::pki_types::ServerName;
use url::{Host, Url};

/// The port that NATS has by custom.
const PORT: u16 = 4222;

/// A server's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerAddress {
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether nothing may be said without TLS.
    pub(super) tls: bool,
}

impl ServerAddress {
    /// Reads `nats://host:port` or `tls://host:port`. What is wrong is told without the text, which may hold a secret.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(|character| character.is_whitespace() || character.is_control() || character == '\\') {
            return Err("the address holds a blank, a control character or a backslash: write nats://host:4222");
        }
        let url = Url::parse(text).map_err(|_| "not an address: write nats://host:4222 or tls://host:4222")?;
        let tls = match url.scheme() {
            "nats" => false,
            "tls" => true,
            _ => return Err("the address must begin with nats:// or tls://"),
        };
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err("the address holds a login: take it out and use `username` and `password`, `token`, \
                        `nkey` or `credentials_file`");
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("the address ends with the port: a path, query or fragment means nothing to NATS; \
                        `topic` says what the subjects begin with");
        }
        let port = url.port().unwrap_or(PORT);
        if port == 0 {
            return Err("port 0 is no port: the usual one is 4222");
        }
        Ok(Self { host: host(&url)?, port, tls })
    }

    /// The name that the server's certificate must bear.
    pub(super) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.host.clone()).ok()
    }

    /// Whether only this machine can listen in.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }
}

fn host(url: &Url) -> Result<String, &'static str> {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    };
    if ServerName::try_from(host.as_str()).is_err() {
        return Err("the address has no host that could be one: write nats://host:4222, one server");
    }
    Ok(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let check = |text: &str, host: &str, port: u16, tls: bool| {
            assert_eq!(ServerAddress::parse(text), Ok(ServerAddress { host: host.to_owned(), port, tls }), "{text}");
        };
        check("nats://127.0.0.1:4222", "127.0.0.1", 4222, false);
        check("nats://Bus.Example.com", "bus.example.com", 4222, false);
        check("tls://bus.example.com:4443/", "bus.example.com", 4443, true);
        check("nats://[::1]:4222", "::1", 4222, false);
    }

    #[test]
    fn what_is_no_address_is_refused_without_an_echo() {
        let bad = [
            "",
            "127.0.0.1:4222",
            "http://bus:4222",
            "ws://bus:4222",
            "nats://",
            "nats://:4222",
            "nats://bus:0",
            "nats://bus:99999",
            "nats://hunter2@bus",
            "nats://u:hunter2@bus",
            "nats://@bus",
            "nats://bus/hunter2",
            "nats://bus?t=hunter2",
            "nats://bus#hunter2",
            "nats://bus,other:4222",
            "nats://b us",
            "nats://bus\r\n",
            "nats://bus\\x",
            "nats://[::1",
        ];
        for text in bad {
            let refusal = ServerAddress::parse(text).unwrap_err();
            assert!(!refusal.contains("hunter2"), "{text}");
        }
    }
}
