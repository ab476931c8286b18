use super::*;
use crate::sources::tso500::folder::discover;
use crate::sources::tso500::folder::scratch::Scratch;

/// RFC 1321, appendix A.5: MD5 of `abc`.
const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";
const REPORT: &str = "Results/A/A_CombinedVariantOutput.tsv";

fn verify_with(name: &str, list_file: &str, list: &str, limits: &Limits) -> Vec<(IssueCode, String, Option<u32>)> {
    let scratch = Scratch::new(name);
    scratch.write(REPORT, "abc");
    scratch.write("Results/A/A.vcf", "abd");
    scratch.write(list_file, list);
    let mut issues = Vec::new();
    let inventory = discover(scratch.path(), &Limits::default(), &mut Vec::new()).unwrap();
    verify(&inventory, limits, &mut issues);
    let place = |issue: &Issue| issue.location.file.as_deref().unwrap_or_default().to_owned();
    issues.iter().map(|issue| (issue.code, place(issue), issue.location.line)).collect()
}

#[test]
fn listed_files_are_there_and_unchanged() {
    let upper = ABC.to_uppercase();
    let list = format!("{ABC}  {REPORT}\n{upper} *./{REPORT}\r\n\n{ABC}  Results/A/A.vcf\n");
    assert_eq!(
        verify_with("md5-here", "x.md5", &list, &Limits::default()),
        [],
        "a file that is not read is not summed"
    );
    assert_eq!(verify_with("md5-above", "sums/x_individual_files.md5", &list, &Limits::default()), []);
}

#[test]
fn differences_are_named() {
    let other = "0".repeat(32);
    let line = Some(1);
    for (index, (list, expected)) in [
        (format!("{other}  {REPORT}\n"), (IssueCode::Md5Mismatch, REPORT, None)),
        (format!("{ABC}  Results/B.tsv\n"), (IssueCode::Md5FileMissing, "x.md5", line)),
        (format!("{ABC}  Results\n"), (IssueCode::Md5FileMissing, "x.md5", line)),
        (format!("{ABC} {REPORT}\n"), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{}  {REPORT}\n", &ABC[1..]), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{}g  {REPORT}\n", &ABC[1..]), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{ABC}\n"), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{ABC}  \n"), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{ABC}  /etc/hosts\n"), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (format!("{ABC}  Results/../{REPORT}\n"), (IssueCode::Md5LineInvalid, "x.md5", line)),
        (" \t\n".to_owned(), (IssueCode::FileEmpty, "x.md5", None)),
    ]
    .into_iter()
    .enumerate()
    {
        let issues = verify_with(&format!("md5-{index}"), "x.md5", &list, &Limits::default());
        assert_eq!(issues, [(expected.0, expected.1.to_owned(), expected.2)], "{list}");
    }
}

#[test]
fn a_file_over_the_limit_is_not_summed_whole() {
    let limits = Limits { file_bytes: 2, ..Limits::default() };
    let scratch = Scratch::new("md5-limit");
    scratch.write(REPORT, "abc");
    let inventory = discover(scratch.path(), &Limits::default(), &mut Vec::new()).unwrap();
    let list = inventory.of(Kind::CombinedVariantOutput)[0].clone();
    let text = Text::from_bytes(&list.file, format!("{ABC}  A_CombinedVariantOutput.tsv\n").into_bytes()).unwrap();
    let translated = inventory.translated().map(|entry| (entry.path.canonicalize().unwrap(), entry)).collect();
    let mut issues = Vec::new();
    verify_list(&list, &text, &translated, &mut HashMap::new(), &limits, &mut issues);
    assert_eq!(issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::FileTooLarge]);
}

#[test]
fn a_folder_is_complete_when_every_list_fits() {
    let good = format!("{ABC}  {REPORT}\n");
    for (name, lists, expected) in [
        ("none", vec![], false),
        ("good", vec![("x.md5", good.clone())], true),
        ("missing", vec![("x.md5", format!("{good}{ABC}  Results/B.tsv\n"))], false),
        ("half", vec![("x.md5", format!("{}  {REPORT}\n", "0".repeat(32)))], false),
        ("cut-off", vec![("x.md5", format!("{good}{}", &ABC[..20]))], false),
        ("two", vec![("x.md5", good.clone()), ("y.md5", format!("{ABC}  Results/B.tsv\n"))], false),
    ] {
        let scratch = Scratch::new(&format!("md5-complete-{name}"));
        scratch.write(REPORT, "abc");
        for (file, list) in lists {
            scratch.write(file, &list);
        }
        assert_eq!(is_complete(scratch.path(), &Limits::default()), expected, "{name}");
    }
    assert!(!is_complete(Path::new("/no/such/folder"), &Limits::default()));
}
