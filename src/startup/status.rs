//! How trusts without FHIR are told the status of their referrals.

use super::invalid;
use crate::config::{Config, DestinationKind};
use crate::domain::her_id::HerId;
use crate::domain::hpr_number::HprNumber;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::status_notice::{NoticeContact, NoticeSender, StatusTexts};
use crate::domain::trust::Trusts;
use crate::linking::reply::ReplyFormat;
use crate::pipeline::intake::{StatusDestination, StatusOut};
use crate::redact::quote;

const TEXTS: &str = include_str!("../../mappings/trial/status-texts.toml");

/// Sentences, sender and destinations.
///
/// Errors: `config.invalid` with the name of the key or destination; `mapping.table-invalid`.
pub(super) fn status_out(config: &Config, trusts: &Trusts) -> Result<StatusOut, Issue> {
    let text = super::table(config.mappings.directory.as_deref(), "trial/status-texts.toml", TEXTS)?;
    let texts = StatusTexts::parse(&text).map_err(|text| {
        Issue::new(IssueCode::MappingTableInvalid, Location::file(&"trial/status-texts.toml".into()), text)
    })?;
    let mut destinations: Vec<StatusDestination> = Vec::new();
    for destination in &config.destination {
        let wrong = |text: &str| invalid("destination", &format!("{}: {text}", quote(&destination.name)));
        let format = match destination.kind {
            DestinationKind::Fhir if destination.trust.is_some() => {
                return Err(wrong("trust is for the kinds of status"));
            }
            DestinationKind::Fhir => continue,
            DestinationKind::StatusXml => ReplyFormat::Henvisning,
            DestinationKind::StatusHl7v2 => ReplyFormat::Hl7v2,
        };
        let trust = destination.trust.clone().ok_or_else(|| wrong("trust is missing"))?;
        if !trusts.trusts().iter().any(|known| known.id == trust) {
            return Err(wrong("no trust of mappings/trusts.toml has the id in trust"));
        }
        if destinations.iter().any(|other| other.trust == trust && other.format == format) {
            return Err(wrong("another destination of this kind has the same trust"));
        }
        destinations.push(StatusDestination { name: destination.name.clone(), trust, format });
    }
    let sender = if destinations.is_empty() { None } else { Some(sender(config)?) };
    Ok(StatusOut { texts, sender, destinations })
}

/// Who tells. All of it is demanded: HIS 1206 wants organisation and service, and whom to ask, always.
fn sender(config: &Config) -> Result<NoticeSender, Issue> {
    let status = &config.status;
    let text = |key: &str, value: &Option<String>| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
        let missing = || invalid(&format!("status.{key}"), "is missing: a destination tells the status of referrals");
        value.map(str::to_owned).ok_or_else(missing)
    };
    let her_id = |key: &str, value: &Option<String>| {
        let value = text(key, value)?;
        HerId::parse(&value).map_err(|_| invalid(&format!("status.{key}"), "is no HER-id"))?;
        Ok(value)
    };
    if let Some(number) = &status.contact_hpr_number {
        HprNumber::parse(number).map_err(|_| invalid("status.contact_hpr_number", "is no HPR number"))?;
    }
    Ok(NoticeSender {
        name: text("name", &status.name)?,
        her_id: her_id("her_id", &status.her_id)?,
        service_name: text("service_name", &status.service_name)?,
        service_her_id: her_id("service_her_id", &status.service_her_id)?,
        contact: NoticeContact {
            family_name: text("contact_family_name", &status.contact_family_name)?,
            given_name: text("contact_given_name", &status.contact_given_name)?,
            hpr_number: status.contact_hpr_number.clone(),
            telephone: text("contact_telephone", &status.contact_telephone)?,
        },
    })
}
