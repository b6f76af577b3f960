//! Escapes written or undone where they stand: of JSON, JavaScript, HTML, shells and logs; and compression.

use std::io::Read;

use super::bytes::{hex_pair, replaced};
use super::entity;
use super::layout::unescaped;
use super::step::{Row, SMALL, longest, rows};
use crate::explain::cause::Kind::{BodyCompression, BodyDoubleEncoded, BodyHtmlEscaped, BodyReserialised};

pub(super) const OPENING: &[Row] = rows! {
    BodyCompression, "gunzip", "the body uncompressed from gzip", reverse: "what arrived was compressed on its way" =>
        |body| (body.starts_with(b"\x1f\x8b")).then(|| inflate(flate2::read::MultiGzDecoder::new(body), body))?;
    BodyCompression, "inflate-zlib", "the body uncompressed from deflate",
        reverse: "what arrived was compressed on its way" =>
        |body| (body.first() == Some(&0x78)).then(|| inflate(flate2::read::ZlibDecoder::new(body), body))?;
    BodyCompression, "inflate", "the body uncompressed from raw deflate",
        reverse: "what arrived was compressed on its way" =>
        |body| {
            std::str::from_utf8(body)
                .is_err()
                .then(|| inflate(flate2::read::DeflateDecoder::new(body), body))?
        };
    BodyCompression, "unbrotli", "the body uncompressed from Brotli",
        reverse: "what arrived was compressed on its way" =>
        |body| {
            std::str::from_utf8(body)
                .is_err()
                .then(|| inflate(brotli_decompressor::Decompressor::new(body, 4096), body))?
        };
    BodyHtmlEscaped, "html-unescape", "the body with its HTML escapes undone",
        reverse: "what arrived was escaped for HTML on its way" =>
        html_unescape;
};

const PLAIN: &str = "the escapes of what arrived were undone on their way";
const WRITTEN: &str = "what arrived was escaped on its way";

pub(super) const ROWS: &[Row] = rows! {
    BodyReserialised, "escape:\\u", "the body with `\\uXXXX` for each character beyond ASCII, its layout kept",
        reverse: PLAIN =>
        |body| unicode(body, false);
    BodyReserialised, "escape:\\u upper", "the body with `\\uXXXX` in upper case for each character beyond ASCII, its layout kept",
        reverse: PLAIN =>
        |body| unicode(body, true);
    BodyReserialised, "escape:\\u /", "the body with `\\uXXXX` for each character beyond ASCII and `\\/` for each bare `/`, its layout kept",
        reverse: PLAIN =>
        |body| unicode(&slashes(body).unwrap_or_else(|| body.to_vec()), false);
    BodyReserialised, "escape:Meta", "the body with `\\uXXXX` for each character beyond ASCII and for `<`, `%` and `@`, and `\\/` for each bare `/`, its layout kept",
        forward: "as Meta signs it", reverse: PLAIN =>
        |body| {
            let body = slashes(body).unwrap_or_else(|| body.to_vec());
            let body = unicode(&body, false).unwrap_or(body);
            marked(&body, b"<%@", |byte| format!("\\u{byte:04x}"))
        };
    BodyReserialised, "escape:/", "the body with `\\/` for each bare `/`, its layout kept", reverse: PLAIN => slashes;
    BodyReserialised, "escape:/ all", "the body with `\\/` for each `/`", reverse: PLAIN =>
        |body| replaced(body, b"/", b"\\/");
    BodyReserialised, "escape:<>&", "the body with `\\u003c`, `\\u003e` and `\\u0026` for `<`, `>` and `&`, its layout kept",
        forward: "as Go and Rails write them", reverse: PLAIN =>
        |body| marked(body, b"<>&", |byte| format!("\\u{byte:04x}"));
    BodyReserialised, "escape:<>& upper", "the body with `\\u003C`, `\\u003E` and `\\u0026` for `<`, `>` and `&`, its layout kept",
        reverse: PLAIN =>
        |body| marked(body, b"<>&", |byte| format!("\\u{byte:04X}"));
    BodyReserialised, "escape:<>&'", "the body with `\\u003c`, `\\u003e`, `\\u0026` and `\\u0027` for `<`, `>`, `&` and `'`, its layout kept",
        reverse: PLAIN =>
        |body| marked(body, b"<>&'", |byte| format!("\\u{byte:04x}"));
    BodyReserialised, "escape:&", "the body with `\\u0026` for each `&`, its layout kept", reverse: PLAIN =>
        |body| marked(body, b"&", |byte| format!("\\u{byte:04x}"));
    BodyReserialised, "escape:/ &", "the body with `\\/` for each bare `/` and `\\u0026` for each `&`, its layout kept",
        reverse: PLAIN =>
        |body| {
            let body = slashes(body).unwrap_or_else(|| body.to_vec());
            marked(&body, b"&", |byte| format!("\\u{byte:04x}"))
        };
    BodyReserialised, "unescape:\\u", "the body with the characters beyond ASCII that its `\\uXXXX` are, its layout kept",
        reverse: WRITTEN =>
        |body| unescaped(body, |char| !char.is_ascii());
    BodyReserialised, "unescape:\\u all", "the body with the characters that its `\\uXXXX` are, its layout kept",
        reverse: WRITTEN =>
        |body| unescaped(body, |char| char >= ' ' && !matches!(char, '"' | '\\'));
    BodyReserialised, "unescape:ascii", "the body with the ASCII characters that its `\\uXXXX` are, its layout kept",
        reverse: WRITTEN =>
        |body| unescaped(body, |char| (' '..='~').contains(&char) && !matches!(char, '"' | '\\'));
    BodyReserialised, "unescape:/", "the body with `/` for each `\\/`, its layout kept", reverse: WRITTEN =>
        |body| replaced(body, b"\\/", b"/");
    BodyReserialised, "unescape:\\u /", "the body with the characters that its `\\uXXXX` and `\\/` are, its layout kept",
        reverse: WRITTEN =>
        |body| {
            let body = replaced(body, b"\\/", b"/")?;
            unescaped(&body, |char| char >= ' ' && !matches!(char, '"' | '\\'))
        };
    BodyReserialised, "escape:\\u to upper", "the body with its `\\uXXXX` in upper case, its layout kept" =>
        |body| digits(body, true);
    BodyReserialised, "escape:\\u to lower", "the body with its `\\uXXXX` in lower case, its layout kept" =>
        |body| digits(body, false);
    BodyDoubleEncoded, "escape:javascript", "the body with its quotes, slashes and backslashes escaped for a text in JavaScript",
        forward: "as API Gateway's `$util.escapeJavaScript` does" =>
        |body| javascript(body, true, true);
    BodyDoubleEncoded, "escape:javascript \"", "the body with its double quotes, slashes and backslashes escaped for a text in JavaScript",
        forward: "as API Gateway's `$util.escapeJavaScript` does, with `\\'` put right" =>
        |body| replaced(&javascript(body, true, true)?, b"\\'", b"'");
    BodyDoubleEncoded, "escape:javascript, slashes kept", "the body with its quotes and backslashes escaped for a text in JavaScript" =>
        |body| javascript(body, false, true);
    BodyDoubleEncoded, "escape:javascript, Unicode kept", "the body with its quotes, slashes and backslashes escaped for a text in JavaScript, what is beyond ASCII kept",
        forward: "as escapers of JavaScript do" =>
        |body| javascript(body, true, false);
    BodyDoubleEncoded, "escape:javascript \", Unicode kept", "the body with its double quotes, slashes and backslashes escaped, what is beyond ASCII kept" =>
        |body| replaced(&javascript(body, true, false)?, b"\\'", b"'");
    BodyDoubleEncoded, "escape:\\n", "the body with `\\n`, `\\r` and `\\t` for its line breaks and tabs",
        reverse: PLAIN =>
        controls;
    BodyDoubleEncoded, "escape:\\n \\u", "the body with `\\n`, `\\r` and `\\t` for its line breaks and tabs and `\\uXXXX` for each character beyond ASCII",
        reverse: PLAIN =>
        |body| unicode(&controls(body)?, false);
    BodyDoubleEncoded, "escape:\"", "the body with `\\\"` for each double quote" =>
        |body| replaced(body, b"\"", b"\\\"");
    BodyDoubleEncoded, "escape:addslashes", "the body with its quotes and backslashes escaped",
        forward: "as PHP's `addslashes` and WordPress's `$_POST` have it" =>
        |body| backslashed(body, b"'\"\\");
    BodyDoubleEncoded, "escape:\"\\", "the body with its double quotes and backslashes escaped",
        forward: "as shells and configuration files want it" =>
        |body| backslashed(body, b"\"\\");
    BodyDoubleEncoded, "escape:'", "the body with `\\'` for each single quote" => |body| replaced(body, b"'", b"\\'");
    BodyDoubleEncoded, "escape:''", "the body with `''` for each single quote", forward: "as SQL has it" =>
        |body| replaced(body, b"'", b"''");
    BodyDoubleEncoded, "escape:shell", "the body with `'\\''` for each single quote" =>
        |body| replaced(body, b"'", b"'\\''");
    BodyDoubleEncoded, "unescape:stripslashes", "the body with one backslash taken off before each character",
        forward: "as PHP's `stripslashes` and WordPress's `wp_unslash` do", reverse: "backslashes were put into what arrived, as PHP's `addslashes` and `escapeJavaScript` do" =>
        stripped;
    BodyDoubleEncoded, "unescape:echo", "the body with its backslash escapes read",
        forward: "as `echo` in some shells and `printf` do" =>
        echoed;
    BodyDoubleEncoded, "unescape:\\\"", "the body with `\"` for each `\\\"`" => |body| replaced(body, b"\\\"", b"\"");
    BodyDoubleEncoded, "remove:\\", "the body without its backslashes" =>
        |body| super::bytes::without(body, |byte| byte == b'\\');
    BodyDoubleEncoded, "remove:\"", "the body without its double quotes",
        forward: "as a shell has it where the text stands in double quotes" =>
        |body| super::bytes::without(body, |byte| byte == b'"');
    BodyDoubleEncoded, "remove:'", "the body without its single quotes",
        forward: "as a shell has it where the text stands in single quotes" =>
        |body| super::bytes::without(body, |byte| byte == b'\'');
    BodyDoubleEncoded, "quotes:'", "the body with single quotes for its double quotes" =>
        |body| replaced(body, b"\"", b"'");
    BodyDoubleEncoded, "quotes:\"", "the body with double quotes for its single quotes" =>
        |body| replaced(body, b"'", b"\"");
    BodyDoubleEncoded, "remove:$NAME", "the body without its `$` and the names behind them",
        forward: "as a shell has it where the variables are not set" =>
        variables;
    BodyDoubleEncoded, "escape:nginx", "the body with `\\xXX` for its quotes, backslashes and what is beyond ASCII",
        forward: "as nginx writes `$request_body` into a log" =>
        |body| logged(body, true);
    BodyDoubleEncoded, "unescape:nginx", "the body with the bytes that its `\\xXX` are",
        reverse: "what arrived was written as nginx writes `$request_body` into a log" =>
        hexes;
    BodyDoubleEncoded, "escape:\\n", "the body with `\\n` as two characters for each line break" =>
        |body| replaced(body, b"\n", b"\\n");
    BodyDoubleEncoded, "unescape:\\n", "the body with a line break for each `\\n`",
        forward: "as readers of `.env` files and `echo -e` do" =>
        |body| replaced(body, b"\\n", b"\n");
    BodyHtmlEscaped, "html-escape:&<>", "the body with `&`, `<` and `>` escaped for HTML" =>
        |body| html_escape(body, &HTML[..3]);
    BodyHtmlEscaped, "html-escape:<>", "the body with `<` and `>` escaped for HTML" =>
        |body| html_escape(body, &HTML[1..3]);
    BodyHtmlEscaped, "html-escape:<", "the body with `<` escaped for HTML" => |body| html_escape(body, &HTML[1..2]);
    BodyHtmlEscaped, "html-escape:&", "the body with `&` escaped for HTML" => |body| html_escape(body, &HTML[..1]);
    BodyHtmlEscaped, "html-escape:\"", "the body with `\"` escaped for HTML" => |body| html_escape(body, &HTML[3..4]);
    BodyHtmlEscaped, "html-escape:&<>\"", "the body with `&`, `<`, `>` and `\"` escaped for HTML",
        forward: "as PHP's `htmlspecialchars` with ENT_COMPAT does" =>
        |body| html_escape(body, &HTML[..4]);
    BodyHtmlEscaped, "html-escape:&<>\"' (&#039;)", "the body escaped for HTML, as PHP's `htmlspecialchars` does" =>
        |body| html_escape(body, &HTML[..5]);
    BodyHtmlEscaped, "html-escape:&<>\"' (&#39;)", "the body escaped for HTML, as lodash, Ruby, Go and Java do" =>
        |body| with_quotes(body, "&quot;", "&#39;");
    BodyHtmlEscaped, "html-escape:&<>\"' (&#x27;)", "the body escaped for HTML, as Python's `html.escape` does" =>
        |body| with_quotes(body, "&quot;", "&#x27;");
    BodyHtmlEscaped, "html-escape:&<>\"' (&#34;)", "the body escaped for HTML, as Go's `html.EscapeString` does" =>
        |body| with_quotes(body, "&#34;", "&#39;");
    BodyHtmlEscaped, "html-escape:&<>\"' (&apos;)", "the body escaped for XML" =>
        |body| with_quotes(body, "&quot;", "&apos;");
    BodyHtmlEscaped, "html-escape:&<>\"'/ (&#x2F;)", "the body escaped for HTML, slashes too, as validator.js and mustache do" =>
        |body| html_escape(body, &[HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#x27;"), (b'/', "&#x2F;")]);
    BodyHtmlEscaped, "html-escape:&<> &quot; around", "the body escaped for an attribute of XML, in quotes",
        forward: "as Ruby's `encode(xml: :attr)` does" =>
        |body| {
            let inner = with_quotes(body, "&quot;", "&apos;")?;
            Some([b"\"", &inner[..], b"\""].concat())
        };
    BodyHtmlEscaped, "html-escape:named", "the body with a name for each character that HTML 4 has one for",
        forward: "as PHP's `htmlentities` does" =>
        |body| named(body, &HTML[..5], false);
    BodyHtmlEscaped, "html-escape:named &#39;", "the body with a name for each character that HTML 4 has one for, and `&#39;`",
        forward: "as Java's and Ruby's encoders of HTML do" =>
        |body| named(body, &[HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#39;")], false);
    BodyHtmlEscaped, "html-escape:named &<>\"", "the body with a name for each character that HTML 4 has one for, single quotes kept",
        forward: "as PHP's `htmlentities` with ENT_COMPAT and Java's `escapeHtml4` do" =>
        |body| named(body, &HTML[..4], false);
    BodyHtmlEscaped, "html-escape:named only", "the body with a name or a number for each character beyond ASCII",
        forward: "as PHP's `mb_convert_encoding` to HTML-ENTITIES does" =>
        |body| named(body, &[], true);
    BodyHtmlEscaped, "html-escape:'\" (&#39; &#34;)", "the body without its HTML tags and with numbers for its quotes",
        forward: "as PHP's FILTER_SANITIZE_STRING does" =>
        |body| html_escape(&tags(body).unwrap_or_else(|| body.to_vec()), &[(b'"', "&#34;"), (b'\'', "&#39;")]);
    BodyHtmlEscaped, "html-escape:&<>\"' (numbers)", "the body with a number for `&`, `<`, `>` and quotes",
        forward: "as PHP's FILTER_SANITIZE_SPECIAL_CHARS does" =>
        |body| {
            let mut out = Vec::with_capacity(body.len() * 2);
            for byte in body {
                match byte {
                    b'&' | b'<' | b'>' | b'"' | b'\'' | ..b' ' => out.extend_from_slice(format!("&#{byte};").as_bytes()),
                    byte => out.push(*byte),
                }
            }
            Some(out)
        };
    BodyHtmlEscaped, "strip tags", "the body without its HTML tags", forward: "as PHP's `strip_tags` does" => tags;
};

const HTML: [(u8, &str); 5] = [
    (b'&', "&amp;"),
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'"', "&quot;"),
    (b'\'', "&#039;"),
];

fn with_quotes(body: &[u8], double: &str, single: &str) -> Option<Vec<u8>> {
    html_escape(body, &[HTML[0], HTML[1], HTML[2], (b'"', double), (b'\'', single)])
}

pub(super) fn html_escape(body: &[u8], table: &[(u8, &str)]) -> Option<Vec<u8>> {
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len());
    for byte in body {
        match table.iter().find(|(own, _)| own == byte) {
            Some((_, escape)) => out.extend_from_slice(escape.as_bytes()),
            None => out.push(*byte),
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// The texts of values, for HTML as templates escape them.
pub(super) fn html_text(text: &str) -> Option<String> {
    let escaped = with_quotes(text.as_bytes(), "&quot;", "&#x27;")?;
    String::from_utf8(escaped).ok()
}

/// The body escaped for HTML by `table`, with a name for each character beyond ASCII that has one; with a number for each
/// that has none where `numbers` says so.
fn named(body: &[u8], table: &[(u8, &str)], numbers: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| !body.is_ascii())?;
    let mut out = String::with_capacity(body.len() * 2);
    for char in text.chars() {
        let escape = u8::try_from(char)
            .ok()
            .and_then(|byte| table.iter().find(|(own, _)| *own == byte));
        match (escape, entity::name(char)) {
            (Some((_, escape)), _) => out.push_str(escape),
            (None, Some(name)) => out.extend(["&", name, ";"]),
            (None, None) if numbers && !char.is_ascii() => out.push_str(&format!("&#{};", u32::from(char))),
            (None, None) => out.push(char),
        }
    }
    Some(out.into_bytes())
}

/// One look at the text: what was escaped twice stays escaped once.
pub(super) fn html_unescape(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut any = false;
    while let Some(at) = rest.iter().position(|byte| *byte == b'&') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let end = rest.iter().take(10).position(|byte| *byte == b';');
        let name = end.and_then(|end| std::str::from_utf8(&rest[1..end]).ok());
        let char = name.and_then(|name| match name.strip_prefix('#') {
            Some(code) => match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => code.parse().ok(),
            }
            .and_then(char::from_u32),
            None => entity::char(name),
        });
        match (char, end) {
            (Some(char), Some(end)) => {
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end + 1..];
                any = true;
            }
            _ => {
                out.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
    any.then_some(out)
}

fn tags(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        let end = rest[at..].iter().position(|byte| *byte == b'>')?;
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + end + 1..];
    }
    out.extend_from_slice(rest);
    (out.len() < body.len()).then_some(out)
}

fn unicode(body: &[u8], upper: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| !body.is_ascii())?;
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len() * 2);
    for char in text.chars() {
        if char.is_ascii() {
            out.push(char as u8);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            let escape = if upper {
                format!("\\u{unit:04X}")
            } else {
                format!("\\u{unit:04x}")
            };
            out.extend_from_slice(escape.as_bytes());
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// `\/` for each slash that has no backslash before it.
fn slashes(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut escaped = false;
    for byte in body {
        if *byte == b'/' && !escaped {
            out.push(b'\\');
        }
        escaped = *byte == b'\\' && !escaped;
        out.push(*byte);
    }
    (out.len() > body.len()).then_some(out)
}

fn marked(body: &[u8], bytes: &[u8], escape: fn(u8) -> String) -> Option<Vec<u8>> {
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len());
    for byte in body {
        match bytes.contains(byte) {
            true => out.extend_from_slice(escape(*byte).as_bytes()),
            false => out.push(*byte),
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// The hex digits of each `\uXXXX` in one case.
fn digits(body: &[u8], upper: bool) -> Option<Vec<u8>> {
    let mut out = body.to_vec();
    let mut at = 0;
    while at + 6 <= out.len() {
        if out[at] != b'\\' {
            at += 1;
        } else if out[at + 1] == b'u' {
            let digits = &mut out[at + 2..at + 6];
            match upper {
                true => digits.make_ascii_uppercase(),
                false => digits.make_ascii_lowercase(),
            }
            at += 6;
        } else {
            at += 2;
        }
    }
    Some(out)
}

/// As Apache Commons' `escapeJavaScript` does.
fn javascript(body: &[u8], slashes: bool, unicode: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| body.len() <= 2 * SMALL)?;
    let mut out = String::with_capacity(text.len() * 2);
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => out.extend(['\\', char]),
            '/' if slashes => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(char),
            char if !unicode && !char.is_ascii() => out.push(char),
            char => char
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04X}"))),
        }
    }
    Some(out.into_bytes())
}

/// JSON's escapes for line breaks and tabs, wherever they stand.
fn controls(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    for byte in body {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.push(*byte),
        }
    }
    (out.len() > body.len() && out.len() <= longest(body)).then_some(out)
}

fn backslashed(body: &[u8], marks: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() * 2);
    for byte in body {
        if marks.contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Some(out)
}

fn stripped(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next()),
            byte => out.push(*byte),
        }
    }
    (out.len() < body.len()).then_some(out)
}

fn echoed(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let read = match (body[at], body.get(at + 1)) {
            (b'\\', Some(b'n')) => Some(b'\n'),
            (b'\\', Some(b't')) => Some(b'\t'),
            (b'\\', Some(b'r')) => Some(b'\r'),
            (b'\\', Some(b'b')) => Some(8),
            (b'\\', Some(b'f')) => Some(12),
            (b'\\', Some(b'\\')) => Some(b'\\'),
            _ => None,
        };
        out.push(read.unwrap_or(body[at]));
        at += if read.is_some() { 2 } else { 1 };
    }
    (out.len() < body.len()).then_some(out)
}

fn variables(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        rest = &rest[rest.iter().take_while(name).count()..];
    }
    out.extend_from_slice(rest);
    (out.len() < body.len()).then_some(out)
}

fn logged(body: &[u8], upper: bool) -> Option<Vec<u8>> {
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len() * 2);
    for byte in body {
        match byte {
            b'"' | b'\\' | ..b' ' | 0x7f.. if upper => out.extend_from_slice(format!("\\x{byte:02X}").as_bytes()),
            byte => out.push(*byte),
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

fn hexes(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let [first, behind @ ..] = rest {
        match rest.strip_prefix(b"\\x").and_then(hex_pair) {
            Some(byte) => {
                out.push(byte);
                rest = &rest[4..];
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    (out.len() < body.len()).then_some(out)
}

fn inflate(from: impl Read, body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let most = longest(body) as u64;
    from.take(most + 1).read_to_end(&mut out).ok()?;
    (!out.is_empty() && out.len() as u64 <= most).then_some(out)
}
