//! What it costs to know who calls, with the keys of the issuer at hand: `cargo bench --bench token`.
//!
//! `bearer`: the signature and claims of an access token. `dpop`: those and a proof of possession, which is remembered. `replay`: a
//! proof that was used, of which the difference to `dpop` is what a full memory of proofs costs.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use divan::Bencher;
use impress_gateway::clock::{Clock, ManualClock};
use impress_gateway::config::Config;
use impress_gateway::identity::Role;
use impress_gateway::outbound::signing::{Algorithm, SigningKey};
use impress_gateway::outbound::{self, Policy};
use impress_gateway::startup::load_referrals;
use impress_gateway::tokens::access::{Issuer, Profile};
use impress_gateway::tokens::dpop::{InMemory, Proofs, Target};
use impress_gateway::tokens::keys::{KeySet, Source};
use impress_gateway::tokens::{Client, ResourceServer, Scheme, provider};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: i64 = 1_790_000_000;
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "impress:gateway";

fn main() {
    divan::main();
}

/// A server, and what callers send to it.
struct Setting {
    runtime: tokio::runtime::Runtime,
    server: ResourceServer,
    token: String,
    holder: SigningKey,
    count: AtomicU64,
}

impl Setting {
    fn new(algorithm: Algorithm, has_proofs: bool) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let signer = match algorithm {
            Algorithm::Es256 => SigningKey::generate().unwrap(),
            _ => {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outbound/signing/tests/rsa-2048.pem");
                SigningKey::from_pem(algorithm, &std::fs::read(file).unwrap()).unwrap()
            }
        };
        let holder = SigningKey::generate().unwrap();
        let mut key = signer.public_jwk();
        key["kid"] = json!("k1");
        let url = serve(&json!({"keys": [key]}));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let mut policy = Policy::default();
        policy.allow(&url.parse().unwrap()).unwrap();
        let options = outbound::Options { timeout: Duration::from_secs(5), ca: None, identity: None };
        let http = outbound::Client::new(&options, Arc::new(policy)).unwrap();
        let issuer = Issuer {
            name: "helseid".to_owned(),
            url: ISSUER.to_owned(),
            profile: Profile::HelseId,
            audience: AUDIENCE.to_owned(),
            algorithms: provider::ALGORITHMS.to_vec(),
            takes_jwt: false,
            scope_prefix: format!("{AUDIENCE}/"),
            minimum_security_level: 4,
            keys: KeySet::new(ISSUER, Source::Url(url.parse().unwrap()), http, Arc::clone(&clock)),
        };
        let long_ago = Timestamp::from_second(NOW - 3_600).unwrap();
        let scheme = match has_proofs {
            false => Scheme::Bearer,
            true => Scheme::Dpop(Box::new(Proofs {
                public_url: "https://gateway.example".to_owned(),
                validity_ms: 1_000,
                skew_ms: 5_000,
                nonces: None,
                used: Arc::new(InMemory::new(long_ago, 5_000, 10_000_000)),
            })),
        };
        let client = Client { role: Role::Trust, organisation: None, suppliers: Vec::new() };
        let server = ResourceServer {
            scheme,
            issuers: vec![issuer],
            clients: HashMap::from([(("helseid".to_owned(), "forde".to_owned()), client)]),
            trusts: load_referrals(&Config::default()).unwrap().trusts.clone(),
            clock,
        };
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "client_id": "forde", "scope": "impress:gateway/referral", "nbf": NOW - 10,
            "exp": NOW + 60, "helseid://claims/client/claims/orgnr_parent": "983974732",
        });
        if has_proofs {
            claims["cnf"] = json!({"jkt": holder.thumbprint()});
        }
        let token = signer.sign(json!({"typ": "at+jwt", "kid": "k1"}), &claims).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, server, token, holder, count: AtomicU64::new(0) }
    }

    /// A proof of its own.
    fn proof(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let claims = json!({
            "jti": format!("proof-{count}"), "htm": "POST", "htu": "https://gateway.example/intake/referrals", "iat": NOW,
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(&self.token)),
        });
        self.holder.sign(json!({"typ": "dpop+jwt", "jwk": self.holder.public_jwk()}), &claims).unwrap()
    }

    fn call(&self, proof: &str) -> bool {
        let target = Target { method: "POST", path: "/intake/referrals", token: &self.token };
        self.runtime.block_on(self.server.dpop(&[proof], target)).is_ok()
    }
}

/// Serves a document on this host; its address.
fn serve(document: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let body = document.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4_096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[divan::bench(args = ["PS256", "ES256"])]
fn bearer(bencher: Bencher<'_, '_>, algorithm: &str) {
    let setting = Setting::new(Algorithm::parse(algorithm).unwrap(), false);
    let call = || setting.runtime.block_on(setting.server.bearer(&setting.token)).is_ok();
    assert!(call());
    bencher.bench_local(call);
}

#[divan::bench(args = ["PS256", "ES256"])]
fn dpop(bencher: Bencher<'_, '_>, algorithm: &str) {
    let setting = Setting::new(Algorithm::parse(algorithm).unwrap(), true);
    assert!(setting.call(&setting.proof()));
    bencher.with_inputs(|| setting.proof()).bench_local_values(|proof| setting.call(&proof));
}

#[divan::bench]
fn replay(bencher: Bencher<'_, '_>) {
    let setting = Setting::new(Algorithm::Es256, true);
    let proof = setting.proof();
    assert!(setting.call(&proof) && !setting.call(&proof));
    bencher.bench_local(|| setting.call(&proof));
}
