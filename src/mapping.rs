//! Mapping templates: domain records to FHIR resources, as reviewed data.
