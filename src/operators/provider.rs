//! The provider of an organisation: where it is, its keys, and what it says of a person.

mod http;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken,
    IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::{LoginError, Person, Roles};
use crate::outbound;

pub use self::http::is_safe;

/// How long what the provider says of itself is used, and how long where it cannot be asked again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// Least time between two questions for keys that an unknown key gives rise to.
const ROTATION: SignedDuration = SignedDuration::from_secs(30);

/// How long a provider that did not answer is not asked again.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// An ID token is used at once: one that was made longer ago, or is to be made yet, is not for this log-in.
const ISSUED_BEFORE: SignedDuration = SignedDuration::from_mins(10);
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// Signatures that are believed: none with a shared secret, and never none at all.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a provider says beyond the claims of the standard. It is not printed: it is about a person.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

impl fmt::Debug for Claims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Claims(**REDACTED**)")
    }
}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Identity = IdToken<Claims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type ProviderClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How a person must have logged in.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// Claim of the ID token that says it: `acr`, or another one.
    pub claim: String,
    /// Its values that are enough; none: it is not looked at.
    pub accepted: Vec<String>,
}

impl Levels {
    fn has(&self, claims: &IdTokenClaims<Claims, CoreGenderClaim>) -> bool {
        let value = match self.claim.as_str() {
            "acr" => claims.auth_context_ref().map(|reference| reference.as_str().to_owned()),
            name => match claims.additional_claims().0.get(name) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            },
        };
        self.accepted.is_empty() || value.is_some_and(|value| self.accepted.contains(&value))
    }
}

/// How the gateway proves to the provider who it is.
#[derive(Clone)]
pub enum ClientAuthentication {
    /// With nothing but PKCE.
    None,
    /// With a secret (`client_secret_basic`).
    Secret(String),
}

/// What the gateway knows of the provider.
pub struct Options {
    /// Issuer, as it stands in the ID token.
    pub issuer: IssuerUrl,
    /// The gateway's name at the provider.
    pub client_id: String,
    /// How it proves it.
    pub authentication: ClientAuthentication,
    /// Scopes beside `openid`.
    pub scopes: Vec<String>,
    /// Who may do what.
    pub roles: Roles,
    /// How surely the provider must know who it is.
    pub levels: Levels,
    /// Key of the hash that a person is named by.
    pub key: Vec<u8>,
    /// What asks the provider.
    pub http: outbound::Client,
}

/// The provider, as far as it is known.
pub(super) struct Provider {
    options: Options,
    redirect: String,
    known: Mutex<Known>,
    /// Held by whoever asks the provider, so that it is asked once.
    asking: tokio::sync::Mutex<()>,
}

/// What the provider has said of itself, and when it was last asked in vain.
#[derive(Default)]
struct Known {
    metadata: Option<(Timestamp, CoreProviderMetadata)>,
    failed: Option<Timestamp>,
}

impl Provider {
    pub(super) fn new(options: Options, redirect: String) -> Self {
        Self { options, redirect, known: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    pub(super) fn issuer(&self) -> &str {
        self.options.issuer.as_str()
    }

    /// Where the browser is sent to.
    pub(super) async fn authorize(
        &self,
        now: Timestamp,
        (state, nonce, verifier): (&str, &str, &str),
    ) -> Result<String, LoginError> {
        let client = self.client(now, FRESH).await?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let (state, nonce) = (state.to_owned(), nonce.to_owned());
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, move || CsrfToken::new(state), move || Nonce::new(nonce));
        let scopes = self.options.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        if is_safe(&url) { Ok(url.into()) } else { Err(LoginError::Unavailable) }
    }

    /// Who came back with the code.
    pub(super) async fn person(
        &self,
        now: Timestamp,
        code: String,
        (nonce, verifier): (String, String),
    ) -> Result<Person, LoginError> {
        let client = self.client(now, FRESH).await?;
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| LoginError::Unavailable)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let ask = http::asking(&self.options.http);
        let tokens = request.request_async(&ask).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => LoginError::Refused,
            RequestTokenError::Parse(..) => LoginError::Token("the answer is not readable"),
            _ => LoginError::Unavailable,
        })?;
        let token = tokens.id_token().ok_or(LoginError::Token("there is no ID token"))?;
        let nonce = Nonce::new(nonce);
        let client = match self.verified(&client, token, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                // The provider may have changed its keys since it was asked.
                self.client(now, ROTATION).await?
            }
            _ => client,
        };
        let claims = self.verified(&client, token, &nonce, now).map_err(|error| LoginError::Token(reason(&error)))?;
        self.check(claims, &tokens, (token, &client))?;
        if !self.options.levels.has(claims) {
            return Err(LoginError::Token("the person did not log in at a level that is asked for"));
        }
        let role = self.options.roles.of(&claims.additional_claims().0).ok_or(LoginError::Role)?;
        Ok(Person { name: self.name(claims.subject().as_str()), role })
    }

    /// The claims, where signature, issuer, audience, times and nonce are right.
    fn verified<'t>(
        &self,
        client: &ProviderClient,
        token: &'t Identity,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'t IdTokenClaims<Claims, CoreGenderClaim>, ClaimsVerificationError> {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let seconds = now.as_second();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || time.into())
            .set_issue_time_verifier_fn(move |issued| {
                let age = SignedDuration::from_secs(seconds.saturating_sub(issued.timestamp()));
                let is_now = age <= ISSUED_BEFORE && age >= -CLOCKS_DIFFER;
                is_now.then_some(()).ok_or_else(|| "issued at another time".to_owned())
            });
        token.claims(&verifier, nonce)
    }

    /// What the library leaves to its callers.
    fn check(
        &self,
        claims: &IdTokenClaims<Claims, CoreGenderClaim>,
        tokens: &Tokens,
        (token, client): (&Identity, &ProviderClient),
    ) -> Result<(), LoginError> {
        // OpenID Connect Core 1.0, section 3.1.3.7, number 5.
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.options.client_id) {
            return Err(LoginError::Token("it was made for another client"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let wrong = || LoginError::Token("it belongs to another access token");
            let verifier = client.id_token_verifier();
            let algorithm = token.signing_alg().map_err(|_| wrong())?;
            let key = token.signing_key(&verifier).map_err(|_| wrong())?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|_| wrong())?;
            if actual != *expected {
                return Err(wrong());
            }
        }
        Ok(())
    }

    /// A keyed hash in place of a person's id.
    fn name(&self, subject: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.options.key) else { return String::new() };
        for part in ["operator", self.issuer(), subject] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let digits: String = mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("person-{digits}")
    }

    fn known<T>(&self, read: impl FnOnce(&mut Known) -> T) -> T {
        read(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask(&self, now: Timestamp) {
        let ask = http::asking(&self.options.http);
        let answer = CoreProviderMetadata::discover_async(self.options.issuer.clone(), &ask).await;
        self.known(|known| match answer {
            Ok(metadata) => *known = Known { metadata: Some((now, metadata)), failed: None },
            Err(_) => {
                tracing::warn!("the provider of the operators does not say what it is");
                known.failed = Some(now);
            }
        });
    }

    /// What the provider says of itself, asked again after `fresh`.
    async fn client(&self, now: Timestamp, fresh: SignedDuration) -> Result<ProviderClient, LoginError> {
        if !self.known(|known| known.is_fresh(now, fresh)) {
            // Who waited here for another's question has its answer, also where there was none.
            let _asking = self.asking.lock().await;
            if !self.known(|known| known.is_fresh(now, fresh)) {
                self.ask(now).await;
            }
        }
        let metadata = self.known(|known| known.usable(now)).ok_or(LoginError::Unavailable)?;
        let secret = match &self.options.authentication {
            ClientAuthentication::None => None,
            ClientAuthentication::Secret(secret) => Some(ClientSecret::new(secret.clone())),
        };
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(|_| LoginError::Unavailable)?;
        let id = ClientId::new(self.options.client_id.clone());
        Ok(Client::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }
}

impl Known {
    /// Whether the provider need not be asked, or is not to be.
    fn is_fresh(&self, now: Timestamp, fresh: SignedDuration) -> bool {
        let age = |at: Timestamp| now.duration_since(at).abs();
        self.metadata.as_ref().is_some_and(|(at, _)| age(*at) < fresh) || self.failed.is_some_and(|at| age(at) < PAUSE)
    }

    fn usable(&self, now: Timestamp) -> Option<CoreProviderMetadata> {
        let known = self.metadata.as_ref().filter(|(at, _)| now.duration_since(*at).abs() < STALE);
        known.map(|(_, metadata)| metadata.clone())
    }
}

/// Why an ID token is not believed, without a word of it.
fn reason(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it is of another time",
        ClaimsVerificationError::InvalidAudience(_) => "it is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it is of another log-in",
        ClaimsVerificationError::SignatureVerification(_) => "its signature does not hold",
        _ => "it is not of the form that is expected",
    }
}
