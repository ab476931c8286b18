//! What a person may do, from what the provider says of the person.

use serde_json::{Map, Value};

/// What a person who runs the gateway may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorRole {
    /// Sees messages and what became of them, not the originals.
    Viewer,
    /// Sees originals too, and acts: replay, links, consent.
    Operator,
    /// Sees messages and the audit.
    Security,
}

impl OperatorRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Security];

    /// The word in the configuration and in the audit.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Security => "security",
        }
    }
}

/// Which values of which claim give which role.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// Name of the claim, or names with dots between them for one inside another.
    pub claim: String,
    /// Values of a viewer.
    pub viewer: Vec<String>,
    /// Values of an operator.
    pub operator: Vec<String>,
    /// Values of a security officer.
    pub security: Vec<String>,
}

impl Roles {
    /// The role of a person. Who acts does not look after the record of what was done: values of both give none.
    pub fn of(&self, claims: &Map<String, Value>) -> Option<OperatorRole> {
        let values: Vec<&str> = match self.value(claims)? {
            Value::String(value) => vec![value],
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let has = |mapped: &[String]| mapped.iter().any(|mapped| values.contains(&mapped.as_str()));
        match (has(&self.operator), has(&self.security), has(&self.viewer)) {
            (true, true, _) => None,
            (true, false, _) => Some(OperatorRole::Operator),
            (false, true, _) => Some(OperatorRole::Security),
            (false, false, true) => Some(OperatorRole::Viewer),
            (false, false, false) => None,
        }
    }

    fn value<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        // A name with dots may be the name of one claim, as URLs are.
        claims.get(&self.claim).or_else(|| {
            let (first, rest) = self.claim.split_once('.')?;
            rest.split('.').try_fold(claims.get(first)?, |value, name| value.get(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(claim: &str, claims: &Value) -> Option<OperatorRole> {
        let one = |text: &str| vec![text.to_owned()];
        let roles = Roles {
            claim: claim.to_owned(),
            viewer: one("see"),
            operator: vec!["act".into(), "run".into()],
            security: one("audit"),
        };
        roles.of(claims.as_object().unwrap())
    }

    #[test]
    fn only_a_value_that_is_mapped_gives_a_role() {
        use OperatorRole::{Operator, Security, Viewer};
        for (claims, expected) in [
            (json!({"roles": ["see"]}), Some(Viewer)),
            (json!({"roles": "run"}), Some(Operator)),
            (json!({"roles": ["see", "x", "act"]}), Some(Operator)),
            (json!({"roles": ["see", "audit"]}), Some(Security)),
            (json!({"roles": ["act", "audit"]}), None),
            (json!({"roles": ["actor", "ACT", " act"]}), None),
            (json!({"roles": "see act"}), None),
            (json!({"roles": []}), None),
            (json!({"roles": {"act": true}}), None),
            (json!({"roles": [["act"]]}), None),
            (json!({"role": ["act"]}), None),
            (json!({}), None),
        ] {
            assert_eq!(role("roles", &claims), expected, "{claims}");
        }
    }

    #[test]
    fn a_claim_can_be_inside_another_or_have_dots_in_its_name() {
        let inside = json!({"realm_access": {"roles": ["act"]}});
        assert_eq!(role("realm_access.roles", &inside), Some(OperatorRole::Operator));
        let url = json!({"https://idp.example/roles": ["see"]});
        assert_eq!(role("https://idp.example/roles", &url), Some(OperatorRole::Viewer));
        assert_eq!(role("realm_access.groups", &inside), None);
    }
}
