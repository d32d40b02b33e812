//! An event bus: in this process, or a NATS server. The server's address is the process's own and not judged as a destination.

use secrecy::SecretString;

/// An event bus.
#[derive(Clone, Debug)]
pub struct BusPlan {
    /// The server; `None`: in this process, where code subscribes.
    pub nats: Option<Box<NatsPlan>>,
    /// Whether secrets and personal data are taken out; default true.
    pub redact_sensitive: bool,
}

/// A NATS server.
#[derive(Clone, Debug)]
pub struct NatsPlan {
    /// Its address, `nats://` or `tls://`, without a user.
    pub url: String,
    /// What the subjects begin with: words joined by dots; default `tidings`.
    pub topic: String,
    /// Who we are there.
    pub login: NatsLogin,
    /// Whether the server must have stored a message before it counts; default false.
    pub jetstream: bool,
}

/// Who we are at a NATS server.
#[derive(Clone, Debug)]
pub enum NatsLogin {
    /// Nobody.
    Anonymous,
    /// A user with a password.
    Password {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A token.
    Token(SecretString),
}
