//! Words of hex and base64 in a text, at every alignment, once or twice encoded, and with escapes undone.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex_lite::Regex;

use super::{Flaw, SHORTEST};
use crate::explain::cause::Kind;
use crate::scheme::Encoding;

/// What is wrong with an odd number of hex digits, where a nought before them gives the MAC.
pub(in crate::explain) const NOUGHT_LOST: &str =
    "the `0` at the beginning of the hex text is missing, as where it is written as a number";

/// A run of hex or base64 digits.
pub(super) struct Word<'a> {
    text: &'a str,
    pub(super) range: Range<usize>,
    is_hex: bool,
    /// Whether it is the run as it stands, and not a part that begins later.
    pub(super) is_whole: bool,
}

static HEX: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[0-9A-Fa-f]{32,}").ok());
static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[0-9A-Za-z+/_-]{22,}={0,2}").ok());

/// Each run, and each of its alignments: a MAC may have been cut anywhere, or have other digits before it.
pub(super) fn all(text: &str) -> Vec<Word<'_>> {
    let mut all = Vec::new();
    for (pattern, is_hex, alignments) in [(&HEX, true, 2), (&BASE64, false, 4)] {
        let Some(pattern) = pattern.as_ref() else { continue };
        for found in pattern.find_iter(text) {
            for from in 0..alignments {
                let range = found.start() + from..found.end();
                all.push(Word {
                    text: &text[range.clone()],
                    range,
                    is_hex,
                    is_whole: from == 0,
                });
            }
        }
    }
    all.sort_by_key(|word| !word.is_whole);
    all
}

/// The encoding of a text that one of them decodes.
pub(super) fn encoding_of(text: &str) -> &'static str {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (is_hex, text.bytes().any(|byte| byte.is_ascii_uppercase())) {
        (true, true) => "hex-upper",
        (true, false) => "hex",
        (false, _) if text.contains(['-', '_']) => "base64url",
        (false, _) => "base64",
    }
}

impl Word<'_> {
    /// Every tag that it may be, how it is written, and what is wrong with that.
    pub(super) fn tags(&self, expected: Encoding) -> Vec<(Vec<u8>, &'static str, Option<Flaw>)> {
        let mut all = Vec::new();
        let wants_hex = matches!(expected, Encoding::Hex | Encoding::HexUpper);
        let expects = if wants_hex { "hex" } else { "base64" };
        let Some(tag) = (if self.is_hex {
            of_hex(self.text)
        } else {
            of_base64(self.text)
        }) else {
            return all;
        };
        for (inner, encoding, what) in twice(&tag, self.is_hex) {
            let flaw = format!("{what}: {expects} of its bytes is due");
            all.push((inner, encoding, Some((Kind::SignatureEncoding, flaw))));
        }
        // A number's leading zero is not written.
        if self.is_hex && self.is_whole && self.text.len() % 2 == 1 {
            let flaw = (Kind::SignatureEncoding, NOUGHT_LOST.to_owned());
            all.extend(of_hex(&format!("0{}", self.text)).map(|tag| (tag, "hex", Some(flaw))));
        }
        let (name, flaw) = if self.is_hex {
            (encoding_of(self.text), of_digits(self.text, expected))
        } else {
            let name = encoding_of(self.text);
            let name = if name.starts_with("hex") { "base64" } else { name };
            (name, of_letters(self.text, expected, name))
        };
        all.push((tag, name, flaw));
        all
    }
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(&text[..text.len() - text.len() % 2]).ok()
}

fn of_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    // One character alone holds no byte: the text was cut there.
    let whole = &digits[..digits.len() - usize::from(digits.len() % 4 == 1)];
    STANDARD.decode(whole.replace('-', "+").replace('_', "/")).ok()
}

/// What is wrong with hex digits where `expected` is written.
fn of_digits(text: &str, expected: Encoding) -> Option<Flaw> {
    let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    let case = |what: &str| Some((Kind::SignatureCase, format!("the hex digits are {what}")));
    match (expected, upper, lower) {
        (Encoding::Base64 | Encoding::Base64Url | Encoding::Base64UrlPadded, ..) => {
            let flaw = "the MAC is written in hex, and not in base64".to_owned();
            Some((Kind::SignatureEncoding, flaw))
        }
        (_, true, true) => case("of both cases"),
        (Encoding::Hex, true, false) => case("in upper case"),
        (Encoding::HexUpper, false, true) => case("in lower case"),
        _ => None,
    }
}

/// The same for base64.
fn of_letters(text: &str, expected: Encoding, name: &'static str) -> Option<Flaw> {
    if expected.decode(text).is_some() {
        return None;
    }
    let how = match expected {
        Encoding::Hex | Encoding::HexUpper => format!("the MAC is written in {name}, and not in hex"),
        Encoding::Base64 if name == "base64" && !text.ends_with('=') => {
            "the `=` at the end of the base64 text is missing".to_owned()
        }
        _ => format!("the MAC is written in {name}, and not as this scheme does"),
    };
    Some((Kind::SignatureEncoding, how))
}

/// A text that was encoded once more: PHP and shells make base64 of the hex text rather than of the bytes.
fn twice(tag: &[u8], was_hex: bool) -> Vec<(Vec<u8>, &'static str, String)> {
    let Some(text) = std::str::from_utf8(tag).ok().filter(|text| text.is_ascii()) else {
        return Vec::new();
    };
    let text = text.trim();
    // `sha256=` may have been encoded with it.
    let bare =
        text.rsplit_once(['=', ':', ',']).map_or(
            text,
            |(before, behind)| {
                if behind.len() >= 2 * SHORTEST { behind } else { before }
            },
        );
    let outer = if was_hex { "hex" } else { "base64" };
    let mut all = Vec::new();
    for text in [text, bare] {
        if text.len() >= 2 * SHORTEST
            && let Some(inner) = of_hex(text).filter(|_| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            let what = format!("the MAC's hex text is written in {outer}");
            all.push((inner, if was_hex { "hex of hex" } else { "base64 of hex" }, what));
        }
        let is_base64 = text.len() >= 22
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
        if let Some(inner) = of_base64(text).filter(|_| is_base64) {
            let what = format!("the MAC's base64 text is written in {outer}");
            all.push((inner, if was_hex { "hex of base64" } else { "base64 of base64" }, what));
        }
    }
    all
}

/// The text with escapes undone, where it has any.
pub(super) fn unescaped(text: &str) -> Vec<(&'static str, String)> {
    let rows: [(&'static str, &[(&str, &str)]); 6] = [
        (
            "escaped as JSON escapes",
            &[
                ("\\/", "/"),
                ("\\u002b", "+"),
                ("\\u002B", "+"),
                ("\\u003d", "="),
                ("\\u003D", "="),
                ("\\u002f", "/"),
                ("\\u002F", "/"),
            ],
        ),
        (
            "URL-encoded",
            &[
                ("%2B", "+"),
                ("%2b", "+"),
                ("%2F", "/"),
                ("%2f", "/"),
                ("%3D", "="),
                ("%3d", "="),
            ],
        ),
        (
            "escaped for HTML",
            &[
                ("&#43;", "+"),
                ("&#x2B;", "+"),
                ("&#47;", "/"),
                ("&#x2F;", "/"),
                ("&#61;", "="),
                ("&#x3D;", "="),
                ("&quot;", "\""),
            ],
        ),
        ("decoded as a form, where `+` becomes a space", &[(" ", "+")]),
        ("in quoted-printable", &[("=3D", "="), ("=\n", "")]),
        (
            "broken into lines, as Ruby's `encode64` and MIME write base64",
            &[("\r\n", ""), ("\n", "")],
        ),
    ];
    let mut all = Vec::new();
    for (what, escapes) in rows {
        let mut plain = text.to_owned();
        for (escape, char) in escapes {
            plain = plain.replace(escape, char);
        }
        if plain != text {
            all.push((what, plain));
        }
    }
    all
}

const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
