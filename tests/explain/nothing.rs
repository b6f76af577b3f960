//! No cause is named that is not one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ckwh::explain::{Effort, Kind, Search, computed};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

use crate::parallel;
use crate::question::{Case, SECRET, Said, dotted, kinds, mac, scheme, secret};
use crate::rounds::is_whole;

/// Runs a law on [`CASES`] values, on all cores: on a tenth of them but in the nightly run.
fn law<S: Strategy>(strategy: impl Fn() -> S + Sync, holds: impl Fn(S::Value) -> TestCaseResult + Sync) {
    const SHARES: u32 = 8;
    let config = ProptestConfig {
        cases: if is_whole() { CASES } else { CASES / 10 } / SHARES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let shares = [(); SHARES as usize];
    for result in parallel::each(&shares, |()| {
        TestRunner::new(config.clone())
            .run(&strategy(), &holds)
            .map_err(|error| error.to_string())
    }) {
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}

const CASES: u32 = 1_000;

/// Any text, as it is and as what a text that was encoded once more holds.
fn odd() -> impl Strategy<Value = String> {
    let text = || "\\PC{0,60}";
    prop_oneof![
        text().prop_map(|text| text),
        text().prop_map(|text| STANDARD.encode(text)),
        text().prop_map(hex::encode),
        text().prop_map(|text| format!("b'{text}\\x0'")),
        text().prop_map(|text| format!("\"{text}\\u00\"")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_whole() { 256 } else { 64 }))]

    /// A header and a log may hold any text.
    #[test]
    fn no_signature_is_too_odd_to_read(text in odd()) {
        let case = Case { effort: Effort::Low, ..Case::signed(scheme(), &secret(SECRET), "{}") };
        let said: Said = computed(&case.question(), std::slice::from_ref(&text)).remove(0).into();
        let kind = said.causes[0].kind;
        let is_odd = matches!(kind, Kind::Unknown | Kind::SignaturePlaceholder | Kind::SignatureMalformed);
        prop_assert!(is_odd, "{:?}", said);
        let why = case.header(text).why();
        prop_assert_eq!(why.causes.len(), 1, "{:?}", why);
    }
}

/// Nothing is named, or that `text` is too short to be a MAC.
fn is_unknown_or_short(explanation: &Said, text: &str) -> TestCaseResult {
    // 32 digits are 128 bits.
    if text.len() < 32 && kinds(explanation) == [Kind::SignatureMalformed] {
        return Ok(());
    }
    is_unknown(explanation)
}

fn is_unknown(explanation: &Said) -> TestCaseResult {
    prop_assert_eq!(kinds(explanation), [Kind::Unknown]);
    prop_assert!(explanation.causes[0].proof.is_none());
    Ok(())
}

fn bodies() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n]{0,80}",
        any::<f64>().prop_map(|number| format!("{{\"a\": {number:?}, \"b\": [1.0, \"<é>\"]}}")),
    ]
}

/// Signatures that nobody made are of no known cause, whatever their length, the secret and the body: of each delivery
/// ten received ones, and ten that a handler computed.
#[test]
fn random_signatures_are_unknown() {
    let texts = || {
        let length = prop_oneof![Just(20), Just(32), Just(64), 1usize..80];
        let tag = (prop::collection::vec(any::<u8>(), 80), length, any::<bool>());
        let text = tag.prop_map(|(bytes, length, base64)| match base64 {
            true => STANDARD.encode(&bytes[..length]),
            false => hex::encode(&bytes[..length]),
        });
        prop::collection::vec(text, 10)
    };
    let values = || ("[ -~]{1,40}", bodies(), texts(), texts());
    law(values, |(key, body, received, handlers)| {
        let mut case = Case {
            effort: Effort::Low,
            ..Case::signed(scheme(), &secret(key), body)
        };
        for (explanation, text) in computed(&case.question(), &handlers).into_iter().zip(&handlers) {
            is_unknown_or_short(&explanation.into(), text)?;
        }
        case.message.headers.remove("X-Signature");
        for text in received {
            case.message.headers.append("X-Signature", format!("sha256={text}"));
        }
        is_unknown(&case.why())
    });
}

/// One digit of the body, of the secret or of the timestamp is another: every hypothesis is near, and none is it. Where
/// it is one of the signature, the rest proves that.
#[test]
fn a_near_miss_is_no_cause() {
    let other = |digits: &str, at: usize| {
        let mut digits = digits.as_bytes().to_vec();
        digits[at] = if digits[at] == b'9' { b'8' } else { b'9' };
        String::from_utf8(digits).unwrap()
    };
    let written = |amount: &str| format!("{{\"amount\": {amount}, \"list\": [], \"rate\": 1.0}}");
    let values = || (10_000u32..99_999, 0usize..5, 0usize..4, any::<bool>());
    law(values, |(amount, at, what, forward)| {
        let amount = amount.to_string();
        let body = written(&amount);
        let miss = |place| {
            let digits = [&amount, "01234", "24160", "56789"][place];
            if place == what {
                other(digits, at)
            } else {
                digits.to_owned()
            }
        };
        let key = format!("{}{}", &SECRET[..15], miss(1));
        let content = format!("1778{}0250.{}", miss(2), written(&miss(0)));
        let mut signature = mac(key.as_bytes(), content.as_bytes());
        if what == 3 {
            signature = other(&signature, at);
        }
        let case = Case {
            effort: Effort::Low,
            ..Case::signed(scheme(), &secret(format!("{}01234", &SECRET[..15])), body)
        };
        let explanation = if forward {
            case.did(signature)
        } else {
            case.header(format!("sha256={signature}")).why()
        };
        if what == 3 {
            prop_assert_eq!(kinds(&explanation), [Kind::SignatureMistyped]);
            return Ok(());
        }
        is_unknown(&explanation)
    });
}

/// A short tag would be found by chance: below 128 bits it is not looked at, from there on it is.
#[test]
fn under_128_bits_nothing_matches() {
    let whole = mac(SECRET.as_bytes(), &dotted(b"{}"));
    let base64 = STANDARD.encode(hex::decode(&whole).unwrap());
    // Both give whole bytes: 33 digits are 16 of them, and so are 22 of base64.
    for (text, digits, least) in [(&whole, 64, 32), (&base64, 43, 22)] {
        for digits in 1..digits {
            let cut = &text[..digits];
            let long = digits >= least;
            let case = Case::usual("{}");
            let forward = kinds(&case.did(cut));
            let reverse = case.header(format!("sha256={cut}")).why_kinds();
            for found in [forward, reverse] {
                assert_eq!(found.contains(&Kind::SignatureTruncated), long, "{cut}: {found:?}");
                let is_unproven = found == [Kind::Unknown] || found == [Kind::SignatureMalformed];
                assert_eq!(is_unproven, !long, "{cut}: {found:?}");
            }
        }
    }
}

/// Two things are odd about this delivery, and only one is the cause.
#[test]
fn the_true_one_of_two_plausible_causes_is_named() {
    let body = "{\"a\": 1.0}\n";
    let padded = format!("{SECRET}\n");
    let case = Case::signed(scheme(), &secret(padded.clone()), body);
    assert_eq!(
        kinds(&case.did(mac(padded.as_bytes(), &dotted(b"{\"a\": 1.0}")))),
        [Kind::BodyNewline]
    );
    assert_eq!(
        kinds(&case.did(mac(SECRET.as_bytes(), &dotted(body.as_bytes())))),
        [Kind::SecretWhitespace]
    );
}

/// More values than may be held: what was not tried is said. It takes a large body, which the nightly run has time for.
#[test]
fn what_was_left_out_of_a_dense_body_is_named() {
    if !is_whole() {
        return;
    }
    let case = Case {
        effort: Effort::Low,
        ..Case::usual(format!("[{}1]", "1,".repeat(1_100_000)))
    };
    let said = case.did("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    let [cause] = said.causes.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!((cause.kind, cause.search), (Kind::Unknown, Some(Search::Incomplete)));
    assert!(
        cause.detail.contains("not printing it as a language prints its maps"),
        "{}",
        cause.detail
    );
}

/// As many values as fit into a large body are all tried; that takes long too.
#[test]
fn what_is_made_of_a_dense_body_is_named() {
    if !is_whole() {
        return;
    }
    let list = |item: &str, between: &str| format!("[{}]", vec![item; 150_000].join(between));
    let case = Case::usual(list("1", ","));
    // As `fmt.Sprint` of Go prints it, and as `JSON.stringify(list.map(String))` writes it.
    let made = [list("1", " "), list("\"1\"", ",")];
    let signatures: Vec<String> = made
        .iter()
        .map(|made| mac(SECRET.as_bytes(), &dotted(made.as_bytes())))
        .collect();
    for (said, what) in case
        .did_each(&signatures)
        .iter()
        .zip(["as Go prints a map", "with its numbers as texts"])
    {
        assert_eq!(kinds(said), [Kind::BodyReserialised]);
        assert!(said.causes[0].detail.contains(what), "{}", said.causes[0].detail);
    }
}
