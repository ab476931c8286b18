//! Values whose loss or change would say something else of the patient.

use impress_gateway::domain::addressees::Addressees;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::domain::referral::Referral;
use impress_gateway::sources::henvisning::ErrorCode;

use super::{golden, issues, translate, translate_to};

/// A golden message with one change, and the codes and places of its issues.
fn changed(case: &str, from: &str, to: &str) -> (Referral, Vec<String>) {
    let text = String::from_utf8(golden(case)).unwrap();
    assert!(text.contains(from), "{from} is not in {case}");
    let (result, account) = translate(text.replacen(from, to, 1).as_bytes());
    let reading = result.unwrap_or_else(|refused| panic!("{to}: {:?}", refused.rejections));
    (reading.referral, issues(&account))
}

fn notes(referral: &Referral) -> Vec<&str> {
    referral.notes.iter().map(|note| note.text.expose()).collect()
}

/// HIS 80517, section 4.17: a modifier of kind DI (list 7305) says how sure a diagnosis is.
#[test]
fn a_suspected_cancer_is_not_stated_and_a_refuted_one_is_no_diagnosis() {
    let code = "DN=\"Ondartet svulst i prostata\"/>\n      </Diagnosis>";
    let with = |words: &str| {
        let modifier = format!(
            "<Modifier><Name V=\"DI\" DN=\"Diagnosestatus\"/><Value V=\"1\" S=\"2.16.578.1.12.4.1.1.7541\" DN=\"{words}\"/></Modifier>"
        );
        changed("videre-new", code, &code.replace("</Diagnosis>", &format!("{modifier}</Diagnosis>")))
    };
    // Whatever the pathway says, which is sent with the diagnosis.
    for (words, clinical, verification) in [
        ("Mistanke om", None, "provisional"),
        ("Sikker", Some("active"), "confirmed"),
        ("Noe annet", None, "unconfirmed"),
    ] {
        let (referral, _) = with(words);
        let diagnosis = &referral.diagnoses[0];
        assert_eq!(diagnosis.codes[0].code, "C61");
        assert_eq!(
            (diagnosis.clinical_status.as_deref(), diagnosis.verification_status.as_deref()),
            (clinical, Some(verification)),
            "{words}"
        );
    }
    let (referral, issues) = with("Avkreftet");
    assert!(referral.diagnoses.iter().all(|diagnosis| diagnosis.codes.iter().all(|code| code.code != "C61")));
    assert!(notes(&referral).iter().any(|note| note.starts_with("Refuted diagnosis: C61")), "{:?}", notes(&referral));
    assert!(issues.iter().any(|issue| issue.starts_with("referral.diagnosis-refuted /MsgHead/Document[1]")));
}

#[test]
fn a_suspicion_in_words_is_not_stated() {
    let text = String::from_utf8(golden("videre-new")).unwrap().replace("A16CK", "A16A");
    let text = text.replace("DN=\"Ondartet svulst i prostata\"", "DN=\"Mistanke om kreft i prostata\"");
    let referral = translate(text.as_bytes()).0.unwrap().referral;
    let diagnosis = &referral.diagnoses[0];
    assert_eq!(diagnosis.pathway_finding, None, "a pathway that has begun states nothing");
    assert_eq!(
        (diagnosis.clinical_status.as_deref(), diagnosis.verification_status.as_deref()),
        (None, Some("provisional"))
    );
}

#[test]
fn a_message_that_names_a_day_alone_keeps_it() {
    let (referral, _) = changed("videre-new", "<GenDate>2026-03-01T10:00:00+01:00", "<GenDate>2026-03-01");
    assert_eq!(referral.message.generated.as_deref(), Some("2026-03-01"));
}

#[test]
fn an_operation_of_the_future_is_planned() {
    let (referral, _) = changed("videre-new", "2024-05-10", "2026-05-10");
    assert_eq!(referral.treatments[0].status, "preparation");
}

/// HIS 80517:2014 and :2005 have DateOfDeath; :2017 took it out.
#[test]
fn a_death_in_version_1_is_kept() {
    let text = String::from_utf8(golden("v1.1-new")).unwrap();
    let start = text.find("<Name").unwrap();
    let text = format!("{}<DateOfDeath V=\"2026-02-15\"/>{}", &text[..start], &text[start..]);
    let patient = translate(text.as_bytes()).0.unwrap().referral.patient;
    assert_eq!((patient.is_deceased, patient.death_date.unwrap().expose()), (Some(true), "2026-02-15"));
}

/// HIS 80415, section 3.3.4: an emergency referral that can be read is always answered positively.
#[test]
fn an_emergency_about_somebody_unknown_is_accepted() {
    let without = |case: &str, from: &str, to: &str| {
        let text = String::from_utf8(golden(case)).unwrap();
        let (start, end) = (text.find(from).unwrap(), text.find(to).unwrap() + to.len());
        format!("{}{}", &text[..start], &text[end..])
    };
    let emergency = |text: String| {
        let start = text.find("<Priority V=\"").unwrap() + "<Priority V=\"".len();
        let end = start + text[start..].find('"').unwrap();
        format!("{}0{}", &text[..start], &text[end..])
    };
    for case in ["emergency", "videre-new", "v1.1-new", "v1.0-new"] {
        let text = emergency(without(case, "<Patient>", "</Patient>"));
        let (result, account) = translate(text.as_bytes());
        let reading = result.unwrap_or_else(|refused| panic!("{case}: {:?}", refused.rejections));
        assert!(issues(&account).iter().any(|issue| issue.starts_with("henvisning.emergency-accepted")), "{case}");
        let receipt = super::receipt(&reading.header, &[]).unwrap();
        assert!(receipt.contains("<Status V=\"1\""), "{case}: {receipt}");
    }
}

/// HIS 80415, section 3.3.4: name, date of birth and sex identify; a sex that is not known (Volven 3101) says nothing.
#[test]
fn an_unknown_sex_identifies_nobody() {
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let start = text.find("<Ident><Id>05898597468").unwrap();
    let end = start + text[start..].find("</Ident>").unwrap() + "</Ident>".len();
    let text = format!("{}{}", &text[..start], &text[end..]);
    let sex = text.find("<Sex V=\"").unwrap() + "<Sex V=\"".len();
    for (code, is_accepted) in [("1", true), ("2", true), ("0", false), ("9", false)] {
        let (result, account) = translate(format!("{}{code}{}", &text[..sex], &text[sex + 1..]).as_bytes());
        assert_eq!(result.is_ok(), is_accepted, "{code}");
        let is_told = issues(&account).contains(&"referral.patient-unidentifiable /MsgHead/MsgInfo/Patient".to_owned());
        assert_eq!(is_told, !is_accepted, "{code}");
        if let Err(refused) = result {
            assert_eq!(refused.rejections[0].code, ErrorCode::E36);
        }
    }
}

/// HIS 80415, section 3.3.4: an attachment that cannot be read refuses the message.
#[test]
fn an_attachment_that_is_not_in_base64_refuses_the_message() {
    let container = "<Base64Container xmlns=\"http://www.kith.no/xmlstds/base64container\">JVBERi0xLjQKJcOmIHN5bnRoZXRpYwolJUVPRgo=</Base64Container>";
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let content = "/MsgHead/Document[2]/RefDoc/Content";
    for (sent, place) in [
        ("JVBERi0xLjQKJcOmIHN5bnRoZXRpYwolJUVPRgo=", ""),
        ("Se journalen", ""),
        ("<pdf>JVBERi0xLjQKJcOmIHN5bnRoZXRpYwolJUVPRgo=</pdf>", "/pdf"),
        (&container.replace("JVBERi0", "?"), "/Base64Container"),
    ] {
        let (result, account) = translate(text.replace(container, sent).as_bytes());
        assert!(issues(&account).contains(&format!("referral.attachment-invalid {content}{place}")), "{sent}");
        let refused = result.unwrap_err();
        let receipt = super::receipt(&refused.header.unwrap(), &refused.rejections).unwrap();
        assert!(receipt.contains("<Status V=\"2\"") && receipt.contains("V=\"X99\""), "{receipt}");
    }
}

#[test]
fn no_known_allergy_is_no_warning() {
    let (before, _) = changed("videre-new", "Tåler ikke kontrastmiddel", "Penicillin");
    let (referral, _) = changed("videre-new", "Tåler ikke kontrastmiddel", "Ingen kjente allergier");
    assert_eq!(referral.precautions.len() + 1, before.precautions.len());
    assert_eq!(referral.clinical_items.len(), before.clinical_items.len() + 1);
}

/// The organisation number of St. Olavs hospital and its HER-id name one sender.
#[test]
fn a_her_id_alone_gives_the_keys_of_the_organisation_number() {
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let number = "<Ident><Id>983974732</Id><TypeId V=\"ENH\" S=\"2.16.578.1.12.4.1.1.9051\" DN=\"Organisasjonsnummeret i Enhetsregister\"/></Ident>";
    assert!(text.contains(number));
    let identity = |text: String| translate(text.as_bytes()).0.unwrap().referral.identity;
    let by_number = identity(text.replace("983974732", "883974832"));
    let by_her_id = text.replace(number, "").replacen("<Id>90001</Id>", "<Id>59</Id>", 1);
    assert_eq!(identity(by_her_id), by_number);
    let (result, account) = translate(text.replace(number, "").as_bytes());
    assert!(result.is_ok());
    assert_eq!(issues(&account), ["identity.sender-number-missing /MsgHead/MsgInfo/Sender/Organisation"]);
}

/// HIS 80415, section 3.3.2: a misaddressed message gets no receipt. The golden message is to HER-ids 90011 and 90012 of OUS.
#[test]
fn a_message_to_somebody_else_is_refused_without_receipt() {
    for (ours, is_ours) in [
        (&["90011"][..], true),
        (&["90012"], true),
        (&["993467049"], true),
        (&[], true),
        (&["90001", "983974732"], false),
    ] {
        let ours = Addressees::new(&ours.iter().map(|&id| id.to_owned()).collect::<Vec<_>>());
        for case in ["videre-new", "emergency"] {
            let how = (&Limits::default(), SyntheticNumbers::Accepted);
            let (result, account) = translate_to(&golden(case), how, &ours);
            assert_eq!(result.is_ok(), is_ours, "{case}");
            let is_told = issues(&account).iter().any(|issue| issue.starts_with("intake.misaddressed "));
            assert_eq!(is_told, !is_ours, "{case}");
            if let Err(refused) = result {
                assert_eq!(refused.header, None, "{case}: nobody may answer it");
            }
        }
    }
}
