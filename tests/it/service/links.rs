//! `links import`: which sample belongs to which referral, from a file.

use crate::service::referral::Referral;
use crate::service::setting::Gateway;

#[test]
fn links_are_taken_from_a_file_and_what_is_wrong_is_named_with_its_line() {
    let gateway = Gateway::start("links-import", &[]);
    let case = gateway.case(&gateway.send(&Referral::new(1).fhir()));
    let import = |lines: &str| {
        let file = gateway.folder.write("links.csv", lines);
        let ended = gateway.command(&["links", "import", file.to_str().unwrap()]);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended.status.code(), text(ended.stdout), text(ended.stderr))
    };
    let good = format!(
        "sample_id,referral,requisition,requester\nIPD9001-D01-P01-A15,{case},,\nIPD9002-D01-P01-A15,,R-1,983974732\n"
    );
    assert_eq!(import(&good), (Some(0), "2 links taken, 0 not\n".to_owned(), String::new()));
    // Without the last column, too; then a number alone is taken with a warning.
    let (status, printed, told) = import("sample_id,referral,requisition\nIPD9003-D01-P01-A15,,R-1\n");
    assert_eq!((status, printed.as_str()), (Some(0), "1 links taken, 0 not\n"));
    assert!(told.starts_with("warning: ") && told.contains("link.requisition-unconfirmed"), "{told}");
    assert!(told.contains("line 2"), "{told}");
    let wrong = format!(
        "sample_id,referral,requisition,requester\n\
         IPD9004-D01-P01-A15,,R-1,983974733\n\
         IPD9004-D01-P01-A15,{case},,983974732\n\
         IPD9004-D01-P01-A15,,,983974732\n"
    );
    let (status, printed, told) = import(&wrong);
    assert_eq!((status, printed.as_str()), (Some(1), "0 links taken, 3 not\n"));
    for line in ["line 2", "line 3", "line 4"] {
        assert!(told.lines().any(|text| text.contains("link.invalid") && text.contains(line)), "{line}: {told}");
    }
}
