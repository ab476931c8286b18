//! A provider of the operators (OpenID Connect Core 1.0), with keys of its own, that says of a person what a test wants.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) const CLIENT: &str = "gateway";
pub(super) const CLIENT_SECRET: &str = "client-secret-of-the-tests";

/// How an ID token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signing {
    Own,
    /// With a key that is not in the key set.
    Stranger,
    /// Not at all: `alg` is `none`.
    Nothing,
    /// With the client secret: HS256.
    Secret,
    /// Rightly, and then a claim is changed.
    Broken,
}

/// What a code is worth.
struct Grant {
    challenge: String,
    claims: Value,
    signing: Signing,
}

struct Inner {
    key: EcdsaKeyPair,
    kid: u32,
    grants: HashMap<String, Grant>,
    count: u32,
}

/// A running provider.
pub(super) struct Provider {
    port: u16,
    inner: Arc<Mutex<Inner>>,
}

/// What the gateway asked for.
pub(super) struct Request {
    pub(super) parameters: HashMap<String, String>,
}

impl Request {
    /// Of the address that a browser is sent to.
    pub(super) fn of(location: &str) -> Self {
        Self { parameters: parameters(location.split_once('?').unwrap().1) }
    }

    pub(super) fn get(&self, name: &str) -> &str {
        &self.parameters[name]
    }
}

impl Provider {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Inner { key: new_key(), kid: 1, grants: HashMap::new(), count: 0 };
        let inner = Arc::new(Mutex::new(inner));
        let of_thread = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &of_thread, &format!("http://127.0.0.1:{port}"));
            }
        });
        Self { port, inner }
    }

    pub(super) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A new key in place of the old one.
    pub(super) fn rotate(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.key = new_key();
        inner.kid += 1;
    }

    /// The claims of a good log-in.
    pub(super) fn claims(&self, request: &Request, now: i64, roles: &[&str]) -> Value {
        json!({
            "iss": self.issuer(), "aud": CLIENT, "sub": "kari.nordmann@sykehus.example", "name": "Kari Nordmann",
            "email": "kari.nordmann@sykehus.example", "iat": now, "exp": now + 300, "nonce": request.get("nonce"),
            "roles": roles,
        })
    }

    /// A code for what the gateway asked for.
    pub(super) fn grant(&self, request: &Request, claims: Value, signing: Signing) -> String {
        let mut inner = self.inner.lock().unwrap();
        inner.count += 1;
        let code = format!("code-{}", inner.count);
        let challenge = request.get("code_challenge").to_owned();
        inner.grants.insert(code.clone(), Grant { challenge, claims, signing });
        code
    }
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap()
}

fn parameters(text: &str) -> HashMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

/// Percent-encoding and the plus of forms undone.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn serve(stream: TcpStream, inner: &Mutex<Inner>, issuer: &str) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut line, mut length, mut authorization) = (String::new(), String::new(), 0, String::new());
    if reader.read_line(&mut first).is_err() {
        return;
    }
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "authorization" => authorization = value.to_owned(),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let mut inner = inner.lock().unwrap();
    let (status, answer) = match first.split(' ').nth(1) {
        Some("/.well-known/openid-configuration") => (200, metadata(issuer)),
        Some("/jwks") => (200, json!({"keys": [inner.jwk()]})),
        Some("/token") => inner.token(&parameters(std::str::from_utf8(&body).unwrap()), &authorization, issuer),
        _ => (404, json!({})),
    };
    let text = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        text.len()
    );
    let _ = reader.get_mut().write_all(&[head.as_bytes(), text.as_bytes()].concat());
}

/// OpenID Connect Discovery 1.0, section 3.
fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    })
}

impl Inner {
    fn jwk(&self) -> Value {
        // SEC 1: 4, then the coordinates.
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y), "kid": self.kid.to_string(), "use": "sig"})
    }

    /// The token endpoint: client, code and proof are checked as RFC 6749 and RFC 7636 say.
    fn token(&mut self, form: &HashMap<String, String>, authorization: &str, issuer: &str) -> (u16, Value) {
        let client = STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}"));
        if authorization != format!("Basic {client}") {
            return (401, json!({"error": "invalid_client"}));
        }
        let is_code = form.get("grant_type").is_some_and(|grant| grant == "authorization_code");
        let is_here = form.get("redirect_uri").is_some_and(|uri| uri.ends_with("/operator/callback"));
        let grant = form.get("code").and_then(|code| self.grants.remove(code)).filter(|_| is_code && is_here);
        let proof = form.get("code_verifier").map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
        match grant.filter(|grant| Some(&grant.challenge) == proof.as_ref()) {
            None => (400, json!({"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})),
            Some(grant) => {
                assert!(issuer.starts_with("http://127.0.0.1"));
                let token = self.sign(&grant.claims, grant.signing);
                (200, json!({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token}))
            }
        }
    }

    fn sign(&self, claims: &Value, signing: Signing) -> String {
        let algorithm = match signing {
            Signing::Nothing => "none",
            Signing::Secret => "HS256",
            Signing::Own | Signing::Stranger | Signing::Broken => "ES256",
        };
        let header = json!({"alg": algorithm, "kid": self.kid.to_string()});
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let es256 = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec();
        let signature = match signing {
            Signing::Own | Signing::Broken => es256(&self.key),
            Signing::Stranger => es256(&new_key()),
            Signing::Nothing => Vec::new(),
            Signing::Secret => {
                let mut mac = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).unwrap();
                mac.update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
        };
        let signature = URL_SAFE_NO_PAD.encode(signature);
        if signing != Signing::Broken {
            return format!("{signed}.{signature}");
        }
        let mut claims = claims.clone();
        claims["sub"] = "somebody-else".into();
        format!("{}.{}.{signature}", encode(&header), encode(&claims))
    }
}
