//! Looking at what a translation gave: where an issue stands, what became of a line, what a resource says.

use serde_json::Value;

use super::of_type;
use crate::support::Translated;

/// `file:line:column` of each issue of a code, the file without its folders; what a place does not name is left out.
pub(super) fn places(translated: &Translated, code: &str) -> Vec<String> {
    let issues = translated.issues["issue"].as_array().unwrap().iter();
    let of_code = issues.filter(|issue| issue["details"]["coding"][0]["code"] == code);
    of_code.map(place).collect()
}

fn place(issue: &Value) -> String {
    let is_location = |it: &&Value| it["url"].as_str().unwrap().ends_with("gateway-issue-location");
    let Some(location) = issue["extension"].as_array().unwrap().iter().find(is_location) else { return String::new() };
    let part = |name: &str| {
        let of_name = location["extension"].as_array().unwrap().iter().find(|it| it["url"] == name)?;
        let line = of_name["valuePositiveInt"].as_u64().map(|line| line.to_string());
        line.or_else(|| of_name["valueString"].as_str().map(|text| text.rsplit('/').next().unwrap().to_owned()))
    };
    ["file", "line", "column"].into_iter().filter_map(part).collect::<Vec<_>>().join(":")
}

/// What became of a line, by the end of the file's path: `Type/id`, or the code that it is listed with.
pub(super) fn outcome(translated: &Translated, file: &str, line: usize) -> String {
    let is_it = |row: &&Value| row["file"].as_str().unwrap().ends_with(file) && row["line"] == line;
    let rows: Vec<&Value> = translated.rows().iter().filter(is_it).collect();
    assert_eq!(rows.len(), 1, "{file}:{line}: {rows:?}");
    let key = if rows[0]["outcome"] == "represented" { "resource" } else { "code" };
    rows[0][key].as_str().unwrap().to_owned()
}

/// What became of every line of a file, each outcome once.
pub(super) fn outcomes(translated: &Translated, file: &str) -> Vec<String> {
    let rows = translated.rows().iter().filter(|row| row["file"].as_str().unwrap().ends_with(file));
    let mut outcomes: Vec<String> = rows
        .map(|row| row[if row["outcome"] == "represented" { "resource" } else { "code" }].as_str().unwrap().to_owned())
        .collect();
    outcomes.sort();
    outcomes.dedup();
    outcomes
}

/// The resource that holds a line.
pub(super) fn holder(translated: &Translated, file: &str, line: usize) -> Value {
    let resource = outcome(translated, file, line);
    let (kind, id) = resource.split_once('/').unwrap_or_else(|| panic!("{file}:{line} is listed: {resource}"));
    of_type(&translated.bundle(), kind).into_iter().find(|it| it["id"] == id).unwrap()
}

/// The line of `content` that has `text`, from 1.
pub(super) fn line_of(content: &str, text: &str) -> usize {
    content.lines().position(|line| line.contains(text)).unwrap() + 1
}

/// The component of an Observation with this code.
pub(super) fn component(resource: &Value, code: &str) -> Option<Value> {
    let components = resource["component"].as_array()?;
    components.iter().find(|it| it["code"]["coding"][0]["code"] == code).cloned()
}

/// The number of a component, with its digits.
pub(super) fn number(resource: &Value, code: &str) -> Option<String> {
    Some(component(resource, code)?["valueQuantity"]["value"].to_string())
}

/// Observations of variants (LOINC 69548-6).
pub(super) fn variants(translated: &Translated) -> Vec<Value> {
    let is_variant = |it: &Value| it["code"]["coding"][0]["code"] == "69548-6";
    of_type(&translated.bundle(), "Observation").into_iter().filter(is_variant).collect()
}

/// Variants with a component of this code.
pub(super) fn with(translated: &Translated, code: &str) -> Vec<Value> {
    variants(translated).into_iter().filter(|variant| component(variant, code).is_some()).collect()
}

/// `position ref>alt` of every small variant.
pub(super) fn alleles(translated: &Translated) -> Vec<String> {
    let text = |it: &Value, code: &str| component(it, code).unwrap()["valueString"].as_str().unwrap().to_owned();
    let name = |it: Value| {
        let position = component(&it, "81254-5").unwrap()["valueRange"]["low"]["value"].to_string();
        format!("{position} {}>{}", text(&it, "69547-8"), text(&it, "69551-0"))
    };
    let mut alleles: Vec<String> = with(translated, "69547-8").into_iter().map(name).collect();
    alleles.sort();
    alleles
}

/// The id of the sample that an Observation was made in.
pub(super) fn sample_of(translated: &Translated, resource: &Value) -> String {
    let id = resource["specimen"]["reference"].as_str().unwrap().rsplit([':', '/']).next().unwrap();
    let specimens = of_type(&translated.bundle(), "Specimen");
    let specimen = specimens.iter().find(|it| it["id"] == id).unwrap();
    specimen["identifier"][0]["value"].as_str().unwrap().to_owned()
}

/// The notes of a resource, one a line.
pub(super) fn notes(resource: &Value) -> String {
    let texts = resource["note"].as_array().cloned().unwrap_or_default();
    texts.iter().map(|note| note["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}
