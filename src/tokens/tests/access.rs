//! Every token that must not be taken, and those that must.

use serde_json::{Value, json};

use super::setting::{AUDIENCE, ISSUER, NOW, OTHER_ISSUER, Setting, at};
use super::signing::{Signer, base64url};
use crate::authz::{Permit, ReadMessages, SendReferral, SendReport};
use crate::identity::{Caller, Role};
use crate::tokens::access::TokenFault;
use crate::tokens::{Defect, Refusal};

/// The caller, or the refusal and the word that is told.
async fn call(setting: &Setting, token: &str) -> Result<Caller, (Refusal, Option<&'static str>)> {
    setting.server.bearer(token).await.map_err(|refusal| (refusal, refusal.word()))
}

fn invalid(fault: TokenFault) -> (Refusal, Option<&'static str>) {
    (Refusal::Token(fault), Some("invalid_token"))
}

#[tokio::test]
async fn a_token_of_the_issuer_names_a_caller() {
    let setting = Setting::bearer().await;
    let caller = call(&setting, &setting.token(&setting.claims())).await.unwrap();
    assert_eq!((caller.organisation(), caller.role()), ("983974732", Role::Trust));
    assert_eq!(caller.name(), "helseid:client-1 via 994598759");
    assert_eq!(caller.token().unwrap().supplier.as_deref(), Some("994598759"));
    assert!(Permit::<SendReferral>::of(&caller).is_ok());
    assert!(Permit::<ReadMessages>::of(&caller).is_err(), "the token has no such scope");
    assert!(Permit::<SendReport>::of(&caller).is_err(), "the role has no such action");
}

#[tokio::test]
async fn a_token_with_one_wrong_claim_is_refused() {
    let setting = Setting::bearer().await;
    for (name, claim, value, fault) in [
        ("issuer", "iss", json!("https://evil.example"), TokenFault::Issuer),
        ("issuer with a slash", "iss", json!(format!("{ISSUER}/")), TokenFault::Issuer),
        ("issuer in capitals", "iss", json!(ISSUER.to_uppercase()), TokenFault::Issuer),
        ("no issuer", "iss", Value::Null, TokenFault::Defect(Defect::Json)),
        ("audience", "aud", json!("other:api"), TokenFault::Audience),
        ("two audiences", "aud", json!([AUDIENCE, "other:api"]), TokenFault::Audience),
        ("no audience", "aud", json!([]), TokenFault::Audience),
        ("audience null", "aud", Value::Null, TokenFault::Defect(Defect::Json)),
        ("expired", "exp", json!(NOW - 5), TokenFault::Expired),
        ("no expiry", "exp", Value::Null, TokenFault::Defect(Defect::Json)),
        ("expiry no number", "exp", json!("tomorrow"), TokenFault::Defect(Defect::Json)),
        ("expiry infinite", "exp", json!(1e300), TokenFault::Defect(Defect::Json)),
        ("not yet", "nbf", json!(NOW + 6), TokenFault::NotYet),
        ("client no text", "client_id", json!(7), TokenFault::Defect(Defect::Json)),
        ("no client", "client_id", Value::Null, TokenFault::Defect(Defect::Json)),
    ] {
        let mut claims = setting.claims();
        claims[claim] = value;
        assert_eq!(call(&setting, &setting.token(&claims)).await.unwrap_err(), invalid(fault), "{name}");
    }
}

#[tokio::test]
async fn clocks_may_be_five_seconds_apart() {
    let setting = Setting::bearer().await;
    let mut claims = setting.claims();
    claims["exp"] = json!(NOW - 4);
    claims["nbf"] = json!(NOW + 5);
    assert!(call(&setting, &setting.token(&claims)).await.is_ok());
    claims["aud"] = json!([AUDIENCE]);
    claims["scope"] = json!(["impress:gateway/referral"]);
    assert!(call(&setting, &setting.token(&claims)).await.is_ok(), "lists of one");
}

#[tokio::test]
async fn a_token_with_a_wrong_header_is_refused() {
    let setting = Setting::bearer().await;
    let key = setting.signer.jwk();
    for (name, change, fault) in [
        ("typ of an id token", json!({"typ": "JWT"}), TokenFault::Type),
        ("typ of a proof", json!({"typ": "dpop+jwt"}), TokenFault::Type),
        ("no typ", json!({"typ": null}), TokenFault::Type),
        ("none", json!({"alg": "none"}), TokenFault::Defect(Defect::Algorithm)),
        ("symmetric", json!({"alg": "HS256"}), TokenFault::Defect(Defect::Algorithm)),
        ("not on the list", json!({"alg": "RS512"}), TokenFault::Defect(Defect::Algorithm)),
        ("no algorithm", json!({"alg": null}), TokenFault::Defect(Defect::Json)),
        ("critical", json!({"crit": ["exp"]}), TokenFault::Defect(Defect::Critical)),
        ("critical, empty", json!({"crit": []}), TokenFault::Defect(Defect::Critical)),
        ("unknown key", json!({"kid": "k9"}), TokenFault::Key),
        ("path", json!({"kid": "../../etc/passwd"}), TokenFault::Key),
        ("statement", json!({"kid": "k1' OR '1'='1"}), TokenFault::Key),
        ("address as name", json!({"kid": "https://evil.example/key"}), TokenFault::Key),
        ("key of another algorithm", json!({"kid": "k1", "alg": "ES256"}), TokenFault::Key),
        // What is said of keys is not read: the name decides, and it is none of the issuer's.
        ("jku", json!({"kid": "k9", "jku": "https://evil.example/jwks"}), TokenFault::Key),
        ("jwk", json!({"kid": "k9", "jwk": key}), TokenFault::Key),
        ("x5u", json!({"kid": "k9", "x5u": "https://evil.example/cert"}), TokenFault::Key),
    ] {
        let mut header = json!({"alg": "PS256", "typ": "at+jwt", "kid": "k1"});
        for (member, value) in change.as_object().unwrap() {
            header[member] = value.clone();
        }
        let token = setting.signer.token(&header, &setting.claims());
        assert_eq!(call(&setting, &token).await.unwrap_err(), invalid(fault), "{name}");
    }
    // With the key of an attacker in the header, under the name of the right one.
    let foreign = Signer::p256();
    let header =
        json!({"alg": "ES256", "typ": "at+jwt", "kid": "k2", "jwk": foreign.jwk(), "jku": "https://evil.example"});
    let token = foreign.token(&header, &setting.claims());
    assert_eq!(call(&setting, &token).await.unwrap_err(), invalid(TokenFault::Defect(Defect::Signature)));
    // The full name of the type is the same type.
    let header = json!({"alg": "PS256", "typ": "application/at+JWT", "kid": "k1"});
    assert!(call(&setting, &setting.signer.token(&header, &setting.claims())).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_damaged_or_signed_by_somebody_else_is_refused() {
    let setting = Setting::bearer().await;
    let token = setting.token(&setting.claims());
    let defect = |defect| invalid(TokenFault::Defect(defect));
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let mut other = setting.claims();
    other["client_id"] = json!("client-2");
    let other = base64url(other.to_string());
    let (none, shared) =
        (base64url(r#"{"alg":"none","typ":"at+jwt"}"#), base64url(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#));
    // The published key as a shared secret: the oldest confusion of algorithms.
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, setting.signer.named("k1").to_string().as_bytes());
    let code = base64url(ring::hmac::sign(&secret, format!("{shared}.{claims}").as_bytes()));
    let long = format!("{header}.{}.{signature}", base64url(json!({"iss": "x".repeat(20_000)}).to_string()));
    for (name, token, fault) in [
        ("claims changed", format!("{header}.{other}.{signature}"), Defect::Signature),
        ("signature cut", format!("{header}.{claims}.{}", &signature[4..]), Defect::Signature),
        ("no signature", format!("{header}.{claims}."), Defect::Signature),
        ("none", format!("{none}.{claims}."), Defect::Algorithm),
        ("confusion", format!("{shared}.{claims}.{code}"), Defect::Algorithm),
        ("two parts", format!("{header}.{claims}"), Defect::Form),
        ("four parts", format!("{header}.{claims}.{signature}.{signature}"), Defect::Form),
        ("padding", format!("{header}==.{claims}.{signature}"), Defect::Form),
        ("no JSON", format!("{}.{claims}.{signature}", base64url("no")), Defect::Json),
        ("twice", format!("{}.{claims}.{signature}", base64url(r#"{"alg":"PS256","alg":"PS256"}"#)), Defect::Json),
        ("empty", String::new(), Defect::Form),
        ("too long", long, Defect::Form),
    ] {
        assert_eq!(call(&setting, &token).await.unwrap_err(), defect(fault), "{name}");
    }
}

#[tokio::test]
async fn a_token_of_one_issuer_is_none_of_another() {
    let setting = Setting::bearer().await;
    // Signed by the key of one, and of the name of the other.
    let mut claims = setting.claims();
    claims["iss"] = json!(OTHER_ISSUER);
    claims["aud"] = json!("https://gateway.example/fhir");
    let foreign = setting.token(&claims);
    assert_eq!(call(&setting, &foreign).await.unwrap_err(), invalid(TokenFault::Key));
    let header = json!({"alg": "ES384", "typ": "at+jwt", "kid": "s1"});
    let substituted = setting.other_signer.token(&header, &setting.claims());
    assert_eq!(call(&setting, &substituted).await.unwrap_err(), invalid(TokenFault::Key));
}

#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    let setting = Setting::bearer().await;
    for confirmation in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({})] {
        let mut claims = setting.claims();
        claims["cnf"] = confirmation;
        let refused = call(&setting, &setting.token(&claims)).await.unwrap_err();
        assert_eq!(refused, (Refusal::Bound, Some("invalid_token")));
    }
}

#[tokio::test]
async fn a_client_that_is_not_listed_may_not_call() {
    let setting = Setting::bearer().await;
    let mut claims = setting.claims();
    claims["client_id"] = json!("stranger");
    assert_eq!(call(&setting, &setting.token(&claims)).await.unwrap_err(), (Refusal::Client, None));
    // A client is one of its own issuer.
    let token = setting.smart(&json!({"client_id": "client-1"}));
    assert_eq!(call(&setting, &token).await.unwrap_err(), (Refusal::Client, None));
}

const PARENT: &str = "helseid://claims/client/claims/orgnr_parent";
const SUPPLIER: &str = "helseid://claims/client/claims/orgnr_supplier";
const CHILD: &str = "helseid://claims/client/claims/orgnr_child";

#[tokio::test]
async fn the_organisations_must_be_those_of_a_trust_today() {
    let setting = Setting::bearer().await;
    // Numbers of `setting::TRUSTS`: one merged on the first of July 2026 with a successor, and one begins in 2030.
    for (name, parent, child, expected) in [
        ("trust without units", Some("983974732"), None, Some("983974732")),
        ("the trust as its own unit", Some("983974732"), Some("983974732"), Some("983974732")),
        ("a unit nobody lists", Some("983974732"), Some("974754118"), None),
        ("its own unit", Some("993467049"), Some("874716782"), Some("993467049")),
        ("a unit of another trust", Some("983974732"), Some("874716782"), None),
        ("another trust as unit", Some("983974732"), Some("993467049"), None),
        ("a unit that is not listed", Some("993467049"), Some("974754118"), None),
        ("a unit as trust", Some("874716782"), None, None),
        ("nobody", Some("974754118"), None, None),
        ("no number", Some("12345"), None, None),
        ("a wrong check digit", Some("983974733"), None, None),
        ("none", None, Some("874716782"), None),
        ("merged", Some("983971636"), None, None),
        ("its successor", Some("983971709"), None, Some("983971709")),
        ("of the future", Some("983974880"), None, None),
    ] {
        let mut claims = setting.claims();
        claims[PARENT] = parent.map_or(Value::Null, Into::into);
        claims[CHILD] = child.map_or(Value::Null, Into::into);
        let called = call(&setting, &setting.token(&claims)).await;
        match expected {
            Some(number) => assert_eq!(called.unwrap().organisation(), number, "{name}"),
            None => assert_eq!(called.unwrap_err(), (Refusal::Organisation, None), "{name}"),
        }
    }
    // The day before, the old number counted.
    setting.clock.set(at("2026-06-30T21:59:00Z"));
    let mut claims = setting.claims_at(at("2026-06-30T21:59:00Z").as_second());
    claims[PARENT] = json!("983971636");
    claims["exp"] = json!(at("2026-06-30T22:10:00Z").as_second());
    assert_eq!(call(&setting, &setting.token(&claims)).await.unwrap().organisation(), "983971636");
    // The day is that of Norway.
    setting.clock.set(at("2026-06-30T22:01:00Z"));
    assert_eq!(call(&setting, &setting.token(&claims)).await.unwrap_err(), (Refusal::Organisation, None));
}

#[tokio::test]
async fn a_client_of_one_trust_acts_for_no_other() {
    let setting = Setting::bearer().await;
    let mut claims = setting.claims();
    claims["client_id"] = json!("only-oslo");
    assert_eq!(call(&setting, &setting.token(&claims)).await.unwrap_err(), (Refusal::Organisation, None));
    claims[PARENT] = json!("993467049");
    assert!(call(&setting, &setting.token(&claims)).await.is_ok());
}

#[tokio::test]
async fn a_client_of_no_trust_has_the_number_that_its_token_names() {
    let setting = Setting::bearer().await;
    for (parent, is_taken) in
        [(json!("983974791"), true), (json!("983974732"), false), (json!("x"), false), (Value::Null, false)]
    {
        let mut claims = setting.claims();
        claims["client_id"] = json!("laboratory-1");
        claims[PARENT] = parent.clone();
        let called = call(&setting, &setting.token(&claims)).await;
        match is_taken {
            true => assert_eq!(called.unwrap().organisation(), "983974791"),
            false => assert_eq!(called.unwrap_err(), (Refusal::Organisation, None), "{parent}"),
        }
    }
}

#[tokio::test]
async fn a_supplier_that_is_not_listed_runs_no_client() {
    let setting = Setting::bearer().await;
    for (supplier, name) in [
        (json!("994598759"), Some("helseid:client-1 via 994598759")),
        // A client of one tenant: nobody runs it for the trust.
        (Value::Null, Some("helseid:client-1")),
        (json!("983974732"), Some("helseid:client-1")),
        (json!("993467049"), None),
        (json!("994598759 "), None),
        (json!(""), None),
    ] {
        let mut claims = setting.claims();
        claims[SUPPLIER] = supplier.clone();
        let called = call(&setting, &setting.token(&claims)).await;
        match name {
            Some(name) => assert_eq!(called.unwrap().name(), name),
            None => assert_eq!(called.unwrap_err(), (Refusal::Supplier, None), "{supplier}"),
        }
    }
}

#[tokio::test]
async fn a_person_needs_the_security_level() {
    let setting = Setting::bearer().await;
    let low = (Refusal::Level, Some("insufficient_user_authentication"));
    for (name, claim, value, is_taken) in [
        ("high", "helseid://claims/identity/security_level", json!("4"), true),
        ("low", "helseid://claims/identity/security_level", json!("3"), false),
        ("no number", "helseid://claims/identity/security_level", json!("high"), false),
        ("a person without one", "helseid://claims/identity/pid", json!("13889900000"), false),
        ("a pseudonym", "helseid://claims/identity/pid_pseudonym", json!("p"), false),
        ("a health worker", "helseid://claims/hpr/hpr_number", json!("9144897"), false),
        ("a subject", "sub", json!("someone"), false),
        ("the client itself", "sub", json!("client-1"), true),
    ] {
        let mut claims = setting.claims();
        claims[claim] = value;
        let called = call(&setting, &setting.token(&claims)).await;
        if is_taken {
            assert!(called.is_ok(), "{name}");
        } else {
            assert_eq!(called.unwrap_err(), low, "{name}");
        }
    }
    // Nothing of a person is kept.
    let mut claims = setting.claims();
    claims["helseid://claims/identity/security_level"] = json!("4");
    claims["helseid://claims/identity/pid"] = json!("13889900000");
    let caller = call(&setting, &setting.token(&claims)).await.unwrap();
    assert!(!format!("{caller:?}").contains("13889900000"));
}

#[tokio::test]
async fn a_client_of_smart_has_the_organisation_of_the_configuration() {
    let setting = Setting::bearer().await;
    let caller = call(&setting, &setting.smart(&json!({}))).await.unwrap();
    assert_eq!((caller.organisation(), caller.role()), ("IPD", Role::Laboratory));
    assert!(Permit::<SendReport>::of(&caller).is_ok());
    assert!(Permit::<ReadMessages>::of(&caller).is_err());
    // An issuer whose tokens may be of the type JWT; a claim of HelseID says nothing here.
    let caller = call(&setting, &setting.smart(&json!({"scope": "system/*.rs", PARENT: "993467049"}))).await.unwrap();
    assert_eq!(caller.organisation(), "IPD");
    assert!(Permit::<ReadMessages>::of(&caller).is_ok());
}

#[tokio::test]
async fn the_scheme_of_the_server_is_the_only_one() {
    let bearer = Setting::bearer().await;
    let token = bearer.token(&bearer.claims());
    assert_eq!(bearer.send(&["x"], &token).await.unwrap_err(), Refusal::Scheme);
    assert_eq!((bearer.server.challenge(None), bearer.server.nonce()), ("Bearer".to_owned(), None));
    assert_eq!(bearer.server.challenge(Some("invalid_token")), "Bearer error=\"invalid_token\"");
    let dpop = Setting::dpop().await;
    assert_eq!(dpop.server.bearer(&dpop.token(&dpop.claims())).await.unwrap_err(), Refusal::Scheme);
    let algorithms = "algs=\"RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384\"";
    assert_eq!(dpop.server.challenge(None), format!("DPoP {algorithms}"));
    let challenge = dpop.server.challenge(Some("invalid_dpop_proof"));
    assert_eq!(challenge, format!("DPoP error=\"invalid_dpop_proof\", {algorithms}"));
}
