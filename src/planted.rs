//! Faults that a build with the feature `planted-faults` can be told to have, so that harnesses and tests show that they find them.

/// Whether the variable `IMPRESS_PLANT` names this fault.
pub(crate) fn is_planted(fault: &str) -> bool {
    std::env::var_os("IMPRESS_PLANT").is_some_and(|planted| planted == fault)
}
