//! The tables that the program carries with it, against the code lists they were taken from.

use super::*;

fn embedded() -> ReferenceData {
    reference_data(None).unwrap()
}

#[test]
fn every_table_of_the_folder_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/codes");
    let mut names: Vec<String> = WalkDir::new(folder)
        .min_depth(1)
        .into_iter()
        .map(|entry| format!("codes/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.sort_unstable();
    assert_eq!(names, CODE_TABLES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn the_tables_have_as_many_codes_as_the_lists() {
    let data = embedded();
    // Volven, except 8279, of which only the messages that are used are carried over; HL7 Terminology 7.0.1.
    for (table, codes) in [
        ("volven-3101", 4),
        ("volven-7303", 6),
        ("volven-7309", 5),
        ("volven-8114", 3),
        ("volven-8116", 14),
        ("volven-8221", 21),
        ("volven-8231", 18),
        ("volven-8233", 20),
        ("volven-8254", 24),
        ("volven-8258", 3),
        ("volven-8279", 7),
        ("volven-8304", 17),
        ("volven-8306", 4),
        ("volven-8327", 4),
        ("volven-8480", 442),
        ("volven-9034", 22),
        ("volven-9051", 11),
        ("volven-9060", 32),
        ("volven-9147", 4),
        ("volven-9148", 4),
        ("hl7v2-0001", 6),
        ("hl7v2-0052", 3),
        ("hl7v2-0136", 2),
        ("hl7v2-0280", 3),
        ("hl7v2-0283", 4),
        ("hl7v2-0286", 4),
    ] {
        assert_eq!(data.code_tables.table(table).unwrap().codes().count(), codes, "{table}");
    }
}

#[test]
fn codes_have_their_counterparts() {
    let data = embedded();
    for (table, code, display, target) in [
        ("volven-3101", "1", "Mann", Some("male")),
        ("volven-3101", "2", "Kvinne", Some("female")),
        ("volven-3101", "0", "Ikke kjent", Some("unknown")),
        ("volven-3101", "9", "Ikke spesifisert", Some("unknown")),
        ("volven-8306", "0", "Øyeblikkelig hjelp", Some("stat")),
        ("volven-8306", "3", "Haster (elektiv)", Some("urgent")),
        ("volven-8306", "N", "Elektiv/Ordinær (elektiv)", Some("routine")),
        ("volven-8306", "PK", "Pakkeforløp for kreft (elektiv)", Some("urgent")),
        ("volven-7303", "DATO", "Innen dato/klokkeslett", None),
        ("volven-8221", "E10", "Ugyldig meldingsidentifikator", None),
        ("volven-8258", "2", "Avvist", None),
        ("volven-9148", "4", "Henvisningen er avvist", None),
        ("volven-9034", "17", "Forløpskoordinator kreft", None),
        ("hl7v2-0001", "A", "Ambiguous", Some("other")),
        ("hl7v2-0001", "U", "Unknown", Some("unknown")),
        ("hl7v2-0280", "S", "STAT", Some("stat")),
        ("hl7v2-0280", "A", "ASAP", Some("asap")),
        ("hl7v2-0280", "R", "Routine", Some("routine")),
        ("hl7v2-0085", "R", "Results entered -- not verified", None),
        ("hl7v2-0136", "Y", "Yes", None),
    ] {
        let entry = data.code_tables.lookup(table, code).unwrap_or_else(|| panic!("{table} {code}"));
        assert_eq!((entry.display(), entry.target().map(|target| target.code)), (display, target), "{table} {code}");
    }
}

/// HL7 FHIR R4 value sets request-priority and administrative-gender, and those of telecommunication, observations and medication.
#[test]
fn counterparts_are_codes_of_their_system() {
    const CODES: &[(&str, &[&str])] = &[
        ("request-priority", &["routine", "urgent", "asap", "stat"]),
        ("administrative-gender", &["male", "female", "other", "unknown"]),
        ("contact-point-system", &["phone", "fax", "email", "pager", "url", "sms", "other"]),
        (
            "medication-statement-status",
            &["active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"],
        ),
        ("contact-point-use", &["home", "work", "temp", "old", "mobile"]),
        (
            "observation-status",
            &["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"],
        ),
        // Of our own, for HL7 v2 messages: what `hl7v2_ref` knows.
        ("gateway-referral-action", &["new", "change", "cancel"]),
        ("urn:ietf:bcp:13", &["application/pdf", "image/jpeg", "image/png"]),
        ("8116", &["FNR", "DNR", "FHN", "HNR", "national"]),
    ];
    let data = embedded();
    let mut tables = 0;
    for (name, table) in data.code_tables.iter().filter(|(_, table)| table.has_targets()) {
        tables += 1;
        let system = table.head().target_system.as_deref().unwrap();
        let codes = CODES.iter().find(|(name, _)| system.ends_with(name)).unwrap().1;
        for target in table.codes().filter_map(|code| table.entry(code).unwrap().target()) {
            assert!(codes.contains(&target.code), "{name}: {}", target.code);
        }
    }
    assert_eq!(tables, 14);
}

#[test]
fn a_pathway_code_names_a_tumour_only_where_it_does_not_say_otherwise() {
    let data = embedded();
    for (code, pathway, tumor_type, finding) in [
        ("A16A", "A16", Some("Prostate"), None),
        ("A16CK", "A16", Some("Prostate"), Some("cancer-confirmed")),
        ("A16CA", "A16", None, Some("other-disease")),
        ("A16CI", "A16", None, Some("no-disease")),
        ("A16CM", "A16", None, Some("other-cancer-suspected")),
        ("A26FM", "A26", Some("Lung"), None),
        ("B01CK", "B01", Some("Unknown primary"), Some("cancer-confirmed")),
        ("C01A", "C01", None, None),
        ("C01CK", "C01", None, Some("cancer-confirmed")),
        ("C01CU", "C01", Some("Unknown primary"), Some("cancer-confirmed")),
        ("A30A", "A30", None, None),
    ] {
        let entry = data.code_tables.lookup("volven-8480", code).unwrap();
        let property = |name| entry.property(name);
        assert_eq!(
            (property("pathway"), property("tumor_type"), property("finding")),
            (Some(pathway), tumor_type, finding),
            "{code}"
        );
    }
    let table = data.code_tables.table("volven-8480").unwrap();
    let pathways = data.code_tables.table("volven-8480-pathways").unwrap();
    assert_eq!(pathways.codes().count(), 28);
    for code in table.codes() {
        assert_eq!(table.entry(code).unwrap().property("pathway"), code.get(..3), "{code}");
    }
}

#[test]
fn code_systems_are_found_by_oid_and_by_their_name_in_hl7() {
    let data = embedded();
    for (code, system) in [
        ("2.16.578.1.12.4.1.1.7110", "http://hl7.org/fhir/sid/icd-10-no"),
        ("2.16.578.1.12.4.1.1.7180", "http://www.whocc.no/atc"),
        ("2.16.578.1.12.4.1.1.7170", "http://hl7.org/fhir/sid/icpc-2"),
        ("I10", "http://hl7.org/fhir/sid/icd-10-no"),
        ("WC", "http://www.whocc.no/atc"),
    ] {
        let entry = data.code_tables.lookup("code-systems", code).unwrap();
        assert_eq!(entry.property("system"), Some(system), "{code}");
    }
    assert!(data.code_tables.lookup("code-systems", "ATC").is_none(), "the American Type Culture Collection");
    for (oid, name) in [("2.16.578.1.12.4.1.1.8480", "volven-8480"), ("2.16.578.1.12.4.1.1.9051", "volven-9051")] {
        assert_eq!(data.code_tables.table_of_oid(oid).unwrap().0, name);
    }
}
