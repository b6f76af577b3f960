//! One member of a JSON body: left out, renamed, of another type or spelling, or alone.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::change::{self, camel, lower_first, snake, upper_first};
use super::splice::{ShowSplice, Splice};
use super::step::{SMALL, Step};
use super::{Show, Source, date, layout};
use crate::explain::cause::Kind::BodyReserialised;
use crate::json;
use crate::json::compact::{self, Map, Text, Value};
use crate::json::pointer::{escaped, unescaped};

/// Nesting beyond this is not looked into, in levels.
const DEEPEST: usize = 16;
/// So many members are looked at, and fewer of a large body.
const MOST: usize = 400;
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// How many members of a body of `length` bytes are looked at.
pub(super) fn most(length: usize) -> usize {
    (MOST_BYTES / length.max(1)).clamp(16, MOST)
}

/// Where a member or an item stands.
pub(super) struct Member {
    /// RFC 6901.
    pub(super) pointer: String,
    /// The key with its quotes; nothing for an item of a list.
    key: Option<Range<usize>>,
    pub(super) value: Range<usize>,
    /// What is taken out with it: the comma and the white space that belong to it.
    whole: Range<usize>,
}

/// The members and the items of valid JSON, in the order they stand in, `most` of them.
pub(super) fn members(body: &[u8], most: usize) -> Vec<Member> {
    let mut out = Vec::new();
    let mut walk = Walk {
        body,
        at: 0,
        most,
        out: &mut out,
    };
    walk.value("", 0);
    out
}

struct Walk<'w> {
    body: &'w [u8],
    at: usize,
    most: usize,
    out: &'w mut Vec<Member>,
}

impl Walk<'_> {
    fn space(&mut self) {
        while self.body.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Steps over the value here.
    fn value(&mut self, pointer: &str, depth: usize) -> Option<()> {
        self.space();
        match self.body.get(self.at)? {
            open @ (b'{' | b'[') if depth < DEEPEST && self.out.len() < self.most => {
                self.inside(*open == b'{', pointer, depth)
            }
            b'{' | b'[' => self.over(),
            b'"' => {
                self.at = layout::text_end(self.body, self.at);
                Some(())
            }
            _ => {
                let ends = |byte: &u8| b",]}".contains(byte) || byte.is_ascii_whitespace();
                self.at += self.body[self.at..]
                    .iter()
                    .position(ends)
                    .unwrap_or(self.body.len() - self.at);
                Some(())
            }
        }
    }

    /// Steps over an object or a list without looking into it.
    fn over(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.body.get(self.at)? {
                b'"' => {
                    self.at = layout::text_end(self.body, self.at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn inside(&mut self, object: bool, pointer: &str, depth: usize) -> Option<()> {
        self.at += 1;
        let mut comma = None;
        for index in 0.. {
            self.space();
            if b"}]".contains(self.body.get(self.at)?) {
                break;
            }
            let from = self.at;
            let key = if object {
                let end = layout::text_end(self.body, from);
                self.at = end;
                self.space();
                self.at += 1;
                Some(from..end)
            } else {
                None
            };
            let name = match &key {
                Some(key) => escaped(&json::text(&self.body[key.clone()])?),
                None => index.to_string(),
            };
            self.space();
            let pointer = format!("{pointer}/{name}");
            let value = self.at;
            let slot = (self.out.len() < self.most).then(|| {
                self.out.push(Member {
                    pointer: pointer.clone(),
                    key,
                    value: value..value,
                    whole: from..from,
                });
                self.out.len() - 1
            });
            self.value(&pointer, depth + 1)?;
            let end = self.at;
            self.space();
            let whole = match (self.body.get(self.at)?, comma) {
                (b',', _) => {
                    comma = Some(self.at);
                    self.at += 1;
                    self.space();
                    from..self.at
                }
                (_, Some(comma)) => comma..end,
                (_, None) => from..end,
            };
            if let Some(member) = slot.and_then(|slot| self.out.get_mut(slot)) {
                (member.value, member.whole) = (value..end, whole);
            }
            if b"}]".contains(self.body.get(self.at)?) {
                break;
            }
        }
        self.at += 1;
        Some(())
    }
}

/// Names that stand for one another in models of events.
const ALIKE: &[&[&str]] = &[
    &["id", "_id", "ID", "Id", "eventId", "event_id", "uuid", "key"],
    &[
        "type",
        "event",
        "event_type",
        "eventType",
        "kind",
        "topic",
        "name",
        "action",
    ],
    &["data", "payload", "body", "object", "content", "message"],
    &["created", "created_at", "createdAt", "timestamp", "time", "date"],
    &["user", "user_id", "userId", "customer", "customer_id", "customerId"],
];

const ADDED: &str = "what arrived was read, changed there and written again on its way";

/// One member left out or written otherwise where it stands.
pub(super) fn in_place(source: &Source<'_>, show: &mut ShowSplice<'_>) -> bool {
    let body = source.body();
    if !source.is_json && !source.too_large {
        return true;
    }
    members(body, most(body.len()))
        .iter()
        .all(|member| one(body, member, show) && recounted(body, member, show))
}

fn one(body: &[u8], member: &Member, show: &mut ShowSplice<'_>) -> bool {
    let pointer = &member.pointer;
    let mut splice = |range: &Range<usize>, insert: &[u8], name: &str, what: String| {
        let step = || Step::new(BodyReserialised, format!("{name} {pointer}"), what.clone()).reverse(ADDED);
        let splice = Splice {
            at: range.start,
            until: range.end,
            insert: Cow::Borrowed(insert),
        };
        show(&splice, &step)
    };
    let whose = if member.key.is_some() { "its member" } else { "the item" };
    let without = format!("the body without {whose} `{pointer}`");
    if !splice(&member.whole, b"", "without", without) {
        return false;
    }
    if let Some(key) = &member.key {
        let Some(own) = json::text(&body[key.clone()]) else {
            return true;
        };
        let renamed = names(&own).iter().filter(|name| **name != own).all(|name| {
            let what = format!("the body with `{name}` for the key of `{pointer}`");
            splice(key, format!("\"{name}\"").as_bytes(), "rename", what)
        });
        if !renamed {
            return false;
        }
    }
    let raw = &body[member.value.clone()];
    others(raw).iter().all(|(new, what)| {
        let shown = shown(new);
        let what = format!("the body with {what} for the value of `{pointer}`, which is `{shown}`");
        splice(&member.value, new.as_bytes(), "retype", what)
    })
}

const COUNTED: &str = "another body was signed than was sent, as where one is sent again with its attempts counted on and its signature kept";
/// A larger count is none of attempts.
const MOST_COUNTED: u64 = 1_000;

fn recounted(body: &[u8], member: &Member, show: &mut ShowSplice<'_>) -> bool {
    let pointer = &member.pointer;
    counted(pointer, &body[member.value.clone()]).into_iter().all(|count| {
        let step = || {
            let what = format!("the body with {count} for the value of `{pointer}`");
            Step::new(BodyReserialised, format!("count {pointer}"), what).reverse(COUNTED)
        };
        let splice = Splice {
            at: member.value.start,
            until: member.value.end,
            insert: count.to_string().into_bytes().into(),
        };
        show(&splice, &step)
    })
}

/// What a number of attempts was before, or is after, by the name of its member.
fn counted(pointer: &str, raw: &[u8]) -> Vec<u64> {
    let name = pointer.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let counts = ["attempt", "retr", "tries", "count"]
        .iter()
        .any(|word| name.contains(word));
    let number = std::str::from_utf8(raw).ok().and_then(|text| text.parse::<u64>().ok());
    let Some(number) = number.filter(|number| counts && *number < MOST_COUNTED) else {
        return Vec::new();
    };
    let mut all = vec![number.saturating_sub(1), number + 1, 0, 1];
    all.retain(|other| *other != number);
    all.sort_unstable();
    all.dedup();
    all
}

/// What else a key may be.
fn names(own: &str) -> Vec<String> {
    let mut names = vec![
        snake(own),
        camel(own),
        lower_first(own),
        upper_first(own),
        own.to_lowercase(),
    ];
    names.extend(own.strip_prefix('_').map(str::to_owned));
    let alike = ALIKE.iter().filter(|group| group.contains(&own));
    names.extend(alike.flat_map(|group| group.iter().map(|name| (*name).to_owned())));
    names.dedup();
    names
}

/// A value's text, short enough for a sentence.
fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value, and what it is.
type Other = (String, &'static str);

/// What else a value may be written as, by how it begins.
const WRITINGS: &[(&[u8], &[&str], &str)] = &[
    (
        b"t",
        &["\"true\"", "1", "\"True\"", "\"1\"", "false"],
        "another writing of the truth",
    ),
    (
        b"f",
        &["\"false\"", "0", "\"False\"", "\"0\"", "\"\"", "true", "null"],
        "another writing of the falsehood",
    ),
    (
        b"n",
        &["\"\"", "\"null\"", "\"None\"", "{}", "[]", "0", "false"],
        "another writing of nothing",
    ),
    (b"{[", &["\"[object Object]\""], "what an object becomes as text"),
];

/// What filters of logs write.
const FILTERED: [&str; 5] = [
    "\"[FILTERED]\"",
    "\"[REDACTED]\"",
    "\"***\"",
    "\"[Filtered]\"",
    "\"********\"",
];

/// What else a value may be written as.
fn others(raw: &[u8]) -> Vec<Other> {
    let (Ok(text), Some(first)) = (std::str::from_utf8(raw), raw.first()) else {
        return Vec::new();
    };
    let mut all: Vec<Other> = Vec::new();
    match first {
        b'"' => other_texts(text, &mut all),
        b'-' | b'0'..=b'9' => {
            all.push((format!("\"{text}\""), "the text of the number"));
            let spellings = date::spellings(text).into_iter();
            all.extend(spellings.map(|new| (new, "another spelling of the time")));
            let numbers = numbers(text).into_iter();
            all.extend(numbers.map(|new| (new, "another writing of the number")));
        }
        b'{' | b'[' => {
            let quoted = serde_json::to_string(text).ok();
            all.extend(quoted.map(|new| (new, "the text of the JSON")));
            let empty = [("{}", "[]"), ("[]", "{}")].into_iter().filter(|(_, own)| *own == text);
            all.extend(empty.map(|(new, _)| (new.to_owned(), "another empty value")));
        }
        _ => {}
    }
    let rows = WRITINGS.iter().filter(|(begins, ..)| begins.contains(first));
    all.extend(rows.flat_map(|(_, writings, what)| writings.iter().map(|new| ((*new).to_owned(), *what))));
    if text != "null" {
        all.push(("null".to_owned(), "null"));
    }
    if text.len() > 2 {
        all.extend(FILTERED.map(|new| (new.to_owned(), "what a filter of logs writes")));
    }
    all
}

/// What else a text may be written as.
fn other_texts(text: &str, all: &mut Vec<Other>) {
    let inner = &text[1..text.len().saturating_sub(1).max(1)];
    let spellings = date::spellings(inner).into_iter();
    all.extend(spellings.map(|new| (new, "another spelling of the time")));
    let scalar = compact::read(inner.as_bytes());
    if matches!(scalar, Some(Value::Number(_) | Value::Bool(_) | Value::Null)) {
        all.push((inner.to_owned(), "what the text says"));
    }
    if inner.starts_with(['{', '[']) || inner.starts_with("\\\"") {
        all.extend(json::text(text.as_bytes()).map(|new| (new, "the JSON in the text")));
    }
    if inner.trim() != inner {
        all.push((format!("\"{}\"", inner.trim()), "the trimmed text"));
    }
    for (text, what) in [
        (inner.to_lowercase(), "the text in lower case"),
        (inner.to_uppercase(), "the text in upper case"),
    ] {
        if text != inner && inner.len() < 256 && !inner.contains('\\') {
            all.push((format!("\"{text}\""), what));
        }
    }
    all.push(match inner {
        "" => ("null".to_owned(), "null"),
        _ => ("\"\"".to_owned(), "an empty text"),
    });
}

fn numbers(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    if !text.contains(['.', 'e', 'E']) {
        all.extend([format!("{text}.0"), format!("{text}.00")]);
    } else if let Some((whole, fraction)) = text.split_once('.') {
        all.push(whole.to_owned());
        all.push(format!("{whole}.{fraction}0"));
        let short = fraction.trim_end_matches('0');
        all.push(if short.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{short}")
        });
        all.push(format!("\"{whole}.{fraction}0\""));
    }
    if let Ok(value) = text.parse::<f64>() {
        all.push(format!("{}", value * 100.0));
        all.push(format!("{}", value / 100.0));
        all.push(format!("{value:.2}"));
        all.push(format!("\"{value:.2}\""));
    }
    all.retain(|new| new != text && !new.contains("NaN") && !new.contains("inf"));
    all.dedup();
    all
}

/// What writes a body with one member less.
const WRITERS: &[&str] = &[
    "javascript",
    "python",
    "php-array",
    "php",
    "python-compact",
    "go",
    "ruby",
    "php-array-slashes-unicode",
    "jackson",
];

/// One member left out, or in another place, by the likeliest writers.
pub(super) fn left_out(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Some(value) = source.value().filter(|_| source.body().len() <= SMALL / 16) else {
        return true;
    };
    let most = most(source.body().len()).min(64);
    members(source.body(), most)
        .iter()
        .filter(|member| member.key.is_some())
        .all(|member| {
            let pointer = &member.pointer;
            let Some(without) = without(&value, pointer) else {
                return true;
            };
            let what = format!("the JSON written again without its member `{pointer}`");
            change::written(
                &Arc::new(without),
                &format!("without {pointer}"),
                &what,
                "",
                source,
                WRITERS,
                show,
            )
        })
        && moved(&value, source, show)
}

/// Bodies of at most so many outermost members are written with each choice of them.
const CHOSEN: usize = 12;
/// So many members are chosen, or left out, at most.
const FEW: u32 = 3;

/// Some of the outermost members alone, as a model that names no others has them.
pub(super) fn some(source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let value = source.value();
    let Some(Value::Object(members)) = value.as_deref() else {
        return true;
    };
    let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
    if source.body().len() > SMALL / 128 {
        return true;
    }
    let choices = (1u32..1 << count.min(16)).filter(|choice| {
        let kept = choice.count_ones();
        members.len() <= CHOSEN && kept < count || kept <= FEW
    });
    choices.filter(|_| count <= 16).all(|choice| {
        let kept = |(place, _): &(usize, (&Text, &Value))| choice >> place & 1 == 1;
        let kept: Map = members
            .iter()
            .enumerate()
            .filter(kept)
            .map(|(_, (key, item))| (key.clone(), item.clone()))
            .collect();
        let names = kept.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let what = format!("the JSON written again with its members {names} alone");
        change::written(
            &Arc::new(Value::Object(kept)),
            &format!("only {names}"),
            &what,
            "as a model that names no others leaves them",
            source,
            &WRITERS[..6],
            show,
        )
    })
}

fn without(value: &Value, pointer: &str) -> Option<Value> {
    let mut new = value.clone();
    let (parent, key) = pointer.rsplit_once('/')?;
    let key = unescaped(key);
    match new.pointer_mut(parent)? {
        Value::Object(members) => drop(members.remove(&key)?),
        _ => return None,
    }
    Some(new)
}

fn moved(value: &Value, source: &Source<'_>, show: &mut Show<'_>) -> bool {
    let Value::Object(members) = value else { return true };
    if members.len() > 32 {
        return true;
    }
    members.keys().all(|key| {
        [true, false].iter().all(|first| {
            let mut rest = members.clone();
            let Some(item) = rest.remove(key) else {
                return true;
            };
            let member = [(key.clone(), item)];
            let all: Map = match first {
                true => member.into_iter().chain(rest).collect(),
                false => rest.into_iter().chain(member).collect(),
            };
            let place = if *first { "first" } else { "last" };
            let what = format!("the JSON written again with its member `{key}` {place}");
            change::written(
                &Arc::new(Value::Object(all)),
                &format!("{place} {key}"),
                &what,
                "",
                source,
                &WRITERS[..4],
                show,
            )
        })
    })
}
