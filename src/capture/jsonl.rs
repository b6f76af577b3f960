//! `--json` lines that hold a request, and the fields that such lines share.

use std::str;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};

use super::{CaptureError, Recorded};
use crate::message::{Headers, Message};

/// The types of line that hold a request.
const REQUESTS: [&str; 2] = ["capture", "request"];

/// A body in a JSON line: `body` where it is UTF-8, else `body_base64`, and `truncated` where it is not whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyFields {
    /// The body as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body's bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// Whether there was more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl BodyFields {
    /// The fields for `body`.
    pub fn new(body: &[u8], truncated: bool) -> Self {
        let (text, base64) = match str::from_utf8(body) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(STANDARD.encode(body))),
        };
        Self {
            body: text,
            body_base64: base64,
            truncated,
        }
    }

    fn bytes(self) -> Result<Bytes, String> {
        match (self.body, self.body_base64) {
            (Some(text), None) => Ok(text.into()),
            (None, Some(text)) => Ok(STANDARD.decode(text).map_err(|_| "body_base64 is not base64")?.into()),
            (None, None) => Ok(Bytes::new()),
            (Some(_), Some(_)) => Err("it has both body and body_base64".into()),
        }
    }
}

/// Headers in a JSON line: pairs of a name and a value, where bytes that are not UTF-8 are `{"base64": …}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderPairs(pub Headers);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum HeaderText<'a> {
    Text(std::borrow::Cow<'a, str>),
    Bytes { base64: String },
}

impl Serialize for HeaderPairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_seq(Some(self.0.len()))?;
        for (name, value) in self.0.iter() {
            let text = match str::from_utf8(value) {
                Ok(text) => HeaderText::Text(text.into()),
                Err(_) => HeaderText::Bytes {
                    base64: STANDARD.encode(value),
                },
            };
            pairs.serialize_element(&(name, text))?;
        }
        pairs.end()
    }
}

impl<'de> Deserialize<'de> for HeaderPairs {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(String, HeaderText<'_>)>::deserialize(from)?;
        let mut headers = Headers::default();
        for (name, value) in pairs {
            match value {
                HeaderText::Text(text) => headers.append(name, text.as_bytes()),
                HeaderText::Bytes { base64 } => {
                    headers.append(name, STANDARD.decode(base64).map_err(serde::de::Error::custom)?);
                }
            }
        }
        Ok(Self(headers))
    }
}

#[derive(Deserialize)]
struct Line {
    r#type: String,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: Option<String>,
    target: Option<String>,
    #[serde(default)]
    headers: HeaderPairs,
    received_at: Option<Timestamp>,
    #[serde(flatten)]
    body: BodyFields,
}

/// Whether the first line is an object of ours.
pub fn looks_like(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<Line>(line)
        .is_ok_and(|line| REQUESTS.contains(&line.r#type.as_str()) || line.r#type == "ready")
}

/// Every line that holds a request; other lines are passed over.
///
/// # Errors
/// [`CaptureError::Json`] with the line.
pub fn read(bytes: &[u8]) -> Result<Vec<Recorded>, CaptureError> {
    let mut found = Vec::new();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let wrong = |message: String| CaptureError::Json {
            place: format!("line {}", number + 1),
            message,
        };
        if line.trim_ascii().is_empty() {
            continue;
        }
        let kind: Line = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
        if !REQUESTS.contains(&kind.r#type.as_str()) {
            continue;
        }
        let request: Request = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
        if request.body.truncated {
            return Err(wrong("its body is not whole, so it can't be used as a request".into()));
        }
        found.push(Recorded {
            message: Message {
                method: request.method,
                url: request.url.or(request.target),
                headers: request.headers.0,
                ..Message::new(request.body.bytes().map_err(wrong)?)
            },
            received_at: request.received_at,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_others_passed_over() {
        let text = concat!(
            r#"{"type":"ready","url":"http://127.0.0.1:1"}"#,
            "\n",
            r#"{"type":"capture","id":1,"received_at":"2026-05-08T12:00:00Z","method":"POST","target":"/h","headers":[["A","b"],["C",{"base64":"/w=="}]],"body_base64":"AP8="}"#,
            "\n\n",
            r#"{"type":"request","method":"PUT","url":"http://x.test/","headers":[],"body":"x"}"#,
            "\n",
        );
        assert!(looks_like(text.as_bytes()));
        let found = read(text.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].message.body.as_ref(), [0, 255]);
        assert_eq!(found[0].message.headers.get("c"), Some(&b"\xff"[..]));
        assert_eq!(found[0].received_at, "2026-05-08T12:00:00Z".parse().ok());
        assert_eq!(found[1].message.url.as_deref(), Some("http://x.test/"));
        assert!(
            !looks_like(br#"{"type":"cost.alert"}"#),
            "a payload with a `type` of its own"
        );
    }

    #[test]
    fn broken_lines_name_themselves() {
        for (line, part) in [
            (r#"{"type":"request"}"#, "method"),
            (
                r#"{"type":"request","method":"POST","body":"a","truncated":true}"#,
                "not whole",
            ),
            (
                r#"{"type":"request","method":"POST","body":"a","body_base64":"YQ=="}"#,
                "both",
            ),
            (r#"{"type":"request","method":"POST","body_base64":"?"}"#, "base64"),
        ] {
            let error = read(format!("\n{line}").as_bytes()).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(part), "{error}");
        }
    }
}
