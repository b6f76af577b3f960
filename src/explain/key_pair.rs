//! What a public key tells of a signature before anything is known of its content: whether its own pair made it.

use super::Question;
use super::cause::{Basis, Cause, Explanation, Kind};
use super::remedy;
use super::search::{Direction, Target};
use crate::scheme::Signature;

/// Whether any of the keys at hand made a signature of the message; `None` where a key can't tell.
pub(super) fn made(question: &Question<'_>, targets: &[Target]) -> Option<bool> {
    let found = question.scheme.found(question.message);
    let signatures: Vec<&Signature> = found.map(|found| found.signature).collect();
    let mut any = None;
    for signature in signatures {
        let key_id = signature
            .keys
            .id
            .as_ref()
            .and_then(|place| place.read(question.message));
        for secret in question.secrets.iter().chain(question.other_secrets) {
            for begun in signature.macs(secret, key_id.as_deref()).unwrap_or_default() {
                for tag in targets.iter().flat_map(Target::tags) {
                    let made = begun.mac.may_have_made(tag)?;
                    if made {
                        return Some(true);
                    }
                    any = Some(false);
                }
            }
        }
    }
    any
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

/// Nothing was found, and the key is right.
pub(super) fn right(found: Explanation) -> Explanation {
    found.with_detail("; the key is right: its pair made this signature, over other bytes")
}
