//! What the tables do with bytes.

/// `text` with `to` for each `from`; nothing where there is none.
pub(super) fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let (first, _) = from.split_first()?;
    let mut rest = text;
    let mut any = false;
    let mut out = Vec::new();
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        out.reserve(rest.len());
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = behind;
            any = true;
        } else {
            out.push(*first);
            rest = &rest[1..];
        }
    }
    if !any {
        return None;
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// `text` without the bytes that `drops` names; nothing where there is none.
pub(super) fn without(text: &[u8], drops: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    let first = text.iter().position(|byte| drops(*byte))?;
    let mut kept = Vec::with_capacity(text.len());
    kept.extend_from_slice(&text[..first]);
    kept.extend(text[first..].iter().copied().filter(|byte| !drops(*byte)));
    Some(kept)
}

/// The digits of hex.
pub(super) fn hex_digits(upper: bool) -> &'static [u8; 16] {
    if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    }
}

/// How bytes are percent-encoded.
pub(super) struct Percent {
    kept: [bool; 256],
    plus: bool,
    digits: &'static [u8; 16],
}

impl Percent {
    /// `%XX` for each byte but letters, digits and `keep`, in lower case where `upper` is not; `+` for a space where
    /// `plus` says so.
    pub(super) fn new(keep: &[u8], plus: bool, upper: bool) -> Self {
        let kept = |byte: u8| byte.is_ascii_alphanumeric() || keep.contains(&byte);
        Self {
            kept: std::array::from_fn(|byte| u8::try_from(byte).is_ok_and(kept)),
            plus,
            digits: hex_digits(upper),
        }
    }

    pub(super) fn encode(&self, text: &[u8], out: &mut Vec<u8>) {
        for byte in text {
            if self.kept[usize::from(*byte)] {
                out.push(*byte);
            } else if self.plus && *byte == b' ' {
                out.push(b'+');
            } else {
                let digit = |nibble: u8| self.digits[usize::from(nibble)];
                out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

/// The byte that two hex digits are.
pub(super) fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digits = digits.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// `text` with each `%XX` decoded, and `+` as a space where `plus` says so; nothing where there is none.
pub(in crate::explain) fn percent_decode(text: &[u8], plus: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut any = false;
    while let [first, behind @ ..] = rest {
        let decoded = if *first == b'%' { hex_pair(behind) } else { None };
        rest = if decoded.is_some() { &behind[2..] } else { behind };
        any |= decoded.is_some() || plus && *first == b'+';
        out.push(decoded.unwrap_or(if plus && *first == b'+' { b' ' } else { *first }));
    }
    any.then_some(out)
}
