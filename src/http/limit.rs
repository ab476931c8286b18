//! How much anybody may ask: requests of a caller, refusals of an address, and bodies of all in memory.
//!
//! An address from which too many unknown requests come is not listened to for a while, so that guessing is slow; one from which
//! a known caller came lately is listened to all the same, since a hospital with one wrong system must not lose the others.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::State;
use super::error::Problem;
use crate::domain::issue::IssueCode;
use crate::identity::Caller;

/// Callers and addresses that are counted apart; the rest is counted as one.
const MOST: usize = 10_000;

/// How long an address is known for a caller that came from it.
const KNOWN: Duration = Duration::from_secs(600);

/// Unit of the memory of bodies, in bytes.
pub(super) const UNIT: usize = 1_024;

/// How much anybody may ask.
pub struct LimitOptions {
    /// Requests of one caller in a second, in the long run.
    pub requests_per_second: u32,
    /// Requests of one caller at once.
    pub burst: u32,
    /// Refusals of one address in a minute.
    pub failures_per_minute: u32,
    /// Bodies in memory, in bytes.
    pub body_memory: usize,
    /// Bodies of one caller in memory, in bytes.
    pub caller_memory: usize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Time since a fixed moment; it never goes back.
    pub elapsed: Elapsed,
}

/// Time since a fixed moment.
pub type Elapsed = Box<dyn Fn() -> Duration + Send + Sync>;

#[derive(Clone)]
struct Ticks(Arc<Elapsed>);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

type Counted<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

/// What is known of an address.
#[derive(Default)]
struct Address {
    /// Until when it is not listened to.
    refused: Duration,
    /// Until when it is known for a caller.
    known: Duration,
}

/// The counters of this node.
pub struct Limits {
    callers: Counted<String>,
    failures: Counted<IpAddr>,
    addresses: Mutex<HashMap<IpAddr, Address>>,
    proxies: Vec<IpAddr>,
    ticks: Ticks,
    /// When counters that are over were last looked for, in seconds.
    swept: AtomicU64,
    /// Room for bodies, in units.
    pub(super) memory: Arc<Semaphore>,
    /// What of it each caller has.
    pub(super) shares: Shares,
}

/// Room for bodies that callers have, in units, and the most that one can have.
#[derive(Clone)]
pub(super) struct Shares {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    most: usize,
}

impl Shares {
    /// Takes more for a caller, where it has as much left.
    pub(super) fn take(&self, caller: &str, units: usize) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let has = taken.get(caller).copied().unwrap_or(0);
        let may = has.saturating_add(units) <= self.most;
        if may && units > 0 {
            taken.insert(caller.to_owned(), has + units);
        }
        may
    }

    /// Gives back what a caller took.
    pub(super) fn give(&self, caller: &str, units: usize) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(caller).copied().unwrap_or(0).saturating_sub(units);
        if left == 0 {
            taken.remove(caller);
        } else {
            taken.insert(caller.to_owned(), left);
        }
    }
}

impl Limits {
    /// Nobody has asked for anything yet.
    pub fn new(options: LimitOptions) -> Self {
        let ticks = Ticks(Arc::new(options.elapsed));
        let some = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let requests = Quota::per_second(some(options.requests_per_second)).allow_burst(some(options.burst));
        let failures = Quota::per_minute(some(options.failures_per_minute));
        let units = (options.body_memory / UNIT).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self {
            callers: RateLimiter::new(requests, HashMapStateStore::default(), ticks.clone()),
            failures: RateLimiter::new(failures, HashMapStateStore::default(), ticks.clone()),
            addresses: Mutex::default(),
            proxies: options.trusted_proxies,
            ticks,
            swept: AtomicU64::new(0),
            memory: Arc::new(Semaphore::new(units)),
            shares: Shares { taken: Arc::default(), most: options.caller_memory.div_ceil(UNIT).max(1) },
        }
    }

    /// Counts a request of a caller that was recognised.
    ///
    /// Errors: `request.too-many`, with the time to wait.
    pub(super) fn admit(&self, request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
        let now = self.ticks.now();
        if let Some(address) = self.address(request) {
            self.with_address(address, |known| known.known = now + KNOWN);
        }
        self.count(&key(caller))
    }

    fn count(&self, caller: &str) -> Result<(), Problem> {
        let key = self.key(&self.callers, caller.to_owned(), String::new);
        self.callers.check_key(&key).map_err(|until| too_many(until.wait_time_from(self.ticks.now())))
    }

    /// How long an address is not listened to.
    fn refusal(&self, address: IpAddr) -> Option<Duration> {
        let now = self.ticks.now();
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let address = addresses.get(&address)?;
        (address.refused > now && address.known <= now).then(|| address.refused - now)
    }

    /// Whether so many requests from there were refused that no more is said of another one. Whoever is right is heard all the
    /// same, where a known caller came from there.
    ///
    /// Errors: `request.too-many`, with the time to wait.
    pub(super) fn over(&self, request: &HttpRequest) -> Result<(), Problem> {
        let now = self.ticks.now();
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let until = self.address(request).and_then(|address| addresses.get(&address)).map(|address| address.refused);
        until.filter(|until| *until > now).map_or(Ok(()), |until| Err(too_many(until - now)))
    }

    /// Counts a refusal.
    fn failed(&self, address: IpAddr) {
        let now = self.ticks.now();
        let key = self.key(&self.failures, address, || IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        if let Err(until) = self.failures.check_key(&key) {
            let wait = until.wait_time_from(now);
            self.with_address(address, |address| address.refused = now + wait);
        }
    }

    /// The key, or that of the rest where too many are counted. Those that are over are looked for once a second at most.
    fn key<K: Clone + std::hash::Hash + Eq>(&self, counted: &Counted<K>, key: K, rest: impl FnOnce() -> K) -> K {
        if counted.len() < MOST {
            return key;
        }
        let second = self.ticks.now().as_secs();
        if self.swept.swap(second, Ordering::Relaxed) != second {
            self.callers.retain_recent();
            self.failures.retain_recent();
        }
        if counted.len() < MOST { key } else { rest() }
    }

    fn with_address(&self, address: IpAddr, change: impl FnOnce(&mut Address)) {
        let now = self.ticks.now();
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= MOST && !addresses.contains_key(&address) {
            addresses.retain(|_, address| address.refused > now || address.known > now);
            if addresses.len() >= MOST {
                return;
            }
        }
        change(addresses.entry(address).or_default());
    }

    /// Where a request comes from: the last address that no trusted proxy has.
    fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.sender(request).map(network)
    }

    /// The address itself.
    pub(super) fn sender(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let forwarded: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        Some(origin(peer, &forwarded, &self.proxies))
    }
}

/// What a caller is counted by.
pub(super) fn key(caller: &Caller) -> String {
    format!("{}/{}", caller.organisation(), caller.name())
}

/// The sender: what a proxy says is believed as far as it is one of ours.
fn origin(peer: IpAddr, forwarded: &[&str], proxies: &[IpAddr]) -> IpAddr {
    let mut sender = peer;
    for address in forwarded.iter().rev() {
        if !proxies.contains(&sender) {
            break;
        }
        let Ok(address) = address.parse() else { break };
        sender = address;
    }
    sender
}

/// What belongs to one customer: an address of version 4, 64 bits of version 6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

fn too_many(wait: Duration) -> Problem {
    let text = "the caller sends more than it may, or too much from its address was refused";
    let seconds = wait.as_secs().saturating_add(1);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, IssueCode::RequestTooMany, text).after(seconds)
}

/// Counts a request of nobody that costs something, as a log-in does.
pub(super) fn note(request: &HttpRequest, limits: &Limits) {
    if let Some(address) = limits.address(request) {
        limits.failed(address);
    }
}

/// Does not listen to an address from which too many unknown requests came.
pub(super) async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    // Who asks whether it is alive or ready is no caller.
    let is_watcher = matches!(request.path(), "/healthz" | "/readyz");
    let (Some(state), false) = (state, is_watcher) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let address = state.limits.address(request.request());
    if let Some(wait) = address.and_then(|address| state.limits.refusal(address)) {
        return Ok(request.into_response(too_many(wait).error_response()));
    }
    let response = next.call(request).await?;
    if let (Some(address), StatusCode::UNAUTHORIZED) = (address, response.status()) {
        state.limits.failed(address);
    }
    Ok(response.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> (Limits, Arc<AtomicU64>) {
        let now = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now);
        let limits = Limits::new(LimitOptions {
            requests_per_second: 2,
            burst: 5,
            failures_per_minute: 3,
            body_memory: 1 << 20,
            caller_memory: 1 << 20,
            trusted_proxies: Vec::new(),
            elapsed: Box::new(move || Duration::from_millis(clock.load(Ordering::SeqCst))),
        });
        (limits, now)
    }

    fn taken(limits: &Limits, caller: &str) -> usize {
        (0..100).take_while(|_| limits.count(caller).is_ok()).count()
    }

    #[test]
    fn a_caller_has_a_burst_and_then_a_rate_and_takes_nothing_from_others() {
        let (limits, now) = limits();
        assert_eq!(taken(&limits, "983974732/forde"), 5);
        let refused = limits.count("983974732/forde").unwrap_err();
        assert_eq!(
            (refused.to_string().as_str(), refused.status_code()),
            ("request.too-many", StatusCode::TOO_MANY_REQUESTS)
        );
        assert_eq!(refused.error_response().headers().get("retry-after").unwrap(), "1");
        assert_eq!(taken(&limits, "993467049/ous"), 5);
        // Two a second come back.
        now.store(1_000, Ordering::SeqCst);
        assert_eq!(taken(&limits, "983974732/forde"), 2);
        now.store(60_000, Ordering::SeqCst);
        assert_eq!(taken(&limits, "983974732/forde"), 5);
    }

    #[test]
    fn an_address_that_is_refused_too_often_is_not_listened_to_for_a_while() {
        let (limits, now) = limits();
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..3 {
            limits.failed(address);
            assert_eq!(limits.refusal(address), None);
        }
        limits.failed(address);
        assert_eq!(limits.refusal(address), Some(Duration::from_secs(20)));
        assert_eq!(limits.refusal(IpAddr::from([192, 0, 2, 2])), None);
        now.store(20_000, Ordering::SeqCst);
        assert_eq!(limits.refusal(address), None);
    }

    #[test]
    fn an_address_with_a_known_caller_is_listened_to() {
        let (limits, now) = limits();
        let address = IpAddr::from([192, 0, 2, 1]);
        limits.with_address(address, |address| address.known = KNOWN);
        for _ in 0..50 {
            limits.failed(address);
        }
        assert_eq!(limits.refusal(address), None);
        now.store(601_000, Ordering::SeqCst);
        for _ in 0..50 {
            limits.failed(address);
        }
        assert!(limits.refusal(address).is_some());
    }

    #[test]
    fn the_tables_are_bounded() {
        let (limits, now) = limits();
        for number in 0..20_000_u32 {
            let [a, b, c, d] = number.to_be_bytes();
            limits.failed(IpAddr::from([a, b, c, d]));
            let _ = limits.count(&number.to_string());
        }
        assert!(limits.failures.len() <= MOST + 1 && limits.callers.len() <= MOST + 1);
        assert!(limits.addresses.lock().unwrap().len() <= MOST);
        // Who comes when it is over is counted apart again.
        now.store(600_000, Ordering::SeqCst);
        assert_eq!(taken(&limits, "983974732/forde"), 5);
        assert!(limits.callers.len() < 10);
    }

    #[test]
    fn what_is_said_of_the_sender_is_believed_of_our_proxies_only() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        for (peer, forwarded, expected) in [
            ("192.0.2.1", vec!["198.51.100.1"], "192.0.2.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            // What the sender wrote itself stands before what our proxy has added.
            ("10.0.0.1", vec!["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", vec!["198.51.100.1", "nonsense"], "10.0.0.1"),
        ] {
            assert_eq!(origin(ip(peer), &forwarded, &proxies), ip(expected), "{forwarded:?}");
        }
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }
}
