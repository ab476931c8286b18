//! Who is calling: a bearer secret, a client certificate, an access token or the session of a person -> [`Caller`].
//!
//! A caller is only ever made here. What it may do is decided by [`authz`](crate::authz).

mod certificate;

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::authz::Scopes;
use crate::operators::{OperatorRole, Person};

/// What kind of organisation calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A health trust's systems.
    Trust,
    /// A laboratory's systems.
    Laboratory,
    /// The trial system.
    Trial,
    /// The national registry.
    Registry,
    /// A person who runs the gateway.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Trust, Self::Laboratory, Self::Trial, Self::Registry, Self::Operator];

    /// The word in the configuration and in the audit.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Laboratory => "laboratory",
            Self::Trial => "trial",
            Self::Registry => "registry",
            Self::Operator => "operator",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    name: String,
    organisation: String,
    role: Role,
    token: Option<Box<Token>>,
    operator: Option<OperatorRole>,
}

/// What a verified access token says of its caller. Nothing of a person who is logged in at the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Name of the issuer in the configuration.
    pub issuer: String,
    /// Id of the client at its issuer.
    pub client: String,
    /// What it grants.
    pub scopes: Scopes,
    /// Organisation number of the unit that acts.
    pub child: Option<String>,
    /// Organisation number of who runs the client.
    pub supplier: Option<String>,
}

impl Token {
    /// A token that grants nothing.
    pub fn of_issuer(issuer: &str) -> Self {
        let scopes = Scopes::Smart(Vec::new());
        Self { issuer: issuer.to_owned(), client: String::new(), scopes, child: None, supplier: None }
    }
}

impl Caller {
    /// A person who logged in.
    pub fn person(person: &Person) -> Self {
        let role = Role::Operator;
        let organisation = role.as_str().to_owned();
        Self { name: person.name().to_owned(), organisation, role, token: None, operator: Some(person.role()) }
    }

    /// A caller whose access token was verified.
    pub(crate) fn with_token(organisation: &str, role: Role, token: Token) -> Self {
        let supplier = token.supplier.as_ref().filter(|supplier| *supplier != organisation);
        let supplier = supplier.map(|number| format!("{VIA}{number}")).unwrap_or_default();
        let name = format!("{}:{}{supplier}", token.issuer, token.client);
        Self { name, organisation: organisation.to_owned(), role, token: Some(Box::new(token)), operator: None }
    }

    /// What its access token says, where it has one.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_deref()
    }

    /// Name in the configuration; `issuer:client` of who has a token, and ` via ` the supplier that runs the client.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Organisation number, or code of a laboratory.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// Role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What a person may do; none for a system, which may do what its role allows.
    pub fn operator_role(&self) -> Option<OperatorRole> {
        self.operator
    }
}

/// What stands between a client and the number of the supplier that runs it.
const VIA: &str = " via ";

/// SHA-256 of a secret or certificate.
type Fingerprint = [u8; 32];

/// What a caller is recognised by.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A secret that is sent as `Authorization: Bearer`.
    Secret(String),
    /// SHA-256 of the client certificate in DER.
    Certificate(Fingerprint),
    /// DNS name of the client certificate.
    CertificateName(String),
}

/// Secrets are not printed.
impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Secret(_) => "Secret(**REDACTED**)",
            Self::Certificate(_) | Self::CertificateName(_) => "Certificate(..)",
        })
    }
}

impl Credential {
    /// The fingerprint of a certificate, from its 64 hexadecimal digits; colons are allowed.
    pub fn certificate(hexadecimal: &str) -> Option<Self> {
        let digits: String = hexadecimal.chars().filter(|c| *c != ':').collect();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut fingerprint = [0; 32];
        for (byte, pair) in fingerprint.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self::Certificate(fingerprint))
    }
}

/// Shortest secret, in characters.
pub const MIN_SECRET: usize = 32;

/// Everybody who may call. Only hashes of secrets are kept, so that a lookup tells nothing by its time.
#[derive(Default)]
pub struct Callers {
    by_secret: HashMap<Fingerprint, Caller>,
    by_certificate: HashMap<Fingerprint, Caller>,
    by_certificate_name: certificate::Names,
    by_name: HashMap<String, Caller>,
}

impl fmt::Debug for Callers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Callers").field("count", &self.by_name.len()).finish_non_exhaustive()
    }
}

impl Callers {
    /// Adds a caller.
    ///
    /// Errors: a text where the secret is short, or name or credential are taken.
    pub fn add(
        &mut self,
        (name, organisation, role): (&str, &str, Role),
        credential: Option<Credential>,
    ) -> Result<(), &'static str> {
        let caller =
            Caller { name: name.to_owned(), organisation: organisation.to_owned(), role, token: None, operator: None };
        if self.by_name.insert(name.to_owned(), caller.clone()).is_some() {
            return Err("the name stands twice");
        }
        let taken = match credential {
            Some(Credential::Secret(secret)) if secret.len() < MIN_SECRET => {
                return Err("the secret is shorter than 32 characters");
            }
            Some(Credential::Secret(secret)) => self.by_secret.insert(hash(secret.as_bytes()), caller),
            Some(Credential::Certificate(fingerprint)) => self.by_certificate.insert(fingerprint, caller),
            Some(Credential::CertificateName(name)) => self.by_certificate_name.add(&name, caller)?,
            None => None,
        };
        if taken.is_some() { Err("another caller has the same secret or certificate") } else { Ok(()) }
    }

    /// Whether anybody can be recognised.
    pub fn is_empty(&self) -> bool {
        self.by_secret.is_empty() && !self.have_certificates()
    }

    /// Whether anybody can be recognised by a secret.
    pub fn have_secrets(&self) -> bool {
        !self.by_secret.is_empty()
    }

    /// Whether anybody can be recognised by a client certificate.
    pub fn have_certificates(&self) -> bool {
        !self.by_certificate.is_empty() || !self.by_certificate_name.is_empty()
    }

    /// Who has the secret.
    pub fn by_secret(&self, secret: &str) -> Option<&Caller> {
        self.by_secret.get(&hash(secret.as_bytes()))
    }

    /// Whose certificate it is, in DER. That its issuer is trusted and that it is valid, TLS has checked.
    pub fn by_certificate(&self, der: &[u8]) -> Option<&Caller> {
        self.by_certificate.get(&hash(der)).or_else(|| self.by_certificate_name.find(der))
    }

    /// Whether somebody has the name, or is of the organisation.
    pub fn know(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.by_name.values().any(|caller| caller.organisation == name)
    }

    /// The caller that a channel without credentials stands for by configuration.
    pub fn by_name(&self, name: &str) -> Option<&Caller> {
        self.by_name.get(name)
    }
}

fn hash(bytes: &[u8]) -> Fingerprint {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_caller_is_recognised_by_its_own_credential_only() {
        let mut callers = Callers::default();
        assert!(callers.is_empty());
        let oslo = ("oslo", "993467049", Role::Trust);
        callers.add(oslo, Some(Credential::Secret(SECRET.to_owned()))).unwrap();
        let der = b"certificate";
        let digits: String = hash(der).iter().map(|byte| format!("{byte:02X}")).collect();
        callers.add(("lab", "IPO", Role::Laboratory), Credential::certificate(&digits)).unwrap();
        assert_eq!(callers.by_secret(SECRET).unwrap().organisation(), "993467049");
        assert_eq!(callers.by_certificate(der).unwrap().role(), Role::Laboratory);
        assert_eq!(callers.by_secret(&SECRET[1..]), None);
        assert_eq!(callers.by_certificate(SECRET.as_bytes()), None);
    }

    #[test]
    fn weak_and_shared_credentials_are_refused() {
        let mut callers = Callers::default();
        let secret = |text: &str| Some(Credential::Secret(text.to_owned()));
        assert!(callers.add(("a", "1", Role::Trust), secret("short")).unwrap_err().contains("shorter"));
        callers.add(("b", "1", Role::Trust), secret(SECRET)).unwrap();
        assert!(callers.add(("c", "2", Role::Trust), secret(SECRET)).unwrap_err().contains("same"));
        assert!(callers.add(("b", "3", Role::Trust), None).unwrap_err().contains("twice"));
        assert_eq!(Credential::certificate("00"), None);
        assert_eq!(Credential::certificate(&"é".repeat(32)), None);
    }
}
