//! Who sees which messages, how, and what looking leaves behind.

use super::referral::Referral;
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, TRUST};

fn ids(gateway: &Gateway, query: &str, secret: &str) -> Vec<String> {
    let answer = gateway.get(&format!("/messages{query}"), secret);
    assert_eq!(answer.status, 200, "{query}");
    let listed = answer.json();
    listed["messages"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_has_pages_and_filters_and_never_another_callers_messages() {
    let gateway = Gateway::start("looking-list", &[]);
    let mut sent: Vec<String> = (1..6).map(|number| gateway.send(&Referral::new(number).fhir())).collect();
    let foreign = gateway.request("POST", "/fhir", OTHER, "", &Referral::new(9).fhir());
    let foreign = foreign.header("x-message-id").to_owned();
    sent.reverse();
    // Newest first, two a page, and the last page has no next one.
    let (mut after, mut paged) = (String::new(), Vec::new());
    for length in [2, 2, 1] {
        let page = gateway.get(&format!("/messages?_count=2{after}"), TRUST).json();
        let rows = page["messages"].as_array().unwrap();
        assert_eq!(rows.len(), length);
        paged.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        after = page["next"].as_i64().map_or_else(String::new, |next| format!("&after={next}"));
    }
    assert_eq!((paged, after.as_str()), (sent.clone(), ""));
    for (query, secret, expected) in [
        ("", OTHER, vec![foreign.clone()]),
        ("?sender=983974732", OTHER, Vec::new()),
        ("?sender=993467049", TRUST, Vec::new()),
        ("?sender=993467049", OPERATOR, vec![foreign.clone()]),
        ("?disposition=quarantined", OPERATOR, vec![foreign.clone()]),
        ("?disposition=routed", TRUST, sent.clone()),
        ("?disposition=quarantined", TRUST, Vec::new()),
        ("?kind=report", TRUST, Vec::new()),
        ("?kind=referral&_count=1", TRUST, vec![sent[0].clone()]),
        ("", LABORATORY, Vec::new()),
    ] {
        assert_eq!(ids(&gateway, query, secret), expected, "{query}");
    }
    // A cursor carries no rights: from the end of all there is, the other trust sees its own only.
    assert_eq!(ids(&gateway, "?after=1000", OTHER), [foreign.as_str()]);
    for query in ["?disposition=lost", "?after=x", "?_count=many", "?identifier=1"] {
        let refused = gateway.get(&format!("/messages{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
    }
    // Whoever writes a number into an address, of whatever route and with whatever credential, is told not to.
    for path in [
        "/messages?identifier=05898597468",
        "/messages/05898597468",
        "/messages/%30%35898597468/original",
        "/fhir/Patient?identifier=urn:oid:2.16.578.1.12.4.1.4.1%7C058985%2097468",
        "/healthz?05898597468",
        "/nowhere/05898597468",
    ] {
        for secret in [TRUST, ""] {
            let refused = gateway.get(path, secret);
            assert_eq!((refused.status, refused.code().as_str()), (400, "request.personal-in-url"), "{path}");
        }
    }
    assert!(!gateway.log().contains("05898597468"), "a number in a URL is not logged");
}

#[test]
fn another_callers_message_is_as_one_that_does_not_exist() {
    let gateway = Gateway::start("looking-other", &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    for secret in [OTHER, LABORATORY] {
        for suffix in ["", "/original"] {
            let other = gateway.get(&format!("/messages/{id}{suffix}"), secret);
            let nothing = gateway.get(&format!("/messages/00000000-0000-8000-8000-000000000000{suffix}"), secret);
            assert_eq!((other.status, &other.body), (404, &nothing.body));
        }
    }
    let audit = gateway.message(&id)["audit"].clone();
    // Its owner can see who tried: that nothing was shown, and nothing else.
    let of_other = audit.as_array().unwrap().iter().filter(|row| row["organisation"] == "993467049");
    let tries: Vec<(&str, &str)> =
        of_other.map(|row| (row["action"].as_str().unwrap(), row["outcome"].as_str().unwrap())).collect();
    assert_eq!(tries, [("deny", "refused"); 2]);
}

#[test]
fn whoever_looks_is_in_the_journal() {
    let mut gateway = Gateway::start("looking-audit", &[]);
    let body = Referral::new(1).fhir();
    let id = gateway.send(&body);
    let original = gateway.get(&format!("/messages/{id}/original"), TRUST);
    assert_eq!(original.body, body);
    // Never shown by a browser as a page of the gateway.
    assert_eq!(original.header("content-type"), "application/octet-stream");
    assert_eq!(
        (original.header("content-disposition"), original.header("x-content-type-options")),
        ("attachment", "nosniff")
    );
    gateway.get(&format!("/messages/{id}"), OPERATOR);
    assert_eq!(gateway.terminate(), Some(0));
    let journal = rusqlite::Connection::open(gateway.folder.path().join("journal.sqlite")).unwrap();
    let mut statement = journal
        .prepare("SELECT action, outcome, organisation, role, patient FROM audit WHERE message = ?1 ORDER BY sequence")
        .unwrap();
    let rows: Vec<[String; 5]> = statement
        .query_map([&id], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let acts: Vec<[&str; 4]> =
        rows.iter().map(|row| [&row[0], &row[1], &row[2], &row[3]].map(String::as_str)).collect();
    assert_eq!(
        acts,
        [
            ["create", "success", "983974732", "trust"],
            ["read", "success", "983974732", "trust"],
            ["read", "success", "operator", "operator"],
        ]
    );
    // The patient is named by the derived id only.
    assert!(rows.iter().all(|row| row[4] == rows[0][4] && row[4].len() == 36), "{rows:?}");
}

#[test]
fn a_browser_gets_pages() {
    let gateway = Gateway::start("looking-html", &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    for path in ["/messages".to_owned(), format!("/messages/{id}")] {
        let page = gateway.request("GET", &path, TRUST, "Accept: text/html,application/xhtml+xml\r\n", b"");
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(page.header("cache-control"), "no-store");
        let text = String::from_utf8(page.body).unwrap();
        assert!(text.starts_with("<!doctype html>") && text.contains(&id) && text.contains("routed"), "{path}");
    }
    let json = gateway.request("GET", "/messages", TRUST, "Accept: application/json\r\n", b"");
    assert_eq!(json.header("content-type"), "application/json");
}
