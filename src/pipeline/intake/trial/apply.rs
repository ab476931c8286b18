//! What one resource of the trial does.

use super::Refused;
use super::answer::Done;
use super::rows::{Place, row};
use super::work::Work;
use crate::domain::cohort::Cohort;
use crate::domain::enrolment::{Standing, TrialSubject, is_treated};
use crate::domain::evaluation::Evaluation;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::moment::Moment;
use crate::domain::trial::{Concept, ParentStudy};
use crate::journal::JournalError;
use crate::linking::case::{LinkCase, ReferralCase, subject_key};
use crate::linking::consent::ConsentState;
use crate::linking::trial::{
    TrialCase, TrialPatient, Verdict, cohort_key, decide_cohort, decide_evaluation, decide_subject, decide_task,
    enrolment_key, evaluation_key, instant, milliseconds, patient_key, request_key, site_of,
};
use crate::sources::trial_system::{Event, PatientTold, TaskTold, Told};

use super::super::issue;

/// How a verdict ends: it is taken, is known, or is older.
enum Ending {
    Taken,
    Known,
    Older,
}

fn ending(verdict: Verdict) -> Result<Ending, Refused> {
    let (code, text) = match verdict {
        Verdict::Take => return Ok(Ending::Taken),
        Verdict::Repeat => return Ok(Ending::Known),
        Verdict::Outdated => return Ok(Ending::Older),
        Verdict::Illegal => (IssueCode::TrialTransitionIllegal, "this state cannot follow the one that is known"),
        Verdict::OtherPatient => (IssueCode::LinkPatientChanged, "the resource was about another patient before"),
        Verdict::OrderUnknown => (IssueCode::TrialOrderUnknown, "nothing says whether this version is the newer one"),
        Verdict::Disagrees => (IssueCode::TrialTaskDisagrees, "the patients of the referral say another state"),
    };
    Err(Refused::review(code, text))
}

/// State of who has left a cohort after registration.
const OFF_STUDY: &str = "off-study";

/// What stands for the state of the parent study, which has none.
const STUDY: &str = "study";

/// States of the parent study that only a patient has who was never registered (R4: `withdrawn` is before registration).
const BEFORE_REGISTRATION: [&str; 2] = ["withdrawn", "not-consented"];

fn unknown() -> Refused {
    Refused::review(IssueCode::TrialPatientUnknown, "the gateway has given the trial no such patient or request")
}

impl Work<'_> {
    /// Applies one resource.
    pub(super) fn apply(&mut self, event: &Event) -> Result<(), Refused> {
        let (is_new, ending, mut issues) = match &event.told {
            Told::Study(told) => self.study(event, told)?,
            Told::Cohort(told) => self.cohort(event, told)?,
            Told::Subject(told) => self.subject(event, told)?,
            Told::Evaluation(told) => self.evaluation(event, told)?,
            Told::Task(told) => self.task(event, told)?,
            Told::Patient(told) => self.patient(event, told)?,
        };
        let is_outdated = matches!(ending, Ending::Older);
        let has_effect = matches!(ending, Ending::Taken);
        if is_outdated {
            let text = "a newer event is known; this one changed nothing";
            issues.push(issue(IssueCode::TrialEventOutdated, text));
        }
        let address = format!("{}/{}", event.kind, event.id);
        self.done.push(Done { entry: event.entry, address, is_new, has_effect, is_outdated, issues });
        Ok(())
    }

    fn study(&mut self, event: &Event, told: &ParentStudy) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let key = cohort_key(&self.intake.referrals.identified, &told.identity);
        let known: TrialCase = self.read(&key)?;
        if known.is_known && known.content == event.content {
            return Ok((false, Ending::Known, Vec::new()));
        }
        if known.is_known && known.state != STUDY {
            let text = "a cohort has this id";
            return Err(Refused::review(IssueCode::TrialTransitionIllegal, text));
        }
        self.study_rows(told, &event.id)?;
        self.write(&key, &known.after(STUDY, 0, self.now.as_millisecond(), &event.content))?;
        Ok((!known.is_known, Ending::Taken, Vec::new()))
    }

    fn cohort(&mut self, event: &Event, told: &Cohort) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let key = cohort_key(&self.intake.referrals.identified, &told.identity);
        let known: TrialCase = self.read(&key)?;
        let table = &self.intake.referrals.trial.cohorts;
        let ending = ending(decide_cohort(&known, told, &event.content, table))?;
        let mut issues = Vec::new();
        if matches!(ending, Ending::Taken) {
            let shown = self.cohort_rows(told, &known.shown)?;
            let next = TrialCase { shown, ..known.after_cohort(told, &event.content, table) };
            self.write(&key, &next)?;
            issues.extend(told.disagreement().map(|text| issue(IssueCode::TrialCountsDisagree, text)));
        }
        Ok((!known.is_known, ending, issues))
    }

    fn subject(&mut self, event: &Event, told: &TrialSubject) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let ids = &self.intake.referrals.identified;
        let key = enrolment_key(ids, &told.identity);
        let id = ids.id("ResearchSubject", &told.identity, "").to_string();
        let known: TrialCase = self.read(&key)?;
        let referrals = self.referrals_of(&patient_key(&told.patient_id))?;
        if referrals.is_empty() {
            return Err(unknown());
        }
        let trial = &self.intake.referrals.trial;
        let table = if told.is_enrolment { &trial.enrolments } else { &trial.screenings };
        let ending = ending(decide_subject(&known, told, &event.content, table))?;
        let mut issues = Vec::new();
        if matches!(ending, Ending::Taken) {
            let is_early = !told.is_enrolment && BEFORE_REGISTRATION.contains(&told.state.as_str());
            if is_early && self.is_registered(&told.patient_id, &referrals)? {
                let text =
                    "the patient was treated in a cohort: who then leaves the trial is off study, with the reason";
                return Err(Refused::review(IssueCode::TrialTransitionIllegal, text));
            }
            self.write(&key, &known.after_subject(told, &event.content))?;
            let was_treated = told.tells_treatment() || known.history.iter().any(|step| is_treated(&step.state));
            let (heard, noted) = self.stands(told, &id, was_treated, &self.hearing(&referrals)?)?;
            self.subject_rows(told, &heard)?;
            issues = noted;
        }
        Ok((!known.is_known, ending, issues))
    }

    /// Keeps where the patient stands: of the patient, for referrals that come later, and of those that it is a word about, which
    /// are returned with what there is to say.
    fn stands(
        &mut self,
        told: &TrialSubject,
        id: &str,
        was_treated: bool,
        hearing: &[String],
    ) -> Result<(Vec<String>, Vec<Issue>), Refused> {
        let key = patient_key(&told.patient_id);
        let mut patient: TrialPatient = self.read(&key)?;
        let reason = told.reason().map(Concept::words).filter(|words| !words.is_empty()).map(str::to_owned);
        let (state, at) = (told.state.clone(), instant(&told.occurred));
        let standing = patient.stand(id, Standing { state, at, is_enrolment: told.is_enrolment, reason });
        patient.is_treated |= was_treated;
        self.write(&key, &patient)?;
        let (mut heard, mut issues) = (Vec::new(), Vec::new());
        for key in hearing {
            let mut case = self.referral(key)?;
            issues.extend(without_consent(&case));
            if patient.is_treated {
                case.progress = case.progress.max(2);
            }
            if case.trial.hear(id, &standing, at, &patient) {
                // Before referrals kept it, the patient did: of the first referral it is the same.
                case.trial.is_treated |= was_treated || (patient.is_treated && case.trial.since.is_none());
                self.moved.insert(key.clone());
                heard.push(key.clone());
            }
            self.concerns(&case);
            self.write(key, &case)?;
        }
        Ok((heard, issues))
    }

    /// Whether the patient has been registered in a cohort, by whatever referral.
    fn is_registered(&self, patient: &str, referrals: &[String]) -> Result<bool, JournalError> {
        let mut is_registered = self.read::<TrialPatient>(&patient_key(patient))?.is_treated;
        for key in referrals {
            let standings = self.referral(key)?.trial.standings;
            // Off study in a cohort is after registration, too, though nothing else was told of it.
            let was_in = |state: &str| is_treated(state) || state == OFF_STUDY;
            is_registered |= standings.values().any(|standing| standing.is_enrolment && was_in(&standing.state));
        }
        Ok(is_registered)
    }

    fn evaluation(&mut self, event: &Event, told: &Evaluation) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let key = evaluation_key(&self.intake.referrals.identified, &told.identity);
        let known: TrialCase = self.read(&key)?;
        let referrals = self.referrals_of(&patient_key(&told.patient_id))?;
        if referrals.is_empty() {
            return Err(unknown());
        }
        let issued = told.issued.as_deref().and_then(|issued| issued.parse().ok());
        let ending = ending(decide_evaluation(&known, issued, &told.patient_id, &event.content))?;
        let mut issues = Vec::new();
        if matches!(ending, Ending::Taken) {
            let hearing = self.hearing(&referrals)?;
            let given = self.given(told, &known, hearing)?;
            self.evaluation_rows(told, &given)?;
            // A referral that is taken at the same moment is not passed over.
            let patient = patient_key(&told.patient_id);
            let link: TrialPatient = self.read(&patient)?;
            self.write(&patient, &link)?;
            let sequence = issued.map_or(0, milliseconds);
            let mut next = known.after(&told.status, sequence, self.now.as_millisecond(), &event.content);
            next.patient.clone_from(&told.patient_id);
            next.given.get_or_insert_default().extend(given.iter().cloned());
            self.write(&key, &next)?;
            for key in &given {
                let case = self.referral(key)?;
                issues.extend(without_consent(&case));
                self.concerns(&case);
            }
            if told.has_disagreement() {
                let text = "the criteria disagree about disease control";
                issues.push(issue(IssueCode::TrialCountsDisagree, text));
            }
        }
        Ok((!known.is_known, ending, issues))
    }

    /// The referrals among those that hear of the patient that an evaluation is of: not those that came after it was made.
    fn given(&self, told: &Evaluation, known: &TrialCase, hearing: Vec<String>) -> Result<Vec<String>, JournalError> {
        let last = Moment::parse(&told.effective).map(|made| made.last.as_millisecond());
        let mut given = Vec::new();
        for key in hearing {
            let was_given = known.given.as_ref().map_or(known.is_known, |given| given.contains(&key));
            if was_given || self.referral(&key)?.trial.finds(last) {
                given.push(key);
            }
        }
        Ok(given)
    }

    fn task(&mut self, event: &Event, told: &TaskTold) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let referrals = self.referrals_of(&request_key(&told.referral_id))?;
        let [key] = referrals.as_slice() else { return Err(unknown()) };
        let mut case = self.referral(key)?;
        if case.subject != told.patient_id {
            return Err(unknown());
        }
        let at = instant(&told.modified);
        let ending = ending(decide_task(&case, &told.state, at, &event.content))?;
        let is_new = case.trial.task_id.is_empty() && !self.is_own_task(key, &event.id);
        let mut issues = Vec::new();
        if matches!(ending, Ending::Taken) {
            let side = &mut case.trial;
            let reason = told.reason.as_ref().map(|reason| reason.words().to_owned()).filter(|words| !words.is_empty());
            if told.state == "rejected" && side.stand().state != "rejected" {
                side.rejected = Some(Standing { state: told.state.clone(), at, is_enrolment: false, reason: None });
            }
            side.task_reason = reason.map(|reason| (told.state.clone(), reason));
            let was_at_trial = side.is_at_trial();
            side.task_modified = at;
            side.task_content.clone_from(&event.content);
            // Under the trial's own name from now on, and under one name only.
            let id = if self.is_own_task(key, &event.id) { String::new() } else { event.id.clone() };
            let old = std::mem::replace(&mut case.trial.task_id, id);
            if was_at_trial && old != case.trial.task_id {
                let old = if old.is_empty() { self.own_task(key) } else { old };
                let gone = serde_json::json!({"resourceType": "Task", "id": old});
                let mut gone = row(self.intake, &gone, &Place::OF_TRIAL, self.now);
                gone.json = None;
                self.change.resources.push(gone);
            }
            issues.extend(without_consent(&case));
            self.write(key, &case)?;
            self.moved.insert(key.clone());
        }
        Ok((is_new, ending, issues))
    }

    fn patient(&mut self, event: &Event, told: &PatientTold) -> Result<(bool, Ending, Vec<Issue>), Refused> {
        let key = patient_key(&event.id);
        let referrals = self.referrals_of(&key)?;
        if referrals.is_empty() {
            return Err(unknown());
        }
        let hearing = self.hearing(&referrals)?;
        let mut known: TrialPatient = self.read(&key)?;
        let is_new = known.subject.is_none();
        if let Some(subject) = &told.subject {
            let link_key = subject_key(&self.intake.referrals.identified, subject.as_str());
            let mut link: LinkCase = self.read(&link_key)?;
            let has_other = known.subject.as_ref().is_some_and(|known| *known != link_key);
            if has_other || link.referrals.iter().any(|referral| !referrals.contains(referral)) {
                let text = "the study subject id is that of another patient, or the patient has another one";
                return Err(Refused::review(IssueCode::TrialSubjectIdTaken, text));
            }
            let site = site_of(subject, &self.intake.referrals.trusts).map_err(|_| {
                let text = "no inclusion site has the letter of the study subject id";
                Refused::review(IssueCode::LinkSiteUnknown, text)
            })?;
            if let Some(trust) = site {
                // Once for each referral: what an operator has ended stays ended.
                let fresh = |key: &&String| (is_new || !link.referrals.contains(key)) && !known.included.contains(key);
                let fresh: Vec<String> = hearing.iter().filter(fresh).cloned().collect();
                self.include(&fresh, &trust.id)?;
                known.included.extend(fresh);
            }
            // Of a referral that the trial is shown later, too.
            known.site = site.map(|trust| trust.id.clone());
            let mut is_changed = false;
            for key in &hearing {
                is_changed |= link.lead(key, &mut self.follow);
            }
            if is_changed {
                self.write(&link_key, &link)?;
            }
            known.subject = Some(link_key);
        }
        // Also where it is the same: of two writes at one moment, the second is decided on what the first has left.
        self.write(&key, &known)?;
        for key in &hearing {
            let case = self.referral(key)?;
            self.concerns(&case);
        }
        self.put(&told.resource, &Place::OF_TRIAL);
        Ok((is_new, Ending::Taken, Vec::new()))
    }

    /// Lets the trust of the inclusion site see the referrals of other trusts.
    fn include(&mut self, referrals: &[String], trust: &str) -> Result<(), Refused> {
        for key in referrals {
            let case = self.referral(key)?;
            if case.trust.as_deref() != Some(trust) {
                self.granted.insert((key.clone(), trust.to_owned()));
            }
        }
        Ok(())
    }

    /// Id of the gateway's own Task of a referral, as the trial sees it.
    pub(super) fn own_task(&self, key: &str) -> String {
        let identity = crate::linking::trial::task_identity(key);
        self.intake.referrals.pseudonymous.id("Task", &identity, "").to_string()
    }

    fn is_own_task(&self, key: &str, id: &str) -> bool {
        self.own_task(key) == id
    }
}

/// The gateway stops what it sends without a consent; what the trial tells of its own patient it takes.
fn without_consent(case: &ReferralCase) -> Option<Issue> {
    let text = "the gateway knows of no consent of the patient that holds";
    (case.consent.state != ConsentState::Given).then(|| issue(IssueCode::TrialConsentMissing, text))
}
