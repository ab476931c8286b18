use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::decimal::Decimal;

fn text(content: &str) -> Text {
    Text::from_bytes(&Arc::from("S1.msi.json"), content.as_bytes().to_vec()).unwrap()
}

fn read_msi(content: &str) -> (Option<MsiFile>, Account) {
    let mut account = Account::default();
    let msi = parse_msi(&text(content), &Limits::default(), &mut account);
    (msi, account)
}

fn read_tmb(content: &str) -> (Option<TmbFile>, Account) {
    let mut account = Account::default();
    let tmb = parse_tmb(&text(content), &Limits::default(), &mut account);
    (tmb, account)
}

fn codes(account: &Account) -> Vec<(IssueCode, Option<&str>)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.column.as_deref())).collect()
}

fn listed(account: &Account) -> Vec<(u32, IssueCode)> {
    let row = |row: &crate::domain::accounting::Row| match &row.outcome {
        Outcome::Listed { code, .. } => Some((row.line, *code)),
        _ => None,
    };
    account.ledger.rows().filter_map(row).collect()
}

fn decimal(held: &Option<Held<Decimal>>) -> Option<&str> {
    held.as_ref().map(|held| held.value.as_str())
}

const MSI: &str = "{\n\"Settings\": {\"DetectionOptions\": {\"Threshold\": 60}},\n\"TotalMicrosatelliteSitesAssessed\": 121,\n\"TotalMicrosatelliteSitesUnstable\": 5,\n\"PercentageUnstableSites\": 4.13,\n\"ResultMessage\": null,\n\"ResultIsValid\": true\n}\n";

#[test]
fn numbers_may_be_texts() {
    let texts = MSI
        .replace("121", "\"121\"")
        .replace(": 5,", ": \"5\",")
        .replace("4.13", "\"4.13\"")
        .replace("true", "\"true\"");
    for content in [MSI, &texts] {
        let (file, account) = read_msi(content);
        let file = file.unwrap();
        assert_eq!(file.msi.usable_sites.as_ref().map(|held| (held.value, held.line)), Some((121, 3)));
        assert_eq!(file.msi.unstable_sites.as_ref().map(|held| (held.value, held.line)), Some((5, 4)));
        assert_eq!((decimal(&file.msi.percent_unstable), decimal(&file.msi.sum_jsd)), (Some("4.13"), None));
        assert!(!file.is_invalid);
        assert_eq!(codes(&account), []);
        let run_note = IssueCode::RunNote;
        assert_eq!(listed(&account), [(2, run_note), (6, run_note), (7, run_note)]);
    }
}

#[test]
fn a_number_that_is_none_is_no_value() {
    for word in ["NaN", "\"NaN\"", "null", "Infinity", "\"\""] {
        let (file, account) = read_msi(&MSI.replace("4.13", word));
        let file = file.unwrap();
        assert_eq!(
            (decimal(&file.msi.percent_unstable), file.msi.usable_sites.map(|held| held.value)),
            (None, Some(121))
        );
        assert!(listed(&account).contains(&(5, IssueCode::ValueMissing)), "{word}");
        assert_eq!(codes(&account), [], "{word}");
    }
}

#[test]
fn a_result_that_is_not_valid_is_no_value() {
    for (word, code) in
        [("false", IssueCode::ResultInvalid), ("\"False\"", IssueCode::ResultInvalid), ("2", IssueCode::BooleanInvalid)]
    {
        let (file, account) = read_msi(
            &MSI.replace("true", word).replace("\"ResultMessage\": null", "\"ResultMessage\": \"low coverage\""),
        );
        let file = file.unwrap();
        assert_eq!((file.msi, file.is_invalid), (Msi::default(), true), "{word}");
        assert_eq!(codes(&account), [(code, Some("ResultIsValid"))]);
        let invalid = IssueCode::ResultInvalid;
        assert_eq!(listed(&account)[1..4], [(3, invalid), (4, invalid), (5, invalid)]);
        assert!(account.ledger.open_rows().is_empty());
    }
    let (_, account) = read_msi(&MSI.replace("true", "false"));
    assert_eq!(account.issues[0].text, "the result is not valid: no reason is given");
}

const TMB: &str = "{\n\"Settings\": {},\n\"TmbPerMb\": 14.9,\n\"AdjustedTmbPerMb\": NaN,\n\"NonsynonymousTmbPerMb\": 10.2,\n\"SomaticCodingVariantsCount\": 19,\n\"CodingRegionSizeMb\": 1.27,\n\"TotalRegionSizeMb\": 1.9\n}\n";

#[test]
fn the_burden_of_all_coding_variants_is_the_value() {
    let (file, account) = read_tmb(TMB);
    let tmb = file.unwrap().tmb;
    assert_eq!((decimal(&tmb.total), decimal(&tmb.coding_region_size)), (Some("14.9"), Some("1.27")));
    assert_eq!(tmb.eligible_variants.map(|held| (held.value, held.line)), Some((19, 6)));
    let not_used = IssueCode::ResultNotUsed;
    assert_eq!(listed(&account), [(2, not_used), (4, not_used), (5, not_used), (8, not_used)]);
    assert_eq!(codes(&account), []);
}

#[test]
fn each_damage_has_its_code_and_place() {
    for (from, to, code, column) in [
        ("14.9", "\"high\"", IssueCode::NumberInvalid, "TmbPerMb"),
        ("14.9", "-1", IssueCode::NumberOutOfRange, "TmbPerMb"),
        ("1.27", "[1.27]", IssueCode::NumberInvalid, "CodingRegionSizeMb"),
        (": 19", ": 19.5", IssueCode::NumberInvalid, "SomaticCodingVariantsCount"),
    ] {
        let (_, account) = read_tmb(&TMB.replace(from, to));
        assert_eq!(codes(&account), [(code, Some(column))], "{to}");
        assert_eq!(listed(&account).iter().filter(|row| row.1 == IssueCode::NumberInvalid).count(), 1, "{to}");
    }
    let (_, account) = read_msi(&MSI.replace("4.13", "101"));
    assert_eq!(codes(&account), [(IssueCode::NumberOutOfRange, Some("PercentageUnstableSites"))]);
    for content in ["{}", "[]", "\"PercentageUnstableSites\"", "{\"tmb\": 1}"] {
        let (msi, account) = read_msi(content);
        assert!(msi.is_none());
        assert_eq!(codes(&account), [(IssueCode::JsonShapeUnknown, None)]);
        let (tmb, account) = read_tmb(content);
        assert!(tmb.is_none());
        assert_eq!(listed(&account), [(1, IssueCode::JsonShapeUnknown)]);
    }
}

proptest! {
    #[test]
    fn any_values_are_held_or_listed(values in proptest::collection::vec("NaN|null|true|-?(0|[1-9][0-9]{0,2})(\\.[0-9])?|\"[ -!#-\\[\\]-~]{0,6}\"|\\[\\]|\\{\\}", 5)) {
        let keys = [MSI_ASSESSED, MSI_UNSTABLE, MSI_PERCENT, MSI_DISTANCE, VALID];
        let members: Vec<String> = keys.iter().zip(&values).map(|(key, value)| format!("\"{key}\": {value}")).collect();
        let (file, account) = read_msi(&format!("{{{}}}", members.join(",\n")));
        let msi = file.unwrap().msi;
        let rows = msi.usable_sites.iter().chain(&msi.unstable_sites).map(|held| held.row);
        let held: Vec<_> = rows.chain(msi.percent_unstable.iter().chain(&msi.sum_jsd).map(|held| held.row)).collect();
        prop_assert_eq!(account.ledger.open_rows(), held);
        prop_assert_eq!(account.ledger.len(), 5);
    }
}
