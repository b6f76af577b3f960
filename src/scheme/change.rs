//! What is made of a part before it is signed, written behind its name: `{body:sha256-hex}`, `{query:id:lower}`.

use std::borrow::Cow;
use std::fmt;

use super::hash::HashFunction;
use super::header::Encoding;
use super::mac::Kind;
use crate::json::{self, compact};

/// One change of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// ASCII letters in lower case.
    Lower,
    /// ASCII letters in upper case.
    Upper,
    /// Line breaks as CRLF.
    CrLf,
    /// In an encoding.
    Encoded(Encoding),
    /// A digest in an encoding.
    Digest(Digest),
    /// The CRC-32 of IEEE 802.3, as a decimal number.
    Crc32,
    /// JSON written again.
    Json(Canonical),
}

/// A digest in an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    pub(super) hash: &'static HashFunction,
    pub(super) encoding: Encoding,
}

impl Digest {
    /// The kind that is this digest of a content.
    pub(crate) fn plain_kind(self) -> Option<Kind> {
        Kind::all().find(|kind| kind.is_plain() && kind.name() == self.hash.name)
    }

    /// How it is written.
    pub(crate) fn encoding(self) -> Encoding {
        self.encoding
    }
}

/// A writing of JSON on which both sides agree, whatever was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Canonical {
    /// RFC 8785, the JSON Canonicalization Scheme.
    Jcs,
    /// As JavaScript writes it, the keys of every object sorted.
    Sorted,
    /// As JavaScript writes it.
    Compact,
}

/// Those that have a name of their own.
const NAMED: [(&str, Change); 10] = [
    ("lower", Change::Lower),
    ("upper", Change::Upper),
    ("crlf", Change::CrLf),
    ("base64", Change::Encoded(Encoding::Base64)),
    ("base64url", Change::Encoded(Encoding::Base64Url)),
    ("hex", Change::Encoded(Encoding::Hex)),
    ("crc32", Change::Crc32),
    ("jcs", Change::Json(Canonical::Jcs)),
    ("json-sorted", Change::Json(Canonical::Sorted)),
    ("json-compact", Change::Json(Canonical::Compact)),
];

/// What a digest may be.
const DIGESTS: [&str; 6] = ["md5", "sha1", "sha256", "sha384", "sha512", "keccak256"];

impl Change {
    /// The one of that name; a digest is named as `sha256-hex`.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some((_, change)) = NAMED.iter().find(|(own, _)| *own == name) {
            return Some(*change);
        }
        let (hash, encoding) = name.split_once('-')?;
        let encoding = match NAMED.iter().find(|(own, _)| *own == encoding)?.1 {
            Self::Encoded(encoding) => encoding,
            _ => return None,
        };
        let hash = DIGESTS.contains(&hash).then(|| HashFunction::named(hash))??;
        Some(Self::Digest(Digest { hash, encoding }))
    }

    /// Every name, for an error.
    pub(super) fn names() -> String {
        let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
        format!(
            "{} or a digest such as sha256-hex ({})",
            names.join(", "),
            DIGESTS.join(", ")
        )
    }

    /// What becomes of `bytes`; `None` where they are not what it takes, such as JSON.
    pub(crate) fn apply(self, bytes: &[u8]) -> Option<Vec<u8>> {
        // Nothing stays nothing.
        if matches!(self, Self::Json(_)) && bytes.is_empty() {
            return Some(Vec::new());
        }
        Some(match self {
            Self::Lower => bytes.to_ascii_lowercase(),
            Self::Upper => bytes.to_ascii_uppercase(),
            Self::CrLf => crlf(bytes),
            Self::Encoded(encoding) => encoding.encode(bytes).into_bytes(),
            Self::Digest(Digest { hash, encoding }) => encoding.encode(&hash.digest(bytes)).into_bytes(),
            Self::Crc32 => crc32fast::hash(bytes).to_string().into_bytes(),
            Self::Json(canonical) => {
                let value = compact::read(bytes)?;
                let style = match canonical {
                    Canonical::Jcs => &json::JCS,
                    Canonical::Sorted => &json::JAVASCRIPT_SORTED,
                    Canonical::Compact => &json::JAVASCRIPT,
                };
                compact::rewrite(&value, style, usize::MAX)?
            }
        })
    }
}

/// Every line break as CRLF, whatever it was.
fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    for byte in bytes {
        match byte {
            b'\n' if last == b'\r' => out.push(b'\n'),
            b'\n' => out.extend_from_slice(b"\r\n"),
            byte => {
                if last == b'\r' {
                    out.push(b'\n');
                }
                out.push(*byte);
            }
        }
        last = *byte;
    }
    if last == b'\r' {
        out.push(b'\n');
    }
    out
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |encoding| {
            let named = NAMED.iter().find(|(_, own)| *own == Self::Encoded(encoding));
            named.map_or("hex", |(name, _)| *name)
        };
        let text: Cow<'_, str> = match self {
            Self::Digest(Digest { hash, encoding }) => format!("{}-{}", hash.name, name(*encoding)).into(),
            other => NAMED
                .iter()
                .find(|(_, own)| own == other)
                .map_or("", |(name, _)| *name)
                .into(),
        };
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(name: &str, bytes: &[u8]) -> String {
        let change = Change::named(name).unwrap();
        assert_eq!(change.to_string(), name);
        String::from_utf8(change.apply(bytes).unwrap()).unwrap()
    }

    /// Each right side is what Python 3.12's hashlib, zlib, base64 and str give, but for Keccak-256, which is Ethereum's
    /// published answer for nothing (ethereum/execution-specs, the code hash of an empty account).
    #[test]
    fn parts_are_changed_as_other_implementations_do() {
        for (name, bytes, expected) in [
            ("lower", "ÄAz-9", "Äaz-9"),
            ("upper", "aZ9", "AZ9"),
            ("md5-hex", "abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1-base64", "abc", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
            (
                "sha256-hex",
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "keccak256-hex",
                "",
                "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            ),
            ("crc32", "123456789", "3421780262"),
            ("base64", "\u{ff}", "w78="),
            ("crlf", "a\nb\r\nc\rd\r", "a\r\nb\r\nc\r\nd\r\n"),
        ] {
            assert_eq!(changed(name, bytes.as_bytes()), expected, "{name}");
        }
        assert!(Change::named("sha3-512-hex").is_none() && Change::named("sha256").is_none());
        assert_eq!(Change::Json(Canonical::Jcs).apply(b"{"), None);
    }

    /// The example of RFC 8785, section 3.2.2, and what it becomes in section 3.2.3; the keys of section 3.2.3's second
    /// example.
    #[test]
    fn canonical_json_is_that_of_the_rfc() {
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(changed("jcs", input.as_bytes()), expected);
        let keys =
            r#"{"\u20ac":"","\r":"","\ufb33":"","1":"","\ud83d\ude00":"","\u0080":"","\u00f6":"","10":"","9":""}"#;
        let expected = "{\"\\r\":\"\",\"1\":\"\",\"10\":\"\",\"9\":\"\",\"\u{80}\":\"\",\"ö\":\"\",\"€\":\"\",\"😀\":\"\",\"\u{fb33}\":\"\"}";
        assert_eq!(changed("jcs", keys.as_bytes()), expected);
        assert_eq!(
            changed("json-sorted", br#"{"b":{"z":1.0,"y":[]},"a":2}"#),
            r#"{"a":2,"b":{"y":[],"z":1}}"#
        );
    }
}
