//! One value of a JSON text is put in place of another; every other byte stays.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::pointer::unescaped;

/// Where the value at an RFC 6901 pointer stands in `json`, in bytes. Of members with one name the last counts, as it
/// does for [`super::parse`].
pub(crate) fn range_of(json: &[u8], pointer: &str) -> Option<Range<usize>> {
    let mut value: &RawValue = serde_json::from_slice(json).ok()?;
    for token in pointer.strip_prefix('/')?.split('/') {
        let key = unescaped(token);
        value = if value.get().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
            *items.get(key.parse::<usize>().ok()?)?
        } else {
            let members: HashMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
            *members.get(&*key)?
        };
    }
    let start = value.get().as_ptr().addr().checked_sub(json.as_ptr().addr())?;
    Some(start..start + value.get().len())
}

/// `json` with the value at `pointer` written as `text`, or `None` where nothing stands there. A text stays between
/// its quotes.
pub fn replace(json: &[u8], pointer: &str, text: &str) -> Option<Vec<u8>> {
    let mut range = range_of(json, pointer)?;
    if json[range.clone()].starts_with(b"\"") {
        range = range.start + 1..range.end - 1;
    }
    Some([&json[..range.start], text.as_bytes(), &json[range.end..]].concat())
}

/// `json` with the text at `pointer` in place of what stands there: escaped, and between quotes.
pub fn replace_text(json: &[u8], pointer: &str, text: &str) -> Option<Vec<u8>> {
    let range = range_of(json, pointer)?;
    let text = serde_json::to_vec(text).ok()?;
    Some([&json[..range.start], &text, &json[range.end..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_value_changes() {
        for (json, pointer, expected) in [
            (
                r#"{"a": 1, "b" :[1,{"a":1}]}"#,
                "/b/1/a",
                r#"{"a": 1, "b" :[1,{"a":12}]}"#,
            ),
            (r#"{"a":1,"t\u0061":1}"#, "/ta", r#"{"a":1,"t\u0061":12}"#),
            (r#"{"x/y":{"~":"1"}}"#, "/x~1y/~0", r#"{"x/y":{"~":"12"}}"#),
            (r#"{"a":1,"a":2}"#, "/a", r#"{"a":1,"a":12}"#),
            (" [ 1 ] ", "/0", " [ 12 ] "),
        ] {
            let changed = replace(json.as_bytes(), pointer, "12").map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(changed.as_deref(), Some(expected), "{json}");
        }
        for (json, pointer) in [
            ("{}", "/a"),
            ("{\"a\":1}", "a"),
            ("[1]", "/1"),
            ("[1]", "/-"),
            ("a=1", "/a"),
            ("1", "/a"),
        ] {
            assert_eq!(replace(json.as_bytes(), pointer, "12"), None, "{json}");
        }
    }
}
