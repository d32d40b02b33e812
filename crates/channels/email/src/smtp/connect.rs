//! A new connection: reached, secured as it must be, logged in. What is said over it is not known here.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use super::{
    failure::{Failure, Step},
    tls::{self, Implicit},
    wire::Wire,
};
use crate::{EmailError, SmtpConfig, Tls};

/// The ways to log in that we take: over TLS both are as good as any.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// A mail server's address, and how one gets in.
pub(super) struct Server {
    host: String,
    port: u16,
    security: Security,
    login: Option<Login>,
    hello: ClientId,
}

/// How a connection is secured, with what it takes.
enum Security {
    StartTls(TlsParameters),
    Implicit(Implicit),
    None,
}

struct Login {
    credentials: Credentials,
    /// The password in every form in which it goes over the wire.
    forms: Vec<SecretString>,
}

impl Server {
    /// Reads the certificates that are trusted.
    pub(super) fn new(config: &SmtpConfig, from: &Address) -> Result<Self, EmailError> {
        let security = match config.tls {
            Tls::StartTls => Security::StartTls(tls::upgrade(config)?),
            Tls::Implicit => Security::Implicit(Implicit::new(config)?),
            Tls::None => Security::None,
        };
        let name = config.username.as_deref().unwrap_or_else(|| from.as_ref());
        Ok(Self {
            host: config.host.clone(),
            port: config.port.unwrap_or_else(|| config.tls.port()),
            security,
            login: config.password.as_ref().map(|password| Login::new(name, password.expose_secret())),
            hello: ClientId::Domain(from.domain().to_owned()),
        })
    }

    /// What an answer must not repeat.
    pub(super) fn secrets(&self) -> &[SecretString] {
        self.login.as_ref().map_or(&[], |login| &login.forms)
    }

    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.reach().await?;
        if let Some(login) = &self.login {
            if !MECHANISMS.iter().any(|way| connection.server_info().supports_auth_mechanism(*way)) {
                return Err(Failure::NoLogin);
            }
            let welcome = connection.auth(&MECHANISMS, &login.credentials).await;
            welcome.map_err(|error| Failure::of(Step::Login, &error))?;
        }
        Ok(connection)
    }

    async fn reach(&self) -> Result<AsyncSmtpConnection, Failure> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let wire = Wire::new(stream.map_err(|error| Failure::unreachable(&error))?);
        match &self.security {
            Security::None => self.greet(Box::new(wire)).await,
            Security::Implicit(implicit) => {
                let secured = implicit.secure(wire).await.map_err(|error| Failure::unreachable(&error))?;
                self.greet(secured).await
            }
            Security::StartTls(parameters) => {
                let mut connection = self.greet(Box::new(wire)).await?;
                if !connection.can_starttls() {
                    return Err(Failure::NoStartTls);
                }
                let upgraded = connection.starttls(parameters.clone(), &self.hello).await;
                upgraded.map_err(|error| Failure::of(Step::Connect, &error))?;
                Ok(connection)
            }
        }
    }

    async fn greet(&self, stream: Box<dyn AsyncTokioStream>) -> Result<AsyncSmtpConnection, Failure> {
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        connection.map_err(|error| Failure::of(Step::Connect, &error))
    }
}

impl Login {
    fn new(name: &str, password: &str) -> Self {
        let plain = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
        let forms = [plain, BASE64_STANDARD.encode(password), password.to_owned()];
        Self {
            credentials: Credentials::new(name.to_owned(), password.to_owned()),
            forms: forms.into_iter().map(SecretString::from).collect(),
        }
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
