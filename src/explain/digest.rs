//! What was done to a body since a digest was made of it, or to a secret since it signed these very bytes: the search, with
//! nothing but the one to be found out.

use super::cause::{Basis, Cause, Explanation, Proof};
use super::{Question, changed};
use crate::message::{Message, Place};
use crate::scheme::{Content, Encoding, Grammar, KeyRule, Kind, Part, Scheme, Signature, UrlRule};
use crate::secret::{KeyStep, Secret, Source};
use crate::verify::Options;

/// Where the tag stands for the search; no message has such a header.
const HEADER: &str = "X-Searched-Tag";

/// A digest of the body, which a signature covers.
pub(super) struct Stated {
    /// The plain hash.
    pub(super) kind: Kind,
    pub(super) encoding: Encoding,
    pub(super) text: String,
    /// What holds it, in words.
    pub(super) what: String,
}

/// What was done to the body since `stated` was made of it; `None` where nothing that is tried gives that digest.
pub(super) fn of_other_body(question: &Question<'_>, stated: &Stated, options: &Options) -> Option<Explanation> {
    // A plain digest has no key: any will do.
    let secrets = [Secret::new(b"none".to_vec(), Source::ThrowAway).ok()?];
    let within = Question {
        secrets: &secrets,
        other_secrets: &[],
        ..*question
    };
    let body = question.message.body.clone();
    let mut message = Message {
        body,
        ..question.message.clone()
    };
    message.headers.set(HEADER, &stated.text);
    let mut causes = causes(&within, (stated.kind, stated.encoding, &[]), &message, options);
    causes.retain(|cause| cause.kind.is_body());
    for cause in &mut causes {
        cause.detail = format!(
            "the signature is right, and {} is of other bytes: {}",
            stated.what, cause.detail
        );
    }
    Explanation::all(causes)
}

/// What was done to the secret, or which other one it was, that made an HMAC `tag` of `bytes`.
pub(super) fn of_other_secret(
    question: &Question<'_>,
    (kind, key): (Kind, &[KeyStep]),
    (bytes, tag): (&str, &[u8]),
    options: &Options,
) -> Option<Explanation> {
    let mut message = Message::new(bytes.to_owned());
    message.headers.set(HEADER, Encoding::Base64.encode(tag));
    let mut causes = causes(question, (kind, Encoding::Base64, key), &message, options);
    // What is found of the bytes themselves is in terms of a body.
    causes.retain(|cause| cause.kind.name().starts_with("secret."));
    Explanation::all(causes)
}

/// Why the tag of `message`, over its body alone, is not right.
fn causes(
    question: &Question<'_>,
    (kind, encoding, key): (Kind, Encoding, &[KeyStep]),
    message: &Message,
    options: &Options,
) -> Vec<Cause> {
    let Ok(grammar) = Grammar::items("{sig}", None) else {
        return Vec::new();
    };
    let scheme = Scheme {
        signatures: vec![Signature {
            kind,
            places: vec![Place::Header(HEADER.into())],
            grammar,
            encoding,
            accept: Vec::new(),
            content: Content::of(vec![Part::Body]),
            key: key.to_vec(),
            url: UrlRule::default(),
            digest: None,
            keys: KeyRule::default(),
            jws: None,
            http: None,
        }],
        timestamp: None,
        id: None,
    };
    let within = Question {
        scheme: &scheme,
        others: &[],
        message,
        ..*question
    };
    let verdict = crate::verify::verify(&scheme, within.secrets, message, options);
    let mut causes = changed(&within, &verdict, options).into_causes();
    for cause in &mut causes {
        // It would name this content, which is none of the provider's.
        cause.proof = Some(Proof {
            by: Basis::Mac,
            recipe: None,
        });
    }
    causes
}
