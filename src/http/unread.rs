//! Hangs up on who goes on sending after the answer.
//!
//! The server reads what is left of a chunked body after the answer, without end: a stranger could hold a connection for ever.
//! It closes the connection where the body is still held by somebody; so the answer holds it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::Stream;

/// The body of a request, of which the answer has a hold too.
#[derive(Clone)]
struct Held(Rc<RefCell<Payload>>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// An answer.
pub(super) struct Answer {
    body: BoxBody,
    _request: Option<Held>,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.body.as_pin_mut().poll_next(context)
    }
}

/// Lets a request through; what of its body nobody has read when the answer is sent ends the connection.
pub(super) async fn hang_up<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Answer>, Error> {
    let held = match request.take_payload() {
        Payload::None => None,
        payload => Some(Held(Rc::new(RefCell::new(payload)))),
    };
    if let Some(held) = &held {
        request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    }
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| Answer { body: body.boxed(), _request: held }))
}
