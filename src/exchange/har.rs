//! HTTP archives, HAR 1.2, of browsers and proxies.

mod stream;
mod text;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::jsonl::HeaderPairs;
use super::{CaptureError, credentials};
use crate::capture::{Capture, Recorded};
use crate::message::{Headers, Message};

pub use stream::each;
use text::Text;

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
    #[serde(rename = "_ckwh")]
    own: Option<Own>,
}

/// What HAR has no place for: the target as it came, and bytes that are not UTF-8.
#[derive(Serialize, Deserialize)]
struct Own {
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<HeaderPairs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Field>,
    post_data: Option<PostData>,
    body_size: Option<i64>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: Text,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<Text>,
    /// Not in HAR 1.2, but in its successor's draft and written by some who record bytes: `base64`.
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
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let archive: Archive = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    archive.log.entries.into_iter().map(recorded).collect()
}

fn recorded(entry: Entry) -> Result<Recorded, CaptureError> {
    let request = entry.request;
    let mut lost = Vec::new();
    let headers = match entry.own.as_ref().and_then(|own| own.headers.as_ref()) {
        Some(headers) => headers.0.clone(),
        None => {
            let fields = request.headers.iter();
            let fields = fields.filter(|field| !field.name.starts_with(':'));
            fields
                .map(|field| Some((field.name.as_str(), field.value.unescaped()?)))
                .collect::<Option<Headers>>()
                .ok_or_else(|| wrong("a header's value is no text".into()))?
        }
    };
    let decode = |text: &[u8]| {
        let bytes = STANDARD
            .decode(text)
            .map_err(|_| wrong("a body is not base64".into()))?;
        Ok::<_, CaptureError>(Bytes::from(bytes))
    };
    let own_body = entry.own.as_ref().and_then(|own| own.body_base64.as_deref());
    let body = match (own_body, request.post_data) {
        (Some(base64), _) => decode(base64.as_bytes())?,
        (
            None,
            Some(PostData {
                text: Some(text),
                encoding,
            }),
        ) => {
            // Our own archives hold each body as it came, whatever its head said of it.
            let length = headers.text("content-length").filter(|_| entry.own.is_none());
            let length = length.and_then(|length| length.parse().ok());
            match (encoding.as_deref(), text.bytes(length)) {
                (Some("base64"), _) => decode(&text.bytes(None).unwrap_or_default())?,
                (_, Some(bytes)) => bytes.into(),
                (_, None) => {
                    lost.push("the body as it came: what the archive holds of it is not as long".into());
                    text.bytes(None).unwrap_or_default().into()
                }
            }
        }
        (None, post_data) => {
            if post_data.is_some() || request.body_size.unwrap_or(0) > 0 {
                lost.push("the body: the archive does not hold it as text".into());
            }
            Bytes::new()
        }
    };
    let message = Message {
        method: request.method,
        url: Some(entry.own.map_or(request.url, |own| own.target)),
        headers,
        ..Message::new(body)
    };
    lost.extend(credentials::loss(&message));
    Ok(Recorded {
        received_at: entry.started_date_time,
        lost,
        ..Recorded::new(message)
    })
}

fn wrong(message: String) -> CaptureError {
    CaptureError::Json {
        place: "HAR".into(),
        message,
    }
}

/// What stands before the first entry of an archive; entries are separated by commas, and [`END`] follows the last.
pub fn begin() -> String {
    let creator = json!({"name": "ckwh", "version": env!("CARGO_PKG_VERSION")});
    format!(r#"{{"log":{{"version":"1.2","creator":{creator},"entries":["#)
}

/// What stands behind the last entry.
pub const END: &str = "]}}";

/// One entry: the request as HAR has it, and as it came under `_ckwh` where that is not the same.
pub fn entry(capture: &Capture, headers: &Headers, base_url: Option<&str>) -> String {
    let recorded = &capture.recorded;
    let message = &recorded.message;
    let exact = headers.iter().all(|(_, value)| std::str::from_utf8(value).is_ok());
    let fields: Vec<Value> = headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": String::from_utf8_lossy(value)}))
        .collect();
    let text = std::str::from_utf8(&message.body).ok();
    let own = Own {
        target: message.url.clone().unwrap_or_else(|| "/".into()),
        headers: (!exact).then(|| HeaderPairs(headers.clone())),
        body_base64: text.is_none().then(|| STANDARD.encode(&message.body)),
    };
    let version = if recorded.http_1_0 { "HTTP/1.0" } else { "HTTP/1.1" };
    let mut request = json!({
        "method": message.method,
        "url": recorded.url(base_url),
        "httpVersion": version,
        "cookies": [],
        "headers": fields,
        "queryString": [],
        "headersSize": -1,
        "bodySize": message.body.len(),
    });
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        let mime = headers.text("content-type").unwrap_or_default();
        request["postData"] = json!({"mimeType": mime, "text": text});
    }
    json!({
        "startedDateTime": recorded.received_at.unwrap_or_default(),
        "time": 0,
        "request": request,
        "response": {
            "status": recorded.answer.unwrap_or(0),
            "statusText": "",
            "httpVersion": version,
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_ckwh": own,
    })
    .to_string()
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
        let mut streamed = Vec::new();
        each(&text[..], &mut |recorded| {
            streamed.push(recorded);
            true
        })
        .unwrap();
        assert_eq!(streamed, found);
        let mut count = 0;
        each(&text[..], &mut |_| {
            count += 1;
            false
        })
        .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_payload_with_a_log_is_no_archive() {
        assert!(!looks_like(br#"{"log":"text"}"#));
        assert!(!looks_like(br#"{"event":1,"log":{"entries":[]}}"#));
        assert!(read(br#"{"log":{"entries":[{"request":{}}]}}"#).is_err());
    }
}
