//! The signed content: the parts that are fed to the MAC, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::change::Change;
use super::each::Values;
use super::given::{Given, NotGiven};
use super::part::Part;
use crate::message::{Message, Place};

/// A part that is not known, so that nothing can be signed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The scheme signs the URL.
    #[error("this scheme signs the URL, and none is known; give the one the sender uses with --public-url")]
    Url,
    /// The scheme signs the message's id.
    #[error("this scheme signs the message's id, and there is none; give one with --id")]
    Id,
    /// The scheme signs a timestamp.
    #[error("this scheme signs a timestamp, and there is none")]
    Timestamp,
    /// The scheme signs a value that is not there.
    #[error("this scheme signs {0}, which is not there")]
    Value(Place),
    /// The scheme signs a value that the user gives.
    #[error(transparent)]
    Given(#[from] NotGiven),
    /// What is made of a part can't be made of this one.
    #[error("this scheme signs {0}, and this one is not of that form")]
    Form(String),
}

/// What the parts are made of, besides the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The URL the sender signs.
    pub url: Option<&'a str>,
    /// The message's id.
    pub id: Option<&'a str>,
    /// The timestamp as it is written.
    pub timestamp: Option<&'a str>,
    /// Whether the body is `application/x-www-form-urlencoded`.
    pub form: bool,
    /// The message, for its headers and its query.
    pub message: Option<&'a Message>,
    /// Which item of a list is signed, where each is on its own.
    pub item: Option<usize>,
}

impl Facts<'_> {
    pub(super) fn query(&self) -> Option<&str> {
        let of_url = self.url.and_then(|url| url.split_once('?')).map(|(_, query)| query);
        of_url.or_else(|| self.message?.query())
    }

    /// The path and query that are signed.
    pub(super) fn target(&self) -> Result<&str, ContentError> {
        let url = self.url.or_else(|| self.message?.target.as_deref());
        let url = url.ok_or(ContentError::Url)?;
        let url = url.split('#').next().unwrap_or_default();
        let target = match url.split_once("://") {
            Some((_, rest)) => rest.find(['/', '?']).map_or("", |at| &rest[at..]),
            None => url,
        };
        Ok(if target.is_empty() { "/" } else { target })
    }

    fn value(&self, place: &Place, body: &[u8]) -> Option<String> {
        let message = self.message?;
        match (place, self.item) {
            (Place::Query(name), _) => {
                let mut pairs = form_urlencoded::parse(self.query()?.as_bytes());
                pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
            }
            (place, Some(item)) if place.is_each() => place.of_item(item).read_in(message, body),
            (place, _) => place.read_in(message, body),
        }
    }
}

/// What takes a content.
pub trait Sink {
    /// The next bytes.
    fn take(&mut self, bytes: &[u8]);

    /// The secret stands here.
    fn take_secret(&mut self) {}

    /// Values of which the secret may be one; who knows no secret takes the others.
    fn take_values(&mut self, values: &Values<'_>) {
        values.feed(b"", &mut |bytes| self.take(bytes));
    }
}

impl<F: FnMut(&[u8])> Sink for F {
    fn take(&mut self, bytes: &[u8]) {
        self(bytes);
    }
}

/// The signed content, written as a list of texts and `{parts}` in a provider's table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Part>")]
pub struct Content(Vec<Part>);

impl TryFrom<Vec<Part>> for Content {
    type Error = String;

    fn try_from(parts: Vec<Part>) -> Result<Self, Self::Error> {
        if parts
            .iter()
            .all(|part| matches!(part, Part::Text(_) | Part::Secret | Part::Given(_)))
        {
            return Err("`content` signs nothing of the message".into());
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| part.fmt(f))
    }
}

impl Content {
    /// A content of these parts.
    pub(crate) fn of(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// Shows `see` each given value that is signed.
    pub(crate) fn givens(&mut self, see: &mut dyn FnMut(&mut Given)) {
        self.0.iter_mut().for_each(|part| part.givens(see));
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether `part` is among the signed ones, on its own or as what another is made of.
    pub fn signs(&self, part: &Part) -> bool {
        self.any(|own| own == part)
    }

    /// Whether the secret stands in it.
    pub(crate) fn has_secret(&self) -> bool {
        self.signs(&Part::Secret)
    }

    /// Whether a value of each item of a list is signed.
    pub(crate) fn reads_each(&self) -> bool {
        self.any(|part| matches!(part, Part::Value(place) if place.is_each()))
    }

    /// Whether the URL is signed, in whole or in part.
    pub fn signs_url(&self) -> bool {
        self.any(Part::is_of_url)
    }

    /// Whether headers are signed.
    pub(crate) fn signs_headers(&self) -> bool {
        self.any(|part| match part {
            Part::Value(place) => matches!(place, Place::Header(_)),
            Part::Each(each) => each.list_header().is_some(),
            _ => false,
        })
    }

    /// Whether a part is JSON written again.
    pub fn reads_json(&self) -> bool {
        self.any(|part| matches!(part, Part::Changed(_, Change::Json(_))))
    }

    /// Whether every byte of the body counts: the body or a digest of it is signed, or each field where it is a form.
    pub fn covers_body(&self) -> bool {
        self.any(|part| match part {
            Part::Body | Part::FormSorted => true,
            Part::Each(each) => each.covers_form(),
            _ => false,
        })
    }

    /// The values in the body that are signed one by one.
    pub(crate) fn signed_in_body(&self) -> Vec<&Place> {
        let parts = self.0.iter().flat_map(Part::all);
        let places = parts.filter_map(|part| match part {
            Part::Value(place) if place.is_in_body() => Some(place),
            _ => None,
        });
        places.collect()
    }

    fn any(&self, is: impl Fn(&Part) -> bool) -> bool {
        self.0.iter().flat_map(Part::all).any(is)
    }

    /// Feeds the content to `sink`, part by part.
    ///
    /// # Errors
    /// [`ContentError`] where a part is not known.
    pub fn feed(&self, facts: &Facts<'_>, body: &[u8], sink: &mut dyn Sink) -> Result<(), ContentError> {
        feed(&self.0, facts, body, sink)
    }

    /// The parts before and behind the body, where the body can be streamed: it stands once, and not as a form.
    pub(crate) fn around_body(&self) -> Option<(&[Part], &[Part])> {
        let at = self.0.iter().position(|part| *part == Part::Body)?;
        let (before, after) = (&self.0[..at], &self.0[at + 1..]);
        let alone = !before
            .iter()
            .chain(after)
            .any(|part| *part == Part::Body || part.reads_into_body());
        alone.then_some((before, after))
    }
}

/// Feeds `parts` to `sink`.
///
/// # Errors
/// [`ContentError`] where a part is not known.
pub(crate) fn feed(parts: &[Part], facts: &Facts<'_>, body: &[u8], sink: &mut dyn Sink) -> Result<(), ContentError> {
    for part in parts {
        match part {
            Part::Text(text) => sink.take(text.as_bytes()),
            Part::Id => sink.take(facts.id.ok_or(ContentError::Id)?.as_bytes()),
            Part::Timestamp => sink.take(facts.timestamp.ok_or(ContentError::Timestamp)?.as_bytes()),
            Part::Body => sink.take(body),
            Part::Method => sink.take(facts.method.as_bytes()),
            Part::Url => sink.take(facts.url.ok_or(ContentError::Url)?.as_bytes()),
            Part::FormSorted => form_sorted(facts, body, sink),
            Part::Secret => sink.take_secret(),
            rare => feed_rare(rare, facts, body, sink)?,
        }
    }
    Ok(())
}

/// The parts that are made of others, or read one value.
fn feed_rare(part: &Part, facts: &Facts<'_>, body: &[u8], sink: &mut dyn Sink) -> Result<(), ContentError> {
    match part {
        Part::Target => sink.take(facts.target()?.as_bytes()),
        Part::Path => sink.take(facts.target()?.split('?').next().unwrap_or_default().as_bytes()),
        Part::UrlWithoutQuery => {
            let url = facts.url.ok_or(ContentError::Url)?;
            sink.take(url.split(['?', '#']).next().unwrap_or_default().as_bytes());
        }
        Part::Value(place) => {
            let value = facts.value(place, body);
            sink.take(value.ok_or_else(|| ContentError::Value(place.clone()))?.as_bytes());
        }
        Part::Given(given) => sink.take(given.value()?.as_bytes()),
        Part::Changed(inner, change) => {
            let wrong = || ContentError::Form(part.to_string());
            let changed = match &**inner {
                Part::Body => change.apply(body),
                inner => {
                    let mut whole = Vec::new();
                    let mut collect = |bytes: &[u8]| whole.extend_from_slice(bytes);
                    feed(std::slice::from_ref(inner), facts, body, &mut collect)?;
                    change.apply(&whole)
                }
            };
            sink.take(&changed.ok_or_else(wrong)?);
        }
        Part::Optional(parts) => {
            if parts.iter().all(|part| is_there(part, facts, body)) {
                feed(parts, facts, body, sink)?;
            }
        }
        Part::Each(each) => each.feed(facts, body, sink)?,
        common => feed(std::slice::from_ref(common), facts, body, sink)?,
    }
    Ok(())
}

/// Whether a part is known, and not empty.
fn is_there(part: &Part, facts: &Facts<'_>, body: &[u8]) -> bool {
    if matches!(part, Part::Text(_) | Part::Secret) {
        return true;
    }
    let mut length = 0;
    let fed = feed(std::slice::from_ref(part), facts, body, &mut |bytes: &[u8]| {
        length += bytes.len()
    });
    fed.is_ok() && length > 0
}

fn form_sorted(facts: &Facts<'_>, body: &[u8], sink: &mut dyn Sink) {
    if !facts.form {
        return;
    }
    let mut fields: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        fields.entry(name).or_default().insert(value);
    }
    for (name, values) in &fields {
        for value in values {
            sink.take(name.as_bytes());
            sink.take(value.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(parts: &[&str]) -> Result<Content, String> {
        let parts: Result<Vec<Part>, String> = parts.iter().map(|part| Part::read(part)).collect();
        parts.and_then(Content::try_from)
    }

    fn table(content: &str) -> Result<Content, String> {
        #[derive(Deserialize)]
        struct Table {
            content: Content,
        }
        let read: Result<Table, _> = toml::from_str(&format!("content = {content}"));
        read.map(|table| table.content)
            .map_err(|error| error.message().to_owned())
    }

    fn given(content: &Content, facts: &Facts<'_>, body: &[u8]) -> String {
        let mut out = Vec::new();
        content
            .feed(facts, body, &mut |bytes: &[u8]| out.extend_from_slice(bytes))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn fed(parts: &[&str], facts: &Facts<'_>, body: &[u8]) -> String {
        given(&content(parts).unwrap(), facts, body)
    }

    #[test]
    fn parts_are_fed_in_order() {
        let facts = Facts {
            method: "POST",
            url: Some("https://x.test/h"),
            id: Some("m1"),
            timestamp: Some("12"),
            ..Facts::default()
        };
        assert_eq!(
            fed(&["{id}", ".", "{timestamp}", ".", "{body}"], &facts, b"{}"),
            "m1.12.{}"
        );
        assert_eq!(
            fed(&["{method}", "{url}", "{body}", "{timestamp}"], &facts, b"b"),
            "POSThttps://x.test/hb12"
        );
        let form = Facts { form: true, ..facts };
        assert_eq!(
            fed(&["{url}", "{form:sorted}"], &form, b"b=2&a=x%20y&b=1&b=2"),
            "https://x.test/hax yb1b2"
        );
        assert_eq!(fed(&["{url}", "{form:sorted}"], &facts, b"{}"), "https://x.test/h");
    }

    #[test]
    fn values_of_the_message_are_parts() {
        let mut message = Message::new(r#"{"a":{"b":1.50},"t":"x"}"#);
        message.headers.set("X-Nonce", "N-1");
        message.headers.set("X-List", "x-nonce,x-list");
        message.url = Some("https://x.test/a/b?Data.id=AbC&z=2&a=%26".into());
        let facts = Facts {
            url: message.url.as_deref(),
            message: Some(&message),
            ..Facts::default()
        };
        for (content, expected) in [
            (
                r#"["{header:x-nonce}", "|", "{query:Data.id:lower}", "|", "{json:/a/b}"]"#,
                "N-1|abc|1.50",
            ),
            (
                r#"["{path}", " ", "{target}", " ", "{url-without-query}"]"#,
                "/a/b /a/b?Data.id=AbC&z=2&a=%26 https://x.test/a/b",
            ),
            (
                r#"[["id:", "{query:data.id}", ";"], ["t:", "{json:/t}", ";"], "{method}"]"#,
                "t:x;",
            ),
            (
                r#"[{ each = "query", join = "&", sort = "name" }]"#,
                "Data.id=AbC&a=&&z=2",
            ),
            (
                r#"[{ each = "query", as = "{value}", sort = "value", except = ["z"] }]"#,
                "&AbC",
            ),
            (
                r#"[{ each = ["{query:z}", "{secret}", "{header:x-nonce}"], as = "<{value}>", join = "-", sort = "value" }]"#,
                "<>-<2>-<N-1>",
            ),
            (
                r#"[{ each = "headers:X-List", as = "{name}:{value}", join = ";" }]"#,
                "x-nonce:N-1;x-list:x-nonce,x-list",
            ),
        ] {
            let content = table(content).unwrap();
            assert_eq!(given(&content, &facts, &message.body), expected);
        }
        let missing = content(&["{header:x-no}"]).unwrap();
        let error = missing.feed(&facts, b"", &mut |_: &[u8]| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this scheme signs the header x-no, which is not there"
        );
    }

    #[test]
    fn each_item_of_a_list_has_its_own_content() {
        let message = Message::new(r#"{"items":[{"a":"1","b":2},{"a":"3"}]}"#);
        let facts = Facts {
            message: Some(&message),
            item: Some(1),
            ..Facts::default()
        };
        let content = table(r#"["{json:/items/*/a}", ":", ["{json:/items/*/b}"]]"#).unwrap();
        assert_eq!(given(&content, &facts, &message.body), "3:");
        let first = Facts { item: Some(0), ..facts };
        assert_eq!(given(&content, &first, &message.body), "1:2");
    }

    #[test]
    fn a_body_is_streamed_where_nothing_else_reads_it() {
        let is_streamed = |text: &str| table(text).unwrap().around_body().is_some();
        assert!(is_streamed(r#"["{timestamp}", ".", "{body}", ["{header:x}"]]"#));
        for held in [
            r#"["{body}", "{json:/a}"]"#,
            r#"["{body}", "{body:md5-hex}"]"#,
            r#"["{body:sha256-hex}"]"#,
            r#"["{body}", { each = "form" }]"#,
            r#"["{body}", ["x", "{body}"]]"#,
        ] {
            assert!(!is_streamed(held), "{held}");
        }
        assert!(!table(r#"["{json:/a}"]"#).unwrap().covers_body());
        assert!(table(r#"["{body:sha256-hex}"]"#).unwrap().covers_body());
    }

    #[test]
    fn unknown_parts_and_unknown_facts_are_errors() {
        for (text, says) in [
            (r#"["{bdy}"]"#, "{body}"),
            (r#"["{body:sha-hex}"]"#, "sha256-hex"),
            (r#"["{body:/a}"]"#, "{json:/a}"),
            (r#"["{json:a}"]"#, "JSON pointer"),
            (r#"["{secret:lower}"]"#, "as it is"),
            (r#"["{secret}"]"#, "nothing of the message"),
            (r#"[[["{id}"]]]"#, "no list"),
            (r#"[{ each = "body" }]"#, "form, query"),
            (r#"[{ each = ["{id}"] }]"#, "have no names"),
            (
                r#"[{ each = [{ each = "form" }], as = "{value}" }]"#,
                "no table of its own",
            ),
            (r#"[{ each = "form", as = "{name}" }]"#, "{value}"),
            (r#"["{header:a b}"]"#, "header name"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(content(&["v0"]).is_err() && content(&[]).is_err());
        let signed = content(&["{url}", "{body}"]).unwrap();
        assert_eq!(
            signed.feed(&Facts::default(), b"", &mut |_: &[u8]| ()),
            Err(ContentError::Url)
        );
    }
}
