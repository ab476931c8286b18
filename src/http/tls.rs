//! TLS 1.2 and 1.3 with ring; certificate, issuers of clients and revocations are read again when their files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, VerifierBuilderError, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};

/// Files of a listener.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
    /// Issuers of client certificates, PEM.
    pub client_ca: Option<PathBuf>,
    /// Lists of those that were revoked, PEM: one of each issuer.
    pub client_crl: Option<PathBuf>,
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
    /// The lists of revoked client certificates.
    #[error("the lists of revoked client certificates cannot be read")]
    ClientCrl,
    /// Lists of revoked certificates without issuers.
    #[error("client_crl_file needs client_ca_file")]
    NoClientCa,
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

/// Who may issue client certificates, replaced while it is in use.
#[derive(Debug)]
struct CurrentIssuers(RwLock<Arc<dyn ClientCertVerifier>>);

impl CurrentIssuers {
    fn get(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientCertVerifier for CurrentIssuers {
    fn client_auth_mandatory(&self) -> bool {
        self.get().client_auth_mandatory()
    }

    /// No hint: the names of issuers that are replaced would go on being given.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.get().verify_client_cert(certificate, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.get().verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.get().verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.get().supported_verify_schemes()
    }
}

/// What reads the files again.
#[derive(Debug, Clone)]
pub struct Reloader {
    files: TlsFiles,
    current: Arc<Current>,
    issuers: Option<Arc<CurrentIssuers>>,
    /// When the files that are in use were changed.
    seen: Vec<Option<SystemTime>>,
}

/// The configuration of a listener, and what keeps its certificate and the issuers of its clients new.
///
/// Errors: a file that cannot be read or used.
pub fn server_config(files: TlsFiles) -> Result<(Arc<ServerConfig>, Reloader), TlsError> {
    // Before they are read: what is put in their place meanwhile is seen later.
    let seen = files.changed();
    let current = Arc::new(Current(RwLock::new(Arc::new(certified(&files)?))));
    let issuers = verifier(&files)?.map(|verifier| Arc::new(CurrentIssuers(RwLock::new(verifier))));
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsError::Configuration)?;
    let builder = match &issuers {
        None => builder.with_no_client_auth(),
        Some(issuers) => builder.with_client_cert_verifier(Arc::clone(issuers) as Arc<dyn ClientCertVerifier>),
    };
    let mut config = builder.with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if issuers.is_some() {
        // A resumed session is not verified again: it would outlive the issuer of its certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok((Arc::new(config), Reloader { files, current, issuers, seen }))
}

/// Looks every few seconds whether the files have changed; one that cannot be used keeps what was there and says so.
pub async fn reload(reloader: Reloader, every: std::time::Duration) {
    let mut seen = reloader.seen.clone();
    loop {
        tokio::time::sleep(every).await;
        let changed = reloader.files.changed();
        if changed == seen {
            continue;
        }
        seen = changed;
        for (what, result) in
            [("certificate", reloader.certificate()), ("issuers and revocations of clients", reloader.issuers())]
        {
            match result {
                Ok(()) => tracing::info!(tls.file = what, "a file of TLS was read again"),
                Err(error) => {
                    tracing::error!(tls.file = what, error.text = %error, "the new file cannot be used; the old one holds");
                }
            }
        }
    }
}

impl Reloader {
    fn certificate(&self) -> Result<(), TlsError> {
        let key = certified(&self.files)?;
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
        Ok(())
    }

    fn issuers(&self) -> Result<(), TlsError> {
        if let (Some(issuers), Some(verifier)) = (&self.issuers, verifier(&self.files)?) {
            *issuers.0.write().unwrap_or_else(PoisonError::into_inner) = verifier;
        }
        Ok(())
    }
}

impl TlsFiles {
    fn changed(&self) -> Vec<Option<SystemTime>> {
        let paths = [&self.certificate, &self.key].into_iter().chain(&self.client_ca).chain(&self.client_crl);
        paths.map(|path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()).collect()
    }
}

/// What checks client certificates: chain, time, purpose (clientAuth, where purposes are named) and, where lists are given,
/// revocation of every certificate of the chain; none where none are asked for.
///
/// With lists it fails closed: a certificate whose issuer has no list is refused, and so is every one of an issuer whose list
/// has run out, since what was revoked after it is not known.
fn verifier(files: &TlsFiles) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let Some(path) = &files.client_ca else {
        return if files.client_crl.is_some() { Err(TlsError::NoClientCa) } else { Ok(None) };
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|_| TlsError::ClientCa)? {
        roots.add(certificate.map_err(|_| TlsError::ClientCa)?).map_err(|_| TlsError::ClientCa)?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
    let verifier = if files.demands_client { verifier } else { verifier.allow_unauthenticated() };
    let verifier = match &files.client_crl {
        None => verifier,
        Some(path) => verifier.with_crls(revocations(path)?).enforce_revocation_expiration(),
    };
    verifier.build().map(Some).map_err(|error| match error {
        VerifierBuilderError::InvalidCrl(_) => TlsError::ClientCrl,
        _ => TlsError::ClientCa,
    })
}

/// Lists of revoked certificates, one at least: with none nothing would be checked.
fn revocations(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let lists = CertificateRevocationListDer::pem_file_iter(path).map_err(|_| TlsError::ClientCrl)?;
    let lists: Result<Vec<_>, _> = lists.collect();
    lists.ok().filter(|lists| !lists.is_empty()).ok_or(TlsError::ClientCrl)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_replaced_while_the_files_are_read_is_seen_later() {
        let folder = std::env::temp_dir().join(format!("impress-gateway-tls-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let files = TlsFiles {
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
            client_ca: None,
            client_crl: None,
            demands_client: false,
        };
        std::fs::write(&files.certificate, certificate.pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        let (_, reloader) = server_config(files.clone()).unwrap();
        assert_eq!(reloader.seen, files.changed());
        // Between the reading and the first look of whoever reads them again.
        let later = std::fs::metadata(&files.key).unwrap().modified().unwrap() + Duration::from_secs(1);
        std::fs::File::options().append(true).open(&files.key).unwrap().set_modified(later).unwrap();
        assert_ne!(reloader.seen, files.changed());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
