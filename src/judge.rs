//! Whose request it is, what it reports, and the verdict on it.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::capture::{BodyHeld, Identity, Judgement, Recorded};
use crate::clock::Tolerance;
use crate::json;
use crate::message::{Message, Place};
use crate::provider::{Provider, Recogniser, decided, several};
use crate::secret::Secret;
use crate::verify::{self, Options, Reason, SignatureState, Verdict};

/// Judges requests as they arrive.
#[derive(Debug, Clone)]
pub struct Judge {
    /// The providers that are told apart.
    pub recogniser: Recogniser,
    /// The provider of a request that shows none.
    pub fallback: Option<Provider>,
    /// Whether the user named the one provider whose requests are judged.
    pub is_named: bool,
    /// The secrets of each provider.
    pub secrets: HashMap<String, Vec<Secret>>,
    /// What is tried where a provider has no secret. What it does not verify stays without one.
    pub last_resort: Option<Secret>,
    /// Stands in place of each scheme's own tolerance.
    pub tolerance: Option<Tolerance>,
    /// The URL that senders sign.
    pub public_url: Option<String>,
}

impl Judge {
    /// The verdict on a request at its arrival, or at `at` where that is unknown.
    pub fn judge(&self, recorded: &Recorded, at: Timestamp) -> Judgement {
        let provider = match self.whose(recorded, at) {
            Ok(provider) => provider,
            Err(detail) => return nobodys(detail),
        };
        let mut message = Cow::Borrowed(&recorded.message);
        if provider.scheme.signs_url() {
            message.to_mut().target.clone_from(&recorded.message.url);
            message.to_mut().url = recorded.signed_url(self.public_url.as_deref());
        }
        let options = self.options(recorded, at);
        let secrets = self.secrets_of(&provider.name);
        let mut verdict = verdict(provider, secrets, &message, recorded.body_held, &options);
        if let (Reason::NoSecret, Some(last)) = (verdict.reason, &self.last_resort) {
            let tried = self::verdict(
                provider,
                std::slice::from_ref(last),
                &message,
                recorded.body_held,
                &options,
            );
            if tried.signature == SignatureState::Match {
                verdict = tried;
            }
        }
        let (event_type, identity) = event(provider, &message);
        Judgement {
            reason: verdict.reason,
            signature: verdict.signature,
            provider: Some(provider.name.clone()),
            dialect: Some(provider.dialect.clone()),
            event_type,
            identity,
            signed_at: verdict.timestamp,
            caveat: provider.caveat(&verdict, self.is_named),
            matched_secret: verdict.matched_secret.as_ref().map(ToString::to_string),
            detail: verdict.detail,
        }
    }

    fn options(&self, recorded: &Recorded, at: Timestamp) -> Options {
        let options = Options::new(recorded.received_at.unwrap_or(at));
        Options {
            tolerance: self.tolerance,
            ..options
        }
    }

    /// Whose request it is, or why that is not known.
    ///
    /// # Errors
    /// What there is to say about it.
    pub fn whose(&self, recorded: &Recorded, at: Timestamp) -> Result<&Provider, String> {
        let candidates = self.recogniser.best(&recorded.message);
        match (candidates.as_slice(), &self.fallback) {
            ([one], _) => Ok(one),
            (_, Some(fallback)) => Ok(fallback),
            ([], None) => {
                let near = self.recogniser.near(&recorded.message);
                Err(near.unwrap_or_else(|| "no provider is known to send such headers".into()))
            }
            (candidates, None) => {
                let message = Message {
                    target: recorded.message.url.clone(),
                    url: recorded.signed_url(self.public_url.as_deref()),
                    ..recorded.message.clone()
                };
                let options = self.options(recorded, at);
                decide(candidates, &self.secrets, &message, recorded.body_held, &options)
            }
        }
    }

    /// Whether there is any secret to verify with.
    pub fn has_secrets(&self) -> bool {
        self.secrets.values().any(|secrets| !secrets.is_empty())
    }

    /// The secrets of that provider.
    pub fn secrets_of(&self, provider: &str) -> &[Secret] {
        self.secrets.get(provider).map_or(&[], Vec::as_slice)
    }
}

/// The one of several candidates whose secret verifies a message; of those that sign letter by letter the same the generic
/// one.
///
/// # Errors
/// Their names, where that tells none.
pub fn decide<'p>(
    candidates: &[&'p Provider],
    secrets: &HashMap<String, Vec<Secret>>,
    message: &Message,
    held: BodyHeld,
    options: &Options,
) -> Result<&'p Provider, String> {
    let verifies = |own: &Provider| {
        let secrets = secrets.get(&own.name).map_or(&[][..], Vec::as_slice);
        let verdict = verdict(own, secrets, message, held, options);
        matches!(verdict.signature, SignatureState::Match | SignatureState::Shown)
    };
    decided(candidates, verifies).ok_or_else(|| several(candidates))
}

/// The verdict on a message. A body that was written again is tried as each language writes JSON too; one that is not
/// held is not judged.
pub fn verdict(
    provider: &Provider,
    secrets: &[Secret],
    message: &Message,
    held: BodyHeld,
    options: &Options,
) -> Verdict {
    if held == BodyHeld::Missing {
        let detail = "the file that it came from does not hold its body".to_owned();
        return Verdict::unchecked(Reason::NoBody, detail);
    }
    let mut verdict = verify::verify(&provider.scheme, secrets, message, options);
    let mut kinds = provider.table.event.kind.0.iter();
    verdict.detail = verdict.detail.or_else(|| {
        let why = kinds.find_map(|place| message.unreadable(place))?;
        Some(format!("what happened is not known: {why}"))
    });
    if held == BodyHeld::Exact || verdict.signature != SignatureState::Mismatch {
        return verdict;
    }
    let value = json::parse(&message.body).ok();
    let mut tried = json::STYLES.iter().filter_map(|style| {
        let written = json::rewrite(value.as_ref()?, style, usize::MAX)?;
        let message = Message {
            body: written.into(),
            ..message.clone()
        };
        let verdict = verify::verify(&provider.scheme, secrets, &message, options);
        (verdict.signature == SignatureState::Match).then(|| Verdict {
            detail: Some(format!(
                "the file holds what the body says, and as {} writes it the signature is right",
                style.writer
            )),
            ..verdict
        })
    });
    tried.next().unwrap_or_else(|| Verdict {
        detail: Some("the file holds what the body says and not its bytes, so this can't be judged exactly".into()),
        ..verdict
    })
}

fn nobodys(detail: String) -> Judgement {
    let verdict = Verdict::unchecked(Reason::Unrecognised, detail);
    Judgement {
        detail: verdict.detail,
        ..Judgement::new(verdict.reason, verdict.signature)
    }
}

/// The event's type, and what deliveries of it share, as the provider's table defines both; `None` where a part is
/// missing.
fn event(provider: &Provider, message: &Message) -> (Option<String>, Option<Identity>) {
    let event = &provider.table.event;
    let (kinds, parts) = (&event.kind.0, &event.identity);
    let mut found = Place::read_all(kinds.iter().chain(&event.action).chain(parts), message);
    let parts = found.split_off(kinds.len() + usize::from(event.action.is_some()));
    let actions = found.split_off(kinds.len());
    let [kind, action] = [found, actions].map(|texts| texts.into_iter().flatten().next());
    (event.joined(kind, action), identity(&provider.name, &parts))
}

fn identity(provider: &str, parts: &[Option<String>]) -> Option<Identity> {
    if parts.is_empty() {
        return None;
    }
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    };
    add(provider);
    for part in parts {
        add(part.as_deref()?);
    }
    digest.finalize().first_chunk().copied()
}
