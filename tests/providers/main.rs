//! Every event of every provider, through the binary: what `send` sends is valid, and `verify` knows whose it is.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod http_signatures;
mod learn;
mod list;
#[expect(dead_code, reason = "no runtime is needed here")]
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use ckwh::message::Place;
use ckwh::provider::fixture;
use ckwh::provider::selftest;
use ckwh::provider::{Folder, Places, Provider, Registry};
use ckwh::verify::Reason;
use serde_json::Value;
use support::{Home, Run, run};

/// The secret of the tests of providers whose scheme is an HMAC.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What providers sign beside the secret, and no request holds.
const GIVEN: [&str; 4] = [
    "PAYPAL_WEBHOOK_ID",
    "TIKTOK_SHOP_APP_KEY",
    "EBAY_VERIFICATION_TOKEN",
    "EBAY_ENDPOINT",
];

fn folders() -> Vec<Folder> {
    let folders = Registry::new(&Places::default()).folders().to_vec();
    // README and docs name a round number below it.
    assert!(folders.len() > 170, "{}", folders.len());
    folders
}

fn ckwh(home: &Home, args: &[&str], stdin: &[u8]) -> Run {
    with_secret(home, SECRET, args, stdin)
}

fn with_secret(home: &Home, secret: &str, args: &[&str], stdin: &[u8]) -> Run {
    let mut command = home.ckwh(args);
    for name in GIVEN {
        command.env(name, "example");
    }
    run(command.env("CKWH_SECRET", secret), stdin)
}

/// A secret such as `provider` has.
fn secret_of(provider: &Provider) -> String {
    let signature = provider.scheme.signatures.first();
    let secret = signature.map_or_else(|| SECRET.into(), |own| own.new_secret([7; 32]));
    String::from_utf8(secret).unwrap()
}

/// The verdict on what is sent as its provider sends it.
fn best(provider: &Provider) -> String {
    let best = serde_json::to_value(Reason::best(&provider.scheme)).unwrap();
    best.as_str().unwrap().to_owned()
}

/// The events of `folder` that are tried through the binary: of many, some. The library tries every one.
fn some_events(folder: &Folder) -> Vec<String> {
    let types = folder.event_types();
    let step = types.len().div_ceil(12).max(1);
    types.into_iter().step_by(step).collect()
}

fn json_lines(run: &Run) -> Vec<Value> {
    let text = std::str::from_utf8(&run.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last JSON line of a run that ended well.
fn verdict(run: &Run, of: &str) -> Value {
    verdict_with(run, 0, of)
}

fn verdict_with(run: &Run, status: i32, of: &str) -> Value {
    assert_eq!(
        run.status,
        status,
        "{of}: {}{}",
        String::from_utf8_lossy(&run.stdout),
        run.stderr
    );
    json_lines(run).pop().unwrap()
}

#[test]
fn every_folder_passes_its_own_test_and_has_enough_to_send() {
    for folder in folders() {
        for check in selftest::run(&folder).unwrap() {
            let Some(problem) = check.problem else { continue };
            panic!("{} ({}), {}: {problem}", folder.name, check.dialect, check.subject);
        }
        let provider = Provider::load(&folder, None).unwrap();
        let types = folder.event_types();
        assert!(!types.is_empty(), "{}", folder.name);
        for event_type in types {
            let described = [&provider.table.events, &provider.table.undocumented_events];
            assert!(
                described.iter().any(|events| events.contains_key(&event_type)),
                "{}: {event_type} has no line of meaning",
                folder.name
            );
        }
    }
}

#[test]
fn whatever_a_table_points_at_stands_in_a_fixture() {
    for folder in folders() {
        for provider in Provider::load_all(&folder).unwrap() {
            let types = folder.event_types();
            let payload = |event_type: &String| fixture::payload(&provider, event_type).unwrap().unwrap();
            let payloads: Vec<_> = types.iter().map(payload).collect();
            let event = &provider.table.event;
            let places = event.identity.iter().chain(&event.kind.0).chain(&event.id);
            let in_body = places.filter_map(|place| match place {
                Place::Body(pointer) => Some(pointer),
                _ => None,
            });
            // Svix's customers choose the name of their type.
            let elsewhere = [("svix", "/eventType")];
            for pointer in in_body.chain(event.fresh.keys()) {
                let found = payloads.iter().any(|payload| payload.pointer(pointer).is_some());
                let named = (&*folder.name, pointer.as_str());
                assert!(found || elsewhere.contains(&named), "{}: {pointer}", folder.name);
            }
        }
    }
}

#[test]
fn every_event_arrives_with_a_valid_verdict() {
    let home = Home::new();
    for folder in folders() {
        let provider = Provider::load(&folder, None).unwrap();
        let secret = secret_of(&provider);
        for event_type in some_events(&folder) {
            let send = ["send", &event_type, "--provider", &folder.name, "--json"];
            let sent = with_secret(&home, &secret, &send, b"");
            let verdict = verdict(&sent, &event_type);
            assert_eq!(verdict["type"], "verdict", "{verdict}");
            let best = best(&provider);
            assert_eq!(verdict["reason"], best, "{}: {event_type}: {verdict}", folder.name);
        }
    }
}

#[test]
fn every_request_is_recognised_by_itself() {
    let home = Home::new();
    for folder in folders() {
        for provider in Provider::load_all(&folder).unwrap() {
            let (name, dialect) = (&provider.name, &provider.dialect);
            let secret = secret_of(&provider);
            for event_type in some_events(&folder) {
                let of = format!("{event_type} of {name} ({dialect})");
                let send = ["send", &event_type, "--provider", name, "--dialect", dialect];
                let sent = with_secret(
                    &home,
                    &secret,
                    &[&send[..], &["--dry-run", "--json", "--with-credentials"]].concat(),
                    b"",
                );
                assert_eq!(sent.status, 0, "{of}: {}", sent.stderr);
                let verified = with_secret(&home, &secret, &["verify", "-", "--json"], &sent.stdout);
                // A secret that covers no bytes counts where the user names its provider.
                let status = i32::from(!provider.scheme.covers());
                let verdict = verdict_with(&verified, status, &of);
                assert_eq!(verdict["reason"], best(&provider), "{of}: {verdict}");
                assert_eq!(verdict["provider"], name.as_str(), "{of}");
                // QuotaWatch's dialects differ in how a number is written, which no request shows.
                if name != "quotawatch" {
                    assert_eq!(verdict["dialect"], dialect.as_str(), "{of}");
                }
            }
        }
    }
}

/// Each text stands so in the provider's documentation, or in a request that was recorded.
#[test]
fn a_body_is_written_as_its_sender_writes_it() {
    let home = Home::new();
    for (provider, event_type, text) in [
        // https://www.dropbox.com/developers/reference/webhooks
        ("dropbox", "account.changed", r#"{"list_folder": {"accounts": ["dbid:"#),
        // https://developers.facebook.com/docs/graph-api/webhooks/getting-started: escaped, with lower-case digits
        ("meta", "messages", r"Gr\u00fc\u00dfe"),
        // Slack's events and Shopify's orders as received: a slash is escaped, and an id keeps its digits.
        ("slack", "message", r"<https:\/\/example.com\/a\/b|this page>"),
        (
            "shopify",
            "orders/create",
            r#"{"id":820982911946154508,"admin_graphql_api_id":"gid:\/\/shopify\/Order\/820982911946154508""#,
        ),
        // https://docs.stripe.com/webhooks: indented by two
        ("stripe", "invoice.paid", "{\n  \"id\": \"evt_"),
    ] {
        let sent = ckwh(
            &home,
            &["send", event_type, "--provider", provider, "--dry-run", "--json"],
            b"",
        );
        let body = json_lines(&sent)[0]["body"].as_str().unwrap().to_owned();
        assert!(body.contains(text), "{provider}: {body}");
    }
}

#[test]
fn a_request_that_could_be_anybodys_is_not_given_to_one() {
    let home = Home::new();
    // (headers, body, what the answer names)
    for (headers, body, expected) in [
        (
            &["X-Hub-Signature: sha1=3dca279e731c97c38e3019a075dee9ebbd0a99f0"][..],
            "{}",
            "--provider",
        ),
        (&["X-Hub-Signature-256: sha256=00"], "{}", "github"),
        // A header of many, and nothing else that is one's.
        (
            &["X-Signature: 00"],
            "{}",
            "airwallex or clickup or lemonsqueezy or mercadopago or modern-treasury or moralis or segment or spacelift or stream",
        ),
        (&["x-li-signature: 00"], "{}", "linkedin"),
        (
            &["Content-Type: application/json", "User-Agent: curl/8"],
            "{}",
            "--provider",
        ),
        (
            &[
                "Stripe-Signature: t=1,v1=00",
                "X-Slack-Signature: v0=00",
                "X-Slack-Request-Timestamp: 1",
            ],
            "{}",
            "slack",
        ),
        (
            &["X-Twilio-Signature: AA==", "x-square-hmacsha256-signature: AA=="],
            "{}",
            "square (default) or twilio (default)",
        ),
    ] {
        let mut args = vec!["verify", "-", "--json"];
        headers.iter().for_each(|header| args.extend(["-H", header]));
        let run = ckwh(&home, &args, body.as_bytes());
        let shown = json_lines(&run)[0].to_string();
        assert_eq!(run.status, 1, "{shown}");
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn an_event_of_several_providers_asks_which() {
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in folders() {
        for event_type in folder.event_types() {
            owners.entry(event_type).or_default().push(folder.name.to_string());
        }
    }
    owners.retain(|_, names| names.len() > 1);
    assert!(owners.contains_key("ping"), "{owners:?}");
    let home = Home::new();
    for (event_type, names) in owners {
        let run = ckwh(&home, &["send", &event_type], b"");
        assert_eq!((run.status, run.stdout.len()), (2, 0), "{event_type}");
        let all = names.iter().all(|name| run.stderr.contains(name));
        assert!(all && run.stderr.contains("--provider"), "{}", run.stderr);
    }
}

#[test]
fn a_misspelt_event_with_a_slash_is_no_file() {
    let run = ckwh(&Home::new(), &["send", "orders/creat"], b"");
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("orders/create"), "{}", run.stderr);
    // Several providers have it: it is said once.
    let run = ckwh(&Home::new(), &["send", "invoice/paid"], b"");
    assert_eq!(run.stderr.matches("invoice.paid").count(), 1, "{}", run.stderr);
}

#[test]
fn a_time_is_judged_on_the_sides_that_a_provider_looks_at() {
    let home = Home::new();
    // (provider, event, how far ahead it is sent, the verdict's reason): past-only and two-sided tolerance.
    for (provider, event, at, expected) in [
        ("stripe", "invoice.paid", "+10m", "valid"),
        ("stripe", "invoice.paid", "-10m", "stale"),
        ("slack", "message", "+10m", "future"),
        ("slack", "message", "-10m", "stale"),
        ("calendly", "invitee.created", "+1h", "valid"),
        ("calendly", "invitee.created", "-200s", "stale"),
        ("linear", "Issue", "+90s", "future"),
        ("linear", "Issue", "-90s", "stale"),
        ("paddle", "customer.created", "-8s", "stale"),
        ("paddle", "customer.created", "+10m", "valid"),
        ("zoom", "meeting.started", "-1h", "valid"),
    ] {
        let send = [
            "send",
            event,
            "--provider",
            provider,
            "--timestamp",
            at,
            "--dry-run",
            "--json",
        ];
        let sent = ckwh(&home, &send, b"");
        let run = ckwh(&home, &["verify", "-", "--json"], &sent.stdout);
        let shown = &json_lines(&run)[0];
        assert_eq!(shown["reason"], expected, "{provider} {at}: {shown}");
        assert_eq!(shown["signature"], "match", "{provider} {at}: {shown}");
    }
}

/// The same text is another key for Stripe and for Standard Webhooks. Both signatures are their libraries' own:
/// `stripe.webhooks.generateTestHeaderString` (npm stripe 23.1.0) and standard-webhooks' published test.
#[test]
fn a_whsec_secret_is_text_for_stripe_and_base64_for_standard_webhooks() {
    let home = Home::new();
    let body = br#"{"test": 2432232314}"#;
    let stripe = [
        "-H",
        "Stripe-Signature: t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964",
    ];
    let standard = [
        "-H",
        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
        "-H",
        "webhook-timestamp: 1614265330",
        "-H",
        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ];
    for (headers, secret, expected) in [
        (&stripe[..], SECRET, 0),
        (&stripe, SECRET.trim_start_matches("whsec_"), 1),
        (&standard, SECRET, 0),
        (&standard, SECRET.trim_start_matches("whsec_"), 0),
    ] {
        let args = [&["verify", "-", "--at", "1614265330", "--secret", secret], headers].concat();
        let run = run(&mut home.ckwh(&args), body);
        assert_eq!(
            run.status,
            expected,
            "{headers:?}: {}",
            String::from_utf8_lossy(&run.stdout)
        );
    }
}

/// GitHub says the type in a header and its action in the body; both are one type wherever a user types or reads it.
#[test]
fn a_type_in_two_parts_is_one_name() {
    let home = Home::new();
    let sent = |args: &[&str]| {
        let sent = ckwh(&home, &[&["send", "--dry-run", "--json"], args].concat(), b"");
        assert_eq!(sent.status, 0, "{args:?}: {}", sent.stderr);
        let request = json_lines(&sent).remove(0);
        let header = request["headers"].as_array().unwrap().iter();
        let mut name = header
            .filter(|pair| pair[0] == "X-GitHub-Event")
            .map(|pair| pair[1].clone());
        let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
        (name.next_back().unwrap(), body["action"].clone())
    };
    for (args, action) in [
        (&["pull_request.closed", "--provider", "github"][..], "closed"),
        (&["pull_request", "--provider", "github"], "opened"),
        (&["github:pull_request"], "opened"),
        (
            &["pull_request.closed", "--provider", "github", "--set", "action=locked"],
            "locked",
        ),
    ] {
        assert_eq!(sent(args), ("pull_request".into(), action.into()), "{args:?}");
    }
    let send = ["send", "pull_request.closed", "--provider", "github", "--json"];
    assert_eq!(
        json_lines(&ckwh(&home, &send, b""))[0]["event_type"],
        "pull_request.closed"
    );
    for (word, listed) in [
        ("github:pull_request*", 29),
        ("github:pull_request", 21),
        ("github:star.*", 2),
    ] {
        assert_eq!(
            json_lines(&ckwh(&home, &["events", word, "--json"], b"")).len(),
            listed,
            "{word}"
        );
    }
}
