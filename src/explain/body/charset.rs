//! Text in other character sets and normal forms.

use super::SMALL;

pub(super) fn foreign(body: &[u8]) -> bool {
    !body.is_ascii()
}

/// Windows-1252, from the Unicode consortium's CP1252.TXT; the five bytes it leaves open are the C1 controls, as the
/// WHATWG has it.
pub(super) fn windows(byte: u8) -> char {
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

pub(super) fn normal(body: &[u8], form: fn(&str) -> String) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().filter(|_| foreign(body))?;
    // The compatibility forms can make eighteen characters of one.
    (body.len() <= SMALL).then(|| form(text).into_bytes())
}
