//! Which status a trust is told, and after what.

use super::setting::{Setting, golden, text_of};

const HENVISNING: &str = "one-patient/henvisning.xml";
const HL7V2: &str = "one-patient/hl7v2.hl7";

/// The references of the golden referral, which was forwarded to Førde.
const FORWARDED: &str = "<ConversationRef>
      <RefToParent>5d3a2b10-0000-4000-8000-0000000000aa</RefToParent>
      <RefToConversation>5d3a2b10-0000-4000-8000-0000000000aa</RefToConversation>
    </ConversationRef>";
const MESSAGE: &str = "0f000001-0000-4000-8000-000000000001";

/// RefToConversation, RefToParent, code and text of a status.
fn said(setting: &Setting, id: &str) -> [String; 4] {
    let message = setting.original(id);
    assert_eq!(text_of(&message, "MsgId"), id);
    let code = message.split("<TemaKodet V=\"").nth(1).unwrap()[..1].to_owned();
    let text = |element: &str| text_of(&message, element).to_owned();
    [text("RefToConversation"), text("RefToParent"), code, text("TekstNotatInnhold")]
}

#[test]
fn three_statuses_of_a_first_referral_are_one_chain() {
    let setting = Setting::new("status-chain");
    let referral = setting.send(HENVISNING, &[(FORWARDED, "")]);
    let one = setting.tell(&referral, "screening", None).unwrap();
    setting.pass(1);
    let two = setting.tell(&referral, "offered", None).unwrap();
    setting.pass(1);
    let three = setting.tell(&referral, "not-prioritised", Some("Færre plasser enn ventet")).unwrap();
    let [conversation, parent, code, _] = said(&setting, &one);
    assert_eq!([conversation.as_str(), &parent, &code], [MESSAGE, MESSAGE, "2"]);
    let [conversation, parent, code, _] = said(&setting, &two);
    assert_eq!([conversation.as_str(), &parent, &code], [MESSAGE, &one, "1"]);
    let [conversation, parent, code, text] = said(&setting, &three);
    assert_eq!([conversation.as_str(), &parent, &code], [MESSAGE, &two, "4"]);
    assert!(text.ends_with(". Begrunnelse: Færre plasser enn ventet"), "{text}");
}

#[test]
fn after_forwarding_the_conversation_is_the_first_referral_and_the_parent_the_forwarding() {
    let setting = Setting::new("status-forwarded");
    let referral = setting.send(HENVISNING, &[]);
    let one = setting.tell(&referral, "referred", None).unwrap();
    let [conversation, parent, ..] = said(&setting, &one);
    assert_eq!([conversation.as_str(), &parent], ["5d3a2b10-0000-4000-8000-0000000000aa", MESSAGE]);
    setting.pass(1);
    let two = setting.tell(&referral, "rejected", None).unwrap();
    let [conversation, parent, ..] = said(&setting, &two);
    assert_eq!([conversation.as_str(), &parent], ["5d3a2b10-0000-4000-8000-0000000000aa", &one]);
}

#[test]
fn a_change_of_the_referral_leaves_the_chain() {
    let setting = Setting::new("status-change");
    let referral = setting.send(HENVISNING, &[(FORWARDED, "")]);
    let one = setting.tell(&referral, "screening", None).unwrap();
    let second = "0f000001-0000-4000-8000-000000000002";
    let changes = [
        (FORWARDED, ""),
        (MESSAGE, second),
        ("<ServType V=\"N\" DN=\"Ny\"/>", "<ServType V=\"M\" DN=\"Endring\"/>"),
        ("2026-03-01T10:00:00+01:00", "2026-03-01T12:00:00+01:00"),
    ];
    let changed = setting.send(HENVISNING, &changes);
    let reply = setting.case(&changed).reply.unwrap();
    assert_eq!((reply.message_id.as_str(), reply.conversation.as_str()), (second, MESSAGE));
    setting.pass(1);
    let two = setting.tell(&changed, "offered", None).unwrap();
    let [conversation, parent, ..] = said(&setting, &two);
    assert_eq!([conversation.as_str(), &parent], [MESSAGE, &one]);
}

#[test]
fn only_what_is_new_is_told() {
    let setting = Setting::new("status-new");
    let referral = setting.send(HENVISNING, &[]);
    assert!(setting.tell(&referral, "screening", None).is_some());
    setting.pass(1);
    assert_eq!(setting.tell(&referral, "screening", None), None);
    // Another sentence under the same code is news.
    assert!(setting.tell(&referral, "matched", None).is_some());
    setting.pass(1);
    assert!(setting.tell(&referral, "matched", Some("Prøve nr. 2")).is_some());
    assert_eq!(setting.notices().len(), 3);
}

#[test]
fn several_states_of_one_decision_are_told_in_order() {
    let setting = Setting::new("status-several");
    let referral = setting.send(HENVISNING, &[]);
    let told =
        setting.tell_all(&referral, &[("screening", None), ("matched", None), ("matched", None), ("offered", None)]);
    assert_eq!(told.len(), 3);
    for pair in told.windows(2) {
        assert_eq!(said(&setting, &pair[1])[1], pair[0]);
    }
    let numbers: Vec<i64> = told.iter().map(|id| setting.deliveries(id)[0].sequence).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn a_status_is_a_message_of_the_trust_that_referred() {
    let setting = Setting::new("status-message");
    let referral = setting.send(HENVISNING, &[]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    let row = setting.row(&id);
    assert_eq!(
        (row.kind.as_str(), row.sender.as_str(), row.disposition.as_str()),
        ("status", super::setting::TRUST, "awaiting-receipt")
    );
    assert_eq!((&row.case, &row.patient), (&setting.row(&referral).case, &setting.row(&referral).patient));
    let deliveries = setting.deliveries(&id);
    assert_eq!(deliveries.len(), 1);
    assert_eq!(
        (deliveries[0].destination.as_str(), deliveries[0].patient.as_str()),
        ("forde-xml", row.patient.as_deref().unwrap())
    );
    assert_eq!(setting.audits(&id), ["create success gateway"]);
    // What is kept of the referral for its answers names nobody.
    let kept = serde_json::to_string(&setting.case(&referral).reply).unwrap();
    assert!(kept.contains(MESSAGE));
    for word in ["Ås", "Line", "Bø", "Øyen", "05898597468", "1985"] {
        assert!(!kept.contains(word), "{word}: {kept}");
    }
}

#[test]
fn hl7_v2_is_told_in_its_own_format_and_character_set() {
    let setting = Setting::new("status-hl7");
    // ISO 8859-1 in, and out again.
    let text = std::fs::read_to_string(golden(HL7V2)).unwrap().replace("UNICODE UTF-8", "8859/1");
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let referral = setting.send_bytes(bytes);
    let id = setting.tell(&referral, "no-match", None).unwrap();
    // Its receipt is the acknowledgement of the delivery.
    assert_eq!(setting.row(&id).disposition, "routed");
    assert_eq!(setting.deliveries(&id)[0].destination, "forde-hl7");
    let message = setting.original(&id);
    let segments: Vec<&str> = message.split_terminator('\r').collect();
    let names: Vec<&str> = segments.iter().map(|segment| &segment[..3]).collect();
    assert_eq!(names, ["MSH", "MSA", "RF1", "PRD", "PID", "NTE"]);
    let header: Vec<&str> = segments[0].split('|').collect();
    assert_eq!(
        header[2..6],
        ["GATEWAY", "Oslo universitetssykehus HF^993467049^ENH", "EHR", "Helse Førde HF^983974732^ENH"]
    );
    assert_eq!((header[8], header[11], header[17]), ("RRI^I12^RRI_I12", "2.5.1", "8859/1"));
    assert_eq!(segments[1], "MSA|AA|G0100");
    assert!(
        segments[2].starts_with("RF1|R^Rejected^HL70283|||||b0005cb0-0000-4000-8000-000000000001|"),
        "{}",
        segments[2]
    );
    assert_eq!(segments[4], "PID|1||05898597468^^^FNR||Ås^Line Ærlig^Bø||19850905|F");
    assert_eq!(segments[5], "NTE|1||Henvisningen er avvist. Utredningen er ferdig. Ingen behandlingsgruppe passer nå.");
}

#[test]
fn nobody_is_told_who_must_not_or_need_not_be() {
    let told = |path: &str, state| {
        let setting = Setting::new("status-nobody");
        let referral = setting.send(path, &[]);
        assert!(setting.case(&referral).reply.is_some());
        let told = setting.tell(&referral, state, None);
        assert_eq!(setting.notices().len(), usize::from(told.is_some()));
        told
    };
    // The sender withdrew it and knows.
    assert_eq!(told(HENVISNING, "cancelled"), None);
    // Help at once: HIS 1206, section 2.2.
    assert_eq!(told("henvisning/emergency/input.xml", "offered"), None);
    // Who sends FHIR reads FHIR.
    assert_eq!(told("one-patient/ehr-fhir.json", "offered"), None);
    assert!(told(HENVISNING, "offered").is_some());
}

#[test]
fn a_trust_is_told_of_its_own_patients_only() {
    let other = super::setting::destinations(9, 9).replace("\"forde\"", "\"oslo\"");
    let setting = Setting::with("status-own", &other);
    let referral = setting.send(HENVISNING, &[]);
    assert_eq!(setting.case(&referral).trust.as_deref(), Some("forde"));
    assert_eq!(setting.tell(&referral, "offered", None), None);
}

#[test]
fn a_status_that_cannot_be_written_waits_for_a_person() {
    let setting = Setting::new("status-untold");
    // Name, date of birth and sex are enough for a referral (HIS 80415), and too little for a status (HIS 1206).
    let number =
        "<Ident><Id>05898597468</Id><TypeId V=\"FNR\" S=\"2.16.578.1.12.4.1.1.8116\" DN=\"Fødselsnummer\"/></Ident>";
    let referral = setting.send(HENVISNING, &[(number, "")]);
    let id = setting.tell(&referral, "offered", None).unwrap();
    let row = setting.row(&id);
    assert_eq!(row.disposition, "quarantined");
    assert_eq!(row.reason, "status.untold: what the format demands is not known");
    assert!(setting.deliveries(&id).is_empty());
    // What should be told is kept, and is the first of the chain when it can be.
    assert_eq!(setting.original(&id), "Pasienten har fått tilbud om plass i en behandlingsgruppe.");
}
