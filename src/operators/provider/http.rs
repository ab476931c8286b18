//! How the provider is asked: over TLS, or on this host; answers within a bound.

use std::pin::Pin;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse, http};

use crate::outbound::{Answer, Client};

/// Longest answer, in bytes.
const ANSWER: usize = 1 << 20;

/// No answer of the provider.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
pub(super) struct NoAnswer;

type Asked = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>>>>;

/// Asks with `client`.
pub(super) fn asking(client: &Client) -> impl Fn(HttpRequest) -> Asked {
    let client = client.clone();
    move |request| {
        let client = client.clone();
        Box::pin(async move { ask(&client, request).await.ok_or(NoAnswer) })
    }
}

async fn ask(client: &Client, request: HttpRequest) -> Option<HttpResponse> {
    let request = reqwest::Request::try_from(request).ok()?;
    if !is_safe(request.url()) {
        return None;
    }
    let Answer { status, headers, body } = client.send(request, ANSWER).await.ok()?;
    let mut answer = http::Response::builder().status(status);
    for (name, value) in &headers {
        answer = answer.header(name, value);
    }
    answer.body(body).ok()
}

/// Whether nobody on the way can read or change what is sent there.
pub fn is_safe(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_or_this_host_is_safe() {
        for (url, expected) in [
            ("https://idp.example/token", true),
            ("http://127.0.0.1:8080/token", true),
            ("http://idp.example/token", false),
            ("http://127.0.0.1.example/token", false),
            ("http://127.0.0.1@idp.example/", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(is_safe(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
