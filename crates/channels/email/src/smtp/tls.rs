//! TLS from the first byte, over a wire that bounds what comes. Which certificates are trusted stands here for both forms of TLS;
//! the upgrade of `STARTTLS` is the library's.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters, TlsParametersBuilder};
use rustls::{
    ClientConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::wire::Wire;
use crate::{EmailError, SmtpConfig};

/// What the upgrade of a plain connection takes.
pub(super) fn upgrade(config: &SmtpConfig) -> Result<TlsParameters, EmailError> {
    config
        .roots
        .iter()
        .try_fold(TlsParameters::builder(name(config).to_owned()), |builder, pem| {
            Ok(builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?))
        })
        .and_then(TlsParametersBuilder::build)
        .map_err(|error: lettre::transport::smtp::Error| EmailError::Tls(error.to_string()))
}

/// Secures connections from their first byte.
pub(super) struct Implicit {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Implicit {
    /// Trusts the system's certificates and those of the settings.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, EmailError> {
        let failed = |error: String| EmailError::Tls(error);
        let roots = config.roots.iter().flat_map(|pem| CertificateDer::pem_slice_iter(pem.as_bytes()));
        let roots = roots.collect::<Result<Vec<_>, _>>().map_err(|error| failed(error.to_string()))?;
        let provider = Arc::new(default_provider());
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
        let verifier = verifier.map_err(|error| failed(error.to_string()))?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let name = ServerName::try_from(name(config).to_owned()).map_err(|error| failed(error.to_string()))?;
        Ok(Self { connector: TlsConnector::from(Arc::new(client)), name })
    }

    /// The wire, once the server has shown who it is.
    pub(super) async fn secure(&self, wire: Wire) -> io::Result<Box<Secured>> {
        Ok(Box::new(Secured(self.connector.connect(self.name.clone(), wire).await?)))
    }
}

/// A secured wire.
#[derive(Debug)]
pub(super) struct Secured(TlsStream<Wire>);

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

/// The name that the certificate must be for.
fn name(config: &SmtpConfig) -> &str {
    config.host.trim_end_matches('.')
}
