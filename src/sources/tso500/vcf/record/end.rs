//! INFO END.

use super::Refusal;
use super::info::Info;
use super::locus::Locus;
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::vcf::grch37;

/// Reads END: a position on the chromosome, after POS.
pub(in crate::sources::tso500::vcf) fn parse(info: Info<'_>, locus: Locus) -> Result<u64, Refusal> {
    let refuse = |text: String| Err(Refusal::new(IssueCode::VcfEndInvalid, "END", text));
    let Some(text) = info.get("END")? else { return refuse("no END".to_owned()) };
    let last = grch37::length(locus.chromosome).unwrap_or(0);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u64>() {
        Ok(end) if digits && end > locus.position && end <= last => Ok(end),
        _ => refuse(format!("{} is not a position after POS", quote(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_lies_after_the_start() {
        let locus = Locus { chromosome: "7", position: 100 };
        assert_eq!(parse(Info("SVTYPE=DEL;END=200"), locus), Ok(200));
        for (info, code) in [
            (".", IssueCode::VcfEndInvalid),
            ("END=", IssueCode::VcfEndInvalid),
            ("END=100", IssueCode::VcfEndInvalid),
            ("END=99", IssueCode::VcfEndInvalid),
            ("END=+200", IssueCode::VcfEndInvalid),
            ("END=2e3", IssueCode::VcfEndInvalid),
            ("END=159138664", IssueCode::VcfEndInvalid),
            ("END=200;END=300", IssueCode::VcfInfoInvalid),
        ] {
            let refusal = parse(Info(info), locus).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (code, "END"), "{info}");
        }
    }
}
