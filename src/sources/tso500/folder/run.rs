//! Sequencing run ids.

/// The sequencing run id at the start of a folder or file name:
/// `YYMMDD_<instrument>[_RUO]_<4-digit run number>_<side and flow cell>`, whatever follows after an underscore.
pub fn run_id(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.splitn(7, '_').collect();
    let length = match parts.get(2) {
        Some(&"RUO") => 5,
        _ => 4,
    };
    let parts = parts.get(..length)?;
    let [date, instrument, .., number, flow_cell] = parts else { return None };
    let is_run = is_date(date)
        && is_word(instrument, false)
        && number.len() == 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && is_word(flow_cell, true);
    is_run.then(|| parts.join("_"))
}

/// MiSeq flow cells carry a hyphen.
fn is_word(text: &str, hyphen: bool) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || (hyphen && byte == b'-'))
}

fn is_date(text: &str) -> bool {
    let two = |from: usize| text.get(from..from + 2).and_then(|digits| digits.parse::<u8>().ok());
    let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && two(2).is_some_and(|month| (1..=12).contains(&month)) && two(4).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_folders_of_the_laboratories() {
        for (name, run) in [
            ("191206_NB501498_0174_AHWCNMBGXC", "191206_NB501498_0174_AHWCNMBGXC"),
            ("251114_A02134_0115_BHCJCKDRX7_TSO_500_LocalApp_results", "251114_A02134_0115_BHCJCKDRX7"),
            ("251114_A02134_0115_BHCJCKDRX7_TSO_500_LocalApp_postprocessing_results", "251114_A02134_0115_BHCJCKDRX7"),
            ("251114_A02134_0115_BHCJCKDRX7_LocalApp_results", "251114_A02134_0115_BHCJCKDRX7"),
            ("251114_A02134_0115_BHCJCKDRX7_ppr", "251114_A02134_0115_BHCJCKDRX7"),
            ("250101_NDX012345_RUO_0001_01234ABCDE", "250101_NDX012345_RUO_0001_01234ABCDE"),
            ("250101_NDX012345_RUO_0001_01234ABCDE_ppr", "250101_NDX012345_RUO_0001_01234ABCDE"),
        ] {
            assert_eq!(run_id(name).as_deref(), Some(run), "{name}");
        }
    }

    #[test]
    fn other_folders_are_no_runs() {
        for name in [
            "",
            "Results",
            "Logs_Intermediates",
            "IPD2225-D01-P01-A08",
            "191306_NB501498_0174_AHWCNMBGXC",
            "191232_NB501498_0174_AHWCNMBGXC",
            "19120_NB501498_0174_AHWCNMBGXC",
            "191206_NB501498_174_AHWCNMBGXC",
            "191206_NB501498_0174",
            "191206_NB501498_0174_",
            "191206_NB 501498_0174_AHWCNMBGXC",
            "x191206_NB501498_0174_AHWCNMBGXC",
        ] {
            assert_eq!(run_id(name), None, "{name}");
        }
    }
}
