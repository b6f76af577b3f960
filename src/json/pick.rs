//! One value of a JSON text, without building the rest.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, de};
use serde_json::Value;

use super::pointer::unescaped;

/// What stands at `pointer` (RFC 6901) in the JSON text `bytes`; `None` also where that is no JSON, or no value that can
/// be held. Of a key given twice the last value counts.
pub fn at(bytes: &[u8], pointer: &str) -> Option<Value> {
    all(bytes, &[pointer]).pop().flatten()
}

/// What stands at each of `pointers`, as [`at`] finds it, in one look at the text.
pub fn all<'p>(bytes: &[u8], pointers: &[&'p str]) -> Vec<Option<Value>> {
    let mut found = vec![None; pointers.len()];
    // Where nothing is, an error's line would only be looked for.
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty());
    let Some(text) = text.filter(|_| !pointers.is_empty()) else {
        return found;
    };
    let behind = |pointer: &'p str| pointer.find('/').map_or("", |at| &pointer[at..]);
    let ways = (0..).zip(pointers).map(|(slot, pointer)| Way {
        slot,
        rest: behind(pointer),
    });
    let ways: Vec<Way<'_>> = ways.collect();
    let mut from = serde_json::Deserializer::from_str(text);
    let along = Along {
        ways: &ways,
        found: &mut found,
    };
    if along.deserialize(&mut from).and_then(|()| from.end()).is_err() {
        let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
        return match pointers {
            // One of them may be what can't be held.
            several @ [_, _, ..] if is_json() => several.iter().map(|pointer| at(bytes, pointer)).collect(),
            _ => vec![None; pointers.len()],
        };
    }
    found
}

/// What is left of a pointer, and whose it is.
#[derive(Clone, Copy)]
struct Way<'p> {
    slot: usize,
    /// Empty at its end, else a `/` with the next step behind it.
    rest: &'p str,
}

impl<'p> Way<'p> {
    /// Its next step as it is written, and what is left behind that.
    fn step(self) -> Option<(&'p str, Self)> {
        let steps = self.rest.strip_prefix('/')?;
        let end = steps.find('/').unwrap_or(steps.len());
        Some((&steps[..end], self.behind(1 + end)))
    }

    /// What is left behind the member `key`, where that is its next step.
    fn into_member(self, key: &str) -> Option<Self> {
        let end = 1 + key.len();
        let may_be = self.rest.get(1..end) == Some(key) && matches!(self.rest.as_bytes().get(end), None | Some(b'/'));
        // A step with `~` is written otherwise than the key, and one key may be two steps.
        if !may_be || key.contains(['~', '/']) {
            let (step, behind) = self.step().filter(|(step, _)| step.contains('~'))?;
            return (unescaped(step) == key).then_some(behind);
        }
        Some(self.behind(end))
    }

    fn behind(self, at: usize) -> Self {
        Self {
            rest: &self.rest[at..],
            ..self
        }
    }
}

/// The ways into a value, none of which has ended before it.
struct Along<'p, 'f> {
    ways: &'p [Way<'p>],
    found: &'f mut [Option<Value>],
}

impl Along<'_, '_> {
    /// What was found before counts no more.
    fn forget(&mut self) {
        for way in self.ways {
            self.found[way.slot] = None;
        }
    }
}

impl<'de> DeserializeSeed<'de> for Along<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        self.forget();
        if self.ways.is_empty() {
            IgnoredAny::deserialize(from).map(drop)
        } else if self.ways.iter().any(|way| way.rest.is_empty()) {
            let value = Value::deserialize(from)?;
            for way in self.ways {
                self.found[way.slot] = follow(&value, way.rest).cloned();
            }
            Ok(())
        } else {
            from.deserialize_any(self)
        }
    }
}

/// What a pointer's steps lead to.
fn follow<'v>(value: &'v Value, steps: &str) -> Option<&'v Value> {
    steps.split('/').skip(1).try_fold(value, |value, step| match value {
        Value::Object(members) => members.get(&*unescaped(step)),
        Value::Array(items) => items.get(index(step)?),
        _ => None,
    })
}

/// The place in an array that a step names: it has no sign, and no zero in front.
fn index(token: &str) -> Option<usize> {
    token.parse().ok().filter(|index: &usize| index.to_string() == token)
}

impl<'de> Visitor<'de> for Along<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { ways, found } = self;
        while let Some(ways) = members.next_key_seed(Behind(ways))? {
            members.next_value_seed(Along { ways: &ways, found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { ways, found } = self;
        let steps = ways.iter().filter_map(|way| way.step());
        let wanted: Vec<(usize, Way<'_>)> = steps
            .filter_map(|(token, behind)| Some((index(token)?, behind)))
            .collect();
        for place in 0.. {
            let here = wanted.iter().filter(|(index, _)| *index == place);
            let ways: Vec<Way<'_>> = here.map(|(_, behind)| *behind).collect();
            if items.next_element_seed(Along { ways: &ways, found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a key, and gives the ways that go on behind it.
struct Behind<'p>(&'p [Way<'p>]);

impl<'de, 'p> DeserializeSeed<'de> for Behind<'p> {
    type Value = Vec<Way<'p>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Behind<'p> {
    type Value = Vec<Way<'p>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().filter_map(|way| way.into_member(key)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTERS: [&str; 26] = [
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
    ];

    /// The values are those of RFC 6901, section 5, and what serde_json's own pointers give for the whole.
    #[test]
    fn it_finds_what_a_pointer_into_the_whole_finds() {
        let rfc = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let more = r#"{"a":{"b":[{"c":null},[1,{"d":"\u00e9"}]],"x":1,"x":{"y":1e400}},"a ":true}"#;
        for text in [rfc, more] {
            let whole: Value = serde_json::from_str(text).unwrap();
            for pointer in POINTERS {
                assert_eq!(
                    at(text.as_bytes(), pointer).as_ref(),
                    whole.pointer(pointer),
                    "{pointer}"
                );
            }
            let together = all(text.as_bytes(), &POINTERS);
            for (pointer, found) in POINTERS.iter().zip(&together) {
                assert_eq!(found.as_ref(), whole.pointer(pointer), "{pointer}");
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
        let lone = r#"{"a":1,"b":"\ud800"}"#;
        for text in [&deep, lone] {
            assert_eq!(all(text.as_bytes(), &["/b", "/a"]), [None, Some(Value::from(1))]);
        }
    }
}
