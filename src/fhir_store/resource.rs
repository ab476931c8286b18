//! A row as it is shown.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::journal::{JournalError, ResourceRow};

/// The resource, with its version and the time of it; none where it was deleted.
///
/// # Errors
/// The row holds no resource: the journal is damaged.
pub fn shown(row: &ResourceRow) -> Result<Option<Value>, JournalError> {
    let Some(json) = &row.json else { return Ok(None) };
    let damaged = || JournalError::Damaged(format!("a resource of the type {} is none", row.kind));
    let Ok(Value::Object(mut members)) = serde_json::from_str(json) else { return Err(damaged()) };
    let mut meta = match members.shift_remove("meta") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    let mut shown = Map::new();
    for name in ["resourceType", "id"] {
        if let Some(value) = members.shift_remove(name) {
            shown.insert(name.to_owned(), value);
        }
    }
    let mut whole = Map::new();
    whole.insert("versionId".to_owned(), json!(row.version.to_string()));
    whole.insert("lastUpdated".to_owned(), json!(row.updated.to_string()));
    meta.retain(|name, _| !whole.contains_key(name));
    whole.append(&mut meta);
    shown.insert("meta".to_owned(), Value::Object(whole));
    shown.append(&mut members);
    Ok(Some(Value::Object(shown)))
}

/// A version of what is kept elsewhere than with the resources, as one of theirs: for pages, versions and histories.
pub fn at_hand(kind: &str, id: String, (version, updated): (i64, Timestamp), resource: &Value) -> ResourceRow {
    ResourceRow {
        sequence: version,
        kind: kind.to_owned(),
        id,
        version,
        owner: String::new(),
        case: None,
        patient: None,
        updated,
        json: Some(resource.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: Option<&str>) -> ResourceRow {
        ResourceRow {
            sequence: 1,
            kind: "Task".to_owned(),
            id: "1".to_owned(),
            version: 3,
            owner: "983974732".to_owned(),
            case: None,
            patient: None,
            updated: "2026-05-28T10:00:00.5Z".parse().unwrap(),
            json: json.map(str::to_owned),
        }
    }

    #[test]
    fn a_resource_says_which_version_it_is() {
        let json = r#"{"resourceType":"Task","id":"1","status":"ready","meta":{"versionId":"9","profile":["x"]},"priority":1.20}"#;
        let text = shown(&row(Some(json))).unwrap().unwrap().to_string();
        let expected = r#"{"resourceType":"Task","id":"1","meta":{"versionId":"3","lastUpdated":"2026-05-28T10:00:00.5Z","profile":["x"]},"status":"ready","priority":1.20}"#;
        assert_eq!(text, expected);
        let bare = shown(&row(Some(r#"{"resourceType":"Task","id":"1"}"#))).unwrap().unwrap();
        assert_eq!(bare["meta"], json!({"versionId": "3", "lastUpdated": "2026-05-28T10:00:00.5Z"}));
        assert_eq!(shown(&row(None)).unwrap(), None);
        assert_eq!(shown(&row(Some("[]"))).unwrap_err().code().as_str(), "journal.damaged");
    }
}
