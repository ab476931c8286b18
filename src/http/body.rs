//! The body of a request, within its limits and within what all bodies may take.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;

use super::error::Problem;
use super::limit::{Limits, UNIT};
use crate::domain::issue::IssueCode;

/// Memory that is taken at a time for a body whose length is not known, in bytes.
const STEP: usize = 256 << 10;

/// A body; its place in memory is free again when it is dropped.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) room: Room,
}

/// The place of a body in memory.
pub(super) struct Room(Option<OwnedSemaphorePermit>);

/// Reads the body: at most `most` bytes, in at most so long, when there is room for it.
pub(super) async fn body(
    request: &HttpRequest,
    limits: &Limits,
    (most, time): (usize, Duration),
    mut payload: web::Payload,
) -> Result<Body, Problem> {
    refuse_encoded(request.headers())?;
    let too_large = || {
        let text = format!("the body is longer than {most} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, IssueCode::RequestTooLarge, &text)
    };
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut room = Room(None);
    if let Some(length) = length {
        room.wait(limits, length, time).await?;
    }
    let read = async {
        let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(1 << 20));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::invalid("the body was cut off"))?;
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            room.grow(limits, bytes.len() + chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    let bytes = tokio::time::timeout(time, read).await.unwrap_or_else(|_| {
        let text = "the body did not come in time";
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, IssueCode::RequestTooSlow, text))
    })?;
    Ok(Body { bytes, room })
}

/// Nothing is unpacked on the way in: a small body could become a large one (RFC 9110, section 15.5.16).
fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    let is_plain = headers.get_all(CONTENT_ENCODING).all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain {
        return Ok(());
    }
    let text = "the body is encoded; bodies are sent as they are";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::RequestEncoded, text))
}

impl Room {
    /// Waits for room.
    async fn wait(&mut self, limits: &Limits, bytes: usize, time: Duration) -> Result<(), Problem> {
        let place = limits.memory.clone().acquire_many_owned(units(bytes));
        let place = tokio::time::timeout(time, place).await.map_err(|_| busy())?.map_err(|_| busy())?;
        self.0 = Some(place);
        Ok(())
    }

    /// Takes room for a body that grows. It does not wait: two that wait for each other would wait for ever.
    fn grow(&mut self, limits: &Limits, bytes: usize) -> Result<(), Problem> {
        let taken = self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if taken >= units(bytes) as usize {
            return Ok(());
        }
        let more = limits.memory.clone().try_acquire_many_owned(units(STEP.max(bytes.saturating_sub(taken * UNIT))));
        let more = more.map_err(|_| busy())?;
        match &mut self.0 {
            Some(place) => place.merge(more),
            None => self.0 = Some(more),
        }
        Ok(())
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

fn busy() -> Problem {
    let text = "the bodies of other requests take all the memory that is for them";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::ServiceBusy, text)
}
