//! A certificate authority of a test's own, for servers on loopback. Who trusts it is the test's business.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer},
};

/// Names that a server on loopback goes by.
const LOOPBACK: [&str; 2] = ["localhost", "127.0.0.1"];

/// An authority that nobody trusts until its certificate is given to them.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Certified {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    /// A new authority with a key of its own.
    ///
    /// # Panics
    /// If the system gives no randomness.
    #[must_use]
    pub fn generate() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "Tidings test authority");
        let pem = parameters.self_signed(&key).expect("an authority signs itself").pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    /// The certificate that a client must trust.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a server on loopback.
    #[must_use]
    pub fn certify_loopback(&self) -> Certified {
        self.certify(&LOOPBACK)
    }

    /// A certificate for a server of these names.
    ///
    /// # Panics
    /// If one of them is no name that a certificate can hold.
    #[must_use]
    pub fn certify(&self, names: &[&str]) -> Certified {
        let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
        let parameters = CertificateParams::new(names).expect("the names fit a certificate");
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("the authority signs");
        Certified { certificate, key }
    }
}

impl Certified {
    /// The certificate as text.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// Its private key as text.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A server's side of TLS that shows this certificate.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        let certificates: Vec<CertificateDer<'static>> = vec![self.certificate.der().clone()];
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions")
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .expect("the key is the certificate's");
        Arc::new(config)
    }
}
