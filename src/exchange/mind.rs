//! What a request's own head says that its body is not: told, never mended.

use crate::capture::{BodyHeld, Recorded};
use crate::message::Message;

/// Notes where the body is not what its head says.
pub fn mind(recorded: &mut Recorded) {
    if recorded.body_held == BodyHeld::Missing || recorded.message.body.is_empty() {
        return;
    }
    if let Some(encoding) = lost_encoding(&recorded.message) {
        recorded.notes.push(format!(
            "its Content-Encoding says {encoding}, and its body is not compressed: its sender signed other bytes"
        ));
    } else if says_json(&recorded.message)
        && serde_json::from_slice::<serde::de::IgnoredAny>(&recorded.message.body).is_err()
    {
        recorded
            .notes
            .push("its Content-Type says JSON, and its body is none; it is taken in as it stands".into());
    }
}

fn says_json(message: &Message) -> bool {
    let essence = message.headers.text("content-type").unwrap_or_default();
    let essence = essence
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    is_json && !message.headers.contains("content-encoding")
}

/// The encoding that the head names, where the body is not in it.
fn lost_encoding(message: &Message) -> Option<&'static str> {
    let encoding = message.headers.text("content-encoding")?.trim();
    let is = |name: &str| encoding.eq_ignore_ascii_case(name);
    let body = &message.body;
    let gzip = (is("gzip") || is("x-gzip")) && !body.starts_with(b"\x1f\x8b");
    let zlib = is("deflate") && body.first().is_some_and(|first| matches!(first, b'{' | b'['));
    let brotli = is("br") && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    match (gzip, zlib, brotli) {
        (true, ..) => Some("gzip"),
        (_, true, _) => Some("deflate"),
        (.., true) => Some("br"),
        _ => None,
    }
}
