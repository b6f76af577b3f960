//! Laws of the library, on random input: what is signed verifies, what was changed does not, and what is written is
//! read back.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use ckwh::capture::Recorded;
use ckwh::clock::{Tolerance, Unit};
use ckwh::explain::Effort;
use ckwh::json;
use ckwh::learn::draft::{Draft, DraftError, Sender};
use ckwh::learn::{Delivery, Fit, learn};
use ckwh::message::{Headers, Message};
use ckwh::provider::Origin;
use ckwh::provider::fixture::Edit;
use ckwh::scheme::{Content, Encoding, Grammar, Kind, Mac, Parsed, Part, Scheme, Signature, TimestampRule};
use ckwh::secret::{Secret, Source};
use ckwh::sign::{sign, sign_stream};
use ckwh::verify::{Options, SignatureState, verify};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const MACS: [&str; 4] = ["hmac-sha1", "hmac-sha256", "hmac-sha512", "ed25519"];
const ENCODINGS: [&str; 4] = ["hex", "hex-upper", "base64", "base64-url"];
/// How the header is written, and whether the timestamp stands in it.
const GRAMMARS: [(&str, bool); 7] = [
    ("item = \"{sig}\"", false),
    ("item = \"sha256={sig}\"", false),
    ("item = \"<{sig}>\"", false),
    ("item = \"v1,{sig}\"\nlist = \" \"", false),
    ("item = \"v1={sig}\"\nlist = \",\"", false),
    ("fields = \"t={timestamp},v1={sig}\"", true),
    ("fields = \"ts={timestamp};h1={sig}\"", true),
];
const CONTENTS: [&str; 8] = [
    r#"["{body}"]"#,
    r#"["{timestamp}", ".", "{body}"]"#,
    r#"["{id}", ".", "{timestamp}", ".", "{body}"]"#,
    r#"["v0:", "{timestamp}", ":", "{body}"]"#,
    r#"["{url}", "{body}"]"#,
    r#"["{method}", "{url}", "{body}", "{timestamp}"]"#,
    r#"["{url}", "{form:sorted}", "{timestamp}"]"#,
    r#"["{body}", "{timestamp}", "{body}"]"#,
];
const KEYS: [&str; 3] = ["[]", r#"["hex"]"#, r#"["strip:whsec_", "hex"]"#];
const UNITS: [Unit; 4] = [
    Unit::Seconds,
    Unit::Milliseconds,
    Unit::Rfc3339Seconds,
    Unit::Rfc3339Millis,
];
/// The body of a scheme that signs a form's fields: there, bytes that mean the same are the same.
const FORM: usize = 6;

#[derive(Debug, Clone)]
struct Case {
    scheme: Scheme,
    secret: Vec<u8>,
    message: Message,
    /// Whether every byte of the body is signed as it stands.
    signs_bytes: bool,
    signs_time: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let scheme = (
        select(&MACS[..]),
        select(&ENCODINGS[..]),
        select(&GRAMMARS[..]),
        0..CONTENTS.len(),
        select(&KEYS[..]),
        select(&UNITS[..]),
    );
    (scheme, vec(any::<u8>(), 0..200), vec(any::<u8>(), 1..40), 0_i64..4_000_000_000).prop_map(
        |((mac, encoding, (grammar, in_header), content, key, unit), body, secret, at)| {
            let table = format!(
                "kind = \"{mac}\"\nheaders = [\"X-Sig\"]\n{grammar}\nencoding = \"{encoding}\"\ncontent = {}\nkey = {key}",
                CONTENTS[content]
            );
            let signature: Signature = toml::from_str(&table).unwrap();
            let mut random = [0; 32];
            random[..secret.len().min(32)].copy_from_slice(&secret[..secret.len().min(32)]);
            let secret = match signature.kind {
                Kind::Ed25519 => signature.new_secret(random),
                _ if key == "[]" => secret,
                _ => hex::encode(secret).into_bytes(),
            };
            let from = if in_header { "signature" } else { "header:X-Time" };
            let scheme = Scheme {
                signatures: vec![signature],
                timestamp: Some(TimestampRule {
                    from: from.to_owned().try_into().unwrap(),
                    unit,
                    accept: Vec::new(),
                    tolerance: Tolerance::default(),
                }),
                id: Some("header:X-Id".to_owned().try_into().unwrap()),
            };
            let is_form = content == FORM;
            let body = if is_form { b"a=1&b=2".to_vec() } else { body };
            let mut message = Message::new(body);
            message.timestamp = Some(Timestamp::from_second(at).unwrap());
            message.id = Some("msg_1".into());
            message.url = Some("https://example.com/in?a=b".into());
            if is_form {
                message.headers.set("Content-Type", "application/x-www-form-urlencoded");
            }
            Case {
                scheme,
                secret,
                message,
                signs_bytes: !is_form,
                signs_time: CONTENTS[content].contains("{timestamp}"),
            }
        },
    )
}

impl Case {
    /// The message as it is sent.
    fn signed(&self) -> Message {
        let mut message = self.message.clone();
        let signed = sign(&self.scheme, &[secret(&self.secret)], &message).unwrap();
        for (name, value) in signed.headers.iter() {
            message.headers.set(name, value);
        }
        message
    }

    fn state(&self, message: &Message, with: &[u8]) -> SignatureState {
        let received = Message {
            id: None,
            timestamp: None,
            event_type: None,
            ..message.clone()
        };
        let options = Options::new(self.message.timestamp.unwrap()).with_tolerance(Tolerance::default());
        let verdict = verify(&self.scheme, &[secret(with)], &received, &options);
        assert_eq!(
            verdict.is_valid(),
            verdict.signature == SignatureState::Match,
            "{verdict:?}"
        );
        verdict.signature
    }
}

/// A time that can be told from any other number.
fn this_century() -> impl Strategy<Value = Timestamp> {
    (946_684_800_i64..4_102_444_800).prop_map(|seconds| Timestamp::from_second(seconds).unwrap())
}

/// No sender is known that signs a part twice.
fn repeated() -> Content {
    Content::try_from(vec![Part::Body, Part::Timestamp, Part::Body]).unwrap()
}

fn learned(message: &Message, secrets: &[Secret]) -> Option<Fit> {
    let effort = Effort::Low;
    learn(&Delivery {
        message,
        secrets,
        given: &[],
        effort,
    })
    .fit
}

fn secret(bytes: &[u8]) -> Secret {
    Secret::new(bytes.to_vec(), Source::Flag).unwrap()
}

fn flip(bytes: &mut [u8], at: Index) {
    let bit = at.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

proptest! {
    #[test]
    fn what_is_signed_verifies(case in case()) {
        prop_assert_eq!(case.state(&case.signed(), &case.secret), SignatureState::Match);
    }

    #[test]
    fn a_stream_is_signed_as_its_bytes_are(case in case()) {
        let secrets = [secret(&case.secret)];
        let whole = sign(&case.scheme, &secrets, &case.message).unwrap();
        let streamed = sign_stream(&case.scheme, &secrets, &case.message, &mut case.message.body.as_ref()).unwrap();
        prop_assert!(streamed.is_none_or(|streamed| streamed == whole));
    }

    #[test]
    fn a_flipped_bit_of_the_body_shows(case in case(), at: Index) {
        prop_assume!(case.signs_bytes && !case.message.body.is_empty());
        let mut message = case.signed();
        let mut body = message.body.to_vec();
        flip(&mut body, at);
        message.body = body.into();
        prop_assert_eq!(case.state(&message, &case.secret), SignatureState::Mismatch);
    }

    #[test]
    fn a_flipped_bit_of_the_signature_header_shows(case in case(), at: Index) {
        let mut message = case.signed();
        let grammar = &case.scheme.signatures[0].grammar;
        let value = message.headers.text("X-Sig").unwrap().to_owned();
        let range = grammar.signature_range(&value).unwrap();
        let mut value = value.into_bytes();
        flip(&mut value[range], at);
        message.headers.set("X-Sig", value);
        prop_assert_ne!(case.state(&message, &case.secret), SignatureState::Match);
    }

    #[test]
    fn a_flipped_bit_of_the_timestamp_shows(case in case(), at: Index) {
        prop_assume!(case.signs_time);
        let mut message = case.signed();
        let text = case.scheme.timestamp.as_ref().unwrap().unit.write(case.message.timestamp.unwrap());
        let name = if message.headers.contains("X-Time") { "X-Time" } else { "X-Sig" };
        let mut value = message.headers.get(name).unwrap().to_vec();
        let start = value.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        flip(&mut value[start..start + text.len()], at);
        message.headers.set(name, value);
        prop_assert_ne!(case.state(&message, &case.secret), SignatureState::Match);
    }

    #[test]
    fn another_secret_shows(case in case(), at: Index) {
        prop_assume!(case.scheme.signatures[0].key.is_empty());
        let mut other = case.secret.clone();
        flip(&mut other, at);
        // One bit more or less, and a pair is none.
        let expected = match case.scheme.signatures[0].kind {
            Kind::Ed25519 => SignatureState::Unchecked,
            _ => SignatureState::Mismatch,
        };
        prop_assert_eq!(case.state(&case.signed(), &other), expected);
    }

    #[test]
    fn a_header_is_read_as_it_was_written(
        (grammar, timestamps) in select(&GRAMMARS[..]),
        time in "[0-9]{1,13}",
        tags in vec(vec(any::<u8>(), 1..65), 1..4),
        encoding in select(&[Encoding::Hex, Encoding::HexUpper, Encoding::Base64, Encoding::Base64Url][..]),
    ) {
        let table = format!("kind = \"hmac-sha256\"\nheaders = [\"X\"]\nencoding = \"hex\"\ncontent = [\"{{body}}\"]\n{grammar}");
        let signature: Signature = toml::from_str(&table).unwrap();
        let kept = if signature.grammar.is_list() { tags.len() } else { 1 };
        let parsed = Parsed {
            timestamp: timestamps.then_some(time),
            signatures: tags.iter().take(kept).map(|tag| encoding.encode(tag)).collect(),
        };
        let text = signature.grammar.format(&parsed);
        prop_assert_eq!(signature.grammar.parse(text.as_bytes()).unwrap(), parsed);
        let decoded = encoding.decode(&encoding.encode(&tags[0]));
        prop_assert_eq!(decoded.as_ref(), Some(&tags[0]));
    }

    #[test]
    fn no_header_value_is_too_odd_to_read(value in vec(any::<u8>(), 0..80), (grammar, _) in select(&GRAMMARS[..])) {
        let table = format!("kind = \"hmac-sha256\"\nheaders = [\"X\"]\nencoding = \"hex\"\ncontent = [\"{{body}}\"]\n{grammar}");
        let signature: Signature = toml::from_str(&table).unwrap();
        if let Ok(parsed) = signature.grammar.parse(&value) {
            prop_assert!(!parsed.signatures.is_empty());
        }
        let headers: Headers = [("X", value)].into_iter().collect();
        let _ = headers.check();
        let _ = Grammar::fields(&String::from_utf8_lossy(headers.get("X").unwrap_or_default()));
    }

    #[test]
    fn what_is_signed_is_learned(mut case in case(), first in this_century(), second in this_century()) {
        prop_assume!(!case.message.body.is_empty() && case.scheme.signatures[0].content != repeated());
        case.message.timestamp = Some(first);
        let fit = learned(&case.signed(), &[secret(&case.secret)]);
        prop_assert!(fit.is_some());
        case.message.timestamp = Some(second);
        case.message.id = Some("msg_2".into());
        case.message.body = [case.message.body.as_ref(), b"&c=d"].concat().into();
        let mut message = case.signed();
        let theirs = std::mem::replace(&mut case.scheme, fit.unwrap().scheme);
        prop_assert_eq!(case.state(&message, &case.secret), SignatureState::Match);
        let tampered = [case.message.body.as_ref(), b"e"].concat();
        message.body = tampered.into();
        prop_assert_eq!(case.state(&message, &case.secret), SignatureState::Mismatch, "{:?}", theirs);
    }

    #[test]
    fn no_delivery_is_too_odd_to_learn_from(
        mut fields in vec(("[a-zA-Z0-9-]{1,12}", vec(any::<u8>(), 0..40)), 0..6),
        name in select(&["X-Sig", "Authorization", "date", "x-event", "host"][..]),
        before in "[ -~]{0,12}",
        behind in prop_oneof![3 => "[ -~]{0,12}", 1 => "\\PC{0,12}"],
        body in prop_oneof![
            vec(any::<u8>(), 0..60),
            "[{\\[\"a-z0-9:,.~/\\\\\u{202e} \\]}]{0,40}".prop_map(String::into_bytes),
            ("\\PC{0,20}", "\\PC{0,20}").prop_map(|(key, text)| {
                serde_json::json!({ "type": text, "id": text, key: 1_700_000_000, "sent_at": 1_700_000_000 }).to_string().into_bytes()
            }),
        ],
        key in vec(any::<u8>(), 1..40),
        is_form: bool,
    ) {
        let mut mac = Mac::new(Kind::HmacSha256, &secret(&key).key(&[]).unwrap()).unwrap();
        mac.update(&body);
        let value = format!("{before}{}{behind}", Encoding::Base64.encode(&mac.finish().unwrap()));
        fields.push((name.to_owned(), value.into_bytes()));
        if is_form {
            fields.push(("content-type".into(), b"application/x-www-form-urlencoded".to_vec()));
        }
        let message = Message {
            headers: fields.into_iter().collect(),
            url: Some("/in?a=b".into()),
            ..Message::new(body)
        };
        let secrets = [secret(&key)];
        if let Some(fit) = learned(&message, &secrets) {
            let sender = Sender { name: "odd", origin: Origin::User, secret_env: "ODD", secrets: &secrets, credentials: &Default::default() };
            let draft = Draft::new(&sender, &Recorded::new(message), &fit);
            prop_assert!(matches!(draft, Ok(_) | Err(DraftError::Secret)), "{:?}", draft.err());
        }
    }

    #[test]
    fn an_edited_path_keeps_all_other_members(members in vec(("[a-z]{1,6}", any::<i32>()), 1..8), at: Index, new: i32) {
        let before: json::Map<String, json::Value> = members.into_iter().map(|(key, value)| (key, value.into())).collect();
        let key = before.keys().nth(at.index(before.len())).unwrap().clone();
        for (edit, expected) in [
            (Edit::set(&format!("in.{key}={new}")).unwrap(), Some(new)),
            (Edit::set(&format!("in.{key}:={new}")).unwrap(), Some(new)),
            (Edit::unset(&format!("in.{key}")).unwrap(), None),
        ] {
            let mut value = serde_json::json!({ "in": before.clone(), "beside": [1, 2] });
            edit.apply(&mut value).unwrap();
            let mut wanted = before.clone();
            match expected {
                Some(new) => drop(wanted.insert(key.clone(), new.into())),
                None => drop(wanted.shift_remove(&key)),
            }
            // As text: the order of the members is kept too.
            prop_assert_eq!(value.to_string(), serde_json::json!({ "in": wanted, "beside": [1, 2] }).to_string());
        }
    }
}
