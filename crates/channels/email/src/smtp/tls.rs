//! TLS of both forms, from the first byte or as an upgrade: which certificates are trusted, and for which name.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::talk::Stream;
use crate::{EmailError, SmtpConfig};

/// Secures connections.
pub(super) struct Secure {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Secure {
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
        let name = config.host.trim_end_matches('.').to_owned();
        let name = ServerName::try_from(name).map_err(|error| failed(error.to_string()))?;
        Ok(Self { connector: TlsConnector::from(Arc::new(client)), name })
    }

    /// The stream, once the server has shown who it is.
    pub(super) async fn over(&self, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        Ok(Box::new(self.connector.connect(self.name.clone(), stream).await?))
    }
}
