//! How JSON is read, and how it is written: byte for byte as a given runtime writes it.
//!
//! Numbers keep the digits they were read with until a [`Style`] writes them.

pub(crate) mod compact;
mod distinct;
mod number;
mod pick;
pub mod pointer;
mod raw;
pub mod splice;
mod style;
mod styles;
mod write;

use std::fmt;

pub use serde_json::{Map, Number, Value};

pub(crate) use distinct::distinct;
pub use pick::{all, at};
pub(crate) use raw::rewrite_text;
use style::Numbers;
pub use style::Style;
pub use styles::{AS_WRITTEN, AS_WRITTEN_INDENT_2, JAVASCRIPT, JAVASCRIPT_INDENT_2, STYLES};
pub(crate) use styles::{JAVASCRIPT_SORTED, JCS};
use write::Writer;

/// Why JSON can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, with the parser's own line and column.
    #[error("not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A number that the style's language would change.
    #[error("{path}: {runtime} can't hold {number}: it would write {written}")]
    Number {
        /// Where it stands.
        path: Path,
        /// The style's language.
        runtime: &'static str,
        /// As it was given.
        number: String,
        /// What would become of it.
        written: String,
    },
}

/// The place of a value, shown as `cost.breakdown[0]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    fn key(&self, key: &str) -> Self {
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{}", self.0, key.replace('.', "\\.")))
    }

    fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the whole body" } else { &self.0 })
    }
}

/// Reads one JSON value. A key given twice keeps its first place and its last value, as JavaScript, Python and Ruby
/// have it. Nesting beyond 128 levels, a lone surrogate and anything after the value are errors.
///
/// # Errors
/// [`JsonError::Syntax`].
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    Ok(serde_json::from_slice(bytes)?)
}

/// Writes `value` in `style`.
///
/// # Errors
/// [`JsonError::Number`] where the style's language can't hold a number.
pub fn write(value: &Value, style: &Style) -> Result<Vec<u8>, JsonError> {
    check_numbers(value, style, &Path::default())?;
    Ok(rewrite(value, style, usize::MAX).unwrap_or_default())
}

/// What the style's language makes of `value` when it has read it and writes it again, numbers that it can't hold
/// included; `None` where it fails on one, or where that is longer than `longest` bytes.
pub fn rewrite(value: &Value, style: &Style, longest: usize) -> Option<Vec<u8>> {
    let mut writer = Writer::new(style, longest);
    writer.value(value, 0).is_ok().then_some(writer.out)
}

/// What writes texts between quotes as `style` writes them, behind what it is given.
pub(crate) fn text_writer(style: &Style) -> impl FnMut(&str, &mut Vec<u8>) {
    let mut writer = Writer::new(style, usize::MAX);
    move |text, out| {
        std::mem::swap(&mut writer.out, out);
        writer.text_plain(text);
        std::mem::swap(&mut writer.out, out);
    }
}

/// The members of an object in the order that `style` has them.
pub(crate) fn ordered<'m>(members: &'m compact::Map, style: &Style) -> Vec<(&'m str, &'m compact::Value)> {
    write::order(members, style.keys)
}

/// A number as `style`'s language writes it; `None` where it can't.
pub(crate) fn number(given: &str, style: &Style) -> Option<String> {
    match &style.numbers {
        Numbers::AsWritten => Some(given.to_owned()),
        Numbers::Decimal => number::decimal_text(given),
        Numbers::Of(format) => number::write(given, format),
    }
}

/// The text that a JSON string with its quotes is.
pub(crate) fn text(raw: &[u8]) -> Option<String> {
    serde_json::from_slice(raw).ok()
}

/// Refuses the first number that the style's language would change.
fn check_numbers(value: &Value, style: &Style, at: &Path) -> Result<(), JsonError> {
    match (value, &style.numbers) {
        (Value::Number(given), Numbers::Of(format)) => {
            let given = given.as_str();
            let written = number::write(given, format).unwrap_or_else(|| "nothing".into());
            if number::same(given, &written) {
                return Ok(());
            }
            Err(JsonError::Number {
                path: at.clone(),
                runtime: style.runtime,
                number: given.to_owned(),
                written,
            })
        }
        (Value::Array(items), _) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| check_numbers(item, style, &at.index(index)))
        }
        (Value::Object(members), _) => {
            let mut members = members.iter();
            members.try_for_each(|(key, item)| check_numbers(item, style, &at.key(key)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, style: &Style) -> String {
        String::from_utf8(write(&parse(text.as_bytes()).unwrap(), style).unwrap()).unwrap()
    }

    #[test]
    fn javascript_writes_as_node_does() {
        // Each right side is what `node -p 'JSON.stringify(JSON.parse(…))'` prints (Node 20.20).
        for (text, expected) in [
            ("900.50", "900.5"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("-0", "0"),
            ("5e-324", "5e-324"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("80.0", "80"),
            (
                r#"{"b":1,"10":2,"a":3,"9":4,"01":5,"4294967295":6,"4294967294":7}"#,
                r#"{"9":4,"10":2,"4294967294":7,"b":1,"a":3,"01":5,"4294967295":6}"#,
            ),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
            (
                r#""\u00e9\u2028\/\u001f\u007f\b\"""#,
                "\"\u{e9}\u{2028}/\\u001f\u{7f}\\b\\\"\"",
            ),
            ("[ ]", "[]"),
            ("{ }", "{}"),
        ] {
            assert_eq!(written(text, &JAVASCRIPT), expected, "{text}");
        }
    }

    #[test]
    fn what_javascript_cannot_hold_is_refused_with_its_place() {
        for number in ["1e400", "12345678901234567890", "1e-400", "0.1000000000000000055"] {
            let body = format!(r#"{{"cost":{{"a.b":[1,{number}]}}}}"#);
            let error = write(&parse(body.as_bytes()).unwrap(), &JAVASCRIPT)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(r"cost.a\.b[1]") && error.contains(&number[..1]),
                "{error}"
            );
        }
        assert!(parse(br#""\ud800""#).is_err(), "a lone surrogate");
        assert!(parse("[".repeat(100_000).as_bytes()).is_err(), "nesting without end");
    }

    #[test]
    fn the_template_style_differs_from_its_own_re_serialisation() {
        let style = Style::named("template").unwrap();
        assert_eq!(
            written(r#"{"title":"R&D","cost":{"amount":1,"list":[]}}"#, style),
            "{\n    \"title\": \"R&amp;D\",\n\n    \"cost\": {\n        \"amount\": 1,\n        \"list\": []\n    }\n}"
        );
    }

    #[test]
    fn numbers_can_be_kept_as_written() {
        assert_eq!(written(r#"{"pctUsed": 80.0}"#, &AS_WRITTEN), r#"{"pctUsed":80.0}"#);
    }
}
