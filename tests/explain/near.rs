//! Near misses, which are no cause, and crossed ones: of two plausible causes one is true. CKWH_ROUNDS says how many tens
//! of each; .ci/nightly asks for ten times as many.

use ckwh::explain::{Effort, Kind, computed};
use fastrand::Rng;

use crate::parallel;
use crate::question::{Case, SECRET, dotted, kinds, mac, scheme, secret};
use crate::rounds::rounds;

/// How many deliveries a round has, how many near misses of each, and how many crossed ones.
const NEAR: u64 = 25;
const MISSES: usize = 40;
const CROSSED: u64 = 50;
const ROUNDS: u64 = 10;

/// A delivery's secret and body, with numbers, texts and places that every table has something to say of.
fn delivery(random: &mut Rng) -> (String, String) {
    let token: String = (0..20).map(|_| random.alphanumeric()).collect();
    let secret = match random.u8(..4) {
        0 => format!("whsec_{token}"),
        1 => format!("{token}\n"),
        2 => format!("\"{token}\""),
        _ => token,
    };
    let amount = random.u32(100..1_000_000);
    let note = ["caf\u{e9}", "R&D <b>", "it's", "a/b", "  x "][random.usize(..5)];
    let (colon, comma) = [(":", ","), (": ", ", "), (" : ", " ,\n")][random.usize(..3)];
    let end = ["", "\n", "\r\n"][random.usize(..3)];
    let body = format!(
        "{{\"id\"{colon}\"evt_{amount}\"{comma}\"amount\"{colon}{amount}.50{comma}\"note\"{colon}\"{note}\"{comma}\"list\"{colon}[]}}{end}"
    );
    (secret, body)
}

/// What a handler may have hashed in place of the timestamp and the body, each in its own way; one digit is another where
/// `misses` says so.
fn hashed(random: &mut Rng, body: &str, misses: bool) -> Vec<u8> {
    let quoted = || serde_json::to_string(body).unwrap();
    let whole = match random.u8(..10) {
        0 => format!("{{\"timestamp\":1778241600250,\"body\":{}}}", quoted()),
        1 => format!("{{\"timestamp\": \"1778241600250\", \"payload\": {body}}}"),
        2 => format!("[\"1778241600250\",{}]", quoted()),
        3 => format!("['1778241600250'].{body}"),
        _ => {
            let changed = changed(random, body);
            let changed = if misses { miss(&changed, random) } else { changed };
            return dotted(changed.as_bytes());
        }
    };
    if misses { miss(&whole, random) } else { whole }.into_bytes()
}

/// What a handler may have done to a body, each in its own way.
fn changed(random: &mut Rng, body: &str) -> String {
    match random.u8(..7) {
        0 => body.trim().to_owned(),
        1 => format!("\u{feff}{body}"),
        2 => body.replace(' ', ""),
        3 => serde_json::to_string(body).unwrap(),
        4 => format!("{body}\n"),
        5 => serde_json::json!({ "body": body, "isBase64Encoded": false }).to_string(),
        _ => body.to_owned(),
    }
}

/// `text` with another digit in the place of one of its own.
fn miss(text: &str, random: &mut Rng) -> String {
    let digits = text.char_indices().filter(|(_, char)| char.is_ascii_digit());
    let digits: Vec<usize> = digits.map(|(at, _)| at).collect();
    let at = digits[random.usize(..digits.len())];
    let other = (text.as_bytes()[at] - b'0' + random.u8(1..10)) % 10 + b'0';
    format!("{}{}{}", &text[..at], char::from(other), &text[at + 1..])
}

/// One digit of what was hashed, or the end of its key, is another.
#[test]
fn near_misses_are_unknown() {
    let tasks: Vec<u64> = (0..NEAR * rounds(ROUNDS)).collect();
    let wrong = parallel::each(&tasks, |seed| {
        let random = &mut Rng::with_seed(*seed);
        let (key, body) = delivery(random);
        let mut case = Case {
            effort: Effort::Low,
            ..Case::signed(scheme(), &secret(key.clone()), body.clone())
        };
        let made = (0..MISSES).map(|_| match random.bool() {
            true => mac(key.as_bytes(), &hashed(random, &body, true)),
            false => mac(format!("{key}9x").as_bytes(), &hashed(random, &body, false)),
        });
        let made: Vec<String> = made.collect();
        let found: Vec<Vec<Kind>> = if seed % 2 == 0 {
            let said = computed(&case.question(), &made).into_iter();
            said.map(|said| kinds(&said.into())).collect()
        } else {
            case.message.headers.remove("X-Signature");
            for made in made {
                case.message.headers.append("X-Signature", format!("sha256={made}"));
            }
            vec![case.why_kinds()]
        };
        let wrong = found.into_iter().find(|found| *found != [Kind::Unknown]);
        wrong.map(|found| format!("{seed}: {found:?} of {body:?}"))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The secret has something around it, and so has the body: what the handler took off, and that alone, is named.
#[test]
fn the_true_one_of_two_plausible_causes_is_named_each_time() {
    let tasks: Vec<u64> = (0..CROSSED * rounds(ROUNDS)).collect();
    let wrong = parallel::each(&tasks, |seed| {
        let random = &mut Rng::with_seed(*seed);
        let (before, behind, of_key) = [
            ("", "\n", Kind::SecretWhitespace),
            (" ", " ", Kind::SecretWhitespace),
            ("\"", "\"", Kind::SecretQuoted),
            ("'", "'", Kind::SecretQuoted),
            ("whsec_", "", Kind::SecretPrefix),
        ][random.usize(..5)];
        let number = random.u32(..);
        let (own, key) = (format!("{SECRET}{number}"), format!("{before}{SECRET}{number}{behind}"));
        let text = format!("{{\"id\": {number}, \"amount\":1.50}}");
        let (body, plain, of_body) = match random.u8(..3) {
            0 => (format!("{text}\n"), text, Kind::BodyNewline),
            1 => (format!("\u{feff}{text}"), text, Kind::BodyBom),
            _ => (format!(" {text}\t"), text, Kind::BodyWhitespace),
        };
        let case = Case {
            effort: Effort::Low,
            ..Case::signed(scheme(), &secret(key.clone()), body.clone())
        };
        let (made, expected) = match random.bool() {
            true => (mac(own.as_bytes(), &dotted(body.as_bytes())), of_key),
            false => (mac(key.as_bytes(), &dotted(plain.as_bytes())), of_body),
        };
        let found = match random.bool() {
            true => kinds(&case.did(made)),
            false => case.header(format!("sha256={made}")).why_kinds(),
        };
        (found != [expected]).then(|| format!("{seed}: {found:?}, and not {expected:?}"))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
