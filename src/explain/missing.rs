//! What is said where no MAC proves anything: no signature, a text that is none, or nothing that was found.

use super::cause::{Basis, Cause, Explanation, Kind, Search};
use super::reading;
use super::remedy;
use super::search::Direction;
use super::values;
use super::{Other, Question, Relation};
use crate::message::{Message, Place};
use crate::scheme::{Encoding, FoundSignature, Scheme, Signature};
use crate::verify::{Reason, SignatureState, Verdict};

/// A shorter secret may stand in a header by chance, in bytes.
const SHORTEST: usize = 8;

/// What is written where a signature was meant.
struct Literal {
    texts: &'static [&'static str],
    what: &'static str,
}

const LITERALS: &[Literal] = &[
    Literal {
        texts: &[
            "undefined",
            "null",
            "None",
            "nil",
            "<nil>",
            "NaN",
            "nan",
            "false",
            "0",
            "%!s(<nil>)",
            "NULL",
            "nullptr",
        ],
        what: "the signer wrote a variable that was not set",
    },
    Literal {
        texts: &[
            "[object Promise]",
            "[object Object]",
            "[object ArrayBuffer]",
            "[object Uint8Array]",
            "Array",
        ],
        what: "the signer wrote an object as text, such as a promise that it did not wait for",
    },
    Literal {
        texts: &[
            "SIG",
            "sig",
            "{sig}",
            "<sig>",
            "$SIG",
            "${SIG}",
            "SIGNATURE",
            "signature",
            "<signature>",
            "{signature}",
            "$SIGNATURE",
            "${SIGNATURE}",
            "$signature",
            "${signature}",
            "your-signature",
            "your_signature",
            "YOUR_SIGNATURE",
            "test",
            "TODO",
            "xxx",
            "...",
            "…",
        ],
        what: "an example's text was sent as it stands, or a variable's name in its value's place",
    },
];

/// What `text` is where a MAC was meant, where it is a known one.
fn of_literal(text: &str, direction: Direction) -> Option<Cause> {
    let text = text.trim();
    let detail = if text.is_empty() {
        "the signature is empty: the signer wrote a variable that was not set".to_owned()
    } else {
        let row = LITERALS.iter().find(|row| row.texts.contains(&text))?;
        format!("`{text}` stands in the signature's place: {}", row.what)
    };
    Some(Cause {
        detail,
        remedy: remedy::of(Kind::SignaturePlaceholder, "", direction, None),
        ..Cause::new(Kind::SignaturePlaceholder, Basis::Parse)
    })
}

/// A signature's own text that is none, such as `sha256=undefined`.
pub(super) fn literal(question: &Question<'_>) -> Option<Cause> {
    let each = question.scheme.signatures.iter();
    let texts = each.flat_map(|signature| texts(question.message, signature));
    texts.filter_map(|text| of_literal(&text, Direction::Reverse)).next()
}

/// The same of what a handler computed: the whole text, what is left of it without the header's form, or its last word.
pub(super) fn computed(text: &str, scheme: &Scheme) -> Option<Cause> {
    let bare = |text: &str| text.trim_matches(['"', '\'', '`']).to_owned();
    let forms = scheme.signatures.iter().map(|signature| &signature.grammar);
    let mut texts: Vec<String> = forms.flat_map(|grammar| reading::without_form(text, grammar)).collect();
    texts.extend(text.split_whitespace().last().map(str::to_owned));
    let literal = texts
        .iter()
        .find_map(|text| of_literal(&bare(text), Direction::Forward));
    literal.or_else(|| {
        let signature = scheme.signatures.first()?;
        let texts = reading::without_form(text, &signature.grammar);
        texts
            .iter()
            .find_map(|text| of_short(&bare(text), signature, Direction::Forward))
    })
}

/// What a text is that holds no MAC of the scheme: the digits that one is written in, how many a byte has, and what they
/// are called.
struct Digits {
    encodings: &'static [Encoding],
    is_own: fn(u8) -> bool,
    /// How many 128 bits have.
    least: usize,
    /// How many a MAC of so many bytes has.
    count: fn(usize) -> usize,
    name: &'static str,
    what: &'static str,
}

const DIGITS: &[Digits] = &[
    Digits {
        encodings: &[Encoding::Hex, Encoding::HexUpper],
        is_own: |byte| byte.is_ascii_hexdigit(),
        least: 32,
        count: |bytes| 2 * bytes,
        name: "hex digits",
        what: "hex",
    },
    Digits {
        encodings: &[Encoding::Base64, Encoding::Base64Url, Encoding::Base64UrlPadded],
        is_own: |byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte),
        least: 22,
        count: |bytes| bytes.div_ceil(3) * 4,
        name: "characters of base64",
        what: "base64",
    },
];

/// What is wrong with a text of less than 128 bits in the place of `signature`.
fn of_short(text: &str, signature: &Signature, direction: Direction) -> Option<Cause> {
    let row = DIGITS.iter().find(|row| row.encodings.contains(&signature.encoding))?;
    let is_digits = text.bytes().all(row.is_own);
    let is_long = if is_digits {
        text.len() >= row.least
    } else {
        reading::holds(text, signature)
    };
    if text.is_empty() || signature.kind.is_by_pair() || is_long {
        return None;
    }
    let (kind, due) = (signature.kind, (row.count)(signature.kind.longest()));
    let found = text.chars().count();
    let detail = if is_digits {
        format!(
            "{found} {} stand in the signature's place, where {kind} has {due}: a MAC that was cut, or none",
            row.name
        )
    } else if direction == Direction::Reverse {
        format!(
            "the text in the signature's place, of {found} characters, is no {}, in which {kind} is written here: it is no MAC",
            row.what
        )
    } else {
        return None;
    };
    Some(Cause {
        detail,
        remedy: remedy::of(Kind::SignatureMalformed, "", direction, None),
        ..Cause::new(Kind::SignatureMalformed, Basis::Parse)
    })
}

/// The same where none of the delivery's own is longer.
fn short(question: &Question<'_>) -> Option<Cause> {
    let mut causes = Vec::new();
    for signature in &question.scheme.signatures {
        for value in signature.places.iter().flat_map(|place| place.values(question.message)) {
            let mut texts = reading::without_form(&String::from_utf8_lossy(&value), &signature.grammar);
            // The whole value, which is no text of its form.
            texts.pop();
            for text in texts {
                causes.push(of_short(&text, signature, Direction::Reverse)?);
            }
        }
    }
    causes.into_iter().next()
}

/// What stands where `signature` has its MAC, however odd that is.
fn texts(message: &Message, signature: &Signature) -> Vec<String> {
    let values = signature.places.iter().flat_map(|place| place.values(message));
    let texts = values.map(|value| String::from_utf8_lossy(&value).into_owned());
    let around = |text: String| reading::without_form(&text, &signature.grammar);
    texts.flat_map(around).collect()
}

/// Where the signatures are expected.
fn expected(scheme: &Scheme) -> String {
    let place = |own: &Signature| match own.place() {
        Place::Header(name) => name.clone(),
        place => place.to_string(),
    };
    let mut names: Vec<String> = scheme.signatures.iter().map(place).collect();
    names.dedup();
    names.join(" or ")
}

/// Whether a header of that name says that it holds a signature.
pub(crate) fn is_named_so(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["sign", "hmac", "digest", "hash"]
        .iter()
        .any(|word| name.contains(word))
        || name.split(['-', '_', '/']).any(|word| ["sig", "mac"].contains(&word))
}

/// What is said where the search found nothing, or had nothing to look for.
pub(super) fn cause(question: &Question<'_>, verdict: &Verdict, found: Option<Explanation>) -> Explanation {
    let unknown = || found.clone().unwrap_or_else(|| Explanation::of(no_text()));
    if let Some(cause) = literal(question) {
        return Explanation::of(cause);
    }
    if let Some(cause) = token(question) {
        return Explanation::of(cause);
    }
    if verdict.signature != SignatureState::Absent {
        return match (&verdict.detail, verdict.reason) {
            (Some(detail), Reason::MissingHeader) => Explanation::of(uncovered(detail)),
            _ => short(question).map_or_else(unknown, Explanation::of),
        };
    }
    let headers = expected(question.scheme);
    if question.message.headers.is_empty() {
        return Explanation::of(Cause {
            detail: format!(
                "this is a body without any header, which says nothing about its sender: a signature would stand in {headers}"
            ),
            remedy: remedy::of(Kind::Unknown, "bare", Direction::Reverse, None),
            search: Some(Search::Complete),
            proof: None,
            ..Cause::new(Kind::Unknown, Basis::Parse)
        });
    }
    if let Some(cause) = dialect(question) {
        return Explanation::of(cause);
    }
    let candidates: Vec<String> = values::of_message(question.message)
        .into_iter()
        .filter(|value| is_named_so(value.place.name()) && !value.text.trim().is_empty())
        .map(|value| value.place.to_string())
        .take(3)
        .collect();
    if candidates.is_empty() {
        return Explanation::of(unsigned_in(&headers));
    }
    let tried = if found.is_some() {
        "nothing that was tried gives it"
    } else {
        "it holds no 128 bits to compare"
    };
    let detail = format!(
        "there is no {headers}; {} may be the signature, and {tried}",
        candidates.join(" or ")
    );
    let mut causes = unknown().into_causes();
    for cause in &mut causes {
        cause.detail.clone_from(&detail);
        cause.remedy = remedy::of(Kind::Unknown, "header", Direction::Reverse, None);
    }
    Explanation::all(causes).unwrap_or_else(|| Explanation::of(unsigned_in(&headers)))
}

/// A value that is signed is not there, and no other gives the signature.
fn uncovered(detail: &str) -> Cause {
    Cause {
        detail: format!("{detail}, and it is signed: nothing that was tried in its place gives this signature"),
        remedy: remedy::of(Kind::Unknown, "value", Direction::Reverse, None),
        proof: None,
        search: Some(Search::Complete),
        ..Cause::new(Kind::Unknown, Basis::Parse)
    }
}

/// A header that holds the secret itself, alone or behind a word such as `Bearer ` or `sha256=`.
fn token(question: &Question<'_>) -> Option<Cause> {
    let is_secret = |text: &str| {
        let mut secrets = question.secrets.iter().chain(question.other_secrets);
        secrets.any(|secret| secret.expose().len() >= SHORTEST && secret.expose() == text.trim().as_bytes())
    };
    let holds = |(name, value): (&str, &[u8])| {
        let text = std::str::from_utf8(value).ok()?;
        let behind = |char: char| text.split_once(char).map_or(text, |(_, rest)| rest);
        let texts = [text, behind(' '), behind('='), behind(',')];
        texts.into_iter().any(is_secret).then(|| name.to_owned())
    };
    let name = question.message.headers.iter().find_map(holds)?;
    Some(Cause {
        detail: format!("the header `{name}` holds the secret itself, as a token, and no MAC of the body"),
        remedy: remedy::of(Kind::SignatureNotHmac, "token", Direction::Reverse, None),
        ..Cause::new(Kind::SignatureNotHmac, Basis::Parse)
    })
}

/// The secret that the scheme shows is not there.
pub(super) fn unshown(scheme: &Scheme) -> Cause {
    Cause {
        detail: format!("nothing stands in {}, where the secret is shown", expected(scheme)),
        remedy: remedy::of(Kind::SignatureUnsigned, "shown", Direction::Reverse, None),
        ..Cause::new(Kind::SignatureUnsigned, Basis::Parse)
    }
}

/// The scheme's signature is not there.
pub(super) fn unsigned(scheme: &Scheme) -> Cause {
    unsigned_in(&expected(scheme))
}

fn unsigned_in(headers: &str) -> Cause {
    Cause {
        detail: format!(
            "nobody signed this request: {headers} is not there, nor anything else that may be a signature"
        ),
        remedy: remedy::of(Kind::SignatureUnsigned, "", Direction::Reverse, None),
        ..Cause::new(Kind::SignatureUnsigned, Basis::Parse)
    }
}

/// What stands in the signature's place holds no MAC that could be compared.
fn no_text() -> Cause {
    Cause {
        detail: "the signature is no text that holds at least 128 bits in hex or base64".to_owned(),
        remedy: remedy::of(Kind::Unknown, "text", Direction::Reverse, None),
        proof: None,
        search: Some(Search::Complete),
        ..Cause::new(Kind::Unknown, Basis::Parse)
    }
}

/// A signature in another dialect's header, where no secret proves it. It says nothing where both have the same header.
fn dialect(question: &Question<'_>) -> Option<Cause> {
    let own: Vec<&Place> = question.scheme.signatures.iter().flat_map(|own| &own.places).collect();
    let is_mac = |found: FoundSignature<'_>| {
        let texts = found.parsed.unwrap_or_default().signatures;
        texts.iter().any(|text| found.signature.decode(text).is_some())
    };
    let stands = |other: &&Other| {
        other.relation == Relation::Dialect
            && other
                .scheme
                .found(question.message)
                .any(|found| !own.contains(&found.place) && is_mac(found))
    };
    let other = question.others.iter().find(stands)?;
    let proven = if question.secrets.is_empty() {
        ""
    } else {
        "; the secrets at hand do not give its signature"
    };
    Some(Cause {
        detail: format!("the headers are those of the dialect {}{proven}", other.name),
        remedy: remedy::of(Kind::SignatureDialect, "", Direction::Reverse, None),
        ..Cause::new(Kind::SignatureDialect, Basis::Parse)
    })
}

/// What the verdict says, where nothing says it better.
pub(super) fn stated(question: &Question<'_>, verdict: &Verdict, kind: Kind, by: Basis) -> Cause {
    let detail = verdict.detail.clone();
    let detail = detail.unwrap_or_else(|| format!("{} can't be taken as it stands", expected(question.scheme)));
    let lead = if by == Basis::Mac { "the MAC is right; " } else { "" };
    Cause {
        detail: format!("{lead}{detail}"),
        remedy: remedy::of(kind, "", Direction::Reverse, None),
        ..Cause::new(kind, by)
    }
}
