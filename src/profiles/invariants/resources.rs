//! Contained resources, Parameters, List, Group and AuditEvent.

use std::collections::HashSet;

use crate::fhir::value::Value;

use super::tree::{all, exists, has_choice, is, text, visit_descendants};
use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("dom-2", dom_2),
    ("dom-3", dom_3),
    ("dom-4", dom_4),
    ("dom-5", dom_5),
    ("inv-1", inv_1),
    ("lst-1", lst_1),
    ("lst-2", lst_2),
    ("lst-3", lst_3),
    ("grp-1", grp_1),
    ("sev-1", sev_1),
];

/// dom-2: `contained.contained.empty()`
fn dom_2(resource: &Value, _: &Context<'_>) -> bool {
    !all(resource, "contained").iter().any(|contained| exists(contained, "contained"))
}

/// dom-3: `contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) |
/// %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or
/// descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not())
/// .trace('unmatched', id).empty()`
///
/// JSON does not tell a canonical, uri or url from other text, so any text `#id` counts. A contained resource without id
/// makes the condition empty, which leaves it out.
fn dom_3(resource: &Value, _: &Context<'_>) -> bool {
    if all(resource, "contained").is_empty() {
        return true;
    }
    let mut named = HashSet::new();
    visit_descendants(resource, &mut |value| {
        named.extend(value.as_str().and_then(|text| text.strip_prefix('#')));
    });
    all(resource, "contained").iter().all(|contained| {
        let names_container = || {
            let mut found = false;
            visit_descendants(contained, &mut |value| found |= value.as_str() == Some("#"));
            found
        };
        text(contained, "id").is_none_or(|id| named.contains(id) || names_container())
    })
}

/// dom-4: `contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()`
fn dom_4(resource: &Value, _: &Context<'_>) -> bool {
    !contained_meta_has(resource, "versionId") && !contained_meta_has(resource, "lastUpdated")
}

/// dom-5: `contained.meta.security.empty()`
fn dom_5(resource: &Value, _: &Context<'_>) -> bool {
    !contained_meta_has(resource, "security")
}

/// inv-1 of Parameters.parameter: `(part.exists() and value.empty() and resource.empty()) or (part.empty() and
/// (value.exists() xor resource.exists()))`; the key is Task's too, see [`super::clinical::task_inv_1`].
fn inv_1(element: &Value, context: &Context<'_>) -> bool {
    if is(element, "resourceType", "Task") {
        return super::clinical::task_inv_1(element, context);
    }
    let (has_value, has_resource) = (has_choice(element, "value"), exists(element, "resource"));
    if exists(element, "part") { !has_value && !has_resource } else { has_value != has_resource }
}

/// lst-1: `emptyReason.empty() or entry.empty()`
fn lst_1(list: &Value, _: &Context<'_>) -> bool {
    !exists(list, "emptyReason") || !exists(list, "entry")
}

/// lst-2: `mode = 'changes' or entry.deleted.empty()`
fn lst_2(list: &Value, _: &Context<'_>) -> bool {
    is(list, "mode", "changes") || !all(list, "entry").iter().any(|entry| exists(entry, "deleted"))
}

/// lst-3: `mode = 'working' or entry.date.empty()`
fn lst_3(list: &Value, _: &Context<'_>) -> bool {
    is(list, "mode", "working") || !all(list, "entry").iter().any(|entry| exists(entry, "date"))
}

/// grp-1: `member.empty() or (actual = true)`
fn grp_1(group: &Value, _: &Context<'_>) -> bool {
    !exists(group, "member") || group.get("actual") == Some(&Value::Bool(true))
}

/// sev-1 of AuditEvent.entity: `name.empty() or query.empty()`
fn sev_1(entity: &Value, _: &Context<'_>) -> bool {
    !exists(entity, "name") || !exists(entity, "query")
}

fn contained_meta_has(resource: &Value, name: &str) -> bool {
    all(resource, "contained").iter().flat_map(|contained| all(contained, "meta")).any(|meta| exists(meta, name))
}
