//! How the provider is asked: over TLS, or on this host; answers within a bound.

use std::pin::Pin;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse, http};

/// Longest answer, in bytes.
const ANSWER: usize = 1 << 20;

/// No answer of the provider.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
pub(super) struct NoAnswer;

type Asked = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>>>>;

/// Asks with `client`.
pub(super) fn asking(client: &reqwest::Client) -> impl Fn(HttpRequest) -> Asked {
    let client = client.clone();
    move |request| {
        let client = client.clone();
        Box::pin(async move { ask(&client, request).await.ok_or(NoAnswer) })
    }
}

async fn ask(client: &reqwest::Client, request: HttpRequest) -> Option<HttpResponse> {
    let request = reqwest::Request::try_from(request).ok()?;
    if !is_safe(request.url()) {
        return None;
    }
    let mut response = client.execute(request).await.ok()?;
    let mut answer = http::Response::builder().status(response.status().as_u16());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    answer.body(body).ok()
}

/// Whether nobody on the way can read or change what is sent there.
pub(super) fn is_safe(url: &Url) -> bool {
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
