//! Text in other character sets and normal forms, as each runtime replaces or drops what does not fit.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::step::{Row, SMALL, rows};
use crate::explain::cause::Kind::{BodyCharset, BodyUnicodeNormalised};

/// The likeliest: those that may come before or behind another step.
pub(super) const FIRST: &[Row] = rows! {
    BodyCharset, "utf-8:lossy", "the body decoded as UTF-8, with a replacement character for what is none",
        forward: "as making a text of bytes does" =>
        |body| match String::from_utf8_lossy(body) {
            Cow::Owned(text) => Some(text.into_bytes()),
            Cow::Borrowed(_) => None,
        };
    BodyCharset, "latin-1-to-utf-8", "the body's UTF-8 taken for Latin-1 and encoded again",
        reverse: "what arrived was put into Latin-1 on its way" =>
        |body| {
            foreign(body).then(|| {
                body.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes()
            })
        };
    BodyCharset, "utf-8-to-latin-1", "the body in Latin-1 in place of UTF-8",
        reverse: "what arrived was put into UTF-8 on its way" =>
        |body| encode(body, |char| u8::try_from(u32::from(char)).ok(), Rest::Fails);
    BodyCharset, "windows-1252-to-utf-8", "the body's UTF-8 taken for Windows-1252 and encoded again",
        reverse: "what arrived was put into Windows-1252 on its way" =>
        |body| foreign(body).then(|| body.iter().map(|byte| windows(*byte)).collect::<String>().into_bytes());
    BodyCharset, "utf-8-to-windows-1252", "the body in Windows-1252 in place of UTF-8" =>
        |body| encode(body, windows_byte, Rest::Fails);
    BodyCharset, "ascii:?", "the body with `?` for each character beyond ASCII",
        forward: "as Java's, Python's, Ruby's and PHP's encoders to ASCII do" =>
        |body| encode(body, ascii, Rest::Mark);
    BodyCharset, "ascii:drop", "the body without the characters beyond ASCII",
        forward: "as `encode('ascii', 'ignore')` and filters of ASCII do" =>
        |body| foreign(body).then(|| body.iter().copied().filter(u8::is_ascii).collect());
    BodyCharset, "latin-1:low bytes", "the body's UTF-16 units, the low byte of each",
        forward: "as Node's `latin1`, `binary` and `ascii` encode a text" =>
        |body| units(body, |unit| Some(unit.to_le_bytes()[0]));
    BodyUnicodeNormalised, "nfc", "the body in Unicode's composed form (NFC)" =>
        |body| normal(body, |text| text.nfc().collect());
    BodyUnicodeNormalised, "nfd", "the body in Unicode's decomposed form (NFD)" =>
        |body| normal(body, |text| text.nfd().collect());
    BodyUnicodeNormalised, "nfkc", "the body in Unicode's compatibility form (NFKC)" =>
        |body| normal(body, |text| text.nfkc().collect());
};

pub(super) const ROWS: &[Row] = rows! {
    BodyCharset, "ascii:? per unit", "the body with `?` for each UTF-16 unit beyond ASCII",
        forward: "as .NET's `Encoding.ASCII` encodes a text" =>
        |body| {
            units(body, |unit| {
                Some(u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?'))
            })
        };
    BodyCharset, "ascii:7-bit", "the body with the eighth bit of each byte taken away",
        forward: "as Node's `ascii` decodes bytes" =>
        |body| foreign(body).then(|| body.iter().map(|byte| byte & 0x7f).collect());
    BodyCharset, "ascii:? per byte", "the body with `?` for each byte beyond ASCII",
        forward: "as .NET's `Encoding.ASCII` decodes bytes" =>
        |body| {
            let ascii = |byte: &u8| if byte.is_ascii() { *byte } else { b'?' };
            foreign(body).then(|| body.iter().map(ascii).collect())
        };
    BodyCharset, "ascii:U+FFFD per byte", "the body with a replacement character for each byte beyond 127",
        forward: "as Java's and Python's decoders of ASCII do" =>
        per_byte;
    BodyCharset, "utf-8:drop", "the body without what is no UTF-8",
        forward: "as `decode('utf-8', 'ignore')`, Ruby's `scrub('')` and `iconv -c` do" =>
        |body| invalid(body, "");
    BodyCharset, "utf-8:?", "the body decoded as UTF-8, with `?` for what is none",
        forward: "as Ruby's and PHP's `mb_convert_encoding` replace it" =>
        |body| invalid(body, "?");
    BodyCharset, "utf-8:lossy per byte", "the body with a replacement character for each byte that is no UTF-8",
        forward: "as Go's `[]rune` and `json.Marshal` do" =>
        per_invalid_byte;
    BodyCharset, "latin-1:?", "the body in Latin-1, with `?` for each character that has no place there",
        forward: "as Java, Python, Ruby and PHP's `utf8_decode` encode a text" =>
        |body| encode(body, |char| u8::try_from(u32::from(char)).ok(), Rest::Mark);
    BodyCharset, "latin-1:? per unit", "the body in Latin-1, with `?` for each UTF-16 unit that has no place there",
        forward: "as .NET's `Encoding.Latin1` encodes a text" =>
        |body| units(body, |unit| Some(u8::try_from(unit).unwrap_or(b'?')));
    BodyCharset, "latin-1:drop", "the body in Latin-1, without the characters that have no place there" =>
        |body| encode(body, |char| u8::try_from(u32::from(char)).ok(), Rest::Dropped);
    BodyCharset, "windows-1252:?", "the body in Windows-1252, with `?` for each character that has no place there" =>
        |body| encode(body, windows_byte, Rest::Mark);
    BodyCharset, "windows-1252:drop", "the body in Windows-1252, without the characters that have no place there" =>
        |body| encode(body, windows_byte, Rest::Dropped);
    BodyCharset, "windows-1252:? per unit", "the body in Windows-1252, with `?` for each UTF-16 unit that has no place there" =>
        |body| {
            units(body, |unit| {
                let char = char::from_u32(unit.into());
                Some(char.and_then(windows_byte).unwrap_or(b'?'))
            })
        };
    BodyCharset, "windows-1252:U+FFFD", "the body's UTF-8 taken for Windows-1252, with a replacement character for the five bytes it leaves open",
        forward: "as Java decodes it" =>
        |body| {
            let char = |byte: &u8| match byte {
                0x81 | 0x8d | 0x8f | 0x90 | 0x9d => '\u{fffd}',
                byte => windows(*byte),
            };
            foreign(body).then(|| body.iter().map(char).collect::<String>().into_bytes())
        };
    BodyCharset, "latin-1-to-utf-8:twice", "the body's UTF-8 taken for Latin-1 and encoded again, twice" => |body| {
        let once: String = foreign(body).then(|| body.iter().map(|byte| char::from(*byte)).collect())?;
        Some(once.bytes().map(char::from).collect::<String>().into_bytes())
    };
    BodyCharset, "ascii:xml", "the body with `&#…;` for each character beyond ASCII",
        forward: "as Python's `xmlcharrefreplace` and encoders of HTML do" =>
        |body| escaped(body, |char| format!("&#{};", u32::from(char)));
    BodyCharset, "ascii:xml hex", "the body with `&#x…;` for each character beyond ASCII",
        forward: "as encoders of HTML do" =>
        |body| escaped(body, |char| format!("&#x{:X};", u32::from(char)));
    BodyCharset, "ascii:xml hex lower", "the body with `&#x…;` in lower case for each character beyond ASCII" =>
        |body| escaped(body, |char| format!("&#x{:x};", u32::from(char)));
    BodyCharset, "ascii:backslash", "the body with `\\xNN`, `\\uNNNN` or `\\UNNNNNNNN` for each character beyond ASCII",
        forward: "as Python's `backslashreplace` and `unicode_escape` do" =>
        |body| {
            escaped(body, |char| match u32::from(char) {
                code @ ..0x100 => format!("\\x{code:02x}"),
                code @ ..0x10000 => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            })
        };
    BodyCharset, "utf-16le", "the body in UTF-16, the low byte first",
        forward: "as .NET's `Encoding.Unicode`, Node's `utf16le` and Windows do" =>
        |body| utf_16(body, u16::to_le_bytes);
    BodyCharset, "utf-16be", "the body in UTF-16, the high byte first",
        forward: "as `mb_convert_encoding` to UTF-16 and .NET's `BigEndianUnicode` do" =>
        |body| utf_16(body, u16::to_be_bytes);
    BodyCharset, "utf-16le:BOM", "the body in UTF-16 behind a byte order mark, the low byte first",
        forward: "as Python's `utf-16` and PowerShell's `>` write it" =>
        |body| Some([&b"\xff\xfe"[..], &utf_16(body, u16::to_le_bytes)?].concat());
    BodyCharset, "utf-16be:BOM", "the body in UTF-16 behind a byte order mark, the high byte first",
        forward: "as Java's and Ruby's `UTF-16` write it" =>
        |body| Some([&b"\xfe\xff"[..], &utf_16(body, u16::to_be_bytes)?].concat());
    BodyCharset, "utf-32le", "the body in UTF-32, the low byte first" => |body| {
        let text = std::str::from_utf8(body).ok().filter(|_| body.len() <= SMALL)?;
        Some(text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect())
    };
    BodyCharset, "utf-32be", "the body in UTF-32, the high byte first" => |body| {
        let text = std::str::from_utf8(body).ok().filter(|_| body.len() <= SMALL)?;
        Some(text.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect())
    };
    BodyCharset, "utf-16le-to-utf-8", "the body's UTF-16 in UTF-8",
        reverse: "what arrived was put into UTF-16 on its way" =>
        |body| from_utf_16(body, u16::from_le_bytes, b"\xff\xfe");
    BodyCharset, "utf-16be-to-utf-8", "the body's UTF-16 in UTF-8",
        reverse: "what arrived was put into UTF-16 on its way" =>
        |body| from_utf_16(body, u16::from_be_bytes, b"\xfe\xff");
    BodyCharset, "astral:surrogates", "the body with three bytes for each half of a character beyond U+FFFF",
        forward: "as CESU-8 and Java's modified UTF-8 have it" =>
        |body| {
            astral(body, |char, out| {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let [high, low] = unit.to_be_bytes();
                    out.extend_from_slice(&[0xe0 | high >> 4, 0x80 | (high & 15) << 2 | low >> 6, 0x80 | low & 63]);
                }
            })
        };
    BodyCharset, "astral:?", "the body with `?` for each character beyond U+FFFF",
        forward: "as MySQL's `utf8` stores it" =>
        |body| astral(body, |_, out| out.push(b'?'));
    BodyCharset, "astral:????", "the body with `????` for each character beyond U+FFFF" =>
        |body| astral(body, |_, out| out.extend_from_slice(b"????"));
    BodyCharset, "astral:drop", "the body without the characters beyond U+FFFF",
        forward: "as filters of emoji and MySQL's `utf8` do" =>
        |body| astral(body, |_, _| ());
    BodyCharset, "astral:U+FFFD", "the body with a replacement character for each one beyond U+FFFF" =>
        |body| astral(body, |_, out| out.extend_from_slice("\u{fffd}".as_bytes()));
    BodyCharset, "astral:U+FFFD U+FFFD", "the body with two replacement characters for each one beyond U+FFFF",
        forward: "as encoding the halves of a character one by one does" =>
        |body| astral(body, |_, out| out.extend_from_slice("\u{fffd}\u{fffd}".as_bytes()));
    BodyCharset, "ascii:unaccented", "the body with its accents taken off, and without what is beyond ASCII then",
        forward: "as normalising to NFKD and encoding to ASCII do" =>
        |body| {
            let text = std::str::from_utf8(body)
                .ok()
                .filter(|_| foreign(body) && body.len() <= SMALL)?;
            Some(text.nfkd().filter(char::is_ascii).collect::<String>().into_bytes())
        };
    BodyUnicodeNormalised, "unaccented", "the body without its accents" => |body| {
        let text = std::str::from_utf8(body)
            .ok()
            .filter(|_| foreign(body) && body.len() <= SMALL)?;
        Some(
            text.nfd()
                .filter(|char| !is_combining_mark(*char))
                .nfc()
                .collect::<String>()
                .into_bytes(),
        )
    };
    BodyUnicodeNormalised, "nfkd", "the body in Unicode's decomposed compatibility form (NFKD)" =>
        |body| normal(body, |text| text.nfkd().collect());
    BodyUnicodeNormalised, "plain quotes", "the body with plain quotes, dashes and dots for the typographic ones" =>
        |body| {
            let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
            let mut out = String::with_capacity(text.len());
            for char in text.chars() {
                match char {
                    '\u{2018}' | '\u{2019}' => out.push('\''),
                    '\u{201c}' | '\u{201d}' => out.push('"'),
                    '\u{2013}' | '\u{2014}' => out.push('-'),
                    '\u{2026}' => out.push_str("..."),
                    char => out.push(char),
                }
            }
            Some(out.into_bytes())
        };
};

fn foreign(body: &[u8]) -> bool {
    !body.is_ascii()
}

/// What becomes of a character that has no place.
enum Rest {
    Fails,
    Mark,
    Dropped,
}

fn encode(body: &[u8], byte: impl Fn(char) -> Option<u8>, rest: Rest) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
    let mut out = Vec::with_capacity(body.len());
    for char in text.chars() {
        match (byte(char), &rest) {
            (Some(byte), _) => out.push(byte),
            (None, Rest::Fails) => return None,
            (None, Rest::Mark) => out.push(b'?'),
            (None, Rest::Dropped) => {}
        }
    }
    Some(out)
}

fn ascii(char: char) -> Option<u8> {
    u8::try_from(u32::from(char)).ok().filter(u8::is_ascii)
}

fn units(body: &[u8], byte: impl Fn(u16) -> Option<u8>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
    text.encode_utf16().map(byte).collect()
}

fn utf_16(body: &[u8], bytes: fn(u16) -> [u8; 2]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.encode_utf16().flat_map(bytes).collect())
}

fn from_utf_16(body: &[u8], unit: fn([u8; 2]) -> u16, mark: &[u8]) -> Option<Vec<u8>> {
    let body = body.strip_prefix(mark).unwrap_or(body);
    let units = body.chunks(2).map(|two| two.try_into().ok().map(unit));
    let units: Vec<u16> = units.collect::<Option<_>>()?;
    String::from_utf16(&units).ok().map(String::into_bytes)
}

fn astral(body: &[u8], write: fn(char, &mut Vec<u8>)) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body)
        .ok()
        .filter(|_| body.iter().any(|byte| *byte >= 0xf0))?;
    let mut out = Vec::with_capacity(body.len());
    for char in text.chars() {
        if char > '\u{ffff}' {
            write(char, &mut out);
        } else {
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Some(out)
}

fn escaped(body: &[u8], escape: fn(char) -> String) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body)
        .ok()
        .filter(|_| foreign(body) && body.len() <= SMALL)?;
    let mut out = String::with_capacity(text.len() * 2);
    for char in text.chars() {
        match char.is_ascii() {
            true => out.push(char),
            false => out.push_str(&escape(char)),
        }
    }
    Some(out.into_bytes())
}

/// The body with `mark` for each run of bytes that one replacement character stands for.
fn invalid(body: &[u8], mark: &str) -> Option<Vec<u8>> {
    std::str::from_utf8(body).is_err().then(|| {
        let mut out = Vec::with_capacity(body.len());
        for chunk in body.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                out.extend_from_slice(mark.as_bytes());
            }
        }
        out
    })
}

fn per_invalid_byte(body: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(body).is_err().then(|| {
        let mut out = Vec::with_capacity(body.len());
        for chunk in body.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes());
            chunk
                .invalid()
                .iter()
                .for_each(|_| out.extend_from_slice("\u{fffd}".as_bytes()));
        }
        out
    })
}

fn per_byte(body: &[u8]) -> Option<Vec<u8>> {
    let ascii = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
    foreign(body).then(|| body.iter().map(ascii).collect::<String>().into_bytes())
}

/// Windows-1252 from 0x80 on, from the Unicode consortium's CP1252.TXT; the five bytes it leaves open are the C1
/// controls, as the WHATWG has it.
const HIGH: [u16; 32] = [
    0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
    0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
    0x017e, 0x0178,
];

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => char::from_u32(HIGH[usize::from(byte - 0x80)].into()).unwrap_or_default(),
        _ => char::from(byte),
    }
}

fn windows_byte(char: char) -> Option<u8> {
    let code = u16::try_from(u32::from(char)).ok()?;
    match HIGH.iter().position(|high| *high == code) {
        Some(at) => u8::try_from(0x80 + at).ok(),
        None => u8::try_from(code).ok().filter(|byte| !(0x80..0xa0).contains(byte)),
    }
}

fn normal(body: &[u8], form: fn(&str) -> String) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
    // The compatibility forms can make eighteen characters of one.
    (body.len() <= SMALL).then(|| form(text).into_bytes())
}
