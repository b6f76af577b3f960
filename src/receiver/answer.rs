//! What senders are answered.

use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::json;
use crate::message::{Headers, Message};
use crate::secret::Secret;

/// The longest challenge that is sent back, in bytes.
const LONGEST_CHALLENGE: usize = 1024;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers; the body's length is not among them.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A status, with a line of text that explains it.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if !text.is_empty() {
            text.push('\n');
        }
        Self {
            status,
            headers: [("Content-Type", "text/plain; charset=utf-8")].into_iter().collect(),
            body: text.into(),
        }
    }
}

/// The answers of a receiver that forwards nothing.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The answer, where nothing else is said.
    pub reply: Reply,
    /// The statuses of the first answers; the last repeats.
    pub script: Vec<u16>,
    /// The share of answers that are 500, and where its random numbers begin.
    pub fail_rate: Option<(f64, u64)>,
    /// Whether what is not valid is answered 401.
    pub reject_invalid: bool,
    /// Whether challenges are answered as their providers want it.
    pub handshake: bool,
    /// How long each answer is held back.
    pub delay: Duration,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            reply: Reply {
                status: 200,
                headers: Headers::default(),
                body: Bytes::new(),
            },
            script: Vec::new(),
            fail_rate: None,
            reject_invalid: false,
            handshake: false,
            delay: Duration::ZERO,
        }
    }
}

impl Answers {
    /// The answer to the nth request, counted from 0.
    pub fn reply(&self, number: u64) -> Reply {
        let mut reply = self.reply.clone();
        if let Some(last) = self.script.len().checked_sub(1) {
            let at = usize::try_from(number).unwrap_or(last).min(last);
            reply.status = self.script[at];
        }
        if let Some((rate, seed)) = self.fail_rate
            && fastrand::Rng::with_seed(seed.wrapping_add(number)).f64() < rate
        {
            reply.status = 500;
        }
        reply
    }
}

/// The answer to a challenge, where `message` is one.
///
/// Meta: `GET ?hub.mode=subscribe&hub.challenge=…`, answered with the challenge
/// (developers.facebook.com/docs/graph-api/webhooks/getting-started). Dropbox: `GET ?challenge=…`, likewise, as
/// `text/plain` with `nosniff` (dropbox.com/developers/reference/webhooks). Zoom: `endpoint.url_validation`, answered
/// with `plainToken` and its HMAC-SHA256 in hex (developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint).
pub fn handshake(message: &Message, secrets: &[Secret]) -> Option<Reply> {
    match message.method.as_str() {
        "GET" => {
            let query = message.url.as_deref()?.split_once('?')?.1;
            let find = |name: &str| {
                form_urlencoded::parse(query.as_bytes())
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.into_owned())
            };
            let challenge = match find("hub.mode").as_deref() {
                Some("subscribe") => find("hub.challenge")?,
                _ => find("challenge")?,
            };
            echo(challenge)
        }
        "POST" => {
            let body = json::parse(&message.body).ok()?;
            if body.pointer("/event")?.as_str()? != "endpoint.url_validation" {
                return None;
            }
            let token = body.pointer("/payload/plainToken")?.as_str()?;
            let key = secrets.first()?.key(&[]).ok()?;
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
            mac.update(token.as_bytes());
            let answer: Value =
                json!({"plainToken": token, "encryptedToken": hex::encode(mac.finalize().into_bytes())});
            (token.len() <= LONGEST_CHALLENGE).then(|| Reply {
                status: 200,
                headers: [("Content-Type", "application/json")].into_iter().collect(),
                body: answer.to_string().into(),
            })
        }
        _ => None,
    }
}

fn echo(challenge: String) -> Option<Reply> {
    (challenge.len() <= LONGEST_CHALLENGE).then(|| Reply {
        status: 200,
        headers: [("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff")]
            .into_iter()
            .collect(),
        body: challenge.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Source;

    #[test]
    fn a_script_ends_in_its_last_status_and_a_seed_repeats_itself() {
        let mut answers = Answers {
            script: vec![500, 502, 200],
            ..Answers::default()
        };
        let statuses: Vec<_> = (0..5).map(|number| answers.reply(number).status).collect();
        assert_eq!(statuses, [500, 502, 200, 200, 200]);
        answers.script.clear();
        answers.fail_rate = Some((0.3, 7));
        let run = || (0..1000).map(|number| answers.reply(number).status).collect::<Vec<_>>();
        let failed = run().iter().filter(|status| **status == 500).count();
        assert!((200..400).contains(&failed), "{failed}");
        assert_eq!(run(), run());
    }

    #[test]
    fn challenges_are_answered_as_documented() {
        let get = |url: &str| Message {
            method: "GET".into(),
            url: Some(url.into()),
            ..Message::new("")
        };
        let meta = get("/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=x");
        assert_eq!(handshake(&meta, &[]).unwrap().body.as_ref(), b"1158201444");
        let dropbox = handshake(&get("/?challenge=a%3Cb"), &[]).unwrap();
        assert_eq!(dropbox.body.as_ref(), b"a<b");
        assert_eq!(dropbox.headers.text("x-content-type-options"), Some("nosniff"));
        assert_eq!(handshake(&get("/"), &[]), None);
        // The token is Zoom's documented example; the MAC was computed with
        // `printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac secret`.
        let zoom = Message::new(
            r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}"#,
        );
        let secret = Secret::new(b"secret".to_vec(), Source::Flag).unwrap();
        let reply = handshake(&zoom, &[secret]).unwrap();
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(answer["plainToken"], "qgg8vlvZRS6UYooatFL8Aw");
        assert_eq!(
            answer["encryptedToken"],
            "72cef096bfd47c0b8664df30d07721641e4abd7e885ba432204260db477a9a3e"
        );
    }
}
