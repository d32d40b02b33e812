//! A new connection: reached, secured as it must be, logged in. What is said over it is not known here.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use super::{
    failure::{Failure, Step},
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
    Implicit(TlsParameters),
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
            Tls::StartTls => Security::StartTls(parameters(config)?),
            Tls::Implicit => Security::Implicit(parameters(config)?),
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
        let failed = |error| Failure::of(Step::Connect, &error);
        match &self.security {
            Security::None => self.plain().await,
            Security::StartTls(parameters) => {
                let mut connection = self.plain().await?;
                if !connection.can_starttls() {
                    return Err(Failure::NoStartTls);
                }
                connection.starttls(parameters.clone(), &self.hello).await.map_err(failed)?;
                Ok(connection)
            }
            Security::Implicit(parameters) => {
                let (address, secured) = ((self.host.as_str(), self.port), Some(parameters.clone()));
                AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, secured, None).await.map_err(failed)
            }
        }
    }

    async fn plain(&self) -> Result<AsyncSmtpConnection, Failure> {
        let stream =
            TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| Failure::unreachable(&error))?;
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(Wire::new(stream)), &self.hello).await;
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

fn parameters(config: &SmtpConfig) -> Result<TlsParameters, EmailError> {
    let failed = |error: lettre::transport::smtp::Error| EmailError::Tls(error.to_string());
    let host = config.host.trim_end_matches('.').to_owned();
    config
        .roots
        .iter()
        .try_fold(TlsParameters::builder(host), |builder, pem| {
            Ok(builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?))
        })
        .and_then(lettre::transport::smtp::client::TlsParametersBuilder::build)
        .map_err(failed)
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
