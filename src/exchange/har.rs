//! HTTP archives, HAR 1.2, of browsers and proxies.

mod stream;
mod text;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::jsonl::HeaderPairs;
use super::{CaptureError, Exchange, Files, Input, Take, credentials, when};
use crate::capture::{BodyHeld, Capture, Recorded};
use crate::message::{Headers, Message};

use text::Text;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    started_date_time: Option<Value>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_held: Option<BodyHeld>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Field>,
    #[serde(default)]
    cookies: Value,
    post_data: Option<PostData>,
    body_size: Option<i64>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    text: Option<Text>,
    /// Not in HAR 1.2, but in its successor's draft and written by some who record bytes: `base64`.
    encoding: Option<String>,
    mime_type: Option<String>,
    /// The fields of a form, in place of its text.
    #[serde(default)]
    params: Option<Vec<Param>>,
}

#[derive(Deserialize)]
struct Param {
    name: String,
    #[serde(default)]
    value: Option<String>,
}

/// HAR 1.2, and what is known of its successor's draft.
#[derive(Debug)]
pub struct Har;

impl Exchange for Har {
    fn name(&self) -> &'static str {
        "har"
    }

    fn title(&self) -> &'static str {
        "HAR"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        Ok(begins_as_archive(input.beginning()))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        stream::each(input.stream(), take)
    }
}

/// Whether a text begins as an archive does: an object whose first key is `log`, an object that an archive's first key
/// stands in.
fn begins_as_archive(text: &[u8]) -> bool {
    let inside = |text: &'_ [u8]| Some(text.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().to_vec());
    let Some(outer) = inside(text) else { return false };
    let Some(behind) = outer.strip_prefix(b"\"log\"") else {
        return false;
    };
    let behind = behind.trim_ascii_start().strip_prefix(b":").and_then(inside);
    behind.is_some_and(|log| {
        let first = FIRST.iter().any(|key| log.starts_with(format!("\"{key}\"").as_bytes()));
        let named = KEYS
            .iter()
            .any(|key| log.windows(key.len()).any(|window| window == key.as_bytes()));
        let begins: Vec<u8> = log
            .iter()
            .copied()
            .take(64)
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        first && (named || begins.starts_with(VERSION))
    })
}

/// Which keys an archive's log may begin with.
const FIRST: [&str; 6] = ["version", "creator", "browser", "pages", "entries", "comment"];
/// Which keys a log has that is an archive's.
const KEYS: [&str; 2] = ["\"creator\"", "\"entries\""];
/// How a log begins that says its version, one of HAR's.
const VERSION: &[u8] = b"\"version\":\"1.";

fn recorded(entry: HarEntry) -> Result<Recorded, String> {
    let request = entry.request;
    let own = entry.own.as_ref();
    let mut headers = match own.and_then(|own| own.headers.as_ref()) {
        Some(headers) => headers.0.clone(),
        None => {
            // The pseudo-headers of HTTP/2 (`:method` …) are left out.
            let fields = request.headers.iter();
            let fields = fields.filter(|field| !field.name.starts_with(':'));
            fields
                .map(|field| Some((field.name.as_str(), field.value.unescaped()?)))
                .collect::<Option<Headers>>()
                .ok_or("a header's value is no text")?
        }
    };
    let mut found = Recorded::new(Message::new(Bytes::new()));
    if own.is_none() {
        cookies(&request.cookies, &mut headers, &mut found.notes);
    }
    let given = Given {
        own,
        length: headers.text("content-length").and_then(|length| length.parse().ok()),
        size: request.body_size,
    };
    let body = given.body(request.post_data, &mut found)?;
    found.received_at = when::read(entry.started_date_time.as_ref(), &mut found.notes);
    if let Some(held) = own.and_then(|own| own.body_held) {
        found.body_held = held;
    }
    found.message = Message {
        method: request.method,
        url: Some(match entry.own {
            Some(own) => own.target,
            None => sent(&request.url)?,
        }),
        headers,
        ..Message::new(body)
    };
    found.lost.extend(credentials::loss(&found.message));
    Ok(found)
}

/// A URL as it goes over the wire: without the fragment, which stays with the client.
///
/// # Errors
/// In words, that it is of another protocol than HTTP.
fn sent(url: &str) -> Result<String, String> {
    let scheme = url.split([':', '/', '?', '#']).next().unwrap_or_default();
    let is_scheme = url[scheme.len()..].starts_with("://") || OTHERS.contains(&scheme.to_ascii_lowercase().as_str());
    if is_scheme && !["http", "https"].iter().any(|http| http.eq_ignore_ascii_case(scheme)) {
        return Err(format!(
            "its URL is of {}, and no request of HTTP",
            scheme.escape_debug()
        ));
    }
    Ok(url.split('#').next().unwrap_or_default().to_owned())
}

/// Schemes of URLs that name no host.
const OTHERS: [&str; 5] = ["data", "blob", "about", "javascript", "mailto"];

/// The cookies that went with a request, where no header holds them.
fn cookies(list: &Value, headers: &mut Headers, notes: &mut Vec<String>) {
    let text = |cookie: &Value, name: &str| cookie.get(name).and_then(Value::as_str).map(str::to_owned);
    let pairs: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|cookie| {
            Some(format!(
                "{}={}",
                text(cookie, "name")?,
                text(cookie, "value").unwrap_or_default()
            ))
        })
        .collect();
    if !pairs.is_empty() && !headers.contains("cookie") {
        headers.append("Cookie", pairs.join("; "));
        notes.push("its Cookie header was written again from the cookies that the archive holds".into());
    }
}

/// What an entry says of its body besides the body.
struct Given<'a> {
    own: Option<&'a Own>,
    /// Its Content-Length.
    length: Option<u64>,
    size: Option<i64>,
}

impl Given<'_> {
    fn body(&self, post_data: Option<PostData>, found: &mut Recorded) -> Result<Bytes, String> {
        if let Some(base64) = self.own.and_then(|own| own.body_base64.as_deref()) {
            return decode(base64.as_bytes());
        }
        let has_params = |params: &Option<Vec<Param>>| params.as_ref().is_some_and(|params| !params.is_empty());
        match post_data {
            // An empty text beside fields holds nothing of them.
            Some(PostData {
                text: Some(text),
                encoding,
                params,
                ..
            }) if !(text.is_empty() && has_params(&params)) => self.text(&text, encoding.as_deref(), found),
            Some(PostData {
                params: Some(params),
                mime_type,
                ..
            }) if !params.is_empty() => Ok(self.form(&params, mime_type.as_deref(), found)),
            post_data => {
                let says = self.size.unwrap_or(0) > 0 || self.length.unwrap_or(0) > 0;
                if (post_data.is_some() && self.size != Some(0) && self.own.is_none()) || says {
                    self.missing(found);
                }
                Ok(Bytes::new())
            }
        }
    }

    fn missing(&self, found: &mut Recorded) {
        found.body_held = BodyHeld::Missing;
        found.lost.push("the body: the archive does not hold it as text".into());
    }

    fn text(&self, text: &Text, encoding: Option<&str>, found: &mut Recorded) -> Result<Bytes, String> {
        if encoding == Some("base64") {
            return decode(&text.bytes(None).unwrap_or_default());
        }
        // Our own archives hold each body as it came, whatever its head said of it.
        let length = self.length.filter(|_| self.own.is_none());
        let size = self
            .size
            .and_then(|size| u64::try_from(size).ok())
            .filter(|size| *size > 0 && self.own.is_none());
        let Some(whole) = text.bytes(length) else {
            let bytes = text.bytes(None).unwrap_or_default();
            if bytes.is_empty() {
                self.missing(found);
            } else {
                found.body_held = BodyHeld::Rewritten;
                found
                    .lost
                    .push("the body as it came: what the archive holds of it is not as long".into());
            }
            return Ok(bytes.into());
        };
        if length.is_none() && size.is_some_and(|size| size > whole.len() as u64) {
            if whole.is_empty() {
                self.missing(found);
            } else {
                found.body_held = BodyHeld::Rewritten;
                found.lost.push(format!(
                    "the body as it came: the archive says that it has {} bytes, and holds {}",
                    size.unwrap_or(0),
                    whole.len()
                ));
            }
        }
        Ok(whole.into())
    }

    /// A form's fields, written again as a browser writes them.
    fn form(&self, params: &[Param], mime_type: Option<&str>, found: &mut Recorded) -> Bytes {
        if !mime_type.is_some_and(|kind| {
            kind.to_ascii_lowercase()
                .starts_with("application/x-www-form-urlencoded")
        }) {
            self.missing(found);
            return Bytes::new();
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        for param in params {
            form.append_pair(&param.name, param.value.as_deref().unwrap_or_default());
        }
        found.body_held = BodyHeld::Rewritten;
        found
            .notes
            .push("its body was written again from the fields that the archive holds".into());
        form.finish().into()
    }
}

fn decode(text: &[u8]) -> Result<Bytes, String> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    Ok(STANDARD.decode(text).map_err(|_| "a body is not base64")?.into())
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
        body_held: Some(recorded.body_held).filter(|held| *held != BodyHeld::Exact),
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

    fn read(text: &str) -> Vec<Result<Recorded, String>> {
        let mut found = Vec::new();
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(Har.detect(&mut input).unwrap());
        Har.each(&mut input, &Files::Refused, &mut |entry| {
            found.push(entry.request);
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn entries_are_read_with_their_bytes() {
        let text = r#" {"log":{"version":"1.2","creator":{},"entries":[
            {"startedDateTime":"2026-05-08T12:00:00.000Z","request":{"method":"POST","url":"https://x.test/h","headers":[{"name":":method","value":"POST"},{"name":"X-A","value":"b"}],
             "postData":{"mimeType":"application/json","text":"AP8=","encoding":"base64"}}},
            {"request":7},
            {"request":{"method":"GET","url":"https://x.test/"}}]}}"#;
        let found = read(text);
        let first = found[0].as_ref().unwrap();
        assert_eq!(first.message.body.as_ref(), [0, 255]);
        assert_eq!(first.message.headers.len(), 1);
        assert!(found[1].is_err());
        assert_eq!(found[2].as_ref().unwrap().message.method, "GET");
        let mut count = 0;
        Har.each(
            &mut Input::new(text.as_bytes(), u64::MAX).unwrap(),
            &Files::Refused,
            &mut |_| {
                count += 1;
                false
            },
        )
        .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_payload_with_a_log_is_no_archive() {
        for text in [
            r#"{"log":"text"}"#,
            r#"{"event":1,"log":{"entries":[]}}"#,
            r#"{"log":{"version":3,"message":"x"}}"#,
        ] {
            assert!(!begins_as_archive(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_stands_beside_a_request_is_read() {
        let entry = |request: &str| format!(r#"{{"startedDateTime":1793524528271,"request":{request}}}"#);
        let one = |request: &str| {
            read(&format!(
                r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#,
                entry(request)
            ))
            .remove(0)
        };
        let found = one(
            r#"{"method":"POST","url":"https://x.test/h#top","headers":[],"cookies":[{"name":"a","value":"b"},{"name":"c","value":"d"}],
            "postData":{"mimeType":"multipart/form-data; boundary=x","text":"","params":[{"name":"f","value":"1"}]}}"#,
        )
        .unwrap();
        assert_eq!(found.message.url.as_deref(), Some("https://x.test/h"));
        assert_eq!(found.message.headers.text("cookie"), Some("a=b; c=d"));
        assert_eq!(found.body_held, BodyHeld::Missing);
        assert_eq!(found.received_at, "2026-11-01T09:15:28.271Z".parse().ok());
        for url in ["data:text/plain,hi", "wss://x.test/s", "blob:https://x.test/1"] {
            assert!(one(&format!(r#"{{"method":"GET","url":"{url}"}}"#)).is_err(), "{url}");
        }
        for url in ["http://x.test/a:b", "/h?u=ws://y", "x.test:80/h"] {
            assert!(one(&format!(r#"{{"method":"GET","url":"{url}"}}"#)).is_ok(), "{url}");
        }
        assert!(begins_as_archive(br#"{"log": {"version": "1.2"}}"#));
    }
}
