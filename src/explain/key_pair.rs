//! What a public key tells of a signature before anything is known of its content: whether its own pair made it.

use super::Question;
use super::cause::{Basis, Cause, Explanation, Kind};
use super::remedy;
use super::search::{Direction, Target};

/// Whether any of the keys at hand made a signature of the message; `None` where a key can't tell.
pub(super) fn made(question: &Question<'_>, targets: &[Target]) -> Option<bool> {
    let secrets = || question.secrets.iter().chain(question.other_secrets);
    let found = question.scheme.found(question.message);
    any(found.flat_map(|found| {
        let place = found.signature.keys.id.as_ref();
        let key_id = place.and_then(|place| place.read(question.message));
        let macs = secrets().map(move |secret| found.signature.macs(secret, key_id.as_deref()).unwrap_or_default());
        macs.flatten().flat_map(|begun| {
            let tags = targets.iter().flat_map(Target::tags);
            tags.map(move |tag| begun.mac.has_made(tag))
        })
    }))
}

/// What several keys tell together: one made it, none did, or `None` where there is no key or one can't tell.
pub(super) fn any(told: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let told: Vec<Option<bool>> = told.collect();
    match told.contains(&Some(true)) {
        true => Some(true),
        false if told.is_empty() || told.contains(&None) => None,
        false => Some(false),
    }
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
