//! Findings, performance status, warnings.

use crate::domain::decimal::Decimal;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::moment::Moment;
use crate::domain::personal::Personal;
use crate::domain::referral::allergy::NO_KNOWN_ALLERGIES;
use crate::domain::referral::{ClinicalItem, PerformanceStatus, Referral};
use crate::fhir::systems::PERFORMANCE_STATUS;
use crate::sources::ehr_fhir::reader::Reader;
use crate::sources::ehr_fhir::referral::Key;
use crate::sources::ehr_fhir::scope::Scope;
use crate::sources::ehr_fhir::tree::Node;

/// Kinds of clinical information.
const KINDS: &str = "8233";
/// Answers of the ECOG performance status and their grades.
const GRADES: &str = "ecog-answers";
/// Highest grade of the ECOG performance status.
const ECOG_MAX: u64 = 5;
/// Status of an Observation that has no result yet.
const REGISTERED: &str = "registered";
/// Values of an Observation in words.
const VALUES: [(&str, &str); 12] = [
    ("valueCodeableConcept", ""),
    ("valueString", ""),
    ("valueBoolean", ""),
    ("valueInteger", ""),
    ("valueRange", ""),
    ("valueRatio", ""),
    ("valueDateTime", ""),
    ("valueTime", ""),
    ("valuePeriod", ""),
    ("dataAbsentReason", "No value"),
    ("interpretation", "Interpretation"),
    ("referenceRange", "Reference range"),
];

impl<'d> Reader<'d> {
    /// The newest assessment of the performance status; every other Observation is a finding.
    pub(in crate::sources::ehr_fhir) fn observations(&self, referral: &mut Referral, scope: &Scope<'d>, key: Key<'_>) {
        let mut found = self.usable("Observation", scope);
        // Nothing was assessed yet where one is only registered (FHIR R4, observation-status).
        let is_assessed = |node: &Node<'d>| node.peek("status") != Some(REGISTERED);
        let statuses = found.iter().copied().filter(|node| is_performance_status(*node)).filter(is_assessed);
        let when = |node: &Node<'d>| effective(*node).and_then(|node| Moment::parse(node.value().as_str()?));
        let newest = statuses.rev().max_by_key(|node| when(node).map(|moment| (moment.last, moment.first)));
        if let Some(node) = newest
            && let Some(status) = self.performance_status(node, key)
        {
            referral.performance_status = Some(status);
            found.retain(|other| *other != node);
        }
        for (index, node) in found.into_iter().enumerate() {
            let identity = key.nth("clinical-item", index);
            let item = self.held(&identity, || self.observation(node, identity.clone()));
            referral.clinical_items.push(item);
        }
    }

    fn performance_status(&self, node: Node<'d>, key: Key<'_>) -> Option<PerformanceStatus> {
        let coded = node.child("valueCodeableConcept").into_iter().flat_map(|it| it.all("coding"));
        let by_code = coded
            .filter_map(|coding| coding.peek("code"))
            .find_map(|code| self.context.code_tables.lookup(GRADES, code)?.property("grade")?.parse::<u64>().ok());
        let number = node.child("valueInteger").or_else(|| node.at(&["valueQuantity", "value"]));
        let by_number = number.and_then(|it| it.value().as_u64());
        let Some(grade) = by_code.or(by_number).filter(|grade| *grade <= ECOG_MAX) else {
            let text = format!("no grade of the ECOG performance status, 0 to {ECOG_MAX}");
            self.issue(IssueCode::EhrFhirValueInvalid, node, text);
            return None;
        };
        let identity = key.part("performance-status");
        Some(self.held(&identity, || {
            let names =
                ["status", "category", "code", "subject", "valueCodeableConcept", "valueInteger", "valueQuantity"];
            names.into_iter().filter_map(|name| node.child(name)).for_each(Node::take);
            let assessed = effective(node).and_then(Node::text);
            PerformanceStatus { identity: identity.clone(), grade, assessed }
        }))
    }

    fn observation(&self, node: Node<'d>, identity: Identity) -> ClinicalItem {
        let mut coded = self.child_coded(node, "code");
        let mut kind = coded.take_volven(KINDS);
        let is_only_kind = coded.codes.is_empty() && kind.is_some();
        for category in node.all("category") {
            let mut category = self.coded(category);
            kind = kind.or_else(|| category.take_volven(KINDS));
        }
        let named = coded.codes.first().and_then(|code| code.display.clone());
        let title = node.at(&["code", "text"]).and_then(Node::text).filter(|_| !is_only_kind);
        let mut texts: Vec<String> = title.filter(|title| Some(title) != named.as_ref()).into_iter().collect();
        let status =
            node.child_text("status").filter(|status| !matches!(status.as_str(), "final" | "amended" | "corrected"));
        texts.extend(status.map(|status| format!("({status})")));
        let (value, unit, comparator) = self.quantity(node, &mut texts);
        texts.extend(self.labelled(node, &VALUES));
        for component in node.all("component") {
            let label = self.child_coded(component, "code");
            let label = label.text.or_else(|| label.codes.first().map(|code| code.code.clone())).unwrap_or_default();
            let mut said = Vec::new();
            said.extend(component.child("valueQuantity").and_then(|it| self.words(it)));
            said.extend(self.labelled(component, &VALUES));
            texts.push(format!("{label}: {}", said.join("; ")));
        }
        texts.extend(self.labelled(node, &[("bodySite", "Body site"), ("method", "Method"), ("note", "")]));
        node.child("subject").into_iter().for_each(Node::take);
        let period = node.at(&["effectivePeriod", "start"]).and_then(Node::text);
        ClinicalItem {
            identity,
            kind,
            codes: coded.codes,
            text: (!texts.is_empty()).then(|| Personal::new(texts.join("\n"))),
            value,
            comparator,
            unit,
            date: node.child_text("effectiveDateTime").or_else(|| node.child_text("effectiveInstant")).or(period),
        }
    }

    /// A quantity without comparator is a number; with one, it is also said in words.
    fn quantity(&self, node: Node<'d>, texts: &mut Vec<String>) -> (Option<Decimal>, Option<String>, Option<String>) {
        let Some(quantity) = node.child("valueQuantity") else { return (None, None, None) };
        let value = quantity.child("value").and_then(Node::text);
        let number = value.as_deref().and_then(|value| Decimal::parse(value).ok());
        let is_exact = quantity.peek("comparator").is_none();
        if value.is_some() && number.is_none() {
            self.issue(IssueCode::EhrFhirValueInvalid, quantity, "the number cannot be kept as it is written");
        }
        match number.filter(|_| is_exact) {
            Some(number) => {
                quantity.take();
                (Some(number), quantity.child_text("unit").or_else(|| quantity.child_text("code")), None)
            }
            None => {
                let unit = quantity.child_text("unit").or_else(|| quantity.child_text("code"));
                let comparator = quantity.child_text("comparator");
                let number = value.as_deref().and_then(|value| Decimal::parse(value).ok());
                let parts = [comparator.clone(), value, unit.clone()];
                texts.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
                quantity.take();
                // FHIR R4, quantity-comparator; the conformance of the Bundle was checked before.
                if number.is_some() { (number, unit, comparator) } else { (None, None, None) }
            }
        }
    }

    pub(in crate::sources::ehr_fhir) fn precautions(&self, referral: &mut Referral, scope: &Scope<'d>, key: Key<'_>) {
        for node in self.usable("AllergyIntolerance", scope).into_iter().chain(self.usable("Flag", scope)) {
            let identity = key.nth("precaution", referral.precautions.len());
            let finding = key.nth("clinical-item", referral.clinical_items.len());
            let is_code = |code: &str| self.context.code_tables.lookup(NO_KNOWN_ALLERGIES, code).is_some();
            let holder =
                |item: &ClinicalItem| if item.denies_allergies(is_code) { finding.clone() } else { identity.clone() };
            let item = self.holding(|| self.precaution(node, identity.clone()), holder);
            let identity = holder(&item);
            let list = if identity == finding { &mut referral.clinical_items } else { &mut referral.precautions };
            list.push(ClinicalItem { identity, ..item });
        }
    }

    fn precaution(&self, node: Node<'d>, identity: Identity) -> ClinicalItem {
        let mut coded = self.child_coded(node, "code");
        let mut kind = coded.take_volven(KINDS);
        let is_allergy = node.peek("resourceType") == Some("AllergyIntolerance");
        let names: &[(&str, &str)] = match is_allergy {
            true => &[("type", "Type"), ("category", "Category"), ("criticality", "Criticality"), ("note", "")],
            false => &[],
        };
        let mut texts: Vec<String> = coded.text.take().into_iter().collect();
        let status = node.child_text("status").filter(|status| status != "active");
        texts.extend(status.map(|status| format!("({status})")));
        for (name, usual) in [("clinicalStatus", "active"), ("verificationStatus", "confirmed")] {
            let codings = node.child(name).into_iter().flat_map(|it| it.all("coding"));
            let code = codings.filter_map(|coding| coding.child_text("code")).next();
            texts.extend(code.filter(|code| code != usual).map(|code| format!("({code})")));
            node.child(name).into_iter().for_each(Node::take);
        }
        if !is_allergy {
            for category in node.all("category") {
                let mut category = self.coded(category);
                kind = kind.or_else(|| category.take_volven(KINDS));
            }
        }
        texts.extend(self.labelled(node, names));
        for reaction in node.all("reaction") {
            let names = [("substance", "Substance"), ("manifestation", "Reaction"), ("severity", "Severity")];
            texts.extend(self.labelled(reaction, &names));
            texts.extend(self.labelled(reaction, &[("description", ""), ("note", "")]));
        }
        ["subject", "patient"].into_iter().filter_map(|name| node.child(name)).for_each(Node::take);
        let dates = [("recordedDate", None), ("onsetDateTime", None), ("period", Some("start"))];
        let date = dates.into_iter().find_map(|(name, inner)| {
            let found = node.child(name)?;
            inner.map_or(Some(found), |inner| found.child(inner))?.text()
        });
        ClinicalItem {
            identity,
            kind,
            codes: coded.codes,
            text: (!texts.is_empty()).then(|| Personal::new(texts.join("\n"))),
            date,
            ..ClinicalItem::default()
        }
    }
}

/// When something was observed: at a time, or until the end of a period.
fn effective(node: Node<'_>) -> Option<Node<'_>> {
    let places =
        [&["effectiveDateTime"][..], &["effectiveInstant"], &["effectivePeriod", "end"], &["effectivePeriod", "start"]];
    places.into_iter().find_map(|place| node.at(place))
}

fn is_performance_status(node: Node<'_>) -> bool {
    let codings = node.child("code").into_iter().flat_map(|code| code.all("coding"));
    codings.into_iter().any(|coding| {
        (coding.peek("system"), coding.peek("code")) == (Some(PERFORMANCE_STATUS.0), Some(PERFORMANCE_STATUS.1))
    })
}
