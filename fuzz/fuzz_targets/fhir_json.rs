//! Any bytes as a JSON body: no panic, a refusal has an issue, and what is accepted reads back.
#![no_main]

use impress_gateway::fhir::json::{JsonLimits, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match read(data, &JsonLimits::default()) {
        Ok(value) => {
            let again = read(value.to_string().as_bytes(), &JsonLimits::default());
            assert_eq!(again.as_ref(), Ok(&value), "what is written reads back");
        }
        Err(issues) => assert!(!issues.is_empty(), "a refusal says why"),
    }
});
