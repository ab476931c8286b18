//! An issuer of access tokens: OAuth 2 client credentials, the client known by an assertion that it signs (RFC 7523), tokens of
//! RFC 9068 with the claims of HelseID about the organisation of the client.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use ring::rand::SecureRandom;
use serde_json::{Value, json};

use super::keys::{Jwt, Key, PublicKey, Unmade, base64url};
use crate::clock::Clock;

/// Seconds that a token holds.
pub const LIFETIME: i64 = 300;

/// Longest time to come of an assertion, and how far clocks may be apart, in seconds.
const ASSERTION: i64 = 120;
const LEEWAY: i64 = 5;

/// Ids of assertions that are remembered.
const REMEMBERED: usize = 100_000;

/// Type of the assertion.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Claim of HelseID: the organisation number of the client's legal entity.
const PARENT: &str = "helseid://claims/client/claims/orgnr_parent";

/// A client that may have tokens.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The key that it signs with.
    pub key: PublicKey,
    /// Whom its tokens are for.
    pub audience: String,
    /// Organisation number, where it acts for a health trust.
    pub organisation: Option<String>,
    /// Scopes that it may ask for.
    pub scopes: Vec<String>,
}

/// Why there is no token; a code of RFC 6749, section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A parameter is missing, or stands there with another value.
    #[error("invalid_request")]
    Request,
    /// The client is not who it says, or not known.
    #[error("invalid_client")]
    Client,
    /// Another grant.
    #[error("unsupported_grant_type")]
    Grant,
    /// More than the client may ask for.
    #[error("invalid_scope")]
    Scope,
    /// The issuer cannot sign.
    #[error("server_error")]
    Server,
}

/// The issuer.
pub struct Issuer {
    url: String,
    key: Key,
    clients: BTreeMap<String, Registered>,
    used: Mutex<HashSet<String>>,
    random: Arc<dyn SecureRandom + Send + Sync>,
    clock: Arc<dyn Clock>,
}

impl Issuer {
    /// An issuer at an address, with a new key.
    ///
    /// Errors: the source of randomness fails.
    pub fn new(
        url: &str,
        clients: BTreeMap<String, Registered>,
        random: Arc<dyn SecureRandom + Send + Sync>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unmade> {
        let key = Key::new("sandbox-1", &*random)?;
        let used = Mutex::default();
        Ok(Self { url: url.to_owned(), key, clients, used, random, clock })
    }

    /// Its metadata (RFC 8414, OpenID Connect Discovery).
    pub fn discovery(&self) -> Value {
        let url = &self.url;
        json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        })
    }

    /// Its keys.
    pub fn jwks(&self) -> Value {
        json!({"keys": [self.key.jwk()]})
    }

    /// Answers a request of the token endpoint, given its form.
    ///
    /// # Errors
    /// As [`Refused`] says.
    pub fn token(&self, form: &BTreeMap<String, String>) -> Result<Value, Refused> {
        let parameter = |name: &str| form.get(name).map(String::as_str).ok_or(Refused::Request);
        if parameter("grant_type")? != "client_credentials" {
            return Err(Refused::Grant);
        }
        if parameter("client_assertion_type")? != JWT_BEARER {
            return Err(Refused::Request);
        }
        let jwt = Jwt::read(parameter("client_assertion")?).ok_or(Refused::Client)?;
        let (id, client) = self.client(&jwt)?;
        let asked = form.get("scope").map_or("", String::as_str);
        let scopes: Vec<&str> = asked.split(' ').filter(|scope| !scope.is_empty()).collect();
        if scopes.is_empty() || !scopes.iter().all(|scope| client.scopes.iter().any(|granted| granted == scope)) {
            return Err(Refused::Scope);
        }
        let token = self.issue(id, client, asked).map_err(|_| Refused::Server)?;
        Ok(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": asked}))
    }

    /// The client that an assertion is of; each assertion is taken once.
    fn client(&self, jwt: &Jwt<'_>) -> Result<(&str, &Registered), Refused> {
        let text = |claim: &str| jwt.claims.get(claim).and_then(Value::as_str).ok_or(Refused::Client);
        let issuer = text("iss")?;
        let (id, client) = self.clients.get_key_value(issuer).ok_or(Refused::Client)?;
        let now = self.clock.now().as_second();
        let expires = jwt.claims.get("exp").and_then(Value::as_i64).ok_or(Refused::Client)?;
        let is_for_us = text("aud")? == self.url || text("aud")? == format!("{}/token", self.url);
        let is_in_time = (now - LEEWAY..=now + ASSERTION).contains(&expires);
        if text("sub")? != issuer || !is_for_us || !is_in_time || !client.key.verifies(jwt) {
            return Err(Refused::Client);
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= REMEMBERED {
            // Those that were forgotten have expired, or the sandbox is asked more than it is made for.
            used.clear();
        }
        used.insert(format!("{issuer} {}", text("jti")?)).then_some((id.as_str(), client)).ok_or(Refused::Client)
    }

    /// Whether a text is an access token of this issuer for an audience, now.
    pub fn is_token(&self, token: &str, audience: &str) -> bool {
        let Some(jwt) = Jwt::read(token) else { return false };
        let now = self.clock.now().as_second();
        let is = |claim: &str, wanted: &str| jwt.claims.get(claim).is_some_and(|found| found == wanted);
        let is_in_time = jwt.claims.get("exp").and_then(Value::as_i64).is_some_and(|end| now < end);
        jwt.header.get("typ").is_some_and(|typ| typ == "at+jwt")
            && is("aud", audience)
            && is("iss", &self.url)
            && is_in_time
            && self.key.public().verifies(&jwt)
    }

    fn issue(&self, id: &str, client: &Registered, scope: &str) -> Result<String, Unmade> {
        let now = self.clock.now().as_second();
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).map_err(|_| Unmade)?;
        let mut claims = json!({
            "iss": self.url, "aud": client.audience, "client_id": id, "sub": id, "scope": scope, "jti": base64url(bytes),
            "iat": now, "nbf": now, "exp": now + LIFETIME,
        });
        if let (Some(members), Some(organisation)) = (claims.as_object_mut(), &client.organisation) {
            members.insert(PARENT.to_owned(), Value::from(organisation.as_str()));
        }
        self.key.sign("at+jwt", &claims, &*self.random)
    }
}

/// The form with which a client asks for a token: `random` names the assertion.
///
/// Errors: the source of randomness fails.
pub fn form(
    (client, key): (&str, &Key),
    (issuer, scope): (&str, &str),
    now: i64,
    random: &dyn SecureRandom,
) -> Result<Vec<(&'static str, String)>, Unmade> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes).map_err(|_| Unmade)?;
    let claims = json!({
        "iss": client, "sub": client, "aud": issuer, "jti": base64url(bytes), "iat": now, "nbf": now, "exp": now + 60,
    });
    Ok(vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", client.to_owned()),
        ("scope", scope.to_owned()),
        ("client_assertion_type", JWT_BEARER.to_owned()),
        ("client_assertion", key.sign("client-authentication+jwt", &claims, random)?),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use ring::rand::SystemRandom;

    const URL: &str = "http://127.0.0.1:1";
    const NOW: i64 = 1_800_000_000;

    struct Setting {
        issuer: Issuer,
        key: Key,
    }

    fn setting() -> Setting {
        let random = SystemRandom::new();
        let key = Key::new("client", &random).unwrap();
        let registered = Registered {
            key: key.public(),
            audience: "api".to_owned(),
            organisation: Some("983974732".to_owned()),
            scopes: vec!["api/referral".to_owned(), "api/status".to_owned()],
        };
        let clients = BTreeMap::from([("forde".to_owned(), registered)]);
        let clock = Arc::new(ManualClock::new(jiff::Timestamp::from_second(NOW).unwrap()));
        let issuer = Issuer::new(URL, clients, Arc::new(random), clock).unwrap();
        Setting { issuer, key }
    }

    impl Setting {
        fn form(&self, scope: &str) -> BTreeMap<String, String> {
            let random = SystemRandom::new();
            let form = form(("forde", &self.key), (URL, scope), NOW, &random).unwrap();
            form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        }

        /// The answer where a claim of the assertion is another one.
        fn changed(&self, claim: &str, value: Value) -> Result<Value, Refused> {
            let mut claims = json!({"iss": "forde", "sub": "forde", "aud": URL, "jti": "1", "exp": NOW + 60});
            claims[claim] = value;
            let random = SystemRandom::new();
            let mut form = self.form("api/status");
            form.insert("client_assertion".to_owned(), self.key.sign("JWT", &claims, &random).unwrap());
            self.issuer.token(&form)
        }
    }

    #[test]
    fn a_token_says_who_the_client_is_and_what_it_asked_for() {
        let setting = setting();
        let answer = setting.issuer.token(&setting.form("api/referral")).unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        let jwt = Jwt::read(&token).unwrap();
        assert_eq!((jwt.header["typ"].as_str(), jwt.header["alg"].as_str()), (Some("at+jwt"), Some("ES256")));
        assert_eq!(jwt.claims["helseid://claims/client/claims/orgnr_parent"], "983974732");
        assert_eq!((&jwt.claims["scope"], &jwt.claims["aud"]), (&json!("api/referral"), &json!("api")));
        assert_eq!((&jwt.claims["iss"], &jwt.claims["client_id"]), (&json!(URL), &json!("forde")));
        assert_eq!(jwt.claims["exp"].as_i64(), Some(NOW + LIFETIME));
        assert!(setting.issuer.key.public().verifies(&jwt) && !setting.key.public().verifies(&jwt));
        assert_eq!(setting.issuer.jwks()["keys"][0]["kid"], jwt.header["kid"]);
        assert!(setting.issuer.is_token(&token, "api"));
        assert!(!setting.issuer.is_token(&token, "other") && !setting.issuer.is_token("x", "api"));
        let random = SystemRandom::new();
        for (key, kind, change) in [
            (&setting.key, "at+jwt", json!({})),
            (&setting.issuer.key, "JWT", json!({})),
            (&setting.issuer.key, "at+jwt", json!({"exp": NOW})),
            (&setting.issuer.key, "at+jwt", json!({"iss": "http://elsewhere.example"})),
        ] {
            let mut claims = jwt.claims.clone();
            claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert!(!setting.issuer.is_token(&key.sign(kind, &claims, &random).unwrap(), "api"), "{kind} {change}");
        }
    }

    #[test]
    fn nobody_else_gets_a_token_and_nobody_more_than_its_own() {
        let setting = setting();
        let refused = |form: &BTreeMap<String, String>| setting.issuer.token(form).unwrap_err();
        let form = setting.form("api/status");
        assert!(setting.issuer.token(&form).is_ok());
        // The same assertion again.
        assert_eq!(refused(&form), Refused::Client);
        for scope in ["", "api/operate", "api/status api/operate"] {
            assert_eq!(refused(&setting.form(scope)), Refused::Scope, "{scope}");
        }
        let with = |name: &str, value: &str| {
            let mut form = setting.form("api/status");
            form.insert(name.to_owned(), value.to_owned());
            refused(&form)
        };
        assert_eq!(with("grant_type", "password"), Refused::Grant);
        assert_eq!(with("client_assertion_type", "x"), Refused::Request);
        assert_eq!(with("client_assertion", "x.y"), Refused::Client);
        let mut form = setting.form("api/status");
        form.remove("client_assertion");
        assert_eq!(refused(&form), Refused::Request);
        for (claim, value) in [
            ("iss", json!("oslo")),
            ("sub", json!("oslo")),
            ("aud", json!("http://elsewhere.example")),
            ("exp", json!(NOW - 60)),
            ("exp", json!(NOW + 3_600)),
            ("jti", Value::Null),
        ] {
            assert_eq!(setting.changed(claim, value), Err(Refused::Client), "{claim}");
        }
        assert!(setting.changed("jti", json!("another")).is_ok());
        let stranger = Setting { key: Key::new("client", &SystemRandom::new()).unwrap(), ..setting };
        assert_eq!(stranger.issuer.token(&stranger.form("api/status")), Err(Refused::Client));
    }
}
