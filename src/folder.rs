//! A watched folder: the channel of whoever can copy files and nothing else. A file of a health trust is a referral; a
//! laboratory puts run folders there, or archives of them.
//!
//! ```text
//! look -> unchanged, and complete or quiet for long enough -> bytes -> intake: commit -> unchanged still? -> done/ or failed/
//! ```
//!
//! An entry is moved only when what became of it is on the disk. A crash before the move means that it is taken again: the same
//! bytes are the same message, and nothing follows a second time. Names of entries may be those of persons, so logs have their
//! inodes.

mod pack;
mod scan;
mod settle;

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use self::pack::{Most, NoBytes};
use self::scan::{Entry, Look, Signature};
use crate::authz::{Permit, SendReferral, SendReport};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::operation_outcome::operation_outcome;
use crate::identity::Caller;
use crate::pipeline::intake::{Answer, Arrival, FHIR_JSON, Intake};
use crate::pipeline::run_folder;
use crate::telemetry::note;

pub use self::settle::prepare;

/// Longest pause after looks at which the journal took nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Who the entries are from, and so what they are.
#[derive(Debug)]
pub enum Sender {
    /// Files with referrals.
    Trust(Permit<SendReferral>),
    /// Run folders and archives of them.
    Laboratory(Permit<SendReport>),
}

impl Sender {
    fn caller(&self) -> &Caller {
        match self {
            Self::Trust(permit) => permit.caller(),
            Self::Laboratory(permit) => permit.caller(),
        }
    }
}

/// What is watched, and how.
#[derive(Debug)]
pub struct Options {
    /// The folder.
    pub path: PathBuf,
    /// Who puts things there.
    pub sender: Sender,
    /// Time without a change after which an entry is taken.
    pub quiet: Duration,
    /// Time between two looks.
    pub poll: Duration,
    /// Bytes of an archive.
    pub report_bytes: usize,
}

/// What is known of an entry from the looks before.
struct Seen {
    signature: Signature,
    since: Instant,
    /// Whether it is complete by its own lists; not known until somebody looks.
    is_complete: Option<bool>,
    /// Whether a log says that it cannot be read.
    is_told: bool,
    /// What became of it: all that is left is to move it, to `failed` where there is an outcome.
    ended: Option<Option<Vec<u8>>>,
}

/// The journal takes nothing now.
struct Pause;

struct Watched {
    options: Options,
    intake: Arc<Intake>,
    stop: watch::Receiver<bool>,
    seen: HashMap<OsString, Seen>,
    /// Inodes of links and devices of which a log says that they are not taken.
    told: HashSet<u64>,
}

/// Watches until it is told to stop; what is in work then is finished.
pub async fn watch(options: Options, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
    let poll = options.poll;
    let mut stopping = stop.clone();
    let mut watched = Watched { options, intake, stop, seen: HashMap::new(), told: HashSet::new() };
    let mut pause = poll;
    while !*stopping.borrow() {
        pause = match watched.look().await {
            Ok(()) => poll,
            Err(Pause) => (pause * 2).clamp(poll, LONGEST_PAUSE.max(poll)),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => {}
        }
    }
}

impl Watched {
    fn most(&self) -> Most {
        Most { bytes: self.options.report_bytes, entries: self.intake.reports.limits.entries }
    }

    /// Looks once, and takes what can be taken.
    async fn look(&mut self) -> Result<(), Pause> {
        let (path, most) = (self.options.path.clone(), self.most().entries);
        let Look { entries, others } = match blocking(move || scan::look(&path, most)).await {
            Ok(look) => look,
            Err(error) => {
                tracing::error!(error.kind = %error.kind(), "the watched folder cannot be read");
                return Ok(());
            }
        };
        for number in &others {
            if self.told.insert(*number) {
                tracing::warn!(entry.inode = number, "a link or device in the watched folder is not taken");
            }
        }
        self.told.retain(|number| others.contains(number));
        self.seen.retain(|name, _| entries.iter().any(|entry| entry.name == *name));
        #[expect(clippy::cast_precision_loss, reason = "a gauge; the numbers are far below 2^53")]
        metrics::gauge!("impress_folder_entries").set(entries.len() as f64);
        for entry in &entries {
            if *self.stop.borrow() {
                return Ok(());
            }
            if self.is_ready(entry).await {
                self.take(entry).await?;
            }
        }
        Ok(())
    }

    /// Whether an entry is as it was at an earlier look, and complete or quiet for long enough.
    async fn is_ready(&mut self, entry: &Entry) -> bool {
        let now = Instant::now();
        let known = self.seen.get_mut(&entry.name).filter(|seen| seen.signature == entry.signature);
        let Some(seen) = known else {
            let fresh = Seen { signature: entry.signature, since: now, is_complete: None, is_told: false, ended: None };
            self.seen.insert(entry.name.clone(), fresh);
            return false;
        };
        if now.duration_since(seen.since) >= self.options.quiet {
            return true;
        }
        if !entry.is_folder || !matches!(self.options.sender, Sender::Laboratory(_)) {
            return false;
        }
        if let Some(is_complete) = seen.is_complete {
            return is_complete;
        }
        // Once for each state of the folder: sums are made of whole files.
        let (intake, path) = (Arc::clone(&self.intake), entry.path.clone());
        let is_complete =
            blocking(move || Ok(run_folder::is_complete(&path, &intake.reports.gateway.limits))).await.unwrap_or(false);
        seen.is_complete = Some(is_complete);
        is_complete
    }

    /// Hands an entry over and moves it away.
    async fn take(&mut self, entry: &Entry) -> Result<(), Pause> {
        let ended = match self.seen.get_mut(&entry.name).and_then(|seen| seen.ended.take()) {
            Some(ended) => ended,
            None => match self.hand_over(entry).await? {
                Some(ended) => ended,
                None => return Ok(()),
            },
        };
        let (path, most) = (entry.path.clone(), self.most().entries);
        let signature = blocking(move || Ok(scan::signature(&path, most))).await;
        if signature.ok() != Some(entry.signature) {
            // It is another one now: it stays, and is taken again when it is quiet.
            tracing::info!(entry.inode = entry.number, "an entry changed while it was taken");
            self.seen.remove(&entry.name);
            return Ok(());
        }
        let (root, name, outcome) = (self.options.path.clone(), entry.name.clone(), ended.clone());
        let moved = blocking(move || settle::settle(&root, &name, outcome.as_deref())).await;
        let place = if ended.is_some() { scan::FAILED } else { scan::DONE };
        match moved {
            Ok(()) => tracing::info!(entry.inode = entry.number, entry.place = place, "an entry was moved away"),
            Err(error) => {
                // What became of it is on the disk: only the move is tried again.
                tracing::error!(entry.inode = entry.number, error.kind = %error.kind(), "an entry cannot be moved away");
                if let Some(seen) = self.seen.get_mut(&entry.name) {
                    seen.ended = Some(ended);
                }
            }
        }
        Ok(())
    }

    /// What became of an entry: an outcome where it was not taken. Nothing where it stays as it is.
    async fn hand_over(&mut self, entry: &Entry) -> Result<Option<Option<Vec<u8>>>, Pause> {
        let bytes = match self.bytes(entry).await {
            Ok(bytes) => bytes,
            Err(NoBytes::Refused(issue)) => {
                tracing::warn!(entry.inode = entry.number, error.code = %issue.code, "an entry was not taken");
                return Ok(Some(Some(operation_outcome(&[issue]).to_string().into_bytes())));
            }
            Err(NoBytes::NotNow(kind)) => {
                if let Some(seen) = self.seen.get_mut(&entry.name).filter(|seen| !seen.is_told) {
                    seen.is_told = true;
                    tracing::warn!(entry.inode = entry.number, error.kind = %kind, "an entry cannot be read now");
                }
                return Ok(None);
            }
        };
        let answer = self.receive(entry, bytes).await;
        match answer.status {
            200..=299 => Ok(Some(None)),
            429 | 500.. => {
                tracing::warn!(entry.inode = entry.number, "nothing was taken; the entry stays and is tried again");
                Err(Pause)
            }
            _ => Ok(Some(Some(self.outcome(&answer).await))),
        }
    }

    async fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, NoBytes> {
        let most = self.most();
        let (entry, message_bytes) = (entry.clone(), self.intake.referrals.limits.message_bytes);
        let is_trust = matches!(self.options.sender, Sender::Trust(_));
        let read = move || match (is_trust, entry.is_folder) {
            (true, true) => {
                let text = "a folder: a referral is a file";
                Err(NoBytes::Refused(Issue::new(IssueCode::RequestUnsupported, Location::default(), text)))
            }
            (true, false) => pack::file(&entry.path, message_bytes),
            (false, true) => pack::folder(&entry, most),
            (false, false) => pack::file(&entry.path, most.bytes),
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or(Err(NoBytes::NotNow(io::ErrorKind::Other)))
    }

    async fn receive(&self, entry: &Entry, bytes: Vec<u8>) -> Answer {
        let caller = self.options.sender.caller();
        let trace = uuid::Uuid::new_v4().simple().to_string();
        let content_type = if entry.is_folder { "application/gzip" } else { "application/octet-stream" };
        let arrival = Arrival {
            channel: "folder",
            organisation: caller.organisation().to_owned(),
            role: caller.role().as_str(),
            client: caller.name().to_owned(),
            network: None,
            bytes,
            content_type: content_type.to_owned(),
            trace: trace.clone(),
        };
        let started = Instant::now();
        let (kind, answer) = match self.options.sender {
            Sender::Trust(_) => ("referral", self.intake.receive_referral(arrival).await),
            Sender::Laboratory(_) => ("report", self.intake.receive_report(arrival).await),
        };
        note(("folder", kind), &answer, &trace, started.elapsed().as_secs_f64());
        answer
    }

    /// What is written beside an entry that was not taken. An answer in the format of the sender is a receipt; the journal has
    /// the issues.
    async fn outcome(&self, answer: &Answer) -> Vec<u8> {
        if answer.content_type == FHIR_JSON {
            return answer.body.clone();
        }
        let row = match &answer.message {
            Some(id) => self.intake.journal.message(id.clone()).await.ok().flatten(),
            None => None,
        };
        let failed =
            || Issue::new(IssueCode::ServiceFailed, Location::default(), "what was found wrong cannot be read");
        row.map_or_else(|| operation_outcome(&[failed()]).to_string(), |row| row.issues).into_bytes()
    }
}

/// Work on files, on a thread of its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}
