//! The table of notations: how runtimes show a MAC's bytes in logs and write them where a text was meant.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::reading::SHORTEST;

/// A text is not looked into beyond this, in bytes, and no more is made of it than this many readings.
pub(super) const LONGEST: usize = 4096;
const MOST: usize = 48;

/// Bytes that stand in a text, and how.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) tag: Vec<u8>,
    pub(super) what: &'static str,
}

/// One row: what it looks like, and what bytes it stands for.
struct Notation {
    /// The first group, or the whole, is what is read.
    pattern: &'static str,
    what: &'static str,
    read: fn(&str) -> Option<Vec<u8>>,
}

/// The more particular first.
const NOTATIONS: &[Notation] = &[
    Notation {
        pattern: r"<Buffer((?: [0-9A-Fa-f]{2}){16,})",
        what: "as Node's console.log shows a Buffer",
        read: pairs,
    },
    Notation {
        pattern: r#"(?:"type"|'type'|type) ?: ?["']Buffer["'] ?, ?["']?data["']? ?: ?\[([\d, \r\n]+)\]"#,
        what: "as Node's JSON.stringify writes a Buffer",
        read: numbers,
    },
    Notation {
        pattern: r#"(?:"\d{1,2}" ?: ?\d{1,3}(?: ?, ?|)){16,}"#,
        what: "as JSON.stringify writes a Uint8Array",
        read: indexed,
    },
    Notation {
        pattern: r"(?:[0-9A-Fa-f]{2}-){15,}[0-9A-Fa-f]{2}",
        what: "as .NET's BitConverter writes bytes, with `-` between them",
        read: pairs,
    },
    Notation {
        pattern: r"(?:[0-9A-Fa-f]{2}:){15,}[0-9A-Fa-f]{2}",
        what: "in hex with `:` between the bytes",
        read: pairs,
    },
    Notation {
        pattern: r"(?:[0-9A-Fa-f]{2}[ ]+){15,}[0-9A-Fa-f]{2}",
        what: "in hex with spaces between the bytes",
        read: pairs,
    },
    Notation {
        pattern: r"(?:0[xX][0-9A-Fa-f]{1,2}[, ]+){15,}0[xX][0-9A-Fa-f]{1,2}",
        what: "as a list of bytes in hex, as Go and C write it",
        read: prefixed,
    },
    Notation {
        pattern: r"(?:\\x[0-9A-Fa-f]{2}){16,}",
        what: "in hex with `\\x` before each byte",
        read: pairs,
    },
    Notation {
        pattern: r"(?:%[0-9A-Fa-f]{2}){16,}",
        what: "in hex with `%` before each byte, as URLs write bytes",
        read: pairs,
    },
    Notation {
        pattern: r"(?:-?\d{1,3} ?, ?\r?\n? *){15,}-?\d{1,3}",
        what: "as a list of numbers",
        read: numbers,
    },
    Notation {
        pattern: r"\[((?:-?\d{1,3} +){15,}-?\d{1,3})\]",
        what: "as Go shows a slice of bytes",
        read: numbers,
    },
    Notation {
        pattern: r#"b'((?:[^'\\]|\\.){4,})'"#,
        what: "as Python shows bytes",
        read: escaped,
    },
    Notation {
        pattern: r#"b"((?:[^"\\]|\\.){4,})""#,
        what: "as Python shows bytes",
        read: escaped,
    },
    Notation {
        pattern: r#""((?:[^"\\]|\\.){4,})""#,
        what: "as the raw bytes, escaped in quotes as Ruby, Go and JSON show a text",
        read: escaped,
    },
    Notation {
        pattern: r#""((?:[^"\\]|\\.){4,})""#,
        what: "as the raw bytes taken for Latin-1, escaped in quotes",
        read: escaped_latin,
    },
    Notation {
        pattern: r"\$'((?:[^'\\]|\\.){4,})'",
        what: "as the raw bytes, escaped as shells show them",
        read: escaped,
    },
];

static PATTERNS: LazyLock<Vec<(Regex, &'static Notation)>> = LazyLock::new(|| {
    let compiled = |row: &'static Notation| Some((Regex::new(row.pattern).ok()?, row));
    NOTATIONS.iter().filter_map(compiled).collect()
});

/// Every text that a row of the table reads.
pub(super) fn all(text: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    for (pattern, row) in PATTERNS.iter() {
        for found in pattern.captures_iter(text).take(4) {
            let Some(whole) = found.get(0) else { continue };
            let inner = found.get(1).unwrap_or(whole);
            let tag = (row.read)(inner.as_str()).filter(|tag| tag.len() >= SHORTEST);
            if let Some(tag) = tag.filter(|_| all.len() < MOST) {
                all.push(Shown { tag, what: row.what });
            }
        }
    }
    all.extend(raw(text));
    all
}

/// Text that is the bytes themselves, each taken for a character of Latin-1.
fn raw(text: &str) -> Option<Shown> {
    let foreign = text.chars().filter(|char| !char.is_ascii()).count();
    let latin: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
    // A quarter of random bytes at least are beyond ASCII.
    let tag = latin.filter(|tag| tag.len() >= SHORTEST && foreign * 4 >= SHORTEST)?;
    Some(Shown {
        tag,
        what: "as the raw bytes taken for Latin-1",
    })
}

/// Every two hex digits, whatever stands between them.
fn pairs(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| byte.is_ascii_hexdigit()).collect();
    hex::decode(digits).ok()
}

/// Bytes such as `0x8f, 0x9`.
fn prefixed(text: &str) -> Option<Vec<u8>> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(|word| u8::from_str_radix(word.get(2..)?, 16).ok()).collect()
}

/// Numbers of a byte, signed or not.
fn numbers(text: &str) -> Option<Vec<u8>> {
    let words = text.split([',', ' ', '\r', '\n']).filter(|word| !word.is_empty());
    words.map(number).collect()
}

fn number(word: &str) -> Option<u8> {
    let number: i16 = word.parse().ok()?;
    match number {
        0..=255 => u8::try_from(number).ok(),
        -128..=-1 => u8::try_from(number + 256).ok(),
        _ => None,
    }
}

/// The numbers of `"0":143,"1":155`.
fn indexed(text: &str) -> Option<Vec<u8>> {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    pairs.map(|pair| number(pair.split(':').nth(1)?.trim())).collect()
}

/// Text with the escapes of C, Python, Ruby, Go and JSON.
fn escaped(text: &str) -> Option<Vec<u8>> {
    unescape(text, |char, out| {
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    })
}

/// The same where each character stands for one byte.
fn escaped_latin(text: &str) -> Option<Vec<u8>> {
    unescape(text, |char, out| {
        out.push(u8::try_from(u32::from(char)).ok()?);
        Some(())
    })
}

fn unescape(text: &str, push: fn(char, &mut Vec<u8>) -> Option<()>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            push(char, &mut out)?;
            continue;
        }
        let escape = rest.next()?;
        let mut digits = |count: usize| -> Option<u32> {
            let ahead = rest.as_str().get(..count)?;
            let code = u32::from_str_radix(ahead, 16).ok()?;
            rest = rest.as_str().get(count..)?.chars();
            Some(code)
        };
        match escape {
            'x' => out.push(u8::try_from(digits(2)?).ok()?),
            'u' => push(char::from_u32(digits(4)?)?, &mut out)?,
            '0'..='7' => out.push(octal(escape, &mut rest)?),
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            'r' => out.push(b'\r'),
            'a' => out.push(7),
            'b' => out.push(8),
            'v' => out.push(11),
            'f' => out.push(12),
            'e' => out.push(27),
            other => push(other, &mut out)?,
        }
    }
    Some(out)
}

fn octal(first: char, rest: &mut std::str::Chars<'_>) -> Option<u8> {
    let mut code = first.to_digit(8)?;
    for _ in 0..2 {
        let Some(digit) = rest.clone().next().and_then(|char| char.to_digit(8)) else {
            break;
        };
        rest.next();
        code = code * 8 + digit;
    }
    u8::try_from(code).ok()
}

/// Whether a line of a log may hold a MAC: a word that is long enough, in hex or base64, or any notation of the table.
pub fn may_hold_signature(line: &str) -> bool {
    let line = super::reading::beginning(line);
    let is_word = |word: &str| word.len() >= 22 && word.bytes().any(|byte| byte.is_ascii_digit());
    line.split(|char: char| !(char.is_ascii_alphanumeric() || "+/-_".contains(char)))
        .any(is_word)
        || line.contains('\u{fffd}')
        || all(line).iter().any(|shown| shown.tag.len() <= 128)
}
