//! Where in a request a fact stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Message;
use crate::json::{self, Value};

/// Where a fact stands, written `header:NAME`, `body:/json/pointer` or `signature` in a provider's table; anything
/// else is the fact itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Place {
    /// A header's value.
    Header(String),
    /// A value of the JSON body, by RFC 6901 pointer.
    Body(String),
    /// Inside the signature header, beside the signature.
    Signature,
    /// Always this text.
    Constant(String),
}

impl Place {
    /// What stands there. A number or a truth value in the body is given as JSON writes it.
    pub fn read(&self, message: &Message) -> Option<String> {
        self.read_with(message, |pointer| json::at(&message.body, pointer))
    }

    /// What stands in each of `places`, with one look at the body.
    pub(crate) fn read_all<'p>(
        places: impl Iterator<Item = &'p Self> + Clone,
        message: &Message,
    ) -> Vec<Option<String>> {
        let pointers: Vec<&str> = places.clone().filter_map(Self::pointer).collect();
        let mut found = json::all(&message.body, &pointers).into_iter();
        places
            .map(|place| place.read_with(message, |_| found.next().flatten()))
            .collect()
    }

    fn pointer(&self) -> Option<&str> {
        match self {
            Self::Body(pointer) => Some(pointer),
            Self::Header(_) | Self::Signature | Self::Constant(_) => None,
        }
    }

    fn read_with(&self, message: &Message, in_body: impl FnOnce(&str) -> Option<Value>) -> Option<String> {
        match self {
            Self::Header(name) => message.headers.text(name).map(str::to_owned),
            Self::Body(pointer) => match in_body(pointer)? {
                Value::String(text) => Some(text),
                Value::Null => None,
                other => Some(other.to_string()),
            },
            Self::Signature => None,
            Self::Constant(text) => Some(text.clone()),
        }
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(name) = text.strip_prefix("header:") {
            return match http::HeaderName::from_bytes(name.as_bytes()) {
                Ok(_) => Ok(Self::Header(name.to_owned())),
                Err(_) => Err(format!("`{name}` is not a header name")),
            };
        }
        if let Some(pointer) = text.strip_prefix("body:") {
            return if pointer.starts_with('/') {
                Ok(Self::Body(pointer.to_owned()))
            } else {
                Err(format!("`{pointer}` is not a JSON pointer, it must begin with `/`"))
            };
        }
        Ok(match text.as_str() {
            "signature" => Self::Signature,
            _ => Self::Constant(text),
        })
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::Header(name) => format!("header:{name}"),
            Place::Body(pointer) => format!("body:{pointer}"),
            Place::Signature => "signature".into(),
            Place::Constant(text) => text,
        }
    }
}

/// Several places of one fact: the first where it stands counts. In a provider's table, one place or a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OneOrMore")]
pub struct Places(pub Vec<Place>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a place such as \"body:/type\", or a list of places")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl TryFrom<OneOrMore> for Places {
    type Error = String;

    fn try_from(given: OneOrMore) -> Result<Self, Self::Error> {
        let texts = match given {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        };
        texts
            .into_iter()
            .map(Place::try_from)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Places {
    /// What stands in the first place that is there.
    pub fn read(&self, message: &Message) -> Option<String> {
        self.0.iter().find_map(|place| place.read(message))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header {name}"),
            Self::Body(pointer) => write!(f, "{pointer} in the body"),
            Self::Signature => f.write_str("the signature header"),
            Self::Constant(text) => write!(f, "`{text}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_is_there_counts() {
        let places = Places(vec![
            Place::Body("/event/type".into()),
            Place::Header("X-Event".into()),
            Place::Body("/type".into()),
        ]);
        let mut message = Message::new(r#"{"type":"outer"}"#);
        assert_eq!(places.read(&message).as_deref(), Some("outer"));
        message.headers.set("x-event", "in a header");
        assert_eq!(places.read(&message).as_deref(), Some("in a header"));
        assert_eq!(Places::default().read(&message), None);
        let together = Place::read_all(places.0.iter(), &message);
        let each: Vec<_> = places.0.iter().map(|place| place.read(&message)).collect();
        assert_eq!(together, each);
        assert_eq!(together, [None, Some("in a header".into()), Some("outer".into())]);
    }
}
