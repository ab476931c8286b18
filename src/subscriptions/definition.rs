//! A Subscription as it is asked for, checked, and as it is shown.

use jiff::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Settings;
use super::channel::{ENDPOINT_BYTES, headers};
use super::filter::filters;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::subscription::{Filters, Status, Topic};
use crate::fhir::systems::BACKPORT;
use crate::journal::{JournalError, SubscriptionRow};

pub use super::channel::REDACTED;

/// Longest reason, in characters.
const REASON: usize = 200;

/// Seconds that an endpoint may be given at most, and is given where nothing is asked for.
const TIMEOUT: (u32, u32) = (60, 10);

/// Events of one notification at most, also where nothing is asked for.
const BATCH: u32 = 50;

/// What a notification holds of the resource that changed (value set backport-content-value-set).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Nothing.
    Empty,
    /// Its address.
    IdOnly,
    /// All of it that the subscriber may see.
    FullResource,
}

impl Content {
    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::IdOnly => "id-only",
            Self::FullResource => "full-resource",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Empty, Self::IdOnly, Self::FullResource].into_iter().find(|content| content.as_str() == code)
    }
}

/// What is kept of a Subscription beside what the journal looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Why, as the subscriber says.
    pub reason: String,
    /// When it ends.
    pub end: String,
    /// Filters, as they were given.
    pub filters: Vec<String>,
    /// Where notifications go; none: they are asked for.
    pub endpoint: Option<String>,
    /// Names of the headers that are sent with them.
    pub headers: Vec<String>,
    /// What they hold.
    pub content: Content,
    /// Seconds after which a sign of life is sent.
    pub heartbeat: Option<u32>,
    /// Seconds that the endpoint is given.
    pub timeout: Option<u32>,
    /// Events of one notification.
    pub max_count: Option<u32>,
}

impl Definition {
    /// As the journal keeps it.
    ///
    /// Errors: `Damaged`.
    pub fn of(row: &SubscriptionRow) -> Result<Self, JournalError> {
        let damaged =
            |_| JournalError::Damaged("a subscription is not of the form that this program writes".to_owned());
        serde_json::from_str(&row.definition).map_err(damaged)
    }

    /// Seconds that the endpoint is given.
    pub fn seconds(&self) -> u32 {
        self.timeout.unwrap_or(TIMEOUT.1)
    }

    /// Events of one notification at most.
    pub fn batch(&self) -> u32 {
        self.max_count.unwrap_or(BATCH).min(BATCH)
    }

    /// The Subscription as it is shown: secrets are not.
    pub fn resource(&self, row: &SubscriptionRow, settings: &Settings) -> Value {
        let extension = |name: &str, kind: &str, value: Value| json!({"url": format!("{BACKPORT}{name}"), kind: value});
        let extensions: Vec<Value> = [
            ("backport-heartbeat-period", "valueUnsignedInt", self.heartbeat),
            ("backport-timeout", "valueUnsignedInt", self.timeout),
            ("backport-max-count", "valuePositiveInt", self.max_count),
        ]
        .into_iter()
        .filter_map(|(name, kind, value)| value.map(|value| extension(name, kind, json!(value))))
        .collect();
        let mut channel = Map::new();
        if !extensions.is_empty() {
            channel.insert("extension".to_owned(), Value::Array(extensions));
        }
        channel.insert("type".to_owned(), json!("rest-hook"));
        if let Some(endpoint) = &self.endpoint {
            channel.insert("endpoint".to_owned(), json!(endpoint));
        }
        channel.insert("payload".to_owned(), json!(MEDIA_TYPE));
        let content = extension("backport-payload-content", "valueCode", json!(self.content.as_str()));
        channel.insert("_payload".to_owned(), json!({"extension": [content]}));
        if !self.headers.is_empty() {
            let lines: Vec<String> = self.headers.iter().map(|name| format!("{name}: {REDACTED}")).collect();
            channel.insert("header".to_owned(), json!(lines));
        }
        let mut resource = json!({
            "resourceType": "Subscription",
            "id": row.id,
            "meta": {
                "versionId": row.version.to_string(),
                "lastUpdated": row.updated.to_string(),
                "profile": [format!("{}/StructureDefinition/ImpressSubscription", settings.canonical)],
            },
            "status": row.status.as_str(),
            "end": self.end,
            "reason": self.reason,
            "criteria": row.topic.canonical(&settings.canonical),
            "channel": channel,
        });
        if let Some(members) = resource.as_object_mut() {
            if !self.filters.is_empty() {
                let filters: Vec<Value> = self
                    .filters
                    .iter()
                    .map(|text| extension("backport-filter-criteria", "valueString", json!(text)))
                    .collect();
                members.insert("_criteria".to_owned(), json!({"extension": filters}));
            }
            // While it goes on, attempts fail and succeed without a new version: what a version shows must stay.
            if !row.error.is_empty() && matches!(row.status, Status::Error | Status::Off) {
                members.insert("error".to_owned(), json!(row.error));
            }
        }
        resource
    }
}

/// The one media type of notifications.
pub const MEDIA_TYPE: &str = "application/fhir+json";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is about.
    pub topic: Topic,
    /// What a resource must have.
    pub filters: Filters,
    /// `Requested` or `Off`.
    pub status: Status,
    /// When it ends.
    pub ends: Timestamp,
    /// The rest.
    pub definition: Definition,
    /// Headers with their values.
    pub headers: Vec<(String, String)>,
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The organisation.
    pub organisation: &'a str,
    /// Headers that are known of the subscription that is changed.
    pub known: &'a [(String, String)],
    /// Now.
    pub now: Timestamp,
}

fn refused(code: IssueCode, path: &str, text: &str) -> Issue {
    Issue::new(code, Location { path: Some(path.into()), ..Location::default() }, text)
}

fn invalid(path: &str, text: &str) -> Issue {
    refused(IssueCode::SubscriptionInvalid, path, text)
}

/// Reads a Subscription.
///
/// Errors: the first thing that is not supported or not allowed, without a value of it.
pub fn read(resource: &Value, asker: Asker<'_>, settings: &Settings) -> Result<Asked, Box<Issue>> {
    asked(resource, asker, settings).map_err(Box::new)
}

fn asked(resource: &Value, asker: Asker<'_>, settings: &Settings) -> Result<Asked, Issue> {
    let members = object(Some(resource), "Subscription")?;
    only(
        members,
        "Subscription",
        &[
            "resourceType",
            "id",
            "meta",
            "text",
            "contact",
            "status",
            "end",
            "reason",
            "criteria",
            "_criteria",
            "channel",
            "error",
        ],
    )?;
    if text(members, "resourceType") != Some("Subscription") {
        return Err(invalid("Subscription", "no Subscription"));
    }
    let status = match text(members, "status").and_then(Status::parse) {
        Some(status @ (Status::Requested | Status::Off)) => status,
        _ => return Err(invalid("Subscription.status", "whoever subscribes asks for requested, or off to stop")),
    };
    let criteria = text(members, "criteria").unwrap_or_default();
    let topic = Topic::of_canonical(criteria, &settings.canonical).ok_or_else(|| {
        let known: Vec<String> = Topic::ALL.iter().map(|topic| topic.canonical(&settings.canonical)).collect();
        let text = format!("the topics are {}", known.join(", "));
        refused(IssueCode::SubscriptionTopicUnsupported, "Subscription.criteria", &text)
    })?;
    let texts = filter_texts(members)?;
    let filters = filters(topic, &texts, &settings.base)
        .map_err(|text| refused(IssueCode::SubscriptionFilterUnsupported, "Subscription.criteria.extension", &text))?;
    let (end, ends) = end(members, asker.now, settings)?;
    let reason = text(members, "reason").unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > REASON {
        return Err(invalid("Subscription.reason", "there must be a reason, of at most 200 characters"));
    }
    let channel = object(members.get("channel"), "Subscription.channel")?;
    let mut definition = Definition {
        reason: reason.to_owned(),
        end,
        filters: texts.into_iter().map(str::to_owned).collect(),
        endpoint: None,
        headers: Vec::new(),
        content: content(channel, asker.organisation, settings)?,
        heartbeat: None,
        timeout: None,
        max_count: None,
    };
    definition.endpoint = endpoint(channel, asker.organisation, settings)?;
    let headers = header_lines(channel, asker.known)?;
    definition.headers = headers.iter().map(|(name, _)| name.clone()).collect();
    numbers(channel, &mut definition, settings)?;
    Ok(Asked { topic, filters, status, ends, definition, headers })
}

fn object<'v>(value: Option<&'v Value>, path: &str) -> Result<&'v Map<String, Value>, Issue> {
    value.and_then(Value::as_object).ok_or_else(|| invalid(path, "is no object"))
}

fn text<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    members.get(name).and_then(Value::as_str)
}

/// What is not read is refused: it could be meant to narrow what is told.
fn only(members: &Map<String, Value>, path: &str, known: &[&str]) -> Result<(), Issue> {
    if members.keys().all(|name| known.contains(&name.as_str())) {
        return Ok(());
    }
    Err(invalid(path, &format!("the elements are {}", known.join(", "))))
}

/// An extension, with the last part of its address.
type Extension<'v> = (&'v str, &'v Map<String, Value>);

fn extensions<'v>(value: Option<&'v Value>, path: &str) -> Result<Vec<Extension<'v>>, Issue> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| invalid(path, "extension is no list"))?;
    list.iter()
        .map(|one| {
            let members = object(Some(one), path)?;
            let name = text(members, "url").and_then(|url| url.strip_prefix(BACKPORT));
            name.map(|name| (name, members)).ok_or_else(|| invalid(path, "an extension is none of the Backport's"))
        })
        .collect()
}

fn filter_texts(members: &Map<String, Value>) -> Result<Vec<&str>, Issue> {
    const PATH: &str = "Subscription.criteria.extension";
    let Some(beside) = members.get("_criteria") else { return Ok(Vec::new()) };
    let beside = object(Some(beside), PATH)?;
    only(beside, PATH, &["extension"])?;
    let unsupported =
        || refused(IssueCode::SubscriptionFilterUnsupported, PATH, "only backport-filter-criteria is taken");
    extensions(beside.get("extension"), PATH)?
        .into_iter()
        .map(|(name, members)| match name {
            "backport-filter-criteria" => text(members, "valueString").ok_or_else(unsupported),
            _ => Err(unsupported()),
        })
        .collect()
}

fn end(members: &Map<String, Value>, now: Timestamp, settings: &Settings) -> Result<(String, Timestamp), Issue> {
    let wrong = |text: &str| invalid("Subscription.end", text);
    let end = text(members, "end").ok_or_else(|| wrong("a subscription must end"))?;
    let ends: Timestamp = end.parse().map_err(|_| wrong("no instant"))?;
    let latest = now.checked_add(settings.longest).unwrap_or(Timestamp::MAX);
    if ends <= now || ends > latest {
        return Err(wrong(&format!("must be in the next {} days", settings.longest.as_hours() / 24)));
    }
    Ok((end.to_owned(), ends))
}

fn content(channel: &Map<String, Value>, organisation: &str, settings: &Settings) -> Result<Content, Issue> {
    const PATH: &str = "Subscription.channel.payload";
    only(
        channel,
        "Subscription.channel",
        &["type", "_type", "endpoint", "payload", "_payload", "header", "extension"],
    )?;
    let unsupported = |path: &str, text: &str| refused(IssueCode::SubscriptionChannelUnsupported, path, text);
    if text(channel, "type") != Some("rest-hook") || channel.contains_key("_type") {
        return Err(unsupported("Subscription.channel.type", "the one type of channel is rest-hook"));
    }
    if text(channel, "payload") != Some(MEDIA_TYPE) {
        return Err(unsupported(PATH, "the one media type is application/fhir+json"));
    }
    let payload = |text: &str| refused(IssueCode::SubscriptionPayloadUnsupported, PATH, text);
    let beside = object(channel.get("_payload"), PATH).map_err(|_| payload("backport-payload-content is missing"))?;
    let content = match extensions(beside.get("extension"), PATH)?.as_slice() {
        [("backport-payload-content", members)] => text(members, "valueCode").and_then(Content::parse),
        _ => None,
    };
    let content = content.ok_or_else(|| payload("backport-payload-content is empty, id-only or full-resource"))?;
    if content == Content::FullResource && !settings.may_have_resources(organisation) {
        return Err(payload("full-resource is not configured for this organisation"));
    }
    Ok(content)
}

fn endpoint(channel: &Map<String, Value>, organisation: &str, settings: &Settings) -> Result<Option<String>, Issue> {
    const PATH: &str = "Subscription.channel.endpoint";
    let Some(endpoint) = channel.get("endpoint") else { return Ok(None) };
    let endpoint =
        endpoint.as_str().filter(|endpoint| endpoint.len() <= ENDPOINT_BYTES && Url::parse(endpoint).is_ok());
    let endpoint = endpoint.ok_or_else(|| invalid(PATH, "no URL, or longer than 512 bytes"))?;
    if settings.endpoint(organisation, endpoint).is_none() {
        let text = "notifications of this organisation may not go there; the operator configures where they may";
        return Err(refused(IssueCode::SubscriptionEndpointRefused, PATH, text));
    }
    Ok(Some(endpoint.to_owned()))
}

fn header_lines(channel: &Map<String, Value>, known: &[(String, String)]) -> Result<Vec<(String, String)>, Issue> {
    const PATH: &str = "Subscription.channel.header";
    let Some(lines) = channel.get("header") else { return Ok(Vec::new()) };
    let lines: Option<Vec<&str>> = lines.as_array().and_then(|lines| lines.iter().map(Value::as_str).collect());
    let lines = lines.ok_or_else(|| invalid(PATH, "is no list of texts"))?;
    headers(&lines, known).map_err(|text| invalid(PATH, text))
}

fn numbers(channel: &Map<String, Value>, definition: &mut Definition, settings: &Settings) -> Result<(), Issue> {
    const PATH: &str = "Subscription.channel.extension";
    for (name, members) in extensions(channel.get("extension"), PATH)? {
        let number =
            |kind: &str| members.get(kind).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        let (place, number, least, most) = match name {
            "backport-heartbeat-period" => {
                let least = settings.shortest_heartbeat;
                (&mut definition.heartbeat, number("valueUnsignedInt"), least, 7 * 24 * 3_600)
            }
            "backport-timeout" => (&mut definition.timeout, number("valueUnsignedInt"), 1, TIMEOUT.0),
            "backport-max-count" => (&mut definition.max_count, number("valuePositiveInt"), 1, u32::MAX),
            _ => return Err(invalid(PATH, "an extension is none that a channel has here")),
        };
        let number = number.filter(|number| (least..=most).contains(number) && place.is_none());
        let number =
            number.ok_or_else(|| invalid(PATH, &format!("{name} must be from {least} to {most}, and stand once")))?;
        *place = Some(number);
    }
    Ok(())
}

/// The headers as they are kept.
///
/// Errors: `Damaged`.
pub fn known_headers(secrets: &[u8]) -> Result<Vec<(String, String)>, JournalError> {
    let damaged = |_| JournalError::Damaged("the headers of a subscription cannot be read".to_owned());
    serde_json::from_slice(secrets).map_err(damaged)
}

#[cfg(test)]
mod tests;
