//! The patient's consent to research.

use std::cmp::Ordering;

use super::reader::Reader;
use super::referral::Key;
use super::scope::Scope;
use super::tree::{Fate, Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::referral::Consent;
use crate::fhir::systems::{CONSENT_DOCUMENT, OPT_IN, OPT_OUT, RESEARCH_SCOPE};

/// Length of a date that names a day.
const DAY: usize = 10;

/// What one Consent says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    state: &'static str,
    date: Option<String>,
    remark: Option<String>,
}

impl<'d> Reader<'d> {
    /// The consent: the newest statement of the patient where several differ; unknown wherever there is doubt, since unknown
    /// sends nothing to the trial.
    pub(super) fn consent(&self, scope: &Scope<'d>, key: Key<'_>, generated: Option<&str>) -> Consent {
        let mut found: Vec<(Part, Option<Said>)> = Vec::new();
        for resource in self.usable("Consent", scope) {
            if !codings(resource, "scope").contains(&RESEARCH_SCOPE) {
                let text = "a Consent to something else than research was not used";
                self.leave_out(IssueCode::EhrFhirResourceUnread, resource, text);
                continue;
            }
            let part = self.document.part();
            self.document.decide(part, Fate::Listed(IssueCode::EhrFhirConsentUnclear));
            let said = self.document.within(part, || said(resource, generated));
            if said.is_none() {
                let text = "what the Consent says needs a person: it is told as unknown";
                self.issue(IssueCode::EhrFhirConsentUnclear, resource, text);
            }
            found.push((part, said));
        }
        let identity = key.part("consent");
        match self.newest(&found, scope) {
            Some(said) => {
                // One resource tells what all of them come to.
                found.iter().for_each(|(part, _)| self.document.decide(*part, Fate::Held(identity.clone())));
                told(said, identity)
            }
            None => Consent::unknown(identity),
        }
    }

    /// What holds of several Consents: what all say, otherwise the newest where each has a date.
    fn newest<'s>(&self, found: &'s [(Part, Option<Said>)], scope: &Scope<'d>) -> Option<&'s Said> {
        let all: Option<Vec<&Said>> = found.iter().map(|(_, said)| said.as_ref()).collect();
        let all = all?;
        all.first()?;
        let overtakes = |said: &&&Said| {
            let others = all.iter().filter(|other| other.state != said.state);
            let mut orders = others.map(|other| order(said.date.as_deref(), other.date.as_deref()));
            orders.all(|order| order == Some(Ordering::Greater))
        };
        let newest = all.iter().find(overtakes).copied();
        if newest.is_none() {
            let text = "several Consents differ, and nothing says which is the newest: told as unknown";
            self.issue(IssueCode::EhrFhirConsentUnclear, scope.patient, text);
        }
        newest
    }
}

fn told(said: &Said, identity: Identity) -> Consent {
    let status = match said.state {
        "given" => "active",
        "refused" => "rejected",
        _ => "inactive",
    };
    let (date, remark) = (said.date.clone(), said.remark.clone());
    Consent { identity, state: said.state.to_owned(), status: Some(status.to_owned()), date, remark }
}

/// The state of a Consent; none where it has rules or conditions that nobody but a person can weigh.
///
/// FHIR R4: `active` holds, `rejected` was refused, `inactive` held once; the rule at the root permits or denies, and rules
/// inside it are exceptions.
fn said(resource: Node<'_>, generated: Option<&str>) -> Option<Said> {
    let status = resource.child_text("status").unwrap_or_default();
    ["scope", "category", "patient", "policyRule", "organization", "provision"]
        .into_iter()
        .filter_map(|name| resource.child(name))
        .for_each(Node::take);
    let date = resource.child_text("dateTime");
    let remark = resource.at(&["policyRule", "text"]).and_then(Node::text);
    let verified = resource.all("verification").into_iter().filter_map(|it| it.child("verified"));
    let is_unverified = verified.into_iter().any(|it| it.value().as_bool() == Some(false));
    let provision = resource.child("provision");
    let is_condition = |name: &str| !matches!(name, "type" | "period");
    let has_exceptions =
        provision.and_then(|it| it.value().as_object()).is_some_and(|it| it.keys().any(|name| is_condition(name)));
    let until = provision.and_then(|it| it.at(&["period", "end"])).and_then(|it| it.value().as_str());
    let from = provision.and_then(|it| it.at(&["period", "start"])).and_then(|it| it.value().as_str());
    let is_over = until.is_some() && order(until, generated) != Some(Ordering::Greater);
    let is_early = from.is_some() && (generated.is_none() || order(from, generated) == Some(Ordering::Greater));
    let opts_out = codings(resource, "policyRule").iter().any(|policy| OPT_OUT.contains(policy));
    let is_of_trial = is_of_trial(resource);
    let denies = opts_out || provision.and_then(|it| it.peek("type")) == Some("deny");
    let state = match status.as_str() {
        "rejected" => "refused",
        "inactive" => "withdrawn",
        "active" if denies && !has_exceptions => "refused",
        "active" if is_of_trial && !denies && !has_exceptions && !is_unverified && !is_over && !is_early => "given",
        _ => return None,
    };
    Some(Said { state, date, remark })
}

/// Whether a Consent has the form of the consent to the trial: to research and nothing else, a consent document, under no
/// other policy than to opt in. A refusal needs no such form: in doubt, nothing is sent.
fn is_of_trial(resource: Node<'_>) -> bool {
    let (categories, concepts) = (codings(resource, "category"), resource.all("category").len());
    codings(resource, "scope") == [RESEARCH_SCOPE]
        && categories.len() == concepts
        && !categories.is_empty()
        && categories.iter().all(|category| *category == CONSENT_DOCUMENT)
        && codings(resource, "policyRule").iter().all(|policy| *policy == OPT_IN)
}

/// System and code of the codings of an element; empty where one is missing.
fn codings<'d>(resource: Node<'d>, name: &str) -> Vec<(&'d str, &'d str)> {
    let concepts = resource.all(name).into_iter();
    let codings = concepts.flat_map(|concept| concept.all("coding"));
    let text = |coding: Node<'d>, name: &str| coding.peek(name).unwrap_or_default();
    codings.map(|coding| (text(coding, "system"), text(coding, "code"))).collect()
}

/// Which of two dates is later; none where their precision does not tell.
fn order(left: Option<&str>, right: Option<&str>) -> Option<Ordering> {
    let (left, right) = (left?, right?);
    let instant = |text: &str| text.parse::<jiff::Timestamp>().ok();
    if let (Some(left), Some(right)) = (instant(left), instant(right)) {
        return Some(left.cmp(&right)).filter(|order| order.is_ne());
    }
    let shared = left.len().min(right.len()).min(DAY);
    Some(left.get(..shared)?.cmp(right.get(..shared)?)).filter(|order| order.is_ne())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_later_only_where_its_precision_tells() {
        for (left, right, expected) in [
            ("2026-03-01T00:30:00+01:00", "2026-02-28T23:45:00Z", Some(Ordering::Less)),
            ("2026-03-01", "2026-02-28T23:45:00Z", Some(Ordering::Greater)),
            ("2026-03-01", "2026-03-01T10:00:00+01:00", None),
            ("2026-03", "2026-03-01", None),
            ("2026", "2025-12-31", Some(Ordering::Greater)),
        ] {
            assert_eq!(order(Some(left), Some(right)), expected, "{left} {right}");
        }
        assert_eq!(order(None, Some("2026")), None);
    }
}
