//! A text in quotes as languages write one in their own source.

use std::fmt::Write as _;

use super::notation::is_unprintable;

/// As Go's `%q` does, and `%+q` where `ascii` says so.
pub(super) fn go(text: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        let _ = match char {
            '"' | '\\' => write!(out, "\\{char}"),
            '\u{7}' => write!(out, "\\a"),
            '\u{8}' => write!(out, "\\b"),
            '\u{c}' => write!(out, "\\f"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\u{b}' => write!(out, "\\v"),
            char if is_unprintable(char) || ascii && !char.is_ascii() => match u32::from(char) {
                code @ ..0x80 => write!(out, "\\x{code:02x}"),
                code @ ..0x10000 => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            },
            char => write!(out, "{char}"),
        };
    }
    out.push('"');
    out
}

/// What Ruby's `dump` makes of what its `inspect` wrote: nothing beyond ASCII.
pub(super) fn ruby_dump(inspected: &str) -> String {
    let mut out = String::with_capacity(inspected.len());
    for char in inspected.chars() {
        let _ = match u32::from(char) {
            ..0x80 => write!(out, "{char}"),
            code @ ..0x10000 => write!(out, "\\u{code:04X}"),
            code => write!(out, "\\u{{{code:X}}}"),
        };
    }
    out
}

/// As Python's `unicode_escape` encodes a text.
pub(super) fn unicode_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        let _ = match char {
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            ' '..='~' => write!(out, "{char}"),
            char => match u32::from(char) {
                code @ ..0x100 => write!(out, "\\x{code:02x}"),
                code @ ..0x10000 => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            },
        };
    }
    out
}

/// As Python's `unicode_escape` decodes bytes: each byte is a character of Latin-1.
pub(super) fn unicode_unescape(bytes: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let Some((kind, digits)) = behind.split_first().filter(|_| *first == b'\\') else {
            out.push(char::from(*first));
            rest = behind;
            continue;
        };
        let short = match kind {
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'a' => Some('\u{7}'),
            b'v' => Some('\u{b}'),
            b'\\' | b'\'' | b'"' => Some(char::from(*kind)),
            _ => None,
        };
        let count = match kind {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if let Some(char) = short {
            out.push(char);
            rest = digits;
        } else if count > 0 {
            let code = std::str::from_utf8(digits.get(..count)?).ok()?;
            out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
            rest = &digits[count..];
        } else {
            out.extend(['\\', char::from(*kind)]);
            rest = digits;
        }
    }
    Some(out)
}
