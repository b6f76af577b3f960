//! The cases as data: `cases.toml`, and the files that users add.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_variant::to_variant_name;

use crate::message::{can_carry, is_token};

/// The cases that are built in.
const BUILT_IN: &str = include_str!("cases.toml");

/// What the cases of a file are, and the causes that several of them may have in common.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Cases {
    /// In the order they are tried.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
    /// In the order they are looked for.
    #[serde(default, rename = "root")]
    pub roots: Vec<Root>,
    /// What to do about a broken rule, by name.
    #[serde(default, rename = "remedy")]
    pub remedies: BTreeMap<String, Remedy>,
}

/// Why a file of cases can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// It is no TOML, or names what there is not.
    #[error("{file}: {}", .problem.trim_end())]
    Table {
        /// As it was given.
        file: String,
        /// The parser's, with its line.
        problem: String,
    },
    /// Two cases have one name.
    #[error("{file}: the case {name} is there twice")]
    Twice {
        /// As it was given.
        file: String,
        /// The case, with its family.
        name: String,
    },
    /// A name that would not fit into `--only` and a report.
    #[error("{file}: `{}` is no name of a case: small letters, digits and - only", .name.escape_debug())]
    Name {
        /// As it was given.
        file: String,
        /// The case's name.
        name: String,
    },
    /// A header or a method that HTTP can't carry.
    #[error("{file}: {name} has `{}`, a method or header that no request can carry", .what.escape_debug())]
    Http {
        /// As it was given.
        file: String,
        /// The case's name.
        name: String,
        /// The method, or the header's name.
        what: String,
    },
    /// Something that the file names is not in it.
    #[error("{file}: {name} names `{}`, which is not there", .missing.escape_debug())]
    Missing {
        /// As it was given.
        file: String,
        /// What names it.
        name: String,
        /// What is missing.
        missing: String,
    },
}

/// One rule, and the deliveries that show whether a handler keeps it. A file of cases can name no secret and no target.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Case {
    /// Its name within the family.
    pub name: String,
    /// What kind of rule it is.
    pub family: Family,
    /// What is tried, in words that end "it gets …".
    pub sends: String,
    /// What it takes for the case to mean anything.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Under which conditions breaking the rule is a failure. Under any other it is a warning; without any it is a
    /// failure always.
    #[serde(default)]
    pub fail_when: Vec<Condition>,
    /// Whether breaking it is a warning at most.
    #[serde(default)]
    pub only_warns: bool,
    /// Which event.
    #[serde(default)]
    pub event: EventChoice,
    /// Whether it is tried even where the handler does not answer any more.
    #[serde(default)]
    pub always: bool,
    /// What is done to the body before it is signed.
    #[serde(default)]
    pub body: BodyChange,
    /// What it is signed with.
    #[serde(default)]
    pub sign: Signing,
    /// How old it is when it is sent.
    #[serde(default)]
    pub age: Age,
    /// What is done to it after it was signed.
    #[serde(default)]
    pub fault: Fault,
    /// How the request is written on the wire.
    #[serde(default)]
    pub wire: Wire,
    /// The method, where it is another than `POST`.
    pub method: Option<String>,
    /// Headers in place of the provider's, or beside them.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How often, and how.
    #[serde(default)]
    pub repeat: Repeat,
    /// What every answer must be.
    #[serde(default)]
    pub expect: Expect,
    /// What may come of it, where effects can be seen.
    #[serde(default)]
    pub effect: Effect,
    /// Why the rule matters.
    pub why: String,
    /// The name of what to do where it is broken.
    pub remedy: String,
}

macro_rules! words {
    ($(#[$outer:meta])* $name:ident: $($(#[$doc:meta])* $variant:ident),+ $(,)?) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant),+
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As data writes it.
            pub fn name(self) -> &'static str {
                to_variant_name(&self).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

words!(
    /// The kinds of rules.
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    Family:
    /// What is right is accepted.
    Accepts,
    /// What is wrong is refused.
    Refuses,
    /// Rubbish does no harm.
    Robust,
    /// What comes twice has its effect once.
    Idempotent,
    /// What comes late does not undo what is newer.
    Order,
    /// Answers come in time.
    Fast,
    /// Answers give nothing away.
    Private,
);

words!(
    /// What must be so of the provider, the secrets or the target.
    #[derive(Hash)]
    Condition:
    /// Its signature covers a time.
    Timestamp,
    /// It says how old a delivery may be.
    PastLimit,
    /// It says how far ahead a delivery's clock may be.
    FutureLimit,
    /// Its signature covers an id that stands in a header.
    SignedId,
    /// Its requests carry a signature, or a secret that is shown.
    Signed,
    /// Its signature covers the body.
    SignedBody,
    /// Its signature covers the body's bytes, whatever they are.
    SignedBytes,
    /// Its bodies are JSON.
    Json,
    /// It signs by an HMAC.
    Hmac,
    /// It signs by HMAC-SHA-256.
    Sha256,
    /// Its header holds several signatures at once.
    List,
    /// A second secret is given.
    SecondSecret,
    /// It says what two deliveries of the same event share.
    Identity,
    /// That stands in the body, and a header names each delivery.
    DeliveryId,
    /// It delivers again what was answered with 4xx.
    RetriesRefusals,
    /// Its events say which of them follow each other.
    Chain,
    /// The target is reached by plain HTTP, and not through a proxy.
    Plain,
);

impl Condition {
    /// Why a case is passed over that needs it.
    pub fn unmet(self) -> &'static str {
        match self {
            Self::Timestamp => "its signature covers no time",
            Self::PastLimit => "the provider does not say how old a delivery may be",
            Self::FutureLimit => "the provider does not say how far ahead a clock may be",
            Self::SignedId => "its signature covers no id in a header",
            Self::Signed => "it signs nothing",
            Self::SignedBytes => "its signature covers no bytes that are not JSON",
            Self::SignedBody => "its signature does not cover the body",
            Self::Json => "its bodies are no JSON",
            Self::Hmac => "it does not sign by an HMAC",
            Self::Sha256 => "it does not sign by HMAC-SHA-256",
            Self::List => "its header holds one signature",
            Self::SecondSecret => "one secret is given; a second --secret is tried too",
            Self::Identity => "the provider does not say what two deliveries of an event share",
            Self::DeliveryId => "no header names each delivery beside the event's id",
            Self::RetriesRefusals => "the provider does not deliver again what was refused",
            Self::Chain => "no events are known that follow each other; --chain names some",
            Self::Plain => "the target is not reached straight by plain HTTP",
        }
    }
}

/// Which event a case delivers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum EventChoice {
    /// The one that was given, or the provider's first.
    #[default]
    Given,
    /// One after the other, every one that has a fixture.
    Each,
    /// One that nobody knows.
    Unknown,
    /// This one.
    Named(String),
}

impl From<String> for EventChoice {
    fn from(text: String) -> Self {
        match text.as_str() {
            "given" => Self::Given,
            "each" => Self::Each,
            "unknown" => Self::Unknown,
            _ => Self::Named(text),
        }
    }
}

macro_rules! choice {
    ($(#[$outer:meta])* $name:ident, $default:ident: $($(#[$doc:meta])* $variant:ident),+ $(,)?) => {
        words!($(#[$outer])* $name: $($(#[$doc])* $variant),+);

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
}

choice!(
    /// What is done to a body before it is signed.
    BodyChange, AsWritten:
    /// Nothing.
    AsWritten,
    /// JSON that is one line is indented, and the other way round.
    OtherLayout,
    /// The members of the outermost object stand in the opposite order.
    Reordered,
    /// A number has a zero behind its decimal point that carries nothing.
    Decimal,
    /// A text has letters beyond ASCII.
    NonAscii,
    /// A text has an emoji, written as an escaped surrogate pair.
    EscapedEmoji,
    /// Slashes are escaped.
    EscapedSlashes,
    /// It is 300 KB long.
    Large,
    /// There is none.
    Empty,
    /// It is no JSON.
    NotJson,
    /// JSON, but no object.
    List,
);

choice!(
    /// What a delivery is signed with.
    Signing, Given:
    /// The first secret.
    Given,
    /// The second secret.
    Second,
    /// Another secret and the first, in one header.
    Rotated,
    /// Another secret.
    Other,
    /// An empty secret.
    EmptySecret,
    /// The first secret, over another body.
    OtherBody,
    /// The first secret, over an empty body.
    EmptyBody,
    /// The first secret, by SHA-1 under that name.
    Sha1,
    /// The first secret, over the body alone, as schemes without a time do.
    BodyAlone,
    /// The first secret, written in another encoding.
    OtherEncoding,
    /// Nothing.
    Unsigned,
);

choice!(
    /// How old a delivery is.
    Age, Now:
    /// As it is sent.
    Now,
    /// A little less than the provider allows.
    Within,
    /// A minute more than the provider allows, or an hour.
    Stale,
    /// Ten days.
    TenDays,
    /// A minute further ahead than the provider allows, or an hour.
    Ahead,
    /// Ten days ahead.
    TenDaysAhead,
);

choice!(
    /// What is done to a signed delivery.
    Fault, None:
    /// Nothing.
    None,
    /// The signature's text is empty.
    EmptySignature,
    /// Half of it is there.
    ShortSignature,
    /// It is there twice, without a break.
    LongSignature,
    /// The header holds words.
    MalformedSignature,
    /// The header holds bytes that are no ASCII.
    NonAsciiSignature,
    /// Its first digit is another.
    FirstDigit,
    /// A digit behind the middle is another.
    MiddleDigit,
    /// Its last digit is another.
    LastDigit,
    /// A character of the body is another.
    Body,
    /// The time is another.
    Timestamp,
    /// The id is another.
    Id,
);

choice!(
    /// How a request is written.
    Wire, Usual:
    /// As the provider does.
    Usual,
    /// The body in chunks.
    Chunked,
    /// Header names in lower case.
    LowerCase,
    /// Header names in upper case.
    UpperCase,
    /// A thousand headers more.
    ManyHeaders,
);

choice!(
    /// How often a request is made, and how.
    Repeat, Once:
    /// Once.
    Once,
    /// The same again.
    Twice,
    /// The same six times, each over a connection of its own.
    ManyConnections,
    /// The same twenty times; the last bytes of all leave together.
    AtOnce,
    /// Twenty different ones; the last bytes of all leave together.
    DifferentAtOnce,
    /// Again with a fresh time and signature, as a provider's retry.
    Retried,
    /// Sent and hung up, then the same again.
    AfterHangUp,
    /// Two events of a chain, the newer first.
    NewerFirst,
);

choice!(
    /// What every answer must be.
    Expect, Accepted:
    /// 2xx.
    Accepted,
    /// 4xx.
    Refused,
    /// Anything below 500.
    NoError,
    /// Below 500, or the connection closed.
    NoErrorOrClosed,
    /// Below 500, in the provider's time.
    InTime,
    /// The secret stands in no answer.
    NoSecret,
    /// The right signature stands in no answer.
    NoSignature,
    /// No path or stack trace stands in any answer.
    NoPath,
    /// No version stands in any answer.
    NoVersion,
);

choice!(
    /// What may come of a case's deliveries.
    Effect, Any:
    /// It is not looked at.
    Any,
    /// What one delivery does.
    Once,
    /// Nothing.
    None,
    /// The same as of the deliveries in their order.
    SameAsInOrder,
);

/// A cause that several broken rules have in common.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Root {
    /// Its name.
    pub name: String,
    /// What is wrong, in one sentence.
    pub says: String,
    /// The rules that are all broken.
    pub broken: Vec<String>,
    /// The rules that are all kept.
    #[serde(default)]
    pub kept: Vec<String>,
    /// The class of the answers by which they are broken: 2 for 2xx, 5 for 5xx or a closed connection, 0 for no answer.
    /// Any, where it is not given.
    pub answered: Option<u16>,
    /// The rules that are broken for that reason: names, or `family/*`.
    pub covers: Vec<String>,
    /// The name of what to do.
    pub remedy: String,
}

/// What to do about a broken rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Remedy {
    /// In words.
    pub says: String,
    /// Whether it is the lines that give a framework's handler the body's bytes.
    #[serde(default)]
    pub raw_body: bool,
    /// Lines by the framework's name; those of `node` and `python` stand for all of theirs.
    #[serde(default)]
    pub lines: BTreeMap<String, String>,
}

impl Case {
    /// Its family and name: `refuses/unsigned`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.family, self.name)
    }

    /// What of its method and its headers HTTP can't carry.
    fn not_http(&self) -> Option<&str> {
        let method = self.method.as_deref().filter(|method| !is_token(method));
        let mut headers = self.headers.iter();
        let header = headers.find(|(name, value)| !can_carry(name, value.as_bytes()));
        method.or(header.map(|(name, _)| name.as_str()))
    }
}

/// Whether a case of that full name is one of those that `pattern` names: the name, with or without its family, a
/// family, or either with a `*` in it.
pub fn matches(pattern: &str, full_name: &str) -> bool {
    let (family, name) = full_name.split_once('/').unwrap_or(("", full_name));
    let is = |text: &str| match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len() && text.starts_with(before) && text.ends_with(after)
        }
    };
    is(full_name) || is(name) || is(family)
}

impl Cases {
    /// Those that are built in.
    ///
    /// # Errors
    /// [`CaseError`], which a test rules out.
    pub fn built_in() -> Result<Self, CaseError> {
        Self::parse(BUILT_IN, "the built-in cases", &Self::default())
    }

    /// Reads `text`, which was found in `file`; it may name the remedies of `base` too.
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn parse(text: &str, file: &str, base: &Self) -> Result<Self, CaseError> {
        let cases: Self = toml::from_str(text).map_err(|error| CaseError::Table {
            file: file.to_owned(),
            problem: error.to_string(),
        })?;
        let mut seen: Vec<String> = base.cases.iter().map(Case::full_name).collect();
        let is_name = |name: &str| {
            let mut bytes = name.bytes();
            !name.is_empty() && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        for case in &cases.cases {
            if !is_name(&case.name) {
                return Err(CaseError::Name {
                    file: file.to_owned(),
                    name: case.name.clone(),
                });
            }
            if let Some(what) = case.not_http() {
                return Err(CaseError::Http {
                    file: file.to_owned(),
                    name: case.name.clone(),
                    what: what.to_owned(),
                });
            }
            let name = case.full_name();
            if seen.contains(&name) {
                return Err(CaseError::Twice {
                    file: file.to_owned(),
                    name,
                });
            }
            seen.push(name);
        }
        let missing = |name: &str, missing: &str| CaseError::Missing {
            file: file.to_owned(),
            name: name.to_owned(),
            missing: missing.to_owned(),
        };
        let remedies = cases.cases.iter().map(|case| (&case.name, &case.remedy));
        for (name, remedy) in remedies.chain(cases.roots.iter().map(|root| (&root.name, &root.remedy))) {
            if !cases.remedies.contains_key(remedy) && !base.remedies.contains_key(remedy) {
                return Err(missing(name, remedy));
            }
        }
        for root in &cases.roots {
            let named = root.broken.iter().chain(&root.kept).chain(&root.covers);
            if let Some(unknown) = named
                .clone()
                .find(|pattern| !seen.iter().any(|name| matches(pattern, name)))
            {
                return Err(missing(&root.name, unknown));
            }
        }
        Ok(cases)
    }

    /// Puts `more` behind these.
    pub fn extend(&mut self, more: Self) {
        self.cases.extend(more.cases);
        self.roots.extend(more.roots);
        self.remedies.extend(more.remedies);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_cases_can_be_read() {
        let cases = Cases::built_in().unwrap();
        for family in Family::ALL {
            assert!(cases.cases.iter().any(|case| case.family == *family), "{family}");
        }
    }

    #[test]
    fn a_file_names_neither_a_secret_nor_a_target() {
        let base = Cases::built_in().unwrap();
        let case = |more: &str| {
            let text = format!(
                "[[case]]\nname = \"mine\"\nfamily = \"accepts\"\nsends = \"an alert\"\nwhy = \"so\"\nremedy = \"unknown-events\"\n{more}"
            );
            Cases::parse(&text, "mine.toml", &base)
        };
        assert_eq!(
            case("event = \"cost.alert\"").unwrap().cases[0].full_name(),
            "accepts/mine"
        );
        for wrong in ["secret = \"x\"", "to = \"localhost\"", "expect = \"5xx\"", "remedy = 1"] {
            assert!(case(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "headers = { \"X\\r\\nY\" = \"1\" }",
            "headers = { X = \"1\\r\\nY: 2\" }",
            "method = \"GET / HTTP/1.1\\r\\n\"",
        ] {
            assert!(matches!(case(wrong), Err(CaseError::Http { .. })), "{wrong}");
        }
        let twice =
            "[[case]]\nname = \"right\"\nfamily = \"accepts\"\nsends = \"x\"\nwhy = \"x\"\nremedy = \"raw-body\"";
        assert!(matches!(Cases::parse(twice, "", &base), Err(CaseError::Twice { .. })));
    }

    #[test]
    fn a_pattern_names_a_case_a_family_or_several() {
        for pattern in [
            "refuses/unsigned",
            "unsigned",
            "refuses",
            "refuses/*",
            "un*",
            "refuses/*signed",
        ] {
            assert!(matches(pattern, "refuses/unsigned"), "{pattern}");
        }
        for pattern in ["accepts", "signed", "refuses/un", "", "accepts/*"] {
            assert!(!matches(pattern, "refuses/unsigned"), "{pattern}");
        }
    }
}
