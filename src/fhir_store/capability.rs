//! The CapabilityStatement: made from the route table, the table of search parameters and the profiles, so that it says what is
//! served and nothing else.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::condition::{modifiers, targets};
use crate::fhir::search::{self, Kind, Parameter};
use crate::fhir::systems::{
    BACKPORT_SERVER, BACKPORT_TOPIC, CANONICAL_BASE, OPERATION_DEFINITIONS, RESOURCE_ID, RESOURCE_LAST_UPDATED,
    SECURITY_SERVICES, TOPICS,
};

/// What the statement is made from, beside the table of search parameters.
pub struct About<'a> {
    /// Method and path of every route of the server.
    pub routes: &'a [(&'a str, &'a str)],
    /// Base of the addresses of this server.
    pub base: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// Base of the canonical URLs of the deployment.
    pub canonical_base: &'a str,
    /// Types with the canonical URLs of their profiles.
    pub profiles: &'a [(&'a str, &'a str)],
    /// Search parameters of types that are not searched by the table, beside those of every type: type, name, kind.
    pub others: &'a [(&'a str, &'a str, &'a str)],
}

/// The day on which what is said here was last changed.
const DATE: &str = "2026-11-26";

const DESCRIPTION: &str = "What the gateway serves to health trusts, laboratories, the trial and its operators. Who may do what is \
    decided by the role and the scopes of the caller: a trust sees its own patients, those of the cases that are granted to it, and \
    public cohorts.";

/// One thing that a route does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Served<'r> {
    /// An interaction with a type; of every type of the table where it is `{type}`.
    Type(&'r str, &'static str),
    /// An operation on a type.
    TypeOperation(&'r str, &'r str),
    /// An interaction with the whole server.
    System(&'static str),
    /// An operation on the whole server.
    Operation(&'r str),
    /// The statement itself.
    Metadata,
}

/// What a route under `/fhir` does; none that is not of FHIR.
fn served<'r>(method: &str, path: &'r str) -> Option<Served<'r>> {
    let rest = path.strip_prefix("/fhir")?.trim_matches('/');
    let segments: Vec<&str> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
    let of = |kind, get: &'static str, put: &'static str| {
        let code = match method {
            "GET" => get,
            "PUT" => put,
            "DELETE" => "delete",
            "PATCH" => "patch",
            _ => return None,
        };
        (!code.is_empty()).then_some(Served::Type(kind, code))
    };
    match (method, segments.as_slice()) {
        ("GET", ["metadata"]) => Some(Served::Metadata),
        ("POST", []) => Some(Served::System("transaction")),
        (_, [name]) if name.starts_with('$') => Some(Served::Operation(name)),
        (_, [kind, .., name]) if name.starts_with('$') => Some(Served::TypeOperation(kind, name)),
        ("POST", [kind]) => Some(Served::Type(kind, "create")),
        ("GET", [kind]) | ("POST", [kind, "_search"]) => Some(Served::Type(kind, "search-type")),
        (_, [kind, "_history"]) => of(kind, "history-type", ""),
        (_, [kind, _]) => of(kind, "read", "update"),
        (_, [kind, _, "_history"]) => of(kind, "history-instance", ""),
        (_, [kind, _, "_history", _]) => of(kind, "vread", ""),
        _ => None,
    }
}

/// What is served of a type.
#[derive(Default)]
struct Resource<'r> {
    interactions: Vec<&'static str>,
    operations: Vec<&'r str>,
}

/// The CapabilityStatement.
pub fn statement(about: &About<'_>) -> Value {
    let mut resources: BTreeMap<&str, Resource<'_>> = BTreeMap::new();
    let (mut interactions, mut operations) = (Vec::new(), Vec::new());
    for (method, path) in about.routes {
        match served(method, path) {
            Some(Served::Type(kind, code)) => {
                let every = if kind == "{type}" { search::types().to_vec() } else { vec![kind] };
                for kind in every {
                    add(&mut resources.entry(kind).or_default().interactions, code);
                }
            }
            Some(Served::TypeOperation(kind, name)) => {
                add(&mut resources.entry(kind).or_default().operations, name);
            }
            Some(Served::System(code)) => add(&mut interactions, code),
            Some(Served::Operation(name)) => add(&mut operations, name),
            Some(Served::Metadata) | None => {}
        }
    }
    let resource_list: Vec<Value> = resources.iter().map(|(kind, served)| resource(kind, served, about)).collect();
    let mut rest = json!({
        "mode": "server",
        "security": security(),
        "resource": resource_list,
        "interaction": interactions.iter().map(|code| json!({"code": code})).collect::<Vec<_>>(),
        "operation": named(&operations),
    });
    without_empty(&mut rest);
    let is_told = resources.get("Subscription").is_some_and(|served| served.interactions.contains(&"create"));
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "url": format!("{}/metadata", about.base),
        "version": about.version,
        "name": "ImpressGateway",
        "title": "IMPRESS gateway",
        "status": "active",
        "date": DATE,
        "description": DESCRIPTION,
        "kind": "instance",
        "instantiates": if is_told { vec![BACKPORT_SERVER] } else { Vec::new() },
        "software": {"name": "impress-gateway", "version": about.version},
        "implementation": {"description": "IMPRESS gateway", "url": about.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    });
    without_empty(&mut statement);
    statement
}

fn add<'r>(list: &mut Vec<&'r str>, name: &'r str) {
    if !list.contains(&name) {
        list.push(name);
    }
}

/// An empty list is none in FHIR.
fn without_empty(value: &mut Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.as_array().is_some_and(Vec::is_empty));
    }
}

fn security() -> Value {
    let services: Vec<Value> =
        SECURITY_SERVICES.iter().map(|(system, code)| json!({"coding": [{"system": system, "code": code}]})).collect();
    json!({
        "cors": false,
        "service": services,
        "description": "An access token (HelseID, or SMART Backend Services with scopes such as system/Task.rs), bound by DPoP where \
            the deployment asks for it; a client certificate; or a secret of the configuration.",
    })
}

fn resource(kind: &str, served: &Resource<'_>, about: &About<'_>) -> Value {
    let has = |code: &str| served.interactions.contains(&code);
    let profiles: Vec<&str> = about.profiles.iter().filter(|(of, _)| *of == kind).map(|(_, url)| *url).collect();
    let mut resource = Map::new();
    if kind == "Subscription" && has("create") {
        let topic = |name: &&str| {
            let url = format!("{}/SubscriptionTopic/{name}", about.canonical_base);
            json!({"url": BACKPORT_TOPIC, "valueCanonical": url})
        };
        resource.insert("extension".to_owned(), TOPICS.iter().map(topic).collect());
    }
    resource.insert("type".to_owned(), json!(kind));
    resource.insert("supportedProfile".to_owned(), json!(profiles));
    let codes: Vec<Value> = served.interactions.iter().map(|code| json!({"code": code})).collect();
    resource.insert("interaction".to_owned(), Value::Array(codes));
    if has("read") {
        let versioning = if has("vread") { "versioned" } else { "no-version" };
        resource.insert("versioning".to_owned(), json!(versioning));
        resource.insert("readHistory".to_owned(), json!(has("vread")));
        resource.insert("conditionalRead".to_owned(), json!("not-match"));
    }
    if has("search-type") {
        searched(&mut resource, kind, about);
    }
    resource.insert("operation".to_owned(), Value::Array(named(&served.operations)));
    let mut resource = Value::Object(resource);
    without_empty(&mut resource);
    resource
}

/// What a type is searched by, and what is shown with it.
fn searched(resource: &mut Map<String, Value>, kind: &str, about: &About<'_>) {
    let mut parameters = vec![
        json!({"name": "_id", "definition": RESOURCE_ID, "type": "token"}),
        json!({"name": "_lastUpdated", "definition": RESOURCE_LAST_UPDATED, "type": "date"}),
    ];
    let mut others = about.others.iter().filter(|(of, _, _)| *of == kind).peekable();
    if others.peek().is_none() {
        parameters.extend(search::parameters(kind).iter().map(parameter));
    }
    parameters.extend(others.map(|(_, name, of)| json!({"name": name, "type": of})));
    let is_reference = |known: &&Parameter| known.kind == Kind::Reference;
    let of = |kind: &str, known: &Parameter| format!("{kind}:{}", known.name);
    let include: Vec<String> =
        search::parameters(kind).iter().filter(is_reference).map(|known| of(kind, known)).collect();
    let reverse: Vec<String> = search::types()
        .iter()
        .flat_map(|source| search::parameters(source).iter().map(move |known| (source, known)))
        .filter(|(_, known)| is_reference(known) && targets(known).contains(&kind))
        .map(|(source, known)| of(source, known))
        .collect();
    resource.insert("searchInclude".to_owned(), json!(include));
    resource.insert("searchRevInclude".to_owned(), json!(reverse));
    resource.insert("searchParam".to_owned(), Value::Array(parameters));
}

fn parameter(parameter: &Parameter) -> Value {
    let mut shown = json!({"name": parameter.name, "type": parameter.kind.as_str()});
    let modifiers = modifiers(parameter.kind).iter().chain(&["missing"]).map(|modifier| format!(":{modifier}"));
    let place = if parameter.is_personal { "; in the body of a _search only" } else { "" };
    let text = format!("Modifiers: {}{place}", modifiers.collect::<Vec<_>>().join(", "));
    if let Some(members) = shown.as_object_mut() {
        members.insert("documentation".to_owned(), json!(text));
    }
    shown
}

/// Operations with their definitions; one without a definition is none of FHIR and is left out.
fn named(operations: &[&str]) -> Vec<Value> {
    let definition = |name: &&str| {
        let name = name.trim_start_matches('$');
        let (_, definition) = OPERATION_DEFINITIONS.iter().find(|(known, _)| *known == name)?;
        Some(json!({"name": name, "definition": definition}))
    };
    operations.iter().filter_map(definition).collect()
}

/// The canonical base of a deployment: that of its profiles.
pub fn canonical_base<'p>(profiles: &[(&str, &'p str)]) -> &'p str {
    let base = profiles.iter().find_map(|(_, url)| url.split_once("/StructureDefinition/"));
    base.map_or(CANONICAL_BASE, |(base, _)| base)
}

#[cfg(test)]
mod tests;
