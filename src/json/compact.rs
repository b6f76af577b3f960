//! A JSON value in a third of the memory that `serde_json` takes: short texts stand in the value itself, and objects have
//! no table beside their members.

mod map;
mod read;

use ecow::{EcoString, EcoVec};

use super::Style;
use super::pointer::unescaped;
use super::write::{Node, Unwritten, Writer};
pub(crate) use map::Map;
pub(crate) use read::read;

/// A text, or a number with the digits that it was read with.
pub(crate) type Text = EcoString;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Text),
    String(Text),
    Array(EcoVec<Value>),
    Object(Map),
}

/// How much memory the value of a JSON text takes at most, in bytes; not much less where its texts are long.
pub(crate) fn size(text: &[u8]) -> usize {
    const ITEM: usize = size_of::<Value>();
    /// What counts references and room, and what the allocator adds.
    const LIST: usize = ITEM + 24;
    let size = |byte: &u8| match byte {
        b',' => ITEM,
        b':' => size_of::<Text>(),
        b'[' | b'{' => LIST,
        // A text that does not stand in the value has what counts its references too.
        b'"' => 12,
        _ => 0,
    };
    text.iter().map(size).sum::<usize>().saturating_add(text.len())
}

/// What the style's language makes of `value`, as [`super::rewrite`] has it.
pub(crate) fn rewrite(value: &Value, style: &Style, longest: usize) -> Option<Vec<u8>> {
    let mut writer = Writer::new(style, longest);
    value.put(&mut writer, 0).is_ok().then_some(writer.out)
}

impl Value {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    pub(crate) fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    pub(crate) fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What stands at an RFC 6901 pointer.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |value, step| match value {
            Self::Object(members) => members.get(&unescaped(step)),
            Self::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    pub(crate) fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        pointer.split('/').skip(1).try_fold(self, |value, step| match value {
            Self::Object(members) => members.get_mut(&unescaped(step)),
            Self::Array(items) => items.make_mut().get_mut(step.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(own) => Self::Bool(own),
            serde_json::Value::Number(number) => Self::Number(number.as_str().into()),
            serde_json::Value::String(text) => Self::String(text.into()),
            serde_json::Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                let member = |(key, item): (String, serde_json::Value)| (key.into(), item.into());
                Self::Object(members.into_iter().map(member).collect())
            }
        }
    }
}

impl Node for &Value {
    fn is_null(self) -> bool {
        Value::is_null(self)
    }

    fn put(self, writer: &mut Writer<'_>, depth: usize) -> Result<(), Unwritten> {
        if writer.is_too_long() {
            return Err(Unwritten);
        }
        match self {
            Value::Null => writer.out.extend_from_slice(b"null"),
            Value::Bool(true) => writer.out.extend_from_slice(b"true"),
            Value::Bool(false) => writer.out.extend_from_slice(b"false"),
            Value::Number(given) => writer.number(given)?,
            Value::String(text) => writer.text(text),
            Value::Array(items) => writer.list(items.iter(), depth)?,
            Value::Object(members) => {
                writer.object(members.iter().map(|(key, item)| (&**key, item)).collect(), depth)?
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{STYLES, parse};

    const TEXTS: &[&str] = &[
        r#"{"b":[1.50,-0,{"0":"a/\u00e9<","1":null}],"a":{"x":[],"y":{}},"b2":"\ud83d\ude0a","10":1,"9":2}"#,
        " [ 1 , [ ] , { } , \"a\\\"b,[{\" , true,false,null,1E5,1e21,1e+5,-1.0e-05 ]\n",
        r#"{"a":1,"b":2,"a":3,"c":4,"d":5,"e":6,"f":7,"g":8,"h":9,"i":10,"b":11,"\u0061":12,"i":13}"#,
        r#""a text that is longer than fifteen bytes""#,
        "12",
        "{}",
        "{\t}",
    ];

    #[test]
    fn a_value_is_read_and_written_as_serde_json_has_it() {
        for text in TEXTS {
            let own = read(text.as_bytes()).unwrap();
            let theirs = parse(text.as_bytes()).unwrap();
            assert_eq!(own, Value::from(theirs.clone()), "{text}");
            for style in STYLES {
                assert_eq!(
                    rewrite(&own, style, usize::MAX),
                    crate::json::rewrite(&theirs, style, usize::MAX),
                    "{text}: {}",
                    style.name
                );
            }
        }
    }

    #[test]
    fn what_serde_json_does_not_read_is_not_read() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        let mut texts: Vec<Vec<u8>> = [
            "",
            " ",
            "{",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{a:1}",
            "01",
            "1.",
            "+1",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"a\nb\"",
            "[1]x",
            "nul",
            "\u{feff}1",
            "{\"a\":1,}",
            "'a'",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec();
        texts.push(b"\"\xff\"".to_vec());
        for levels in [126, 127, 128, 129, 100_000] {
            texts.extend([nested(levels).into_bytes(), objects(levels).into_bytes()]);
        }
        for text in texts {
            let shown = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
            assert_eq!(
                read(&text).is_some(),
                parse(&text).is_ok(),
                "{shown}, {} bytes",
                text.len()
            );
        }
    }

    #[test]
    fn a_place_is_found_and_members_are_changed() {
        let mut value = read(br#"{"a/b":[{"~":1},2],"z":3,"y":null}"#).unwrap();
        assert_eq!(value.pointer("/a~1b/0/~0"), Some(&Value::Number("1".into())));
        assert_eq!(value.pointer(""), Some(&value));
        assert_eq!(value.pointer("/a~1b/2"), None);
        *value.pointer_mut("/a~1b/1").unwrap() = Value::Bool(true);
        let Value::Object(members) = &mut value else { panic!() };
        assert_eq!(members.remove("none"), None);
        members.retain(&|item| !item.is_null());
        members.sort_keys();
        let written = rewrite(&value, &crate::json::JAVASCRIPT, usize::MAX).unwrap();
        assert_eq!(written, br#"{"a/b":[{"~":1},true],"z":3}"#);
    }
}
