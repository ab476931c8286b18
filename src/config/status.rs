//! Who tells trusts without FHIR the status of their referrals.

use serde::Deserialize;

/// `[status]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Status {
    /// Name of the organisation that answers for the trial.
    pub name: Option<String>,
    /// Its HER-id.
    pub her_id: Option<String>,
    /// Name of the service in it.
    pub service_name: Option<String>,
    /// HER-id of the service.
    pub service_her_id: Option<String>,
    /// Family name of the health professional who is responsible for the assessment.
    pub contact_family_name: Option<String>,
    /// Given name.
    pub contact_given_name: Option<String>,
    /// HPR number.
    pub contact_hpr_number: Option<String>,
    /// Telephone.
    pub contact_telephone: Option<String>,
}
