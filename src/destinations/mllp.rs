//! A receiver of HL7 v2 over MLLP: one message on a connection of its own, and its acknowledgement.
//!
//! The bytes are those of the character set that the message names. Nothing of a message or an answer is logged.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::{Destination, End, Sending, Verdict};
use crate::domain::issue::IssueCode;
use crate::mllp::{Frames, framed};
use crate::outbound::stream::{TLS, connect, host};
use crate::outbound::{Policy, SendError};
use crate::sources::hl7v2_ref::rri::encode;

/// Longest acknowledgement, in bytes.
const ANSWER_BYTES: usize = 1 << 20;

/// What is kept of an acknowledgement with an attempt, in characters.
const DETAIL: usize = 1_000;

/// How the receiver is reached.
pub struct Options {
    /// `mllps://host:port`, or `mllp://` on this host.
    pub url: String,
    /// Time for one message, acknowledgement included.
    pub timeout: Duration,
    /// Issuers of the receiver's certificate, PEM; none: those of the system.
    pub ca: Option<Vec<u8>>,
    /// Client certificate and key, PEM.
    pub identity: Option<Vec<u8>>,
}

/// A receiver.
pub struct Mllp {
    url: Url,
    policy: Arc<Policy>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
}

impl Mllp {
    /// A client of the receiver, whose address the policy must allow.
    ///
    /// Errors: a text that names the key of the configuration.
    pub fn new(options: &Options, policy: &Arc<Policy>) -> Result<Self, &'static str> {
        let url = Url::parse(&options.url).map_err(|_| "url is no URL")?;
        let tls = match url.scheme() {
            TLS => {
                let name = host(&url).and_then(|host| ServerName::try_from(host.to_owned()).ok());
                let name = name.ok_or("url names no host")?;
                Some((TlsConnector::from(Arc::new(client(options)?)), name))
            }
            "mllp" => None,
            _ => return Err("url is neither mllps:// nor mllp://"),
        };
        Ok(Self { url, policy: Arc::clone(policy), tls, timeout: options.timeout })
    }

    /// The longest time of an attempt.
    pub fn longest(&self) -> Duration {
        self.timeout
    }

    async fn post(&self, sending: Sending<'_>) -> Verdict {
        match tokio::time::timeout(self.timeout, self.exchange(sending.body)).await {
            Ok(Ok(answer)) => judge(&answer, control_id(sending.body)),
            Ok(Err(error)) => unanswered(&error),
            Err(_) => unanswered(&SendError::Timeout),
        }
    }

    async fn exchange(&self, body: &str) -> Result<Vec<u8>, SendError> {
        let stream = connect(&self.policy, &self.url).await?;
        match &self.tls {
            None => asked(stream, body).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|_| SendError::Connect)?;
                asked(stream, body).await
            }
        }
    }
}

impl Destination for Mllp {
    fn send<'a>(&'a self, sending: Sending<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.post(sending))
    }
}

fn client(options: &Options) -> Result<ClientConfig, &'static str> {
    let unusable = "no TLS client can be made";
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable)?;
    let builder = match &options.ca {
        None => builder.with_platform_verifier().map_err(|_| unusable)?,
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| "ca_file is not PEM")?;
                roots.add(certificate).map_err(|_| "ca_file is not PEM with certificates")?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let Some(pem) = &options.identity else { return Ok(builder.with_no_client_auth()) };
    let wrong = "client_identity_file is not PEM with a certificate and its key";
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| wrong)?;
    builder.with_client_auth_cert(chain.map_err(|_| wrong)?, key).map_err(|_| wrong)
}

/// Sends a message and waits for one.
async fn asked(mut stream: impl AsyncRead + AsyncWrite + Unpin, body: &str) -> Result<Vec<u8>, SendError> {
    let cut = |_| SendError::Cut;
    stream.write_all(&framed(&encode(body))).await.map_err(cut)?;
    stream.flush().await.map_err(cut)?;
    let mut frames = Frames::new(ANSWER_BYTES);
    let mut piece = vec![0; 16 << 10];
    loop {
        match frames.take() {
            Ok(Some(message)) => return Ok(message),
            Ok(None) => {}
            Err(_) => return Err(SendError::Cut),
        }
        let count = stream.read(&mut piece).await.map_err(cut)?;
        if count == 0 {
            return Err(SendError::Cut);
        }
        frames.push(piece.get(..count).unwrap_or_default());
    }
}

/// What an acknowledgement says (HL7 table 0008), as the HTTP status that says the same. In the original mode it is AA, AE or
/// AR; in the enhanced mode, which the gateway asks for, CA, CE or CR. An error of the accept acknowledgement (CE) is one of
/// taking the message into keeping, which can heal; every other says that the message will not be taken as it is.
fn judge(answer: &[u8], sent: Option<&str>) -> Verdict {
    let text = String::from_utf8_lossy(answer);
    let separator = text.chars().nth(3).unwrap_or('|');
    let mut segments = text.split(['\r', '\n']);
    let fields: Vec<&str> = segments
        .find(|segment| segment.starts_with("MSA"))
        .map_or(Vec::new(), |segment| segment.split(separator).collect());
    let verdict = |end, status, code| {
        let told = text.split(['\r', '\n']).filter(|line| line.starts_with("MSA") || line.starts_with("ERR"));
        let detail: String = told.collect::<Vec<_>>().join("\n").chars().take(DETAIL).collect();
        Verdict { end, status: Some(status), code, detail }
    };
    let invalid = || verdict(End::Again(None), 502, IssueCode::DeliveryResponseInvalid);
    let (Some(code), Some(id)) = (fields.get(1), fields.get(2)) else { return invalid() };
    if Some(*id) != sent {
        return invalid();
    }
    match *code {
        "AA" | "CA" => Verdict { detail: String::new(), ..verdict(End::Delivered, 200, IssueCode::DeliveryDone) },
        "CE" => verdict(End::Again(None), 503, IssueCode::DeliveryFailed),
        "AE" => verdict(End::Dead, 422, IssueCode::DeliveryRefused),
        "AR" | "CR" => verdict(End::Dead, 400, IssueCode::DeliveryRefused),
        _ => invalid(),
    }
}

/// MSH-10 of a message that the gateway wrote, with the recommended delimiters.
fn control_id(sent: &str) -> Option<&str> {
    sent.split('\r').next()?.split('|').nth(9)
}

fn unanswered(error: &SendError) -> Verdict {
    let code = match error {
        SendError::Refused(_) => IssueCode::DeliveryAddressRefused,
        SendError::Timeout | SendError::Connect | SendError::Cut | SendError::TooLong { .. } => {
            IssueCode::DeliveryUnreachable
        }
    };
    Verdict { end: End::Again(None), status: None, code, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(answer: &str) -> (End, IssueCode) {
        let verdict = judge(answer.as_bytes(), Some("c1"));
        (verdict.end, verdict.code)
    }

    #[test]
    fn an_acknowledgement_says_whether_trying_again_can_help() {
        for (code, end, issue) in [
            ("AA", End::Delivered, IssueCode::DeliveryDone),
            ("CA", End::Delivered, IssueCode::DeliveryDone),
            ("CE", End::Again(None), IssueCode::DeliveryFailed),
            ("AE", End::Dead, IssueCode::DeliveryRefused),
            ("AR", End::Dead, IssueCode::DeliveryRefused),
            ("CR", End::Dead, IssueCode::DeliveryRefused),
            ("XX", End::Again(None), IssueCode::DeliveryResponseInvalid),
        ] {
            assert_eq!(judged(&format!("MSH|^~\\&|A\rMSA|{code}|c1\r")), (end, issue), "{code}");
        }
        assert_eq!(judged("MSH#^~\\&#A\r\nMSA#AA#c1\r\n").0, End::Delivered);
    }

    #[test]
    fn the_acknowledgement_of_another_message_says_nothing_of_this_one() {
        for answer in ["MSH|^~\\&|A\rMSA|AA|c2\r", "MSH|^~\\&|A\rMSA|AA\r", "MSH|^~\\&|A\r", "MSH", "", "\u{e6}"] {
            assert_eq!(judged(answer), (End::Again(None), IssueCode::DeliveryResponseInvalid), "{answer}");
        }
    }

    #[test]
    fn the_id_of_a_message_is_the_tenth_field() {
        assert_eq!(control_id("MSH|^~\\&|A|B|C|D|20260301||RRI^I12|c1|P\rMSA|x"), Some("c1"));
        assert_eq!(control_id(""), None);
    }
}
