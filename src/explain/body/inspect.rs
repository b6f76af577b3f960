//! What `util.inspect` and `console.log` of Node print of an object, which some hash in place of its JSON.
//!
//! Source: `lib/internal/util/inspect.js` of Node 20, with its defaults.

use crate::json::compact::Value;
use crate::json::{self, JAVASCRIPT};

/// `breakLength`, `compact`, `maxArrayLength` and `maxStringLength`, in characters of UTF-16, levels and items.
const BREAK: usize = 80;
const COMPACT: usize = 3;
const MOST_ITEMS: usize = 100;
const MOST_UNITS: usize = 10_000;
/// A text beyond this is broken at its line breaks.
const LEAST_LINE: usize = 16;
/// Lists beyond this are laid out in columns.
const GROUPED: usize = 6;

/// One value as it is printed; objects below `deepest` levels are `[Object]`. Nothing beyond `longest` bytes.
pub(super) fn print(value: &Value, deepest: usize, longest: usize) -> Option<String> {
    let mut printer = Printer {
        deepest,
        longest,
        indent: 0,
        current: 0,
    };
    printer.value(value, 0)
}

/// A text in quotes: the first of `'`, `"` and a backquote that does not stand in it.
pub(super) fn quoted(text: &str) -> String {
    let quote = match text {
        text if !text.contains('\'') => '\'',
        text if !text.contains('"') => '"',
        text if !text.contains('`') && !text.contains("${") => '`',
        _ => '\'',
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for char in text.chars() {
        match char {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            char if char == quote => out.extend(['\\', char]),
            char if char < ' ' || ('\u{7f}'..='\u{9f}').contains(&char) => {
                out.push_str(&format!("\\x{:02X}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push(quote);
    out
}

struct Printer {
    deepest: usize,
    longest: usize,
    indent: usize,
    /// The level of the last object that was entered.
    current: usize,
}

fn units(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

impl Printer {
    fn value(&mut self, value: &Value, level: usize) -> Option<String> {
        match value {
            Value::Null => Some("null".to_owned()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) if number.as_str() == "-0" => Some("-0".to_owned()),
            Value::Number(number) => json::number(number.as_str(), &JAVASCRIPT),
            Value::String(text) => Some(self.text(text)),
            Value::Array(items) if items.is_empty() => Some("[]".to_owned()),
            Value::Object(members) if members.is_empty() => Some("{}".to_owned()),
            Value::Array(_) if level > self.deepest => Some("[Array]".to_owned()),
            Value::Object(_) if level > self.deepest => Some("[Object]".to_owned()),
            Value::Array(items) => self.list(items, level),
            Value::Object(_) => self.object(value, level),
        }
    }

    fn text(&self, text: &str) -> String {
        let length = units(text);
        let (text, more) = if length > MOST_UNITS {
            let kept: Vec<u16> = text.encode_utf16().take(MOST_UNITS).collect();
            let more = length - MOST_UNITS;
            let plural = if more > 1 { "s" } else { "" };
            (
                String::from_utf16_lossy(&kept),
                format!("... {more} more character{plural}"),
            )
        } else {
            (text.to_owned(), String::new())
        };
        let room = BREAK.saturating_sub(self.indent + 4);
        let lines: Vec<String> = if units(&text) > LEAST_LINE.max(room) {
            text.split_inclusive('\n').map(quoted).collect()
        } else {
            vec![quoted(&text)]
        };
        let between = format!(" +\n{}", " ".repeat(self.indent + 2));
        lines.join(&between) + &more
    }

    fn list(&mut self, items: &[Value], level: usize) -> Option<String> {
        self.current = level;
        let mut entries = Vec::new();
        for item in items.iter().take(MOST_ITEMS) {
            self.indent += 2;
            entries.push(self.value(item, level + 1)?);
            self.indent -= 2;
        }
        let shown = entries.len();
        if items.len() > shown {
            let more = items.len() - shown;
            let plural = if more > 1 { "s" } else { "" };
            entries.push(format!("... {more} more item{plural}"));
        }
        let count = entries.len();
        if count > GROUPED {
            let numbers = items.iter().all(Value::is_number);
            entries = self.grouped(entries, shown, numbers);
        }
        self.joined(&entries, entries.len() == count, ['[', ']'], level)
    }

    fn object(&mut self, value: &Value, level: usize) -> Option<String> {
        self.current = level;
        let mut entries = Vec::new();
        let Value::Object(members) = value else { return None };
        for (key, item) in json::ordered(members, &JAVASCRIPT) {
            self.indent += 2;
            let item = self.value(item, level + 1)?;
            self.indent -= 2;
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let plain = key.bytes().all(word) && !key.starts_with(|first: char| first.is_ascii_digit());
            let key = if plain && !key.is_empty() {
                key.to_owned()
            } else {
                quoted(key)
            };
            entries.push(format!("{key}: {item}"));
        }
        self.joined(&entries, true, ['{', '}'], level)
    }

    /// The entries on one line where they are few levels and short enough, else on one each.
    fn joined(&self, entries: &[String], whole: bool, [open, close]: [char; 2], level: usize) -> Option<String> {
        let length: usize = entries.iter().map(|entry| units(entry)).sum();
        if length > self.longest {
            return None;
        }
        let start = entries.len() + self.indent + 1 + 10;
        let fits = length + entries.len() + start <= BREAK && start + 2 * entries.len() <= BREAK;
        if whole && self.current - level < COMPACT && fits && !entries.iter().any(|entry| entry.contains('\n')) {
            return Some(format!("{open} {} {close}", entries.join(", ")));
        }
        let line = format!("\n{}", " ".repeat(self.indent));
        let entries = entries.join(&format!(",{line}  "));
        Some(format!("{open}{line}  {entries}{line}{close}"))
    }

    /// The first `shown` entries in columns, as a list of many short ones is laid out.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "as JavaScript counts: at most a hundred entries"
    )]
    fn grouped(&self, entries: Vec<String>, shown: usize, numbers: bool) -> Vec<String> {
        let lengths: Vec<usize> = entries[..shown].iter().map(|entry| units(entry)).collect();
        let longest = lengths.iter().max().copied().unwrap_or_default();
        let total: usize = lengths.iter().map(|length| length + 2).sum();
        let most = longest + 2;
        let dense = total as f64 / most as f64 > 5.0 || longest <= 6;
        if most * 3 + self.indent >= BREAK || !dense {
            return entries;
        }
        let bias = (most as f64 - total as f64 / entries.len() as f64).sqrt();
        let biased = (most as f64 - bias).max(1.0);
        let columns = ((2.5 * biased * shown as f64).sqrt() / biased).round() as usize;
        let columns = columns.min((BREAK - self.indent) / most).min(COMPACT * 4).min(15);
        if columns <= 1 {
            return entries;
        }
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                lengths
                    .iter()
                    .skip(column)
                    .step_by(columns)
                    .max()
                    .map_or(0, |most| most + 2)
            })
            .collect();
        let mut lines = Vec::new();
        for (row, line) in entries[..shown].chunks(columns).enumerate() {
            let mut out = String::new();
            for (column, entry) in line.iter().enumerate() {
                let last = column + 1 == line.len();
                let own = lengths[row * columns + column];
                let width = widths[column] - if last { 2 } else { 0 };
                let comma = if last { "" } else { ", " };
                let padding = " ".repeat(width.saturating_sub(own + comma.len()));
                match (numbers, last) {
                    (true, _) => out.push_str(&format!("{padding}{entry}{comma}")),
                    (false, true) => out.push_str(entry),
                    (false, false) => out.push_str(&format!("{entry}{comma}{padding}")),
                }
            }
            lines.push(out);
        }
        lines.extend(entries.into_iter().skip(shown));
        lines
    }
}
