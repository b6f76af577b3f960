//! The parts of a signed content, as a provider's table writes them.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::change::Change;
use super::each::Each;
use super::given::Given;
use crate::message::Place;

/// One part of the signed content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A fixed text.
    Text(String),
    /// `{id}`.
    Id,
    /// `{timestamp}`, as it is written.
    Timestamp,
    /// `{body}`, byte for byte.
    Body,
    /// `{method}`.
    Method,
    /// `{url}`.
    Url,
    /// `{path}`: the URL's path, without its query.
    Path,
    /// `{target}`: the URL's path and query.
    Target,
    /// `{url-without-query}`.
    UrlWithoutQuery,
    /// `{secret}`, in what a plain hash takes.
    Secret,
    /// `{header:NAME}`, `{query:NAME}`, `{json:/pointer}`, `{form:NAME}` or `{form:NAME/pointer}`.
    Value(Place),
    /// `{given:NAME}`: what the user gives, as `[given.NAME]` describes it.
    Given(Given),
    /// `{form:sorted}`: a form's fields by name, name and value joined with nothing, a name's values sorted and each
    /// taken once (Twilio). Nothing where the body is no form.
    FormSorted,
    /// `{part:lower}`: what is made of a part.
    Changed(Box<Self>, Change),
    /// A list in the list: left out whole where a part of it is not there, or is empty.
    Optional(Vec<Self>),
    /// A table in the list: named values, one behind the other.
    Each(Each),
}

/// The parts that are a word alone.
const WORDS: [(&str, Part); 10] = [
    ("id", Part::Id),
    ("timestamp", Part::Timestamp),
    ("body", Part::Body),
    ("method", Part::Method),
    ("url", Part::Url),
    ("path", Part::Path),
    ("target", Part::Target),
    ("url-without-query", Part::UrlWithoutQuery),
    ("secret", Part::Secret),
    ("form:sorted", Part::FormSorted),
];

impl Part {
    /// Reads a text or a `{part}`.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub fn read(text: &str) -> Result<Self, String> {
        if !text.contains(['{', '}']) {
            return Ok(Self::Text(text.to_owned()));
        }
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        match inner.filter(|inner| !inner.contains(['{', '}'])) {
            Some(inner) => Self::named(inner).map_err(|problem| match problem {
                Some(problem) => format!("`{text}`: {problem}"),
                None => unknown(text),
            }),
            None => Err(unknown(text)),
        }
    }

    /// The part of that name; else what is wrong with it, where it is known what was meant.
    fn named(inner: &str) -> Result<Self, Option<String>> {
        if let Some((_, part)) = WORDS.iter().find(|(word, _)| *word == inner) {
            return Ok(part.clone());
        }
        if let Some((before, last)) = inner.rsplit_once(':')
            && let Ok(part) = Self::named(before)
        {
            if last.starts_with('/') && part == Self::Body {
                return Err(Some(format!("write {{json:{last}}}")));
            }
            return match (Change::named(last), part) {
                (Some(_), Self::Secret) => Err(Some("a secret is signed as it is".into())),
                (Some(change), part) => Ok(Self::Changed(Box::new(part), change)),
                (None, Self::Value(_)) => Self::value(inner),
                (None, _) => Err(Some(format!("`{last}` is none of {}", Change::names()))),
            };
        }
        Self::value(inner)
    }

    fn value(inner: &str) -> Result<Self, Option<String>> {
        let (kind, rest) = inner.split_once(':').ok_or(None)?;
        let place = match kind {
            "json" => format!("body:{rest}"),
            "header" | "query" | "form" => inner.to_owned(),
            "given" => return Given::named(rest).map(Self::Given).map_err(Some),
            _ => return Err(None),
        };
        Place::try_from(place).map(Self::Value).map_err(Some)
    }

    /// Itself and the parts that it is made of.
    pub(super) fn all(&self) -> Vec<&Self> {
        match self {
            Self::Changed(part, _) => [vec![self], part.all()].concat(),
            Self::Optional(parts) => [vec![self], parts.iter().flat_map(Self::all).collect()].concat(),
            Self::Each(each) => [vec![self], each.parts().iter().flat_map(Self::all).collect()].concat(),
            part => vec![part],
        }
    }

    /// Shows `see` each given value that it is made of.
    pub(crate) fn givens(&mut self, see: &mut dyn FnMut(&mut Given)) {
        match self {
            Self::Given(given) => see(given),
            Self::Changed(part, _) => part.givens(see),
            Self::Optional(parts) => parts.iter_mut().for_each(|part| part.givens(see)),
            Self::Each(each) => each.parts_mut().iter_mut().for_each(|part| part.givens(see)),
            _ => {}
        }
    }

    /// Whether it reads the body otherwise than byte for byte.
    pub(super) fn reads_into_body(&self) -> bool {
        self.all().into_iter().any(|part| match part {
            Self::Value(place) => place.is_in_body(),
            Self::FormSorted => true,
            Self::Each(each) => each.reads_body(),
            Self::Changed(inner, _) => **inner == Self::Body,
            Self::Optional(parts) => parts.contains(&Self::Body),
            _ => false,
        })
    }

    /// Whether it is made of the URL, or of something that is.
    pub(crate) fn reads_url(&self) -> bool {
        self.all().into_iter().any(Self::is_of_url)
    }

    /// Whether it is made of the URL.
    pub(super) fn is_of_url(&self) -> bool {
        matches!(self, Self::Url | Self::Path | Self::Target | Self::UrlWithoutQuery)
    }
}

fn unknown(text: &str) -> String {
    let words: Vec<_> = WORDS.iter().map(|(word, _)| format!("{{{word}}}")).collect();
    format!(
        "unknown part `{text}`, expected a text or one of {}, {{header:NAME}}, {{query:NAME}}, {{json:/pointer}}, {{form:NAME}}, {{given:NAME}}",
        words.join(", ")
    )
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Value(Place::Body(pointer)) => write!(f, "{{json:{pointer}}}"),
            Self::Value(place) => write!(f, "{{{}}}", String::from(place.clone())),
            Self::Changed(part, change) => {
                let part = part.to_string();
                write!(f, "{}:{change}}}", part.strip_suffix('}').unwrap_or(&part))
            }
            Self::Optional(parts) => {
                f.write_str("[")?;
                parts.iter().try_for_each(|part| part.fmt(f))?;
                f.write_str("]")
            }
            Self::Each(each) => f.write_str(each.text()),
            Self::Given(given) => write!(f, "{given:?}"),
            part => {
                let word = WORDS.iter().find(|(_, own)| own == part);
                write!(f, "{{{}}}", word.map_or("", |(word, _)| *word))
            }
        }
    }
}

/// As a table writes it.
impl Serialize for Part {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Optional(parts) => parts.serialize(to),
            Self::Each(each) => each.serialize(to),
            part => to.collect_str(part),
        }
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PartVisitor)
    }
}

struct PartVisitor;

impl<'de> Visitor<'de> for PartVisitor {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a {part}, a list of both, or a table with `each`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Part, E> {
        Part::read(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Part, A::Error> {
        let parts: Vec<Part> = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        if parts.iter().any(|part| matches!(part, Part::Optional(_))) {
            return Err(A::Error::custom("a list in `content` holds no list of its own"));
        }
        Ok(Part::Optional(parts))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Part, A::Error> {
        Each::deserialize(MapAccessDeserializer::new(map)).map(Part::Each)
    }
}
