//! Questions to ask: a delivery, signed or not, and what becomes of it.

use ckwh::clock::{Limit, Tolerance, Unit};
use ckwh::explain::{Cause, Effort, Explanation, Framework, Kind, Other, Question, computed, received};
use ckwh::message::{Message, Place};
use ckwh::scheme::{Encoding, Grammar, KeyRule, Kind as Mac, Scheme, Signature, TimestampRule, UrlRule};
use ckwh::secret::{KeyStep, Secret, Source};
use ckwh::sign::sign;
use ckwh::verify::{Options, verify};
use jiff::Timestamp;
use serde::Serialize;

pub const SECRET: &str = "k3y-for-tests_0123456789";

/// A delivery and how it should be signed.
pub struct Case {
    pub scheme: Scheme,
    pub secrets: Vec<Secret>,
    pub other_secrets: Vec<Secret>,
    pub others: Vec<Other>,
    pub message: Message,
    pub effort: Effort,
    pub framework: Option<Framework>,
}

/// What is said: the causes, and none where nothing is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    pub causes: Vec<Cause>,
}

impl From<Option<Explanation>> for Said {
    fn from(explanation: Option<Explanation>) -> Self {
        let causes = explanation.map(Explanation::into_causes).unwrap_or_default();
        Self { causes }
    }
}

pub fn at() -> Timestamp {
    "2026-05-08T12:00:00.250Z".parse().unwrap()
}

fn judged(at: Timestamp) -> Options {
    Options::new(at)
}

pub fn secret(text: impl Into<Vec<u8>>) -> Secret {
    named(text, "HOOK_SECRET")
}

pub fn named(text: impl Into<Vec<u8>>, name: &str) -> Secret {
    Secret::new(text.into(), Source::Variable(name.into())).unwrap()
}

/// `{timestamp}.{body}` in hex behind `sha256=`, the timestamp in milliseconds in a header.
pub fn scheme() -> Scheme {
    Scheme {
        signatures: vec![Signature {
            kind: Mac::HmacSha256,
            places: vec![Place::Header("X-Signature".into())],
            grammar: Grammar::items("sha256={sig}", None).unwrap(),
            encoding: Encoding::Hex,
            accept: Vec::new(),
            content: content(&["{timestamp}", ".", "{body}"]),
            key: Vec::new(),
            url: UrlRule::default(),
            digest: None,
            keys: KeyRule::default(),
            jws: None,
            http: None,
        }],
        timestamp: Some(TimestampRule {
            from: Place::Header("X-Timestamp".into()),
            unit: Unit::Milliseconds,
            accept: Vec::new(),
            tolerance: tolerance(),
        }),
        id: None,
    }
}

pub fn content(parts: &[&str]) -> ckwh::scheme::Content {
    let parts = parts.iter().map(|part| ckwh::scheme::Part::read(part).unwrap());
    parts.collect::<Vec<_>>().try_into().unwrap()
}

pub fn key_steps(steps: &[&str]) -> Vec<KeyStep> {
    steps
        .iter()
        .map(|step| (*step).to_owned().try_into().unwrap())
        .collect()
}

pub fn tolerance() -> Tolerance {
    let five = Limit::try_from("5m".to_owned()).unwrap();
    Tolerance {
        past: five,
        future: five,
    }
}

impl Case {
    /// A delivery of `body`, signed as `scheme` says with `secret`.
    pub fn signed(scheme: Scheme, secret: &Secret, body: impl Into<Vec<u8>>) -> Self {
        let mut message = Message {
            timestamp: Some(at()),
            id: Some("msg_1".into()),
            url: Some("https://example.com/hooks?a=1".into()),
            ..Message::new(body.into())
        };
        let signed = sign(&scheme, std::slice::from_ref(secret), &message).unwrap();
        message.headers = signed.headers;
        Self {
            scheme,
            secrets: vec![secret.clone()],
            other_secrets: Vec::new(),
            others: Vec::new(),
            message,
            effort: Effort::Normal,
            framework: None,
        }
    }

    /// The usual scheme and secret.
    pub fn usual(body: impl Into<Vec<u8>>) -> Self {
        Self::signed(scheme(), &secret(SECRET), body)
    }

    pub fn arrived(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.message.body = body.into().into();
        self
    }

    pub fn verified_with(mut self, secret: Secret) -> Self {
        self.secrets = vec![secret];
        self
    }

    pub fn header(mut self, value: impl AsRef<[u8]>) -> Self {
        self.message.headers.set("X-Signature", value);
        self
    }

    /// The signature header's value.
    pub fn signature(&self) -> String {
        self.message.headers.text("X-Signature").unwrap().to_owned()
    }

    pub fn question(&self) -> Question<'_> {
        let mut question = Question::new(&self.scheme, &self.secrets, &self.message);
        question.other_secrets = &self.other_secrets;
        question.others = &self.others;
        question.effort = self.effort;
        question.framework = self.framework;
        question
    }

    pub fn verdict(&self, at: Timestamp) -> ckwh::verify::Verdict {
        verify(&self.scheme, &self.secrets, &self.message, &judged(at))
    }

    /// Why it does not verify.
    pub fn why(&self) -> Said {
        self.why_at(at())
    }

    /// The same, judged at another time.
    pub fn why_at(&self, at: Timestamp) -> Said {
        received(&self.question(), &self.verdict(at), &judged(at)).into()
    }

    pub fn why_kinds(&self) -> Vec<Kind> {
        kinds(&self.why())
    }

    /// What a handler did that computed each of `signatures`, in one search.
    pub fn did_each(&self, signatures: &[String]) -> Vec<Said> {
        let said = computed(&self.question(), signatures);
        said.into_iter().map(Said::from).collect()
    }

    /// What a handler did that computed the MAC `mac`.
    pub fn did(&self, signature: impl Into<String>) -> Said {
        computed(&self.question(), &[signature.into()]).remove(0).into()
    }
}

pub fn kinds(explanation: &Said) -> Vec<Kind> {
    explanation.causes.iter().map(|cause| cause.kind).collect()
}

/// HMAC-SHA-256 in hex, by this crate's own signer over a scheme that signs the body alone.
pub fn mac(secret: &[u8], content: &[u8]) -> String {
    let mut plain = scheme();
    plain.signatures[0].content = self::content(&["{body}"]);
    plain.signatures[0].grammar = Grammar::items("{sig}", None).unwrap();
    plain.timestamp = None;
    let case = Case::signed(plain, &named(secret, "T"), content);
    case.signature()
}

/// The signed content of the usual scheme.
pub fn dotted(body: &[u8]) -> Vec<u8> {
    [b"1778241600250.", body].concat()
}
