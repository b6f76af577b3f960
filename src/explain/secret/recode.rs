//! The rows: what encoders, decoders and hash functions make of a secret's bytes in the key's place. Decoders that take
//! what is no base64 and no hex do so each in their own way.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::explain::cause::Kind;
use crate::explain::lenient::{self, BASE64, is_letter, swapped};

/// One row.
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) step: &'static str,
    pub(super) what: &'static str,
    /// Whether it is tried with other changes together.
    pub(super) is_likely: bool,
    pub(super) apply: fn(&[u8]) -> Option<Vec<u8>>,
}

const fn row(kind: Kind, step: &'static str, what: &'static str, apply: fn(&[u8]) -> Option<Vec<u8>>) -> Row {
    Row {
        kind,
        step,
        what,
        is_likely: false,
        apply,
    }
}

const fn likely(row: Row) -> Row {
    Row { is_likely: true, ..row }
}

pub(super) const RECODED: &[Row] = &[
    likely(row(Kind::SecretBase64, "to-base64", "encoded as base64", |text| {
        Some(STANDARD.encode(text).into_bytes())
    })),
    likely(row(Kind::SecretHex, "to-hex", "encoded as hex", |text| {
        Some(hex::encode(text).into_bytes())
    })),
    likely(row(
        Kind::SecretHex,
        "to-hex-upper",
        "encoded as upper-case hex",
        |text| Some(hex::encode_upper(text).into_bytes()),
    )),
    row(
        Kind::SecretBase64,
        "base64:node",
        "decoded from base64 as Node does, which takes `-` and `_`, passes over what is no base64 and ends at `=`",
        lenient::node,
    ),
    row(
        Kind::SecretBase64,
        "base64:python",
        "decoded from base64 as Python, PHP and Java's MIME decoder do, which pass over what is no base64, `-` and `_` too",
        lenient::passing,
    ),
    row(
        Kind::SecretBase64,
        "base64:ruby",
        "decoded from base64 as Ruby's unpack does, which ends at `=`",
        lenient::ruby,
    ),
    row(
        Kind::SecretBase64,
        "base64:go",
        "decoded from base64 up to the first character that is none, as Go does where the error is not looked at",
        |text| {
            let end = text.iter().position(|byte| !is_letter(*byte)).unwrap_or(text.len());
            let end = end - end % 4;
            STANDARD_NO_PAD.decode(&text[..end]).ok()
        },
    ),
    row(
        Kind::SecretBase64,
        "base64url:go",
        "decoded from base64url up to the first character that is none, as Go does where the error is not looked at",
        |text| {
            let is_own = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            let end = text.iter().position(|byte| !is_own(*byte)).unwrap_or(text.len());
            let end = end - end % 4;
            URL_SAFE_NO_PAD.decode(&text[..end]).ok()
        },
    ),
    row(
        Kind::SecretHex,
        "hex:node",
        "decoded from hex up to the first character that is none, as Node and Go do",
        |text| Some(leading_hex(text)),
    ),
    row(
        Kind::SecretHex,
        "hex:ruby",
        "decoded from hex by Ruby's and Perl's pack, which take any letter",
        |text| {
            packed_hex(text, |byte| match byte {
                byte if byte.is_ascii_alphabetic() => ((byte & 15) + 9) & 15,
                byte => byte & 15,
            })
        },
    ),
    row(
        Kind::SecretHex,
        "hex:php",
        "decoded from hex by PHP's pack, which takes a nought for what is none",
        |text| {
            packed_hex(text, |byte| {
                char::from(byte)
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
                    .unwrap_or(0)
            })
        },
    ),
    row(
        Kind::SecretHex,
        "hex:java",
        "decoded from hex by hand with Java's Character.digit, which gives -1 for what is none",
        |text| {
            let digit = |byte: u8| char::from(byte).to_digit(16).map_or(-1, |digit| digit as i32);
            text.len().is_multiple_of(2).then(|| {
                let pair = |two: &[u8]| ((digit(two[0]) << 4) + digit(two[1])).to_le_bytes()[0];
                text.chunks_exact(2).map(pair).collect()
            })
        },
    ),
    row(
        Kind::SecretBase64,
        "base64 twice",
        "decoded from base64 twice",
        |text| decoded(&decoded(text)?),
    ),
    row(
        Kind::SecretBase64,
        "base64 then hex",
        "decoded from base64 and then from hex",
        |text| hex::decode(decoded(text)?.trim_ascii()).ok(),
    ),
    row(
        Kind::SecretHex,
        "hex then base64",
        "decoded from hex and then from base64",
        |text| decoded(&hex::decode(text).ok()?),
    ),
    row(
        Kind::SecretBase64,
        "base64 then trim",
        "decoded from base64 and without the white space around that",
        |text| Some(decoded(text)?.trim_ascii().to_vec()),
    ),
    row(
        Kind::SecretBase64,
        "base64 then utf-8:lossy",
        "decoded from base64 and taken for UTF-8 text, with a replacement character for what is none, as Buffer.toString does",
        |text| {
            let bytes = decoded(text)?;
            Some(String::from_utf8_lossy(&bytes).into_owned().into_bytes())
        },
    ),
    row(
        Kind::SecretBase64,
        "base64 then latin-1-to-utf-8",
        "decoded from base64 to a text of Latin-1, as JavaScript's atob does, and that as UTF-8",
        |text| {
            Some(
                decoded(text)?
                    .iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    ),
    row(
        Kind::SecretHex,
        "hex then utf-8:lossy",
        "decoded from hex and taken for UTF-8 text, with a replacement character for what is none",
        |text| {
            let bytes = hex::decode(text).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned().into_bytes())
        },
    ),
    row(
        Kind::SecretHex,
        "hex then latin-1-to-utf-8",
        "decoded from hex to a text of Latin-1, and that as UTF-8",
        |text| {
            Some(
                hex::decode(text)
                    .ok()?
                    .iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes(),
            )
        },
    ),
    row(Kind::SecretBase64, "to-base64url", "encoded as base64url", |text| {
        Some(URL_SAFE.encode(text).into_bytes())
    }),
    row(
        Kind::SecretBase64,
        "to-base64:no-pad",
        "encoded as base64 without `=`",
        |text| Some(STANDARD_NO_PAD.encode(text).into_bytes()),
    ),
    row(
        Kind::SecretBase64,
        "to-base64url:no-pad",
        "encoded as base64url without `=`",
        |text| Some(URL_SAFE_NO_PAD.encode(text).into_bytes()),
    ),
    row(
        Kind::SecretBase64,
        "to-base64 then append:\\n",
        "encoded as base64, with the line break that the encoder writes",
        |text| Some(format!("{}\n", STANDARD.encode(text)).into_bytes()),
    ),
    row(
        Kind::SecretBase64,
        "append:\\n then to-base64",
        "with a line break encoded as base64, as `echo` piped into `base64` does",
        |text| Some(STANDARD.encode([text, b"\n"].concat()).into_bytes()),
    ),
    row(
        Kind::SecretHex,
        "append:\\n then to-hex",
        "with a line break encoded as hex",
        |text| Some(hex::encode([text, b"\n"].concat()).into_bytes()),
    ),
    row(
        Kind::SecretCharset,
        "utf-16le",
        "in UTF-16, as .NET's Encoding.Unicode writes it",
        |text| utf_16(text, u16::to_le_bytes),
    ),
    row(
        Kind::SecretCharset,
        "utf-16be",
        "in UTF-16, the high byte first, as Java and .NET's BigEndianUnicode write it",
        |text| utf_16(text, u16::to_be_bytes),
    ),
    row(
        Kind::SecretCharset,
        "utf-16:BOM",
        "in UTF-16 with a byte order mark, as Java's UTF-16 writes it",
        |text| Some([&[0xfe, 0xff][..], &utf_16(text, u16::to_be_bytes)?].concat()),
    ),
    row(
        Kind::SecretCharset,
        "utf-16le:BOM",
        "in UTF-16 with a byte order mark, as Python's utf-16 writes it",
        |text| Some([&[0xff, 0xfe][..], &utf_16(text, u16::to_le_bytes)?].concat()),
    ),
    row(Kind::SecretCharset, "utf-32le", "in UTF-32", |text| {
        let text = std::str::from_utf8(text).ok()?;
        Some(text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect())
    }),
    row(
        Kind::SecretHashed,
        "sha256 then hex",
        "hashed by SHA-256, as hex text",
        |text| Some(hex::encode(Sha256::digest(text)).into_bytes()),
    ),
    row(Kind::SecretHashed, "sha256", "hashed by SHA-256", |text| {
        Some(Sha256::digest(text).to_vec())
    }),
    row(
        Kind::SecretHashed,
        "sha256 then base64",
        "hashed by SHA-256, as base64 text",
        |text| Some(STANDARD.encode(Sha256::digest(text)).into_bytes()),
    ),
    row(
        Kind::SecretHashed,
        "md5 then hex",
        "hashed by MD5, as hex text",
        |text| Some(hex::encode(Md5::digest(text)).into_bytes()),
    ),
    row(Kind::SecretHashed, "md5", "hashed by MD5", |text| {
        Some(Md5::digest(text).to_vec())
    }),
    row(
        Kind::SecretHashed,
        "sha1 then hex",
        "hashed by SHA-1, as hex text",
        |text| Some(hex::encode(Sha1::digest(text)).into_bytes()),
    ),
    row(Kind::SecretHashed, "sha1", "hashed by SHA-1", |text| {
        Some(Sha1::digest(text).to_vec())
    }),
    row(
        Kind::SecretHashed,
        "sha512 then hex",
        "hashed by SHA-512, as hex text",
        |text| Some(hex::encode(Sha512::digest(text)).into_bytes()),
    ),
    row(Kind::SecretHashed, "sha512", "hashed by SHA-512", |text| {
        Some(Sha512::digest(text).to_vec())
    }),
    row(
        Kind::SecretHashed,
        "sha256 then hex-upper",
        "hashed by SHA-256, as upper-case hex text",
        |text| Some(hex::encode_upper(Sha256::digest(text)).into_bytes()),
    ),
    row(
        Kind::SecretQuoted,
        "node-buffer",
        "as Node writes a Buffer in JSON",
        |text| {
            let bytes: Vec<String> = text.iter().map(ToString::to_string).collect();
            Some(format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", bytes.join(",")).into_bytes())
        },
    ),
    row(
        Kind::SecretQuoted,
        "numbers",
        "as a list of numbers, as a Uint8Array becomes as text",
        |text| {
            let bytes: Vec<String> = text.iter().map(ToString::to_string).collect();
            Some(bytes.join(",").into_bytes())
        },
    ),
];

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(swapped(text.trim_ascii())).ok()
}

/// The bytes up to the first two characters that are no hex.
pub(super) fn leading_hex(text: &[u8]) -> Vec<u8> {
    let pairs = text.chunks_exact(2).map(hex::decode);
    pairs.map_while(Result::ok).flatten().collect()
}

/// Two characters a byte, whatever they are; the last one may stand alone.
fn packed_hex(text: &[u8], digit: fn(u8) -> u8) -> Option<Vec<u8>> {
    let pair = |two: &[u8]| (digit(two[0]) << 4) | two.get(1).map_or(0, |low| digit(*low));
    Some(text.chunks(2).map(pair).collect())
}

fn utf_16(text: &[u8], bytes: fn(u16) -> [u8; 2]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    Some(text.encode_utf16().flat_map(bytes).collect())
}
