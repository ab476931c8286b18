//! The token endpoint: what is asked, and what an answer means.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, Url};
use serde_json::{Value, json};

use super::{Grant, GrantError, Source, Token, nonce};
use crate::outbound::secret::Secret;
use crate::outbound::{Answer, SendError};

/// Longest answer, in bytes.
const ANSWER_BYTES: usize = 256 << 10;

/// Life of an assertion, in seconds: HelseID takes at most 60, and a clock may be off.
const ASSERTION_SECONDS: i64 = 30;

/// Life of a token of which nothing is said, and the longest that is believed, in seconds.
const UNTOLD_SECONDS: i64 = 60;
const LONGEST_SECONDS: i64 = 86_400;

/// How long the metadata of an issuer are used.
const METADATA: SignedDuration = SignedDuration::from_hours(1);

/// Errors that are told by name (RFC 6749, section 5.2; RFC 8707; RFC 9449); another one could be any text.
const ERRORS: &[&str] = &[
    "invalid_client",
    "invalid_dpop_proof",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "unauthorized_client",
    "unsupported_grant_type",
    "use_dpop_nonce",
];

/// The token endpoint, and what it asked for last.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    found: Option<(Url, Timestamp)>,
    nonce: Option<String>,
}

impl Grant {
    /// Asks for a token. With a nonce that is asked for, once more: with a new assertion, since one is used once.
    pub(super) async fn ask(&self, endpoint: &mut Endpoint) -> Result<Token, GrantError> {
        let url = self.endpoint(endpoint).await?;
        let mut has_nonce = false;
        loop {
            let request = self.request(&url, endpoint.nonce.as_deref())?;
            let asked = self.outside.clock.now();
            let answer = self.client.send(request, ANSWER_BYTES).await.map_err(|error| {
                endpoint.found = None;
                unreachable(error)
            })?;
            let new = nonce(&answer.headers);
            let has_new = new.is_some();
            endpoint.nonce = new.or(endpoint.nonce.take());
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            let error = body.get("error").and_then(Value::as_str);
            if answer.status == 200 {
                return self.token_of(&body, asked);
            }
            if error == Some("use_dpop_nonce") && has_new && !has_nonce {
                has_nonce = true;
                continue;
            }
            return Err(failure(&answer, error));
        }
    }

    /// Where tokens come from.
    async fn endpoint(&self, endpoint: &mut Endpoint) -> Result<Url, GrantError> {
        let issuer = match &self.options.source {
            Source::TokenUrl(url) => return Ok(url.clone()),
            Source::Issuer(issuer) => issuer,
        };
        let now = self.outside.clock.now();
        if let Some((url, until)) = &endpoint.found
            && now < *until
        {
            return Ok(url.clone());
        }
        let invalid = GrantError::Refused("the metadata of the issuer are not its own, or name no token endpoint");
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|_| invalid.clone())?;
        let answer = self.client.get(url, ANSWER_BYTES).await.map_err(unreachable)?;
        if answer.status != 200 {
            let text = format!("the metadata of the issuer are answered with {}", answer.status);
            return Err(GrantError::Unreachable { text, after: after(&answer.headers) });
        }
        let metadata: Value = serde_json::from_slice(&answer.body).map_err(|_| invalid.clone())?;
        // Metadata that name another issuer are another's (RFC 8414, section 3.3).
        if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(invalid);
        }
        let url = metadata.get("token_endpoint").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
        let url = url.ok_or(invalid)?;
        endpoint.found = Some((url.clone(), now.checked_add(METADATA).unwrap_or(now)));
        Ok(url)
    }

    fn request(&self, url: &Url, nonce: Option<&str>) -> Result<Request, GrantError> {
        let assertion = self.assertion()?;
        let mut pairs = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.options.client_id.as_str()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.expose()),
        ];
        pairs.extend(self.options.scope.as_deref().map(|scope| ("scope", scope)));
        let mut request = Request::new(Method::POST, url.clone());
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.prove(&mut request, None, nonce)?;
        *request.body_mut() = Some(form_of(&pairs).into());
        Ok(request)
    }

    /// Who we are (RFC 7523, section 3).
    fn assertion(&self) -> Result<Secret, GrantError> {
        let key = self.options.key.current();
        let kid = self.options.key_id.as_deref().unwrap_or(key.thumbprint());
        let now = self.outside.clock.now().as_second();
        let claims = json!({
            "iss": self.options.client_id,
            "sub": self.options.client_id,
            "aud": self.options.audience,
            "jti": (self.outside.new_id)(),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
        });
        Ok(Secret::new(key.sign(json!({"typ": "JWT", "kid": kid}), &claims)?))
    }

    /// The token of an answer, from the time on that it was asked for.
    fn token_of(&self, body: &Value, asked: Timestamp) -> Result<Token, GrantError> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let value = text("access_token").filter(|value| !value.is_empty());
        let value = value.ok_or(GrantError::Refused("the answer has no token"))?;
        let kind = if self.options.bound_to.is_some() { "DPoP" } else { "Bearer" };
        // A token of another kind would be bound to nothing, or to what we do not show.
        if !text("token_type").is_some_and(|found| found.eq_ignore_ascii_case(kind)) {
            return Err(GrantError::Refused("the token is of another kind than was asked for"));
        }
        let life = body.get("expires_in").and_then(Value::as_i64).unwrap_or(UNTOLD_SECONDS).clamp(1, LONGEST_SECONDS);
        // A request takes a moment, and clocks differ.
        let margin = (life / 10).clamp(1, 60);
        let renew = asked.checked_add(SignedDuration::from_secs(life - margin)).unwrap_or(asked);
        Ok(Token { value: Secret::new(value.to_owned()), renew })
    }
}

/// What an answer without a token means.
fn failure(answer: &Answer, error: Option<&str>) -> GrantError {
    let known = ERRORS.iter().find(|known| error == Some(**known));
    match (answer.status, error) {
        (408 | 425 | 429 | 500..=599, _) | (_, Some("temporarily_unavailable" | "server_error" | "slow_down")) => {
            let text = format!("it answers with {}", answer.status);
            GrantError::Unreachable { text, after: after(&answer.headers) }
        }
        _ => GrantError::Refused(known.copied().unwrap_or("without an error of the standard")),
    }
}

fn unreachable(error: SendError) -> GrantError {
    match error {
        SendError::Refused(refusal) => GrantError::Address(refusal),
        other => GrantError::Unreachable { text: other.to_string(), after: None },
    }
}

fn after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// A form (`application/x-www-form-urlencoded`).
fn form_of(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

fn percent(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}
