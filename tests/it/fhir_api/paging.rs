//! Pages.

use std::collections::BTreeSet;

use super::scene::{FORDE, OUS, Row, entries, gateway, get, link, task};
use crate::service::setting::{Gateway, OPERATOR, OTHER, TRUST};

/// 23 tasks of Førde, of which most have the same time, among as many of OUS.
fn tasks() -> Vec<Row> {
    let times = ["2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.124Z"];
    let row = |number: usize, owner: &'static str, name: &str| {
        let time = times[usize::from(number.is_multiple_of(7))];
        Row::new(owner, task(&format!("{name}{:02}", number * 37 % 100), "p", "ready")).of("p").at(time)
    };
    (0..23).flat_map(|number| [row(number, FORDE, "f"), row(number, OUS, "o")]).collect()
}

/// Ids of all pages, and how many pages there were.
fn walk(gateway: &Gateway, first: &str, secret: &str) -> (Vec<String>, usize) {
    let (mut path, mut ids, mut pages) = (Some(first.to_owned()), Vec::new(), 0);
    while let Some(page) = path {
        let bundle = get(gateway, &page, secret).json();
        ids.extend(entries(&bundle));
        path = link(&bundle, "next");
        pages += 1;
        assert!(pages < 100, "{first}");
    }
    (ids, pages)
}

#[test]
fn pages_over_equal_times_lose_nothing_and_show_nothing_twice() {
    let gateway = gateway("fhir-paging", &tasks());
    let whole: BTreeSet<String> = (0..23).map(|number| format!("match f{:02}", number * 37 % 100)).collect();
    for sort in ["_lastUpdated", "-_lastUpdated", "_id", "-_id"] {
        for count in [1, 2, 7, 22, 23, 24] {
            let path = format!("/fhir/Task?_sort={sort}&_count={count}");
            let (ids, pages) = walk(&gateway, &path, TRUST);
            assert_eq!(ids.len(), 23, "{path}");
            assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), whole, "{path}");
            assert_eq!(pages, 23_usize.div_ceil(count), "{path}");
        }
    }
    let (all, _) = walk(&gateway, "/fhir/Task?_count=10", OPERATOR);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 46);
    // Two ranges of time are two questions to the journal, and one list.
    let (ranges, _) = walk(&gateway, "/fhir/Task?_count=5&_lastUpdated=ne2026-03-01T10:00:00.124Z", TRUST);
    let expected = (0..23).filter(|number| !usize::is_multiple_of(*number, 7)).count();
    assert_eq!((ranges.len(), ranges.iter().collect::<BTreeSet<_>>().len()), (expected, expected));
    let (both, _) = walk(&gateway, "/fhir/Task?_count=5&_lastUpdated=ne2026-03-01T10:00:00.125Z", TRUST);
    assert_eq!(both.iter().cloned().collect::<BTreeSet<_>>(), whole);
}

#[test]
fn a_cursor_is_of_one_caller_and_one_search() {
    let gateway = gateway("fhir-cursor", &tasks());
    let next = link(&get(&gateway, "/fhir/Task?status=ready&_count=5", TRUST).json(), "next").unwrap();
    assert_eq!(get(&gateway, &next, TRUST).json()["link"][0]["relation"], "self");
    assert_eq!(link(&get(&gateway, &next, TRUST).json(), "self").as_deref(), Some(next.as_str()));
    let wrong = [
        (next.clone(), OTHER),
        (next.clone(), OPERATOR),
        (next.replace("status=ready", "status=draft"), TRUST),
        (next.replace("_count=5", "_count=6"), TRUST),
        (next.replace("/Task?", "/ServiceRequest?"), TRUST),
        (format!("{next}0"), TRUST),
    ];
    for (path, secret) in wrong {
        let refused = gateway.get(&path, secret);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{path}");
    }
}

#[test]
fn a_history_is_paged_too() {
    let gateway = gateway("fhir-history-pages", &tasks());
    let (mut path, mut ids) = (Some("/fhir/Task/_history?_count=4".to_owned()), Vec::new());
    while let Some(page) = path {
        let bundle = get(&gateway, &page, TRUST).json();
        assert_eq!(bundle["type"], "history");
        ids.extend(bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"]["id"].to_string()));
        path = link(&bundle, "next");
        if let Some(next) = &path {
            let refused = gateway.get(next, OTHER);
            assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"));
        }
    }
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (23, 23));
}
