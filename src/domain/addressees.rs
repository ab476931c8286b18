//! Who messages to this installation are addressed to.

/// Organisation numbers, HER-ids and names of facilities that are ours; none: whatever a message says, it is for us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addressees(Vec<String>);

/// Nobody is asked for: every message is for us.
pub static ANYBODY: Addressees = Addressees(Vec::new());

impl Addressees {
    /// These are ours.
    pub fn new(ids: &[String]) -> Self {
        Self(ids.iter().map(|id| id.trim().to_lowercase()).filter(|id| !id.is_empty()).collect())
    }

    /// Whether a message to these ids is for us. One that names nobody is, and so is one that names us beside a service of
    /// ours that is not listed.
    pub fn are_ours<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> bool {
        let ids: Vec<String> = ids.into_iter().map(|id| id.trim().to_lowercase()).filter(|id| !id.is_empty()).collect();
        self.0.is_empty() || ids.is_empty() || ids.iter().any(|id| self.0.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_to_somebody_else_is_told_apart() {
        let ours = Addressees::new(&["993467049".to_owned(), " 90012".to_owned(), "IMPRESS".to_owned()]);
        for (ids, expected) in [
            (&["993467049"][..], true),
            (&["90011", "90012"], true),
            (&["impress "], true),
            (&[], true),
            (&["", " "], true),
            (&["90011"], false),
            (&["983974732", "FJORD"], false),
        ] {
            assert_eq!(ours.are_ours(ids.iter().copied()), expected, "{ids:?}");
            assert!(ANYBODY.are_ours(ids.iter().copied()));
        }
    }
}
