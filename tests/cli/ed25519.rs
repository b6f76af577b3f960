//! Signatures by a key pair: one half signs, the other verifies.

use super::support::{Home, run};
use crate::header;

/// The pair of Svix's own test (server/svix-server/src/worker.rs), and its public key from the same documentation.
const PAIR: &str = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
/// The secret of Standard Webhooks' published test.
const SHARED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// RFC 8032, section 7.1, test 1.
const HEX_PAIR: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const HEX_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[test]
fn a_pair_signs_and_its_public_key_verifies() {
    let home = Home::new();
    for (provider, event_type, pair, public) in [
        ("discord", "APPLICATION_AUTHORIZED", HEX_PAIR, HEX_PUBLIC),
        ("standard-webhooks", "invoice.paid", PAIR, PUBLIC),
        ("svix", "user.created", PAIR, PUBLIC),
    ] {
        let send = ["send", event_type, "--provider", provider];
        let dry = ["--dry-run", "--json"];
        let sent = home.run(&[&send[..], &["--secret", pair], &dry].concat());
        assert_eq!(sent.status, 0, "{}", sent.stderr);
        for secret in [pair, public] {
            let verify = ["verify", "-", "--provider", provider, "--secret", secret];
            home.run_with(&verify, &sent.stdout).text(0);
        }
        for fault in ["signature", "body", "timestamp", "secret"] {
            let broken = home.run(&[&send[..], &["--secret", pair, "--break", fault], &dry].concat());
            assert_eq!(broken.status, 0, "{}", broken.stderr);
            let verify = ["verify", "-", "--provider", provider, "--secret", public];
            home.run_with(&verify, &broken.stdout).text(1);
        }
        let refused = home.run(&[&send[..], &["--secret", public], &dry].concat());
        assert!(refused.error(2).contains("can't sign"), "{refused:?}");
        assert!(!refused.stderr.contains(public), "{refused:?}");
        // A throw-away one is a pair too.
        let shown = run(&mut home.ckwh(&[&send[..], &["--json"]].concat()), b"");
        assert_eq!(shown.lines(0).pop().unwrap()["reason"], "valid");
    }
}

#[test]
fn both_kinds_of_signature_stand_in_one_header() {
    let home = Home::new();
    let send = [
        "send",
        "invoice.paid",
        "--provider",
        "standard-webhooks",
        "--dry-run",
        "--json",
    ];
    let fixed = ["--timestamp", "1614265330", "--id", "msg_1"];
    let signature = |secrets: &[&str]| {
        let flags: Vec<&str> = secrets.iter().flat_map(|secret| ["--secret", secret]).collect();
        let sent = home.run(&[&send[..], &fixed, &flags].concat()).line(0);
        header(&sent, "webhook-signature").unwrap().to_owned()
    };
    let (shared, pair) = (signature(&[SHARED]), signature(&[PAIR]));
    assert!(shared.starts_with("v1,") && pair.starts_with("v1a,"), "{shared} {pair}");
    let both = signature(&[PAIR, SHARED]);
    assert_eq!(both, format!("{shared} {pair}"));
    let sent = home.run(&[&send[..], &["--secret", PAIR, "--secret", SHARED]].concat());
    for secret in [PAIR, PUBLIC, SHARED] {
        let verify = ["verify", "-", "--provider", "standard-webhooks", "--secret", secret];
        home.run_with(&verify, &sent.stdout).text(0);
    }
}

#[test]
fn what_is_no_key_is_said_to_be_none() {
    let home = Home::new();
    let halves = format!("{}{}", &HEX_PAIR[..64], "00".repeat(32));
    for (secret, says) in [
        (&HEX_PAIR[..62], "a pair is 64 bytes"),
        (&halves, "its bytes belong to none"),
        ("not hex", "not hex"),
    ] {
        let send = ["send", "PING", "--provider", "discord", "--dry-run", "--secret", secret];
        let refused = home.run(&send);
        assert!(refused.error(2).contains(says), "{refused:?}");
    }
}

#[test]
fn a_public_key_is_enough_to_explain_and_to_learn() {
    let home = Home::new();
    let send = [
        "send",
        "ENTITLEMENT_CREATE",
        "--provider",
        "discord",
        "--secret",
        HEX_PAIR,
    ];
    let sent = home.run(&[&send[..], &["--dry-run", "--json"]].concat());
    let changed = String::from_utf8(sent.stdout.clone())
        .unwrap()
        .replace("1,\\\"application", "1, \\\"application");
    assert_ne!(changed.as_bytes(), sent.stdout);
    let verify = ["verify", "-", "--secret", HEX_PUBLIC, "--json"];
    let verdict = home.run_with(&verify, changed.as_bytes()).line(1);
    assert_eq!(verdict["causes"][0]["kind"], "body.reserialised", "{verdict}");
    let new = [
        "providers",
        "new",
        "mine",
        "--learn",
        "-",
        "--secret",
        HEX_PUBLIC,
        "--json",
    ];
    let learned = home.run_with(&new, &sent.stdout).line(0);
    let signature = &learned["signatures"][0];
    assert_eq!(
        (&signature["mac"], &signature["key"][0]),
        (&"ed25519".into(), &"hex".into())
    );
    home.run(&["providers", "test", "mine"]).text(0);
    home.run_with(
        &["verify", "-", "--provider", "mine", "--secret", HEX_PUBLIC],
        &sent.stdout,
    )
    .text(0);
}
