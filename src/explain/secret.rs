//! The table of keys: what becomes of a secret between a dashboard and a MAC.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Question;
use super::cause::Kind;
use crate::secret::{Key, KeyStep, Secret, Source};

/// A key with how it was made.
pub(super) struct Keyed {
    /// What it deviates by; nothing for the secret as it should be used.
    pub(super) kinds: Vec<Kind>,
    /// Where the secret came from.
    pub(super) source: String,
    /// The steps from its text, in order.
    pub(super) steps: Vec<String>,
    /// What it is, in words.
    pub(super) what: String,
    pub(super) key: Key,
}

/// Every key there is to try, by how likely it is.
pub(super) struct Keys {
    /// The secrets as they should be used.
    pub(super) right: Vec<Keyed>,
    /// The other secrets at hand, as they should be used.
    pub(super) near: Vec<Keyed>,
    /// None at all, which is the first, then what becomes of the secrets.
    pub(super) likely: Vec<Keyed>,
    /// Placeholders, and what becomes of the other secrets.
    pub(super) unlikely: Vec<Keyed>,
}

impl Keys {
    pub(super) fn of(question: &Question<'_>, steps: &[KeyStep]) -> Self {
        let mut seen = Seen::default();
        let own = question
            .secrets
            .iter()
            .flat_map(|secret| keys(secret, steps, false, &mut seen));
        let (right, changed): (Vec<Keyed>, Vec<Keyed>) = own.partition(|key| key.kinds.is_empty());
        let other = question
            .other_secrets
            .iter()
            .flat_map(|secret| keys(secret, steps, true, &mut seen));
        let (near, far): (Vec<Keyed>, Vec<Keyed>) = other.partition(|key| key.kinds.len() == 1);
        let likely = std::iter::once(none()).chain(changed).collect();
        let unlikely = placeholders(steps, &mut seen).into_iter().chain(far).collect();
        Self {
            right,
            near,
            likely,
            unlikely,
        }
    }
}

/// One row: another text for the secret's.
struct Row {
    kind: Kind,
    step: &'static str,
    what: &'static str,
    apply: fn(&[u8]) -> Option<Vec<u8>>,
}

/// The likeliest first. Sources: what people report of `.env` files, shells and dashboards.
const ROWS: &[Row] = &[
    Row {
        kind: Kind::SecretWhitespace,
        step: "trim",
        what: "without the white space around it",
        apply: |text| Some(text.trim_ascii().to_vec()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\n",
        what: "with a line break at its end, as `echo` writes one",
        apply: |text| Some([text, b"\n"].concat()),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "unquote",
        what: "without the quotes around it",
        apply: |text| match text.trim_ascii() {
            [open @ (b'"' | b'\'' | b'`'), inner @ .., close] if open == close => Some(inner.to_vec()),
            _ => None,
        },
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "quote:\"",
        what: "with double quotes around it, kept from an .env file",
        apply: |text| Some([b"\"", text, b"\""].concat()),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "quote:'",
        what: "with single quotes around it, kept from an .env file",
        apply: |text| Some([b"'", text, b"'"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\r\\n",
        what: "with a Windows line break at its end",
        apply: |text| Some([text, b"\r\n"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append:\\r",
        what: "with a carriage return at its end, from a file with Windows line breaks",
        apply: |text| Some([text, b"\r"].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "append: ",
        what: "with a space behind it",
        apply: |text| Some([text, b" "].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "prepend: ",
        what: "with a space before it",
        apply: |text| Some([b" ", text].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "prepend:\\t",
        what: "with a tab before it",
        apply: |text| Some([b"\t", text].concat()),
    },
    Row {
        kind: Kind::SecretWhitespace,
        step: "remove white space",
        what: "without any of the white space in it",
        apply: |text| {
            Some(
                text.iter()
                    .copied()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect(),
            )
        },
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:NAME=",
        what: "without the `NAME=` before it, from a whole line of an .env file",
        apply: |text| behind(text, b'=').filter(|rest| !rest.iter().all(|byte| *byte == b'=')),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:first _",
        what: "without its prefix up to the first `_`",
        apply: |text| behind(text, b'_'),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:last _",
        what: "without its prefix up to the last `_`",
        apply: |text| {
            let at = text.iter().rposition(|byte| *byte == b'_')?;
            Some(text[at + 1..].to_vec())
        },
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "prepend:whsec_",
        what: "with `whsec_` before it",
        apply: |text| (!text.starts_with(b"whsec_")).then(|| [b"whsec_", text].concat()),
    },
    Row {
        kind: Kind::SecretPrefix,
        step: "strip:Bearer",
        what: "without `Bearer ` before it",
        apply: |text| text.strip_prefix(b"Bearer ").map(<[u8]>::to_vec),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "url-decode",
        what: "URL-decoded",
        apply: |text| url_decode(text, false),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "form-decode",
        what: "decoded as a form's value, where `+` is a space",
        apply: |text| url_decode(text, true),
    },
    Row {
        kind: Kind::SecretUrlEncoded,
        step: "url-encode",
        what: "URL-encoded",
        apply: |text| Some(url_encode(text)),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "until:#",
        what: "up to its first `#`, where an .env file that does not quote it begins a comment",
        apply: |text| {
            let at = text.iter().position(|byte| *byte == b'#')?;
            Some(text[..at].trim_ascii().to_vec())
        },
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "until:$",
        what: "without its `$` and the name behind it, which a shell or an .env reader replaced",
        apply: without_variables,
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "unescape",
        what: "with `\\n` in it read as a line break",
        apply: |text| replace(text, b"\\n", b"\n"),
    },
    Row {
        kind: Kind::SecretQuoted,
        step: "escape",
        what: "with its line breaks written as `\\n`",
        apply: |text| replace(text, b"\n", b"\\n"),
    },
];

/// What stands in a secret's place, in examples and where a variable is not set.
const PLACEHOLDERS: &[&str] = &[
    "undefined",
    "null",
    "None",
    "nil",
    "secret",
    "your-secret",
    "your_secret",
    "your-secret-key",
    "your_secret_key",
    "your-secret-here",
    "your_secret_here",
    "your-webhook-secret",
    "your_webhook_secret",
    "your-webhook-secret-here",
    "YOUR_WEBHOOK_SECRET",
    "YOUR_SECRET",
    "webhook-secret",
    "webhook_secret",
    "WEBHOOK_SECRET",
    "${WEBHOOK_SECRET}",
    "$WEBHOOK_SECRET",
    "process.env.WEBHOOK_SECRET",
    "<your-secret>",
    "<secret>",
    "changeme",
    "change-me",
    "test",
    "test-secret",
    "test_secret",
    "mysecret",
    "my-secret",
    "my-webhook-secret",
    "password",
    "whsec_...",
    "whsec_xxx",
    "xxx",
    "[object Object]",
    "false",
];

/// The keys of one secret as the scheme makes them, then by every row. What gives a key that is in `seen` is left out.
fn keys(secret: &Secret, steps: &[KeyStep], other: bool, seen: &mut Seen) -> Vec<Keyed> {
    let mut all = Vec::new();
    let source = secret.source().to_string();
    let from = match secret.source() {
        Source::Flag => "the secret given".to_owned(),
        source => format!("the secret from {source}"),
    };
    let first = if other { vec![Kind::SecretOther] } else { Vec::new() };
    let own: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let mut push = |kind: Option<Kind>, steps: Vec<String>, what: String, key: Option<Key>| {
        if let Some(key) = key.filter(|key| seen.is_new(key)) {
            let kinds = first.iter().copied().chain(kind).collect();
            all.push(Keyed {
                kinds,
                source: source.clone(),
                steps,
                what: format!("{from}{what}"),
                key,
            });
        }
    };
    let text = secret.expose();
    push(None, own.clone(), String::new(), secret.key(steps).ok());
    for row in ROWS {
        let changed = (row.apply)(text).filter(|changed| !changed.is_empty() && changed != text);
        let key = changed.and_then(|bytes| Secret::new(bytes, Source::ThrowAway).ok());
        let key = key.and_then(|changed| changed.key(steps).ok());
        let steps = std::iter::once(row.step.to_owned()).chain(own.clone()).collect();
        push(Some(row.kind), steps, format!(" {}", row.what), key);
    }
    for (kind, pipeline, what) in pipelines(text, steps) {
        let names = pipeline.iter().map(ToString::to_string).collect();
        push(Some(kind), names, format!(" {what}"), secret.key(&pipeline).ok());
    }
    let encoded: [(Kind, &str, &str, String); 3] = [
        (
            Kind::SecretBase64,
            "to-base64",
            "encoded as base64",
            STANDARD.encode(text),
        ),
        (Kind::SecretHex, "to-hex", "encoded as hex", hex::encode(text)),
        (
            Kind::SecretHex,
            "to-hex-upper",
            "encoded as upper-case hex",
            hex::encode_upper(text),
        ),
    ];
    for (kind, step, what, text) in encoded {
        let key = Key::new(text.into_bytes());
        push(Some(kind), vec![step.into()], format!(" {what}"), Some(key));
    }
    all
}

/// No secret at all.
fn none() -> Keyed {
    Keyed {
        kinds: vec![Kind::SecretEmpty],
        source: "an empty text".to_owned(),
        steps: Vec::new(),
        what: "an empty secret, as an unset variable gives one".to_owned(),
        key: Key::new(Vec::new()),
    }
}

/// What is nobody's secret.
fn placeholders(steps: &[KeyStep], seen: &mut Seen) -> Vec<Keyed> {
    let mut all = Vec::new();
    for text in PLACEHOLDERS {
        let raw = Key::new(text.as_bytes().to_vec());
        let made = Secret::new(text.as_bytes().to_vec(), Source::ThrowAway).ok();
        let made = made.and_then(|secret| secret.key(steps).ok());
        for key in [Some(raw), made].into_iter().flatten().filter(|key| seen.is_new(key)) {
            all.push(Keyed {
                kinds: vec![Kind::SecretPlaceholder],
                source: format!("the text `{text}`"),
                steps: Vec::new(),
                what: format!("the text `{text}` in the secret's place"),
                key,
            });
        }
    }
    all
}

/// Other orders of steps than the scheme's.
pub(crate) fn pipelines(text: &[u8], own: &[KeyStep]) -> Vec<(Kind, Vec<KeyStep>, String)> {
    let declared = own.iter().find_map(|step| match step {
        KeyStep::Strip(prefix) => Some(prefix.clone()),
        _ => None,
    });
    let found = text.iter().position(|byte| *byte == b'_').filter(|at| *at < 12);
    let found = found.and_then(|at| String::from_utf8(text[..=at].to_vec()).ok());
    let prefix = declared.or(found).map(KeyStep::Strip);
    let strips = own.iter().any(|step| matches!(step, KeyStep::Strip(_)));
    let mut all = Vec::new();
    for decode in [None, Some(KeyStep::Base64), Some(KeyStep::Hex)] {
        for strip in [None, prefix.clone()] {
            let pipeline: Vec<KeyStep> = strip.iter().cloned().chain(decode.clone()).collect();
            let own_decode = own.iter().find(|step| !matches!(step, KeyStep::Strip(_)));
            let (kind, what) = match (&decode, own_decode) {
                (decode, own) if decode.as_ref() == own => match (&strip, strips) {
                    (Some(KeyStep::Strip(prefix)), _) => (Kind::SecretPrefix, format!("without `{prefix}` before it")),
                    _ => (Kind::SecretPrefix, "with its prefix kept".to_owned()),
                },
                (Some(KeyStep::Hex), _) => (Kind::SecretHex, "decoded from hex".to_owned()),
                (Some(_), _) => (Kind::SecretBase64, "decoded from base64".to_owned()),
                (None, Some(KeyStep::Hex)) => (Kind::SecretHex, "as its text, not decoded from hex".to_owned()),
                (None, _) => (Kind::SecretBase64, "as its text, not decoded from base64".to_owned()),
            };
            all.push((kind, pipeline, what));
        }
    }
    all
}

/// Which keys were made before, by their digests.
#[derive(Default)]
pub(crate) struct Seen(HashSet<[u8; 32]>);

impl Seen {
    pub(crate) fn is_new(&mut self, key: &Key) -> bool {
        self.0.insert(Sha256::digest(key.expose()).into())
    }
}

fn behind(text: &[u8], byte: u8) -> Option<Vec<u8>> {
    let at = text.iter().position(|own| *own == byte)?;
    Some(text[at + 1..].to_vec())
}

fn url_decode(text: &[u8], plus: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let byte = match (first, behind) {
            (b'%', [high, low, ..]) => {
                let hex = [*high, *low];
                hex::decode(hex).ok().map(|byte| byte[0])
            }
            _ => None,
        };
        rest = if byte.is_some() { &rest[3..] } else { behind };
        out.push(byte.unwrap_or(if plus && *first == b'+' { b' ' } else { *first }));
    }
    Some(out)
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
pub(super) fn url_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

fn without_variables(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().position(|byte| *byte == b'$')?;
    let name = text[at + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    Some([&text[..at], &text[at + 1 + name..]].concat())
}

pub(super) fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = behind;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    Some(out)
}
