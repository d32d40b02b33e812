//! The bus over a NATS server: one attempt hands one message over and waits until the server has it. When to try again is the engine's
//! business.
//!
//! The protocol is spoken here and not by a general client: those keep what they could not send, connect again by themselves and send
//! it then, which would be a retry below the engine, and they flush to the socket, which says nothing of the server.

mod address;
mod config;
mod failure;
mod info;
mod link;
mod login;
mod message;
mod receipt;
mod tls;
mod wire;

use std::{
    fmt,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use tidings_core::{Channel, Envelope, ErrorKind, Problem, Receipt, SendError};

pub use self::config::NatsConfig;
use self::{
    address::ServerAddress,
    failure::{Failure, Words},
    link::{Link, Route},
    login::Login,
    message::Message,
};

/// How many unused connections are kept open.
const IDLE_CONNECTIONS: usize = 32;
/// Which part of the deadline a rested connection has to show that it lives; the rest is left for a new one.
const PROOF_SHARE: u32 = 4;

/// Why the channel cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NatsError {
    /// Settings are wrong, or a file that they name: all of them.
    #[error("{}", Problem::told(.0))]
    Invalid(Vec<Problem>),
}

/// The bus over a NATS server. It connects when it has something to send, and keeps its connections.
pub struct Nats {
    route: Route,
    topic: String,
    deadline: Duration,
    /// Connections that rest, the last used one last.
    idle: Mutex<Vec<Link>>,
}

impl Nats {
    /// A channel to this server. Reads the files that the settings name, and sends nothing yet.
    ///
    /// # Errors
    /// Tells every wrong setting at once, or else every file that cannot be read.
    pub fn new(config: NatsConfig) -> Result<Self, NatsError> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(NatsError::Invalid(problems));
        }
        let address = ServerAddress::parse(&config.url).map_err(|text| invalid("url", text))?;
        let tls = tls::config(config.root_certificates.as_deref(), address.tls)
            .map_err(|error| invalid("root_certificates", format!("no certificates to trust: {error}")))?;
        let login = login(config.username, config.password, config.token.map(Login::Token))
            .or_else(|| config.nkey.map(Login::Key));
        let login = match (login, config.credentials_file) {
            (Some(login), _) => login,
            (None, Some(path)) => read_credentials(&path)?,
            (None, None) => Login::Nobody,
        };
        let route = Route { address, login, tls: Arc::new(tls), jetstream: config.jetstream };
        Ok(Self { route, topic: config.topic, deadline: config.deadline, idle: Mutex::default() })
    }

    /// A connection that lives: one that rested, or a new one. Nothing has been handed over to it.
    async fn link(&self) -> Result<Link, Failure> {
        while let Some(mut link) = self.rested() {
            match tokio::time::timeout(self.deadline / PROOF_SHARE, link.lives()).await {
                Ok(true) => return Ok(link),
                Ok(false) => {}
                // A path that has swallowed one connection has swallowed those that rested longer too.
                Err(_) => self.forget(),
            }
        }
        Link::open(&self.route).await
    }

    fn rested(&self) -> Option<Link> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, link: Link) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if link.is_fit() && idle.len() < IDLE_CONNECTIONS {
            idle.push(link);
        }
    }

    /// After a server that does not answer the other connections are not to be trusted either.
    fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The whole attempt. A future that is dropped takes its connection along, so that nothing is sent afterwards.
    async fn attempt(&self, message: &Message, words: &Words<'_>) -> Result<Receipt, SendError> {
        let mut deadline = pin!(tokio::time::sleep(self.deadline));
        let link = tokio::select! {
            link = self.link() => link,
            () = &mut deadline => {
                self.forget();
                return Err(SendError::transient(ErrorKind::Timeout, "the server did not answer in time"));
            }
        };
        let mut link = link.map_err(|failure| failure.before(words))?;
        if let Err(error) = admit(message, &link) {
            self.keep(link);
            return Err(error);
        }
        let outcome = tokio::select! {
            outcome = link.publish(message) => outcome,
            () = &mut deadline => {
                self.forget();
                return Err(SendError::unknown(ErrorKind::Timeout, "the server did not confirm the message in time"));
            }
        };
        self.keep(link);
        let stored = outcome.map_err(|failure| failure.after(words))?;
        Ok(Receipt { code: None, detail: stored.map(|stored| words.clean(&stored.told())) })
    }
}

impl Channel for Nats {
    async fn send(&self, envelope: &Envelope) -> Result<Receipt, SendError> {
        let message = Message::of(envelope, &self.topic)?;
        let words = Words { envelope, secrets: self.route.login.secrets(), subject: &message.subject };
        self.attempt(&message, &words).await
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats")
            .field("server", &self.route.address)
            .field("topic", &self.topic)
            .field("jetstream", &self.route.jetstream)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// A server would answer a larger one by closing the connection.
fn admit(message: &Message, link: &Link) -> Result<(), SendError> {
    let (length, most) = (message.length(), link.max_payload());
    if length <= most {
        return Ok(());
    }
    let text = format!("the message has {length} bytes, and the server takes {most} at most (`max_payload`)");
    Err(SendError::permanent(ErrorKind::Render, text))
}

fn login(username: Option<String>, password: Option<SecretString>, other: Option<Login>) -> Option<Login> {
    match (username, password) {
        (Some(username), Some(password)) => Some(Login::Password { username, password }),
        _ => other,
    }
}

fn read_credentials(path: &Path) -> Result<Login, NatsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| invalid("credentials_file", format!("cannot read the file: {error}")))?;
    Login::from_credentials(&text).map_err(|text| invalid("credentials_file", text))
}

fn invalid(key: &str, text: impl Into<String>) -> NatsError {
    NatsError::Invalid(vec![Problem::new(key, text)])
}
