//! The table of bodies: what becomes of one between a signer and a verifier.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use unicode_normalization::UnicodeNormalization as _;

use super::cause::Kind;
use super::secret::{replace, url_encode};
use crate::json::{self, STYLES, Style, Value};

/// A body may grow to this many times its size and this many bytes, and no further.
const GROWTH: usize = 2;
const GROUND: usize = 4 * 1024 * 1024;
/// What may grow beyond that is tried on bodies up to this size only, in bytes.
const SMALL: usize = 1024 * 1024;
/// What one value of parsed JSON takes at most beside its text, in bytes.
const VALUE: usize = 112;

/// The bytes that may have been signed.
pub(super) struct Variant<'a> {
    /// Nothing for the body as it came.
    pub(super) kind: Option<Kind>,
    /// The step in a recipe.
    pub(super) step: String,
    /// What it is, in words.
    pub(super) what: String,
    pub(super) bytes: Cow<'a, [u8]>,
    /// The style, where it is JSON written again.
    pub(super) style: Option<&'static Style>,
}

impl<'a> Variant<'a> {
    /// The body as it came.
    pub(super) fn own(body: &'a [u8]) -> Self {
        Self {
            kind: None,
            step: String::new(),
            what: String::new(),
            bytes: body.into(),
            style: None,
        }
    }
}

struct Row {
    kind: Kind,
    step: &'static str,
    what: &'static str,
    apply: fn(&[u8]) -> Option<Vec<u8>>,
}

/// How many rows stand before the styles.
const BEFORE_STYLES: usize = 12;

/// The likeliest first.
const ROWS: &[Row] = &[
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

/// Every way the body may have been written, one at a time: at most a few are held.
pub(super) struct Bodies<'a> {
    body: &'a [u8],
    value: Option<Value>,
    hasher: RandomState,
    /// Whether the body is JSON that takes too much memory to be read.
    pub(super) too_large: bool,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        let marks = body.iter().filter(|byte| b",:[{".contains(byte)).count();
        let json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        let too_large = json && marks.saturating_mul(VALUE) > 16 * 1024 * 1024 + 2 * body.len();
        let value = if json && !too_large {
            json::parse(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
        } else {
            None
        };
        Self {
            body,
            value,
            hasher: RandomState::new(),
            too_large,
        }
    }

    /// Shows each variant that is not the body itself, once, until `visit` says no.
    pub(super) fn each(&self, visit: &mut dyn FnMut(Variant<'_>) -> bool) {
        let mut seen = HashSet::from([self.hasher.hash_one(self.body)]);
        let mut show = |variant: Variant<'_>| !seen.insert(self.hasher.hash_one(&*variant.bytes)) || visit(variant);
        let (first, rest) = ROWS.split_at(BEFORE_STYLES);
        if !self.rows(first, &mut show) || !self.styles(&mut show) {
            return;
        }
        self.rows(rest, &mut show);
    }

    fn rows(&self, rows: &[Row], show: &mut dyn FnMut(Variant<'_>) -> bool) -> bool {
        rows.iter().all(|row| match (row.apply)(self.body) {
            Some(bytes) => show(Variant {
                kind: Some(row.kind),
                step: row.step.to_owned(),
                what: row.what.to_owned(),
                bytes: bytes.into(),
                style: None,
            }),
            None => true,
        })
    }

    fn styles(&self, show: &mut dyn FnMut(Variant<'_>) -> bool) -> bool {
        let Some(value) = &self.value else { return true };
        STYLES
            .iter()
            .all(|style| match json::rewrite(value, style, longest(self.body)) {
                Some(bytes) => show(Variant {
                    kind: Some(Kind::BodyReserialised),
                    step: format!("json:{}", style.name),
                    what: String::new(),
                    bytes: bytes.into(),
                    style: Some(style),
                }),
                None => true,
            })
    }

    /// Every style that writes `bytes`.
    pub(super) fn writers(&self, bytes: &[u8]) -> Vec<&'static Style> {
        let Some(value) = &self.value else { return Vec::new() };
        let writes = |style: &&Style| json::rewrite(value, style, longest(self.body)).is_some_and(|own| own == bytes);
        STYLES.iter().filter(writes).collect()
    }
}

/// How long a variant may be.
fn longest(body: &[u8]) -> usize {
    body.len().saturating_mul(GROWTH).saturating_add(GROUND)
}

/// The class of writers in words: "compact JSON, as JavaScript, Go and serde_json write it".
pub(super) fn class(styles: &[&'static Style]) -> String {
    let layout = styles.first().map_or("JSON", |style| style.layout());
    let mut runtimes: Vec<&str> = Vec::new();
    for style in styles {
        // The rows for fixtures are no runtime of anybody's.
        if !runtimes.contains(&style.runtime) && (!style.name.starts_with("as-written") || styles.len() == 1) {
            runtimes.push(style.runtime);
        }
    }
    match runtimes.as_slice() {
        [] => layout.to_owned(),
        [one] => format!("{layout}, as {one} writes it"),
        [most @ .., last] => format!("{layout}, as {} and {last} write it", most.join(", ")),
    }
}

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

fn foreign(body: &[u8]) -> bool {
    !body.is_ascii()
}

/// Windows-1252, from the Unicode consortium's CP1252.TXT; the five bytes it leaves open are the C1 controls, as the
/// WHATWG has it.
fn windows(byte: u8) -> char {
    const HIGH: [u16; 32] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0x9d, 0x017e, 0x0178,
    ];
    match byte {
        0x80..=0x9f => char::from_u32(HIGH[usize::from(byte - 0x80)].into()).unwrap_or_default(),
        _ => char::from(byte),
    }
}

fn normal(body: &[u8], form: fn(&str) -> String) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
    // The compatibility forms can make eighteen characters of one.
    (body.len() <= SMALL).then(|| form(text).into_bytes())
}

const HTML: [(u8, &str); 5] = [
    (b'&', "&amp;"),
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'"', "&quot;"),
    (b'\'', "&#039;"),
];

fn html_escape(body: &[u8], table: &[(u8, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for byte in body {
        match table.iter().find(|(own, _)| own == byte) {
            Some((_, escape)) if out.len() < longest(body) => out.extend_from_slice(escape.as_bytes()),
            _ => out.push(*byte),
        }
    }
    out
}

fn html_unescape(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut out = text.to_owned();
    for (escape, char) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#039;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x60;", "`"),
        ("&#x3D;", "="),
        ("&amp;", "&"),
    ] {
        if out.contains(escape) {
            out = out.replace(escape, char);
        }
    }
    Some(out.into_bytes())
}

/// The body, written compact, with its texts escaped for HTML as templates do, or not.
fn html_values(body: &[u8], escape: bool) -> Option<Vec<u8>> {
    fn change(value: &mut Value, escape: bool) {
        match value {
            Value::String(text) => {
                let changed = if escape {
                    let table = [HTML[0], HTML[1], HTML[2], HTML[3], (b'\'', "&#x27;")];
                    Some(html_escape(text.as_bytes(), &table))
                } else {
                    html_unescape(text.as_bytes())
                };
                if let Some(changed) = changed.and_then(|bytes| String::from_utf8(bytes).ok()) {
                    *text = changed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| change(item, escape)),
            Value::Object(members) => members.values_mut().for_each(|item| change(item, escape)),
            _ => {}
        }
    }
    if body.len() > SMALL / 4 {
        return None;
    }
    let mut value = json::parse(body).ok()?;
    change(&mut value, escape);
    json::rewrite(&value, &json::JAVASCRIPT, longest(body))
}

fn form_as_json(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() > SMALL / 4 {
        return None;
    }
    let fields = form_urlencoded::parse(body);
    let fields = fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    json::rewrite(&Value::Object(fields.collect()), &json::JAVASCRIPT, longest(body))
}

fn form_again(body: &[u8], space: &[u8]) -> Option<Vec<u8>> {
    if body.len() > SMALL || !body.contains(&b'=') {
        return None;
    }
    let mut out = Vec::new();
    for (index, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        for (index, text) in [name, value].iter().enumerate() {
            if index > 0 {
                out.push(b'=');
            }
            out.extend_from_slice(&url_encode(text.as_bytes()));
        }
    }
    replace(&out, b"%20", space)
}
