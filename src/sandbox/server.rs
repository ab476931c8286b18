//! Two HTTP servers on this host: what the gateway speaks to (issuer, trial system, laboratories), and the page.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST};
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, body, dev, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::Trouble;
use super::issuer::{Issuer, Refused};
use super::laboratories::Benches;
use super::scene::Scene;
use super::statuses::Statuses;
use super::subscriptions::Subscriptions;
use super::trial::Trial;

/// Longest body that the sandbox takes.
const BODY: usize = 64 << 20;

const HTML: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/app.js");

/// Who answers the gateway.
#[derive(Clone)]
pub struct Neighbours {
    /// Issues tokens.
    pub issuer: Arc<Issuer>,
    /// Takes pseudonymous referrals and reports.
    pub trial: Arc<Trial>,
    /// Take requests.
    pub benches: Arc<Benches>,
    /// Hear of their referrals.
    pub statuses: Arc<Statuses>,
    /// Hear of events.
    pub subscriptions: Arc<Subscriptions>,
}

/// The server of the neighbours; it runs while the result is polled.
///
/// Errors: the listener cannot be used.
pub fn neighbours(listener: TcpListener, neighbours: &Neighbours) -> std::io::Result<Server> {
    let neighbours = web::Data::new(neighbours.clone());
    let app = move || {
        App::new()
            .app_data(neighbours.clone())
            .app_data(web::PayloadConfig::new(BODY))
            .route("/.well-known/openid-configuration", web::get().to(discovery))
            .route("/jwks", web::get().to(jwks))
            .route("/token", web::post().to(token))
            .route("/trial/fhir", web::post().to(trial))
            .route("/laboratory/fhir", web::post().to(laboratory))
            .route("/trust/status", web::post().to(status))
            .route("/trust/events/{trust}/{topic}", web::post().to(events))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

async fn discovery(neighbours: web::Data<Neighbours>) -> HttpResponse {
    HttpResponse::Ok().json(neighbours.issuer.discovery())
}

async fn jwks(neighbours: web::Data<Neighbours>) -> HttpResponse {
    HttpResponse::Ok().json(neighbours.issuer.jwks())
}

async fn token(neighbours: web::Data<Neighbours>, form: web::Form<BTreeMap<String, String>>) -> HttpResponse {
    match neighbours.issuer.token(&form) {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(refused) => {
            let status = match refused {
                Refused::Client => StatusCode::UNAUTHORIZED,
                Refused::Server => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::BAD_REQUEST,
            };
            HttpResponse::build(status).json(json!({"error": refused.to_string()}))
        }
    }
}

/// Whom the tokens are for that the gateway delivers with.
pub const AUDIENCE: &str = "sandbox:neighbours";

/// Whether a delivery comes with a token of the issuer.
fn is_known(request: &HttpRequest, neighbours: &Neighbours) -> bool {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    token.is_some_and(|token| neighbours.issuer.is_token(token, AUDIENCE))
}

async fn trial(request: HttpRequest, neighbours: web::Data<Neighbours>, body: web::Bytes) -> HttpResponse {
    if !is_known(&request, &neighbours) {
        return HttpResponse::Unauthorized().finish();
    }
    stored(serde_json::from_slice(&body).ok().and_then(|bundle| neighbours.trial.receive(&bundle)))
}

async fn laboratory(request: HttpRequest, neighbours: web::Data<Neighbours>, body: web::Bytes) -> HttpResponse {
    if !is_known(&request, &neighbours) {
        return HttpResponse::Unauthorized().finish();
    }
    stored(serde_json::from_slice(&body).ok().and_then(|bundle| neighbours.benches.receive(&bundle)))
}

async fn status(request: HttpRequest, neighbours: web::Data<Neighbours>, body: web::Bytes) -> HttpResponse {
    if !is_known(&request, &neighbours) {
        return HttpResponse::Unauthorized().finish();
    }
    match neighbours.statuses.xml(&String::from_utf8_lossy(&body)) {
        Some(receipt) => HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(receipt),
        None => HttpResponse::BadRequest().finish(),
    }
}

async fn events(
    request: HttpRequest,
    to: web::Path<(String, String)>,
    neighbours: web::Data<Neighbours>,
    body: web::Bytes,
) -> HttpResponse {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = authorization.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let bundle = serde_json::from_slice(&body).unwrap_or(Value::Null);
    match neighbours.subscriptions.notified((&to.0, &to.1), secret, &bundle) {
        Some(()) => HttpResponse::NoContent().finish(),
        None => HttpResponse::BadRequest().finish(),
    }
}

fn stored(answer: Option<Value>) -> HttpResponse {
    match answer {
        Some(answer) => {
            HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/fhir+json")).body(answer.to_string())
        }
        None => HttpResponse::BadRequest().finish(),
    }
}

/// The page: one file, and the header that allows what is in it and nothing else.
fn page() -> (String, String) {
    let html = HTML.replace("/*style*/", STYLE).replace("/*script*/", SCRIPT);
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    (html, policy)
}

/// The server of the page; it runs while the result is polled.
///
/// Errors: the listener cannot be used.
pub fn pages(listener: TcpListener, scene: Arc<Scene>) -> std::io::Result<Server> {
    let scene = web::Data::from(scene);
    let (html, policy) = page();
    let html = web::Data::new(html);
    let app = move || {
        App::new()
            .wrap(
                DefaultHeaders::new()
                    .add(("Content-Security-Policy", policy.clone()))
                    .add(("X-Content-Type-Options", "nosniff"))
                    .add(("Referrer-Policy", "no-referrer"))
                    .add(("Cross-Origin-Opener-Policy", "same-origin"))
                    .add(("Cache-Control", "no-store")),
            )
            .wrap(from_fn(of_this_host))
            .app_data(scene.clone())
            .app_data(html.clone())
            .route("/", web::get().to(index))
            .route("/api/run", web::get().to(run))
            .route("/api/flow", web::get().to(flow))
            .route("/api/cohorts/{viewer}", web::get().to(cohorts))
            .route("/api/trusts/{trust}", web::get().to(trust))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// A page of another host whose name leads here must not ask with the tokens that are kept here.
async fn of_this_host(
    request: dev::ServiceRequest,
    next: Next<impl body::MessageBody + 'static>,
) -> Result<dev::ServiceResponse<body::BoxBody>, Error> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return Ok(request.into_response(HttpResponse::MisdirectedRequest().finish()));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn index(html: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html.get_ref().clone())
}

async fn run(scene: web::Data<Scene>) -> HttpResponse {
    HttpResponse::Ok().json(scene.run())
}

async fn flow(scene: web::Data<Scene>) -> HttpResponse {
    told(scene.flow().await.map(Some))
}

async fn cohorts(scene: web::Data<Scene>, viewer: web::Path<String>) -> HttpResponse {
    told(scene.cohorts(&viewer).await)
}

async fn trust(scene: web::Data<Scene>, id: web::Path<String>) -> HttpResponse {
    told(scene.trust(&id).await)
}

fn told(answer: Result<Option<Value>, Trouble>) -> HttpResponse {
    match answer {
        Ok(Some(answer)) => HttpResponse::Ok().json(answer),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(trouble) => HttpResponse::BadGateway().json(json!({"error": trouble.to_string()})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_one_file_and_loads_nothing() {
        let (html, policy) = page();
        assert!(html.contains(STYLE) && html.contains(SCRIPT), "both are in it");
        for outside in ["src=\"http", "href=\"http", "@import", "url(http", "<link", " style=", " onclick="] {
            assert!(!html.contains(outside), "{outside}");
        }
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        // Both languages have the same words.
        assert!(html.contains("lang=\"nb\""));
    }
}
