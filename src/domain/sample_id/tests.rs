use super::*;

const CURRENT: &str = include_str!("../../../mappings/nomenclature/inpred-20261001.toml");

fn current() -> Nomenclature {
    Nomenclature::parse(CURRENT).unwrap()
}

fn known(text: &str) -> SampleId {
    match SampleId::classify(text, &current()) {
        Classified::Known(id) => id,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn known_ids_are_split_into_base_and_tail() {
    for (text, base, tail) in [
        ("IPD2225-D01-P01-A08", "IPD2225-D01-P01-A08", ""),
        ("IPD2225-D01-P01-A08_P", "IPD2225-D01-P01-A08", "_P"),
        ("IPD0781-D01-P91-A29-0015", "IPD0781-D01-P91-A29", "-0015"),
        ("IPD0781-D01-P91-A29-0015_P", "IPD0781-D01-P91-A29", "-0015_P"),
        ("IPU0012-D11-P01-A15", "IPU0012-D11-P01-A15", ""),
        ("IPS0007-D21-Q01-A09", "IPS0007-D21-Q01-A09", ""),
        ("IPD2227-D01-X01-AXX", "IPD2227-D01-X01-AXX", ""),
        ("IPD2227-DXX-X01-A08", "IPD2227-DXX-X01-A08", ""),
        ("IPH0001-CXX-L00-B15", "IPH0001-CXX-L00-B15", ""),
    ] {
        let id = known(text);
        assert_eq!((id.as_str(), id.base(), id.tail()), (text, base, tail));
    }
}

#[test]
fn every_element_is_read() {
    let id = known("IPD2225-R03-p17-F08_P");
    let read = |code: &Code| (code.code().to_owned(), code.text().unwrap().to_owned());
    let pair = |code: &str, text: &str| (code.to_owned(), text.to_owned());
    assert_eq!(read(id.laboratory()), pair("IPD", "InPreD OUS"));
    assert_eq!(id.patient_key().as_str(), "IPD2225");
    assert_eq!(read(id.nucleic_acid()), pair("R", "RNA"));
    assert_eq!(read(id.assay()), pair("03", "TSO500 V1 RNA"));
    assert_eq!(read(id.sample_type()), pair("p", "Primary tumor, post-treatment"));
    assert_eq!((id.attempt_digit(), id.replicate_digit()), ('1', '7'));
    assert_eq!(read(id.material()), pair("F", "Fresh Frozen"));
    assert_eq!(read(id.tumour_site()), pair("08", "CNS/Brain"));
    assert!(!id.is_validation());
    assert!(!id.is_normal());
}

#[test]
fn an_unlisted_code_is_named() {
    use Element::*;
    for (text, elements) in [
        ("IPA0001-D99-P01-A31", vec![Assay, TumourSite]),
        ("IPD0001-R52-P01-A08", vec![Assay]),
        ("ABC0001-D01-P01-A08", vec![Project]),
        ("IPD0001-Z01-P01-A08", vec![NucleicAcid]),
        ("IPD0001-D01-q01-A08_P", vec![SampleType]),
        ("IPD0001-D01-P01-Z08", vec![Material]),
    ] {
        let Classified::UnknownCode(id, unknown) = SampleId::classify(text, &current()) else { panic!("{text}") };
        assert_eq!((id.as_str(), unknown), (text, elements));
    }
}

#[test]
fn another_shape_is_foreign() {
    for text in [
        "CL-AcroMetrix-D01",
        "CL-NA12878N25-D01",
        "CLAcroMetrix-D01-X01-X00",
        "H_HD799_DNA_FFPE_ref_01_V2_M",
        "NCGC-LCa-194B_V2_M",
        "TVD0016",
        "NTC",
        "IPD0807",
        "",
        "IPD2225-D01-P01-A0",
        "IPD2225-D01-P01-A08P",
        "IPD2225-D01-P01-A08_P ",
        "IPD2225-D01-P01-A08_\u{f8}",
        "ipd2225-D01-P01-A08",
        "IPD2225-d01-P01-A08",
        "IPD2225-D0X-P01-A08",
        "IPD2225-D01-PX1-A08",
        "IPD2225_D01_P01_A08",
        "IPD2225\u{2010}D01-P01-A08",
        "\u{c6}PD2225-D01-P01-A08",
    ] {
        assert_eq!(SampleId::classify(text, &current()), Classified::Foreign(text.to_owned()));
    }
    let long_tail = format!("IPD2225-D01-P01-A08_{}", "P".repeat(32));
    assert_eq!(SampleId::classify(&long_tail, &current()), Classified::Foreign(long_tail));
}

#[test]
fn a_nine_marks_a_validation_sample_only_as_attempt() {
    for (text, expected) in
        [("IPD0781-D01-P91-A29", true), ("IPD0781-D01-P19-A29", false), ("IPD9999-D01-P01-A29", false)]
    {
        assert_eq!(known(text).is_validation(), expected, "{text}");
    }
}

#[test]
fn only_the_normal_type_is_normal() {
    for (text, expected) in [("IPD0781-D01-N01-B29", true), ("IPD0781-D01-X01-B29", false)] {
        assert_eq!(known(text).is_normal(), expected, "{text}");
    }
}

#[test]
fn dna_and_rna_of_one_block_are_one_specimen() {
    let dna = known("IPD2225-D01-P01-A08");
    for (text, expected) in [
        ("IPD2225-R03-P01-A08_P", true),
        ("IPD2225-R03-P11-A08", true),
        ("IPD2226-R03-P01-A08", false),
        ("IPH2225-R03-P01-A08", false),
        ("IPD2225-R03-p01-A08", false),
        ("IPD2225-R03-P02-A08", false),
        ("IPD2225-R03-P01-F08", false),
        ("IPD2225-R03-P01-A09", false),
    ] {
        assert_eq!(dna.same_specimen(&known(text)), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_lost(text in "IP[A-Z][0-9]{4}-[A-Z][0-9X]{2}-[A-Za-z][0-9]{2}-[A-Z][0-9X]{2}[_P0-9-]{0,6}|\\PC{0,40}") {
        let kept = match SampleId::classify(&text, &current()) {
            Classified::Known(id) | Classified::UnknownCode(id, _) => format!("{}{}", id.base(), id.tail()),
            Classified::Foreign(text) => text,
        };
        proptest::prop_assert_eq!(kept, text);
    }
}
