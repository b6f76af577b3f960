//! Every provider's scheme, learned from one of its deliveries alone: nothing of the registry is given to the search.

use ckwh::capture::Recorded;
use ckwh::explain::Effort;
use ckwh::learn::draft::{Draft, Sender};
use ckwh::learn::{Delivery, Learned, learn};
use ckwh::message::{Message, Place};
use ckwh::provider::fixture;
use ckwh::provider::selftest;
use ckwh::provider::{Origin, Provider};
use ckwh::scheme::Given;
use ckwh::secret::{Secret, Source};
use ckwh::sign;
use ckwh::sign::tamper;
use ckwh::verify::{Options, Reason, SignatureState, verify};
use jiff::Timestamp;

use crate::{folders, secret_of};

const URL: &str = "https://example.com/hooks/in?tenant=7";

fn secrets(provider: &Provider) -> Vec<Secret> {
    vec![Secret::new(secret_of(provider).into(), Source::Flag).unwrap()]
}

/// A delivery of `provider` as its receiver gets it.
fn delivery(provider: &Provider, event_type: &str, at: Timestamp) -> Message {
    let mut payload = fixture::payload(provider, event_type).unwrap().unwrap();
    let id = fixture::new_id(provider);
    fixture::refresh(provider, &mut payload, &id, at);
    let body = fixture::body(provider, &payload, None).unwrap();
    let mut message = fixture::message(provider, body.into(), Some(event_type.to_owned()), Some(id), at);
    message.url = Some(URL.to_owned());
    fixture::set_headers(provider, &mut message);
    sign::place_facts(&provider.scheme, &mut message);
    let signed = sign::sign(&provider.scheme, &secrets(provider), &message).unwrap();
    signed.put_on(&mut message);
    Message {
        id: None,
        timestamp: None,
        event_type: None,
        ..message
    }
}

/// What is signed with a key pair, and not learned.
const NOT_LEARNED: [&str; 5] = [
    "aws-sns (default)",
    "ebay (default)",
    "fal (default)",
    "paypal (default)",
    "travis-ci (default)",
];

/// The one HMAC that a single delivery can't show: eight values of each item without their names, and one of them may be
/// missing. Of the fifteen texts and numbers beside it, seven in any order are 32,432,400 contents, and the empty one has
/// eight places among them.
const OF_UNNAMED_VALUES: &str = "adyen (default)";

fn find(provider: &Provider, message: &Message, secrets: &[Secret], effort: Effort) -> Learned {
    let given: Vec<Given> = provider.table.given.values().cloned().collect();
    learn(&Delivery {
        message,
        secrets,
        given: &given,
        effort,
    })
}

fn learned(provider: &Provider, message: &Message, secrets: &[Secret]) -> Draft {
    let of = format!("{} ({})", provider.name, provider.dialect);
    let found = find(provider, message, secrets, Effort::Normal);
    let fit = found.fit.unwrap_or_else(|| panic!("{of}: {:?}", found.searched));
    let credentials = ckwh::exchange::credentials::Credentials::default();
    let sender = Sender {
        credentials: &credentials,
        name: "learned",
        origin: Origin::Project,
        secret_env: "LEARNED_SECRET",
        secrets,
    };
    Draft::new(&sender, &Recorded::new(message.clone()), &fit).unwrap()
}

#[test]
fn every_scheme_is_learned_from_one_delivery() {
    let first: Timestamp = "2026-03-01T08:30:00Z".parse().unwrap();
    let second: Timestamp = "2026-05-08T12:00:00.25Z".parse().unwrap();
    for folder in folders() {
        for provider in Provider::load_all(&folder).unwrap() {
            let of = format!("{} ({})", provider.name, provider.dialect);
            let in_header = |place: &Place| matches!(place, Place::Header(_));
            let shown = provider.token_places();
            if provider.scheme.signatures.is_empty()
                || !shown.iter().all(in_header)
                || NOT_LEARNED.contains(&of.as_str())
            {
                continue;
            }
            let types = folder.event_types();
            let secrets = secrets(&provider);
            for given in provider.table.given.values() {
                given.give("29a39d".into());
            }
            let signatures = &provider.scheme.signatures;
            let is_jws = signatures.iter().any(|own| own.jws.is_some());
            if is_jws || signatures.iter().any(|own| own.http.is_some()) {
                // What a token's claims are of, and what a list of components has, is not searched for; what it is is told.
                let what = if is_jws { "a JWT by" } else { "an HTTP" };
                let message = delivery(&provider, &types[0], first);
                let found = find(&provider, &message, &secrets, Effort::Low);
                assert!(
                    found.fit.is_none() && found.looks[0].contains(what),
                    "{of}: {:?}",
                    found.looks
                );
                continue;
            }
            if of == OF_UNNAMED_VALUES {
                let found = find(&provider, &delivery(&provider, &types[0], first), &secrets, Effort::Low);
                let place = "/notificationItems/*/NotificationRequestItem/additionalData/hmacSignature";
                assert!(
                    found.fit.is_none() && found.looks[0].starts_with(place),
                    "{:?}",
                    found.looks
                );
                continue;
            }
            let draft = learned(&provider, &delivery(&provider, &types[0], first), &secrets);
            let own = draft.provider;
            for check in selftest::run(&draft.folder).unwrap() {
                assert_eq!(check.problem, None, "{of}: {}", check.subject);
            }
            let judge = |message: &Message| {
                let options = Options::new(second);
                verify(&own.scheme, &secrets, message, &options)
            };
            let other = delivery(&provider, &types[types.len() - 1], second);
            let verdict = judge(&other);
            assert_eq!(verdict.reason, Reason::best(&provider.scheme), "{of}: {verdict:?}");
            let mut forged = other.clone();
            tamper::signature(&provider.scheme, &mut forged);
            assert_eq!(judge(&forged).signature, SignatureState::Mismatch, "{of}");
            if !provider.scheme.covers() {
                continue;
            }
            if provider.scheme.covers_body() {
                let mut changed = other.clone();
                tamper::body(&mut changed).unwrap();
                assert_eq!(judge(&changed).signature, SignatureState::Mismatch, "{of}");
            }
            let mut later = other.clone();
            later.timestamp = Some(second);
            if tamper::timestamp(&provider.scheme, &mut later).is_ok() {
                assert_eq!(judge(&later).signature, SignatureState::Mismatch, "{of}");
            }
        }
    }
}
