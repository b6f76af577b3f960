//! `--json` lines that hold a request, and the fields that such lines share.

use std::borrow::Cow;
use std::io::{BufRead as _, Read as _};
use std::str;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hex::FromHex as _;
use jiff::Timestamp;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::credentials::{self, Credentials};
use super::{CaptureError, Entry, Exchange, Files, Input, Take, when};
use crate::capture::{BodyHeld, Capture, Delivered, DeliveryKind, Excerpt, Identity, Judgement, Outcome, Recorded};
use crate::message::{Headers, Message};
use crate::trust::Caveat;
use crate::verify::{Reason, SignatureState};

/// The types of line that hold a request.
const REQUESTS: [&str; 2] = ["capture", "request"];
/// The first line of `listen --json`.
const READY: &str = "ready";

/// A body in a JSON line: `body` where it is UTF-8, else `body_base64`, and `truncated` where it is not whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum HeaderText<'a> {
    Text(Cow<'a, str>),
    Bytes { base64: String },
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for HeaderPairs {
    fn schema_name() -> Cow<'static, str> {
        "HeaderPairs".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<(String, HeaderText<'_>)>::json_schema(generator)
    }
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

/// A capture in a JSON line: everything that the store holds of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaptureFields {
    /// Its number.
    pub id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Who sent it.
    pub peer: Option<String>,
    /// `1.0` or `1.1`.
    pub http_version: &'static str,
    /// The HTTP method.
    pub method: String,
    /// The path and query, or a whole URL, as it came.
    pub target: String,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    #[serde(flatten)]
    pub body: BodyFields,
    /// How long the body is, in bytes.
    pub size: u64,
    /// What it reports.
    pub event_type: Option<String>,
    /// What deliveries of the same event share, a digest in hex.
    pub identity: Option<String>,
    /// The verdict on it when it arrived.
    pub verdict: Option<VerdictFields>,
    /// Whether the same event was captured before.
    pub duplicate: bool,
    /// Its first capture.
    pub duplicate_of: Option<i64>,
    /// What it was answered with.
    pub response: Option<ResponseFields>,
    /// What came of its forward.
    pub forward: Option<DeliveryFields>,
    /// What came of its replays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replays: Vec<DeliveryFields>,
    /// What came of sending it, where it was sent from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<DeliveryFields>,
    /// `rewritten` or `missing`, where the body is not the one that came.
    #[serde(skip_serializing_if = "is_exact")]
    pub body_held: BodyHeld,
}

fn is_exact(held: &BodyHeld) -> bool {
    *held == BodyHeld::Exact
}

/// A verdict in a capture's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictFields {
    /// Whether it is to be trusted.
    #[serde(default)]
    pub valid: bool,
    /// The reason.
    pub reason: Reason,
    /// The signature alone.
    pub signature: SignatureState,
    /// Whose request it is.
    pub provider: Option<String>,
    /// In which dialect.
    pub dialect: Option<String>,
    /// The signed time.
    #[serde(default)]
    pub signed_at: Option<Timestamp>,
    /// How old it was when it arrived; negative is ahead.
    #[serde(default)]
    pub timestamp_age_ms: Option<i64>,
    /// Where the secret that matched came from.
    #[serde(default)]
    pub matched_secret: Option<String>,
    /// What it rests on that the user does not trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caveat: Option<Caveat>,
    /// What exactly is wrong.
    #[serde(default)]
    pub detail: Option<String>,
}

/// An answer in a capture's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseFields {
    /// The status.
    pub status: u16,
}

/// A delivery in a capture's line. Without a status and an error, what came of it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeliveryFields {
    /// Where to.
    pub target: String,
    /// When it began.
    pub at: Timestamp,
    /// The answer's status.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: Option<f64>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// What the answer's `X-Powered-By` and `Server` say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The answer, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<AnswerFields>,
}

/// What a receiver answered, in a capture's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerFields {
    /// The status.
    pub status: u16,
    /// The headers.
    #[serde(default)]
    pub headers: HeaderPairs,
    /// The body's beginning.
    #[serde(flatten)]
    pub body: BodyFields,
}

impl AnswerFields {
    /// The fields of `answer`; what `masked` says is a credential is masked.
    pub fn new(answer: &Excerpt, masked: Option<&Credentials>) -> Self {
        Self {
            status: answer.status,
            headers: HeaderPairs(match masked {
                Some(credentials) => credentials.mask_headers(&answer.headers),
                None => answer.headers.clone(),
            }),
            body: BodyFields::new(&answer.body, answer.truncated),
        }
    }

    /// What is kept of it.
    fn excerpt(self) -> Option<Excerpt> {
        let truncated = self.body.truncated;
        let mut excerpt = Excerpt::new(self.status, self.headers.0);
        excerpt.take(&self.body.bytes().ok()?);
        excerpt.truncated |= truncated;
        Some(excerpt)
    }
}

impl CaptureFields {
    /// The fields of `capture`; what `masked` says is a credential is masked, and a body beyond `longest` bytes is cut.
    pub fn new(capture: &Capture, masked: Option<&Credentials>, longest: usize) -> Self {
        let message = &capture.recorded.message;
        let headers = match masked {
            Some(credentials) => credentials.mask_headers(&message.headers),
            None => message.headers.clone(),
        };
        let judgement = capture.recorded.judgement.as_ref();
        let body = shown_body(capture, masked);
        Self {
            headers: HeaderPairs(headers),
            body: BodyFields::new(beginning(&body, longest), body.len() > longest),
            identity: judgement.and_then(|judgement| judgement.identity.map(hex::encode)),
            ..Self::with_answers(capture, masked)
        }
    }

    /// [`Self::brief`], with what was answered to each delivery.
    fn with_answers(capture: &Capture, masked: Option<&Credentials>) -> Self {
        let mut fields = Self::brief(capture, masked);
        let deliveries = &capture.recorded.deliveries;
        let answers = |kind| {
            let of_kind = deliveries.iter().filter(move |delivered| delivered.kind == kind);
            of_kind.map(|delivered| {
                let answer = delivered.outcome.as_ref().and_then(|outcome| outcome.answer.as_deref());
                answer.map(|answer| AnswerFields::new(answer, masked))
            })
        };
        if let Some(forward) = &mut fields.forward {
            forward.response = answers(DeliveryKind::Forward).next_back().flatten();
        }
        if let Some(send) = &mut fields.send {
            send.response = answers(DeliveryKind::Send).next_back().flatten();
        }
        for (replay, answer) in fields.replays.iter_mut().zip(answers(DeliveryKind::Replay)) {
            replay.response = answer;
        }
        fields
    }

    /// The fields that a line for people is made of: no headers, no body, no identity, no answers.
    pub fn brief(capture: &Capture, masked: Option<&Credentials>) -> Self {
        let shown = |url: &str| match masked {
            Some(credentials) => credentials.mask_url(url).into_owned(),
            None => url.to_owned(),
        };
        let delivery = |delivered: &Delivered| DeliveryFields {
            target: shown(&delivered.target),
            ..DeliveryFields::new(delivered)
        };
        let recorded = &capture.recorded;
        let message = &recorded.message;
        let received_at = recorded.received_at.unwrap_or_default();
        let judgement = recorded.judgement.as_ref();
        let of = |kind| {
            recorded
                .deliveries
                .iter()
                .filter(move |delivered| delivered.kind == kind)
        };
        Self {
            id: capture.id,
            received_at,
            peer: recorded.peer.clone(),
            http_version: if recorded.http_1_0 { "1.0" } else { "1.1" },
            method: message.method.clone(),
            target: shown(message.url.as_deref().unwrap_or("/")),
            headers: HeaderPairs::default(),
            body: BodyFields::new(b"", false),
            size: message.body.len() as u64,
            event_type: judgement.and_then(|judgement| judgement.event_type.clone()),
            identity: None,
            verdict: judgement.map(|judgement| VerdictFields::new(judgement, received_at)),
            duplicate: capture.duplicate_of.is_some(),
            duplicate_of: capture.duplicate_of,
            response: recorded.answer.map(|status| ResponseFields { status }),
            forward: of(DeliveryKind::Forward).next_back().map(delivery),
            replays: of(DeliveryKind::Replay).map(delivery).collect(),
            send: of(DeliveryKind::Send).next_back().map(delivery),
            body_held: recorded.body_held,
        }
    }
}

/// The body of `capture` as it is shown, where `masked` says what is a credential.
pub fn shown_body<'c>(capture: &'c Capture, masked: Option<&Credentials>) -> Cow<'c, Bytes> {
    let recorded = &capture.recorded;
    let provider = recorded
        .judgement
        .as_ref()
        .and_then(|judgement| judgement.provider.as_deref());
    match masked {
        Some(credentials) => credentials.mask_body(&recorded.message, provider),
        None => Cow::Borrowed(&recorded.message.body),
    }
}

/// At most `longest` bytes of `body`; a character is not cut.
fn beginning(body: &[u8], longest: usize) -> &[u8] {
    let Some(cut) = body.get(..longest) else { return body };
    match str::from_utf8(cut) {
        Err(error) if error.error_len().is_none() => &cut[..error.valid_up_to()],
        _ => cut,
    }
}

impl VerdictFields {
    fn new(judgement: &Judgement, received_at: Timestamp) -> Self {
        let age = judgement.signed_at.map(|at| received_at.duration_since(at));
        Self {
            valid: judgement.reason == Reason::Valid,
            reason: judgement.reason,
            signature: judgement.signature,
            provider: judgement.provider.clone(),
            dialect: judgement.dialect.clone(),
            signed_at: judgement.signed_at,
            timestamp_age_ms: age.and_then(|age| i64::try_from(age.as_millis()).ok()),
            matched_secret: judgement.matched_secret.clone(),
            caveat: judgement.caveat,
            detail: judgement.detail.clone(),
        }
    }
}

impl DeliveryFields {
    fn new(delivered: &Delivered) -> Self {
        let outcome = delivered.outcome.as_ref();
        Self {
            target: delivered.target.clone(),
            at: delivered.at,
            status: outcome.and_then(|outcome| outcome.status),
            duration_ms: outcome.map(|outcome| outcome.duration.as_micros() as f64 / 1e3),
            error: outcome.and_then(|outcome| outcome.failure.clone()),
            server: outcome.and_then(|outcome| outcome.server.clone()),
            response: None,
        }
    }

    fn delivered(self, kind: DeliveryKind) -> Delivered {
        let outcome = self.duration_ms.map(|duration| Outcome {
            status: self.status,
            duration: Duration::from_micros((duration * 1e3).round().clamp(0.0, 1e15) as u64),
            failure: self.error,
            server: self.server,
            answer: self.response.and_then(AnswerFields::excerpt).map(Box::new),
        });
        Delivered {
            id: 0,
            kind,
            target: self.target,
            at: self.at,
            outcome,
        }
    }
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: Option<String>,
    target: Option<String>,
    #[serde(default)]
    headers: AnyHeaders,
    received_at: Option<Value>,
    peer: Option<String>,
    http_version: Option<String>,
    event_type: Option<String>,
    identity: Option<String>,
    verdict: Option<VerdictFields>,
    response: Option<ResponseFields>,
    forward: Option<DeliveryFields>,
    #[serde(default)]
    replays: Vec<DeliveryFields>,
    send: Option<DeliveryFields>,
    #[serde(default)]
    body_held: BodyHeld,
    body: Option<Value>,
    body_base64: Option<String>,
    #[serde(default)]
    truncated: bool,
}

/// Headers as we write them, or as a hand does: an object of texts, or of lists of texts.
#[derive(Default)]
struct AnyHeaders(Headers);

impl<'de> Deserialize<'de> for AnyHeaders {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            object @ Value::Object(_) => headers_of_object(&object).map(Self).map_err(serde::de::Error::custom),
            Value::Null => Ok(Self::default()),
            Value::Array(fields) if fields.first().is_some_and(Value::is_object) => {
                super::wrapper::bodies::headers(Some(&Value::Array(fields)))
                    .map(Self)
                    .map_err(serde::de::Error::custom)
            }
            pairs if !pairs.is_array() => Err(serde::de::Error::custom(
                "its headers are neither an object nor a list of pairs",
            )),
            pairs => HeaderPairs::deserialize(pairs)
                .map(|pairs| Self(pairs.0))
                .map_err(serde::de::Error::custom),
        }
    }
}

/// Headers in an object: each a text, a number, or a list of them.
///
/// # Errors
/// Which header is none, in words.
pub(super) fn headers_of_object(object: &Value) -> Result<Headers, String> {
    let mut headers = Headers::default();
    let Some(object) = object.as_object() else {
        return Err("its headers are no object".into());
    };
    for (name, value) in object {
        let values = match value {
            Value::Array(values) => &values[..],
            value => std::slice::from_ref(value),
        };
        for value in values {
            match value {
                Value::String(text) => headers.append(name, text),
                Value::Number(number) => headers.append(name, number.to_string()),
                Value::Bool(flag) => headers.append(name, flag.to_string()),
                Value::Null => {}
                _ => return Err(format!("its header `{}` is no text", name.escape_debug())),
            }
        }
    }
    Ok(headers)
}

impl Request {
    fn recorded(self) -> Result<Recorded, String> {
        if self.truncated {
            return Err("its body is not whole (`truncated`), so it can't be used as a request".into());
        }
        let mut lost = Vec::new();
        let mut body_held = self.body_held;
        let text = match self.body {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(value) => {
                body_held = BodyHeld::Rewritten;
                lost.push(super::wrapper::REWRITTEN.into());
                Some(value.to_string())
            }
        };
        let fields = BodyFields {
            body: text,
            body_base64: self.body_base64,
            truncated: false,
        };
        let message = Message {
            method: self.method,
            url: self.target.or(self.url),
            headers: self.headers.0,
            ..Message::new(fields.bytes()?)
        };
        lost.extend(credentials::loss(&message));
        let event_type = self.event_type;
        let identity = self.identity.map(Identity::from_hex).transpose().unwrap_or_else(|_| {
            lost.push("what tells it from other events: its identity is not the hex of 16 bytes".into());
            None
        });
        let judgement = self.verdict.map(|verdict| Judgement {
            reason: verdict.reason,
            signature: verdict.signature,
            provider: verdict.provider,
            dialect: verdict.dialect,
            event_type,
            identity,
            signed_at: verdict.signed_at,
            matched_secret: verdict.matched_secret,
            caveat: verdict.caveat,
            detail: verdict.detail,
        });
        let forward = self.forward.map(|fields| fields.delivered(DeliveryKind::Forward));
        let send = self.send.map(|fields| fields.delivered(DeliveryKind::Send));
        let replays = self
            .replays
            .into_iter()
            .map(|fields| fields.delivered(DeliveryKind::Replay));
        let mut notes = Vec::new();
        Ok(Recorded {
            received_at: when::read(self.received_at.as_ref(), &mut notes),
            peer: self.peer,
            http_1_0: self.http_version.as_deref() == Some("1.0"),
            judgement,
            answer: self.response.map(|response| response.status),
            deliveries: forward.into_iter().chain(send).chain(replays).collect(),
            lost,
            notes,
            body_held,
            ..Recorded::new(message)
        })
    }
}

/// JSON lines: an object each, as `--json` and `captures export` write them, or made by hand of `method`, `url`,
/// `headers` and `body`.
#[derive(Debug)]
pub struct JsonLines;

impl Exchange for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn title(&self) -> &'static str {
        "JSON lines of requests"
    }

    fn remedy(&self) -> &'static str {
        "a line is one object, such as {\"method\":\"POST\",\"url\":\"/hooks\",\"headers\":{\"a\":\"b\"},\"body\":\"text\"}"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let text = input.beginning();
        if !text.starts_with(b"{") && !text.starts_with(b"[") {
            return Ok(false);
        }
        // One whose first line is longer than what is looked at, or is not the whole object.
        if begins_as_ours(text) {
            return Ok(true);
        }
        Ok(input.first_value()?.is_some_and(|first| match first {
            Value::Array(list) => list.first().is_some_and(is_ours),
            object => is_ours(object),
        }))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        if is_one_line_each(input.beginning()) {
            return each_line(input, take);
        }
        each_value(input.text()?, take);
        Ok(())
    }
}

/// Whether an object is a request, or a line beside requests.
fn is_ours(value: &Value) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    if value.get("method").is_none_or(|method| !method.is_string()) {
        return kind == Some(READY) && value.get("url").is_some();
    }
    let has = |names: &[&str]| names.iter().any(|name| value.get(name).is_some());
    kind.is_some_and(|kind| REQUESTS.contains(&kind))
        || has(&["url", "target"]) && has(&["headers", "body", "body_base64"])
}

/// Whether a text that is cut, or broken, begins with a line that says its type as ours do.
fn begins_as_ours(text: &[u8]) -> bool {
    let Some(inside) = text.strip_prefix(b"{") else {
        return false;
    };
    let Some(behind) = inside.trim_ascii_start().strip_prefix(b"\"type\"") else {
        return false;
    };
    let Some(value) = behind.trim_ascii_start().strip_prefix(b":") else {
        return false;
    };
    let value = value.trim_ascii_start();
    REQUESTS
        .iter()
        .any(|kind| value.starts_with(format!("\"{kind}\"").as_bytes()))
}

/// Whether the text is lines rather than objects over several.
fn is_one_line_each(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let goes_on = |line: &[u8]| matches!(line.last(), Some(b',' | b'{' | b'[' | b':'));
    lines
        .next()
        .is_some_and(|line| line.starts_with(b"{") && !goes_on(line))
}

/// Every value of a text that holds them one after the other, or in a list.
fn each_value(text: &[u8], take: &mut Take<'_>) {
    let mut number = 0;
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let values = match value {
            Ok(Value::Array(values)) => values,
            Ok(value) => vec![value],
            Err(error) => {
                take(Entry::new(format!("object {}", number + 1), Err(error.to_string())));
                return;
            }
        };
        for value in values {
            number += 1;
            let Some(request) = of_value(value) else { continue };
            if !take(Entry::new(format!("object {number}"), request)) {
                return;
            }
        }
    }
}

/// The request in an object; `None` in one of another type.
fn of_value(value: Value) -> Option<Result<Recorded, String>> {
    let kind = value.get("type").and_then(Value::as_str);
    let is_request = kind.is_none_or(|kind| REQUESTS.contains(&kind)) || value.get("method").is_some();
    is_request.then(|| {
        let request: Request = serde_json::from_value(value).map_err(|error| error.to_string())?;
        request.recorded()
    })
}

/// The request in one line; `None` for a line without one.
///
/// # Errors
/// What is wrong with the line, in words.
pub fn read_line(line: &[u8]) -> Result<Option<Recorded>, String> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"//") {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if !value.is_object() {
        return Err("it is no object".into());
    }
    of_value(value).transpose()
}

/// Gives every line's request to `take` as it is read: no more than one line is held.
fn each_line(input: &mut Input<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
    let (longest, before) = (input.longest(), input.lines_before());
    let mut from = input.stream();
    let mut line = Vec::new();
    for number in before + 1.. {
        line.clear();
        let read = (&mut from)
            .take(longest.saturating_add(1))
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if read as u64 > longest {
            return Err(super::broken(
                &JsonLines,
                format!("line {number}"),
                format!("it is longer than {longest} bytes"),
            ));
        }
        let entry = match read_line(&line) {
            Ok(None) => continue,
            Ok(Some(recorded)) => Ok(recorded),
            Err(problem) => Err(problem),
        };
        if !take(Entry::new(format!("line {number}"), entry)) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    fn read(text: &str) -> Result<Vec<Recorded>, CaptureError> {
        exchange::read(&JsonLines, text.as_bytes())
    }

    fn looks_like(text: &str) -> bool {
        JsonLines
            .detect(&mut Input::new(text.as_bytes(), 1024).unwrap())
            .unwrap()
    }

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
        assert!(looks_like(text));
        let found = read(text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].message.body.as_ref(), [0, 255]);
        assert_eq!(found[0].message.headers.get("c"), Some(&b"\xff"[..]));
        assert_eq!(found[0].received_at, "2026-05-08T12:00:00Z".parse().ok());
        assert_eq!(found[1].message.url.as_deref(), Some("http://x.test/"));
        let mut short = Input::new(text.as_bytes(), 100).unwrap_err();
        assert!(matches!(&mut short, CaptureError::TooLong(100)));
        assert!(
            !looks_like(r#"{"type":"cost.alert"}"#),
            "a payload with a `type` of its own"
        );
    }

    #[test]
    fn a_hand_may_write_less() {
        for text in [
            r#"{"method":"POST","url":"/h","headers":{"a":["b","c"],"n":7},"body":"x"}"#,
            "[\n {\"method\": \"POST\",\n \"url\": \"/h\", \"headers\": [[\"a\",\"b\"],[\"a\",\"c\"],[\"n\",\"7\"]], \"body\": \"x\"}\n]",
        ] {
            assert!(looks_like(text), "{text}");
            let found = read(text).unwrap();
            let message = &found[0].message;
            assert_eq!(message.headers.get_all("a").collect::<Vec<_>>(), [b"b", b"c"], "{text}");
            assert_eq!(
                (message.headers.text("n"), message.body.as_ref()),
                (Some("7"), &b"x"[..])
            );
        }
        let named =
            read(r#"{"method":"POST","url":"/h","headers":[{"name":"a","value":"b"}],"received_at":1793524528}"#)
                .unwrap();
        assert_eq!(named[0].message.headers.text("a"), Some("b"));
        assert_eq!(named[0].received_at, "2026-11-01T09:15:28Z".parse().ok());
        let undated = read(r#"{"method":"POST","url":"/h","body":"x","received_at":"yesterday"}"#).unwrap();
        assert_eq!((undated[0].received_at, undated[0].notes.len()), (None, 1));
        let object = read(r#"{"method":"POST","url":"/h","body":{"a": 1.0}}"#).unwrap();
        assert_eq!(
            (object[0].message.body.as_ref(), object[0].body_held),
            (&br#"{"a":1.0}"#[..], BodyHeld::Rewritten)
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
            (
                r#"{"method":"POST","url":"/h","headers":"a: b"}"#,
                "neither an object nor a list",
            ),
        ] {
            let error = read(&format!("\n{line}")).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(part), "{error}");
        }
    }
}
