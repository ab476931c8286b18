//! Configuration: one TOML file, unknown keys refused, environment overrides.
//!
//! `IMPRESS_GATEWAY__SECTION__KEY=value` overrides `key` of `[section]`; the value is read as TOML, or as text where it is
//! not TOML. Secrets are only ever named by a file. `docs/configuration.md` lists every key.

mod access;
mod operators;
mod outbound;
mod policy;
mod service;
mod status;
mod subscriptions;
mod trial;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::addressees::Addressees;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::policy::Policies;
use crate::redact::quote;

pub use access::{Authorization, Client, Issuer};
pub use operators::{Limits, Operators};
pub use outbound::{Oauth, Outbound};
pub use service::{Caller, CareChain, Destination, DestinationKind, Folder, Journal, Mllp, Server, Store, Tls};
pub use status::Status;
pub use subscriptions::Subscriptions;
pub use trial::Trial;

/// Prefix of environment variables that override the file.
pub const ENVIRONMENT_PREFIX: &str = "IMPRESS_GATEWAY__";

/// Longest configuration file, secret file or gene table, in bytes.
const FILE_BYTES: u64 = 8 << 20;

/// The configuration of a deployment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Resource ids.
    pub ids: Ids,
    /// Mapping files.
    pub mappings: Mappings,
    /// Sign-off by the laboratory.
    pub sign_off: SignOff,
    /// When trusts see a report.
    pub release: Release,
    /// Numbers of persons.
    pub identity: Identity,
    /// Categories for numbers.
    policy: policy::PolicySection,
    /// HTTP.
    pub server: Server,
    /// Who may call.
    pub caller: Vec<Caller>,
    /// Whose access tokens are taken.
    pub issuer: Vec<Issuer>,
    /// Who may call with one.
    pub client: Vec<Client>,
    /// How persons log in.
    pub operators: Operators,
    /// How much anybody may ask.
    pub limits: Limits,
    /// Who sees what belongs to a referral beside its sender.
    pub care_chain: CareChain,
    /// Where messages are kept.
    pub journal: Journal,
    /// HL7 v2 over TCP.
    pub mllp: Mllp,
    /// Watched folder.
    pub folder: Folder,
    /// Where messages are sent.
    pub destination: Vec<Destination>,
    /// Where requests may go.
    pub outbound: Outbound,
    /// How the trial system is asked.
    pub trial: Trial,
    /// Who tells trusts without FHIR the status of their referrals.
    pub status: Status,
    /// What may be subscribed to, and where notifications go.
    pub subscriptions: Subscriptions,
}

/// `[ids]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ids {
    /// File whose content is the secret that ids are derived with; relative to the configuration file.
    pub secret_file: Option<PathBuf>,
}

/// `[mappings]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mappings {
    /// Folder used in place of the embedded mappings; relative to the configuration file.
    pub directory: Option<PathBuf>,
    /// Organisation number whose overlays apply.
    pub organisation: Option<String>,
    /// Canonical base in place of the example one.
    pub canonical_base: Option<String>,
}

/// `[sign_off]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignOff {
    /// Name of the file in the run folder that shows that the laboratory signed a sample off; `{sample_id}` stands for
    /// the sample id.
    pub evidence_file: Option<String>,
}

/// `[release]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Release {
    /// From which status on a report is shown to the trust of its patient.
    pub reports: ReportRelease,
}

/// From which status on a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportRelease {
    /// Once the laboratory has signed it.
    #[default]
    Final,
    /// As it comes.
    Preliminary,
}

/// `[identity]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Accept national numbers of test populations: a test installation.
    pub accept_synthetic: bool,
    /// Organisation numbers, HER-ids and facilities (MSH-6) of this installation; none: the addressee is not checked.
    pub addressees: Vec<String>,
}

impl Identity {
    /// What becomes of synthetic numbers.
    pub fn synthetic_numbers(&self) -> SyntheticNumbers {
        if self.accept_synthetic { SyntheticNumbers::Accepted } else { SyntheticNumbers::Refused }
    }

    /// Who messages to this installation are addressed to.
    pub fn addressees(&self) -> Addressees {
        Addressees::new(&self.addressees)
    }
}

impl Config {
    /// Reads `file` and applies the overrides in `environment`.
    ///
    /// Errors: `config.unreadable`, `config.invalid` with line, key and reason.
    pub fn load(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Issue> {
        let mut table = match file {
            Some(path) => parse(&name_of(path), &read_bounded(path)?)?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            if let Some(keys) = name.strip_prefix(ENVIRONMENT_PREFIX) {
                let keys: Vec<String> = keys.split("__").map(str::to_lowercase).collect();
                override_key(&mut table, &keys, &value).ok_or_else(|| invalid(&name, "is no key of a section"))?;
            }
        }
        let place = file.map_or_else(|| "environment".to_owned(), name_of);
        let mut config: Self =
            toml::Value::Table(table).try_into().map_err(|error| invalid(&place, &message(&error)))?;
        config.resolve_paths(file.and_then(Path::parent));
        config.policies()?;
        Ok(config)
    }

    /// The policies for categories.
    ///
    /// Errors: `config.invalid` where bands are empty, unordered or without a last open one.
    pub fn policies(&self) -> Result<Policies, Issue> {
        self.policy.policies().map_err(|text| invalid("policy", &text))
    }

    /// The secret that ids are derived with; `None` where no file is configured.
    ///
    /// Errors: `config.unreadable`; `config.invalid` for fewer than 32 bytes.
    pub fn secret(&self) -> Result<Option<Vec<u8>>, Issue> {
        const SECRET_BYTES: usize = 32;
        let Some(path) = &self.ids.secret_file else { return Ok(None) };
        let secret = read_bounded(path)?.trim().as_bytes().to_vec();
        if secret.len() < SECRET_BYTES {
            return Err(invalid("ids.secret_file", "the secret is shorter than 32 bytes"));
        }
        Ok(Some(secret))
    }

    /// Paths in the file are relative to the file.
    fn resolve_paths(&mut self, base: Option<&Path>) {
        let Some(base) = base else { return };
        let own = [&mut self.ids.secret_file, &mut self.mappings.directory, &mut self.operators.client_secret_file];
        let own = own.into_iter().flatten();
        let service = service::paths(
            &mut self.server,
            (&mut self.journal, &mut self.mllp, &mut self.folder),
            &mut self.caller,
            &mut self.destination,
        );
        let hooks = self.subscriptions.ca_file.as_mut();
        for path in own.chain(service).chain(self.trial.paths()).chain(hooks) {
            *path = base.join(&*path);
        }
    }
}

fn parse(place: &str, text: &str) -> Result<toml::Table, Issue> {
    text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        let mut issue = invalid(place, &message(&error));
        issue.location.line = line.and_then(|line| u32::try_from(line).ok());
        issue
    })
}

/// Sets `keys` to `value`; `None` where a key on the way is no section.
fn override_key(table: &mut toml::Table, keys: &[String], value: &str) -> Option<()> {
    let (last, sections) = keys.split_last()?;
    let mut table = table;
    for section in sections {
        let entry = table.entry(section.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        table = entry.as_table_mut()?;
    }
    let parsed = format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("value"));
    table.insert(last.clone(), parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Some(())
}

/// Reads a text file of at most 8 MiB.
///
/// Errors: `config.unreadable`.
pub fn read_bounded(path: &Path) -> Result<String, Issue> {
    use std::io::Read;
    let unreadable = |reason: String| {
        let location = Location { file: Some(name_of(path).into()), ..Location::default() };
        Issue::new(IssueCode::ConfigUnreadable, location, format!("cannot be read: {reason}"))
    };
    let file = std::fs::File::open(path).map_err(|error| unreadable(error.kind().to_string()))?;
    let mut text = String::new();
    file.take(FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| unreadable(error.kind().to_string()))?;
    if text.len() as u64 > FILE_BYTES {
        return Err(unreadable(format!("longer than {FILE_BYTES} bytes")));
    }
    Ok(text)
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn invalid(place: &str, text: &str) -> Issue {
    let location = Location { file: Some(place.into()), ..Location::default() };
    Issue::new(IssueCode::ConfigInvalid, location, text)
}

/// The first line of a TOML error, without the excerpt that could hold a value.
fn message(error: &toml::de::Error) -> String {
    error.message().lines().next().map_or_else(|| quote("not TOML"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Issue> {
        let mut table = parse("test", text)?;
        for (name, value) in environment {
            let keys: Vec<String> = name.split("__").map(str::to_lowercase).collect();
            override_key(&mut table, &keys, value).ok_or_else(|| invalid(name, "no key"))?;
        }
        toml::Value::Table(table).try_into().map_err(|error| invalid("test", &message(&error)))
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let issue = load("[ids]\nsecret = \"x\"\n", &[]).unwrap_err();
        assert_eq!(issue.code, IssueCode::ConfigInvalid);
        assert!(issue.text.contains("unknown field `secret`"), "{}", issue.text);
        let issue = load("", &[("MAPPINGS__NONE", "1")]).unwrap_err();
        assert!(issue.text.contains("unknown field `none`"), "{}", issue.text);
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let issue = load("[ids]\n\nsecret_file = \n", &[]).unwrap_err();
        assert_eq!((issue.code, issue.location.line), (IssueCode::ConfigInvalid, Some(3)));
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = load("[mappings]\norganisation = \"1\"\n", &[("MAPPINGS__ORGANISATION", "\"2\"")]).unwrap();
        assert_eq!(config.mappings.organisation.as_deref(), Some("2"));
        let config = load("", &[("SIGN_OFF__EVIDENCE_FILE", "{sample_id}.signed")]).unwrap();
        assert_eq!(config.sign_off.evidence_file.as_deref(), Some("{sample_id}.signed"));
    }

    #[test]
    fn the_addressee_is_checked_where_ours_are_listed() {
        let text = "[identity]\naddressees = [\"993467049\"]\n";
        assert!(!load(text, &[]).unwrap().identity.addressees().are_ours(["983974732"]));
        assert!(load("", &[]).unwrap().identity.addressees().are_ours(["983974732"]));
        assert_eq!(load("[identity]\naddressees = \"x\"\n", &[]).unwrap_err().code, IssueCode::ConfigInvalid);
    }

    #[test]
    fn synthetic_numbers_are_refused_unless_asked_for() {
        let synthetic =
            |text, environment: &[(&str, &str)]| load(text, environment).unwrap().identity.synthetic_numbers();
        assert_eq!(synthetic("", &[]), SyntheticNumbers::Refused);
        assert_eq!(synthetic("[identity]\n", &[]), SyntheticNumbers::Refused);
        assert_eq!(synthetic("[identity]\naccept_synthetic = true\n", &[]), SyntheticNumbers::Accepted);
        assert_eq!(synthetic("", &[("IDENTITY__ACCEPT_SYNTHETIC", "true")]), SyntheticNumbers::Accepted);
        assert_eq!(load("[identity]\naccept_synthetic = \"yes\"\n", &[]).unwrap_err().code, IssueCode::ConfigInvalid);
    }

    #[test]
    fn bands_must_ascend_and_end_open() {
        for (bands, reason) in [
            ("[]", "no bands"),
            ("[{code='a', display='A', at_most=5}]", "the last band must have no bound"),
            ("[{code='a', display='A'}, {code='b', display='B'}]", "only the last band may have no bound"),
            (
                "[{code='a', display='A', at_most=5}, {code='b', display='B', below=5}, {code='c', display='C'}]",
                "must ascend",
            ),
            ("[{code='a', display='A', at_most=5, below=6}, {code='c', display='C'}]", "either at_most or below"),
        ] {
            let config = load(&format!("[policy.tmb]\nname = 'p'\nbands = {bands}\n"), &[]).unwrap();
            let issue = config.policies().unwrap_err();
            assert!(issue.text.contains(reason), "{bands}: {}", issue.text);
        }
    }
}
