//! No cause is named that is not one.

use ckwh::explain::{Effort, Kind, computed};
use proptest::prelude::*;

use crate::question::{Case, SECRET, dotted, mac, secret};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Signatures that nobody made are of no known cause, whatever the body and the secret: 500 times 20 computed ones,
    /// and 500 received ones.
    #[test]
    fn random_signatures_are_unknown(
        tags in prop::collection::vec(prop::collection::vec(any::<u8>(), 32), 20),
        key in "[ -~]{1,40}",
        body in prop_oneof![
            "[ -~\n]{0,80}",
            any::<f64>().prop_map(|number| format!("{{\"a\": {number:?}, \"b\": [1.0, \"<é>\"]}}")),
        ],
    ) {
        let case = Case { effort: Effort::Low, ..Case::signed(crate::question::scheme(), &secret(key), body) };
        let signatures: Vec<String> = tags.iter().map(hex::encode).collect();
        let mut explanations = computed(&case.question(), &signatures);
        explanations.push(case.header(format!("sha256={}", signatures[0])).why());
        for explanation in explanations {
            prop_assert_eq!(explanation.causes.len(), 1);
            prop_assert_eq!(explanation.causes[0].kind, Kind::Unknown);
            prop_assert!(explanation.causes[0].proof.is_none());
        }
    }
}

proptest! {
    /// A header and a log may hold any text.
    #[test]
    fn no_signature_is_too_odd_to_read(text in "\\PC{0,20}") {
        let case = Case { effort: Effort::Low, ..Case::signed(crate::question::scheme(), &secret(SECRET), "{}") };
        let explanations = computed(&case.question(), std::slice::from_ref(&text));
        prop_assert_eq!(explanations[0].causes[0].kind, Kind::Unknown);
        let why = case.header(text).why();
        prop_assert!(why.causes.len() <= 1, "{:?}", why);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// A body that differs in one digit from the signed one has no cause, though every one of its writings is near.
    #[test]
    fn a_digit_is_no_cause(amount in 10_000u32..99_999, at in 0usize..5, forward in any::<bool>()) {
        let written = |amount: &str| format!("{{\"amount\": {amount}, \"list\": [], \"rate\": 1.0}}");
        let digits = amount.to_string();
        let mut other: Vec<u8> = digits.clone().into_bytes();
        other[at] = if other[at] == b'9' { b'8' } else { other[at] + 1 };
        let other = String::from_utf8(other).unwrap();
        let case = Case::usual(written(&digits));
        let explanation = if forward {
            case.did(mac(SECRET.as_bytes(), &dotted(written(&other).as_bytes())))
        } else {
            case.arrived(written(&other)).why()
        };
        prop_assert_eq!(explanation.causes.len(), 1);
        prop_assert_eq!(explanation.causes[0].kind, Kind::Unknown);
    }
}

/// A short tag would be found by chance: below 128 bits it is not looked at, at 128 it is.
#[test]
fn under_128_bits_nothing_matches() {
    let case = Case::usual("{}");
    let whole = mac(SECRET.as_bytes(), &dotted(b"{}"));
    for (digits, kind) in [(8, Kind::Unknown), (30, Kind::Unknown), (32, Kind::SignatureTruncated)] {
        let explanation = case.did(&whole[..digits]);
        assert_eq!(explanation.causes.len(), 1, "{digits}");
        assert_eq!(explanation.causes[0].kind, kind, "{digits}");
    }
    let case = case.header(format!("sha256={}", &whole[..30]));
    assert_eq!(case.why_kinds(), [Kind::Unknown]);
}

/// Two things are odd about this delivery, and only one is the cause.
#[test]
fn the_true_one_of_two_plausible_causes_is_named() {
    let body = "{\"a\": 1.0}\n";
    let padded = format!("{SECRET}\n");
    let case = Case::signed(crate::question::scheme(), &secret(padded.clone()), body);
    assert_eq!(
        kinds_of(&case, mac(padded.as_bytes(), &dotted(b"{\"a\": 1.0}"))),
        [Kind::BodyNewline]
    );
    assert_eq!(
        kinds_of(&case, mac(SECRET.as_bytes(), &dotted(body.as_bytes()))),
        [Kind::SecretWhitespace]
    );
}

fn kinds_of(case: &Case, signature: String) -> Vec<Kind> {
    crate::question::kinds(&case.did(signature))
}
