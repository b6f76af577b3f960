//! The table of values: what may stand in the place of a timestamp or an id. Each value of the delivery, what a runtime
//! writes for nothing at all, and the same value or moment in other spellings.

mod spelling;

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::cause::Kind;
use super::content::LONGEST_READ;
use crate::clock::{Tolerance, Unit};
use crate::json::pointer::escaped;
use crate::json::{self, Value as Json};
use crate::message::{Message, Place};
use crate::scheme::{Part, Scheme};
use spelling::{ABSENT, REWRITES, SPELLINGS};

/// A value that is longer stands in no timestamp's and no id's place, in bytes.
const LONGEST: usize = 256;
/// So many values of one delivery are looked at, and so many of its moments.
const MOST: usize = 160;
const MOST_MOMENTS: usize = 6;

/// A short text of a delivery.
pub(super) struct Value {
    pub(super) place: Where,
    pub(super) text: String,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Where {
    Header(String),
    /// A JSON pointer.
    Body(String),
    Field(String),
    Query(String),
}

impl Where {
    /// The same place, as tables have it.
    pub(super) fn in_message(&self) -> Place {
        match self {
            Self::Header(name) => Place::Header(name.clone()),
            Self::Body(pointer) => Place::Body(pointer.clone()),
            Self::Query(name) => Place::Query(name.clone()),
            Self::Field(name) => Place::Form {
                name: name.clone(),
                pointer: None,
            },
        }
    }

    /// The name alone.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Body(name) | Self::Field(name) | Self::Query(name) => name,
        }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header `{name}`"),
            Self::Body(pointer) => write!(f, "`{pointer}` in the body"),
            Self::Field(name) => write!(f, "the form's field `{name}`"),
            Self::Query(name) => write!(f, "the URL's parameter `{name}`"),
        }
    }
}

/// Every short value of `message`: of its headers, its query, and of its body where that is JSON or a form.
pub(super) fn of_message(message: &Message) -> Vec<Value> {
    let mut all = Vec::new();
    let mut push = |place: Where, text: &str| {
        if text.len() <= LONGEST && all.len() < MOST {
            let text = text.to_owned();
            all.push(Value { place, text });
        }
    };
    for (name, value) in message.headers.iter() {
        if let Ok(text) = std::str::from_utf8(value) {
            push(Where::Header(name.to_owned()), text);
        }
    }
    for (name, value) in form_urlencoded::parse(message.query().unwrap_or_default().as_bytes()) {
        push(Where::Query(name.into_owned()), &value);
    }
    if message.body.len() > LONGEST_READ {
        return all;
    }
    if message.is_form() {
        for (name, value) in form_urlencoded::parse(&message.body) {
            push(Where::Field(name.into_owned()), &value);
        }
    } else if let Ok(value) = json::parse(&message.body) {
        leaves(&value, &mut String::new(), &mut push);
    }
    all
}

fn leaves(value: &Json, pointer: &mut String, push: &mut impl FnMut(Where, &str)) {
    let deep = pointer.len();
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                pointer.push('/');
                pointer.push_str(&escaped(name));
                leaves(value, pointer, push);
                pointer.truncate(deep);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate().take(8) {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                leaves(value, pointer, push);
                pointer.truncate(deep);
            }
        }
        Json::String(text) => push(Where::Body(pointer.clone()), text),
        Json::Number(number) => push(Where::Body(pointer.clone()), number.as_str()),
        Json::Bool(_) | Json::Null => {}
    }
}

/// A text in a part's place, with what it is.
pub(super) struct Instead {
    pub(super) kind: Kind,
    pub(super) what: String,
    pub(super) text: String,
}

/// Texts in the places of two parts, with what they are.
pub(super) struct Both {
    pub(super) kind: Kind,
    pub(super) what: String,
    pub(super) text: String,
    pub(super) other: String,
}

/// The part that another value stands for.
pub(super) struct Slot<'a> {
    pub(super) part: Part,
    pub(super) name: &'static str,
    /// Where the scheme has it.
    pub(super) from: Option<&'a Place>,
    pub(super) own: Option<&'a str>,
    missing: Kind,
    other: Kind,
}

impl<'a> Slot<'a> {
    pub(super) fn timestamp(scheme: &'a Scheme, own: Option<&'a str>) -> Self {
        Self {
            part: Part::Timestamp,
            name: "timestamp",
            from: scheme.timestamp.as_ref().map(|rule| &rule.from),
            own,
            missing: Kind::ContentTimestampMissing,
            other: Kind::ContentTimestampOther,
        }
    }

    pub(super) fn id(scheme: &'a Scheme, own: Option<&'a str>) -> Self {
        Self {
            part: Part::Id,
            name: "id",
            from: scheme.id.as_ref(),
            own,
            missing: Kind::ContentIdMissing,
            other: Kind::ContentIdOther,
        }
    }

    fn is_time(&self) -> bool {
        self.part == Part::Timestamp
    }

    /// Every other text for it, the likeliest first; each once.
    pub(super) fn instead(&self, message: &Message, at: Option<Timestamp>) -> Vec<Instead> {
        let name = self.name;
        let mut all: Vec<Instead> = Vec::new();
        for (text, who) in ABSENT {
            let shown = if text.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{text}`")
            };
            let what = format!(
                "{shown} in the {name}'s place, {who} where the {name} was not found, or was read under another name or case"
            );
            all.push(self.as_missing(what, (*text).to_owned()));
        }
        let from = match (self.from, self.own) {
            (None, _) => String::new(),
            (Some(place), Some(_)) => format!(", not from {place}"),
            (Some(place), None) => format!(", as {place} has none"),
        };
        let values = of_message(message);
        for (index, value) in values.iter().enumerate() {
            let same = |other: &&Value| other.text == value.text;
            let mut places: Vec<String> = values[index..]
                .iter()
                .filter(same)
                .map(|value| value.place.to_string())
                .collect();
            places.truncate(3);
            let what = format!("the {name} taken from {}{from}", places.join(" or "));
            all.push(self.as_other(what, value.text.clone()));
        }
        if let Some(own) = self.own {
            for rewrite in REWRITES.iter().filter(|rewrite| self.is_time() || !rewrite.of_time) {
                if let Some(text) = (rewrite.apply)(own) {
                    let kind = if rewrite.of_time {
                        Kind::ContentTimestampUnit
                    } else {
                        self.other
                    };
                    let what = format!("the {name} {}", rewrite.what);
                    all.push(Instead { kind, what, text });
                }
            }
        }
        if self.is_time() {
            self.moments(&values, at, &mut all);
        }
        let mut seen: Vec<String> = self.own.map(str::to_owned).into_iter().collect();
        all.retain(|instead| {
            let is_new = !seen.contains(&instead.text);
            seen.push(instead.text.clone());
            is_new
        });
        all
    }

    /// The texts for this and for `other`, where one mistake makes both of them.
    pub(super) fn with(&self, other: &Self) -> Vec<Both> {
        let names = format!("the {} and the {}", other.name, self.name);
        let absent = ABSENT.iter().map(|(text, who)| Both {
            kind: other.missing,
            what: match *text {
                "" => format!("nothing in the places of {names}, {who} where neither was found, or both were read under other names"),
                text => format!("`{text}` in the places of {names}, {who} where neither was found, or both were read under other names"),
            },
            text: (*text).to_owned(),
            other: (*text).to_owned(),
        });
        let rewritten = REWRITES
            .iter()
            .filter(|rewrite| !rewrite.of_time)
            .filter_map(|rewrite| {
                Some(Both {
                    kind: other.other,
                    what: format!("{names} each {}", rewrite.what),
                    text: (rewrite.apply)(self.own?)?,
                    other: (rewrite.apply)(other.own?)?,
                })
            });
        absent.chain(rewritten).collect()
    }

    /// Every moment of the delivery in every spelling.
    fn moments(&self, values: &[Value], at: Option<Timestamp>, all: &mut Vec<Instead>) {
        let units = Unit::NAMED.map(|(_, unit)| unit);
        let read = |text: &str| Unit::read(text, &units).ok().filter(|_| Unit::of(text).is_some());
        let mut moments: Vec<(String, Timestamp)> = Vec::new();
        if let Some(own) = self.own {
            if let Some(at) = read(own) {
                moments.push(("the timestamp".to_owned(), at));
            }
            // JavaScript's Date takes milliseconds, and is often given seconds.
            let taken = own
                .parse()
                .ok()
                .and_then(|number| Timestamp::from_millisecond(number).ok());
            if let Some(at) = taken {
                moments.push(("the timestamp, taken for milliseconds,".to_owned(), at));
            }
        }
        let dated = values
            .iter()
            .filter_map(|value| Some((value.place.to_string(), spelling::read(&value.text)?)));
        moments.extend(dated.take(MOST_MOMENTS));
        moments.extend(at.map(|at| ("the time of arrival".to_owned(), at)));
        for (index, (whose, at)) in moments.iter().enumerate() {
            let own = index == 0 && self.own.is_some();
            let kind = if own { Kind::ContentTimestampUnit } else { self.other };
            for (name, write) in SPELLINGS {
                let what = format!("{whose} as {name} for the timestamp");
                all.push(Instead {
                    kind,
                    what,
                    text: write(*at),
                });
            }
        }
    }

    /// The clock of the handler or of the sender in the timestamp's place: each second within the tolerance around the
    /// arrival, and each millisecond of the first two.
    pub(super) fn clock(&self, at: Timestamp, tolerance: Tolerance, every: bool) -> Vec<Instead> {
        let past = tolerance.past.0.map_or(300, |limit| limit.as_secs().min(600));
        let past = i64::try_from(past).unwrap_or(300);
        let mut all = Vec::new();
        let mut push = |off: SignedDuration, unit: Unit| {
            if let Ok(moment) = at.checked_add(off) {
                let text = unit.write(moment);
                let what = format!("the clock's own time, {text}, for the timestamp: the header's was not used");
                all.push(self.as_other(what, text));
            }
        };
        for second in 0..=past {
            push(SignedDuration::from_secs(second), Unit::Seconds);
            push(SignedDuration::from_secs(-second), Unit::Seconds);
        }
        let milliseconds = if every { past * 1000 } else { 2000 };
        for millisecond in 0..=milliseconds {
            push(SignedDuration::from_millis(millisecond), Unit::Milliseconds);
            push(SignedDuration::from_millis(-millisecond), Unit::Milliseconds);
        }
        all
    }

    fn as_missing(&self, what: String, text: String) -> Instead {
        let kind = self.missing;
        Instead { kind, what, text }
    }

    fn as_other(&self, what: String, text: String) -> Instead {
        let kind = self.other;
        Instead { kind, what, text }
    }
}
