//! Canonical base, code systems and identifier systems (ADR 4).
//!
//! The templates under `mappings/fhir/` write out the URIs they use, so that they read like the resource; the program
//! itself names them only here.

/// Base of the gateway's own canonical URIs; a deployment replaces it by `[mappings] canonical_base`.
pub const CANONICAL_BASE: &str = "https://impress-gateway.example/fhir";

/// Code system of the issue codes, relative to the canonical base.
pub const ISSUE_CODE_SYSTEM: &str = "CodeSystem/gateway-issue";

/// Extension that says where in the input an issue is, relative to the canonical base.
pub const ISSUE_LOCATION_EXTENSION: &str = "StructureDefinition/gateway-issue-location";

/// Extension that says who can put an issue right and whether sending again helps, relative to the canonical base.
pub const ISSUE_REMEDY_EXTENSION: &str = "StructureDefinition/gateway-issue-remedy";
