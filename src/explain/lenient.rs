//! Decoders of base64 that take what is none, each in its own way.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ANY: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
/// Takes a text with and without its padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY);

pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// `text` in the standard alphabet.
pub(super) fn swapped(text: &[u8]) -> Vec<u8> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    text.iter().map(standard).collect()
}

/// Node: takes both alphabets, passes over what is none, and ends at `=`.
pub(super) fn node(text: &[u8]) -> Option<Vec<u8>> {
    ruby(&swapped(text))
}

/// Python, PHP and Java's MIME decoder: pass over what is none, `-` and `_` too.
pub(super) fn passing(text: &[u8]) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.iter().copied().filter(|byte| is_letter(*byte)).collect();
    // One letter alone holds no byte.
    let whole = letters.len() - usize::from(letters.len() % 4 == 1);
    BASE64.decode(&letters[..whole]).ok()
}

/// Ruby: the same up to `=`.
pub(super) fn ruby(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
    passing(&text[..end])
}
