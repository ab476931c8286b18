//! Wiring: what the configuration asks for, loaded and checked before anything is read.

pub mod access;
mod bindings;
pub mod channels;
pub mod operators;
pub mod outbound;
mod reference;
pub mod service;
mod status;
pub mod subscriptions;
pub mod trial;

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use crate::config::{self, Config};
use crate::domain::gene::GeneTable;
use crate::domain::ids::Face;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;
use crate::domain::sample_id::Nomenclature;
use crate::fhir::ids::{ResourceIds, Secret};
use crate::fhir::systems::CANONICAL_BASE;
use crate::mapping::MappingError;
use crate::mapping::source::{MappingSet, Subject};
use crate::pipeline::Gateway;
use crate::pipeline::referral::ReferralGateway;
use crate::profiles::gate::Schemas;
use crate::profiles::walk::Validator;
use crate::redact::quote;

pub use bindings::bindings;
pub use reference::{ReferenceData, reference_data};

const HGNC_SYMBOLS: &str = include_str!("../mappings/genes/hgnc-symbols.tsv");
const PANEL: &str = include_str!("../mappings/genes/tso500-panel.tsv");
const NOMENCLATURE: &str = include_str!("../mappings/nomenclature/inpred-20261001.toml");

/// Loads what the configuration names, or the embedded default.
///
/// Errors: all `config.*` and `mapping.*` issues that are found.
pub fn load(config: &Config) -> Result<Gateway, Vec<Issue>> {
    let one = |issue: Issue| vec![issue];
    let mappings = mapping_set(config.mappings.directory.as_deref(), config.mappings.canonical_base.as_deref())?;
    let organisation = organisation(config, &mappings).map_err(one)?;
    let tables = mappings.tables().map_err(issues)?;
    let templates = mappings.compile_with(&tables, organisation, Subject::Report).map_err(issues)?;
    let secret = secret(config).map_err(one)?;
    let validator = validator(config.mappings.canonical_base.as_deref()).map_err(one)?;
    let directory = config.mappings.directory.as_deref();
    let hgnc = table(directory, "genes/hgnc-symbols.tsv", HGNC_SYMBOLS).map_err(one)?;
    let panel = table(directory, "genes/tso500-panel.tsv", PANEL).map_err(one)?;
    let nomenclature = table(directory, "nomenclature/inpred-20261001.toml", NOMENCLATURE).map_err(one)?;
    let defect = |file: &str, error: String| {
        one(Issue::new(IssueCode::MappingTableInvalid, Location::file(&file.into()), error))
    };
    Ok(Gateway {
        templates,
        ids: ResourceIds::new(Face::Identified, &secret),
        limits: Limits::default(),
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        demo_secret: secret.is_demo(),
        validator,
        tables,
        genes: GeneTable::parse(&hgnc, &panel).map_err(|error| defect("genes", error.to_string()))?,
        nomenclature: Nomenclature::parse(&nomenclature).map_err(|error| defect("nomenclature", error.to_string()))?,
        policies: config.policies().map_err(one)?,
        sign_off_file: config.sign_off.evidence_file.clone(),
    })
}

/// Loads what the translation of referrals needs.
///
/// Errors: all `config.*` and `mapping.*` issues that are found.
pub fn load_referrals(config: &Config) -> Result<ReferralGateway, Vec<Issue>> {
    let one = |issue: Issue| vec![issue];
    let directory = config.mappings.directory.as_deref();
    let mappings = mapping_set(directory, config.mappings.canonical_base.as_deref())?;
    let organisation = organisation(config, &mappings).map_err(one)?;
    let templates = mappings.compile(organisation, Subject::Referral).map_err(issues)?;
    let secret = secret(config).map_err(one)?;
    let ReferenceData { trusts, code_tables } = reference_data(directory)?;
    let code_tables = Arc::new(code_tables);
    let validator = validator(config.mappings.canonical_base.as_deref()).map_err(one)?;
    Ok(ReferralGateway {
        templates,
        identified: ResourceIds::new(Face::Identified, &secret),
        pseudonymous: ResourceIds::new(Face::Pseudonymous, &secret),
        demo_secret: secret.is_demo(),
        schemas: Schemas::new(validator.form()),
        validator,
        limits: Limits::default(),
        trusts,
        bindings: bindings(directory, &code_tables)?,
        code_tables,
        synthetic: config.identity.synthetic_numbers(),
        addressees: config.identity.addressees(),
        trial: trial::mapping(directory, &mappings, organisation)?,
    })
}

/// The organisation whose overlays apply.
fn organisation<'c>(config: &'c Config, mappings: &MappingSet) -> Result<Option<&'c str>, Issue> {
    let organisation = config.mappings.organisation.as_deref();
    match organisation.filter(|organisation| !mappings.overlays().contains(organisation)) {
        Some(unknown) => {
            Err(invalid("mappings.organisation", &format!("no overlay of organisation {}", quote(unknown))))
        }
        None => Ok(organisation),
    }
}

fn secret(config: &Config) -> Result<Secret, Issue> {
    match config.secret()? {
        Some(bytes) => Secret::new(&bytes).map_err(|error| invalid("ids.secret_file", &error.to_string())),
        None => Ok(Secret::demo()),
    }
}

/// The mapping of `directory`, or the embedded one, with its canonical base.
///
/// Errors: `mapping.*` issues.
pub fn mapping_set(directory: Option<&Path>, canonical_base: Option<&str>) -> Result<MappingSet, Vec<Issue>> {
    let set = match directory {
        Some(directory) => MappingSet::read(directory).map_err(issues)?,
        None => MappingSet::embedded(),
    };
    Ok(match canonical_base {
        Some(base) => set.with_canonical_base(CANONICAL_BASE, base.trim_end_matches('/')),
        None => set,
    })
}

/// The validator of the embedded packages, with our own profiles under the canonical base of the deployment.
fn validator(canonical_base: Option<&str>) -> Result<Validator, Issue> {
    let validator = match canonical_base {
        Some(base) => Validator::embedded_at(base.trim_end_matches('/')),
        None => Validator::embedded(),
    };
    validator.map_err(|error| Issue::new(IssueCode::PackageInvalid, Location::default(), error))
}

fn issues(errors: Vec<MappingError>) -> Vec<Issue> {
    errors.iter().map(MappingError::to_issue).collect()
}

/// A table of the mapping directory, where it has one of that name.
fn table(directory: Option<&Path>, name: &str, embedded: &'static str) -> Result<Cow<'static, str>, Issue> {
    match directory.map(|directory| directory.join(name)).filter(|path| path.exists()) {
        Some(path) => config::read_bounded(&path).map(Cow::Owned),
        None => Ok(Cow::Borrowed(embedded)),
    }
}

fn invalid(place: &str, text: &str) -> Issue {
    Issue::new(IssueCode::ConfigInvalid, Location::file(&place.into()), text)
}
