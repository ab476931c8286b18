//! Health trusts: each sends its referrals, one after another, in its own format and over its own channel.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::catalogue::{Format, TRUSTS, Trust};
use super::client::{Client, Trouble};
use super::persons::{Person, persons};
use super::plan::Plan;
use super::referrals::{Referral, referral};

/// Frame of a message of MLLP.
const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, b'\r'];

/// Longest acknowledgement.
const ACKNOWLEDGEMENT: usize = 1 << 20;

/// A trust and what it sends with.
pub struct Sender {
    /// Place in [`TRUSTS`].
    pub trust: usize,
    /// Its client.
    pub client: Arc<Client>,
    /// Where HL7 v2 is taken.
    pub mllp: String,
}

/// Every referral, with the number of its patient.
pub fn referrals(seed: u64, plan: &Plan) -> Vec<(usize, Referral)> {
    let persons = persons(seed, plan.patients.len());
    let one =
        |(number, (patient, person)): (usize, (_, &Person))| Some((number, referral(seed, number, patient, person)?));
    plan.patients.iter().zip(&persons).enumerate().filter_map(one).collect()
}

impl Sender {
    fn row(&self) -> Option<&'static Trust> {
        TRUSTS.get(self.trust)
    }

    /// Sends each; `sent` counts them.
    ///
    /// # Errors
    /// One was not taken.
    pub async fn send(&self, referrals: &[Referral], sent: &watch::Sender<[u32; TRUSTS.len()]>) -> Result<(), Trouble> {
        let Some(row) = self.row() else { return Ok(()) };
        let mut connection = None;
        for referral in referrals {
            match row.format {
                Format::Hl7v2 => self.over_mllp(&mut connection, &referral.bytes).await?,
                Format::Xml => self.over_http("/intake/referrals", referral).await?,
                Format::Fhir => self.over_http("/fhir", referral).await?,
            }
            sent.send_modify(|sent| {
                if let Some(count) = sent.get_mut(self.trust) {
                    *count += 1;
                }
            });
        }
        Ok(())
    }

    async fn over_http(&self, path: &str, referral: &Referral) -> Result<(), Trouble> {
        self.client.call("POST", path, (referral.content_type, &referral.bytes)).await.map(|_| ())
    }

    async fn over_mllp(&self, connection: &mut Option<TcpStream>, message: &[u8]) -> Result<(), Trouble> {
        let cut = |error: std::io::Error| Trouble::Unreachable("MLLP".to_owned(), error.kind().to_string());
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.mllp).await.map_err(cut)?,
        };
        let framed = [&[START], message, &END].concat();
        stream.write_all(&framed).await.map_err(cut)?;
        let mut answer = Vec::new();
        while !answer.ends_with(&END) {
            let mut bytes = [0; 4_096];
            let count = stream.read(&mut bytes).await.map_err(cut)?;
            if count == 0 || answer.len() > ACKNOWLEDGEMENT {
                return Err(Trouble::Other("MLLP: the connection ended before the acknowledgement".to_owned()));
            }
            answer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        }
        match code(&String::from_utf8_lossy(&answer)) {
            Some("AA" | "CA") => {
                *connection = Some(stream);
                Ok(())
            }
            other => Err(Trouble::Refused {
                what: "MLLP".to_owned(),
                status: 0,
                code: other.unwrap_or("no acknowledgement").to_owned(),
            }),
        }
    }
}

/// MSA-1 of an acknowledgement.
fn code(acknowledgement: &str) -> Option<&str> {
    acknowledgement.split('\r').find_map(|segment| segment.strip_prefix("MSA|"))?.split('|').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::funnel::Scale;

    #[test]
    fn every_patient_has_a_referral_of_the_own_trust() {
        let plan = Plan::draw(1, Scale::parse("0.05").unwrap()).unwrap();
        let referrals = referrals(1, &plan);
        assert_eq!(referrals.len(), plan.patients.len());
        for (number, referral) in referrals {
            let trust = TRUSTS[plan.patients[number].trust];
            let text = String::from_utf8(referral.bytes).unwrap();
            let begins = match trust.format {
                Format::Xml => "<?xml",
                Format::Hl7v2 => "MSH|",
                Format::Fhir => "{",
            };
            assert!(text.starts_with(begins) && text.contains(trust.number), "{text}");
        }
    }

    #[test]
    fn an_acknowledgement_says_whether_the_message_is_on_the_disk() {
        assert_eq!(code("\u{b}MSH|^~\\&|A\rMSA|AA|1\r\u{1c}\r"), Some("AA"));
        assert_eq!(code("\u{b}MSH|^~\\&|A\rMSA|AE|1|text\r"), Some("AE"));
        assert_eq!(code("MSH|"), None);
    }
}
