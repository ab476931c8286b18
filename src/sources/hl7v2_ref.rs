//! HL7 v2 patient referrals: `REF^I12` to `I14`, versions 2.3.1 to 2.6.

pub mod er7;
