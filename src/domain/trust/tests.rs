use jiff::civil::date;

use super::*;

const TABLE: &str = include_str!("../../../mappings/trusts.toml");

/// A table with a merger: two trusts end on the last day of 2026, a third one begins the day after.
const MERGER: &str = r#"version = "1"

[[region]]
id = "r"
name = "R"
organisation_number = "991324968"

[[trust]]
id = "a"
name = "A"
region = "r"
organisation_numbers = [{ number = "983971636", valid_to = 2026-12-31, successor = "993467049" }]
units = [{ number = "874716782", name = "A north", valid_from = 2020-01-01, valid_to = 2026-12-31 }]
sites = [{ letter = "A", name = "A" }]

[[trust]]
id = "b"
name = "B"
region = "r"
organisation_numbers = [{ number = "993467049", valid_from = 2027-01-01 }]
units = [{ number = "874716782", name = "A north", valid_from = 2027-01-01 }]
sites = [{ letter = "B", name = "B" }]
her_ids = ["59"]
"#;

fn number(text: &str) -> OrgNumber {
    OrgNumber::parse(text).unwrap()
}

#[test]
fn the_table_has_the_trusts_of_the_trial() {
    // NCT04817956: sponsor and collaborators; 23 site letters.
    let table = Trusts::parse(TABLE).unwrap();
    let day = date(2026, 11, 25);
    let trusts: Vec<&Trust> = table.trusts().iter().filter(|trust| !trust.private).collect();
    assert_eq!((trusts.len(), table.regions().len(), table.by_letter.len()), (17, 4, 23));
    assert_eq!(table.version(), "20261125");
    for (name, org_number, region, letters) in [
        ("Oslo universitetssykehus HF", "993467049", "sor-ost", "RUC"),
        ("Akershus universitetssykehus HF", "983971636", "sor-ost", "A"),
        ("Sykehuset Østfold HF", "983971768", "sor-ost", "Q"),
        ("Sykehuset Innlandet HF", "983971709", "sor-ost", "GIL"),
        ("Vestre Viken HF", "894166762", "sor-ost", "DB"),
        ("Sykehuset i Vestfold HF", "983975259", "sor-ost", "T"),
        ("Sykehuset Telemark HF", "983975267", "sor-ost", "V"),
        ("Sørlandet sykehus HF", "983975240", "sor-ost", "K"),
        ("Helse Bergen HF", "983974724", "vest", "H"),
        ("Helse Stavanger HF", "983974678", "vest", "S"),
        ("Helse Fonna HF", "983974694", "vest", "E"),
        ("Helse Førde HF", "983974732", "vest", "F"),
        ("St. Olavs hospital HF", "883974832", "midt-norge", "O"),
        ("Helse Møre og Romsdal HF", "997005562", "midt-norge", "J"),
        ("Helse Nord-Trøndelag HF", "983974791", "midt-norge", "M"),
        ("Universitetssykehuset Nord-Norge HF", "983974899", "nord", "N"),
        ("Nordlandssykehuset HF", "983974910", "nord", "P"),
    ] {
        let member = table.by_organisation_number(&number(org_number), day).unwrap();
        assert_eq!((member.trust.name.as_str(), member.trust.region.as_str(), member.unit), (name, region, None));
        assert_eq!(member.trust.organisation_number(day), Some(&number(org_number)));
        for letter in letters.chars() {
            let (trust, site) = table.by_site_letter(letter).unwrap();
            assert_eq!((trust, site.letter), (member.trust, letter));
            assert_eq!(table.site_issue(letter, &Location::default()), None);
        }
        assert_eq!(member.trust.sites.len(), letters.len());
    }
    for (region, org_number) in
        [("sor-ost", "991324968"), ("vest", "983658725"), ("midt-norge", "983658776"), ("nord", "883658752")]
    {
        let found = table.regions().iter().find(|row| row.id == region).unwrap();
        assert_eq!(found.organisation_number, number(org_number));
        // A regional authority is no trust.
        let result = table.by_organisation_number(&number(org_number), day);
        assert_eq!(result, Err(OrganisationError::Unknown(number(org_number))));
    }
}

#[test]
fn units_and_her_ids_lead_to_their_trust() {
    let table = Trusts::parse(TABLE).unwrap();
    let day = date(2026, 11, 25);
    for (unit, name, trust) in [
        ("874716782", "Rikshospitalet somatikk", "oslo"),
        ("974589095", "Ullevål somatikk", "oslo"),
        ("974557746", "Haukeland", "bergen"),
    ] {
        let member = table.by_organisation_number(&number(unit), day).unwrap();
        assert_eq!((member.trust.id.as_str(), member.unit.map(|unit| unit.name.as_str())), (trust, Some(name)));
    }
    for (her_id, trust) in [("39", Some("telemark")), ("59", Some("st-olavs")), ("93220", None)] {
        let found = table.by_her_id(HerId::parse(her_id).unwrap());
        assert_eq!(found.map(|trust| trust.id.as_str()), trust, "{her_id}");
    }
}

#[test]
fn a_site_without_organisation_number_is_read_and_flagged() {
    let table = Trusts::parse(TABLE).unwrap();
    let (trust, site) = table.by_site_letter('Y').unwrap();
    assert_eq!((trust.id.as_str(), site.name.as_str(), trust.private), ("lovisenberg", "Lovisenberg", true));
    assert_eq!(trust.organisation_number(date(2026, 11, 25)), None);
    let place = Location::path("x");
    let issue = table.site_issue('Y', &place).unwrap();
    assert_eq!((issue.code, issue.location), (IssueCode::SiteWithoutOrganisationNumber, place));
    // No organisation number whatever leads to it.
    assert!(table.by_number.values().flatten().all(|place| table.member(*place).unwrap().trust.id != "lovisenberg"));
}

#[test]
fn an_unknown_letter_is_an_issue() {
    let table = Trusts::parse(TABLE).unwrap();
    for letter in ['X', 'W', 'Z', 'r', 'Å', '1', '\n'] {
        assert_eq!(table.by_site_letter(letter), None);
        assert_eq!(table.site_issue(letter, &Location::default()).unwrap().code, IssueCode::SiteUnknown, "{letter}");
    }
}

#[test]
fn a_number_counts_for_its_period() {
    let table = Trusts::parse(MERGER).unwrap();
    let (before, last, first) = (date(2019, 12, 31), date(2026, 12, 31), date(2027, 1, 1));
    let trust = |text: &str, day| {
        table.by_organisation_number(&number(text), day).map(|member| (member.trust.id.clone(), member.unit.is_some()))
    };
    assert_eq!(trust("983971636", before), Ok(("a".to_owned(), false)));
    assert_eq!(trust("983971636", last), Ok(("a".to_owned(), false)));
    let ended = trust("983971636", first).unwrap_err();
    assert_eq!(ended.code(), IssueCode::OrganisationNotValid);
    assert_eq!(
        ended.to_string(),
        "organisation number 983971636 does not count on 2027-01-01; its successor is 993467049"
    );
    let early = trust("993467049", last).unwrap_err();
    assert_eq!(early.to_string(), "organisation number 993467049 does not count on 2026-12-31");
    assert_eq!(trust("993467049", first), Ok(("b".to_owned(), false)));
    assert_eq!(trust("874716782", before).unwrap_err().code(), IssueCode::OrganisationNotValid);
    assert_eq!(trust("874716782", last), Ok(("a".to_owned(), true)));
    assert_eq!(trust("874716782", first), Ok(("b".to_owned(), true)));
    // Well formed, and in no row.
    let unknown = trust("994598759", last).unwrap_err();
    assert_eq!(
        (unknown.code(), unknown),
        (IssueCode::OrganisationUnknown, OrganisationError::Unknown(number("994598759")))
    );
    let [a, b] = table.trusts() else { panic!("two trusts") };
    assert_eq!(a.organisation_number(last), Some(&number("983971636")));
    assert_eq!((a.organisation_number(first), b.organisation_number(last)), (None, None));
}

#[test]
fn every_defect_is_named_with_line_and_key() {
    for (from, to, line, key, text) in [
        ("version = \"1\"", "version = ", 1, "trusts", "string values must be quoted"),
        ("name = \"A\"", "nam = \"A\"", 10, "trusts", "unknown field `nam`"),
        ("letter = \"B\"", "letter = \"A\"", 22, "trust.sites.letter", "stands twice"),
        ("letter = \"B\"", "letter = \"b\"", 22, "trust.sites.letter", "one capital"),
        ("letter = \"B\"", "letter = \"BC\"", 22, "trust.sites.letter", "one capital"),
        ("id = \"b\"", "id = \"a\"", 17, "trust.id", "stands twice"),
        ("region = \"r\"", "region = \"s\"", 11, "trust.region", "no such region"),
        ("\"983971636\"", "\"983971637\"", 12, "trust.organisation_numbers.number", "check digit"),
        ("\"991324968\"", "\"888888888\"", 6, "region.organisation_number", "constructed"),
        (
            "successor = \"993467049\"",
            "successor = \"99346704\"",
            12,
            "trust.organisation_numbers.successor",
            "nine digits",
        ),
        (
            "successor = \"993467049\"",
            "successor = \"983974732\"",
            12,
            "trust.organisation_numbers.successor",
            "no row has",
        ),
        ("2026-12-31, successor", "2025-12-31, successor", 12, "trust.organisation_numbers.successor", "no row has"),
        ("valid_to = 2026-12-31, s", "s", 12, "trust.organisation_numbers.successor", "without last day"),
        ("her_ids = [\"59\"]", "her_ids = [\"059\"]", 23, "trust.her_ids", "HER-id"),
        ("her_ids = [\"59\"]", "her_ids = [\"59\", \"59\"]", 23, "trust.her_ids", "stands twice"),
        (
            "valid_from = 2020-01-01, valid_to = 2026-12-31",
            "valid_from = 2026-12-31, valid_to = 2020-01-01",
            13,
            "trust.units.valid_to",
            "before the first",
        ),
        ("valid_from = 2020-01-01", "valid_from = 2020-01-01T00:00:00", 13, "trust.units.valid_from", "not a date"),
        (
            "name = \"A north\", valid_from = 2027-01-01",
            "name = \"A north\", valid_from = 2026-12-31",
            21,
            "trust.organisation_numbers",
            "874716782 counts twice",
        ),
        (
            "[{ number = \"993467049\", valid_from = 2027-01-01 }]",
            "[{ number = \"993467049\", valid_from = 2027-01-01 }, { number = \"983974732\" }]",
            20,
            "trust.organisation_numbers",
            "overlaps",
        ),
    ] {
        assert!(MERGER.contains(from), "{from}");
        let errors = Trusts::parse(&MERGER.replacen(from, to, 1)).expect_err(to);
        let [error] = errors.as_slice() else { panic!("{to}: {errors:?}") };
        assert_eq!((error.line, error.key.as_str()), (line, key), "{to}: {error}");
        assert!(error.text.contains(text), "{to}: {error}");
    }
}

#[test]
fn several_defects_are_all_named() {
    let text = MERGER.replace("letter = \"B\"", "letter = \"A\"").replace("region = \"r\"", "region = \"s\"");
    let keys: Vec<String> = Trusts::parse(&text).unwrap_err().into_iter().map(|error| error.key).collect();
    assert_eq!(keys, ["trust.region", "trust.region", "trust.sites.letter"]);
}

#[test]
fn the_table_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Trusts>();
}
