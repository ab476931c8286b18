use super::*;
use crate::sources::tso500::folder::Kind;
use crate::sources::tso500::folder::scratch::Scratch;

fn files(entries: &[Entry]) -> Vec<(&str, Option<&str>, Option<&str>)> {
    entries.iter().map(|entry| (&*entry.file, entry.id.as_deref(), entry.run_id.as_deref())).collect()
}

fn codes(issues: &[Issue]) -> Vec<(IssueCode, Option<&str>)> {
    issues.iter().map(|issue| (issue.code, issue.location.file.as_deref())).collect()
}

const RUN: &str = "250101_A02134_0001_AHAAAAAAA1";

#[test]
fn both_hospital_layouts_and_both_dialects_are_found() {
    let scratch = Scratch::new("layouts");
    let ous = format!("{RUN}_TSO_500_LocalApp_results");
    let ppr = format!("{RUN}_TSO_500_LocalApp_postprocessing_results");
    let (hus, hus_ppr) = (format!("{RUN}_LocalApp_results"), format!("{RUN}/{RUN}_ppr"));
    for file in [
        format!("{ous}/Logs_Intermediates/CombinedVariantOutput/A_P/A_P_CombinedVariantOutput.tsv"),
        format!("{ous}/Logs_Intermediates/MetricsOutput/MetricsOutput.tsv"),
        format!("{ous}/Logs_Intermediates/Tmb/A/A_TMB_Trace.tsv"),
        format!("{ous}/Results/A_P/A_P_CombinedVariantOutput.tsv"),
        format!("{ppr}/A/sample_list.tsv"),
        format!("{hus}/Logs_Intermediates/Tmb/B/B.tmb.trace.tsv"),
        format!("{hus_ppr}/B/sample_list.tsv"),
        format!("{RUN}_MetricsOutput.tsv"),
        format!("package/{RUN}_LocalApp_individual_files.md5"),
    ] {
        scratch.write(&file, "x");
    }
    let mut issues = Vec::new();
    let inventory = discover(scratch.path(), &Limits::default(), &mut issues).unwrap();
    assert_eq!(codes(&issues), []);
    let run = Some(RUN);
    assert_eq!(
        files(inventory.of(Kind::CombinedVariantOutput)),
        [
            (
                &*format!("{ous}/Logs_Intermediates/CombinedVariantOutput/A_P/A_P_CombinedVariantOutput.tsv"),
                Some("A_P"),
                run
            ),
            (&*format!("{ous}/Results/A_P/A_P_CombinedVariantOutput.tsv"), Some("A_P"), run),
        ]
    );
    assert_eq!(
        files(inventory.of(Kind::TmbTrace)),
        [
            (&*format!("{hus}/Logs_Intermediates/Tmb/B/B.tmb.trace.tsv"), Some("B"), run),
            (&*format!("{ous}/Logs_Intermediates/Tmb/A/A_TMB_Trace.tsv"), Some("A"), run),
        ]
    );
    assert_eq!(
        files(inventory.of(Kind::SampleList)),
        [(&*format!("{hus_ppr}/B/sample_list.tsv"), None, run), (&*format!("{ppr}/A/sample_list.tsv"), None, run)]
    );
    assert_eq!(
        files(inventory.of(Kind::MetricsOutput)).iter().map(|(_, id, run)| (*id, *run)).collect::<Vec<_>>(),
        [(None, run), (None, run)]
    );
    assert_eq!(inventory.of(Kind::Md5List).len(), 1);
    let results = format!("{ous}/Results/A_P/A_P_CombinedVariantOutput.tsv");
    assert_eq!(inventory.entry(&results), inventory.of(Kind::CombinedVariantOutput).last());
}

#[test]
fn one_file_can_be_given_and_the_root_can_name_the_run() {
    let scratch = Scratch::new("one-file");
    let file = format!("{RUN}_ppr/x/A_CombinedVariantOutput.tsv");
    scratch.write(&file, "x");
    scratch.write(&format!("{RUN}_ppr/x/MetricsOutput.tsv"), "x");
    let mut issues = Vec::new();
    let one = discover(&scratch.path().join(&file), &Limits::default(), &mut issues).unwrap();
    assert_eq!(files(one.of(Kind::CombinedVariantOutput)), [("A_CombinedVariantOutput.tsv", Some("A"), Some(RUN))]);
    assert_eq!(one.of(Kind::MetricsOutput), []);
    let folder = discover(&scratch.path().join(format!("{RUN}_ppr/x")), &Limits::default(), &mut issues).unwrap();
    assert_eq!(folder.of(Kind::CombinedVariantOutput), one.of(Kind::CombinedVariantOutput));
    assert_eq!(codes(&issues), []);
}

#[test]
fn what_is_not_read_is_named_once_per_format() {
    let scratch = Scratch::new("not-read");
    for file in ["A_CombinedVariantOutput.tsv", "a.vcf", "b.vcf.gz", "c.vcf", "notes.xyz", "13897512345.png"] {
        scratch.write(file, "x");
    }
    let mut issues = Vec::new();
    let limits = Limits { names_per_issue: 2, ..Limits::default() };
    discover(scratch.path(), &limits, &mut issues).unwrap();
    let texts: Vec<_> = issues.iter().map(|issue| (issue.code, issue.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            (IssueCode::FileNotRead, "PNG: 1 file: `***********.png`"),
            (IssueCode::FileNotRead, "VCF: 3 files: `a.vcf`, `b.vcf.gz` and 1 more"),
            (IssueCode::FileUnknown, "1 file: `notes.xyz`"),
        ]
    );
}

#[test]
fn nothing_to_translate_is_an_error() {
    let scratch = Scratch::new("nothing");
    scratch.write("x/MetricsOutput.tsv", "x");
    let error = |path: &Path| discover(path, &Limits::default(), &mut Vec::new()).unwrap_err().code;
    assert_eq!(error(scratch.path()), IssueCode::FolderWithoutReport);
    assert_eq!(error(&scratch.path().join("x/MetricsOutput.tsv")), IssueCode::FolderWithoutReport);
    assert_eq!(error(&scratch.path().join("y")), IssueCode::PathMissing);
    scratch.write("x/A_CombinedVariantOutput.tsv", "x");
    let limits = Limits { folder_entries: 2, ..Limits::default() };
    assert_eq!(discover(scratch.path(), &limits, &mut Vec::new()).unwrap_err().code, IssueCode::FolderTooManyFiles);
}

#[test]
fn folders_below_the_limit_are_not_looked_into() {
    let scratch = Scratch::new("deep");
    scratch.write("1/A_CombinedVariantOutput.tsv", "x");
    scratch.write("1/2/B_CombinedVariantOutput.tsv", "x");
    let mut issues = Vec::new();
    let limits = Limits { folder_depth: 1, ..Limits::default() };
    let inventory = discover(scratch.path(), &limits, &mut issues).unwrap();
    assert_eq!(files(inventory.of(Kind::CombinedVariantOutput)), [("1/A_CombinedVariantOutput.tsv", Some("A"), None)]);
    assert_eq!(codes(&issues), [(IssueCode::FolderTooDeep, Some("1/2"))]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_bad_entries_are_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new("links");
    let root = scratch.path();
    scratch.write("real/A_CombinedVariantOutput.tsv", "x");
    symlink(root.join("real"), root.join("linked")).unwrap();
    symlink(root, root.join("real/up")).unwrap();
    symlink(root.join("nowhere"), root.join("dangling")).unwrap();
    std::fs::write(root.join(OsStr::from_bytes(b"\xe6_CombinedVariantOutput.tsv")), "x").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("s_TMB_Trace.tsv")).unwrap();
    let mut issues = Vec::new();
    let inventory = discover(root, &Limits::default(), &mut issues).unwrap();
    assert_eq!(
        files(inventory.of(Kind::CombinedVariantOutput)),
        [
            ("linked/A_CombinedVariantOutput.tsv", Some("A"), None),
            ("real/A_CombinedVariantOutput.tsv", Some("A"), None)
        ]
    );
    assert_eq!(inventory.of(Kind::TmbTrace), []);
    assert_eq!(
        codes(&issues),
        [
            (IssueCode::FolderEntryUnreadable, Some("dangling")),
            (IssueCode::FolderSymlinkLoop, Some("linked/up")),
            (IssueCode::FolderSymlinkLoop, Some("real/up")),
            (IssueCode::FolderEntryUnreadable, Some("s_TMB_Trace.tsv")),
            (IssueCode::FileNameInvalid, Some("\u{fffd}_CombinedVariantOutput.tsv")),
        ]
    );
}
