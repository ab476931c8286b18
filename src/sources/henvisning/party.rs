//! Organisations and professionals of the referral.

use super::reader::{List, Reader};
use super::tree::Node;
use crate::domain::her_id::HerId;
use crate::domain::hpr_number::HprNumber;
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::domain::personal::Personal;
use crate::domain::referral::{Organisation, Practitioner, Telecom, identity};

/// Owner of keys where nothing says who sent the message.
const UNASSIGNED: &str = "unassigned";

/// An organisation, the service in it, and the professional in either.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    pub(super) organisation: Option<Organisation>,
    pub(super) service: Option<Organisation>,
    pub(super) person: Option<Practitioner>,
}

/// The parts of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) family: Option<String>,
    pub(super) given: Option<String>,
    pub(super) middle: Option<String>,
}

/// What the keys of the message are owned by: organisation number of the sender, otherwise HER-id, otherwise name.
pub(super) fn owner(organisation: &Organisation) -> String {
    let Organisation { organisation_number, her_id, name, .. } = organisation;
    let owner = organisation_number.as_ref().or(her_id.as_ref()).or(name.as_ref());
    owner.cloned().unwrap_or_else(|| UNASSIGNED.to_owned())
}

impl<'d> Reader<'d> {
    /// The end of the exchange under `Sender` or `Receiver` of MsgHead; `owner` is none for the sender, whose it is.
    pub(super) fn side(&self, end: Option<Node<'d>>, owner: Option<&str>) -> Side {
        let Some(outer) = end.and_then(|end| end.child("Organisation")) else { return Side::default() };
        let organisation = self.organisation(outer, owner);
        let owner = owner.map_or_else(|| self::owner(&organisation), str::to_owned);
        let inner = outer.child("Organisation");
        let service = inner.map(|inner| self.organisation(inner, Some(&owner)));
        let deepest = inner.unwrap_or(outer);
        let person = deepest.child("HealthcareProfessional").or_else(|| outer.child("HealthcareProfessional"));
        let person = person.map(|person| self.professional(person, &owner));
        Side { organisation: Some(organisation), service, person }
    }

    /// The same under `Requester` or `ServProvider` of version 1.x.
    pub(super) fn provider_side(&self, end: Option<Node<'d>>, owner: Option<&str>) -> Side {
        let Some(provider) = end.and_then(|end| end.child("HCP")) else { return Side::default() };
        let institution = provider.child("Inst");
        let organisation = institution.map(|institution| self.institution(institution, provider, owner));
        let owner = owner.map(str::to_owned).or_else(|| organisation.as_ref().map(self::owner));
        let owner = owner.unwrap_or_else(|| UNASSIGNED.to_owned());
        let department = institution.and_then(|institution| institution.child("Dept"));
        let service = department.map(|department| self.institution(department, department, Some(&owner)));
        let person = institution.and_then(|institution| institution.child("HCPerson"));
        let person = person.or_else(|| provider.child("HCProf"));
        let person = person.map(|person| self.provider_person(person, provider, &owner));
        Side { organisation, service, person }
    }

    fn organisation(&self, node: Node<'d>, owner: Option<&str>) -> Organisation {
        let read = || {
            let mut organisation = Organisation {
                name: node.child_value("OrganisationName").map(str::to_owned),
                ..Organisation::default()
            };
            for ident in node.all("Ident") {
                let kind = ident.child("TypeId").and_then(|kind| self.id_kind(kind));
                self.organisation_id(&mut organisation, ident, kind);
            }
            organisation.telecoms = self.telecoms(node);
            self.derive_number(&mut organisation, node, owner);
            organisation
        };
        self.identified(read, owner)
    }

    fn institution(&self, node: Node<'d>, addressed: Node<'d>, owner: Option<&str>) -> Organisation {
        let read = || {
            let mut organisation =
                Organisation { name: node.child_value("Name").map(str::to_owned), ..Organisation::default() };
            let kind = node.child("TypeId").and_then(|kind| self.id_kind(kind));
            self.organisation_id(&mut organisation, node, kind);
            for additional in node.all("AdditionalId") {
                let kind = additional.child("Type").and_then(|kind| self.id_kind(kind));
                self.organisation_id(&mut organisation, additional, kind);
            }
            organisation.telecoms = self.telecoms(addressed);
            self.derive_number(&mut organisation, node, owner);
            organisation
        };
        self.identified(read, owner)
    }

    /// The number of the sender, of whom there is no owner yet.
    fn derive_number(&self, organisation: &mut Organisation, node: Node<'d>, owner: Option<&str>) {
        if owner.is_none() && !organisation.derive_number(self.context.trusts) {
            let text = "a HER-id alone, which is that of no trust in the table";
            self.issue(IssueCode::SenderNumberMissing, node, text);
        }
    }

    fn identified(&self, read: impl FnOnce() -> Organisation, owner: Option<&str>) -> Organisation {
        let identity = |organisation: &Organisation| {
            let Organisation { organisation_number, her_id, name, .. } = organisation;
            let owner = owner.map_or_else(|| self::owner(organisation), str::to_owned);
            identity::organisation(&owner, organisation_number.as_deref(), her_id.as_deref(), name.as_deref())
        };
        let mut organisation = self.holding(read, identity);
        organisation.identity = identity(&organisation);
        organisation
    }

    /// The type of an id (Volven 9051, 8116); lists 9051 and 8116 both have HER, and official samples name either.
    pub(super) fn id_kind(&self, node: Node<'d>) -> Option<&'d str> {
        let (kind, system) = (node.attribute("V")?, node.attribute("S"));
        node.attribute("DN");
        let list = |suffix: &str| system.is_some_and(|system| system.ends_with(suffix));
        let is_organisation = matches!(kind, "ENH" | "RSH");
        let is_person = matches!(kind, "FNR" | "DNR" | "FHN" | "HNR" | "HPR" | "DUF");
        let fits = (list(".9051") && !is_person) || (list(".8116") && !is_organisation);
        if system.is_some() && !fits {
            let text = format!("{} is of another code list", crate::redact::code(kind));
            self.issue(IssueCode::HenvisningCodeSystemWrong, node, text);
        }
        Some(kind)
    }

    fn organisation_id(&self, organisation: &mut Organisation, node: Node<'d>, kind: Option<&str>) {
        let (Some(id), Some(value)) = (node.child("Id"), node.child_value("Id")) else { return };
        match kind {
            Some("ENH") if organisation.organisation_number.is_none() => match OrgNumber::parse(value) {
                Ok(number) => organisation.organisation_number = Some(number.as_str().to_owned()),
                Err(error) => self.refuse(error.code(), id, error.to_string()),
            },
            Some("HER") if organisation.her_id.is_none() => organisation.her_id = self.her_id(id, value),
            Some("RSH") if organisation.resh_id.is_none() => organisation.resh_id = Some(value.to_owned()),
            _ => id.assign(super::tree::Part::ENVELOPE),
        }
    }

    fn her_id(&self, node: Node<'d>, value: &str) -> Option<String> {
        HerId::parse(value)
            .map(|id| id.to_string())
            .map_err(|error| self.refuse(error.code(), node, error.to_string()))
            .ok()
    }

    /// `HealthcareProfessional` of MsgHead and of the common components.
    pub(super) fn professional(&self, node: Node<'d>, owner: &str) -> Practitioner {
        let read = || {
            let value = |name| node.child_value(name).map(str::to_owned);
            let given = [value("GivenName"), value("MiddleName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let mut person = Practitioner {
                family_name: value("FamilyName").map(Personal::new),
                given_name: Some(given).filter(|given| !given.is_empty()).map(Personal::new),
                profession: self.child_code(node, "TypeHealthcareProfessional", List::Volven("9060")).code,
                telecoms: self.telecoms(node),
                ..Practitioner::default()
            };
            for ident in node.all("Ident") {
                let kind = ident.child("TypeId").and_then(|kind| self.id_kind(kind));
                self.professional_id(&mut person, ident, kind);
            }
            person
        };
        self.identified_person(read, owner)
    }

    /// `HCPerson` and `HCProf` of version 1.x.
    pub(super) fn provider_person(&self, node: Node<'d>, addressed: Node<'d>, owner: &str) -> Practitioner {
        let read = || {
            let name = node.child("Name").map(|name| self.name(name)).unwrap_or_default();
            let given = [name.given, name.middle].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let mut person = Practitioner {
                family_name: name.family.map(Personal::new),
                given_name: Some(given).filter(|given| !given.is_empty()).map(Personal::new),
                profession: self.child_code(node, "Type", List::Volven("9060")).code,
                telecoms: self.telecoms(addressed),
                ..Practitioner::default()
            };
            let kind = node.child("TypeId").and_then(|kind| self.id_kind(kind));
            self.professional_id(&mut person, node, kind);
            for additional in node.all("AdditionalId") {
                let kind = additional.child("Type").and_then(|kind| self.id_kind(kind));
                self.professional_id(&mut person, additional, kind);
            }
            person
        };
        self.identified_person(read, owner)
    }

    fn identified_person(&self, read: impl FnOnce() -> Practitioner, owner: &str) -> Practitioner {
        let identity = |person: &Practitioner| {
            let names = [&person.family_name, &person.given_name].map(|name| name.as_ref().map(Personal::expose));
            let names: Vec<&str> = names.into_iter().flatten().collect();
            identity::practitioner(owner, person.hpr_number.as_deref(), person.her_id.as_deref(), &names.join(", "))
        };
        let mut person = self.holding(read, identity);
        person.identity = identity(&person);
        person
    }

    fn professional_id(&self, person: &mut Practitioner, node: Node<'d>, kind: Option<&str>) {
        let (Some(id), Some(value)) = (node.child("Id"), node.child_value("Id")) else { return };
        match kind {
            Some("HPR") if person.hpr_number.is_none() => match HprNumber::parse(value) {
                Ok(number) => person.hpr_number = Some(number.expose().to_owned()),
                Err(error) => self.refuse(error.code(), id, error.to_string()),
            },
            Some("HER") if person.her_id.is_none() => person.her_id = self.her_id(id, value),
            // The national number of a professional is nobody's business here.
            _ => id.assign(super::tree::Part::ENVELOPE),
        }
    }

    /// `TeleCom` elements, and those of version 1.x in `Address`. The scheme of the URL says what it is (RFC 3966, 6068).
    pub(super) fn telecoms(&self, node: Node<'d>) -> Vec<Telecom> {
        let modern = node.all("TeleCom").filter_map(|telecom| {
            telecom.child("TypeTelecom").map(|kind| (kind.attribute("V"), kind.attribute("DN")));
            telecom.child("TeleAddress")
        });
        let old = node.all("Address").flat_map(|address| address.all("TeleAddress"));
        modern.chain(old).filter_map(|address| telecom(address.value()?)).collect()
    }

    /// A name in one text: `Family, Given` as version 1.x prescribes, or the last word is the family name.
    pub(super) fn name(&self, node: Node<'d>) -> Name {
        let Some(text) = node.value() else { return Name::default() };
        let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some((family, given)) = text.split_once(',') {
            return Name { family: part(family), given: part(given), middle: None };
        }
        match text.rsplit_once(char::is_whitespace) {
            Some((given, family)) => {
                self.issue(IssueCode::HenvisningNameSplit, node, "a name without a comma");
                Name { family: part(family), given: part(given), middle: None }
            }
            None => Name { family: part(text), ..Name::default() },
        }
    }
}

fn telecom(address: &str) -> Option<Telecom> {
    let (scheme, value) = address.split_once(':').unwrap_or(("tel", address));
    let system = match scheme.to_ascii_lowercase().as_str() {
        "mailto" => "email",
        "fax" => "fax",
        "tel" | "callto" => "phone",
        "http" | "https" => return Some(Telecom { system: "url".to_owned(), value: Personal::new(address) }),
        _ => return Some(Telecom { system: "other".to_owned(), value: Personal::new(address) }),
    };
    let value = Some(value.trim()).filter(|value| !value.is_empty())?;
    Some(Telecom { system: system.to_owned(), value: Personal::new(value) })
}
