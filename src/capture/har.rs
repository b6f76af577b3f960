//! HTTP archives, HAR 1.2, of browsers and proxies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use super::{CaptureError, Recorded};
use crate::message::{Headers, Message};

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<Timestamp>,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Field>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: String,
    /// Not in HAR 1.2, but written by those who record bytes (mitmproxy).
    encoding: Option<String>,
}

/// Whether `bytes` begin as an archive does: an object whose first key is `log`.
pub fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let Some(inside) = bytes.strip_prefix(b"{") else {
        return false;
    };
    let Some(behind) = inside.trim_ascii_start().strip_prefix(b"\"log\"") else {
        return false;
    };
    behind.trim_ascii_start().starts_with(b":") && serde_json::from_slice::<Archive>(bytes).is_ok()
}

/// Every entry's request. The pseudo-headers of HTTP/2 (`:method` …) are left out.
///
/// # Errors
/// [`CaptureError::Json`].
pub fn read(bytes: &[u8]) -> Result<Vec<Recorded>, CaptureError> {
    let wrong = |message: String| CaptureError::Json {
        place: "HAR".into(),
        message,
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let archive: Archive = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    let recorded = |entry: Entry| {
        let request = entry.request;
        let body = match request.post_data {
            None => Bytes::new(),
            Some(data) if data.encoding.as_deref() == Some("base64") => {
                let bytes = STANDARD
                    .decode(&data.text)
                    .map_err(|_| wrong("a body is not base64".into()))?;
                bytes.into()
            }
            Some(data) => data.text.into(),
        };
        let fields = request.headers.into_iter().filter(|field| !field.name.starts_with(':'));
        let headers: Headers = fields.map(|field| (field.name, field.value)).collect();
        Ok(Recorded {
            received_at: entry.started_date_time,
            ..Recorded::new(Message {
                method: request.method,
                url: Some(request.url),
                headers,
                ..Message::new(body)
            })
        })
    };
    archive.log.entries.into_iter().map(recorded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_their_bytes() {
        let text = br#" {"log":{"version":"1.2","creator":{},"entries":[
            {"startedDateTime":"2026-05-08T12:00:00.000Z","request":{"method":"POST","url":"https://x.test/h","headers":[{"name":":method","value":"POST"},{"name":"X-A","value":"b"}],
             "postData":{"mimeType":"application/json","text":"AP8=","encoding":"base64"}}},
            {"request":{"method":"GET","url":"https://x.test/"}}]}}"#;
        assert!(looks_like(text));
        let found = read(text).unwrap();
        assert_eq!(found[0].message.body.as_ref(), [0, 255]);
        assert_eq!(found[0].message.headers.len(), 1);
        assert_eq!(found[1].message.method, "GET");
    }

    #[test]
    fn a_payload_with_a_log_is_no_archive() {
        assert!(!looks_like(br#"{"log":"text"}"#));
        assert!(!looks_like(br#"{"event":1,"log":{"entries":[]}}"#));
        assert!(read(br#"{"log":{"entries":[{"request":{}}]}}"#).is_err());
    }
}
