//! What the way back needs: templates, and which state may follow which.

use serde_json::Value;

use super::referral::ReferralGateway;
use crate::domain::ids::Face;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::life_cycle::LifeCycle;
use crate::domain::trial::TrialUpdate;
use crate::mapping::Templates;
use crate::profiles::gate::Gate;
use crate::profiles::inbound;

/// Everything that the events of the trial need beside what referrals need, checked.
#[derive(Debug)]
pub struct TrialMapping {
    /// Compiled templates.
    pub templates: Templates,
    /// Stages of cohorts.
    pub cohorts: LifeCycle,
    /// States on the parent study.
    pub screenings: LifeCycle,
    /// States in a cohort.
    pub enrolments: LifeCycle,
}

impl ReferralGateway {
    /// The resource of an update in a face, checked; `id` is the trial's own, where the trial sees it under that.
    ///
    /// # Errors
    /// What keeps it from being given out: a defect of the mapping.
    pub fn resource_of(&self, update: &TrialUpdate, face: Face, id: Option<&str>) -> Result<Value, Issue> {
        let ids = match face {
            Face::Identified => &self.identified,
            Face::Pseudonymous => &self.pseudonymous,
        };
        let defect = |text: &str| Issue::new(IssueCode::MappingProfileFailed, Location::default(), text);
        let mut rendered = self.trial.templates.render(update, ids);
        let (Some(one), true) = (rendered.pop(), rendered.is_empty()) else {
            return Err(defect("no template, or more than one, makes a resource of what the trial tells"));
        };
        let mut resource: Value =
            serde_json::from_str(&one.json).map_err(|_| defect("a template makes no JSON of what the trial tells"))?;
        if let (Some(id), Some(own)) = (id, resource.get_mut("id")) {
            *own = Value::from(id);
        }
        // What it refers to stands beside it in the store.
        let is_wrong =
            |issue: &Issue| issue.code.severity() >= Severity::Error && issue.code != IssueCode::ReferenceUnresolved;
        let found = self.validator.validate(&resource, &[]).into_iter().find(is_wrong);
        match found {
            None => Ok(resource),
            Some(issue) => {
                // Code and place only: the words may be of the trial.
                Err(Issue::new(IssueCode::MappingProfileFailed, issue.location, issue.code.as_str()))
            }
        }
    }

    /// What is wrong with a resource of the trial, by the profile that it is read by: that one it claims, under the canonical of
    /// this deployment and no other, or it would not have been checked.
    pub(super) fn conforms(&self, resource: &Value, profile: &str) -> Vec<Issue> {
        let form = self.validator.form();
        let end = format!("/StructureDefinition/{profile}");
        let known = form.profiles.keys().find(|url| url.ends_with(&end));
        let claims = resource.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array);
        let is_claimed = |url: &str| {
            let claims = claims.into_iter().flatten().filter_map(Value::as_str);
            claims.map(|claim| claim.split('|').next().unwrap_or_default()).any(|claim| claim == url)
        };
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        // The parent study is of no profile of the gateway.
        if profile != kind && !known.is_some_and(|url| is_claimed(url)) {
            let location = Location::path(&format!("{kind}.meta.profile"));
            let text = format!("the resource does not claim {profile} of this installation");
            return vec![Issue::new(IssueCode::TrialProfileMissing, location, text)];
        }
        let gate = Gate::of(form, &self.schemas);
        // What it refers to need not come with it.
        let is_own = |issue: &Issue| issue.code != IssueCode::ReferenceUnresolved;
        inbound::check(&gate, &self.validator, resource).into_iter().filter(is_own).collect()
    }
}
