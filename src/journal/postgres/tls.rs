//! Which connections are encrypted, and whom they trust.
//!
//! What goes over a network goes over TLS with a server that is who the connection string says: a server without TLS is not
//! spoken to. Only `sslmode=disable` in the connection string says otherwise, for a network that is encrypted by other means.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::journal::JournalError;

/// TLS for a connection; none for one without. `config` is set so that there is no way back from one to the other.
///
/// Errors: `Unusable` for certificates that cannot be read.
pub(super) fn connector(config: &mut Config, ca: Option<&[u8]>) -> Result<Option<MakeRustlsConnect>, JournalError> {
    match config.get_ssl_mode() {
        SslMode::Disable => return Ok(None),
        SslMode::Prefer if is_local(config) => {
            config.ssl_mode(SslMode::Disable);
            return Ok(None);
        }
        // `Prefer` would go on in plain text with whoever says that there is no TLS.
        _ => config.ssl_mode(SslMode::Require),
    };
    let unusable = |_| JournalError::Unusable("TLS to PostgreSQL: no certificates to trust".to_owned());
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = match ca {
        None => builder.with_platform_verifier().map_err(unusable)?,
        Some(pem) => builder.with_root_certificates(roots(pem)?),
    };
    Ok(Some(MakeRustlsConnect::new(builder.with_no_client_auth())))
}

/// Whether everything that is connected to is on this host.
fn is_local(config: &Config) -> bool {
    let is_local_host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    config.get_hosts().iter().all(is_local_host) && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, JournalError> {
    let mut roots = RootCertStore::empty();
    let unusable = || JournalError::Unusable("journal.ca_file is not PEM with certificates".to_owned());
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
    }
    if roots.is_empty() { Err(unusable()) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_host_is_spoken_to_without_tls() {
        let mode = |text: &str| {
            let mut config: Config = text.parse().unwrap();
            let has_tls = connector(&mut config, None).unwrap().is_some();
            // Never `Prefer`: that leaves it to the other side.
            assert_eq!(config.get_ssl_mode(), if has_tls { SslMode::Require } else { SslMode::Disable }, "{text}");
            has_tls
        };
        for local in [
            "host=/run/postgresql",
            "host=localhost",
            "host=127.0.0.1",
            "host=127.8.8.8",
            "host=::1",
            "hostaddr=127.0.0.1",
            "host=127.0.0.1,/run/postgresql",
            "postgresql://127.0.0.1/journal?sslmode=prefer",
            "host=db.example sslmode=disable",
        ] {
            assert!(!mode(local), "{local}");
        }
        for remote in [
            "host=db.example",
            "host=10.0.0.1",
            "host=0.0.0.0",
            "host=localhost.example",
            "host=127.0.0.1.example",
            "host=127.0.0.1,db.example",
            "host=db.example hostaddr=127.0.0.1",
            "host=localhost hostaddr=10.0.0.1",
            "host=db.example sslmode=prefer",
            "host=127.0.0.1 sslmode=require",
            "postgresql://db.example/journal",
        ] {
            assert!(mode(remote), "{remote}");
        }
    }

    #[test]
    fn a_file_without_certificates_trusts_nobody() {
        for pem in ["", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let mut config: Config = "host=db.example".parse().unwrap();
            let error = connector(&mut config, Some(pem.as_bytes())).map(|_| ()).unwrap_err();
            assert!(matches!(&error, JournalError::Unusable(reason) if reason.contains("ca_file")), "{error:?}");
        }
    }
}
