//! `serve`.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use rustls::ServerConfig;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::End;
use super::arguments::ServiceArguments;
use crate::audit::verify::verify_ends;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::delivery::Worker;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::folder;
use crate::http::{self, Health, State};
use crate::mllp;
use crate::pipeline::intake::Intake;
use crate::startup::access;
use crate::startup::channels::{self, MllpListener};
use crate::startup::{operators, outbound, service, subscriptions, trial};
use crate::subscriptions::notifier::Notifier;
use crate::subscriptions::waiting::Waiting;
use crate::trial_poll::Poller;

/// Between two looks at what waits, and at the files of the certificate.
const SWEEP: Duration = Duration::from_secs(60);
const RELOAD: Duration = Duration::from_secs(10);

/// Archives in memory at once, and those that are worked on with them.
const REPORT_BODIES: usize = 4;

/// How long used proofs are kept after their end: the clock of another node may be behind.
const PROOFS: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Messages that one purge takes.
const PURGE: i64 = 1_000;

pub(super) fn serve(arguments: &ServiceArguments, environment: Vec<(String, String)>) -> Result<End, Vec<Issue>> {
    let config = Config::load(Some(&arguments.config), environment).map_err(|issue| vec![issue])?;
    start_logs("info");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| failed(&error))?;
    runtime.block_on(run(config, Reins { announce: Box::new(announce), stop: Arc::default() }))
}

/// What connects the service with whoever runs it.
pub(super) struct Reins {
    /// Hears where it listens.
    pub(super) announce: Box<dyn Fn(&str) + Send + Sync>,
    /// Stops it, as a signal does.
    pub(super) stop: Arc<Notify>,
}

/// Lines of JSON on standard error; `RUST_LOG` says how much. What libraries say below `info` is never written, whatever it
/// says: they print requests as they are, with tokens and identity numbers.
pub(super) fn start_logs(default: &str) {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let is_safe = filter_fn(|metadata| {
        metadata.target().starts_with(env!("CARGO_CRATE_NAME")) || *metadata.level() <= tracing::Level::INFO
    });
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    let _ = tracing_subscriber::registry().with(lines.with_filter(asked).with_filter(is_safe)).try_init();
}

/// Tells where the ends of the audit trail are not whole. Messages are taken all the same: what was done to the trail is not
/// undone by refusing referrals.
async fn look_at_audit(intake: &Intake) -> Result<(), Issue> {
    let report = verify_ends(&*intake.journal).await.map_err(|error| error.issue())?;
    for issue in report.findings {
        tracing::error!(error.code = %issue.code, "the audit trail is not whole: {}", issue.text);
    }
    Ok(())
}

/// What serves HTTP.
struct Front {
    state: Arc<State>,
    options: http::Options,
    bound: SocketAddr,
}

/// What works on what the journal holds.
struct Back {
    workers: Vec<Arc<Worker>>,
    notifier: Arc<Notifier>,
    poller: Option<Poller>,
}

/// The channels that are configured beside HTTP.
type Beside = (Option<MllpListener>, Option<folder::Options>);

pub(super) async fn run(config: Config, reins: Reins) -> Result<End, Vec<Issue>> {
    let (Front { state, options, bound }, back, beside) = wire(&config).await?;
    let is_tls = state.is_tls;
    let server = http::serve(Arc::clone(&state), options).map_err(|error| failed(&error))?;
    let handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let access = Arc::clone(&state.access);
    tokio::spawn(async move { access.warm().await });
    let mut tasks = behind_http(back, &state, config.journal.retention_days, &stopped);
    state.journal.check_whole();
    // Before anybody is told: a stop that comes at once is one in order, too.
    let signals = signals().map_err(|error| failed(&error))?;
    (reins.announce)(&format!("listening {} {bound}", if is_tls { "https" } else { "http" }));
    let (close, closing) = watch::channel(false);
    let mut beside = beside_http(beside, &state.intake, &closing, &reins);
    let drain = Duration::from_secs(config.server.drain_seconds.min(600));
    tokio::spawn(stop_when_told((signals, reins.stop), drain, (Arc::clone(&state), close.clone(), handle)));
    let ended = server.await;
    close.send_replace(true);
    let finished = async { while beside.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(config.server.stop_seconds), finished).await.is_err() {
        tracing::warn!("messages in work were given up; their senders have no answer, and send them again");
    }
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
    ended.map_err(|error| failed(&error))?;
    Ok(End::Done)
}

/// Opens and connects everything; from then on it listens, and nothing is taken yet.
async fn wire(config: &Config) -> Result<(Front, Back, Beside), Vec<Issue>> {
    let one = |issue: Issue| vec![issue];
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let callers = Arc::new(service::callers(config).map_err(one)?);
    let has_callers = !callers.is_empty() || !config.client.is_empty();
    let has_tls = config.server.tls.is_some();
    let address = service::address("server.listen", &config.server.listen, has_tls, has_callers).map_err(one)?;
    let journal = service::journal(config).await.map_err(one)?;
    let intake = service::intake(config, Arc::clone(&journal), Arc::clone(&clock))?;
    service::check_key(&intake).await.map_err(one)?;
    look_at_audit(&intake).await.map_err(one)?;
    let policy = outbound::policy(config).map_err(one)?;
    let client = access::http_client(&policy).map_err(one)?;
    let access = Arc::new(access::resource_server(config, &callers, &intake, &client).map_err(one)?);
    access::check_trusts(config, &intake).map_err(one)?;
    let workers = outbound::workers(config, &intake, &policy).map_err(one)?;
    let poller = trial::poller(config, &intake, &policy).map_err(one)?;
    let recorder = PrometheusBuilder::new().install_recorder().map_err(|_| one(unusable("metrics")))?;
    let tls = tls(config).map_err(one)?;
    let mllp = channels::mllp(config, &callers, intake.referrals.limits.message_bytes).map_err(one)?;
    let folder = channels::folder(config, &callers).map_err(one)?;
    let listener = TcpListener::bind(address).map_err(|error| failed(&error))?;
    let bound = listener.local_addr().map_err(|error| failed(&error))?;
    let (subscribing, notifier) = subscriptions::wire(config, &intake, (bound, &policy)).map_err(one)?;
    let body_bytes = intake.referrals.limits.message_bytes;
    let report_bytes = config.server.report_bytes.clamp(1 << 20, 1 << 30);
    let state = Arc::new(State {
        intake,
        journal,
        callers,
        access,
        operators: operators::operators(config, bound, &policy, Arc::clone(&clock)).map_err(one)?,
        limits: operators::limits(config, body_bytes.max(report_bytes)),
        base: service::fhir_base(config, bound),
        is_tls: has_tls,
        clock,
        body_bytes,
        body_time: Duration::from_secs(config.server.request_seconds.clamp(1, 600)),
        report_bytes,
        report_time: Duration::from_secs(config.server.report_seconds.clamp(1, 3_600)),
        report_bodies: tokio::sync::Semaphore::new(REPORT_BODIES),
        is_stopping: AtomicBool::new(false),
        strangers: http::Strangers::default(),
        subscriptions: subscribing,
        health: Health::new(service::disk(config)),
        numbers: Box::new(move || recorder.render()),
    });
    let options = options(config, listener, tls);
    Ok((Front { state, options, bound }, Back { workers, notifier, poller }, (mllp, folder)))
}

/// TLS, whose files are looked at while it serves.
fn tls(config: &Config) -> Result<Option<Arc<ServerConfig>>, Issue> {
    let Some(files) = &config.server.tls else { return Ok(None) };
    let (tls, reloader) = http::server_config(service::tls_files(files, false))
        .map_err(|error| Issue::new(IssueCode::ConfigInvalid, Location::default(), error.to_string()))?;
    tokio::spawn(http::reload(reloader, RELOAD));
    Ok(Some(tls))
}

fn options(config: &Config, listener: TcpListener, tls: Option<Arc<ServerConfig>>) -> http::Options {
    http::Options {
        listener,
        tls,
        workers: config.server.workers.clamp(1, 64),
        connections: config.server.connections.clamp(1, 65_536),
        head_time: Duration::from_secs(5),
        stop_time: Duration::from_secs(config.server.stop_seconds),
    }
}

/// What delivers, tells subscribers, asks the trial, and looks after what waits.
fn behind_http(
    Back { workers, notifier, poller }: Back,
    state: &State,
    retention_days: Option<u32>,
    stopped: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let mut wakes: Vec<_> = workers.iter().map(|worker| Arc::clone(&worker.wake)).collect();
    wakes.push(Arc::clone(&notifier.wake));
    let retention = notifier.settings.retention;
    tasks.spawn(notifier.run(stopped.clone()));
    for worker in workers {
        tasks.spawn(worker.run(stopped.clone()));
    }
    let waiting = Arc::clone(&state.subscriptions.waiting);
    tasks.spawn(pass_on(Arc::clone(&state.intake.wake), (wakes, waiting), stopped.clone()));
    if let Some(poller) = poller {
        tasks.spawn(poller.run(stopped.clone()));
    }
    tasks.spawn(look_after(Arc::clone(&state.intake), (retention_days, retention), stopped.clone()));
    tasks
}

/// Starts the channels beside HTTP.
fn beside_http(
    (mllp, folder): Beside,
    intake: &Arc<Intake>,
    closing: &watch::Receiver<bool>,
    reins: &Reins,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    if let Some(MllpListener { options, address, reloader }) = mllp {
        if let Some(reloader) = reloader {
            tokio::spawn(http::reload(reloader, RELOAD));
        }
        let served = mllp::serve(options, Arc::clone(intake), closing.clone());
        tasks.spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(error.kind = %error.kind(), "the MLLP listener cannot be used");
            }
        });
        (reins.announce)(&format!("listening mllp {address}"));
    }
    if let Some(options) = folder {
        tasks.spawn(folder::watch(options, Arc::clone(intake), closing.clone()));
    }
    tasks
}

/// Wakes every worker, and who waits for events, when something new was written.
async fn pass_on(
    wake: Arc<Notify>,
    (wakes, waiting): (Vec<Arc<Notify>>, Arc<Waiting>),
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        tokio::select! {
            () = wake.notified() => {
                wakes.iter().for_each(|wake| wake.notify_one());
                waiting.wake();
            }
            _ = stop.changed() => {}
        }
    }
}

/// Decides again about what waits, and deletes what need not be kept any longer.
async fn look_after(
    intake: Arc<Intake>,
    (retention_days, events): (Option<u32>, jiff::SignedDuration),
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        if let Err(error) = intake.sweep().await {
            tracing::warn!(error.code = %error.code(), "what waits cannot be looked at");
        }
        if let Err(error) = intake.look_at_receipts().await {
            tracing::warn!(error.code = %error.code(), "receipts that are due cannot be looked at");
        }
        let long_ago = intake.clock.now().checked_sub(PROOFS).unwrap_or(jiff::Timestamp::MIN);
        if let Err(error) = intake.journal.forget_proofs(long_ago).await {
            tracing::warn!(error.code = %error.code(), "used proofs that are too old cannot be forgotten");
        }
        let old = intake.clock.now().checked_sub(events).unwrap_or(jiff::Timestamp::MIN);
        if let Err(error) = intake.journal.purge_events(old).await {
            tracing::warn!(error.code = %error.code(), "events past their time cannot be deleted");
        }
        if let Some(days) = retention_days {
            let age = jiff::SignedDuration::from_hours(i64::from(days) * 24);
            let before = intake.clock.now().checked_sub(age).unwrap_or(jiff::Timestamp::MIN);
            match intake.journal.purge(before, PURGE).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(messages.count = count, "originals past their time were deleted"),
                Err(error) => tracing::warn!(error.code = %error.code(), "nothing can be deleted"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            _ = stop.changed() => {}
        }
    }
}

fn signals() -> std::io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
}

/// Waits for a signal, or to be told; says for `drain` that it is being stopped, and then closes the listeners.
async fn stop_when_told(
    ((mut terminate, mut interrupt), told): ((Signal, Signal), Arc<Notify>),
    drain: Duration,
    (state, close, server): (Arc<State>, watch::Sender<bool>, http::Handle),
) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = told.notified() => {}
    }
    state.is_stopping.store(true, Ordering::SeqCst);
    state.subscriptions.waiting.wake();
    tracing::info!("the gateway is being stopped");
    close.send_replace(true);
    if !drain.is_zero() {
        tokio::time::sleep(drain).await;
    }
    server.stop(true).await;
}

/// What starts the gateway waits for this line.
fn announce(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}");
    let _ = stdout.flush();
}

pub(super) fn failed(error: &std::io::Error) -> Vec<Issue> {
    let text = format!("the service cannot run: {}", error.kind());
    vec![Issue::new(IssueCode::ServiceFailed, Location::default(), text)]
}

fn unusable(what: &str) -> Issue {
    Issue::new(IssueCode::ServiceFailed, Location::default(), format!("{what} cannot be started"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriptions::waiting::{Pace, Places};

    /// Who waits for events would look again after a day.
    #[tokio::test]
    async fn what_wakes_the_workers_wakes_who_waits_for_events() {
        let day = Duration::from_secs(86_400);
        let waiting = Waiting::new(Places { all: 1, of_one: 1 }, Pace { shortest: Duration::ZERO, longest: day });
        let (waiting, wake, worker) = (Arc::new(waiting), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (stop, stopped) = watch::channel(false);
        let passing = pass_on(Arc::clone(&wake), (vec![Arc::clone(&worker)], Arc::clone(&waiting)), stopped);
        let passing = tokio::spawn(passing);
        let mut looks = 0;
        let look = async || {
            looks += 1;
            wake.notify_one();
            Ok::<_, End>(looks)
        };
        let found = waiting.until(tokio::time::Instant::now() + day, |looks| *looks == 3, look).await;
        assert!(matches!(found, Ok(3)));
        worker.notified().await;
        stop.send_replace(true);
        passing.await.unwrap();
    }
}
