use super::*;
use crate::fhir::systems::{HGVS, PATHWAY, SNOMED_CT, UCUM};

const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10-no";
const ATC: &str = "http://www.whocc.no/atc";
const ICPC_2: &str = "http://hl7.org/fhir/sid/icpc-2";
const LOINC: &str = "http://loinc.org";

/// What a name, a national number (synthetic), a telephone number and a date look like where a code belongs.
const NO_CODES: [&str; 14] = [
    "",
    "Danser",
    "OlaNordmann",
    "Ola Nordmann",
    "GUNN",
    "Gunn",
    "05898597468",
    "058985 97468",
    "90000001",
    "+4790000001",
    "1985-09-05",
    "19850905",
    "C61 Danser",
    "per@example.no",
];

#[test]
fn codes_of_their_systems_pass_and_nothing_else_does() {
    for (system, codes) in [
        (ICD_10, &["C61", "C50.9", "C509", "C5091", "C50.91"][..]),
        (ICPC_2, &["Y77", "L88"]),
        (ATC, &["L", "L02", "L02A", "L02AE", "L02AE03"]),
        // Prostate cancer; patient referral; non-small cell carcinoma of the lung.
        (SNOMED_CT, &["399068003", "3457005", "254637007"]),
        (LOINC, &["89247-1", "69548-6", "LA9623-5", "LA21277-1"]),
        (PATHWAY, &["A16CK", "A16A"]),
        (UCUM, &["1/1000000{Base}", "%", "1"]),
        ("http://www.genenames.org", &["HGNC:1097"]),
        ("http://www.sequenceontology.org", &["SO:1000002"]),
        ("http://www.ncbi.nlm.nih.gov/refseq", &["NC_000007.13", "NM_004333.4"]),
        ("urn:oid:2.16.578.1.12.4.1.1.7280", &["NPU01685"]),
        ("http://terminology.hl7.org/CodeSystem/v2-0074", &["GE"]),
    ] {
        for code in codes {
            assert!(is_public(system, code), "{system} {code}");
        }
        for code in NO_CODES {
            assert!(!is_public(system, code), "{system} {code}");
        }
    }
}

#[test]
fn forms_end_where_the_system_ends() {
    for (system, code) in [
        (ICD_10, "C6"),
        (ICD_10, "C61."),
        (ICD_10, "c61"),
        (ICD_10, "C61.123"),
        (ICD_10, "Æ61"),
        (ICPC_2, "Y7"),
        (ICPC_2, "Y77.1"),
        (ATC, "L02AE0"),
        (ATC, "l02ae03"),
        // The last digit is wrong.
        (SNOMED_CT, "399068004"),
        (LOINC, "89247-2"),
        // A description id (partition 01), and an id of eleven digits without the partition of an extension.
        (SNOMED_CT, "399068013"),
        (SNOMED_CT, "13897512345"),
        (UCUM, "{Danser}"),
        (UCUM, "{05898597468}"),
    ] {
        assert!(!is_public(system, code), "{system} {code}");
    }
}

/// No beginning of a URI stands for the system.
#[test]
fn a_system_is_known_by_its_whole_uri() {
    for system in [
        "http://loinc.org/Danser",
        "http://loinc.org/",
        "HTTP://loinc.org",
        "http://loinc.org|2.77",
        " http://loinc.org",
    ] {
        assert!(!is_public(system, "89247-1"), "{system}");
    }
    assert!(!is_public("http://terminology.hl7.org/CodeSystem/danser", "GE"));
}

/// hgvs-nomenclature.org, version 21.0.
#[test]
fn descriptions_consist_of_the_words_of_the_nomenclature() {
    for code in [
        "NM_004333.4:c.1799T>A",
        "NC_000002.12:g.211713666_211713668del",
        "NC_000003.11:g.142269071_142269072insTTACT",
        "NC_000023.11:g.(31060227_31100351)_(33274278_33417151)dup",
        "NC_000023.10(NM_004006.2):c.357+1G>A",
        "NM_004006.2:c.[2376G>C;3103del]",
        "LRG_199t1:c.[76C>T];[87G>A]",
        "NM_004006.3:r.123c>u",
        "NP_004324.2:p.Val600Glu",
        "NP_004324.2:p.(Glu746_Ala750del)",
        "NP_003997.1:p.(Arg97ProfsTer23)",
        "p.(Arg213=)",
        "NM_005228.3:c.2235_2249del",
        "NM_004006.2:c.4072-1234_5155-246del",
    ] {
        assert!(is_public(HGVS, code), "{code}");
    }
    for code in [
        "BRAF V600E",
        "NM_004333.4:c.Danser",
        "NM_004333.4:c.1799T>Danser",
        "NP_004324.2:p.Gunn",
        "Danser.1:c.1799T>A",
        "NM_004333.4(Danser):c.1799T>A",
        "p.Danser",
        "p.(058985)",
        "NC_000007.13:g.150985_97468del",
        "NC_000007.13:g.05898597468A>T",
        "NC_000007.13:g.140453136",
        "NC_000007.13:g.1_2ins{Danser}",
        "NC_000007.13:g.",
        "",
    ] {
        assert!(!is_public(HGVS, code), "{code}");
    }
}
