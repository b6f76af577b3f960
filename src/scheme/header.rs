//! The signature header: its grammar, in both directions, and how the MAC is encoded in it.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a MAC's bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// Lower-case hex.
    Hex,
    /// Upper-case hex.
    HexUpper,
    /// Base64, RFC 4648 section 4, padded.
    Base64,
    /// Base64, RFC 4648 section 5, not padded.
    Base64Url,
    /// Base64, RFC 4648 section 5, padded.
    Base64UrlPadded,
    /// As it is: a secret that is shown.
    Text,
}

impl Encoding {
    /// `bytes` as text.
    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex_text(bytes),
            Self::HexUpper => hex::encode_upper(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
            Self::Base64UrlPadded => URL_SAFE.encode(bytes),
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// The bytes of `text`, where it is exactly how this encoding writes them: receivers compare texts.
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        let bytes = match self {
            Self::Hex | Self::HexUpper => {
                let mut bytes = vec![0; text.len() / 2];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                bytes
            }
            Self::Base64 => STANDARD.decode(text).ok()?,
            Self::Base64Url => URL_SAFE_NO_PAD.decode(text).ok()?,
            Self::Base64UrlPadded => URL_SAFE.decode(text).ok()?,
            Self::Text => text.as_bytes().to_vec(),
        };
        (self.encode(&bytes) == text).then_some(bytes)
    }
}

/// Lower-case hex, several times as fast as `hex::encode`.
fn hex_text(bytes: &[u8]) -> String {
    let mut text = vec![0; 2 * bytes.len()];
    match hex::encode_to_slice(bytes, &mut text).map(|()| String::from_utf8(text)) {
        Ok(Ok(text)) => text,
        _ => hex::encode(bytes),
    }
}

/// What is wrong with a signature header, in words that end a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrammarError {
    /// Bytes that are no text.
    #[error("is not ASCII text")]
    NotText,
    /// No part of it looks like a signature.
    #[error("is not of the form `{0}`")]
    Form(String),
    /// A field that must stand once.
    #[error("has `{0}` twice")]
    Twice(String),
    /// A token whose algorithm is refused.
    #[error("{0}")]
    Algorithm(String),
    /// A token that is refused.
    #[error("{0}")]
    Token(String),
    /// A field that must be there.
    #[error("has no `{0}`")]
    Missing(String),
    /// A signature that covers less than it has to.
    #[error("has a signature that does not cover {0}, which this provider's signatures cover")]
    Uncovered(String),
}

/// What a signature header holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The timestamp's text, where the header carries it.
    pub timestamp: Option<String>,
    /// The signatures' texts, still encoded; at least one.
    pub signatures: Vec<String>,
}

/// How a signature header is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grammar {
    /// A signature between two texts, such as `sha256={sig}`, perhaps several in a list. An item of another form in a
    /// list (another version of the scheme) is passed over.
    Items {
        /// What stands before the signature.
        prefix: String,
        /// What stands behind it.
        suffix: String,
        /// What separates the items of a list.
        list: Option<String>,
    },
    /// `key=value` pairs, such as `t={timestamp},v1={sig}`. The signature's pair may stand several times, unknown
    /// ones are passed over.
    Fields {
        /// What separates the pairs.
        separator: char,
        /// The pairs in the order they are written.
        pairs: Vec<(String, Slot)>,
    },
    /// Values told by their position, such as `hmac;1;{timestamp};{sig}`. Where the signature stands last, more of them
    /// may follow.
    Positions {
        /// What separates the values.
        separator: char,
        /// What stands in each position.
        slots: Vec<Position>,
    },
    /// An object of JSON in base64, such as `{"kid":"1","signature":"{sig}"}`. Its other members are not looked at.
    Packed {
        /// Its members, as they are written.
        object: Map<String, Value>,
        /// The one that is the signature.
        member: String,
    },
}

/// What stands in a position.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Always this text.
    Text(String),
    /// A value.
    Slot(Slot),
}

/// What a pair's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The timestamp.
    Timestamp,
    /// A signature.
    Signature,
}

const SIGNATURE: &str = "{sig}";
const TIMESTAMP: &str = "{timestamp}";

impl Grammar {
    /// Reads `item` and `list` of a provider's table.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn items(item: &str, list: Option<&str>) -> Result<Self, String> {
        match item.split_once(SIGNATURE) {
            Some((prefix, suffix)) if !item.contains(TIMESTAMP) && !suffix.contains(SIGNATURE) => {
                if list.is_some_and(|list| list.is_empty() || prefix.contains(list) || suffix.contains(list)) {
                    return Err("`list` must separate items: it can't be empty or stand inside `item`".into());
                }
                Ok(Self::Items {
                    prefix: prefix.to_owned(),
                    suffix: suffix.to_owned(),
                    list: list.map(str::to_owned),
                })
            }
            _ => Err(format!(
                "`{item}` must hold {SIGNATURE} once; pairs such as t=…,v1=… are written as `fields`"
            )),
        }
    }

    /// Reads `fields` of a provider's table.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn fields(fields: &str) -> Result<Self, String> {
        let separator = separator_of(fields);
        let mut pairs: Vec<(String, Slot)> = Vec::new();
        for pair in fields.split(separator) {
            let (key, slot) = match pair.split_once('=') {
                Some((key, SIGNATURE)) => (key, Slot::Signature),
                Some((key, TIMESTAMP)) => (key, Slot::Timestamp),
                _ => return Err(format!("`{pair}` is not `key={SIGNATURE}` or `key={TIMESTAMP}`")),
            };
            if key.is_empty()
                || pairs
                    .iter()
                    .any(|(other, other_slot)| other == key || *other_slot == slot)
            {
                return Err(format!(
                    "`{fields}` needs one key for {SIGNATURE} and at most one for {TIMESTAMP}"
                ));
            }
            pairs.push((key.to_owned(), slot));
        }
        if pairs.iter().all(|(_, slot)| *slot != Slot::Signature) {
            return Err(format!("`{fields}` has no {SIGNATURE}"));
        }
        Ok(Self::Fields { separator, pairs })
    }

    /// Reads `positions` of a provider's table.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn positions(positions: &str) -> Result<Self, String> {
        let separator = separator_of(positions);
        let slots: Vec<Position> = positions
            .split(separator)
            .map(|text| match text {
                SIGNATURE => Position::Slot(Slot::Signature),
                TIMESTAMP => Position::Slot(Slot::Timestamp),
                text => Position::Text(text.to_owned()),
            })
            .collect();
        let count = |slot| slots.iter().filter(|own| **own == Position::Slot(slot)).count();
        let is_odd = |own: &Position| matches!(own, Position::Text(text) if text.contains(['{', '}']));
        if count(Slot::Signature) != 1 || count(Slot::Timestamp) > 1 || slots.iter().any(is_odd) {
            return Err(format!(
                "`{positions}` needs {SIGNATURE} once and {TIMESTAMP} at most once, each alone between `{separator}`"
            ));
        }
        Ok(Self::Positions { separator, slots })
    }

    /// Reads `packed` of a provider's table.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn packed(text: &str) -> Result<Self, String> {
        let object: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| format!("`packed` is an object of JSON, and this is not: {error}"))?;
        let mut members = object.iter().filter(|(_, value)| *value == SIGNATURE);
        match (members.next(), members.next()) {
            (Some((member, _)), None) => Ok(Self::Packed {
                member: member.clone(),
                object,
            }),
            _ => Err(format!("`packed` needs one member that is \"{SIGNATURE}\"")),
        }
    }

    /// Whether the header carries the timestamp.
    pub(crate) fn has_timestamp(&self) -> bool {
        match self {
            Self::Items { .. } | Self::Packed { .. } => false,
            Self::Fields { pairs, .. } => pairs.iter().any(|(_, slot)| *slot == Slot::Timestamp),
            Self::Positions { slots, .. } => slots.contains(&Position::Slot(Slot::Timestamp)),
        }
    }

    /// Whether several signatures fit in one header.
    pub fn is_list(&self) -> bool {
        match self {
            Self::Items { list, .. } => list.is_some(),
            Self::Fields { .. } => true,
            Self::Packed { .. } => false,
            Self::Positions { slots, .. } => slots.last() == Some(&Position::Slot(Slot::Signature)),
        }
    }

    /// What separates the items of a list.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::Items { list, .. } => list.as_deref(),
            Self::Fields { .. } | Self::Positions { .. } | Self::Packed { .. } => None,
        }
    }

    /// The header's value. Of several signatures only the first is written where the grammar has no list.
    pub fn format(&self, parsed: &Parsed) -> String {
        match self {
            Self::Items { prefix, suffix, list } => {
                let items = parsed
                    .signatures
                    .iter()
                    .map(|signature| format!("{prefix}{signature}{suffix}"));
                match list {
                    Some(separator) => items.collect::<Vec<_>>().join(separator),
                    None => items.take(1).collect(),
                }
            }
            Self::Fields { separator, pairs } => {
                let mut out: Vec<String> = Vec::new();
                for (key, slot) in pairs {
                    match slot {
                        Slot::Timestamp => out.extend(parsed.timestamp.iter().map(|text| format!("{key}={text}"))),
                        Slot::Signature => out.extend(parsed.signatures.iter().map(|text| format!("{key}={text}"))),
                    }
                }
                out.join(&separator.to_string())
            }
            Self::Positions { separator, slots } => {
                let mut out: Vec<&str> = Vec::new();
                for slot in slots {
                    match slot {
                        Position::Text(text) => out.push(text),
                        Position::Slot(Slot::Timestamp) => out.push(parsed.timestamp.as_deref().unwrap_or_default()),
                        Position::Slot(Slot::Signature) if self.is_list() => {
                            out.extend(parsed.signatures.iter().map(String::as_str));
                        }
                        Position::Slot(Slot::Signature) => out.extend(parsed.signatures.first().map(String::as_str)),
                    }
                }
                out.join(&separator.to_string())
            }
            Self::Packed { .. } => STANDARD.encode(self.unpacked(parsed)),
        }
    }

    /// What `value` holds. White space around the parts of a list is passed over.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, value: &[u8]) -> Result<Parsed, GrammarError> {
        let value = std::str::from_utf8(value)
            .ok()
            .filter(|text| text.is_ascii())
            .ok_or(GrammarError::NotText)?;
        let mut parsed = Parsed::default();
        match self {
            Self::Packed { member, .. } => parsed.signatures.extend(packed(value, member)),
            Self::Items { prefix, suffix, list } => {
                let of_item = |item: &str| -> Option<String> {
                    let signature = item.strip_prefix(prefix.as_str())?.strip_suffix(suffix.as_str())?;
                    (!signature.is_empty()).then(|| signature.to_owned())
                };
                match list {
                    None => parsed.signatures.extend(of_item(value)),
                    Some(separator) => parsed
                        .signatures
                        .extend(value.split(separator.as_str()).filter_map(|item| of_item(item.trim()))),
                }
            }
            Self::Fields { separator, pairs } => {
                for pair in value.split(*separator) {
                    let (key, text) = pair
                        .trim()
                        .split_once('=')
                        .ok_or_else(|| GrammarError::Form(self.shape()))?;
                    match pairs.iter().find(|(own, _)| own == key) {
                        Some((_, Slot::Signature)) => parsed.signatures.push(text.to_owned()),
                        Some((_, Slot::Timestamp)) if parsed.timestamp.is_some() => {
                            return Err(GrammarError::Twice(key.to_owned()));
                        }
                        Some((_, Slot::Timestamp)) => parsed.timestamp = Some(text.to_owned()),
                        None => {}
                    }
                }
                for (key, slot) in pairs {
                    let there = match slot {
                        Slot::Signature => !parsed.signatures.is_empty(),
                        Slot::Timestamp => parsed.timestamp.is_some(),
                    };
                    if !there {
                        return Err(GrammarError::Missing(key.clone()));
                    }
                }
            }
            Self::Positions { separator, slots } => {
                let mut values = value.split(*separator).map(str::trim);
                for slot in slots {
                    let value = values.next().filter(|value| !value.is_empty());
                    let value = value.ok_or_else(|| GrammarError::Form(self.shape()))?;
                    match slot {
                        Position::Text(text) if text == value => {}
                        Position::Text(_) => return Err(GrammarError::Form(self.shape())),
                        Position::Slot(Slot::Timestamp) => parsed.timestamp = Some(value.to_owned()),
                        Position::Slot(Slot::Signature) => parsed.signatures.push(value.to_owned()),
                    }
                }
                if self.is_list() {
                    parsed.signatures.extend(values.map(str::to_owned));
                } else if values.next().is_some() {
                    return Err(GrammarError::Form(self.shape()));
                }
            }
        }
        if parsed.signatures.is_empty() {
            return Err(GrammarError::Form(self.shape()));
        }
        Ok(parsed)
    }

    /// The place of the first signature's text in a value that this grammar wrote.
    pub fn signature_range(&self, value: &str) -> Option<Range<usize>> {
        let parsed = self.parse(value.as_bytes()).ok()?;
        let first = parsed.signatures.first()?;
        let start = value.find(first.as_str())?;
        Some(start..start + first.len())
    }

    /// The object as it is before it is packed.
    fn unpacked(&self, parsed: &Parsed) -> String {
        let Self::Packed { object, member } = self else {
            return String::new();
        };
        let mut object = object.clone();
        if let (Some(place), Some(signature)) = (object.get_mut(member), parsed.signatures.first()) {
            *place = signature.as_str().into();
        }
        Value::Object(object).to_string()
    }

    /// The form as a provider's table writes it.
    fn shape(&self) -> String {
        let parsed = Parsed {
            timestamp: Some(TIMESTAMP.into()),
            signatures: vec![SIGNATURE.into()],
        };
        match self {
            Self::Packed { .. } => format!("{} in base64", self.unpacked(&parsed)),
            _ => self.format(&parsed),
        }
    }
}

/// The text of a member of an object of JSON in base64.
fn packed(value: &str, member: &str) -> Option<String> {
    let object: Map<String, Value> = serde_json::from_slice(&STANDARD.decode(value).ok()?).ok()?;
    let text = object.get(member)?.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// What separates the parts of a header: the first of these that stands in its form.
fn separator_of(form: &str) -> char {
    [';', '&'].into_iter().find(|own| form.contains(*own)).unwrap_or(',')
}

impl fmt::Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shape())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_like_headers_take_several_signatures_and_pass_over_others() {
        let grammar = Grammar::fields("t={timestamp},v1={sig}").unwrap();
        let parsed = grammar.parse(b"t=12, v1=aa,v0=bb,v1=cc").unwrap();
        assert_eq!(parsed.timestamp.as_deref(), Some("12"));
        assert_eq!(parsed.signatures, ["aa", "cc"]);
        for bad in ["", "t=12", "v1=aa", "t=12,t=13,v1=aa", "garbage"] {
            assert!(grammar.parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn positions_tell_values_apart() {
        let quo = Grammar::positions("hmac;1;{timestamp};{sig}").unwrap();
        let parsed = quo.parse(b"hmac;1;1639710054089;mw1K4f==").unwrap();
        assert_eq!(parsed.timestamp.as_deref(), Some("1639710054089"));
        assert_eq!(parsed.signatures, ["mw1K4f=="]);
        assert_eq!(quo.format(&parsed), "hmac;1;1639710054089;mw1K4f==");
        let recurly = Grammar::positions("{timestamp},{sig}").unwrap();
        assert_eq!(recurly.parse(b"12,aa,bb").unwrap().signatures, ["aa", "bb"]);
        assert_eq!(recurly.format(&recurly.parse(b"12,aa,bb").unwrap()), "12,aa,bb");
        for (grammar, bad) in [
            (&quo, "hmac;2;1;a"),
            (&quo, "hmac;1;1"),
            (&recurly, "12,"),
            (&recurly, ""),
        ] {
            assert!(grammar.parse(bad.as_bytes()).is_err(), "{bad}");
        }
        for bad in ["{timestamp}", "{sig},{sig}", "t={sig}"] {
            assert!(Grammar::positions(bad).is_err(), "{bad}");
        }
        let inngest = Grammar::fields("t={timestamp}&s={sig}").unwrap();
        assert_eq!(inngest.parse(b"t=1&s=ab").unwrap().signatures, ["ab"]);
    }

    /// The header of eBay/event-notification-nodejs-sdk, test/test.json, begins so.
    #[test]
    fn a_signature_is_taken_out_of_packed_json() {
        let ebay = Grammar::packed(r#"{"alg":"ecdsa","kid":"1","signature":"{sig}","digest":"SHA1"}"#).unwrap();
        let text = r#"{"alg":"ecdsa","kid":"9936261a","signature":"MEYC","digest":"SHA1"}"#;
        assert_eq!(
            ebay.parse(STANDARD.encode(text).as_bytes()).unwrap().signatures,
            ["MEYC"]
        );
        let own = Parsed {
            signatures: vec!["ab".into()],
            ..Parsed::default()
        };
        assert_eq!(ebay.parse(ebay.format(&own).as_bytes()).unwrap(), own);
        for bad in ["", "MEYC", text, "e30=", "eyJzaWduYXR1cmUiOjF9"] {
            assert!(ebay.parse(bad.as_bytes()).is_err(), "{bad}");
        }
        for bad in ["", "[]", r#"{"a":"b"}"#, r#"{"a":"{sig}","b":"{sig}"}"#] {
            assert!(Grammar::packed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lists_pass_over_other_versions() {
        let grammar = Grammar::items("v1,{sig}", Some(" ")).unwrap();
        assert_eq!(grammar.parse(b"v1a,xx v1,aa v1,bb").unwrap().signatures, ["aa", "bb"]);
        assert!(grammar.parse(b"v1a,xx").is_err());
        let single = Grammar::items("sha256={sig}", None).unwrap();
        assert!(single.parse(b"aa").is_err() && single.parse(b"sha256=").is_err());
    }

    #[test]
    fn tables_that_could_not_be_read_back_are_refused() {
        for (item, list) in [
            ("sig", None),
            ("{sig}{sig}", None),
            ("t={timestamp},v1={sig}", None),
            ("v1,{sig}", Some(",")),
        ] {
            assert!(Grammar::items(item, list).is_err(), "{item}");
        }
        for fields in [
            "t={timestamp}",
            "v1={sig},v2={sig}",
            "={sig}",
            "v1",
            "t={timestamp},t={sig}",
        ] {
            assert!(Grammar::fields(fields).is_err(), "{fields}");
        }
    }

    #[test]
    fn only_the_exact_writing_of_a_mac_is_read() {
        assert_eq!(Encoding::Hex.decode("00ff"), Some(vec![0, 255]));
        assert_eq!(Encoding::Hex.decode("00FF"), None);
        assert_eq!(Encoding::HexUpper.decode("00FF"), Some(vec![0, 255]));
        assert_eq!(Encoding::Base64.decode("AP8="), Some(vec![0, 255]));
        assert_eq!(Encoding::Base64.decode("AP9="), None, "the unused bits must be zero");
        assert_eq!(Encoding::Base64.decode("AP8"), None);
        assert_eq!(Encoding::Base64UrlPadded.decode("_-8="), Some(vec![255, 239]));
        assert_eq!(Encoding::Base64UrlPadded.decode("_-8"), None);
    }
}
