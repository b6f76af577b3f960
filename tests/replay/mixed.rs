//! Ten thousand events of every provider, delivered again: to a receiver that keeps what arrives, and to those of others.

use std::time::Duration;

use ckwh::capture::{Judgement, Recorded};
use ckwh::message::{Message, Place};
use ckwh::provider::fixture;
use ckwh::provider::{Places, Provider, Registry};
use ckwh::secret::{Secret, Source};
use ckwh::sign;
use ckwh::store::wait;
use ckwh::verify::{self, Options, Reason, SignatureState};
use jiff::Timestamp;
use serde_json::Value;

use crate::process::{self, SECRET};
use crate::receiver::{Receiver, Seen};
use crate::support::{Home, missing, run};
use crate::{number, theirs};

fn secrets() -> [Secret; 1] {
    [Secret::new(SECRET.into(), Source::ThrowAway).unwrap()]
}

/// Every event of those providers and dialects that are `wanted`.
fn kinds(wanted: impl Fn(&Provider) -> bool) -> Vec<(Provider, String)> {
    let registry = Registry::new(&Places::default());
    let folders = registry.folders().iter();
    let dialects = folders.flat_map(|folder| Provider::load_all(folder).unwrap());
    // A secret that both sides know signs for those that have one; a key pair, a secret that is shown, and a
    // signature that changes the body are other matters.
    let shared = |provider: &Provider| {
        let signatures = &provider.scheme.signatures;
        let mut kinds = signatures.iter().map(|signature| signature.kind);
        let mut places = signatures.iter().flat_map(|signature| &signature.places);
        !signatures.is_empty()
            && provider.table.given.is_empty()
            && kinds.all(|kind| !kind.is_by_pair() && !kind.is_shown())
            && places.all(|place| place.header().is_some())
    };
    let wanted = dialects.filter(|provider| shared(provider) && wanted(provider));
    wanted
        .flat_map(|provider| {
            let types = provider.folder.event_types();
            types.into_iter().map(move |event_type| (provider.clone(), event_type))
        })
        .collect()
}

/// The nth event as `listen` kept it some time ago, signed then.
fn kept(provider: &Provider, event_type: &str, number: usize) -> Recorded {
    let at: Timestamp = "2026-05-08T12:00:00Z".parse().unwrap();
    let at = at + Duration::from_secs(number as u64);
    let id = fixture::new_id(provider);
    let mut payload = fixture::payload(provider, event_type).unwrap().expect("a fixture");
    fixture::refresh(provider, &mut payload, &id, at);
    let body = fixture::body(provider, &payload, None).unwrap();
    let mut message = fixture::message(provider, body.into(), Some(event_type.to_owned()), Some(id), at);
    message.url = Some(format!("https://example.com/{number}"));
    fixture::set_headers(provider, &mut message);
    let signed = sign::sign(&provider.scheme, &secrets(), &message).unwrap();
    message.headers.set_all(&signed.headers);
    let mut judgement = Judgement::new(Reason::Valid, SignatureState::Match);
    judgement.provider = Some(provider.name.clone());
    judgement.dialect = Some(provider.dialect.clone());
    judgement.event_type = message.event_type;
    Recorded {
        received_at: Some(at),
        judgement: Some(judgement),
        ..Recorded::new(Message {
            url: Some(format!("{}?n={number}", provider.table.path)),
            headers: message.headers,
            ..Message::new(message.body)
        })
    }
}

/// Puts `count` events of these kinds in turn into the store.
fn fill(home: &Home, kinds: &[(Provider, String)], count: usize) -> Vec<Recorded> {
    let events = kinds.iter().cycle().take(count).enumerate();
    let events: Vec<_> = events
        .map(|(index, (provider, event_type))| kept(provider, event_type, index + 1))
        .collect();
    wait(home.store().add(events.clone())).unwrap();
    events
}

fn replay(home: &Home, more: &[&str]) -> Value {
    let mut command = home.replaying(&[&["replay", "--all", "--json"], more].concat());
    run(command.env("CKWH_SECRET", SECRET), b"").summary(0)
}

/// The body with the digits of one value taken away.
fn without(body: &[u8], pointer: &str) -> Vec<u8> {
    let value: Value = serde_json::from_slice(body).unwrap();
    let written = value.pointer(pointer).expect("a signed time").to_string();
    let text = std::str::from_utf8(body).unwrap();
    assert_eq!(text.matches(&written).count(), 1);
    text.replace(&written, "").into_bytes()
}

#[test]
fn ten_thousand_events_of_every_provider_arrive_as_they_were() {
    let home = Home::new();
    let kinds = kinds(|_| true);
    let names: std::collections::BTreeSet<_> = kinds.iter().map(|(provider, _)| &provider.name).collect();
    assert!(names.len() >= 20, "{names:?}");
    let events = fill(&home, &kinds, 10_000);
    let receiver = Receiver::start(|_| Some(200));
    let summary = replay(&home, &["--to", &receiver.to()]);
    assert_eq!(
        [&summary["ok"], &summary["failed"], &summary["skipped"]],
        [10_000, 0, 0]
    );
    let seen = receiver.stop();
    assert_eq!(seen.len(), events.len());
    for (index, (seen, event)) in seen.iter().zip(&events).enumerate() {
        let (provider, event_type) = &kinds[index % kinds.len()];
        let which = format!("{} {} {event_type}", provider.name, provider.dialect);
        assert_eq!(number(seen), index + 1, "order");
        // A scheme that signs a time inside the body has that one field new.
        match provider.scheme.timestamp.as_ref().map(|rule| &rule.from) {
            Some(Place::Body(pointer)) => {
                assert_ne!(seen.body, event.message.body, "{which}");
                assert_eq!(
                    without(&seen.body, pointer),
                    without(&event.message.body, pointer),
                    "{which}"
                );
            }
            _ => assert_eq!(seen.body, event.message.body, "{which}"),
        }
        let verdict = verify::verify(&provider.scheme, &secrets(), &arrived(seen), &Options::new(seen.at));
        assert!(verdict.is_valid(), "{which}: {verdict:?}");
    }
}

fn arrived(seen: &Seen) -> Message {
    Message {
        url: Some(format!("http://{}{}", seen.header("host").unwrap(), seen.target)),
        headers: seen.headers.iter().map(|(name, value)| (name, value)).collect(),
        ..Message::new(seen.body.clone())
    }
}

/// Delivers `count` of a receiver's events to it, which it accepts.
fn to_receiver(name: &str, count: usize) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let receiver = process::Receiver::start(&theirs::folder().join(name));
    let table = &receiver.table;
    let home = Home::new();
    let kinds = kinds(|provider| provider.name == table.provider && table.dialects.contains(&provider.dialect));
    fill(&home, &kinds, count);
    let summary = replay(&home, &["--concurrency", "8", "--to", &receiver.target()]);
    assert_eq!(summary["statuses"], serde_json::json!({"200": count}), "{name}");
}

#[test]
fn express_accepts_cost_katana_whose_body_it_writes_anew() {
    to_receiver("costkatana-express-json", 2000);
}

#[test]
fn express_accepts_cost_katana_whose_bytes_it_keeps() {
    to_receiver("costkatana-express-raw", 2000);
}

#[test]
fn express_accepts_quotawatch() {
    to_receiver("quotawatch-express", 2000);
}

#[test]
fn flask_accepts_quotawatch() {
    to_receiver("quotawatch-flask", 1000);
}
