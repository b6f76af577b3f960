//! What wrappers have in common: bodies, headers, times, queries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Read;
use crate::capture::{BodyHeld, Recorded};
use crate::exchange::{jsonl, when};
use crate::message::{Headers, Message};

/// What is lost where a body stands as JSON in JSON.
pub const REWRITTEN: &str =
    "the bytes of its body: the file holds what they say, so a signature over them can't be judged exactly";

/// What stands in a query as it is (RFC 3986's unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request that is being put together.
pub struct Draft {
    recorded: Recorded,
}

impl Draft {
    /// A request of this method to this target.
    pub fn new(method: &str, target: impl Into<String>, headers: Headers) -> Self {
        let mut recorded = Recorded::new(Message {
            method: method.to_owned(),
            headers,
            ..Message::new("")
        });
        recorded.message.url = Some(target.into());
        Self { recorded }
    }

    /// When it came.
    pub fn at(mut self, time: Option<&Value>) -> Self {
        // Times of APIs without a zone are UTC.
        self.recorded.received_at = when::read_utc(time, &mut self.recorded.notes);
        self
    }

    pub fn peer(mut self, peer: Option<&str>) -> Self {
        self.recorded.peer = peer.map(str::to_owned);
        self
    }

    pub fn note(&mut self, note: impl Into<String>) {
        self.recorded.notes.push(note.into());
    }

    /// The body is what is in `text` in base64.
    pub fn base64(mut self, text: &str) -> Read {
        let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let body = STANDARD.decode(text).map_err(|_| "its body is not base64")?;
        self.recorded.message.body = body.into();
        self.end()
    }

    /// The body is this text, exactly.
    pub fn exact(mut self, body: impl Into<Vec<u8>>) -> Read {
        self.recorded.message.body = body.into().into();
        self.end()
    }

    /// The body is this text, or what this JSON says.
    pub fn body(mut self, body: Option<&Value>) -> Read {
        match body {
            None | Some(Value::Null) => self.end(),
            Some(Value::String(text)) => self.exact(text.as_bytes()),
            Some(value) => {
                let is_form = self.recorded.message.is_form();
                let body = match (is_form, value.as_object()) {
                    (true, Some(fields)) => form(fields),
                    _ => value.to_string(),
                };
                self.recorded.message.body = body.into();
                self.recorded.body_held = BodyHeld::Rewritten;
                self.recorded.lost.push(REWRITTEN.into());
                self.end()
            }
        }
    }

    /// The body is this JSON, written as its sender writes it, which is known.
    pub fn written(mut self, body: String) -> Read {
        self.recorded.message.body = body.into();
        self.recorded.body_held = BodyHeld::Rewritten;
        self.recorded.lost.push(REWRITTEN.into());
        self.end()
    }

    /// There was a body, which is not held.
    pub fn missing(mut self, why: &str) -> Read {
        self.recorded.body_held = BodyHeld::Missing;
        self.recorded.lost.push(format!("the body: {why}"));
        self.end()
    }

    fn end(self) -> Read {
        let mut recorded = self.recorded;
        let headers = &recorded.message.headers;
        headers.check().map_err(|error| error.to_string())?;
        let said = headers.text("content-length").and_then(|length| length.parse().ok());
        let held = recorded.message.body.len();
        if recorded.body_held == BodyHeld::Exact
            && let Some(said) = said.filter(|said: &usize| *said != held)
            && !recorded.message.headers.contains("content-encoding")
        {
            if held == 0 {
                recorded.body_held = BodyHeld::Missing;
                recorded
                    .lost
                    .push(format!("the body: {said} bytes were sent, and the file holds none"));
            } else {
                recorded.body_held = BodyHeld::Rewritten;
                recorded
                    .notes
                    .push(format!("its body has {held} bytes, and Content-Length says {said}"));
            }
        }
        recorded
            .lost
            .extend(crate::exchange::credentials::loss(&recorded.message));
        Ok(recorded)
    }
}

/// A form's fields, encoded as a browser does.
pub fn form(fields: &serde_json::Map<String, Value>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        match value {
            Value::Array(values) => {
                form.extend_pairs(values.iter().map(|value| (name, plain(value))));
            }
            value => {
                form.append_pair(name, &plain(value));
            }
        }
    }
    form.finish()
}

/// A value as a text.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// Headers: an object of texts or of lists, or a list of `{"name", "value"}` or `{"key", "value"}`.
pub fn headers(value: Option<&Value>) -> Result<Headers, String> {
    match value {
        None | Some(Value::Null) => Ok(Headers::default()),
        Some(Value::Array(fields)) => {
            let mut headers = Headers::default();
            for field in fields {
                let name = field.get("name").or_else(|| field.get("key")).and_then(Value::as_str);
                let name = name.ok_or("a header has no name")?;
                match field.get("value").or_else(|| field.get("values")) {
                    Some(Value::Array(values)) => values.iter().for_each(|value| headers.append(name, plain(value))),
                    value => headers.append(name, value.map(plain).unwrap_or_default()),
                }
            }
            Ok(headers)
        }
        Some(object) => jsonl::headers_of_object(object),
    }
}

/// A path with a query of these parameters: texts, or lists of them.
pub fn with_query(path: &str, parameters: Option<&Value>, encode: bool) -> String {
    let mut target = path.to_owned();
    for (name, value) in parameters.and_then(Value::as_object).into_iter().flatten() {
        let values = match value {
            Value::Array(values) => &values[..],
            value => std::slice::from_ref(value),
        };
        for value in values {
            target.push(if target.contains('?') { '&' } else { '?' });
            let (name, value) = (name.as_str(), plain(value));
            if encode {
                target.push_str(&format!(
                    "{}={}",
                    utf8_percent_encode(name, QUERY),
                    utf8_percent_encode(&value, QUERY)
                ));
            } else {
                target.push_str(&format!("{name}={value}"));
            }
        }
    }
    target
}

/// A path with the query behind it.
pub fn with_raw_query(path: &str, query: Option<&str>) -> String {
    match query
        .map(|query| query.trim_start_matches('?'))
        .filter(|query| !query.is_empty())
    {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// The JSON of a text that may be a stream of server-sent events, whose `data:` lines hold it.
pub fn documents(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if text.starts_with(b"{") || text.starts_with(b"[") {
        return text.into();
    }
    let mut out = Vec::new();
    let mut data = Vec::new();
    for line in text.split(|byte| *byte == b'\n').chain([&b""[..]]) {
        if let Some(part) = line.strip_prefix(b"data:") {
            data.extend_from_slice(part.trim_ascii());
            data.push(b'\n');
        } else if line.trim_ascii().is_empty() {
            // A service's own events, such as `ready` and `ping`, hold nothing.
            if data.trim_ascii() != b"{}" {
                out.append(&mut data);
            }
            data.clear();
        }
    }
    out.into()
}

/// Whether a text is a stream of server-sent events.
pub fn is_event_stream(text: &[u8]) -> bool {
    [&b"data:"[..], b"event:", b"id:", b"retry:"]
        .iter()
        .any(|start| text.starts_with(start))
        && (text.starts_with(b"data:") || text.windows(6).any(|window| window == b"\ndata:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_s_own_events_are_passed_over() {
        // What smee.io writes to an `EventSource` before the first delivery, and every 30 seconds.
        let stream = b"id: 1\nevent: ready\ndata: {}\n\nid: 2\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nevent: ping\ndata: {}\n\ndata: {\"b\":2}";
        assert!(is_event_stream(stream));
        let documents = documents(stream);
        let values: Vec<Value> = serde_json::Deserializer::from_slice(&documents)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(values, [serde_json::json!({"a": 1}), serde_json::json!({"b": 2})]);
    }
}
