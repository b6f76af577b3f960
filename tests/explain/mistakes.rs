//! Mistakes with keys and headers as people report them, by the tables of real providers. The MACs are those of the
//! crate hmac, and the two deliveries that providers publish are theirs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::explain::{Kind, Question, computed, received};
use ckwh::message::Message;
use ckwh::provider::{Places, Provider, Registry};
use ckwh::secret::{Secret, Source};
use ckwh::verify::{Options, Reason, verify};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::Sha256;

use crate::question::Said;

fn sha256(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).unwrap();
    mac.chain_update(content).finalize().into_bytes().to_vec()
}

fn sha1(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_ref()).unwrap();
    mac.chain_update(content).finalize().into_bytes().to_vec()
}

/// A delivery by a provider's table.
struct Delivery {
    provider: Provider,
    secret: Secret,
    message: Message,
    at: Timestamp,
}

impl Delivery {
    fn new(provider: &str, secret: &str, body: &str, headers: &[(&str, &str)]) -> Self {
        let mut message = Message::new(body.to_owned());
        for (name, value) in headers {
            message.headers.append(*name, value);
        }
        Self {
            provider: Registry::new(&Places::default()).provider(provider, None).unwrap(),
            secret: Secret::new(secret.into(), Source::Flag).unwrap(),
            message,
            at: "2026-05-08T12:00:00Z".parse().unwrap(),
        }
    }

    fn question(&self) -> Question<'_> {
        Question::new(&self.provider.scheme, std::slice::from_ref(&self.secret), &self.message)
    }

    fn options(&self) -> Options {
        Options::new(self.at)
    }

    fn why(&self) -> Said {
        let secrets = std::slice::from_ref(&self.secret);
        let verdict = verify(&self.provider.scheme, secrets, &self.message, &self.options());
        received(&self.question(), &verdict, &self.options()).into()
    }

    fn did(&self, made: impl Into<String>) -> Said {
        computed(&self.question(), &[made.into()]).remove(0).into()
    }
}

fn is(said: &Said, kind: Kind, words: &str) {
    let [cause] = said.causes.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(cause.kind, kind, "{}", cause.detail);
    assert!(cause.detail.contains(words), "{words}: {}", cause.detail);
}

/// docs.github.com, "Testing the webhook payload validation".
const GITHUB: (&str, &str, &str) = (
    "It's a Secret to Everybody",
    "Hello, World!",
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
);

fn github(signature: &[(&str, &str)]) -> Delivery {
    let common = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "72d3162e")];
    Delivery::new("github", GITHUB.0, GITHUB.1, &[&common[..], signature].concat())
}

/// The providers whose variables are tried by name: more names would cost each search more.
const COMMONEST: [&str; 22] = [
    "calendly",
    "discord",
    "dropbox",
    "github",
    "hubspot",
    "intercom",
    "lemonsqueezy",
    "linear",
    "meta",
    "paddle",
    "pagerduty",
    "paystack",
    "quotawatch",
    "razorpay",
    "shopify",
    "slack",
    "square",
    "standard-webhooks",
    "stripe",
    "twilio",
    "typeform",
    "zoom",
];

#[test]
fn a_whole_line_for_the_value_is_named_by_a_common_provider_s_variable() {
    let right = github(&[("X-Hub-Signature-256", GITHUB.2)]);
    let mut expected = Vec::new();
    let registry = Registry::new(&Places::default());
    let names = COMMONEST.map(|name| registry.provider(name, None).unwrap().table.secret_env);
    for name in names.iter().flatten() {
        expected.extend([
            (Kind::SecretPrefix, name.clone(), format!("{name}={}", GITHUB.0)),
            (
                Kind::SecretQuoted,
                format!("{name}=\"…\""),
                format!("{name}=\"{}\"", GITHUB.0),
            ),
            (Kind::SecretPrefix, name.clone(), format!("export {name}={}", GITHUB.0)),
        ]);
        for text in [
            format!("process.env.{name}"),
            format!("${{{{ secrets.{name} }}}}"),
            name.clone(),
        ] {
            expected.push((Kind::SecretPlaceholder, text.clone(), text));
        }
    }
    let made = expected.iter().map(|(.., key)| hex::encode(sha256(key, GITHUB.1)));
    let said = computed(&right.question(), &made.collect::<Vec<_>>());
    for ((kind, words, _), said) in expected.iter().zip(said) {
        is(&said.into(), *kind, words);
    }
    let line = format!(
        "sha256={}",
        hex::encode(sha256(format!("SECRET_TOKEN={}", GITHUB.0), GITHUB.1))
    );
    is(
        &github(&[("X-Hub-Signature-256", &line)]).why(),
        Kind::SecretPrefix,
        "SECRET_TOKEN=…",
    );
}

#[test]
fn what_shells_and_manifests_make_of_a_secret_is_named() {
    let right = github(&[("X-Hub-Signature-256", GITHUB.2)]);
    for (kind, key) in [
        (Kind::SecretQuoted, "It's a Secret to Everybody\\n"),
        (Kind::SecretQuoted, "Its a Secret to Everybody"),
        (Kind::SecretPrefix, "Bearer It's a Secret to Everybody"),
        (Kind::SecretBase64, "SXQncyBhIFNlY3JldCB0byBFdmVyeWJvZHk="),
    ] {
        is(&right.did(hex::encode(sha256(key, GITHUB.1))), kind, "");
    }
    let (id, stamp, body) = ("msg_1", "1778241600", "{}");
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let key = STANDARD.decode(&secret[6..]).unwrap();
    let made = STANDARD.encode(sha256(key, format!("{id}.{stamp}.{body}")));
    let headers = [
        ("webhook-id", id),
        ("webhook-timestamp", stamp),
        ("webhook-signature", &format!("v1,{made}")),
    ];
    let encoded = Delivery::new("standard-webhooks", &STANDARD.encode(secret), body, &headers);
    is(&encoded.why(), Kind::SecretBase64, "manifest");
}

#[test]
fn a_secret_that_is_sent_as_a_token_is_no_unsigned_request() {
    for headers in [
        [("X-Gitlab-Token", GITHUB.0)],
        [("Authorization", "It's a Secret to Everybody")],
        [("X-Hub-Signature-256", GITHUB.0)],
        [("X-Hub-Signature-256", "sha256=It's a Secret to Everybody")],
    ] {
        let said = github(&headers).why();
        is(&said, Kind::SignatureNotHmac, headers[0].0);
        assert!(!said.causes[0].detail.contains(GITHUB.0));
    }
}

#[test]
fn an_id_that_is_not_there_is_said_to_be_missing() {
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let made = format!("v1,{}", STANDARD.encode(sha256(key, "msg_1.1778241600.{}")));
    let headers = [("svix-timestamp", "1778241600"), ("svix-signature", made.as_str())];
    let mut delivery = Delivery::new("svix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "{}", &headers);
    let secrets = std::slice::from_ref(&delivery.secret);
    let verdict = verify(
        &delivery.provider.scheme,
        secrets,
        &delivery.message,
        &delivery.options(),
    );
    assert_eq!(verdict.reason, Reason::MissingHeader);
    is(&delivery.why(), Kind::Unknown, "svix-id is not there");
    delivery.message.headers.set("X-Request-Id", "msg_1");
    is(&delivery.why(), Kind::ContentIdOther, "X-Request-Id");
}

#[test]
fn a_field_s_name_that_is_kept_is_named() {
    let body = "{\"id\":\"evt_1\"}";
    let (secret, stamp) = ("whsec_test_secret", "1778241600");
    let made = hex::encode(sha256(secret, format!("{stamp}.{body}")));
    let header = format!("t={stamp},v1={made}");
    let right = Delivery::new("stripe", secret, body, &[("Stripe-Signature", &header)]);
    let kept = hex::encode(sha256(secret, format!("t={stamp}.{body}")));
    is(&right.did(kept), Kind::ContentTimestampOther, "`t=1778241600`");

    // docs.slack.dev, "Verifying requests from Slack".
    let (secret, stamp) = ("8f742231b10e8888abcd99yyyzzz85a5", "1531420618");
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let headers = [
        ("X-Slack-Request-Timestamp", stamp),
        (
            "X-Slack-Signature",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ),
    ];
    let right = Delivery::new("slack", secret, body, &headers);
    let made = |content: String| format!("v0={}", hex::encode(sha256(secret, content)));
    is(
        &right.did(made(format!("v0={stamp}:{body}"))),
        Kind::ContentSeparator,
        "`v0=`",
    );
    is(
        &right.did(made(format!("{stamp}:{body}"))),
        Kind::ContentSeparator,
        "without `v0:`",
    );
}

#[test]
fn what_becomes_of_twilio_s_url_and_fields_is_named() {
    // twilio.com/docs/usage/security, with fields that tell the orders apart.
    let (token, url) = ("12345", "https://example.com/myapp.php?foo=1&bar=2");
    let body = "To=%2B18005551212&Digits=1234&From=%2B14158675310&Caller=&callSid=CA1";
    let sorted = "CallerDigits1234From+14158675310To+18005551212callSidCA1";
    let made = |content: String| STANDARD.encode(sha1(token, content));
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Twilio-Signature", &made(format!("{url}{sorted}"))),
    ];
    let mut right = Delivery::new("twilio", token, body, &headers);
    right.message.url = Some(url.to_owned());
    assert_eq!(right.why().causes, []);
    let local = "http://localhost:3000/myapp.php?foo=1&bar=2";
    is(&right.did(made(format!("{local}{sorted}"))), Kind::ContentUrl, local);
    for (fields, words) in [
        ("To+18005551212Digits1234From+14158675310CallercallSidCA1", "not sorted"),
        (
            "CallercallSidCA1Digits1234From+14158675310To+18005551212",
            "whatever the case",
        ),
        (
            "CallerDigits1234From%2B14158675310To%2B18005551212callSidCA1",
            "not decoded",
        ),
        ("Digits1234From+14158675310To+18005551212callSidCA1", "empty"),
        (
            "callSidCA1CallerFrom+14158675310Digits1234To+18005551212",
            "the last one first",
        ),
        ("", "alone"),
        (body, "as it came"),
    ] {
        let said = right.did(made(format!("{url}{fields}")));
        is(&said, Kind::ContentSeparator, words);
    }
}
