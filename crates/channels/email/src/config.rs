//! Settings of the e-mail channel, and all that is wrong with them at once. How they are written in YAML is the `config` crate's
//! business.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString};
use tidings_core::Problem;
use tidings_render::Text;

use crate::{Unsubscribe, address};

/// How the connection to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// Plain at first, then upgraded by `STARTTLS`. A server that does not offer it gets nothing.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// Not at all: for a server on this machine, or one that may read what passes by.
    None,
}

impl Tls {
    /// The port that such connections have by custom.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// Settings of a mail server. `Debug` does not show the password.
#[derive(Clone)]
pub struct SmtpConfig {
    /// The server's name or address; its certificate must be for it.
    pub host: String,
    /// Its port; by default 587, 465 with implicit TLS, 25 without TLS.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub tls: Tls,
    /// Who logs in; by default the sender's address, where there is a password.
    pub username: Option<String>,
    /// The password. Without one nobody logs in.
    pub password: Option<SecretString>,
    /// Certificates of authorities to trust besides the system's, as PEM: for a private authority.
    pub roots: Vec<String>,
}

impl SmtpConfig {
    /// This server with `STARTTLS`, without a login.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into(), port: None, tls: Tls::default(), username: None, password: None, roots: Vec::new() }
    }

    /// Sets the port.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets how the connection is secured.
    #[must_use]
    pub const fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets who logs in.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Trusts this authority too.
    #[must_use]
    pub fn root(mut self, pem: impl Into<String>) -> Self {
        self.roots.push(pem.into());
        self
    }

    fn validate(&self) -> Vec<Problem> {
        let port = (self.port == Some(0)).then(|| Problem::new("smtp_port", "a port is between 1 and 65535"));
        let username = match (&self.username, &self.password) {
            (Some(_), None) => {
                Some(Problem::new("password", "there is a username and no password: give both, or none"))
            }
            (Some(name), _) if name.is_empty() => {
                Some(Problem::new("username", "the username is empty: leave it out to log in as the sender's address"))
            }
            _ => None,
        };
        let root = self.roots.iter().any(|pem| !is_certificate(pem));
        let root =
            root.then(|| Problem::new("roots", "not a certificate: expected PEM, `-----BEGIN CERTIFICATE-----`"));
        self.host_problem().into_iter().chain(port).chain(username).chain(self.password_problem()).chain(root).collect()
    }

    fn host_problem(&self) -> Option<Problem> {
        let known = self.host.parse::<IpAddr>().is_ok() || is_host_name(&self.host);
        (!known)
            .then(|| Problem::new("smtp_host", "not a host: expected a name like `smtp.example.com` or an IP address"))
    }

    fn password_problem(&self) -> Option<Problem> {
        let password = self.password.as_ref()?.expose_secret();
        if password.is_empty() {
            return Some(Problem::new("password", "the password is empty: give one, or leave it out"));
        }
        let exposed = self.tls == Tls::None && !self.is_loopback();
        exposed.then(|| {
            Problem::new(
                "password",
                "without TLS everybody on the way reads the password: set `tls: starttls` or `implicit`",
            )
        })
    }

    fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("password", &self.password.is_some())
            .field("roots", &self.roots.len())
            .finish_non_exhaustive()
    }
}

/// Where messages go.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpConfig),
    /// Into a folder that is there already, as `<delivery id>.eml`.
    Folder(PathBuf),
}

/// Settings of an [`crate::Email`]. `Debug` does not show the password.
#[derive(Clone, Debug)]
pub struct EmailConfig {
    /// Where messages go.
    pub transport: Transport,
    /// The sender: `Agents <agents@example.com>`.
    pub from: String,
    /// Gives the text in place of the message's own.
    pub text: Option<Text>,
    /// Gives the link by which a user can unsubscribe.
    pub unsubscribe: Option<Unsubscribe>,
    /// Whether subject and text go through the envelope's scrub; on by default.
    pub redact_sensitive: bool,
    /// How long one attempt may take in all; 10 s by default.
    pub timeout: Duration,
}

impl EmailConfig {
    /// Messages from this sender over a mail server.
    #[must_use]
    pub fn smtp(smtp: SmtpConfig, from: impl Into<String>) -> Self {
        Self::new(Transport::Smtp(smtp), from)
    }

    /// Messages from this sender into a folder.
    #[must_use]
    pub fn folder(folder: impl Into<PathBuf>, from: impl Into<String>) -> Self {
        Self::new(Transport::Folder(folder.into()), from)
    }

    /// Messages from this sender, everything else as by default.
    #[must_use]
    pub fn new(transport: Transport, from: impl Into<String>) -> Self {
        Self {
            transport,
            from: from.into(),
            text: None,
            unsubscribe: None,
            redact_sensitive: true,
            timeout: Duration::from_secs(10),
        }
    }

    /// Gives the text in place of the message's own.
    #[must_use]
    pub fn text(mut self, text: Text) -> Self {
        self.text = Some(text);
        self
    }

    /// Gives the link by which a user can unsubscribe.
    #[must_use]
    pub fn unsubscribe(mut self, unsubscribe: Unsubscribe) -> Self {
        self.unsubscribe = Some(unsubscribe);
        self
    }

    /// Sends what it is given as it is.
    #[must_use]
    pub const fn redact_sensitive(mut self, redact: bool) -> Self {
        self.redact_sensitive = redact;
        self
    }

    /// Sets how long one attempt may take in all.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Everything that is wrong, without any input or output.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let transport = match &self.transport {
            Transport::Smtp(smtp) => smtp.validate(),
            Transport::Folder(folder) if folder.as_os_str().is_empty() => {
                vec![Problem::new("folder", "the folder has no name: give its path")]
            }
            Transport::Folder(_) => Vec::new(),
        };
        let from = address::sender(&self.from).err().map(|text| Problem::new("from", text));
        let timeout =
            self.timeout.is_zero().then(|| Problem::new("timeout", "no attempt can succeed in no time: give `10s`"));
        transport.into_iter().chain(from).chain(timeout).collect()
    }
}

/// Labels of letters, digits, `-` and `_`, of at most 63 characters each.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(is_label)
}

/// Whether it holds certificates, all of which can be trusted. The system's own are not read for that.
fn is_certificate(pem: &str) -> bool {
    let mut known = RootCertStore::empty();
    let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    certificates.all(|certificate| certificate.is_ok_and(|der| known.add(der).is_ok())) && !known.is_empty()
}

#[cfg(test)]
mod tests;
