//! The route table: what is served, and who may call it. The tests of access are made from it, so that none is forgotten.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};

use super::{audit, fhir, health, intake, messages, operators, subscriptions, trial};
use crate::authz::{
    Action, Operate, ReadAudit, ReadMessages, ReadOriginals, ReadResources, ReadSubscriptions, SendReferral,
    SendReport, Submission, Subscribe, WriteObservation, WritePatient, WriteStudy, WriteSubject, WriteTask,
};
use crate::identity::Role;

/// An address and a method.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path; `{name}` stands for one segment.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    register: fn(&mut ServiceConfig),
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: it says nothing about messages or persons.
    Open,
    /// Callers of these roles.
    Roles(&'static [Role]),
}

macro_rules! route {
    ($method:ident $path:literal, $action:ty => $handler:path) => {
        route!($method $path, in Access::Roles(<$action as Action>::ROLES), $handler)
    };
    ($method:ident $path:literal => $handler:path) => {
        route!($method $path, in Access::Open, $handler)
    };
    ($method:ident $path:literal, in $access:expr, $handler:path) => {
        Route {
            method: stringify!($method),
            path: $path,
            access: $access,
            register: |config| {
                config.route($path, web::method(Method::$method).to($handler));
            },
        }
    };
}

/// Every route.
pub const ROUTES: &[Route] = &[
    route!(GET "/healthz" => health::alive),
    route!(GET "/readyz" => health::ready),
    route!(GET "/metrics", Operate => health::metrics),
    route!(POST "/intake/referrals", SendReferral => intake::referral),
    // Who sends referrals receives their status, and confirms it.
    route!(POST "/intake/receipts", SendReferral => intake::receipt),
    route!(POST "/intake/reports", SendReport => intake::report),
    route!(POST "/fhir/Specimen", SendReport => intake::specimen),
    route!(POST "/fhir", in Access::Roles(Submission::ROLES), trial::submit),
    // Clients in use write the base with a slash at its end.
    route!(POST "/fhir/", in Access::Roles(Submission::ROLES), trial::submit),
    route!(POST "/fhir/$process-message", SendReferral => intake::referral),
    route!(PUT "/fhir/ResearchStudy/{id}", WriteStudy => trial::study),
    route!(PUT "/fhir/ResearchSubject/{id}", WriteSubject => trial::subject),
    route!(PUT "/fhir/Task/{id}", WriteTask => trial::task),
    route!(PUT "/fhir/Observation/{id}", WriteObservation => trial::observation),
    route!(PUT "/fhir/Patient/{id}", WritePatient => trial::patient),
    route!(GET "/fhir/AuditEvent", ReadAudit => audit::get),
    route!(POST "/fhir/AuditEvent/_search", ReadAudit => audit::post),
    route!(GET "/fhir/AuditEvent/{id}", ReadAudit => audit::one),
    route!(GET "/fhir/AuditEvent/{id}/_history", ReadAudit => audit::history),
    route!(GET "/fhir/AuditEvent/{id}/_history/{version}", ReadAudit => audit::version),
    route!(POST "/fhir/Subscription", Subscribe => subscriptions::create),
    route!(GET "/fhir/Subscription", ReadSubscriptions => subscriptions::search_get),
    route!(POST "/fhir/Subscription/_search", ReadSubscriptions => subscriptions::search_post),
    // Before the address with an id, which it fits, too.
    route!(GET "/fhir/Subscription/$status", ReadSubscriptions => subscriptions::status_of_all),
    route!(POST "/fhir/Subscription/$status", ReadSubscriptions => subscriptions::status_of_all_posted),
    route!(GET "/fhir/Subscription/{id}", ReadSubscriptions => subscriptions::one),
    route!(PUT "/fhir/Subscription/{id}", Subscribe => subscriptions::update),
    route!(DELETE "/fhir/Subscription/{id}", Subscribe => subscriptions::delete),
    route!(GET "/fhir/Subscription/{id}/_history", ReadSubscriptions => subscriptions::history),
    route!(GET "/fhir/Subscription/{id}/_history/{version}", ReadSubscriptions => subscriptions::version),
    route!(GET "/fhir/Subscription/{id}/$status", ReadSubscriptions => subscriptions::status),
    route!(POST "/fhir/Subscription/{id}/$status", ReadSubscriptions => subscriptions::status),
    route!(GET "/fhir/Subscription/{id}/$events", ReadSubscriptions => subscriptions::events),
    route!(POST "/fhir/Subscription/{id}/$events", ReadSubscriptions => subscriptions::events_posted),
    route!(GET "/fhir/metadata" => fhir::metadata),
    // After every address that names a type itself: the first one that fits is taken.
    route!(GET "/fhir/{type}", ReadResources => fhir::search_get),
    route!(POST "/fhir/{type}/_search", ReadResources => fhir::search_post),
    route!(GET "/fhir/{type}/_history", ReadResources => fhir::history_of_type),
    route!(GET "/fhir/{type}/{id}", ReadResources => fhir::read),
    route!(GET "/fhir/{type}/{id}/_history", ReadResources => fhir::history),
    route!(GET "/fhir/{type}/{id}/_history/{version}", ReadResources => fhir::vread),
    route!(GET "/messages", ReadMessages => messages::list),
    route!(GET "/messages/{id}", ReadMessages => messages::one),
    route!(GET "/messages/{id}/original", ReadOriginals => messages::original),
    route!(POST "/messages/{id}/replay", Operate => operators::replay),
    route!(GET "/operator" => operators::start),
    route!(GET "/operator/login" => operators::login),
    route!(GET "/operator/callback" => operators::callback),
    route!(POST "/operator/logout" => operators::logout),
];

/// Registers every route.
pub(super) fn register(config: &mut ServiceConfig) {
    for route in ROUTES {
        (route.register)(config);
    }
}

/// The methods that an address takes, as `Allow` lists them; none where there is no such address.
pub(super) fn methods(path: &str) -> Option<String> {
    let taken: Vec<&str> = ROUTES.iter().filter(|route| matches(route.path, path)).map(|route| route.method).collect();
    (!taken.is_empty()).then(|| taken.join(", "))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_methods_that_it_takes() {
        assert_eq!(methods("/fhir").as_deref(), Some("POST"));
        assert_eq!(methods("/messages/m1/original").as_deref(), Some("GET"));
        for path in ["/messages/", "/messages/m1/other", "/", ""] {
            assert_eq!(methods(path), None, "{path}");
        }
    }

    /// The first route that fits is taken: what names a type itself goes before what is of every type.
    #[test]
    fn no_route_is_hidden_by_one_before_it() {
        for route in ROUTES {
            let is_first = |other: &&Route| other.method == route.method && matches(other.path, route.path);
            let first = ROUTES.iter().find(is_first).map(|first| first.path);
            assert_eq!(first, Some(route.path), "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn no_route_stands_twice_and_only_health_and_the_log_in_are_open() {
        for (at, route) in ROUTES.iter().enumerate() {
            let is_same = |other: &Route| (other.method, other.path) == (route.method, route.path);
            assert_eq!(ROUTES.iter().position(is_same), Some(at), "{} {}", route.method, route.path);
        }
        let open: Vec<&str> =
            ROUTES.iter().filter(|route| route.access == Access::Open).map(|route| route.path).collect();
        // A person is not known before the log-in; what these pages show is the person's own.
        let log_in = ["/operator", "/operator/login", "/operator/callback", "/operator/logout"];
        assert_eq!(open, [&["/healthz", "/readyz", "/fhir/metadata"][..], &log_in].concat());
    }
}
