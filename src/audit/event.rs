//! A row of the audit trail as a FHIR AuditEvent in the shape of IHE BALP.

use serde_json::{Value, json};

use crate::fhir::systems::{
    AUDIT_DETAIL_COUNT, AUDIT_DISCLOSE, AUDIT_EXPORT, AUDIT_LOGIN, AUDIT_REST, AUDIT_USER_AUTHENTICATION,
    BALP_PROFILES, BALP_REQUEST_ID, DATA_ABSENT_REASON, DESTINATION_ROLE, ENTITY_PERSON, ENTITY_SYSTEM_OBJECT,
    GATEWAY_NAME, ORGANISATION_NUMBER, PURPOSE_OF_USE, RESTFUL_INTERACTION, ROLE_DOMAIN_RESOURCE, ROLE_PATIENT,
    ROLE_QUERY, SOURCE_APPLICATION_SERVER, SOURCE_ROLE,
};
use crate::journal::AuditRow;

/// A machine with this name, and an address (value set network-type).
const NETWORK_NAME: &str = "1";
const NETWORK_ADDRESS: &str = "2";

/// What kind of event a row is.
struct Kind {
    event: (&'static str, &'static str),
    subtype: (&'static str, &'static str),
    action: &'static str,
    /// Whether what is told of went from the gateway to the other side.
    is_outward: bool,
    /// Name of the BALP profile of one that succeeded: without a patient, and with one.
    profiles: [Option<&'static str>; 2],
}

/// Actions of the audit trail that are events with this FHIR action (value set audit-event-action).
pub fn actions(code: &str) -> Vec<&'static str> {
    const ACTIONS: [&str; 12] = [
        "create",
        "repeat",
        "read",
        "search",
        "update",
        "consent",
        "link",
        "grant",
        "grant-end",
        "replay",
        "deliver",
        "delete",
    ];
    ACTIONS.into_iter().filter(|action| kind(action, None).action == code).collect()
}

/// Outcome of the audit trail with this FHIR code (value set audit-event-outcome).
pub fn outcome(code: &str) -> Option<&'static str> {
    ["success", "refused", "failed"].into_iter().find(|outcome| outcome_code(outcome) == code)
}

fn outcome_code(outcome: &str) -> &'static str {
    match outcome {
        "success" => "0",
        "refused" => "4",
        _ => "8",
    }
}

fn kind(action: &str, route: Option<&str>) -> Kind {
    let rest = |interaction, action, is_outward, profiles| Kind {
        event: AUDIT_REST,
        subtype: (RESTFUL_INTERACTION, interaction),
        action,
        is_outward,
        profiles,
    };
    match action {
        "create" => rest("create", "C", false, [Some("Create"), Some("PatientCreate")]),
        "read" | "repeat" => rest("read", "R", true, [Some("Read"), Some("PatientRead")]),
        "search" => rest("search", "E", false, [Some("Query"), Some("PatientQuery")]),
        "update" | "consent" | "link" | "grant" | "grant-end" => {
            rest("update", "U", false, [Some("Update"), Some("PatientUpdate")])
        }
        "delete" => rest("delete", "D", false, [Some("Delete"), Some("PatientDelete")]),
        "deliver" => Kind {
            event: AUDIT_EXPORT,
            subtype: AUDIT_DISCLOSE,
            action: "R",
            is_outward: true,
            profiles: [None, Some("PrivacyDisclosure.Source")],
        },
        "deny" => match route.map(|route| (route.starts_with("GET "), route.ends_with("/_search"))) {
            Some((true, _)) => rest("read", "R", true, [None; 2]),
            Some((_, true)) => rest("search", "E", false, [None; 2]),
            _ => rest("create", "C", false, [None; 2]),
        },
        _ => rest("operation", "E", false, [None; 2]),
    }
}

/// The id of the event of a row: its place in the trail, which nothing changes.
pub fn id(row: &AuditRow) -> String {
    format!("{}-{}", row.chain, row.number)
}

/// The event of a row.
pub fn event(row: &AuditRow) -> Value {
    let mut kind = kind(&row.action, row.detail.as_deref());
    if row.action == "deny" && row.role == "unknown" {
        kind = Kind { event: AUDIT_USER_AUTHENTICATION, subtype: AUDIT_LOGIN, action: "E", ..kind };
    }
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": id(row),
        // What is in the trail is not changed.
        "meta": {"versionId": "1", "lastUpdated": row.at.to_string()},
        "type": coding(kind.event),
        "subtype": [coding(kind.subtype)],
        "action": kind.action,
        "recorded": row.at.to_string(),
        "outcome": outcome_code(&row.outcome),
        "agent": agents(row, &kind),
        "source": {
            "site": GATEWAY_NAME,
            "observer": {"display": GATEWAY_NAME},
            "type": [coding(SOURCE_APPLICATION_SERVER)],
        },
        "entity": entities(row),
    });
    let [without, with] = kind.profiles;
    let profile = if row.patient.is_some() { with } else { without };
    let meta = event.get_mut("meta").and_then(Value::as_object_mut);
    if let (Some(profile), "success", Some(meta)) = (profile, row.outcome.as_str(), meta) {
        meta.insert("profile".to_owned(), json!([format!("{BALP_PROFILES}{profile}")]));
    }
    event
}

/// What stands between the name of a client and the organisation number of the supplier that runs it.
const VIA: &str = " via ";

/// The other side and the gateway: from whom it went, and to whom; and the supplier that runs the client of the other side.
fn agents(row: &AuditRow, kind: &Kind) -> Value {
    let (client_role, server_role) =
        if kind.is_outward { (DESTINATION_ROLE, SOURCE_ROLE) } else { (SOURCE_ROLE, DESTINATION_ROLE) };
    let is_delivery = row.action == "deliver";
    let (client_name, supplier) = match row.client.split_once(VIA) {
        Some((name, supplier)) => (name, Some(supplier)),
        None => (row.client.as_str(), None),
    };
    let mut client = json!({
        "type": concept(client_role),
        "who": who(row),
        "requestor": !is_delivery,
        "network": network(row),
    });
    if let Some(members) = client.as_object_mut() {
        let text = |name: &str| (!name.is_empty()).then(|| json!(name));
        if let Some(name) = text(client_name) {
            members.insert("name".to_owned(), name);
        }
        members.insert("role".to_owned(), json!([{"text": row.role}]));
        if let Some(purpose) = &row.purpose {
            members.insert("purposeOfUse".to_owned(), json!([concept((PURPOSE_OF_USE, purpose))]));
        }
    }
    let server = json!({
        "type": concept(server_role),
        "who": {"display": GATEWAY_NAME},
        "requestor": is_delivery,
        "network": {"address": GATEWAY_NAME, "type": NETWORK_NAME},
    });
    let mut agents = vec![client, server];
    agents.extend(supplier.map(|number| {
        json!({
            "who": {"identifier": {"system": ORGANISATION_NUMBER, "value": number}},
            "role": [{"text": "supplier"}],
            "requestor": false,
        })
    }));
    Value::Array(agents)
}

/// An organisation number has its system; the others are names of the configuration.
fn who(row: &AuditRow) -> Value {
    let is_number = row.organisation.len() == 9 && row.organisation.bytes().all(|byte| byte.is_ascii_digit());
    match is_number {
        true => json!({"identifier": {"system": ORGANISATION_NUMBER, "value": row.organisation}}),
        false => json!({"display": row.organisation}),
    }
}

fn network(row: &AuditRow) -> Value {
    match &row.network {
        Some(address) => json!({"address": address, "type": NETWORK_ADDRESS}),
        // From this host: from a folder, by a command, by the gateway itself, or from before addresses were written.
        None => json!({"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "not-applicable"}]}),
    }
}

fn entities(row: &AuditRow) -> Value {
    let mut entities = Vec::new();
    if row.action == "search" {
        use base64::Engine;
        let asked = base64::engine::general_purpose::STANDARD.encode(row.detail.as_deref().unwrap_or_default());
        entities.push(json!({"type": coding(ENTITY_SYSTEM_OBJECT), "role": coding(ROLE_QUERY), "query": asked}));
    } else {
        let what = match &row.message {
            Some(message) => json!({"reference": format!("MessageHeader/{message}")}),
            None => json!({"display": row.detail.as_deref().unwrap_or(&row.action)}),
        };
        let mut data =
            json!({"type": coding(ENTITY_SYSTEM_OBJECT), "role": coding(ROLE_DOMAIN_RESOURCE), "what": what});
        if let (true, Some(members)) = (row.count != 1, data.as_object_mut()) {
            let count = json!([{"type": AUDIT_DETAIL_COUNT, "valueString": row.count.to_string()}]);
            members.insert("detail".to_owned(), count);
        }
        entities.push(data);
    }
    if let Some(patient) = &row.patient {
        let what = json!({"reference": format!("Patient/{patient}")});
        entities.push(json!({"type": coding(ENTITY_PERSON), "role": coding(ROLE_PATIENT), "what": what}));
    }
    if !row.trace.is_empty() {
        entities.push(json!({"type": coding(BALP_REQUEST_ID), "what": {"identifier": {"value": row.trace}}}));
    }
    Value::Array(entities)
}

fn coding((system, code): (&str, &str)) -> Value {
    json!({"system": system, "code": code})
}

fn concept(code: (&str, &str)) -> Value {
    json!({"coding": [coding(code)]})
}

#[cfg(test)]
mod tests;
