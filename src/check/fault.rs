//! What is done to the signature of a signed delivery: the headers that a handler must refuse.

use super::case::Fault;
use crate::message::{Message, Place};
use crate::scheme::Scheme;
use crate::sign::tamper::signature_text;

/// Changes the signature in each header of `scheme`, or the id.
pub(super) fn apply(fault: Fault, scheme: &Scheme, message: &mut Message) {
    if fault == Fault::Id {
        if let Some(Place::Header(name)) = &scheme.id
            && let Some(id) = message.headers.text(name)
        {
            let id = format!("{id}0");
            message.headers.set(name, id);
        }
        return;
    }
    signature_text(scheme, message, |text| match fault {
        Fault::EmptySignature => Vec::new(),
        Fault::ShortSignature => text[..text.len() / 2].to_vec(),
        Fault::LongSignature => text.repeat(2),
        Fault::MalformedSignature => b"this is no signature".to_vec(),
        Fault::NonAsciiSignature => text.iter().map(|_| 0xe9).collect(),
        Fault::FirstDigit => with_other_digit(text, 0),
        Fault::MiddleDigit => with_other_digit(text, text.len() * 5 / 8),
        Fault::LastDigit => with_other_digit(text, last_digit(text)),
        _ => text.to_vec(),
    });
}

/// The last digit that carries whole bits of the MAC: behind it stands padding, and before that one that may carry fewer.
fn last_digit(text: &[u8]) -> usize {
    let padded = text.iter().rposition(|byte| *byte != b'=').unwrap_or_default();
    let is_hex = text.iter().all(u8::is_ascii_hexdigit);
    if is_hex { padded } else { padded.saturating_sub(1) }
}

fn with_other_digit(text: &[u8], at: usize) -> Vec<u8> {
    let mut text = text.to_vec();
    if let Some(digit) = text.get_mut(at) {
        *digit = if *digit == b'1' { b'2' } else { b'1' };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_is_another_and_the_length_stays() {
        assert_eq!(with_other_digit(b"1a", 0), b"2a");
        assert_eq!(with_other_digit(b"ab", last_digit(b"ab")), b"a1");
        // Of the last digit before the padding of 32 bytes two bits count for nothing: RFC 4648, section 3.5.
        assert_eq!(with_other_digit(b"AbC=", last_digit(b"AbC=")), b"A1C=");
    }
}
