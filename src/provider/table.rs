//! `provider.toml`: the table of a provider, and the dialects that are laid over it.

use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::civil::Date;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::ProviderError;
use super::built_in::BuiltIn;
use crate::clock::{Unit, deserialize_duration};
use crate::json;
use crate::message::{Message, Place, Places};
use crate::scheme::{Given, Signature, TimestampRule, given_table};

use super::events::Events;
use super::handshake::Handshake;
use super::own::OWN;
use super::recognise::Recognise;
use super::template::Template;

/// The version of the language that this table reader knows.
const VERSION: i64 = 1;

/// What a provider's table says, in one dialect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The version of the table's language: 1.
    pub version: i64,
    /// The provider's name as it writes it.
    pub title: String,
    /// Its documentation's address.
    pub docs: Option<String>,
    /// The day on which its facts were last compared with their source, such as `"2026-11-29"`.
    pub checked: Option<Date>,
    /// What this dialect is, in one line.
    pub about: String,
    /// The name of the dialect that the table begins with.
    #[serde(default = "default_dialect")]
    pub dialect_name: String,
    /// Where its documentation mounts a receiver.
    pub path: String,
    /// The variables that its documentation keeps the secret in.
    pub secret_env: Vec<String>,
    /// What a request looks like.
    pub request: Request,
    /// The values that a signature or a handshake needs beside the secret, and that no request holds.
    #[serde(default, deserialize_with = "given_table")]
    pub given: IndexMap<String, Given>,
    /// What is signed, where that is nothing. It is said, since a table without signatures is a mistake else.
    pub signs: Option<Nothing>,
    /// The signatures.
    #[serde(default)]
    pub signature: Vec<Signature>,
    /// The signed time.
    pub timestamp: Option<TimestampRule>,
    /// Where an event's facts stand.
    pub event: Event,
    /// How it delivers and retries.
    #[serde(default)]
    pub delivery: DeliveryPolicy,
    /// What tells its requests from others'.
    pub recognise: Recognise,
    /// What a receiver is asked before anything is delivered to it, and its answers.
    #[serde(default)]
    pub handshake: Vec<Handshake>,
    /// Events that follow each other.
    #[serde(default)]
    pub chain: Vec<Chain>,
    /// The documented event types, each with its meaning.
    #[serde(default)]
    pub events: Events,
    /// Event types that are known from elsewhere, each with its meaning.
    #[serde(default)]
    pub undocumented_events: Events,
}

/// `signs = "nothing"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nothing {
    /// Anyone may have sent a request, and there is nothing to verify.
    Nothing,
}

fn default_dialect() -> String {
    "default".into()
}

/// `[request]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// How the body is written.
    #[serde(default)]
    pub body: BodyKind,
    /// The JSON style it is written in.
    #[serde(default, deserialize_with = "style")]
    pub style: Option<&'static json::Style>,
    /// The headers besides those that carry the signature.
    #[serde(default)]
    pub headers: IndexMap<String, Template>,
    /// The body's members where they are arranged otherwise than in the fixture: a name, and the JSON pointer of the
    /// value; `*` is an object of all members that no pointer begins with.
    #[serde(default)]
    pub envelope: IndexMap<String, String>,
}

/// What a body is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BodyKind {
    /// JSON, in a style.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`, from a fixture that is one flat object.
    Form,
    /// `multipart/form-data`, from a fixture that is one object: a member that is no text and no number is a field that
    /// holds JSON in a style. Its boundary stands in the table's `Content-Type`.
    Multipart,
    /// XML, from a fixture that is one object with one member, the root: members are elements, those of a list are the
    /// same element several times, and a name with `@` before it is an attribute.
    Xml,
    /// A form of one field, `payload`, that holds JSON in a style.
    #[serde(rename = "form-payload")]
    FormPayload,
}

fn style<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<&'static json::Style>, D::Error> {
    let name = String::deserialize(from)?;
    json::Style::named(&name).map(Some).ok_or_else(|| {
        let known: Vec<_> = json::STYLES.iter().map(|style| style.name).collect();
        serde::de::Error::custom(format!("unknown style `{name}`, expected one of {}", known.join(", ")))
    })
}

impl Request {
    /// The JSON style, `javascript` where none is named.
    pub fn json_style(&self) -> &'static json::Style {
        self.style.unwrap_or(&json::JAVASCRIPT)
    }
}

/// `[event]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Where the event's type stands. Nowhere: its requests don't say it, and the fixtures' names are ours.
    #[serde(default, rename = "type")]
    pub kind: Places,
    /// Where it stands what happened to what the type names: both are joined with a dot, where both are there.
    pub action: Option<Place>,
    /// Where the message's id stands.
    pub id: Option<Place>,
    /// How a new id is made: a template of `{uuid}`, `{hex24}` and `{hex32}`.
    #[serde(default = "new_id")]
    pub new_id: String,
    /// What two deliveries of the same event share.
    #[serde(default)]
    pub identity: Vec<Place>,
    /// What is new on each send: a JSON pointer, and what stands there.
    #[serde(default)]
    pub fresh: IndexMap<String, Fresh>,
}

impl Event {
    /// The type that `message` says.
    pub fn type_of(&self, message: &Message) -> Option<String> {
        let read = |place: &Place| place.read(message);
        self.joined(self.kind.read(message), self.action.as_ref().and_then(read))
    }

    /// A type of the two texts that say it.
    pub fn joined(&self, kind: Option<String>, action: Option<String>) -> Option<String> {
        match (kind, action) {
            (Some(kind), Some(action)) if !action.is_empty() => Some(format!("{kind}.{action}")),
            (kind, _) => kind,
        }
    }

    /// A type as it is said: what stands at `type`, and at `action` where the table has that.
    pub fn parts<'t>(&self, event_type: &'t str) -> (&'t str, Option<&'t str>) {
        match (&self.action, event_type.split_once('.')) {
            (Some(_), Some((kind, action))) => (kind, Some(action)),
            _ => (event_type, None),
        }
    }

    /// Whether `place` says the type or a part of it.
    pub fn says(&self, place: &Place) -> bool {
        self.kind.0.contains(place) || self.action.as_ref() == Some(place)
    }

    /// Puts the type wherever `payload` says it.
    pub fn name(&self, payload: &mut json::Value, event_type: &str) {
        let (kind, action) = self.parts(event_type);
        let kinds = self.kind.0.iter().map(|place| (place, Some(kind)));
        for (place, text) in kinds.chain(self.action.iter().map(|place| (place, action))) {
            let pointer = match place {
                Place::Body(pointer) => Some(pointer),
                Place::Form { pointer, .. } => pointer.as_ref(),
                _ => None,
            };
            let said = pointer.and_then(|pointer| payload.pointer_mut(pointer));
            if let (Some(said), Some(text)) = (said, text) {
                *said = text.into();
            }
        }
    }
}

fn new_id() -> String {
    "{uuid}".into()
}

/// A value that is new on each send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fresh {
    /// The message's id.
    Id,
    /// Unix seconds, a number.
    UnixSeconds,
    /// Unix seconds, a text.
    UnixSecondsText,
    /// Unix milliseconds, a number.
    UnixMillis,
    /// RFC 3339, whole seconds.
    Rfc3339Seconds,
    /// RFC 3339, milliseconds.
    Rfc3339Millis,
    /// RFC 3339, microseconds.
    Rfc3339Micros,
    /// RFC 3339 with milliseconds: the beginning of the day in UTC.
    Rfc3339MillisMidnight,
}

impl Fresh {
    /// The times of a moment, which are new in the way that they were read.
    const TIMES: [Self; 5] = [
        Self::UnixSeconds,
        Self::UnixMillis,
        Self::Rfc3339Seconds,
        Self::Rfc3339Millis,
        Self::Rfc3339Micros,
    ];

    /// The moment that `value` is, and how it is written, where it is a time of this century.
    pub fn of(value: &json::Value) -> Option<(Self, jiff::Timestamp)> {
        let text = match value {
            json::Value::String(text) => text.as_str(),
            json::Value::Number(number) => number.as_str(),
            _ => return None,
        };
        let at = Unit::read(text, &[Unit::of(text)?]).ok()?;
        let exact = Self::TIMES.into_iter().find(|fresh| fresh.value("", at) == *value);
        exact.map(|fresh| (fresh, at))
    }

    /// The value for a message of that id and time.
    pub fn value(self, id: &str, at: jiff::Timestamp) -> json::Value {
        match self {
            Self::Id => id.into(),
            Self::UnixSeconds => at.as_second().into(),
            Self::UnixSecondsText => at.as_second().to_string().into(),
            Self::UnixMillis => at.as_millisecond().into(),
            Self::Rfc3339Seconds => Unit::Rfc3339Seconds.write(at).into(),
            Self::Rfc3339Millis => Unit::Rfc3339Millis.write(at).into(),
            Self::Rfc3339Micros => at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string().into(),
            Self::Rfc3339MillisMidnight => at.strftime("%Y-%m-%dT00:00:00.000Z").to_string().into(),
        }
    }
}

/// `[[chain]]`: events about one object that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Their types, the first first.
    pub events: Vec<String>,
    /// The JSON pointer of the object's id, which is the same in all of them. Without it, every id that the fixtures share.
    pub object: Option<String>,
}

/// `[delivery]`: how long an attempt may take, and what is tried again.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "DeliveryRow")]
pub struct DeliveryPolicy {
    /// The time-out of one attempt.
    pub timeout: Duration,
    /// How often it is tried again.
    pub retries: u32,
    /// How long it waits before each retry.
    pub delay: Delay,
    /// A delay is multiplied by a random number from this range.
    pub jitter: Option<(f64, f64)>,
    /// The outcomes that are tried again.
    pub on: Vec<RetryClass>,
    /// Outcomes among them that are not.
    pub except: Vec<RetryClass>,
    /// Whether an answer's `Retry-After` says how long it waits.
    pub retry_after: bool,
    /// What a retry carries.
    pub signature: RetrySignature,
    /// Which of these the provider documents; the others are ours.
    pub documented: Documented,
}

/// What of a delivery policy the provider documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Documented {
    /// The time-out.
    pub timeout: bool,
    /// How often it is tried again.
    pub retries: bool,
    /// The delays.
    pub delay: bool,
    /// The outcomes that are tried again.
    pub on: bool,
}

/// `[delivery]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryRow {
    #[serde(default, deserialize_with = "some_duration")]
    timeout: Option<Duration>,
    retries: Option<u32>,
    delay: Option<Delay>,
    jitter: Option<(f64, f64)>,
    on: Option<Vec<RetryClass>>,
    #[serde(default)]
    except: Vec<RetryClass>,
    #[serde(default)]
    retry_after: bool,
    signature: Option<RetrySignature>,
    /// What stands here and is ours, since the provider does not say it.
    #[serde(default)]
    assumed: Vec<Assumed>,
}

/// A key of `[delivery]` that a table may have without its provider's word.
#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Assumed {
    Timeout,
    Retries,
    Delay,
    On,
}

fn some_duration<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    deserialize_duration(from).map(Some)
}

impl From<DeliveryRow> for DeliveryPolicy {
    fn from(row: DeliveryRow) -> Self {
        let is_known = |is_there: bool, key: Assumed| is_there && !row.assumed.contains(&key);
        let ours = Self::default();
        Self {
            documented: Documented {
                timeout: is_known(row.timeout.is_some(), Assumed::Timeout),
                retries: is_known(row.retries.is_some(), Assumed::Retries),
                delay: is_known(row.delay.is_some(), Assumed::Delay),
                on: is_known(row.on.is_some(), Assumed::On),
            },
            timeout: row.timeout.unwrap_or(ours.timeout),
            retries: row.retries.unwrap_or(ours.retries),
            delay: row.delay.unwrap_or(ours.delay),
            jitter: row.jitter,
            on: row.on.unwrap_or(ours.on),
            except: row.except,
            retry_after: row.retry_after,
            signature: row.signature.unwrap_or(ours.signature),
        }
    }
}

impl DeliveryPolicy {
    /// Whether an attempt that ended so is made again.
    pub fn tries_again(&self, class: RetryClass, status: Option<u16>) -> bool {
        let is = |all: &[RetryClass]| all.iter().any(|own| own.is(class, status));
        is(&self.on) && !is(&self.except)
    }
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            retries: 3,
            delay: Delay::default(),
            jitter: None,
            on: vec![RetryClass::ServerError, RetryClass::Timeout, RetryClass::Connect],
            except: Vec::new(),
            retry_after: false,
            signature: RetrySignature::Same,
            documented: Documented::default(),
        }
    }
}

/// The delays before retries: a list whose last repeats, or a first one that grows.
#[derive(Debug, Clone, PartialEq)]
pub enum Delay {
    /// One after the other.
    List(Vec<DurationText>),
    /// Ever longer ones.
    Growing(Growth),
}

/// A first delay, then each `factor` times the one before, up to `max`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// Before the first retry.
    pub first: DurationText,
    /// How much longer the next is.
    pub factor: f64,
    /// The longest.
    pub max: DurationText,
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DelayVisitor)
    }
}

struct DelayVisitor;

impl<'de> Visitor<'de> for DelayVisitor {
    type Value = Delay;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of durations such as [\"2s\", \"4s\"], or { first, factor, max }")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Delay, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Delay::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Delay, A::Error> {
        Growth::deserialize(MapAccessDeserializer::new(map)).map(Delay::Growing)
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self::Growing(Growth {
            first: DurationText(Duration::from_secs(1)),
            factor: 2.0,
            max: DurationText(Duration::from_secs(3600)),
        })
    }
}

/// A duration written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DurationText(#[serde(deserialize_with = "deserialize_duration")] pub Duration);

/// How an attempt ended, as a retry policy sorts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OnText")]
#[non_exhaustive]
pub enum RetryClass {
    /// 1xx.
    Informational,
    /// 2xx.
    Success,
    /// 3xx.
    Redirect,
    /// 4xx.
    ClientError,
    /// 5xx.
    ServerError,
    /// This status alone.
    Status(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or one that broke.
    Connect,
}

/// A class by its name, or a status as a text or a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "1xx to 5xx, a status such as 429, timeout or connect")]
enum OnText {
    Text(String),
    Number(u16),
}

impl RetryClass {
    const NAMED: [(&str, Self); 7] = [
        ("1xx", Self::Informational),
        ("2xx", Self::Success),
        ("3xx", Self::Redirect),
        ("4xx", Self::ClientError),
        ("5xx", Self::ServerError),
        ("timeout", Self::Timeout),
        ("connect", Self::Connect),
    ];

    /// Whether an attempt that ended as `class`, with `status` where there was an answer, is meant.
    pub fn is(self, class: Self, status: Option<u16>) -> bool {
        self == class || matches!((self, status), (Self::Status(own), Some(status)) if own == status)
    }
}

impl TryFrom<OnText> for RetryClass {
    type Error = String;

    fn try_from(given: OnText) -> Result<Self, Self::Error> {
        let (text, status) = match given {
            OnText::Number(status) => (status.to_string(), Some(status)),
            OnText::Text(text) => {
                let status = text.parse().ok();
                (text, status)
            }
        };
        if let Some(status) = status.filter(|status| (100..600).contains(status)) {
            return Ok(Self::Status(status));
        }
        let named = Self::NAMED.into_iter().find(|(name, _)| *name == text);
        named
            .map(|(_, class)| class)
            .ok_or_else(|| format!("`{text}` is none of 1xx to 5xx, a status such as 429, timeout and connect"))
    }
}

impl fmt::Display for RetryClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Status(status) = self {
            return status.fmt(f);
        }
        let named = Self::NAMED.iter().find(|(_, class)| class == self);
        f.write_str(named.map_or("", |(name, _)| *name))
    }
}

/// What a retry carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RetrySignature {
    /// The same headers and body, timestamp and signature included.
    Same,
    /// The same id and body, signed anew.
    Fresh,
}

/// The name in `extends` and its line, where a table that can be read has it.
pub(super) fn extends(text: &str) -> Option<(String, usize)> {
    if !text.contains("extends") {
        return None;
    }
    let table = DeTable::parse(text).ok()?;
    let value = table.get_ref().get("extends")?;
    let name = value.get_ref().as_str().unwrap_or_default();
    Some((name.to_owned(), line_of(text, value.span().start)))
}

/// What a table has that is not read with it, and what one that extends another has at least.
const REQUIRED: &str = "a table needs version, title, about, path, secret_env, [request], [[signature]], [event] and [recognise], or `extends`, which names a built-in provider, and title and secret_env";
const REQUIRED_SIGNATURE: &str =
    "a [[signature]] needs kind, headers or from, item, fields, positions or packed, encoding, and content";

/// The text of a table, read but not yet understood.
#[derive(Clone)]
pub(super) struct Source<'a> {
    text: &'a str,
    place: String,
    base: Spanned<DeTable<'a>>,
    base_dialect: String,
    dialects: DeTable<'a>,
}

impl<'a> Source<'a> {
    /// Reads a table, laid over that of `extended` where there is one.
    pub(super) fn read(text: &'a str, extended: Option<&'a str>, place: String) -> Result<Self, ProviderError> {
        let mut base = DeTable::parse(text).map_err(|error| error_at(&place, text, &error))?;
        if let Some(extended) = extended {
            let mut below = DeTable::parse(extended).map_err(|error| error_at(&place, extended, &error))?;
            let own = base.get_mut();
            own.remove("extends");
            let table = below.get_mut();
            for name in OWN {
                table.remove(name);
            }
            if !own.contains_key("recognise") {
                table.insert(
                    Spanned::new(0..0, "recognise".into()),
                    Spanned::new(0..0, DeValue::Table(DeTable::new())),
                );
            }
            lay_over(table, own);
            base = below;
        }
        let dialects = match base.get_mut().remove("dialect").map(Spanned::into_inner) {
            Some(DeValue::Table(dialects)) => dialects,
            Some(_) => {
                return Err(ProviderError::Table {
                    place,
                    message: "`dialect` is a table of dialects: [dialect.NAME]".into(),
                });
            }
            None => DeTable::new(),
        };
        let named = base
            .get_ref()
            .get("dialect_name")
            .and_then(|name| name.get_ref().as_str());
        let base_dialect = named.map_or_else(default_dialect, str::to_owned);
        Ok(Self {
            text,
            place,
            base,
            base_dialect,
            dialects,
        })
    }

    /// The names of the dialects, the one that the table begins with first.
    pub(super) fn dialects(&self) -> impl Iterator<Item = &str> {
        let others = self.dialects.iter().map(|(name, _)| name.get_ref().as_ref());
        std::iter::once(self.base_dialect.as_str()).chain(others)
    }

    /// The table in `dialect`, with that dialect's name.
    pub(super) fn table(mut self, dialect: Option<&str>, provider: &str) -> Result<(String, Table), ProviderError> {
        let Some(dialect) = dialect.filter(|dialect| *dialect != self.base_dialect) else {
            let table = understand(self.text, &self.place, self.base)?;
            return Ok((self.base_dialect, table));
        };
        let overlay = self.dialects.get(dialect);
        match overlay.and_then(|overlay| overlay.get_ref().as_table()) {
            Some(overlay) => lay_over(self.base.get_mut(), overlay),
            None => return Err(unknown(dialect, provider, self.dialects())),
        }
        Ok((dialect.to_owned(), understand(self.text, &self.place, self.base)?))
    }
}

fn unknown<'a>(dialect: &str, provider: &str, known: impl Iterator<Item = &'a str>) -> ProviderError {
    ProviderError::Dialect {
        provider: provider.to_owned(),
        dialect: dialect.to_owned(),
        known: known.collect::<Vec<_>>().join(", "),
    }
}

/// The table in `dialect`, or in the one it begins with, where it was read when the program was built.
pub(super) fn read_before(folder: BuiltIn, dialect: Option<&str>) -> Result<(String, Table), ProviderError> {
    let provider = folder.name();
    let mut tables = folder.tables();
    let found = tables.find(|(name, _)| dialect.is_none_or(|dialect| *name == dialect));
    let (dialect, [text, events, undocumented_events]) = found.ok_or_else(|| {
        let known = folder.tables().map(|(name, _)| name);
        unknown(dialect.unwrap_or_default(), provider, known)
    })?;
    let mut table: Table = serde_json::from_slice(text).map_err(|error| ProviderError::Table {
        place: format!("the built-in table of {provider}"),
        message: error.to_string(),
    })?;
    table.events = Events::written(events);
    table.undocumented_events = Events::written(undocumented_events);
    Ok((dialect.to_owned(), table))
}

fn understand(text: &str, place: &str, table: Spanned<DeTable<'_>>) -> Result<Table, ProviderError> {
    let version = table
        .get_ref()
        .get("version")
        .map(|value| (value.span(), value.get_ref().as_integer()));
    if let Some((span, Some(version))) = version
        && version.as_str() != VERSION.to_string()
    {
        return Err(ProviderError::Table {
            place: format!("{}:{}", place, line_of(text, span.start)),
            message: format!(
                "version {} of this language is not known to this ckwh, which reads 1",
                version.as_str()
            ),
        });
    }
    let mut table = Table::deserialize(Deserializer::from(table)).map_err(|error| error_at(place, text, &error))?;
    if let [name, ..] = table.link_given().as_slice() {
        return Err(ProviderError::Table {
            place: place.to_owned(),
            message: format!(
                "{{given:{name}}} is named, and there is no [given.{name}], which says what it is: about = \"…\", env = [\"…\"]"
            ),
        });
    }
    table.check().map_err(|message| ProviderError::Table {
        place: place.to_owned(),
        message,
    })?;
    Ok(table)
}

impl Table {
    /// Whether the time may stand in a signature: in its own text, in a token, or beside what it covers.
    fn has_time_in_signature(&self) -> bool {
        let holds = |own: &Signature| match (&own.jws, &own.http) {
            (Some(_), _) => true,
            (_, Some(http)) => http.writes_created(),
            _ => own.grammar.has_timestamp(),
        };
        self.signature.iter().any(holds)
    }

    /// Makes each `{given:NAME}` the value that `[given.NAME]` describes, and gives the names that none describes.
    pub(super) fn link_given(&mut self) -> Vec<String> {
        let mut unknown = Vec::new();
        let given = &self.given;
        let mut link = |own: &mut Given| {
            if !own.link(given) {
                unknown.push(own.name().to_owned());
            }
        };
        self.signature
            .iter_mut()
            .for_each(|signature| signature.givens(&mut link));
        self.handshake
            .iter_mut()
            .for_each(|handshake| handshake.givens(&mut link));
        unknown
    }

    /// Several signatures of RFC 9421 in one message are told by their labels.
    fn check_labels(&self) -> Result<(), String> {
        let labels: Vec<Option<&str>> = self.signature.iter().filter_map(Signature::label).collect();
        let is_told = |(index, label): (usize, &Option<&str>)| label.is_some() && !labels[..index].contains(label);
        match labels.len() < 2 || labels.iter().enumerate().all(is_told) {
            true => Ok(()),
            false => Err(
                "several signatures of RFC 9421 are told by their labels, so each needs a `label` of its own".into(),
            ),
        }
    }

    /// What one part of a table can't know of another.
    fn check(&self) -> Result<(), String> {
        match (self.signs, self.signature.as_slice()) {
            (None, []) => {
                return Err(
                    "there is no [[signature]]; a provider that signs nothing says so: signs = \"nothing\"".into(),
                );
            }
            (Some(Nothing::Nothing), [_, ..]) => {
                return Err("`signs` says that nothing is signed, and there is a [[signature]]".into());
            }
            _ => {}
        }
        if !self.path.starts_with('/') {
            return Err(format!("`path` must begin with `/`, and is `{}`", self.path));
        }
        self.check_labels()?;
        let mut lists: IndexMap<String, (Option<&str>, [bool; 2])> = IndexMap::new();
        // Elsewhere than in a header there is room for one: the last is written, and all are read.
        let in_headers = self.signature.iter().filter(|own| own.place().header().is_some());
        for signature in in_headers {
            let name = signature.place().label();
            let own = (
                signature.grammar.list(),
                [signature.jws.is_some(), signature.label().is_some()],
            );
            let other = lists.insert(name.to_ascii_lowercase(), own);
            // A token says by which of the algorithms it is, and labels tell signatures of RFC 9421.
            let is_told = |(_, other): (_, [bool; 2])| own.1 == other && other.contains(&true);
            if !other.is_some_and(is_told) && other.is_some_and(|other| other.0.is_none() || other != own) {
                return Err(format!(
                    "two signatures stand in {name}, so both need an `item` and the same `list`"
                ));
            }
        }
        let in_header = self.signature.iter().any(|signature| signature.grammar.has_timestamp());
        match &self.timestamp {
            Some(rule) if rule.from == Place::Signature && !self.has_time_in_signature() => Err(
                "[timestamp] stands in the signature, and neither `fields` has {timestamp} nor `parameters` created"
                    .into(),
            ),
            Some(rule) if matches!(rule.from, Place::Constant(_)) => {
                Err("[timestamp] `from` is header:NAME, body:/pointer, form:NAME, query:NAME or signature".into())
            }
            None if in_header => Err("`fields` has {timestamp}, and there is no [timestamp]".into()),
            None if self
                .signature
                .iter()
                .any(|own| own.content.signs(&crate::scheme::Part::Timestamp)) =>
            {
                Err("`content` has {timestamp}, and there is no [timestamp]".into())
            }
            _ => Ok(()),
        }
    }
}

/// Puts the overlay's keys in place of the base's, one section deep: a dialect names what it changes, and takes a
/// section away with `false`.
fn lay_over<'a>(base: &mut DeTable<'a>, overlay: &DeTable<'a>) {
    for (name, value) in overlay {
        let section = base.get_mut(name.get_ref().as_ref()).map(Spanned::get_mut);
        match (section, value.get_ref()) {
            (Some(DeValue::Table(section)), DeValue::Table(keys)) => {
                for (key, value) in keys {
                    section.insert(key.clone(), value.clone());
                }
            }
            (Some(DeValue::Table(_)), DeValue::Boolean(false)) => {
                base.remove(name.get_ref().as_ref());
            }
            _ => {
                base.insert(name.clone(), value.clone());
            }
        }
    }
}

fn error_at(place: &str, text: &str, error: &toml::de::Error) -> ProviderError {
    ProviderError::Table {
        place: match error.span() {
            Some(span) => format!("{place}:{}", line_of(text, span.start)),
            None => place.to_owned(),
        },
        message: match error.message().trim() {
            missing if missing.starts_with("missing field") => {
                let field = missing.split('`').nth(1).unwrap_or_default();
                let needs = match field {
                    "kind" | "encoding" | "content" => REQUIRED_SIGNATURE,
                    "version" | "title" | "about" | "path" | "secret_env" | "request" | "signature" | "event"
                    | "recognise" => REQUIRED,
                    _ => "",
                };
                format!("{missing}{}{needs}", if needs.is_empty() { "" } else { ": " })
            }
            message => message.to_owned(),
        },
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
