//! The rows: other texts for the secret's.

use super::{replace, url_encode};
use crate::explain::cause::Kind;
use crate::scheme::Encoding;

/// One row: another text for the secret's.
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) step: &'static str,
    pub(super) what: &'static str,
    pub(super) apply: fn(&[u8]) -> Option<Vec<u8>>,
}

/// What is tried with other changes together, the likeliest first. Sources: what people report of `.env` files, shells and dashboards.
pub(super) const LIKELY: &[Row] = &[
    Row {
        kind: Kind::SecretWhitespace,
        step: "trim",
        what: "without the white space around it",
        apply: |text| Some(text.trim_ascii().to_vec()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\n",
        what: "with a line break at its end, as `echo` writes one",
        apply: |text| Some([text, b"\n"].concat()),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "unquote",
        what: "without the quotes around it",
        apply: |text| match text.trim_ascii() {
            [open @ (b'"' | b'\'' | b'`'), inner @ .., close] if open == close => Some(inner.to_vec()),
            _ => None,
        },
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "quote:\"",
        what: "with double quotes around it, kept from an .env file",
        apply: |text| Some([b"\"", text, b"\""].concat()),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "quote:'",
        what: "with single quotes around it, kept from an .env file",
        apply: |text| Some([b"'", text, b"'"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\r\\n",
        what: "with a Windows line break at its end",
        apply: |text| Some([text, b"\r\n"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\r",
        what: "with a carriage return at its end, from a file with Windows line breaks",
        apply: |text| Some([text, b"\r"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append: ",
        what: "with a space behind it",
        apply: |text| Some([text, b" "].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "prepend: ",
        what: "with a space before it",
        apply: |text| Some([b" ", text].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "prepend:\\t",
        what: "with a tab before it",
        apply: |text| Some([b"\t", text].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "remove white space",
        what: "without any of the white space in it",
        apply: |text| {
            Some(
                text.iter()
                    .copied()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect(),
            )
        },
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:NAME=",
        what: "without the `NAME=` before it, from a whole line of an .env file",
        apply: |text| env_line(text, false),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "strip:NAME= and unquote",
        what: "without the `NAME=` before it and the quotes around it, from a whole line of an .env file",
        apply: |text| env_line(text, true),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:first _",
        what: "without its prefix up to the first `_`",
        apply: |text| behind(text, b'_'),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:last _",
        what: "without its prefix up to the last `_`",
        apply: |text| {
            let at = text.iter().rposition(|byte| *byte == b'_')?;
            Some(text[at + 1..].to_vec())
        },
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "prepend:whsec_",
        what: "with `whsec_` before it",
        apply: |text| (!text.starts_with(b"whsec_")).then(|| [b"whsec_", text].concat()),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:Bearer",
        what: "without `Bearer ` before it",
        apply: |text| text.strip_prefix(b"Bearer ").map(<[u8]>::to_vec),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "url-decode",
        what: "URL-decoded",
        apply: |text| url_decode(text, false),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "form-decode",
        what: "decoded as a form's value, where `+` is a space",
        apply: |text| url_decode(text, true),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "url-encode",
        what: "URL-encoded",
        apply: |text| Some(url_encode(text)),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "form-encode",
        what: "encoded as a form's value, where a space is `+`",
        apply: |text| Some(form_urlencoded::byte_serialize(text).collect::<String>().into_bytes()),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "until:#",
        what: "up to its first `#`, where an .env file that does not quote it begins a comment",
        apply: |text| {
            let at = text.iter().position(|byte| *byte == b'#')?;
            Some(text[..at].trim_ascii().to_vec())
        },
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "until:$",
        what: "without its `$` and the name behind it, which a shell or an .env reader replaced",
        apply: without_variables,
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "unescape",
        what: "with `\\n` in it read as a line break",
        apply: |text| replace(text, b"\\n", b"\n"),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "escape",
        what: "with its line breaks written as `\\n`",
        apply: |text| replace(text, b"\n", b"\\n"),
    },
];

const BOM: &[u8] = "\u{feff}".as_bytes();

/// What is tried alone.
pub(super) const RARE: &[Row] = &[
    row(
        Kind::SecretWhitespace,
        "strip:invisible",
        "without the invisible characters around it: a byte order mark, a zero-width or a no-break space",
        |text| {
            let text = std::str::from_utf8(text).ok()?;
            Some(text.trim_matches(is_invisible).as_bytes().to_vec())
        },
    ),
    row(
        Kind::SecretWhitespace,
        "around: ",
        "with a space before it and behind it",
        |text| Some([b" ", text, b" "].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "around: \\n",
        "with a space before it and a line break behind it",
        |text| Some([b" ", text, b"\n"].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "remove:invisible",
        "without the invisible characters in it",
        |text| {
            let text = std::str::from_utf8(text).ok()?;
            Some(text.replace(is_invisible, "").into_bytes())
        },
    ),
    row(
        Kind::SecretWhitespace,
        "prepend:BOM",
        "with a byte order mark before it, as a file of Windows has one",
        |text| Some([BOM, text].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "prepend:U+00A0",
        "with a no-break space before it, as a web page is copied with one",
        |text| Some(["\u{a0}".as_bytes(), text].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "append:U+00A0",
        "with a no-break space behind it, as a web page is copied with one",
        |text| Some([text, "\u{a0}".as_bytes()].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "prepend:U+200B",
        "with a zero-width space before it",
        |text| Some(["\u{200b}".as_bytes(), text].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "append:U+200B",
        "with a zero-width space behind it",
        |text| Some([text, "\u{200b}".as_bytes()].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "append:\\n\\n",
        "with two line breaks at its end",
        |text| Some([text, b"\n\n"].concat()),
    ),
    row(
        Kind::SecretWhitespace,
        "surround: ",
        "with a space on both sides",
        |text| Some([b" ", text, b" "].concat()),
    ),
    row(
        Kind::SecretCharset,
        "utf-16le-to-utf-8",
        "read from the UTF-16 of a file that Windows wrote",
        |text| utf_16(text, u16::from_le_bytes),
    ),
    row(
        Kind::SecretCharset,
        "utf-16be-to-utf-8",
        "read from the UTF-16 of a file, the high byte first",
        |text| utf_16(text, u16::from_be_bytes),
    ),
    row(
        Kind::SecretQuoted,
        "json-member",
        "taken out of the JSON around it",
        |text| json_text(text, 0),
    ),
    row(
        Kind::SecretQuoted,
        "json-member:2",
        "taken out of the JSON around it, the second text in there",
        |text| json_text(text, 1),
    ),
    row(
        Kind::SecretQuoted,
        "json-string",
        "as a JSON string, in quotes and escaped",
        |text| {
            crate::json::rewrite(
                &crate::json::Value::String(std::str::from_utf8(text).ok()?.to_owned()),
                &crate::json::JAVASCRIPT,
                usize::MAX,
            )
        },
    ),
    row(
        Kind::SecretQuoted,
        "python-bytes",
        "as Python writes bytes, in b''",
        |text| Some([b"b'", text, b"'"].concat()),
    ),
    row(
        Kind::SecretQuoted,
        "python-list",
        "as Python writes a list of one",
        |text| Some([b"['", text, b"']"].concat()),
    ),
    row(Kind::SecretQuoted, "quote:`", "with backticks around it", |text| {
        Some([b"`", text, b"`"].concat())
    }),
    row(
        Kind::SecretQuoted,
        "quote:<>",
        "with `<` and `>` around it, as an example shows where it goes",
        |text| Some([b"<", text, b">"].concat()),
    ),
    row(
        Kind::SecretQuoted,
        "unquote:<>",
        "without the `<` and `>` around it",
        |text| Some(text.strip_prefix(b"<")?.strip_suffix(b">")?.to_vec()),
    ),
    row(
        Kind::SecretQuoted,
        "unescape:$$",
        "with `$` for `$$`, which Compose and Make write",
        |text| replace(text, b"$$", b"$"),
    ),
    row(
        Kind::SecretQuoted,
        "escape:$$",
        "with `$$` for `$`, as Compose and Make want it",
        |text| replace(text, b"$", b"$$"),
    ),
    row(
        Kind::SecretQuoted,
        "unescape:\\",
        "without the backslashes in it, which a shell took away",
        |text| replace(text, b"\\", b""),
    ),
    row(
        Kind::SecretQuoted,
        "escape:\\",
        "with its backslashes doubled",
        |text| replace(text, b"\\", b"\\\\"),
    ),
    row(
        Kind::SecretQuoted,
        "append:\\\\n",
        "with `\\n` behind it as two characters",
        |text| Some([text, b"\\n"].concat()),
    ),
    row(
        Kind::SecretQuoted,
        "strip:\\\\n",
        "without the `\\n` of two characters behind it",
        |text| text.strip_suffix(b"\\n").map(<[u8]>::to_vec),
    ),
    row(
        Kind::SecretQuoted,
        "remove:quotes",
        "without the quotes in it, which a shell took away",
        |text| Some(text.iter().copied().filter(|byte| !b"'\"".contains(byte)).collect()),
    ),
    row(
        Kind::SecretBase64,
        "base64 first",
        "decoded from base64 first, as what a manifest of Kubernetes or a secret manager holds",
        |text| {
            let decoded = Encoding::Base64.decode(std::str::from_utf8(text).ok()?.trim())?;
            decoded
                .iter()
                .all(|byte| (b' '..=b'~').contains(byte))
                .then_some(decoded)
        },
    ),
    row(
        Kind::SecretQuoted,
        "until:space",
        "up to its first space, where a shell ends a word",
        |text| {
            let at = text.trim_ascii_start().iter().position(u8::is_ascii_whitespace)?;
            Some(text.trim_ascii_start()[..at].to_vec())
        },
    ),
    row(
        Kind::SecretHtmlEscaped,
        "html-unescape",
        "with its HTML escapes undone",
        |text| {
            let text = std::str::from_utf8(text).ok().filter(|text| text.contains('&'))?;
            let escapes = [
                ("&lt;", "<"),
                ("&gt;", ">"),
                ("&quot;", "\""),
                ("&#34;", "\""),
                ("&#039;", "'"),
                ("&#39;", "'"),
                ("&#x27;", "'"),
                ("&#x2F;", "/"),
                ("&#43;", "+"),
                ("&#x2B;", "+"),
                ("&#61;", "="),
                ("&#x3D;", "="),
                ("&amp;", "&"),
            ];
            Some(
                escapes
                    .iter()
                    .fold(text.to_owned(), |text, (escape, char)| text.replace(escape, char))
                    .into_bytes(),
            )
        },
    ),
    row(Kind::SecretHtmlEscaped, "html-escape", "escaped for HTML", |text| {
        html(
            text,
            &[
                ("&", "&amp;"),
                ("<", "&lt;"),
                (">", "&gt;"),
                ("\"", "&quot;"),
                ("'", "&#039;"),
            ],
        )
    }),
    row(
        Kind::SecretHtmlEscaped,
        "html-escape:&#39;",
        "escaped for HTML, with `&#39;`",
        |text| {
            html(
                text,
                &[
                    ("&", "&amp;"),
                    ("<", "&lt;"),
                    (">", "&gt;"),
                    ("\"", "&quot;"),
                    ("'", "&#39;"),
                ],
            )
        },
    ),
    row(
        Kind::SecretHtmlEscaped,
        "html-escape:all",
        "escaped for HTML with `=`, `/` and `+` too",
        |text| {
            html(
                text,
                &[
                    ("&", "&amp;"),
                    ("=", "&#x3D;"),
                    ("/", "&#x2F;"),
                    ("+", "&#x2B;"),
                    ("<", "&lt;"),
                    (">", "&gt;"),
                    ("\"", "&quot;"),
                    ("'", "&#x27;"),
                ],
            )
        },
    ),
    row(Kind::SecretPrefix, "strip:v1,", "without `v1,` before it", |text| {
        text.strip_prefix(b"v1,").map(<[u8]>::to_vec)
    }),
    row(Kind::SecretPrefix, "prepend:v1,", "with `v1,` before it", |text| {
        Some([b"v1,", text].concat())
    }),
    row(
        Kind::SecretPrefix,
        "strip:first -",
        "without its prefix up to the first `-`",
        |text| behind(text, b'-'),
    ),
    row(
        Kind::SecretPrefix,
        "strip:first .",
        "without its prefix up to the first `.`",
        |text| behind(text, b'.'),
    ),
    row(
        Kind::SecretPrefix,
        "strip:first :",
        "without its prefix up to the first `:`",
        |text| behind(text, b':'),
    ),
    row(
        Kind::SecretPrefix,
        "prepend:Bearer",
        "with `Bearer ` before it",
        |text| Some([b"Bearer ", text].concat()),
    ),
    row(
        Kind::SecretPrefix,
        "prepend:sha256=",
        "with `sha256=` before it",
        |text| Some([b"sha256=", text].concat()),
    ),
    row(
        Kind::SecretPrefix,
        "prepend:base64:",
        "with `base64:` before it, as Laravel writes keys",
        |text| Some([b"base64:", text].concat()),
    ),
    row(
        Kind::SecretPrefix,
        "strip:base64:",
        "without `base64:` before it, as Laravel writes keys",
        |text| text.strip_prefix(b"base64:").map(<[u8]>::to_vec),
    ),
    row(Kind::SecretCase, "lower", "in lower case", |text| {
        Some(text.to_ascii_lowercase())
    }),
    row(Kind::SecretCase, "upper", "in upper case", |text| {
        Some(text.to_ascii_uppercase())
    }),
    row(Kind::SecretTruncated, "first:16", "cut to its first 16 bytes", |text| {
        cut(text, 16)
    }),
    row(Kind::SecretTruncated, "first:24", "cut to its first 24 bytes", |text| {
        cut(text, 24)
    }),
    row(Kind::SecretTruncated, "first:32", "cut to its first 32 bytes", |text| {
        cut(text, 32)
    }),
    row(Kind::SecretTruncated, "first:64", "cut to its first 64 bytes", |text| {
        cut(text, 64)
    }),
    row(
        Kind::SecretTruncated,
        "without last",
        "without its last character",
        |text| text.len().checked_sub(1).map(|end| text[..end].to_vec()),
    ),
    row(
        Kind::SecretTruncated,
        "without first",
        "without its first character",
        |text| text.get(1..).map(<[u8]>::to_vec),
    ),
    row(Kind::SecretTruncated, "strip:=", "without the `=` at its end", |text| {
        let end = text.iter().rposition(|byte| *byte != b'=')?;
        Some(text[..=end].to_vec())
    }),
    row(
        Kind::SecretBase64,
        "base64url-to-base64",
        "with `+` and `/` for `-` and `_`",
        |text| swap(text, b"-_", b"+/"),
    ),
    row(
        Kind::SecretBase64,
        "base64-to-base64url",
        "with `-` and `_` for `+` and `/`",
        |text| swap(text, b"+/", b"-_"),
    ),
    row(
        Kind::SecretCharset,
        "latin-1-to-utf-8",
        "with its UTF-8 taken for Latin-1",
        |text| {
            (!text.is_ascii()).then(|| {
                text.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes()
            })
        },
    ),
    row(
        Kind::SecretCharset,
        "utf-8-to-latin-1",
        "in Latin-1 in place of UTF-8",
        |text| {
            let text = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii())?;
            text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect()
        },
    ),
    row(
        Kind::SecretCharset,
        "ascii:?",
        "with `?` for each character beyond ASCII",
        |text| {
            let text = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii())?;
            Some(
                text.chars()
                    .map(|char| if char.is_ascii() { char as u8 } else { b'?' })
                    .collect(),
            )
        },
    ),
    row(
        Kind::SecretCharset,
        "ascii",
        "without the characters beyond ASCII in it",
        |text| (!text.is_ascii()).then(|| text.iter().copied().filter(u8::is_ascii).collect()),
    ),
];

const fn row(kind: Kind, step: &'static str, what: &'static str, apply: fn(&[u8]) -> Option<Vec<u8>>) -> Row {
    Row {
        kind,
        step,
        what,
        apply,
    }
}

fn is_invisible(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{ad}' | '\0')
}

/// The value of `NAME=value` or `export NAME: value`, with the quotes around it or without.
fn env_line(text: &[u8], unquote: bool) -> Option<Vec<u8>> {
    let line = text.trim_ascii();
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let at = line.iter().position(|byte| matches!(byte, b'=' | b':'))?;
    let (name, value) = (line[..at].trim_ascii(), &line[at + 1..]);
    let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let value = value.strip_prefix(b" ").unwrap_or(value);
    if !is_name || value.iter().all(|byte| *byte == b'=') {
        return None;
    }
    if !unquote {
        return Some(value.to_vec());
    }
    match value.trim_ascii() {
        [open @ (b'"' | b'\'' | b'`'), inner @ .., close] if open == close => Some(inner.to_vec()),
        _ => None,
    }
}

fn utf_16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Vec<u8>> {
    let units = text.chunks_exact(2).map(|two| unit([two[0], two[1]]));
    let decoded: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    let decoded = decoded.trim_matches(is_invisible);
    (text.len().is_multiple_of(2) && decoded.is_ascii()).then(|| decoded.as_bytes().to_vec())
}

/// The text at `index` of those in a JSON value.
fn json_text(text: &[u8], index: usize) -> Option<Vec<u8>> {
    use crate::json::Value;
    if !matches!(text.trim_ascii().first(), Some(b'{' | b'[' | b'"')) {
        return None;
    }
    let texts: Vec<String> = match crate::json::parse(text).ok()? {
        Value::String(text) => vec![text],
        Value::Object(members) => members
            .values()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect(),
        _ => return None,
    };
    texts.into_iter().nth(index).map(String::into_bytes)
}

fn html(text: &[u8], escapes: &[(&str, &str)]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let escape = |char: char| {
        let row = escapes.iter().find(|(own, _)| own.chars().eq([char]));
        row.map_or(char.to_string(), |(_, escape)| (*escape).to_owned())
    };
    Some(text.chars().map(escape).collect::<String>().into_bytes())
}

fn cut(text: &[u8], length: usize) -> Option<Vec<u8>> {
    text.get(..length).map(<[u8]>::to_vec)
}

fn swap(text: &[u8], from: &[u8; 2], to: &[u8; 2]) -> Option<Vec<u8>> {
    let swapped = |byte: &u8| match from.iter().position(|own| own == byte) {
        Some(at) => to[at],
        None => *byte,
    };
    Some(text.iter().map(swapped).collect())
}

fn behind(text: &[u8], byte: u8) -> Option<Vec<u8>> {
    let at = text.iter().position(|own| *own == byte)?;
    Some(text[at + 1..].to_vec())
}

fn url_decode(text: &[u8], plus: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let byte = match (first, behind) {
            (b'%', [high, low, ..]) => {
                let hex = [*high, *low];
                hex::decode(hex).ok().map(|byte| byte[0])
            }
            _ => None,
        };
        rest = if byte.is_some() { &rest[3..] } else { behind };
        out.push(byte.unwrap_or(if plus && *first == b'+' { b' ' } else { *first }));
    }
    Some(out)
}

fn without_variables(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().position(|byte| *byte == b'$')?;
    let name = text[at + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    Some([&text[..at], &text[at + 1 + name..]].concat())
}
