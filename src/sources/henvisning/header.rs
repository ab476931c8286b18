//! The envelope: which format a message is of, who sent it to whom, and what its receipt must repeat.

use super::tree::Node;

/// Namespace of MsgHead 1.2 (HIS 80601:2006).
const MSG_HEAD: &str = "http://www.kith.no/xmlstds/msghead/2006-05-24";
/// Namespace of Henvisning 2.0 (HIS 80517:2017).
const HENVISNING_2_0: &str = "http://ehelse.no/xmlstds/henvisning/2017-11-30";
/// Namespace of Henvisning 1.1 (HIS 80517:2014).
const HENVISNING_1_1: &str = "http://www.kith.no/xmlstds/henvisning/2012-02-15";
/// Namespace of Henvisning 1.0 (HIS 80517:2005).
const HENVISNING_1_0: &str = "http://www.kith.no/xmlstds/henvisning/2005-07-08";

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Henvisning 2.0 in MsgHead 1.2.
    Version2_0,
    /// Henvisning 1.1.
    Version1_1,
    /// Henvisning 1.0.
    Version1_0,
}

impl Format {
    /// Version of Henvisning.
    pub fn version(self) -> &'static str {
        match self {
            Self::Version2_0 => "2.0",
            Self::Version1_1 => "1.1",
            Self::Version1_0 => "1.0",
        }
    }
}

/// What a receipt repeats of the message that it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The format; none where it is not one that is read.
    pub format: Option<Format>,
    /// Id of the message, as sent.
    pub message_id: String,
    /// Code of the kind of message (Volven 8279), as sent.
    pub kind: Option<String>,
    /// Text of that code, as sent.
    pub kind_text: Option<String>,
    /// When the message was made, as sent.
    pub generated: Option<String>,
    /// Who sent it.
    pub sender: Party,
    /// Who shall receive it.
    pub receiver: Party,
}

/// An end of the exchange, as sent. It is for the receipt: what the referral says about organisations is checked, this is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// Institution, department and so on, outermost first.
    pub units: Vec<Unit>,
    /// Professionals in the institution; or alone where there is no institution.
    pub persons: Vec<Unit>,
}

/// An organisation, a part of one, or a professional.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// Name.
    pub name: Option<String>,
    /// Ids: the id, the code of its type (Volven 9051, 8116) and the text of that code.
    pub ids: Vec<(String, Option<String>, Option<String>)>,
}

/// The name can be that of a professional.
impl std::fmt::Debug for Unit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Unit(**REDACTED**, {} ids)", self.ids.len())
    }
}

impl Party {
    /// Every id, of the organisation, its services and its professionals.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.units.iter().chain(&self.persons).flat_map(|unit| &unit.ids);
        ids.map(|(id, _, _)| id.as_str())
    }

    /// HER-ids, outermost first, as sent: of the organisation and of its services.
    pub fn her_ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.units.iter().flat_map(|unit| &unit.ids);
        ids.filter(|(_, kind, _)| kind.as_deref() == Some("HER")).map(|(id, _, _)| id.as_str())
    }
}

/// The parts of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'d> {
    pub(super) format: Format,
    /// `MsgInfo`, or `Message`.
    pub(super) info: Node<'d>,
    /// `Henvisning`, or `ServReq`.
    pub(super) body: Node<'d>,
}

/// Why a message has no parts that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoParts<'a> {
    /// It is something else.
    Unsupported,
    /// An element is missing.
    Missing(&'a str),
}

/// Whether a root element is one of a message that a referral can be in, whatever its version.
pub(super) fn is_message(root: Node<'_>) -> bool {
    matches!((root.namespace(), root.name()), (MSG_HEAD, "MsgHead"))
        || (root.name() == "Message" && root.namespace().contains("/henvisning/"))
}

/// Finds the parts.
pub(super) fn parts(root: Node<'_>) -> Result<Parts<'_>, NoParts<'static>> {
    match (root.namespace(), root.name()) {
        (MSG_HEAD, "MsgHead") => {
            let info = root.child("MsgInfo").ok_or(NoParts::Missing("MsgInfo"))?;
            let contents = root.all("Document").filter_map(|document| document.at(&["RefDoc", "Content"]));
            let bodies: Vec<Node<'_>> = contents.flat_map(Node::children).collect();
            let is_body = |node: &&Node<'_>| node.namespace() == HENVISNING_2_0 && node.name() == "Henvisning";
            match bodies.iter().find(is_body) {
                Some(body) => Ok(Parts { format: Format::Version2_0, info, body: *body }),
                None if bodies.is_empty() => Err(NoParts::Missing("Document/RefDoc/Content/Henvisning")),
                None => Err(NoParts::Unsupported),
            }
        }
        (HENVISNING_1_1 | HENVISNING_1_0, "Message") => {
            let is_1_0 = root.namespace() == HENVISNING_1_0;
            let format = if is_1_0 { Format::Version1_0 } else { Format::Version1_1 };
            let body = root.child("ServReq").ok_or(NoParts::Missing("ServReq"))?;
            Ok(Parts { format, info: root, body })
        }
        _ => Err(NoParts::Unsupported),
    }
}

/// What the receipt needs, as far as it is there.
pub(super) fn header(root: Node<'_>, format: Option<Format>) -> Header {
    let is_msg_head = root.name() == "MsgHead";
    let info = if is_msg_head { root.child("MsgInfo") } else { Some(root) };
    let Some(info) = info else { return Header { format, ..Header::default() } };
    let text = |text: &str| text.to_owned();
    let kind = info.child("Type");
    let body = info.child("ServReq");
    let (sender, receiver) = match is_msg_head {
        true => (organisation(info, "Sender"), organisation(info, "Receiver")),
        false => (care_provider(body, "Requester"), care_provider(body, "ServProvider")),
    };
    Header {
        format,
        message_id: info.child_value("MsgId").map(text).unwrap_or_default(),
        kind: kind.and_then(|kind| kind.attribute("V")).map(text),
        kind_text: kind.and_then(|kind| kind.attribute("DN")).map(text),
        generated: info.child_value("GenDate").map(text),
        sender,
        receiver,
    }
}

/// `Organisation` of MsgHead, each level inside the one before (HIS 80415, section 3.5).
fn organisation(info: Node<'_>, role: &'static str) -> Party {
    let mut party = Party::default();
    let mut next = info.at(&[role, "Organisation"]);
    while let Some(organisation) = next {
        party.units.push(unit(organisation, "OrganisationName"));
        party.persons.extend(organisation.all("HealthcareProfessional").map(|person| unit(person, "")));
        next = organisation.child("Organisation");
    }
    party
}

fn unit(node: Node<'_>, name: &'static str) -> Unit {
    let name = match name {
        "" => {
            let parts = ["GivenName", "MiddleName", "FamilyName"].map(|part| node.child_value(part));
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            Some(parts.join(" ")).filter(|name| !name.is_empty())
        }
        name => node.child_value(name).map(str::to_owned),
    };
    let ids = node.all("Ident").filter_map(|ident| id(ident, "TypeId")).collect();
    Unit { name, ids }
}

/// `HCP` of version 1.x.
fn care_provider(body: Option<Node<'_>>, role: &'static str) -> Party {
    let Some(provider) = body.and_then(|body| body.at(&[role, "HCP"])) else { return Party::default() };
    let mut party = Party::default();
    for institution in provider.all("Inst") {
        party.units.push(provider_unit(institution));
        party.units.extend(institution.all("Dept").map(provider_unit));
        party.persons.extend(institution.all("HCPerson").map(provider_unit));
    }
    party.persons.extend(provider.all("HCProf").map(provider_unit));
    party
}

fn provider_unit(node: Node<'_>) -> Unit {
    let ids = id(node, "TypeId").into_iter();
    let ids = ids.chain(node.all("AdditionalId").filter_map(|additional| id(additional, "Type"))).collect();
    Unit { name: node.child_value("Name").map(str::to_owned), ids }
}

fn id(node: Node<'_>, kind: &'static str) -> Option<(String, Option<String>, Option<String>)> {
    let id = node.child_value("Id")?.to_owned();
    let kind = node.child(kind);
    let attribute = |name| kind.and_then(|kind| kind.attribute(name)).map(str::to_owned);
    Some((id, attribute("V"), attribute("DN")))
}
