//! One connection: messages in, answers out, in order.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{SemaphorePermit, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::frame::{FrameError, Frames, framed};
use super::{Shared, reply};
use crate::authz::{Permit, SendReferral};
use crate::domain::issue::IssueCode;
use crate::pipeline::intake::Arrival;
use crate::telemetry::note;

/// Media type of a message.
pub(super) const HL7: &str = "x-application/hl7-v2+er7";

/// A message of more bytes waits for one of the places of large messages before more of it is read.
pub(super) const SMALL: usize = 1 << 20;

/// Time that a sender has to take the last answer.
const LINGER: Duration = Duration::from_secs(1);

const TOO_SLOW: &str = "a message did not come in time; it was not taken";

/// Bytes that are read at once.
const PIECE: usize = 16 << 10;

/// Why we closed a connection.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) code: IssueCode,
    pub(super) text: String,
}

impl Closed {
    pub(super) fn of(code: IssueCode, text: &str) -> Self {
        Self { code, text: text.to_owned() }
    }
}

impl From<FrameError> for Closed {
    fn from(error: FrameError) -> Self {
        let code = match error {
            FrameError::TooLong(_) => IssueCode::Hl7TooLarge,
            FrameError::Outside | FrameError::StartInside | FrameError::EndWithoutReturn => {
                IssueCode::Hl7FrameIncomplete
            }
        };
        Self { code, text: error.to_string() }
    }
}

/// A connection of a known caller.
pub(super) struct Connection<'s, S> {
    stream: S,
    shared: &'s Shared,
    permit: &'s Permit<SendReferral>,
    network: Option<String>,
    frames: Frames,
    stop: watch::Receiver<bool>,
}

impl<'s, S: AsyncRead + AsyncWrite + Unpin> Connection<'s, S> {
    pub(super) fn new(
        (stream, network): (S, Option<String>),
        shared: &'s Shared,
        permit: &'s Permit<SendReferral>,
    ) -> Self {
        let frames = Frames::new(shared.bounds.message_bytes);
        Self { stream, shared, permit, network, frames, stop: shared.stop.clone() }
    }

    /// Takes messages until the sender leaves or the gateway is stopped.
    ///
    /// # Errors
    /// Why we close the connection.
    pub(super) async fn run(mut self) -> Result<(), Closed> {
        while let Some((message, _room)) = self.receive().await? {
            self.answer(message).await?;
        }
        let _ = timeout(LINGER, self.leave()).await;
        Ok(())
    }

    /// Ends the connection so that the last answer arrives: one that is closed with bytes unread is reset, and what was written
    /// last may be lost with it.
    async fn leave(&mut self) -> std::io::Result<()> {
        self.stream.shutdown().await?;
        let mut piece = vec![0; PIECE];
        while self.stream.read(&mut piece).await? > 0 {}
        Ok(())
    }

    /// The next message; none where there will be none.
    async fn receive(&mut self) -> Result<Option<(Vec<u8>, Option<SemaphorePermit<'s>>)>, Closed> {
        let (idle, message) = (self.shared.bounds.idle, self.shared.bounds.message);
        let mut deadline = Instant::now() + idle;
        let mut has_begun = false;
        let mut room = None;
        let mut piece = vec![0; PIECE];
        loop {
            // Also with a message held that has come in full: its sender has no answer, and sends it again.
            if *self.stop.borrow() {
                return Ok(None);
            }
            if let Some(message) = self.frames.take()? {
                return Ok(Some((message, room)));
            }
            if self.frames.is_inside() && !has_begun {
                has_begun = true;
                deadline = Instant::now() + message;
            }
            if self.frames.held() > SMALL && room.is_none() {
                let place = timeout_at(deadline, self.shared.large.acquire()).await;
                room = place.map_err(|_| Closed::of(IssueCode::RequestTooSlow, TOO_SLOW))?.ok();
            }
            let read = tokio::select! {
                read = timeout_at(deadline, self.stream.read(&mut piece)) => read,
                _ = self.stop.changed() => continue,
            };
            match (read, has_begun) {
                (Ok(Ok(count @ 1..)), _) => self.frames.push(piece.get(..count).unwrap_or_default()),
                // The sender left, or is silent: a half of the connection may be gone without either side knowing.
                (_, false) => return Ok(None),
                (Ok(_), true) => {
                    let text = "the connection ended in a message; it was not taken";
                    return Err(Closed::of(IssueCode::Hl7FrameIncomplete, text));
                }
                (Err(_), true) => return Err(Closed::of(IssueCode::RequestTooSlow, TOO_SLOW)),
            }
        }
    }

    /// Hands a message over, and gives the answer when what became of it is on the disk.
    async fn answer(&mut self, message: Vec<u8>) -> Result<(), Closed> {
        let trace = uuid::Uuid::new_v4().simple().to_string();
        let started = Instant::now();
        let intake = &self.shared.intake;
        let refused = reply::unsupported(intake, &message);
        let replies = match refused {
            Some(replies) => replies,
            None => {
                let caller = self.permit.caller();
                let arrival = Arrival {
                    channel: "mllp",
                    organisation: caller.organisation().to_owned(),
                    role: caller.role().as_str(),
                    client: caller.name().to_owned(),
                    network: self.network.clone(),
                    // The answer is made from the header, so the message is kept until it is known.
                    bytes: message.clone(),
                    content_type: HL7.to_owned(),
                    trace: trace.clone(),
                };
                let answer = intake.receive_referral(arrival).await;
                note(("mllp", "referral"), &answer, &trace, started.elapsed().as_secs_f64());
                reply::to(intake, &message, &answer)
            }
        };
        let replies = replies?;
        if replies.is_empty() {
            return Ok(());
        }
        let bytes: Vec<u8> = replies.iter().flat_map(|reply| framed(reply)).collect();
        let write = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        match timeout(self.shared.bounds.message, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => {
                tracing::info!(trace.id = trace, "the sender left before it was answered");
                Ok(())
            }
            Err(_) => Err(Closed::of(IssueCode::RequestTooSlow, "the sender did not take the answer in time")),
        }
    }
}
