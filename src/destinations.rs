//! Where messages are sent: one module per kind of destination.

pub mod fhir_server;
pub mod fhir_source;
pub mod mllp;
pub mod xml_endpoint;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::HeaderValue;

use crate::domain::issue::IssueCode;

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'s> {
    /// Id of the delivery, the same for every attempt: message and number.
    pub id: &'s str,
    /// Transaction Bundle in JSON, or what else the destination takes, as text.
    pub body: &'s str,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is there, is tried again, or is dead.
    pub end: End,
    /// HTTP status, or what says the same; none where there was no answer.
    pub status: Option<u16>,
    /// Stable code.
    pub code: IssueCode,
    /// What the destination said.
    pub detail: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything is stored.
    Delivered,
    /// Trying again can help; not before the time the destination asked for.
    Again(Option<Duration>),
    /// Trying again cannot help.
    Dead,
}

/// A destination.
pub trait Destination: Send + Sync {
    /// Sends. An attempt that was begun may have arrived whatever is answered here.
    fn send<'a>(&'a self, sending: Sending<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
}

/// The header of a bearer secret, which no `Debug` shows.
///
/// # Errors
/// The secret holds what no header can; the text names the key of the configuration.
fn bearer(secret: Option<String>) -> Result<Option<HeaderValue>, &'static str> {
    let Some(secret) = secret else { return Ok(None) };
    let header = HeaderValue::from_str(&format!("Bearer {}", secret.trim()));
    let mut value = header.map_err(|_| "bearer_file holds what no header can")?;
    value.set_sensitive(true);
    Ok(Some(value))
}
