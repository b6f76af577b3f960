//! Why a secret that is shown is not the one that is expected: there are no bytes to search, only the secret's own causes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Question;
use super::cause::{Basis, Cause, Explanation, Kind, Search};
use super::missing;
use super::remedy;
use super::search::Direction;
use super::values;
use crate::message::Place;
use crate::scheme::Signature;
use crate::secret::{Key, Secret};
use crate::verify::{SignatureState, Verdict};

/// A shorter secret may stand somewhere by chance, in bytes.
const SHORTEST: usize = 8;

/// Words that stand before a token, and make another of it where they are missing or are too many.
const PREFIXES: [&str; 4] = ["Bearer ", "Basic ", "Token ", "token "];

/// What makes one text of a secret the other. `of` gives the text that is shown in place of the secret's.
struct Change {
    kind: Kind,
    detail: &'static str,
    are_one: fn(&str, &str) -> bool,
}

const CHANGES: &[Change] = &[
    Change {
        kind: Kind::SecretWhitespace,
        detail: "it is the secret but for white space around it",
        are_one: |shown, own| shown.trim() == own.trim(),
    },
    Change {
        kind: Kind::SecretQuoted,
        detail: "it is the secret but for quotes around it",
        are_one: |shown, own| unquoted(shown) == unquoted(own),
    },
    Change {
        kind: Kind::SignaturePrefix,
        detail: "it is the secret but for the word before it, such as `Bearer `",
        are_one: |shown, own| without_prefix(shown) == without_prefix(own),
    },
    Change {
        kind: Kind::SecretCase,
        detail: "it is the secret in another case",
        are_one: str::eq_ignore_ascii_case,
    },
    Change {
        kind: Kind::SecretUrlEncoded,
        detail: "one is URL-encoded, and the other is not",
        are_one: |shown, own| decoded(shown) == own || decoded(own) == shown,
    },
    Change {
        kind: Kind::SecretBase64,
        detail: "one is the base64 of the other",
        are_one: |shown, own| STANDARD.encode(own) == shown || STANDARD.encode(shown) == own,
    },
    Change {
        kind: Kind::SecretHashed,
        detail: "it is the SHA-256 of the secret, in hex",
        are_one: |shown, own| hex::encode(Sha256::digest(own)) == shown.to_ascii_lowercase(),
    },
    Change {
        kind: Kind::SecretTruncated,
        detail: "one is only the beginning of the other",
        are_one: |shown, own| {
            let is_cut = |short: &str, long: &str| short.len() >= SHORTEST && long.starts_with(short);
            is_cut(shown, own) || is_cut(own, shown)
        },
    },
];

/// Why `verdict` is what it is, where the scheme shows its secret.
pub(super) fn received(question: &Question<'_>, verdict: &Verdict) -> Option<Explanation> {
    let cause = match verdict.signature {
        SignatureState::Absent | SignatureState::Unchecked => elsewhere(question),
        _ => None,
    };
    let cause = cause
        .or_else(|| missing::literal(question))
        .or_else(|| question.scheme.signatures.iter().find_map(|own| changed(question, own)));
    let known = cause.or_else(|| match (verdict.signature, question.secrets) {
        (_, []) => None,
        (SignatureState::Absent, _) => Some(missing::unshown(question.scheme)),
        _ => Some(unknown()),
    });
    known.map(Explanation::of)
}

/// The secret itself, in another place than it is expected in.
fn elsewhere(question: &Question<'_>) -> Option<Cause> {
    let is_expected = |place: &Place| {
        let expected = question.scheme.signatures.iter().flat_map(|own| &own.places);
        expected.into_iter().any(|own| own.is(place))
    };
    let found = values::of_message(question.message).into_iter().find(|value| {
        let is_own = |secret: &Secret| {
            secret.expose().len() >= SHORTEST && is(without_prefix(value.text.trim()).as_bytes(), secret.expose())
        };
        !is_expected(&value.place.in_message()) && question.secrets.iter().any(is_own)
    })?;
    let expected = question.scheme.signatures.first()?.place();
    Some(Cause {
        detail: format!("the secret stands in {}, and is expected in {expected}", found.place),
        remedy: remedy::of(Kind::SignatureHeader, "shown", Direction::Reverse, None),
        ..Cause::new(Kind::SignatureHeader, Basis::Parse)
    })
}

/// What was done to a secret at hand that is shown in the place of `signature`.
fn changed(question: &Question<'_>, signature: &Signature) -> Option<Cause> {
    let values = signature.places.iter().flat_map(|place| place.values(question.message));
    for value in values {
        let text = String::from_utf8_lossy(&value).into_owned();
        let parsed = signature.grammar.parse(&value).unwrap_or_default().signatures;
        let tags = parsed.iter().filter_map(|text| signature.decode(text));
        let mut shown: Vec<String> = tags.map(|tag| String::from_utf8_lossy(&tag).into_owned()).collect();
        shown.push(text);
        for shown in &shown {
            if let Some(other) = question
                .other_secrets
                .iter()
                .find(|other| is(shown.as_bytes(), other.expose()))
            {
                return Some(cause(
                    Kind::SecretOther,
                    format!("it is the secret from {}", other.source()),
                ));
            }
            for secret in question.secrets {
                let own = String::from_utf8_lossy(secret.expose());
                if let Some(change) = CHANGES.iter().find(|change| (change.are_one)(shown, &own)) {
                    return Some(cause(change.kind, change.detail.to_owned()));
                }
            }
        }
    }
    None
}

fn cause(kind: Kind, detail: String) -> Cause {
    Cause {
        detail,
        remedy: remedy::of(kind, "shown", Direction::Reverse, None),
        ..Cause::new(kind, Basis::Parse)
    }
}

fn unknown() -> Cause {
    Cause {
        detail: "what is shown is another secret: none of those at hand, nor one of them changed".to_owned(),
        remedy: remedy::of(Kind::Unknown, "shown", Direction::Reverse, None),
        proof: None,
        search: Some(Search::Complete),
        ..Cause::new(Kind::Unknown, Basis::Parse)
    }
}

/// In constant time.
fn is(shown: &[u8], secret: &[u8]) -> bool {
    Key::new(shown.to_vec()).is(&Key::new(secret.to_vec()))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`'])
}

fn without_prefix(text: &str) -> &str {
    PREFIXES
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text)
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
