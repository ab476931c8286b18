//! TLS 1.2 and 1.3 with ring; the certificate is read again when its file changes.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Files of a listener.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
    /// Issuers of client certificates, PEM.
    pub client_ca: Option<PathBuf>,
    /// Whether a client without a certificate is refused.
    pub demands_client: bool,
}

/// Why a listener has no TLS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The certificate chain.
    #[error("the certificate cannot be read")]
    Certificate,
    /// The private key.
    #[error("the private key cannot be read, or is not that of the certificate")]
    Key,
    /// The issuers of client certificates.
    #[error("the issuers of client certificates cannot be read")]
    ClientCa,
    /// The configuration as a whole.
    #[error("the TLS configuration cannot be used")]
    Configuration,
}

/// The certificate that is shown, replaced while it is in use.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What reads the certificate again.
#[derive(Debug, Clone)]
pub struct Reloader {
    files: TlsFiles,
    current: Arc<Current>,
}

/// The configuration of a listener, and what keeps its certificate new.
///
/// Errors: a file that cannot be read or used.
pub fn server_config(files: TlsFiles) -> Result<(Arc<ServerConfig>, Reloader), TlsError> {
    let current = Arc::new(Current(RwLock::new(Arc::new(certified(&files)?))));
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsError::Configuration)?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| TlsError::ClientCa)? {
                let certificate = certificate.map_err(|_| TlsError::ClientCa)?;
                roots.add(certificate).map_err(|_| TlsError::ClientCa)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if files.demands_client { verifier } else { verifier.allow_unauthenticated() };
            builder.with_client_cert_verifier(verifier.build().map_err(|_| TlsError::ClientCa)?)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), Reloader { files, current }))
}

/// Looks every few seconds whether the files have changed; one that cannot be used keeps the old certificate and says so.
pub async fn reload(reloader: Reloader, every: std::time::Duration) {
    let mut seen = reloader.files.changed();
    loop {
        tokio::time::sleep(every).await;
        let changed = reloader.files.changed();
        if changed == seen {
            continue;
        }
        seen = changed;
        match certified(&reloader.files) {
            Ok(key) => {
                *reloader.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::error!(error.text = %error, "the new certificate cannot be used; the old one stays"),
        }
    }
}

impl TlsFiles {
    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
    }
}

fn certified(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(&files.certificate).map_err(|_| TlsError::Certificate)?.collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or(TlsError::Certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| TlsError::Key)?;
    let key = CertifiedKey::new(chain, any_supported_type(&key).map_err(|_| TlsError::Key)?);
    match key.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(key),
        Err(_) => Err(TlsError::Key),
    }
}
