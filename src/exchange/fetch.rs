//! `fetch(…)`, as browsers' "Copy as fetch" writes it, and as people write it with plain values. Nothing is run.

mod literal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::built::Built;
use super::{CaptureError, Entry, Exchange, Files, Input, Take, jsonl};
use crate::capture::Recorded;
use literal::{Literal, Reader};

/// Calls of `fetch`.
#[derive(Debug)]
pub struct Fetch;

impl Exchange for Fetch {
    fn name(&self) -> &'static str {
        "fetch"
    }

    fn title(&self) -> &'static str {
        "calls of fetch(…)"
    }

    fn remedy(&self) -> &'static str {
        "a browser copies the whole call with \"Copy as fetch\""
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let line = input.beginning();
        let line = &line[..line.len().min(200)];
        Ok(find(line).is_some_and(|at| begins_call(&line[..at])))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let mut rest = input.text()?;
        for number in 1.. {
            let Some(at) = find(rest) else { break };
            let mut reader = Reader::new(&rest[at + CALL.len()..]);
            let request = call(&mut reader);
            let behind = reader.rest();
            // A call that is broken ends where the next begins.
            rest = if request.is_ok() {
                behind
            } else {
                &rest[at + CALL.len()..]
            };
            if !take(Entry::new(format!("call {number}"), request)) {
                break;
            }
        }
        Ok(())
    }
}

const CALL: &[u8] = b"fetch(";

fn find(text: &[u8]) -> Option<usize> {
    text.windows(CALL.len()).position(|window| window == CALL)
}

/// Whether a call may begin behind this: `await`, `const answer = await`.
fn begins_call(before: &[u8]) -> bool {
    let before = String::from_utf8_lossy(before);
    let mut words = before.split_whitespace();
    let known =
        |word: &str| ["await", "const", "let", "var", "return", "=", "window."].contains(&word) || word.ends_with('=');
    !before.contains(['{', '"', '\'', ';']) && words.all(|word| known(word) || is_name(word))
}

fn is_name(word: &str) -> bool {
    word.chars()
        .all(|char| char.is_alphanumeric() || char == '_' || char == '$')
        && word.len() < 40
}

/// A call's arguments.
fn call(reader: &mut Reader<'_>) -> Result<Recorded, String> {
    let url = match reader.value()? {
        Literal::Value(Value::String(url)) => url,
        _ => return Err("its URL is no text".into()),
    };
    let mut built = Built {
        method: "GET".into(),
        url,
        ..Built::default()
    };
    if reader.take(b',') && !reader.is(b')') {
        let Literal::Value(Value::Object(options)) = reader.value()? else {
            return Err("its options are no object".into());
        };
        take_options(options, &mut built)?;
        reader.take(b',');
    }
    if !reader.take(b')') {
        return Err("its closing `)` is missing".into());
    }
    for unknown in reader.unknown() {
        built.not_known(unknown);
    }
    built.recorded()
}

fn take_options(options: serde_json::Map<String, Value>, built: &mut Built) -> Result<(), String> {
    for (name, value) in options {
        match (name.as_str(), value) {
            ("method", Value::String(method)) => built.method = method.to_uppercase_of_known(),
            ("headers", Value::Array(pairs)) => {
                for pair in pairs {
                    let text = |at: usize| pair.get(at).and_then(Value::as_str).map(str::to_owned);
                    let (name, value) = text(0).zip(text(1)).ok_or("a header is no pair of texts")?;
                    built.headers.append(name, value);
                }
            }
            ("headers", headers) if headers.is_object() => built.headers = jsonl::headers_of_object(&headers)?,
            ("body", Value::String(body)) => {
                built.body = body.into_bytes();
                built.default_header("Content-Type", "text/plain;charset=UTF-8");
            }
            ("body", Value::Object(fields)) if fields.contains_key(literal::PARAMETERS) => {
                let fields = fields.get(literal::PARAMETERS).and_then(Value::as_object).cloned();
                built.body = super::wrapper::bodies::form(&fields.unwrap_or_default()).into_bytes();
                built.default_header("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
            }
            ("body", Value::Object(bytes)) if bytes.contains_key(literal::BYTES) => {
                let base64 = bytes.get(literal::BYTES).and_then(Value::as_str).unwrap_or_default();
                built.body = STANDARD.decode(base64).map_err(|_| "its body is not base64")?;
            }
            ("body", Value::Null) => {}
            ("body", _) => {
                return Err("its body is none of a text, JSON.stringify(…) and new URLSearchParams(…)".into());
            }
            ("referrer", Value::String(referrer)) if referrer.contains("://") => {
                built.lost.push("what its `referrer` adds".into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Methods that `fetch` writes in capitals.
trait Known {
    fn to_uppercase_of_known(self) -> String;
}

impl Known for String {
    fn to_uppercase_of_known(self) -> String {
        let upper = self.to_ascii_uppercase();
        match ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"].contains(&upper.as_str()) {
            true => upper,
            false => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn calls_are_read_as_browsers_copy_them() {
        // Chromium's, with two calls; Firefox's; one by hand.
        let chromium = "fetch(\"https://x.test/h?a=1\", {\n  \"headers\": {\n    \"accept\": \"*/*\",\n    \"content-type\": \"application/json\"\n  },\n  \"referrerPolicy\": \"no-referrer\",\n  \"body\": \"{\\\"a\\\":\\\"\\u00e9 \\ud83d\\ude00\\\"}\",\n  \"method\": \"POST\",\n  \"mode\": \"cors\",\n  \"credentials\": \"include\"\n}); ;\nfetch(\"https://x.test/g\", {\n  \"headers\": {},\n  \"body\": null,\n  \"method\": \"GET\"\n});";
        let found = exchange::read(&Fetch, chromium.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        let message = &found[0].message;
        assert_eq!(
            (message.method.as_str(), message.url.as_deref()),
            ("POST", Some("/h?a=1"))
        );
        assert_eq!(message.body.as_ref(), "{\"a\":\"é 😀\"}".as_bytes());
        assert_eq!(
            (message.headers.text("host"), message.headers.text("content-type")),
            (Some("x.test"), Some("application/json"))
        );
        let firefox = "await fetch(\"http://h.test:3000/x\", {\n    \"credentials\": \"omit\",\n    \"headers\": {\n        \"User-Agent\": \"Mozilla/5.0\"\n    },\n    \"body\": \"a=1\",\n    \"method\": \"PUT\",\n    \"mode\": \"cors\"\n});\n";
        let found = exchange::read(&Fetch, firefox.as_bytes()).unwrap();
        assert_eq!(
            (found[0].message.method.as_str(), found[0].message.body.as_ref()),
            ("PUT", &b"a=1"[..])
        );
        let hand = "const r = await fetch('http://h.test/x', { method: 'post', headers: { 'Content-Type': 'application/json', }, // here\n body: JSON.stringify({ a: 1, b: [true, 'x'] }) })";
        let found = exchange::read(&Fetch, hand.as_bytes()).unwrap();
        assert_eq!(
            (found[0].message.method.as_str(), found[0].message.body.as_ref()),
            ("POST", &br#"{"a":1,"b":[true,"x"]}"#[..])
        );
        let template = "fetch(`http://h.test/${id}`)";
        let found = exchange::read(&Fetch, template.as_bytes()).unwrap();
        assert!(found[0].notes[0].contains("${id}"), "{:?}", found[0].notes);
        for broken in [
            "fetch(url)",
            "fetch(\"http://h.test\", {\"method\":\"POST\"",
            "fetch(\"http://h.test\", {body: make()})",
        ] {
            assert!(exchange::read(&Fetch, broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
