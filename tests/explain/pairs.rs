//! Every kind of cause alone, and every two of different tables together, in both directions.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::clock::Unit;
use ckwh::explain::{Effort, Kind, Other, Relation};
use ckwh::message::Place;
use ckwh::scheme::{Grammar, Scheme, TimestampRule};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::parallel;
use crate::question::{Case, at, content, kinds, named, scheme, secret, tolerance};
use crate::rounds::sampled;

/// White space, quotes, a prefix, what URLs escape, and base64 behind the prefix: each row changes something.
const KEY: &str = "whsec_/+8ba3ktZm9yLXRlc3Rz+w==";
const OTHER_KEY: &str = "the-other-endpoint";
/// As nobody's writer writes it: escapes, spaces and digits are mixed by hand.
const BODY: &str =
    "{\n  \"name\":\"Zoë\", \"escaped\": \"\\u00e9\\/\",\n  \"html\": \"<b>R&D</b>\",\n  \"amount\": 1.50\n}";
const STAMP: &str = "1778241600250";

/// HMAC by the crate of that name, over the hash function `$hash`.
macro_rules! hmac {
    ($hash:ty) => {
        |key, content| {
            let mac = Hmac::<$hash>::new_from_slice(key).unwrap().chain_update(content);
            mac.finalize().into_bytes().to_vec()
        }
    };
}

/// What one side did. Without a row's change it is what the other side does too.
struct Act {
    scheme: Scheme,
    key: Vec<u8>,
    /// What the delivery holds.
    arrived: Vec<u8>,
    /// What was hashed in its place.
    hashed: Vec<u8>,
    /// What stands before the body in the signed content: the lead, the timestamp and what is between it and the body.
    before: [&'static str; 3],
    /// Whether the parts are the other way round.
    turned: bool,
    mac: fn(&[u8], &[u8]) -> Vec<u8>,
    written: fn(&[u8]) -> String,
    /// Another header than the scheme's.
    header: Option<&'static str>,
    /// How long after its time the delivery is judged.
    age: SignedDuration,
}

impl Act {
    fn right() -> Self {
        Self {
            scheme: scheme(),
            key: KEY.into(),
            arrived: BODY.into(),
            hashed: BODY.into(),
            before: ["", STAMP, "."],
            turned: false,
            mac: hmac!(Sha256),
            written: |tag| format!("sha256={}", hex::encode(tag)),
            header: None,
            age: SignedDuration::ZERO,
        }
    }

    fn signature(&self) -> String {
        let mut parts = self.before.map(str::as_bytes).to_vec();
        parts.push(&self.hashed);
        if self.turned {
            parts.reverse();
        }
        (self.written)(&(self.mac)(&self.key, &parts.concat()))
    }

    fn case(&self, effort: Effort) -> Case {
        let mut case = Case::signed(self.scheme.clone(), &secret(KEY), self.arrived.clone());
        case.other_secrets = vec![named(OTHER_KEY, "OTHER_SECRET")];
        case.others = vec![Other {
            name: "current".into(),
            relation: Relation::Dialect,
            scheme: dialect(),
        }];
        case.effort = effort;
        case.message.headers.set("X-Current-Time", STAMP);
        case
    }

    /// What is found out where the sender did it.
    fn reverse(&self, effort: Effort) -> Vec<Kind> {
        let mut case = self.case(effort);
        if let Some(name) = self.header {
            case.message.headers.remove("X-Signature");
            case.message.headers.set(name, self.signature());
        } else if self.signature().is_empty() {
            case.message.headers.remove("X-Signature");
        } else {
            case = case.header(self.signature());
        }
        kinds(&case.why_at(at() + self.age))
    }

    /// What is found out where the handler did it.
    fn forward(&self, effort: Effort) -> Vec<Kind> {
        kinds(&self.case(effort).did(self.signature()))
    }
}

/// Another dialect: its own header, content and time.
fn dialect() -> Scheme {
    let mut dialect = scheme();
    dialect.signatures[0].places = vec![Place::Header("X-Current-Signature".into())];
    dialect.signatures[0].grammar = Grammar::items("{sig}", None).unwrap();
    dialect.signatures[0].content = content(&["v9-", "{timestamp}", "-", "{body}"]);
    dialect.timestamp = Some(TimestampRule {
        from: Place::Header("X-Current-Time".into()),
        unit: Unit::Milliseconds,
        accept: Vec::new(),
        tolerance: tolerance(),
    });
    dialect
}

/// Which of the tables a kind is of. Only kinds of different ones are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Secret,
    Body,
    Content,
    Mac,
    Writing,
    Time,
}

/// One kind, and how it is made to happen.
struct Row {
    kind: Kind,
    table: Table,
    does: fn(&mut Act),
}

const fn row(kind: Kind, table: Table, does: fn(&mut Act)) -> Row {
    Row { kind, table, does }
}

const ROWS: &[Row] = &[
    row(Kind::SignatureDialect, Table::Writing, |act| {
        act.header = Some("X-Current-Signature");
        act.written = |tag| hex::encode(tag);
        act.before = ["v9-", STAMP, "-"];
    }),
    row(Kind::SecretWhitespace, Table::Secret, |act| act.key.push(b'\n')),
    row(Kind::SecretQuoted, Table::Secret, |act| {
        act.key = format!("\"{KEY}\"").into()
    }),
    row(Kind::SecretPrefix, Table::Secret, |act| act.key = KEY[6..].into()),
    row(Kind::SecretBase64, Table::Secret, |act| {
        act.key = STANDARD.decode(&KEY[6..]).unwrap()
    }),
    row(Kind::SecretHex, Table::Secret, |act| act.key = hex::encode(KEY).into()),
    row(Kind::SecretUrlEncoded, Table::Secret, |act| {
        act.key = form_urlencoded::byte_serialize(KEY.as_bytes())
            .collect::<String>()
            .into();
    }),
    row(Kind::SecretEmpty, Table::Secret, |act| act.key.clear()),
    row(Kind::SecretPlaceholder, Table::Secret, |act| {
        act.key = "your-webhook-secret".into()
    }),
    row(Kind::SecretOther, Table::Secret, |act| act.key = OTHER_KEY.into()),
    row(Kind::BodyReserialised, Table::Body, |act| {
        // json.dumps(json.loads(body))
        act.hashed = br#"{"name": "Zo\u00eb", "escaped": "\u00e9/", "html": "<b>R&D</b>", "amount": 1.5}"#.into();
    }),
    row(Kind::BodyNewline, Table::Body, |act| act.hashed.push(b'\n')),
    row(Kind::BodyNewline, Table::Body, |act| act.arrived.push(b'\n')),
    row(Kind::BodyLineEndings, Table::Body, |act| {
        act.hashed = BODY.replace('\n', "\r\n").into()
    }),
    row(Kind::BodyLineEndings, Table::Body, |act| {
        act.arrived = BODY.replace('\n', "\r\n").into()
    }),
    row(Kind::BodyWhitespace, Table::Body, |act| {
        act.hashed = BODY
            .replace("\n  ", "")
            .replace('\n', "")
            .replace(": ", ":")
            .replace(", ", ",")
            .into();
    }),
    row(Kind::BodyWhitespace, Table::Body, |act| {
        act.arrived = format!(" {BODY} ").into()
    }),
    row(Kind::BodyBom, Table::Body, |act| {
        act.hashed = format!("\u{feff}{BODY}").into()
    }),
    row(Kind::BodyBom, Table::Body, |act| {
        act.arrived = format!("\u{feff}{BODY}").into()
    }),
    row(Kind::BodyCharset, Table::Body, |act| act.hashed = latin_1(BODY)),
    row(Kind::BodyCharset, Table::Body, |act| {
        act.arrived = BODY.bytes().map(char::from).collect::<String>().into();
    }),
    row(Kind::BodyUnicodeNormalised, Table::Body, |act| {
        act.hashed = BODY.replace('ë', "e\u{308}").into();
    }),
    row(Kind::BodyUnicodeNormalised, Table::Body, |act| {
        act.arrived = BODY.replace('ë', "e\u{308}").into();
    }),
    row(Kind::BodyCompression, Table::Body, |act| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(BODY.as_bytes()).unwrap();
        act.arrived = gzip.finish().unwrap();
    }),
    row(Kind::BodyDoubleEncoded, Table::Body, |act| {
        act.hashed = serde_json::to_vec(BODY).unwrap()
    }),
    row(Kind::BodyDoubleEncoded, Table::Body, |act| {
        act.arrived = STANDARD.encode(BODY).into()
    }),
    row(Kind::BodyHtmlEscaped, Table::Body, |act| {
        act.hashed = BODY
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .into();
    }),
    row(Kind::BodyHtmlEscaped, Table::Body, |act| {
        act.arrived = BODY
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .into();
    }),
    row(Kind::BodyEmpty, Table::Body, |act| act.hashed.clear()),
    row(Kind::BodyEmpty, Table::Body, |act| {
        act.hashed = b"[object Object]".into()
    }),
    row(Kind::BodyForm, Table::Body, |act| act.hashed.push(b'=')),
    row(Kind::BodyForm, Table::Body, |act| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        act.arrived = form.append_pair("payload", BODY).finish().into();
    }),
    row(Kind::ContentTimestampMissing, Table::Content, |act| {
        act.before[1..].fill("")
    }),
    row(Kind::ContentTimestampUnit, Table::Content, |act| {
        act.before[1] = "1778241600"
    }),
    row(Kind::ContentTimestampUnit, Table::Content, |act| {
        act.before[1] = "2026-05-08T12:00:00.250Z"
    }),
    row(Kind::ContentSeparator, Table::Content, |act| act.before[2] = ""),
    row(Kind::ContentSeparator, Table::Content, |act| act.before[2] = "\n"),
    row(Kind::ContentSeparator, Table::Content, |act| act.turned = true),
    row(Kind::ContentIdMissing, Table::Content, |act| {
        act.scheme.id = Some(Place::Header("X-Id".into()));
        act.scheme.signatures[0].content = content(&["{id}", ".", "{timestamp}", ".", "{body}"]);
    }),
    row(Kind::ContentUrl, Table::Content, |act| {
        // Behind a proxy that ends TLS.
        act.scheme.signatures[0].content = content(&["{url}", "{body}"]);
        act.before = ["http://example.com/hooks?a=1", "", ""];
    }),
    row(Kind::ContentOtherScheme, Table::Content, |act| {
        act.before = ["v0:", STAMP, ":"]
    }),
    row(Kind::SignatureAlgorithm, Table::Mac, |act| act.mac = hmac!(Sha1)),
    row(Kind::SignatureAlgorithm, Table::Mac, |act| act.mac = hmac!(Sha512)),
    row(Kind::SignatureNotHmac, Table::Mac, |act| {
        act.mac = |key, content| Sha256::digest([key, content].concat()).to_vec();
    }),
    row(Kind::SignatureNotHmac, Table::Mac, |act| {
        act.mac = |key, content| Sha256::digest([content, key].concat()).to_vec();
    }),
    row(Kind::SignatureNotHmac, Table::Mac, |act| {
        act.mac = |_, content| Sha256::digest(content).to_vec()
    }),
    row(Kind::SignatureEncoding, Table::Writing, |act| {
        act.written = |tag| format!("sha256={}", STANDARD.encode(tag));
    }),
    row(Kind::SignatureCase, Table::Writing, |act| {
        act.written = |tag| format!("sha256={}", hex::encode_upper(tag));
    }),
    row(Kind::SignaturePrefix, Table::Writing, |act| {
        act.written = |tag| hex::encode(tag)
    }),
    row(Kind::SignatureTruncated, Table::Writing, |act| {
        act.written = |tag| format!("sha256={}", &hex::encode(tag)[..36]);
    }),
    row(Kind::SignatureUnsigned, Table::Writing, |act| {
        act.written = |_| String::new()
    }),
    row(Kind::TimeStale, Table::Time, |act| {
        act.age = SignedDuration::from_mins(20)
    }),
    row(Kind::TimeFuture, Table::Time, |act| {
        act.age = SignedDuration::from_mins(-20)
    }),
];

fn latin_1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Reverse,
    Forward,
}

/// What can't be told, and why.
fn untold(way: Way, one: &Row, other: &Row) -> Option<&'static str> {
    let is = |kind| one.kind == kind || other.kind == kind;
    let of = |table| one.table == table || other.table == table;
    if is(Kind::SignatureUnsigned) && (way == Way::Forward || !std::ptr::eq(one, other)) {
        return Some("without a signature there is no MAC that proves a cause");
    }
    if way == Way::Forward && of(Table::Time) {
        return Some("a handler's signature has no time of its own: the delivery is judged by itself");
    }
    if way == Way::Forward && is(Kind::SignaturePrefix) && !std::ptr::eq(one, other) {
        return Some("a log shows the bare MAC: that is a cause only where nothing else is");
    }
    if is(Kind::ContentOtherScheme) && (is(Kind::SignaturePrefix) || is(Kind::SignatureDialect)) {
        return Some("another scheme has its own header");
    }
    if is(Kind::SignatureDialect) && is(Kind::ContentIdMissing) {
        return Some("the dialect here signs no id");
    }
    if way == Way::Forward && is(Kind::SignatureDialect) && is(Kind::ContentUrl) {
        return Some("the dialect here signs no URL: what the handler took from it does not show");
    }
    if of(Table::Secret)
        && [one, other]
            .iter()
            .any(|row| row.table == Table::Mac && is_keyless(row))
    {
        return Some("a hash without a key does not tell which secret there is");
    }
    if is(Kind::SecretEmpty) && is(Kind::SignatureNotHmac) {
        return Some("a hash with an empty key is one without a key");
    }
    None
}

fn is_keyless(row: &Row) -> bool {
    let mut act = Act::right();
    (row.does)(&mut act);
    (act.mac)(b"one", b"content") == (act.mac)(b"another", b"content")
}

/// Placeholders are many, and so are the schemes that a handler may take for the right one.
fn effort(way: Way, rows: &[&Row]) -> Effort {
    let far = rows
        .iter()
        .any(|row| row.kind == Kind::SecretPlaceholder || row.kind == Kind::SignatureDialect && way == Way::Forward);
    if far && rows.len() > 1 {
        Effort::High
    } else {
        Effort::Normal
    }
}

#[test]
fn every_two_kinds_of_different_tables_are_named_together() {
    let mut tasks = Vec::new();
    for way in [Way::Reverse, Way::Forward] {
        for (index, one) in ROWS.iter().enumerate() {
            let others = ROWS[index + 1..].iter().filter(|other| other.table != one.table);
            let pairs = others.map(|other| vec![one, other]);
            tasks.extend(std::iter::once(vec![one]).chain(pairs).map(|rows| (way, rows)));
        }
    }
    assert!(tasks.len() > 1_000, "{}", tasks.len());
    let tasks = sampled(tasks, 24);
    let found = parallel::each(&tasks, |(way, rows)| {
        let mut act = Act::right();
        for row in rows {
            (row.does)(&mut act);
        }
        let effort = effort(*way, rows);
        let mut found = match way {
            Way::Reverse => act.reverse(effort),
            Way::Forward => act.forward(effort),
        };
        let expected: Vec<Kind> = rows.iter().map(|row| row.kind).collect();
        found.sort_by_key(|kind| expected.iter().position(|own| own == kind));
        let untold = untold(*way, rows[0], rows[rows.len() - 1]);
        ((found == expected) == untold.is_some()).then(|| format!("{way:?} {expected:?}: {found:?}, {untold:?}"))
    });
    let wrong: Vec<String> = found.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        tasks.len(),
        wrong.join("\n")
    );
}
