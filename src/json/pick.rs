//! One value of a JSON text, without building the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, de};
use serde_json::Value;

/// What stands at `pointer` (RFC 6901) in the JSON text `bytes`; `None` also where that is no JSON. Of a key given
/// twice the last value counts.
pub fn at(bytes: &[u8], pointer: &str) -> Option<Value> {
    // Where nothing is, an error's line would only be looked for.
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    let tokens: Vec<Cow<'_, str>> = pointer.split('/').skip(1).map(token).collect();
    let mut from = serde_json::Deserializer::from_str(text);
    let found = Along(&tokens).deserialize(&mut from).ok()?;
    from.end().ok()?;
    found
}

/// One step of a pointer, as it is written in a key.
fn token(escaped: &str) -> Cow<'_, str> {
    if escaped.contains('~') {
        escaped.replace("~1", "/").replace("~0", "~").into()
    } else {
        escaped.into()
    }
}

/// What is left of the way.
struct Along<'p>(&'p [Cow<'p, str>]);

impl<'de> DeserializeSeed<'de> for Along<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => Value::deserialize(from).map(Some),
            _ => from.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Along<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (token, rest) = self.0.split_first().ok_or_else(|| A::Error::custom("no way left"))?;
        let mut found = None;
        while let Some(same) = members.next_key_seed(Is(token))? {
            if same {
                found = members.next_value_seed(Along(rest))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (token, rest) = self.0.split_first().ok_or_else(|| A::Error::custom("no way left"))?;
        // An index has no sign and no zero in front.
        let wanted = token.parse::<usize>().ok().filter(|index| index.to_string() == *token);
        let mut found = None;
        for index in 0.. {
            if Some(index) == wanted {
                match items.next_element_seed(Along(rest))? {
                    Some(value) => found = value,
                    None => break,
                }
            } else if items.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Whether a key is this one.
struct Is<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of RFC 6901, section 5, and what serde_json's own pointers give for the whole.
    #[test]
    fn it_finds_what_a_pointer_into_the_whole_finds() {
        let rfc = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let more = r#"{"a":{"b":[{"c":null},[1,{"d":"\u00e9"}]],"x":1,"x":{"y":1e400}},"a ":true}"#;
        for text in [rfc, more] {
            let whole: Value = serde_json::from_str(text).unwrap();
            for pointer in [
                "",
                "/foo",
                "/foo/0",
                "/foo/1",
                "/foo/2",
                "/foo/01",
                "/foo/+1",
                "/foo/-",
                "/",
                "/a~1b",
                "/c%d",
                "/e^f",
                "/g|h",
                "/i\\j",
                "/k\"l",
                "/ ",
                "/m~0n",
                "/m~0n/x",
                "/a",
                "/a/b/0/c",
                "/a/b/1/1/d",
                "/a/x/y",
                "/a/x",
                "/a /b",
                "/a/b/0/c/e",
                "/none",
            ] {
                assert_eq!(
                    at(text.as_bytes(), pointer).as_ref(),
                    whole.pointer(pointer),
                    "{pointer}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_json_holds_nothing() {
        for text in [r#"{"a":1"#, r#"{"a":1} x"#, r#"{"a":1,"b":tru}"#, "", "a=1"] {
            assert_eq!(at(text.as_bytes(), "/a"), None, "{text}");
        }
        assert_eq!(at(b"{\"a\":1,\"b\":\"\xff\"}", "/a"), None, "not UTF-8");
        let deep = format!(r#"{{"a":1,"b":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(
            at(deep.as_bytes(), "/a"),
            Some(Value::from(1)),
            "what is passed over may be deep"
        );
        assert_eq!(at(deep.as_bytes(), "/b"), None);
    }
}
