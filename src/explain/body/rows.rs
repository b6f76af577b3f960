//! The rows: every change of a body but JSON written again.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use unicode_normalization::UnicodeNormalization as _;

use super::charset::{foreign, normal, windows};
use super::form::{form_again, form_as_json};
use super::html::{HTML, html_escape, html_unescape, html_values};
use super::{SMALL, longest};
use crate::explain::cause::Kind;
use crate::explain::secret::{replace, url_encode};
use crate::json::{self, Style, Value};

/// One row: what is made of a body.
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) step: &'static str,
    pub(super) what: &'static str,
    pub(super) apply: fn(&[u8]) -> Option<Vec<u8>>,
}

/// How many rows stand before the styles.
pub(super) const BEFORE_STYLES: usize = 12;

/// The likeliest first.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: Kind::BodyEmpty,
        step: "empty",
        what: "an empty body, as is left where a parser has read the stream before",
        apply: |_| Some(Vec::new()),
    },
    Row {
        kind: Kind::BodyEmpty,
        step: "constant:{}",
        what: "`{}` in the body's place, which is what a body that was not parsed becomes",
        apply: |_| Some(b"{}".to_vec()),
    },
    Row {
        kind: Kind::BodyEmpty,
        step: "constant:[object Object]",
        what: "`[object Object]` in the body's place, which is what an object becomes as text",
        apply: |_| Some(b"[object Object]".to_vec()),
    },
    Row {
        kind: Kind::BodyEmpty,
        step: "constant:undefined",
        what: "`undefined` in the body's place",
        apply: |_| Some(b"undefined".to_vec()),
    },
    Row {
        kind: Kind::BodyEmpty,
        step: "constant:null",
        what: "`null` in the body's place",
        apply: |_| Some(b"null".to_vec()),
    },
    Row {
        kind: Kind::BodyEmpty,
        step: "constant:None",
        what: "`None` in the body's place",
        apply: |_| Some(b"None".to_vec()),
    },
    Row {
        kind: Kind::BodyNewline,
        step: "strip:\\n",
        what: "the body without the line break at its end",
        apply: |body| {
            let body = body.strip_suffix(b"\n")?;
            Some(body.strip_suffix(b"\r").unwrap_or(body).to_vec())
        },
    },
    Row {
        kind: Kind::BodyLineEndings,
        step: "crlf-to-lf",
        what: "the body with LF for CRLF line breaks",
        apply: |body| replace(body, b"\r\n", b"\n"),
    },
    Row {
        kind: Kind::BodyLineEndings,
        step: "lf-to-crlf",
        what: "the body with CRLF for LF line breaks",
        apply: |body| {
            let unix = replace(body, b"\r\n", b"\n")?;
            replace(&unix, b"\n", b"\r\n")
        },
    },
    Row {
        kind: Kind::BodyWhitespace,
        step: "trim",
        what: "the body without the white space around it",
        apply: |body| Some(body.trim_ascii().to_vec()),
    },
    Row {
        kind: Kind::BodyBom,
        step: "strip:BOM",
        what: "the body without the byte order mark at its beginning",
        apply: |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
    },
    Row {
        kind: Kind::BodyBom,
        step: "prepend:BOM",
        what: "the body with a byte order mark before it",
        apply: |body| Some([b"\xef\xbb\xbf", body].concat()),
    },
    Row {
        kind: Kind::BodyWhitespace,
        step: "minify",
        what: "the body without the white space between its JSON tokens",
        apply: |body| Some(minify(body)),
    },
    Row {
        kind: Kind::BodyWhitespace,
        step: "remove white space",
        what: "the body without any white space",
        apply: |body| {
            Some(
                body.iter()
                    .copied()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect(),
            )
        },
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "json-string",
        what: "the body as one JSON string, which is JSON encoded twice",
        apply: |body| written_string(body, "javascript"),
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "json-string:python",
        what: "the body as one JSON string by Python, which is JSON encoded twice",
        apply: |body| written_string(body, "python"),
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "json-string:php",
        what: "the body as one JSON string by PHP, which is JSON encoded twice",
        apply: |body| written_string(body, "php"),
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "decode-json-string",
        what: "the text inside the JSON string that the body is",
        apply: |body| match json::parse(body.starts_with(b"\"").then_some(body)?) {
            Ok(Value::String(text)) => Some(text.into_bytes()),
            _ => None,
        },
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "decode-base64",
        what: "the body decoded from base64, as some gateways hand it over",
        apply: |body| STANDARD.decode(body).ok(),
    },
    Row {
        kind: Kind::BodyDoubleEncoded,
        step: "to-base64",
        what: "the body as base64, as some gateways hand it over",
        apply: |body| Some(STANDARD.encode(body).into_bytes()),
    },
    Row {
        kind: Kind::BodyCompression,
        step: "gunzip",
        what: "the body uncompressed from gzip",
        apply: |body| {
            (body.starts_with(b"\x1f\x8b")).then(|| inflate(flate2::read::MultiGzDecoder::new(body), body))?
        },
    },
    Row {
        kind: Kind::BodyCompression,
        step: "inflate-zlib",
        what: "the body uncompressed from deflate",
        apply: |body| (body.first() == Some(&0x78)).then(|| inflate(flate2::read::ZlibDecoder::new(body), body))?,
    },
    Row {
        kind: Kind::BodyCompression,
        step: "inflate",
        what: "the body uncompressed from raw deflate",
        apply: |body| inflate(flate2::read::DeflateDecoder::new(body), body),
    },
    Row {
        kind: Kind::BodyCharset,
        step: "latin-1-to-utf-8",
        what: "the body's UTF-8 taken for Latin-1 and encoded again",
        apply: |body| {
            foreign(body).then(|| {
                body.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes()
            })
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "utf-8-to-latin-1",
        what: "the body in Latin-1 in place of UTF-8",
        apply: |body| {
            let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
            text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect()
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "windows-1252-to-utf-8",
        what: "the body's UTF-8 taken for Windows-1252 and encoded again",
        apply: |body| foreign(body).then(|| body.iter().map(|byte| windows(*byte)).collect::<String>().into_bytes()),
    },
    Row {
        kind: Kind::BodyCharset,
        step: "utf-8-to-windows-1252",
        what: "the body in Windows-1252 in place of UTF-8",
        apply: |body| {
            let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
            text.chars()
                .map(|char| (0..=255).find(|byte| windows(*byte) == char))
                .collect()
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "ascii:7-bit",
        what: "the body with the eighth bit of each byte taken away, as Node's `ascii` does",
        apply: |body| foreign(body).then(|| body.iter().map(|byte| byte & 0x7f).collect()),
    },
    Row {
        kind: Kind::BodyCharset,
        step: "ascii:?",
        what: "the body with `?` for each character beyond ASCII",
        apply: |body| {
            let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
            Some(
                text.chars()
                    .map(|char| if char.is_ascii() { char as u8 } else { b'?' })
                    .collect(),
            )
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "ascii:? per byte",
        what: "the body with `?` for each byte beyond ASCII",
        apply: |body| {
            let ascii = |byte: &u8| if byte.is_ascii() { *byte } else { b'?' };
            foreign(body).then(|| body.iter().map(ascii).collect())
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "ascii:U+FFFD per byte",
        what: "the body decoded as ASCII, with a replacement character for each other byte",
        apply: |body| {
            let ascii = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
            foreign(body).then(|| body.iter().map(ascii).collect::<String>().into_bytes())
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "utf-8:lossy",
        what: "the body decoded as UTF-8, with a replacement character for what is none",
        apply: |body| match String::from_utf8_lossy(body) {
            Cow::Owned(text) => Some(text.into_bytes()),
            Cow::Borrowed(_) => None,
        },
    },
    Row {
        kind: Kind::BodyCharset,
        step: "utf-16le",
        what: "the body in UTF-16",
        apply: |body| {
            let text = std::str::from_utf8(body).ok()?;
            Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
        },
    },
    Row {
        kind: Kind::BodyUnicodeNormalised,
        step: "nfc",
        what: "the body in Unicode's composed form (NFC)",
        apply: |body| normal(body, |text| text.nfc().collect()),
    },
    Row {
        kind: Kind::BodyUnicodeNormalised,
        step: "nfd",
        what: "the body in Unicode's decomposed form (NFD)",
        apply: |body| normal(body, |text| text.nfd().collect()),
    },
    Row {
        kind: Kind::BodyUnicodeNormalised,
        step: "nfkc",
        what: "the body in Unicode's compatibility form (NFKC)",
        apply: |body| normal(body, |text| text.nfkc().collect()),
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-unescape",
        what: "the body with its HTML escapes undone",
        apply: |body| body.contains(&b'&').then(|| html_unescape(body))?,
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape:&<>",
        what: "the body with `&`, `<` and `>` escaped for HTML",
        apply: |body| Some(html_escape(body, &HTML[..3])),
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape:&<>\"",
        what: "the body with `&`, `<`, `>` and `\"` escaped for HTML",
        apply: |body| Some(html_escape(body, &HTML[..4])),
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape:&<>\"' (&#039;)",
        what: "the body escaped for HTML, as PHP's htmlspecialchars does",
        apply: |body| Some(html_escape(body, &HTML[..5])),
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape:&<>\"' (&#39;)",
        what: "the body escaped for HTML",
        apply: |body| {
            Some(html_escape(
                body,
                &[HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#39;")],
            ))
        },
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape:&<>\"' (&#x27;)",
        what: "the body escaped for HTML, as Python's html.escape does",
        apply: |body| {
            Some(html_escape(
                body,
                &[HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#x27;")],
            ))
        },
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-escape-values",
        what: "the body with its text values escaped for HTML",
        apply: |body| html_values(body, true),
    },
    Row {
        kind: Kind::BodyHtmlEscaped,
        step: "html-unescape-values",
        what: "the body with the HTML escapes of its text values undone",
        apply: |body| html_values(body, false),
    },
    Row {
        kind: Kind::BodyForm,
        step: "form-value",
        what: "the value in the form that the body is",
        apply: |body| {
            let mut fields = form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty());
            let (_, value) = fields.next()?;
            fields.next().is_none().then(|| value.into_owned().into_bytes())
        },
    },
    Row {
        kind: Kind::BodyForm,
        step: "form-as-json",
        what: "the form's fields as JSON, as `JSON.stringify(req.body)` writes them",
        apply: form_as_json,
    },
    Row {
        kind: Kind::BodyForm,
        step: "form-encode",
        what: "the form's fields encoded again, spaces as `+`",
        apply: |body| form_again(body, b"+"),
    },
    Row {
        kind: Kind::BodyForm,
        step: "form-encode:%20",
        what: "the form's fields encoded again, spaces as `%20`",
        apply: |body| form_again(body, b"%20"),
    },
    Row {
        kind: Kind::BodyForm,
        step: "form-field:payload",
        what: "the body as the field `payload` of a form",
        apply: |body| (body.len() <= SMALL).then(|| [b"payload=".to_vec(), url_encode(body)].concat()),
    },
    Row {
        kind: Kind::BodyForm,
        step: "append:=",
        what: "the body with `=` behind it, as a form parser makes of JSON",
        apply: |body| Some([body, b"="].concat()),
    },
];

/// Takes out the white space between JSON's tokens.
fn minify(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut in_text = false;
    let mut escaped = false;
    for byte in body {
        if in_text {
            in_text = *byte != b'"' || escaped;
            escaped = *byte == b'\\' && !escaped;
        } else if byte.is_ascii_whitespace() {
            continue;
        } else if *byte == b'"' {
            in_text = true;
        }
        out.push(*byte);
    }
    out
}

fn written_string(body: &[u8], style: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    json::rewrite(&Value::String(text.to_owned()), Style::named(style)?, longest(body))
}

fn inflate(from: impl Read, body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let most = longest(body) as u64;
    from.take(most + 1).read_to_end(&mut out).ok()?;
    (!out.is_empty() && out.len() as u64 <= most).then_some(out)
}
