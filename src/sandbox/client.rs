//! A client of the gateway: with access tokens, which it gets from the issuer and keeps until they end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::SecureRandom;
use serde_json::Value;

use super::issuer;
use super::keys::Key;
use crate::clock::Clock;

/// Seconds before its end in which a token is not used any more.
const MARGIN: i64 = 30;

/// How often a request is sent again that was not taken.
const ATTEMPTS: u32 = 30;

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Method.
    pub method: &'static str,
    /// Address.
    pub url: String,
    /// Access token.
    pub token: Option<String>,
    /// Media type of the body.
    pub content_type: &'static str,
    /// Seconds that the answer may wait for something to say (RFC 7240).
    pub wait: Option<u32>,
    /// Body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn is_taken(&self) -> bool {
        (200..=299).contains(&self.status)
    }
}

/// A reply that is to come.
pub type Replying<'a> = Pin<Box<dyn Future<Output = Result<Reply, String>> + Send + 'a>>;

/// What sends requests.
pub trait Wire: Send + Sync {
    /// Sends one; the error is a text for a person.
    fn send(&self, call: Call) -> Replying<'_>;
}

/// Why something did not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There was no answer.
    #[error("{0}: {1}")]
    Unreachable(String, String),
    /// The answer was a no.
    #[error("{what} was answered {status} {code}")]
    Refused {
        /// Method and path.
        what: String,
        /// HTTP status.
        status: u16,
        /// Stable code of the first issue, or of OAuth.
        code: String,
    },
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// Where the gateway and the issuer are, and what requests are sent with.
#[derive(Clone)]
pub struct Surroundings {
    /// Base of the gateway.
    pub gateway: String,
    /// The issuer.
    pub issuer: String,
    /// Sends.
    pub wire: Arc<dyn Wire>,
    /// Randomness of assertions.
    pub random: Arc<dyn SecureRandom + Send + Sync>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A client.
pub struct Client {
    id: String,
    key: Key,
    scope: String,
    around: Surroundings,
    token: tokio::sync::Mutex<Option<(String, i64)>>,
}

impl Client {
    /// A client by its id at the issuer, its key and the scopes that it asks for.
    pub fn new(id: &str, key: Key, scope: String, around: Surroundings) -> Self {
        Self { id: id.to_owned(), key, scope, around, token: tokio::sync::Mutex::new(None) }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    async fn token(&self) -> Result<String, Trouble> {
        let mut kept = self.token.lock().await;
        let now = self.around.clock.now().as_second();
        if let Some((token, _)) = kept.as_ref().filter(|(_, end)| now < end - MARGIN) {
            return Ok(token.clone());
        }
        let who = (self.id.as_str(), &self.key);
        let form = issuer::form(who, (&self.around.issuer, &self.scope), now, &*self.around.random)
            .map_err(|error| Trouble::Other(error.to_string()))?;
        // Letters, digits and `-._~:/+` are all that stands in a value; of these the last three are written out.
        let escape = |text: &str| text.replace('+', "%2B").replace('/', "%2F").replace(':', "%3A").replace(' ', "+");
        let body = form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&");
        let call = Call {
            method: "POST",
            url: format!("{}/token", self.around.issuer),
            token: None,
            content_type: "application/x-www-form-urlencoded",
            wait: None,
            body: body.into_bytes(),
        };
        let reply = self.sent("POST /token", call).await?;
        let answer = reply.json();
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.filter(|_| reply.is_taken()).ok_or_else(|| refused("POST /token", &reply))?;
        let seconds = answer.get("expires_in").and_then(Value::as_i64).unwrap_or_default();
        *kept = Some((token.to_owned(), now + seconds));
        Ok(token.to_owned())
    }

    async fn sent(&self, what: &str, call: Call) -> Result<Reply, Trouble> {
        self.around.wire.send(call).await.map_err(|error| Trouble::Unreachable(what.to_owned(), error))
    }

    /// Sends to the gateway; again after a while where it takes nothing now. What is answered with a no is an error.
    ///
    /// # Errors
    /// As [`Trouble`] says.
    pub async fn call(
        &self,
        method: &'static str,
        path: &str,
        content: (&'static str, &[u8]),
    ) -> Result<Reply, Trouble> {
        self.asked(method, path, content, None).await
    }

    async fn asked(
        &self,
        method: &'static str,
        path: &str,
        (content_type, body): (&'static str, &[u8]),
        wait: Option<u32>,
    ) -> Result<Reply, Trouble> {
        // What follows the question mark can be long, and says nothing that the path does not.
        let what = format!("{method} {}", path.split('?').next().unwrap_or_default());
        for attempt in 0..ATTEMPTS {
            let call = Call {
                method,
                url: format!("{}{path}", self.around.gateway),
                token: Some(self.token().await?),
                content_type,
                wait,
                body: body.to_vec(),
            };
            let reply = self.sent(&what, call).await?;
            if reply.is_taken() {
                return Ok(reply);
            }
            if !matches!(reply.status, 429 | 503 | 507) || attempt + 1 == ATTEMPTS {
                return Err(refused(&what, &reply));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(Trouble::Other(format!("{what}: given up")))
    }

    /// `GET`, as JSON.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn get(&self, path: &str) -> Result<Value, Trouble> {
        Ok(self.call("GET", path, ("", &[])).await?.json())
    }

    /// `GET` that is answered when there is something to say, or after so many seconds.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn wait(&self, path: &str, seconds: u32) -> Result<Value, Trouble> {
        Ok(self.asked("GET", path, ("", &[]), Some(seconds)).await?.json())
    }

    /// `PUT` of a resource under its type and id.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn put(&self, resource: &Value) -> Result<Reply, Trouble> {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let path = format!("/fhir/{}/{}", text("resourceType"), text("id"));
        self.call("PUT", &path, ("application/fhir+json", resource.to_string().as_bytes())).await
    }
}

fn refused(what: &str, reply: &Reply) -> Trouble {
    let body = reply.json();
    let issue = body.pointer("/issue/0/details/coding/0/code").or_else(|| body.get("error"));
    let code = issue.and_then(Value::as_str).unwrap_or_default().to_owned();
    Trouble::Refused { what: what.to_owned(), status: reply.status, code }
}
