//! The body of a request, within its limits and within what all bodies may take.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;

use super::deny::Admitted;
use super::error::Problem;
use super::limit::{self, Limits, Shares, UNIT};
use crate::domain::issue::IssueCode;

/// Memory that is taken at a time, in bytes.
const STEP: usize = 256 << 10;

/// A body; its place in memory is free again when it is dropped.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) room: Room,
}

/// The place of a body in memory.
pub(super) struct Room {
    place: Option<OwnedSemaphorePermit>,
    shares: Shares,
    caller: String,
}

/// What it had is free for the caller again.
impl Drop for Room {
    fn drop(&mut self) {
        self.shares.give(&self.caller, self.taken());
    }
}

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
    // Room is taken as the bytes come: who only says that much will come keeps nobody else out.
    let mut room = Room::of(limits, caller(request));
    let read = async {
        let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(1 << 20));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::invalid("the body was cut off"))?;
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            room.grow(limits, bytes.len() + chunk.len(), length.unwrap_or(most))?;
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

/// Whose body it is; of all who are not known the same.
fn caller(request: &HttpRequest) -> String {
    request.extensions().get::<Admitted>().map(|Admitted(caller)| limit::key(caller)).unwrap_or_default()
}

impl Room {
    fn of(limits: &Limits, caller: String) -> Self {
        Self { place: None, shares: limits.shares.clone(), caller }
    }

    /// Units that it has.
    fn taken(&self) -> usize {
        self.place.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Takes room for a body that grows. It does not wait: two that wait for each other would wait for ever.
    /// `most`: how long it can get.
    fn grow(&mut self, limits: &Limits, bytes: usize, most: usize) -> Result<(), Problem> {
        let taken = self.taken();
        if taken >= units(bytes) as usize {
            return Ok(());
        }
        let missing = bytes.saturating_sub(taken * UNIT);
        let left = most.saturating_sub(taken * UNIT);
        let wanted = units(missing.max(STEP.min(left)));
        if !self.shares.take(&self.caller, wanted as usize) {
            return Err(busy());
        }
        let Ok(more) = limits.memory.clone().try_acquire_many_owned(wanted) else {
            self.shares.give(&self.caller, wanted as usize);
            return Err(busy());
        };
        match &mut self.place {
            Some(place) => place.merge(more),
            None => self.place = Some(more),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::LimitOptions;

    fn limits(body_memory: usize, caller_memory: usize) -> Limits {
        Limits::new(LimitOptions {
            requests_per_second: 1,
            burst: 1,
            failures_per_minute: 1,
            body_memory,
            caller_memory,
            trusted_proxies: Vec::new(),
            elapsed: Box::new(|| Duration::ZERO),
        })
    }

    #[test]
    fn one_caller_has_a_share_of_the_memory_and_leaves_the_rest_to_others() {
        let limits = limits(1 << 20, 512 << 10);
        let mut bodies: Vec<Room> = (0..3).map(|_| Room::of(&limits, "a".to_owned())).collect();
        assert!(bodies[0].grow(&limits, STEP, STEP).is_ok() && bodies[1].grow(&limits, STEP, STEP).is_ok());
        assert_eq!(bodies[2].grow(&limits, 1, STEP).unwrap_err().to_string(), "service.busy");
        let mut other = Room::of(&limits, "b".to_owned());
        assert!(other.grow(&limits, 2 * STEP, 2 * STEP).is_ok());
        // What one body gives back its caller can take for another one, and no more than that.
        bodies.remove(0);
        assert!(bodies[1].grow(&limits, STEP, STEP).is_ok());
        assert_eq!(bodies[1].grow(&limits, STEP + 1, 2 * STEP).unwrap_err().to_string(), "service.busy");
        drop(bodies);
        assert!(limits.shares.take("a", 512) && !limits.shares.take("a", 1));
    }

    #[test]
    fn bodies_of_all_callers_share_one_bound_of_memory() {
        let most = 1 << 20;
        let limits = limits(most, most);
        let mut large = Room::of(&limits, "a".to_owned());
        // A body as long as there is room for is taken to its last byte.
        for bytes in (0..=most).step_by(1_000).chain([most]) {
            assert!(large.grow(&limits, bytes, most).is_ok(), "{bytes}");
        }
        let mut other = Room::of(&limits, "b".to_owned());
        assert_eq!(other.grow(&limits, 1, most).unwrap_err().to_string(), "service.busy");
        drop(large);
        assert!(other.grow(&limits, 1, most).is_ok());
        // What has room already needs no more of it.
        let mut third = Room::of(&limits, "c".to_owned());
        assert!(third.grow(&limits, most - STEP, most - STEP).is_ok());
        assert!(other.grow(&limits, STEP, most).is_ok());
        assert_eq!(other.grow(&limits, STEP + 1, most).unwrap_err().to_string(), "service.busy");
    }
}
