//! JSON written again from its text, without its value in memory: what is too large to be read as a whole.

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::style::Style;
use super::write::{Node, Unwritten, Writer};

/// Nesting beyond this is not read, in levels.
const DEEPEST: usize = 128;

/// What the style's language makes of the JSON in `text`, as [`rewrite`](super::rewrite) has it; `None` where it is none.
pub(crate) fn rewrite_text(text: &[u8], style: &Style, longest: usize) -> Option<Vec<u8>> {
    let raw: &RawValue = serde_json::from_slice(text).ok()?;
    let mut writer = Writer::new(style, longest);
    raw.put(&mut writer, 0).is_ok().then_some(writer.out)
}

impl Node for &RawValue {
    fn is_null(self) -> bool {
        self.get() == "null"
    }

    fn put(self, writer: &mut Writer<'_>, depth: usize) -> Result<(), Unwritten> {
        let text = self.get();
        if depth > DEEPEST || writer.is_too_long() {
            return Err(Unwritten);
        }
        match text.as_bytes().first() {
            Some(b'{') => {
                let members: IndexMap<String, &RawValue> = read(text)?;
                writer.object(members.iter().map(|(key, raw)| (key.as_str(), *raw)).collect(), depth)?;
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = read(text)?;
                writer.list(items.into_iter(), depth)?;
            }
            Some(b'"') => writer.text(&read::<String>(text)?),
            Some(b'-' | b'0'..=b'9') => writer.number(text)?,
            _ => writer.out.extend_from_slice(text.as_bytes()),
        }
        Ok(())
    }
}

fn read<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Result<T, Unwritten> {
    serde_json::from_str(text).map_err(|_| Unwritten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{STYLES, parse, rewrite};

    #[test]
    fn a_text_is_written_as_its_value_is() {
        let text = r#"{"b":[1.50,-0,{"0":"a/\u00e9<","1":null}],"a":{"x":[],"y":{}},"b2":"\ud83d\ude0a","10":1,"9":2}"#;
        let value = parse(text.as_bytes()).unwrap();
        for style in STYLES {
            assert_eq!(
                rewrite_text(text.as_bytes(), style, usize::MAX),
                rewrite(&value, style, usize::MAX),
                "{}",
                style.name
            );
        }
        assert!(rewrite_text("[".repeat(200_000).as_bytes(), &STYLES[0], usize::MAX).is_none());
    }
}
