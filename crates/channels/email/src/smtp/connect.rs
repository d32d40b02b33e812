//! A new connection: reached, secured as it must be, logged in. What is said over it then is not known here.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use lettre::Address;
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpStream, time::Instant};

use super::{
    failure::{Failure, Step},
    talk::{DONE, MORE, Stream, Talk, within},
    tls::Secure,
};
use crate::{EmailError, SmtpConfig, Tls};

/// A mail server's address, and how one gets in.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    /// What TLS takes, where there is any.
    secure: Option<Secure>,
    login: Option<Login>,
    /// Who we say we are.
    name: String,
}

/// A name and a password in every form in which they go over the wire.
struct Login {
    name: String,
    /// `PLAIN`: both in one.
    both: SecretString,
    /// `LOGIN`: the password alone.
    password: SecretString,
    /// What an answer must not repeat: both, and the password as it is.
    forms: [SecretString; 3],
}

impl Server {
    /// Reads the certificates that are trusted.
    pub(super) fn new(config: &SmtpConfig, from: &Address) -> Result<Self, EmailError> {
        let name = config.username.as_deref().unwrap_or_else(|| from.as_ref());
        Ok(Self {
            host: config.host.clone(),
            port: config.port.unwrap_or_else(|| config.tls.port()),
            tls: config.tls,
            secure: (config.tls != Tls::None).then(|| Secure::new(config)).transpose()?,
            login: config.password.as_ref().map(|password| Login::new(name, password.expose_secret())),
            name: from.domain().to_owned(),
        })
    }

    /// What an answer must not repeat.
    pub(super) fn secrets(&self) -> &[SecretString] {
        self.login.as_ref().map_or(&[], |login| &login.forms)
    }

    /// A conversation until this moment, in which the next word is the message's.
    pub(super) async fn connect(&self, deadline: Instant) -> Result<Talk, Failure> {
        let mut talk = self.reach(deadline).await?;
        talk.hello(&self.name).await?;
        if self.tls == Tls::StartTls {
            talk = self.upgrade(talk, deadline).await?;
            talk.hello(&self.name).await?;
        }
        self.log_in(&mut talk).await?;
        Ok(talk)
    }

    async fn reach(&self, deadline: Instant) -> Result<Talk, Failure> {
        let address = (self.host.as_str(), self.port);
        let stream: Box<dyn Stream> = Box::new(within(deadline, Step::Connect, TcpStream::connect(address)).await?);
        let implicit = self.tls == Tls::Implicit;
        let mut talk = Talk::new(if implicit { self.secured(stream, deadline).await? } else { stream }, deadline);
        talk.greeting().await?;
        Ok(talk)
    }

    async fn upgrade(&self, mut talk: Talk, deadline: Instant) -> Result<Talk, Failure> {
        if talk.offer("STARTTLS").is_none() {
            return Err(Failure::NoStartTls);
        }
        talk.command(Step::Connect, DONE, "STARTTLS").await?;
        Ok(Talk::new(self.secured(talk.into_stream()?, deadline).await?, deadline))
    }

    /// Never the bare stream: without what TLS takes there is none.
    async fn secured(&self, stream: Box<dyn Stream>, deadline: Instant) -> Result<Box<dyn Stream>, Failure> {
        let secure = self.secure.as_ref().ok_or(Failure::NoStartTls)?;
        within(deadline, Step::Connect, secure.over(stream)).await
    }

    /// Logs in, where there is a password.
    async fn log_in(&self, talk: &mut Talk) -> Result<(), Failure> {
        let Some(login) = &self.login else { return Ok(()) };
        // Over TLS one is as good as the other.
        let offered: Vec<_> = talk.offer("AUTH").unwrap_or_default().split([' ', '=']).collect();
        match (offered.contains(&"PLAIN"), offered.contains(&"LOGIN")) {
            (true, _) => login.plain(talk).await,
            (false, true) => login.login(talk).await,
            (false, false) => Err(Failure::NoLogin),
        }
    }
}

impl Login {
    fn new(name: &str, password: &str) -> Self {
        let both = SecretString::from(BASE64_STANDARD.encode(format!("\0{name}\0{password}")));
        let encoded = SecretString::from(BASE64_STANDARD.encode(password));
        let forms = [both.clone(), encoded.clone(), password.into()];
        Self { name: BASE64_STANDARD.encode(name), both, password: encoded, forms }
    }

    async fn plain(&self, talk: &mut Talk) -> Result<(), Failure> {
        let line = SecretString::from(format!("AUTH PLAIN {}", self.both.expose_secret()));
        // A server that wants the name of the way alone first asks for the rest.
        if talk.say(Step::Login, line.expose_secret()).await?.code / 100 == MORE {
            talk.command(Step::Login, DONE, self.both.expose_secret()).await?;
        }
        Ok(())
    }

    async fn login(&self, talk: &mut Talk) -> Result<(), Failure> {
        talk.command(Step::Login, MORE, "AUTH LOGIN").await?;
        talk.command(Step::Login, MORE, &self.name).await?;
        talk.command(Step::Login, DONE, self.password.expose_secret()).await.map(drop)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("login", &self.login.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
