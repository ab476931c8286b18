//! Messages against expected ones, which `.ci/kith-xsd` checks against the schemas, and `conformance/hl7v2` with another library.

use std::path::Path;

use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::personal::Personal;
use impress_gateway::domain::status_notice::{
    NoticeCode, NoticeContact, NoticePatient, NoticeSender, NoticeUnit, StatusNotice,
};
use impress_gateway::sources::henvisning::{StatusMessage, read_app_rec, status};
use impress_gateway::sources::hl7v2_ref::rri::{Answered, Rri, encode, rri};

const FIRST: &str = "0f000001-0000-4000-8000-000000000001";
const ONE: &str = "0f000001-0000-4000-8000-0000000000a1";
const TWO: &str = "0f000001-0000-4000-8000-0000000000a2";

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/status").join(name)).unwrap()
}

fn sender() -> NoticeSender {
    NoticeSender {
        name: "Oslo universitetssykehus HF".to_owned(),
        her_id: "90011".to_owned(),
        service_name: "Onkologi, OUS".to_owned(),
        service_her_id: "90012".to_owned(),
        contact: NoticeContact {
            family_name: "Øyen".to_owned(),
            given_name: "Per".to_owned(),
            hpr_number: Some("222200068".to_owned()),
            telephone: "+4700000002".to_owned(),
        },
    }
}

fn unit(name: &str, ids: &[(&str, &str)]) -> NoticeUnit {
    let ids = ids.iter().map(|(kind, id)| ((*kind).to_owned(), (*id).to_owned())).collect();
    NoticeUnit { name: name.to_owned(), ids }
}

fn patient() -> NoticePatient {
    NoticePatient {
        family_name: Personal::new("Ås"),
        middle_name: Some(Personal::new("Bø")),
        given_name: Personal::new("Line Ærlig"),
        birth_date: Some(Personal::new("1985-09-05")),
        gender: Some("female".to_owned()),
        numbers: vec![("FNR", Personal::new("05898597468"))],
    }
}

fn called_in() -> StatusNotice {
    let text = "Pasienten har fått tilbud om plass i en behandlingsgruppe.".to_owned();
    StatusNotice { code: NoticeCode::CalledIn, text }
}

fn message<'a>(
    sender: &'a NoticeSender,
    receiver: &'a [NoticeUnit],
    patient: &'a NoticePatient,
    notice: &'a StatusNotice,
) -> StatusMessage<'a> {
    StatusMessage {
        message_id: ONE,
        document_id: "0f000001-0000-4000-8000-0000000000d1",
        generated: "2026-03-02T09:00:00Z".parse().unwrap(),
        parent: FIRST,
        conversation: FIRST,
        sender,
        receiver,
        patient,
        notice,
    }
}

#[test]
fn a_status_is_the_one_that_is_expected() {
    let receiver = [
        unit("Helse Førde HF", &[("ENH", "983974732"), ("HER", "90001"), ("XXX", "1")]),
        unit("Onkologi, Førde", &[("HER", "90002")]),
    ];
    let (sender, patient, notice) = (sender(), patient(), called_in());
    let written = status(&message(&sender, &receiver, &patient, &notice)).unwrap();
    assert_eq!(written.as_bytes(), golden("first.xml"), "{written}");
}

#[test]
fn the_least_that_the_profile_allows_is_the_one_that_is_expected() {
    let receiver = [unit("Helse Førde HF", &[("ENH", "983974732"), ("HER", "90001")])];
    let mut sender = sender();
    sender.contact.hpr_number = None;
    let patient = NoticePatient {
        family_name: Personal::new("Ås & <Bø>"),
        middle_name: None,
        birth_date: Some(Personal::new("1985")),
        gender: Some("unknown".to_owned()),
        numbers: vec![("DNR", Personal::new("45898597028"))],
        ..patient()
    };
    let text = "Henvisningen er ikke tatt inn i studien. Begrunnelse: ECOG < 2 & ikke målbar".to_owned();
    let notice = StatusNotice { code: NoticeCode::Rejected, text };
    let update = StatusMessage {
        message_id: TWO,
        document_id: "0f000001-0000-4000-8000-0000000000d2",
        parent: ONE,
        ..message(&sender, &receiver, &patient, &notice)
    };
    let written = status(&update).unwrap();
    assert_eq!(written.as_bytes(), golden("least.xml"), "{written}");
}

#[test]
fn without_what_the_profile_demands_nothing_is_written() {
    let receiver = [unit("Helse Førde HF", &[("HER", "90001")])];
    let (sender, whole, notice) = (sender(), patient(), called_in());
    let nameless = NoticePatient { family_name: Personal::default(), ..patient() };
    let numberless = NoticePatient { numbers: Vec::new(), ..patient() };
    for patient in [&nameless, &numberless] {
        assert_eq!(status(&message(&sender, &receiver, patient, &notice)), None);
    }
    for receiver in [&[][..], &[unit("Helse Førde HF", &[("XXX", "1")])]] {
        assert_eq!(status(&message(&sender, receiver, &whole, &notice)), None);
    }
    let orphan = StatusMessage { parent: "", ..message(&sender, &receiver, &whole, &notice) };
    assert_eq!(status(&orphan), None);
}

fn answered(version: &str, character_set: &str) -> Answered {
    let field = |text: &str| vec![vec![vec![text.to_owned()]]];
    Answered {
        parties: [field("EHR"), field("983974732"), field("GATEWAY"), field("993467049")],
        processing_id: "P".to_owned(),
        version: version.to_owned(),
        character_set: character_set.to_owned(),
    }
}

fn rri_of(answered: &Answered) -> String {
    rri(&Rri {
        answered,
        referral: "H0001",
        document_id: "3f2a8c1e-5b7d-4e0f-9a61-2c4d8e6f0b13",
        control_id: "0f0000010000400080-1",
        id: "0f000001-0000-4000-8000-0000000000d1",
        time: "20260302100000+0100",
        sender: &sender(),
        patient: &patient(),
        notice: &called_in(),
    })
}

#[test]
fn a_status_of_hl7_v2_is_the_one_that_is_expected_in_every_version() {
    let expected = String::from_utf8(golden("rri.hl7")).unwrap().replace('\n', "\r");
    for version in ["2.3.1", "2.4", "2.5", "2.5.1", "2.6"] {
        let written = rri_of(&answered(version, "UNICODE UTF-8"));
        assert_eq!(written, expected.replace("|2.5.1|", &format!("|{version}|")), "{version}");
        assert_eq!(encode(&written), written.as_bytes(), "{version}");
    }
}

#[test]
fn norwegian_letters_are_those_of_the_character_set() {
    // ISO 8859-1 and 8859-15: Å C5, Æ C6, Ø D8, å E5, ø F8.
    for set in ["8859/1", "8859/15"] {
        let bytes = encode(&rri_of(&answered("2.4", set)));
        for word in [&b"\xc5s^Line \xc6rlig^B\xf8"[..], b"\xd8yen^Per", b"f\xe5tt tilbud"] {
            assert!(bytes.windows(word.len()).any(|window| window == word), "{set} {word:?}");
        }
        assert!(String::from_utf8_lossy(&bytes).contains(&format!("|||AL|NE||{set}\r")), "{set}");
    }
    let ascii = encode(&rri_of(&answered("2.4", "ASCII")));
    assert!(ascii.is_ascii());
    let text = String::from_utf8(ascii).unwrap();
    assert!(text.contains("Aas^Line Aerlig^Boe") && text.contains("faatt tilbud"), "{text}");
}

const ORIGINAL: &str = "<OriginalMsgId><MsgType V=\"DIALOG_STATUS_HENVISNING\"/><IssueDate>2026-03-02T10:00:00+01:00</IssueDate>\
                        <Id>0F000001-0000-4000-8000-0000000000A1</Id></OriginalMsgId>";

fn app_rec(version: &str, inner: &str) -> Vec<u8> {
    format!("<AppRec xmlns=\"http://www.kith.no/xmlstds/apprec/{version}\">{inner}</AppRec>").into_bytes()
}

#[test]
fn receipts_of_both_versions_are_read() {
    for version in ["2012-02-15", "2004-11-21"] {
        let receipt = |rest: &str| {
            let bytes = app_rec(version, &format!("<Id>r1</Id>{rest}{ORIGINAL}"));
            read_app_rec(&bytes, &Limits::default()).unwrap()
        };
        let positive = receipt("<Status V=\"1\" DN=\"OK\"/>");
        assert_eq!((positive.id.as_str(), positive.original.as_str(), positive.is_positive), ("r1", ONE, true));
        let negative =
            receipt("<Status V=\"2\"/><Error V=\"E21\" DN=\"x\" OT=\"y\"/><Error V=\"T99\"/><Error V=\"Kari\"/>");
        assert!(!negative.is_positive);
        assert_eq!(negative.errors, ["E21: x: y", "T99", "Kari"]);
        assert_eq!(negative.codes, ["E21", "T99"]);
        // The only part has errors.
        assert!(!receipt("<Status V=\"3\"/>").is_positive);
    }
}

#[test]
fn what_is_no_receipt_is_told_from_one() {
    let good = "<Id>r1</Id><Status V=\"1\"/>";
    for (bytes, said) in [
        (b"x".to_vec(), ""),
        (app_rec("2020-01-01", &format!("{good}{ORIGINAL}")), "no AppRec of version 1.0 or 1.1"),
        (app_rec("2012-02-15", &format!("<Status V=\"1\"/>{ORIGINAL}")), "has no id"),
        (app_rec("2012-02-15", good), "no id that is a UUID"),
        (app_rec("2012-02-15", &format!("{good}<OriginalMsgId><Id>17</Id></OriginalMsgId>")), "no id that is a UUID"),
        (app_rec("2012-02-15", &format!("<Id>r1</Id><Status V=\"9\"/>{ORIGINAL}")), "none of 1, 2 and 3"),
        (app_rec("2012-02-15", &format!("<Id>r1</Id>{ORIGINAL}")), "none of 1, 2 and 3"),
        (app_rec("2012-02-15", &format!("{good}<Status V=\"2\"/>{ORIGINAL}")), "stands twice"),
        (app_rec("2012-02-15", &format!("{good}{ORIGINAL}{ORIGINAL}")), "stands twice"),
        (b"<!DOCTYPE a><a/>".to_vec(), ""),
    ] {
        let error = read_app_rec(&bytes, &Limits::default()).unwrap_err();
        assert!(error.text.contains(said), "{error:?}");
        assert_eq!(error.xml.is_some(), said.is_empty(), "{error:?}");
    }
}
