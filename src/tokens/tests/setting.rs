//! A resource server with two issuers on this host, at a time that stands.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::signing::{Signer, base64url};
use crate::clock::ManualClock;
use crate::domain::trust::Trusts;
use crate::identity::{Caller, Role};
use crate::outbound::{self, Client as HttpClient, Policy};
use crate::tokens::access::{Issuer, Profile};
use crate::tokens::dpop::{InMemory, Nonces, Proofs, Target, UsedProofs};
use crate::tokens::keys::{KeySet, Source};
use crate::tokens::{Client, Refusal, ResourceServer, Scheme, provider};

pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const OTHER_ISSUER: &str = "https://smart.example/oauth";
pub(super) const AUDIENCE: &str = "impress:gateway";

/// 2026-11-26T12:00:00Z
pub(super) const NOW: i64 = 1_795_694_400;

const TRUSTS: &str = r#"
version = "1"
[[region]]
id = "r"
name = "R"
organisation_number = "991324968"
[[trust]]
id = "oslo"
name = "Oslo"
region = "r"
sites = [{ letter = "A", name = "S" }]
organisation_numbers = [{ number = "993467049" }]
units = [{ number = "874716782", name = "Rikshospitalet" }]
[[trust]]
id = "forde"
name = "Førde"
region = "r"
sites = [{ letter = "B", name = "S" }]
organisation_numbers = [{ number = "983974732" }]
[[trust]]
id = "merged"
name = "Merged"
region = "r"
sites = [{ letter = "C", name = "S" }]
organisation_numbers = [
  { number = "983971636", valid_to = 2026-06-30, successor = "983971709" },
  { number = "983971709", valid_from = 2026-07-01 },
]
[[trust]]
id = "new"
name = "New"
region = "r"
sites = [{ letter = "D", name = "S" }]
organisation_numbers = [{ number = "983974880", valid_from = 2030-01-01 }]
"#;

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A server of one document, which counts the requests.
pub(super) struct Documents {
    pub(super) port: u16,
    pub(super) requests: Arc<AtomicUsize>,
    pub(super) is_down: Arc<AtomicBool>,
    pub(super) documents: Arc<std::sync::Mutex<HashMap<String, (String, String)>>>,
}

impl Documents {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let served = Self {
            port: listener.local_addr().unwrap().port(),
            requests: Arc::default(),
            is_down: Arc::default(),
            documents: Arc::default(),
        };
        let (requests, is_down) = (Arc::clone(&served.requests), Arc::clone(&served.is_down));
        let documents = Arc::clone(&served.documents);
        tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let (requests, is_down) = (Arc::clone(&requests), Arc::clone(&is_down));
                let documents = Arc::clone(&documents);
                tokio::spawn(async move {
                    let mut head = vec![0; 4_096];
                    let read = stream.read(&mut head).await.unwrap_or(0);
                    if is_down.load(Ordering::SeqCst) {
                        return;
                    }
                    requests.fetch_add(1, Ordering::SeqCst);
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or("").to_owned();
                    let found = documents.lock().unwrap().get(&path).cloned();
                    let (status, headers, body) = match found {
                        Some((headers, body)) => ("200 OK", headers, body),
                        None => ("404 Not Found", String::new(), String::new()),
                    };
                    let answer = format!(
                        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        served
    }

    /// Puts a document at a path.
    pub(super) fn put(&self, path: &str, headers: &str, body: &Value) {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.documents.lock().unwrap().insert(path.to_owned(), (headers, body.to_string()));
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A client that may go to these addresses.
pub(super) fn http_client(addresses: &[&str]) -> HttpClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut policy = Policy::default();
    for address in addresses {
        policy.allow(&address.parse().unwrap()).unwrap();
    }
    let options = outbound::Options { timeout: Duration::from_secs(5), ca: None, identity: None };
    HttpClient::new(&options, Arc::new(policy)).unwrap()
}

pub(super) struct Setting {
    pub(super) server: ResourceServer,
    pub(super) clock: Arc<ManualClock>,
    pub(super) signer: Signer,
    pub(super) other_signer: Signer,
    /// Of the holder of a bound token.
    pub(super) holder: Signer,
    _documents: Documents,
}

impl Setting {
    pub(super) async fn bearer() -> Self {
        Self::with(Scheme::Bearer).await
    }

    pub(super) async fn dpop() -> Self {
        let used = InMemory::new(Timestamp::from_second(NOW - 3_600).unwrap(), 5_000, 1_000);
        Self::dpop_with(Arc::new(used), None).await
    }

    pub(super) async fn dpop_with(used: Arc<dyn UsedProofs>, nonces: Option<Nonces>) -> Self {
        let public_url = "https://gateway.example".to_owned();
        Self::with(Scheme::Dpop(Box::new(Proofs { public_url, validity_ms: 1_000, skew_ms: 5_000, nonces, used })))
            .await
    }

    async fn with(scheme: Scheme) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let (signer, second, other_signer) = (Signer::rsa(), Signer::p256(), Signer::p384());
        let documents = Documents::start().await;
        documents.put("/one", "", &json!({"keys": [signer.named("k1"), second.named("k2")]}));
        documents.put("/two", "", &json!({"keys": [other_signer.named("s1")]}));
        let issuer = |name: &str, url: &str, profile, path: &str| Issuer {
            name: name.to_owned(),
            url: url.to_owned(),
            profile,
            audience: AUDIENCE.to_owned(),
            algorithms: ["RS256", "PS256", "ES256", "ES384"].map(|name| provider::parse(name).unwrap()).to_vec(),
            takes_jwt: false,
            scope_prefix: "impress:gateway/".to_owned(),
            minimum_security_level: 4,
            keys: KeySet::new(
                url,
                Source::Url(documents.url(path).parse().unwrap()),
                http_client(&[&documents.url(path)]),
                clock.clone(),
            ),
        };
        let mut smart = issuer("smart", OTHER_ISSUER, Profile::Smart, "/two");
        smart.audience = "https://gateway.example/fhir".to_owned();
        smart.takes_jwt = true;
        let client = |issuer: &str, id: &str, role, organisation: Option<&str>| {
            ((issuer.to_owned(), id.to_owned()), {
                let suppliers = vec!["994598759".to_owned()];
                Client { role, organisation: organisation.map(str::to_owned), suppliers }
            })
        };
        let clients = HashMap::from([
            client("helseid", "client-1", Role::Trust, None),
            client("helseid", "only-oslo", Role::Trust, Some("993467049")),
            client("helseid", "laboratory-1", Role::Laboratory, Some("983974791")),
            client("smart", "laboratory", Role::Laboratory, Some("IPD")),
        ]);
        let issuers = vec![issuer("helseid", ISSUER, Profile::HelseId, "/one"), smart];
        let trusts = Trusts::parse(TRUSTS).unwrap();
        let server = ResourceServer { scheme, issuers, clients, trusts, clock: clock.clone() };
        Self { server, clock, signer, other_signer, holder: Signer::p256(), _documents: documents }
    }

    /// Claims of a client of HelseID for the trust of Førde.
    pub(super) fn claims(&self) -> Value {
        self.claims_at(NOW)
    }

    pub(super) fn claims_at(&self, now: i64) -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "client_id": "client-1", "scope": "openid impress:gateway/referral",
            "nbf": now - 10, "exp": now + 60, "jti": "1",
            "helseid://claims/client/claims/orgnr_parent": "983974732",
            "helseid://claims/client/claims/orgnr_supplier": "994598759",
        })
    }

    pub(super) fn token(&self, claims: &Value) -> String {
        let mut claims = claims.clone();
        // A claim of null is none.
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.signer.token(&json!({"alg": "PS256", "typ": "at+jwt", "kid": "k1"}), &claims)
    }

    /// A token of the other issuer.
    pub(super) fn smart(&self, change: &Value) -> String {
        let mut claims = json!({
            "iss": OTHER_ISSUER, "aud": "https://gateway.example/fhir", "client_id": "laboratory",
            "scope": "system/DiagnosticReport.c", "exp": NOW + 300,
        });
        for (claim, value) in change.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        self.other_signer.token(&json!({"alg": "ES384", "typ": "JWT", "kid": "s1"}), &claims)
    }

    /// A token that is bound to the key of the holder.
    pub(super) fn bound(&self) -> String {
        let mut claims = self.claims();
        claims["cnf"] = json!({"jkt": thumbprint(&self.holder)});
        self.token(&claims)
    }

    /// Sends a referral.
    pub(super) async fn send(&self, proofs: &[&str], token: &str) -> Result<Caller, Refusal> {
        let target = Target { method: "POST", path: "/fhir/$process-message", token };
        self.server.dpop(proofs, target).await
    }
}

/// RFC 7638 of a key of a curve, in the words of the standard.
pub(super) fn thumbprint(signer: &Signer) -> String {
    let jwk = signer.jwk();
    let text = |member: &str| jwk[member].as_str().unwrap().to_owned();
    let canonical = format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, text("crv"), text("x"), text("y"));
    base64url(Sha256::digest(canonical))
}
