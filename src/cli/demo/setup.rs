//! The service's configuration, and the clients that it knows.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc::UnboundedReceiver;

use super::wire::Http;
use crate::cli::serve;
use crate::clock::Clock;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::sandbox::catalogue::{Format, Hearing, LABORATORIES, TRUSTS};
use crate::sandbox::client::{Client, Surroundings, Trouble};
use crate::sandbox::issuer::{Issuer, Registered};
use crate::sandbox::keys::Key;
use crate::sandbox::server;
use crate::sandbox::subscriptions::Subscriptions;

/// Whom the tokens of everybody are for; who the gateway is itself at the issuer, and what it asks for.
const AUDIENCE: &str = "impress:gateway";
const GATEWAY: &str = "impress-gateway";
const DELIVER: &str = "sandbox/deliver";

/// Where the service listens.
pub(super) struct Ports {
    pub(super) http: String,
    pub(super) mllp: String,
}

impl Ports {
    /// Hears what the service announces; none where it ends before.
    pub(super) async fn hear(lines: &mut UnboundedReceiver<String>) -> Option<Self> {
        let (mut http, mut mllp) = (None, None);
        loop {
            let line = lines.recv().await?;
            if let Some(address) = line.strip_prefix("listening http ") {
                http = Some(address.to_owned());
            } else if let Some(address) = line.strip_prefix("listening mllp ") {
                mllp = Some(address.to_owned());
            }
            if let (Some(http), Some(mllp)) = (&http, &mllp) {
                return Some(Self { http: http.clone(), mllp: mllp.clone() });
            }
        }
    }
}

/// A folder that is gone when the demonstration is.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A client before it has a way to the gateway.
struct Account {
    id: &'static str,
    role: &'static str,
    /// Organisation in the configuration, where the token does not name it.
    organisation: Option<&'static str>,
    /// Organisation in the token.
    trust: Option<&'static str>,
    words: &'static [&'static str],
}

/// The accounts of everybody.
fn accounts() -> Vec<Account> {
    let trusts = TRUSTS.iter().map(|trust| Account {
        id: trust.id,
        role: "trust",
        organisation: None,
        trust: Some(trust.number),
        words: &["referral", "messages", "status"],
    });
    let laboratories = LABORATORIES.iter().map(|laboratory| Account {
        id: laboratory.id,
        role: "laboratory",
        organisation: Some(laboratory.code),
        trust: None,
        words: &["report", "messages"],
    });
    let others = [
        Account {
            id: "trial-system",
            role: "trial",
            organisation: Some("trial"),
            trust: None,
            words: &["trial", "status"],
        },
        Account {
            id: "operator",
            role: "operator",
            organisation: Some("operator"),
            trust: None,
            words: &["operate", "messages"],
        },
    ];
    trusts.chain(laboratories).chain(others).collect()
}

fn scopes(account: &Account) -> Vec<String> {
    account.words.iter().map(|word| format!("{AUDIENCE}/{word}")).collect()
}

/// What everything starts from.
pub(super) struct Setup {
    /// Kept for its end.
    _folder: Folder,
    /// The configuration of the service.
    pub(super) config: PathBuf,
    /// The issuer.
    pub(super) issuer: Arc<Issuer>,
    neighbours: String,
    keys: BTreeMap<&'static str, Key>,
    random: Arc<dyn SecureRandom + Send + Sync>,
    clock: Arc<dyn Clock>,
}

/// Clients of everybody.
pub(super) struct Clients {
    pub(super) trusts: Vec<Arc<Client>>,
    pub(super) laboratories: Vec<Arc<Client>>,
    pub(super) trial: Arc<Client>,
    pub(super) operator: Arc<Client>,
}

impl Setup {
    /// Keys, issuer and configuration, with the neighbours at the first listener, and HL7 v2 taken at the second.
    pub(super) fn new(
        (listener, statuses): (&TcpListener, &TcpListener),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Vec<Issue>> {
        let failed = |error: std::io::Error| serve::failed(&error);
        let no_key = |_| vec![Issue::new(IssueCode::ServiceFailed, Location::default(), "no key can be made")];
        let random: Arc<dyn SecureRandom + Send + Sync> = Arc::new(SystemRandom::new());
        let neighbours = format!("http://{}", listener.local_addr().map_err(failed)?);
        let mut keys = BTreeMap::new();
        let mut registered = BTreeMap::new();
        for account in accounts() {
            let key = Key::new(account.id, &*random).map_err(no_key)?;
            let organisation = account.trust.map(str::to_owned);
            let (key_of, audience) = (key.public(), AUDIENCE.to_owned());
            let client = Registered { key: key_of, audience, organisation, scopes: scopes(&account) };
            registered.insert(account.id.to_owned(), client);
            keys.insert(account.id, key);
        }
        let (key, pem) = Key::with_pem(GATEWAY, &*random).map_err(no_key)?;
        let (audience, scopes) = (server::AUDIENCE.to_owned(), vec![DELIVER.to_owned()]);
        registered.insert(GATEWAY.to_owned(), Registered { key: key.public(), audience, organisation: None, scopes });
        let issuer = Issuer::new(&neighbours, registered, Arc::clone(&random), Arc::clone(&clock));
        let issuer = Arc::new(issuer.map_err(no_key)?);
        let folder = folder().map_err(failed)?;
        std::fs::write(folder.0.join("gateway.pem"), pem).map_err(failed)?;
        let receiver = format!("mllp://{}", statuses.local_addr().map_err(failed)?);
        let config = configure(&folder.0, &configuration(&neighbours, &receiver), &*random).map_err(failed)?;
        Ok(Self { _folder: folder, config, issuer, neighbours, keys, random, clock })
    }

    /// What trusts will hear: endpoints of the neighbours, which want a secret of this run.
    pub(super) fn subscriptions(&self) -> Subscriptions {
        let secret = uuid::Uuid::new_v4().simple().to_string();
        Subscriptions::new(&hooks(&self.neighbours), secret, self.clock.now())
    }

    /// Clients of the service at those ports.
    pub(super) fn clients(&mut self, ports: &Ports) -> Result<Clients, Trouble> {
        let gateway = format!("http://{}", ports.http);
        let wire = Http::new(&[&gateway, &self.neighbours]).map_err(Trouble::Other)?;
        let around = Surroundings {
            gateway,
            issuer: self.neighbours.clone(),
            wire: Arc::new(wire),
            random: Arc::clone(&self.random),
            clock: Arc::clone(&self.clock),
        };
        let mut clients = BTreeMap::new();
        for account in accounts() {
            if let Some(key) = self.keys.remove(account.id) {
                let client = Client::new(account.id, key, scopes(&account).join(" "), around.clone());
                clients.insert(account.id, Arc::new(client));
            }
        }
        let get =
            |id: &str| clients.get(id).map(Arc::clone).ok_or_else(|| Trouble::Other(format!("{id} has no account")));
        Ok(Clients {
            trusts: TRUSTS.iter().map(|trust| get(trust.id)).collect::<Result<_, _>>()?,
            laboratories: LABORATORIES.iter().map(|laboratory| get(laboratory.id)).collect::<Result<_, _>>()?,
            trial: get("trial-system")?,
            operator: get("operator")?,
        })
    }
}

/// Where trusts are called.
fn hooks(neighbours: &str) -> String {
    format!("{neighbours}/trust/events")
}

/// A new folder that nobody else can look into.
fn folder() -> std::io::Result<Folder> {
    let name = format!("impress-gateway-demo-{}", uuid::Uuid::new_v4().simple());
    let path = std::env::temp_dir().join(name);
    std::fs::DirBuilder::new().mode(0o700).create(&path)?;
    Ok(Folder(path))
}

/// Writes configuration and secrets.
fn configure(folder: &Path, configuration: &str, random: &dyn SecureRandom) -> std::io::Result<PathBuf> {
    for name in ["ids.secret", "mllp.secret"] {
        let mut bytes = [0; 32];
        random.fill(&mut bytes).map_err(|_| std::io::Error::other("no randomness"))?;
        let text = bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        std::fs::write(folder.join(name), text)?;
    }
    let path = folder.join("gateway.toml");
    std::fs::write(&path, configuration)?;
    Ok(path)
}

fn configuration(neighbours: &str, receiver: &str) -> String {
    let mut text = format!(
        "[ids]\nsecret_file = \"ids.secret\"\n\n[identity]\naccept_synthetic = true\n\n[journal]\npath = \"journal.sqlite\"\n\n\
         [server]\nlisten = \"127.0.0.1:0\"\n\n[[issuer]]\nname = \"sandbox\"\nurl = \"{neighbours}\"\nprofile = \"helseid\"\n\
         audience = \"{AUDIENCE}\"\nalgorithms = [\"ES256\"]\n\n"
    );
    for Account { id, role, organisation, .. } in accounts() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "[[client]]\nissuer = \"sandbox\"\nclient_id = \"{id}\"\nrole = \"{role}\"");
        if let Some(organisation) = organisation {
            let _ = writeln!(text, "organisation = \"{organisation}\"");
        }
        text.push('\n');
    }
    for trust in TRUSTS.iter().filter(|trust| trust.format == Format::Hl7v2) {
        let _ = writeln!(
            text,
            "[[caller]]\nname = \"{id}\"\norganisation = \"{}\"\nrole = \"trust\"\nsecret_file = \"mllp.secret\"\n\n\
             [mllp]\nlisten = \"127.0.0.1:0\"\ncaller = \"{id}\"\n",
            trust.number,
            id = trust.id
        );
    }
    for trust in TRUSTS.iter().filter(|trust| trust.hears == Hearing::RestHook) {
        let (number, hooks, id) = (trust.number, hooks(neighbours), trust.id);
        let _ =
            writeln!(text, "[[subscriptions.organisation]]\nnumber = \"{number}\"\nendpoints = [\"{hooks}/{id}\"]\n");
    }
    text.push_str("[sign_off]\nevidence_file = \"{sample_id}.signed\"\n\n");
    text.push_str(
        "[status]\nname = \"Oslo universitetssykehus HF\"\nher_id = \"90111\"\nservice_name = \"Onkologi\"\n\
         service_her_id = \"90112\"\ncontact_family_name = \"Prøve\"\ncontact_given_name = \"Lege\"\n\
         contact_telephone = \"+4700000000\"\n\n",
    );
    let with_token = format!(
        "\n[destination.oauth]\nissuer = \"{neighbours}\"\nclient_id = \"{GATEWAY}\"\nkey_file = \"gateway.pem\"\n\
         algorithm = \"ES256\"\nscope = \"{DELIVER}\"\n\n"
    );
    for (name, path) in [("trial-system", "trial"), ("laboratory", "laboratory")] {
        let _ = write!(text, "[[destination]]\nname = \"{name}\"\nurl = \"{neighbours}/{path}/fhir\"\n{with_token}");
    }
    for trust in TRUSTS {
        let id = trust.id;
        let (kind, url, rest) = match trust.format {
            Format::Fhir => continue,
            Format::Xml => ("status-xml", format!("{neighbours}/trust/status"), with_token.as_str()),
            Format::Hl7v2 => ("status-hl7v2", receiver.to_owned(), "\n"),
        };
        let _ = write!(
            text,
            "[[destination]]\nname = \"{id}-status\"\nkind = \"{kind}\"\ntrust = \"{id}\"\nurl = \"{url}\"\n{rest}"
        );
    }
    text
}
