//! What a public key tells of a signature before anything is known of its content: whether its own pair made it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cause::{Basis, Cause, Explanation, Kind};
use super::content::Known;
use super::remedy;
use super::search::{Direction, Target};
use super::{Question, reading};

/// So many keys are named, and so much of each, in characters.
const MOST_SIGNERS: usize = 4;
const END: usize = 16;

/// Whether any of the keys at hand made a signature of the message; `None` where a key can't tell.
pub(super) fn made(question: &Question<'_>, targets: &[Target]) -> Option<bool> {
    let found: Vec<_> = question.scheme.found(question.message).collect();
    // Only a pair has a public half to ask.
    let (of_pairs, others): (Vec<_>, Vec<_>) = found.iter().partition(|own| own.signature.kind.is_by_pair());
    let of_others = others.first().map(|_| None);
    let of_pairs = of_pairs.into_iter().flat_map(|own| {
        let place = own.signature.keys.id.as_ref();
        let key_id = place.and_then(|place| place.read(question.message));
        let secrets = question.secrets.iter().chain(question.other_secrets);
        let macs = secrets.flat_map(move |secret| own.signature.macs(secret, key_id.as_deref()).unwrap_or_default());
        macs.flat_map(|begun| {
            let tags = targets.iter().flat_map(Target::tags);
            tags.map(move |tag| begun.mac.has_made(tag))
        })
    });
    any(of_pairs.chain(of_others))
}

/// What several keys tell together: one made it, none did, or `None` where there is no key or one can't tell.
pub(super) fn any(told: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let (mut asked, mut unsure) = (false, false);
    for made in told {
        match made {
            Some(true) => return made,
            Some(false) => asked = true,
            None => unsure = true,
        }
    }
    (asked && !unsure).then_some(false)
}

/// No key at hand made the signature, whatever it is over.
pub(super) fn another(question: &Question<'_>) -> Cause {
    let sources: Vec<String> = question
        .secrets
        .iter()
        .map(|secret| secret.source().to_string())
        .collect();
    Cause {
        detail: format!(
            "the signature is none of the key from {}, whatever was signed: another key made it, or it was changed itself",
            sources.join(" or ")
        ),
        remedy: remedy::of(Kind::SecretKeyPair, "", Direction::Reverse, None),
        ..Cause::new(Kind::SecretKeyPair, Basis::Parse)
    }
}

/// Nothing was found, and the signature is an ECDSA one: what it says of its key, over the bytes as they are.
pub(super) fn unsure(question: &Question<'_>, found: Explanation) -> Explanation {
    let keys = match found.is_unknown() {
        true => signers(question),
        false => Vec::new(),
    };
    let ends: Vec<String> = keys.iter().map(|der| format!("`…{}`", end(der))).collect();
    match ends.is_empty() {
        true => found,
        false => found.with_detail(&format!(
            "; an ECDSA signature does not tell another key from other bytes: if these are the bytes that were signed, it is of the public key whose base64 ends in {}",
            ends.join(" or ")
        )),
    }
}

/// The public keys of which the signature is, if the bytes are right.
fn signers(question: &Question<'_>) -> Vec<Vec<u8>> {
    let targets = reading::of_message(question);
    let known = Known::of(question.message, question.scheme);
    let body = &question.message.body;
    let mut all: Vec<Vec<u8>> = Vec::new();
    for own in question.scheme.found(question.message) {
        let macs = question
            .secrets
            .iter()
            .find_map(|secret| own.signature.macs(secret, None).ok());
        let Some(mut mac) = macs.and_then(|macs| macs.into_iter().next()).map(|begun| begun.mac) else {
            continue;
        };
        if own.signature.content.feed(&known.facts(), body, &mut mac).is_ok() {
            let tags = targets.iter().flat_map(Target::tags);
            all.extend(tags.flat_map(|tag| mac.signers(tag)));
        }
    }
    all.truncate(MOST_SIGNERS);
    all
}

/// The last characters of a key in base64, which PEM has in its last line too.
fn end(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    text[text.len().saturating_sub(END)..].to_owned()
}

/// Nothing was found, and the key is right.
pub(super) fn right(found: Explanation) -> Explanation {
    found.with_detail("; the key is right: its pair made this signature, over other bytes")
}
