//! Why a token is not taken (RFC 7515, RFC 7519). What it signs stands in itself, so a wrong signature is the secret's or the
//! token's own; what its claims say of the message is searched as a plain digest would be.

use super::cause::{Basis, Cause, Explanation, Kind, Search};
use super::search::Direction;
use super::{Question, digest, key_pair, missing, remedy, secret};
use crate::message::Place;
use crate::scheme::jws::Difference;
use crate::scheme::{Change, GrammarError, Jws, Part, Signature};
use crate::secret::{KeyStep, Secret};
use crate::verify::{Options, Verdict, facts};

/// A token that is there.
struct Found<'a> {
    signature: &'a Signature,
    jws: &'a Jws,
    text: String,
}

/// Why the tokens of the question's message are not taken; `None` where its scheme has none, or none is there.
pub(super) fn cause(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Option<Explanation> {
    let is_token = |own: &Signature| own.jws.is_some();
    if !question.scheme.signatures.iter().any(is_token) {
        return None;
    }
    let mut refused = None;
    let mut tokens = Vec::new();
    for found in question.scheme.found(question.message) {
        let Some(jws) = found.signature.jws.as_deref() else {
            continue;
        };
        match found.parsed {
            Ok(parsed) => tokens.extend(parsed.signatures.into_iter().map(|text| Found {
                signature: found.signature,
                jws,
                text,
            })),
            Err(GrammarError::Algorithm(_)) => refused = Some(Kind::SignatureAlgorithm),
            Err(_) => refused = refused.or(Some(Kind::SignatureHeader)),
        }
    }
    if tokens.is_empty() {
        return refused.map(|kind| {
            Explanation::of(Cause {
                remedy: remedy::of(kind, "token", Direction::Reverse, None),
                ..missing::stated(question, verdict, kind, Basis::Parse)
            })
        });
    }
    let of_claims = tokens.iter().find_map(|token| token.of_claims(question, options));
    Some(of_claims.unwrap_or_else(|| Explanation::of(of_keys(question, &tokens))))
}

impl Found<'_> {
    /// Whether `secret` made the token, with these steps to its key.
    fn is_made(&self, question: &Question<'_>, secret: &Secret, steps: &[KeyStep]) -> bool {
        let signature = Signature {
            key: steps.to_vec(),
            ..self.signature.clone()
        };
        let Ok(token) = self.jws.read(&self.text) else {
            return false;
        };
        let signed = self.jws.signed(
            &token,
            &signature.content,
            &facts(question.message),
            &question.message.body,
        );
        let macs = signature.macs(secret, token.key_id.as_deref());
        let (Ok(signed), Ok(macs)) = (signed, macs) else {
            return false;
        };
        macs.into_iter().any(|begun| {
            let mut mac = begun.mac;
            mac.update(&signed);
            mac.verify(&token.tag)
        })
    }

    /// What a token that is rightly signed says otherwise than the message.
    fn of_claims(&self, question: &Question<'_>, options: &Options) -> Option<Explanation> {
        let token = self.jws.read(&self.text).ok()?;
        let message = question.message;
        let difference = self
            .jws
            .difference(&token, &facts(question.message), &message.body)
            .ok()??;
        let mut secrets = question.secrets.iter();
        if !secrets.any(|secret| self.is_made(question, secret, &self.signature.key)) {
            return None;
        }
        let of_body = of_body(question, &difference, options);
        Some(of_body.unwrap_or_else(|| {
            let kind = if difference.parts.iter().any(Part::reads_url) {
                Kind::ContentUrl
            } else {
                Kind::ContentClaim
            };
            Explanation::of(Cause {
                detail: format!("the token's signature is right, and a claim is not: {difference}"),
                remedy: remedy::of(kind, "", Direction::Reverse, None),
                ..Cause::new(kind, Basis::Mac)
            })
        }))
    }
}

/// What was done to the body since its digest was put into a claim.
fn of_body(question: &Question<'_>, difference: &Difference, options: &Options) -> Option<Explanation> {
    let [Part::Changed(part, Change::Digest(digest))] = &difference.parts[..] else {
        return None;
    };
    if **part != Part::Body {
        return None;
    }
    let stated = digest::Stated {
        kind: digest.plain_kind()?,
        encoding: digest.encoding(),
        text: difference.has.clone()?,
        what: format!("its claim `{}`", difference.claim),
    };
    digest::of_other_body(question, &stated, options)
}

/// Why none of the secrets made the tokens.
fn of_keys(question: &Question<'_>, tokens: &[Found<'_>]) -> Cause {
    let token = &tokens[0];
    for secret in question.secrets {
        for (kind, steps, what) in secret::pipelines(secret.expose(), &token.signature.key) {
            if steps != token.signature.key && token.is_made(question, secret, &steps) {
                return Cause {
                    detail: format!("the token is signed with the secret from {} {what}", secret.source()),
                    remedy: remedy::of(kind, "", Direction::Reverse, None),
                    ..Cause::new(kind, Basis::Mac)
                };
            }
        }
    }
    let is_made = |secret: &&Secret| token.is_made(question, secret, &token.signature.key);
    if let Some(other) = question.other_secrets.iter().find(is_made) {
        return Cause {
            detail: format!(
                "the token is signed with another secret, the one from {}",
                other.source()
            ),
            remedy: remedy::of(Kind::SecretOther, "", Direction::Reverse, None),
            ..Cause::new(Kind::SecretOther, Basis::Mac)
        };
    }
    if token.signature.kind.is_by_pair() && !question.secrets.is_empty() {
        return key_pair::another(question);
    }
    Cause {
        detail: match token.signature.place() {
            Place::Whole => "no secret at hand signed this token, which is the whole body".to_owned(),
            _ => "no secret at hand signed this token; what it signs stands in the token itself, so the body has no part in it"
                .to_owned(),
        },
        remedy: remedy::of(Kind::Unknown, "token", Direction::Reverse, None),
        proof: None,
        search: Some(Search::Complete),
        ..Cause::new(Kind::Unknown, Basis::Mac)
    }
}
