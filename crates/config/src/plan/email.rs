//! Mail: who sends it, and through which server or into which folder.

use std::path::PathBuf;

use secrecy::SecretString;
use tidings_template::Template;

/// Mail.
#[derive(Clone, Debug)]
pub struct EmailPlan {
    /// How it leaves.
    pub transport: EmailTransport,
    /// The sender: `name@example.com` or `Name <name@example.com>`.
    pub from: String,
    /// What gives the text; `None`: title and body.
    pub template: Option<Template>,
    /// Whether secrets are taken out; default true.
    pub redact_sensitive: bool,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum EmailTransport {
    /// Through a mail server.
    Smtp(SmtpPlan),
    /// As files into this folder; a relative path is taken from the folder that the process runs in.
    Folder(PathBuf),
}

/// A mail server. A password is never given over a bare connection, except to a loopback host.
#[derive(Clone, Debug)]
pub struct SmtpPlan {
    /// Its name or address.
    pub host: String,
    /// Its port; `None`: the usual one of `tls`.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub tls: SmtpTls,
    /// The user there; with a password always given, the address in `from` by default.
    pub username: Option<String>,
    /// The password there.
    pub password: Option<SecretString>,
}

/// How the connection to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpTls {
    /// It begins bare and must be secured before anything is said; never bare instead.
    #[default]
    StartTls,
    /// Secured from the first byte.
    Implicit,
    /// Bare.
    None,
}
