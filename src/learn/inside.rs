//! Signatures that stand in the query or in the body: texts whose names say so, each with what stands beside it.

use crate::explain::content::LONGEST_READ;
use crate::explain::is_named_so;
use crate::json::pointer::escaped;
use crate::json::{self, Map, Value};
use crate::message::{Message, Place};

/// More are not looked at; and of what stands beside one.
const MOST: usize = 8;
/// So many objects stand in each other.
const DEEPEST: usize = 4;

/// A text that is called a signature.
pub(super) struct Inside {
    pub(super) place: Place,
    pub(super) text: String,
    /// The other texts and numbers of the same object or form, each with its place.
    pub(super) beside: Vec<(Place, String)>,
}

/// Those of the query, and of a JSON body or a form.
pub(super) fn all(message: &Message) -> Vec<Inside> {
    let mut all = Vec::new();
    let query = form_urlencoded::parse(message.query().unwrap_or_default().as_bytes());
    take(
        query.into_owned().map(|(name, text)| (Place::Query(name), text)),
        &mut all,
    );
    if message.body.len() > LONGEST_READ {
        return all;
    }
    if let Ok(Value::Object(object)) = json::parse(&message.body) {
        walk(&object, "", &Place::Body, 1, &mut all);
        return all;
    }
    let fields = message.form_fields(&message.body);
    for (name, text) in &fields {
        if let Ok(Value::Object(object)) = json::parse(text.as_bytes()) {
            let place = |pointer| Place::Form {
                name: name.clone(),
                pointer: Some(pointer),
            };
            walk(&object, "", &place, 1, &mut all);
        }
    }
    let place = |name| Place::Form { name, pointer: None };
    take(fields.into_iter().map(|(name, text)| (place(name), text)), &mut all);
    all
}

fn walk(
    object: &Map<String, Value>,
    above: &str,
    place: &impl Fn(String) -> Place,
    depth: usize,
    all: &mut Vec<Inside>,
) {
    let pointer = |name: &String| format!("{above}/{}", escaped(name));
    let texts = object.iter().filter_map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.as_str().to_owned(),
            _ => return None,
        };
        Some((place(pointer(name)), text))
    });
    take(texts, all);
    if depth < DEEPEST {
        for (name, value) in object {
            // Each item of a list is signed as its first one is.
            let (inner, above) = match value {
                Value::Array(items) => (items.first(), format!("{}/*", pointer(name))),
                value => (Some(value), pointer(name)),
            };
            if let Some(Value::Object(inner)) = inner {
                walk(inner, &above, place, depth + 1, all);
            }
        }
    }
}

fn take(texts: impl Iterator<Item = (Place, String)>, all: &mut Vec<Inside>) {
    let texts: Vec<(Place, String)> = texts.collect();
    for (index, (place, text)) in texts.iter().enumerate() {
        if !is_named_so(name_of(place)) || all.len() == MOST {
            continue;
        }
        let others = texts.iter().enumerate().filter(|(other, _)| *other != index);
        all.push(Inside {
            place: place.clone(),
            text: text.clone(),
            beside: others.map(|(_, other)| other.clone()).take(MOST).collect(),
        });
    }
}

/// The name of the value there.
fn name_of(place: &Place) -> &str {
    match place {
        Place::Query(name) | Place::Form { name, pointer: None } => name,
        Place::Body(pointer)
        | Place::Form {
            pointer: Some(pointer), ..
        } => pointer.rsplit('/').next().unwrap_or_default(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_a_signature_is_found_with_what_stands_beside_it() {
        let found = |kind: &str, url: &str, body: &str| -> Vec<(String, String, usize)> {
            let message = Message {
                headers: [("Content-Type", kind)].into_iter().collect(),
                url: Some(url.to_owned()),
                ..Message::new(body.to_owned())
            };
            let each = |own: Inside| (String::from(own.place), own.text, own.beside.len());
            all(&message).into_iter().map(each).collect()
        };
        let of = |place: &str, text: &str, beside| (place.to_owned(), text.to_owned(), beside);
        let json = r#"{"a":{"signature":"x","token":"t","n":1,"o":{}},"designed":"no","l":[{"i":{"sig":"y"}}]}"#;
        let url = "https://x.test/?a=b&sig=q";
        assert_eq!(
            found("application/json", url, json),
            [
                of("query:sig", "q", 1),
                of("body:/designed", "no", 0),
                of("body:/a/signature", "x", 2),
                of("body:/l/*/i/sig", "y", 0)
            ]
        );
        let form = "json=%7B%22event%22%3A%7B%22event_hash%22%3A%22h%22%2C%22t%22%3A%221%22%7D%7D&hash=f";
        assert_eq!(
            found("application/x-www-form-urlencoded", "https://x.test/", form),
            [of("form:json/event/event_hash", "h", 1), of("form:hash", "f", 1)]
        );
        assert!(found("application/json", "https://x.test/", "[1]").is_empty());
    }
}
