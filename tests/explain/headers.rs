//! The headers of a delivery: what stands around a right MAC, where it stands, what is no MAC, and what can't be told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::clock::Unit;
use ckwh::explain::{Basis, Effort, Kind, Other, Relation};
use ckwh::message::Place;
use ckwh::scheme::{Encoding, Grammar, Kind as Mac, Scheme};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::question::{Case, SECRET, at, content, kinds, mac, scheme, secret};

const BODY: &str = r#"{"id":"evt_1","amount":12.5}"#;

fn digits(case: &Case) -> String {
    case.signature().strip_prefix("sha256=").unwrap().to_owned()
}

/// `t={timestamp},v1={sig}`, in seconds.
fn of_pairs() -> Scheme {
    let mut pairs = scheme();
    pairs.signatures[0].grammar = Grammar::fields("t={timestamp},v1={sig}").unwrap();
    let rule = pairs.timestamp.as_mut().unwrap();
    rule.from = Place::Signature;
    rule.unit = Unit::Seconds;
    pairs
}

#[test]
fn what_stands_around_a_right_mac_is_named() {
    let right = Case::usual(BODY);
    let mac = digits(&right);
    for (header, words) in [
        (format!("sha256= {mac}"), "white space before it"),
        (format!("sha256={mac} "), "white space behind it"),
        (format!("sha256={mac};"), "`;` behind it"),
        (format!("\"sha256={mac}\""), "a quote around it"),
        (format!("sha256=\"{mac}\""), "a quote around it"),
        (format!("[sha256={mac}]"), "a bracket around it"),
        (format!("sha256={mac}, sha256={mac}"), "there twice"),
        (format!("sha256={mac}{mac}"), "twice"),
        (format!("sha256=sha256={mac}"), "`sha256=` before it"),
        (format!("sha1={mac}"), "in place of `sha256=`"),
        (format!("SHA256={mac}"), "in place of `sha256=`"),
        (format!("hmac {mac}"), "in place of `sha256=`"),
        (mac.clone(), "without `sha256=` before it"),
    ] {
        let said = Case::usual(BODY).header(&header).why();
        assert_eq!(kinds(&said), [Kind::SignaturePrefix], "{header}");
        assert!(
            said.causes[0].detail.contains(words),
            "{header}: {}",
            said.causes[0].detail
        );
    }
}

#[test]
fn pairs_that_are_written_otherwise_are_named() {
    let right = Case::signed(of_pairs(), &secret(SECRET), BODY);
    let header = right.signature();
    let (stamp, mac) = header.split_once(',').unwrap();
    let mac = mac.strip_prefix("v1=").unwrap();
    for (header, words) in [
        (format!("{stamp};v1={mac}"), "`;` between them"),
        (format!("{stamp}&v1={mac}"), "`&` between them"),
        (format!("{stamp},v1= {mac}"), "white space before it"),
        (format!("{stamp},v1=\"{mac}\""), "a quote around it"),
        (format!("{stamp},v0={mac}"), "in place of `v1=`"),
    ] {
        let said = Case::signed(of_pairs(), &secret(SECRET), BODY).header(&header).why();
        assert_eq!(said.causes[0].kind, Kind::SignaturePrefix, "{header}: {said:?}");
        let detail = &said.causes[0].detail;
        assert!(detail.contains(words), "{header}: {detail}");
    }
    let behind = Case::signed(of_pairs(), &secret(SECRET), BODY).header(format!("v1={mac},{stamp};"));
    assert_eq!(behind.why_kinds(), [Kind::SignatureHeader]);
}

#[test]
fn a_right_mac_under_another_headers_name_is_proved() {
    for (name, words) in [
        ("X_Signature", "with `_` for `-`"),
        ("HTTP_X_SIGNATURE", "CGI"),
        ("X-Forwarded-X-Signature", "a proxy's prefix"),
        ("x-amzn-remapped-x-signature", "API Gateway"),
        ("Signature", "without `X-`"),
        ("XSignature", "without the `-`"),
        (
            "X-Other-Thing",
            "stands in the header `X-Other-Thing`, and not in X-Signature",
        ),
    ] {
        let mut case = Case::usual(BODY);
        let header = case.signature();
        case.message.headers.remove("X-Signature");
        case.message.headers.set(name, header);
        let said = case.why();
        assert_eq!(kinds(&said), [Kind::SignatureHeader], "{name}: {said:?}");
        assert_eq!(said.causes[0].proof.as_ref().unwrap().by, Basis::Mac);
        assert!(
            said.causes[0].detail.contains(words),
            "{name}: {}",
            said.causes[0].detail
        );
    }
    // In the query, and with every header renamed.
    let mut case = Case::usual(BODY);
    case.message.url = Some(format!("https://example.com/hook?hmac={}", digits(&case)));
    case.message.headers.remove("X-Signature");
    assert!(case.why_kinds().contains(&Kind::SignatureHeader));
    let mut case = Case::usual(BODY);
    for name in ["X-Signature", "X-Timestamp"] {
        let value = case.message.headers.text(name).unwrap().to_owned();
        case.message.headers.remove(name);
        case.message
            .headers
            .set(&format!("HTTP_{}", name.to_uppercase().replace('-', "_")), value);
    }
    assert_eq!(case.why_kinds(), [Kind::SignatureHeader]);
}

#[test]
fn an_older_signature_is_named() {
    let url = "https://example.com/hooks?a=1";
    let hubspot = |parts: &[&str]| hex::encode(Sha256::digest(parts.concat()));
    let square = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    let square = square.chain_update(url).chain_update(BODY).finalize().into_bytes();
    for (name, value, kind, words) in [
        (
            "X-HubSpot-Signature",
            hubspot(&[SECRET, BODY]),
            Kind::SignatureNotHmac,
            "version 1",
        ),
        (
            "X-HubSpot-Signature",
            hubspot(&[SECRET, "POST", url, BODY]),
            Kind::SignatureNotHmac,
            "version 2",
        ),
        (
            "x-square-signature",
            STANDARD.encode(square),
            Kind::SignatureOlder,
            "Square's older",
        ),
    ] {
        let mut case = Case::usual(BODY);
        case.message.headers.remove("X-Signature");
        case.message.headers.set(name, value);
        let said = case.why();
        assert_eq!(kinds(&said), [kind], "{name}: {said:?}");
        assert!(said.causes[0].detail.contains(words), "{}", said.causes[0].detail);
    }
}

#[test]
fn unsigned_is_said_only_where_nothing_can_be_a_signature() {
    let without = |more: &[(&str, &str)]| {
        let mut case = Case::usual(BODY);
        case.message.headers.remove("X-Signature");
        for (name, value) in more {
            case.message.headers.set(name, value);
        }
        case.why()
    };
    assert_eq!(kinds(&without(&[])), [Kind::SignatureUnsigned]);
    let traced = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    assert_eq!(kinds(&without(&traced)), [Kind::SignatureUnsigned]);
    assert_eq!(kinds(&without(&[("X-Foo-Signature", "")])), [Kind::SignatureUnsigned]);
    for (name, value) in [
        ("X-Foo-Signature", "abc"),
        ("X-Foo-Hmac", "d5b9cda6c2a7b5c1d5b9cda6c2a7b5c1"),
        (
            "X-Content-Digest",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        ),
        ("X_Sig", "1"),
    ] {
        let said = without(&[(name, value)]);
        assert_eq!(kinds(&said), [Kind::Unknown], "{name}");
        assert!(
            said.causes[0]
                .detail
                .contains(&format!("`{name}` may be the signature")),
            "{said:?}"
        );
    }
    // A body alone says nothing of its sender.
    let mut bare = Case::usual(BODY);
    bare.message.headers = Default::default();
    let said = bare.why();
    assert_eq!(kinds(&said), [Kind::Unknown]);
    assert!(said.causes[0].detail.contains("without any header"), "{said:?}");
}

#[test]
fn a_text_that_is_no_mac_has_its_own_sentence() {
    for text in [
        "undefined",
        "null",
        "None",
        "[object Object]",
        "[object Promise]",
        "SIG",
        "$SIG",
        "",
    ] {
        for header in [format!("sha256={text}"), text.to_owned()] {
            let said = Case::usual(BODY).header(&header).why();
            assert_eq!(kinds(&said), [Kind::SignaturePlaceholder], "{header:?}");
            assert_eq!(said.causes[0].proof.as_ref().unwrap().by, Basis::Parse);
        }
        let forward = Case::usual(BODY).did(format!("sha256={text}"));
        assert_eq!(kinds(&forward), [Kind::SignaturePlaceholder], "{text:?}");
    }
    let pairs = |header: &str| {
        Case::signed(of_pairs(), &secret(SECRET), BODY)
            .header(header)
            .why_kinds()
    };
    assert_eq!(pairs("t=1778241600,v1=undefined"), [Kind::SignaturePlaceholder]);
    assert_eq!(pairs("t=1778241600,v1="), [Kind::SignaturePlaceholder]);
}

/// HMAC-SHA-256 has 32 bytes (RFC 6234), which are 64 digits of hex.
#[test]
fn a_text_too_short_for_a_mac_is_said_to_be_so() {
    let said = |header: &str| Case::usual(BODY).header(header).why();
    for (header, words) in [
        (
            "sha256=abc",
            "3 hex digits stand in the signature's place, where HMAC-SHA-256 has 64",
        ),
        ("sha256=0123456789abcdef0123456789abcde", "31 hex digits"),
        ("sha256=zz", "2 characters, is no hex"),
        ("sha256=not a MAC", "9 characters, is no hex"),
    ] {
        let said = said(header);
        assert_eq!(kinds(&said), [Kind::SignatureMalformed], "{header}: {said:?}");
        assert!(
            said.causes[0].detail.contains(words),
            "{header}: {}",
            said.causes[0].detail
        );
        assert_eq!(said.causes[0].proof.as_ref().unwrap().by, Basis::Parse);
    }
    // A log may hold any words; digits alone are a MAC's.
    let did = |text: &str| kinds(&Case::usual(BODY).did(text));
    assert_eq!(did("sha256=abc1234"), [Kind::SignatureMalformed]);
    assert_eq!(did("abc1234"), [Kind::SignatureMalformed]);
    assert_eq!(did("the signatures differ"), [Kind::Unknown]);
    // One of several that is whole is what the others are beside.
    let mut several = Case::usual(BODY).header("sha256=abc");
    several
        .message
        .headers
        .append("X-Signature", format!("sha256={}", "ab".repeat(32)));
    assert_eq!(several.why_kinds(), [Kind::Unknown]);
}

#[test]
fn every_bad_verdict_has_a_cause() {
    for header in [
        "",
        "sha256=",
        "sha256=zz",
        "garbage",
        "sha256=é",
        "\u{fffd}",
        "sha256=00",
        "=",
        ",,,",
    ] {
        let said = Case::usual(BODY).header(header).why();
        assert!(!said.causes.is_empty(), "{header:?}");
        assert!(
            said.causes
                .iter()
                .all(|cause| !cause.detail.is_empty() && !cause.remedy.is_empty()),
            "{said:?}"
        );
    }
    // The MAC is right, and the time can't be read, or stands there twice.
    let stamped = |stamp: &str| {
        let mut case = Case::usual(BODY);
        let header = format!(
            "sha256={}",
            mac(SECRET.as_bytes(), format!("{stamp}.{BODY}").as_bytes())
        );
        case.message.headers.set("X-Timestamp", stamp);
        case.header(header)
    };
    assert_eq!(stamped("yesterday").why_kinds(), [Kind::TimeUnit]);
    assert_eq!(stamped("2026-05-08T12:00:00Z").why_kinds(), [Kind::TimeUnit]);
    let mut twice = Case::usual(BODY);
    twice.message.headers.append("X-Timestamp", "1778241600999");
    assert_eq!(twice.why().causes.len(), 1);
}

#[test]
fn the_unit_of_a_time_is_looked_at_before_the_clocks() {
    let judged = |unit: Unit, stamp: &str, at: Timestamp| {
        let mut own = scheme();
        own.timestamp.as_mut().unwrap().unit = unit;
        let mut case = Case::signed(own, &secret(SECRET), BODY);
        case.message.headers.set("X-Timestamp", stamp);
        let mac = mac(SECRET.as_bytes(), format!("{stamp}.{BODY}").as_bytes());
        case.header(format!("sha256={mac}")).why_at(at)
    };
    for (unit, stamp, words) in [
        (Unit::Milliseconds, "1778241600", "is in seconds"),
        (Unit::Milliseconds, "1778241600250000", "as microseconds"),
    ] {
        let said = judged(unit, stamp, at());
        let detail = &said.causes[0].detail;
        assert_eq!(kinds(&said), [Kind::TimeUnit], "{stamp}: {said:?}");
        assert!(detail.contains(words), "{detail}");
        assert!(!said.causes[0].remedy.contains("NTP"));
    }
    let said = judged(Unit::Seconds, "1778241600250", at());
    assert_eq!(said.causes[0].kind, Kind::TimeUnit, "{said:?}");
    let said = judged(Unit::Milliseconds, "1778241000000", at());
    assert_eq!(kinds(&said), [Kind::TimeStale], "{said:?}");
}

#[test]
fn a_mac_within_two_digits_is_the_right_one_mistyped() {
    let right = Case::usual(BODY);
    let mac = digits(&right);
    let changed = |at: &[usize]| {
        let mut bytes = mac.clone().into_bytes();
        for at in at {
            bytes[*at] = if bytes[*at] == b'0' { b'1' } else { b'0' };
        }
        String::from_utf8(bytes).unwrap()
    };
    let missing = format!("{}{}", &mac[..20], &mac[21..]);
    let swapped = format!("{}{}{}{}", &mac[..30], &mac[31..32], &mac[30..31], &mac[32..]);
    for text in [changed(&[0]), changed(&[63]), changed(&[21, 43]), missing, swapped] {
        let reverse = Case::usual(BODY).header(format!("sha256={text}"));
        if text == mac {
            continue;
        }
        assert_eq!(reverse.why_kinds(), [Kind::SignatureMistyped], "{text}");
        assert_eq!(kinds(&right.did(text.clone())), [Kind::SignatureMistyped], "{text}");
    }
    let far = Case::usual(BODY).header(format!("sha256={}", changed(&[5, 15, 25, 35, 45, 55])));
    assert_eq!(far.why_kinds(), [Kind::Unknown]);
}

#[test]
fn a_dialect_with_the_same_header_is_not_pointed_at() {
    let mut dialect = scheme();
    dialect.signatures[0].grammar = Grammar::items("{sig}", None).unwrap();
    dialect.signatures[0].kind = Mac::HmacSha512;
    let mut case = Case::usual(BODY);
    case.others = vec![Other {
        name: "bare".into(),
        relation: Relation::Dialect,
        scheme: dialect,
    }];
    let case = case.header("00".repeat(32));
    assert_eq!(case.why_kinds(), [Kind::Unknown]);
}

/// Another scheme's header, with the key and the content as the expected scheme has them: only the header is another.
#[test]
fn in_another_scheme_only_what_differs_from_the_expected_one_is_named() {
    let mut other = scheme();
    other.signatures[0].places = vec![Place::Header("X-Other-Signature".into())];
    other.signatures[0].encoding = Encoding::Base64;
    other.signatures[0].grammar = Grammar::items("{sig}", None).unwrap();
    other.signatures[0].key = crate::question::key_steps(&["base64"]);
    other.signatures[0].content = content(&["{body}"]);
    other.timestamp = None;
    let mut case = Case::usual(BODY);
    let mac = case.signature();
    case.message.headers.remove("X-Signature");
    case.message.headers.set("X-Other-Signature", mac);
    case.others = vec![Other {
        name: "elsewhere".into(),
        relation: Relation::Provider,
        scheme: other,
    }];
    assert_eq!(case.why_kinds(), [Kind::SignatureHeader]);
}

/// What an unknown says, and that high effort is offered only where it tries more.
#[test]
fn an_unknown_names_what_was_ruled_out_and_what_to_look_at() {
    let said = Case::usual(BODY).did("ab".repeat(32));
    assert_eq!(kinds(&said), [Kind::Unknown]);
    let cause = &said.causes[0];
    let ruled_out = cause.ruled_out.join("\n");
    for words in [
        "the body: not",
        "JSON written again",
        "a line break at its end",
        "the secret: not",
        "hex",
    ] {
        assert!(ruled_out.contains(words), "{words}: {ruled_out}");
    }
    assert!(!cause.remedy.contains("--computed"), "{}", cause.remedy);
    assert!(cause.remedy.contains("28"), "how long the body is: {}", cause.remedy);
    assert!(cause.remedy.contains("--effort high"));
    let mut high = Case::usual(BODY);
    high.effort = Effort::High;
    assert!(!high.did("ab".repeat(32)).causes[0].remedy.contains("--effort"));
}

/// The handler's own clock for the timestamp, and a secret with a no-break space: two rare causes at once.
#[test]
fn high_effort_finds_what_normal_does_not() {
    let key = format!("{SECRET}\u{a0}");
    let signed = format!("evt_1.{BODY}");
    let text = mac(key.as_bytes(), signed.as_bytes());
    let with = |effort| {
        let mut case = Case::usual(BODY);
        case.effort = effort;
        kinds(&case.did(text.clone()))
    };
    assert_eq!(with(Effort::Normal), [Kind::Unknown]);
    assert_eq!(
        with(Effort::High),
        [Kind::SecretWhitespace, Kind::ContentTimestampOther]
    );
}

/// The content of a scheme that signs the headers that another one names.
#[derive(serde::Deserialize)]
struct Listed {
    content: ckwh::scheme::Content,
}

#[test]
fn headers_of_a_list_that_are_put_together_otherwise_are_named() {
    let table = r#"content = [{ each = "headers:X-Names", as = "{name}:{value}", join = ";" }, ".", "{body}"]"#;
    let listed: Listed = toml::from_str(table).unwrap();
    let mut case = Case::usual(BODY);
    case.scheme.signatures[0].content = listed.content;
    for (name, value) in [("X-Names", "x-b,x-a,x-names"), ("X-A", "1"), ("X-B", "2")] {
        case.message.headers.set(name, value);
    }
    for (signed, what) in [
        ("x-a:1;x-b:2;x-names:x-b,x-a,x-names", "sorted by name"),
        ("x-b:2;x-a:1", "without `X-Names` itself"),
        ("x-b:2\nx-a:1\nx-names:x-b,x-a,x-names", "with `\\n` between them"),
        ("x-b=2;x-a=1;x-names=x-b,x-a,x-names", "with `=` behind each name"),
        ("2;1;x-b,x-a,x-names", "without their names"),
    ] {
        let said = case.did(mac(SECRET.as_bytes(), format!("{signed}.{BODY}").as_bytes()));
        assert_eq!(kinds(&said), [Kind::ContentHeader], "{signed}: {said:?}");
        assert!(said.causes[0].detail.contains(what), "{}", said.causes[0].detail);
    }
    let right = format!("x-b:2;x-a:1;x-names:x-b,x-a,x-names.{BODY}");
    let right = format!("sha256={}", mac(SECRET.as_bytes(), right.as_bytes()));
    assert!(kinds(&case.did(right)).is_empty());
}
