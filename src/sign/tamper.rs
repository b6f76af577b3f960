//! Faults put into a signed message on purpose, one at a time: what a receiver must refuse.

use bytes::Bytes;
use jiff::SignedDuration;

use crate::json::{self, splice};
use crate::message::{Message, Place};
use crate::scheme::{Parsed, Scheme};

/// Why a message can't be broken that way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TamperError {
    /// The scheme signs no time.
    #[error("this provider signs no timestamp, so there is none to change; try --break body or --break stale")]
    NoTimestamp,
    /// Nothing in the body is signed.
    #[error("this provider signs nothing of the body, so no receiver can tell; try --break signature")]
    NotSigned,
    /// No signature covers the bytes that would be changed.
    #[error(
        "this provider's secret covers no bytes, so no receiver can refuse this; try --break signature, secret or header"
    )]
    Uncovered,
    /// There is nothing to leave out or to change.
    #[error("this provider signs nothing, so no receiver can refuse this")]
    SignsNothing,
    /// There is nothing in the body to change.
    #[error("the body has no character that could be changed")]
    NothingToChange,
}

/// A fault that a receiver must refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// One digit of the signature is changed.
    Signature,
    /// One character of the body is changed after signing.
    Body,
    /// The timestamp is changed after signing.
    Timestamp,
    /// It is correctly signed, an hour ago.
    Stale,
    /// It is signed with another key.
    Secret,
    /// The signature header is left out.
    Header,
}

impl Fault {
    /// How long ago the message is signed.
    pub fn age(self) -> SignedDuration {
        match self {
            Self::Stale => SignedDuration::from_hours(1),
            _ => SignedDuration::ZERO,
        }
    }

    /// Changes a signed message. A fault of the time or of the key is made before.
    ///
    /// # Errors
    /// [`TamperError`].
    pub fn apply(self, scheme: &Scheme, message: &mut Message) -> Result<(), TamperError> {
        if scheme.signatures.is_empty() {
            return Err(TamperError::SignsNothing);
        }
        if !scheme.covers() && matches!(self, Self::Body | Self::Timestamp | Self::Stale) {
            return Err(TamperError::Uncovered);
        }
        match self {
            Self::Signature => signature(scheme, message),
            Self::Header => header(scheme, message),
            Self::Timestamp => timestamp(scheme, message)?,
            Self::Body if scheme.covers_body() => body(message)?,
            Self::Body => value(scheme, message)?,
            Self::Stale | Self::Secret => {}
        }
        Ok(())
    }
}

/// Changes one digit of every signature. The rest of the header stays.
pub fn signature(scheme: &Scheme, message: &mut Message) {
    signature_text(scheme, message, |text| {
        let mut text = text.to_vec();
        text[0] = if text[0] == b'1' { b'2' } else { b'1' };
        text
    });
}

/// Puts what `change` makes of it, which is never given an empty text, in place of every signature.
pub(crate) fn signature_text(scheme: &Scheme, message: &mut Message, change: impl Fn(&[u8]) -> Vec<u8>) {
    for signature in &scheme.signatures {
        for place in signature.place().each(message) {
            let Some(value) = place.read(message) else { continue };
            let Some(whole) = signature.changed(&value, &change) else {
                continue;
            };
            match &place {
                Place::Header(name) => message.headers.set(name, whole),
                place => {
                    let _ = place.write(message, &String::from_utf8_lossy(&whole));
                }
            }
        }
    }
}

/// Takes every signature away.
pub fn header(scheme: &Scheme, message: &mut Message) {
    for place in scheme.signatures.iter().flat_map(|signature| &signature.places) {
        place.remove(message);
    }
    for http in scheme.signatures.iter().filter_map(|signature| signature.http.as_ref()) {
        http.input().into_iter().for_each(|name| message.headers.remove(name));
    }
}

/// Moves the timestamp that is sent by one second; the one that is signed stays.
///
/// # Errors
/// [`TamperError::NoTimestamp`].
pub fn timestamp(scheme: &Scheme, message: &mut Message) -> Result<(), TamperError> {
    let (Some(rule), Some(at)) = (&scheme.timestamp, message.timestamp) else {
        return Err(TamperError::NoTimestamp);
    };
    let second = SignedDuration::from_secs(1);
    // At the very end of time it is moved back.
    let later = rule.unit.write(at.checked_add(second).unwrap_or_else(|_| at - second));
    match &rule.from {
        Place::Signature => {
            for signature in &scheme.signatures {
                let place = signature.place();
                if let Some(http) = &signature.http {
                    http.set_created(place, message, &later);
                    continue;
                }
                let parsed = place
                    .read(message)
                    .and_then(|value| signature.grammar.parse(value.as_bytes()).ok());
                if let (Some(jws), Some(parsed)) = (&signature.jws, &parsed) {
                    let seconds = later.parse().unwrap_or_default();
                    let with_time = |text: &String| jws.with_time(text, seconds).unwrap_or_default();
                    let signatures = parsed.signatures.iter().map(with_time).collect();
                    let moved = Parsed {
                        signatures,
                        ..parsed.clone()
                    };
                    let _ = place.write(message, &signature.grammar.format(&moved));
                    continue;
                }
                if let (Some(mut parsed), true) = (parsed, signature.grammar.has_timestamp()) {
                    parsed.timestamp = Some(later.clone());
                    let _ = place.write(message, &signature.grammar.format(&parsed));
                }
            }
        }
        Place::Body(pointer) => {
            let changed = splice::replace(&message.body, pointer, &later);
            message.body = changed.ok_or(TamperError::NoTimestamp)?.into();
        }
        place => {
            if !place.write(message, &later) {
                return Err(TamperError::NoTimestamp);
            }
        }
    }
    Ok(())
}

/// Changes one character of a value in the body that is signed, where the rest is not.
///
/// # Errors
/// [`TamperError::NotSigned`].
pub fn value(scheme: &Scheme, message: &mut Message) -> Result<(), TamperError> {
    let signed = scheme.signatures.iter().flat_map(|own| own.content.signed_in_body());
    let places: Vec<Place> = signed.flat_map(|place| place.each(message)).collect();
    let changed = places.iter().any(|place| {
        let Some(mut text) = place.read(message) else {
            return false;
        };
        let Some(last) = text.pop() else { return false };
        text.push(if last == 'z' { 'y' } else { 'z' });
        place.write(message, &text)
    });
    if changed { Ok(()) } else { Err(TamperError::NotSigned) }
}

/// Changes one character inside a value of the body, so that JSON stays JSON.
///
/// # Errors
/// [`TamperError::NothingToChange`].
pub fn body(message: &mut Message) -> Result<(), TamperError> {
    let mut bytes = message.body.to_vec();
    let at = if json::parse(&bytes).is_ok() {
        last_letter_of_longest_text(&bytes).or_else(|| bytes.iter().rposition(u8::is_ascii_digit))
    } else {
        bytes.iter().rposition(u8::is_ascii_alphanumeric)
    };
    let at = at.ok_or(TamperError::NothingToChange)?;
    bytes[at] = match bytes[at] {
        b'z' => b'y',
        b'Z' => b'Y',
        b'9' => b'8',
        other => other + 1,
    };
    message.body = Bytes::from(bytes);
    Ok(())
}

/// The place of the last ASCII letter, no part of an escape, in the longest string of valid JSON that is a value.
fn last_letter_of_longest_text(json: &[u8]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut letter = None;
        at = start;
        while json[at] != b'"' {
            match json[at] {
                b'\\' if json[at + 1] == b'u' => at += 6,
                b'\\' => at += 2,
                byte => {
                    letter = if byte.is_ascii_alphabetic() { Some(at) } else { letter };
                    at += 1;
                }
            }
        }
        let length = at - start;
        at += 1;
        let is_key = json[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        if let Some(letter) = letter
            && !is_key
            && best.is_none_or(|(longest, _)| length > longest)
        {
            best = Some((length, letter));
        }
    }
    best.map(|(_, letter)| letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_of_a_value_changes_and_json_stays_json() {
        for (before, after) in [
            (
                r#"{"a_long_key_name":"text","b":"longest one \u00e9"}"#,
                r#"{"a_long_key_name":"text","b":"longest onf \u00e9"}"#,
            ),
            (r#"{"a":"\n\u0041"}"#, ""),
            (r#"{"a":19}"#, r#"{"a":18}"#),
            ("a=b&c=d", "a=b&c=e"),
        ] {
            let mut message = Message::new(before.as_bytes().to_vec());
            let changed = body(&mut message);
            if after.is_empty() {
                assert!(changed.is_err() || json::parse(&message.body).is_ok());
            } else {
                assert_eq!(message.body, after.as_bytes());
            }
        }
        assert!(body(&mut Message::new(Vec::new())).is_err());
    }
}
