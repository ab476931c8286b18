//! Values whose loss or change would say something else of the patient.

use super::*;

fn referral_of(text: &str) -> (Referral, Account) {
    let (result, account) = read_base(text);
    let reading = result.unwrap_or_else(|_| panic!("{text}: {:?}", account.issues));
    (reading.referral, account)
}

fn notes(referral: &Referral) -> Vec<&str> {
    referral.notes.iter().map(|note| note.text.expose()).collect()
}

/// HL7 v2.5.1, chapter 11: only the event of the message says what becomes of the referral. ORC-1 (table 0119) is about the
/// order of its own group.
#[test]
fn a_cancelled_order_in_the_message_is_kept_as_a_note() {
    let text = changed(&["ORC|CA|LAB-1", "OBR|1|LAB-1||CBC^Blodstatus^L"]);
    let (referral, _) = referral_of(&text);
    assert_eq!((referral.message.action, referral.status.as_str()), (Action::New, "active"));
    assert!(notes(&referral).contains(&"ORC[1]-1: CA"), "{:?}", notes(&referral));
    // Whose referrals are cancelled by an order says so in an overlay.
    let overlay =
        "binding: hl7v2-referral\nreferral:\n  message:\n    action: first(try(hl7v2-actions, ORC-1), 'new')\n";
    let (result, _) = read_with(text.as_bytes(), &with("referral/overlays/983974732.yaml", overlay).unwrap());
    assert_eq!(result.unwrap().referral.message.action, Action::Cancel);
}

/// Table 0052: what the patient is admitted with or what is worked with is no disease that is known.
#[test]
fn only_a_final_diagnosis_is_stated() {
    for (kind, clinical, verification) in [
        ("F", Some("active"), Some("confirmed")),
        ("W", None, Some("provisional")),
        ("A", None, Some("provisional")),
        ("", Some("active"), None),
    ] {
        let (referral, _) = referral_of(&changed(&[&format!("DG1|1||C61^Svulst^I10|||{kind}")]));
        let diagnosis = &referral.diagnoses[0];
        assert_eq!(diagnosis.clinical_status.as_deref(), clinical, "{kind}");
        assert_eq!(diagnosis.verification_status.as_deref(), verification, "{kind}");
    }
    let (referral, _) = referral_of(&changed(&["DG1|1|||Mistanke om lungekreft"]));
    let diagnosis = &referral.diagnoses[0];
    assert_eq!(
        (diagnosis.clinical_status.as_deref(), diagnosis.verification_status.as_deref()),
        (None, Some("provisional"))
    );
}

#[test]
fn a_diagnosis_that_an_overlay_refutes_becomes_a_note() {
    let overlay = "binding: hl7v2-referral\nreferral:\n  diagnoses:\n    - $each: DG1\n      codes: code(DG1-3)\n      verification_status: [{$when: DG1-6 == 'X', $value: \"'refuted'\"}]\n";
    let text = changed(&["DG1|1||C61^^I10|||X"]);
    let (result, account) = read_with(text.as_bytes(), &with("referral/overlays/983974732.yaml", overlay).unwrap());
    let reading = result.unwrap();
    assert_eq!(reading.referral.diagnoses, []);
    assert_eq!(notes(&reading.referral), ["Refuted diagnosis: C61"]);
    assert_eq!(issues(&account), [(IssueCode::ReferralDiagnosisRefuted, "DG1[1]".to_owned())]);
}

#[test]
fn the_newest_performance_status_counts() {
    let text = changed(&[
        "OBX|1|NM|89247-1^ECOG^LN||1||||||F|||20260110",
        "OBX|2|NM|89247-1^ECOG^LN||3||||||F|||20260220",
        "OBX|3|NM|89247-1^ECOG^LN||0||||||W|||20260225",
        "OBX|4|NM|89247-1^ECOG^LN||0||||||I|||20260226",
        "OBX|5|NM|89247-1^ECOG^LN||2||||||F",
    ]);
    let (referral, account) = referral_of(&text);
    let status = referral.performance_status.unwrap();
    assert_eq!((status.grade, status.assessed.as_deref()), (3, Some("2026-02-20")));
    let items: Vec<_> = referral
        .clinical_items
        .iter()
        .map(|item| (item.text.as_ref().unwrap().expose(), item.date.as_deref()))
        .collect();
    assert_eq!(
        items,
        [
            ("ECOG; Result status - I", Some("2026-02-26")),
            ("ECOG performance status = 1", Some("2026-01-10")),
            ("ECOG performance status = 2", None),
        ]
    );
    assert_eq!(issues(&account), []);
}

#[test]
fn a_procedure_of_the_future_is_planned() {
    // The message is of 1 March 2026.
    for (day, status) in
        [("20260110", "completed"), ("20260301", "completed"), ("20260401", "preparation"), ("", "completed")]
    {
        let (referral, _) = referral_of(&changed(&[&format!("PR1|1||X^Prostatektomi^L|Prostatektomi|{day}")]));
        assert_eq!(referral.treatments[0].status, status, "{day}");
    }
}

/// PID-29 and PID-30 (HL7 v2.5.1, 3.4.2).
#[test]
fn a_death_is_kept() {
    for (pid, expected) in [
        ("20260215||", (Some(true), None, Some("2026-02-15"))),
        ("202602151030|Y|", (Some(true), None, Some("2026-02-15T10:30:00+01:00"))),
        ("20260215|N|", (Some(true), None, Some("2026-02-15"))),
        ("|Y|", (Some(true), Some(true), None)),
        ("|N|", (Some(false), Some(false), None)),
        ("yesterday||", (Some(true), Some(true), None)),
        ("||", (None, None, None)),
    ] {
        let pid = format!("PID|1||05898597468^^^FNR||Danser^Line||19850905|F{}{pid}", "|".repeat(21));
        let patient = referral_of(&changed(&[&pid])).0.patient;
        let date = patient.death_date.as_ref().map(|date| date.expose());
        assert_eq!((patient.is_deceased, patient.is_deceased_undated, date), expected, "{pid}");
    }
}

/// Tables 0200 (name type) and 0190 (address type); the parts of one name and of one address stay together.
#[test]
fn the_name_by_law_and_the_address_at_home_are_taken() {
    for (names, expected) in [
        ("Pike^Line^^^^^M~Danser^Line^^^^^L", "Danser"),
        ("Kalt^Lillemor^^^^^N~Danser^Line", "Danser"),
        ("Scene^Stjerna^^^^^D~Danser^Line^^^^^L", "Danser"),
        ("Danser^Line~Scene^Stjerna^^^^^D", "Danser"),
        ("Pike^Line^^^^^M", "Pike"),
        ("~Danser^Line", "Danser"),
    ] {
        let text = changed(&[&format!("PID|1||05898597468^^^FNR||{names}||19850905|F")]);
        assert_eq!(referral_of(&text).0.patient.family_name.expose(), expected, "{names}");
    }
    for (addresses, city) in [
        ("Hotellet^^Oslo^^0150^^C~Storgata 1^^Bergen^^5003^^H", "Bergen"),
        ("Kontoret^^Oslo^^0150^^O~Storgata 1^^Bergen^^5003", "Bergen"),
        ("Hotellet^^Oslo^^0150^^C", "Oslo"),
    ] {
        let text = changed(&[&format!("PID|1||05898597468^^^FNR||Danser^Line||19850905|F|||{addresses}")]);
        assert_eq!(referral_of(&text).0.patient.city.unwrap().expose(), city, "{addresses}");
    }
}

/// Table 0286: a provider can have several roles.
#[test]
fn a_provider_of_several_roles_is_found_by_each() {
    for role in ["RP", "PP~RP", "RP~PP", "PP^Primary care provider^HL70286~RP^Referring provider^HL70286"] {
        let (referral, _) = referral_of(&changed(&[&format!("PRD|{role}|Lege^Lotte||^^^^^^^^Fastlegekontor")]));
        assert_eq!(referral.requester.unwrap().family_name.unwrap().expose(), "Lege", "{role}");
        assert_eq!(referral.sender_service.unwrap().name.as_deref(), Some("Fastlegekontor"), "{role}");
    }
    let (referral, _) = referral_of(&changed(&["PRD|PP~CP|Lege^Lotte"]));
    assert_eq!(referral.requester, None);
}

#[test]
fn drugs_that_are_ordered_or_dispensed_are_read() {
    let text = changed(&[
        "ORC|RE|1",
        "RXE|^BID^^20260110^20260701|L02BB04^Enzalutamid^WC|160||mg^mg^UCUM|TAB^tablett^L|^Tas med mat",
        "ORC|DC|2",
        "RXE|^QD|C05AA04^Hydrokortison^WC|1||tablett",
        "ORC|RE|3",
        "RXD|1|N02BE01^Paracetamol^WC|202602101200|100|stk",
    ]);
    let (referral, account) = referral_of(&text);
    let read: Vec<_> = referral
        .medications
        .iter()
        .map(|it| {
            (
                it.codes[0].code.as_str(),
                it.text.as_deref().unwrap(),
                it.status.as_str(),
                it.dosage.as_ref().unwrap().expose(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("L02BB04", "Enzalutamid", "unknown", "160 mg; tablett; Interval - BID; Tas med mat"),
            ("C05AA04", "Hydrokortison", "stopped", "1 tablett; Interval - QD"),
            ("N02BE01", "Paracetamol", "unknown", "Dispensed - 2026-02-10T12:00:00+01:00 100 stk"),
        ]
    );
    let first = &referral.medications[0];
    assert_eq!((first.start.as_deref(), first.end.as_deref()), (Some("2026-01-10"), Some("2026-07-01")));
    assert_eq!(first.codes[0].system.as_deref(), Some("http://www.whocc.no/atc"));
    assert_eq!(issues(&account), []);
    assert_eq!(row(&account, "RXE-2[1]"), None, "held");
}

/// DG1-2 and DG1-4 were kept for older versions: coding method and description (HL7 v2.5.1, 6.5.2).
#[test]
fn an_old_style_diagnosis_is_read() {
    let icd_10 = Some("http://hl7.org/fhir/sid/icd-10-no");
    for (dg1, code, text) in [
        ("DG1|1|I10|C61|Svulst", Some(("C61", icd_10)), "Svulst"),
        ("DG1|1|ICD10|C61^Svulst", Some(("C61", icd_10)), "Svulst"),
        ("DG1|1|I9|185|Svulst", Some(("185", None)), "Svulst"),
        (
            "DG1|1|I10|L88^^2.16.578.1.12.4.1.1.7170|Svulst",
            Some(("L88", Some("http://hl7.org/fhir/sid/icpc-2"))),
            "Svulst",
        ),
        ("DG1|1|I10||C61 Svulst", None, "C61 Svulst"),
    ] {
        let (referral, _) = referral_of(&changed(&[dg1]).replace("|2.5.1|", "|2.3.1|"));
        let diagnosis = &referral.diagnoses[0];
        let found = diagnosis.codes.first().map(|code| (code.code.as_str(), code.system.as_deref()));
        assert_eq!((found, diagnosis.text.as_deref()), (code, Some(text)), "{dg1}");
    }
    let (referral, _) = referral_of(&changed(&["DG1|1|I9|185|Svulst"]));
    assert_eq!(notes(&referral), ["DG1[1]-2: I9"]);
}

/// HL7 v2.5.1, 2.A.47 NM and 2.A.71 SN, and what Norwegian systems send beside it.
#[test]
fn numbers_keep_comparator_and_decimals() {
    let mut seen = 0;
    for (kind, sent, comparator, value) in [
        ("NM", "12.50", None, Some("12.50")),
        ("NM", "12,50", None, Some("12.50")),
        ("NM", ">12.50", Some(">"), Some("12.50")),
        ("NM", "< 0,5", Some("<"), Some("0.5")),
        ("NM", ">=3", Some(">="), Some("3")),
        ("NM", "≤3", Some("<="), Some("3")),
        ("NM", "1,234,567", None, None),
        ("NM", "1.234,5", None, None),
        ("SN", ">^12.50", Some(">"), Some("12.50")),
        ("SN", "<=^12,50", Some("<="), Some("12.50")),
        ("SN", "=^12.50", None, Some("12.50")),
        ("SN", "^12.50", None, Some("12.50")),
        ("SN", ">12.50", Some(">"), Some("12.50")),
        ("SN", "^1^-^2", None, None),
        ("SN", "^1^:^128", None, None),
        ("SN", "<>^5", None, None),
    ] {
        let (referral, _) = referral_of(&changed(&[&format!("OBX|1|{kind}|718-7^Hb^LN||{sent}|g/dL")]));
        let item = &referral.clinical_items[0];
        assert_eq!(item.comparator.as_deref(), comparator, "{kind} {sent}");
        assert_eq!(item.value.as_ref().map(|value| value.as_str()), value, "{kind} {sent}");
        if sent.contains(',') && value.is_some() && kind == "NM" {
            seen += 1;
            let text = item.text.as_ref().unwrap().expose();
            assert!(text.ends_with(&format!("As sent - {sent}")), "{text}");
        }
    }
    assert_eq!(seen, 2);
}

#[test]
fn no_known_allergy_is_no_warning() {
    for (al1, is_warning) in [
        ("AL1|1|DA|716186003^No known allergy^SCT", false),
        ("AL1|1|DA|NKDA", false),
        ("AL1|1||^Ingen kjente allergier", false),
        ("AL1|1|DA|^Ingen kjente allergier|SV^Severe^HL70128", true),
        ("AL1|1|DA^Drug allergy^HL70127|J01CE^Penicillin^WC", true),
    ] {
        let (referral, account) = referral_of(&changed(&[al1]));
        let counts = (referral.precautions.len(), referral.clinical_items.len());
        assert_eq!(counts, if is_warning { (1, 0) } else { (0, 1) }, "{al1}");
        assert_eq!(row(&account, "AL1-3[1]"), None, "held");
    }
}

#[test]
fn a_her_id_alone_gives_the_keys_of_the_organisation_number() {
    let trusts = Trusts::parse(include_str!("../../../../mappings/trusts.toml")).unwrap();
    let read_as = |sender: &str| {
        let text = changed(&[&MESSAGE[0].replace("983974732", sender)]);
        let (mut account, bindings) = (Account::default(), bindings());
        let (file, limits) = (Arc::from("m.hl7"), Limits::default());
        let synthetic = SyntheticNumbers::Accepted;
        let context = Context {
            file: &file,
            limits: &limits,
            bindings: &bindings,
            trusts: Some(&trusts),
            synthetic,
            addressees: &ANYBODY,
        };
        let referral = read(text.as_bytes(), context, &mut account).unwrap().referral;
        (referral.identity, referral.sender.identity, issues(&account))
    };
    let (referral, sender, found) = read_as("St. Olavs^59^HER");
    assert_eq!(found, []);
    assert_eq!((referral, sender), {
        let (referral, sender, _) = read_as("St. Olavs^883974832^ENH");
        (referral, sender)
    });
    let (_, _, found) = read_as("Fjord^90001^HER");
    assert_eq!(found, [(IssueCode::SenderNumberMissing, "MSH[1]-4".to_owned())]);
}

#[test]
fn a_message_to_somebody_else_is_refused_without_receipt() {
    let ours = Addressees::new(&["993467049".to_owned(), "IMPRESS".to_owned()]);
    let bindings = bindings();
    for (receiver, is_ours) in
        [("IMPRESS", true), ("OUS^993467049^ENH", true), ("", true), ("FJORD", false), ("Førde^983974732^ENH", false)]
    {
        for set in ["UNICODE UTF-8", "8859/2"] {
            let header = MESSAGE[0].replace("|IMPRESS|", &format!("|{receiver}|")).replace("UNICODE UTF-8", set);
            let mut account = Account::default();
            let (file, limits) = (Arc::from("m.hl7"), Limits::default());
            let context = Context {
                file: &file,
                limits: &limits,
                bindings: &bindings,
                trusts: None,
                synthetic: SyntheticNumbers::Accepted,
                addressees: &ours,
            };
            let result = read(changed(&[&header]).as_bytes(), context, &mut account);
            let is_read = set == "UNICODE UTF-8";
            assert_eq!(result.is_ok(), is_ours && is_read, "{receiver} {set}");
            let is_answered = match result {
                Ok(_) => true,
                Err(refused) => refused.header.is_some(),
            };
            assert_eq!(is_answered, is_ours, "{receiver} {set}");
            if is_read && !is_ours {
                assert_eq!(issues(&account), [(IssueCode::IntakeMisaddressed, "MSH[1]-6".to_owned())]);
                assert!(account.ledger.open_rows().is_empty());
            }
        }
    }
}

#[test]
fn new_change_and_cancel() {
    for (event, order, expected, status) in [
        ("I12", "", "new", "active"),
        ("I13", "", "change", "active"),
        ("I14", "", "cancel", "revoked"),
        // An order of the laboratory in the message is cancelled or changed, not the referral.
        ("I12", "ORC|XO", "new", "active"),
        ("I12", "ORC|CA", "new", "active"),
        ("I13", "ORC|CA", "change", "active"),
        ("I14", "ORC|NW", "cancel", "revoked"),
    ] {
        let header = MESSAGE[0].replace("I12", event);
        let segments: Vec<&str> = [header.as_str(), order].into_iter().filter(|segment| !segment.is_empty()).collect();
        let referral = read_base(&changed(&segments)).0.unwrap().referral;
        let action = format!("{:?}", referral.message.action).to_lowercase();
        assert_eq!((action.as_str(), referral.status.as_str()), (expected, status), "{event} {order}");
        assert_eq!(referral.document_id, "b0005cb0-0000-4000-8000-000000000001");
    }
}

#[test]
fn an_unknown_sender_is_flagged_and_can_be_answered() {
    let text = changed(&[&MESSAGE[0].replace("983974732", "FJORD")]);
    let (result, account) = read_base(&text);
    let reading = result.unwrap();
    assert_eq!(issues(&account), [(IssueCode::Hl7SenderUnknown, "MSH[1]-4".to_owned())]);
    assert_eq!(reading.referral.sender.name.as_deref(), Some("FJORD"));
    let stamp = Stamp { control_id: "A1", time: "20260301" };
    assert!(acknowledge(&reading.header, &account.issues, Level::Original, stamp).is_some());
}
