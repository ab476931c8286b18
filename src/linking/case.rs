//! What the gateway knows of a referral and of what leads to it: the documents that the journal keeps between messages.
//!
//! Keys hold derived ids only: a key is shown in lists and URLs, so no number of a person or requisition stands in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::consent::ConsentStatement;
use super::reply::Reply;
use super::trial::TrialSide;
use super::versions::{Known, Progress};
use crate::domain::ids::Identity;
use crate::domain::moment::Moment;
use crate::fhir::ids::ResourceIds;

/// What is known of one referral.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferralCase {
    /// The newest message that took effect; none while only messages that wait have come.
    pub message: Option<String>,
    /// Id of the Patient in the identified face.
    pub patient: String,
    /// Id of the Patient in the pseudonymous face.
    pub subject: String,
    /// Organisation that refers.
    pub owner: String,
    /// Organisation whose system sent it, as authenticated: its resources are this one's. Empty in what was written before it
    /// was kept.
    pub tenant: String,
    /// Health trust of the organisation, where it is known.
    pub trust: Option<String>,
    /// Health trust that it is sent to, where that is another one in the table: it has a grant.
    pub receiver: Option<String>,
    /// When the newest message was made, in milliseconds since 1970: the first instant that its time can mean.
    pub generated: Option<i64>,
    /// The last one, where that is another: a date alone is the whole day.
    pub generated_last: Option<i64>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// How far the patient is: 0 referred, 1 sequenced, 2 treated.
    pub progress: u8,
    /// Consent.
    pub consent: ConsentStatement,
    /// Destinations that something was decided to be sent to.
    pub sent: Vec<String>,
    /// Messages that wait for the new one.
    pub parked: Vec<String>,
    /// Reports that belong to it.
    pub reports: Vec<String>,
    /// What the trial knows of it and tells about it.
    pub trial: TrialSide,
    /// How its sender is told what became of it; none where that was not kept.
    pub reply: Option<Reply>,
}

impl ReferralCase {
    /// Keeps when the newest message was made.
    pub fn made(&mut self, moment: Option<Moment>) {
        self.generated = moment.map(|moment| moment.first.as_millisecond());
        let last = moment.filter(|moment| moment.last != moment.first);
        self.generated_last = last.map(|moment| moment.last.as_millisecond());
    }

    /// Whose the resources of the case are.
    pub fn owner_of_resources(&self) -> &str {
        if self.tenant.is_empty() { &self.owner } else { &self.tenant }
    }

    fn moment(&self) -> Option<Moment> {
        let instant = |at| jiff::Timestamp::from_millisecond(at).ok();
        let first = instant(self.generated?)?;
        Some(Moment { first, last: self.generated_last.and_then(instant).unwrap_or(first) })
    }

    /// What the decisions about versions need; none while no new message has taken effect.
    ///
    /// `patient` is the identity that has the id `self.patient`, where the message that is decided on has it.
    pub fn known(&self, patient: Option<&Identity>) -> Option<Known> {
        self.message.as_ref()?;
        // Identities are not kept, ids are: another id is another patient.
        let patient = patient.cloned().unwrap_or_else(|| Identity::new("", "other-patient", &[]));
        Some(Known {
            patient,
            generated: self.moment(),
            is_cancelled: self.is_cancelled,
            progress: match self.progress {
                0 => Progress::Referred,
                1 => Progress::Sequenced,
                _ => Progress::Treated,
            },
        })
    }
}

/// What the key of every referral begins with.
const REFERRAL: &str = "referral/";

const REPORTS: &str = "/reports";
const STATUS: &str = "/status";

/// What leads to a referral: a sample, a patient of a laboratory, a requisition, a study subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkCase {
    /// Keys of the referrals that it can lead to, in the order in which they became known.
    pub referrals: Vec<String>,
    /// Messages that wait for one.
    pub waiting: Vec<String>,
    /// Keys of the requisitions that the laboratory named for it: they lead to a referral when it comes.
    pub requisitions: Vec<String>,
    /// Organisation number of who made such a requisition, by its key, where the laboratory named it: its newest word.
    pub requesters: BTreeMap<String, String>,
    /// Whether a person has chosen the referral.
    pub is_chosen: bool,
}

impl LinkCase {
    /// Lets it lead to a referral from now on: false where it does. The messages that wait for one then go on with `follow`.
    pub fn lead(&mut self, referral: &str, follow: &mut Vec<String>) -> bool {
        if self.referrals.iter().any(|known| known == referral) {
            return false;
        }
        self.referrals.push(referral.to_owned());
        follow.append(&mut self.waiting);
        true
    }
}

/// Key of the deliveries of the reports of a referral: a new version of the referral replaces no report.
pub fn reports_of(referral: &str) -> String {
    format!("{referral}{REPORTS}")
}

/// Key of the case, and of the deliveries, of what a trust is told of a referral: no version of the referral replaces it.
pub fn status_of(referral: &str) -> String {
    format!("{referral}{STATUS}")
}

/// The referral whose consent a delivery rests on.
pub fn referral_of(delivery: &str) -> &str {
    delivery.strip_suffix(REPORTS).unwrap_or(delivery)
}

/// The key of the case of a referral that a person names: by the key itself, or by the id of its ServiceRequest.
pub fn key_of_referral(named: &str) -> String {
    if named.starts_with(REFERRAL) { named.to_owned() } else { format!("{REFERRAL}{named}") }
}

/// The key of the case of a referral.
pub fn referral_key(ids: &ResourceIds, referral: &Identity) -> String {
    format!("{REFERRAL}{}", ids.id("ServiceRequest", referral, ""))
}

/// What is known of one report: the newest version and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportCase {
    /// The newest message that took effect.
    pub message: Option<String>,
    /// When its pipeline wrote it, in milliseconds since 1970.
    pub issued: Option<i64>,
    /// The referral that it belongs to.
    pub referral: Option<String>,
    /// Destinations that this version was decided to be sent to.
    pub sent: Vec<String>,
}

/// Where a requisition number leads. Two trusts can use the same number, and a trust can name another's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numbered {
    /// Keys of the referrals that carry the number; where the laboratory named the requester, of those that are that one's.
    pub referrals: Vec<String>,
    /// Whether it named the requester.
    pub is_confirmed: bool,
}

/// What a report can belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Keys of referrals, sorted; none where nothing leads anywhere.
    Referrals(Vec<String>),
    /// A requisition number leads to referrals, and nothing says that one of them is of who requested.
    Unconfirmed,
}

/// The referrals that a report can belong to: of the first kind of link that leads anywhere, since an explicit link of the
/// laboratory is surer than a requisition number, and that surer than a study subject id.
///
/// A number counts with a second fact that agrees: the requester that the laboratory named, another number of the same patient,
/// the study subject id, or that the report belonged to the referral (one of `before`) already. Of several that a number or a
/// study subject id leads to, it is the one that the report belonged to.
pub fn candidates(
    explicit: &[LinkCase],
    numbered: &[Numbered],
    subject: &[LinkCase],
    before: &BTreeSet<&str>,
) -> Candidates {
    let of = |links: &[LinkCase]| -> BTreeSet<String> {
        links.iter().flat_map(|link| link.referrals.iter().cloned()).collect()
    };
    let (explicit, subject) = (of(explicit), of(subject));
    if !explicit.is_empty() {
        return Candidates::Referrals(explicit.into_iter().collect());
    }
    let confirmed = numbered.iter().filter(|number| number.is_confirmed);
    let confirmed: BTreeSet<&String> = confirmed.flat_map(|number| &number.referrals).collect();
    let agrees = |referral: &&String| {
        confirmed.contains(referral) || subject.contains(*referral) || before.contains(referral.as_str())
    };
    let mut found = BTreeSet::new();
    for number in numbered.iter().filter(|number| !number.referrals.is_empty()) {
        let mut sure = number.referrals.iter().filter(agrees).cloned().peekable();
        if sure.peek().is_none() {
            return Candidates::Unconfirmed;
        }
        found.extend(sure);
    }
    let found = if found.is_empty() { subject } else { found };
    let kept: Vec<&String> = found.iter().filter(|referral| before.contains(referral.as_str())).collect();
    match kept.as_slice() {
        [one] => Candidates::Referrals(vec![(*one).clone()]),
        _ => Candidates::Referrals(found.into_iter().collect()),
    }
}

/// Key of the case of a report.
pub fn report_key(ids: &ResourceIds, report: &Identity) -> String {
    format!("report/{}", ids.id("DiagnosticReport", report, ""))
}

/// Key of the case of a sample id or of a laboratory's patient.
pub fn sample_key(ids: &ResourceIds, id: &str) -> String {
    key(ids, "sample", id)
}

/// Key of the case of a requisition number.
pub fn requisition_key(ids: &ResourceIds, number: &str) -> String {
    key(ids, "requisition", number)
}

/// Whether a key is that of the case of a study subject id.
pub fn is_subject_key(key: &str) -> bool {
    key.starts_with("subject/")
}

/// Key of the case of a study subject id.
pub fn subject_key(ids: &ResourceIds, id: &str) -> String {
    key(ids, "subject", id)
}

fn key(ids: &ResourceIds, kind: &'static str, value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    format!("{kind}/{}", ids.id("Basic", &Identity::new("link", kind, &[&value]), ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Face;
    use crate::fhir::ids::Secret;

    #[test]
    fn a_key_shows_nothing_and_does_not_depend_on_blanks_or_case() {
        let ids = ResourceIds::new(Face::Identified, &Secret::demo());
        assert_eq!(requisition_key(&ids, "ab 12"), requisition_key(&ids, "AB12"));
        assert_ne!(requisition_key(&ids, "AB12"), subject_key(&ids, "AB12"));
        assert!(!requisition_key(&ids, "AB12").contains("AB12"));
    }

    fn to(referrals: &[&str]) -> LinkCase {
        LinkCase { referrals: strings(referrals), ..LinkCase::default() }
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn number(referrals: &[&str]) -> Numbered {
        Numbered { referrals: strings(referrals), is_confirmed: false }
    }

    fn of_requester(referrals: &[&str]) -> Numbered {
        Numbered { referrals: strings(referrals), is_confirmed: true }
    }

    fn are(referrals: &[&str]) -> Candidates {
        Candidates::Referrals(strings(referrals))
    }

    #[test]
    fn the_surest_kind_of_link_decides() {
        let before = BTreeSet::new();
        assert_eq!(candidates(&[to(&["a"])], &[of_requester(&["b"])], &[to(&["c"])], &before), are(&["a"]));
        assert_eq!(candidates(&[to(&["a"])], &[number(&["b"])], &[to(&["c"])], &before), are(&["a"]));
        assert_eq!(candidates(&[to(&[])], &[of_requester(&["b"])], &[to(&["c"])], &before), are(&["b"]));
        assert_eq!(candidates(&[], &[number(&[])], &[to(&["c"]), to(&["c", "d"])], &before), are(&["c", "d"]));
        assert_eq!(candidates(&[to(&[])], &[], &[], &before), are(&[]));
    }

    #[test]
    fn a_requisition_number_counts_with_a_second_fact_that_agrees() {
        let nothing = BTreeSet::new();
        let alone = [number(&["b"])];
        assert_eq!(candidates(&[], &alone, &[], &nothing), Candidates::Unconfirmed);
        assert_eq!(candidates(&[], &alone, &[to(&["c"])], &nothing), Candidates::Unconfirmed, "another subject");
        assert_eq!(candidates(&[], &alone, &[to(&["b", "c"])], &nothing), are(&["b"]), "the study subject id agrees");
        assert_eq!(candidates(&[], &alone, &[], &BTreeSet::from(["b"])), are(&["b"]), "it belonged there before");
        let both = [of_requester(&["b", "c"])];
        assert_eq!(candidates(&[], &both, &[], &nothing), are(&["b", "c"]));
        let same = [of_requester(&["b"]), number(&["b", "c"])];
        assert_eq!(candidates(&[], &same, &[], &nothing), are(&["b"]), "another number of the patient agrees");
        let apart = [of_requester(&["b"]), number(&["c"])];
        assert_eq!(candidates(&[], &apart, &[], &nothing), Candidates::Unconfirmed);
        let none = [of_requester(&["b"]), number(&[])];
        assert_eq!(candidates(&[], &none, &[], &nothing), are(&["b"]), "a number that leads nowhere says nothing");
    }

    #[test]
    fn of_several_it_is_the_one_that_the_report_belonged_to() {
        let before = BTreeSet::from(["b"]);
        assert_eq!(candidates(&[], &[], &[to(&["b", "c"])], &before), are(&["b"]));
        assert_eq!(candidates(&[], &[of_requester(&["b", "c"])], &[], &before), are(&["b"]));
        assert_eq!(candidates(&[], &[], &[to(&["c", "d"])], &before), are(&["c", "d"]));
        assert_eq!(candidates(&[to(&["b", "c"])], &[], &[], &before), are(&["b", "c"]), "a link that was made since");
    }

    #[test]
    fn a_date_stays_a_day_in_the_journal() {
        for text in ["2026-03-02", "2026-03-02T10:00:00+01:00"] {
            let mut case = ReferralCase { message: Some("m".to_owned()), ..ReferralCase::default() };
            case.made(Moment::parse(text));
            let stored = serde_json::to_string(&case).unwrap();
            let read: ReferralCase = serde_json::from_str(&stored).unwrap();
            assert_eq!(read.known(None).unwrap().generated, Moment::parse(text), "{text}");
        }
    }

    #[test]
    fn only_a_message_that_took_effect_makes_a_referral_known() {
        let parked = ReferralCase { parked: vec!["m".to_owned()], ..ReferralCase::default() };
        assert_eq!(parked.known(None), None);
    }
}
