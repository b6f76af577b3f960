//! Where in a request a fact stands.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Message, pairs, token, xml};
use crate::json::{self, Value, splice};

/// The place that is the whole body.
const WHOLE: &str = "body";
/// The step of a JSON pointer that stands for each item of a list.
const EACH: &str = "*";
/// So many items of a list are looked at.
pub(crate) const MOST_ITEMS: usize = 100;

/// Where a fact stands, written `header:NAME`, `body:/json/pointer`, `query:NAME`, `form:NAME`, `form:NAME/json/pointer`,
/// `body`, `claim:/json/pointer`, `xml:/path` or `signature` in a provider's table; anything else is the fact itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Place {
    /// A header's value.
    Header(String),
    /// A value of the JSON body, by RFC 6901 pointer. A step `*` is each item of a list.
    Body(String),
    /// A parameter of the URL's query.
    Query(String),
    /// A field of the form, or a value of the JSON that the field holds.
    Form {
        /// The field's name.
        name: String,
        /// The pointer into the field's JSON.
        pointer: Option<String>,
    },
    /// The whole body, a text.
    Whole,
    /// A claim of the token (RFC 7519) that is the body, by the pointer of a value in it; one that is not signed yet is
    /// its claims. A text on the way that holds JSON is read as that.
    Claim(String),
    /// The text of the first element of the XML body at a path of local names, such as `/order/status`.
    Xml(String),
    /// Inside the signature's own text, beside the signature.
    Signature,
    /// Always this text.
    Constant(String),
}

impl Place {
    /// What stands there, the first where there are several. A number or a truth value of JSON is given as JSON writes it.
    pub fn read(&self, message: &Message) -> Option<String> {
        self.read_in(message, &message.body)
    }

    /// [`Self::read`], with `body` in place of the message's own.
    pub(crate) fn read_in(&self, message: &Message, body: &[u8]) -> Option<String> {
        match self {
            Self::Body(pointer) if self.is_each() => read_each(body, pointer).into_iter().next().flatten(),
            _ => self.read_with(message, body, |pointer| json::at(body, pointer)),
        }
    }

    /// Every value that stands there, in order.
    pub fn values<'m>(&self, message: &'m Message) -> Vec<Cow<'m, [u8]>> {
        let owned = |text: String| Cow::Owned(text.into_bytes());
        match self {
            Self::Header(name) => message.headers.get_all(name).map(Cow::Borrowed).collect(),
            Self::Body(pointer) if self.is_each() => {
                let values = read_each(&message.body, pointer).into_iter();
                values.map(|value| owned(value.unwrap_or_default())).collect()
            }
            Self::Query(name) => pairs::all(message.query().unwrap_or_default().as_bytes(), name)
                .map(owned)
                .collect(),
            Self::Form { name, pointer: None } => {
                let values = message.form_values(&message.body, name).into_iter();
                values.map(owned).collect()
            }
            place => place.read(message).map(owned).into_iter().collect(),
        }
    }

    /// What stands in each of `places`, with one look at the body.
    pub(crate) fn read_all<'p>(
        places: impl Iterator<Item = &'p Self> + Clone,
        message: &Message,
    ) -> Vec<Option<String>> {
        let pointers: Vec<&str> = places.clone().filter_map(Self::pointer).collect();
        let mut found = json::all(&message.body, &pointers).into_iter();
        places
            .map(|place| match place.pointer() {
                Some(_) => found.next().flatten().and_then(text_of),
                None => place.read(message),
            })
            .collect()
    }

    /// The pointer of one value of the body.
    pub(crate) fn pointer(&self) -> Option<&str> {
        match self {
            Self::Body(pointer) if !self.is_each() => Some(pointer),
            _ => None,
        }
    }

    fn read_with(&self, message: &Message, body: &[u8], in_body: impl FnOnce(&str) -> Option<Value>) -> Option<String> {
        match self {
            Self::Header(name) => message.headers.text(name).map(str::to_owned),
            Self::Body(pointer) => in_body(pointer).and_then(text_of),
            Self::Query(name) => pairs::all(message.query()?.as_bytes(), name).next(),
            Self::Form { name, pointer } => {
                let field = message.form_values(body, name).into_iter().next()?;
                match pointer {
                    None => Some(field),
                    Some(pointer) => json::at(field.as_bytes(), pointer).and_then(text_of),
                }
            }
            Self::Whole => str::from_utf8(body).ok().map(|text| text.trim().to_owned()),
            Self::Claim(pointer) => token::claim(body, pointer).and_then(text_of),
            Self::Xml(path) => xml::text_at(body, path),
            Self::Signature => None,
            Self::Constant(text) => Some(text.clone()),
        }
    }

    /// Puts `text` there: in place of the value that the body has there, or as a header, a parameter or a field that is
    /// added where it is missing. `false` where it has no such place.
    #[must_use]
    pub fn write(&self, message: &mut Message, text: &str) -> bool {
        let body = match self {
            Self::Header(name) => {
                message.headers.set(name, text);
                return true;
            }
            Self::Query(name) => {
                for url in [&mut message.url, &mut message.target].into_iter().flatten() {
                    *url = pairs::in_url(url, name, text);
                }
                return message.url.is_some() || message.target.is_some();
            }
            Self::Body(pointer) => splice::replace_text(&message.body, pointer, text),
            Self::Form { name, pointer: None } => message.with_field(&message.body, name, text),
            Self::Form {
                name,
                pointer: Some(pointer),
            } => {
                let field = message.form_values(&message.body, name).into_iter().next();
                let field = splice::replace_text(field.unwrap_or_default().as_bytes(), pointer, text);
                let field = field.and_then(|field| String::from_utf8(field).ok());
                field.and_then(|field| message.with_field(&message.body, name, &field))
            }
            Self::Whole => Some(text.as_bytes().to_vec()),
            Self::Claim(_) | Self::Xml(_) | Self::Signature | Self::Constant(_) => None,
        };
        let Some(body) = body else { return false };
        message.body = Bytes::from(body);
        true
    }

    /// Takes it away: a value of JSON becomes an empty text.
    pub fn remove(&self, message: &mut Message) {
        match self {
            Self::Header(name) => message.headers.remove(name),
            Self::Query(name) => {
                for url in [&mut message.url, &mut message.target].into_iter().flatten() {
                    *url = pairs::out_of_url(url, name);
                }
            }
            Self::Form { name, pointer: None }
                if message.boundary(&message.body).is_none() && message.may_be_form() =>
            {
                message.body = pairs::remove(&message.body, name).into();
            }
            Self::Body(_) => {
                for place in self.each(message) {
                    let _ = place.write(message, "");
                }
            }
            place => drop(place.write(message, "")),
        }
    }

    /// Whether both are one: header names have no case, and `*` is any item.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Header(own), Self::Header(other)) => own.eq_ignore_ascii_case(other),
            (Self::Body(own), Self::Body(other)) => {
                let is_step = |(own, other): (&str, &str)| own == other || own == EACH;
                own.split('/').count() == other.split('/').count() && own.split('/').zip(other.split('/')).all(is_step)
            }
            _ => self == other,
        }
    }

    /// Whether it is in the body.
    pub fn is_in_body(&self) -> bool {
        matches!(
            self,
            Self::Body(_) | Self::Form { .. } | Self::Whole | Self::Claim(_) | Self::Xml(_)
        )
    }

    /// Whether a step stands for each item of a list.
    pub fn is_each(&self) -> bool {
        matches!(self, Self::Body(pointer) if pointer.split('/').any(|step| step == EACH))
    }

    /// The place in the item `index` of the list.
    #[must_use]
    pub fn of_item(&self, index: usize) -> Self {
        match self {
            Self::Body(pointer) => Self::Body(of_item(pointer, index)),
            place => place.clone(),
        }
    }

    /// The places that it stands for in `message`: one for each item of the list, else itself.
    pub fn each(&self, message: &Message) -> Vec<Self> {
        match self {
            Self::Body(pointer) if self.is_each() => {
                let items = read_each(&message.body, pointer).len();
                (0..items).map(|index| self.of_item(index)).collect()
            }
            place => vec![place.clone()],
        }
    }

    /// Its name alone: a header's, a parameter's or a field's, or the pointer.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Query(name) | Self::Form { name, .. } => name,
            Self::Body(pointer) | Self::Claim(pointer) | Self::Xml(pointer) => pointer,
            Self::Whole => WHOLE,
            Self::Signature => "signature",
            Self::Constant(text) => text,
        }
    }

    /// The header's name.
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::Header(name) => Some(name),
            _ => None,
        }
    }

    /// The name where it is a header's, else as a table writes it: short and without doubt.
    pub fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Header(name) => Cow::Borrowed(name),
            place => Cow::Owned(String::from(place.clone())),
        }
    }
}

/// A text of JSON, or another value as JSON writes it.
pub(crate) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// `pointer` with the first `*` as the item `index`.
fn of_item(pointer: &str, index: usize) -> String {
    let mut is_done = false;
    let steps = pointer.split('/').map(|step| match step {
        EACH if !is_done => {
            is_done = true;
            index.to_string()
        }
        step => step.to_owned(),
    });
    steps.collect::<Vec<_>>().join("/")
}

/// What stands behind the `*` of `pointer` in each item, up to one more than [`MOST_ITEMS`].
fn read_each(body: &[u8], pointer: &str) -> Vec<Option<String>> {
    let Some((list, behind)) = pointer.split_once("/*") else {
        return Vec::new();
    };
    let items = match json::at(body, list) {
        Some(Value::Array(items)) => items,
        _ => return Vec::new(),
    };
    let values = items.iter().take(MOST_ITEMS + 1).map(|item| item.pointer(behind));
    values.map(|value| value.cloned().and_then(text_of)).collect()
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
            return if !pointer.starts_with('/') {
                Err(format!("`{pointer}` is not a JSON pointer, it must begin with `/`"))
            } else if pointer.split('/').filter(|step| *step == EACH).count() > 1 {
                Err(format!("`{pointer}` has more than one `*`"))
            } else {
                Ok(Self::Body(pointer.to_owned()))
            };
        }
        if let Some(pointer) = text.strip_prefix("claim:") {
            return match pointer.starts_with('/') {
                true => Ok(Self::Claim(pointer.to_owned())),
                false => Err(format!("`{pointer}` is not a JSON pointer, it must begin with `/`")),
            };
        }
        if let Some(path) = text.strip_prefix("xml:") {
            return match path
                .strip_prefix('/')
                .is_some_and(|steps| steps.split('/').all(|step| !step.is_empty()))
            {
                true => Ok(Self::Xml(path.to_owned())),
                false => Err(format!("`{path}` is no path of elements such as /order/status")),
            };
        }
        if let Some(name) = text.strip_prefix("query:") {
            return match name {
                "" => Err("`query:` names no parameter".into()),
                name => Ok(Self::Query(name.to_owned())),
            };
        }
        if let Some(field) = text.strip_prefix("form:") {
            let (name, pointer) = match field.find('/') {
                Some(at) => (&field[..at], Some(field[at..].to_owned())),
                None => (field, None),
            };
            return match name {
                "" => Err("`form:` names no field".into()),
                name => Ok(Self::Form {
                    name: name.to_owned(),
                    pointer,
                }),
            };
        }
        Ok(match text.as_str() {
            "signature" => Self::Signature,
            WHOLE => Self::Whole,
            _ => Self::Constant(text),
        })
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::Header(name) => format!("header:{name}"),
            Place::Body(pointer) => format!("body:{pointer}"),
            Place::Query(name) => format!("query:{name}"),
            Place::Form { name, pointer } => format!("form:{name}{}", pointer.unwrap_or_default()),
            Place::Whole => WHOLE.into(),
            Place::Claim(pointer) => format!("claim:{pointer}"),
            Place::Xml(path) => format!("xml:{path}"),
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
            Self::Query(name) => write!(f, "`{name}` in the query"),
            Self::Form { name, pointer: None } => write!(f, "the form's field `{name}`"),
            Self::Form {
                name,
                pointer: Some(pointer),
            } => write!(f, "{pointer} in the form's field `{name}`"),
            Self::Whole => f.write_str("the body"),
            Self::Claim(pointer) => write!(f, "{pointer} in the token that is the body"),
            Self::Xml(path) => write!(f, "{path} in the XML"),
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

    #[test]
    fn a_fact_is_written_where_it_is_read_and_nothing_else_changes() {
        let form = |body: &str| {
            let mut message = Message::new(body.to_owned());
            message.headers.set("content-type", "application/x-www-form-urlencoded");
            message.url = Some("http://h/p?a=%7e".into());
            message
        };
        for (place, body, written) in [
            ("form:sig", "a=%7e&sig=", "a=%7e&sig=x%2By"),
            ("form:sig", "a=%7e", "a=%7e&sig=x%2By"),
            (
                "form:data/sig",
                r#"data={"sig":"", "b":1.0}"#,
                "data=%7B%22sig%22%3A%22x%2By%22%2C+%22b%22%3A1.0%7D",
            ),
            ("header:X-Sig", "a=1", "a=1"),
            ("query:sig", "a=1", "a=1"),
        ] {
            let place = Place::try_from(place.to_owned()).unwrap();
            let mut message = form(body);
            assert!(place.write(&mut message, "x+y"), "{place}");
            assert_eq!(message.body, written);
            assert_eq!(place.read(&message).as_deref(), Some("x+y"), "{place}");
            place.remove(&mut message);
            assert_eq!(place.read(&message).unwrap_or_default(), "", "{place}");
            assert_eq!(message.url.as_deref(), Some("http://h/p?a=%7e"));
        }
    }

    #[test]
    fn a_star_is_each_item_of_a_list() {
        let place = Place::try_from("body:/items/*/sig".to_owned()).unwrap();
        let mut message = Message::new(r#"{"items": [{"sig":"1"}, {}, {"sig":"3"}]}"#);
        let values = place.values(&message);
        assert_eq!(values, [&b"1"[..], b"", b"3"]);
        assert_eq!(place.of_item(2).read(&message).as_deref(), Some("3"));
        assert!(place.of_item(0).write(&mut message, "\"\n"));
        assert!(
            !place.of_item(1).write(&mut message, "2"),
            "there is nothing to replace"
        );
        assert_eq!(message.body, r#"{"items": [{"sig":"\"\n"}, {}, {"sig":"3"}]}"#);
        for bad in ["body:/a/*/b/*", "query:", "form:", "form:/a"] {
            assert!(Place::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
