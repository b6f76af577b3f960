//! The table of signed contents: what is put together with the body before it is signed.

mod form;
mod object;
mod url;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::clock::Unit;
use crate::message::{Message, Place};
use crate::scheme::{self as header, Content, Facts, Grammar, Part, Scheme, Signature};

use super::cause::Kind;
use super::values::Slot;
use super::{Effort, Question, reading};
pub(super) use url::at_port;
pub(crate) use url::other_urls;
pub(super) use url::{local, rewritten};

/// A body is read for what stands in it up to this size, in bytes: parsed JSON takes many times its own.
pub(crate) const LONGEST_READ: usize = 256 * 1024;

/// What the parts of a content are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) method: String,
    pub(crate) url: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) form: bool,
    /// The delivery, for what else of it is signed.
    pub(crate) delivery: Delivery,
    /// The item of a list that is looked at, where each is signed on its own.
    pub(crate) item: Option<usize>,
}

/// A delivery that is the same in every hypothesis.
#[derive(Clone, Default)]
pub(crate) struct Delivery(Option<Arc<Message>>);

impl Delivery {
    /// That of `message`.
    pub(crate) fn of(message: &Message) -> Self {
        Self(Some(Arc::new(message.clone())))
    }

    /// The names of the query's parameters.
    pub(crate) fn query_names(&self) -> Vec<String> {
        let query = self.0.as_ref().and_then(|message| message.query()).unwrap_or_default();
        let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
        names.collect()
    }

    /// Whether the header `list` lists the header `name`.
    pub(crate) fn lists(&self, list: &str, name: &str) -> bool {
        let value = self.0.as_ref().and_then(|message| message.headers.text(list));
        let mut names = value.unwrap_or_default().split(',');
        names.any(|own| own.trim().eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl PartialEq for Delivery {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Delivery {}

impl Known {
    /// What `message` says, where `scheme` looks for it.
    pub(super) fn of(message: &Message, scheme: &Scheme) -> Self {
        let read = |place: &Place| match place {
            Place::Body(_) if message.body.len() > LONGEST_READ => None,
            Place::Signature => reading::timestamp(message, scheme),
            Place::Header(name) => reading::header(&message.headers, name),
            place => place.read(message),
        };
        let timestamp = scheme.timestamp.as_ref().and_then(|rule| read(&rule.from));
        Self {
            method: message.method.clone(),
            url: message.url.clone(),
            id: scheme.id.as_ref().and_then(read),
            timestamp,
            form: message.is_form(),
            delivery: Delivery::of(message),
            item: None,
        }
    }

    /// The same with `text` for a timestamp or an id.
    fn with(&self, part: &Part, text: String) -> Self {
        let mut known = self.clone();
        match part {
            Part::Timestamp => known.timestamp = Some(text),
            _ => known.id = Some(text),
        }
        known
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            method: &self.method,
            url: self.url.as_deref(),
            id: self.id.as_deref(),
            timestamp: self.timestamp.as_deref(),
            form: self.form,
            message: self.delivery.0.as_deref(),
            item: self.item,
        }
    }
}

/// A content that may have been signed.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    /// Nothing for the content as it should be.
    pub(super) kind: Option<Kind>,
    pub(super) what: String,
    pub(super) content: Content,
    pub(super) known: Known,
}

impl Signed {
    /// The same for two that sign the same.
    fn identity(&self) -> String {
        format!("{}\0{:?}", self.content, self.known)
    }
}

/// What stands between the parts.
pub(crate) const SEPARATORS: &[(&str, &str)] = &[
    ("", "nothing"),
    (".", "`.`"),
    (":", "`:`"),
    ("\n", "a line break"),
    ("|", "`|`"),
    ("-", "`-`"),
    ("_", "`_`"),
    (",", "`,`"),
    (" ", "a space"),
    (";", "`;`"),
    ("&", "`&`"),
    ("/", "`/`"),
    ("\\n", "`\\n` as two characters"),
    ("\r\n", "a Windows line break"),
];

/// Every content that may have been signed.
pub(super) struct Contents {
    /// As the scheme has it.
    pub(super) own: Signed,
    /// What is tried with other changes together, the likeliest first.
    pub(super) likely: Vec<Signed>,
    /// What is tried alone.
    pub(super) rare: Vec<Signed>,
}

/// A clock's own time is tried for each second and millisecond up to this size of a body only, in bytes.
const SWEPT: usize = 16 * 1024;

impl Contents {
    pub(super) fn of(question: &Question<'_>, signature: &Signature) -> Self {
        let item = reading::failing_item(question, signature);
        let mut likely = variants(question.message, question.scheme, signature, item);
        let own = likely.remove(0);
        let mut rare = Vec::new();
        replaced(question, &own, &mut rare);
        together(question, &own, &mut rare);
        object::objects(&own, &question.message.body, &mut rare);
        paired(signature, &own, &mut rare);
        around(&own, &mut rare);
        ordered(&own, &mut rare);
        clocked(question, &own, &mut rare);
        listed(&own, &mut rare);
        let mut seen: HashSet<String> = std::iter::once(&own).chain(&likely).map(Signed::identity).collect();
        rare.retain(|signed: &Signed| seen.insert(signed.identity()));
        Self { own, likely, rare }
    }
}

/// Another value in a timestamp's or an id's place.
fn replaced(question: &Question<'_>, own: &Signed, all: &mut Vec<Signed>) {
    let known = &own.known;
    for slot in [
        Slot::timestamp(question.scheme, known.timestamp.as_deref()),
        Slot::id(question.scheme, known.id.as_deref()),
    ] {
        if !own.content.signs(&slot.part) {
            continue;
        }
        for instead in slot.instead(question.message, question.at) {
            all.push(Signed {
                kind: Some(instead.kind),
                what: format!("`{}` with {}", own.content, instead.what),
                content: own.content.clone(),
                known: known.with(&slot.part, instead.text),
            });
        }
    }
}

/// Another text for the timestamp and for the id, as one mistake with the headers makes it of both.
fn together(question: &Question<'_>, own: &Signed, all: &mut Vec<Signed>) {
    let known = &own.known;
    if !own.content.signs(&Part::Timestamp) || !own.content.signs(&Part::Id) {
        return;
    }
    let stamps = Slot::timestamp(question.scheme, known.timestamp.as_deref());
    let ids = Slot::id(question.scheme, known.id.as_deref());
    for instead in stamps.with(&ids) {
        all.push(Signed {
            kind: Some(instead.kind),
            what: format!("`{}` with {}", own.content, instead.what),
            content: own.content.clone(),
            known: Known {
                timestamp: Some(instead.text),
                id: Some(instead.other),
                ..known.clone()
            },
        });
    }
}

/// The headers that a header names, put together otherwise.
fn listed(own: &Signed, all: &mut Vec<Signed>) {
    let parts = own.content.parts();
    for (index, part) in parts.iter().enumerate() {
        let Part::Each(each) = part else { continue };
        for (what, other) in each.otherwise() {
            let mut parts = parts.to_vec();
            parts[index] = Part::Each(other);
            all.push(Signed {
                kind: Some(Kind::ContentHeader),
                what: format!("`{}` with the headers that are named {what}", own.content),
                content: Content::of(parts),
                known: own.known.clone(),
            });
        }
    }
}

/// The timestamp with the name of its pair in the header before it; and the name of the signature's form before it all.
fn paired(signature: &Signature, own: &Signed, all: &mut Vec<Signed>) {
    match &signature.grammar {
        Grammar::Fields { pairs, .. } => {
            let name = pairs.iter().find(|(_, slot)| *slot == header::Slot::Timestamp);
            let (Some((name, _)), Some(text)) = (name, &own.known.timestamp) else {
                return;
            };
            let text = format!("{name}={text}");
            all.push(Signed {
                kind: Some(Kind::ContentTimestampOther),
                what: format!(
                    "`{}` with `{text}` for the timestamp, its name in the header kept",
                    own.content
                ),
                content: own.content.clone(),
                known: own.known.with(&Part::Timestamp, text),
            });
        }
        Grammar::Positions { .. } | Grammar::Packed { .. } => {}
        Grammar::Items { prefix, .. } => {
            let [Part::Text(lead), rest @ ..] = own.content.parts() else {
                return;
            };
            if prefix.is_empty() || prefix == lead {
                return;
            }
            let parts = [&[Part::Text(prefix.clone())], rest].concat();
            all.push(Signed {
                kind: Some(Kind::ContentSeparator),
                what: format!(
                    "`{}`, with the header's `{prefix}` in place of `{lead}`",
                    Content::of(parts.clone())
                ),
                content: Content::of(parts),
                known: own.known.clone(),
            });
        }
    }
}

/// The clock's own time in the timestamp's place.
fn clocked(question: &Question<'_>, own: &Signed, all: &mut Vec<Signed>) {
    let (Some(at), Some(rule)) = (question.at, &question.scheme.timestamp) else {
        return;
    };
    if !own.content.signs(&Part::Timestamp) || question.message.body.len() > SWEPT || question.effort == Effort::Low {
        return;
    }
    let slot = Slot::timestamp(question.scheme, own.known.timestamp.as_deref());
    for instead in slot.clock(at, rule.tolerance, question.effort == Effort::High) {
        all.push(Signed {
            kind: Some(instead.kind),
            what: format!("`{}` with {}", own.content, instead.what),
            content: own.content.clone(),
            known: own.known.with(&slot.part, instead.text),
        });
    }
}

/// The parts in every order with every separator, and with each of them left out.
fn ordered(own: &Signed, all: &mut Vec<Signed>) {
    let is_text = |part: &Part| matches!(part, Part::Text(_));
    let parts = own.content.parts();
    let lead = parts.first().filter(|part| is_text(part)).cloned();
    let values: Vec<Part> = parts.iter().filter(|part| !is_text(part)).cloned().collect();
    // Four of them have 24 orders.
    if values.len() > 4 {
        return;
    }
    let whole = permutations(&values).into_iter().map(|order| (None, order));
    let mut orders: Vec<(Option<&Part>, Vec<Part>)> = whole.collect();
    if values.len() > 1 {
        // An empty body is a row of the bodies.
        for left_out in values
            .iter()
            .filter(|part| !matches!(part, Part::Body | Part::FormSorted))
        {
            let left: Vec<Part> = values.iter().filter(|part| *part != left_out).cloned().collect();
            orders.extend(permutations(&left).into_iter().map(|order| (Some(left_out), order)));
        }
    }
    let leads: Vec<Option<String>> = match lead {
        Some(Part::Text(lead)) => {
            let word = lead
                .trim_end_matches(|char: char| !char.is_ascii_alphanumeric())
                .to_owned();
            vec![Some(word), None]
        }
        _ => vec![None],
    };
    for (left_out, order) in orders {
        let (kind, without) = left_out.map_or((Kind::ContentSeparator, ""), missing);
        for lead in &leads {
            for (separator, name) in SEPARATORS {
                let mut made: Vec<Part> = lead.clone().map(Part::Text).into_iter().collect();
                for part in &order {
                    join(&mut made, separator);
                    made.push(part.clone());
                }
                let content = Content::of(made);
                let between = if content.parts().len() > 1 {
                    format!(", with {name} between the parts")
                } else {
                    String::new()
                };
                all.push(Signed {
                    kind: Some(kind),
                    what: format!("`{content}`{without}{between}"),
                    content,
                    known: own.known.clone(),
                });
            }
        }
    }
}

/// What is wrong where `part` is left out.
fn missing(part: &Part) -> (Kind, &'static str) {
    match part {
        Part::Timestamp => (Kind::ContentTimestampMissing, ", without the timestamp"),
        Part::Id => (Kind::ContentIdMissing, ", without the id"),
        Part::Url | Part::UrlWithoutQuery => (Kind::ContentUrl, ", without the URL"),
        Part::Path | Part::Target => (Kind::ContentUrl, ", without the path"),
        Part::Method => (Kind::ContentMethod, ", without the method"),
        _ => (Kind::ContentSeparator, ""),
    }
}

fn join(parts: &mut Vec<Part>, separator: &str) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push_str(separator),
        Some(_) if !separator.is_empty() => parts.push(Part::Text(separator.to_owned())),
        _ => {}
    }
}

fn permutations(parts: &[Part]) -> Vec<Vec<Part>> {
    if parts.len() < 2 {
        return vec![parts.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..parts.len() {
        let mut rest = parts.to_vec();
        let first = rest.remove(first);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

/// Another method, and a path with less or more around it.
fn around(own: &Signed, all: &mut Vec<Signed>) {
    let parts = own.content.parts();
    let mut push = |kind, what: String, parts: Vec<Part>, known: Known| {
        let content = Content::of(parts);
        let what = what.replace("{content}", &content.to_string());
        all.push(Signed {
            kind: Some(kind),
            what,
            content,
            known,
        });
    };
    if own.content.signs(&Part::Method) {
        let own_method = own.known.method.clone();
        let written = [own_method.to_lowercase(), capital(&own_method)];
        let others = ["POST", "GET", "PUT", "PATCH", "DELETE", "post", "get"].map(str::to_owned);
        for method in written.into_iter().chain(others) {
            if method != own_method {
                let what = format!("`{{content}}` with `{method}` for the method");
                let known = Known {
                    method,
                    ..own.known.clone()
                };
                push(Kind::ContentMethod, what, parts.to_vec(), known);
            }
        }
        let what = "`{content}`, without the method".to_owned();
        push(
            Kind::ContentMethod,
            what,
            without(parts, &Part::Method),
            own.known.clone(),
        );
    }
    if let (true, Some(url)) = (own.content.signs(&Part::Url), &own.known.url) {
        for (url, what) in cut_urls(url).into_iter().chain(local(url)) {
            let what = format!("`{{content}}` with {what} for the URL, {url}");
            let known = Known {
                url: Some(url),
                ..own.known.clone()
            };
            push(Kind::ContentUrl, what, parts.to_vec(), known);
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|char| char.to_ascii_uppercase());
    first
        .into_iter()
        .chain(chars.map(|char| char.to_ascii_lowercase()))
        .collect()
}

/// A URL as a router sees it that takes the path's first segments off, and as a library writes it that has an empty query.
fn cut_urls(url: &str) -> Vec<(String, String)> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let path = url[start..].find('/').map_or(url.len(), |at| start + at);
    let (origin, rest) = url.split_at(path);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (rest, String::new()),
    };
    let mut all = Vec::new();
    if query.is_empty() {
        all.push((format!("{origin}{path}?"), "the same with `?` behind it".to_owned()));
    }
    let mut left = path;
    for taken in 1..=6 {
        let Some(at) = left.get(1..).and_then(|left| left.find('/')) else {
            break;
        };
        left = &left[at + 1..];
        for origin in [origin, ""] {
            for query in [query.as_str(), ""] {
                let whose = if origin.is_empty() { "the path alone" } else { "the URL" };
                let what = format!("{whose} without the first {taken} of its segments");
                all.push((format!("{origin}{left}{query}"), what));
            }
        }
    }
    all
}

/// What is varied, and where the variants go.
struct Varied<'v> {
    message: &'v Message,
    own: Content,
    known: Known,
    all: Vec<Signed>,
}

impl Varied<'_> {
    fn push(&mut self, kind: Kind, what: &str, parts: Vec<Part>, known: Known) {
        if parts.iter().all(|part| matches!(part, Part::Text(_))) {
            return;
        }
        let content = Content::of(parts);
        let what = what.replace("{content}", &content.to_string());
        self.all.push(Signed {
            kind: Some(kind),
            what,
            content,
            known,
        });
    }

    fn parts(&self) -> Vec<Part> {
        self.own.parts().to_vec()
    }

    /// Without the timestamp or the id, and the timestamp in other units.
    fn facts(&mut self) {
        let (parts, known) = (self.parts(), self.known.clone());
        let (stamp, id) = (self.own.signs(&Part::Timestamp), self.own.signs(&Part::Id));
        if stamp {
            let left = without(&parts, &Part::Timestamp);
            self.push(
                Kind::ContentTimestampMissing,
                "`{content}`, without the timestamp",
                left,
                known.clone(),
            );
            for (text, unit) in known.timestamp.as_deref().map(other_units).unwrap_or_default() {
                let what = format!("`{{content}}` with the timestamp in {unit}, as {text}");
                let known = Known {
                    timestamp: Some(text),
                    ..known.clone()
                };
                self.push(Kind::ContentTimestampUnit, &what, parts.clone(), known);
            }
        }
        if id {
            let left = without(&parts, &Part::Id);
            let what = "`{content}`, without the id";
            self.push(Kind::ContentIdMissing, what, left.clone(), known.clone());
            if stamp {
                let what = "`{content}`, without the id and the timestamp";
                self.push(Kind::ContentIdMissing, what, without(&left, &Part::Timestamp), known);
            }
        }
    }

    /// Other separators, and the other way round.
    fn separators(&mut self) {
        let parts = self.parts();
        let is_separator = |part: &Part| matches!(part, Part::Text(text) if text.len() <= 2);
        for (text, name) in SEPARATORS {
            let kept = parts.iter().filter(|part| !text.is_empty() || !is_separator(part));
            let separated = kept.map(|part| match is_separator(part) {
                true => Part::Text((*text).to_owned()),
                false => part.clone(),
            });
            let separated: Vec<Part> = separated.collect();
            if separated != parts {
                let between = parts[..parts.len() - 1].iter().any(is_separator);
                let what = match (between, text.is_empty()) {
                    (true, _) => format!("the parts with {name} between them"),
                    (false, true) => "`{content}`, with nothing at its end".to_owned(),
                    (false, false) => format!("`{{content}}`, with {name} at its end"),
                };
                self.push(Kind::ContentSeparator, &what, separated, self.known.clone());
            }
        }
        if let [Part::Text(lead), rest @ ..] = parts.as_slice()
            && !rest.is_empty()
        {
            let what = format!("`{{content}}`, without `{lead}` before it");
            self.push(Kind::ContentSeparator, &what, rest.to_vec(), self.known.clone());
        }
        if parts.len() > 1 {
            let reversed = parts.into_iter().rev().collect();
            let what = "`{content}`, with the parts the other way round";
            self.push(Kind::ContentSeparator, what, reversed, self.known.clone());
        }
    }

    /// Other URLs, and none.
    fn urls(&mut self) {
        if !self.own.signs(&Part::Url) {
            return;
        }
        let parts = self.parts();
        for (url, what) in other_urls(self.message, self.known.url.as_deref()) {
            let known = Known {
                url: Some(url),
                ..self.known.clone()
            };
            self.push(Kind::ContentUrl, &what, parts.clone(), known);
        }
        let left = without(&parts, &Part::Url);
        self.push(
            Kind::ContentUrl,
            "`{content}`, without the URL",
            left,
            self.known.clone(),
        );
    }

    /// Without a value or a group, and with a part as it is where something is made of it.
    fn unchanged(&mut self) {
        let parts = self.parts();
        for (at, part) in parts.iter().enumerate() {
            let mut left = parts.clone();
            if matches!(part, Part::Optional(_) | Part::Value(_)) && parts.len() > 1 {
                left.remove(at);
                let what = format!("`{{content}}`, without {}", shown(part));
                self.push(Kind::ContentSeparator, &what, left, self.known.clone());
            } else if let Part::Changed(inner, _) = part {
                left[at] = Part::clone(inner);
                let what = format!("`{{content}}`, with {} in place of {}", shown(inner), shown(part));
                self.push(Kind::ContentSeparator, &what, left, self.known.clone());
            }
            if let Part::Optional(group) = part {
                for (inner_at, inner) in group.iter().enumerate() {
                    if let Part::Changed(plain, _) = inner {
                        let mut group = group.clone();
                        group[inner_at] = Part::clone(plain);
                        let mut made = parts.clone();
                        made[at] = Part::Optional(group);
                        let what = format!("`{{content}}`, with {} in place of {}", shown(plain), shown(inner));
                        self.push(Kind::ContentSeparator, &what, made, self.known.clone());
                    }
                }
            }
        }
    }

    /// Values with what stands between them escaped in them, and without those that are empty.
    fn values(&mut self) {
        let parts = self.parts();
        let is_value = |part: &&Part| matches!(part, Part::Value(_) | Part::Optional(_));
        if parts.iter().filter(is_value).count() < 2 || self.message.body.len() > LONGEST_READ {
            return;
        }
        let text = |part: &Part| {
            let mut whole = Vec::new();
            let mut collect = |bytes: &[u8]| whole.extend_from_slice(bytes);
            let alone = Content::of(vec![part.clone()]);
            let fed = alone.feed(&self.known.facts(), &self.message.body, &mut collect);
            fed.ok()
                .and_then(|()| String::from_utf8(whole).ok())
                .unwrap_or_default()
        };
        let mut left: Vec<Part> = Vec::new();
        for part in &parts {
            match part {
                part if is_value(&part) && text(part).is_empty() => {}
                Part::Text(_) if matches!(left.last(), None | Some(Part::Text(_))) => {}
                part => left.push(part.clone()),
            }
        }
        left.truncate(left.len() - usize::from(matches!(left.last(), Some(Part::Text(_)))));
        let own = self.own.to_string();
        let between = parts.iter().find_map(|part| match part {
            Part::Text(text) => Some(text.clone()),
            _ => None,
        });
        let escaped = between.filter(|between| between.len() == 1).map(|between| {
            let escape = |part: &Part| match part {
                part if is_value(&part) => {
                    let text = text(part).replace('\\', "\\\\");
                    Part::Text(text.replace(&between, &format!("\\{between}")))
                }
                part => part.clone(),
            };
            (parts.iter().map(escape).collect::<Vec<Part>>(), between.clone())
        });
        if left != parts {
            let what = format!("`{own}`, without the values that are empty and what stands between them");
            self.fixed(what, left);
        }
        if let Some((parts, between)) = escaped {
            self.fixed(
                format!("`{own}`, with `\\` before each `{between}` and `\\` in its values"),
                parts,
            );
        }
    }

    fn fixed(&mut self, what: String, parts: Vec<Part>) {
        self.all.push(Signed {
            kind: Some(Kind::ContentSeparator),
            what,
            content: Content::of(parts),
            known: self.known.clone(),
        });
    }

    /// The contents of other schemes.
    fn elsewhere(&mut self) {
        let own = self.parts();
        for (name, parts) in elsewhere().into_iter().filter(|(_, parts)| *parts != own) {
            let stamps = match (&self.known.timestamp, parts.contains(&Part::Timestamp)) {
                (Some(own), true) => vec![own.clone()],
                (None, true) => timestamps(self.message),
                (_, false) => vec![String::new()],
            };
            for stamp in stamps {
                let stamp = Some(stamp).filter(|stamp| !stamp.is_empty());
                let known = Known {
                    timestamp: stamp.or(self.known.timestamp.clone()),
                    id: self.known.id.clone().or_else(|| id(self.message)),
                    ..self.known.clone()
                };
                let what = format!("`{{content}}`, as {name}");
                self.push(Kind::ContentOtherScheme, &what, parts.clone(), known);
            }
        }
    }

    /// The body in the place of a form's sorted fields, and nothing there.
    fn forms(&mut self) {
        if !self.own.signs(&Part::FormSorted) {
            return;
        }
        let own = self.own.clone();
        let before: Vec<Part> = self
            .parts()
            .into_iter()
            .filter(|part| *part != Part::FormSorted)
            .collect();
        let before = Content::of(before);
        let mut push = |part: Part, what: String| {
            let other = |own: &Part| match own {
                Part::FormSorted => part.clone(),
                own => own.clone(),
            };
            self.all.push(Signed {
                kind: Some(Kind::ContentSeparator),
                what,
                content: Content::of(own.parts().iter().map(other).collect()),
                known: self.known.clone(),
            });
        };
        let what = format!("`{before}{{body}}`, with the body as it came in place of the form's sorted fields");
        push(Part::Body, what);
        push(
            Part::Text(String::new()),
            format!("`{before}` alone, without the form's fields"),
        );
        for (text, how) in form::fields(&self.message.body) {
            push(Part::Text(text), format!("`{before}` and the form's fields {how}"));
        }
    }
}

/// A part as a table writes it.
fn shown(part: &Part) -> String {
    format!("`{}`", Content::of(vec![part.clone()]))
}

/// The content as the scheme has it, then every other likely one.
fn variants(message: &Message, scheme: &Scheme, signature: &Signature, item: Option<usize>) -> Vec<Signed> {
    let own = signature.content.clone();
    let known = Known {
        item,
        ..Known::of(message, scheme)
    };
    let first = Signed {
        kind: None,
        what: format!("`{own}`"),
        content: own.clone(),
        known: known.clone(),
    };
    let mut varied = Varied {
        message,
        own,
        known,
        all: vec![first],
    };
    varied.facts();
    varied.separators();
    varied.urls();
    varied.forms();
    varied.unchanged();
    varied.values();
    varied.elsewhere();
    let parts = varied.parts();
    let Varied {
        own, known, mut all, ..
    } = varied;
    if own.signs(&Part::Url) {
        for (url, what) in rewritten(message, known.url.as_deref()) {
            let known = Known {
                url: Some(url),
                ..known.clone()
            };
            push_url(what, &parts, known, &mut all);
        }
    }
    all
}

/// The content as it should be, with another URL.
fn push_url(what: String, parts: &[Part], known: Known, all: &mut Vec<Signed>) {
    all.push(Signed {
        kind: Some(Kind::ContentUrl),
        what,
        content: Content::of(parts.to_vec()),
        known,
    });
}

/// Contents that are signed in other places.
fn elsewhere() -> Vec<(&'static str, Vec<Part>)> {
    let text = |text: &str| Part::Text(text.to_owned());
    vec![
        ("schemes without a timestamp sign it", vec![Part::Body]),
        ("Stripe signs it", vec![Part::Timestamp, text("."), Part::Body]),
        (
            "Standard Webhooks signs it",
            vec![Part::Id, text("."), Part::Timestamp, text("."), Part::Body],
        ),
        (
            "Slack signs it",
            vec![text("v0:"), Part::Timestamp, text(":"), Part::Body],
        ),
        ("Paddle signs it", vec![Part::Timestamp, text(":"), Part::Body]),
        ("Square signs it", vec![Part::Url, Part::Body]),
        (
            "HubSpot signs it",
            vec![Part::Method, Part::Url, Part::Body, Part::Timestamp],
        ),
    ]
}

/// `parts` without `part`, and without the separator that then has nothing to separate.
fn without(parts: &[Part], part: &Part) -> Vec<Part> {
    let Some(at) = parts.iter().position(|own| own == part) else {
        return parts.to_vec();
    };
    let mut left = parts.to_vec();
    left.remove(at);
    let separator = if at < left.len() { at } else { at.saturating_sub(1) };
    if matches!(left.get(separator), Some(Part::Text(_))) {
        left.remove(separator);
    }
    left
}

/// The same moment in other units.
fn other_units(text: &str) -> Vec<(String, &'static str)> {
    let all = [
        (Unit::Seconds, "seconds"),
        (Unit::Milliseconds, "milliseconds"),
        (Unit::Rfc3339Seconds, "RFC 3339"),
        (Unit::Rfc3339Millis, "RFC 3339 with milliseconds"),
    ];
    let accepted = all.map(|(unit, _)| unit);
    let Ok(at) = Unit::read(text, &accepted) else {
        return Vec::new();
    };
    let mut units: Vec<(String, &'static str)> = all.into_iter().map(|(unit, name)| (unit.write(at), name)).collect();
    let milliseconds = at.as_millisecond();
    let fraction = format!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    let trimmed = fraction.trim_end_matches('0').trim_end_matches('.').to_owned();
    units.push((trimmed, "seconds with a fraction"));
    units.push((fraction, "seconds with three decimals"));
    units.push((((milliseconds + 500).div_euclid(1000)).to_string(), "rounded seconds"));
    units.push((format!("{}.0", at.as_second()), "seconds as a float"));
    units.push((format!("{milliseconds}000"), "microseconds"));
    let mut seen = vec![text.to_owned()];
    units.retain(|(unit, _)| {
        let new = !seen.contains(unit);
        seen.push(unit.clone());
        new
    });
    units
}

/// Timestamps in headers that no rule of the scheme names.
fn timestamps(message: &Message) -> Vec<String> {
    let named = message.headers.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.contains("timestamp") || name.ends_with("-time") || name == "date"
    });
    let texts = named.filter_map(|(_, value)| std::str::from_utf8(value).ok());
    texts.map(str::to_owned).take(4).collect()
}

/// An id in a header that no rule of the scheme names.
fn id(message: &Message) -> Option<String> {
    let mut named = message.headers.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name == "webhook-id"
            || name.ends_with("-delivery")
            || name.ends_with("-event-id")
            || name.ends_with("-delivery-id")
    });
    named
        .find_map(|(_, value)| std::str::from_utf8(value).ok())
        .map(str::to_owned)
}
