//! The messages as pages for a person: plain tables, no script.

use actix_web::HttpResponse;
use serde_json::Value;

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

/// One message.
pub(super) fn one(message: &Value) -> HttpResponse {
    page("Message", &format!("<h1>Message</h1>{}", value(message)))
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
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header(("Cache-Control", "no-store"))
        .body(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>{body}"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_message_is_markup() {
        let shown = value(&serde_json::json!({"<b>": ["<script>alert('x')</script>", null, 1]}));
        assert!(!shown.contains("<script") && !shown.contains("<b>"), "{shown}");
        assert!(shown.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{shown}");
    }
}
