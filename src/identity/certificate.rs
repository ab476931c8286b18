//! Callers by a name in their client certificate, so that a renewed one is known without a change of the configuration.

use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls_pki_types::{CertificateDer, ServerName};

use super::Caller;

/// A label that nobody has.
const NOBODY: &str = "impress-gateway-no-such-host";

/// A name, one beside it that no certificate has, and whose it is.
struct Entry {
    name: ServerName<'static>,
    beside: Option<ServerName<'static>>,
    caller: Caller,
}

/// Callers by DNS name (`subjectAltName`).
#[derive(Default)]
pub(super) struct Names(Vec<Entry>);

impl Names {
    /// Adds a caller; the one that has the name already.
    ///
    /// Errors: a text where it is no DNS name.
    pub(super) fn add(&mut self, name: &str, caller: Caller) -> Result<Option<Caller>, &'static str> {
        let text = name.to_ascii_lowercase();
        let dns = |text: String| match ServerName::try_from(text) {
            Ok(name @ ServerName::DnsName(_)) => Some(name),
            _ => None,
        };
        let beside = text.split_once('.').and_then(|(_, domain)| dns(format!("{NOBODY}.{domain}")));
        let name = dns(text).ok_or("certificate_name is no DNS name")?;
        let taken = self.0.iter().find(|entry| entry.name == name).map(|entry| entry.caller.clone());
        self.0.push(Entry { name, beside, caller });
        Ok(taken)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose certificate it is; nobody's where it has the names of several callers.
    pub(super) fn find(&self, der: &[u8]) -> Option<&Caller> {
        if self.is_empty() {
            return None;
        }
        let der = CertificateDer::from(der);
        let certificate = ParsedCertificate::try_from(&der).ok()?;
        let has = |name: &ServerName<'_>| verify_server_name(&certificate, name).is_ok();
        // A certificate with a wildcard has the name beside it, too: it could be anybody's of the domain.
        let is_of = |entry: &&Entry| has(&entry.name) && !entry.beside.as_ref().is_some_and(has);
        let mut found = self.0.iter().filter(is_of).map(|entry| &entry.caller);
        found.next().filter(|_| found.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Callers, Credential, Role};

    fn certificate(names: &[&str]) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        rcgen::generate_simple_self_signed(names).unwrap().cert.der().to_vec()
    }

    #[test]
    fn a_caller_is_known_by_its_own_name_in_whatever_certificate() {
        let mut callers = Callers::default();
        let name = |text: &str| Some(Credential::CertificateName(text.to_owned()));
        callers.add(("forde", "983974732", Role::Trust), name("engine.forde.example")).unwrap();
        callers.add(("ous", "993467049", Role::Trust), name("Engine.OUS.example")).unwrap();
        callers.add(("lab", "IPD", Role::Laboratory), name("lab")).unwrap();
        assert!(callers.have_certificates() && !callers.is_empty());
        for (names, expected) in [
            (&["engine.forde.example"][..], Some("forde")),
            (&["engine.forde.example"], Some("forde")),
            (&["other.example", "ENGINE.ous.example"], Some("ous")),
            (&["lab"], Some("lab")),
            (&["engine.forde.example.attacker.test"], None),
            (&["attacker-engine.forde.example"], None),
            (&["sub.engine.forde.example"], None),
            (&["forde.example"], None),
            (&["*.forde.example"], None),
            (&["*.forde.example", "engine.forde.example"], None),
            (&["engine.forde.example", "engine.ous.example"], None),
            (&["127.0.0.1"], None),
            (&[], None),
        ] {
            let found = callers.by_certificate(&certificate(names));
            assert_eq!(found.map(Caller::name), expected, "{names:?}");
        }
        assert_eq!(callers.by_certificate(b"no certificate"), None);
        let taken = callers.add(("again", "1", Role::Trust), name("engine.FORDE.example"));
        assert!(taken.unwrap_err().contains("same"));
        for bad in ["", "127.0.0.1", "two words", "*.forde.example"] {
            let refused = callers.add((&format!("bad {bad}"), "1", Role::Trust), name(bad));
            assert_eq!(refused, Err("certificate_name is no DNS name"), "{bad}");
        }
    }
}
