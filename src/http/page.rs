//! The messages as pages for a person: plain tables, no script.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::issue::IssueCode;
use crate::journal::MessageRow;

const STYLE: &str = "body{font:15px sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}\
    td,th{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}pre{white-space:pre-wrap}";

/// The list.
pub(super) fn list(rows: &[MessageRow], next: Option<i64>) -> HttpResponse {
    let mut body = String::from(
        "<h1>Messages</h1><table><tr><th>received<th>kind<th>sender<th>disposition<th>reason<th>message</tr>",
    );
    for row in rows {
        let id = escape(&row.id);
        let cells = [&row.received.to_string(), &row.kind, &row.sender, &row.disposition, &row.reason];
        body.push_str("<tr>");
        for cell in cells {
            body.push_str(&format!("<td>{}", escape(cell)));
        }
        body.push_str(&format!("<td><a href=\"messages/{id}\">{id}</a></tr>"));
    }
    body.push_str("</table>");
    if let Some(next) = next {
        body.push_str(&format!("<p><a href=\"messages?after={next}\">older</a>"));
    }
    page("Messages", &body)
}

/// One message; with a form to deliver its dead letters again, where there are some and the person may.
pub(super) fn one(message: &Value, replay: Option<(&str, &str)>) -> HttpResponse {
    let mut body = format!("<h1>Message</h1>{}", value(message));
    if let Some((id, csrf)) = replay {
        body.push_str(&form(&format!("{}/replay", escape(id)), csrf, "Deliver dead letters again"));
    }
    page("Message", &body)
}

/// Where a person begins, who is logged in.
pub(super) fn start(role: &str, csrf: &str) -> HttpResponse {
    let role = escape(role);
    let form = form("operator/logout", csrf, "Log out");
    page("Gateway", &format!("<h1>Gateway</h1><p>Logged in as {role}.<p><a href=\"messages\">Messages</a>{form}"))
}

/// Where a person begins, who is not.
pub(super) fn welcome() -> HttpResponse {
    page("Gateway", "<h1>Gateway</h1><p>You are not logged in.<p><a href=\"operator/login\">Log in</a>")
}

/// Why something was not done, with its stable code, and what to do.
pub(super) fn failed(status: StatusCode, code: IssueCode, start: &str) -> HttpResponse {
    let (code, text, start) = (escape(code.as_str()), escape(code.meaning()), escape(start));
    let body = format!("<h1>Not logged in</h1><p>{text}<p>Code: <b>{code}</b><p><a href=\"{start}\">Begin again</a>");
    let mut response = page("Not logged in", &body);
    *response.status_mut() = status;
    response
}

/// A button that changes something.
fn form(action: &str, csrf: &str, label: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"csrf\" value=\"{}\">\
         <button>{label}</button></form>",
        escape(csrf)
    )
}

/// What a page may do: show itself, in its own style, and send its own forms.
pub(super) fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

fn value(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let rows: String = members
                .iter()
                .map(|(name, member)| format!("<tr><th>{}<td>{}</tr>", escape(name), self::value(member)))
                .collect();
            format!("<table>{rows}</table>")
        }
        Value::Array(items) => items.iter().map(self::value).collect(),
        Value::String(text) => escape(text),
        Value::Null => String::new(),
        other => escape(&other.to_string()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>{body}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"'><script>alert(1)</script>&amp;<img src=x onerror=alert(1)>";

    fn text(response: HttpResponse) -> String {
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn nothing_of_a_message_is_markup() {
        let shown = value(&serde_json::json!({"<b>": ["<script>alert('x')</script>", null, 1]}));
        assert!(!shown.contains("<script") && !shown.contains("<b>"), "{shown}");
        assert!(shown.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{shown}");
    }

    #[test]
    fn no_value_of_any_page_is_markup() {
        let hostile = || HOSTILE.to_owned();
        let row = MessageRow {
            sequence: 1,
            id: hostile(),
            kind: hostile(),
            format: hostile(),
            channel: hostile(),
            sender: hostile(),
            content_hash: hostile(),
            received: jiff::Timestamp::UNIX_EPOCH,
            updated: jiff::Timestamp::UNIX_EPOCH,
            trace: hostile(),
            disposition: hostile(),
            reason: hostile(),
            patient: Some(hostile()),
            case: Some(hostile()),
            content_type: hostile(),
            answer_status: 200,
            answer_type: hostile(),
            answer: Vec::new(),
            issues: hostile(),
            explanation: hostile(),
        };
        let message = serde_json::json!({HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]});
        for page in [
            list(&[row], Some(1)),
            one(&message, Some((HOSTILE, HOSTILE))),
            start(HOSTILE, HOSTILE),
            failed(StatusCode::FORBIDDEN, IssueCode::OperatorRoleMissing, HOSTILE),
        ] {
            let page = text(page);
            assert!(page.contains("&lt;script&gt;"), "{page}");
            for markup in ["<script", "<img", "\"'", "'>"] {
                assert!(!page.contains(markup), "{markup} in {page}");
            }
        }
    }

    #[test]
    fn the_style_of_a_page_is_the_one_that_its_policy_names() {
        let page = text(welcome());
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert!(policy().contains(&format!("style-src 'sha256-{hash}'")), "{}", policy());
        // The policy lets no other style and no script run, so there must be none.
        assert_eq!((page.matches("<style").count(), page.matches("style=").count()), (1, 0));
        assert!(!page.contains("<script") && !page.contains(" on"), "{page}");
    }
}
