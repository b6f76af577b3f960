//! Reads the texts that `serde_json` reads.

use ecow::EcoVec;
use serde::de::IgnoredAny;

use super::map::Filling;
use super::{Text, Value};
use crate::json::text;

/// Nesting from here on is not read, as `serde_json` does not; in levels.
const DEEPEST: usize = 128;

/// Reads one JSON value, of the same texts as [`crate::json::parse`].
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut reader = Reader {
        text,
        at: 0,
        counts: counts(bytes).into_iter(),
    };
    reader.value(0)
}

/// How many items each list and how many members each object of valid JSON has, in the order in which they begin.
fn counts(text: &[u8]) -> Vec<u32> {
    let mut counts: Vec<u32> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = text_end(text, at - 1),
            b'{' | b'[' => {
                open.push(counts.len());
                let first = text[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                let is_empty = matches!(first, Some(b'}' | b']') | None);
                counts.push(u32::from(!is_empty));
            }
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(count) = open.last().and_then(|open| counts.get_mut(*open)) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    counts
}

/// The end of the text whose opening quote is at `from`.
fn text_end(text: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(next) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += next;
        if text[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

/// A number's digits; an exponent is written as `serde_json` writes it.
fn number(text: &str) -> Option<Text> {
    match text.contains(['e', 'E']) {
        true => Some(text.parse::<serde_json::Number>().ok()?.as_str().into()),
        false => Some(text.into()),
    }
}

/// Reads valid JSON.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    counts: std::vec::IntoIter<u32>,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// The value here; nothing where it is nested too deep, or a text is none of Unicode.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.space();
        let word = |length: usize, value: Value| (length, value);
        let (length, value) = match self.rest().first()? {
            b'{' => return self.object(depth + 1),
            b'[' => return self.list(depth + 1),
            b'"' => return self.string().map(Value::String),
            b't' => word(4, Value::Bool(true)),
            b'f' => word(5, Value::Bool(false)),
            b'n' => word(4, Value::Null),
            _ => {
                let digit = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = self.rest().iter().take_while(digit).count();
                word(length, Value::Number(number(&self.text[self.at..self.at + length])?))
            }
        };
        self.at += length;
        Some(value)
    }

    fn string(&mut self) -> Option<Text> {
        let from = self.at;
        self.at = text_end(self.text.as_bytes(), from);
        let raw = &self.text[from..self.at];
        match raw.contains('\\') {
            true => text(raw.as_bytes()).map(Text::from),
            false => Some(raw[1..raw.len() - 1].into()),
        }
    }

    /// Steps over the sign that opens a list or an object; says how much is in there.
    fn open(&mut self, depth: usize) -> Option<usize> {
        self.at += 1;
        let count = usize::try_from(self.counts.next()?).ok()?;
        if count == 0 {
            self.close();
        }
        (depth < DEEPEST).then_some(count)
    }

    /// Steps over the sign behind an item: a comma, a colon, or what closes.
    fn close(&mut self) {
        self.space();
        self.at += 1;
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let count = self.open(depth)?;
        let mut items = EcoVec::with_capacity(count);
        for _ in 0..count {
            items.push(self.value(depth)?);
            self.close();
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let count = self.open(depth)?;
        let mut filling = Filling::of(count);
        for _ in 0..count {
            self.space();
            let key = self.string()?;
            self.close();
            let item = self.value(depth)?;
            self.close();
            filling.insert(key, item);
        }
        Some(Value::Object(filling.filled()))
    }
}
