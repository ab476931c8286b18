//! Golden messages that another library wrote again (`conformance/rewrite_xml.py`).

use std::path::Path;

use super::{golden, shown, translate};

/// Where the rewritten messages are; the check of the project sets it.
const FOLDER: &str = "HENVISNING_REWRITTEN";

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn messages_written_by_another_library_are_read_the_same() {
    let Ok(folder) = std::env::var(FOLDER) else {
        eprintln!("SKIPPED: {FOLDER} names no folder; .ci/kith-xsd makes one");
        return;
    };
    let mut count = 0;
    for entry in std::fs::read_dir(Path::new(&folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let variant = name.trim_end_matches(".xml").rsplit('.').next().unwrap();
        let case = name.trim_end_matches(&format!(".{variant}.xml"));
        let (original, rewritten) = (translate(&golden(case)).0, translate(&std::fs::read(&path).unwrap()).0);
        match (original, rewritten) {
            (Ok(original), Ok(rewritten)) => {
                assert_eq!(shown(&rewritten.referral), shown(&original.referral), "{name}");
                assert_eq!(rewritten.header, original.header, "{name}");
            }
            (Err(original), Err(rewritten)) => {
                assert_eq!(rewritten.rejections, original.rejections, "{name}");
                assert_eq!(rewritten.header, original.header, "{name}");
            }
            (original, _) => panic!("{name}: accepted {}", original.is_ok()),
        }
        count += 1;
    }
    assert!(count >= 100, "{count} messages were rewritten");
}
