//! What trusts without FHIR are told of their referrals: Status på henvisning at an endpoint, RRI^I12 over MLLP.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::catalogue::{Format, TRUSTS};

/// Longest message.
const MESSAGE: usize = 1 << 20;

/// What a trust was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Messages.
    pub messages: u32,
    /// Referrals that they are about.
    referrals: BTreeSet<String>,
}

impl Told {
    /// How many referrals the messages are about.
    pub fn referrals(&self) -> u32 {
        u32::try_from(self.referrals.len()).unwrap_or(u32::MAX)
    }

    fn hear(&mut self, referral: &str) {
        self.messages += 1;
        self.referrals.insert(referral.to_lowercase());
    }
}

/// What the trusts were told, by their place in [`TRUSTS`].
#[derive(Debug, Default)]
pub struct Statuses(Mutex<[Told; TRUSTS.len()]>);

impl Statuses {
    /// What each trust was told.
    pub fn told(&self) -> [Told; TRUSTS.len()] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, format: Format, referral: &str) -> Option<()> {
        let place = TRUSTS.iter().position(|trust| trust.format == format)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place)?.hear(referral);
        Some(())
    }

    /// Takes a Status på henvisning; its receipt (AppRec 1.1), none where it is none.
    pub fn xml(&self, message: &str) -> Option<String> {
        let element = |name: &str| {
            let (_, rest) = message.split_once(&format!("<{name}>"))?;
            rest.split_once("</").map(|(text, _)| text)
        };
        let id = element("MsgId")?;
        self.hear(Format::Xml, element("RefToConversation")?)?;
        Some(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AppRec xmlns=\"http://www.kith.no/xmlstds/apprec/2012-02-15\">\
             <MsgType V=\"APPREC\"/><MIGversion>v1.1 2012-02-15</MIGversion><Id>{id}</Id><Status V=\"1\" DN=\"OK\"/>\
             <OriginalMsgId><MsgType V=\"DIALOG_STATUS_HENVISNING\"/><Id>{id}</Id></OriginalMsgId></AppRec>"
        ))
    }

    /// Takes an RRI^I12; its acknowledgement, none where it is none.
    pub fn hl7v2(&self, message: &str) -> Option<String> {
        let field = |segment: &str, number: usize| {
            let line = message.split('\r').find(|line| line.starts_with(segment))?;
            line.split('|').nth(number)
        };
        // The separator of fields is MSH-1.
        let (kind, id) = (field("MSH|", 8)?, field("MSH|", 9)?);
        if !kind.starts_with("RRI^I12") {
            return None;
        }
        self.hear(Format::Hl7v2, field("RF1|", 6)?.split('^').next()?)?;
        Some(format!("MSH|^~\\&|EHR||GATEWAY||||ACK^I12^ACK|A{id}|P|2.5.1||||||UNICODE UTF-8\rMSA|CA|{id}\r"))
    }

    /// Listens for HL7 v2 until it is dropped.
    ///
    /// Errors: the listener cannot be used.
    pub async fn listen(self: Arc<Self>, listener: std::net::TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let statuses = Arc::clone(&self);
            tokio::spawn(async move {
                // A connection that ends is opened again by who needs it.
                let _ = statuses.answer(stream).await;
            });
        }
    }

    async fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut held = Vec::new();
        loop {
            let mut bytes = [0; 4_096];
            let count = stream.read(&mut bytes).await?;
            if count == 0 || held.len() > MESSAGE {
                return Ok(());
            }
            held.extend_from_slice(bytes.get(..count).unwrap_or_default());
            if !held.ends_with(&[0x1c, b'\r']) {
                continue;
            }
            let text = String::from_utf8_lossy(&held).into_owned();
            held.clear();
            let Some(answer) = self.hl7v2(text.trim_start_matches('\u{b}')) else { return Ok(()) };
            stream.write_all(format!("\u{b}{answer}\u{1c}\r").as_bytes()).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_counted_for_its_referral_and_receipted() {
        let statuses = Statuses::default();
        let xml = "<MsgHead><MsgInfo><MsgId>m1</MsgId><ConversationRef><RefToConversation>C1</RefToConversation>";
        let receipt = statuses.xml(xml).unwrap();
        assert!(receipt.contains("<OriginalMsgId>") && receipt.contains("<Id>m1</Id></OriginalMsgId>"), "{receipt}");
        let rri = "MSH|^~\\&|A|B|C|D|20260301||RRI^I12^RRI_I12|17|P|2.5.1\rMSA|AA|x\rRF1|A|||||DOC1^EHR\r";
        let acknowledgement = statuses.hl7v2(rri).unwrap();
        assert!(acknowledgement.ends_with("MSA|CA|17\r"), "{acknowledgement}");
        statuses.hl7v2(&rri.replace("|17|", "|18|")).unwrap();
        let told = statuses.told();
        assert_eq!(told.each_ref().map(|one| (one.messages, one.referrals())), [(0, 0), (1, 1), (2, 1)]);
        assert_eq!((statuses.xml("<MsgHead/>"), statuses.hl7v2("MSH|^~\\&|\r")), (None, None));
    }
}
