//! Who gets what, and why not: the rules of `mappings/routing.toml`, applied to what is known of a message. Pure.

use serde::{Deserialize, Serialize};

use crate::domain::ids::Face;
use crate::linking::consent::ConsentState;

/// Kind of a message that can be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A referral.
    Referral,
    /// A genomic report.
    Report,
}

/// Which findings of a report are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Findings {
    /// Those that are somatic or that the laboratory selected for its report, and no germline ones.
    #[default]
    SelectedOrSomatic,
    /// All.
    All,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// Version, as the file names it.
    pub version: String,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    kind: Kind,
    destination: String,
    face: FaceName,
    consent: Option<Vec<ConsentState>>,
    trusts: Option<Vec<String>>,
    #[serde(default)]
    findings: Findings,
    resources: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FaceName {
    Identified,
    Pseudonymous,
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    /// Kind.
    pub kind: Kind,
    /// The patient's consent.
    pub consent: ConsentState,
    /// Health trust that refers, where it is known.
    pub trust: Option<&'f str>,
}

/// Yes or no for one destination, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Destination.
    pub destination: String,
    /// Whether it gets the message.
    pub sent: bool,
    /// Name of the rule that decided.
    pub rule: String,
    /// Why, for a person.
    pub why: String,
    /// Whether only the missing word of the patient stands against it.
    #[serde(skip)]
    pub awaits_consent: bool,
    /// Face; of the rule that decided.
    #[serde(skip)]
    pub face: Face,
    /// Which findings.
    #[serde(skip)]
    pub findings: Findings,
    /// The only types of resources; all where there are none.
    #[serde(skip)]
    pub resources: Option<Vec<String>>,
}

impl FaceName {
    fn face(self) -> Face {
        match self {
            Self::Identified => Face::Identified,
            Self::Pseudonymous => Face::Pseudonymous,
        }
    }
}

impl Routing {
    /// Reads the rules.
    ///
    /// # Errors
    /// Text that is not TOML of the documented shape; a name twice. The text names the place.
    pub fn parse(toml_text: &str) -> Result<Self, String> {
        let routing: Self = toml::from_str(toml_text).map_err(|error| error.message().to_owned())?;
        let mut names: Vec<&str> = routing.rules.iter().map(|rule| rule.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => Err(format!("rule {} stands twice", pair.first().copied().unwrap_or_default())),
            None => Ok(routing),
        }
    }

    /// Names of the destinations that rules name.
    pub fn destinations(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.destination.as_str())
    }

    /// Faces in which a destination gets messages.
    pub fn faces<'r>(&'r self, destination: &'r str) -> impl Iterator<Item = Face> + 'r {
        self.rules.iter().filter(move |rule| rule.destination == destination).map(|rule| rule.face.face())
    }

    /// What each of `destinations` gets, in their order.
    pub fn decide(&self, facts: Facts<'_>, destinations: &[String]) -> Vec<Route> {
        destinations.iter().map(|destination| self.route(facts, destination)).collect()
    }

    fn route(&self, facts: Facts<'_>, destination: &str) -> Route {
        let mut refused: Option<(&Rule, String)> = None;
        for rule in self.rules.iter().filter(|rule| rule.kind == facts.kind && rule.destination == destination) {
            match rule.refusal(facts) {
                None => return rule.route(true, facts, format!("rule {} holds", rule.name)),
                Some(why) => refused = refused.or(Some((rule, why))),
            }
        }
        match refused {
            Some((rule, why)) => rule.route(false, facts, why),
            None => Route {
                destination: destination.to_owned(),
                sent: false,
                rule: "none".to_owned(),
                why: "no rule sends messages of this kind there".to_owned(),
                awaits_consent: false,
                face: Face::Pseudonymous,
                findings: Findings::SelectedOrSomatic,
                resources: None,
            },
        }
    }
}

impl Rule {
    /// The first condition that does not hold.
    fn refusal(&self, facts: Facts<'_>) -> Option<String> {
        if let Some(consent) = &self.consent
            && !consent.contains(&facts.consent)
        {
            let wanted: Vec<&str> = consent.iter().map(|state| state.as_str()).collect();
            return Some(format!("the consent is {}, the rule wants {}", facts.consent.as_str(), wanted.join(" or ")));
        }
        if let Some(trusts) = &self.trusts
            && !facts.trust.is_some_and(|trust| trusts.iter().any(|wanted| wanted == trust))
        {
            return Some("the rule is for other health trusts".to_owned());
        }
        None
    }

    fn route(&self, sent: bool, facts: Facts<'_>, why: String) -> Route {
        let awaits_consent = !sent
            && facts.consent == ConsentState::Unknown
            && self.consent.as_ref().is_some_and(|wanted| wanted.contains(&ConsentState::Given))
            && self.refusal(Facts { consent: ConsentState::Given, ..facts }).is_none();
        Route {
            destination: self.destination.clone(),
            sent,
            rule: self.name.clone(),
            why,
            awaits_consent,
            face: self.face.face(),
            findings: self.findings,
            resources: self.resources.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../mappings/routing.toml");

    fn facts(kind: Kind, consent: ConsentState) -> Facts<'static> {
        Facts { kind, consent, trust: Some("oslo") }
    }

    #[test]
    fn the_trial_gets_who_consents_and_no_one_else() {
        let routing = Routing::parse(RULES).unwrap();
        let trial = ["trial-system".to_owned()];
        for kind in [Kind::Referral, Kind::Report] {
            for consent in [ConsentState::Unknown, ConsentState::Refused, ConsentState::Withdrawn] {
                let route = routing.decide(facts(kind, consent), &trial).remove(0);
                assert!(!route.sent, "{route:?}");
                assert!(route.why.contains(consent.as_str()), "{route:?}");
                assert_eq!(route.awaits_consent, consent == ConsentState::Unknown, "{route:?}");
            }
            let route = routing.decide(facts(kind, ConsentState::Given), &trial).remove(0);
            assert!(
                route.sent && route.face == Face::Pseudonymous && route.findings == Findings::SelectedOrSomatic,
                "{route:?}"
            );
        }
    }

    #[test]
    fn a_destination_without_a_rule_gets_nothing_and_is_told_why() {
        let routing = Routing::parse(RULES).unwrap();
        let route = routing.decide(facts(Kind::Report, ConsentState::Given), &["registry".to_owned()]).remove(0);
        assert_eq!((route.sent, route.rule.as_str()), (false, "none"));
    }

    #[test]
    fn rules_that_are_not_understood_are_refused() {
        assert!(Routing::parse("version = \"1\"\n[[rule]]\nname = \"a\"\n").unwrap_err().contains("kind"));
        let rule = "[[rule]]\nname = \"a\"\nkind = \"report\"\ndestination = \"d\"\nface = \"identified\"\n";
        assert!(Routing::parse(&format!("version = \"1\"\n{rule}{rule}")).unwrap_err().contains("twice"));
        assert!(Routing::parse(&format!("version = \"1\"\n{rule}when = 1\n")).unwrap_err().contains("when"));
        let routing = Routing::parse(&format!("version = \"1\"\n{rule}trusts = [\"bergen\"]\n")).unwrap();
        let route = routing.decide(facts(Kind::Report, ConsentState::Given), &["d".to_owned()]).remove(0);
        assert_eq!((route.sent, route.why.as_str()), (false, "the rule is for other health trusts"));
    }
}
