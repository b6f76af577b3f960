//! One inbound request, its verdict, and its deliveries.

mod excerpt;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use excerpt::{Excerpt, KEPT_BODY};

use crate::message::Message;
use crate::secret::THROW_AWAY;
use crate::trust::Caveat;
use crate::verify::{Reason, SignatureState};

/// One request that was received, with what is known of its reception. A file may hold the request alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The request. Its URL is the target as it came: a path with its query, or a whole URL.
    pub message: Message,
    /// When it arrived, in microseconds.
    pub received_at: Option<Timestamp>,
    /// Who sent it: an address and a port.
    pub peer: Option<String>,
    /// Whether it came as HTTP/1.0.
    pub http_1_0: bool,
    /// The verdict on it when it arrived.
    pub judgement: Option<Judgement>,
    /// The status that it was answered with; `None` also where the answer was a receiver's that is unknown.
    pub answer: Option<u16>,
    /// The deliveries of it, in their order: its forward, and replays.
    pub deliveries: Vec<Delivered>,
    /// What of it the file's format could not hold, each in a few words.
    pub lost: Vec<String>,
    /// What else its reader is to know of how it was taken in, each in one sentence.
    pub notes: Vec<String>,
    /// Whether its body is the one that came.
    pub body_held: BodyHeld,
}

/// Whether a body is the one that came over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BodyHeld {
    /// Byte for byte.
    #[default]
    Exact,
    /// It says the same and was written again, so a signature over its bytes can't be judged exactly.
    Rewritten,
    /// There was one, and the file that the request came from does not hold it.
    Missing,
}

impl Recorded {
    /// A request of which nothing else is known.
    pub fn new(message: Message) -> Self {
        Self {
            message,
            received_at: None,
            peer: None,
            http_1_0: false,
            judgement: None,
            answer: None,
            deliveries: Vec::new(),
            lost: Vec::new(),
            notes: Vec::new(),
            body_held: BodyHeld::Exact,
        }
    }

    /// The path and query of the request.
    pub fn target(&self) -> &str {
        let target = self.message.url.as_deref().unwrap_or("/");
        match whole(target) {
            Some((_, "")) => "/",
            Some((_, behind)) => behind,
            None => target,
        }
    }

    /// What the handler says of itself that it was passed on to.
    pub fn server(&self) -> Option<Cow<'_, str>> {
        let mut answers = self
            .deliveries
            .iter()
            .rev()
            .filter_map(|delivered| delivered.outcome.as_ref());
        answers.find_map(|outcome| match &outcome.answer {
            Some(answer) => answer.server().map(Cow::Owned),
            None => outcome.server.as_deref().map(Cow::Borrowed),
        })
    }

    /// The URL that its sender signed, where the scheme signs one: `public` where it is given, with the request's
    /// target where it has no path of its own; else what the request itself says.
    pub fn signed_url(&self, public: Option<&str>) -> Option<String> {
        let target = self.message.url.as_deref()?;
        if let Some(public) = public {
            let after_scheme = public.split_once("://").map_or(public, |(_, rest)| rest);
            return Some(match after_scheme.find('/') {
                Some(at) if at + 1 < after_scheme.len() => public.to_owned(),
                _ => format!("{}{}", public.trim_end_matches('/'), rooted(self.target())),
            });
        }
        if let Some((origin, behind)) = whole(target) {
            return Some(match origin.rsplit_once('@') {
                Some((before, host)) => format!("{}://{host}{behind}", before.split("://").next().unwrap_or_default()),
                None => target.to_owned(),
            });
        }
        let host = self.message.headers.text("host").filter(|host| is_host(host))?;
        Some(format!("http://{host}{}", rooted(target)))
    }

    /// [`Self::signed_url`], or one of this machine where the request does not say its host. No target changes the host.
    pub fn url(&self, public: Option<&str>) -> String {
        self.signed_url(public)
            .unwrap_or_else(|| format!("http://localhost{}", rooted(self.target())))
    }
}

/// A target that is a whole URL, in two: scheme and host, and what stands behind them.
fn whole(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    let is_http = ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    is_http.then(|| target.split_at(scheme.len() + 3 + end))
}

/// `target` as it can stand behind a host without being part of it.
fn rooted(target: &str) -> Cow<'_, str> {
    match target.starts_with('/') {
        true => target.into(),
        false => format!("/{target}").into(),
    }
}

/// Whether a `Host` header can stand in a URL as its host and port, and as nothing else.
fn is_host(text: &str) -> bool {
    let is_other = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '/' | '?' | '#' | '\\');
    !text.is_empty() && !text.starts_with(':') && !text.contains(is_other)
}

/// One request in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its number, from 1 on.
    pub id: i64,
    /// The first capture of the same event.
    pub duplicate_of: Option<i64>,
    /// The request.
    pub recorded: Arc<Recorded>,
}

/// What deliveries of the same event share, as a digest.
pub type Identity = [u8; 16];

/// A verdict as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// The reason.
    pub reason: Reason,
    /// The signature alone.
    pub signature: SignatureState,
    /// Whose request it is.
    pub provider: Option<String>,
    /// In which dialect.
    pub dialect: Option<String>,
    /// What it reports.
    pub event_type: Option<String>,
    /// What deliveries of the same event share, as a digest.
    pub identity: Option<Identity>,
    /// The signed time.
    pub signed_at: Option<Timestamp>,
    /// Where the secret that matched came from.
    pub matched_secret: Option<String>,
    /// What it rests on that the user does not trust.
    pub caveat: Option<Caveat>,
    /// What exactly is wrong, in one sentence.
    pub detail: Option<String>,
}

impl Judgement {
    /// One of which nothing else is known.
    pub fn new(reason: Reason, signature: SignatureState) -> Self {
        Self {
            reason,
            signature,
            provider: None,
            dialect: None,
            event_type: None,
            identity: None,
            signed_at: None,
            matched_secret: None,
            caveat: None,
            detail: None,
        }
    }

    /// Whether something may be done because of it: it is valid or authenticated, and rests on nothing that the user does not trust, and
    /// on no secret that was made for a try.
    pub fn counts(&self) -> bool {
        let is_for_a_try = self.matched_secret.as_deref() == Some(THROW_AWAY);
        self.reason.is_authentic() && self.caveat.is_none() && !is_for_a_try
    }
}

/// What came of delivering a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Its number in the store; 0 where it is from a file.
    pub id: i64,
    /// By what.
    pub kind: DeliveryKind,
    /// Where to.
    pub target: String,
    /// When it began.
    pub at: Timestamp,
    /// What came of it; `None` is unknown, and counts as not delivered.
    pub outcome: Option<Outcome>,
}

/// How a capture comes to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryKind {
    /// While its sender waited.
    Forward,
    /// Later.
    Replay,
    /// From here, the first time.
    Send,
}

/// The end of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer's status, where there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// What the answer's `X-Powered-By` and `Server` say.
    pub server: Option<String>,
    /// The answer, where it was kept.
    pub answer: Option<Box<Excerpt>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(target: &str, host: &str) -> Recorded {
        Recorded::new(Message {
            url: Some(target.into()),
            headers: [("Host", host)].into_iter().collect(),
            ..Message::new("")
        })
    }

    #[test]
    fn a_target_is_what_stands_behind_the_host() {
        for (target, expected) in [
            ("/a?b=c", "/a?b=c"),
            ("/a?next=http://x.test/y", "/a?next=http://x.test/y"),
            ("http://x.test/y?z", "/y?z"),
            ("HTTP://x.test", "/"),
            ("http://x.test?z=/y", "?z=/y"),
            ("*", "*"),
        ] {
            assert_eq!(recorded(target, "h.test").target(), expected, "{target}");
        }
    }

    #[test]
    fn no_target_and_no_host_make_another_host() {
        let targets = [
            "@evil.test/x",
            ":80@evil.test/x",
            "evil.test",
            ".evil.test/x",
            "//evil.test/x",
            "\\\\evil.test",
            "\\@evil.test",
            "?@evil.test",
            "#@evil.test",
            "-o/tmp/x://evil.test",
            "ftp://evil.test/",
            "://evil.test",
            "/a?b=http://evil.test/c",
            "*",
            "",
        ];
        for target in targets {
            for (host, expected) in [
                ("h.test:8080", "h.test"),
                ("", "localhost"),
                (":80", "localhost"),
                ("h.test@evil.test", "localhost"),
                ("h.test/@evil.test", "localhost"),
                ("h.test#@evil.test", "localhost"),
                ("h.test\\@evil.test", "localhost"),
                ("h.test evil.test", "localhost"),
            ] {
                let recorded = recorded(target, host);
                for (base, expected) in [(None, expected), (Some("https://base.test"), "base.test")] {
                    let url = url::Url::parse(&recorded.url(base)).unwrap();
                    assert_eq!(url.host_str(), Some(expected), "{target} {host}: {url}");
                    assert!(url.username().is_empty() && url.password().is_none(), "{url}");
                }
            }
        }
        let absolute = recorded("http://me:pw@x.test:80/a", "h.test");
        assert_eq!(absolute.url(None), "http://x.test:80/a");
        assert_eq!(absolute.url(Some("https://base.test/")), "https://base.test/a");
    }
}
