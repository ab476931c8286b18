//! The two cookies: of a log-in that has begun, and of a session.
//!
//! Over TLS their names begin with `__Host-`, so that no other host and no plain connection can set them (RFC 6265bis, section
//! 4.1.3). Plain HTTP is for this host only, where a browser would refuse such a name. They are `Lax`: the provider sends the
//! browser back from another site.

use actix_web::http::header::{COOKIE, HeaderMap};

const LOGIN: &str = "impress-login";
const SESSION: &str = "impress";

/// Longest value that is looked at.
const LONGEST: usize = 128;

pub(super) fn session(headers: &HeaderMap, is_secure: bool) -> Option<String> {
    value(headers, &name(SESSION, is_secure))
}

pub(super) fn login(headers: &HeaderMap, is_secure: bool) -> Option<String> {
    value(headers, &name(LOGIN, is_secure))
}

pub(super) fn session_set(value: &str, is_secure: bool) -> String {
    set(SESSION, value, is_secure, "")
}

pub(super) fn session_cleared(is_secure: bool) -> String {
    set(SESSION, "", is_secure, "; Max-Age=0")
}

pub(super) fn login_set(value: &str, is_secure: bool) -> String {
    set(LOGIN, value, is_secure, "; Max-Age=600")
}

pub(super) fn login_cleared(is_secure: bool) -> String {
    set(LOGIN, "", is_secure, "; Max-Age=0")
}

fn name(name: &str, is_secure: bool) -> String {
    if is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

fn set(of: &str, value: &str, is_secure: bool, age: &str) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", name(of, is_secure))
}

/// The value of a cookie that was sent once; of one that was sent twice, somebody else has set one.
fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut found = cookies.filter_map(|cookie| cookie.trim().split_once('=')).filter(|(given, _)| *given == name);
    let (_, value) = found.next()?;
    (found.next().is_none() && !value.is_empty() && value.len() <= LONGEST).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn cookies_are_kept_from_scripts_and_other_sites() {
        assert_eq!(session_set("x", true), "__Host-impress=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(login_set("x", false), "impress-login=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
        assert_eq!(session_cleared(true), "__Host-impress=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name_and_once() {
        let read = |text: &'static str, is_secure| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(text));
            session(&headers, is_secure)
        };
        assert_eq!(read("a=b; __Host-impress=x; c", true).as_deref(), Some("x"));
        assert_eq!(read("impress=x", true), None);
        assert_eq!(read("__Host-impress=x", false), None);
        assert_eq!(read("impress=x; impress=y", false), None);
        assert_eq!(read("impress=", false), None);
        assert_eq!(read("ximpress=x; impress2=y", false), None);
    }
}
