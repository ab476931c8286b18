//! HTTP: the only place that knows actix. Authenticate, then limit, then parse: a handler takes a [`Permit`](crate::authz::Permit)
//! and reads the body itself, within limits.

mod audit;
mod body;
mod deny;
mod error;
mod extract;
mod fhir;
mod headers;
mod health;
mod intake;
mod limit;
mod messages;
mod operators;
mod page;
mod personal;
mod prefer;
mod routes;
mod subscriptions;
mod tenancy;
mod tls;
mod trial;
mod unread;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::KeepAlive;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use crate::clock::Clock;
use crate::identity::Callers;
use crate::journal::Journal;
use crate::operators::Operators;
use crate::pipeline::intake::Intake;
use crate::tokens::ResourceServer;

/// What stops the server.
pub use actix_web::dev::ServerHandle as Handle;

pub use self::deny::Strangers;
pub use self::health::{Disk, Health};
pub use self::limit::{Elapsed, LimitOptions, Limits};
pub use self::routes::{Access, ROUTES, Route};
pub use self::subscriptions::Subscribing;
pub use self::tls::{Reloader, TlsError, TlsFiles, reload, server_config};

/// Everything that handlers use.
pub struct State {
    /// Takes messages.
    pub intake: Arc<Intake>,
    /// Where everything is kept.
    pub journal: Arc<dyn Journal>,
    /// Who may call with a secret or certificate.
    pub callers: Arc<Callers>,
    /// Who may call with an access token.
    pub access: Arc<ResourceServer>,
    /// How operators log in; none: they do not.
    pub operators: Option<Arc<Operators>>,
    /// How much anybody may ask.
    pub limits: Limits,
    /// Base of the FHIR API, as callers name it.
    pub base: String,
    /// Whether callers come over TLS.
    pub is_tls: bool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Longest body, in bytes.
    pub body_bytes: usize,
    /// Time in which a body must have come.
    pub body_time: Duration,
    /// Longest archive of a run folder, in bytes.
    pub report_bytes: usize,
    /// Time in which an archive must have come.
    pub report_time: Duration,
    /// Archives in memory at once.
    pub report_bodies: tokio::sync::Semaphore,
    /// Whether the service is being stopped.
    pub is_stopping: AtomicBool,
    /// Requests of strangers that are not in the audit trail yet.
    pub strangers: Strangers,
    /// What may be subscribed to.
    pub subscriptions: Subscribing,
    /// Readiness.
    pub health: Health,
    /// Text of the numbers, for Prometheus.
    pub numbers: Box<dyn Fn() -> String + Send + Sync>,
}

/// How the server listens.
pub struct Options {
    /// The bound listener.
    pub listener: TcpListener,
    /// TLS; none on loopback.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Threads.
    pub workers: usize,
    /// Connections at most.
    pub connections: usize,
    /// Time in which the head of a request must have come.
    pub head_time: Duration,
    /// Time for work in flight when it is stopped.
    pub stop_time: Duration,
}

/// Starts the server; it runs while the result is polled.
///
/// Errors: the listener cannot be used.
pub fn serve(state: Arc<State>, options: Options) -> std::io::Result<Server> {
    let state = web::Data::from(state);
    let Options { listener, tls, workers, connections, head_time, stop_time } = options;
    // The last one is the first to see a request.
    let app = move || {
        App::new()
            .wrap(from_fn(deny::refused))
            .wrap(from_fn(operators::check_origin))
            .wrap(from_fn(limit::guard))
            .wrap(from_fn(personal::refuse))
            .wrap(from_fn(headers::add))
            .wrap(from_fn(unread::hang_up))
            .app_data(state.clone())
            .configure(routes::register)
            .default_service(web::route().to(error::no_route))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .max_connections(connections)
        .keep_alive(KeepAlive::Timeout(Duration::from_secs(75)))
        .client_request_timeout(head_time)
        .client_disconnect_timeout(Duration::from_secs(2))
        .shutdown_timeout(stop_time.as_secs())
        .on_connect(extract::keep_certificate)
        .disable_signals();
    let server = match tls {
        Some(config) => server.listen_rustls_0_23(listener, (*config).clone())?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}
