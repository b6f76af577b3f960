//! How JSON is read, and how it is written: byte for byte as a given runtime writes it.
//!
//! Numbers keep the digits they were read with until a [`Style`] writes them.

mod number;
pub mod splice;
mod style;

use std::fmt;
use std::io;

use serde::Serialize as _;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
pub use serde_json::{Map, Number, Value};

pub use style::{AS_WRITTEN, AS_WRITTEN_INDENT_2, JAVASCRIPT, JAVASCRIPT_INDENT_2, STYLES, Style};
use style::{KeyOrder, Numbers, Text};

/// Why JSON can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON, with the parser's own line and column.
    #[error("not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A number that the style's language would change.
    #[error("{path}: JavaScript can't hold {number}: it would write {written}")]
    Number {
        /// Where it stands.
        path: Path,
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
    let value = conform(value, style, &Path::default())?;
    let mut out = Vec::new();
    if style.indent.is_empty() {
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, CompactFormatter))?;
    } else {
        let formatter = Indented {
            inner: PrettyFormatter::with_indent(style.indent.as_bytes()),
            blank_lines: style.blank_lines,
            depth: 0,
        };
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
    }
    Ok(out)
}

/// `value` as the style's language holds it: its key order, its numbers, its texts.
fn conform(value: &Value, style: &Style, at: &Path) -> Result<Value, JsonError> {
    Ok(match value {
        Value::Number(given) if style.numbers == Numbers::JavaScript => {
            Value::Number(number::javascript(given).map_err(|written| JsonError::Number {
                path: at.clone(),
                number: given.to_string(),
                written,
            })?)
        }
        Value::String(text) if style.text == Text::HtmlEscaped => Value::String(html_escape(text)),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| conform(item, style, &at.index(index)))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let mut order: Vec<_> = members.iter().collect();
            if style.keys == KeyOrder::JavaScript {
                order.sort_by_key(|(key, _)| array_index(key).map_or(u64::MAX, u64::from));
            }
            let members = order
                .into_iter()
                .map(|(key, item)| Ok((key.clone(), conform(item, style, &at.key(key))?)));
            Value::Object(members.collect::<Result<Map<_, _>, JsonError>>()?)
        }
        other => other.clone(),
    })
}

/// The array index that a property key is, where it is one: JavaScript puts those first, in ascending order
/// (ECMA-262, OrdinaryOwnPropertyKeys; an array index is below 2^32 - 1).
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|index| canonical && *index != u32::MAX)
}

/// Escapes as the Handlebars family of templates does in `{{…}}`.
fn html_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            '`' => out.push_str("&#x60;"),
            '=' => out.push_str("&#x3D;"),
            other => out.push(other),
        }
    }
    out
}

/// Pretty-printing that can set the members of the outermost object apart by a blank line.
struct Indented<'a> {
    inner: PrettyFormatter<'a>,
    blank_lines: bool,
    depth: usize,
}

impl Formatter for Indented<'_> {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.inner.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.inner.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.inner.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.inner.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.blank_lines && self.depth == 1 && !first {
            writer.write_all(b",\n")?;
            return self.inner.begin_object_key(writer, true);
        }
        self.inner.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object_value(writer)
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
