//! TLS on ring, with the platform's certificates or the operator's own. No global provider is installed: that is the program's right.

use std::{error::Error, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;

/// Why TLS cannot be set up.
pub(super) type TlsError = Box<dyn Error + Send + Sync>;

/// The settings of every connection.
///
/// Without `tls://` a machine that has no certificates still reaches servers that want no TLS; `required` makes that an error.
pub(super) fn config(roots: Option<&Path>, required: bool) -> Result<ClientConfig, TlsError> {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
    };
    let trust = |roots| Ok(builder()?.with_root_certificates(roots).with_no_client_auth());
    if let Some(path) = roots {
        return trust(read(path)?);
    }
    match builder()?.with_platform_verifier() {
        Ok(verified) => Ok(verified.with_no_client_auth()),
        Err(error) if required => Err(error.into()),
        Err(_) => trust(RootCertStore::empty()),
    }
}

fn read(path: &Path) -> Result<RootCertStore, TlsError> {
    let bytes = std::fs::read(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        roots.add(certificate?)?;
    }
    if roots.is_empty() { Err("the file holds no certificate in PEM form".into()) } else { Ok(roots) }
}
