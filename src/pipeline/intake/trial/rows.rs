//! Rows of what the trial tells, in the two faces.

use serde_json::Value;

use super::super::stored::{self, Belongs};
use super::super::{Intake, hash_of};
use super::work::Work;
use super::{Refused, named};
use crate::domain::cohort::Cohort;
use crate::domain::disposition::Disposition;
use crate::domain::enrolment::TrialSubject;
use crate::domain::evaluation::Evaluation;
use crate::domain::ids::Face;
use crate::domain::trial::{ParentStudy, TrialUpdate};
use crate::fhir::ids::ResourceIds;
use crate::journal::{JournalError, NewResource, PUBLIC, Scope, TRIAL};
use crate::linking::trial::Shown;

/// What stands for the time of an event where only the rest is compared.
const TIMELESS: &str = "1970-01-01T00:00:00Z";

/// The version of a resource as the trial sees it.
pub(super) async fn version(intake: &Intake, kind: &str, id: &str) -> Result<Option<i64>, JournalError> {
    let scope = Scope { owners: Some(vec![TRIAL.to_owned()]), trust: None };
    let row = intake.journal.read(scope, kind.to_owned(), id.to_owned()).await?;
    Ok(row.filter(|row| row.owner == TRIAL && row.json.is_some()).map(|row| row.version))
}

/// Whose a row is.
pub(super) struct Place<'a> {
    pub(super) owner: &'a str,
    pub(super) case: Option<&'a str>,
    pub(super) patient: Option<&'a str>,
}

impl Place<'_> {
    pub(super) const OF_TRIAL: Place<'static> = Place { owner: TRIAL, case: None, patient: None };
    const OF_ALL: Place<'static> = Place { owner: PUBLIC, case: None, patient: None };
}

/// A row of a resource.
pub(super) fn row(intake: &Intake, resource: &Value, place: &Place<'_>, now: jiff::Timestamp) -> NewResource {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ids = &intake.referrals.identified;
    let belongs = Belongs { owner: place.owner, case: place.case, patient: place.patient, ids, now };
    stored::resource((text("resourceType"), text("id")), resource, belongs)
}

fn study(ids: &ResourceIds, id: &str) -> String {
    format!("ResearchStudy/{}", ids.id("ResearchStudy", &named("cohort", id), ""))
}

impl Work<'_> {
    /// Renders; a defect of the mapping holds the message.
    pub(super) fn rendered(&self, update: &TrialUpdate, face: Face, id: Option<&str>) -> Result<Value, Refused> {
        self.intake.referrals.resource_of(update, face, id).map_err(|defect| {
            // What the words are about is the trial's own.
            Refused::No(503, Disposition::HeldMappingDefect, vec![defect])
        })
    }

    pub(super) fn put(&mut self, resource: &Value, place: &Place<'_>) {
        let row = row(self.intake, resource, place, self.now);
        self.change.resources.push(row);
    }

    pub(super) fn study_rows(&mut self, told: &ParentStudy, id: &str) -> Result<(), Refused> {
        let update = TrialUpdate { study: Some(told.clone()), ..TrialUpdate::default() };
        let shown = self.rendered(&update, Face::Identified, None)?;
        let own = self.rendered(&update, Face::Pseudonymous, Some(id))?;
        self.put(&shown, &Place::OF_ALL);
        self.put(&own, &Place::OF_TRIAL);
        Ok(())
    }

    /// A cohort: in full for the trial, without what was counted for everybody, and with a number and time of what they see.
    pub(super) fn cohort_rows(&mut self, told: &Cohort, before: &Shown) -> Result<Shown, Refused> {
        let ids = &self.intake.referrals.identified;
        let mut public = told.public();
        public.parent = study(ids, &told.parent_id);
        for site in &mut public.sites {
            let own = site.reference.take();
            site.reference = own.map(|id| format!("Location/{}", ids.id("Location", &named("site", &id), "")));
        }
        let mut own = told.clone();
        own.parent = format!("ResearchStudy/{}", told.parent_id);
        for site in &mut own.sites {
            site.reference = site.reference.take().map(|id| format!("Location/{id}"));
        }
        let update = |public: Cohort| TrialUpdate { public_cohort: Some(public), ..TrialUpdate::default() };
        // The same whenever it was told: what is compared with what was shown before.
        let timeless = Cohort { sequence: 1, occurred: TIMELESS.to_owned(), ..public.clone() };
        let timeless = self.rendered(&update(timeless), Face::Identified, None)?;
        let shown = before.then(hash_of(timeless.to_string().as_bytes()), &told.occurred);
        let public = update(Cohort { sequence: shown.number, occurred: shown.occurred.clone(), ..public });
        let own = TrialUpdate { cohort: Some(own), ..TrialUpdate::default() };
        let public = self.rendered(&public, Face::Identified, None)?;
        let own = self.rendered(&own, Face::Pseudonymous, Some(&told.trial_id))?;
        self.put(&public, &Place::OF_ALL);
        self.put(&own, &Place::OF_TRIAL);
        Ok(shown)
    }

    /// A patient on a study: as the trial has it, and for the trust of each referral that it is a word of.
    pub(super) fn subject_rows(&mut self, told: &TrialSubject, referrals: &[String]) -> Result<(), Refused> {
        let update = |study: String, patient: String| {
            let subject = Some(TrialSubject { study, patient, ..told.clone() });
            match told.is_enrolment {
                true => TrialUpdate { enrolment: subject, ..TrialUpdate::default() },
                false => TrialUpdate { screening: subject, ..TrialUpdate::default() },
            }
        };
        let own = update(format!("ResearchStudy/{}", told.study_id), format!("Patient/{}", told.patient_id));
        let own = self.rendered(&own, Face::Pseudonymous, Some(&told.trial_id))?;
        self.put(&own, &Place::OF_TRIAL);
        let study = study(&self.intake.referrals.identified, &told.study_id);
        for key in referrals {
            let case = self.referral(key)?;
            let update = update(study.clone(), format!("Patient/{}", case.patient));
            let shown = self.rendered(&update, Face::Identified, None)?;
            self.put(
                &shown,
                &Place { owner: case.owner_of_resources(), case: Some(key), patient: Some(&case.patient) },
            );
        }
        Ok(())
    }

    /// An evaluation: likewise, for each referral that hears of the patient.
    pub(super) fn evaluation_rows(&mut self, told: &Evaluation, referrals: &[String]) -> Result<(), Refused> {
        let update = |cohort: String, patient: String| TrialUpdate {
            evaluation: Some(Evaluation { cohort, patient, ..told.clone() }),
            ..TrialUpdate::default()
        };
        let own = update(format!("ResearchStudy/{}", told.cohort_id), format!("Patient/{}", told.patient_id));
        let own = self.rendered(&own, Face::Pseudonymous, Some(&told.trial_id))?;
        self.put(&own, &Place::OF_TRIAL);
        let cohort = study(&self.intake.referrals.identified, &told.cohort_id);
        for key in referrals {
            let case = self.referral(key)?;
            let shown = update(cohort.clone(), format!("Patient/{}", case.patient));
            let shown = self.rendered(&shown, Face::Identified, None)?;
            self.put(
                &shown,
                &Place { owner: case.owner_of_resources(), case: Some(key), patient: Some(&case.patient) },
            );
        }
        Ok(())
    }
}
