//! The answers to handshakes, by which a provider finds out whether its receiver is there: which of the tables' apply,
//! and whom a secret is proved to.

use std::collections::HashMap;

use crate::capture::Recorded;
use crate::message::Message;
use crate::provider::{Handshake, HandshakeAnswer, Origin, Provider};
use crate::secret::Secret;
use crate::verify::{self, Options, Reason, SignatureState};

use super::Reply;

/// Answers the handshakes of the providers at hand.
#[derive(Debug, Clone, Default)]
pub struct Handshakes {
    providers: Vec<Provider>,
    /// The provider that the user named: it alone is at hand, and what it asks for is proved where it signs no handshake.
    is_named: bool,
    /// The secrets of each provider that are nobody else's: the answer may be a MAC of what the sender chose.
    secrets: HashMap<String, Vec<Secret>>,
}

/// An answer to a handshake.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) reply: Reply,
    /// Whether only a request with a valid signature is answered so.
    pub(super) asks_for_valid: bool,
    /// What is to be done with the secret that the request delivers.
    pub(super) delivered: Option<String>,
}

impl Handshakes {
    /// Those of `providers`, or of the one that was `named` alone, with the secrets that are nobody else's. What a
    /// project's table asks for that the user does not trust is not answered.
    pub fn new<'p>(
        providers: impl IntoIterator<Item = &'p Provider>,
        named: Option<&str>,
        secrets: HashMap<String, Vec<Secret>>,
    ) -> Self {
        let is_at_hand = |provider: &&Provider| {
            !provider.table.handshake.is_empty()
                && !provider.folder.is_strangers()
                && named.is_none_or(|name| name == provider.name)
        };
        Self {
            providers: providers.into_iter().filter(is_at_hand).cloned().collect(),
            is_named: named.is_some(),
            secrets,
        }
    }

    /// The providers whose handshakes are answered, each once.
    pub fn titles(&self) -> Vec<&str> {
        let mut titles: Vec<&str> = self
            .providers
            .iter()
            .map(|provider| provider.table.title.as_str())
            .collect();
        titles.sort_unstable();
        titles.dedup();
        titles
    }

    /// Those that want a proof, and get none: no secret is theirs alone.
    pub fn without_proof(&self) -> impl Iterator<Item = &Provider> {
        let by_secret = |row: &Handshake| row.has_proof() && !row.proves_given();
        self.providers.iter().filter(move |provider| {
            provider.table.handshake.iter().any(by_secret) && self.secrets_of(provider).is_empty()
        })
    }

    /// The answer to a request of the provider `whose`, where it is a handshake. Where others' fit as well and as narrowly,
    /// and want another answer, there is none.
    pub(super) fn answer(&self, recorded: &Recorded, whose: Option<&str>) -> Option<Answered> {
        let is_whose = |provider: &&Provider| whose == Some(provider.name.as_str());
        let own = fitting(self.providers.iter().filter(is_whose), recorded);
        let found = match own.as_slice() {
            [] => fitting(self.providers.iter(), recorded),
            _ => own,
        };
        let best = found.iter().map(|(score, ..)| *score).max()?;
        let mut answers = found
            .into_iter()
            .filter(|(score, ..)| *score == best)
            .filter_map(|(_, provider, row)| Some((self.filled(provider, row, recorded)?, provider, row)));
        let (answer, provider, row) = answers.next()?;
        if answers.any(|(other, ..)| other != answer) {
            return None;
        }
        Some(Answered {
            reply: Reply {
                status: answer.status,
                headers: answer.headers,
                body: answer.body.into(),
            },
            asks_for_valid: row.signed() == Some(true),
            delivered: row.delivers().map(|place| {
                let variable = provider.table.secret_env.first().map_or("CKWH_SECRET", String::as_str);
                format!(
                    "{} delivers its secret in {place}: put it in {variable} (`ckwh captures show --with-credentials` shows it)",
                    provider.table.title
                )
            }),
        })
    }

    fn filled(&self, provider: &Provider, row: &Handshake, recorded: &Recorded) -> Option<HandshakeAnswer> {
        let message = &recorded.message;
        if !row.has_proof() {
            return row.answer(message, None);
        }
        if provider.folder.origin == Origin::Project {
            return None;
        }
        let secret = match row.signed() {
            // It is proved with the secret that it is signed with.
            Some(true) => {
                let options = Options::new(recorded.received_at?);
                self.secrets_of(provider)
                    .iter()
                    .find(|secret| signs(provider, secret, message, &options))
            }
            // Anyone could ask: it is proved only where the user expects this provider.
            _ if self.is_named => self.secrets_of(provider).first(),
            _ => None,
        };
        if secret.is_none() && !(self.is_named && row.proves_given()) {
            return None;
        }
        let proof = row.proof(message, secret).ok()??;
        row.answer(message, Some(&proof))
    }

    fn secrets_of(&self, provider: &Provider) -> &[Secret] {
        self.secrets.get(&provider.name).map_or(&[], Vec::as_slice)
    }
}

/// The handshakes that the request may be, each with how many conditions hold.
fn fitting<'p>(
    providers: impl Iterator<Item = &'p Provider>,
    recorded: &Recorded,
) -> Vec<(usize, &'p Provider, &'p Handshake)> {
    let rows = providers.flat_map(|provider| provider.table.handshake.iter().map(move |row| (provider, row)));
    rows.filter(|(_, row)| fits(row, recorded))
        .filter_map(|(provider, row)| Some((row.score(&recorded.message)?, provider, row)))
        .collect()
}

fn signs(provider: &Provider, secret: &Secret, message: &Message, options: &Options) -> bool {
    let verdict = verify::verify(&provider.scheme, std::slice::from_ref(secret), message, options);
    verdict.reason == Reason::Valid
}

/// Whether the verdict on the request is the one that the handshake asks for. A proof asks for its own.
fn fits(row: &Handshake, recorded: &Recorded) -> bool {
    let judgement = recorded.judgement.as_ref();
    match row.signed() {
        None => true,
        Some(true) if row.has_proof() => true,
        Some(true) => judgement.is_some_and(|judgement| judgement.reason == Reason::Valid),
        Some(false) => judgement.is_some_and(|judgement| {
            matches!(judgement.signature, SignatureState::Mismatch | SignatureState::Absent)
                || judgement.reason == Reason::MalformedHeader
        }),
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use serde_json::json;
    use sha2::Sha256;

    use super::*;
    use crate::provider::{Places, Registry};
    use crate::secret::Source;
    use jiff::Timestamp;

    /// Zoom's documented example of a challenge.
    const CHALLENGE: &str = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}"#;
    /// `printf 'v0:1654503849:%s' "$CHALLENGE" | openssl dgst -sha256 -hmac secret`
    const SIGNATURE: &str = "7e641e5ab35df7be26b939d68bf5f867c8a54ef81ffeb536216748f78c295ef5";

    fn signed(body: &str, signature: &str) -> Message {
        Message {
            headers: [
                ("x-zm-request-timestamp", "1654503849"),
                ("x-zm-signature", &format!("v0={signature}")),
            ]
            .into_iter()
            .collect(),
            ..Message::new(body.to_owned())
        }
    }

    /// The handshakes of every built-in provider, where `secrets` are all of Zoom's alone.
    fn everyones(secrets: &[&str]) -> Handshakes {
        let registry = Registry::new(&Places::default());
        let recogniser = registry.recogniser(None).unwrap();
        let secret = |text: &&str| Secret::new(text.as_bytes().to_vec(), Source::Flag).unwrap();
        let own = HashMap::from([("zoom".to_owned(), secrets.iter().map(secret).collect())]);
        Handshakes::new(recogniser.providers(), None, own)
    }

    fn body(handshakes: &Handshakes, whose: Option<&str>, message: &Message) -> Option<String> {
        let recorded = Recorded {
            received_at: Some(Timestamp::UNIX_EPOCH),
            ..Recorded::new(message.clone())
        };
        let answered = handshakes.answer(&recorded, whose)?;
        Some(String::from_utf8(answered.reply.body.to_vec()).unwrap())
    }

    #[test]
    fn a_signed_challenge_is_answered_with_the_secret_that_signed_it() {
        for secrets in [&["secret"][..], &["other", "secret"]] {
            let answer = body(&everyones(secrets), Some("zoom"), &signed(CHALLENGE, SIGNATURE)).unwrap();
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["plainToken"], "qgg8vlvZRS6UYooatFL8Aw");
            // `printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac secret`
            assert_eq!(
                answer["encryptedToken"],
                "72cef096bfd47c0b8664df30d07721641e4abd7e885ba432204260db477a9a3e"
            );
        }
    }

    #[test]
    fn no_other_challenge_is_answered_with_a_mac() {
        let own = everyones(&["secret"]);
        let genuine = signed(CHALLENGE, SIGNATURE);
        assert!(body(&own, Some("zoom"), &genuine).is_some());
        let mut named = own.clone();
        named.providers.retain(|provider| provider.name == "github");
        assert_eq!(body(&named, Some("github"), &genuine), None);
        assert_eq!(body(&everyones(&[]), Some("zoom"), &genuine), None);
        assert_eq!(body(&everyones(&["other"]), Some("zoom"), &genuine), None);
        assert_eq!(body(&own, Some("zoom"), &Message::new(CHALLENGE)), None);
        let mut of_project = own;
        for provider in &mut of_project.providers {
            provider.folder.origin = Origin::Project;
        }
        assert_eq!(body(&of_project, Some("zoom"), &genuine), None);
    }

    #[test]
    fn a_signed_challenge_of_another_shape_is_not_answered() {
        let own = everyones(&["secret"]);
        let with = |token: &str| {
            let text = CHALLENGE.replace(r#""qgg8vlvZRS6UYooatFL8Aw""#, &json!(token).to_string());
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
            mac.update(format!("v0:1654503849:{text}").as_bytes());
            let message = signed(&text, &hex::encode(mac.finalize().into_bytes()));
            body(&own, Some("zoom"), &message)
        };
        assert!(with("AAAAAAAAAAAAAAAAAAA_-9").is_some());
        for token in [
            "",
            "short",
            "qgg8vlvZRS6UYooatFL8A",
            "qgg8vlvZRS6UYooatFL8Aw0",
            "1654503849000.{}aaaaaa",
            "v0:1654503849:{\"a\":1}",
            "{\"x\":1,\"yyyyyyyyyyy\":2}",
            "qgg8vlvZRS6UYooatFL8A=",
            "qgg8vlvZRS6UYooatFL8A+",
            "qgg8vlvZRS6UYooatFL8\u{e9}",
            "qgg8vlvZRS6UYooatFL8A\n",
        ] {
            assert_eq!(with(token), None, "{token}");
        }
    }

    #[test]
    fn an_echo_is_of_the_documented_characters() {
        let all = everyones(&[]);
        let get = |url: &str| {
            let message = Message {
                method: "GET".into(),
                url: Some(url.into()),
                ..Message::new("")
            };
            body(&all, None, &message)
        };
        let meta = get("/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=x").unwrap();
        assert_eq!(
            (meta, get("/?challenge=abc123").unwrap()),
            ("1158201444".into(), "abc123".into())
        );
        let long = "a".repeat(129);
        for url in [
            "/",
            "/?challenge=",
            "/?challenge=a%3Cb",
            "/?challenge=a%0D%0Ab",
            "/?challenge=a+b",
            "/?challenge=%C3%A9",
            &format!("/?challenge={long}"),
            "/?hub.mode=subscribe&hub.challenge=%3Cscript%3E",
            "/?hub.mode=subscribe&hub.challenge=123456789012345678901",
        ] {
            assert_eq!(get(url), None, "{url}");
        }
        let posted = Message {
            url: Some("/?challenge=abc123".into()),
            ..Message::new("")
        };
        assert_eq!(body(&all, None, &posted), None);
    }
}
