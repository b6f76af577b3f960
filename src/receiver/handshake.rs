//! The answers to challenges, by which a provider finds out whether its receiver is there.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;

use super::Reply;
use crate::json;
use crate::message::{Headers, Message};
use crate::provider::{Origin, Provider};
use crate::secret::Secret;
use crate::verify::{self, Options, Reason};

/// The provider whose challenges are answered with a MAC.
pub const ZOOM: &str = "zoom";
/// How long the token of its challenges is: 16 bytes in base64url, as its documentation shows one.
const PLAIN_TOKEN: usize = 22;

/// A challenge in a query that is sent back as it is.
struct Echo {
    parameter: &'static str,
    /// The longest value, in bytes.
    longest: usize,
    is_allowed: fn(char) -> bool,
}

/// Meta's is an integer (developers.facebook.com/docs/graph-api/webhooks/getting-started), Dropbox's a random string
/// (dropbox.com/developers/reference/webhooks).
const ECHOES: [Echo; 2] = [
    Echo {
        parameter: "hub.challenge",
        longest: 20,
        is_allowed: |c| c.is_ascii_digit(),
    },
    Echo {
        parameter: "challenge",
        longest: 128,
        is_allowed: is_base64_url,
    },
];

/// Answers challenges.
#[derive(Debug, Clone, Default)]
pub struct Handshake {
    /// The secrets that Zoom's challenges may be answered with: they must be nobody else's, since the answer is a MAC of
    /// what the sender chose.
    pub secrets: Vec<Secret>,
}

impl Handshake {
    /// The answer to a challenge of `provider`, which arrived at `at`, that wants proof of the secret.
    ///
    /// Zoom's `endpoint.url_validation` is answered with its `plainToken` and the token's HMAC-SHA256 in hex
    /// (developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint). It is signed as every delivery is
    /// (zoom/webhook-sample), and answered with the secret that it is signed with.
    pub fn proof(&self, provider: &Provider, message: &Message, at: Timestamp) -> Option<Reply> {
        if provider.name != ZOOM || provider.folder.origin == Origin::Project || message.method != "POST" {
            return None;
        }
        let body = json::parse(&message.body).ok()?;
        if body.pointer("/event")?.as_str()? != "endpoint.url_validation" {
            return None;
        }
        let token = body.pointer("/payload/plainToken")?.as_str()?;
        if token.len() != PLAIN_TOKEN || !token.chars().all(is_base64_url) {
            return None;
        }
        let options = Options::new(at);
        let is_its = |secret: &&Secret| {
            let verdict = verify::verify(&provider.scheme, std::slice::from_ref(*secret), message, &options);
            verdict.reason == Reason::Valid
        };
        let key = self.secrets.iter().find(is_its)?.key(&[]).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
        mac.update(token.as_bytes());
        let proof = json!({"plainToken": token, "encryptedToken": hex::encode(mac.finalize().into_bytes())});
        Some(reply("application/json", proof.to_string()))
    }
}

/// The answer to a challenge that is sent back as it is. One of other characters than its provider's is none, so that
/// nothing else is sent back to a browser.
pub fn echo(message: &Message) -> Option<Reply> {
    if message.method != "GET" {
        return None;
    }
    let query = message.url.as_deref()?.split_once('?')?.1;
    let find = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let (echo, value) = ECHOES.iter().find_map(|echo| Some((echo, find(echo.parameter)?)))?;
    let is_challenge = (1..=echo.longest).contains(&value.len()) && value.chars().all(echo.is_allowed);
    is_challenge.then(|| reply("text/plain", value.into_owned()))
}

fn is_base64_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn reply(content_type: &str, body: String) -> Reply {
    let headers: Headers = [("Content-Type", content_type), ("X-Content-Type-Options", "nosniff")]
        .into_iter()
        .collect();
    Reply {
        status: 200,
        headers,
        body: body.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Places, Registry};
    use crate::secret::Source;

    /// Zoom's documented example of a challenge.
    const CHALLENGE: &str = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}"#;
    /// `printf 'v0:1654503849:%s' "$CHALLENGE" | openssl dgst -sha256 -hmac secret`
    const SIGNATURE: &str = "7e641e5ab35df7be26b939d68bf5f867c8a54ef81ffeb536216748f78c295ef5";

    fn provider(name: &str) -> Provider {
        Registry::new(&Places::default()).provider(name, None).unwrap()
    }

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

    fn handshake(secrets: &[&str]) -> Handshake {
        let secret = |text: &&str| Secret::new(text.as_bytes().to_vec(), Source::Flag).unwrap();
        Handshake {
            secrets: secrets.iter().map(secret).collect(),
        }
    }

    #[test]
    fn a_signed_challenge_is_answered_with_the_secret_that_signed_it() {
        for secrets in [&["secret"][..], &["other", "secret"]] {
            let reply = handshake(secrets)
                .proof(&provider(ZOOM), &signed(CHALLENGE, SIGNATURE), Timestamp::UNIX_EPOCH)
                .unwrap();
            let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
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
        let proof = |handshake: &Handshake, name: &str, message: &Message| {
            handshake.proof(&provider(name), message, Timestamp::UNIX_EPOCH)
        };
        let own = handshake(&["secret"]);
        let genuine = signed(CHALLENGE, SIGNATURE);
        assert!(proof(&own, ZOOM, &genuine).is_some());
        for name in ["github", "slack", "costkatana", "standard-webhooks"] {
            assert_eq!(proof(&own, name, &genuine), None, "{name}");
        }
        assert_eq!(proof(&handshake(&[]), ZOOM, &genuine), None);
        assert_eq!(proof(&handshake(&["other"]), ZOOM, &genuine), None);
        let unsigned = Message::new(CHALLENGE);
        assert_eq!(proof(&own, ZOOM, &unsigned), None);
        let mut of_project = provider(ZOOM);
        of_project.folder.origin = Origin::Project;
        assert_eq!(own.proof(&of_project, &genuine, Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn a_signed_challenge_of_another_shape_is_not_answered() {
        let zoom = provider(ZOOM);
        let own = handshake(&["secret"]);
        let with = |token: &str| {
            let body = CHALLENGE.replace(r#""qgg8vlvZRS6UYooatFL8Aw""#, &json!(token).to_string());
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
            mac.update(format!("v0:1654503849:{body}").as_bytes());
            let message = signed(&body, &hex::encode(mac.finalize().into_bytes()));
            own.proof(&zoom, &message, Timestamp::UNIX_EPOCH)
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
        let get = |url: &str| {
            echo(&Message {
                method: "GET".into(),
                url: Some(url.into()),
                ..Message::new("")
            })
        };
        let meta = get("/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=x").unwrap();
        let dropbox = get("/?challenge=abc123").unwrap();
        for (reply, body) in [(meta, &b"1158201444"[..]), (dropbox, b"abc123")] {
            assert_eq!((reply.status, reply.body.as_ref()), (200, body));
            assert_eq!(reply.headers.text("content-type"), Some("text/plain"));
            assert_eq!(reply.headers.text("x-content-type-options"), Some("nosniff"));
        }
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
            "/?hub.mode=subscribe&hub.challenge=-1&challenge=abc",
            "/?hub.mode=subscribe&hub.challenge=123456789012345678901",
        ] {
            assert_eq!(get(url), None, "{url}");
        }
        let posted = Message {
            url: Some("/?challenge=abc123".into()),
            ..Message::new("")
        };
        assert_eq!(echo(&posted), None);
    }
}
