//! The ways to read a signature's text: every tag that may be meant, and what is wrong with writing it so.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Question;
use super::cause::Kind;
use super::search::Target;
use crate::message::Message;
use crate::scheme::{Encoding, Grammar, Scheme, Signature};

/// Shorter ones never count, in bytes: 128 bits.
pub(super) const SHORTEST: usize = 16;
/// A signature's text is not looked into beyond this, in bytes.
const LONGEST: usize = 4096;
const MOST: usize = 64;

/// A tag with what is wrong with how it was written.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) tag: Vec<u8>,
    pub(super) encoding: &'static str,
    /// What is always wrong with it.
    pub(super) flaws: Vec<(Kind, String)>,
    /// What is wrong with it where nothing else is.
    pub(super) otherwise: Option<(Kind, String)>,
}

/// What a delivery's headers hold: one target.
pub(super) fn of_message(question: &Question<'_>) -> Vec<Target> {
    let headers = &question.message.headers;
    let mut readings = Vec::new();
    for signature in &question.scheme.signatures {
        for name in &signature.headers {
            for value in headers.get_all(name) {
                of_value(value, signature, &mut readings);
            }
        }
    }
    for other in question.others {
        for signature in &other.scheme.signatures {
            for name in &signature.headers {
                for value in headers.get_all(name) {
                    let Ok(parsed) = signature.grammar.parse(value) else {
                        continue;
                    };
                    let flaw = (
                        other.kind(),
                        format!("the signature stands as {} writes it, in {name}", other.says()),
                    );
                    for text in parsed.signatures {
                        tags(
                            &text,
                            signature.encoding,
                            &mut readings,
                            std::slice::from_ref(&flaw),
                            None,
                        );
                    }
                }
            }
        }
    }
    if readings.is_empty() {
        return Vec::new();
    }
    vec![Target::new(readings)]
}

/// What a header's value holds: what the grammar reads first, then every other way to take it.
fn of_value(value: &[u8], signature: &Signature, readings: &mut Vec<Reading>) {
    let Ok(text) = std::str::from_utf8(&value[..value.len().min(LONGEST)]) else {
        return;
    };
    if let Ok(parsed) = signature.grammar.parse(value) {
        for text in parsed.signatures {
            tags(&text, signature.encoding, readings, &[], None);
        }
    }
    let flaw = (
        Kind::SignaturePrefix,
        format!("the header is not of the form `{}`", signature.grammar),
    );
    for piece in pieces(text) {
        tags(piece, signature.encoding, readings, std::slice::from_ref(&flaw), None);
    }
}

/// What a handler's own signature is, in any form it may be logged in.
pub(super) fn of_text(text: &str, scheme: &Scheme) -> Vec<Reading> {
    let mut readings = Vec::new();
    let text = text.trim();
    let text = text.get(..LONGEST).unwrap_or(text);
    for signature in &scheme.signatures {
        if let Ok(parsed) = signature.grammar.parse(text.as_bytes()) {
            for text in parsed.signatures {
                tags(&text, signature.encoding, &mut readings, &[], None);
            }
        }
        let otherwise = match &signature.grammar {
            Grammar::Items { prefix, suffix, .. } if prefix.is_empty() && suffix.is_empty() => None,
            grammar => Some((
                Kind::SignaturePrefix,
                format!(
                    "the MAC is right, and the header holds it as `{grammar}`: compare it with what stands in there"
                ),
            )),
        };
        for piece in pieces(text) {
            tags(piece, signature.encoding, &mut readings, &[], otherwise.clone());
        }
    }
    readings
}

/// The timestamp in a signature header, whatever else is wrong with that.
pub(super) fn timestamp(message: &Message, scheme: &Scheme) -> Option<String> {
    let names = scheme.signatures.iter().flat_map(|signature| {
        let grammar = &signature.grammar;
        signature.headers.iter().map(move |name| (grammar, name))
    });
    for (grammar, name) in names {
        for value in message.headers.get_all(name) {
            if let Ok(parsed) = grammar.parse(value)
                && parsed.timestamp.is_some()
            {
                return parsed.timestamp;
            }
        }
    }
    None
}

/// The parts of a header's value that may be a tag.
fn pieces(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let bare = text.trim().trim_matches(['"', '\'']);
    let mut push = |piece: &str| {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        let piece = &text[start..start + piece.len()];
        if !piece.is_empty() && !all.contains(&piece) && all.len() < MOST {
            all.push(piece);
        }
    };
    push(bare);
    for part in bare.split([',', ';', ' ']) {
        push(part);
        for mark in ['=', ':'] {
            if let Some((_, behind)) = part.split_once(mark) {
                push(behind.trim_matches(['"', '\'']));
            }
        }
    }
    all
}

/// Every tag that `text` may be, beside those that were read before.
fn tags(
    text: &str,
    expected: Encoding,
    readings: &mut Vec<Reading>,
    flaws: &[(Kind, String)],
    otherwise: Option<(Kind, String)>,
) {
    let hex_expected = matches!(expected, Encoding::Hex | Encoding::HexUpper);
    let expects = if hex_expected { "hex" } else { "base64" };
    let mut push = |tag: Vec<u8>, encoding: &'static str, flaw: Option<(Kind, String)>| {
        if tag.len() >= SHORTEST && readings.len() < MOST && !readings.iter().any(|own| own.tag == tag) {
            readings.push(Reading {
                tag,
                encoding,
                flaws: flaws.iter().cloned().chain(flaw).collect(),
                otherwise: otherwise.clone(),
            });
        }
    };
    let text = text.trim();
    let even = &text.as_bytes()[..text.len() - text.len() % 2];
    if even.iter().all(u8::is_ascii_hexdigit)
        && let Ok(tag) = hex::decode(even)
    {
        let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
        let (encoding, cased) = if upper {
            ("hex-upper", Encoding::HexUpper)
        } else {
            ("hex", Encoding::Hex)
        };
        let flaw = match (hex_expected, upper, lower) {
            (false, ..) => Some((
                Kind::SignatureEncoding,
                "the MAC is written in hex, and not in base64".into(),
            )),
            (true, true, true) => Some((Kind::SignatureCase, "the hex digits are of both cases".into())),
            (true, true | false, _) if cased == expected || !(upper || lower) => None,
            (true, true, _) => Some((Kind::SignatureCase, "the hex digits are in upper case".into())),
            (true, false, _) => Some((Kind::SignatureCase, "the hex digits are in lower case".into())),
        };
        push(tag, encoding, flaw);
    }
    // One character alone holds no byte: the text was cut there.
    let digits = text.trim_end_matches('=');
    let whole = &digits[..digits.len() - usize::from(digits.len() % 4 == 1 && digits.is_ascii())];
    for (name, engine) in [("base64", STANDARD), ("base64url", URL_SAFE)] {
        let Ok(tag) = engine.decode(whole) else {
            continue;
        };
        // PHP and shells make base64 of the hex text rather than of the bytes.
        if let Ok(inner) = hex::decode(&tag) {
            let flaw = (
                Kind::SignatureEncoding,
                format!("the MAC's hex text is written in base64 once more, and not in {expects}"),
            );
            push(inner, "base64 of hex", Some(flaw));
        }
        let exact = expected.decode(text).is_some();
        let flaw = (!exact).then(|| {
            let unpadded = name == "base64" && expected == Encoding::Base64;
            let how = if hex_expected {
                format!("the MAC is written in {name}, and not in hex")
            } else if unpadded {
                "the `=` at the end of the base64 text is missing".to_owned()
            } else {
                format!("the MAC is written in {name}, and not as this scheme does")
            };
            (Kind::SignatureEncoding, how)
        });
        push(tag, name, flaw);
    }
}

const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, ANY_PADDING);
