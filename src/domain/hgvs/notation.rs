//! Protein changes as annotation programs write them, turned into HGVS.

use super::{HgvsError, MAX_BYTES, ProteinDescription};

/// One-letter and three-letter codes (IUPAC-IUB 1983); `X` and `*` are a stop, as VEP and its users write it.
const RESIDUES: [(char, &str); 24] = [
    ('A', "Ala"),
    ('R', "Arg"),
    ('N', "Asn"),
    ('D', "Asp"),
    ('C', "Cys"),
    ('Q', "Gln"),
    ('E', "Glu"),
    ('G', "Gly"),
    ('H', "His"),
    ('I', "Ile"),
    ('L', "Leu"),
    ('K', "Lys"),
    ('M', "Met"),
    ('F', "Phe"),
    ('P', "Pro"),
    ('S', "Ser"),
    ('T', "Thr"),
    ('W', "Trp"),
    ('Y', "Tyr"),
    ('V', "Val"),
    ('U', "Sec"),
    ('O', "Pyl"),
    ('X', "Ter"),
    ('*', "Ter"),
];

/// The predicted description of a three-letter change without `p.`: `Val600Glu` becomes `p.(Val600Glu)`.
///
/// # Errors
/// The result is not HGVS, or the change brings its own `p.`, accession or parentheses.
pub fn predicted(change: &str) -> Result<String, HgvsError> {
    if change.is_empty() {
        return Err(HgvsError::Empty);
    }
    if change.contains(['(', ')', ':', '.']) {
        return Err(HgvsError::EditInvalid);
    }
    let text = format!("p.({change})");
    ProteinDescription::parse(&text)?;
    Ok(text)
}

/// A one-letter change in three-letter codes: `V600E` becomes `Val600Glu`, `R445X` `Arg445Ter`, `V379V` `Val379=`,
/// `T410fs` stays partial (`Thr410fs`). None where the text has another sign, as `GL606-607GL` has.
pub fn three_letter(short: &str) -> Option<String> {
    if short.is_empty() || short.len() > MAX_BYTES {
        return None;
    }
    let mut long = String::with_capacity(short.len() * 2);
    for sign in short.chars() {
        match RESIDUES.iter().find(|(one, _)| *one == sign) {
            Some((_, three)) => long.push_str(three),
            None if sign.is_ascii_digit() || sign.is_ascii_lowercase() || matches!(sign, '_' | '?' | '=') => {
                long.push(sign);
            }
            None => return None,
        }
    }
    let unchanged = long.get(..3).and_then(|first| {
        let number = long.strip_prefix(first)?.strip_suffix(first)?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| format!("{first}{number}="))
    });
    Some(unchanged.unwrap_or(long))
}

/// Whether a three-letter change says what the shorter text says: the same, or the same beginning with more behind it. The
/// short text of a frameshift names neither the new residue nor the stop: `Thr410fs` and `Thr410MetfsTer15`.
pub fn extends(long: &str, short: &str) -> bool {
    match short.strip_suffix("fs") {
        Some(place) => long.strip_prefix(place).is_some_and(|rest| rest.contains("fs") || rest == "Ter"),
        None => long.starts_with(short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_letter_changes_become_predicted_descriptions() {
        for (change, expected) in [
            ("Val600Glu", "p.(Val600Glu)"),
            ("Arg445Ter", "p.(Arg445Ter)"),
            ("Thr410MetfsTer15", "p.(Thr410MetfsTer15)"),
            ("Thr410fs", "p.(Thr410fs)"),
            ("Leu10=", "p.(Leu10=)"),
            ("Met1?", "p.(Met1?)"),
            ("Tyr772_Ala775dup", "p.(Tyr772_Ala775dup)"),
            ("Asn1018_Lys1019delinsSerGlu", "p.(Asn1018_Lys1019delinsSerGlu)"),
            ("Ter474TrpextTer?", "p.(Ter474TrpextTer?)"),
        ] {
            assert_eq!(predicted(change).as_deref(), Ok(expected));
        }
        for (change, error) in [
            ("", HgvsError::Empty),
            ("GlyLeu606=", HgvsError::PositionInvalid),
            ("GL606-607GL", HgvsError::PositionInvalid),
            ("R445X", HgvsError::EditInvalid),
            ("p.(Val600Glu)", HgvsError::EditInvalid),
            ("NP_004324.2:p.Val600Glu", HgvsError::EditInvalid),
            ("Val600Glu;Lys601Glu", HgvsError::Trailing),
        ] {
            assert_eq!(predicted(change), Err(error), "{change}");
        }
    }

    #[test]
    fn one_letter_changes_become_three_letter_ones() {
        for (short, long) in [
            ("V600E", Some("Val600Glu")),
            ("R445X", Some("Arg445Ter")),
            ("R445*", Some("Arg445Ter")),
            ("T410fs", Some("Thr410fs")),
            ("V379V", Some("Val379=")),
            ("M1?", Some("Met1?")),
            ("Y772_A775dup", Some("Tyr772_Ala775dup")),
            ("D411_L414del", Some("Asp411_Leu414del")),
            ("N1018_K1019delinsSE", Some("Asn1018_Lys1019delinsSerGlu")),
            ("GL606-607GL", None),
            ("B600E", None),
            ("V600Ø", None),
            ("", None),
        ] {
            assert_eq!(three_letter(short).as_deref(), long, "{short}");
        }
        assert_eq!(three_letter(&"V".repeat(1001)), None);
    }

    #[test]
    fn a_partial_text_is_extended() {
        for (long, short) in [
            ("Thr410MetfsTer15", "Thr410fs"),
            ("Thr319Ter", "Thr319fs"),
            ("Arg445Ter", "Arg445Ter"),
            ("Ter474TrpextTer?", "Ter474Trp"),
            ("Thr410fs", "Thr410fs"),
        ] {
            assert!(extends(long, short), "{long} {short}");
        }
        for (long, short) in [
            ("Thr411MetfsTer15", "Thr410fs"),
            ("Thr410Met", "Thr410fs"),
            ("Val600Lys", "Val600Glu"),
            ("Thr4", "Thr41Ala"),
        ] {
            assert!(!extends(long, short), "{long} {short}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_turned_into_hgvs_or_refused(text in "[A-Z*?=_a-z0-9-]{0,20}|\\PC{0,30}") {
            if let Ok(description) = predicted(&text) {
                proptest::prop_assert!(ProteinDescription::parse(&description).is_ok());
            }
            if let Some(long) = three_letter(&text) {
                proptest::prop_assert!(!long.contains(['X', '*']));
            }
        }
    }
}
