//! JSON whose tokens stay as they stand, with other white space between them; and texts written again where they stand.

use super::bytes::{hex_pair, replaced};
use super::step::{Row, SMALL, longest, rows};
use crate::explain::cause::Kind::{BodyReserialised, BodyWhitespace};
use crate::json::{self, Style};

/// Nesting beyond this is no layout, in levels.
const DEEPEST: usize = 128;

pub(super) const FIRST: &[Row] = rows! {
    BodyWhitespace, "minify", "the body without the white space between its JSON tokens",
        forward: "as a minifier or Go's `json.Compact` takes it out", reverse: "white space was put between the tokens of what arrived, as a formatter does" =>
        |body| laid(body, &COMPACT);
};

pub(super) const ROWS: &[Row] = rows! {
    BodyWhitespace, "layout:spaced", "the body's JSON tokens with a space behind each comma and colon" =>
        |body| laid(body, &SPACED);
    BodyWhitespace, "layout:indent 2", "the body's JSON tokens, indented by two spaces", reverse: LOST =>
        |body| laid(body, &indented("  "));
    BodyWhitespace, "layout:indent 4", "the body's JSON tokens, indented by four spaces", reverse: LOST =>
        |body| laid(body, &indented("    "));
    BodyWhitespace, "layout:indent tab", "the body's JSON tokens, indented by tabs", reverse: LOST =>
        |body| laid(body, &indented("\t"));
    BodyWhitespace, "layout:indent 1", "the body's JSON tokens, indented by one space", reverse: LOST =>
        |body| laid(body, &indented(" "));
    BodyWhitespace, "layout:indent 2, CRLF", "the body's JSON tokens, indented by two spaces, with CRLF line breaks",
        reverse: LOST =>
        |body| replaced(&laid(body, &indented("  "))?, b"\n", b"\r\n");
    BodyReserialised, "texts:ascii", "the body with what is beyond ASCII in its texts escaped as `\\uXXXX`, its layout kept",
        reverse: READ =>
        |body| retext(body, "python");
    BodyReserialised, "texts:ascii and slashes", "the body with its texts escaped as PHP does, its layout kept",
        reverse: READ =>
        |body| retext(body, "php");
    BodyReserialised, "texts:slashes", "the body with `\\/` for each `/` in its texts, its layout kept",
        reverse: READ =>
        |body| retext(body, "php-unicode");
    BodyReserialised, "texts:plain", "the body with the escapes in its texts undone where JSON needs none, its layout kept",
        reverse: "the texts of what arrived were escaped on their way" =>
        |body| retext(body, "javascript");
    BodyReserialised, "texts:Go", "the body with `<`, `>` and `&` escaped as Go does, its layout kept",
        reverse: READ =>
        |body| retext(body, "go");
    BodyReserialised, "texts:System.Text.Json", "the body with its texts escaped as System.Text.Json does, its layout kept",
        reverse: READ =>
        |body| retext(body, "system-text-json");
    BodyReserialised, "texts:Gson", "the body with its texts escaped as Gson does, its layout kept", reverse: READ =>
        |body| retext(body, "gson");
};

const LOST: &str =
    "what arrived lost its line breaks or its indentation, as a minifier or `curl -d @file` takes them out";
const READ: &str = "the escapes of what arrived were undone on their way";

struct Layout {
    indent: &'static str,
    comma: &'static str,
    colon: &'static str,
}

const COMPACT: Layout = Layout {
    indent: "",
    comma: ",",
    colon: ":",
};
const SPACED: Layout = Layout {
    indent: "",
    comma: ", ",
    colon: ": ",
};

const fn indented(indent: &'static str) -> Layout {
    Layout {
        indent,
        comma: ",",
        colon: ": ",
    }
}

/// The end of the text whose opening quote is at `from`.
pub(super) fn text_end(body: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < body.len() {
        match body[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    body.len()
}

/// Whether `body` may be a JSON document of several tokens.
pub(super) fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The tokens of `body` as they stand, with the white space of `layout`.
fn laid(body: &[u8], layout: &Layout) -> Option<Vec<u8>> {
    if !is_json(body) {
        return None;
    }
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len());
    let mut depth = 0usize;
    let mut at = 0;
    let line = |out: &mut Vec<u8>, depth: usize| {
        if !layout.indent.is_empty() {
            out.push(b'\n');
            (0..depth).for_each(|_| out.extend_from_slice(layout.indent.as_bytes()));
        }
    };
    while at < body.len() {
        let byte = body[at];
        let from = at;
        at += 1;
        match byte {
            b'"' => {
                at = text_end(body, from);
                out.extend_from_slice(&body[from..at]);
            }
            b'{' | b'[' => {
                out.push(byte);
                let inside = body[at..].iter().position(|byte| !byte.is_ascii_whitespace());
                if let Some(next) = inside.filter(|next| b"}]".contains(&body[at + next])) {
                    out.push(body[at + next]);
                    at += next + 1;
                    continue;
                }
                depth += 1;
                line(&mut out, depth);
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.extend_from_slice(layout.comma.as_bytes());
                line(&mut out, depth);
            }
            b':' => out.extend_from_slice(layout.colon.as_bytes()),
            _ if byte.is_ascii_whitespace() => {}
            _ => out.push(byte),
        }
        if depth > DEEPEST || out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// The body with its texts written as the style of that name does, and all else as it stands.
pub(super) fn retext(body: &[u8], style: &str) -> Option<Vec<u8>> {
    let style = Style::named(style)?;
    texts(body, json::text_writer(style))
}

/// The body with each text and key written by `write`, quotes included, and all else as it stands.
pub(super) fn texts(body: &[u8], mut write: impl FnMut(&str, &mut Vec<u8>)) -> Option<Vec<u8>> {
    if !is_json(body) || body.len() > 2 * SMALL {
        return None;
    }
    let most = longest(body);
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(next) = body[at..].iter().position(|byte| *byte == b'"') {
        let from = at + next;
        out.extend_from_slice(&body[at..from]);
        at = text_end(body, from);
        let raw = &body[from..at];
        if raw
            .iter()
            .any(|byte| *byte == b'\\' || !byte.is_ascii() || byte.is_ascii_punctuation())
        {
            write(&json::text(raw)?, &mut out);
        } else {
            out.extend_from_slice(raw);
        }
        if out.len() > most {
            return None;
        }
    }
    out.extend_from_slice(&body[at..]);
    Some(out)
}

/// Each `\uXXXX` in `body` that `is` names, with the character it is; the rest as it stands.
pub(super) fn unescaped(body: &[u8], is: fn(char) -> bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    let mut any = false;
    while let Some(next) = body[at..].iter().position(|byte| *byte == b'\\') {
        out.extend_from_slice(&body[at..at + next]);
        at += next;
        let unit = |at: usize| {
            let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
            Some(u16::from_be_bytes([hex_pair(digits)?, hex_pair(&digits[2..])?]))
        };
        let units: Vec<u16> = [unit(at), unit(at + 6)].into_iter().map_while(|unit| unit).collect();
        let char = char::decode_utf16(units).next().and_then(Result::ok);
        if let Some(char) = char.filter(|char| is(*char)) {
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            at += 6 * char.len_utf16();
            any = true;
        } else {
            let end = body.len().min(at + 2);
            out.extend_from_slice(&body[at..end]);
            at = end;
        }
    }
    out.extend_from_slice(&body[at..]);
    any.then_some(out)
}
