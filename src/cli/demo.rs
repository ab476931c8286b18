//! `demo`: the service, and everybody around it on this host.

mod outcome;
mod setup;
mod wire;

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use self::setup::{Ports, Setup};
use super::End;
use super::arguments::DemoArguments;
use super::journal::{self, Environment};
use super::serve::{self, Reins};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::linking::consent::ConsentState;
use crate::pipeline::intake::Intake;
use crate::sandbox::catalogue::{LABORATORIES, TRUSTS};
use crate::sandbox::client::{Client, Trouble};
use crate::sandbox::funnel::Scale;
use crate::sandbox::laboratories::Benches;
use crate::sandbox::plan::Plan;
use crate::sandbox::referrals::Referral;
use crate::sandbox::scene::{Phase, Scene};
use crate::sandbox::statuses::Statuses;
use crate::sandbox::subscriptions::Subscriptions;
use crate::sandbox::trial::{Played, Trial, play};
use crate::sandbox::trusts::{Sender, referrals};
use crate::sandbox::{server, server::Neighbours};

/// Between two lines of progress, and how many without any progress end the demonstration.
const TICK: Duration = Duration::from_secs(2);
const STALLED: u32 = 45;

/// Between two looks at whose consent is to be recorded.
const CONSENTS: Duration = Duration::from_millis(300);

pub(super) fn demo(arguments: &DemoArguments, _environment: Environment) -> Result<End, Vec<Issue>> {
    let one = |code, text: &str| vec![Issue::new(code, Location::default(), text)];
    let scale = Scale::parse(&arguments.scale)
        .ok_or_else(|| one(IssueCode::UsageInvalid, "--scale is a number above 0 and at most 1, such as 0.1"))?;
    let plan = Plan::draw(arguments.seed, scale).map_err(|error| one(IssueCode::ServiceFailed, &error.to_string()))?;
    let page = match arguments.once {
        true => None,
        false => Some(page_listener(arguments.port)?),
    };
    serve::start_logs("error");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| serve::failed(&error))?.block_on(run(arguments.seed, plan, page))
}

fn page_listener(port: u16) -> Result<TcpListener, Vec<Issue>> {
    TcpListener::bind(("127.0.0.1", port)).map_err(|error| {
        let text = format!("port {port} of the page cannot be used ({}): choose another one with --port", error.kind());
        vec![Issue::new(IssueCode::ServiceFailed, Location::default(), text)]
    })
}

/// Runs the service and the others, until the others are done or the service ends.
async fn run(seed: u64, plan: Plan, page: Option<TcpListener>) -> Result<End, Vec<Issue>> {
    let failed = |error: &std::io::Error| serve::failed(error);
    let once = page.is_none();
    let bind = || TcpListener::bind(("127.0.0.1", 0)).map_err(|error| failed(&error));
    let (listener, receiver) = (bind()?, bind()?);
    // Its folder is gone when everything has ended.
    let mut setup = Setup::new((&listener, &receiver), Arc::new(SystemClock))?;
    let letters = referrals(seed, &plan);
    let benches = Arc::new(Benches::new(&plan, &letters));
    let trial = Arc::new(Trial::new(plan));
    let statuses = Arc::<Statuses>::default();
    let subscriptions = Arc::new(setup.subscriptions());
    let neighbours = Neighbours {
        issuer: Arc::clone(&setup.issuer),
        trial: Arc::clone(&trial),
        benches: Arc::clone(&benches),
        statuses: Arc::clone(&statuses),
        subscriptions: Arc::clone(&subscriptions),
    };
    tokio::spawn(Arc::clone(&statuses).listen(receiver));
    let neighbours = server::neighbours(listener, &neighbours).map_err(|error| failed(&error))?;
    let handle = neighbours.handle();
    tokio::spawn(neighbours);
    let config = Config::load(Some(&setup.config), Vec::new()).map_err(|issue| vec![issue])?;
    let operator = journal::intake(&config).await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let stop = Arc::new(Notify::new());
    let announce = Box::new(move |line: &str| {
        let _ = told.send(line.to_owned());
    });
    let mut served = Box::pin(serve::run(config, Reins { announce, stop: Arc::clone(&stop) }));
    let shown = async {
        let ports =
            Ports::hear(&mut hears).await.ok_or_else(|| Trouble::Other("the service did not start".to_owned()))?;
        let company = Company { seed, letters, benches, trial, statuses, subscriptions, operator };
        company.perform(&mut setup, ports, page).await
    };
    tokio::pin!(shown);
    let result = tokio::select! {
        // Told to stop: with a page that is how it ends, without one before the loop has closed.
        ended = &mut served => return ended.map(|end| if once { End::WithErrors } else { end }),
        shown = &mut shown => shown,
    };
    stop.notify_one();
    served.await?;
    handle.stop(false).await;
    Ok(match result {
        Ok(end) => end,
        Err(trouble) => {
            say(&format!("the loop has not closed: {trouble}"));
            End::WithErrors
        }
    })
}

/// Everybody around the service.
struct Company {
    seed: u64,
    letters: Vec<(usize, Referral)>,
    benches: Arc<Benches>,
    trial: Arc<Trial>,
    statuses: Arc<Statuses>,
    subscriptions: Arc<Subscriptions>,
    operator: Arc<Intake>,
}

/// What tells how far everybody is.
#[derive(Clone)]
struct Progress {
    referrals: watch::Sender<[u32; TRUSTS.len()]>,
    reports: watch::Sender<[u32; LABORATORIES.len()]>,
    played: watch::Sender<Played>,
}

impl Company {
    async fn perform(self, setup: &mut Setup, ports: Ports, page: Option<TcpListener>) -> Result<End, Trouble> {
        let clients = setup.clients(&ports)?;
        let progress = Progress {
            referrals: watch::Sender::new([0; TRUSTS.len()]),
            reports: watch::Sender::new([0; LABORATORIES.len()]),
            played: watch::Sender::new(Played::default()),
        };
        let phase = watch::Sender::new(Phase::Running);
        let scene = Arc::new(self.scene(&clients, &progress, phase.subscribe()));
        let stays = page.is_some();
        if let Some(listener) = page {
            let text = |error: std::io::Error| Trouble::Other(error.to_string());
            say(&format!("page http://{}/", listener.local_addr().map_err(text)?));
            tokio::spawn(server::pages(listener, scene).map_err(text)?);
        }
        let result = self.close(&clients, &ports, &progress).await;
        phase.send_replace(match &result {
            Ok(()) => Phase::Closed,
            Err(trouble) => Phase::Failed(trouble.to_string()),
        });
        if stays {
            if let Err(trouble) = &result {
                say(&format!("the loop has not closed: {trouble}"));
            }
            say("the page stays until Ctrl-C");
            stopped().await;
            return Ok(End::Done);
        }
        result.map(|()| End::Done)
    }

    fn scene(&self, clients: &setup::Clients, progress: &Progress, phase: watch::Receiver<Phase>) -> Scene {
        Scene {
            seed: self.seed,
            trial: Arc::clone(&self.trial),
            trial_client: Arc::clone(&clients.trial),
            trusts: clients.trusts.clone(),
            operator: Arc::clone(&clients.operator),
            statuses: Arc::clone(&self.statuses),
            subscriptions: Arc::clone(&self.subscriptions),
            referrals: progress.referrals.subscribe(),
            reports: progress.reports.subscribe(),
            played: progress.played.subscribe(),
            phase,
        }
    }

    /// Subscribes, sends everything, and compares what came back.
    async fn close(&self, clients: &setup::Clients, ports: &Ports, progress: &Progress) -> Result<(), Trouble> {
        self.subscriptions.subscribe(&clients.trusts).await?;
        let told_back = async {
            self.work(clients, ports, progress).await?;
            outcome::compare(clients, self.trial.plan(), &self.statuses, &self.subscriptions).await
        };
        tokio::select! {
            done = told_back => done,
            trouble = self.subscriptions.listen(&clients.trusts) => Err(trouble),
        }
    }

    /// Sends everything, and waits until all of it was told back.
    async fn work(&self, clients: &setup::Clients, ports: &Ports, progress: &Progress) -> Result<(), Trouble> {
        let mut tasks: JoinSet<Result<(), Trouble>> = JoinSet::new();
        for (trust, client) in clients.trusts.iter().enumerate() {
            let sender = Sender { trust, client: Arc::clone(client), mllp: ports.mllp.clone() };
            let plan = self.trial.plan();
            let is_own = |number: usize| plan.patients.get(number).is_some_and(|patient| patient.trust == trust);
            let own = self.letters.iter().filter(|(number, _)| is_own(*number));
            let own: Vec<Referral> = own.map(|(_, referral)| referral.clone()).collect();
            let sent = progress.referrals.clone();
            tasks.spawn(async move { sender.send(&own, &sent).await });
        }
        for (laboratory, client) in clients.laboratories.iter().enumerate() {
            let (benches, client, sent) = (Arc::clone(&self.benches), Arc::clone(client), progress.reports.clone());
            tasks.spawn(async move { benches.work(laboratory, client, &sent).await });
        }
        let (trial, client, played) = (Arc::clone(&self.trial), Arc::clone(&clients.trial), progress.played.clone());
        tasks.spawn(async move { play(trial, &client, played).await });
        let watching = self.watch(progress);
        let consents = self.consents(&clients.operator);
        let done = async {
            while let Some(ended) = tasks.join_next().await {
                ended.map_err(|error| Trouble::Other(error.to_string()))??;
            }
            Ok(())
        };
        tokio::select! {
            done = done => done,
            stalled = watching => Err(stalled),
            failed = consents => Err(failed),
            () = stopped() => Err(Trouble::Other("it was stopped".to_owned())),
        }
    }

    /// Says how far everybody is; ends where nobody goes on.
    async fn watch(&self, progress: &Progress) -> Trouble {
        let plan = self.trial.plan();
        let (mut before, mut still) = (String::new(), 0);
        loop {
            tokio::time::sleep(TICK).await;
            let [_, _, profiled] = self.trial.counts();
            let played = *progress.played.borrow();
            let line = format!(
                "referrals {}/{patients}, reports {}/{patients}, at the trial {profiled}, events {}/{}",
                progress.referrals.borrow().iter().sum::<u32>(),
                progress.reports.borrow().iter().sum::<u32>(),
                played.events,
                plan.events.len(),
                patients = plan.patients.len(),
            );
            still = if line == before { still + 1 } else { 0 };
            if still == STALLED {
                return Trouble::Other(format!(
                    "nothing goes on since {} s: {line}",
                    TICK.as_secs() * u64::from(STALLED)
                ));
            }
            if line != before {
                say(&line);
            }
            before = line;
        }
    }

    /// What a person does at the gateway: records the consents that referrals in XML and HL7 v2 cannot carry.
    async fn consents(&self, operator: &Client) -> Trouble {
        loop {
            tokio::time::sleep(CONSENTS).await;
            let waiting = operator.get("/messages?kind=referral&disposition=awaiting-consent&_count=500").await;
            let waiting = match waiting {
                Ok(waiting) => waiting,
                Err(trouble) => return trouble,
            };
            let rows = waiting.get("messages").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
            for case in rows.iter().filter_map(|row| row.get("case")?.as_str()) {
                let recorded = self.operator.record_consent(case, ConsentState::Given, &journal::who()).await;
                if recorded.is_err() {
                    return Trouble::Other("a consent cannot be recorded".to_owned());
                }
            }
        }
    }
}

/// Waits for a signal.
async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Progress goes to standard error, the outcome to standard output.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
