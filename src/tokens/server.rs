//! Who calls with an access token: the checks in their order, and what a refusal may say.

use std::collections::HashMap;
use std::sync::Arc;

use super::access::{self, Binding, Claims, Issuer, Profile, TokenFault};
use super::dpop::{ProofFault, Proofs, Target};
use super::provider::{ALGORITHMS, name};
use crate::authz::Scopes;
use crate::clock::Clock;
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::domain::trust::Trusts;
use crate::identity::{Caller, Role, Token};

/// How an access token is sent. A server takes one of them, never both.
pub enum Scheme {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization: DPoP` with a proof.
    Dpop(Box<Proofs>),
}

/// A client that may call.
#[derive(Debug, Clone)]
pub struct Client {
    /// What it may do.
    pub role: Role,
    /// Organisation number, or code of a laboratory; none: that of the token.
    pub organisation: Option<String>,
    /// Organisation numbers of suppliers that may run it.
    pub suppliers: Vec<String>,
}

/// Verifies access tokens.
pub struct ResourceServer {
    /// How tokens are sent.
    pub scheme: Scheme,
    /// Whose tokens are taken.
    pub issuers: Vec<Issuer>,
    /// Who may call, by name of the issuer and id of the client.
    pub clients: HashMap<(String, String), Client>,
    /// Whom organisation numbers belong to.
    pub trusts: Trusts,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a request with a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token.
    #[error("token: {0}")]
    Token(TokenFault),
    /// The token is bound to a key, and came without its proof; or to something that is not checked here.
    #[error("token: it is bound to something that was not shown")]
    Bound,
    /// The token is bound to no key.
    #[error("token: it is bound to no key")]
    Unbound,
    /// The security level of the person is too low (RFC 9470).
    #[error("token: the person's security level is too low")]
    Level,
    /// The proof.
    #[error("proof: {0}")]
    Proof(ProofFault),
    /// The client is not one that may call.
    #[error("the client may not call")]
    Client,
    /// The organisations of the token are none of a trust.
    #[error("the organisations of the token may not call")]
    Organisation,
    /// The supplier of the token is none that may run the client.
    #[error("the supplier of the token may not call")]
    Supplier,
    /// The other scheme.
    #[error("the scheme is not taken here")]
    Scheme,
    /// It cannot be said now.
    #[error("it cannot be verified now")]
    Unavailable,
}

impl From<TokenFault> for Refusal {
    fn from(fault: TokenFault) -> Self {
        if fault == TokenFault::Unavailable { Self::Unavailable } else { Self::Token(fault) }
    }
}

impl From<ProofFault> for Refusal {
    fn from(fault: ProofFault) -> Self {
        if fault == ProofFault::Unavailable { Self::Unavailable } else { Self::Proof(fault) }
    }
}

impl Refusal {
    /// The word of the standard that is told: of RFC 6750, 9449 or 9470; none where the request had no right scheme.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Token(_) | Self::Bound | Self::Unbound => Some("invalid_token"),
            // RFC 9449, figure 16: a key that is not that of the token.
            Self::Proof(ProofFault::Binding) => Some("invalid_token"),
            Self::Proof(ProofFault::Nonce) => Some("use_dpop_nonce"),
            Self::Proof(_) => Some("invalid_dpop_proof"),
            Self::Level => Some("insufficient_user_authentication"),
            Self::Client | Self::Organisation | Self::Supplier | Self::Scheme | Self::Unavailable => None,
        }
    }
}

impl ResourceServer {
    /// Whether tokens come with proofs.
    pub fn is_dpop(&self) -> bool {
        matches!(self.scheme, Scheme::Dpop(_))
    }

    /// The caller of a token that came as `Authorization: Bearer`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub async fn bearer(&self, token: &str) -> Result<Caller, Refusal> {
        if self.is_dpop() {
            return Err(Refusal::Scheme);
        }
        let now = self.clock.now().as_millisecond();
        let (issuer, claims) = access::verify(token, &self.issuers, now).await?;
        // A stolen token that is bound to a key must be of no use here, either.
        if claims.binding != Binding::Bearer {
            return Err(Refusal::Bound);
        }
        self.caller(issuer, claims)
    }

    /// The caller of a token that came as `Authorization: DPoP`, with these proofs.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub async fn dpop(&self, proofs: &[&str], target: Target<'_>) -> Result<Caller, Refusal> {
        let Scheme::Dpop(checks) = &self.scheme else { return Err(Refusal::Scheme) };
        let now = self.clock.now();
        let (issuer, claims) = access::verify(target.token, &self.issuers, now.as_millisecond()).await?;
        let Binding::Key(thumbprint) = &claims.binding else { return Err(Refusal::Unbound) };
        checks.check(proofs, target, thumbprint, now).await?;
        self.caller(issuer, claims)
    }

    /// The challenge of a refusal (RFC 9110, section 11.6.1).
    pub fn challenge(&self, word: Option<&str>) -> String {
        let algorithms: Vec<&str> = ALGORITHMS.into_iter().map(name).collect();
        let error = word.map(|word| format!(" error=\"{word}\""));
        match (self.is_dpop(), error) {
            (false, None) => "Bearer".to_owned(),
            (false, Some(error)) => format!("Bearer{error}"),
            (true, None) => format!("DPoP algs=\"{}\"", algorithms.join(" ")),
            (true, Some(error)) => format!("DPoP{error}, algs=\"{}\"", algorithms.join(" ")),
        }
    }

    /// A nonce for the next proof, where proofs must have one.
    pub fn nonce(&self) -> Option<String> {
        match &self.scheme {
            Scheme::Dpop(proofs) => proofs.nonces.as_ref().map(|nonces| nonces.of(self.clock.now())),
            Scheme::Bearer => None,
        }
    }

    /// Fetches the keys of every issuer before anybody calls.
    pub async fn warm(&self) {
        for issuer in &self.issuers {
            issuer.keys.warm().await;
        }
    }

    /// The names of issuers whose keys could not be fetched the last time.
    pub fn stale(&self) -> Vec<&str> {
        self.issuers.iter().filter(|issuer| issuer.keys.is_stale()).map(|issuer| issuer.name.as_str()).collect()
    }

    /// Whether a client has the name, as `issuer:client`, or is of the organisation.
    pub fn knows(&self, name: &str) -> bool {
        let is_client = name
            .split_once(':')
            .is_some_and(|(issuer, client)| self.clients.contains_key(&(issuer.to_owned(), client.to_owned())));
        is_client || self.clients.values().any(|client| client.organisation.as_deref() == Some(name))
    }

    fn caller(&self, issuer: &Issuer, claims: Claims) -> Result<Caller, Refusal> {
        if claims.security_level.is_some_and(|level| level < issuer.minimum_security_level) {
            return Err(Refusal::Level);
        }
        let client = self.clients.get(&(issuer.name.clone(), claims.client.clone())).ok_or(Refusal::Client)?;
        let organisation = match (issuer.profile, client.role) {
            (Profile::HelseId, Role::Trust) => {
                let number = self.trust_number(&claims)?;
                // A client of one trust does not act for another, whatever its token says.
                if client.organisation.as_ref().is_some_and(|own| *own != number) {
                    return Err(Refusal::Organisation);
                }
                number
            }
            (Profile::HelseId, _) => other_organisation(client, &claims)?,
            (Profile::Smart, _) => client.organisation.clone().ok_or(Refusal::Organisation)?,
        };
        check_supplier(client, &organisation, &claims)?;
        let scopes = claims.scopes.iter().map(String::as_str);
        let scopes = match issuer.profile {
            Profile::HelseId => Scopes::words(&issuer.scope_prefix, scopes),
            Profile::Smart => Scopes::smart(scopes),
        };
        let token = Token {
            issuer: issuer.name.clone(),
            client: claims.client,
            scopes,
            child: claims.organisations.child,
            supplier: claims.organisations.supplier,
        };
        Ok(Caller::with_token(&organisation, client.role, token))
    }

    /// The organisation number of the trust that the token's legal entity is today. A unit that it names must be one of the same
    /// trust: the issuer vouches for the legal entity, and for nothing else.
    fn trust_number(&self, claims: &Claims) -> Result<String, Refusal> {
        let refused = |_| Refusal::Organisation;
        let parse = |number: &str| OrgNumber::parse(number).map_err(|_| Refusal::Organisation);
        let today = norwegian_day(self.clock.now());
        let parent = parse(claims.organisations.parent.as_deref().ok_or(Refusal::Organisation)?)?;
        let member = self.trusts.by_organisation_number(&parent, today).map_err(refused)?;
        if member.unit.is_some() {
            return Err(Refusal::Organisation);
        }
        let child = claims.organisations.child.as_deref().map(parse).transpose()?;
        if let Some(child) = child.filter(|child| *child != parent) {
            // The issuer has not looked at it: a unit that the table does not have is nobody's.
            let other = self.trusts.by_organisation_number(&child, today).map_err(refused)?;
            if other.trust.id != member.trust.id {
                return Err(Refusal::Organisation);
            }
        }
        Ok(parent.as_str().to_owned())
    }
}

/// The organisation of a client that is no trust. Where it is a legal entity's number, the token must name that one.
fn other_organisation(client: &Client, claims: &Claims) -> Result<String, Refusal> {
    let own = client.organisation.clone().ok_or(Refusal::Organisation)?;
    let is_number = OrgNumber::parse(&own).is_ok();
    if is_number && claims.organisations.parent.as_ref() != Some(&own) {
        return Err(Refusal::Organisation);
    }
    Ok(own)
}

/// Who runs the client for the organisation must be listed; an organisation that is named as its own supplier runs it itself.
fn check_supplier(client: &Client, organisation: &str, claims: &Claims) -> Result<(), Refusal> {
    let supplier = claims.organisations.supplier.as_ref();
    match supplier.is_none_or(|named| named == organisation || client.suppliers.contains(named)) {
        true => Ok(()),
        false => Err(Refusal::Supplier),
    }
}
