//! The trial system is asked: pages, places, what comes twice, what fails.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::setting::{FORDE, Trial, cohort, enrolment, named};
use crate::service::setting::until;
use crate::service::web::{Heard, Web};

const SECRET: &str = "secret-of-the-gateway-at-the-trial-system";

/// A FHIR server that has resources, two on a page.
struct Source {
    web: Web,
    resources: Arc<Mutex<Vec<Value>>>,
}

impl Source {
    fn start() -> Self {
        let resources = Arc::<Mutex<Vec<Value>>>::default();
        let of_server = Arc::clone(&resources);
        let web = Web::start(move |heard| (200, String::new(), page(heard, &of_server.lock().unwrap()).to_string()));
        Self { web, resources }
    }

    fn add(&self, mut resource: Value, updated: &str) {
        let version = self.resources.lock().unwrap().len().to_string();
        resource["meta"]["lastUpdated"] = json!(updated);
        resource["meta"]["versionId"] = json!(version);
        let mut resources = self.resources.lock().unwrap();
        resources.retain(|known| known["id"] != resource["id"]);
        resources.push(resource);
    }

    fn asked(&self) -> usize {
        self.web.heard().iter().filter(|heard| heard.path.starts_with("/fhir/Task")).count()
    }

    /// Waits until everything was asked for once more.
    fn wait(&self) {
        let before = self.asked();
        until("two looks", || (self.asked() >= before + 2).then_some(()));
    }
}

fn page(heard: &Heard, resources: &[Value]) -> Value {
    let url = format!("http://{}{}", heard.header("host").unwrap(), heard.path);
    let (path, query) = heard.path.split_once('?').unwrap_or((&heard.path, ""));
    let value =
        |name: &str| query.split('&').find_map(|part| part.strip_prefix(&format!("{name}="))).map(str::to_owned);
    let after = value("_lastUpdated").map(|text| text.replace("%3A", ":").replace("gt", "")).unwrap_or_default();
    let skip: usize = value("skip").map_or(0, |skip| skip.parse().unwrap());
    let kind = path.rsplit('/').next().unwrap();
    let mut found: Vec<&Value> = resources
        .iter()
        .filter(|one| one["resourceType"] == kind && one["meta"]["lastUpdated"].as_str().unwrap() > after.as_str())
        .collect();
    found.sort_by_key(|one| one["meta"]["lastUpdated"].as_str().unwrap().to_owned());
    let entries: Vec<Value> = found.iter().skip(skip).take(2).map(|one| json!({"resource": one})).collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": entries});
    if found.len() > skip + 2 {
        let base = url.split("&skip=").next().unwrap();
        bundle["link"] = json!([{"relation": "next", "url": format!("{base}&skip={}", skip + 2)}]);
    }
    bundle
}

fn start(name: &str, source: &Source) -> Trial {
    Trial::start_with(name, |folder| {
        folder.write("trial.bearer", SECRET);
        let port = source.web.port;
        format!("[trial]\nurl = \"http://127.0.0.1:{port}/fhir\"\npoll_seconds = 1\nbearer_file = \"trial.bearer\"\n")
    })
}

#[test]
fn what_the_trial_has_is_taken_once_in_order_and_over_pages() {
    let source = Source::start();
    let trial = start("trial-poll", &source);
    let referred = trial.referred(1);
    for (number, stage) in (1..=5).zip(["planned", "open-stage1", "planned", "closed", "expansion"]) {
        source.add(cohort(&format!("c{number}"), stage, 1, false), &format!("2026-06-0{number}T10:00:00Z"));
    }
    source.add(enrolment("e1", "matched", 1, &referred.patient, "c2"), "2026-06-06T10:00:00Z");
    until("all cohorts", || (trial.versions("ResearchStudy", "public").len() == 5).then_some(()));
    until("the patient", || (trial.stand(&referred, FORDE) == "matched").then_some(()));
    let first = source.web.heard().into_iter().find(|heard| heard.path.starts_with("/fhir/ResearchStudy")).unwrap();
    assert_eq!(first.header("authorization"), Some(format!("Bearer {SECRET}").as_str()));
    assert!(first.path.contains("_sort=_lastUpdated"), "{}", first.path);
    // Looked at again, nothing is new; a newer version is.
    source.wait();
    let messages = |disposition: &str| {
        let journal = trial.gateway.open_journal();
        let sql = "SELECT count(*) FROM messages WHERE channel = 'poll' AND disposition = ?1";
        journal.query_row(sql, [disposition], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(messages("routed"), 6);
    source.add(enrolment("e1", "offered", 2, &referred.patient, "c2"), "2026-06-07T10:00:00Z");
    until("the offer", || (trial.stand(&referred, FORDE) == "offered").then_some(()));
    // What is refused is kept for a person once, and holds nothing up.
    source.add(enrolment("e9", "matched", 1, "nobody", "c2"), "2026-06-08T10:00:00Z");
    source.add(enrolment("e1", "accepted", 3, &referred.patient, "c2"), "2026-06-09T10:00:00Z");
    until("the acceptance", || (trial.stand(&referred, FORDE) == "accepted").then_some(()));
    source.wait();
    assert_eq!((messages("routed"), messages("quarantined")), (8, 1));
    let place = trial.state("poll/ResearchSubject");
    assert!(place["newest"].as_i64().is_some() && place.to_string().len() < 500, "{place}");
}

#[test]
fn a_study_subject_id_is_asked_for_too() {
    let source = Source::start();
    let trial = start("trial-poll-patient", &source);
    let referred = trial.referred(1);
    let of_poll = || -> i64 {
        let sql = "SELECT count(*) FROM messages WHERE channel = 'poll'";
        trial.gateway.open_journal().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    // As the gateway gave it, and one that it never gave: they tell nothing.
    let mut given = named(&referred.patient, "");
    given["identifier"].as_array_mut().unwrap().truncate(1);
    source.add(given, "2026-06-01T10:00:00Z");
    let mut other = named("p9", "IMPR.H-0009");
    other["identifier"].as_array_mut().unwrap().remove(0);
    source.add(other, "2026-06-02T10:00:00Z");
    source.wait();
    assert_eq!(of_poll(), 0);
    source.add(named(&referred.patient, "IMPR.H-0999"), "2026-06-03T10:00:00Z");
    until("the study subject id", || (of_poll() == 1).then_some(()));
    let link = trial.state(&format!("trial/Patient/{}", referred.patient));
    assert!(link["subject"].is_string(), "{link}");
    source.wait();
    assert_eq!(of_poll(), 1);
}

#[test]
fn a_server_that_does_not_sort_is_read_to_its_end_before_its_place_is_kept() {
    // One on a page; the last page fails once, when newer ones were taken already.
    let cohorts = [("c1", "2026-06-05T10:00:00Z"), ("c2", "2026-06-01T10:00:00Z"), ("c3", "2026-06-02T10:00:00Z")];
    let fails = Arc::new(Mutex::new(1));
    let web = Web::start(move |heard| {
        let all = json!({"resourceType": "Bundle", "type": "searchset"});
        if !heard.path.starts_with("/fhir/ResearchStudy") {
            return (200, String::new(), all.to_string());
        }
        let query = heard.path.replace("%3A", ":");
        let after = query.split("_lastUpdated=gt").nth(1).map_or("", |after| after.split('&').next().unwrap());
        let skip: usize = query.split("skip=").nth(1).map_or(0, |skip| skip.parse().unwrap());
        let found: Vec<_> = cohorts.iter().filter(|(_, updated)| *updated > after).collect();
        let mut fails = fails.lock().unwrap();
        if found.get(skip).is_some_and(|(id, _)| *id == "c3") && *fails > 0 {
            *fails -= 1;
            return (500, String::new(), "broken".to_owned());
        }
        let mut bundle = all;
        bundle["entry"] = json!([]);
        if let Some((id, updated)) = found.get(skip) {
            let mut resource = cohort(id, "open-stage1", 1, true);
            resource["meta"]["lastUpdated"] = json!(updated);
            bundle["entry"] = json!([{"resource": resource}]);
        }
        if skip + 1 < found.len() {
            let base = heard.path.split("&skip=").next().unwrap();
            let url = format!("http://{}{base}&skip={}", heard.header("host").unwrap(), skip + 1);
            bundle["link"] = json!([{"relation": "next", "url": url}]);
        }
        (200, String::new(), bundle.to_string())
    });
    let port = web.port;
    let trial = Trial::start_with("trial-poll-unordered", |_| {
        format!("[trial]\nurl = \"http://127.0.0.1:{port}/fhir\"\npoll_seconds = 1\n")
    });
    until("all cohorts", || (trial.versions("ResearchStudy", "public").len() == 3).then_some(()));
    let newest: jiff::Timestamp = cohorts[0].1.parse().unwrap();
    let place = until("the place", || {
        let place = trial.state("poll/ResearchStudy");
        place["newest"].as_i64().map(|_| place)
    });
    assert_eq!((place["newest"].as_i64(), &place["is_unordered"]), (Some(newest.as_millisecond()), &json!(true)));
}

#[test]
fn a_time_that_is_still_to_come_holds_nothing_back_and_is_told_of_once() {
    let source = Source::start();
    let trial = start("trial-poll-future", &source);
    let cohorts = || trial.versions("ResearchStudy", "public").len();
    let told = || trial.gateway.log().matches("was written in the future").count();
    source.add(cohort("c1", "open-stage1", 1, true), "2199-01-01T10:00:00Z");
    until("the first", || (cohorts() == 1).then_some(()));
    // What is written now is asked for all the same.
    source.add(cohort("c2", "open-stage1", 1, true), &jiff::Timestamp::now().to_string());
    until("the second", || (cohorts() == 2).then_some(()));
    source.wait();
    let newest = trial.state("poll/ResearchStudy")["newest"].as_i64().unwrap();
    assert!(newest <= jiff::Timestamp::now().as_millisecond(), "{newest}");
    assert_eq!(told(), 1);
    source.add(cohort("c3", "open-stage1", 1, true), "2199-01-02T10:00:00Z");
    until("the third", || (cohorts() == 3).then_some(()));
    source.wait();
    assert_eq!(told(), 2);
}

#[test]
fn each_look_goes_back_by_the_margin_and_by_a_second_at_the_least() {
    // Shown later than the time that it has.
    for (margin, late) in [(300, "2026-06-01T09:56:00Z"), (0, "2026-06-01T10:00:00Z")] {
        let source = Source::start();
        let trial = Trial::start_with("trial-poll-margin", |_| {
            let port = source.web.port;
            let trial = format!("[trial]\nurl = \"http://127.0.0.1:{port}/fhir\"\npoll_seconds = 1\n");
            format!("{trial}margin_seconds = {margin}\n")
        });
        source.add(cohort("c1", "open-stage1", 1, true), "2026-06-01T10:00:00Z");
        until("the first", || (trial.versions("ResearchStudy", "public").len() == 1).then_some(()));
        source.wait();
        source.add(cohort("c2", "open-stage1", 1, true), late);
        until("what was shown late", || (trial.versions("ResearchStudy", "public").len() == 2).then_some(()));
        // What is seen again is not taken again.
        source.wait();
        let sql = "SELECT count(*) FROM messages WHERE channel = 'poll'";
        let taken: i64 = trial.gateway.open_journal().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(taken, 2, "{margin}");
    }
}

#[test]
fn a_trial_system_that_answers_something_else_is_asked_again() {
    let answers =
        Arc::new(Mutex::new(vec![(500, "broken"), (200, "[]"), (200, "{\"resourceType\":\"OperationOutcome\"}")]));
    let of_server = Arc::clone(&answers);
    let source = cohort("c1", "open-stage1", 1, true);
    let web = Web::start(move |heard| {
        if !heard.path.starts_with("/fhir/ResearchStudy") {
            return (200, String::new(), json!({"resourceType": "Bundle", "type": "searchset"}).to_string());
        }
        let wrong = of_server.lock().unwrap().pop();
        let mut resource = source.clone();
        resource["meta"]["lastUpdated"] = json!("2026-06-01T10:00:00Z");
        let right =
            json!({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]}).to_string();
        wrong.map_or((200, String::new(), right), |(status, body)| (status, String::new(), body.to_owned()))
    });
    let port = web.port;
    let trial = Trial::start_with("trial-poll-again", |_| {
        format!("[trial]\nurl = \"http://127.0.0.1:{port}/fhir\"\npoll_seconds = 1\n")
    });
    until("the cohort", || (trial.versions("ResearchStudy", "public").len() == 1).then_some(()));
    assert_eq!(trial.gateway.log().matches("trial.poll-failed").count(), 3);
}
