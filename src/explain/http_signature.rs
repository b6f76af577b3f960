//! Why an HTTP message signature is not right (RFC 9421, and the drafts before it): which of the components that it covers is
//! another here. What gives the signature when a component is put back is proved by it.

mod tried;

use super::cause::{Basis, Cause, Explanation, Kind, Search};
use super::search::{Direction, Target};
use super::{Question, digest, key_pair, missing, reading, remedy, secret};
use crate::scheme::http_signature::digest::stated;
use crate::scheme::http_signature::{Component, Read};
use crate::scheme::{Begun, Encoding, GrammarError, HttpSignature, Kind as Mac, Signature};
use crate::secret::Secret;
use crate::verify::{Options, Verdict, facts, with_url};
use tried::Tried;

/// A signature that is there and can be read.
struct Found<'a> {
    signature: &'a Signature,
    http: &'a HttpSignature,
    read: Read,
}

/// Why the signature of the question's message is not right; `None` where its scheme has no such signatures.
pub(super) fn cause(question: &Question<'_>, verdict: &Verdict, options: &Options) -> Option<Explanation> {
    if question.scheme.signatures.iter().all(|own| own.http.is_none()) {
        return None;
    }
    let message = with_url(question.scheme, question.message);
    let question = &Question {
        message: &message,
        ..*question
    };
    let (found, refused) = found(question);
    if found.is_empty() {
        // A digest of the body, which stands beside such signatures, is none.
        return Some(Explanation::of(match refused {
            None => missing::unsigned(question.scheme),
            Some(kind) => Cause {
                remedy: remedy::of(kind, "http", Direction::Reverse, None),
                ..missing::stated(question, verdict, kind, Basis::Parse)
            },
        }));
    }
    let of_digest = found.iter().find_map(|found| found.of_digest(question, options));
    Some(of_digest.unwrap_or_else(|| {
        let searched = found.iter().find_map(|found| found.searched(question, options));
        searched.unwrap_or_else(|| Explanation::of(unknown(question, &found[0], verdict)))
    }))
}

/// The signatures that can be read; else what is wrong with one.
fn found<'a>(question: &Question<'a>) -> (Vec<Found<'a>>, Option<Kind>) {
    let mut refused = None;
    let mut all = Vec::new();
    for found in question.scheme.found(question.message) {
        let Some(http) = found.signature.http.as_deref() else {
            continue;
        };
        match found.parsed {
            Ok(_) => all.extend(found.http.map(|read| Found {
                signature: found.signature,
                http,
                read,
            })),
            Err(GrammarError::Algorithm(_)) => refused = Some(Kind::SignatureAlgorithm),
            Err(GrammarError::Uncovered(_)) => refused = refused.or(Some(Kind::SignatureCoverage)),
            Err(_) => refused = refused.or(Some(Kind::SignatureHeader)),
        }
    }
    (all, refused)
}

/// What a handler did that computed each of `signatures`; nothing for one that is right.
pub(super) fn computed(question: &Question<'_>, signatures: &[String]) -> Vec<Option<Explanation>> {
    let message = with_url(question.scheme, question.message);
    let question = &Question {
        message: &message,
        ..*question
    };
    let (found, _) = found(question);
    let explained = signatures.iter().map(|text| {
        let target = Target::new(reading::of_text(text, question.scheme));
        let tags: Vec<&[u8]> = target.tags().collect();
        let own = found.first()?;
        let base = own.http.base(&own.read, &facts(question.message)).ok();
        let macs = own.macs(question.secrets.iter());
        let is_made = |base: &str| {
            macs.iter()
                .any(|(_, begun)| tags.iter().any(|tag| gives(begun, base, tag)))
        };
        if base.as_deref().is_some_and(is_made) {
            return None;
        }
        let all = tried::all(question.message, own.http, &own.read, Direction::Forward);
        let cause = all
            .into_iter()
            .find(|tried| is_made(&tried.base))
            .map(|tried| tried.cause(Direction::Forward));
        Some(Explanation::of(cause.unwrap_or_else(|| Cause {
            detail: "nothing that was tried of the signed components gives this signature".to_owned(),
            remedy: remedy::of(Kind::Unknown, "text", Direction::Forward, None),
            proof: None,
            search: Some(Search::Complete),
            ..Cause::new(Kind::Unknown, Basis::Mac)
        })))
    });
    explained.collect()
}

/// Whether a MAC of `base` is `tag`.
fn gives(begun: &Begun, base: &str, tag: &[u8]) -> bool {
    let mut mac = begun.mac.clone();
    mac.update(base.as_bytes());
    mac.verify(tag)
}

impl<'a> Found<'a> {
    /// The MACs under the keys in `secrets`, each with its secret.
    fn macs<'s>(&self, secrets: impl Iterator<Item = &'s Secret>) -> Vec<(&'s Secret, Begun)> {
        macs_of(self.signature, self.read.key_id.as_deref(), secrets)
    }

    /// What it covers as it stands; `None` where a component is not there.
    fn base(&self, question: &Question<'_>) -> Option<String> {
        self.http.base(&self.read, &facts(question.message)).ok()
    }

    /// What is to be said where the signature is right, and a digest that it covers is not the body's.
    fn of_digest(&self, question: &Question<'_>, options: &Options) -> Option<Explanation> {
        let base = self.base(question)?;
        let macs = self.macs(question.secrets.iter());
        if !macs.iter().any(|(_, begun)| gives(begun, &base, &self.read.tag)) {
            return None;
        }
        let detail = self.http.difference(&self.read, question.message)?;
        let headers = self.read.covered.iter().filter_map(Component::digest_header);
        let digests = headers.flat_map(|header| {
            let all = stated(question.message, header).into_iter();
            all.map(move |stated| (header, stated))
        });
        let mut of_body = digests.filter_map(|(header, stated)| {
            let kind = if stated.name == "sha-512" {
                Mac::Sha512
            } else {
                Mac::Sha256
            };
            let stated = digest::Stated {
                kind,
                encoding: Encoding::Base64,
                text: Encoding::Base64.encode(&stated.digest),
                what: format!("the header {header}"),
            };
            digest::of_other_body(question, &stated, options)
        });
        Some(of_body.next().unwrap_or_else(|| {
            Explanation::of(Cause {
                detail,
                remedy: remedy::of(Kind::ContentHeader, "digest", Direction::Reverse, None),
                ..Cause::new(Kind::ContentHeader, Basis::Mac)
            })
        }))
    }

    /// What gives this signature: another component, another writing of them, another key or algorithm.
    fn searched(&self, question: &Question<'_>, options: &Options) -> Option<Explanation> {
        let own = self.macs(question.secrets.iter());
        let is_made = |tried: &Tried| own.iter().any(|(_, begun)| gives(begun, &tried.base, &self.read.tag));
        let all = tried::all(question.message, self.http, &self.read, Direction::Reverse);
        let found = all.iter().find(|tried| is_made(tried));
        let found = found.map(|tried| tried.cause(Direction::Reverse));
        let base = self.base(question);
        let of_secret = || match base.as_deref() {
            Some(base) if self.signature.kind.is_hmac() => {
                let (kind, key) = (self.signature.kind, &self.signature.key[..]);
                digest::of_other_secret(question, (kind, key), (base, &self.read.tag), options)
            }
            _ => None,
        };
        let of_key = || self.of_key(question, base.as_deref()?).map(Explanation::of);
        found.map(Explanation::of).or_else(of_secret).or_else(of_key)
    }

    /// Another key, or another algorithm, that gives the signature of the components as they stand.
    fn of_key(&self, question: &Question<'_>, base: &str) -> Option<Cause> {
        let proved = |kind, detail: String, step| Cause {
            detail,
            remedy: remedy::of(kind, step, Direction::Reverse, None),
            ..Cause::new(kind, Basis::Mac)
        };
        for secret in question.secrets {
            for (kind, steps, what) in secret::pipelines(secret.expose(), &self.signature.key) {
                let other = Signature {
                    key: steps,
                    ..self.signature.clone()
                };
                if self.is_made(&other, secret, base) {
                    let detail = format!("it is signed with the secret from {} {what}", secret.source());
                    return Some(proved(kind, detail, ""));
                }
            }
            for other in Mac::all().filter(|other| *other != self.signature.kind && other.fits(self.read.tag.len())) {
                let other = Signature {
                    kind: other,
                    ..self.signature.clone()
                };
                if self.is_made(&other, secret, base) {
                    let detail = format!(
                        "it is signed by {}, and this provider signs by {}",
                        other.kind, self.signature.kind
                    );
                    return Some(proved(Kind::SignatureAlgorithm, detail, "http"));
                }
            }
        }
        let others = self.macs(question.other_secrets.iter());
        let (other, _) = others.iter().find(|(_, begun)| gives(begun, base, &self.read.tag))?;
        let detail = format!("it is signed with another secret, the one from {}", other.source());
        Some(proved(Kind::SecretOther, detail, ""))
    }

    fn is_made(&self, signature: &Signature, secret: &Secret, base: &str) -> bool {
        let macs = macs_of(signature, self.read.key_id.as_deref(), std::iter::once(secret));
        macs.iter().any(|(_, begun)| gives(begun, base, &self.read.tag))
    }
}

fn macs_of<'s>(
    signature: &Signature,
    key_id: Option<&str>,
    secrets: impl Iterator<Item = &'s Secret>,
) -> Vec<(&'s Secret, Begun)> {
    let begun = |secret: &'s Secret| signature.macs(secret, key_id).unwrap_or_default();
    secrets
        .flat_map(|secret| begun(secret).into_iter().map(move |begun| (secret, begun)))
        .collect()
}

/// Nothing that was tried gives the signature.
fn unknown(question: &Question<'_>, found: &Found<'_>, verdict: &Verdict) -> Cause {
    let macs = found.macs(question.secrets.iter());
    let made = key_pair::any(macs.iter().map(|(_, begun)| begun.mac.has_made(&found.read.tag)));
    if made == Some(false) {
        return key_pair::another(question);
    }
    let (lead, step) = match (&verdict.detail, found.base(question)) {
        (Some(detail), None) => (format!("{detail}; "), "value"),
        _ => (String::new(), "http"),
    };
    let key = if made == Some(true) {
        "; the key is right: its pair made this signature"
    } else {
        ""
    };
    Cause {
        detail: format!(
            "{lead}no other value of a component that was tried, and no other secret at hand, gives this signature{key}"
        ),
        remedy: remedy::of(Kind::Unknown, step, Direction::Reverse, None),
        proof: None,
        search: Some(Search::Complete),
        ..Cause::new(Kind::Unknown, Basis::Mac)
    }
}
