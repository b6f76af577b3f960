//! Every writer of JSON is named, in both directions, from what the real runtimes wrote.

use std::collections::BTreeMap;

use ckwh::explain::Kind;
use ckwh::json;

use crate::golden::{self, Golden};
use crate::question::{Case, SECRET, dotted, kinds, mac};

/// Forward: the delivery is the body, the handler hashed what the runtime wrote.
#[test]
fn every_writer_of_every_body_is_named() {
    let mut named = 0;
    for golden in golden::all() {
        if golden::keeps_exponents(&golden) {
            continue;
        }
        let body = golden::body(&golden.body);
        let case = Case::usual(body.clone());
        let explanation = case.did(format!("sha256={}", mac(SECRET.as_bytes(), &dotted(&golden.written))));
        if golden.written == body {
            assert!(explanation.causes.is_empty(), "{} {}", golden.style, golden.body);
            continue;
        }
        let what = format!("{} {}: {explanation:#?}", golden.style, golden.body);
        assert_eq!(explanation.causes.len(), 1, "{what}");
        let cause = &explanation.causes[0];
        // Taking the white space out may be all that a compact writer did.
        if cause.kind == Kind::BodyReserialised {
            assert!(cause.writers.contains(&golden.style.as_str()), "{what}");
            named += 1;
        } else {
            assert_eq!(cause.kind, Kind::BodyWhitespace, "{what}");
        }
        let difference = cause.difference.as_ref().unwrap();
        assert_eq!(
            (difference.delivered_bytes, difference.signed_bytes),
            (body.len(), golden.written.len())
        );
    }
    assert!(named > 500, "{named}");
}

/// Reverse: one runtime wrote and signed it, another wrote it again on the way. Where the second can be turned back
/// into the first at all, which is decided by the style's row that was compared with the runtime, it is named.
#[test]
fn every_pair_of_writers_in_which_the_information_survives_is_named() {
    let mut by_body: BTreeMap<String, Vec<Golden>> = BTreeMap::new();
    for golden in golden::all() {
        by_body.entry(golden.body.clone()).or_default().push(golden);
    }
    let (mut survived, mut lost) = (0, 0);
    for (body, goldens) in by_body {
        // Every pair of these is some 25,000; each output counts once.
        let mut outputs: Vec<&Golden> = Vec::new();
        for golden in &goldens {
            if !outputs.iter().any(|other| other.written == golden.written) {
                outputs.push(golden);
            }
        }
        for signed in &outputs {
            let case = Case::usual(signed.written.clone());
            for arrived in outputs.iter().filter(|arrived| arrived.style != signed.style) {
                let style = json::Style::named(&signed.style).unwrap();
                let again = json::rewrite(&json::parse(&arrived.written).unwrap(), style, usize::MAX);
                if again.as_ref() != Some(&signed.written) {
                    lost += 1;
                    continue;
                }
                survived += 1;
                // A sample of one in seven keeps this short; which ones does not depend on the run.
                if survived % 7 != 0 {
                    continue;
                }
                let case = Case {
                    message: ckwh::message::Message {
                        body: arrived.written.clone().into(),
                        ..case.message.clone()
                    },
                    ..Case::usual("")
                };
                let explanation = case.why();
                let what = format!(
                    "{body}: {} as {}: {:?}",
                    signed.style,
                    arrived.style,
                    kinds(&explanation)
                );
                let cause = explanation.causes.first().expect(&what);
                match cause.kind {
                    Kind::BodyReserialised => assert!(cause.writers.contains(&signed.style.as_str()), "{what}"),
                    kind => assert_eq!(kind, Kind::BodyWhitespace, "{what}"),
                }
            }
        }
    }
    assert!(survived > 2_000, "{survived} of {} pairs", survived + lost);
}
