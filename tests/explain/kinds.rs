//! Every kind of cause, made to happen as it happens in life.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::explain::{Basis, Kind, Other, Relation};
use ckwh::message::Place;
use ckwh::scheme::{Encoding, Grammar, Kind as Mac};
use sha2::{Digest as _, Sha256};

use crate::question::{Case, SECRET, at, content, dotted, key_steps, kinds, mac, named, scheme, secret};

const BODY: &str = "{\n  \"name\": \"Zoë\",\n  \"html\": \"<b>R&D</b>\",\n  \"amount\": 1.0\n}";

/// Another text for the secret, on either side.
fn secrets() -> Vec<(Kind, String)> {
    let quoted = |quote: &str| format!("{quote}{SECRET}{quote}");
    vec![
        // echo "$SECRET" > file
        (Kind::SecretWhitespace, format!("{SECRET}\n")),
        (Kind::SecretWhitespace, format!("{SECRET}\r\n")),
        (Kind::SecretWhitespace, format!(" {SECRET}")),
        (Kind::SecretWhitespace, format!("{SECRET} ")),
        // docker --env-file keeps quotes
        (Kind::SecretQuoted, quoted("\"")),
        (Kind::SecretQuoted, quoted("'")),
        (Kind::SecretPrefix, format!("whsec_{SECRET}")),
        (Kind::SecretBase64, STANDARD.encode(SECRET)),
        (Kind::SecretHex, hex::encode(SECRET)),
        (Kind::SecretPlaceholder, "your-webhook-secret".into()),
        (Kind::SecretPlaceholder, "undefined".into()),
        (Kind::SecretEmpty, String::new()),
    ]
}

/// What a handler hashes in place of the body.
fn bodies(body: &str) -> Vec<(Kind, Vec<u8>)> {
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let latin_1: Vec<u8> = body
        .chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect();
    let mojibake: String = body.bytes().map(char::from).collect();
    vec![
        (
            Kind::BodyReserialised,
            br#"{"name":"Zo\u00eb","html":"<b>R&D<\/b>","amount":1}"#.to_vec(),
        ),
        (Kind::BodyNewline, format!("{body}\n").into()),
        (Kind::BodyLineEndings, body.replace('\n', "\r\n").into()),
        (Kind::BodyBom, format!("\u{feff}{body}").into()),
        (Kind::BodyCharset, latin_1),
        (Kind::BodyCharset, mojibake.into()),
        (Kind::BodyCharset, body.replace('ë', "?").into()),
        (Kind::BodyUnicodeNormalised, body.replace('ë', "e\u{308}").into()),
        (Kind::BodyDoubleEncoded, serde_json::to_vec(&body).unwrap()),
        (Kind::BodyDoubleEncoded, STANDARD.encode(body).into()),
        (
            Kind::BodyHtmlEscaped,
            body.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .into(),
        ),
        (Kind::BodyEmpty, Vec::new()),
        (Kind::BodyEmpty, b"{}".to_vec()),
        (Kind::BodyEmpty, b"[object Object]".to_vec()),
        (
            Kind::BodyForm,
            form_urlencoded::Serializer::new(String::new())
                .append_pair("payload", body)
                .finish()
                .replace('+', "%20")
                .into(),
        ),
        (
            Kind::BodyReserialised,
            serde_json::to_string_pretty(&value)
                .unwrap()
                .replace("  ", "    ")
                .replace("1.0", "1")
                .into(),
        ),
    ]
}

#[test]
fn a_changed_secret_is_named_in_both_directions() {
    for (kind, text) in secrets() {
        let case = Case::usual(BODY);
        let forward = case.did(mac_of(text.as_bytes(), BODY.as_bytes()));
        assert_eq!(kinds(&forward), [kind], "forward {text:?}");
        if text.is_empty() {
            continue;
        }
        let reverse = Case::signed(scheme(), &secret(text.clone()), BODY).verified_with(secret(SECRET));
        assert_eq!(reverse.why_kinds(), [kind], "reverse {text:?}");
        // And with the two the other way round, where that can be undone.
        if kind != Kind::SecretPlaceholder && kind != Kind::SecretHex {
            let undone = Case::usual(BODY).verified_with(secret(text.clone()));
            assert_eq!(undone.why_kinds(), [kind], "undone {text:?}");
        }
    }
}

/// HMAC under a key that may be empty.
fn mac_of(key: &[u8], body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(&dotted(body));
    hex::encode(mac.finalize().into_bytes())
}

#[test]
fn a_changed_body_is_named() {
    for (kind, hashed) in bodies(BODY) {
        let case = Case::usual(BODY);
        let explanation = case.did(mac(SECRET.as_bytes(), &dotted(&hashed)));
        let text = String::from_utf8_lossy(&hashed);
        assert_eq!(kinds(&explanation), [kind], "{text}");
        let proof = explanation.causes[0].proof.as_ref().unwrap();
        assert_eq!(proof.by, Basis::Mac);
        assert_eq!(proof.recipe.as_ref().unwrap().body.len(), 1, "{text}");
    }
}

#[test]
fn a_body_changed_on_its_way_is_named() {
    // A proxy that unzips, a gateway that pretty-prints, an editor that ends a file with a line break, Windows.
    let compact = r#"{"name":"Zoë","amount":1.5}"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(compact.as_bytes()).unwrap();
    let mojibake: String = compact.bytes().map(char::from).collect();
    for (kind, arrived) in [
        (Kind::BodyCompression, gzip.finish().unwrap()),
        (
            Kind::BodyReserialised,
            b"{\n  \"name\": \"Zo\\u00eb\",\n  \"amount\": 1.5\n}".to_vec(),
        ),
        (Kind::BodyNewline, format!("{compact}\n").into()),
        (Kind::BodyNewline, format!("{compact}\r\n").into()),
        (Kind::BodyBom, format!("\u{feff}{compact}").into()),
        (Kind::BodyCharset, mojibake.into()),
        (Kind::BodyUnicodeNormalised, compact.replace('ë', "e\u{308}").into()),
        (Kind::BodyDoubleEncoded, STANDARD.encode(compact).into()),
    ] {
        let case = Case::usual(compact).arrived(arrived.clone());
        assert_eq!(case.why_kinds(), [kind], "{}", String::from_utf8_lossy(&arrived));
    }
    // A handler that trims, and a file that ends with a line break.
    let padded = " {\"a\":1} ";
    let trimmed = Case::usual(padded).did(mac(SECRET.as_bytes(), &dotted(b"{\"a\":1}")));
    assert_eq!(kinds(&trimmed), [Kind::BodyWhitespace]);
    let fixture = "{\n  \"a\": 1\n}\n";
    let checkout = Case::usual(fixture).arrived(fixture.replace('\n', "\r\n"));
    assert_eq!(checkout.why_kinds(), [Kind::BodyLineEndings]);
}

fn contents() -> Vec<(Kind, Vec<u8>)> {
    let of = |stamp: &str, between: &str| [stamp.as_bytes(), between.as_bytes(), BODY.as_bytes()].concat();
    vec![
        (Kind::ContentTimestampMissing, of("", "")),
        (Kind::ContentTimestampUnit, of("1778241600", ".")),
        (Kind::ContentTimestampUnit, of("2026-05-08T12:00:00.250Z", ".")),
        (Kind::ContentSeparator, of("1778241600250", "")),
        (Kind::ContentSeparator, of("1778241600250", ":")),
        (Kind::ContentSeparator, of("1778241600250", "\n")),
        (Kind::ContentSeparator, [BODY.as_bytes(), b".1778241600250"].concat()),
        (Kind::ContentOtherScheme, of("v0:1778241600250", ":")),
    ]
}

#[test]
fn another_content_is_named_alone_and_with_a_secret() {
    for (kind, signed) in contents() {
        let case = Case::usual(BODY);
        assert_eq!(kinds(&case.did(mac(SECRET.as_bytes(), &signed))), [kind]);
        let padded = format!("{SECRET}\n");
        assert_eq!(
            kinds(&case.did(mac(padded.as_bytes(), &signed))),
            [Kind::SecretWhitespace, kind]
        );
        // The sender put it together so.
        let header = format!("sha256={}", mac(SECRET.as_bytes(), &signed));
        assert_eq!(Case::usual(BODY).header(header).why_kinds(), [kind]);
    }
}

#[test]
fn a_lost_id_and_another_url_are_named() {
    let mut with_id = scheme();
    with_id.id = Some(Place::Header("X-Id".into()));
    with_id.signatures[0].content = content(&["{id}", ".", "{timestamp}", ".", "{body}"]);
    let case = Case::signed(with_id, &secret(SECRET), BODY);
    assert_eq!(
        kinds(&case.did(mac(SECRET.as_bytes(), &dotted(BODY.as_bytes())))),
        [Kind::ContentIdMissing]
    );

    let mut with_url = scheme();
    with_url.signatures[0].content = content(&["{url}", "{body}"]);
    let mut case = Case::signed(with_url, &secret(SECRET), BODY);
    // Behind a proxy that ends TLS, the receiver builds the URL from what it sees.
    case.message.url = Some("http://127.0.0.1:3000/hooks?a=1".into());
    case.message.headers.set("X-Forwarded-Host", "example.com");
    let explanation = case.why();
    assert_eq!(kinds(&explanation), [Kind::ContentUrl]);
    let recipe = explanation.causes[0].proof.as_ref().unwrap().recipe.as_ref().unwrap();
    assert_eq!(recipe.url.as_deref(), Some("https://example.com/hooks?a=1"));
}

#[test]
fn another_writing_of_the_mac_is_named() {
    let case = Case::usual(BODY);
    let right = case.signature();
    let digits = right.strip_prefix("sha256=").unwrap();
    let tag = hex::decode(digits).unwrap();
    let did = |text: String| kinds(&case.did(text));
    assert_eq!(did(right.clone()), []);
    assert_eq!(did(STANDARD.encode(&tag)), [Kind::SignatureEncoding]);
    assert_eq!(
        did(STANDARD.encode(digits)),
        [Kind::SignatureEncoding],
        "base64 of the hex text"
    );
    assert_eq!(did(digits.to_uppercase()), [Kind::SignatureCase]);
    assert_eq!(did(digits.to_owned()), [Kind::SignaturePrefix]);
    assert_eq!(did(digits[..40].to_owned()), [Kind::SignatureTruncated]);
    let why = |value: String| Case::usual(BODY).header(value).why_kinds();
    assert_eq!(
        why(format!("sha256={}", STANDARD.encode(&tag))),
        [Kind::SignatureEncoding]
    );
    assert_eq!(why(format!("sha256={}", digits.to_uppercase())), [Kind::SignatureCase]);
    assert_eq!(why(digits.to_owned()), [Kind::SignaturePrefix]);
    assert_eq!(why(format!("t=1778241600250,v1={digits}")), [Kind::SignaturePrefix]);
    assert_eq!(why(format!("sha256={}", &digits[..32])), [Kind::SignatureTruncated]);
    // With a secret that echo ended with a line break.
    let padded = hex::decode(mac(format!("{SECRET}\n").as_bytes(), &dotted(BODY.as_bytes()))).unwrap();
    assert_eq!(
        did(STANDARD.encode(padded)),
        [Kind::SecretWhitespace, Kind::SignatureEncoding]
    );
}

#[test]
fn another_hash_is_named() {
    for other in [Mac::HmacSha1, Mac::HmacSha512] {
        let mut signer = scheme();
        signer.signatures[0].kind = other;
        let signature = Case::signed(signer, &secret(SECRET), BODY).signature();
        let case = Case::usual(BODY);
        assert_eq!(kinds(&case.did(signature.clone())), [Kind::SignatureAlgorithm]);
        assert_eq!(
            Case::usual(BODY).header(signature).why_kinds(),
            [Kind::SignatureAlgorithm]
        );
    }
    let case = Case::usual(BODY);
    let signed = dotted(BODY.as_bytes());
    for plain in [
        [SECRET.as_bytes(), &signed].concat(),
        [&signed, SECRET.as_bytes()].concat(),
        signed.clone(),
    ] {
        assert_eq!(
            kinds(&case.did(hex::encode(Sha256::digest(plain)))),
            [Kind::SignatureNotHmac]
        );
    }
}

#[test]
fn secrets_that_are_decoded_or_not_are_told_apart() {
    let text = format!("whsec_{}", STANDARD.encode("a key of some twenty-four"));
    let mut decoding = scheme();
    decoding.signatures[0].key = key_steps(&["strip:whsec_", "base64"]);
    let case = Case::signed(decoding, &secret(text.clone()), BODY);
    let did = |key: &[u8]| kinds(&case.did(mac(key, &dotted(BODY.as_bytes()))));
    assert_eq!(did(text.as_bytes()), [Kind::SecretBase64]);
    assert_eq!(
        did(text.strip_prefix("whsec_").unwrap().as_bytes()),
        [Kind::SecretBase64]
    );
    let plain = Case::signed(scheme(), &secret("deadbeefcafe0123"), BODY);
    let decoded = hex::decode("deadbeefcafe0123").unwrap();
    assert_eq!(
        kinds(&plain.did(mac(&decoded, &dotted(BODY.as_bytes())))),
        [Kind::SecretHex]
    );
    let encoded = Case::signed(scheme(), &secret("a%2Bb%2Fc%3D"), BODY);
    assert_eq!(
        kinds(&encoded.did(mac(b"a+b/c=", &dotted(BODY.as_bytes())))),
        [Kind::SecretUrlEncoded]
    );
}

#[test]
fn another_secret_at_hand_is_named_by_its_name() {
    let mut case = Case::usual(BODY);
    case.other_secrets = vec![named("the-other-endpoint", "OTHER_SECRET")];
    let explanation = case.did(mac(b"the-other-endpoint", &dotted(BODY.as_bytes())));
    assert_eq!(kinds(&explanation), [Kind::SecretOther]);
    assert!(explanation.causes[0].detail.contains("OTHER_SECRET"));
    let shown = serde_json::to_string(&explanation).unwrap();
    assert!(
        !shown.contains("the-other-endpoint") && !shown.contains(SECRET),
        "{shown}"
    );
}

#[test]
fn another_dialect_and_no_signature_are_named() {
    let mut dialect = scheme();
    dialect.signatures[0].places = vec![Place::Header("X-Webhook-Signature".into())];
    dialect.signatures[0].grammar = Grammar::items("{sig}", None).unwrap();
    let mut case = Case::signed(dialect.clone(), &secret(SECRET), BODY);
    case.scheme = scheme();
    case.others = vec![Other {
        name: "current".into(),
        relation: Relation::Dialect,
        scheme: dialect,
    }];
    let explanation = case.why();
    assert_eq!(kinds(&explanation), [Kind::SignatureDialect]);
    assert!(explanation.causes[0].detail.contains("current"));
    assert_eq!(explanation.causes[0].proof.as_ref().unwrap().by, Basis::Mac);

    let mut unsigned = Case::usual(BODY);
    unsigned.message.headers.remove("X-Signature");
    let explanation = unsigned.why();
    assert_eq!(kinds(&explanation), [Kind::SignatureUnsigned]);
    assert_eq!(explanation.causes[0].proof.as_ref().unwrap().by, Basis::Parse);
}

#[test]
fn another_providers_scheme_is_named() {
    let mut other = scheme();
    other.signatures[0].content = content(&["v9-", "{timestamp}", "-", "{body}"]);
    other.signatures[0].encoding = Encoding::Hex;
    let mut case = Case::signed(other.clone(), &secret(SECRET), BODY);
    case.scheme = scheme();
    case.others = vec![Other {
        name: "elsewhere".into(),
        relation: Relation::Provider,
        scheme: other,
    }];
    assert_eq!(case.why_kinds(), [Kind::ContentOtherScheme]);
}

#[test]
fn time_is_a_cause_only_behind_a_matching_mac() {
    let case = Case::usual(BODY);
    let minutes = |minutes| at() + jiff::SignedDuration::from_mins(minutes);
    for (judged, kind) in [(minutes(20), Kind::TimeStale), (minutes(-20), Kind::TimeFuture)] {
        let explanation = case.why_at(judged);
        assert_eq!(kinds(&explanation), [kind]);
        assert_eq!(explanation.causes[0].proof.as_ref().unwrap().by, Basis::Clock);
        let other = Case::usual(BODY).arrived(BODY.replace("R&D", "R&B"));
        assert_eq!(kinds(&other.why_at(judged)), [Kind::Unknown]);
    }
}
