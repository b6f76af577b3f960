//! HTTP message signatures against what their specifications publish: RFC 9421, appendix B (keys of B.1), and the test values
//! of draft-cavage-http-signatures-12, appendix C.

use std::time::Duration;

use ckwh::clock::{Tolerance, Unit};
use ckwh::message::{Message, Place};
use ckwh::scheme::{Scheme, Signature, TimestampRule};
use ckwh::secret::{Secret, Source};
use ckwh::sign::sign;
use ckwh::verify::{Options, Reason, SignatureState, Verdict, signature_base, verify};
use jiff::Timestamp;
use serde::Deserialize;

const PSS: &str = include_str!("http_signatures/rsa-pss.pem");
const P256: &str = include_str!("http_signatures/ecc-p256.pem");
const ED25519: &str = include_str!("http_signatures/ed25519.pem");
const CAVAGE: &str = include_str!("http_signatures/cavage.pem");
const SHARED: &str = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
/// Of all examples of the RFC.
const CREATED: i64 = 1_618_884_473;

#[derive(Deserialize)]
struct Examples {
    example: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    label: String,
    input: String,
    signature: String,
    base: String,
}

fn examples() -> Vec<Example> {
    let examples: Examples = toml::from_str(include_str!("http_signatures/rfc9421.toml")).unwrap();
    examples.example
}

fn scheme(signature: &str) -> Scheme {
    let signature: Signature = toml::from_str(signature).unwrap();
    Scheme {
        signatures: vec![signature],
        timestamp: None,
        id: None,
    }
}

fn with_created(signature: &str) -> Scheme {
    let rule = TimestampRule {
        from: Place::Signature,
        unit: Unit::Seconds,
        accept: Vec::new(),
        tolerance: Tolerance::both(Duration::from_secs(300)),
    };
    Scheme {
        timestamp: Some(rule),
        ..scheme(signature)
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec(), Source::Flag).unwrap()
}

fn at(seconds: i64) -> Options {
    Options::new(Timestamp::from_second(seconds).unwrap())
}

/// The request of appendix B.2.
fn request() -> Message {
    let digest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    let headers = [
        ("Host", "example.com"),
        ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Digest", digest),
        ("Content-Length", "18"),
    ];
    Message {
        url: Some("https://example.com/foo?param=Value&Pet=dog".into()),
        headers: headers.into_iter().collect(),
        ..Message::new(r#"{"hello": "world"}"#)
    }
}

/// The signed request of an example.
fn signed(example: &Example) -> Message {
    let mut message = request();
    if example.label == "ttrp" {
        message.url = Some("https://service.internal.example/foo?param=Value&Pet=dog".into());
        let line = example
            .base
            .lines()
            .find_map(|line| line.strip_prefix("\"client-cert\": "));
        message.headers.set("Client-Cert", line.unwrap());
    }
    let Example {
        label,
        input,
        signature,
        ..
    } = example;
    message.headers.set("Signature-Input", format!("{label}={input}"));
    message.headers.set("Signature", format!("{label}=:{signature}:"));
    message
}

/// The algorithm and the key of an example.
fn key_of(label: &str) -> (&'static str, &'static str) {
    match label {
        "sig-b25" => ("hmac-sha256", SHARED),
        "sig-b26" => ("ed25519", ED25519),
        "ttrp" => ("ecdsa-p256-sha256", P256),
        _ => ("rsa-pss-sha512", PSS),
    }
}

fn table(algorithm: &str, lines: &str) -> String {
    let key = if algorithm == "hmac-sha256" {
        "key = [\"base64\"]"
    } else {
        ""
    };
    format!("kind = \"rfc9421\"\nalgorithm = \"{algorithm}\"\n{key}\n{lines}\n")
}

#[test]
fn the_examples_of_the_rfc_verify_with_the_base_that_it_prints() {
    let examples = examples();
    assert_eq!(examples.len(), 6);
    for example in examples {
        let (algorithm, key) = key_of(&example.label);
        let scheme = scheme(&table(algorithm, "covers = []"));
        let message = signed(&example);
        assert_eq!(
            signature_base(&scheme, &message).unwrap(),
            example.base,
            "{}",
            example.label
        );
        let verdict = verify(&scheme, &[secret(key)], &message, &at(CREATED));
        assert_eq!(verdict.reason, Reason::Valid, "{}: {verdict:?}", example.label);
        // Another algorithm of the same key, and the next example's key.
        let other = if algorithm == "rsa-pss-sha512" {
            "rsa-v1_5-sha256"
        } else {
            "rsa-pss-sha512"
        };
        let other = self::scheme(&table(other, "covers = []"));
        assert!(
            !verify(&other, &[secret(key)], &message, &at(CREATED)).is_valid(),
            "{}",
            example.label
        );
    }
}

#[test]
fn what_is_made_anew_is_what_the_rfc_prints() {
    for (label, covers, keyid) in [
        (
            "sig-b25",
            "\"date\", \"@authority\", \"content-type\"",
            "test-shared-secret",
        ),
        (
            "sig-b26",
            "\"date\", \"@method\", \"@path\", \"@authority\", \"content-type\", \"content-length\"",
            "test-key-ed25519",
        ),
    ] {
        let (algorithm, key) = key_of(label);
        let lines = format!("label = \"{label}\"\nkeyid = \"{keyid}\"\ncovers = [{covers}]");
        let scheme = with_created(&table(algorithm, &lines));
        let message = Message {
            timestamp: Some(Timestamp::from_second(CREATED).unwrap()),
            ..request()
        };
        let made = sign(&scheme, &[secret(key)], &message).unwrap();
        let example = examples().into_iter().find(|example| example.label == label).unwrap();
        let headers = signed(&example).headers;
        for name in ["Signature-Input", "Signature"] {
            assert_eq!(made.headers.text(name), headers.text(name), "{label}");
        }
    }
}

/// Appendix B.4: which changes of a message leave its signature right.
#[test]
fn transformations_are_judged_as_the_rfc_judges_them() {
    let scheme = scheme(&table("ed25519", "covers = []"));
    let url = "https://example.org/demo?name1=Value1&Name2=value2";
    let judge = |method: &str, url: &str, headers: &[(&str, &str)]| {
        let mut message = Message {
            method: method.into(),
            url: Some(url.into()),
            ..Message::new("")
        };
        for (name, value) in headers {
            message.headers.append(name, value);
        }
        message.headers.set(
            "Signature-Input",
            "transform=(\"@method\" \"@path\" \"@authority\" \"accept\");created=1618884473;keyid=\"test-key-ed25519\"",
        );
        message.headers.set(
            "Signature",
            "transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:",
        );
        verify(&scheme, &[secret(ED25519)], &message, &at(CREATED)).is_valid()
    };
    let lines = [("Accept", "application/json"), ("Accept", "*/*")];
    assert!(judge("GET", url, &lines));
    assert!(judge(
        "GET",
        &format!("{url}&param=added"),
        &[lines[0], lines[1], ("Accept-Language", "en")]
    ));
    assert!(judge("GET", url, &[("Accept", "application/json, */*")]));
    assert!(judge(
        "GET",
        &url.replace("https://example.org", "http://EXAMPLE.org:80"),
        &lines
    ));
    assert!(!judge("POST", &url.replace(".org", ".com"), &lines));
    assert!(!judge("GET", url, &[lines[1], lines[0]]));
}

fn detail(verdict: Verdict) -> String {
    verdict.detail.unwrap_or_default()
}

#[test]
fn less_than_the_table_demands_is_not_enough_and_the_digest_is_compared() {
    let examples = examples();
    let example = |label: &str| signed(examples.iter().find(|example| example.label == label).unwrap());
    let judge = |lines: &str, message: &Message| {
        verify(
            &scheme(&table("rsa-pss-sha512", lines)),
            &[secret(PSS)],
            message,
            &at(CREATED),
        )
    };
    let demands = r#"covers = ["@method", "content-digest", '@query-param;name="Pet"']"#;
    let less = judge(demands, &example("sig-b22"));
    assert_eq!(less.reason, Reason::MalformedHeader);
    assert_eq!(less.signature, SignatureState::Unchecked);
    let said = detail(less);
    assert!(said.contains("does not cover `@method`, which"), "{said}");
    let less = detail(judge(demands, &example("sig-b21")));
    assert!(
        less.contains("`@method`, `content-digest`, `@query-param;name=\"Pet\"`"),
        "{less}"
    );
    // The signature is right, and the body is another.
    let mut other = example("sig-b22");
    other.body = r#"{"hello": "World"}"#.into();
    let verdict = judge("covers = [\"content-digest\"]", &other);
    assert_eq!(verdict.reason, Reason::Mismatch);
    let said = detail(verdict);
    assert!(
        said.contains("the signature is right, and the header content-digest says sha-512 WZDPaVn/"),
        "{said}"
    );
    // A label and a tag that are not there.
    let b22 = example("sig-b22");
    assert!(judge("covers = []\ntag = \"header-example\"", &b22).is_valid());
    let said = detail(judge("covers = []\ntag = \"another\"", &b22));
    assert!(said.contains("has no signature with the tag `another`"), "{said}");
    let said = detail(judge("covers = []\nlabel = \"sig1\"", &b22));
    assert!(said.contains("has no signature with the label `sig1`"), "{said}");
    // A component that is not there.
    let mut without = example("sig-b23");
    without.headers.remove("content-length");
    let verdict = judge("covers = []", &without);
    assert_eq!(verdict.reason, Reason::MissingHeader);
    assert_eq!(
        detail(verdict),
        "the header content-length, which the signature covers, is not there"
    );
}

#[test]
fn what_a_request_has_not_and_other_algorithms_are_refused_in_a_sentence() {
    let scheme = scheme(&table("ed25519", "covers = []"));
    let of_input = |input: &str, signature: &str| {
        let mut message = request();
        message.headers.set("Signature-Input", input);
        message.headers.set("Signature", signature);
        detail(verify(&scheme, &[secret(ED25519)], &message, &at(CREATED)))
    };
    for (input, said) in [
        ("s=(\"@status\")", "`@status` is of a response"),
        ("s=(\"@method\";req)", "`;req` is of a response"),
        ("s=(\"date\";tr)", "`;tr` is of trailers"),
        ("s=(\"date\";more)", "`;more` is no parameter"),
        (
            "s=(\"@other\")",
            "it is neither a header in lower case nor one of @method",
        ),
        ("s=(\"Date\")", "it is neither a header in lower case"),
        ("s=(\"date\" \"date\")", "covers `date` twice"),
        (
            "s=(\"date\");alg=\"hmac-sha256\"",
            "names the algorithm hmac-sha256, and ed25519 is the only one",
        ),
        ("s=(\"date\");created=\"now\"", "has a `created` that is no time"),
        ("t=(\"date\")", "Signature-Input has no list of that label"),
        ("s=1", "Signature-Input has no list of that label"),
        ("((", "Signature-Input, which can't be read"),
    ] {
        let found = of_input(input, "s=:AAAA:");
        assert!(found.contains(said), "{input}: {found}");
    }
    assert!(of_input("s=()", "s=AAAA").contains("which is no byte sequence"));
    assert!(of_input("s=()", "(((").contains("is no dictionary"));
    let many: Vec<String> = (0..100).map(|index| format!("s{index}=:AAAA:")).collect();
    let inputs: Vec<String> = (0..100).map(|index| format!("s{index}=()")).collect();
    assert!(of_input(&inputs.join(", "), &many.join(", ")).contains("more than 8 signatures"));
}

/// A right signature that is old is not made young by another that is there.
#[test]
fn no_other_label_says_when_a_signature_was_made() {
    let scheme = with_created(&table("ed25519", "covers = []"));
    let mut message = signed(examples().iter().find(|example| example.label == "sig-b26").unwrap());
    let later = CREATED + 86_400;
    let input = message.headers.text("signature-input").unwrap().to_owned();
    let signature = message.headers.text("signature").unwrap().to_owned();
    message
        .headers
        .set("Signature-Input", format!("a=();created={later}, {input}"));
    message.headers.set("Signature", format!("a=:AAAA:, {signature}"));
    let verdict = verify(&scheme, &[secret(ED25519)], &message, &at(later));
    assert_eq!(
        (verdict.reason, verdict.signature),
        (Reason::Stale, SignatureState::Match)
    );
    assert!(verify(&scheme, &[secret(ED25519)], &message, &at(CREATED)).is_valid());
}

/// The request of appendix C, with each signature that stands there.
fn of_the_draft(header: &str) -> Message {
    let headers = [
        ("Host", "example.com"),
        ("Date", "Sun, 05 Jan 2014 21:31:40 GMT"),
        ("Content-Type", "application/json"),
        ("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        ("Content-Length", "18"),
        ("Authorization", header),
    ];
    Message {
        url: Some("https://example.com/foo?param=value&pet=dog".into()),
        headers: headers.into_iter().collect(),
        ..Message::new(r#"{"hello": "world"}"#)
    }
}

const DEFAULT: &str = "Signature keyId=\"Test\",algorithm=\"rsa-sha256\",signature=\"SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=\"";
const BASIC: &str = "Signature keyId=\"Test\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date\",signature=\"qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=\"";
const ALL: &str = "Signature keyId=\"Test\",algorithm=\"rsa-sha256\",created=1402170695, expires=1402170699,headers=\"(request-target) (created) (expires) host date content-type digest content-length\",signature=\"vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE=\"";
/// Its words, "old and possibly wrong", hold for this one: the string that it prints has no `(created)` and no `(expires)`,
/// and the signature is of that string.
const ALL_AS_PRINTED: &str = "Signature keyId=\"Test\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date content-type digest content-length\",signature=\"vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE=\"";

fn of_cavage(lines: &str) -> String {
    format!(
        "kind = \"cavage\"\nalgorithm = \"rsa-sha256\"\nheaders = [\"Authorization\"]\nitem = \"Signature {{sig}}\"\n{lines}\n"
    )
}

#[test]
fn the_test_values_of_the_draft_verify_and_are_made_anew() {
    let judge = |covers: &str, header: &str| {
        let scheme = scheme(&of_cavage(&format!("covers = [{covers}]")));
        verify(&scheme, &[secret(CAVAGE)], &of_the_draft(header), &at(1_402_170_697))
    };
    for (covers, header) in [
        ("\"date\"", DEFAULT),
        ("\"(request-target)\", \"host\", \"date\"", BASIC),
        ("\"digest\"", ALL_AS_PRINTED),
    ] {
        let verdict = judge(covers, header);
        assert_eq!(verdict.reason, Reason::Valid, "{covers}: {verdict:?}");
    }
    assert!(!judge("\"date\"", ALL).is_valid());
    let less = detail(judge("\"digest\"", BASIC));
    assert!(less.contains("does not cover `digest`"), "{less}");
    let covers = "covers = [\"(request-target)\", \"host\", \"date\"]\nkeyid = \"Test\"";
    let made = sign(&scheme(&of_cavage(covers)), &[secret(CAVAGE)], &of_the_draft("")).unwrap();
    assert_eq!(made.headers.text("authorization"), Some(BASIC));
}

/// `hs2019` says that the key decides, so it is taken whatever the table's algorithm is; any other name is not.
#[test]
fn the_algorithm_is_the_tables() {
    let judge = |header: &str| {
        let scheme = scheme(&of_cavage("covers = [\"date\"]"));
        verify(&scheme, &[secret(CAVAGE)], &of_the_draft(header), &at(1_402_170_697))
    };
    assert!(judge(&DEFAULT.replace("rsa-sha256", "hs2019")).is_valid());
    assert!(judge(&DEFAULT.replace("algorithm=\"rsa-sha256\",", "")).is_valid());
    let said = detail(judge(&DEFAULT.replace("rsa-sha256", "hmac-sha256")));
    assert!(
        said.contains("names the algorithm hmac-sha256, and rsa-sha256 is the only one"),
        "{said}"
    );
    let says = of_cavage(
        "covers = [\"date\"]\nsays = \"hs2019\"\nparameters = [\"keyid\", \"signature\", \"algorithm\", \"headers\"]\nlist = \", \"",
    );
    let made = sign(&scheme(&says), &[secret(CAVAGE)], &of_the_draft("")).unwrap();
    let made = made.headers.text("authorization").unwrap();
    assert!(made.starts_with("Signature signature=\""), "{made}");
    assert!(made.ends_with("\", algorithm=\"hs2019\", headers=\"date\""), "{made}");
}

/// The expiry is signed, and counts.
#[test]
fn an_end_that_is_over_is_stale() {
    let lines = "covers = [\"@method\"]\nparameters = [\"created\", \"expires\"]\nlifetime = \"2m\"";
    let scheme = with_created(&table("ed25519", lines));
    let mut message = Message {
        timestamp: Some(Timestamp::from_second(CREATED).unwrap()),
        ..request()
    };
    let made = sign(&scheme, &[secret(ED25519)], &message).unwrap();
    let input = made.headers.text("signature-input");
    assert_eq!(input, Some("sig1=(\"@method\");created=1618884473;expires=1618884593"));
    made.put_on(&mut message);
    let judge = |seconds: i64| verify(&scheme, &[secret(ED25519)], &message, &at(seconds));
    assert!(judge(CREATED + 120).is_valid());
    let over = judge(CREATED + 121);
    assert_eq!(over.reason, Reason::Stale);
    assert!(
        over.detail
            .unwrap()
            .starts_with("the signature expired at 2021-04-20T02:09:53Z")
    );
    // What the user allows, the end is given too.
    let tolerant = at(CREATED + 121).with_tolerance(Tolerance::both(Duration::from_secs(600)));
    assert!(verify(&scheme, &[secret(ED25519)], &message, &tolerant).is_valid());
}

/// What is wrong in a table is told with what is allowed.
#[test]
fn a_table_that_can_not_be_is_refused_in_a_sentence() {
    for (table, said) in [
        (
            "kind = \"rfc9421\"",
            "`kind = \"rfc9421\"` needs `algorithm`, the only one that is accepted: ed25519, hmac-sha256",
        ),
        (
            "kind = \"rfc9421\"\nalgorithm = \"hs2019\"",
            "unknown algorithm `hs2019`, expected one of ed25519",
        ),
        (
            "kind = \"rfc9421\"\nalgorithm = \"ed25519\"",
            "needs `covers`, the components that are signed",
        ),
        (
            &table("ed25519", "covers = [\"@status\"]"),
            "`covers` has `@status`: `@status` is of a response",
        ),
        (
            &table("ed25519", "covers = [\"@query-param\"]"),
            "`@query-param` needs `;name`",
        ),
        (
            &table("ed25519", "covers = [\"Date\"]"),
            "it is neither a header in lower case",
        ),
        (
            &table("ed25519", "covers = []\nlabel = \"A b\""),
            "`label` is lower-case letters",
        ),
        (
            &table("ed25519", "covers = []\nparameters = [\"later\"]"),
            "these are known: created, expires, nonce, alg, keyid and tag",
        ),
        (
            &table("ed25519", "covers = []\nparameters = [\"tag\", \"tag\"]"),
            "has `tag` twice",
        ),
        (
            &table("ed25519", "covers = []\nbody_digest = \"md5\""),
            "`body_digest` is sha-256 or sha-512, and not `md5`",
        ),
        (
            &table("ed25519", "covers = []\ncontent = [\"{body}\"]"),
            "says with `covers` what is signed",
        ),
        (
            &table("ed25519", "covers = []\nheaders = [\"X\"]"),
            "stands in Signature and Signature-Input",
        ),
        (
            &table("ed25519", "covers = []\nkey_id = \"header:X\""),
            "has its own form, with the key's id in it",
        ),
        (&of_cavage("covers = []"), "`covers` names no header"),
        (
            &of_cavage("covers = [\"@method\"]"),
            "it is neither a header nor one of (request-target), (created), (expires)",
        ),
        (
            &of_cavage("covers = [\"date\"]\ntag = \"a\""),
            "`label` and `tag` are of `kind = \"rfc9421\"`",
        ),
        (
            &of_cavage("covers = [\"date\"]\nparameters = [\"keyid\"]"),
            "`parameters` needs headers and signature",
        ),
        (
            &of_cavage("covers = [\"(created)\"]\nparameters = [\"headers\", \"signature\"]"),
            "`covers` has `(created)`, and `parameters` does not",
        ),
        (
            "kind = \"hmac-sha256\"\nencoding = \"hex\"\ncontent = [\"{body}\"]\nheaders = [\"X\"]\nitem = \"{sig}\"\ncovers = []",
            "are of the kinds rfc9421 and cavage, and not of `hmac-sha256`",
        ),
    ] {
        let error = toml::from_str::<Signature>(table).unwrap_err().to_string();
        assert!(error.contains(said), "{table}: {error}");
    }
}
