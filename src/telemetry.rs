//! What operators see of a message that was answered: numbers and a log line, the same for every channel.

use crate::pipeline::intake::Answer;

/// Counts the message and says in a log what became of it. `seconds` is how long the sender waited for the answer.
pub fn note((channel, kind): (&'static str, &'static str), answer: &Answer, trace: &str, seconds: f64) {
    let disposition = match (answer.disposition, answer.is_repeat) {
        (_, true) => "repeat",
        (Some(disposition), false) => disposition.as_str(),
        (None, false) => "not-taken",
    };
    let labels = [("kind", kind), ("channel", channel), ("disposition", disposition)];
    metrics::counter!("impress_messages_total", &labels).increment(1);
    metrics::histogram!("impress_intake_seconds", "kind" => kind).record(seconds);
    tracing::info!(
        message.id = answer.message.as_deref().unwrap_or("none"),
        message.channel = channel,
        message.disposition = disposition,
        trace.id = trace,
        "a message was answered"
    );
}
