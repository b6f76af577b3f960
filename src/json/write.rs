//! The writer: one value in one style.

use std::cmp::Ordering;

use super::Value;
use super::compact::{self, Map};
use super::number;
use super::style::{Empty, KeyOrder, Numbers, Style, Text};

/// Nothing was written: the language fails on a number, or it would be longer than allowed.
pub(super) struct Unwritten;

pub(super) struct Writer<'a> {
    pub(super) style: &'a Style,
    pub(super) out: Vec<u8>,
    longest: usize,
    /// The bytes that stand in a text as they are; behind the first of a character beyond ASCII is looked at it whole.
    plain: [bool; 256],
}

impl<'a> Writer<'a> {
    pub(super) fn new(style: &'a Style, longest: usize) -> Self {
        let rules = &style.text;
        let starts = |byte: u8| {
            let mut escaped = rules.escaped.chars().filter(|char| !char.is_ascii());
            escaped.any(|char| char.encode_utf8(&mut [0; 4]).as_bytes().first() == Some(&byte))
        };
        let plain = std::array::from_fn(|byte| match u8::try_from(byte).unwrap_or_default() {
            byte @ ..128 => !is_escaped(byte.into(), rules),
            // The first byte of a character beyond 65,536 is one of these (RFC 3629).
            byte => !(rules.ascii || rules.astral && byte >= 0xf0 || starts(byte)),
        });
        Self {
            style,
            out: Vec::new(),
            longest,
            plain,
        }
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.out.len() > self.longest
    }

    pub(super) fn value(&mut self, value: &Value, depth: usize) -> Result<(), Unwritten> {
        if self.is_too_long() {
            return Err(Unwritten);
        }
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Number(given) => self.number(given.as_str())?,
            Value::String(text) => self.text(text),
            Value::Array(items) => self.list(items.iter(), depth)?,
            Value::Object(members) => {
                self.object(members.iter().map(|(key, item)| (key.as_str(), item)).collect(), depth)?;
            }
        }
        Ok(())
    }

    pub(super) fn number(&mut self, given: &str) -> Result<(), Unwritten> {
        match &self.style.numbers {
            Numbers::AsWritten => self.out.extend_from_slice(given.as_bytes()),
            Numbers::Decimal => {
                let written = number::decimal_text(given).ok_or(Unwritten)?;
                self.out.extend_from_slice(written.as_bytes());
            }
            Numbers::Of(format) => {
                let written = number::write(given, format).ok_or(Unwritten)?;
                self.out.extend_from_slice(written.as_bytes());
            }
        }
        Ok(())
    }

    pub(super) fn list<N: Node>(
        &mut self,
        items: impl ExactSizeIterator<Item = N>,
        depth: usize,
    ) -> Result<(), Unwritten> {
        if items.len() == 0 {
            self.empty(b'[', b']', depth);
            return Ok(());
        }
        self.out.push(b'[');
        let layout = &self.style.layout;
        let inline = layout.lists_inline || layout.indent.is_empty();
        // An inline list is no level: what is broken inside it is indented as if it were not there.
        let inner = if layout.lists_inline { depth } else { depth + 1 };
        if layout.lists_inline {
            self.out.push(b' ');
        }
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
                if inline {
                    self.out.extend_from_slice(layout.behind_comma.as_bytes());
                }
            }
            if !inline {
                self.line(inner);
            }
            item.put(self, inner)?;
        }
        if layout.lists_inline {
            self.out.push(b' ');
        } else if !inline {
            self.line(depth);
        }
        self.out.push(b']');
        Ok(())
    }

    pub(super) fn object<N: Node>(&mut self, mut members: Vec<(&str, N)>, depth: usize) -> Result<(), Unwritten> {
        if self.style.objects_as_lists && is_list(members.iter().map(|(key, _)| *key)) {
            return self.list(members.into_iter().map(|(_, value)| value), depth);
        }
        sort(&mut members, self.style.keys);
        let without_nulls = self.style.without_nulls;
        let members = members
            .into_iter()
            .filter(|(_, value)| !(without_nulls && value.is_null()));
        let layout = &self.style.layout;
        let broken = !layout.indent.is_empty();
        let mut any = false;
        for (key, value) in members {
            if any {
                self.out.push(b',');
                if layout.blank_lines && depth == 0 {
                    self.out.push(b'\n');
                }
                if !broken {
                    self.out.extend_from_slice(layout.behind_comma.as_bytes());
                }
            } else {
                self.out.push(b'{');
                any = true;
            }
            if broken {
                self.line(depth + 1);
            }
            self.text_plain(key);
            self.out.extend_from_slice(layout.colon.as_bytes());
            value.put(self, depth + 1)?;
        }
        if !any {
            self.empty(b'{', b'}', depth);
            return Ok(());
        }
        if broken {
            self.line(depth);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn empty(&mut self, open: u8, close: u8, depth: usize) {
        self.out.push(open);
        match self.style.layout.empty {
            Empty::Closed => {}
            Empty::Spaced => self.out.push(b' '),
            Empty::Broken => {
                if open == b'[' {
                    self.out.push(b'\n');
                }
                self.line(depth);
            }
        }
        self.out.push(close);
    }

    fn line(&mut self, depth: usize) {
        self.out.push(b'\n');
        for _ in 0..depth {
            self.out.extend_from_slice(self.style.layout.indent.as_bytes());
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        let rules = &self.style.text;
        if rules.html {
            self.text_plain(&html_escape(text));
        } else if rules.times
            && let Some(time) = shorter_time(text)
        {
            self.text_plain(&time);
        } else {
            self.text_plain(text);
        }
    }

    /// A text between quotes; keys are never escaped for HTML nor taken for times.
    pub(super) fn text_plain(&mut self, text: &str) {
        let rules = self.style.text;
        self.out.push(b'"');
        let mut from = 0;
        let mut at = 0;
        while let Some(next) = text.as_bytes()[at..]
            .iter()
            .position(|byte| !self.plain[usize::from(*byte)])
        {
            at += next;
            let char = text[at..].chars().next().unwrap_or_default();
            if is_escaped(char, &rules) {
                self.out.extend_from_slice(&text.as_bytes()[from..at]);
                self.escape(char, &rules);
                from = at + char.len_utf8();
            }
            at += char.len_utf8();
        }
        self.out.extend_from_slice(&text.as_bytes()[from..]);
        self.out.push(b'"');
    }

    fn escape(&mut self, char: char, rules: &Text) {
        let short = match char {
            _ if rules.escaped.contains(char) => None,
            '"' => Some('"'),
            '\\' => Some('\\'),
            '/' => Some('/'),
            _ if !rules.short.contains(char) => None,
            '\u{8}' => Some('b'),
            '\t' => Some('t'),
            '\n' => Some('n'),
            '\u{c}' => Some('f'),
            '\r' => Some('r'),
            _ => None,
        };
        if let Some(short) = short {
            self.out.extend_from_slice(&[b'\\', short as u8]);
            return;
        }
        let upper = if char < ' ' {
            rules.control_upper
        } else {
            match char.is_ascii() {
                true => rules.escaped_upper,
                false => rules.foreign_upper,
            }
        };
        let digits = if upper {
            b"0123456789ABCDEF"
        } else {
            b"0123456789abcdef"
        };
        for unit in char.encode_utf16(&mut [0; 2]) {
            let digit = |shift: u32| digits[usize::from(*unit >> shift & 15)];
            self.out
                .extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
        }
    }
}

fn is_escaped(char: char, rules: &Text) -> bool {
    match char {
        '"' | '\\' => true,
        '/' => rules.slash,
        ' '..='~' => !rules.escaped.is_empty() && rules.escaped.contains(char),
        _ => {
            char < ' '
                || (rules.ascii && !char.is_ascii())
                || (rules.astral && char > '\u{ffff}')
                || rules.escaped.contains(char)
        }
    }
}

/// What a writer can write.
pub(super) trait Node: Copy {
    fn is_null(self) -> bool;

    fn put(self, writer: &mut Writer<'_>, depth: usize) -> Result<(), Unwritten>;
}

impl Node for &Value {
    fn is_null(self) -> bool {
        Value::is_null(self)
    }

    fn put(self, writer: &mut Writer<'_>, depth: usize) -> Result<(), Unwritten> {
        writer.value(self, depth)
    }
}

/// Whether PHP's array with these keys is a list.
pub(super) fn is_list<'k>(mut keys: impl Iterator<Item = &'k str>) -> bool {
    let mut index = 0usize..;
    keys.all(|key| index.next().is_some_and(|index| key == index.to_string()))
}

/// The members of an object in this order.
pub(super) fn order(members: &Map, order: KeyOrder) -> Vec<(&str, &compact::Value)> {
    let mut all: Vec<_> = members.iter().map(|(key, item)| (&**key, item)).collect();
    sort(&mut all, order);
    all
}

/// Whether members stand in that order.
pub(super) fn is_in_order(members: &Map, order: KeyOrder) -> bool {
    members
        .keys()
        .is_sorted_by(|one, other| compare(one, other, order).is_le())
}

fn sort<V>(all: &mut [(&str, V)], order: KeyOrder) {
    if order != KeyOrder::AsWritten {
        all.sort_by(|(one, _), (other, _)| compare(one, other, order));
    }
}

/// Which of two keys comes first; where neither does, they stay as they stand.
fn compare(one: &str, other: &str, order: KeyOrder) -> Ordering {
    let units = || match one.is_ascii() && other.is_ascii() {
        true => one.cmp(other),
        false => one.encode_utf16().cmp(other.encode_utf16()),
    };
    let index = |key| array_index(key).map_or(u64::MAX, u64::from);
    match order {
        KeyOrder::AsWritten => Ordering::Equal,
        KeyOrder::JavaScript => index(one).cmp(&index(other)),
        KeyOrder::Sorted => one.cmp(other),
        KeyOrder::ByLength => (one.len(), one).cmp(&(other.len(), other)),
        KeyOrder::CodeUnits => units(),
        KeyOrder::JavaScriptSorted => index(one).cmp(&index(other)).then_with(units),
    }
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

/// `2026-05-08T12:00:00.000Z` as it is written by a library that took it for a time.
pub(super) fn shorter_time(text: &str) -> Option<String> {
    let (seconds, fraction) = text.strip_suffix('Z')?.split_once('.')?;
    let shape: String = seconds
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    if shape != "0000-00-00T00:00:00" || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{seconds}{point}{fraction}Z"))
}
