//! Why an HTTP message signature is not right. Its base is put together here by hand, as the signer has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::clock::{Tolerance, Unit};
use ckwh::explain::{Cause, Kind, Question, computed, received};
use ckwh::message::{Message, Place};
use ckwh::scheme::{Scheme, Signature, TimestampRule};
use ckwh::secret::Secret;
use ckwh::verify::{Options, verify};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256, Sha512};

use crate::question::{SECRET, named, secret};

const BODY: &str = r#"{"id":"evt_1","amount":1.0}"#;
const CREATED: i64 = 1_764_000_000;
const URL: &str = "https://hooks.example.com/api/in?a=b";

fn rfc9421(lines: &str) -> Scheme {
    let table = format!("kind = \"rfc9421\"\nalgorithm = \"hmac-sha256\"\n{lines}");
    of(&table, Place::Signature, Unit::Seconds)
}

fn of(table: &str, from: Place, unit: Unit) -> Scheme {
    let signature: Signature = toml::from_str(table).unwrap();
    let rule = TimestampRule {
        from,
        unit,
        accept: Vec::new(),
        tolerance: Tolerance::both(std::time::Duration::from_secs(300)),
    };
    Scheme {
        signatures: vec![signature],
        timestamp: Some(rule),
        id: None,
    }
}

fn mac(base: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(base.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn digest(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// A message signed over `lines`, whose signature says that `covers` are covered.
fn signed(covers: &str, lines: &[(&str, &str)]) -> Message {
    let input = format!("({covers});created={CREATED};keyid=\"one\"");
    let mut base: String = lines
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}\n"))
        .collect();
    base.push_str(&format!("\"@signature-params\": {input}"));
    let mut message = Message {
        url: Some(URL.into()),
        ..Message::new(BODY)
    };
    for (name, value) in lines.iter().filter(|(name, _)| !name.starts_with('@')) {
        message.headers.set(name, value);
    }
    message.headers.set("Signature-Input", format!("sig1={input}"));
    message
        .headers
        .set("Signature", format!("sig1=:{}:", STANDARD.encode(mac(&base))));
    message
}

fn why_with(scheme: &Scheme, secrets: &[Secret], others: &[Secret], message: &Message) -> Vec<Cause> {
    let options = Options::new(Timestamp::from_second(CREATED + 10).unwrap());
    let verdict = verify(scheme, secrets, message, &options);
    let mut question = Question::new(scheme, secrets, message);
    question.other_secrets = others;
    let found = received(&question, &verdict, &options);
    found.map(|found| found.into_causes()).unwrap_or_default()
}

fn why(scheme: &Scheme, message: &Message) -> (Kind, String) {
    let mut causes = why_with(scheme, &[secret(SECRET)], &[], message);
    assert_eq!(causes.len(), 1, "{causes:?}");
    let cause = causes.remove(0);
    assert!(!cause.remedy.is_empty(), "{:?} has no remedy", cause.kind);
    (cause.kind, cause.detail)
}

const COVERS: &str = "\"@method\" \"@authority\" \"@path\" \"content-type\" \"date\"";

fn usual() -> Message {
    signed(
        COVERS,
        &[
            ("@method", "POST"),
            ("@authority", "hooks.example.com"),
            ("@path", "/api/in"),
            ("content-type", "application/json"),
            ("date", "Mon, 24 Nov 2025 16:00:00 GMT"),
        ],
    )
}

#[test]
fn the_component_that_is_another_is_named_with_both_values() {
    let scheme = rfc9421("covers = []");
    assert!(why_with(&scheme, &[secret(SECRET)], &[], &usual()).is_empty());
    type Change = fn(&mut Message);
    let changes: [(Change, Kind, &str); 8] = [
        (
            |message| message.url = Some("http://localhost:3000/api/in?a=b".into()),
            Kind::Unknown,
            "no other value of a component",
        ),
        (
            |message| {
                message.url = Some("http://localhost:3000/api/in?a=b".into());
                message.headers.set("X-Forwarded-Host", "hooks.example.com");
            },
            Kind::ContentUrl,
            "`@authority` was `hooks.example.com` when it was signed, and is `localhost:3000` here",
        ),
        (
            |message| {
                message.url = Some("https://hooks.example.com/in?a=b".into());
                message.headers.set("X-Forwarded-Prefix", "/api");
            },
            Kind::ContentUrl,
            "`@path` was `/api/in` when it was signed, and is `/in` here",
        ),
        (
            |message| message.method = "PUT".into(),
            Kind::ContentMethod,
            "`@method` was `POST` when it was signed, and is `PUT` here",
        ),
        (
            |message| message.headers.set("content-type", "application/json; charset=utf-8"),
            Kind::ContentHeader,
            "`content-type` was `application/json` when it was signed, and is `application/json; charset=utf-8` here",
        ),
        (
            |message| {
                message.headers.set("Date", "Mon, 24 Nov 2025 16:00:09 GMT");
                message.headers.set("X-Original-Date", "Mon, 24 Nov 2025 16:00:00 GMT");
            },
            Kind::ContentHeader,
            "`date` was `Mon, 24 Nov 2025 16:00:00 GMT` when it was signed, and is `Mon, 24 Nov 2025 16:00:09 GMT` here",
        ),
        (
            |message| {
                message.headers.remove("Date");
                message.headers.set("X-Original-Date", "Mon, 24 Nov 2025 16:00:00 GMT");
            },
            Kind::ContentHeader,
            "`date` was `Mon, 24 Nov 2025 16:00:00 GMT` when it was signed, and is not there here",
        ),
        (
            |message| message.headers.remove("date"),
            Kind::Unknown,
            "the header date, which the signature covers, is not there",
        ),
    ];
    for (change, kind, said) in changes {
        let mut message = usual();
        change(&mut message);
        let (found, detail) = why(&scheme, &message);
        assert_eq!(found, kind, "{detail}");
        assert!(detail.contains(said), "{detail}");
    }
}

#[test]
fn the_scheme_of_the_url_counts_where_it_is_covered() {
    let mut message = signed("\"@target-uri\"", &[("@target-uri", URL)]);
    message.url = Some(URL.replace("https", "http"));
    let (kind, detail) = why(&rfc9421("covers = []"), &message);
    assert_eq!(kind, Kind::ContentUrl);
    assert_eq!(
        detail,
        format!(
            "`@target-uri` was `{URL}` when it was signed, and is `{}` here",
            URL.replace("https", "http")
        )
    );
}

#[test]
fn a_list_that_is_another_than_what_was_signed_is_told() {
    let scheme = rfc9421("covers = [\"date\", \"content-type\"]");
    let (date, of_type) = (
        ("date", "Mon, 24 Nov 2025 16:00:00 GMT"),
        ("content-type", "text/plain"),
    );
    for (covers, lines, said) in [
        // The list names them in another order than they were signed in.
        (
            "\"date\" \"content-type\"",
            &[of_type, date][..],
            "the signer took the components sorted by name",
        ),
        (
            "\"content-type\" \"date\"",
            &[date, of_type],
            "the signer took the components in the reverse order",
        ),
        (
            "\"date\" \"content-type\" \"@method\"",
            &[date, of_type],
            "the signer took the components of the provider's table",
        ),
    ] {
        let (kind, detail) = why(&scheme, &signed(covers, lines));
        assert_eq!(kind, Kind::ContentHeader, "{detail}");
        assert!(detail.contains(said), "{detail}");
    }
    let (kind, detail) = why(&rfc9421("covers = []"), &signed("\"date\"", &[date, of_type]));
    assert_eq!(kind, Kind::ContentHeader, "{detail}");
    assert!(
        detail.contains("the signer took `content-type` too, which the signature's list does not name"),
        "{detail}"
    );
}

#[test]
fn a_body_that_was_changed_on_its_way_is_searched_by_its_digest() {
    let scheme = rfc9421("covers = [\"content-digest\"]");
    let digest = digest(BODY);
    let with_body = |body: &str| {
        let mut message = signed("\"content-digest\"", &[("content-digest", &digest)]);
        message.body = body.to_owned().into();
        message
    };
    let (kind, detail) = why(&scheme, &with_body(&format!("{BODY}\n")));
    assert_eq!(kind, Kind::BodyNewline);
    assert!(
        detail.starts_with("the signature is right, and the header content-digest is of other bytes: "),
        "{detail}"
    );
    let (kind, detail) = why(&scheme, &with_body("{\"id\":\"evt_2\"}"));
    assert_eq!(kind, Kind::ContentHeader);
    assert!(detail.contains("the header content-digest says sha-256 "), "{detail}");
    // A digest that was made anew on the way, for the body that was changed.
    let mut anew = with_body("{\"id\":\"evt_2\"}");
    anew.headers.set("Content-Digest", self::digest("{\"id\":\"evt_2\"}"));
    assert_eq!(why(&scheme, &anew).0, Kind::Unknown);
    // SHA-512 is looked at as well.
    let long = format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(BODY)));
    let mut message = signed("\"content-digest\"", &[("content-digest", &long)]);
    message.body = format!("{BODY}\n").into();
    assert_eq!(why(&scheme, &message).0, Kind::BodyNewline);
}

#[test]
fn another_key_and_another_algorithm_are_named() {
    let scheme = rfc9421("covers = []");
    let other = [named(SECRET, "OTHER_SECRET")];
    let causes = why_with(&scheme, &[secret("not this one")], &other, &usual());
    assert_eq!(causes[0].kind, Kind::SecretOther);
    assert!(causes[0].detail.contains("OTHER_SECRET"), "{}", causes[0].detail);
    let causes = why_with(&scheme, &[secret(format!("{SECRET}\n"))], &[], &usual());
    assert_eq!(causes[0].kind, Kind::SecretWhitespace);
    let plain = of(
        "kind = \"cavage\"\nalgorithm = \"hmac-sha512\"\nsays = \"hs2019\"\ncovers = [\"date\"]",
        Place::Header("Date".into()),
        Unit::HttpDate,
    );
    let date = "Mon, 24 Nov 2025 16:00:00 GMT";
    let mut message = Message::new(BODY);
    message.headers.set("Date", date);
    let tag = STANDARD.encode(mac(&format!("date: {date}")));
    let header = |tag: &str| format!("keyId=\"one\",algorithm=\"hs2019\",headers=\"date\",signature=\"{tag}\"");
    message.headers.set("Signature", header(&tag));
    let (kind, detail) = why(&plain, &message);
    assert_eq!(kind, Kind::SignatureAlgorithm);
    assert_eq!(
        detail,
        "it is signed by HMAC-SHA-256, and this provider signs by HMAC-SHA-512"
    );
}

#[test]
fn what_is_refused_as_it_stands_says_why() {
    for (lines, kind, said) in [
        (
            "covers = [\"@method\", \"content-digest\"]",
            Kind::SignatureCoverage,
            "does not cover `content-digest`",
        ),
        (
            "covers = []\ntag = \"mine\"",
            Kind::SignatureHeader,
            "no signature with the tag `mine`",
        ),
    ] {
        let (found, detail) = why(&rfc9421(lines), &usual());
        assert_eq!(found, kind);
        assert!(detail.contains(said), "{detail}");
    }
    let mut other = usual();
    let input = other.headers.text("signature-input").unwrap().to_owned();
    other.headers.set("Signature-Input", format!("{input};alg=\"ed25519\""));
    let (found, detail) = why(&rfc9421("covers = []"), &other);
    assert_eq!(found, Kind::SignatureAlgorithm);
    assert!(
        detail.contains("names the algorithm ed25519, and hmac-sha256 is the only one"),
        "{detail}"
    );
}

#[test]
fn an_old_signature_is_stale_and_one_from_ahead_has_its_time_to_come() {
    let scheme = rfc9421("covers = []");
    let message = usual();
    for (at, kind) in [(CREATED + 3600, Kind::TimeStale), (CREATED - 3600, Kind::TimeFuture)] {
        let options = Options::new(Timestamp::from_second(at).unwrap());
        let secrets = [secret(SECRET)];
        let verdict = verify(&scheme, &secrets, &message, &options);
        let found = received(&Question::new(&scheme, &secrets, &message), &verdict, &options).unwrap();
        assert_eq!(found.causes()[0].kind, kind);
    }
}

/// What a handler logged as the signature that it computed.
#[test]
fn what_a_handler_put_together_otherwise_is_named() {
    let table = "kind = \"cavage\"\nalgorithm = \"hmac-sha256\"\ncovers = [\"(request-target)\", \"host\", \"date\"]";
    let scheme = of(table, Place::Header("Date".into()), Unit::HttpDate);
    let date = "Mon, 24 Nov 2025 16:00:00 GMT";
    let base = |target: &str, host: &str| format!("(request-target): {target}\nhost: {host}\ndate: {date}");
    let right = base("post /api/in?a=b", "hooks.example.com");
    let mut message = Message {
        url: Some(URL.into()),
        ..Message::new(BODY)
    };
    message.headers.set("Host", "hooks.example.com");
    message.headers.set("Date", date);
    let header = format!(
        "keyId=\"one\",algorithm=\"hmac-sha256\",headers=\"(request-target) host date\",signature=\"{}\"",
        STANDARD.encode(mac(&right))
    );
    message.headers.set("Signature", header);
    let secrets = [secret(SECRET)];
    let tried = [
        (right.clone(), None),
        (
            format!("{right}\n"),
            Some((Kind::ContentSeparator, "the handler ends the base with a line break")),
        ),
        (
            right.replace(": ", ":"),
            Some((Kind::ContentSeparator, "has no space behind the colons")),
        ),
        (
            base("post /api/in", "hooks.example.com"),
            Some((
                Kind::ContentUrl,
                "the handler took `post /api/in` for `(request-target)`, which is `post /api/in?a=b`",
            )),
        ),
        (
            base("post /api/in?a=b", "localhost:3000"),
            Some((
                Kind::ContentUrl,
                "the handler took `localhost:3000` for `host`, which is `hooks.example.com`",
            )),
        ),
        (format!("date: {date}"), Some((Kind::Unknown, "nothing that was tried"))),
        (
            BODY.to_owned(),
            Some((Kind::ContentOtherScheme, "the handler took the body alone")),
        ),
    ];
    let texts: Vec<String> = tried.iter().map(|(base, _)| STANDARD.encode(mac(base))).collect();
    let said = computed(&Question::new(&scheme, &secrets, &message), &texts);
    for ((base, expected), found) in tried.iter().zip(said) {
        let found = found.map(|found| found.into_causes().remove(0));
        match expected {
            None => assert!(found.is_none(), "{base:?}: {found:?}"),
            Some((kind, said)) => {
                let found = found.unwrap();
                assert_eq!(found.kind, *kind, "{base:?}: {}", found.detail);
                assert!(found.detail.contains(said), "{}", found.detail);
                assert!(!found.remedy.is_empty());
            }
        }
    }
}
