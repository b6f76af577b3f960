//! Texts that PostgreSQL can hold: all but those with U+0000, which is written as two other characters.

use std::borrow::Cow;

/// Begins a character that is written with two.
const ESCAPE: char = '\u{F0000}';

/// A text as it is kept.
pub fn kept(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return text.into();
    }
    let mut kept = String::with_capacity(text.len() + 4);
    for char in text.chars() {
        match char {
            '\0' => kept.extend([ESCAPE, '0']),
            ESCAPE => kept.extend([ESCAPE, ESCAPE]),
            other => kept.push(other),
        }
    }
    kept.into()
}

/// A text as it was before it was kept.
pub fn read(kept: String) -> String {
    if !kept.contains(ESCAPE) {
        return kept;
    }
    let mut text = String::with_capacity(kept.len());
    let mut chars = kept.chars();
    while let Some(char) = chars.next() {
        match char {
            ESCAPE => text.push(match chars.next() {
                Some('0') => '\0',
                _ => ESCAPE,
            }),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "a", "a\0b", "\0", "\u{F0000}0", "\0\u{F0000}\0", "é\u{10FFFF}"] {
            let kept = kept(text);
            assert!(!kept.contains('\0'));
            assert_eq!(read(kept.into_owned()), text);
        }
    }
}
