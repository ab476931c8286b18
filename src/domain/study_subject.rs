//! Study subject ids: what a trial calls a person, and what a laboratory writes where there is no such id.

use std::fmt;

/// A study subject id, `<trial>.<site>-<number>`: `IMPR.X-0999`. The trial is two to ten capitals or digits, the site one
/// capital, the number four digits; a hyphen may stand for the dot.
///
/// It identifies a person to whoever holds the trial's list, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StudySubjectId {
    text: String,
    trial_length: usize,
}

/// Why a text is not a study subject id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StudySubjectIdError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Another form.
    #[error("not of the form `TRIAL.S-0000`")]
    Form,
}

impl StudySubjectId {
    /// Reads an id.
    ///
    /// # Errors
    /// The text has another form.
    pub fn parse(text: &str) -> Result<Self, StudySubjectIdError> {
        if text.is_empty() {
            return Err(StudySubjectIdError::Empty);
        }
        let (trial, rest) = text.split_once(['.', '-']).ok_or(StudySubjectIdError::Form)?;
        let (site, number) = rest.split_once('-').ok_or(StudySubjectIdError::Form)?;
        let is_trial = (2..=10).contains(&trial.len())
            && trial.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && trial.starts_with(|first: char| first.is_ascii_uppercase());
        let is_site = site.len() == 1 && site.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_number = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_trial && is_site && is_number {
            Ok(Self { text: text.to_owned(), trial_length: trial.len() })
        } else {
            Err(StudySubjectIdError::Form)
        }
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The trial, e.g. `IMPR`.
    pub fn trial(&self) -> &str {
        self.text.get(..self.trial_length).unwrap_or_default()
    }

    /// The letter of the inclusion site; which hospital it means is a table of the trial.
    pub fn site(&self) -> Option<char> {
        self.text.get(self.trial_length + 1..)?.chars().next()
    }
}

impl fmt::Debug for StudySubjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StudySubjectId(..)")
    }
}

/// What a laboratory says about a person and a trial.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StudyStatement {
    /// The person is this subject.
    Subject(StudySubjectId),
    /// `IKKE IMPRESS`: the person is not in the trial; no consent.
    NotInTrial,
}

/// Reads a cell with one or several statements, joined by commas. Blanks around them and repeated blanks inside do not
/// count, nor does the case of `IKKE IMPRESS`.
pub fn parse_study_cell(cell: &str) -> Vec<Result<StudyStatement, StudySubjectIdError>> {
    let statements = cell.split(',').map(str::trim).filter(|text| !text.is_empty());
    statements
        .map(|text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            // People add why and since when; every form of it means that the person is not in the trial.
            if words.join(" ").to_ascii_lowercase().contains("ikke impress") {
                return Ok(StudyStatement::NotInTrial);
            }
            StudySubjectId::parse(text).map(StudyStatement::Subject)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_trial_and_a_site() {
        for (text, trial, site) in
            [("IMPR.X-0999", "IMPR", 'X'), ("MRARE-R-0012", "MRARE", 'R'), ("IMPR-O-0001", "IMPR", 'O')]
        {
            let id = StudySubjectId::parse(text).unwrap();
            assert_eq!((id.as_str(), id.trial(), id.site()), (text, trial, Some(site)));
        }
    }

    #[test]
    fn other_text_is_no_id() {
        assert_eq!(StudySubjectId::parse(""), Err(StudySubjectIdError::Empty));
        for text in [
            "MRARE-X-xxxx",
            "IMPR.X-099",
            "IMPR.X-09999",
            "IMPR.x-0999",
            "IMPR.XX-0999",
            "impr.X-0999",
            "I.X-0999",
            "IMPR.X.0999",
            "IMPR X-0999",
            "1234.X-0999",
            "IMPR.X-0999 ",
            "ÅMPR.X-0999",
            "13897512345",
        ] {
            assert_eq!(StudySubjectId::parse(text), Err(StudySubjectIdError::Form), "{text}");
        }
    }

    #[test]
    fn a_cell_holds_several_statements() {
        let subject = |text| StudySubjectId::parse(text).map(StudyStatement::Subject);
        for (cell, expected) in [
            ("IMPR.X-0999", vec![subject("IMPR.X-0999")]),
            ("IMPR.X-0999, MRARE-X-0001", vec![subject("IMPR.X-0999"), subject("MRARE-X-0001")]),
            ("Ikke  IMPRESS", vec![Ok(StudyStatement::NotInTrial)]),
            ("IMPR.X-0999, IKKE IMPRESS lenger", vec![subject("IMPR.X-0999"), Ok(StudyStatement::NotInTrial)]),
            ("Ikke IMPRESS (samtykke trukket)", vec![Ok(StudyStatement::NotInTrial)]),
            ("IMPR.X-0999,,x", vec![subject("IMPR.X-0999"), Err(StudySubjectIdError::Form)]),
            ("IMPRESS", vec![Err(StudySubjectIdError::Form)]),
            ("", vec![]),
        ] {
            assert_eq!(parse_study_cell(cell), expected, "{cell}");
        }
    }

    #[test]
    fn an_id_is_not_shown_in_debug_output() {
        let statements = format!("{:?}", parse_study_cell("IMPR.X-0999"));
        assert!(!statements.contains("0999"), "{statements}");
    }
}
