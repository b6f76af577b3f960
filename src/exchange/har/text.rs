//! A text of an archive, and the bytes that it stands for.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A text as it stands in the file, in UTF-8. mitmproxy writes a byte that is not UTF-8 as Python's `surrogateescape`
/// does (PEP 383), as a lone surrogate, which no `String` holds.
#[derive(Debug)]
pub struct Text(Vec<u8>);

impl Text {
    /// The bytes that it stands for, where a request's own length tells. Bytes that are said to be no text are written
    /// with a character each by mitmproxy (U+0000 to U+00FF); `None` where no reading is so long, as where a browser
    /// put U+FFFD in a byte's place, or a proxy unpacked the body.
    pub fn bytes(&self, length: Option<u64>) -> Option<Vec<u8>> {
        let fits = |bytes: &Vec<u8>| length.is_none_or(|length| length == bytes.len() as u64);
        let bytes_each = || -> Option<Vec<u8>> {
            let text = std::str::from_utf8(&self.0).ok()?;
            text.chars().map(|char| u8::try_from(char).ok()).collect()
        };
        self.unescaped().filter(fits).or_else(|| bytes_each().filter(fits))
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its bytes, with those that were escaped. `None` where a lone surrogate stands for none.
    pub fn unescaped(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut rest = &self.0[..];
        while let Err(error) = std::str::from_utf8(rest) {
            let (text, surrogate) = rest.split_at(error.valid_up_to());
            bytes.extend_from_slice(text);
            // U+DC80 to U+DCFF, encoded as UTF-8 would.
            let [0xed, high @ 0xb2..=0xb3, low @ 0x80..=0xbf, behind @ ..] = surrogate else {
                return None;
            };
            bytes.push((high & 0x03) << 6 | (low & 0x3f));
            rest = behind;
        }
        bytes.extend_from_slice(rest);
        Some(bytes)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(bytes.to_vec()))
            }
        }

        // As bytes JSON's lone surrogates are no errors.
        from.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_tells_what_a_text_stands_for() {
        let text = |json: &str| serde_json::from_str::<Text>(json).unwrap();
        for (json, length, bytes) in [
            (r#""é\n""#, None, Some("é\n".as_bytes())),
            (r#""é\n""#, Some(3), Some("é\n".as_bytes())),
            (r#""é\n""#, Some(2), Some(b"\xe9\n")),
            (r#""a\udcff\udc80\u00e9""#, Some(5), Some(b"a\xff\x80\xc3\xa9")),
            (r#""\ud83d\ude00\udcc3""#, None, Some(b"\xf0\x9f\x98\x80\xc3")),
            (r#""\ufffd""#, Some(1), None),
            (r#""\udc7f""#, None, None),
            (r#""\ud800""#, None, None),
            (r#""ok""#, Some(3), None),
        ] {
            assert_eq!(text(json).bytes(length).as_deref(), bytes, "{json} {length:?}");
        }
        assert!(serde_json::from_str::<Text>("7").is_err());
    }
}
