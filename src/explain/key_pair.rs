//! What a public key tells of a signature before anything is known of its content: whether its own pair made it.

use super::Question;
use super::cause::{Basis, Cause, Explanation, Kind};
use super::remedy;
use super::search::{Direction, Target};

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

/// Nothing was found, and the key is right.
pub(super) fn right(found: Explanation) -> Explanation {
    found.with_detail("; the key is right: its pair made this signature, over other bytes")
}
