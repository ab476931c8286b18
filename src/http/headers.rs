//! What a browser is told about every answer: to run nothing, to keep nothing, to show it nowhere else.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::{State, page};

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A year, as RFC 6797 advises at least.
const ONLY_TLS: &str = "max-age=31536000";

/// Adds what an answer does not say itself.
pub(super) async fn add<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let is_tls = request.app_data::<web::Data<State>>().is_some_and(|state| state.is_tls);
    let mut response = next.call(request).await?;
    set(response.headers_mut(), is_tls);
    Ok(response)
}

fn set(headers: &mut HeaderMap, is_tls: bool) {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    let mut add = |name: HeaderName, value: &str| {
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(CACHE_CONTROL, "no-store");
    add(RESOURCE, "same-origin");
    if is_page {
        add(CONTENT_SECURITY_POLICY, &page::policy());
        add(OPENER, "same-origin");
        // Nothing to other sites; to ourselves all, since a form without a referrer comes without its origin (Fetch, section 3.2).
        add(REFERRER_POLICY, "same-origin");
    } else {
        add(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
        add(REFERRER_POLICY, "no-referrer");
    }
    if is_tls {
        add(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &'static str, is_tls: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        set(&mut headers, is_tls);
        headers
    }

    #[test]
    fn a_page_runs_nothing_and_is_shown_nowhere_else() {
        let page = headers("text/html; charset=utf-8", false);
        let policy = page.get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
        for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.split("; ").any(|directive| directive == part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src") && !policy.contains('*'), "{policy}");
        assert_eq!(page.get(OPENER).unwrap(), "same-origin");
        assert_eq!(page.get(REFERRER_POLICY).unwrap(), "same-origin");
        assert_eq!(page.get(STRICT_TRANSPORT_SECURITY), None);
    }

    #[test]
    fn every_answer_is_kept_by_nobody() {
        let json = headers("application/json", true);
        for (name, value) in [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
            (RESOURCE, "same-origin"),
            (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        ] {
            assert_eq!(json.get(&name).unwrap(), value, "{name}");
        }
    }
}
