//! One change to a good message, and the issue that it gives at its place.

use impress_gateway::domain::accounting::{Outcome, Row};
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::sources::henvisning::ErrorCode;

use super::{golden, issues, translate, translate_with};

const INFO: &str = "/MsgHead/MsgInfo";
const BODY: &str = "/MsgHead/Document[1]/RefDoc/Content/Henvisning";
const ATTACHMENT: &str = "/MsgHead/Document[2]/RefDoc";

/// A change and the issues that it adds: code, place.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

fn changed(case: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(golden(case)).unwrap();
    assert!(text.contains(from), "{from} is not in {case}");
    text.replacen(from, to, 1).into_bytes()
}

fn assert_issues(message: &[u8], label: &str, expected: &[(&str, &str, &str)]) {
    let (_, account) = translate(message);
    let mut expected: Vec<String> = expected.iter().map(|(code, base, path)| format!("{code} {base}{path}")).collect();
    expected.sort();
    assert_eq!(issues(&account), expected, "{label}");
}

const ACCEPTED: &[Case] = &[
    (
        "<Type V=\"HENVISNING_VIDERE\" DN=\"Viderehenvisning\"/>",
        "<Type V=\"DIALOG_SVAR\" DN=\"Svar\"/>",
        &[("henvisning.type-differs", INFO, "/Type")],
    ),
    (
        "</MsgId>",
        "</MsgId><ProcessingStatus V=\"T\" DN=\"Test\"/>",
        &[("henvisning.test-message", INFO, "/ProcessingStatus")],
    ),
    (
        "    <Patient>",
        "    <OtherReceiver><RoleReceiver V=\"COP\"/></OtherReceiver><Patient>",
        &[("henvisning.other-receiver", INFO, "/OtherReceiver")],
    ),
    (
        "</MsgHead>",
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignatureValue>AA==</SignatureValue></Signature></MsgHead>",
        &[("henvisning.signature-not-checked", "/MsgHead", "/Signature")],
    ),
    ("2026-03-01T10:00:00+01:00", "2025-10-26T02:30:00", &[("henvisning.time-ambiguous", INFO, "/GenDate")]),
    ("2026-03-01T10:00:00+01:00", "yesterday", &[("henvisning.date-invalid", INFO, "/GenDate")]),
    ("1985-09-05", "05.09.1985", &[("henvisning.date-invalid", INFO, "/Patient/DateOfBirth")]),
    ("222200068", "22", &[("identity.hpr-number-invalid", BODY, "/AnsvarForRapport/AnsvarligRapport/Ident/Id")]),
    ("<Id>90001</Id>", "<Id>HER-90001</Id>", &[("identity.her-id-invalid", INFO, "/Sender/Organisation/Ident[2]/Id")]),
    (
        "<Id>983974732</Id>",
        "<Id>983974733</Id>",
        &[
            ("identity.organisation-number-invalid", INFO, "/Sender/Organisation/Ident[1]/Id"),
            ("identity.sender-number-missing", INFO, "/Sender/Organisation"),
        ],
    ),
    // A legal number, of the regional authority: none of the trusts.
    ("<Id>983974732</Id>", "<Id>991324968</Id>", &[("identity.organisation-unknown", INFO, "")]),
    ("V=\"FNR\" S=", "V=\"DNR\" S=", &[("identity.number-kind-differs", INFO, "/Patient/Ident/Id")]),
    // Name, date of birth and sex are enough.
    ("05898597468", "05898597469", &[("identity.national-number-invalid", INFO, "/Patient/Ident/Id")]),
    (
        "V=\"PK\" DN=\"Pakkeforløp for kreft (elektiv)\"",
        "V=\"X\" DN=\"x\"",
        &[("code.unmapped", BODY, "/ReqServ/Priority")],
    ),
    (
        "<ServType V=\"N\" DN=\"Ny\"/>\n      <IssueDate>",
        "<ServType V=\"Q\" DN=\"?\"/>\n      <IssueDate>",
        &[("code.unmapped", BODY, "/ServType"), ("code.unmapped", BODY, "/ServType")],
    ),
];

#[test]
fn a_defect_of_a_message_is_an_issue_at_its_place() {
    for (from, to, expected) in ACCEPTED {
        let message = changed("videre-new", from, to);
        assert!(translate(&message).0.is_ok(), "{to}: refused");
        assert_issues(&message, to, expected);
    }
    let content = "<Original xmlns=\"urn:x\">x</Original>";
    // A document of XML, such as the original referral; in an attachment it would be one that cannot be read.
    let text = String::from_utf8(golden("videre-new"))
        .unwrap()
        .replace("<MsgType V=\"A\" DN=\"Vedlegg\"/>", "<MsgType V=\"XML\"/>");
    let at = text.find("<Base64Container").unwrap();
    let end = text.find("</Base64Container>").unwrap() + "</Base64Container>".len();
    let (before, after) = (text.get(..at).unwrap(), text.get(end..).unwrap());
    for (content, code, path) in
        [(content, "henvisning.original-not-read", "/Content/Original"), ("", "henvisning.attachment-elsewhere", "")]
    {
        let message = format!("{before}{content}{after}");
        assert!(translate(message.as_bytes()).0.is_ok_and(|it| it.referral.attachments.is_empty()));
        assert_issues(message.as_bytes(), code, &[(code, ATTACHMENT, path)]);
    }
}

#[test]
fn a_name_without_a_comma_is_split_at_its_last_word() {
    let message = changed("v1.1-new", "<Name>Ås, Ola Bø</Name>", "<Name>Ola Bø Ås</Name>");
    assert_issues(&message, "name", &[("henvisning.name-split", "/Message/ServReq", "/Patient/Name")]);
    let patient = translate(&message).0.unwrap().referral.patient;
    assert_eq!((patient.family_name.expose(), patient.given_name.expose()), ("Ås", "Ola Bø"));
}

#[test]
fn characters_of_windows_1252_are_doubtful_in_iso_8859_1() {
    let mut bytes = golden("videre-damaged");
    let place = bytes.windows(2).position(|pair| pair == b" h").unwrap();
    bytes[place] = 0x93;
    let (_, account) = translate(&bytes);
    assert!(issues(&account).contains(&"henvisning.encoding-doubtful /MsgHead".to_owned()));
}

/// What refuses a message, and the error of the receipt (Volven 8221).
#[test]
fn a_message_is_refused_for_what_the_standard_names() {
    let broken = |from: &str, to: &str| changed("videre-new", from, to);
    for (message, code, error) in [
        (broken("</MsgHead>", ""), "henvisning.unreadable", ErrorCode::T01),
        (b"MSH|^~\\&|".to_vec(), "henvisning.unreadable", ErrorCode::T01),
        (broken("<MsgInfo>", "<MsgInfos>").into_iter().collect(), "henvisning.unreadable", ErrorCode::T01),
        (broken("msghead/2006-05-24", "msghead/2035-01-01"), "henvisning.version-unsupported", ErrorCode::T10),
        (b"<a/>".to_vec(), "henvisning.version-unsupported", ErrorCode::T10),
        (
            broken("<DocumentId>b0005cb0-0000-4000-8000-000000000001</DocumentId>", ""),
            "henvisning.element-missing",
            ErrorCode::T02,
        ),
        (
            broken("<DocumentId>b0005cb0-0000-4000-8000-000000000001<", "<DocumentId> <"),
            "henvisning.element-missing",
            ErrorCode::T02,
        ),
        (broken("</Patient>", "</Patient><Patient/>"), "henvisning.element-repeated", ErrorCode::T02),
        (broken("<MsgId>0f000001", "<MsgId>0f00000g"), "henvisning.message-id-invalid", ErrorCode::E10),
        (broken("<FamilyName>Ås<", "<FamilyName><"), "referral.patient-unidentifiable", ErrorCode::E36),
        (broken("application/pdf", "text/html"), "referral.attachment-unsupported", ErrorCode::X99),
        (broken("application/pdf", ""), "referral.attachment-unsupported", ErrorCode::X99),
        (broken("<MimeType>", "<Compression V=\"GZ\"/><MimeType>"), "referral.attachment-unsupported", ErrorCode::X99),
        (broken("application/pdf", "image/png"), "referral.attachment-invalid", ErrorCode::X99),
        (broken(">JVBER", ">*VBER"), "referral.attachment-invalid", ErrorCode::X99),
        (broken(">JVBER", ">VBER"), "referral.attachment-invalid", ErrorCode::X99),
    ] {
        let (result, account) = translate(&message);
        let codes: Vec<&str> = account.issues.iter().map(|issue| issue.code.as_str()).collect();
        assert!(codes.contains(&code), "{code}: {codes:?}");
        let rejections = result.err().unwrap_or_else(|| panic!("{code}: accepted")).rejections;
        assert_eq!(rejections.first().map(|rejection| rejection.code), Some(error), "{code}");
        assert_eq!(account.ledger.open_rows(), []);
    }
}

/// HIS 80415, section 3.3.4: the sets of what says who the patient is.
#[test]
fn a_patient_is_identified_by_one_of_four_sets() {
    let given = "<GivenName>Line Ærlig</GivenName>";
    let birth = "<DateOfBirth>1985-09-05</DateOfBirth>";
    let sex = "<Sex V=\"2\" DN=\"Kvinne\"/>";
    let number = |number: &str, kind: &str| {
        format!("<Ident><Id>{number}</Id><TypeId V=\"{kind}\" S=\"2.16.578.1.12.4.1.1.8116\" DN=\"x\"/></Ident>")
    };
    let text = String::from_utf8(golden("videre-cancel")).unwrap();
    let start = text.find("<Patient>").unwrap();
    let end = text.find("</Patient>").unwrap();
    for (patient, accepted) in [
        (format!("{given}{}", number("05898597468", "FNR")), true),
        (format!("{given}{}", number("53898597454", "DNR")), true),
        (format!("{given}{}", number("80000000098", "FHN")), true),
        (format!("{given}{birth}{sex}"), true),
        // A local number is unique in its hospital only.
        (format!("{given}{}", number("02413299899", "HNR")), false),
        (format!("{given}{birth}{sex}{}", number("02413299899", "HNR")), true),
        (format!("{given}{}", number("AB123456", "PNR")), false),
        (format!("{given}{birth}"), false),
        (format!("{given}{sex}"), false),
        (number("05898597468", "FNR"), false),
        (String::new(), false),
    ] {
        let family = "<Patient><FamilyName>Ås</FamilyName>";
        let message = format!("{}{family}{patient}{}", text.get(..start).unwrap(), text.get(end..).unwrap());
        assert_eq!(translate(message.as_bytes()).0.is_ok(), accepted, "{patient}");
    }
    let without = format!("{}{}", text.get(..start).unwrap(), text.get(end + "</Patient>".len()..).unwrap());
    let refused = translate(without.as_bytes()).0.err().unwrap();
    assert_eq!(refused.rejections.iter().map(|it| it.code).collect::<Vec<_>>(), [ErrorCode::E36]);
}

#[test]
fn numbers_of_test_populations_are_wrong_numbers_in_production() {
    let (result, account) = translate_with(&golden("videre-cancel"), &Limits::default(), SyntheticNumbers::Refused);
    let codes: Vec<ErrorCode> = result.err().unwrap().rejections.iter().map(|it| it.code).collect();
    assert_eq!(codes, [ErrorCode::E31, ErrorCode::E36]);
    assert!(issues(&account).contains(&format!("identity.synthetic-number {INFO}/Patient/Ident/Id")));
}

#[test]
fn a_local_number_is_of_the_organisation_that_sends_it() {
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let text = text.replace("05898597468", "02413299899").replace("V=\"FNR\"", "V=\"HNR\"");
    let referral = translate(text.as_bytes()).0.unwrap().referral;
    let number = referral.patient.identifiers.first().unwrap();
    assert_eq!((number.system.as_deref(), number.kind.as_deref()), (Some("HNR"), Some("HNR")));
    assert_eq!(number.assigner.as_deref(), Some("983974732"));
    // Without a sender that has a number, nobody gave it.
    let anonymous = text.replacen("<Id>983974732</Id>", "<Id>x</Id>", 1).replacen("<Id>90001</Id>", "<Id>x</Id>", 1);
    let (result, account) = translate(anonymous.as_bytes());
    assert!(result.unwrap().referral.patient.identifiers.is_empty());
    assert!(issues(&account).contains(&format!("identity.assigner-missing {INFO}/Patient/Ident/Id")));
}

/// What becomes of an element is told with one code of the accounting.
#[test]
fn elements_that_no_resource_holds_are_listed_with_the_reason() {
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let text = text.replacen(
        "<po:TypeInnholdIMelding>",
        "<po:ParorendeForesatt><po:Merknad>nabo</po:Merknad></po:ParorendeForesatt><po:TypeInnholdIMelding>",
        1,
    );
    let text = text.replacen("fk1:Id>222200068", "fk1:Id>22", 1);
    let (result, account) = translate(text.as_bytes());
    assert!(result.is_ok());
    let code = |path: &str| {
        let is_at = |row: &&Row| row.section.as_deref() == Some(path);
        account.ledger.rows().find(is_at).map(|row| match &row.outcome {
            Outcome::Listed { code, .. } => code.as_str(),
            Outcome::Open => "held",
            Outcome::Represented(_) => "represented",
        })
    };
    for (path, expected) in [
        (format!("{INFO}/MsgId"), "henvisning.element-envelope"),
        (format!("{BODY}/ParorendeForesatt/Merknad"), "henvisning.element-unread"),
        (format!("{BODY}/AnsvarForRapport/AnsvarligRapport/Ident/Id"), "henvisning.element-not-used"),
        (format!("{BODY}/VurderingAvHenvisning/DatoMottakOgVurdering/Dato"), "henvisning.element-kept"),
        (format!("{BODY}/Diagnosis/Concept"), "held"),
        (format!("{INFO}/Patient/FamilyName"), "held"),
        (format!("{ATTACHMENT}/Content/Base64Container"), "held"),
    ] {
        assert_eq!(code(&path), Some(expected), "{path}");
    }
}

#[test]
fn every_line_end_is_one() {
    let text = String::from_utf8(golden("videre-new")).unwrap();
    let text = text.replacen("Frisk inntil 2024", "Frisk\ninntil\n\n2024", 1);
    let expected = super::shown(&translate(text.as_bytes()).0.unwrap().referral);
    let mixed: String =
        text.lines().enumerate().map(|(n, line)| format!("{line}{}", ["\n", "\r\n", "\r"][n % 3])).collect();
    for text in [text.replace('\n', "\r\n"), text.replace('\n', "\r"), mixed] {
        let (result, account) = translate(text.as_bytes());
        assert_eq!((super::shown(&result.unwrap().referral), issues(&account)), (expected.clone(), vec![]));
    }
}

/// A pathway is about the only diagnosis; of several, nothing says which one, so that it stands alone.
#[test]
fn a_pathway_joins_the_only_diagnosis() {
    let pathway = |code: &str| {
        let list = "2.16.578.1.12.4.1.1.8480";
        format!("<Pakkeforlop><Pakkeforlopskode V=\"{code}\" S=\"{list}\" DN=\"x\"/></Pakkeforlop>")
    };
    let diagnosis = "<Diagnosis><Concept V=\"C259\" S=\"2.16.578.1.12.4.1.1.7110\" DN=\"x\"/></Diagnosis>";
    let first = "<Diagnosis>\n        <Concept V=\"C61\"";
    for (message, expected) in [
        (changed("videre-new", "<Pakkeforlop>", "<Pakkeforlop>"), vec![(Some("C61"), Some("A16CK"))]),
        (
            changed("videre-new", "<Pakkeforlop>", &format!("{}<Pakkeforlop>", pathway("A07CK"))),
            vec![(Some("C61"), Some("A07CK")), (None, Some("A16CK"))],
        ),
        (
            changed("videre-new", first, &format!("{diagnosis}{first}")),
            vec![(Some("C259"), None), (Some("C61"), None), (None, Some("A16CK"))],
        ),
    ] {
        let diagnoses = translate(&message).0.unwrap().referral.diagnoses;
        let shown: Vec<_> = diagnoses
            .iter()
            .map(|it| (it.codes.first().map(|it| it.code.as_str()), it.pathway.as_ref().map(|it| it.code.as_str())))
            .collect();
        assert_eq!(shown, expected);
        let mut keys: Vec<_> = diagnoses.iter().map(|it| &it.identity).collect();
        keys.dedup();
        assert_eq!(keys.len(), diagnoses.len());
    }
}
