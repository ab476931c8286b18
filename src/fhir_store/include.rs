//! What is shown with the results: `_include` and `_revinclude`.

use super::condition::targets;
use super::query::Invalid;
use crate::fhir::search::{self, Kind, Parameter};

/// A reference that is followed: of `source`, by `parameter`, to resources of `targets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Include {
    /// Type that refers.
    pub(super) source: &'static str,
    /// Name of the parameter.
    pub(super) parameter: &'static str,
    /// The one type that is followed; every one of the parameter where none is named.
    target: Option<&'static str>,
    reference: &'static Parameter,
}

impl Include {
    /// `Source:parameter[:Target]`; with `_include` the source is what is searched.
    pub(super) fn forward(text: &str, kind: &str) -> Result<Self, Invalid> {
        let include = Self::read(text, "_include")?;
        if include.source != kind {
            return Err(Invalid::Form("_include begins with the type that is searched".to_owned()));
        }
        Ok(include)
    }

    /// The same with `_revinclude`: the target is what is searched.
    pub(super) fn reverse(text: &str, kind: &str) -> Result<Self, Invalid> {
        let include = Self::read(text, "_revinclude")?;
        if !include.targets().contains(&kind) {
            return Err(Invalid::Form("_revinclude names a reference that never leads to what is searched".to_owned()));
        }
        Ok(include)
    }

    fn read(text: &str, name: &str) -> Result<Self, Invalid> {
        let unknown = || Invalid::Form(format!("{name} names no reference that can be searched by"));
        let mut parts = text.split(':');
        let (source, parameter, target) = (parts.next(), parts.next(), parts.next());
        let source = search::types().iter().copied().find(|kind| Some(*kind) == source).ok_or_else(unknown)?;
        let is_it = |known: &&Parameter| known.kind == Kind::Reference && Some(known.name) == parameter;
        let parameter = search::parameters(source).iter().find(is_it).ok_or_else(unknown)?;
        let known = |target: &str| targets(parameter).into_iter().find(|kind| *kind == target);
        let target = match target {
            None => None,
            Some(target) => Some(known(target).ok_or_else(unknown)?),
        };
        if parts.next().is_some() {
            return Err(unknown());
        }
        Ok(Self { source, parameter: parameter.name, target, reference: parameter })
    }

    /// Types that are followed.
    pub(super) fn targets(&self) -> Vec<&'static str> {
        self.target.map_or_else(|| targets(self.reference), |target| vec![target])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_follows_a_reference_that_is_searched_by() {
        let include = Include::forward("ResearchSubject:study", "ResearchSubject").unwrap();
        assert_eq!(
            (include.source, include.parameter, include.targets()),
            ("ResearchSubject", "study", vec!["ResearchStudy"])
        );
        let include = Include::forward("Task:focus:ServiceRequest", "Task").unwrap();
        assert_eq!(include.targets(), ["ServiceRequest"]);
        // A reference to anything is followed to every type that is served.
        assert_eq!(Include::forward("Task:focus", "Task").unwrap().targets(), search::types());
        for wrong in
            ["", "*", "Task:*", "Task", "Task:x", "Task:status", "Task:focus:Foo", "Task:focus:Task:x", "Foo:focus"]
        {
            assert!(Include::forward(wrong, "Task").is_err(), "{wrong}");
        }
        assert!(Include::forward("ResearchSubject:study", "Task").is_err());
        let include = Include::reverse("ResearchSubject:study", "ResearchStudy").unwrap();
        assert_eq!((include.source, include.parameter), ("ResearchSubject", "study"));
        assert!(Include::reverse("ResearchSubject:study", "Task").is_err());
        assert!(Include::reverse("Provenance:target", "Task").is_ok());
        assert!(Include::reverse("Provenance:target:Patient", "Task").is_err());
    }
}
