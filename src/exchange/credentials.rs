//! Credentials in what was captured and where it goes: which names hold them, and the one place that masks them or
//! takes them away.

mod blanks;
mod names;
mod tokens;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

pub use blanks::Blanks;
pub use tokens::TokenPlace;
use tokens::Tokens;

use crate::capture::Capture;
use crate::message::{Headers, Message};

/// What stands in a credential's place.
pub(crate) const MASK: &str = "[masked]";
/// How deep URLs inside of URLs are looked into.
const DEEPEST: usize = 3;

/// What counts as a credential: the names that everybody's table has, and more. A header or parameter whose name a
/// provider's table gives as the place of a token belongs among the latter.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Header and parameter names, in any case.
    more: Arc<[String]>,
    /// Where providers show their secrets.
    tokens: Tokens,
}

/// Whether a value begins as that of `Authorization` does, under whatever name.
fn shows_scheme(value: &[u8]) -> bool {
    [&b"bearer "[..], b"basic "].iter().any(|scheme| {
        value
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

impl Credentials {
    /// The names in the table, and `more`.
    pub fn with(more: Vec<String>) -> Self {
        Self {
            more: more.into(),
            tokens: Tokens::default(),
        }
    }

    /// The same, with the places where providers show their secrets, which are asked for when they are first needed.
    #[must_use]
    pub fn and_tokens(self, find: impl FnOnce() -> Vec<TokenPlace> + Send + Sync + 'static) -> Self {
        Self {
            tokens: Tokens::of(find),
            ..self
        }
    }

    /// Whether a header of that name holds a credential. Signatures are none: they are worth nothing for another request.
    pub fn is_header(&self, name: &str) -> bool {
        names::is_header(name) || self.is_named(name)
    }

    /// Whether a parameter of that name in a URL holds a credential. There a signature is one: whoever has the URL may
    /// use it.
    pub(crate) fn is_parameter(&self, name: &str) -> bool {
        names::is_parameter(name) || self.is_named(name)
    }

    fn is_named(&self, name: &str) -> bool {
        self.more.iter().any(|own| own.eq_ignore_ascii_case(name)) || self.tokens.is_named(name)
    }

    /// `headers` with every credential's value replaced, and those in URLs.
    pub fn mask_headers(&self, headers: &Headers) -> Headers {
        headers
            .iter()
            .map(|(name, value)| (name, self.mask_value(name, value)))
            .collect()
    }

    /// The value of one header as it is shown.
    pub fn mask_value<'a>(&self, name: &str, value: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_header(name) || shows_scheme(value) {
            return MASK.as_bytes().into();
        }
        self.rewrite_value(value, What::Mask).0
    }

    /// Takes the credentials out of a URL in a header's value, as `Referer` has one; gives how many there were.
    pub fn without_in<'a>(&self, value: &'a [u8]) -> (Cow<'a, [u8]>, usize) {
        self.rewrite_value(value, What::Drop)
    }

    fn rewrite_value<'a>(&self, value: &'a [u8], what: What) -> (Cow<'a, [u8]>, usize) {
        // A URL without these holds none, and a signature in base64 has neither.
        let is_url = value.contains(&b'?')
            || value.contains(&b'#')
            || value.starts_with(b"//")
            || value.windows(3).any(|three| three == b"://");
        if !is_url {
            return (value.into(), 0);
        }
        match self.rewrite(&String::from_utf8_lossy(value), what, DEEPEST) {
            (_, 0) => (value.into(), 0),
            (text, found) => (text.into_owned().into_bytes().into(), found),
        }
    }

    /// Takes the fields away that hold credentials, but for those that are `own`, and credentials out of URLs in others, as
    /// `Referer` has one; gives how many there were.
    pub fn take_from(&self, headers: &mut Headers, own: impl Fn(&str) -> bool) -> usize {
        let before = headers.len();
        headers.retain(|name, value| !self.is_whole(name, value) || own(name));
        let mut found = before - headers.len();
        *headers = headers
            .iter()
            .map(|(name, value)| match own(name) {
                true => (name, value.into()),
                false => {
                    let (left, count) = self.without_in(value);
                    found += count;
                    (name, left)
                }
            })
            .collect();
        found
    }

    /// Whether the header holds a credential, in its value or in a URL there.
    pub fn hides(&self, name: &str, value: &[u8]) -> bool {
        matches!(self.mask_value(name, value), Cow::Owned(_)) || self.is_whole(name, value)
    }

    /// Whether the value of the header is a credential as it stands.
    pub fn is_whole(&self, name: &str, value: &[u8]) -> bool {
        self.is_header(name) || shows_scheme(value)
    }

    /// A URL, or a path and query, with its user, password and parameters that are credentials replaced.
    pub fn mask_url<'a>(&self, url: &'a str) -> Cow<'a, str> {
        self.rewrite(url, What::Mask, DEEPEST).0
    }

    /// A request of `provider`, where that is known, with its credentials replaced; of the body, the secret that is shown
    /// there.
    pub fn mask(&self, message: &Message, provider: Option<&str>) -> Message {
        Message {
            url: message.url.as_deref().map(|url| self.mask_url(url).into_owned()),
            headers: self.mask_headers(&message.headers),
            body: self.mask_body(message, provider).into_owned(),
            ..message.clone()
        }
    }

    /// The body of a request of `provider` as it is shown: what that shows of its secret there is replaced. Where the
    /// provider is not known, what any shows.
    pub fn mask_body<'m>(&self, message: &'m Message, provider: Option<&str>) -> Cow<'m, Bytes> {
        self.tokens.mask_body(message, provider)
    }

    /// A capture with the credentials in it and in the places it was delivered to replaced; says whether there were any.
    pub fn mask_capture(&self, capture: &mut Capture) -> bool {
        let before = capture.recorded.clone();
        let recorded = Arc::make_mut(&mut capture.recorded);
        let judged = recorded.judgement.as_ref();
        let provider = judged.and_then(|judgement| judgement.provider.as_deref());
        recorded.message = self.mask(&recorded.message, provider);
        for delivered in &mut recorded.deliveries {
            delivered.target = self.mask_url(&delivered.target).into_owned();
            if let Some(answer) = delivered.outcome.as_mut().and_then(|outcome| outcome.answer.as_mut()) {
                answer.headers = self.mask_headers(&answer.headers);
            }
        }
        *recorded != *before
    }

    /// Takes the credentials out of a path and query; gives what is left and how many there were.
    pub fn without<'a>(&self, target: &'a str) -> (Cow<'a, str>, usize) {
        self.rewrite(target, What::Drop, DEEPEST)
    }

    /// The URL with its credentials masked or taken away, and how many there were.
    fn rewrite<'a>(&self, url: &'a str, what: What, depth: usize) -> (Cow<'a, str>, usize) {
        if !url.contains(['=', '@']) {
            return (url.into(), 0);
        }
        let mut found = 0;
        let (origin, rest) = url.split_at(end_of_authority(url));
        let (path, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let mut text = match origin.rsplit_once('@') {
            Some((before, host)) => {
                found += 1;
                let scheme = before.split_inclusive("//").next().unwrap_or_default();
                match what {
                    What::Mask => format!("{scheme}{MASK}@{host}"),
                    What::Drop => format!("{scheme}{host}"),
                }
            }
            None => origin.to_owned(),
        };
        let mut rewritten = |piece| self.piece(piece, what, depth, &mut found);
        for (place, segment) in path.split('/').enumerate() {
            text.push_str(if place > 0 { "/" } else { "" });
            // What is no parameter of a segment is the segment, which says where the request goes.
            let mut parts = segment.split(';');
            text.push_str(parts.next().unwrap_or_default());
            for part in parts.filter_map(&mut rewritten) {
                text.push(';');
                text.push_str(&part);
            }
        }
        let mut mark = query.get(..1).unwrap_or_default();
        for piece in query.get(1..).unwrap_or_default().split('&').filter_map(&mut rewritten) {
            text.push_str(mark);
            text.push_str(&piece);
            mark = "&";
        }
        match found {
            0 => (url.into(), 0),
            _ => (text.into(), found),
        }
    }

    /// What is left of a piece between two `&`. In it `;`, `?` and `#` may begin a parameter, and end none whose value is
    /// a credential.
    fn piece<'a>(&self, piece: &'a str, what: What, depth: usize, found: &mut usize) -> Option<Cow<'a, str>> {
        let mut at = 0;
        let mut parts = piece.split([';', '?', '#']);
        let found_at = parts.find_map(|part| {
            let begins = at;
            at += part.len() + 1;
            self.holds(part).then_some(begins)
        });
        let Some(at) = found_at.or_else(|| self.holds_url(piece, depth).then_some(0)) else {
            return Some(piece.into());
        };
        *found += 1;
        let (before, parameter) = piece.split_at(at);
        let name = parameter.split('=').next().unwrap_or_default();
        match what {
            What::Mask => Some(format!("{before}{name}={MASK}").into()),
            What::Drop if before.is_empty() => None,
            What::Drop => Some(before[..at - 1].into()),
        }
    }

    /// Whether `name=value` is a credential.
    fn holds(&self, parameter: &str) -> bool {
        let value = parameter.split_once('=').filter(|(_, value)| !value.is_empty());
        value.is_some_and(|(name, _)| self.is_parameter(&decoded(name)))
    }

    /// Whether a URL that is the value of `name=value` holds a credential.
    fn holds_url(&self, parameter: &str, depth: usize) -> bool {
        let Some((_, value)) = parameter.split_once('=').filter(|_| depth > 0) else {
            return false;
        };
        let value = decoded(value);
        value.contains(['?', '@', '&']) && self.rewrite(&value, What::Mask, depth - 1).1 > 0
    }
}

/// What a request that was read lost where a credential in it was masked when it was exported.
pub fn loss(message: &Message) -> Option<String> {
    let in_url = message.url.as_deref().is_some_and(|url| url.contains(MASK));
    let is_masked = in_url || holds_mask(&message.body) || message.headers.iter().any(|(_, value)| holds_mask(value));
    is_masked.then(|| "credentials: they were masked when it was exported (--with-credentials keeps them)".into())
}

/// Whether a header's value was masked, or a part of it.
pub(crate) fn holds_mask(value: &[u8]) -> bool {
    value.windows(MASK.len()).any(|window| window == MASK.as_bytes())
}

/// A path and query without what was masked when it was exported.
pub fn without_masked(target: &str) -> Cow<'_, str> {
    if !target.contains(MASK) {
        return target.into();
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments = path.split('/').map(|segment| kept(segment, ";"));
    let path = segments.collect::<Vec<_>>().join("/");
    match kept(query, "&") {
        query if query.is_empty() => path.into(),
        query => format!("{path}?{query}").into(),
    }
}

fn kept(text: &str, separator: &str) -> String {
    let parts = text.split(separator).filter(|part| !part.contains(MASK));
    parts.collect::<Vec<_>>().join(separator)
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Mask,
    Drop,
}

/// Where scheme, user and host end; 0 where there are none.
fn end_of_authority(url: &str) -> usize {
    let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    let begin = match path.find("//") {
        Some(at) if at == 0 || path[..at].ends_with(':') => at + 2,
        _ => return 0,
    };
    path[begin..].find(['/', '\\']).map_or(path.len(), |at| begin + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Places, Provider, Registry};

    fn own() -> Credentials {
        Credentials::with(vec!["X-My-Thing".into()])
    }

    #[test]
    fn credentials_are_masked_and_signatures_are_not() {
        let headers: Headers = [
            ("Authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("x-my-thing", "k"),
            ("X-Gitlab-Token", "t"),
            ("Referer", "https://me:pw@h.test/a?token=t&b=c"),
            ("X-Original-URL", "/a?code=c"),
            ("X-Hub-Signature-256", "sha256=00"),
            ("Stripe-Signature", "t=1,v1=00"),
            ("X-Note", "/abc+token=x"),
        ]
        .into_iter()
        .collect();
        let masked = own().mask_headers(&headers);
        let values: Vec<_> = masked.iter().map(|(_, value)| str::from_utf8(value).unwrap()).collect();
        assert_eq!(values[..4], [MASK; 4]);
        assert_eq!(values[4], "https://[masked]@h.test/a?token=[masked]&b=c");
        assert_eq!(values[5], "/a?code=[masked]");
        assert_eq!(values[6..], ["sha256=00", "t=1,v1=00", "/abc+token=x"]);
        let odd = own()
            .mask_value("Referer", b"http://h.test/\xff?token=t0ken")
            .into_owned();
        assert!(odd.ends_with(b"?token=[masked]"));
    }

    #[test]
    fn urls_are_masked_in_every_place() {
        for (url, expected) in [
            ("/a", "/a"),
            ("/a?b=c&d=e", "/a?b=c&d=e"),
            ("/a?token=t0ken", "/a?token=[masked]"),
            ("/a?b=c&access_token=t0ken&d=e", "/a?b=c&access_token=[masked]&d=e"),
            ("/a?token=t0ken/t0ken;t0ken#t0ken=?t0ken", "/a?token=[masked]"),
            ("/a?%74oken=t0ken", "/a?%74oken=[masked]"),
            ("/a?TOKEN=t0ken", "/a?TOKEN=[masked]"),
            ("/a?auth[token]=t0ken", "/a?auth[token]=[masked]"),
            ("/a?b=c;token=t0ken", "/a?b=c;token=[masked]"),
            ("/a?b=c#access_token=t0ken&x=y", "/a?b=c#access_token=[masked]&x=y"),
            ("/a#access_token=t0ken", "/a#access_token=[masked]"),
            ("/a;jsessionid=t0ken/b?c=d", "/a;jsessionid=[masked]/b?c=d"),
            ("/a?next=https%3A%2F%2Fh%2F%3Ftoken%3Dt0ken", "/a?next=[masked]"),
            ("/a?next=https://me:t0ken@h/", "/a?next=[masked]"),
            ("https://me:t0ken@h.test/a", "https://[masked]@h.test/a"),
            ("https://me:t0k@en@h.test", "https://[masked]@h.test"),
            ("//me:t0ken@h.test/a", "//[masked]@h.test/a"),
            ("/users/@me?a=b", "/users/@me?a=b"),
            ("?sig=t0ken", "?sig=[masked]"),
            ("/a?token=", "/a?token="),
            ("/a?\u{e9}=\u{e9}&key=t0ken", "/a?\u{e9}=\u{e9}&key=[masked]"),
        ] {
            let masked = own().mask_url(url);
            assert_eq!(masked, expected);
            assert!(!masked.contains("t0ken"), "{masked}");
        }
    }

    /// The work is in proportion to the length, whatever it is made of.
    #[test]
    fn a_long_url_takes_no_longer_than_its_length_says() {
        for unit in [
            "a=;",
            "&a=?",
            ";",
            "a=@",
            "%3Fa%3D",
            "/;a=b",
            "//",
            "token;",
            "a=%253Fb%253D@&",
        ] {
            let url = format!("/?{}", unit.repeat(1 << 15));
            let masked = own().mask_url(&url);
            assert!(masked.len() <= url.len() * 2, "{unit}");
        }
    }

    #[test]
    fn what_is_taken_away_leaves_the_rest() {
        for (target, expected, count) in [
            ("/a?b=c", "/a?b=c", 0),
            ("/a?token=t", "/a", 1),
            ("/a?token=t&b=c", "/a?b=c", 1),
            ("/a?b=c&token=t&code=x", "/a?b=c", 2),
            ("/a?b=c;token=t&d=e", "/a?b=c&d=e", 1),
            ("/a;jsessionid=x/b", "/a/b", 1),
            ("/token=x/b", "/token=x/b", 0),
        ] {
            assert_eq!(own().without(target), (expected.into(), count), "{target}");
        }
        for (target, expected) in [
            ("/a?token=[masked]", "/a"),
            ("/a?b=c&token=[masked]&d=e", "/a?b=c&d=e"),
            ("/a;jsessionid=[masked]/b?c", "/a/b?c"),
        ] {
            assert_eq!(without_masked(target), expected);
        }
    }

    #[test]
    fn what_was_masked_is_known_when_it_is_read() {
        let message = Message {
            url: Some("/a?token=t".into()),
            headers: [("Referer", "http://h/?code=c")].into_iter().collect(),
            ..Message::new("")
        };
        assert!(loss(&message).is_none() && loss(&own().mask(&message, None)).is_some());
    }

    /// Names of headers that verifying, recognising and telling events apart want, in every table.
    #[test]
    fn no_built_in_table_loses_what_it_verifies_with() {
        let registry = Registry::new(&Places::default());
        let mut lost = Vec::new();
        for folder in registry.folders() {
            for provider in Provider::load_all(folder).unwrap() {
                let signatures = provider.scheme.signatures.iter();
                let signs = signatures.filter(|signature| !signature.kind.is_shown());
                let names = signs.flat_map(crate::scheme::Signature::headers);
                let names = names.chain(provider.table.request.headers.keys().map(String::as_str));
                let is_lost = |name: &&str| own().is_header(name);
                lost.extend(names.filter(is_lost).map(|name| format!("{}: {name}", provider.name)));
            }
        }
        // A bearer's token is hidden though it is signed, and so is what is called a secret or an API key.
        let hidden = [
            "growthbook-sdk: webhook-secret",
            "livekit: Authorization",
            "monday: Authorization",
            "ms-teams-outgoing: Authorization",
            "stream: X-Api-Key",
            "tiktok-shop: Authorization",
            "vonage: Authorization",
        ];
        assert_eq!(lost, hidden);
    }
}
