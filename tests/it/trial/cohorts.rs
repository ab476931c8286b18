//! Cohorts: what everybody sees, and what never changes.

use serde_json::{Value, json};

use super::setting::{Trial, cohort};
use crate::service::setting::TRUST;

fn stage(study: &Value) -> &str {
    study["extension"][0]["extension"][0]["valueCode"].as_str().unwrap()
}

#[test]
fn workflow_17_a_cohort_is_told_to_everybody_without_its_counts() {
    let trial = Trial::start("trial-cohort");
    let answer = trial.tell(&cohort("c1", "open-stage2", 1, true));
    assert_eq!((answer.status, answer.header("etag"), answer.code().as_str()), (201, "W/\"1\"", "trial.taken"));
    let public = trial.newest("ResearchStudy", "public");
    let own = trial.newest("ResearchStudy", "trial");
    assert_eq!((stage(&public), &public["status"]), ("open-stage2", &json!("active")));
    assert_eq!(public["focus"][0]["text"], "Drug A");
    assert_eq!(public["condition"][0]["text"], "Biliary tract cancer");
    assert_eq!(public["site"][0]["display"], "Haukeland");
    assert_eq!(public["extension"][1]["valueBoolean"], true);
    // The trial's own ids stay with the trial.
    assert_eq!((&own["id"], &own["partOf"][0]["reference"]), (&json!("c1"), &json!("ResearchStudy/impress")));
    let text = public.to_string();
    assert!(!text.contains("\"c1\"") && !text.contains("ResearchStudy/impress") && !text.contains("site-1"), "{text}");
    assert!(own.to_string().contains("actualNumber"));
}

#[test]
fn interim_counts_are_in_no_public_row() {
    let trial = Trial::start("trial-interim");
    for (sequence, stage) in
        (1..).zip(["open-stage1", "interim-hold", "open-stage2", "complete", "expansion", "closed"])
    {
        trial.tell(&cohort("c1", stage, sequence, false));
    }
    let public = trial.versions("ResearchStudy", "public");
    assert_eq!(public.len(), 6);
    for study in public {
        let text = study.to_string();
        for word in ["evaluable", "benefit", "recruitment", "actualNumber", "17", "19"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    assert_eq!(trial.newest("ResearchStudy", "trial")["extension"][0]["extension"][5]["valueUnsignedInt"], 17);
}

#[test]
fn that_something_was_counted_shows_in_no_version_number_or_time() {
    let trial = Trial::start("trial-counted");
    trial.tell(&cohort("c1", "open-stage1", 3, true));
    let first = trial.newest("ResearchStudy", "public");
    for (sequence, counted) in (4..).zip([18, 20, 21]) {
        let mut study = cohort("c1", "open-stage1", sequence, true);
        study["extension"][0]["extension"][5]["valueUnsignedInt"] = json!(counted);
        study["extension"][4]["extension"][1]["valueUnsignedInt"] = json!(counted + 1);
        assert_eq!(trial.tell(&study).status, 200);
    }
    let own = trial.versions("ResearchStudy", "trial");
    assert_eq!(own.iter().filter(|study| study["id"] == "c1").count(), 4);
    assert_eq!(trial.versions("ResearchStudy", "public"), [first]);
    // What is shown has numbers of its own: how many events lie between two of them is not told.
    trial.tell(&cohort("c1", "interim-hold", 9, false));
    let public = trial.versions("ResearchStudy", "public");
    let numbers: Vec<&Value> =
        public.iter().map(|study| &study["extension"][2]["extension"][0]["valuePositiveInt"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(2)]);
}

#[test]
fn workflow_17_out_of_order_events_never_reopen_a_cohort() {
    let trial = Trial::start("trial-order");
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    trial.tell(&cohort("c1", "closed", 9, false));
    let late = trial.put(&cohort("c1", "open-stage1", 4, true));
    assert_eq!(
        (late.status, late.code().as_str(), late.header("x-disposition")),
        (200, "trial.event-outdated", "outdated")
    );
    // The same number with other content.
    let same = trial.put(&cohort("c1", "open-stage2", 9, true));
    assert_eq!((same.status, same.code().as_str()), (200, "trial.event-outdated"));
    let newer = trial.put(&cohort("c1", "open-stage2", 10, true));
    assert_eq!(
        (newer.status, newer.code().as_str(), newer.header("x-disposition")),
        (409, "trial.transition-illegal", "quarantined")
    );
    let public = trial.newest("ResearchStudy", "public");
    assert_eq!((stage(&public), trial.versions("ResearchStudy", "public").len()), ("closed", 2));
    assert_eq!(late.header("etag"), "W/\"2\"");
}

#[test]
fn a_suspended_cohort_goes_on_from_where_it_was() {
    let trial = Trial::start("trial-suspended");
    trial.tell(&cohort("c1", "open-stage2", 1, true));
    trial.tell(&cohort("c1", "suspended", 2, false));
    let wrong = trial.put(&cohort("c1", "open-stage1", 3, true));
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "trial.transition-illegal"));
    trial.tell(&cohort("c1", "open-stage2", 4, true));
}

#[test]
fn an_event_that_comes_again_changes_nothing() {
    let trial = Trial::start("trial-again");
    let first = trial.tell(&cohort("c1", "open-stage1", 1, true));
    let again = trial.put(&cohort("c1", "open-stage1", 1, true));
    assert_eq!((again.status, again.header("x-repeat")), (201, "true"));
    assert_eq!(again.body, first.body);
    // Other bytes, the same content.
    let mut reordered = cohort("c1", "open-stage1", 1, true);
    reordered["meta"]["versionId"] = json!("7");
    let same = trial.put(&reordered);
    assert_eq!((same.status, same.header("x-repeat"), same.header("etag")), (200, "", "W/\"1\""));
    assert_eq!(trial.versions("ResearchStudy", "public").len(), 1);
    assert_eq!(trial.versions("ResearchStudy", "trial").len(), 1);
}

#[test]
fn counts_that_do_not_agree_with_the_stage_are_taken_with_a_warning() {
    let trial = Trial::start("trial-counts");
    // 3 of 17: no reason to expand with r = 4.
    let answer = trial.put(&cohort("c1", "expansion", 1, true));
    assert_eq!((answer.status, answer.code().as_str()), (201, "trial.counts-disagree"));
    assert_eq!(stage(&trial.newest("ResearchStudy", "public")), "expansion");
}

#[test]
fn if_match_is_honoured() {
    let trial = Trial::start("trial-if-match");
    let absent = trial.put_with(&cohort("c1", "open-stage1", 1, true), "If-Match: W/\"1\"\r\n");
    assert_eq!((absent.status, absent.code().as_str()), (412, "request.version-conflict"));
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    let wrong = trial.put_with(&cohort("c1", "open-stage2", 2, true), "If-Match: W/\"2\"\r\n");
    assert_eq!(wrong.status, 412);
    // Entity tags are quoted (RFC 9110, section 8.8.3).
    for tag in ["1", "W/1", "W/\"1", "\"*\"", ""] {
        let refused = trial.put_with(&cohort("c1", "open-stage2", 2, true), &format!("If-Match: {tag}\r\n"));
        assert_eq!((refused.status, refused.code().as_str()), (412, "request.version-conflict"), "{tag}");
    }
    let right = trial.put_with(&cohort("c1", "open-stage2", 2, true), "If-Match: W/\"1\"\r\n");
    assert_eq!((right.status, right.header("etag")), (200, "W/\"2\""));
    let two = "If-Match: W/\"1\", \"7\"\r\nIf-Match: \"2\"\r\n";
    let listed = trial.put_with(&cohort("c1", "complete", 3, false), two);
    assert_eq!((listed.status, listed.header("etag")), (200, "W/\"3\""));
    let any = trial.put_with(&cohort("c1", "expansion", 4, false), "If-Match: *\r\n");
    assert_eq!((any.status, any.header("etag")), (200, "W/\"4\""));
}

#[test]
fn the_parent_study_is_told_too() {
    let trial = Trial::start("trial-parent");
    trial.tell(
        &json!({"resourceType": "ResearchStudy", "id": "impress", "status": "active", "title": "IMPRESS-Norway"}),
    );
    let parent = trial.newest("ResearchStudy", "public");
    trial.tell(&cohort("c1", "planned", 1, false));
    let cohort = trial.newest("ResearchStudy", "public");
    assert_eq!(cohort["partOf"][0]["reference"], format!("ResearchStudy/{}", parent["id"].as_str().unwrap()));
    assert_eq!(parent["title"], "IMPRESS-Norway");
    // A trust finds the cohorts of the study, and the study with them.
    let id = parent["id"].as_str().unwrap();
    let path = format!("/fhir/ResearchStudy?partof=ResearchStudy/{id}&_include=ResearchStudy:partof");
    let found = trial.gateway.get(&path, TRUST).json();
    let found: Vec<(&Value, &Value)> =
        found["entry"].as_array().unwrap().iter().map(|one| (&one["search"]["mode"], &one["resource"]["id"])).collect();
    assert_eq!(found, [(&json!("match"), &cohort["id"]), (&json!("include"), &parent["id"])]);
    // A later version of the study leaves them where they are.
    let closed = json!({"resourceType": "ResearchStudy", "id": "impress", "status": "completed"});
    trial.tell(&closed);
    assert_eq!(trial.newest("ResearchStudy", "public")["id"], parent["id"]);
    assert_eq!(trial.gateway.get(&path, TRUST).json()["entry"].as_array().unwrap().len(), 2);
}

#[test]
fn the_board_has_counts_only_where_they_are_asked_for() {
    let trial = Trial::start("trial-board");
    trial.tell(&json!({"resourceType": "ResearchStudy", "id": "impress", "status": "active"}));
    trial.tell(&cohort("c1", "open-stage2", 1, true));
    let board = trial.gateway.printed(&["cohorts"]);
    assert_eq!(
        board,
        "status\tstage\tslots\tbiomarker\ttumour type\tdrug\tcohort\n\
         active\topen-stage2\topen\tBRAF V600E\tBiliary tract cancer\tDrug A\tBRAF-V600/Biliary tract/Drug A\n"
    );
    let counts = trial.gateway.printed(&["cohorts", "--counts"]);
    assert!(counts.ends_with("\t19\t17\t3\n"), "{counts}");
}

#[test]
fn writes_at_the_same_moment_leave_the_highest_number() {
    let trial = Trial::start("trial-race");
    std::thread::scope(|scope| {
        for sequence in [5, 2, 8, 1, 7, 3, 6, 4] {
            let trial = &trial;
            scope.spawn(move || {
                let answer = trial.put(&cohort("c1", "open-stage1", sequence, sequence % 2 == 1));
                assert!(answer.status < 300, "{}", answer.status);
            });
        }
    });
    for owner in ["public", "trial"] {
        let newest = trial.newest("ResearchStudy", owner);
        // The eighth event, which has no slots; what is shown has numbers of its own.
        let number = &newest["extension"][2]["extension"][0]["valuePositiveInt"];
        assert!(owner == "public" || number == 8, "{owner}: {number}");
        assert_eq!(newest["extension"][1]["valueBoolean"], false);
        let numbers: Vec<u64> = trial
            .versions("ResearchStudy", owner)
            .iter()
            .map(|study| study["extension"][2]["extension"][0]["valuePositiveInt"].as_u64().unwrap())
            .collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}
