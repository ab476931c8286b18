//! What a known caller is refused for the form of what it sent leaves a row; so does a supplier that nobody listed.

use std::io::Write;

use serde_json::json;

use super::setting::{Gateway, LABORATORY, OPERATOR, Response, TRUST, until};
use super::tokens::{Issuer, bearer};

/// Action, outcome, organisation, client, detail and purpose of the rows that callers left; oldest first.
fn rows(gateway: &Gateway) -> Vec<[String; 6]> {
    let journal = gateway.open_journal();
    let query = "SELECT action, outcome, organisation, client, COALESCE(detail, ''), COALESCE(purpose, '') FROM audit \
                 WHERE role NOT IN ('gateway', 'destination') ORDER BY sequence";
    let mut statement = journal.prepare(query).unwrap();
    let cells =
        |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]);
    statement.query_map([], cells).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Sends less of a body than it says.
fn cut(gateway: &Gateway, path: &str) -> Response {
    let mut stream = gateway.connect();
    let head = format!("POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TRUST}\r\nContent-Length: 100");
    stream.write_all(format!("{head}\r\n\r\nx").as_bytes()).unwrap();
    Response::read(stream)
}

#[test]
fn what_a_known_caller_is_refused_for_its_form_leaves_a_row() {
    let gateway = Gateway::start_with("refused-form", &[], "request_seconds = 1\n");
    let long = vec![b'x'; 17 << 10];
    let packed = "Content-Encoding: gzip\r\n";
    let forde = |route| ["983974732", "forde", route, "TREAT"];
    let search = "/fhir/AuditEvent/_search";
    let mut expected = Vec::new();
    for (answer, status, code, cells) in [
        (gateway.request("POST", "/fhir", TRUST, packed, b"x"), 415, "request.encoded", forde("POST /fhir")),
        (
            gateway.request("POST", "/intake/reports", LABORATORY, packed, b"x"),
            415,
            "request.encoded",
            ["IPD", "inpred", "POST /intake/reports", "TREAT"],
        ),
        (
            gateway.request("POST", search, TRUST, "", &long),
            413,
            "request.too-large",
            forde("POST /fhir/AuditEvent/_search"),
        ),
        (cut(&gateway, "/intake/referrals"), 408, "request.too-slow", forde("POST /intake/referrals")),
        (gateway.get("/messages?disposition=nonsense", TRUST), 400, "request.invalid", forde("GET /messages")),
        (
            gateway.get("/fhir/AuditEvent?outcome=7", OPERATOR),
            400,
            "request.invalid",
            ["operator", "operator", "GET /fhir/AuditEvent", "HOPERAT"],
        ),
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{cells:?}");
        let [organisation, client, route, purpose] = cells;
        expected.push(["deny", "refused", organisation, client, route, purpose].map(str::to_owned));
    }
    assert_eq!(rows(&gateway), expected);
}

#[test]
fn a_name_that_is_no_callers_is_not_kept_of_a_search() {
    let gateway = Gateway::start("refused-name", &[]);
    for (agent, kept) in [("Kari.Nordmann", "unknown"), ("forde", "forde"), ("IPD", "IPD"), ("993467049", "993467049")]
    {
        let answer = gateway.get(&format!("/fhir/AuditEvent?agent={agent}"), TRUST);
        assert_eq!(answer.status, 200);
        let all = rows(&gateway);
        let [action, outcome, _, _, detail, _] = all.last().unwrap();
        assert_eq!((action.as_str(), outcome.as_str()), ("search", "success"));
        assert_eq!(*detail, format!("GET /fhir/AuditEvent?agent={kept}&"));
        assert!(!String::from_utf8_lossy(&answer.body).contains("Nordmann"));
    }
}

#[test]
fn a_supplier_that_is_not_listed_is_refused_and_one_that_is_stands_in_the_trail() {
    let issuer = Issuer::start();
    let text = format!(
        "[[issuer]]\nname = \"helseid\"\nurl = \"{}\"\nprofile = \"helseid\"\naudience = \"impress:gateway\"\n\
         [[client]]\nissuer = \"helseid\"\nclient_id = \"forde\"\nrole = \"trust\"\nsuppliers = [\"994598759\"]\n",
        issuer.url
    );
    let gateway = Gateway::start_with("refused-supplier", &[], &text);
    let ask = |supplier: &str, path: &str| {
        let claims = json!({
            "scope": "impress:gateway/messages impress:gateway/audit",
            "helseid://claims/client/claims/orgnr_supplier": supplier,
        });
        gateway.request("GET", path, "", &bearer(&issuer.token(&claims)), b"")
    };
    let refused = ask("991324968", "/messages");
    assert_eq!((refused.status, refused.code().as_str()), (403, "request.forbidden"));
    let left = until("it is written", || rows(&gateway).first().cloned());
    assert_eq!(
        (&left[..3], left[4].as_str()),
        (&["deny", "refused", "unknown"].map(str::to_owned)[..], "GET /messages")
    );
    assert_eq!(ask("994598759", "/messages").status, 200);
    assert_eq!(rows(&gateway)[1][3], "helseid:forde via 994598759");
    let event = ask("994598759", "/fhir/AuditEvent").json()["entry"][0]["resource"].clone();
    assert_eq!(event["agent"][0]["name"], "helseid:forde");
    assert_eq!(event["agent"][2]["who"]["identifier"]["value"], "994598759");
    // Found by the client's name as before.
    let found = gateway.get("/fhir/AuditEvent?agent=helseid:forde", TRUST).json();
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(2));
}
