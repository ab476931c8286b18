//! The spine of the service on a journal of its own, with a clock that the test sets; what the trial decides is told by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use impress_gateway::clock::{Clock, ManualClock};
use impress_gateway::config::Config;
use impress_gateway::journal::{Change, Committed, DeliveryRow, Filter, Journal, MessageRow};
use impress_gateway::linking::case::ReferralCase;
use impress_gateway::pipeline::intake::{Answer, Arrival, Intake, StatusChange};
use impress_gateway::startup::service;
use tokio::runtime::Runtime;

use crate::support::Folder;

/// The trust that the golden referrals are of, and another one.
pub(super) const TRUST: &str = "983974732";
pub(super) const OTHER: &str = "993467049";

pub(super) const START: &str = "2026-03-02T09:00:00Z";

/// Who answers.
pub(crate) const STATUS: &str = "[status]\nname = \"Oslo universitetssykehus HF\"\nher_id = \"90011\"\n\
     service_name = \"Onkologi, OUS\"\nservice_her_id = \"90012\"\ncontact_family_name = \"Øyen\"\n\
     contact_given_name = \"Per\"\ncontact_hpr_number = \"222200068\"\ncontact_telephone = \"+4700000002\"\n";

pub(super) struct Setting {
    pub(super) runtime: Runtime,
    pub(super) intake: Arc<Intake>,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) config: Config,
    clock: Arc<ManualClock>,
    _folder: Folder,
}

pub(crate) fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)
}

/// Destinations of the status of Førde's referrals.
pub(crate) fn destinations(xml: u16, mllp: u16) -> String {
    with_receiver(xml, &format!("mllp://127.0.0.1:{mllp}"), "")
}

/// The same with a receiver of HL7 v2 at a URL, and further keys of it.
pub(super) fn with_receiver(xml: u16, url: &str, keys: &str) -> String {
    format!(
        "[[destination]]\nname = \"forde-xml\"\nkind = \"status-xml\"\ntrust = \"forde\"\n\
         url = \"http://127.0.0.1:{xml}/in\"\ntimeout_seconds = 2\nlongest_retry_seconds = 1\n\
         [[destination]]\nname = \"forde-hl7\"\nkind = \"status-hl7v2\"\ntrust = \"forde\"\n\
         url = \"{url}\"\ntimeout_seconds = 2\nlongest_retry_seconds = 1\n{keys}"
    )
}

impl Setting {
    pub(super) fn new(name: &str) -> Self {
        Self::with(name, &destinations(9, 9))
    }

    pub(super) fn with(name: &str, destinations: &str) -> Self {
        let folder = Folder::new(name);
        folder.write("secret", "a secret of the tests, long enough to be one");
        let text = format!(
            "[ids]\nsecret_file = \"secret\"\n[identity]\naccept_synthetic = true\n\
             [journal]\npath = \"journal.sqlite\"\n{STATUS}{destinations}"
        );
        let config = Config::load(Some(&folder.write("gateway.toml", text)), Vec::new()).unwrap();
        let runtime = Runtime::new().unwrap();
        let journal = runtime.block_on(service::journal(&config)).unwrap();
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let of_intake = Arc::<ManualClock>::clone(&clock) as Arc<dyn Clock>;
        let intake = service::intake(&config, Arc::clone(&journal), of_intake).unwrap();
        Self { runtime, intake, journal, config, clock, _folder: folder }
    }

    fn arrival(organisation: &str, bytes: Vec<u8>) -> Arrival {
        Arrival {
            channel: "http",
            organisation: organisation.to_owned(),
            role: "trust",
            bytes,
            content_type: "application/xml".to_owned(),
            trace: uuid::Uuid::new_v4().simple().to_string(),
            ..Arrival::default()
        }
    }

    pub(super) fn pass(&self, hours: i64) {
        self.pass_seconds(hours * 3_600);
    }

    pub(super) fn pass_seconds(&self, seconds: i64) {
        let seconds = jiff::SignedDuration::from_secs(seconds);
        self.clock.set(self.clock.now().checked_add(seconds).unwrap());
    }

    /// Sends a referral that must be taken, with texts replaced; the id of its message.
    pub(super) fn send(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let mut text = std::fs::read_to_string(golden(path)).unwrap();
        for (old, new) in changes {
            assert!(text.contains(old), "{path} has no {old}");
            text = text.replace(old, new);
        }
        self.send_bytes(text.into_bytes())
    }

    pub(super) fn send_bytes(&self, bytes: Vec<u8>) -> String {
        let answer = self.runtime.block_on(self.intake.receive_referral(Self::arrival(TRUST, bytes)));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.message.unwrap()
    }

    pub(super) fn receipt(&self, organisation: &str, text: &str) -> Answer {
        self.runtime.block_on(self.intake.receive_receipt(Self::arrival(organisation, text.as_bytes().to_vec())))
    }

    pub(super) fn look(&self) {
        self.runtime.block_on(self.intake.look_at_receipts()).unwrap();
    }

    pub(super) fn row(&self, message: &str) -> MessageRow {
        self.runtime.block_on(self.journal.message(message.to_owned())).unwrap().unwrap()
    }

    pub(super) fn case(&self, referral: &str) -> ReferralCase {
        let key = self.row(referral).case.unwrap();
        let case = self.runtime.block_on(self.journal.cases(vec![key])).unwrap().pop().unwrap();
        serde_json::from_str(&case.state.unwrap()).unwrap()
    }

    /// What the trial decided about the referral of a message, in one commit; the ids of the statuses that are new.
    pub(super) fn tell_all(&self, referral: &str, states: &[(&'static str, Option<&str>)]) -> Vec<String> {
        let before: Vec<String> = self.notices().into_iter().map(|row| row.id).collect();
        let now = self.clock.now();
        let case = self.case(referral);
        let mut change = Change::default();
        for (number, (state, reason)) in states.iter().enumerate() {
            let status = StatusChange {
                state: (*state).to_owned(),
                reason: reason.map(str::to_owned),
                occurred: now,
                message: format!("trial-{number}-{now}"),
            };
            self.runtime.block_on(self.intake.tell_status(&case, &status, now, &mut change)).unwrap();
        }
        assert_eq!(self.runtime.block_on(self.journal.commit(change)).unwrap(), Committed::Stored);
        let new = self.notices().into_iter().map(|row| row.id).filter(|id| !before.contains(id));
        new.collect::<Vec<_>>().into_iter().rev().collect()
    }

    pub(super) fn tell(&self, referral: &str, state: &'static str, reason: Option<&str>) -> Option<String> {
        let mut new = self.tell_all(referral, &[(state, reason)]);
        assert!(new.len() <= 1);
        new.pop()
    }

    /// Statuses, newest first.
    pub(super) fn notices(&self) -> Vec<MessageRow> {
        let filter = Filter { kind: Some("status".to_owned()), limit: 100, ..Filter::default() };
        self.runtime.block_on(self.journal.messages(filter)).unwrap()
    }

    pub(super) fn original(&self, message: &str) -> String {
        let bytes = self.runtime.block_on(self.intake.original(message)).unwrap().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    pub(super) fn deliveries(&self, message: &str) -> Vec<DeliveryRow> {
        self.runtime.block_on(self.journal.deliveries(message.to_owned())).unwrap()
    }

    /// Action, outcome and role of the rows that a message left.
    pub(super) fn audits(&self, message: &str) -> Vec<String> {
        let rows = self.runtime.block_on(self.journal.audits(message.to_owned())).unwrap();
        rows.into_iter().map(|row| format!("{} {} {}", row.action, row.outcome, row.role)).collect()
    }
}

/// The text of an element of a message.
pub(crate) fn text_of<'t>(message: &'t str, element: &str) -> &'t str {
    let (_, rest) = message.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("no {element}: {message}"));
    rest.split_once('<').unwrap().0
}

/// An AppRec 1.1 of Førde.
pub(crate) fn app_rec(id: &str, original: &str, rest: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AppRec xmlns=\"http://www.kith.no/xmlstds/apprec/2012-02-15\">\
         <MsgType V=\"APPREC\"/><MIGversion>v1.1 2012-02-15</MIGversion><GenDate>2026-03-02T10:05:00+01:00</GenDate>\
         <Id>{id}</Id>{rest}<OriginalMsgId><MsgType V=\"DIALOG_STATUS_HENVISNING\"/>\
         <IssueDate>2026-03-02T10:00:00+01:00</IssueDate><Id>{original}</Id></OriginalMsgId></AppRec>"
    )
}

pub(crate) const OK: &str = "<Status V=\"1\" DN=\"OK\"/>";
pub(super) const REJECTED: &str =
    "<Status V=\"2\" DN=\"Avvist\"/><Error V=\"E35\" DN=\"Pasient ukjent\" OT=\"Line Ås\"/>";
